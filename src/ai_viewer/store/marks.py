"""Marks: what a person noted of a session, a turn, an op, or a stretch of time.

They are the only thing that people and not sources tell, so they lie in a database of their
own beside the store, ``<store>.marks``: a store that is deleted and read anew keeps them, and
its one writer is not disturbed. It is made when the first mark is.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Literal, TypeAlias

import apsw
import msgspec

from ai_viewer.errors import NotFoundError, StoreError
from ai_viewer.store.rows import records
from ai_viewer.store.views import Mark, Marks

Colour: TypeAlias = Literal["blue", "green", "yellow", "orange", "red", "purple"]

BUSY_TIMEOUT_MS = 2_000
_SCHEMA = """
CREATE TABLE IF NOT EXISTS mark (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    session TEXT NOT NULL,
    turn INTEGER,
    seq INTEGER,
    start_ts INTEGER,
    end_ts INTEGER,
    colour TEXT NOT NULL,
    note TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL
) STRICT;
CREATE INDEX IF NOT EXISTS mark_session ON mark (session);
"""

_Number = Annotated[int, msgspec.Meta(ge=0, le=2**53)]


class MarkInput(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A mark to be made: on a session, one of its turns, one op (``seq``), or a stretch of time."""

    session: Annotated[str, msgspec.Meta(min_length=3, max_length=500)]
    turn: _Number | None = None
    seq: _Number | None = None
    start_ts: _Number | None = None
    end_ts: _Number | None = None
    colour: Colour = "yellow"
    note: Annotated[str, msgspec.Meta(max_length=4_000)] = ""


class MarkChange(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is to be changed of a mark; what is left out stays."""

    colour: Colour | None = None
    note: Annotated[str, msgspec.Meta(max_length=4_000)] | None = None


def marks_path(store: Path) -> Path:
    """Return where the marks of a store lie."""
    return store.with_name(store.name + ".marks")


def find(store: Path, session: str | None = None) -> Marks:
    """Return the marks, of one session or of all, oldest first.

    Raises:
        StoreError: if they cannot be read.
    """
    if not marks_path(store).exists():
        return Marks(marks=[])
    with _opened(store) as connection:
        condition, bindings = ("WHERE session = ?", (session,)) if session is not None else ("", ())
        rows = list(records(connection, f"SELECT * FROM mark {condition} ORDER BY id", bindings))
    return Marks(marks=msgspec.convert(rows, list[Mark]))


def add(store: Path, mark: MarkInput) -> Mark:
    """Make a mark and return it.

    Raises:
        StoreError: if it cannot be written.
    """
    now = time.time_ns() // 1000
    with _opened(store) as connection, connection:
        made = next(records(
            connection,
            "INSERT INTO mark (session, turn, seq, start_ts, end_ts, colour, note, created_at, updated_at)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) RETURNING *",
            (
                mark.session, mark.turn, mark.seq, mark.start_ts, mark.end_ts, mark.colour, mark.note, now,
                now,
            ),
        ))  # fmt: skip
    return msgspec.convert(made, Mark)


def change(store: Path, number: int, news: MarkChange) -> Mark:
    """Change a mark's colour or note and return it.

    Raises:
        NotFoundError: if there is no such mark.
        StoreError: if it cannot be written.
    """
    with _opened(store) as connection, connection:
        rows = list(
            records(
                connection,
                "UPDATE mark SET colour = coalesce(?, colour), note = coalesce(?, note), updated_at = ?"
                " WHERE id = ? RETURNING *",
                (news.colour, news.note, time.time_ns() // 1000, number),
            )
        )
    if not rows:
        raise NotFoundError(f"no mark {number}")
    return msgspec.convert(rows[0], Mark)


def remove(store: Path, number: int) -> None:
    """Remove a mark.

    Raises:
        NotFoundError: if there is no such mark.
        StoreError: if it cannot be written.
    """
    with _opened(store) as connection, connection:
        removed = connection.execute("DELETE FROM mark WHERE id = ? RETURNING id", (number,)).fetchall()
    if not removed:
        raise NotFoundError(f"no mark {number}")


@contextmanager
def _opened(store: Path) -> Iterator[apsw.Connection]:
    path = marks_path(store)
    try:
        connection = apsw.Connection(str(path))
        try:
            connection.set_busy_timeout(BUSY_TIMEOUT_MS)
            connection.execute(_SCHEMA)
            yield connection
        finally:
            connection.close()
    except apsw.Error as error:
        raise StoreError(f"{path}: the marks cannot be read or written ({error})") from error
