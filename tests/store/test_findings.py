"""What is worth a look in a session that was read."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from ai_viewer.model import PayloadKind, PayloadRef
from ai_viewer.store import findings, sessions
from tests.pictures import NOON, Store, batch, draw


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    made = Store(tmp_path / "store.db")
    yield made
    made.close()


def found(store: Store) -> dict[str, tuple[str, int, int | None, int]]:
    told = sessions.detail(store.reader, "claude_code:s", now=NOON).findings
    return {one.kind: (one.session, one.turn, one.seq, one.count) for one in told}


def test_each_links_to_its_place(store: Store) -> None:
    store.add("s: Fix it\n    1: llm Bash! llm Bash! llm Bash Read\n    2: llm llm")
    assert found(store) == {
        "retries": ("claude_code:s", 1, 2, 2),
        "priciest_turn": ("claude_code:s", 1, None, 2),
        "slowest_tool": ("claude_code:s", 1, 2, 4),
    }


def test_a_sub_agent_that_no_op_has_run_is_an_orphan(store: Store) -> None:
    store.add("s: Fix it\n    1: llm >c\nc < s Explore: Run\n    1: llm\nlost < s Plan: Lost\n    3: llm")
    assert found(store)["orphan"] == ("claude_code:lost", 3, None, 1)


def test_calls_with_the_same_input_are_a_repetition_however_it_is_written(store: Store) -> None:
    """Of the same size is not the same."""
    store.add("s: Fix it\n    1: llm Read Read Read Read")
    assert "repeated_call" not in found(store)
    for texts, repeated in (("aaab", True), ("abcd", False)):
        store.writer.apply(
            [
                batch(
                    [
                        PayloadRef(
                            session="s", turn=1, seq=2 + n, kind=PayloadKind.TOOL_INPUT, text=letter * 9_000
                        )
                        for n, letter in enumerate(texts)
                    ],
                    "s.jsonl",
                )
            ]
        )
        assert ("repeated_call" in found(store)) == repeated


def test_copies_are_another_sessions_findings(store: Store) -> None:
    store.add("a: First\n    1: llm=m Bash! Bash!\ns: Copy\n    1: llm=m Bash! Bash!")
    assert found(store) == {}


def test_it_says_when_it_did_not_look_at_all_ops(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    store.add("s: Fix it\n    1: llm Bash! Bash!\n    2: llm Read")
    assert "retries" in found(store)
    monkeypatch.setattr(findings, "LOOKED_AT", 2)
    detail = sessions.detail(store.reader, "claude_code:s", now=NOON)
    assert not detail.findings_complete
    assert [one.kind for one in detail.findings] == []


def test_the_head_of_a_session_is_small_however_much_there_is(store: Store) -> None:
    children = "\n".join(f"c{n} < s Explore: {'Title ' * 30}\n    1: llm" for n in range(300))
    store.writer.apply(draw(f"s: Fix it\n    1: llm Bash! Bash! Read\n    2: llm\n{children}"))
    detail = sessions.detail(store.reader, "claude_code:s", now=NOON)
    assert detail.session.children == 300
    assert len(detail.findings) == findings.SHOWN - 1
    assert len(msgspec.json.encode(detail)) < 30_000
