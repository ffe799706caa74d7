"""How values are spread: steps whose bounds grow threefold, and how many there are in each.

The bounds are the same for every question, so that two answers can be compared.
"""

from __future__ import annotations

import bisect
from collections.abc import Iterable, Sequence
from typing import Any

import apsw

from ai_viewer.store.durations import op_conditions
from ai_viewer.store.rows import records, usd
from ai_viewer.store.sums import Work, choose, part_bindings, quarter_bindings
from ai_viewer.store.views_stats import Distributions, Spread, SpreadStep
from ai_viewer.store.worked import Worked, narrowing

_MS = 1_000
_S = 1_000_000
_M = 60 * _S
_H = 60 * _M

DURATIONS = (
    0, _MS, 3 * _MS, 10 * _MS, 30 * _MS, 100 * _MS, 300 * _MS, _S, 3 * _S, 10 * _S, 30 * _S, _M, 3 * _M,
    10 * _M, 30 * _M, _H, 3 * _H, 10 * _H, 30 * _H, 100 * _H, 300 * _H, 1_000 * _H,
)  # fmt: skip
"""Microseconds."""
COSTS = (0, *(digit * 10**exponent for exponent in range(5, 13) for digit in (1, 3)))
"""Nano-dollars: from a hundredth of a cent to thousands of dollars."""
TOKENS = (0, *(digit * 10**exponent for exponent in range(2, 8) for digit in (1, 3)))


def distributions(connection: apsw.Connection, work: Work) -> Distributions:
    """Return how long the sessions of ``work`` were busy, what they cost and how full they became.

    The values are the whole sessions' own, whatever part of them is asked for.
    """
    narrowed = narrowing(connection, Worked(work=work))
    found = list(
        records(
            connection,
            f"SELECT busy_us, cost_nano, context_peak, unpriced_calls FROM session AS s WHERE {narrowed.sql}",
            narrowed.bindings,
        )
    )
    return Distributions(
        sessions=len(found),
        busy_us=spread((record["busy_us"] for record in found), DURATIONS),
        cost_usd=_dollars(spread((record["cost_nano"] for record in found), COSTS)),
        context_peak=spread((record["context_peak"] for record in found), TOKENS),
        unpriced=sum(record["unpriced_calls"] > 0 for record in found),
    )


def of_calls(connection: apsw.Connection, work: Work) -> Spread:
    """Return how long the calls of ``work`` took; those of one instant are left out."""
    chosen, bindings = choose(connection, work)
    given: dict[str, Any] = {**bindings, **quarter_bindings(work), **part_bindings(work)}
    sql = f"""
        {chosen} SELECT r.duration_us FROM op AS r
        WHERE {" AND ".join(op_conditions(work))} AND r.duration_us IS NOT NULL AND r.timing <> 'point'
    """
    return spread((value for (value,) in connection.execute(sql, given)), DURATIONS)


def spread(values: Iterable[int], bounds: Sequence[int]) -> Spread:
    """Return how many values lie between each two bounds; those of 0 are told apart.

    Steps below the first and above the last value are left out.

    >>> [(step.low, step.high, step.n) for step in spread([0, 5, 30, 31], [0, 10, 30, 90]).steps]
    [(0, 10, 1), (10, 30, 0), (30, 90, 2)]
    """
    counts = [0] * len(bounds)
    none = 0
    for value in values:
        if value > 0:
            counts[bisect.bisect_right(bounds, value) - 1] += 1
        else:
            none += 1
    used = [place for place, n in enumerate(counts) if n]
    shown = range(used[0], used[-1] + 1) if used else range(0)
    return Spread(
        none=none,
        steps=[
            SpreadStep(
                low=bounds[place],
                high=bounds[place + 1] if place + 1 < len(bounds) else None,
                n=counts[place],
            )
            for place in shown
        ],
    )


def _dollars(found: Spread) -> Spread:
    return Spread(
        none=found.none,
        steps=[
            SpreadStep(
                low=usd(int(step.low)), high=None if step.high is None else usd(int(step.high)), n=step.n
            )
            for step in found.steps
        ],
    )
