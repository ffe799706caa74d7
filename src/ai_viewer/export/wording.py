"""What a reader of an exported transcript is told about a session, a turn and an op, in words."""

from __future__ import annotations

from ai_viewer.export.content import Body
from ai_viewer.figures import MISSING, cost, count, duration, moment
from ai_viewer.model import OpKind, OpStatus, PayloadKind, SessionKind
from ai_viewer.store.views import Op, SessionDetail, Totals, Turn
from ai_viewer.store.views_stats import StatsTotals

LABELS = {
    PayloadKind.PROMPT: "Prompt",
    PayloadKind.ANSWER: "Answer",
    PayloadKind.REASONING: "Reasoning",
    PayloadKind.TOOL_INPUT: "Input",
    PayloadKind.TOOL_OUTPUT: "Output",
    PayloadKind.ERROR: "Error",
    PayloadKind.SUMMARY: "Summary",
    PayloadKind.CONTEXT: "Context",
}
PROSE = frozenset({PayloadKind.PROMPT, PayloadKind.ANSWER, PayloadKind.SUMMARY})
"""What is written to be read: not hidden behind a click, and shown with its own mark-up."""


def title(detail: SessionDetail) -> str:
    """Return a session's title, or its id."""
    return one_line(detail.session.title or detail.session.id)


def one_line(text: str, length: int = 120) -> str:
    """Return the start of a text on one line."""
    line = " ".join(text[: 4 * length].split())
    return line if len(line) <= length else line[: length - 1] + "…"


def facts(detail: SessionDetail) -> list[tuple[str, str]]:
    """Return what there is to say about a session: names and values."""
    row = detail.session
    own, tree = row.own, row.tree
    tokens = (
        f"{own.tokens_in:,} in, {own.tokens_cache_read:,} from cache,"
        f" {own.tokens_cache_write:,} to cache, {own.tokens_out:,} out"
    )
    found = [
        ("Session", row.id),
        ("Agent", " · ".join(part for part in (row.client or row.format, row.agent) if part)),
        ("Model", row.model),
        ("Project", row.cwd and f"{row.cwd}{f' @ {row.git_branch}' if row.git_branch else ''}"),
        ("Started", f"{moment(row.started_at)}" if row.started_at is not None else None),
        ("Last activity", f"{moment(row.last_at)}" if row.last_at is not None else None),
        ("Status", row.status.value + (f": {row.error_message}" if row.error_message else "")),
        ("Time in turns", duration(row.busy_us)),
        ("Turns", f"{row.turns:,}"),
        ("Model calls", f"{own.llm_calls:,}"),
        ("Tool calls", f"{own.tool_calls:,}, {own.tool_failures:,} failed"),
        ("Tokens", tokens),
        ("Cost", total_cost(own)),
    ]
    if row.descendants:
        found.append(("Cost with sub-agents", total_cost(tree)))
    if row.kind is SessionKind.FORK:
        found.append(("Forked from", row.parent))
    return [(name, value) for name, value in found if value]


def turn_line(turn: Turn) -> str:
    """Say in short how a turn went."""
    parts = [
        moment(turn.start_ts) if turn.start_ts is not None else None,
        duration(turn.duration_us) if turn.duration_us is not None else None,
        _counted(turn.totals.llm_calls, "model call"),
        _counted(turn.totals.tool_calls, "tool call"),
        total_cost(turn.totals) if turn.totals.llm_calls else None,
        turn.status.value if turn.status.value != "completed" else None,
    ]
    return " · ".join(part for part in parts if part)


def total_cost(totals: Totals | StatsTotals) -> str:
    """Write what the calls of a sum cost; where no tokens are known there is nothing to say."""
    used = totals.tokens_in + totals.tokens_out + totals.tokens_cache_read + totals.tokens_cache_write
    if totals.cost_usd == 0 and used == 0:
        return MISSING
    return cost(totals.cost_usd, totals.unpriced_calls)


def _counted(number: int, what: str) -> str | None:
    return f"{number:,} {what}{'' if number == 1 else 's'}" if number else None


def op_name(op: Op) -> str:
    """Return what an op is called."""
    match op.kind:
        case OpKind.LLM:
            return op.model or "model call"
        case OpKind.TOOL | OpKind.SESSION:
            return op.name or op.kind.value
        case _:
            return op.name or op.kind.value


def op_line(op: Op) -> str:
    """Say in short how an op went."""
    calls = op.kind is OpKind.LLM and op.tokens_in is not None
    cached = (op.tokens_cache_read or 0) + (op.tokens_cache_write_5m or 0) + (op.tokens_cache_write_1h or 0)
    parts = [
        duration(op.duration_us) if op.duration_us else None,
        f"{count((op.tokens_in or 0) + cached)} in" if calls else None,
        f"{count(op.tokens_out)} out" if calls else None,
        cost(op.cost_usd) if calls and not op.replay else None,
        op.status.value if op.status is not OpStatus.COMPLETED else None,
        "copied from another session" if op.replay else None,
    ]
    return " · ".join(part for part in parts if part)


def size_line(body: Body) -> str:
    """Say what a payload is that cannot be shown as a text."""
    return f"{body.payload.media_type}, {body.payload.bytes:,} bytes"


def redaction_line(masked: int, *, on: bool) -> str:
    """Say what was done about secrets."""
    if not on:
        return "Secrets were not masked in this file."
    places = "1 place" if masked == 1 else f"{masked:,} places"
    return f"Secrets are masked where they look like secrets: in {places}."
