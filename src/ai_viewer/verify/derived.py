"""What derives from a session's ops, computed again op by op, without a sum of SQLite's."""

from __future__ import annotations

from collections import defaultdict
from typing import Any, TypeAlias

from ai_viewer.model import OpKind, OpStatus, SessionFacts, Timing, Usage
from ai_viewer.pricing import Prices
from ai_viewer.store.scan import Scan
from ai_viewer.verify.report import Findings, Place
from ai_viewer.verify.times import WORKING, Spans, check_times, note_span
from ai_viewer.verify.words import check_passages, message

Row: TypeAlias = dict[str, Any]
"""A row of the store by its columns' names."""

TOKENS = (
    "tokens_in", "tokens_out", "tokens_reasoning", "tokens_cache_read", "tokens_cache_write_5m",
    "tokens_cache_write_1h",
)  # fmt: skip
SUMS = (
    "ops", "llm_calls", "tool_calls", "tool_failures", "failures", "replays", *TOKENS, "cost_nano",
    "unpriced_calls",
)  # fmt: skip
"""What turns and sessions sum up."""
QUARTER_US = 900_000_000
_ROLLUP_KEY = ("turn", "quarter", "kind", "name", "namespace", "model", "provider")


def check_session(scan: Scan, session: int, prices: Prices, findings: Findings) -> None:
    """Check all that derives from one session's ops, turns and facts, and by ``prices``."""
    row = scan.session(session)
    if row is None:  # deleted meanwhile
        return
    name = f"{row['format']}:{row['native_id']}"
    facts = scan.facts(session)
    owner = next((fact for fact in facts if fact["file_id"] == row["owner_file"]), None)
    place = Place(
        format=row["format"],
        session=name,
        root=owner["root"] if owner else "",
        path=owner["path"] if owner else "",
    )
    _check_owner(row, facts, place, findings)
    _check_facts(row, facts, place, findings)
    turns = {turn["turn"]: turn for turn in scan.turns(session)}
    sums: dict[int, Row] = {number: _nothing() for number in turns}
    rollup: dict[tuple[object, ...], Row] = {}
    replays: dict[int, bool] = {}
    children = scan.children(session)
    spans: dict[int, Spans] = defaultdict(dict)
    errors: dict[int, str] = {}
    for op in scan.ops(session):
        what = f"op {op['seq']} of turn {op['turn']}"
        replays[op["seq"]] = bool(op["replay"])
        _check_duration(op, what, place, findings)
        _check_replay(scan, op, replays, what, place, findings)
        _check_price(op, prices, what, place, findings)
        _check_link(scan, op, children, what, place, findings)
        _sum_up(sums.setdefault(op["turn"], _nothing()), op)
        note_span(spans[op["turn"]], op)
        errors[op["seq"]] = message(op)
        if not op["replay"]:
            _roll_up(rollup, op, turns.get(op["turn"]))
    for number, turn in turns.items():
        _check_duration(turn, f"turn {number}", place, findings)
        for column, value in sums[number].items():
            findings.compare("turn", place, f"{column} of turn {number}", value, turn[column])
    _check_totals(row, turns, place, findings)
    check_passages(scan, row, list(turns.values()), errors, place, findings)
    _check_rollup(scan, session, rollup, place, findings)
    check_times(row, list(turns.values()), spans, place, findings)


# --- facts ---


def _check_owner(row: Row, facts: list[Row], place: Place, findings: Findings) -> None:
    """The best file with content owns the session, unless it is waiting to be read again."""
    telling = [fact for fact in facts if fact["content"]]
    telling.sort(key=lambda fact: (fact["missing"], fact["rank"], fact["path"], fact["root"]))
    findings.checked["owner"] += 1
    if row["owner_file"] is None:
        if any(fact["adapter_version"] >= 0 for fact in telling):
            findings.differ("owner", place, "owner", telling[0]["path"], "none")
        return
    for fact in telling:
        if fact["file_id"] == row["owner_file"]:
            return
        if fact["adapter_version"] >= 0:
            findings.differ("owner", place, "owner", fact["path"], place.path)
            return
    findings.differ("owner", place, "owner", "a file that tells its turns", place.path)


def _check_facts(row: Row, facts: list[Row], place: Place, findings: Findings) -> None:
    """Of each fact, the best file's holds; parent and op are of the best that tells both, if any does."""
    facts = sorted(facts, key=lambda fact: (fact["rank"], fact["missing"], fact["path"], fact["root"]))
    both = [fact for fact in facts if None not in (fact["parent_id"], fact["parent_op"])]
    for field in SessionFacts.__struct_fields__:
        column = "parent_id" if field == "parent" else field
        telling = both if both and field in {"parent", "parent_op"} else facts
        told = [fact[column] for fact in telling if fact[column] is not None]
        value = told[0] if told else {"kind": "root", "status": "running"}.get(column)
        if column == "parent_id" and value == row["id"]:
            value = None
        findings.compare("facts", place, column, value, row[column])


def _check_link(
    scan: Scan, op: Row, children: dict[str, str], what: str, place: Place, findings: Findings
) -> None:
    """An op that ran a session names it, and the session is there.

    ``children`` are the sessions that name this one as their parent, by the op they name.
    """
    named = children.get(op["native_id"] or "") if op["kind"] == OpKind.SESSION else None
    if op["child_id"] is None:
        if named is not None:
            findings.compare("link", place, f"session that {what} ran", named, None)
        return
    child = scan.session(op["child_id"])
    findings.compare("link", place, f"session that {what} ran is there", True, child is not None)


# --- ops ---


def _check_duration(row: Row, what: str, place: Place, findings: Findings) -> None:
    start, end = row["start_ts"], row["end_ts"]
    known = start is not None and end is not None and end >= start
    findings.compare("duration", place, what, end - start if known else None, row["duration_us"])


def _check_replay(
    scan: Scan, op: Row, replays: dict[int, bool], what: str, place: Place, findings: Findings
) -> None:
    """One op stands for a model call; its parts, and those of its copies, go with it."""
    if op["call"] is None:
        of_copy = replays.get(op["parent_seq"], False)
        findings.compare("replay", place, what, bool(op["copied"] or of_copy), bool(op["replay"]))
        return
    copies = scan.copies(op["call"])
    own = [copy for copy in copies if not copy["copied"]]
    originals = [copy for copy in copies if not copy["replay"]]
    findings.checked["replay"] += 1
    if own:
        if len(originals) != 1:
            findings.differ("replay", place, f"{what}: ops that count for its call", 1, len(originals))
        elif originals[0]["copied"]:
            findings.differ("replay", place, f"{what}: op that counts", "one that is no copy", "a copy")
        elif originals[0] != min(own, key=_age):
            findings.differ("replay", place, f"{what}: op that counts", "the earliest", "a later one")
    elif len(originals) > 1:
        findings.differ(
            "replay", place, f"{what}: copies that count for its call", "at most 1", len(originals)
        )


def _age(op: Row) -> tuple[bool, int, str, int]:
    """Copies keep their times; then the names decide, so that the order of reading does not."""
    return op["start_ts"] is None, op["start_ts"] or 0, op["native_id"], op["seq"]


def _check_price(op: Row, prices: Prices, what: str, place: Place, findings: Findings) -> None:
    """What is priced costs what the prices say now; what has no price has none now."""
    if op["cost_source"] == "recorded" or op["tokens_in"] is None:
        return
    usage = Usage(*(op[column] or 0 for column in TOKENS))
    quote = prices(op["provider"], op["model"], op["start_ts"], usage, op["tier"], op["web_searches"])
    findings.compare(
        "price", place, f"cost of {what}", (quote.cost, quote.source), (op["cost_nano"], op["cost_source"])
    )


# --- sums ---


def _nothing() -> Row:
    return {
        "first_seq": None,
        "last_seq": None,
        **dict.fromkeys(SUMS, 0),
        "context_peak": 0,
    }


def _is_unpriced(op: Row) -> bool:
    return op["kind"] == OpKind.LLM and op["cost_nano"] is None and op["tokens_in"] is not None


def _sum_up(sums: Row, op: Row) -> None:
    if sums["first_seq"] is None:
        sums["first_seq"] = op["seq"]
    sums["last_seq"] = op["seq"]
    if op["replay"]:
        sums["replays"] += 1
        return
    failed = op["status"] == OpStatus.FAILED
    sums["ops"] += 1
    sums["failures"] += failed
    if op["kind"] == OpKind.LLM:
        sums["llm_calls"] += 1
        sums["unpriced_calls"] += _is_unpriced(op)
    if op["kind"] == OpKind.TOOL:
        sums["tool_calls"] += 1
        sums["tool_failures"] += failed
    for column in (*TOKENS, "cost_nano"):
        sums[column] += op[column] or 0
    sums["context_peak"] = max(sums["context_peak"], op["context_used"] or 0)


def _check_totals(row: Row, turns: dict[int, Row], place: Place, findings: Findings) -> None:
    """A turn of nothing but replays is another session's: it is no turn of this one."""
    own = [turn for turn in turns.values() if turn["ops"] or not turn["replays"]]
    totals: Row = {column: sum(turn[column] for turn in turns.values()) for column in SUMS}
    totals["turns"] = sum(turn["turn"] > 0 for turn in own)
    totals["context_peak"] = max((turn["context_peak"] for turn in turns.values()), default=0)
    totals["busy_us"] = sum(turn[column] for turn in turns.values() for column in WORKING)
    for column, value in totals.items():
        findings.compare("session", place, column, value, row[column])


def _roll_up(rollup: dict[tuple[object, ...], Row], op: Row, turn: Row | None) -> None:
    times = (op["start_ts"], op["end_ts"], turn["start_ts"] if turn is not None else None)
    at = next((time for time in times if time is not None), None)
    quarter = -1 if at is None else at // QUARTER_US
    names = (op[column] or "" for column in ("name", "namespace", "model", "provider"))
    sums = rollup.setdefault((op["turn"], quarter, op["kind"], *names), defaultdict(int))
    tokens = sum(op[column] or 0 for column in TOKENS if column != "tokens_reasoning")
    unpriced = _is_unpriced(op)
    sums["ops"] += 1
    sums["failures"] += op["status"] == OpStatus.FAILED
    for column in (*TOKENS, "cost_nano"):
        sums[column] += op[column] or 0
    sums["unpriced_calls"] += unpriced
    if unpriced:
        sums["unpriced_tokens"] += tokens
    if op["start_ts"] is not None and op["end_ts"] is not None and op["end_ts"] >= op["start_ts"]:
        duration = op["end_ts"] - op["start_ts"]
        sums["timed"] += op["timing"] != Timing.POINT
        sums["duration_us"] += duration
        sums["duration_max"] = max(sums["duration_max"], duration)
    sums["context_peak"] = max(sums["context_peak"], op["context_used"] or 0)
    if op["context_used"] and op["context_max"]:
        sums["context_share"] = max(sums["context_share"], op["context_used"] * 1000 // op["context_max"])
    sums["tokens_max"] = max(sums["tokens_max"], tokens)
    sums["cost_max"] = max(sums["cost_max"], op["cost_nano"] or 0)


def _check_rollup(
    scan: Scan, session: int, truth: dict[tuple[object, ...], Row], place: Place, findings: Findings
) -> None:
    stored = {tuple(row[column] for column in _ROLLUP_KEY): row for row in scan.rollup(session)}
    for key in sorted(truth.keys() | stored.keys(), key=repr):
        what = f"sums of {dict(zip(_ROLLUP_KEY, key, strict=True))}"
        sums, row = truth.get(key), stored.get(key)
        if sums is None or row is None:
            findings.checked["rollup"] += 1
            findings.differ(
                "rollup",
                place,
                what,
                "none" if sums is None else dict(sums),
                "none" if row is None else "a row",
            )
            continue
        expected = {
            column: sums.get(column, 0) for column in row if column not in ("session_id", *_ROLLUP_KEY)
        }
        findings.compare("rollup", place, what, expected, {column: row[column] for column in expected})
