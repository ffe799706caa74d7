"""What a model costs at a time, to be shown: dollars per million tokens by the length of the context."""

from __future__ import annotations

import msgspec

from ai_viewer.model import Micros
from ai_viewer.pricing.prices import Prices
from ai_viewer.pricing.rates import Steps


class Band(msgspec.Struct, frozen=True, kw_only=True):
    """Prices of calls whose whole input passes ``above`` tokens; ``None`` is not known."""

    above: int
    input: float | None
    output: float | None
    cache_read: float | None
    cache_write_5m: float | None
    cache_write_1h: float | None


def bands(prices: Prices, provider: str | None, model: str, moment: Micros) -> list[Band]:
    """Return the prices of one model's usual calls, of short contexts first; nothing if none are known."""
    rates = prices.rates(provider, model, moment)
    if rates is None:
        return []
    kinds = ("input", "output", "cache_read", "cache_write_5m", "cache_write_1h")
    steps: dict[str, Steps | None] = {kind: getattr(rates, kind) for kind in kinds}
    starts = sorted({start for told in steps.values() for start, _ in told or ()})
    return [
        Band(above=max(0, start), **{kind: _held(told, start) for kind, told in steps.items()})
        for start in starts
    ]


def _held(steps: Steps | None, start: int) -> float | None:
    held = [price for begins, price in steps or () if begins <= start]
    return float(held[-1]) if held else None
