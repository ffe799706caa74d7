"""What keeps failing: failed ops, grouped by what is the same about them.

    Edit  tool_error  File /home/dev/a.py has not been read yet    ┐ Edit  tool_error
    Edit  tool_error  File /home/dev/b.py has not been read yet    ┘ "File … has not been read yet"

A failure is recovered from if the same tool, or any model call, later succeeded in the same
session.
"""

from __future__ import annotations

import functools
import hashlib
import re
from collections.abc import Iterable
from typing import Any

import apsw
import msgspec

from ai_viewer.model import Micros, OpKind
from ai_viewer.store import cursors
from ai_viewer.store.cursors import Int64
from ai_viewer.store.durations import OP_TIME, op_conditions
from ai_viewer.store.rows import Record, records, usd
from ai_viewer.store.sums import Work, choose, part_bindings, quarter_bindings
from ai_viewer.store.top import MESSAGE_LENGTH, links
from ai_viewer.store.views_stats import FailureExample, FailureGroup, Failures

EXAMPLES = 3
"""Examples of a group."""
SIGNATURE_LENGTH = 200
TREND_STEPS = 30

_DETAILS = re.compile(
    r"""
      (?P<kept> \b(?:code|status|error|errno|signal|http|exit)\b [\s:=(#]* -? \d{1,5}\b )
    | [a-z][a-z0-9+.-]*://[^\s'"`<>)\]]+                        # an address
    | (?<![\w<]) (?: ~ | \.{1,2} | [a-z]: )? (?: [/\\] [\w.@+%$~-]+ )+ [/\\]?      # a path
    | "[^"\n]*" | `[^`\n]*` | (?<!\w)'[^'\n]*'(?!\w)            # something quoted
    | \b[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}\b           # a UUID
    | \b[a-z]{2,12}_(?=\w*\d)\w{8,}\b                           # an id: req_01ab…
    | \b(?=[a-f]*\d)[0-9a-f]{7,}\b                              # a hash
    | \d+(?:[.,:]\d+)*                                          # a number, a time
    """,
    re.VERBOSE | re.IGNORECASE,
)
_JSON_MESSAGE = re.compile(r'"message"\s*:\s*"([^"]+)"')
_DECORATION = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]|[\u2500-\u259f]|[=*#_~-]{3,}|^\s+|\s+$")
"""Colours, frames and rules."""
_LETTER = re.compile(r"[^\W\d_]")
_BLANKS = re.compile(r"\s+")

_RECOVERIES = """
    SELECT session_id, kind, name, (
        SELECT later.seq FROM op AS later
        WHERE later.session_id = f.session_id AND later.seq > f.first AND later.kind = f.kind
          AND (f.kind = 'llm' OR later.name IS f.name) AND later.status = 'completed' AND NOT later.replay
        ORDER BY later.seq DESC LIMIT 1
    ) AS last
    FROM (SELECT session_id, kind, name, min(seq) AS first FROM failed GROUP BY 1, 2, 3) AS f
"""
"""The last success of each session's failed tools: a few looks from the session's end backwards."""


class _Position(msgspec.Struct, frozen=True, array_like=True):
    """Behind which group a page begins."""

    count: Int64
    key: str


class _Group:
    """Failures that are the same but for details."""

    def __init__(self, first: Record, signature: str, key: str) -> None:
        self.first = first
        self.signature = signature
        self.key = key
        self.failures: list[Record] = []
        self.recovered = 0

    @property
    def times(self) -> list[Micros]:
        """When they were, as far as that is known."""
        return [failure["at"] for failure in self.failures if failure["at"] is not None]

    def view(self, newest: list[Record], linked: dict[int, Any], whole: _Span) -> FailureGroup:
        times = self.times
        return FailureGroup(
            key=self.key,
            kind=OpKind(self.first["kind"]),
            name=self.first["name"],
            error_class=self.first["error_class"],
            signature=self.signature,
            count=len(self.failures),
            recovered=self.recovered,
            sessions=len({failure["session_id"] for failure in self.failures}),
            first_at=min(times, default=None),
            last_at=max(times, default=None),
            cost_usd=_cost(self.failures),
            trend=whole.trend(times),
            examples=[
                FailureExample(
                    session=linked[failure["session_id"]],
                    turn=failure["turn"],
                    seq=failure["seq"],
                    at=failure["at"],
                    message=failure["message"],
                    recovered=failure["recovered"],
                )
                for failure in newest
            ],
        )

    def newest(self, most: int) -> list[Record]:
        """The failures to show as examples."""
        order = sorted(
            self.failures,
            key=lambda failure: (failure["at"] or 0, failure["session_id"], failure["seq"]),
            reverse=True,
        )
        return order[:most]


class _Span(msgspec.Struct, frozen=True):
    """From the first failure to the last."""

    first: Micros | None
    last: Micros | None

    def trend(self, times: Iterable[Micros]) -> list[int]:
        """How many of ``times`` are in each step."""
        counts = [0] * TREND_STEPS
        if self.first is not None and self.last is not None:
            width = self.last - self.first + 1
            for at in times:
                counts[(at - self.first) * TREND_STEPS // width] += 1
        return counts


def failures(
    connection: apsw.Connection,
    work: Work,
    *,
    group: str | None = None,
    examples: int = EXAMPLES,
    cursor: str | None = None,
    limit: int = 50,
) -> Failures:
    """Return a page of the groups of failures in ``work``, the most frequent first.

    ``group`` is the key of the only one to return; ``examples`` are shown of each.

    Raises:
        cursors.CursorError: if ``cursor`` is not one of a page of this question.
    """
    place = None if cursor is None else cursors.decode(cursor, work, _Position)
    groups = _groups(connection, work)
    if group is not None:
        groups = [one for one in groups if one.key == group]
    groups.sort(key=lambda one: (-len(one.failures), one.key))
    times = [at for one in groups for at in one.times]
    whole = _Span(min(times, default=None), max(times, default=None))
    rest = groups
    if place is not None:
        rest = [one for one in groups if (-len(one.failures), one.key) > (-place.count, place.key)]
    shown = rest[:limit]
    more = len(rest) > limit
    last = _Position(len(shown[-1].failures), shown[-1].key) if more else None
    newest = {one.key: one.newest(examples) for one in shown}
    linked = links(connection, (failure["session_id"] for some in newest.values() for failure in some))
    return Failures(
        groups=[one.view(newest[one.key], linked, whole) for one in shown],
        next=None if last is None else cursors.encode(work, last),
        total=len(groups),
        failures=sum(len(one.failures) for one in groups),
        recovered=sum(one.recovered for one in groups),
        sessions=len({failure["session_id"] for one in groups for failure in one.failures}),
        first_at=whole.first,
        last_at=whole.last,
        cost_usd=_cost([failure for one in groups for failure in one.failures]),
    )


def _cost(failed: Iterable[Record]) -> float:
    """What the model calls cost that failed, or that asked for what failed: each once."""
    calls = {
        (failure["session_id"], failure["call_seq"]): failure["cost_nano"]
        for failure in failed
        if failure["cost_nano"] is not None
    }
    return usd(sum(calls.values()))


@functools.lru_cache(maxsize=50_000)
def signature(message: str) -> str:
    r"""Return what a message says, without the details: of its first line that says anything.

    >>> signature("File /home/dev/a.py: line 12 has no 'x'")
    'File …: line … has no …'
    >>> signature("Exit code 127\nfrobnicate: command not found")
    'Exit code 127'
    """
    lines = (_DECORATION.sub("", line) for line in message.splitlines())
    first = next((line for line in lines if _LETTER.search(line)), "")
    if first.startswith("{") and (inner := _JSON_MESSAGE.search(first)):
        first = inner[1]
    told = _DETAILS.sub(lambda found: found["kept"] or "…", first)
    return _BLANKS.sub(" ", told).strip()[:SIGNATURE_LENGTH]


def _groups(connection: apsw.Connection, work: Work) -> list[_Group]:
    chosen, bindings = choose(connection, work)
    failed = f"""
        {chosen}, failed AS MATERIALIZED (
            SELECT r.session_id, r.turn, r.seq, r.kind, iif(r.kind = 'llm', NULL, r.name) AS name,
                r.error_class, substr(r.error_message, 1, {MESSAGE_LENGTH}) AS message, {OP_TIME} AS at,
                asked.seq AS call_seq, asked.cost_nano
            FROM op AS r INDEXED BY op_failed
            LEFT JOIN op AS asked ON asked.session_id = r.session_id AND asked.kind = 'llm'
                AND asked.seq = iif(r.kind = 'llm', r.seq, r.parent_seq) AND NOT asked.replay
            WHERE r.status = 'failed' AND {" AND ".join(op_conditions(work))}
        )
    """
    given = {**bindings, **quarter_bindings(work), **part_bindings(work)}
    last = {
        (record["session_id"], record["kind"], record["name"]): record["last"] or 0
        for record in records(connection, f"{failed} {_RECOVERIES}", given)
    }
    groups: dict[str, _Group] = {}
    for failure in records(connection, f"{failed} SELECT * FROM failed", given):
        told = signature(failure["message"] or "")
        key = _digest(failure["kind"], failure["name"], failure["error_class"], told)
        group = groups.get(key)
        if group is None:
            group = groups[key] = _Group(failure, told, key)
        succeeded = last[failure["session_id"], failure["kind"], failure["name"]]
        failure["recovered"] = succeeded > failure["seq"]
        group.recovered += failure["recovered"]
        group.failures.append(failure)
    return list(groups.values())


@functools.lru_cache(maxsize=50_000)
def _digest(*facts: str | None) -> str:
    return hashlib.blake2b(msgspec.json.encode(facts), digest_size=6).hexdigest()
