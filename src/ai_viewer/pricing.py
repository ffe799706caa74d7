"""What a model call costs: (provider, model, time, tokens) → nano-dollars, or "no price".

Prices, their history and their tiers come from `genai-prices`, whose data ships with the
package: nothing is fetched. A price that the package does not know is ``None``, never 0.
"""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from functools import lru_cache
from importlib import metadata
from typing import TypeAlias

import msgspec
from genai_prices.data_snapshot import get_snapshot
from genai_prices.types import ModelInfo, ModelPrice, TieredPrices

from ai_viewer.model import Micros, Usage

LOCAL_PROVIDERS = frozenset(
    {"ollama", "lmstudio", "lm-studio", "llama.cpp", "llamacpp", "oss", "mock", "vllm"}
)
"""Providers that bill nothing known: a like-named model's price elsewhere says nothing of theirs."""

Price: TypeAlias = Decimal | TieredPrices | None

# Of each kind of token, the prices that apply, the most special first: a model without a
# price of its own for cached tokens bills them as the kind above.
_KEYS = {
    "input": ("input_mtok",),
    "output": ("output_mtok",),
    "cache_read": ("cache_read_mtok", "input_mtok"),
    "cache_write_5m": ("cache_write_5m_mtok", "cache_write_mtok", "input_mtok"),
    "cache_write_1h": ("cache_write_1h_mtok", "cache_write_mtok", "input_mtok"),
}


class Quote(msgspec.Struct, frozen=True):
    """A call's ``cost`` in nano-dollars and its model's ``context_window`` in tokens, where known."""

    cost: int | None
    context_window: int | None


UNKNOWN = Quote(None, None)
_NEWEST = dt.datetime(9999, 1, 1, tzinfo=dt.UTC)


def quote(provider: str | None, model: str | None, when: Micros | None, usage: Usage) -> Quote:
    """Price ``usage`` of one call at the time ``when`` it started (``None``: the newest prices known).

    A tier's price holds for all tokens of a call whose whole input passes its start.
    """
    info = _model(provider, model) if model else None
    if info is None:
        return UNKNOWN
    moment = _NEWEST if when is None else dt.datetime.fromtimestamp(when / 1e6, dt.UTC)
    rates = _rates(info.get_prices(moment))
    if rates["input"] is None or rates["output"] is None:
        return Quote(None, info.context_window)
    total_input = usage.input + usage.cache_read + usage.cache_write_5m + usage.cache_write_1h
    # Dollars per million tokens, times tokens, are millionths of a dollar: thousands of nano-dollars.
    micro_dollars = sum(
        (_rate(rates[kind], total_input) * getattr(usage, kind) for kind in _KEYS), Decimal(0)
    )
    return Quote(int((micro_dollars * 1000).to_integral_value()), info.context_window)


def prices_version() -> str:
    """Return the version of the price data in use."""
    return metadata.version("genai-prices")


@lru_cache(maxsize=4096)
def _model(provider: str | None, model: str) -> ModelInfo | None:
    # "[1m]" asks Claude Code for the long context; it is the same model.
    name = model.removesuffix("[1m]")
    if provider in LOCAL_PROVIDERS:
        return None
    snapshot = get_snapshot()
    for candidate in dict.fromkeys((provider, None)):
        try:
            _, info = snapshot.find_provider_model(name, None, candidate, None)
        except LookupError:
            continue
        return info
    return None


_rates_of: dict[int, dict[str, Price]] = {}
"""By the identity of a `ModelPrice`, which is not hashable and lives as long as the price data."""


def _rates(prices: ModelPrice) -> dict[str, Price]:
    rates = _rates_of.get(id(prices))
    if rates is None:
        rates = {kind: _first_price(prices, keys) for kind, keys in _KEYS.items()}
        _rates_of[id(prices)] = rates
    return rates


def _first_price(prices: ModelPrice, keys: tuple[str, ...]) -> Price:
    return next((value for key in keys if (value := getattr(prices, key, None)) is not None), None)


def _rate(price: Price, total_input: int) -> Decimal:
    if isinstance(price, TieredPrices):
        passed = [tier.price for tier in price.tiers if total_input > tier.start]
        return passed[-1] if passed else price.base
    return price or Decimal(0)
