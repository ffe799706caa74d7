"""What the store answers: the shapes of `/api`, of ``--json`` and of the web app's types.

Times are integer microseconds since the epoch (UTC), durations microseconds, money US
dollars. ``None`` is "not known": an unknown duration, a call without a price.
No field has a default, so that every one is always present.
"""

from __future__ import annotations

import msgspec

from ai_viewer.analysis.findings import FindingKind
from ai_viewer.model import (
    OpKind,
    OpStatus,
    PayloadKind,
    SessionKind,
    SessionStatus,
    Severity,
    Timing,
    TurnStatus,
)


class View(msgspec.Struct, frozen=True, kw_only=True):
    """Base of the answers."""


class Totals(View, frozen=True, kw_only=True):
    """Sums over model calls and tools; copies of a call count once.

    ``tokens_in`` is fresh input only; input, output, cache read and cache write are
    disjoint. ``tokens_reasoning`` is the part of ``tokens_out`` spent on reasoning,
    ``tokens_cache_write_1h`` the part of ``tokens_cache_write`` kept for an hour.
    ``cost_usd`` is the sum of the known prices; ``unpriced_calls`` have none.
    """

    ops: int
    llm_calls: int
    tool_calls: int
    tool_failures: int
    failures: int
    tokens_in: int
    tokens_out: int
    tokens_reasoning: int
    tokens_cache_read: int
    tokens_cache_write: int
    tokens_cache_write_1h: int
    cost_usd: float
    unpriced_calls: int


class TimeSplit(View, frozen=True, kw_only=True):
    """Where the time went: each instant counts once, as the first of these that applies.

    Compaction, model, tool, sub-agent, nothing known: together a turn's time, up to the next
    turn's start. ``wait_us`` lies before it, since the turn before had ended: the human's. All
    six are together the wall time, from a session's first start to its last end.
    """

    model_us: int
    tool_us: int
    agent_us: int
    """A sub-agent ran, and its session did nothing meanwhile."""
    compaction_us: int
    idle_us: int
    wait_us: int


class SessionRow(View, frozen=True, kw_only=True):
    """A session as lists show it.

    ``id`` is stable: the same after a rebuild on another machine. ``title`` is the
    source's, else the start of the first prompt, else ``None``. ``own`` leaves out the
    sessions it started, ``tree`` counts them with it, however deep.
    """

    id: str
    format: str
    native_id: str
    kind: SessionKind
    parent: str | None
    title: str | None
    agent: str | None
    model: str | None
    provider: str | None
    cwd: str | None
    git_branch: str | None
    client: str | None
    """The program that ran the agent, with its version."""
    call_path: str | None
    """How it stands below others, where the source names that: ``planner:researcher``."""
    pr_url: str | None
    """The pull request that it made."""
    status: SessionStatus
    active: bool
    """Still running and written to within the last minutes."""
    error_class: str | None
    error_message: str | None
    started_at: int | None
    last_at: int | None
    ended_at: int | None
    busy_us: int
    """Time within turns: the wall time less the waits between them."""
    turns: int
    children: int
    """Sessions it started itself, one level."""
    descendants: int
    context_peak: int
    replays: int
    """Ops that are copies of another session's and in no total."""
    own: Totals
    tree: Totals
    time: TimeSplit
    tree_time: TimeSplit
    """The sums over all sessions of the tree; of those at work at the same time, each counts."""
    parallelism: float | None
    """Work of the tree (model, tool and compaction time) for each unit of time in this session's
    turns: above 1, sub-agents worked side by side. ``None`` if it has no time."""


class SessionFacet(View, frozen=True, kw_only=True):
    """How many of the sessions, on all pages, have this value."""

    value: str
    count: int


class SessionFacets(View, frozen=True, kw_only=True):
    """Sessions by what they are, the most frequent values first, at most 20 of each."""

    format: list[SessionFacet]
    status: list[SessionFacet]
    project: list[SessionFacet]
    model: list[SessionFacet]
    agent: list[SessionFacet]
    failed: int
    """Those with a failure of their own or of one of their ops."""


class SessionPage(View, frozen=True, kw_only=True):
    """A page of sessions, newest activity first. ``next`` is the cursor of the next one.

    ``facets`` come if asked for.
    """

    sessions: list[SessionRow]
    next: str | None
    total: int
    """Sessions the filter lets through, on all pages."""
    facets: SessionFacets | None


class SessionLink(View, frozen=True, kw_only=True):
    """Just enough of a session to name it and link to it."""

    id: str
    title: str | None
    agent: str | None


class SourcePlace(View, frozen=True, kw_only=True):
    """A file of a source."""

    format: str
    root: str
    path: str


class Finding(View, frozen=True, kw_only=True):
    """What is worth a look: the worst case of one kind, and where it is.

    ``count`` is how many cases there are; of retries, repeated calls and cache misses, how many calls
    the case has; of what is greatest, among how many it is. The other numbers are told as far as they
    apply: ``cost_usd`` of retries is that of the model calls that they took, ``tokens`` of cache
    misses what was sent anew. ``seq`` is none where it is about a whole turn.
    """

    kind: FindingKind
    session: str
    turn: int
    seq: int | None
    count: int
    name: str | None
    """The tool or model; of a sub-agent that no op has run, its type."""
    duration_us: int | None
    cost_usd: float | None
    tokens: int | None
    percent: float | None
    """How full the context window was."""


class SessionDetail(View, frozen=True, kw_only=True):
    """A session's head: identity, totals, ancestors (outermost first), and where it is read from.

    ``children`` are the first ten in order of their start; ``session.children`` counts them all, and
    `GET /api/sessions?parent=` lists them.
    """

    session: SessionRow
    ancestors: list[SessionLink]
    children: list[SessionRow]
    findings: list[Finding]
    """At most five, what calls for a look most first."""
    findings_complete: bool
    """Whether they are about all of the session's ops; else about its last 5,000."""
    file: SourcePlace | None
    logs: int
    revision: int
    """The newest change of this session; grows with every change."""


class Payload(View, frozen=True, kw_only=True):
    """A text or image: its start inline, the rest by `GET /api/sessions/{id}/payloads/{payload}`.

    ``id`` is ``turn.seq.kind.part``. ``text`` is the start (at most 2,000 characters) of
    a text, ``None`` for other media. ``bytes`` is the whole size.
    """

    id: str
    kind: PayloadKind
    media_type: str
    bytes: int
    text: str | None
    truncated: bool
    kept: bool
    """Whether the whole is in the store; else it is read from the source, if that still exists."""


class Op(View, frozen=True, kw_only=True):
    """A span. ``parent_seq`` is the op it belongs to, ``child`` the session it ran."""

    seq: int
    turn: int
    kind: OpKind
    status: OpStatus
    timing: Timing
    parent_seq: int | None
    native_id: str | None
    name: str | None
    namespace: str | None
    model: str | None
    provider: str | None
    start_ts: int | None
    end_ts: int | None
    duration_us: int | None
    error_class: str | None
    error_message: str | None
    tokens_in: int | None
    tokens_out: int | None
    tokens_reasoning: int | None
    tokens_cache_read: int | None
    tokens_cache_write_5m: int | None
    tokens_cache_write_1h: int | None
    context_used: int | None
    context_max: int | None
    cost_usd: float | None
    cost_source: str | None
    """``recorded`` by the source, ``priced`` from the price list, ``override``: by the user's own
    prices or discounts; ``None``: no price."""
    tier: str | None
    """What the call was billed as, if not as usual: ``fast``, ``batch``, ``us``, …, joined by ``+``."""
    web_searches: int | None
    """Run by the provider within the call, and billed apart."""
    bytes_in: int | None
    bytes_out: int | None
    replay: bool
    child: SessionLink | None
    payloads: list[Payload]


class LogLine(View, frozen=True, kw_only=True):
    """A notice of the agent's own."""

    n: int
    seq: int
    ts: int | None
    severity: Severity
    name: str
    message: str


class SessionLog(LogLine, frozen=True, kw_only=True):
    """A notice with where it belongs: its session (and that one's agent) and turn."""

    session: str
    agent: str | None
    turn: int


class LogPage(View, frozen=True, kw_only=True):
    """Notices of a session tree in order of time. ``next`` is the next page's cursor."""

    logs: list[SessionLog]
    next: str | None


class Turn(View, frozen=True, kw_only=True):
    """What the agent did for one user message; ``payloads`` are the prompt's.

    A turn may be longer than a page: then it comes in parts, ``ops`` continuing from one
    page to the next. ``payloads`` and ``logs`` come with the part that is sent first and
    are empty in the others; all else is the whole turn's in every part.
    """

    turn: int
    status: TurnStatus
    start_ts: int | None
    end_ts: int | None
    duration_us: int | None
    label: str | None
    error_class: str | None
    error_message: str | None
    context_peak: int
    replays: int
    totals: Totals
    time: TimeSplit
    payloads: list[Payload]
    ops: list[Op]
    logs: list[LogLine]


class TurnPage(View, frozen=True, kw_only=True):
    """Turns with their ops, in order; at most ``limit`` ops a page. ``next`` is the next page's cursor."""

    turns: list[Turn]
    next: str | None
    revision: int


class Mark(View, frozen=True, kw_only=True):
    """What a person noted: of a session, a turn, an op (``seq``), or the time between two instants."""

    id: int
    session: str
    turn: int | None
    seq: int | None
    start_ts: int | None
    end_ts: int | None
    colour: str
    note: str
    created_at: int
    updated_at: int


class Marks(View, frozen=True, kw_only=True):
    """Marks, oldest first."""

    marks: list[Mark]


class PathSection(View, frozen=True, kw_only=True):
    """A part of a critical path: op ``seq`` was waited for; ``None``: nothing is known to have run."""

    seq: int | None
    start_ts: int
    end_ts: int


class OpTime(View, frozen=True, kw_only=True):
    """An op's time, and how much of it none of its parts took."""

    seq: int
    duration_us: int
    self_us: int


class TurnPath(View, frozen=True, kw_only=True):
    """What a turn waited for: sections from its start to its end, or to the next turn's start.

    ``sections`` follow each other without gap or overlap, and are none if the turn's time is not
    known. ``ops`` are those of known duration that are no copies.
    """

    turn: int
    sections: list[PathSection]
    ops: list[OpTime]


class OutcomeCount(View, frozen=True, kw_only=True):
    """How many records had one outcome: ``mapped``, ``ignored:<rule>``, ``unknown:<type>``, ``malformed``."""

    outcome: str
    records: int


class Problem(View, frozen=True, kw_only=True):
    """A record or file that could not be read: what is wrong, where, and how it looks."""

    path: str
    offset: int
    line: int | None
    """Counted in the file as it is now; ``None`` if it is gone, compressed, very long or no lines."""
    error_class: str
    message: str
    excerpt: str


class IngestError(Problem, frozen=True, kw_only=True):
    """A problem with the source that its file belongs to."""

    format: str
    root: str


class IngestErrorPage(View, frozen=True, kw_only=True):
    """Problems, file by file. ``next`` is the next page's cursor."""

    errors: list[IngestError]
    next: str | None


class OwnPrice(View, frozen=True, kw_only=True):
    """A price of the user's own: dollars per million tokens, of ``web_search`` per 1,000 searches."""

    provider: str | None
    model: str | None
    tier: str | None
    since: str | None
    until: str | None
    prices: dict[str, float]


class OwnDiscount(View, frozen=True, kw_only=True):
    """What the user has taken off the price list, in percent."""

    provider: str | None
    model: str | None
    since: str | None
    until: str | None
    percent: float


class Settings(View, frozen=True, kw_only=True):
    """How the server was started. It is changed in the configuration file or on the command line."""

    db: str
    host: str
    port: int
    prices: list[OwnPrice]
    discounts: list[OwnDiscount]


class Retention(View, frozen=True, kw_only=True):
    """That an agent deletes its own sessions, and what goes next. What was read stays in the store."""

    days: int
    """It deletes what did not change for so long."""
    due: int
    """Sessions whose files are old enough to go within the next seven days."""
    next_at: int | None
    """When the first of all its sessions is old enough."""


class Source(View, frozen=True, kw_only=True):
    """A folder that is read, and what became of its records.

    ``lag_us`` is the time from the newest change in its files to what is in the store: 0
    when all has been read. ``problems`` are the newest, at most 100.
    """

    format: str
    title: str
    version: int | None
    """Of the adapter that reads it; ``None``: none that is installed does."""
    root: str
    exists: bool
    files: int
    bytes: int
    bytes_read: int
    sessions: int
    last_seen: int | None
    lag_us: int
    gone: int
    """Sessions whose files are no longer there, and which only the store still has."""
    retention: Retention | None
    errors: int
    records: list[OutcomeCount]
    problems: list[Problem]


class Sources(View, frozen=True, kw_only=True):
    """All folders that are read, found or not."""

    sources: list[Source]


class SourceHealth(View, frozen=True, kw_only=True):
    """One source in short."""

    format: str
    root: str
    lag_us: int
    errors: int
    last_seen: int | None


class Backfill(View, frozen=True, kw_only=True):
    """How far a process is with reading what was there before it began."""

    files: int
    files_total: int
    bytes: int
    bytes_total: int
    bytes_per_second: float
    seconds_left: float | None
    """At this rate; ``None`` while unknown."""


class Health(View, frozen=True, kw_only=True):
    """Whether all is well. ``status`` is ``ok`` or ``degraded``, ``reasons`` say why.

    ``ingesting`` tells whether a process is reading the sources now. ``prices_date`` is the latest
    day (YYYY-MM-DD) on which a price in the price list was looked up, as far as the list tells;
    ``prices_own`` whether the user's own prices or discounts are in use; ``prices_behind`` whether
    calls were priced by other prices than today's, and not since. ``newest`` is the last time at which
    anything is known to have been done.
    """

    status: str
    reasons: list[str]
    version: str
    schema_version: int
    store_path: str
    store_bytes: int
    sessions: int
    newest: int | None
    ingesting: bool
    backfill: Backfill | None
    prices_version: str
    prices_date: str | None
    prices_own: bool
    prices_behind: bool
    sources: list[SourceHealth]
