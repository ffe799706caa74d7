"""Prices of one model at one time, and the arithmetic: exact, rounded once."""

from __future__ import annotations

from decimal import ROUND_HALF_EVEN, Decimal
from typing import NamedTuple, TypeAlias

import msgspec

from ai_viewer.model import Usage

Steps: TypeAlias = tuple[tuple[int, Decimal], ...]
"""A price in dollars per million tokens by the length of the context: ((start, price), …), rising.

A step holds for *all* tokens of a call whose whole input, cached tokens included, passes its
start; one that reaches it exactly is below it. The first step starts below 0: it always holds.
"""

ALWAYS = -1
"""The start of the first step."""

KINDS = ("input", "output", "reasoning", "cache_read", "cache_write_5m", "cache_write_1h")
"""Kinds of tokens that have a price of their own. ``output`` is all of it but ``reasoning``."""

_NANO = Decimal(10**9)


class Rates(msgspec.Struct, frozen=True):
    """What each kind of token costs; ``None`` is not known.

    ``web_search`` is dollars per 1,000 searches that the provider ran, ``request`` per 1,000 calls.
    """

    input: Steps | None = None
    output: Steps | None = None
    reasoning: Steps | None = None
    cache_read: Steps | None = None
    cache_write_5m: Steps | None = None
    cache_write_1h: Steps | None = None
    web_search: Decimal | None = None
    request: Decimal = Decimal(0)

    @property
    def short(self) -> Rates:
        """These rates for contexts that pass no step, whatever the count of tokens."""
        steps = ((kind, getattr(self, kind)) for kind in KINDS)
        return msgspec.structs.replace(self, **{kind: one and steady(one[0][1]) for kind, one in steps})

    def times(self, factor: Decimal) -> Rates:
        """Return the rates with every price of tokens multiplied."""
        return msgspec.structs.replace(self, **{kind: times(getattr(self, kind), factor) for kind in KINDS})


class Part(NamedTuple):
    """One term of a call's cost: so many units of something, at ``price`` dollars ``per`` so many."""

    name: str
    units: int
    price: Decimal
    per: int

    @property
    def nano(self) -> Decimal:
        """Nano-dollars, exact."""
        return self.price * self.units * _NANO / self.per


def steady(price: Decimal) -> Steps:
    """Return one price for contexts of any length."""
    return ((ALWAYS, price),)


def free() -> Rates:
    """Return the rates of what costs nothing."""
    nothing = steady(Decimal(0))
    return Rates(nothing, nothing, nothing, nothing, nothing, nothing, web_search=Decimal(0))


def times(steps: Steps | None, factor: Decimal) -> Steps | None:
    """Return the steps with each price multiplied."""
    return None if steps is None else tuple((start, price * factor) for start, price in steps)


def cost(
    rates: Rates, usage: Usage, web_searches: int | None = None, share: Decimal = Decimal(1)
) -> int | None:
    """Return the nano-dollars of one call, or ``None`` if anything in it has no known price.

    ``share`` is the part of the sum that is paid. The sum is exact and rounded once, to the nearest
    nano-dollar, a half to the even one.
    """
    found = parts(rates, usage, web_searches)
    if found is None:
        return None
    amount = sum((part.nano for part in found), Decimal(0))
    return int((amount * share).to_integral_value(ROUND_HALF_EVEN))


def parts(rates: Rates, usage: Usage, web_searches: int | None = None) -> list[Part] | None:
    """Return what the cost of one call is the sum of, or ``None`` if a price of anything is not known."""
    total_input = usage.input + usage.cache_read + usage.cache_write_5m + usage.cache_write_1h
    # Reasoning is part of the output; a count that exceeds it would make the rest negative.
    reasoning = min(usage.reasoning, usage.output)
    found = []
    for name, tokens, steps in (
        ("input", usage.input, rates.input),
        ("output", usage.output - reasoning, rates.output),
        ("reasoning", reasoning, rates.reasoning),
        ("cache_read", usage.cache_read, rates.cache_read),
        ("cache_write_5m", usage.cache_write_5m, rates.cache_write_5m),
        ("cache_write_1h", usage.cache_write_1h, rates.cache_write_1h),
    ):
        if not tokens:
            continue
        if steps is None:
            return None
        found.append(Part(name, tokens, _at(steps, total_input), 1_000_000))
    if web_searches:
        if rates.web_search is None:
            return None
        found.append(Part("web_search", web_searches, rates.web_search, 1_000))
    if rates.request:
        found.append(Part("request", 1, rates.request, 1_000))
    return found


def _at(steps: Steps, total_input: int) -> Decimal:
    price = steps[0][1]
    for start, above in steps[1:]:
        if total_input > start:
            price = above
    return price
