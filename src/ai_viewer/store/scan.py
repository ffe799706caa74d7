"""The tables as they stand, row by row, for `ai_viewer.verify`: nothing is summed or believed here.

Whoever sums up again what the store derives must not lean on the statements that derived it, so
these are the plainest there are.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import apsw
import msgspec
import zstandard

from ai_viewer.errors import StoreError
from ai_viewer.store import database, tally
from ai_viewer.store.rows import Record, records
from ai_viewer.store.unpack import unpack_start
from ai_viewer.store.words import indexable


class StoredFile(msgspec.Struct, frozen=True):
    """A row of table ``file``, with its source."""

    id: int
    format: str
    root: str
    path: str
    inode: int
    size: int
    mtime_ns: int
    offset: int
    fingerprint: int
    adapter_version: int
    missing: bool
    error: str | None


class Told(msgspec.Struct, frozen=True):
    """A session that a file tells of; ``owner`` is the file whose turns and ops it has."""

    session: int
    native_id: str
    owner: int | None
    content: bool


class StoredPayload(msgspec.Struct, frozen=True):
    """A row of table ``payload``."""

    id: int
    session: int
    turn: int
    seq: int
    kind: str
    part: int
    media_type: str
    size: int
    codec: str
    data: bytes | None
    path: str | None
    offset: int
    length: int
    pointer: str

    @property
    def name(self) -> str:
        """How the payload is called within its session."""
        return f"{self.turn}.{self.seq}.{self.kind}.{self.part}"


class Scan:
    """A read-only connection of its own to the store at ``path``.

    Raises:
        StoreError: if the store cannot be opened.
        StoreVersionError: if it has another version's schema.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.connection = database.open_reader(path)
        self._tokenizer = self.connection.fts5_tokenizer("unicode61", ["remove_diacritics", "2"])

    def close(self) -> None:
        """Close the connection."""
        self.connection.close()

    @contextmanager
    def moment(self) -> Iterator[None]:
        """See one moment's state of the store, whatever is written meanwhile.

        Raises:
            StoreError: if it cannot be read.
        """
        try:
            self.connection.execute("BEGIN")
            yield
        except apsw.Error as error:
            raise StoreError(f"{self.path}: cannot be read ({error})") from error
        finally:
            if self.connection.in_transaction:
                self.connection.execute("ROLLBACK")

    # --- files ---

    def files(self) -> list[StoredFile]:
        """Return every file that was ever read."""
        return self._files("1")

    def file(self, format_name: str, root: str, path: str) -> StoredFile | None:
        """Return one file, if it was ever read."""
        found = self._files("format = ? AND root = ? AND path = ?", (format_name, root, path))
        return found[0] if found else None

    def _files(self, condition: str, bindings: Sequence[object] = ()) -> list[StoredFile]:
        query = (
            "SELECT file.id, format, root, path, inode, size, mtime_ns, offset, fingerprint, adapter_version,"
            f" missing, error FROM file JOIN source ON source.id = source_id WHERE {condition}"
        )
        return msgspec.convert(
            list(records(self.connection, query, bindings)), list[StoredFile], strict=False
        )

    def outcomes(self, file: int) -> dict[str, int]:
        """Return what became of a file's records."""
        return dict(
            database.rows(
                self.connection, "SELECT outcome, records FROM record_count WHERE file_id = ?", (file,)
            )
        )

    def problems(self, file: int) -> list[tuple[int, str]]:
        """Return the places of a file's problems, and their classes."""
        return database.rows(
            self.connection, "SELECT offset, error_class FROM problem WHERE file_id = ?", (file,)
        )

    def told(self, file: int) -> list[Told]:
        """Return the sessions that a file tells of."""
        query = (
            "SELECT session_id AS session, native_id, owner_file AS owner, content FROM session_fact"
            " JOIN session ON session.id = session_id WHERE file_id = ?"
        )
        return msgspec.convert(list(records(self.connection, query, (file,))), list[Told], strict=False)

    # --- sessions ---

    def session_keys(self) -> list[int]:
        """Return the keys of all sessions."""
        return [key for (key,) in database.rows(self.connection, "SELECT id FROM session ORDER BY id")]

    def session(self, session: int) -> Record | None:
        """Return a session's row."""
        return next(records(self.connection, "SELECT * FROM session WHERE id = ?", (session,)), None)

    def facts(self, session: int) -> list[Record]:
        """Return what each file says of a session, with the file's path, root and whether it is gone."""
        query = (
            "SELECT session_fact.*, path, root, missing, adapter_version"
            " FROM session_fact JOIN file ON file.id = file_id JOIN source ON source.id = source_id"
            " WHERE session_id = ?"
        )
        return list(records(self.connection, query, (session,)))

    def children(self, session: int) -> dict[str, str]:
        """Return the sessions that name this one as their parent, by the op in it that they name."""
        query = "SELECT parent_op, native_id FROM session WHERE parent_id = ? AND parent_op IS NOT NULL"
        return dict(database.rows(self.connection, query, (session,)))

    def turns(self, session: int) -> list[Record]:
        """Return a session's turns in order."""
        return list(
            records(self.connection, "SELECT * FROM turn WHERE session_id = ? ORDER BY turn", (session,))
        )

    def ops(self, session: int) -> Iterator[Record]:
        """Yield a session's ops in order."""
        return records(self.connection, "SELECT * FROM op WHERE session_id = ? ORDER BY seq", (session,))

    def copies(self, call: int) -> list[Record]:
        """Return the ops that are one model call, of whatever session."""
        return list(
            records(
                self.connection,
                "SELECT native_id, seq, start_ts, copied, replay FROM ("
                " SELECT session_id, seq, start_ts, copied, replay FROM op WHERE call = ?)"
                " JOIN session ON session.id = session_id",
                (call,),
            )
        )

    def wrong_days(self) -> list[int]:
        """Return the days whose sums are not those of their rows."""
        return tally.wrong_days(self.connection)

    def rollup(self, session: int) -> list[Record]:
        """Return a session's sums by quarter of an hour."""
        return list(records(self.connection, "SELECT * FROM rollup WHERE session_id = ?", (session,)))

    # --- payloads ---

    def payload_places(self, session: int) -> list[tuple[int, int]]:
        """Return offset and key of each payload of a session."""
        return database.rows(
            self.connection, "SELECT offset, id FROM payload WHERE session_id = ?", (session,)
        )

    def payload(self, key: int) -> StoredPayload | None:
        """Return one payload."""
        row = database.row(
            self.connection,
            "SELECT id, session_id, turn, seq, kind, part, media_type, bytes, codec, data, path, offset,"
            " length, pointer FROM payload WHERE id = ?",
            (key,),
        )
        return StoredPayload(*row) if row else None

    def content(self, payload: StoredPayload) -> bytes | None:
        """Return the whole text or data; ``None`` if it was too large to keep.

        Raises:
            ValueError: if the data is damaged.
        """
        if payload.codec == "none":
            return None
        data = payload.data or b""
        if payload.codec == "plain":
            return data
        try:
            return unpack_start(self.connection, payload.codec, data, payload.size + 1)
        except zstandard.ZstdError as error:
            raise ValueError(str(error)) from error

    # --- full text ---

    def words(self, text: bytes) -> list[str]:
        """Return the words of a text as the full-text index has them."""
        found = self._tokenizer(
            indexable(text.decode("utf-8", "replace")).encode(),
            apsw.FTS5_TOKENIZE_DOCUMENT,
            None,
            include_offsets=False,
            include_colocated=False,
        )
        return [str(word) for word in found]

    def indexed_words(self, key: int) -> int | None:
        """Return how many words the index has of a payload; ``None`` if the payload is not in it."""
        size = database.one(self.connection, "SELECT sz FROM payload_text_docsize WHERE id = ?", (key,))
        return None if size is None else _varint(size)

    def is_found(self, key: int, word: str) -> bool:
        """Tell whether the index finds a payload by one of its words."""
        phrase = word.replace('"', '""')
        return bool(
            database.one(
                self.connection,
                "SELECT 1 FROM payload_text WHERE payload_text MATCH ? AND rowid = ?",
                (f'"{phrase}"', key),
            )
        )

    def passages(self, session: int) -> dict[tuple[str, int], tuple[int, int]]:
        """Return key and digest of each of a session's passages, by kind and number."""
        query = "SELECT kind, number, id, digest FROM passage WHERE session_id = ?"
        return {
            (kind, number): (key, digest)
            for kind, number, key, digest in database.rows(self.connection, query, (session,))
        }

    def logs(self, session: int) -> list[tuple[int, str, str]]:
        """Return number, name and message of each of a session's log entries."""
        return database.rows(
            self.connection, "SELECT n, name, message FROM log WHERE session_id = ?", (session,)
        )

    def indexed_without_text(self) -> list[int]:
        """Return the keys of texts that are in the index only."""
        query = (
            "SELECT id FROM payload_text_docsize"
            " WHERE id NOT IN (SELECT id FROM payload) AND id NOT IN (SELECT id FROM passage)"
        )
        return [key for (key,) in database.rows(self.connection, query)]

    # --- the database itself ---

    def damage(self, *, quick: bool) -> list[str]:
        """Return what SQLite finds wrong with the file's structure; ``quick`` leaves out the indexes."""
        pragma = "quick_check" if quick else "integrity_check"
        told = [text for (text,) in database.rows(self.connection, f"PRAGMA {pragma}")]
        return [] if told == ["ok"] else told

    def broken_references(self) -> list[tuple[str, int | None, str]]:
        """Return table, row and parent table of each reference to a row that is not there."""
        return [
            (table, row, parent)
            for table, row, parent, _ in database.rows(self.connection, "PRAGMA foreign_key_check")
        ]

    def orphans(self) -> Iterator[tuple[str, str]]:
        """Yield what belongs to a turn or op that is not there: what it is, and where."""
        for what, query in _ORPHANS.items():
            for place in records(self.connection, query):
                yield what, " ".join(f"{name} {value}" for name, value in place.items())

    def changes(self) -> tuple[int | None, int]:
        """Return the newest change notice's number, and the last one that was given out."""
        newest = database.one(self.connection, "SELECT max(id) FROM change")
        given = database.one(self.connection, "SELECT seq FROM sqlite_sequence WHERE name = 'change'")
        return newest, given or 0


_NAMED = "(SELECT format || ':' || native_id FROM session WHERE session.id = t.session_id) AS session"
_WITHOUT_TURN = "NOT EXISTS (SELECT 1 FROM turn WHERE turn.session_id = t.session_id AND turn.turn = t.turn)"
_WITHOUT_OP = (
    "NOT EXISTS (SELECT 1 FROM op WHERE op.session_id = t.session_id AND op.turn = t.turn AND op.seq = t.seq)"
)
_ORPHANS = {
    "op without turn": f"SELECT {_NAMED}, turn, seq FROM op AS t WHERE {_WITHOUT_TURN}",
    "payload without op": (
        f"SELECT {_NAMED}, turn, seq, kind FROM payload AS t WHERE seq > 0 AND {_WITHOUT_OP}"
    ),
    "payload without turn": (
        f"SELECT {_NAMED}, turn, kind FROM payload AS t WHERE seq = 0 AND {_WITHOUT_TURN}"
    ),
    "log entry without turn": f"SELECT {_NAMED}, turn, n FROM log AS t WHERE {_WITHOUT_TURN}",
    "sums without turn": f"SELECT {_NAMED}, turn, quarter FROM rollup AS t WHERE {_WITHOUT_TURN}",
    "turns without a file that tells them": (
        f"SELECT {_NAMED}, turn FROM turn AS t"
        " WHERE (SELECT owner_file FROM session WHERE session.id = t.session_id) IS NULL"
    ),
    "owner that tells nothing of its session": (
        "SELECT format || ':' || native_id AS session FROM session AS t WHERE owner_file IS NOT NULL"
        " AND NOT EXISTS (SELECT 1 FROM session_fact"
        " WHERE session_fact.session_id = t.id AND session_fact.file_id = t.owner_file)"
    ),
    "change of a session that is not there": (
        "SELECT id AS change, session_id AS session FROM change AS t"
        " WHERE session_id <> 0 AND session_id NOT IN (SELECT id FROM session)"
    ),
}
"""What must not be, and the rows that are it."""


def _varint(data: bytes) -> int:
    """Read the first of SQLite's variable-length integers: seven bits a byte, the first ones highest."""
    value = 0
    for byte in data[:8]:
        value = value << 7 | byte & 0x7F
        if byte < 0x80:
            return value
    return value << 8 | data[8]
