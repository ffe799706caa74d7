"""A made-up format of every shape, to see what the ingest makes of them.

A session is a *script*: a JSON object of the names of sessions to what is told of them, a list of
``[turn, seq, fields]``::

    {"s": {"facts": {"title": "one"}, "units": [[1, 0, {"label": "Hi"}], [1, 1, {"text": "out"}]]}}

``*.whole.json`` is such an object, ``*.pieces.json[.gz]`` one unit a line, ``notes.db`` a database of
units by session, ``tree/<session>/<n>.json`` a file a unit.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path, PurePosixPath
from typing import Any, ClassVar

import msgspec
import pytest

from ai_viewer.adapters import ADAPTERS
from ai_viewer.adapters.base import Artifact, JsonParser, Member, Outcome, Parser, Shape
from ai_viewer.model import (
    Event,
    LogEntry,
    OpFinalized,
    OpKind,
    OpStarted,
    OpStatus,
    PayloadKind,
    PayloadRef,
    Rank,
    SessionFacts,
    SessionStarted,
    Severity,
    TurnFinalized,
    TurnStarted,
    TurnStatus,
    Usage,
)

NOON = 1_767_268_800_000_000
SCHEMA = (
    "CREATE TABLE unit (session TEXT, number INTEGER, body TEXT, time_updated INTEGER,"
    " PRIMARY KEY (session, number))"
)


class Toy:
    """The format; made anew for each test, and counting what it is asked."""

    name = "toy"
    title = "Toy"

    def __init__(self) -> None:
        self.version = 1
        self.listings: list[tuple[int | None, str | None]] = []
        self.read: list[str] = []

    def roots(self, env: Mapping[str, str], home: Path) -> list[Path]:
        """None of its own."""
        del env, home
        return []

    def folders(self, root: Path) -> list[Path]:
        return [root]

    def artifact(self, path: PurePosixPath) -> Artifact | None:
        if path.parts[0] == "tree" and len(path.parts) > 1:
            return Artifact("tree", Shape.TREE)
        if path.name in ("notes.db", "notes.db-wal"):
            return Artifact(str(path.with_name("notes.db")), Shape.DATABASE)
        if path.name.endswith(".whole.json"):
            return Artifact(str(path), Shape.WHOLE)
        if path.name.endswith((".pieces.json", ".pieces.json.gz")):
            return Artifact(str(path), Shape.PIECES)
        if path.name.endswith((".jsonl", ".jsonl.gz")):
            return Artifact(str(path), Shape.LINES)
        return None

    def parser(self, artifact: Artifact, state: bytes | None) -> Parser:
        if artifact.shape is Shape.PIECES:
            return PieceParser(artifact)
        return UnitParser(artifact, state)

    def members(
        self, artifact: Artifact, place: Any, since: int | None, changed: str | None
    ) -> Iterator[Member]:
        self.listings.append((since, changed))
        if artifact.shape is Shape.DATABASE:
            for row in place.query(
                "SELECT session, sum(length(body)), max(time_updated) FROM unit GROUP BY 1 HAVING max("
                "time_updated) >= ?",
                (since or 0,),
            ):
                yield Member(*row)
            return
        for folder in place.entries("tree"):
            if changed is not None and PurePosixPath(changed).parts[1] != folder.name:
                continue
            files = place.entries(f"tree/{folder.name}")
            if files:
                stamp = max(file.mtime_ns for file in files)
                yield Member(folder.name, sum(file.size for file in files), stamp)

    def records(self, artifact: Artifact, place: Any, name: str) -> Iterator[bytes]:
        self.read.append(name)
        if artifact.shape is Shape.DATABASE:
            query = "SELECT body FROM unit WHERE session = ? ORDER BY number"
            for (body,) in place.query(query, (name,)):
                yield line(name, msgspec.json.decode(body))
            return
        for file in place.entries(f"tree/{name}"):
            yield line(name, msgspec.json.decode(place.read(f"tree/{name}/{file.name}")))


def line(session: str, unit: list[Any], facts: dict[str, Any] | None = None) -> bytes:
    """One unit of a session as a record."""
    return msgspec.json.encode({"session": session, "facts": facts or {}, "units": [unit]})


def script_lines(script: dict[str, Any]) -> bytes:
    """A script as one record a line: what a file of pieces holds."""
    records = [
        msgspec.json.encode({"session": name, "facts": body.get("facts", {}), "units": []})
        for name, body in script.items()
    ]
    records += [line(name, unit) for name, body in script.items() for unit in body["units"]]
    return b"".join(record + b"\n" for record in records)


class NoState(msgspec.Struct):
    """Nothing to go on from."""


class UnitParser(JsonParser):
    """Tells units; a script without ``session`` is all of its sessions."""

    state_type: ClassVar[type[msgspec.Struct]] = NoState

    def record(self, record: dict[str, Any]) -> Outcome:
        if "session" in record:
            record = {record["session"]: record}
        for name, body in record.items():
            facts = SessionFacts(**body.get("facts", {}))
            self.emit(SessionStarted(session=name, rank=Rank.TRANSCRIPT, facts=facts))
            for unit in body["units"]:
                for event in unit_events(name, *unit):
                    self.emit(event)
        return Outcome("mapped")

    def save(self) -> NoState:
        return NoState()

    def load(self, state: NoState) -> None:
        del state


class PieceParser:
    """Finds the lines in pieces of any size."""

    def __init__(self, artifact: Artifact) -> None:
        self.lines = UnitParser(artifact, None)
        self.rest = b""
        self.offset = 0

    def feed(self, record: bytes, offset: int) -> None:
        del offset
        whole, newline, self.rest = (self.rest + record).rpartition(b"\n")
        if not record:
            whole, newline, self.rest = whole + newline + self.rest, b"", b""
        for found in (whole + newline).splitlines(keepends=True):
            if found.strip():
                self.lines.feed(found.rstrip(b"\n"), self.offset)
            self.offset += len(found)

    def take(self) -> tuple[list[Event], bytes, dict[str, int]]:
        return self.lines.take()


def unit_events(session: str, turn: int, seq: int, fields: dict[str, Any]) -> Iterator[Event]:
    """The events of one unit: its row unless ``"bare"``, its text if any, its log if any."""
    at: dict[str, Any] = {"session": session, "turn": turn}
    if not fields.get("bare") and seq == 0:
        yield TurnStarted(**at, ts=_time(fields.get("start")), label=fields.get("label"))
        if "end" in fields:
            yield TurnFinalized(**at, ts=_time(fields["end"]), status=TurnStatus.COMPLETED)
    elif not fields.get("bare"):
        tokens = fields.get("tokens")
        kind = OpKind(fields.get("kind", "llm" if tokens is not None else "tool"))
        yield OpStarted(
            **at,
            seq=seq,
            ts=_time(fields.get("start")),
            kind=kind,
            name=fields.get("name"),
            native_id=fields.get("native_id"),
            parent=fields.get("parent"),
            call=fields.get("call"),
            model="claude-opus-4-5" if tokens is not None else None,
            provider="anthropic" if tokens is not None else None,
        )
        if "end" in fields:
            usage = None if tokens is None else Usage(input=tokens)
            status = OpStatus(fields.get("status", "completed"))
            yield OpFinalized(**at, seq=seq, ts=_time(fields["end"]), status=status, usage=usage)
    if "text" in fields:
        kind_of = PayloadKind.TOOL_OUTPUT if seq else PayloadKind.PROMPT
        yield PayloadRef(**at, seq=seq, kind=kind_of, text=fields["text"], offset=5, length=7)
    if "path" in fields:
        yield PayloadRef(**at, seq=seq, kind=PayloadKind.TOOL_INPUT, path=fields["path"])
    if "log" in fields:
        yield LogEntry(
            **at, n=fields["log"], seq=seq, ts=NOON, severity=Severity.INFO, name="note", message="hello"
        )


def _time(seconds: int | None) -> int | None:
    return None if seconds is None else NOON + seconds * 1_000_000


@pytest.fixture
def toy(monkeypatch: pytest.MonkeyPatch) -> Toy:
    """The format, registered."""
    made = Toy()
    monkeypatch.setitem(ADAPTERS, "toy", made)
    return made
