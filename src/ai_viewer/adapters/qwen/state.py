"""What is kept between two records of a transcript."""

from __future__ import annotations

import msgspec

from ai_viewer.adapters.base import TrailState
from ai_viewer.adapters.qwen.contents import Counts
from ai_viewer.model import Micros


class Call(msgspec.Struct, array_like=True):
    """A model call that more may be told of."""

    turn: int
    seq: int
    counts: Counts
    uuid: str | None = None
    """Of its answer's record."""
    answers: int = 0
    """Texts of its answer so far."""
    measured: bool = False
    """Whether telemetry told it, and its tokens."""


class Tool(msgspec.Struct, array_like=True):
    """A tool call whose result may still come."""

    turn: int
    seq: int
    name: str | None
    bytes_in: int


class State(msgspec.Struct, omit_defaults=True):
    """What is kept between two records."""

    trail: TrailState
    branch: str | None = None
    client: str | None = None
    model: str | None = None
    forked: bool = False
    own_first: Micros | None = None
    """First activity that is no copy of another session's."""
    own_last: Micros | None = None
    given: Micros | None = None
    """When the model was last given something, or last answered."""
    prompt: str | None = None
    """Id of the latest prompt's record."""
    prompts: int = 0
    contexts: int = 0
    unanswered: list[Call] = []
    """Calls that telemetry told, whose answer may come."""
    answer: Call | None = None
    """The latest answer."""
    in_round: bool = False
    """Whether nothing was given to the model since the latest answer."""
    tools: dict[str, Tool] = {}
    agents: dict[str, TrailState] = {}
    """Sub-agents whose calls telemetry tells, by native id."""
    agent_ops: int = 0
    """Ops told of all of them, which number them."""
