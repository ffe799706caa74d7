"""Sessions in an opencode database: which have changed, and their records.

Tables change from version to version, so every column that not all of them have is asked for
first. ``account``, ``control_account`` and ``credential`` hold secrets and are never read.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import msgspec

from ai_viewer.adapters.base import Database, Member, Record, as_str, as_whole
from ai_viewer.adapters.opencode.records import (
    Message,
    Row,
    broken_record,
    message_records,
    read,
    read_messages,
    row_data,
    session_record,
    sort_messages,
)
from ai_viewer.adapters.opencode.second import translate

_NANOS_PER_MILLI = 1_000_000
_LATEST = 2**63 - 1
"""No stamp is later, whatever a damaged row says."""
_LOOK_BACK = 1_000
"""How many of a table's newest rows are looked at at once for what has changed."""

_SESSIONS = ("session_v2", "session")
"""Tables of sessions; of a session that is in both, the first is the newer."""
_ROWS = ("message", "part", "session_message")
"""Tables of what sessions hold."""

_TEXTS = ("title", "directory", "version", "agent", "slug", "path")
_TIMES = ("created", "updated", "compacting", "archived")
_OBJECTS = ("model", "revert", "metadata")


def members(database: Database, since: int | None) -> Iterator[Member]:
    """Yield the sessions of ``database`` that may have changed.

    With ``since``, these are all whose session row was updated since, or that got a message or
    part since, and those of which one of the newest thousand rows was updated. A change to an
    older row alone (a tool that ends after a thousand newer rows, of sessions beside it) is
    found when its session next gets a row, or when all are asked for.
    """
    some = sorted(_changed(database, since // _NANOS_PER_MILLI)) if since is not None else None
    totals = _totals(database, some)
    for name in _all_names(database) if some is None else some:
        size, stamp = totals.get(name, (0, 0))
        yield Member(name, size, min(stamp * _NANOS_PER_MILLI, _LATEST))


def _all_names(database: Database) -> list[str]:
    tables = [table for table in _SESSIONS if database.columns(table)]
    sql = " UNION ".join(f"SELECT id FROM {table}" for table in tables)
    rows = database.query(sql or "SELECT DISTINCT session_id FROM message")
    return [name for (name,) in rows if as_str(name) is not None]


def _changed(database: Database, since: int) -> set[str]:
    """Names of the sessions that changed at or after ``since``, in milliseconds, as far as is cheap."""
    found: set[str] = set()
    tables = [table for table in _SESSIONS if database.columns(table)]
    for table in tables:
        rows = database.query(f"SELECT id FROM {table} WHERE time_updated >= ?", (since,))
        found.update(name for (name,) in rows if as_str(name) is not None)
    for table in _ROWS:
        if "time_updated" in database.columns(table):
            found.update(_newest(database, table, since))
    if not tables:
        return found
    names = (msgspec.json.encode(sorted(found)).decode(),)
    known = "SELECT id FROM {} WHERE id IN (SELECT value FROM json_each(?1))"
    sql = " UNION ".join(known.format(table) for table in tables)
    return {name for (name,) in database.query(sql, names)}


def _newest(database: Database, table: str, since: int) -> Iterator[str]:
    """Yield the sessions of a table's newest rows, going back until none of a thousand is new."""
    before = 2**63 - 1
    while True:
        rows = list(
            database.query(
                f"SELECT rowid, session_id, time_updated FROM {table} WHERE rowid < ?"
                " ORDER BY rowid DESC LIMIT ?",
                (before, _LOOK_BACK),
            )
        )
        changed = [session for _, session, updated in rows if as_whole(updated) >= since]
        yield from (session for session in changed if as_str(session) is not None)
        if not changed:
            return
        before = rows[-1][0]


def _totals(database: Database, names: list[str] | None) -> dict[str, tuple[int, int]]:
    """Bytes and latest change in milliseconds of the sessions ``names``, or of all."""
    totals: dict[str, tuple[int, int]] = {}
    bindings: tuple[object, ...] = ()
    if names is not None:
        bindings = (msgspec.json.encode(names).decode(),)
    for table in (*_SESSIONS, *_ROWS):
        key = "id" if table in _SESSIONS else "session_id"
        columns = database.columns(table)
        if not columns:
            continue
        size = "sum(octet_length(data))" if "data" in columns else "0"
        updated = "max(time_updated)" if "time_updated" in columns else "0"
        where = f"WHERE {key} IN (SELECT value FROM json_each(?))" if names is not None else ""
        query = f"SELECT {key}, {size}, {updated} FROM {table} {where} GROUP BY {key}"
        for name, more, at in database.query(query, bindings):
            size_before, latest = totals.get(name, (0, 0))
            totals[name] = (size_before + as_whole(more), max(latest, as_whole(at)))
    return totals


def records(database: Database, name: str) -> Iterator[bytes]:
    """Yield the session ``name`` and its messages."""
    yield session_record(name, msgspec.json.encode(_session(database, name)))
    messages, broken = _first_messages(database, name)
    second, broken_second = _second_messages(database, name)
    # What opencode 2 has taken over stands in the old tables as well, and tells more there.
    ids, times = {message.row.id for message in messages}, {message.created for message in messages}
    messages += [message for message in second if message.row.id not in ids and message.created not in times]
    for row, reason in broken + [(row, reason) for row, reason in broken_second if row.id not in ids]:
        yield broken_record(f"message {row.id}", reason, row.data)
    prompts = _prompts(database, name)
    has_parts = bool(database.columns("part"))
    for message in sort_messages(messages):
        parts = message.parts
        if parts is None:
            parts = list(_parts(database, message.row.id)) if has_parts else []
        yield from message_records(message, parts, prompts.get(message.row.id))


def _first_messages(database: Database, name: str) -> tuple[list[Message], list[tuple[Row, str]]]:
    columns = database.columns("message")
    if not columns:
        return [], []
    at = "time_created" if "time_created" in columns else "NULL"
    sql = f"SELECT id, {at}, data FROM message WHERE session_id = ? ORDER BY id"
    return read_messages(
        Row(native_id, row_data(data), at) for native_id, at, data in database.query(sql, (name,))
    )


def _second_messages(database: Database, name: str) -> tuple[list[Message], list[tuple[Row, str]]]:
    """Messages of opencode 2; older versions keep notes of switches in its table."""
    found: list[Message] = []
    broken: list[tuple[Row, str]] = []
    if not {"id", "type", "seq"} <= database.columns("session_message"):
        return found, broken
    is_second = False
    for native_id, kind, at, updated, data in database.query(
        "SELECT id, type, time_created, time_updated, data FROM session_message WHERE session_id = ?"
        " ORDER BY seq",
        (name,),
    ):
        is_second = is_second or kind in ("user", "assistant")
        told, reason = read(row_data(data))
        if reason is None:
            found += translate(native_id, kind, at, updated, told)
        else:
            broken.append((Row(native_id, row_data(data), at), reason))
    return (found, broken) if is_second else ([], [])


def _parts(database: Database, message: str) -> Iterator[Row]:
    for native_id, at, data in database.query(
        "SELECT id, time_created, data FROM part WHERE message_id = ? ORDER BY id", (message,)
    ):
        yield Row(native_id, row_data(data), at)


def _prompts(database: Database, name: str) -> dict[str, bytes]:
    """What the user typed, by message, in versions that keep it in a table of its own."""
    if not {"id", "session_id", "prompt"} <= database.columns("session_input"):
        return {}
    rows = database.query("SELECT id, prompt FROM session_input WHERE session_id = ?", (name,))
    return {native_id: msgspec.json.encode(_json(prompt)) for native_id, prompt in rows}


def _session(database: Database, name: str) -> Record:
    """A session's row in the shape that a tree's file has."""
    row = next((row for table in _SESSIONS if (row := _row(database, table, name))), None)
    if row is None:
        return {}
    told: Record = {column: row[column] for column in _TEXTS if row.get(column) is not None}
    told.update({column: _json(row[column]) for column in _OBJECTS if row.get(column) is not None})
    told["time"] = {time: row[f"time_{time}"] for time in _TIMES if row.get(f"time_{time}") is not None}
    for column, key in (("parent_id", "parentID"), ("fork_session_id", "forkedFrom")):
        if as_str(row.get(column)) is not None:
            told[key] = row[column]
    return told


def _row(database: Database, table: str, name: str) -> Record:
    columns = database.columns(table)
    times = (f"time_{time}" for time in _TIMES)
    known = ("parent_id", "fork_session_id", *_TEXTS, *_OBJECTS, *times)
    wanted = [column for column in known if column in columns]
    if not wanted:
        return {}
    found = next(database.query(f"SELECT {', '.join(wanted)} FROM {table} WHERE id = ?", (name,)), None)
    return dict(zip(wanted, found, strict=True)) if found is not None else {}


def _json(value: object) -> Any:
    """A column's JSON; the text itself where it is none."""
    try:
        return msgspec.json.decode(row_data(value))
    except msgspec.DecodeError:
        return value
