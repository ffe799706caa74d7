"""The price of a call in the store: one way to it, whatever told the call and in whichever order.

What the source recorded stands. Else the price list is asked, with all that the store knows of the
call by then, and its answer replaces an earlier one.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any, Protocol, TypeAlias

import apsw

from ai_viewer.model import Micros, OpKind, Usage
from ai_viewer.store import database
from ai_viewer.store.batch import OpRow

RECORDED = "recorded"
"""The ``cost_source`` of a cost that the source told."""


class Quote(Protocol):
    """A price, where it is from, and a context window, as far as they are known."""

    @property
    def cost(self) -> int | None:
        """Nano-dollars."""

    @property
    def source(self) -> str | None:
        """``priced`` or ``override``."""

    @property
    def context_window(self) -> int | None:
        """Tokens."""


class Pricer(Protocol):
    """(provider, model, start, usage, tier, searches) → quote; see `ai_viewer.pricing.Prices`."""

    @property
    def fingerprint(self) -> str:
        """What the quotes depend on: another one may quote otherwise."""

    def __call__(
        self,
        provider: str | None,
        model: str | None,
        start: Micros | None,
        usage: Usage,
        tier: str | None = None,
        web_searches: int | None = None,
        /,
    ) -> Quote:
        """Price one call."""


class Term(Protocol):
    """A part of a price: so many units of what it names, at ``price`` dollars ``per`` so many."""

    @property
    def name(self) -> str:
        """A kind of token, ``web_search`` or ``request``."""

    @property
    def units(self) -> int:
        """Tokens, searches or requests."""

    @property
    def price(self) -> Decimal:
        """Dollars."""

    @property
    def per(self) -> int:
        """How many units cost that."""


class Bill(Protocol):
    """What a price is the sum of."""

    @property
    def parts(self) -> Sequence[Term]:
        """The terms of the sum."""

    @property
    def share(self) -> Decimal:
        """The part of the sum that is paid."""


class Biller(Protocol):
    """Tells how a price comes about; see `ai_viewer.pricing.Prices`."""

    def bill(
        self,
        provider: str | None,
        model: str | None,
        start: Micros | None,
        usage: Usage,
        tier: str | None = None,
        web_searches: int | None = None,
        /,
    ) -> Bill | None:
        """Return the terms of one call's price, if it has one."""


OP_COLUMNS = (
    "provider, model, start_ts, tier, web_searches, cost_nano, cost_source, context_max, context_recorded,"
    " tokens_in, tokens_out, tokens_reasoning, tokens_cache_read,"
    " tokens_cache_write_5m, tokens_cache_write_1h"
)
"""What `priced` takes, in its order."""

Priced: TypeAlias = tuple[int | None, str | None, int | None]
"""Columns ``cost_nano``, ``cost_source`` and ``context_max``."""


def may_cost(op: OpRow) -> bool:
    """Whether there is anything new of an op that its price depends on."""
    return op.tokens_in is not None or (
        op.kind != OpKind.TOOL
        and any(value is not None for value in (op.start_ts, op.model, op.provider, op.tier, op.web_searches))
    )


def price_op(connection: apsw.Connection, prices: Pricer, session: int, seq: int) -> None:
    """Price one op, if it is a call with tokens."""
    row = database.row(
        connection,
        f"SELECT {OP_COLUMNS} FROM op WHERE session_id = ? AND seq = ? AND tokens_in IS NOT NULL",
        (session, seq),
    )
    if row is not None:
        store_price(connection, session, seq, row, priced(prices, row))


def priced(prices: Pricer, row: tuple[Any, ...]) -> Priced:
    """Return what a row of `OP_COLUMNS` costs now, and its model's context window."""
    provider, model, start, tier, searches, cost, source, window, window_recorded, *tokens = row
    quote = prices(provider, model, start, Usage(*(count or 0 for count in tokens)), tier, searches)
    if source != RECORDED:
        cost, source = quote.cost, None if quote.cost is None else quote.source
    return cost, source, window if window_recorded else quote.context_window


def store_price(
    connection: apsw.Connection,
    session: int,
    seq: int,
    row: tuple[Any, ...],
    truth: Priced,
) -> bool:
    """Write what `priced` returned if it differs from the row; return whether it did."""
    if row[5:8] == truth:
        return False
    connection.execute(
        "UPDATE op SET cost_nano = ?, cost_source = ?, context_max = ? WHERE session_id = ? AND seq = ?",
        (*truth, session, seq),
    )
    return True


def note_prices(connection: apsw.Connection, fingerprint: str) -> None:
    """Note by which prices calls are priced from now on; whatever was priced by others is behind."""
    connection.execute("INSERT OR IGNORE INTO price_list (name) VALUES (?)", (fingerprint,))
    # Others may have to begin again: what they had priced anew may be what changes now.
    connection.execute(
        "UPDATE price_list SET repriced_to = 0 WHERE name <> ? AND repriced_to > 0", (fingerprint,)
    )


def prices_behind(connection: apsw.Connection, fingerprint: str) -> bool:
    """Whether calls were priced by other prices than these, and not since."""
    found: int = database.one(
        connection, "SELECT EXISTS (SELECT 1 FROM price_list WHERE name <> ?)", (fingerprint,)
    )
    return bool(found)
