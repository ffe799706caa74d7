"""The price list: models, their history of prices, their tiers, from the data of `genai-prices`.

What the list leaves out and the provider documents is added here, and nothing else:

* Claude: a cache write for 1 hour costs twice the input, on each platform
  (https://platform.claude.com/docs/en/build-with-claude/prompt-caching#pricing).
* Anthropic: a batch costs half of all tokens
  (https://platform.claude.com/docs/en/build-with-claude/batch-processing#pricing), a web search $10 per
  1,000, and inference in the US only 1.1 times all tokens
  (https://platform.claude.com/docs/en/about-claude/pricing).
* The list tells prices of tiers from the day on which they were looked up. Before it they are taken to
  have held for as long as the usual price was the same as on that day.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator
from decimal import Decimal
from functools import cache, lru_cache
from importlib import metadata
from pathlib import Path
from typing import TypeAlias

import genai_prices
import msgspec
from genai_prices.data_snapshot import find_provider_by_id, get_snapshot
from genai_prices.types import (
    ModelInfo,
    ModelPrice,
    PriceVariant,
    Provider,
    StartDateConstraint,
    TieredPrices,
)

from ai_viewer.model import Usage
from ai_viewer.pricing import names
from ai_viewer.pricing.rates import ALWAYS, Rates, Steps, free, steady, times

_LOCAL = re.compile(
    r"ollama|lm[-_. ]?studio|llama[-_. ]?(?:cpp|server)|llamafile|vllm|sglang|kobold|\bmlx\b|\bjan\b"
    r"|\blocal(?:ai|host)?\b|\boss\b|\bmock\b"
)
"""Providers that bill nothing known: a like-named model's price elsewhere says nothing of theirs."""

_TIERS: dict[str, tuple[dict[str, str], ...]] = {
    "batch": ({"processing": "batch"},),
    "fast": ({"speed": "fast"}, {"service_tier": "fast"}),
    "flex": ({"service_tier": "flex"},),
    "priority": ({"service_tier": "priority"},),
}
"""What the list calls our tiers: ``speed`` on Anthropic, ``service_tier`` on OpenAI and Google."""

_US = "us"
_US_FACTOR = Decimal("1.1")
_LONG_CONTEXT = 1_000_000
_LONG_CONTEXT_NAME = re.compile(r"\[1m\]$")

_SEARCHES = Decimal(10)

_Value: TypeAlias = Decimal | TieredPrices | None


class Model(msgspec.Struct, frozen=True, eq=False):
    """A model of the price list, and who bills it. ``context_window`` is in tokens."""

    provider: str
    id: str
    context_window: int | None
    info: ModelInfo

    def window(self, usage: Usage) -> int | None:
        """Return the context window of a call; a call that held more than the list says had another one."""
        held = usage.context - usage.output
        if self.context_window is None or held <= self.context_window:
            return self.context_window
        # Claude Code's transcripts leave "[1m]" out of the model's name.
        return _LONG_CONTEXT if "claude" in self.id and held <= _LONG_CONTEXT else None

    def rates(self, moment: dt.datetime, tier: str | None) -> Rates | None:
        """Return the prices at ``moment``, or ``None`` if they, or those of the tier, are not known."""
        parts = tier.split("+") if tier else []
        factor = Decimal(1)
        if _US in parts:
            if self.provider != "anthropic":
                return None
            parts.remove(_US)
            factor = _US_FACTOR
        match parts:
            case []:
                rates = _rates(self, self.info.get_prices(moment))
            case [name]:
                rates = self._tier_rates(moment, name)
            case _:
                return None
        return rates if rates is None or factor == 1 else rates.times(factor)

    def _tier_rates(self, moment: dt.datetime, tier: str) -> Rates | None:
        contexts = _TIERS.get(tier, ())
        variants = [one for one in self.info.price_variants or () if one.when in contexts]
        standard = self.info.get_prices(moment)
        held = [one for one in variants if one.constraint is None or one.constraint.active(moment)]
        if not held:
            held = list(self._before_known(variants, standard, moment))
        if held:
            return _rates(self, standard, held[0])
        usual = _rates(self, standard)
        if tier == "batch" and self.provider == "anthropic" and usual is not None:
            return usual.times(Decimal("0.5"))
        return None

    def _before_known(
        self, variants: list[PriceVariant], standard: ModelPrice, moment: dt.datetime
    ) -> Iterator[PriceVariant]:
        """Yield the tier's first known price if the usual one was then what it is at ``moment``."""
        dated = [
            (one.constraint.start_date, number)
            for number, one in enumerate(variants)
            if isinstance(one.constraint, StartDateConstraint) and one.constraint.start_date > moment.date()
        ]
        if dated:
            day, number = min(dated)
            if self.info.get_prices(dt.datetime.combine(day, dt.time(), dt.UTC)) == standard:
                yield variants[number]


@lru_cache(maxsize=4096)
def find(provider: str | None, model: str) -> Model | None:
    """Return the model of the price list that these names mean, or ``None``.

    A provider that the list knows is asked alone: what it does not sell, by its list, has no price.
    One that it does not know, a gateway, is looked past: the model's own provider, or the one
    written before its name, says the price.
    """
    if provider and _LOCAL.search(provider.lower()):
        return None
    # "[1m]" asks Claude Code for the long context; it is the same model.
    name = _LONG_CONTEXT_NAME.sub("", model.strip().lower())
    seller, name = _seller(provider, name)
    if seller is None:
        return None
    info = _model(seller, name)
    if info is None:
        return None
    window = info.context_window
    if _LONG_CONTEXT_NAME.search(model.strip().lower()):
        window = max(window or 0, _LONG_CONTEXT)
    return Model(seller.id, info.id, window, info)


@cache
def version() -> str:
    """Return the version of the price data."""
    return metadata.version("genai-prices")


@cache
def checked() -> str | None:
    """Return the latest day on which a price in the data was looked up, as its remarks tell: YYYY-MM-DD.

    The data carries no date of its own, and neither does the package. Days after its installation
    are announcements and do not count.
    """
    installed = dt.datetime.fromtimestamp(Path(genai_prices.__file__).stat().st_mtime, dt.UTC).date()
    found = re.compile(
        r"\b(?:verified|checked|as of|listed|launched)\b[^.;]{0,30}?\b(20\d\d-\d\d-\d\d)\b", re.IGNORECASE
    )
    days = {
        day
        for provider in get_snapshot().providers
        for remark in (provider.price_comments, *(model.price_comments for model in provider.models))
        for day in found.findall(remark or "")
        if day <= installed.isoformat()
    }
    return max(days, default=None)


def _seller(provider: str | None, name: str) -> tuple[Provider | None, str]:
    """Return who sells the model, and its name there."""
    providers = get_snapshot().providers
    head, slash, tail = name.partition("/")
    if provider and (known := find_provider_by_id(providers, provider)):
        # "anthropic/claude-…" of provider "anthropic"; at OpenRouter the prefix is part of the name.
        own = slash and find_provider_by_id(providers, head) is known and _model(known, name) is None
        return known, tail if own else name
    if slash:
        known = next((one for one in providers if one.id == head), None) or find_provider_by_id(
            providers, head
        )
        if known is not None:
            return _seller(known.id, tail)
    for one in providers:
        if one.model_match is not None and one.model_match.is_match(name) and _model(one, name) is not None:
            return one, name
    return None, name


def _model(seller: Provider, name: str) -> ModelInfo | None:
    fallbacks = seller.fallback_model_providers or ()
    sellers = (seller, *(one for one in get_snapshot().providers if one.id in fallbacks))
    for written in dict.fromkeys((name, names.dashed_date(name))):
        for one in sellers:
            for info in one.models:
                if written == info.id.lower() or names.means(info.match, written):
                    return info
    return None


_known_rates: dict[tuple[int, int], tuple[object, object, Rates | None]] = {}
"""By the identities of a price and its variant, which are not hashable; they are kept beside it."""


def _rates(model: Model, prices: ModelPrice, variant: PriceVariant | None = None) -> Rates | None:
    key = (id(prices), id(variant))
    found = _known_rates.get(key)
    if found is None:
        values = {name: value for name, value in prices.__dict__.items() if value is not None}
        special = {} if variant is None else variant.prices.__dict__
        values |= {name: value for name, value in special.items() if value is not None}
        if "input_mtok" in special and "cache_write_1h_mtok" not in special:
            values.pop("cache_write_1h_mtok", None)
        found = _known_rates[key] = (prices, variant, _as_rates(model, values))
    return found[2]


def _as_rates(model: Model, values: dict[str, Decimal | TieredPrices]) -> Rates | None:
    if not values:
        # The list writes what costs nothing as an empty price, and so what it cannot price.
        return free() if model.id.endswith(":free") else None
    fresh, output = _steps(values.get("input_mtok")), _steps(values.get("output_mtok"))
    if fresh is None or output is None:
        return None
    written = _steps(values.get("cache_write_5m_mtok") or values.get("cache_write_mtok")) or fresh
    written_1h = _steps(values.get("cache_write_1h_mtok"))
    if written_1h is None:
        written_1h = times(fresh, Decimal(2)) if "claude" in model.id else written
    searches = values.get("web_searches_kcount")
    if searches is None and model.provider == "anthropic":
        searches = _SEARCHES
    request = values.get("requests_kcount")
    return Rates(
        input=fresh,
        output=output,
        reasoning=_steps(values.get("output_reasoning_mtok")) or output,
        cache_read=_steps(values.get("cache_read_mtok")) or fresh,
        cache_write_5m=written,
        cache_write_1h=written_1h,
        web_search=searches if isinstance(searches, Decimal) else None,
        request=request if isinstance(request, Decimal) else Decimal(0),
    )


def _steps(value: _Value) -> Steps | None:
    if isinstance(value, TieredPrices):
        return ((ALWAYS, value.base), *((tier.start, tier.price) for tier in value.tiers))
    return None if value is None else steady(value)
