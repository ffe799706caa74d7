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
from ai_viewer.cli.output import MISSING, ago, clock, console, cost, count, duration, moment, size, table
from ai_viewer.export.wording import total_cost
from ai_viewer.model import OpKind, OpStatus, PayloadKind, SessionStatus
from ai_viewer.store.reprice import Repriced
from ai_viewer.store.views import (
    Op,
    SessionDetail,
    SessionPage,
    SessionRow,
    Sources,
    TimeSplit,
    Totals,
    Turn,
)
from ai_viewer.store.views_stats import Failures, Stats, StatsTotals
from ai_viewer.verify.report import SHOWN, Report

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
OF_CALLS = frozenset(("tool", "namespace", "kind"))
"""Groups of which failures and durations tell more than tokens do."""


def show_diagnosis(diagnosis: Diagnosis) -> None:
    """Write the checks, and what to do about those that are not well."""
    out = console()
    for check in diagnosis.checks:
        out.print(f"{check.status:8}", style=MARKS[check.status], end="")
        out.print(f"{check.name}: {check.found}", soft_wrap=True)
        if check.advice:
            out.print(f"{'':8}→ {check.advice}", soft_wrap=True)


def show_verification(report: Report) -> None:
    """Write what was checked and what differs, with its place and what to do about it."""
    out = console()
    what = f"{report.files:,} files ({size(report.bytes)}) and {report.sessions:,} sessions"
    if report.sample is not None:
        what += f", chosen by --sample {report.sample} --seed {report.seed}"
    out.print(f"Checked {what}, in {duration(report.seconds * 1e6)}.", soft_wrap=True)
    for check in report.checks:
        status = "failed" if check.differences else "ok"
        found = (
            f"{check.differences:,} of {check.checked:,} differ"
            if check.differences
            else f"{check.checked:,}"
        )
        out.print(f"{status:8}", style=MARKS[status], end="")
        out.print(f"{check.check}: {check.proves}: {found}", soft_wrap=True)
    for difference in report.differences:
        place = "/".join(part for part in (difference.root, difference.path) if part)
        if difference.offset is not None:
            place += f":{difference.offset}"
        where = " ".join(part for part in (place, difference.session) if part)
        out.print(f"{difference.check}: {where or 'the store'}", style=MARKS["failed"], soft_wrap=True)
        out.print(
            f"  {difference.what}: expected {difference.expected}, found {difference.found}", soft_wrap=True
        )
        out.print(f"  → {difference.hint}", soft_wrap=True)
    for check in report.checks:
        if check.differences > SHOWN:
            out.print(f"{check.check}: {check.differences - SHOWN:,} more differ")
    if report.unread:
        out.print(f"{len(report.unread):,} files could not be compared:")
        for unread in report.unread[:PROBLEMS_SHOWN]:
            out.print(f"  {unread.root}/{unread.path}: {unread.reason}", soft_wrap=True)
        if len(report.unread) > PROBLEMS_SHOWN:
            out.print(f"  … {len(report.unread) - PROBLEMS_SHOWN:,} more; --json has all of them")
    for name in report.uncounted:
        out.print(f"{name}: no second way to count this format; only what holds for all formats was checked")
    out.print("Everything agrees." if report.ok else "Something differs.", style="bold")


def show_repriced(told: Repriced) -> None:
    """Write what became of each model's calls of which any costs something else now."""
    out = console()
    if told.resumed:
        out.print(
            "Went on with an earlier run, which was interrupted; what that one changed is not told here."
        )
    out.print(f"{told.calls:,} calls in {told.sessions:,} sessions, by {told.prices}.", soft_wrap=True)
    if not told.models:
        out.print("None of them costs anything else now.")
        return
    rows = table("model*", "provider", ">calls", ">changed", ">before", ">now", ">new price", ">lost price")
    for one in told.models:
        rows.add_row(
            one.model or MISSING,
            one.provider or MISSING,
            f"{one.calls:,}",
            f"{one.changed:,}",
            cost(one.old_cost_usd, one.newly_priced),
            cost(one.new_cost_usd, one.newly_unpriced),
            f"{one.newly_priced:,}",
            f"{one.newly_unpriced:,}",
        )
    out.print(rows)


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
            total_cost(session.tree),
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
        "cost": total_cost(total)
        + (f", {total.unpriced_calls:,} calls unpriced" if total.unpriced_calls else ""),
        "status": _state(session)
        + (f": {session.error_message or session.error_class}" if session.error_class else ""),
        "started": _started(detail),
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


def show_groups(answer: Stats, by: str) -> None:
    """Write the groups, and the sums over everything; of tools what tools have, of others tokens and cost."""
    lines: list[tuple[Text, StatsTotals]] = [(Text(group.key), group) for group in answer.groups]
    if by in OF_CALLS:
        rows = table(f"{by}*", ">sessions", ">ops", ">failed", ">share", ">time", ">mean", ">cost")
    else:
        rows = table(f"{by}*", ">sessions", ">calls", ">tools", ">failed", ">in", ">out", ">cache", ">cost")
        lines.append((Text("all", style="bold"), answer.totals))
    for name, sums in lines:
        if by in OF_CALLS:
            told = [
                count(sums.ops),
                count(sums.failures),
                _percent(sums.failure_share),
                duration(sums.duration_us),
                duration(sums.mean_us),
            ]
        else:
            told = [
                count(sums.llm_calls),
                count(sums.tool_calls),
                count(sums.tool_failures),
                count(sums.tokens_in),
                count(sums.tokens_out),
                count(sums.tokens_cache_read + sums.tokens_cache_write),
            ]
        rows.add_row(name, count(sums.sessions), *told, total_cost(sums))
    console().print(rows)


def show_totals(sums: StatsTotals) -> None:
    """Write the sums, a line for each subject."""
    unpriced = (
        f"; {sums.unpriced_calls:,} calls with {count(sums.unpriced_tokens)} tokens unpriced"
        if sums.unpriced_calls
        else ""
    )
    success = (
        f", {cost(sums.cost_per_success_usd, sums.unpriced_calls)} a session that did not fail"
        if sums.cost_per_success_usd is not None
        else ""
    )
    lines = {
        "sessions": (
            f"{sums.sessions:,}: {sums.sessions_completed:,} completed, {sums.sessions_failed:,} failed"
        ),
        "turns": f"{sums.turns:,}",
        "ops": f"{sums.ops:,}: {sums.llm_calls:,} model calls, {sums.tool_calls:,} tool calls",
        "failures": (
            f"{sums.failures:,} ({_percent(sums.failure_share)} of ops), {sums.tool_failures:,} of tools"
        ),
        "tokens": (
            f"{count(sums.tokens_in)} in, {count(sums.tokens_cache_read)} cache read, "
            f"{count(sums.tokens_cache_write)} cache write, {count(sums.tokens_out)} out "
            f"({count(sums.tokens_reasoning)} of it reasoning)"
        ),
        "cache": f"{_percent(sums.cache_hit_share)} of the input was read from it",
        "cost": f"{total_cost(sums)}{success}{unpriced}",
        "calls": (
            f"models {duration(sums.llm_duration_us)}, tools {duration(sums.tool_duration_us)}, end to end"
        ),
    }
    if sums.time is not None:
        lines["time"] = f"{duration(sums.busy_us)} busy; {_spent(sums.time)}"
    lines["context"] = f"{count(sums.context_peak)} tokens at most"
    lines["from to"] = f"{moment(sums.first_at)} to {moment(sums.last_at)}"
    out = console()
    for name, told in lines.items():
        out.print(f"{name:8} {told}", soft_wrap=True)


def show_failures(answer: Failures) -> None:
    """Write the groups of failures, one line each, and where the newest of each is."""
    rows = table(">count", "recovered", "last", "tool", "message*", "newest")
    now = time.time()
    for group in answer.groups:
        newest = group.examples[0]
        rows.add_row(
            f"{group.count:,}",
            _percent(group.recovered / group.count),
            ago(group.last_at, now).removesuffix(" ago"),
            Text((group.name or group.kind.value)[:16]),
            Text(group.signature or group.error_class or ""),
            f"{short(newest.session.id)} #{newest.seq}",
        )
    out = console()
    out.print(rows)
    out.print(
        f"{answer.failures:,} failures in {answer.sessions:,} sessions, "
        f"{answer.recovered:,} of them recovered from"
    )
    if answer.total > len(answer.groups):
        out.print(f"{len(answer.groups):,} of {answer.total:,} groups; --limit shows more")


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


def _started(detail: SessionDetail) -> str:
    names = [(child.title or child.agent or child.id)[:60] for child in detail.children]
    more = detail.session.children - len(names)
    return ", ".join([*names, *([f"{more:,} more"] if more else [])])


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
        f"{total_cost(own)} of {total_cost(tree)}; "
        f"work of all {work}{side_by_side}"
    )


def _tokens(totals: Totals) -> int:
    return totals.tokens_in + totals.tokens_out + totals.tokens_cache_read + totals.tokens_cache_write


def _state(session: SessionRow) -> str:
    """Name a session's state: one that its source never ended is active or idle."""
    if session.status is not SessionStatus.RUNNING:
        return session.status.value
    return "active" if session.active else "idle"


def _percent(share: float | None) -> str:
    return MISSING if share is None else f"{share:.0%}"


def _status(name: str) -> Text:
    return Text(name, style=STYLES.get(name, ""))
