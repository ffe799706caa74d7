"""Answers as tables for a person at a terminal, from 80 columns on."""

from __future__ import annotations

import time
from collections.abc import Iterable, Sequence
from typing import Any

import msgspec
from rich.console import Console
from rich.table import Table
from rich.text import Text

from ai_viewer.cli.doctor import Diagnosis
from ai_viewer.cli.output import ago, clock, console, cost, count, duration, moment, size, table
from ai_viewer.model import OpKind, OpStatus, PayloadKind, SessionStatus
from ai_viewer.store.views import (
    Op,
    SessionDetail,
    SessionPage,
    SessionRow,
    Sources,
    Stats,
    StatsTotals,
    TimeSplit,
    Totals,
    Turn,
)

MARKS = {"ok": "green", "warning": "yellow", "failed": "bold red"}
STYLES = {
    "running": "cyan",
    "active": "cyan",
    "failed": "bold red",
    "cancelled": "yellow",
    "truncated": "yellow",
    "interrupted": "yellow",
    "abandoned": "yellow",
}
PROBLEMS_SHOWN = 5
LABEL_LENGTH = 200


def show_diagnosis(diagnosis: Diagnosis) -> None:
    """Write the checks, and what to do about those that are not well."""
    out = console()
    for check in diagnosis.checks:
        out.print(f"{check.status:8}", style=MARKS[check.status], end="")
        out.print(f"{check.name}: {check.found}", soft_wrap=True)
        if check.advice:
            out.print(f"{'':8}→ {check.advice}", soft_wrap=True)


def show_sources(answer: Sources) -> None:
    """Write each source with what became of its records, and where the problems are."""
    out = console()
    for source in answer.sources:
        out.print(f"{source.title}  {source.root}", style="bold", soft_wrap=True)
        if not source.exists:
            out.print("  does not exist")
            continue
        out.print(
            f"  {source.files:,} files, {size(source.bytes_read)} of {size(source.bytes)} read, "
            f"{source.sessions:,} sessions, last written {ago(source.last_seen, time.time())}"
        )
        for record in source.records:
            out.print(f"  {record.records:>12,}  {record.outcome}")
        for problem in source.problems[:PROBLEMS_SHOWN]:
            out.print(
                f"  {problem.path}, byte {problem.offset:,}: {problem.error_class}: {problem.message}",
                style="red",
                soft_wrap=True,
            )
        if source.errors > PROBLEMS_SHOWN:
            out.print(f"  … {source.errors:,} problems in all; --json lists the newest hundred")


def show_sessions(page: SessionPage) -> None:
    """Write a list of sessions, one line each."""
    rows = table("last", "id", "title*", ">turns", ">tokens", ">cost", "status")
    now = time.time()
    for session in page.sessions:
        title = session.title or session.agent or session.native_id
        rows.add_row(
            ago(session.last_at, now).removesuffix(" ago"),
            short(session.native_id),
            Text(title),
            count(session.turns),
            count(_tokens(session.tree)),
            cost(session.tree.cost_usd, session.tree.unpriced_calls),
            _status(_state(session)),
        )
    out = console()
    out.print(rows)
    if page.total > len(page.sessions):
        out.print(f"{len(page.sessions):,} of {page.total:,} sessions; --limit shows more")


def show_session(detail: SessionDetail, turns: Iterable[Turn]) -> None:
    """Write a session's head, and its turns with their ops."""
    out = console()
    session, total = detail.session, detail.session.tree
    out.print(session.title or session.native_id, style="bold", soft_wrap=True)
    source = " · ".join(filter(None, (session.format, session.client, session.model, session.agent)))
    folder = (session.cwd or "") + (f" ({session.git_branch})" if session.git_branch else "")
    times = f"{moment(session.started_at)} to {moment(session.last_at)}, busy {duration(session.busy_us)}"
    lines = {
        "id": session.id,
        "agent": source,
        "folder": folder,
        "PR": session.pr_url or "",
        "part of": " › ".join(link.title or link.id for link in detail.ancestors),
        "time": times,
        "spent": _spent(session.time),
        "agents": _agents(session),
        "ops": (
            f"{total.ops:,}: {total.llm_calls:,} model calls, {total.tool_calls:,} tool calls, "
            f"{total.tool_failures:,} of them failed"
        ),
        "tokens": (
            f"{count(total.tokens_in)} in, {count(total.tokens_out)} out, "
            f"{count(total.tokens_cache_read)} cache read, {count(total.tokens_cache_write)} cache write"
        ),
        "cost": cost(total.cost_usd, total.unpriced_calls)
        + (f", {total.unpriced_calls:,} calls unpriced" if total.unpriced_calls else ""),
        "status": _state(session)
        + (f": {session.error_message or session.error_class}" if session.error_class else ""),
        "started": ", ".join((child.title or child.agent or child.id)[:60] for child in detail.children),
    }
    for name, value in lines.items():
        if value:
            out.print(f"{name:8} {value}", soft_wrap=True)
    number = None
    for turn in turns:
        if turn.turn != number:
            number = turn.turn
            _show_turn_head(out, turn)
        if turn.ops:
            out.print(_ops_table(turn.ops, session.cwd))


def show_stats(answer: Stats, by: str | None) -> None:
    """Write the groups, and the sums over everything."""
    rows = table(f"{by or ''}*", ">sessions", ">calls", ">tools", ">failed", ">in", ">out", ">cache", ">cost")
    lines: list[tuple[Text, StatsTotals]] = [(Text(group.key), group) for group in answer.groups]
    for name, sums in (*lines, (Text("all", style="bold"), answer.totals)):
        rows.add_row(
            name,
            count(sums.sessions),
            count(sums.llm_calls),
            count(sums.tool_calls),
            count(sums.tool_failures),
            count(sums.tokens_in),
            count(sums.tokens_out),
            count(sums.tokens_cache_read + sums.tokens_cache_write),
            cost(sums.cost_usd, sums.unpriced_calls),
        )
    console().print(rows)


def short(native_id: str) -> str:
    """Return as much of an id as names it to `show`: 13 characters of a UUID tell its millisecond."""
    return native_id.rpartition(":")[2][:13]


def _show_turn_head(out: Console, turn: Turn) -> None:
    line = Text(f"\nTurn {turn.turn}", style="bold")
    line.append(f"  {clock(turn.start_ts)}  {duration(turn.duration_us)}  ", style="not bold")
    line.append_text(_status(turn.status.value))
    if turn.label:
        line.append(f"  {turn.label}", style="not bold")
    out.print(line, no_wrap=True, overflow="ellipsis")
    if turn.error_message:
        out.print(f"  {turn.error_message}", style="red", soft_wrap=True)


def _ops_table(ops: Sequence[Op], folder: str | None) -> Table:
    rows = table(">#", "op*", ">time", ">in", ">out", ">cost", "status")
    depths: dict[int, int] = {}
    for op in ops:
        depth = depths[op.seq] = depths.get(op.parent_seq or 0, -1) + 1
        model_call = op.kind == OpKind.LLM
        state = "copy" if op.replay else "" if op.status == OpStatus.COMPLETED else op.status.value
        rows.add_row(
            str(op.seq),
            Text("  " * depth + _name(op, folder)),
            duration(op.duration_us),
            count(_input(op)) if model_call else "",
            count(op.tokens_out) if model_call else "",
            cost(op.cost_usd) if model_call else "",
            _status(state),
        )
    return rows


def _name(op: Op, folder: str | None) -> str:
    """Name an op and what it was given: ``Bash make test``; paths are told from ``folder`` on."""
    match op.kind:
        case OpKind.LLM:
            return op.model or op.name or "model call"
        case OpKind.SESSION:
            title = op.child.title if op.child else None
            return " ".join(filter(None, (op.name, title and f"→ {title}")))
        case _:
            inputs = (payload.text for payload in op.payloads if payload.kind == PayloadKind.TOOL_INPUT)
            given = _gist(next(inputs, None) or "")
            if folder:
                given = given.replace(f"{folder}/", "")
            return " ".join(f"{op.name or op.kind.value} {given[:LABEL_LENGTH]}".split())


def _gist(text: str) -> str:
    """Return what a tool's input is about: of a JSON object, its first text."""
    try:
        values = msgspec.json.decode(text, type=dict[str, Any]).values()
    except msgspec.MsgspecError:
        return text
    return next((value for value in values if isinstance(value, str)), "")


def _input(op: Op) -> int | None:
    """All that a call was given to read, cached or not."""
    parts = (op.tokens_in, op.tokens_cache_read, op.tokens_cache_write_5m, op.tokens_cache_write_1h)
    return None if op.tokens_in is None else sum(part or 0 for part in parts)


def _spent(time: TimeSplit) -> str:
    """Tell where the time went, what took none left out."""
    names = {
        "model": time.model_us,
        "tools": time.tool_us,
        "sub-agents": time.agent_us,
        "compaction": time.compaction_us,
        "idle": time.idle_us,
        "waiting for you": time.wait_us,
    }
    return ", ".join(f"{name} {duration(micros)}" for name, micros in names.items() if micros)


def _agents(session: SessionRow) -> str:
    """Tell what a session and its sub-agents spent each, if it has any."""
    if not session.descendants:
        return ""
    own, tree, time = session.own, session.tree, session.tree_time
    work = duration(time.model_us + time.tool_us + time.compaction_us)
    side_by_side = "" if session.parallelism is None else f" ({session.parallelism:.1f} at a time)"
    return (
        f"{session.descendants:,}; without them {count(_tokens(own))} of {count(_tokens(tree))} tokens, "
        f"{cost(own.cost_usd, own.unpriced_calls)} of {cost(tree.cost_usd, tree.unpriced_calls)}; "
        f"work of all {work}{side_by_side}"
    )


def _tokens(totals: Totals) -> int:
    return totals.tokens_in + totals.tokens_out + totals.tokens_cache_read + totals.tokens_cache_write


def _state(session: SessionRow) -> str:
    """Name a session's state: one that its source never ended is active or idle."""
    if session.status is not SessionStatus.RUNNING:
        return session.status.value
    return "active" if session.active else "idle"


def _status(name: str) -> Text:
    return Text(name, style=STYLES.get(name, ""))
