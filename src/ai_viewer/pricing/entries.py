"""The user's own prices and discounts: tables ``[[price]]`` and ``[[discount]]`` of the configuration.

    [[price]]
    provider = "my-gateway"          # optional; * and ? stand for anything, as in model
    model = "claude-opus-4-*"
    since = 2026-01-01               # optional: the first day, and until: the last, both UTC
    input = 4.5                      # dollars per million tokens, as all prices but web_search
    output = 22.5

    [[discount]]
    provider = "anthropic"
    percent = 15

docs/prices.md tells what each means.
"""

from __future__ import annotations

import datetime as dt
import fnmatch
from decimal import Decimal

import msgspec

from ai_viewer.pricing.rates import KINDS


class _Scope(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which calls an entry is for: all, unless it says more."""

    provider: str | None = None
    model: str | None = None
    since: dt.date | None = None
    until: dt.date | None = None

    def covers(self, providers: tuple[str, ...], models: tuple[str, ...], day: dt.date) -> bool:
        """Whether a call is meant, which started on ``day`` (UTC) and goes by these names."""
        return (
            (self.since is None or self.since <= day)
            and (self.until is None or day <= self.until)
            and _fits(self.provider, providers)
            and _fits(self.model, models)
        )

    def _check_days(self) -> None:
        if self.since is not None and self.until is not None and self.until < self.since:
            raise ValueError(f"`until` ({self.until}) is before `since` ({self.since})")


class LongContext(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Prices of all tokens of a call whose whole input has more than ``above`` tokens."""

    above: int
    input: Decimal | None = None
    output: Decimal | None = None
    reasoning: Decimal | None = None
    cache_read: Decimal | None = None
    cache_write_5m: Decimal | None = None
    cache_write_1h: Decimal | None = None

    def __post_init__(self) -> None:
        if self.above < 1:
            raise ValueError("`above` is a number of tokens, at least 1")
        _check_prices(self)


class Price(_Scope, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a model costs, in dollars per million tokens; ``web_search`` per 1,000 searches.

    ``tier`` names the calls it is for: those billed as usual unless it says ``fast``, ``batch``, ….
    """

    tier: str | None = None
    input: Decimal | None = None
    output: Decimal | None = None
    reasoning: Decimal | None = None
    cache_read: Decimal | None = None
    cache_write_5m: Decimal | None = None
    cache_write_1h: Decimal | None = None
    web_search: Decimal | None = None
    long_context: tuple[LongContext, ...] = ()
    context_window: int | None = None

    def __post_init__(self) -> None:
        self._check_days()
        if not self.model:
            raise ValueError("`model` is missing: the model's name, in which * stands for anything")
        _check_prices(self)
        if not self.long_context and all(
            getattr(self, key) is None for key in (*KINDS, "web_search", "context_window")
        ):
            raise ValueError("no price: give `input` and `output`, in dollars per million tokens")
        if self.context_window is not None and self.context_window < 1:
            raise ValueError("`context_window` is a number of tokens, at least 1")


class Discount(_Scope, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is taken off the price list, in percent."""

    percent: Decimal

    def __post_init__(self) -> None:
        self._check_days()
        if not 0 <= self.percent <= 100:
            raise ValueError(f"`percent` is from 0 to 100, not {self.percent}")


def _fits(pattern: str | None, names: tuple[str, ...]) -> bool:
    if pattern is None:
        return True
    wanted = pattern.lower()
    # "[1m]" of a model's name would be a set of letters in a pattern.
    return any(name == wanted or fnmatch.fnmatchcase(name, wanted.replace("[", "[[]")) for name in names)


def _check_prices(entry: LongContext | Price) -> None:
    for key in entry.__struct_fields__:
        value = getattr(entry, key)
        if isinstance(value, Decimal) and (not value.is_finite() or value < 0):
            raise ValueError(f"`{key}` is a price in dollars, 0 or more, not {value}")
