"""Which sessions did some work: the rows behind a number of the statistics."""

from __future__ import annotations

from typing import Any

import apsw
import msgspec

from ai_viewer.store.sessions import Narrowing, SessionFilter
from ai_viewer.store.sums import (
    TURN_HAS_WORK,
    Work,
    choose,
    hour_of_week_key,
    part_bindings,
    quarter_bindings,
    row_conditions,
)
from ai_viewer.store.zones import QUARTER_US, Zone

HOURS_OF_WEEK = 168


class Worked(msgspec.Struct, frozen=True, kw_only=True):
    """Sessions with work: those that a sum over ``work`` counts as its ``sessions``.

    ``hour`` is an hour of the week, from 0 (Monday's first) to 167, by the clock of ``tz``; ``failures``
    and ``unpriced`` ask for a failed op, or for a call without a price, among that work.
    """

    work: Work = Work()
    hour: int | None = None
    tz: str = "UTC"
    failures: bool = False
    unpriced: bool = False

    @property
    def anything(self) -> bool:
        """Whether it asks for anything beyond the sessions themselves."""
        bare = msgspec.structs.replace(self.work, sessions=SessionFilter())
        return self != Worked(work=self.work, tz=self.tz) or bare != Work()


def narrowing(connection: apsw.Connection, worked: Worked) -> Narrowing:
    """Return the condition that a session did such work."""
    work = worked.work
    chosen, bindings = choose(connection, work)
    given: dict[str, Any] = {**bindings, **quarter_bindings(work), **part_bindings(work)}
    where = row_conditions(work)
    timed = work.bounded
    if worked.hour is not None:
        where.append(f"{hour_of_week_key(Zone(worked.tz)).sql} = :hour_of_week")
        given["hour_of_week"] = worked.hour
        timed = True
    of_work = [*where]
    if worked.failures:
        of_work.append("r.failures > 0")
    if worked.unpriced:
        of_work.append("r.unpriced_calls > 0")
    whole = not (work.partial or worked.failures or worked.unpriced)
    if whole and not timed:
        arms = ["SELECT id FROM chosen"]
    else:
        arms = [f"SELECT r.session_id FROM rollup AS r WHERE {' AND '.join(of_work)}"]
    if whole and timed:
        turns = (
            "(SELECT session_id, ops, replays,"
            f" coalesce(start_ts, end_ts) / {QUARTER_US} AS quarter FROM turn) AS r"
        )
        arms.append(f"SELECT r.session_id FROM {turns} WHERE {' AND '.join([*where, TURN_HAS_WORK])}")
    return Narrowing(
        worked,
        f"s.id IN ({chosen}, worked (id) AS ({' UNION '.join(arms)})"
        " SELECT chosen.id FROM chosen JOIN worked USING (id))",
        given,
    )
