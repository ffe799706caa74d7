"""What is kept of a session between two records."""

from __future__ import annotations

import msgspec

from ai_viewer.adapters.base import TrailState
from ai_viewer.adapters.copilot.usage import ByModel
from ai_viewer.model import Micros

MAIN = ""
"""The key of the session's own agent among its agents."""

AGENTS = 12
"""How many sub-agents are remembered; one that has been forgotten and speaks again is another session."""
TOOLS = 48
"""How many tool calls without a result are remembered."""
NAMELESS = 16
"""How many calls are remembered whose model is not known yet."""


class Agent(msgspec.Struct, omit_defaults=True):
    """The session's own agent, or one that it started; the latter are known by their tool call's id."""

    trail: TrailState
    alias: str | None = None
    """How the newer envelopes call it: ``agentId``."""
    asked_by: str | None = None
    """Key of the agent whose tool call started this one."""
    asked_in: tuple[int, int] | None = None
    """Turn and seq of that tool call."""
    model: str | None = None
    given: Micros | None = None
    """Since when the model has had what it answers to."""
    call: str | None = None
    """Identity of the latest call; its further records belong to it."""
    message: str | None = None
    """Id of the latest message."""
    call_turn: int = 0
    call_seq: int = 0
    answers: int = 0
    output: int = 0
    reasoning: int = 0
    """Hash of the latest reasoning, which is told again by the next message, or by an event."""
    instructions: int = 0
    """Hash of the latest system prompt, which comes again with every prompt."""
    asked: int = 0
    """Hash of the prompt in the tool call, until it was told."""
    prompts: int = 0
    contexts: int = 0
    error: tuple[str, str] | None = None
    """What the model's provider, or the program, failed with; nothing came of it since."""
    done: bool = False
    nameless: list[tuple[int, int]] = []
    """Turn and seq of calls whose model is not known yet."""
    told: ByModel = {}
    """What its own records told since the latest shutdown."""
    counted: ByModel = {}
    """Its counters at the latest shutdown."""


class Tool(msgspec.Struct, array_like=True):
    """A tool call whose result may still come."""

    agent: str
    turn: int
    seq: int
    asked_at: Micros | None
    """When the model asked for it, if nothing tells yet when it began."""
    begun: bool
    runs_agent: bool
    bytes_in: int
    prompt: int = 0
    """Hash of the prompt for a sub-agent."""
    done: bool = False
    """Whether the result is known, but not the sub-agent: one in the background may begin after it."""


class State(msgspec.Struct, omit_defaults=True):
    """All of it."""

    agents: dict[str, Agent] = {}
    tools: dict[str, Tool] = {}
    cwd: str | None = None
    branch: str | None = None
    client: str | None = None
    interactions: bool = False
    """Whether what the model says names its interaction: what does not then is not the model's."""
    compacting: Micros | None = None
    """When a compaction began that has not ended."""
    told: ByModel = {}
    """What records of all agents told since the latest shutdown."""
    told_in_run: ByModel = {}
    """What they told since the program was started or resumed last."""
    counted: ByModel = {}
    """The session's counters at the latest shutdown."""
