"""The user's own prices over the price list: one quote for one call."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Sequence
from decimal import Decimal
from functools import cache, cached_property
from types import ModuleType
from typing import Literal, NamedTuple

import msgspec

from ai_viewer.model import SUM, Micros, Usage
from ai_viewer.pricing.entries import Discount, LongContext, Price
from ai_viewer.pricing.rates import ALWAYS, KINDS, Part, Rates, Steps, cost, parts

MOST_NANO = 10**15
"""A million dollars: a call that comes to more tells of damage, and has no price."""
RULES = 1
"""Counted up when the same price list and the same entries come to another cost than before."""


class Quote(msgspec.Struct, frozen=True):
    """A call's ``cost`` in nano-dollars and its model's ``context_window`` in tokens, where known.

    ``source`` tells where the cost is from: ``priced`` by the price list, or an ``override`` of the
    user's own.
    """

    cost: int | None
    context_window: int | None
    source: Literal["priced", "override"] | None = None


NO_QUOTE = Quote(None, None)


class Bill(msgspec.Struct, frozen=True):
    """What a call's price is the sum of; ``share`` of that sum is paid."""

    parts: tuple[Part, ...]
    share: Decimal


class _Terms(NamedTuple):
    """By what a call is priced."""

    rates: Rates | None
    window: int | None
    share: Decimal = Decimal(1)
    source: Literal["priced", "override"] = "priced"


class Prices:
    """What calls cost: the price list, with the user's own prices and discounts over it.

    Of several entries that are for a call, the last holds. A `Price` is what is paid: discounts are
    taken off the price list only.
    """

    def __init__(self, own: Sequence[Price] = (), discounts: Sequence[Discount] = ()) -> None:
        self.own = tuple(own)
        self.discounts = tuple(discounts)

    @cached_property
    def fingerprint(self) -> str:
        """All that decides what a call costs: calls priced under another one may cost otherwise now."""
        name = f"genai-prices {_catalog().version()}, rules {RULES}"
        if not self.has_own:
            return name
        entries = msgspec.json.encode([self.own, self.discounts])
        return f"{name}, own {hashlib.blake2b(entries, digest_size=6).hexdigest()}"

    @property
    def has_own(self) -> bool:
        """Whether there are prices or discounts of the user's own."""
        return bool(self.own or self.discounts)

    def __call__(
        self,
        provider: str | None,
        model: str | None,
        start: Micros | None,
        usage: Usage,
        tier: str | None = None,
        web_searches: int | None = None,
    ) -> Quote:
        """Price one call by the prices at the time it started; without that time there is no cost.

        Several calls that are told as one (tier `SUM`) are priced as calls of short context.
        """
        terms = self._terms(provider, model, start, usage, tier)
        amount = None if terms.rates is None else cost(terms.rates, usage, web_searches, terms.share)
        if amount is None or amount > MOST_NANO:
            return Quote(None, terms.window)
        return Quote(amount, terms.window, terms.source)

    def bill(
        self,
        provider: str | None,
        model: str | None,
        start: Micros | None,
        usage: Usage,
        tier: str | None = None,
        web_searches: int | None = None,
    ) -> Bill | None:
        """Return the terms that the call's price is the sum of, or ``None`` if it has no price."""
        terms = self._terms(provider, model, start, usage, tier)
        found = None if terms.rates is None else parts(terms.rates, usage, web_searches)
        return None if found is None else Bill(tuple(found), terms.share)

    def rates(self, provider: str | None, model: str | None, start: Micros) -> Rates | None:
        """Return the rates of a model's usual calls at one time, before any discount of the user's own."""
        return self._terms(provider, model, start, Usage(), None).rates

    def _terms(
        self, provider: str | None, model: str | None, start: Micros | None, usage: Usage, tier: str | None
    ) -> _Terms:
        if tier == SUM:
            terms = self._terms(provider, model, start, usage, None)
            return terms._replace(rates=terms.rates and terms.rates.short, window=None)
        if not model:
            return _Terms(None, None)
        listed = _catalog().find(provider, model)
        window = None if listed is None else listed.window(usage)
        if start is None:
            return _Terms(None, window)
        moment = dt.datetime(1970, 1, 1, tzinfo=dt.UTC) + dt.timedelta(microseconds=start)
        rates = None if listed is None else listed.rates(moment, tier)
        if not self.has_own:
            return _Terms(rates, window)
        names = _names(model, None if listed is None else listed.id)
        providers = _names(provider or "", None if listed is None else listed.provider)
        day = moment.date()
        for entry in reversed(self.own):
            if entry.tier == tier and entry.covers(providers, names, day):
                return _Terms(_with_own(rates, entry), entry.context_window or window, source="override")
        for discount in reversed(self.discounts):
            if discount.covers(providers, names, day):
                return _Terms(rates, window, Decimal(1) - discount.percent / 100, "override")
        return _Terms(rates, window)


LIST_PRICES = Prices()
"""The price list alone."""


@cache
def _catalog() -> ModuleType:
    # The price list takes a while to load, and most commands price nothing.
    from ai_viewer.pricing import catalog  # noqa: PLC0415

    return catalog


def version() -> str:
    """Return the version of the price list."""
    found: str = _catalog().version()
    return found


def checked() -> str | None:
    """Return the latest day on which a price in the list was looked up, as it tells itself: YYYY-MM-DD."""
    found: str | None = _catalog().checked()
    return found


def _names(told: str, listed: str | None) -> tuple[str, ...]:
    name = told.strip().lower()
    return tuple(dict.fromkeys(one for one in (name, name.removesuffix("[1m]"), listed) if one))


def _with_own(listed: Rates | None, entry: Price) -> Rates | None:
    """Lay an entry over the price list. What neither says costs as the kind of token it is one of."""
    steps = {kind: _own_steps(getattr(listed, kind, None), entry, kind) for kind in KINDS}
    if steps["input"] is None or steps["output"] is None:
        return None
    fresh = steps["input"]
    written = steps["cache_write_5m"] or fresh
    return Rates(
        input=fresh,
        output=steps["output"],
        reasoning=_own_reasoning(listed, entry, steps),
        cache_read=steps["cache_read"] or fresh,
        cache_write_5m=written,
        cache_write_1h=steps["cache_write_1h"] or written,
        web_search=entry.web_search if entry.web_search is not None or listed is None else listed.web_search,
    )


def _own_reasoning(listed: Rates | None, entry: Price, steps: dict[str, Steps | None]) -> Steps | None:
    """Reasoning is billed as output, unless the entry or the price list sets it apart."""
    told = entry.reasoning is not None or any(one.reasoning is not None for one in entry.long_context)
    apart = listed is not None and listed.reasoning != listed.output
    return steps["reasoning"] if told or apart else steps["output"]


def _own_steps(listed: Steps | None, entry: Price, kind: str) -> Steps | None:
    own: Decimal | None = getattr(entry, kind)
    longer = sorted(
        (one.above, price) for one in entry.long_context if (price := _long_price(one, kind)) is not None
    )
    if own is None and not longer:
        return listed
    if own is None:
        own = listed[0][1] if listed is not None else None
    return None if own is None else ((ALWAYS, own), *longer)


def _long_price(entry: LongContext, kind: str) -> Decimal | None:
    found: Decimal | None = getattr(entry, kind)
    return found
