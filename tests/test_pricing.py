"""Prices are those of the price list, to the nano-dollar; what is not in it has none."""

from __future__ import annotations

import datetime as dt

import genai_prices
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ai_viewer.model import Usage
from ai_viewer.pricing import UNKNOWN, quote

JANUARY = 1_767_268_800_000_000
TOKENS = st.integers(0, 400_000)


@given(
    model=st.sampled_from(
        [
            ("anthropic", "claude-opus-4-5-20251101"),
            ("anthropic", "claude-opus-4-6"),
            ("anthropic", "claude-sonnet-4-5-20250929"),
            ("anthropic", "claude-haiku-4-5-20251001"),
            ("openai", "gpt-5.2-codex"),
            ("openai", "gpt-5.4"),
            ("openai", "gpt-5"),
        ]
    ),
    when=st.integers(JANUARY, JANUARY + 300 * 86_400_000_000),
    tokens=st.tuples(TOKENS, TOKENS, TOKENS, TOKENS, TOKENS),
)
def test_a_quote_is_what_the_price_package_calculates(
    model: tuple[str, str], when: int, tokens: tuple[int, int, int, int, int]
) -> None:
    fresh, output, read, write_5m, write_1h = tokens
    usage = Usage(fresh, output, 0, read, write_5m, write_1h)
    theirs = genai_prices.calc_price(
        genai_prices.Usage(
            input_tokens=fresh + read + write_5m + write_1h,
            output_tokens=output,
            cache_read_tokens=read,
            cache_write_tokens=write_5m + write_1h,
            cache_write_5m_tokens=write_5m,
            cache_write_1h_tokens=write_1h,
        ),
        model[1],
        provider_id=model[0],
        genai_request_timestamp=dt.datetime.fromtimestamp(when / 1e6, dt.UTC),
    )
    ours = quote(*model, when, usage)
    assert ours.cost == round(theirs.total_price * 10**9)
    assert ours.context_window == theirs.model.context_window


def test_an_hour_of_cache_costs_twice_the_input_on_anthropic() -> None:
    def cost(usage: Usage) -> int | None:
        return quote("anthropic", "claude-opus-4-5", JANUARY, usage).cost

    assert cost(Usage(input=1_000_000)) == 5_000_000_000
    assert cost(Usage(cache_write_1h=1_000_000)) == 10_000_000_000
    assert cost(Usage(cache_write_5m=1_000_000)) == 6_250_000_000


@pytest.mark.parametrize(
    ("provider", "model"),
    [("anthropic", "nobody-knows-this"), (None, None), ("ollama", "gpt-oss:20b"), ("", "")],
)
def test_what_is_not_in_the_price_list_has_no_price(provider: str | None, model: str | None) -> None:
    assert quote(provider, model, JANUARY, Usage(input=10)) == UNKNOWN


def test_a_gateway_that_is_not_in_the_price_list_is_priced_by_the_models_own_provider() -> None:
    usage = Usage(input=1000)
    assert quote("my-gateway", "claude-opus-4-5", JANUARY, usage) == quote(
        "anthropic", "claude-opus-4-5", JANUARY, usage
    )


def test_a_call_without_a_time_has_the_newest_price() -> None:
    assert quote("anthropic", "claude-opus-4-5", None, Usage(input=1000)).cost == 5_000_000


def test_the_long_context_variant_is_the_same_model() -> None:
    usage = Usage(input=1000)
    assert quote("anthropic", "claude-opus-4-6[1m]", JANUARY, usage) == quote(
        "anthropic", "claude-opus-4-6", JANUARY, usage
    )
