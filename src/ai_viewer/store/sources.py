"""Questions about the sources: how much of them was read, and what became of their records."""

from __future__ import annotations

from typing import TypeAlias

import apsw
import msgspec

from ai_viewer.model import Micros
from ai_viewer.store import database
from ai_viewer.store.rows import records
from ai_viewer.store.views import OutcomeCount, Problem

PROBLEMS_SHOWN = 100
RECENT_FILES = 50

Place: TypeAlias = tuple[str, str]
"""A source: its format and root."""


class SourceCounts(msgspec.Struct, frozen=True, kw_only=True):
    """What the store holds of one source.

    ``files`` and ``bytes`` are of the files that still exist; of a collection they are its
    members. ``last_seen`` is the newest change of a file that was read, ``errors`` the number of
    problems, ``unreadable`` that of the files that could not be read at all, ``gone`` that of
    sessions whose file is missing.
    """

    format: str
    root: str
    files: int
    bytes: int
    bytes_read: int
    sessions: int
    gone: int
    last_seen: int | None
    errors: int
    unreadable: int


class KnownFile(msgspec.Struct, frozen=True, kw_only=True):
    """A file, or a ``collection``, as it was when it was read; ``mtime_ns`` 0 if there is more to read."""

    format: str
    root: str
    path: str
    size: int
    mtime_ns: int
    collection: bool


def counts(connection: apsw.Connection) -> list[SourceCounts]:
    """Return each source's counts, by format and root."""
    # An offset in compressed lines is one of their text; a file to be read again has size -1, and
    # the offset of a collection, of which the members are read, is -1.
    query = """
        SELECT format, root,
            coalesce(files, 0) AS files, coalesce(bytes, 0) AS bytes, coalesce(bytes_read, 0) AS bytes_read,
            coalesce(sessions, 0) AS sessions, coalesce(gone, 0) AS gone, last_seen,
            coalesce(errors, 0) AS errors,
            coalesce(unreadable, 0) AS unreadable
        FROM source
        LEFT JOIN (
            SELECT source_id,
                count(*) FILTER (WHERE NOT missing AND offset >= 0) AS files,
                sum(max(size, 0)) FILTER (WHERE NOT missing AND offset >= 0) AS bytes,
                sum(CASE WHEN path NOT LIKE '%.zst' AND path NOT LIKE '%.gz'
                              THEN min(offset, max(size, 0))
                         WHEN mtime_ns > 0 THEN max(size, 0) ELSE 0 END)
                    FILTER (WHERE NOT missing AND offset >= 0) AS bytes_read,
                nullif(max(mtime_ns) FILTER (WHERE offset >= 0) / 1000, 0) AS last_seen,
                count(*) FILTER (WHERE NOT missing AND error IS NOT NULL) AS unreadable
            FROM file GROUP BY source_id
        ) AS f ON f.source_id = source.id
        LEFT JOIN (
            SELECT source_id, count(*) AS sessions, sum(missing) AS gone
            FROM session JOIN file ON file.id = owner_file GROUP BY 1
        ) AS s ON s.source_id = source.id
        LEFT JOIN (
            SELECT source_id, count(*) AS errors FROM problem JOIN file ON file.id = file_id GROUP BY 1
        ) AS p ON p.source_id = source.id
        ORDER BY format, root
    """
    return msgspec.convert(list(records(connection, query)), list[SourceCounts])


def outcomes(connection: apsw.Connection) -> dict[Place, list[OutcomeCount]]:
    """Return how many of each source's records ended how, the most frequent first."""
    found: dict[Place, list[OutcomeCount]] = {}
    query = (
        "SELECT format, root, outcome, sum(records) FROM record_count JOIN file ON file.id = file_id"
        " JOIN source ON source.id = source_id GROUP BY source.id, outcome ORDER BY 4 DESC, 3"
    )
    for name, root, outcome, number in database.rows(connection, query):
        found.setdefault((name, root), []).append(OutcomeCount(outcome=outcome, records=number))
    return found


def problems(connection: apsw.Connection) -> dict[Place, list[Problem]]:
    """Return each source's `PROBLEMS_SHOWN` newest problems, those of the files changed last first."""
    found: dict[Place, list[Problem]] = {}
    query = """
        SELECT format, root, path, offset, NULL AS line, error_class, message, excerpt FROM (
            SELECT source_id, path, problem.offset, error_class, message, excerpt, mtime_ns,
                row_number() OVER (
                    PARTITION BY source_id ORDER BY mtime_ns DESC, path, problem.offset DESC) AS place
            FROM problem JOIN file ON file.id = file_id
        ) JOIN source ON source.id = source_id WHERE place <= ? ORDER BY source_id, place
    """
    for record in records(connection, query, (PROBLEMS_SHOWN,)):
        place = (record.pop("format"), record.pop("root"))
        found.setdefault(place, []).append(msgspec.convert(record, Problem))
    return found


def recent_files(connection: apsw.Connection) -> list[KnownFile]:
    """Return the files of the `RECENT_FILES` sessions that were active last; of a member, its collection."""
    query = """
        WITH recent AS (
            SELECT source_id, path FROM file WHERE NOT missing AND id IN (
                SELECT owner_file FROM session INDEXED BY session_recent WHERE owner_file IS NOT NULL
                ORDER BY last_at DESC, id DESC LIMIT ?)
        ), above (source_id, path) AS (
            SELECT source_id, path FROM recent
            UNION
            SELECT source_id, rtrim(rtrim(path, replace(path, '/', '')), '/') FROM above
            WHERE instr(path, '/') > 0
        )
        SELECT format, root, path, size, mtime_ns, offset < 0 AS collection
        FROM file JOIN source ON source.id = source_id
        WHERE NOT missing AND (source_id, path) IN (SELECT source_id, path FROM above)
    """
    return msgspec.convert(list(records(connection, query, (RECENT_FILES,))), list[KnownFile], strict=False)


def oldest(connection: apsw.Connection, source: Place, until: Micros) -> tuple[int, Micros | None]:
    """Return how many sessions of a source have files unchanged since ``until``, and the oldest's time.

    That is the time of the oldest of all its files.
    """
    query = (
        "SELECT count(*) FILTER (WHERE mtime_ns / 1000 <= ?), min(mtime_ns) / 1000"
        " FROM session JOIN file ON file.id = owner_file JOIN source ON source.id = source_id"
        " WHERE source.format = ? AND root = ? AND NOT missing AND mtime_ns > 0"
    )
    ((number, first),) = database.rows(connection, query, (until, *source))
    return number, first
