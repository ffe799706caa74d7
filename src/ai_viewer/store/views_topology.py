"""What the store answers about who called what; as in `ai_viewer.store.views`, no field has a default."""

from __future__ import annotations

import enum

from ai_viewer.store.views import SessionLink, View


class NodeKind(enum.StrEnum):
    """What a node stands for: an agent, a turn, ops of one kind, or what had no room of its own."""

    AGENT = "agent"
    TURN = "turn"
    LLM = "llm"
    TOOL = "tool"
    SESSION = "session"
    REASONING = "reasoning"
    SYSTEM = "system"
    INTERNAL = "internal"
    COMPACTION = "compaction"
    REST = "rest"


class Load(View, frozen=True, kw_only=True):
    """Sums over ops that are no copies: each of them once, with the same numbers as in the statistics."""

    calls: int
    failures: int
    duration_us: int
    """Of ops of known duration; of those at the same time, each counts."""
    tokens: int
    cost_usd: float
    unpriced_calls: int


class TopologyNode(Load, frozen=True, kw_only=True):
    """An agent, or what it did.

    An agent's and a turn's sums are over its own ops, without what the agents that it started did;
    those of ops by name are over these ops. A ``rest`` stands for ``nodes`` nodes below one parent
    that had no room, with the sums over their ops; ``name`` is theirs if they share one.
    """

    id: str
    """Names the node in the edges of this answer."""
    kind: NodeKind
    name: str | None
    """The agent's type, the tool's or model's name, a turn's label."""
    session: SessionLink | None
    """Where it is, if it is of one session."""
    turn: int | None
    seq: int | None
    sessions: int
    """Sessions of an agent."""
    nodes: int
    """How many nodes it stands for: 1 but for a ``rest``."""
    context_percent: float | None
    """The fullest context window of its model calls, where known."""


class TopologyEdge(Load, frozen=True, kw_only=True):
    """Who called what.

    To an agent: the ops that ran it (how many, how many failed, how long they took) and what it spent
    itself. To anything else: the sums over its ops for this caller.
    """

    source: str
    target: str


class Topology(View, frozen=True, kw_only=True):
    """Agents and what they called. ``nodes`` come greatest first, a caller before what it called.

    ``total`` is how many nodes there are; ``left_out`` of them have no node of their own here.
    """

    size: str
    """What decides which nodes have room: those with most of it."""
    nodes: list[TopologyNode]
    edges: list[TopologyEdge]
    total: int
    left_out: int
