"""What the search answers."""

from __future__ import annotations

from ai_viewer.model import OpKind, SessionStatus
from ai_viewer.store.views import View


class Snippet(View, frozen=True, kw_only=True):
    """A part of a text, one line. ``marks`` are (start, length) within it of what was looked for.

    ``offset`` is where it begins in the whole text, in characters; ``more``: the text goes on behind it.
    """

    text: str
    marks: list[tuple[int, int]]
    offset: int
    more: bool


class SearchHit(View, frozen=True, kw_only=True):
    """A text that was found, and what it is of: an op (``seq``), else a turn, else the session.

    ``kind`` is a payload's kind, ``title``, ``error`` (the message of an op, turn or session) or
    ``log``. ``payload`` is the payload's id within the session. ``replay``: it is a copy of another
    session's. ``snippet`` is ``None`` where only the source has the text.
    """

    turn: int | None
    seq: int | None
    kind: str
    payload: str | None
    log: int | None
    """The log entry's number."""
    ts: int | None
    op_kind: OpKind | None
    op_name: str | None
    status: str
    model: str | None
    replay: bool
    snippet: Snippet | None


class SearchSession(View, frozen=True, kw_only=True):
    """The session in which something was found."""

    id: str
    format: str
    title: str | None
    agent: str | None
    cwd: str | None
    model: str | None
    status: SessionStatus
    last_at: int | None


class SearchGroup(View, frozen=True, kw_only=True):
    """One session's hits on this page, and how many of those counted (`SearchPage.counted`) are its."""

    session: SearchSession
    count: int | None
    hits: list[SearchHit]


class FacetCount(View, frozen=True, kw_only=True):
    """How many of the hits that were counted have this value."""

    value: str
    count: int


class SearchFacets(View, frozen=True, kw_only=True):
    """Hits by what they are, most first."""

    kind: list[FacetCount]
    tool: list[FacetCount]
    model: list[FacetCount]
    project: list[FacetCount]
    format: list[FacetCount]


class SearchPage(View, frozen=True, kw_only=True):
    """A page of hits by session, in the order of each one's first hit.

    ``query`` is the query as it was understood. ``total`` counts all hits; with ``at_least`` there
    are more. ``facets`` and the counts by session are over the first ``counted`` hits. All of these
    come with the first page only. ``next`` is the next page's cursor; a page may have few hits, or
    none, and yet go on: then texts were searched back to ``searched_to``, and there are older ones.
    ``widened``: nothing has the words as whole words, so they were looked for within others.
    ``ranked`` is how many hits were compared to find the best, if not all.
    """

    query: str
    groups: list[SearchGroup]
    next: str | None
    total: int | None
    at_least: bool
    counted: int | None
    facets: SearchFacets | None
    searched_to: int | None
    widened: bool
    ranked: int | None


class FoundPlace(View, frozen=True, kw_only=True):
    """Where in a session tree something was found: in a session, a turn, or an op (``seq``)."""

    session: str
    turn: int | None
    seq: int | None
    kinds: list[str]


class FoundPlaces(View, frozen=True, kw_only=True):
    """Places in order: session by session, turn by turn, op by op. ``more``: not all was searched."""

    query: str
    places: list[FoundPlace]
    more: bool
