"""Draw sessions as text, and have the real writer put them into a store.

    draw('''
        s: Fix the parser              a session, with its title
            1: llm Read Bash!          turn 1: a model call, two tools, the second one failed
            2:                         a turn without ops
            3: llm >c                  op 3 ran session c
        c < s Explore: Look around     a sub-agent of s, of type Explore
            1: llm=m1 llm?             a call with an identity; one of a model without a price
    ''')

Ops are `llm`, `think` (reasoning), `>session`, else tools; a mark behind the name: ``!`` failed,
``~`` running. ``log`` adds a log entry to its turn. Every op takes one second, and the next thing
begins when it has ended, across the whole picture. A model call has 100 tokens fresh input, 10
output (4 of them reasoning), 1,000 read from the cache, 20 + 5 written to it, and costs $0.001.
"""

from __future__ import annotations

import re
import textwrap
from pathlib import Path

import apsw

from ai_viewer.ingest.fold import fold
from ai_viewer.model import (
    Event,
    LogEntry,
    Micros,
    OpFinalized,
    OpKind,
    OpStarted,
    OpStatus,
    PayloadKind,
    PayloadRef,
    Rank,
    SessionFacts,
    SessionKind,
    SessionStarted,
    SessionUpdated,
    Severity,
    TurnFinalized,
    TurnStarted,
    TurnStatus,
    Usage,
    call_key,
)
from ai_viewer.pricing import Quote, quote
from ai_viewer.store import database
from ai_viewer.store.batch import FileBatch, FileState
from ai_viewer.store.write import Writer

NOON: Micros = 1_767_268_800_000_000
"""2026-01-01T12:00:00Z, when every picture begins."""
SECOND: Micros = 1_000_000
ROOT = "/home/dev/.agents"

_SESSION = re.compile(r"(?P<name>\S+)(?: < (?P<parent>\S+)(?: (?P<agent>\S+))?)?:\s*(?P<title>.*)")
_TURN = re.compile(r"\s+(?P<turn>\d+):\s*(?P<ops>.*)")


def draw(picture: str, *, format_name: str = "claude_code", at: Micros = NOON) -> list[FileBatch]:
    """Return the picture's sessions as batches, each from a file of its own."""
    now = at
    name = ""
    drawn: dict[str, list[Event]] = {}
    for line in textwrap.dedent(picture).strip("\n").splitlines():
        if not line.strip():
            continue
        if found := _TURN.fullmatch(line):
            events = drawn[name]
            now = _draw_turn(events, name, int(found["turn"]), found["ops"].split(), now)
            events.append(SessionUpdated(session=name, rank=Rank.TRANSCRIPT, facts=SessionFacts(last_at=now)))
            continue
        head = _SESSION.fullmatch(line)
        assert head, line
        name = head["name"]
        facts = SessionFacts(
            kind=SessionKind.SUB_AGENT if head["parent"] else SessionKind.ROOT,
            parent=head["parent"],
            agent=head["agent"],
            title=head["title"] or None,
            cwd=f"/home/dev/{name}",
            model="opus",
            started_at=now,
            last_at=now,
        )
        drawn[name] = [SessionStarted(session=name, rank=Rank.TRANSCRIPT, facts=facts)]
    return [batch(events, f"{name}.jsonl", format_name=format_name) for name, events in drawn.items()]


def batch(events: list[Event], path: str, *, format_name: str = "claude_code", root: str = ROOT) -> FileBatch:
    """Return the events as the whole of one file of 100 bytes; something always tells turns."""
    sessions, problems = fold(events, lambda _: None)
    return FileBatch(
        format=format_name,
        root=root,
        file=FileState(path, 1, 100, 1_000, 100, 0, 1, b""),
        start=0,
        reset=False,
        done=True,
        counts={"mapped": len(events), "ignored:mode": 1},
        problems=problems,
        sessions=sessions,
    )


class Store:
    """A real store at ``path``, written by the real writer; `reader` sees what was added."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.writing = database.open_writer(path)
        self.writer = Writer(self.writing, _Price())
        self.reader = database.open_reader(path)

    def add(self, picture: str, *, format_name: str = "claude_code", at: Micros = NOON) -> None:
        """Draw, and write in one transaction."""
        self.writer.apply(draw(picture, format_name=format_name, at=at))

    def close(self) -> None:
        self.reader.close()
        self.writing.close()

    def count_statements(self) -> list[str]:
        """Collect the statements that the reader runs from now on."""
        statements: list[str] = []

        def trace(_cursor: apsw.Cursor, sql: str, _bindings: object) -> bool:
            statements.append(sql)
            return True

        self.reader.exec_trace = trace
        return statements


def _draw_turn(events: list[Event], session: str, turn: int, words: list[str], now: Micros) -> Micros:
    seq = max((event.seq for event in events if isinstance(event, OpStarted)), default=0)
    n = sum(isinstance(event, LogEntry) for event in events)
    call: int | None = None
    prompt = f"prompt {turn} of {session}"
    events += [
        TurnStarted(session=session, turn=turn, ts=now, label=prompt if turn else None),
        PayloadRef(session=session, turn=turn, seq=0, kind=PayloadKind.PROMPT, text=prompt),
    ]
    for word in words:
        if word == "log":
            n += 1
            events.append(
                LogEntry(
                    session=session,
                    turn=turn,
                    n=n,
                    ts=now,
                    severity=Severity.INFO,
                    name="hook",
                    message=f"log {n}",
                )
            )
            continue
        seq += 1
        if word.startswith("llm"):
            call = seq
        events += _draw_op(session, turn, seq, word, now, None if call == seq else call)
        now += SECOND
    events.append(TurnFinalized(session=session, turn=turn, ts=now, status=TurnStatus.COMPLETED))
    return now


def _draw_op(session: str, turn: int, seq: int, word: str, now: Micros, parent: int | None) -> list[Event]:
    name, identity = word.rstrip("!~").partition("=")[::2]
    kind = OpKind.LLM if name.startswith("llm") else OpKind.REASONING if name == "think" else OpKind.TOOL
    child = None
    if name.startswith(">"):
        kind, child, name = OpKind.SESSION, name[1:], "Task"
    model = None
    usage = None
    if kind is OpKind.LLM:
        model = "nobody-knows" if name.endswith("?") else "opus"
        name = "call"
        usage = Usage(100, 10, 4, 1000, 20, 5)
    started = OpStarted(
        session=session,
        turn=turn,
        seq=seq,
        ts=now,
        kind=kind,
        name=name,
        native_id=f"{session}-{seq}",
        parent=parent,
        call=call_key(identity) if identity else None,
        model=model,
        provider="anthropic" if model else None,
    )
    told = PayloadRef(
        session=session,
        turn=turn,
        seq=seq,
        kind=PayloadKind.ANSWER if kind is OpKind.LLM else PayloadKind.TOOL_OUTPUT,
        text=f"{word} at {seq}",
    )
    if word.endswith("~"):
        return [started, told]
    ended = OpFinalized(
        session=session,
        turn=turn,
        seq=seq,
        ts=now + SECOND,
        status=OpStatus.FAILED if word.endswith("!") else OpStatus.COMPLETED,
        usage=usage,
        child=child,
    )
    return [started, told, ended]


class _Price:
    """One price for one model, as if by today's price list."""

    fingerprint = quote.fingerprint

    def __call__(
        self,
        _provider: str | None,
        model: str | None,
        _start: Micros | None,
        _usage: Usage,
        _tier: str | None = None,
        _searches: int | None = None,
    ) -> Quote:
        return Quote(1_000_000, 200_000, "priced") if model == "opus" else Quote(None, 200_000)
