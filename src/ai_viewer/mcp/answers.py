"""What the tools answer: short lines about sessions, their secrets masked.

Each function asks the store and writes its answer within ``max_tokens``.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, TypeAlias

import msgspec

from ai_viewer import moments
from ai_viewer.errors import NotFoundError
from ai_viewer.export.content import Body, Content, Opening, Step
from ai_viewer.export.wording import (
    LABELS,
    facts,
    one_line,
    op_line,
    op_name,
    size_line,
    title,
    total_cost,
    turn_line,
)
from ai_viewer.figures import MISSING, count, moment
from ai_viewer.ingest.originals import read_original
from ai_viewer.mcp.budget import Budget, shortened
from ai_viewer.model import OpStatus
from ai_viewer.query import parse
from ai_viewer.secrets import Redactor
from ai_viewer.store import failures as stored_failures
from ai_viewer.store import naming, payloads, sessions, turns
from ai_viewer.store import search as full_text
from ai_viewer.store import stats as sums
from ai_viewer.store.sessions import SessionFilter
from ai_viewer.store.sums import By, Work
from ai_viewer.store.views import SessionRow, Turn
from ai_viewer.store.views_search import SearchHit, SearchSession
from ai_viewer.store.views_stats import StatsTotals

Connection: TypeAlias = Any
"""A connection to the store, which only the store looks into."""

_TURNS_A_PAGE = 200
_PREVIEW_BYTES = 600
"""Of a tool's text in a turn; the whole is for `read_payload`."""


def list_sessions(
    connection: Connection, wanted: SessionFilter, *, limit: int, cursor: str | None, max_tokens: int
) -> str:
    """List sessions, one a line, latest activity first."""
    page = Redactor().view(
        sessions.page(connection, wanted, now=moments.now(), cursor=cursor, limit=min(max(1, limit), 200))
    )
    budget = Budget(max_tokens)
    budget.add(f"{page.total} sessions; id | last activity | turns | cost | status | title")
    taken = budget.add_items([_session_line(row)] for row in page.sessions)
    if taken < len(page.sessions):
        budget.cut(
            f"{len(page.sessions) - taken} sessions of this page: ask with limit={taken} and page on, "
            "or raise max_tokens"
        )
    elif page.next is not None:
        budget.cut(f"{page.total - taken} or fewer older sessions: ask with cursor={page.next!r}")
    return budget.text()


def search(
    connection: Connection, query: str, *, best: bool, limit: int, cursor: str | None, max_tokens: int
) -> str:
    """Search the full text; hits by session, each with the words around it."""
    page = Redactor().view(
        full_text.page(
            connection,
            parse(query),
            now=moments.now(),
            sort="best" if best else "newest",
            cursor=cursor,
            limit=min(max(1, limit), 200),
        )
    )
    budget = Budget(max_tokens)
    if page.total is not None:
        budget.add(f"{'more than ' if page.at_least else ''}{page.total} texts; session: place | text")
    taken = budget.add_items(
        [f"{_found_in(group.session)}:", *map(_hit_line, group.hits)] for group in page.groups
    )
    if taken < len(page.groups):
        budget.cut(f"{len(page.groups) - taken} sessions: narrow the query, or raise max_tokens")
    elif page.next is not None:
        budget.cut(f"there may be more: ask with cursor={page.next!r}")
    return budget.text()


def show_session(connection: Connection, session: str, *, from_turn: int, max_tokens: int) -> str:
    """Show a session's head, one line for each turn, and what it started."""
    session_id = naming.resolve(connection, session, now=moments.now())
    redactor = Redactor()
    detail = redactor.view(sessions.detail(connection, session_id, now=moments.now()))
    budget = Budget(max_tokens)
    budget.add(one_line(title(detail)), *(f"{name}: {one_line(value, 300)}" for name, value in facts(detail)))
    if detail.children:
        children = [[f"  {_session_line(child)}"] for child in detail.children]
        budget.add(f"Started {detail.session.children} sessions:")
        taken = budget.add_items(children[:20])
        if taken < detail.session.children:
            budget.add(
                f"  … and {detail.session.children - taken} more: list_sessions(parent={session_id!r})"
            )
    budget.add("Turns:")
    for turn in _turn_heads(connection, session_id, from_turn):
        shown = redactor.view(turn)
        if not budget.add(f"  {turn.turn} | {turn_line(shown)} | {one_line(shown.label or '', 100)}"):
            budget.cut(f"the turns from {turn.turn} on: ask with from_turn={turn.turn}, or raise max_tokens")
            break
    return budget.text()


def read_turn(connection: Connection, session: str, turn: int, *, from_op: int, max_tokens: int) -> str:
    """Read a turn: prompt, answers, tool calls, each with the start of its texts."""
    session_id = naming.resolve(connection, session, now=moments.now())
    content = Content(connection, Redactor(), read_original, "self")
    budget = Budget(max_tokens)
    found = False
    for piece in content.turn(session_id, turn):
        if isinstance(piece, Opening):
            found = True
            budget.add(f"Turn {turn} of {session_id} | {turn_line(piece.turn)}")
            if from_op <= 1:
                for body in piece.bodies:
                    if not budget.add(*_body_lines(body, budget.left // 2)):
                        budget.cut(f"the prompt: read_payload {body.payload.id}")
        elif isinstance(piece, Step) and piece.op.seq >= from_op and not budget.add(*_op_lines(piece)):
            seq = piece.op.seq
            budget.cut(f"the ops from {seq} on: ask with from_op={seq}, or raise max_tokens")
            break
    if not found:
        raise NotFoundError(f"session {session_id!r} has no turn {turn}; show_session lists its turns")
    return budget.text()


def read_payload(connection: Connection, session: str, payload: str, *, start: int, max_tokens: int) -> str:
    """Read a text from character ``start`` on."""
    session_id = naming.resolve(connection, session, now=moments.now())
    found = payloads.whole(connection, session_id, payload)
    if not payloads.is_text(found.media_type):
        return f"{payload} is no text: {found.media_type}, {found.size:,} bytes"
    data = read_original(found) if found.data is None else found.data
    # Masked as a whole: a part could begin within a secret.
    text = Redactor().text(data.decode("utf-8", "replace"))
    budget = Budget(max_tokens)
    part, more = shortened(text[max(0, start) :], budget.left - 1)
    budget.add(part)
    if more:
        end = max(0, start) + len(part)
        budget.cut(f"{len(text) - end:,} of {len(text):,} characters: ask with start={end}")
    return budget.text()


def stats(connection: Connection, by: By | None, work: Work, *, max_tokens: int) -> str:
    """Sum up calls, tokens and cost, and by group."""
    told = sums.stats(connection, by, work)
    budget = Budget(max_tokens)
    budget.add("what | sessions | turns | model calls | tool calls (failed) | tokens in/cached/out | cost")
    budget.add(_sums_line("all", told.totals))
    taken = budget.add_items([_sums_line(group.key, group)] for group in told.groups)
    if taken < len(told.groups):
        budget.cut(f"{len(told.groups) - taken} groups: narrow the question or raise max_tokens")
    return budget.text()


def failures(connection: Connection, work: Work, *, cursor: str | None, max_tokens: int) -> str:
    """Show what keeps failing, the most frequent first, each with an example."""
    told = stored_failures.failures(connection, work, cursor=cursor)
    redactor = Redactor()
    budget = Budget(max_tokens)
    budget.add(f"{told.failures} failures in {told.sessions} sessions, {told.recovered} recovered from")
    taken = 0
    for group in told.groups:
        name = group.name or group.kind.value
        signature = one_line(redactor.text(group.signature), 200)
        lines = [f"{group.count}x {name} | {group.error_class or MISSING} | {signature}"]
        lines += [
            f"  e.g. {example.session.id} turn {example.turn} op {example.seq}: "
            f"{one_line(redactor.text(example.message or ''), 200)}"
            for example in group.examples[:1]
        ]
        if not budget.add(*lines):
            break
        taken += 1
    if taken < len(told.groups):
        budget.cut(f"{len(told.groups) - taken} groups of this page: narrow the question or raise max_tokens")
    elif told.next is not None:
        budget.cut(f"{told.total - taken} or fewer rarer groups: ask with cursor={told.next!r}")
    return budget.text()


def _found_in(session: SearchSession) -> str:
    return f"{session.id} {one_line(session.title or '', 80)}".rstrip()


def _hit_line(hit: SearchHit) -> str:
    """Where a hit is, in the words of the other tools' parameters, and the text around it."""
    places = [
        "" if hit.turn is None else f"turn {hit.turn}",
        f"op {hit.seq} {hit.op_name or ''}".rstrip() if hit.seq else "",
        f"payload {hit.payload}" if hit.payload else hit.kind,
    ]
    text = MISSING if hit.snippet is None else one_line(hit.snippet.text, 300)
    return f"  {' '.join(filter(None, places))} | {text}"


def _session_line(row: SessionRow) -> str:
    parts = [
        row.id,
        moment(row.last_at),
        f"{row.turns}",
        total_cost(row.tree),
        "active" if row.active else row.status.value,
        f"{f'{row.agent}: ' if row.agent else ''}{one_line(row.title or '', 80)}",
    ]
    return " | ".join(parts)


def _sums_line(name: str, told: StatsTotals) -> str:
    cached = told.tokens_cache_read + told.tokens_cache_write
    parts = [
        name,
        f"{told.sessions}",
        f"{told.turns}",
        f"{told.llm_calls}",
        f"{told.tool_calls} ({told.tool_failures})",
        f"{count(told.tokens_in)}/{count(cached)}/{count(told.tokens_out)}",
        total_cost(told),
    ]
    return " | ".join(parts)


def _turn_heads(connection: Connection, session_id: str, from_turn: int) -> Iterator[Turn]:
    """Yield each turn once, without what is in it."""
    cursor: str | None = None
    last: int | None = None
    while True:
        page = turns.page(
            connection, session_id, cursor=cursor, limit=_TURNS_A_PAGE, from_turn=max(0, from_turn)
        )
        for part in page.turns:
            if part.turn != last:
                last = part.turn
                yield _bare(part)
        cursor = page.next
        if cursor is None:
            return


def _bare(turn: Turn) -> Turn:
    return msgspec.structs.replace(turn, ops=[], payloads=[], logs=[])


def _op_lines(step: Step) -> list[str]:
    op = step.op
    parts = [f"op {op.seq} {op.kind.value} {op_name(op)}", op_line(op)]
    lines = [" | ".join(part for part in parts if part)]
    if op.status is OpStatus.FAILED and op.error_message:
        lines.append(f"  error: {one_line(op.error_message, 300)}")
    if op.child is not None:
        lines.append(f"  runs session {op.child.id}")
    for body in step.bodies:
        lines += _body_lines(body, _PREVIEW_BYTES)
    return lines


def _body_lines(body: Body, size: int) -> list[str]:
    label = LABELS[body.payload.kind].lower()
    if body.text is None:
        return [f"  {label} ({body.payload.id}): {body.missing or size_line(body)}"]
    text = body.text.strip()
    if not text:
        return []
    start, more = shortened(text, size)
    rest = f" … (read_payload {body.payload.id}: {len(text):,} characters)" if more else ""
    return [f"  {label}: {start}{rest}"]
