"""Prices are exact, to the nano-dollar, and what is not known has none.

The numbers are worked out by hand from the providers' public price pages: dollars per million tokens
times tokens are millionths of a dollar, a thousand nano-dollars each.
"""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import genai_prices
import pytest
from genai_prices.data_snapshot import get_snapshot
from hypothesis import given
from hypothesis import strategies as st

from ai_viewer.adapters.base import as_count
from ai_viewer.model import Usage
from ai_viewer.pricing import NO_QUOTE, Prices, catalog, quote
from ai_viewer.pricing.entries import Discount, LongContext, Price

DAY = 86_400_000_000
MILLION = 1_000_000


def at(day: str, time: str = "12:00:00") -> int:
    """Microseconds of a UTC time."""
    moment = dt.datetime.fromisoformat(f"{day}T{time}+00:00")
    return round(moment.timestamp()) * MILLION


JANUARY = at("2026-01-01")
NOVEMBER = at("2026-11-01")
TOKENS = st.integers(0, 400_000)


def cost(provider: str | None, model: str, when: int, usage: Usage, *more: Any) -> int | None:
    return quote(provider, model, when, usage, *more).cost


# --- traps, each worked out by hand ---


def test_an_hour_of_cache_costs_twice_the_input() -> None:
    # $5 input: 1,000,000 x $10.
    usage = Usage(cache_write_1h=1_000_000)
    assert cost("anthropic", "claude-opus-4-5", JANUARY, usage) == 10_000_000_000


def test_five_minutes_of_cache_cost_a_quarter_more_than_the_input() -> None:
    # 1,000,000 x $6.25.
    usage = Usage(cache_write_5m=1_000_000)
    assert cost("anthropic", "claude-opus-4-5", JANUARY, usage) == 6_250_000_000


def test_all_kinds_of_tokens_are_billed_apart() -> None:
    # 3 x 5 + 900 x 0.5 + 200 x 6.25 + 1000 x 10 + 7 x 25 = 15 + 450 + 1250 + 10000 + 175 = 11890
    usage = Usage(input=3, output=7, cache_read=900, cache_write_5m=200, cache_write_1h=1000)
    assert cost("anthropic", "claude-opus-4-5", JANUARY, usage) == 11_890_000


def test_reasoning_is_a_part_of_the_output_and_not_billed_again() -> None:
    # 100 x 25, of which 80 are reasoning.
    usage = Usage(output=100, reasoning=80)
    assert cost("anthropic", "claude-opus-4-5", JANUARY, usage) == 2_500_000


@pytest.mark.parametrize(
    ("provider", "model"),
    [
        ("amazon-bedrock", "us.anthropic.claude-sonnet-4-20250514-v1:0"),
        ("google-vertex", "claude-opus-4-1@20250805"),
        ("openrouter", "anthropic/claude-sonnet-4.5"),
        ("github-copilot", "claude-haiku-4.5"),
    ],
)
def test_where_the_list_leaves_out_an_hour_of_cache_it_is_twice_the_input(provider: str, model: str) -> None:
    fresh = cost(provider, model, JANUARY, Usage(input=1000))
    assert fresh is not None
    assert cost(provider, model, JANUARY, Usage(cache_write_1h=1000)) == 2 * fresh


def test_a_context_of_exactly_the_threshold_is_not_long() -> None:
    # Sonnet 4.5: $3 up to 200,000 tokens of input, all of them $6 above.
    usage = Usage(input=150_000, cache_read=50_000)
    # 150,000 x 3 + 50,000 x 0.3
    assert cost("anthropic", "claude-sonnet-4-5", JANUARY, usage) == 465_000_000


def test_one_token_more_makes_all_of_them_dear() -> None:
    usage = Usage(input=150_001, cache_read=50_000, output=10)
    # 150,001 x 6 + 50,000 x 0.6 + 10 x 22.5
    assert cost("anthropic", "claude-sonnet-4-5", JANUARY, usage) == 930_231_000


def test_output_does_not_make_a_context_long() -> None:
    # 200,000 x 3 + 50,000 x 15
    usage = Usage(input=200_000, output=50_000)
    assert cost("anthropic", "claude-sonnet-4-5", JANUARY, usage) == 1_350_000_000


def test_the_price_is_that_of_the_moment_the_call_started() -> None:
    # GPT-5.6 Sol: input $5 until 2026-08-20, $4 from 2026-08-21 (UTC).
    usage = Usage(input=1000)
    assert cost("openai", "gpt-5.6-sol", at("2026-08-20", "23:59:59"), usage) == 5_000_000
    assert cost("openai", "gpt-5.6-sol", at("2026-08-21", "00:00:00"), usage) == 4_000_000


def test_a_call_of_unknown_time_has_no_cost_but_a_context_window() -> None:
    found = quote("anthropic", "claude-opus-4-5", None, Usage(input=1000))
    assert (found.cost, found.source, found.context_window) == (None, None, 200_000)


def test_web_searches_are_a_cent_each_beside_the_tokens() -> None:
    # 1000 x 5, and 3 x $0.01.
    usage = Usage(input=1000)
    assert cost("anthropic", "claude-opus-4-5", JANUARY, usage, None, 3) == 35_000_000
    # GPT-5.2: 1000 x 1.75, and 2 x $0.01.
    assert cost("openai", "gpt-5.2", JANUARY, usage, None, 2) == 21_750_000


def test_a_call_with_searches_of_unknown_price_is_unpriced() -> None:
    usage = Usage(input=1000)
    assert cost("deepseek", "deepseek-chat", JANUARY, usage) is not None
    assert cost("deepseek", "deepseek-chat", JANUARY, usage, None, 1) is None


def test_fast_mode_has_its_own_price() -> None:
    # Opus 4.8 in fast mode: input $10, output $50; 5-minute writes 1.25 and 1-hour writes 2 times the input.
    usage = Usage(input=1000, output=100, cache_read=1000, cache_write_5m=1000, cache_write_1h=1000)
    # 10,000 + 5,000 + 1,000 + 12,500 + 20,000
    assert cost("anthropic", "claude-opus-4-8", NOVEMBER, usage, "fast") == 48_500_000
    # GPT-5.5 is $12.50 instead of $5.
    assert cost("openai", "gpt-5.5", NOVEMBER, Usage(input=1000), "fast") == 12_500_000


def test_a_batch_costs_half_of_all_tokens_but_not_of_searches() -> None:
    usage = Usage(input=1000, output=100, cache_read=1000, cache_write_5m=1000, cache_write_1h=1000)
    # (5,000 + 2,500 + 500 + 6,250 + 10,000) / 2 = 12,125, and $0.01
    assert cost("anthropic", "claude-opus-4-5", NOVEMBER, usage, "batch", 1) == 22_125_000
    # The list knows it from 2026-10-14 on; Anthropic documents it for all time.
    assert cost("anthropic", "claude-opus-4-5", JANUARY, usage, "batch", 1) == 22_125_000
    assert cost("anthropic", "claude-opus-4-1", JANUARY, Usage(input=1000), "batch") == 7_500_000


def test_a_batch_of_long_context_costs_half_of_the_long_context() -> None:
    # 200,001 x 6 / 2
    usage = Usage(input=200_001)
    assert cost("anthropic", "claude-sonnet-4-5", JANUARY, usage, "batch") == 600_003_000


def test_a_tiers_price_held_before_it_was_looked_up_while_the_usual_price_was_the_same() -> None:
    # GPT-5: priority is twice, flex half of $1.25; looked up on 2026-10-12.
    usage = Usage(input=1000)
    for when in (JANUARY, NOVEMBER):
        assert cost("openai", "gpt-5", when, usage, "priority") == 2_500_000
        assert cost("openai", "gpt-5", when, usage, "flex") == 625_000
    # GPT-5.6 Sol was dearer until 2026-08-20: nobody knows what fast cost then.
    assert cost("openai", "gpt-5.6-sol", at("2026-09-01"), usage, "fast") is not None
    assert cost("openai", "gpt-5.6-sol", at("2026-08-01"), usage, "fast") is None


@pytest.mark.parametrize(
    ("provider", "model", "tier"),
    [
        ("anthropic", "claude-opus-4-5", "fast"),  # not offered for it
        ("anthropic", "claude-opus-4-5", "priority"),  # bought in advance, no public price
        ("anthropic", "claude-opus-4-5", "hyper"),  # of the future
        ("anthropic", "claude-opus-4-8", "fast+batch"),
        ("amazon-bedrock", "anthropic.claude-opus-4-5-20251101-v1:0", "batch"),
        ("amazon-bedrock", "anthropic.claude-opus-4-5-20251101-v1:0", "us"),
        ("github-copilot", "gpt-5.4", "fast"),
    ],
)
def test_a_tier_of_unknown_price_is_never_the_usual_price(provider: str, model: str, tier: str) -> None:
    assert cost(provider, model, NOVEMBER, Usage(input=1000)) is not None
    assert cost(provider, model, NOVEMBER, Usage(input=1000), tier) is None


def test_inference_in_the_us_only_costs_a_tenth_more_of_all_tokens() -> None:
    # 1000 x 5 x 1.1, and $0.01; in fast mode 1000 x 10 x 1.1.
    usage = Usage(input=1000)
    assert cost("anthropic", "claude-opus-4-8", NOVEMBER, usage, "us", 1) == 15_500_000
    assert cost("anthropic", "claude-opus-4-8", NOVEMBER, usage, "fast+us") == 11_000_000


def test_several_calls_told_as_one_have_no_long_context() -> None:
    # Copilot's GPT-5.4 is $2.50, and $5 for a call of more than 272,000 tokens.
    usage = Usage(input=1_000_000)
    assert cost("github-copilot", "gpt-5.4", NOVEMBER, usage) == 5_000_000_000
    assert cost("github-copilot", "gpt-5.4", NOVEMBER, usage, "sum") == 2_500_000_000
    assert quote("github-copilot", "gpt-5.4", NOVEMBER, usage, "sum").context_window is None


def test_an_entry_of_ones_own_holds_for_several_calls_told_as_one() -> None:
    longer = LongContext(above=1000, input=Decimal(7))
    prices = Prices([Price(model="m", input=Decimal(3), output=Decimal(0), long_context=(longer,))])
    assert prices(None, "m", JANUARY, Usage(input=2000)).cost == 14_000_000
    assert prices(None, "m", JANUARY, Usage(input=2000), "sum").cost == 6_000_000


def test_the_sum_is_rounded_once_a_half_to_the_even_nano_dollar() -> None:
    half = Prices([Price(model="m", input=Decimal("0.0005"), output=Decimal(0))])
    costs = [half(None, "m", JANUARY, Usage(input=tokens)).cost for tokens in (1, 2, 3, 4, 5)]
    # 0.5, 1, 1.5, 2, 2.5 nano-dollars
    assert costs == [0, 1, 2, 2, 2]
    thirds = Prices([Price(model="m", input=Decimal("0.0004"), output=Decimal("0.0004"))])
    # 0.4 + 0.4: each alone would be rounded away.
    assert thirds(None, "m", JANUARY, Usage(input=1, output=1)).cost == 1


# --- which model is meant ---

NAMES: list[tuple[str | None, str, str | None]] = [
    # Aliases, dates and versions of one model
    ("anthropic", "claude-opus-4-5", "claude-opus-4-5"),
    ("anthropic", "claude-opus-4-5-20251101", "claude-opus-4-5"),
    ("anthropic", "claude-opus-4-5-latest", "claude-opus-4-5"),
    ("anthropic", "Claude-Opus-4-5", "claude-opus-4-5"),
    ("anthropic", "claude-sonnet-4-5-20250929", "claude-sonnet-4-5"),
    ("anthropic", "claude-sonnet-4-20250514", "claude-sonnet-4-0"),
    ("anthropic", "claude-sonnet-4", "claude-sonnet-4-0"),
    ("anthropic", "claude-opus-4-20250514", "claude-opus-4-0"),
    ("anthropic", "claude-opus-4-1-20250805", "claude-opus-4-1"),
    ("anthropic", "claude-haiku-4-5-20251001", "claude-haiku-4-5"),
    ("anthropic", "claude-3-5-haiku-20241022", "claude-3-5-haiku-latest"),
    ("anthropic", "claude-3-5-sonnet-20241022", "claude-3-5-sonnet"),
    ("anthropic", "claude-3-opus-20240229", "claude-3-opus-latest"),
    ("anthropic", "claude-3-sonnet-20240229", "claude-3-sonnet"),
    ("anthropic", "claude-fable-5", "claude-fable-5"),
    ("anthropic", "claude-opus-5", "claude-opus-5"),
    ("anthropic", "claude-sonnet-5", "claude-sonnet-5"),
    ("openai", "gpt-5.1", "gpt-5.1"),
    ("openai", "gpt-5.1-codex-max", "gpt-5.1"),
    ("openai", "gpt-5.2-codex", "gpt-5.2"),
    ("openai", "gpt-5.2-20251211", "gpt-5.2"),
    ("openai", "gpt-5.3-codex", "gpt-5.3-codex"),
    ("openai", "gpt-5.4", "gpt-5.4"),
    ("openai", "gpt-5.4-mini", "gpt-5.4-mini"),
    ("openai", "gpt-5.5", "gpt-5.5"),
    ("openai", "gpt-5.6-luna", "gpt-5.6-luna"),
    ("openai", "gpt-5.6-sol", "gpt-5.6-sol"),
    ("openai", "o4-mini", "o4-mini"),
    ("openai", "gpt-4o", "gpt-4o"),
    ("openai", "gpt-4o-mini", "gpt-4o-mini"),
    ("openai", "ft:gpt-4o-2024-08-06:acme::abc123", "ft:gpt-4o"),
    ("google", "gemini-2.5-flash", "gemini-2.5-flash"),
    ("google", "gemini-2.5-flash-preview-09-2025", "gemini-2.5-flash"),
    ("google", "gemini-2.5-pro", "gemini-2.5-pro"),
    ("google", "gemini-3-flash-preview", "gemini-3-flash-preview"),
    ("google", "gemini-3.1-pro-preview", "gemini-3.1-pro-preview"),
    ("google", "gemini-pro", "gemini-pro"),
    ("moonshotai", "kimi-k2.5", "kimi-k2.5"),
    ("xai", "grok-code-fast-1", "grok-code-fast-1"),
    # Claude Code's long context is the same model
    ("anthropic", "claude-opus-4-6[1m]", "claude-opus-4-6"),
    ("anthropic", "claude-sonnet-4-5-20250929[1m]", "claude-sonnet-4-5"),
    # Platforms' names
    (
        "amazon-bedrock",
        "anthropic.claude-sonnet-4-5-20250929-v1:0",
        "regional.anthropic.claude-sonnet-4-5-20250929-v1:0",
    ),
    (
        "amazon-bedrock",
        "us.anthropic.claude-opus-4-5-20251101-v1:0",
        "regional.anthropic.claude-opus-4-5-v1:0",
    ),
    (
        "bedrock",
        "arn:aws:bedrock:us-east-1:123456789012:inference-profile/us.anthropic.claude-opus-4-5-20251101-v1:0",
        "regional.anthropic.claude-opus-4-5-v1:0",
    ),
    ("google-vertex", "claude-sonnet-4-5@20250929", "claude-sonnet-4-5"),
    ("github-copilot", "gpt-5.4", "gpt-5.4"),
    ("github-copilot", "claude-haiku-4.5", "claude-haiku-4.5"),
    ("openrouter", "anthropic/claude-sonnet-4.5", "anthropic/claude-sonnet-4.5"),
    ("openrouter", "qwen/qwen3-coder:free", "qwen/qwen3-coder:free"),
    # A provider before the name
    (None, "anthropic/claude-opus-4-5", "claude-opus-4-5"),
    ("anthropic", "anthropic/claude-opus-4-5", "claude-opus-4-5"),
    (None, "openrouter/anthropic/claude-sonnet-4.5", "anthropic/claude-sonnet-4.5"),
    ("litellm", "openai/gpt-5", "gpt-5"),
    # No provider, or one that the list does not know: by the model's own name
    (None, "claude-3-sonnet", "claude-3-sonnet"),
    (None, "deepseek-chat", "deepseek-chat"),
    ("my-gateway", "claude-opus-4-5", "claude-opus-4-5"),
    ("opencode", "gpt-5.4", "gpt-5.4"),
    # The list knows the provider, and that it does not sell this: another's price says nothing
    ("github-copilot", "gemini-3.1-pro-preview", None),
    ("openai", "claude-opus-4-5", None),
    # Models of the future, or someone's own, that begin like a known one
    ("anthropic", "claude-opus-9", None),
    ("anthropic", "claude-opus-4-55", None),
    ("anthropic", "claude-opus-4-5-turbo", None),
    ("anthropic", "claude-haiku-4-5-distill-q4_k_m", None),
    ("openai", "gpt-5.4-ultra", None),
    ("openai", "gpt-9", None),
    ("openai", "codex-auto-review", None),
    ("google", "gemini-2.5-pro-mine", None),
    (None, "deepseek-r1-distill-qwen-32b", None),
    (None, "deepseek-r1:70b", None),
    (None, "someone/claude-opus-4-5-merge", None),
    # Run at home
    ("ollama", "gpt-oss:20b", None),
    ("my-ollama", "deepseek-chat", None),
    ("lmstudio", "claude-opus-4-5", None),
    ("vllm", "gpt-5", None),
    ("mock", "mock-model", None),
    # No model of anyone's
    (None, "haiku", None),
    (None, "coder-model", None),
    ("anthropic", "<synthetic>", None),
    ("google", "gmini-pro", None),
    ("pi-fixture", "pi-fixture-model", None),
]  # fmt: skip


@pytest.mark.parametrize(("provider", "model", "expected"), NAMES)
def test_a_name_means_one_model_of_the_list_or_none(
    provider: str | None, model: str, expected: str | None
) -> None:
    found = catalog.find(provider, model)
    assert (found.id if found else None) == expected


def test_every_model_of_the_list_is_found_by_its_own_name() -> None:
    for seller in get_snapshot().providers:
        for model in seller.models:
            found = catalog.find(seller.id, model.id)
            assert found is not None, (seller.id, model.id)
            # An earlier entry may be the one that a name means.
            assert found.id == model.id or found.info.is_match(model.id)


@pytest.mark.parametrize(
    ("provider", "model"),
    [("anthropic", "nobody-knows-this"), (None, None), ("ollama", "gpt-oss:20b"), ("", "")],
)
def test_what_is_not_in_the_price_list_has_no_price(provider: str | None, model: str | None) -> None:
    assert quote(provider, model, JANUARY, Usage(input=10)) == NO_QUOTE


def test_only_a_model_that_is_called_free_is_free() -> None:
    usage = Usage(input=1000, output=1000)
    free = quote("openrouter", "qwen/qwen3-coder:free", JANUARY, usage)
    assert (free.cost, free.source) == (0, "priced")
    # Included in the subscription: the list has no price, which is not a price of 0.
    assert cost("github-copilot", "gpt-4.1", JANUARY, usage) is None


def test_the_long_context_variant_is_the_same_model_with_a_larger_window() -> None:
    usage = Usage(input=1000)
    short = quote("anthropic", "claude-sonnet-4-5", JANUARY, usage)
    long = quote("anthropic", "claude-sonnet-4-5[1m]", JANUARY, usage)
    assert (short.cost, short.context_window) == (3_000_000, 200_000)
    assert (long.cost, long.context_window) == (3_000_000, 1_000_000)


def test_a_call_that_held_more_than_the_listed_window_had_another_one() -> None:
    def window(model: str, tokens: int) -> int | None:
        return quote(None, model, JANUARY, Usage(cache_read=tokens, output=50_000)).context_window

    assert window("claude-sonnet-4-5", 200_000) == 200_000
    assert window("claude-sonnet-4-5", 200_001) == 1_000_000
    assert window("gpt-5", 400_000) == 400_000
    assert window("gpt-5", 400_001) is None


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
            ("google", "gemini-2.5-pro"),
            ("deepseek", "deepseek-v4-pro"),
        ]
    ),
    when=st.integers(JANUARY, JANUARY + 300 * DAY),
    tokens=st.tuples(TOKENS, TOKENS, TOKENS, TOKENS, TOKENS),
    searches=st.integers(0, 3),
)
def test_a_quote_is_what_the_price_package_calculates(
    model: tuple[str, str], when: int, tokens: tuple[int, int, int, int, int], searches: int
) -> None:
    fresh, output, read, write_5m, write_1h = tokens
    if model[0] == "deepseek":
        searches = 0
    theirs = genai_prices.calc_price(
        genai_prices.Usage(
            input_tokens=fresh + read + write_5m + write_1h,
            output_tokens=output,
            cache_read_tokens=read,
            cache_write_tokens=write_5m + write_1h,
            cache_write_5m_tokens=write_5m,
            cache_write_1h_tokens=write_1h,
            web_searches=searches,
        ),
        model[1],
        provider_id=model[0],
        genai_request_timestamp=dt.datetime.fromtimestamp(when / 1e6, dt.UTC),
    )
    ours = quote(*model, when, Usage(fresh, output, 0, read, write_5m, write_1h), None, searches)
    assert ours.cost == round(theirs.total_price * 10**9)
    if theirs.model.context_window and fresh + read + write_5m + write_1h <= theirs.model.context_window:
        assert ours.context_window == theirs.model.context_window


# --- the user's own prices ---

OWN = Price(model="my-model", input=Decimal("1.5"), output=Decimal(6))
USAGE = Usage(input=1000, output=100, cache_read=500, cache_write_5m=200, cache_write_1h=100)


def test_a_model_of_ones_own_has_the_price_it_is_given() -> None:
    found = Prices([OWN])("ollama", "my-model", JANUARY, USAGE)
    # Cached tokens without a price cost as input: 1800 x 1.5 + 100 x 6
    assert (found.cost, found.source) == (3_300_000, "override")


def test_what_an_entry_leaves_out_stays_as_in_the_price_list() -> None:
    entry = Price(model="claude-opus-4-5", input=Decimal(4))
    found = Prices([entry])("anthropic", "claude-opus-4-5-20251101", JANUARY, USAGE)
    # 1000 x 4, and of the list 100 x 25 + 500 x 0.5 + 200 x 6.25 + 100 x 10
    assert (found.cost, found.source) == (9_000_000, "override")


def test_an_entry_may_price_searches_reasoning_and_long_contexts() -> None:
    entry = Price(
        model="my-*",
        input=Decimal(1),
        output=Decimal(2),
        reasoning=Decimal(3),
        web_search=Decimal(5),
        context_window=500_000,
        long_context=(LongContext(above=1000, input=Decimal(10)),),
    )
    prices = Prices([entry])
    short = prices(None, "my-model", JANUARY, Usage(input=1000, output=100, reasoning=40), None, 2)
    # 1000 x 1 + 60 x 2 + 40 x 3, and 2 x $0.005
    assert (short.cost, short.context_window) == (11_240_000, 500_000)
    # 1001 x 10 + 1 x 2: what has no long price keeps the other
    assert prices(None, "my-model", JANUARY, Usage(input=1001, output=1)).cost == 10_012_000


def test_an_entry_holds_from_its_first_to_its_last_day() -> None:
    entry = Price(
        model="m", input=Decimal(1), output=Decimal(1), since=dt.date(2026, 2, 1), until=dt.date(2026, 2, 28)
    )
    prices = Prices([entry])

    def price(day: str, time: str) -> int | None:
        return prices(None, "m", at(day, time), Usage(input=1)).cost

    assert price("2026-01-31", "23:59:59") is None
    assert price("2026-02-01", "00:00:00") == price("2026-02-28", "23:59:59") == 1000
    assert price("2026-03-01", "00:00:00") is None


def test_of_entries_for_the_same_call_the_last_holds() -> None:
    prices = Prices(
        [
            Price(model="*", input=Decimal(1), output=Decimal(1)),
            Price(model="claude-*", provider="anthropic", input=Decimal(2), output=Decimal(2)),
        ]
    )
    assert prices("anthropic", "claude-opus-4-5", JANUARY, Usage(input=1)).cost == 2000
    assert prices("my-gateway", "some-model", JANUARY, Usage(input=1)).cost == 1000


def test_an_entry_is_for_calls_billed_as_usual_unless_it_names_a_tier() -> None:
    prices = Prices([OWN, Price(model="my-model", tier="batch", input=Decimal(1), output=Decimal(1))])
    assert prices(None, "my-model", JANUARY, Usage(input=1000)).cost == 1_500_000
    assert prices(None, "my-model", JANUARY, Usage(input=1000), "batch").cost == 1_000_000
    assert prices(None, "my-model", JANUARY, Usage(input=1000), "fast").cost is None


def test_a_discount_is_taken_off_the_whole_list_price() -> None:
    prices = Prices(discounts=[Discount(provider="anthropic", percent=Decimal("12.5"))])
    found = prices("anthropic", "claude-opus-4-5", JANUARY, Usage(input=1000), None, 1)
    # (1000 x 5,000 + 10,000,000) x 0.875
    assert (found.cost, found.source) == (13_125_000, "override")
    other = prices("openai", "gpt-5", JANUARY, Usage(input=1000))
    assert (other.cost, other.source) == (1_250_000, "priced")


def test_a_discount_is_not_taken_off_a_price_of_ones_own() -> None:
    prices = Prices([OWN], [Discount(percent=Decimal(50))])
    assert prices(None, "my-model", JANUARY, USAGE).cost == 3_300_000


def test_a_discount_makes_no_price_where_there_is_none() -> None:
    prices = Prices(discounts=[Discount(percent=Decimal(100))])
    assert prices(None, "nobody-knows-this", JANUARY, USAGE) == NO_QUOTE


def test_the_fingerprint_tells_own_prices_from_others_and_from_none() -> None:
    others = [
        Prices(),
        Prices([OWN]),
        Prices([OWN, OWN]),
        Prices(discounts=[Discount(percent=Decimal(5))]),
        Prices(discounts=[Discount(percent=Decimal(6))]),
    ]
    assert len({prices.fingerprint for prices in others}) == len(others)
    assert Prices([OWN]).fingerprint == Prices([OWN]).fingerprint


def test_the_price_list_tells_when_it_was_looked_up() -> None:
    day = catalog.checked()
    assert day is not None
    assert dt.date(2026, 1, 1) <= dt.date.fromisoformat(day) <= dt.datetime.now(dt.UTC).date()


def test_absurd_counts_of_tokens_have_no_price() -> None:
    """What a damaged record may say costs no other record anything: sums of it fit the store."""
    most = as_count(10**12)
    assert most == 10**12
    assert as_count(10**12 + 1) == as_count(2**62) == 0
    assert quote("anthropic", "claude-opus-4-1", 1_767_323_045_000_000, Usage(most)).cost is None
    assert quote("anthropic", "claude-opus-4-1", 1_767_323_045_000_000, Usage(10**6)).cost == 15 * 10**9
