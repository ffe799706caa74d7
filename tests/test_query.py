"""What people may type, and how it is understood: see `ai_viewer.query`."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ai_viewer.query import Comparison, Condition, Field, Query, QueryError, Term, moment, parse

DAY = 86_400_000_000
CASES = Path(__file__).parents[1] / "frontend" / "src" / "logic" / "filter-cases.json"
"""What the page's parser is held to, too."""


def terms(text: str, *, typing: bool = False) -> tuple[Term, ...]:
    return parse(text, typing=typing).terms


def condition(text: str) -> Condition:
    (found,) = parse(text).conditions
    return found


class TestTerms:
    def test_words_are_parted_by_spaces(self) -> None:
        assert terms(" parser   error ") == (Term(text="parser"), Term(text="error"))

    def test_quotes_hold_a_phrase_together(self) -> None:
        assert terms('"not found"') == (Term(text="not found", phrase=True),)

    def test_a_doubled_quote_is_a_quote_in_a_phrase(self) -> None:
        assert terms('"say ""hi"""') == (Term(text='say "hi"', phrase=True),)

    def test_a_phrase_that_is_not_closed_goes_on_to_the_end(self) -> None:
        assert terms('"not fou') == (Term(text="not fou", phrase=True),)

    def test_a_star_behind_a_word_asks_for_words_that_begin_so(self) -> None:
        assert terms("pars*") == (Term(text="pars", prefix=True),)

    def test_a_star_before_a_word_asks_for_words_that_contain_it(self) -> None:
        assert terms("*ooba") == terms("*ooba*") == (Term(text="ooba", inside=True),)

    def test_a_minus_excludes(self) -> None:
        assert terms('-flaky -"a b"') == (
            Term(text="flaky", negated=True),
            Term(text="a b", phrase=True, negated=True),
        )

    @pytest.mark.parametrize(
        "text", ["--flag", "->", "-", "std::vector", "http://localhost:80/a", "0x1f", "a-b"]
    )
    def test_what_programs_are_made_of_is_taken_as_it_stands(self, text: str) -> None:
        assert terms(text) == (Term(text=text),)

    def test_while_typing_the_last_word_may_be_a_beginning(self) -> None:
        assert terms("parser err", typing=True) == (Term(text="parser"), Term(text="err", prefix=True))
        assert terms("parser err ", typing=True) == (Term(text="parser"), Term(text="err"))
        assert terms("err kind:log", typing=True) == (Term(text="err"),)


class TestConditions:
    def test_commas_mean_or(self) -> None:
        assert condition("tool:Bash,Read") == Condition(field=Field.TOOL, values=("Bash", "Read"))

    def test_a_minus_negates(self) -> None:
        assert condition("-kind:log").negated

    def test_values_may_be_quoted(self) -> None:
        assert condition('project:"my app, two",b').values == ("my app, two", "b")

    def test_names_of_fields_are_known_whatever_their_case(self) -> None:
        assert condition("Tool:Bash").field is Field.TOOL

    @pytest.mark.parametrize(
        ("text", "value"),
        [
            ("dur:>30s", 30_000_000),
            ("dur:>1.5m", 90_000_000),
            ("dur:>250ms", 250_000),
            ("cost:>0.5", 500_000_000),
            ("cost:>$0.5", 500_000_000),
            ("tok:>50k", 50_000),
            ("tok:>1.5M", 1_500_000),
            ("ctx:>100k", 100_000),
            ("ctx:>80%", 80_000),
        ],
    )
    def test_numbers_have_units(self, text: str, value: int) -> None:
        found = condition(text)
        assert [(one.sign, one.value(found.field)) for one in found.comparisons] == [(">", value)]

    @pytest.mark.parametrize(
        ("text", "place"),
        [
            ("a kind:nonsense", 8),
            ("is:lost", 4),
            ("dur:30s", 5),
            ("dur:>soon", 5),
            ("cost:>3s", 6),
            ("after:soon", 7),
            ("after:99999-01-01", 7),
            ("tool:", 1),
            ("x -tool:,", 4),
        ],
    )
    def test_what_a_field_cannot_be_is_told_with_its_place(self, text: str, place: int) -> None:
        with pytest.raises(QueryError, match=rf"at character {place}$"):
            parse(text)

    def test_times_are_instants_or_a_while_ago(self) -> None:
        noon = 1_767_268_800_000_000
        assert moment("7d", noon) == noon - 7 * DAY
        assert moment("2026-01-01T12:00Z", 0) == noon
        local = dt.datetime(2026, 1, 1).astimezone()
        assert moment("2026-01-01", 0) == int(local.timestamp()) * 1_000_000


@pytest.mark.parametrize("case", json.loads(CASES.read_text(encoding="utf-8")), ids=lambda case: case["text"])
def test_the_page_understands_the_same(case: dict[str, Any]) -> None:
    if "place" in case:
        with pytest.raises(QueryError) as error:
            parse(case["text"])
        assert error.value.place == case["place"]
    else:
        assert str(parse(case["text"])) == case["printed"]


@given(st.one_of(st.text(), st.text('text:kind-*" ')))
def test_any_text_is_a_query_or_has_a_place_that_is_wrong(text: str) -> None:
    query, place = understood(text)
    assert 0 <= place <= len(text)
    assert parse(str(query)) == query


def understood(text: str) -> tuple[Query, int]:
    """The query, or an empty one and the place that is wrong."""
    try:
        return parse(text), 0
    except QueryError as error:
        return Query(), error.place


WORDS = st.text(
    st.characters(codec="utf-8", exclude_categories=["Z", "C"], exclude_characters='"*-,:<>=$'), min_size=1
)
TEXTS = st.text(st.characters(codec="utf-8", exclude_categories=["C"]), min_size=1).filter(str.strip)
TERMS = st.one_of(
    st.builds(Term, text=WORDS, negated=st.booleans()),
    st.builds(Term, text=WORDS, prefix=st.just(True), negated=st.booleans()),
    st.builds(Term, text=WORDS, inside=st.just(True), negated=st.booleans()),
    st.builds(Term, text=TEXTS, phrase=st.just(True), prefix=st.booleans(), negated=st.booleans()),
)
VALUES = st.lists(TEXTS, min_size=1, max_size=3, unique=True).map(tuple)
COMPARISONS = st.lists(
    st.builds(
        Comparison,
        sign=st.sampled_from([">", "<", ">=", "<=", "="]),
        number=st.integers(0, 10**9).map(str),
        unit=st.sampled_from(["", "k", "%"]),
    ),
    min_size=1,
    max_size=3,
    unique=True,
).map(tuple)
CONDITIONS = st.one_of(
    st.builds(
        Condition,
        field=st.sampled_from([Field.TOOL, Field.MODEL, Field.PROJECT, Field.SESSION]),
        values=VALUES,
        negated=st.booleans(),
    ),
    st.builds(Condition, field=st.just(Field.KIND), values=st.just(("prompt", "log")), negated=st.booleans()),
    st.builds(Condition, field=st.just(Field.CONTEXT), comparisons=COMPARISONS, negated=st.booleans()),
)


@given(st.lists(TERMS, max_size=4), st.lists(CONDITIONS, max_size=3))
def test_what_is_written_out_is_understood_as_the_same(
    terms: list[Term], conditions: list[Condition]
) -> None:
    query = Query(terms=tuple(terms), conditions=tuple(conditions))
    assert parse(str(query)) == query
