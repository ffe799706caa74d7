"""What is worth a look in a session: stalls, loops, retries, a full context, and its extremes.

Each rule looks at a session's ops in order of their seq, or at its turns, and returns at most one
finding: the worst case, and how many there are. Copies of another session's work are not looked at.
"""

from __future__ import annotations

import enum
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

import msgspec

from ai_viewer.model import Micros, OpKind, OpStatus

STALL_US = 5 * 60 * 1_000_000
"""A model call or tool that takes longer stalls the session."""
REPEATS = 3
"""So many calls of one tool with the same input in one turn are a loop."""
RETRIES = 2
"""So many failures of one tool, or of model calls, in a row are retries."""
FULL_SHARE = 0.8
"""A context window fuller than this is nearly full."""
MISSES = 3
"""So many model calls in a row that find little of the cache are a burst."""
_CACHED_TOKENS = 2_000
"""With less in the cache a miss costs nothing worth telling; prompts below 1,024 are not cached at all."""


class FindingKind(enum.StrEnum):
    """The rules, what calls for a look most first."""

    ORPHAN = "orphan"
    RETRIES = "retries"
    REPEATED_CALL = "repeated_call"
    STALL = "stall"
    CONTEXT = "context"
    CACHE_MISSES = "cache_misses"
    PRICIEST_TURN = "priciest_turn"
    SLOWEST_TOOL = "slowest_tool"
    LONGEST_WAIT = "longest_wait"


class Op(NamedTuple):
    """An op, as far as the rules look at it; ``input`` names what it was called with, if that is known."""

    seq: int
    turn: int
    kind: str
    status: str
    name: str | None
    model: str | None
    duration: Micros | None
    cost: int | None
    fresh: int
    """Tokens of input that were not read from the cache, those written to it among them."""
    cached: int
    """Tokens of input that were read from the cache."""
    written: int
    """Tokens of the fresh input that were written to the cache, where the provider tells that."""
    context_used: int | None
    context_max: int | None
    input: int | None = None


class Turn(NamedTuple):
    """A turn, as far as the rules look at it."""

    turn: int
    cost: int
    wait: Micros


class Finding(msgspec.Struct, frozen=True):
    """The worst case of a rule, where it is, and its numbers as far as they apply.

    ``count`` is how many cases there are, or how many calls the case has (`RETRIES`, `REPEATED_CALL`,
    `CACHE_MISSES`). ``cost`` is in nano-dollars.
    """

    kind: FindingKind
    turn: int
    seq: int | None
    count: int
    name: str | None = None
    duration: Micros | None = None
    cost: int | None = None
    tokens: int | None = None
    share: float | None = None


def find(ops: Sequence[Op], turns: Sequence[Turn]) -> list[Finding]:
    """Return what the rules find, what calls for a look most first."""
    by_turn: dict[int, list[Op]] = defaultdict(list)
    for op in ops:
        by_turn[op.turn].append(op)
    found = (
        retries(by_turn),
        repeated_call(by_turn),
        stall(ops),
        full_context(ops),
        cache_misses(ops),
        priciest_turn(turns),
        slowest_tool(ops),
        longest_wait(turns),
    )
    return [finding for finding in found if finding is not None]


def stall(ops: Iterable[Op]) -> Finding | None:
    """Return the longest model call or tool of those that took longer than `STALL_US`."""
    found = [
        (op.duration, op)
        for op in ops
        if op.kind in {OpKind.LLM, OpKind.TOOL} and op.duration is not None and op.duration > STALL_US
    ]
    if not found:
        return None
    duration, op = max(found, key=lambda pair: pair[0])
    return Finding(FindingKind.STALL, op.turn, op.seq, len(found), _name(op), duration=duration)


def repeated_call(by_turn: Mapping[int, Iterable[Op]]) -> Finding | None:
    """Return the call that one turn made most often with the same input; its last call is linked."""
    best: list[Op] = []
    for ops in by_turn.values():
        same: dict[tuple[str | None, int], list[Op]] = defaultdict(list)
        for op in ops:
            if op.kind == OpKind.TOOL and op.input is not None:
                same[op.name, op.input].append(op)
        best = max([best, *same.values()], key=len)
    if len(best) < REPEATS:
        return None
    return Finding(FindingKind.REPEATED_CALL, best[-1].turn, best[-1].seq, len(best), best[-1].name)


def retries(by_turn: Mapping[int, Iterable[Op]]) -> Finding | None:
    """Return the costliest chain of failures of one tool, or of model calls, within a turn.

    Its cost is that of the model calls behind the first failure, up to the last attempt: what was
    asked again because of it. ``count`` is the number of failures.
    """
    chains = [chain for ops in by_turn.values() for chain in _chains(ops)]
    if not chains:
        return None
    first, failures, cost = max(chains, key=lambda chain: (chain[2], chain[1]))
    return Finding(FindingKind.RETRIES, first.turn, first.seq, failures, _name(first), cost=cost)


def _chains(ops: Iterable[Op]) -> Iterator[tuple[Op, int, int]]:
    """A turn's chains: the first failure, how many there are, and the cost of trying again."""
    open_chains: dict[tuple[str, str | None], tuple[Op, int, int, int]] = {}
    spent = 0
    for op in ops:
        if op.kind == OpKind.LLM:
            spent += op.cost or 0
        if op.kind not in {OpKind.LLM, OpKind.TOOL} or op.status == OpStatus.RUNNING:
            continue
        tried = (op.kind, None if op.kind == OpKind.LLM else op.name)
        if tried in open_chains:
            first, failures, before, _ = open_chains[tried]
            open_chains[tried] = (first, failures + (op.status == OpStatus.FAILED), before, spent)
            if op.status != OpStatus.FAILED:
                first, failures, before, until = open_chains.pop(tried)
                if failures >= RETRIES:
                    yield first, failures, until - before
        elif op.status == OpStatus.FAILED:
            open_chains[tried] = (op, 1, spent, spent)
    for first, failures, before, until in open_chains.values():
        if failures >= RETRIES:
            yield first, failures, until - before


def full_context(ops: Iterable[Op]) -> Finding | None:
    """Return the call that filled its context window most, of those above `FULL_SHARE`."""
    shares = [
        (op.context_used / op.context_max, op)
        for op in ops
        if op.kind == OpKind.LLM and op.context_used is not None and op.context_max
    ]
    full = [pair for pair in shares if pair[0] > FULL_SHARE]
    if not full:
        return None
    share, op = max(full, key=lambda pair: pair[0])
    return Finding(
        FindingKind.CONTEXT, op.turn, op.seq, len(full), op.model, tokens=op.context_used, share=share
    )


def cache_misses(ops: Iterable[Op]) -> Finding | None:
    """Return the burst of calls that had to send most tokens anew though a cache had been filled.

    A call misses if it read less than half of what the last one that did not miss, of the same model,
    had read from the cache and written to it. A compaction empties the cache.
    """
    filled: dict[str | None, int] = {}
    bursts: dict[str | None, list[Op]] = {}
    worst: list[Op] = []
    for op in ops:
        if op.kind == OpKind.COMPACTION:
            filled, bursts = {}, {}
        if op.kind != OpKind.LLM or op.context_used is None:
            continue
        expected = filled.get(op.model, 0)
        if expected >= _CACHED_TOKENS and op.cached < expected / 2:
            burst = bursts.setdefault(op.model, [])
            burst.append(op)
            if len(burst) >= MISSES:
                worst = max(worst, burst, key=_anew)
            continue
        bursts.pop(op.model, None)
        filled[op.model] = op.cached + op.written
    if not worst:
        return None
    cost = sum(op.cost or 0 for op in worst)
    return Finding(
        FindingKind.CACHE_MISSES, worst[0].turn, worst[0].seq, len(worst), worst[0].model,
        cost=cost, tokens=_anew(worst),
    )  # fmt: skip


def _anew(calls: Iterable[Op]) -> int:
    return sum(op.fresh for op in calls)


def slowest_tool(ops: Iterable[Op]) -> Finding | None:
    """Return the tool call that took longest, if there is another to compare it with."""
    timed = [(op.duration, op) for op in ops if op.kind == OpKind.TOOL and op.duration]
    if len(timed) < 2:
        return None
    duration, op = max(timed, key=lambda pair: pair[0])
    return Finding(FindingKind.SLOWEST_TOOL, op.turn, op.seq, len(timed), op.name, duration=duration)


def priciest_turn(turns: Iterable[Turn]) -> Finding | None:
    """Return the turn that cost most, if there is another to compare it with."""
    priced = [turn for turn in turns if turn.cost]
    if len(priced) < 2:
        return None
    best = max(priced, key=lambda turn: turn.cost)
    return Finding(FindingKind.PRICIEST_TURN, best.turn, None, len(priced), cost=best.cost)


def longest_wait(turns: Iterable[Turn]) -> Finding | None:
    """Return the turn before which the agent waited longest for its human."""
    waits = [turn for turn in turns if turn.wait]
    if not waits:
        return None
    best = max(waits, key=lambda turn: turn.wait)
    return Finding(FindingKind.LONGEST_WAIT, best.turn, None, len(waits), duration=best.wait)


def _name(op: Op) -> str | None:
    return op.model if op.kind == OpKind.LLM else op.name
