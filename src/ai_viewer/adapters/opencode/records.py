"""What a session's parser is fed, the same from a database and from a tree.

The session first, then its messages with their parts, as opencode itself exports them::

    {"session": "ses_…", "data": {"title": …, "directory": …, "version": …, "time": {…}}}
    {"message": "msg_…", "at": 1767323045678, "data": {"role": "user", …},
     "parts": [{"id": "prt_…", "at": 1767323045679, "data": {"type": "text", …}}]}

``data`` stands as opencode wrote it, ``at`` is when the row was inserted. What cannot be read is
a record of its own, so that it costs nothing else::

    {"broken": "part prt_…", "data": <its text as a string>}
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import msgspec

from ai_viewer.adapters.base import Record, as_dict, as_str, decode, number_micros


class Row(msgspec.Struct, frozen=True):
    """A message or part as it is stored: its id, its JSON, and when it was inserted in milliseconds."""

    id: str
    data: bytes
    at: int | None = None


class Message(msgspec.Struct, frozen=True):
    """A message that can be read, and where it belongs."""

    row: Row
    role: str | None
    parent: str | None
    """The user message that it answers."""
    created: int
    parts: list[Row] | None = None
    """Its parts, where they are stored with it."""


def row_data(value: object) -> bytes:
    """A ``data`` column's bytes, whatever type SQLite gives."""
    if isinstance(value, bytes):
        return value
    return (value if isinstance(value, str) else msgspec.json.encode(value).decode()).encode(
        "utf-8", "replace"
    )


def read(data: bytes) -> tuple[Record, str | None]:
    """Decode a row's JSON: the object, or why there is none."""
    try:
        decoded = decode(data)
    except ValueError as error:
        return {}, f"not JSON: {error}"
    if not isinstance(decoded, dict):
        return {}, f"expected a JSON object, found {type(decoded).__name__}"
    return decoded, None


def session_record(name: str, data: bytes) -> bytes:
    """The record of a session."""
    return b'{"session":%b,"data":%b}' % (msgspec.json.encode(name), data)


def broken_record(place: str, reason: str, data: bytes) -> bytes:
    """The record of something that cannot be read; ``place`` names it."""
    return msgspec.json.encode({"broken": f"{place}: {reason}", "data": data.decode("utf-8", "replace")})


def read_messages(rows: Iterable[Row]) -> tuple[list[Message], list[tuple[Row, str]]]:
    """Read messages; and tell those that cannot be read, and why."""
    found: list[Message] = []
    broken: list[tuple[Row, str]] = []
    for row in rows:
        data, reason = read(row.data)
        if reason is not None:
            broken.append((row, reason))
            continue
        created = number_micros(as_dict(data.get("time")).get("created"), 1_000)
        if created is None:
            created = (row.at or 0) * 1_000
        native_id = as_str(data.get("id")) or row.id
        found.append(
            Message(
                Row(native_id, row.data, row.at),
                as_str(data.get("role")),
                as_str(data.get("parentID")),
                created,
            )
        )
    return found, broken


def sort_messages(messages: Iterable[Message]) -> list[Message]:
    """Put messages in order of time, each answer after the prompt that it answers.

    Those of one moment stay in the order that they are given in. A prompt may be queued while the
    answer to an earlier one goes on. An answer whose prompt is not known, as in forks by old
    versions, stands where its time says.
    """
    ordered = sorted(messages, key=lambda message: message.created)
    prompts = {message.row.id: place for place, message in enumerate(ordered) if message.role == "user"}

    def place(numbered: tuple[int, Message]) -> tuple[int, int]:
        number, message = numbered
        if message.role != "user" and message.parent in prompts:
            return prompts[message.parent], number
        return number, number

    return [message for _, message in sorted(enumerate(ordered), key=place)]


def message_records(message: Message, parts: Iterable[Row], prompt: bytes | None = None) -> Iterator[bytes]:
    """Yield a message with its parts as a record, after a record for each part that is broken.

    ``prompt`` is what the user typed, if it is kept apart from the parts.
    """
    readable: list[bytes] = []
    for part in parts:
        _, reason = read(part.data)
        if reason is not None:
            yield broken_record(f"part {part.id} of message {message.row.id}", reason, part.data)
            continue
        readable.append(
            b'{"id":%b,"at":%b,"data":%b}'
            % (msgspec.json.encode(part.id), msgspec.json.encode(part.at), part.data)
        )
    yield b'{"message":%b,"at":%b,%b"parts":[%b],"data":%b}' % (
        msgspec.json.encode(message.row.id),
        msgspec.json.encode(message.row.at),
        b'"prompt":%b,' % prompt if prompt is not None else b"",
        b",".join(readable),
        message.row.data,
    )
