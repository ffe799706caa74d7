"""A store with a session, its sub-agent, and a second session with hostile texts."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from ai_viewer.export import Exporter
from ai_viewer.export.exporter import FormatName
from ai_viewer.model import (
    Event,
    OpFinalized,
    OpKind,
    OpStarted,
    OpStatus,
    PayloadKind,
    PayloadRef,
    Rank,
    SessionFacts,
    SessionStarted,
    TurnStarted,
)
from ai_viewer.secrets import Redactor
from tests.pictures import NOON, SECOND, Store, batch

KEY = "sk-proj-Zx81kd92JdkLs0sKdl29dkslQpw7Vb3nM5cR8tY1uH4gF6eW"
HOSTILE = (
    "</pre><script>alert(1)</script>\n````\n# no heading\n<!-- ![x](https://example.com/x.png) \x00 \x1b[31m"
)

Export = Callable[..., bytes]


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    made = Store(tmp_path / "s.db")
    made.add("""
        s: Fix the parser
            1: llm Read Bash!
            2: llm >c llm? think
        c < s Explore: Look around
            1: llm Grep
    """)
    made.writer.apply([batch(hostile_session(), "h.jsonl")])
    yield made
    made.close()


def hostile_session() -> list[Event]:
    def said(seq: int, kind: PayloadKind, text: str | None = None, **more: object) -> PayloadRef:
        return PayloadRef(session="h", turn=1, seq=seq, kind=kind, text=text, **more)  # type: ignore[arg-type]

    return [
        SessionStarted(
            session="h",
            rank=Rank.TRANSCRIPT,
            facts=SessionFacts(title=f"Use {KEY}", started_at=NOON, last_at=NOON),
        ),
        TurnStarted(session="h", turn=1, ts=NOON, label=f"Use {KEY}"),
        said(0, PayloadKind.PROMPT, f"Use {KEY}\n{HOSTILE}"),
        OpStarted(session="h", turn=1, seq=1, ts=NOON, kind=OpKind.LLM, model="opus"),
        said(1, PayloadKind.ANSWER, HOSTILE),
        OpStarted(session="h", turn=1, seq=2, ts=NOON, kind=OpKind.TOOL, name="Bash"),
        said(2, PayloadKind.TOOL_INPUT, f"curl -H 'Authorization: {KEY}'"),
        said(2, PayloadKind.TOOL_OUTPUT, "x" * 5_000 + HOSTILE),
        said(2, PayloadKind.TOOL_OUTPUT, None, part=1, data=b"\x89PNG....", media_type="image/png"),
        OpFinalized(session="h", turn=1, seq=2, ts=NOON + SECOND, status=OpStatus.COMPLETED),
    ]


@pytest.fixture
def export(store: Store) -> Export:
    """Write sessions of the store, named by their native ids."""

    def write(
        form: FormatName, *names: str, redact: bool = True, texts: bool = False, scope: str = "tree"
    ) -> bytes:
        exporter = Exporter(store.reader, Redactor(on=redact), scope=scope, texts=texts)  # type: ignore[arg-type]
        return b"".join(exporter.write([f"claude_code:{name}" for name in names], form))

    return write
