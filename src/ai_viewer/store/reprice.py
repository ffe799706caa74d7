"""Price all calls anew: after an update of the price list, or a change of the user's own prices.

What the source recorded stands. The work is done session by session in transactions of bounded
size; each leaves totals, rollups and notices right and remembers how far it came, so that a run
that was interrupted is gone on with.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from pathlib import Path
from typing import TypeAlias

import msgspec

from ai_viewer.store import database
from ai_viewer.store.derive import Touched, derive
from ai_viewer.store.price import OP_COLUMNS, RECORDED, Pricer, note_prices, priced, store_price
from ai_viewer.store.rows import usd
from ai_viewer.store.views import View
from ai_viewer.store.write import Writer

OPS_A_TRANSACTION = 5_000
"""After as many calls a transaction ends with the session it is in."""


class RepricedModel(View, frozen=True, kw_only=True):
    """What became of one model's calls, copies left out.

    ``calls`` is how many there are with tokens and without a recorded cost. Of them, ``changed`` cost
    something else now: ``old_cost_usd`` and ``new_cost_usd`` are of these; ``newly_priced`` had no
    price and ``newly_unpriced`` have none any more.
    """

    provider: str | None
    model: str | None
    calls: int
    changed: int
    newly_priced: int
    newly_unpriced: int
    old_cost_usd: float
    new_cost_usd: float


class Repriced(View, frozen=True, kw_only=True):
    """What a run of `reprice` did. ``resumed``: an earlier one was interrupted and had done the rest.

    ``calls`` are all that were looked at, those with a recorded cost and copies too.

    ``models`` are those of which any call changed, by the difference in cost, largest first.
    """

    prices: str
    resumed: bool
    sessions: int
    calls: int
    models: list[RepricedModel]


_Name: TypeAlias = tuple[str | None, str | None]
"""Provider and model."""


class _Changes(msgspec.Struct):
    """A model's calls so far; costs in nano-dollars."""

    calls: int = 0
    changed: int = 0
    newly_priced: int = 0
    newly_unpriced: int = 0
    old: int = 0
    new: int = 0

    def count(self, old: int | None, new: int | None) -> None:
        self.calls += 1
        if old != new:
            self.changed += 1
            self.newly_priced += old is None
            self.newly_unpriced += new is None
            self.old += old or 0
            self.new += new or 0


def reprice_store(path: Path, prices: Pricer, report: Callable[[int], None] = lambda _: None) -> Repriced:
    """Price all calls of the store at ``path``; see `reprice`.

    Raises:
        StoreLockedError: if another process writes the store.
        StoreError: if it cannot be opened.
    """
    with database.writer_lock(path), contextlib.closing(database.open_writer(path)) as connection:
        return reprice(Writer(connection, prices), report)


def reprice(
    writer: Writer, report: Callable[[int], None] = lambda _: None, *, bound: int = OPS_A_TRANSACTION
) -> Repriced:
    """Price all calls of the store by the writer's prices. Use it within `database.writer_lock`.

    ``report`` is told after each transaction how many calls have been looked at.
    """
    connection = writer.connection
    name = writer.price.fingerprint
    with connection:
        note_prices(connection, name)
    done: int = database.one(connection, "SELECT repriced_to FROM price_list WHERE name = ?", (name,))
    resumed = done > 0
    models: dict[_Name, _Changes] = {}
    sessions = calls = 0
    while True:
        with connection:
            touched, looked_at = Touched(), 0
            while looked_at < bound:
                session: int | None = database.one(
                    connection,
                    "SELECT id FROM session WHERE id > ? AND owner_file IS NOT NULL ORDER BY id LIMIT 1",
                    (done,),
                )
                if session is None:
                    break
                looked_at += _reprice_session(writer, session, touched, models)
                sessions += 1
                done = session
            if touched.turns:
                writer.notify(derive(connection, touched))
            if session is None:
                connection.execute("DELETE FROM price_list WHERE name <> ?", (name,))
                done = 0
            connection.execute("UPDATE price_list SET repriced_to = ? WHERE name = ?", (done, name))
        calls += looked_at
        report(calls)
        if session is None:
            break
    changed = sorted(
        (item for item in models.items() if item[1].changed), key=lambda item: -abs(item[1].new - item[1].old)
    )
    return Repriced(
        prices=name,
        resumed=resumed,
        sessions=sessions,
        calls=calls,
        models=[
            RepricedModel(
                provider=provider,
                model=model,
                calls=found.calls,
                changed=found.changed,
                newly_priced=found.newly_priced,
                newly_unpriced=found.newly_unpriced,
                old_cost_usd=usd(found.old),
                new_cost_usd=usd(found.new),
            )
            for (provider, model), found in changed
        ],
    )


def _reprice_session(
    writer: Writer,
    session: int,
    touched: Touched,
    models: dict[_Name, _Changes],
) -> int:
    """Price a session's calls; return how many were looked at."""
    connection = writer.connection
    rows = database.rows(
        connection,
        f"SELECT turn, seq, replay, {OP_COLUMNS} FROM op WHERE session_id = ? AND tokens_in IS NOT NULL",
        (session,),
    )
    for turn, seq, replay, *columns in rows:
        row = tuple(columns)
        provider, model, *_ = row
        old, source = row[5:7]
        truth = priced(writer.price, row)
        if store_price(connection, session, seq, row, truth):
            touched.turn(session, turn, seq)
        if not replay and source != RECORDED:
            models.setdefault((provider, model), _Changes()).count(old, truth[0])
    return len(rows)
