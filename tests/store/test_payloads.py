"""The whole of one payload: from the store, or where its source has it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from ai_viewer.errors import NotFoundError
from ai_viewer.ingest.fold import KEEP_BYTES
from ai_viewer.model import OpKind, OpStarted, PayloadKind, PayloadRef, Rank, SessionFacts, SessionStarted
from ai_viewer.store import payloads
from ai_viewer.store.payloads import SourceRange, is_text
from tests.pictures import NOON, ROOT, Store, batch

S = "claude_code:s"


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    made = Store(tmp_path / "s.db")
    yield made
    made.close()


def keep(store: Store, text: str, path: str | None = None) -> None:
    events = [
        SessionStarted(session="s", rank=Rank.TRANSCRIPT, facts=SessionFacts()),
        OpStarted(session="s", turn=1, seq=1, ts=NOON, kind=OpKind.TOOL),
        PayloadRef(
            session="s",
            turn=1,
            seq=1,
            kind=PayloadKind.TOOL_OUTPUT,
            text=text,
            path=path,
            offset=5,
            length=9,
            pointer="/a/b",
        ),
    ]
    store.writer.apply([batch(events, "s.jsonl")])


@pytest.mark.parametrize("text", ["", "short", "long " * 100_000, "ü🙂" * 1000])
def test_a_text_comes_back_as_it_went_in(store: Store, text: str) -> None:
    """Whether it was compressed or not."""
    keep(store, text)
    found = payloads.whole(store.reader, S, "1.1.tool_output.0")
    assert found.data == text.encode()
    assert (found.media_type, found.place) == ("text/plain", None)


def test_what_was_too_large_to_keep_is_found_in_its_source(store: Store) -> None:
    """By file, bytes of the record, and place within it."""
    keep(store, "x" * (KEEP_BYTES + 1))
    found = payloads.whole(store.reader, S, "1.1.tool_output.0")
    assert found.data is None
    assert found.place == SourceRange(ROOT, "s.jsonl", False, 5, 9, "/a/b")
    keep(store, "x" * (KEEP_BYTES + 1), path="spilled/1.txt")
    found = payloads.whole(store.reader, S, "1.1.tool_output.0")
    assert found.place == SourceRange(ROOT, "spilled/1.txt", True, 5, 9, "/a/b")


@pytest.mark.parametrize(
    "name",
    [
        "",
        "1",
        "1.1.tool_output",
        "1.1.tool_output.1",
        "1.1.tool_output.0.0",
        "-1.1.tool_output.0",
        "a.b.c.d",
        "1.1.tool_output.0 ",
        f"{10**30}.1.tool_output.0",
        "1.1.TOOL_OUTPUT.0",
        "1.1.%.0",
        "١.1.tool_output.0",
    ],
)
def test_an_unknown_payload_is_said_to_be_unknown(store: Store, name: str) -> None:
    """Whatever is given for a name."""
    keep(store, "text")
    with pytest.raises(NotFoundError):
        payloads.whole(store.reader, S, name)


@pytest.mark.parametrize(
    ("media_type", "text"),
    [
        ("text/html", True),
        ("application/json", True),
        ("application/ld+json", True),
        ("image/svg+xml", True),
        ("image/png", False),
        ("application/pdf", False),
        ("application/octet-stream", False),
    ],
)
def test_what_counts_as_text(media_type: str, text: bool) -> None:
    """XML and JSON do, by whatever name."""
    assert is_text(media_type) is text
