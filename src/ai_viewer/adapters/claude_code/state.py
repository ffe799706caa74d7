"""What is kept of a conversation between two records, and it is little: marks and numbers, no texts."""

from __future__ import annotations

from typing import Any, TypeVar

import msgspec

from ai_viewer.adapters.base import TrailState
from ai_viewer.model import Micros, OpKind, Usage

WINDOW = 64
"""How many record ids and answered tool calls are remembered, to know them when they come again."""
CALLS = 16
"""How many model calls are remembered whole. A message's records lie close together."""

K = TypeVar("K")
V = TypeVar("V")


class Call(msgspec.Struct, array_like=True):
    """A model call whose message may go on."""

    turn: int
    seq: int
    last: Micros | None
    """Time of its latest record, or its start."""
    request: int
    """Short mark of its request id; 0 if it has none."""
    first: str | int | None = None
    """When its first record was written, else that record's id."""
    usage: Usage | None = None
    truncated: bool = False
    answers: int = 0
    blocks: list[int] = []
    """Short marks of the texts told, so that none is told twice."""
    tier: str | None = None
    searches: int = 0


class Work(msgspec.Struct, array_like=True):
    """A tool call or sub-agent whose result may still come."""

    turn: int
    seq: int
    kind: OpKind = OpKind.TOOL
    native_id: str | None = None
    agent: str | None = None
    title: str | None = None
    prompt: int = 0
    """Mark of the prompt that a sub-agent was given."""
    child: str | None = None
    bytes_in: int | None = None
    outputs: int = 0
    given_up: bool = False


class ConversationState(msgspec.Struct):
    """What is kept of a conversation between two records."""

    trail: TrailState
    cwd_known: bool = False
    branch: str | None = None
    version: str | None = None
    model: str | None = None
    previous: Micros | None = None
    """Time of the latest record that a model call may have waited for."""
    worked_at: Micros | None = None
    """End of the current turn's work so far."""
    told_turn: tuple[int, Micros | None] | None = None
    prompts: int = 0
    contexts: int = 0
    records: dict[int, None] = {}
    calls: dict[int, Call] = {}
    answered: dict[int, None] = {}
    working: dict[int, Work] = {}
    background: dict[str, Work] = {}
    shell: Work | None = None
    compaction: Work | None = None
    echoed: int = 0
    """How many messages of the sub-agent's conversation so far its parent's transcript has echoed."""
    echo: int = 0
    """Mark of the last of them: another one there is the beginning of another list."""


def remember(window: dict[K, V], key: K, value: V, limit: int = WINDOW) -> None:
    """Put an entry into a window of the latest."""
    window[key] = value
    if len(window) > limit:
        trim(window, limit)


def trim(window: dict[Any, Any], limit: int) -> None:
    """Forget the oldest entries."""
    while len(window) > limit:
        del window[next(iter(window))]
