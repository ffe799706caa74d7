"""What a model call costs: (provider, model, start, tokens, tier, searches) → nano-dollars, or "no price".

    entries    the user's own prices and discounts, as they stand in the configuration file
    catalog    the price list: `genai-prices`, whose data ships with the package
    names      whether a model's name is one that the price list means
    rates      prices of one model at one time, and the arithmetic
    prices     all of it together: `Prices`

Nothing is fetched. A price that is not known is ``None``, never 0.
"""

from ai_viewer.pricing.prices import LIST_PRICES, NO_QUOTE, Prices, Quote

quote = LIST_PRICES
"""Prices of the price list alone, without the user's own: call it as a function."""

__all__ = ["LIST_PRICES", "NO_QUOTE", "Prices", "Quote", "quote"]
