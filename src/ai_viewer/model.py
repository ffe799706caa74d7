"""The vocabulary: what an agent did, in the same words for every format.

An adapter turns source records into *events*; the writer turns events into rows.

    SessionStarted  SessionUpdated  SessionFinalized     facts about a session
    TurnStarted     TurnFinalized                        one user message and the work for it
    OpStarted       OpFinalized                          one span: a model call, a tool call, ...
    PayloadRef                                           a text or image of a turn or op
    LogEntry                                             a notice of the agent's own
    SourceError                                          a record that could not be read

Rules that hold for every event:

* Times are integer microseconds since the epoch, UTC. ``None`` is "not known".
* A field left at ``None`` changes nothing; a later event's value replaces an earlier one.
* An event may come twice, with the same result as once.
* ``session`` is the session's native id: unique within its format, without ``/``.
* ``turn`` counts from 1; turn 0 is work before the first user message.
* ``seq`` numbers a session's ops from 1 in order of appearance; in a payload or log,
  ``seq`` 0 is the turn itself.
"""

from __future__ import annotations

import enum
import hashlib
from typing import ClassVar, TypeAlias

import msgspec

Micros: TypeAlias = int
"""Microseconds since 1970-01-01T00:00:00Z."""


class SessionKind(enum.StrEnum):
    """How a session came to be."""

    ROOT = "root"
    SUB_AGENT = "sub_agent"
    TOOL_INTERNAL = "tool_internal"
    FORK = "fork"


class SessionStatus(enum.StrEnum):
    """A session's state as its source tells it; formats without an end signal stay running."""

    RUNNING = "running"
    COMPLETED = "completed"
    FAILED = "failed"
    ABANDONED = "abandoned"
    INTERRUPTED = "interrupted"


class TurnStatus(enum.StrEnum):
    """A turn's state; ``interrupted`` is the user's doing, ``failed`` is not."""

    RUNNING = "running"
    COMPLETED = "completed"
    FAILED = "failed"
    INTERRUPTED = "interrupted"


class OpKind(enum.StrEnum):
    """What an op is. An ``llm`` op is one model call, a ``session`` op runs a sub-agent."""

    LLM = "llm"
    TOOL = "tool"
    SESSION = "session"
    REASONING = "reasoning"
    SYSTEM = "system"
    INTERNAL = "internal"
    COMPACTION = "compaction"


class OpStatus(enum.StrEnum):
    """An op's state; ``truncated`` is a model call cut off by its output limit."""

    RUNNING = "running"
    COMPLETED = "completed"
    FAILED = "failed"
    CANCELLED = "cancelled"
    TRUNCATED = "truncated"


class Timing(enum.StrEnum):
    """How an op's span is known.

    ``measured``: the source recorded both ends. ``derived``: from neighbouring records.
    ``point``: one instant.
    """

    MEASURED = "measured"
    DERIVED = "derived"
    POINT = "point"


class PayloadKind(enum.StrEnum):
    """What a payload is to its turn or op."""

    PROMPT = "prompt"
    ANSWER = "answer"
    REASONING = "reasoning"
    TOOL_INPUT = "tool_input"
    TOOL_OUTPUT = "tool_output"
    ERROR = "error"
    SUMMARY = "summary"
    CONTEXT = "context"


class Severity(enum.StrEnum):
    """Severity of a log entry."""

    DEBUG = "debug"
    INFO = "info"
    WARNING = "warning"
    ERROR = "error"


class Rank(enum.IntEnum):
    """How close a file stands to a session; of two files, the lower rank is believed.

    Facts (title, agent, parent, ...) come from every file that tells them; turns and ops
    come only from the best file that has any. Equal ranks are decided by path, so the
    order in which files are read never matters. A file that stands in two ways to a session
    has the better rank.
    """

    TRANSCRIPT = 0
    COPY = 10
    SIDECAR = 20
    MENTION = 30
    ECHO = 40


class Usage(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """Tokens of one model call, in disjoint parts, as the provider bills them.

    ``input`` is fresh (uncached) input. ``output`` includes ``reasoning``, which is a
    named part of it and not to be added.
    """

    input: int = 0
    output: int = 0
    reasoning: int = 0
    cache_read: int = 0
    cache_write_5m: int = 0
    cache_write_1h: int = 0

    @property
    def context(self) -> int:
        """Tokens this call held in the model's context, its output included."""
        return self.input + self.cache_read + self.cache_write_5m + self.cache_write_1h + self.output


class SessionFacts(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """What one file says about one session; ``None`` where it says nothing."""

    kind: SessionKind | None = None
    parent: str | None = None
    """Native id of the session that started this one."""
    parent_op: str | None = None
    """Native id of the op in ``parent`` that started it (a tool-use id, a call id)."""
    agent: str | None = None
    """The agent's type or role: ``Explore``, ``reviewer``; ``None`` for the main agent."""
    title: str | None = None
    model: str | None = None
    provider: str | None = None
    cwd: str | None = None
    git_branch: str | None = None
    client: str | None = None
    """The program that ran the agent, with its version: ``claude-code 2.1.220``."""
    call_path: str | None = None
    """How a session stands below others where the source names it so: ``planner:researcher``."""
    pr_url: str | None = None
    """The pull request that the session made."""
    started_at: Micros | None = None
    last_at: Micros | None = None
    ended_at: Micros | None = None
    status: SessionStatus | None = None
    error_class: str | None = None
    error_message: str | None = None


class Event(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """Base of every event."""


class SessionStarted(Event, frozen=True, kw_only=True, tag="session_started"):
    """A session is seen for the first time in this file."""

    session: str
    rank: Rank
    facts: SessionFacts


class SessionUpdated(Event, frozen=True, kw_only=True, tag="session_updated"):
    """More is known about a session; each fact that is not ``None`` replaces this file's earlier one."""

    session: str
    rank: Rank
    facts: SessionFacts


class SessionFinalized(Event, frozen=True, kw_only=True, tag="session_finalized"):
    """A session has ended at ``ts``."""

    session: str
    rank: Rank
    ts: Micros | None
    status: SessionStatus
    error_class: str | None = None
    error_message: str | None = None


class TurnStarted(Event, frozen=True, kw_only=True, tag="turn_started"):
    """A turn begins. ``label`` is the start of its prompt, one line, at most 200 characters."""

    session: str
    turn: int
    ts: Micros | None
    label: str | None = None


class TurnFinalized(Event, frozen=True, kw_only=True, tag="turn_finalized"):
    """A turn has ended at ``ts``."""

    session: str
    turn: int
    ts: Micros | None
    status: TurnStatus
    error_class: str | None = None
    error_message: str | None = None


class OpStarted(Event, frozen=True, kw_only=True, tag="op_started"):
    """An op begins at ``ts``. Of two starts the earlier holds.

    ``call`` identifies one model call over the whole store (see `call_key`): copies of a
    call carry the same one and count once. ``copied`` says that the source itself shows
    this op to be another session's history. ``parent`` is the seq of the op it belongs
    to: a tool call's model call, for one.
    """

    session: str
    turn: int
    seq: int
    ts: Micros | None
    kind: OpKind
    name: str | None = None
    namespace: str | None = None
    native_id: str | None = None
    parent: int | None = None
    call: int | None = None
    copied: bool = False
    model: str | None = None
    provider: str | None = None
    timing: Timing = Timing.DERIVED


SUM = "sum"
"""The ``tier`` of tokens that are the sum of several calls, of none of which the source tells the tokens:
no price that depends on the length of one call's context holds for them."""


class OpFinalized(Event, frozen=True, kw_only=True, tag="op_finalized"):
    """An op has ended at ``ts``, its end and never its start.

    An end of 0 or before the start never replaces a good end. ``cost`` is what the source
    itself recorded, in nano-dollars. ``child`` is the native id of the session it ran.
    """

    session: str
    turn: int
    seq: int
    ts: Micros | None
    status: OpStatus
    error_class: str | None = None
    error_message: str | None = None
    usage: Usage | None = None
    cost: int | None = None
    context_used: int | None = None
    context_max: int | None = None
    bytes_in: int | None = None
    bytes_out: int | None = None
    child: str | None = None
    model: str | None = None
    timing: Timing | None = None
    tier: str | None = None
    """What the call was billed as, if not as usual: ``fast``, ``batch``, ``priority``, ``flex``; ``us``
    for inference in the US only; several joined by ``+``. `SUM` for several calls told as one."""
    web_searches: int | None = None
    """Searches that the provider ran within the call and bills apart."""


class PayloadRef(Event, frozen=True, kw_only=True, tag="payload"):
    """A text or image of a turn (``seq`` 0) or op, and where its source keeps it.

    The natural key is (session, turn, seq, kind, part). ``text`` is whole, or ``data``
    holds decoded bytes of ``media_type``; with neither, ``path`` names another file
    (relative to the source's root, or absolute below it) whose whole text it is.
    ``offset`` and ``length`` are the record's bytes in the source file, ``pointer`` the
    JSON pointer within the record.
    """

    session: str
    turn: int
    seq: int
    kind: PayloadKind
    part: int = 0
    media_type: str = "text/plain"
    text: str | None = None
    data: bytes | None = None
    path: str | None = None
    offset: int = 0
    length: int = 0
    pointer: str = ""


class LogEntry(Event, frozen=True, kw_only=True, tag="log"):
    """A notice of the agent's own: a hook ran, a request was retried, a mode changed."""

    session: str
    turn: int
    n: int
    """Ordinal of this entry in its session, from 1."""
    ts: Micros | None
    severity: Severity
    name: str
    message: str
    seq: int = 0


class SourceError(Event, frozen=True, kw_only=True, tag="source_error"):
    """A record that could not be read or understood, where it stands, and what it looks like."""

    offset: int
    error_class: str
    message: str
    excerpt: str = ""
    EXCERPT_LENGTH: ClassVar[int] = 200


def call_key(*parts: str | int | None) -> int:
    """Identity of a model call over the whole store: a signed 64-bit hash of ``parts``.

    Give all that tells one call from another (message id, prompt token counts) and nothing
    that a copy changes (session, file, position).
    """
    text = "\x1f".join("" if part is None else str(part) for part in parts)
    return int.from_bytes(
        hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=8).digest(), "big", signed=True
    )
