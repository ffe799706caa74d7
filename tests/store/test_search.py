"""What the search finds: see `ai_viewer.store.search`."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ai_viewer.ingest.fold import KEEP_BYTES
from ai_viewer.model import (
    Event,
    LogEntry,
    OpFinalized,
    OpKind,
    OpStarted,
    OpStatus,
    PayloadKind,
    PayloadRef,
    Rank,
    SessionFacts,
    SessionKind,
    SessionStarted,
    SessionStatus,
    Severity,
    TurnStarted,
    Usage,
    call_key,
)
from ai_viewer.query import parse
from ai_viewer.store import search
from ai_viewer.store.cursors import CursorError
from ai_viewer.store.views_search import SearchHit, SearchPage
from tests.pictures import NOON, SECOND, Store, batch

DAY = 86_400 * SECOND


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    made = Store(tmp_path / "s.db")
    yield made
    made.close()


class Told:
    """A session in the making: each text is a tool's output, a second after the one before."""

    def __init__(self, name: str = "s", *, at: int = NOON, **facts: Any) -> None:
        self.name = name
        self.at = at
        self.seq = 0
        facts = {"cwd": f"/home/dev/{name}", "started_at": at, "last_at": at, **facts}
        self.events: list[Event] = [
            SessionStarted(session=name, rank=Rank.TRANSCRIPT, facts=SessionFacts(**facts)),
            TurnStarted(session=name, turn=1, ts=at),
        ]

    def op(
        self,
        *texts: str,
        kind: OpKind = OpKind.TOOL,
        name: str = "Bash",
        said: PayloadKind = PayloadKind.TOOL_OUTPUT,
        seconds: int = 1,
        call: int | None = None,
        model: str | None = None,
        **end: Any,
    ) -> Told:
        self.seq += 1
        place: dict[str, Any] = {"session": self.name, "turn": 1, "seq": self.seq}
        self.events.append(OpStarted(**place, ts=self.at, kind=kind, name=name, call=call, model=model))
        self.events += [
            PayloadRef(**place, kind=said, part=part, text=text) for part, text in enumerate(texts)
        ]
        self.at += seconds * SECOND
        end.setdefault("status", OpStatus.COMPLETED)
        self.events.append(OpFinalized(**place, ts=self.at, **end))
        return self

    def into(self, store: Store) -> None:
        store.writer.apply([batch(self.events, f"{self.name}.jsonl")])


def ask(store: Store, text: str, **more: Any) -> SearchPage:
    typing = more.pop("typing", False)
    return search.page(store.reader, parse(text, typing=typing), now=more.pop("now", NOON + DAY), **more)


def hits(page: SearchPage) -> list[SearchHit]:
    return [hit for group in page.groups for hit in group.hits]


def found(store: Store, text: str, **more: Any) -> list[str]:
    """The texts that are found, by what their snippets show."""
    return [hit.snippet.text if hit.snippet else "–" for hit in hits(ask(store, text, **more))]


class TestWords:
    def test_all_words_must_be_in_the_text(self, store: Store) -> None:
        Told().op("red fox").op("red hen").into(store)
        assert found(store, "red fox") == ["red fox"]
        assert found(store, "red") == ["red hen", "red fox"]

    def test_case_and_accents_do_not_matter(self, store: Store) -> None:
        Told().op("Über CAFÉ").into(store)
        assert found(store, "uber café") == found(store, "ÜBER cafe") == ["Über CAFÉ"]

    def test_a_word_is_not_found_within_another_one_while_others_have_it(self, store: Store) -> None:
        Told().op("foobar").op("bar").into(store)
        assert found(store, "bar") == ["bar"]

    def test_a_phrase_is_words_in_this_order(self, store: Store) -> None:
        Told().op("not really found").op("it was not found").into(store)
        assert found(store, '"not found"') == ["it was not found"]

    def test_excluded_words_must_not_be_there(self, store: Store) -> None:
        Told().op("red fox").op("red hen").into(store)
        assert found(store, "red -fox") == found(store, '-fox kind:tool_output -"a fox"') == ["red hen"]

    def test_a_star_finds_beginnings(self, store: Store) -> None:
        Told().op("parser").op("sparse").into(store)
        assert found(store, "pars*") == ["parser"]

    def test_the_last_word_that_is_being_typed_is_a_beginning(self, store: Store) -> None:
        Told().op("a parser").op("a sparse one").into(store)
        assert found(store, "a par", typing=True) == ["a parser"]

    def test_beginnings_that_many_words_have_are_found_as_those_that_few_have(self, store: Store) -> None:
        told = Told()
        for n in range(600):
            told.op(f"common{n} " + ("rareness" if n == 3 else "noise"))
        told.into(store)
        assert len(found(store, "com*", limit=50)) == 50
        assert found(store, "rare*") == ["common3 rareness"]
        every: list[str] = []
        page = ask(store, "com*", limit=120)
        while True:
            every += [hit.snippet.text for hit in hits(page) if hit.snippet]
            if page.next is None:
                break
            page = ask(store, "com*", limit=120, cursor=page.next)
        assert [text.split()[0] for text in every] == [f"common{n}" for n in reversed(range(600))]

    @pytest.mark.parametrize(
        ("query", "text", "other"),
        [
            ("foo_bar.baz", "call foo_bar.baz()", "foo bar baz"),
            ("src/app/main.py", "in src/app/main.py:3", "src app main.py"),
            ("--flag", "run --flag now", "run flag now"),
            ("0x1f", "at 0x1F", "at 0 x1f"),
            ("dev@example.org", "to <dev@example.org>", "dev at example.org"),
            ("->", "a -> b", "a > b"),
            ("std::vector", "std::vector<int>", "std vector"),
            ('"error: not"', "error:  not found", "error not found"),
        ],
    )
    def test_punctuation_must_be_as_it_was_typed(
        self, store: Store, query: str, text: str, other: str
    ) -> None:
        Told().op(text).op(other).into(store)
        assert len(found(store, query)) == 1
        (mark,) = hits(ask(store, query))[0].snippet.marks[:1]  # type: ignore[union-attr]
        assert mark[1] >= len(query.strip('"'))

    def test_an_identifier_is_not_found_in_a_longer_one(self, store: Store) -> None:
        Told().op("foo_bar.bazaar").op("xfoo_bar.baz").op("foo_bar.baz").into(store)
        assert found(store, "foo_bar.baz") == ["foo_bar.baz"]

    def test_stars_around_a_word_find_it_within_others(self, store: Store) -> None:
        Told().op("foobar").op("ooba").op("other").into(store)
        assert found(store, "*ooba*") == ["ooba", "foobar"]

    def test_what_no_text_has_as_a_word_is_looked_for_within_words(self, store: Store) -> None:
        Told().op("a foobar").into(store)
        page = ask(store, "ooba")
        assert page.widened
        assert [hit.snippet.marks for hit in hits(page) if hit.snippet] == [[(3, 4)]]
        assert not ask(store, "foobar").widened

    @pytest.mark.parametrize("query", ["設定", "定を", "ファイル", "設定ファイル", "を読", "설정", "定 読"])
    def test_scripts_without_spaces_are_found_by_any_part(self, store: Store, query: str) -> None:
        Told().op("設定ファイルを読む 설정을 읽다 設定を").op("設 定 フ 정 설").into(store)
        assert found(store, query) == ["設定ファイルを読む 설정을 읽다 設定を"]

    @pytest.mark.parametrize(
        "query",
        [
            "NEAR(a b)",
            "a AND",
            "text:a",
            "^a",
            "(a",
            "a + b",
            "{a}",
            "a OR b",
            '"',
            "*",
            "-",
            "a\0b",
            "\ud800",
        ],
    )
    def test_no_text_is_taken_for_the_index_s_own_language(self, store: Store, query: str) -> None:
        Told().op("a b").into(store)
        ask(store, query)
        ask(store, query, sort="best")


class TestOtherTexts:
    def test_titles_errors_and_logs_are_found(self, store: Store) -> None:
        told = Told(
            title="Walrus hunt", error_class="walrus", error_message="gone", status=SessionStatus.FAILED
        )
        told.op("fine", error_class="timeout", error_message="no walrus", status=OpStatus.FAILED)
        told.events.append(
            LogEntry(
                session="s", turn=1, n=7, ts=NOON, severity=Severity.INFO, name="hook", message="walrus ran"
            )
        )
        told.into(store)
        page = ask(store, "walrus")
        assert {
            (hit.kind, hit.turn, hit.seq, hit.log, hit.snippet and hit.snippet.text) for hit in hits(page)
        } == {
            ("title", None, None, None, "Walrus hunt"),
            ("error", None, None, None, "walrus: gone"),
            ("error", 1, 1, None, "timeout: no walrus"),
            ("log", 1, None, 7, "hook: walrus ran"),
        }
        assert len(found(store, "walrus kind:error")) == 2

    def test_a_changed_title_is_found_by_its_new_words_only(self, store: Store) -> None:
        for title in ("Old name", "New name"):
            Told(title=title).op("x").into(store)
        assert found(store, "old") == []
        assert found(store, "new") == ["New name"]

    def test_of_what_a_file_tells_no_more_nothing_is_found(self, store: Store) -> None:
        told = Told(title="walrus")
        told.op("walrus", error_message="walrus", status=OpStatus.FAILED)
        told.events.append(
            LogEntry(session="s", turn=1, n=1, ts=NOON, severity=Severity.INFO, name="hook", message="walrus")
        )
        told.into(store)
        news = batch(Told().op("penguin").events, "s.jsonl")
        news.reset = True
        store.writer.apply([news])
        assert found(store, "walrus") == []
        assert store.reader.execute("SELECT count(*) FROM passage").get == 0
        assert found(store, "penguin") == ["penguin"]


class TestConditions:
    @pytest.fixture
    def told(self, store: Store) -> Store:
        told = Told("one", title="x one", git_branch="main", agent="Explore", model="opus-4", provider="p")
        told.op("x ls", name="Bash", seconds=60)
        told.op("x read", name="Read", status=OpStatus.FAILED)
        told.op(
            "x said", kind=OpKind.LLM, name="call", model="opus-4-5", said=PayloadKind.ANSWER,
            usage=Usage(input=60_000), cost=700_000_000, context_used=60_000, context_max=70_000,
        )  # fmt: skip
        told.into(store)
        Told("two", at=NOON - 10 * DAY, model="sonnet").op("x old", name="Bash[1]").into(store)
        return store

    @pytest.mark.parametrize(
        ("query", "expected"),
        [
            ("x tool:bash", ["x ls"]),
            ("x tool:Bash*", ["x ls", "x old"]),
            ("x tool:Bash[1]", ["x old"]),
            ("x tool:call", []),
            ("x name:call", ["x said"]),
            ("x kind:answer,title", ["x said", "x one"]),
            ("x -kind:title,tool_output", ["x said"]),
            ("x model:opus-4", ["x read", "x one", "x ls"]),
            ("x model:opus*", ["x said", "x read", "x one", "x ls"]),
            ("x project:two", ["x old"]),
            ("x project:/home/dev/two", ["x old"]),
            ("x project:/home -project:one", ["x old"]),
            ("x agent:explore kind:answer", ["x said"]),
            ("x branch:main kind:answer", ["x said"]),
            ("x format:codex", []),
            ("x session:tw", ["x old"]),
            ("x session:claude_code:two", ["x old"]),
            ("x is:failed", ["x read"]),
            ("x status:failed", ["x read"]),
            ("x dur:>30s", ["x ls"]),
            ("x cost:>=0.7", ["x said"]),
            ("x cost:>0.7", []),
            ("x tok:>50k", ["x said"]),
            ("x ctx:>80%", ["x said"]),
            ("x ctx:>90%", []),
            ("x ctx:<60001", ["x said"]),
            ("x before:7d", ["x old"]),
            ("x after:7d kind:answer", ["x said"]),
            ("after:7d kind:answer", ["x said"]),
            ("is:failed", ["x read"]),
        ],
    )
    def test_they_let_through_what_they_say(self, told: Store, query: str, expected: list[str]) -> None:
        assert found(told, query) == expected

    def test_copies_are_found_and_marked(self, store: Store) -> None:
        for name in ("a", "b"):
            Told(name, at=NOON + (name == "b") * SECOND).op(
                "same words", kind=OpKind.LLM, call=call_key("m"), usage=Usage(input=1)
            ).into(store)
        assert [hit.replay for hit in hits(ask(store, "same"))] == [True, False]
        assert len(hits(ask(store, "same is:replay"))) == len(hits(ask(store, "same -is:replay"))) == 1


class TestPages:
    def test_the_newest_come_first_whatever_was_read_first(self, store: Store) -> None:
        for name, days in (("b", 2), ("c", 3), ("a", 1)):
            Told(name, at=NOON + days * DAY).op(f"x {name}").into(store)
        assert found(store, "x") == ["x c", "x b", "x a"]

    def test_texts_of_the_same_second_are_all_kept_apart(self, store: Store) -> None:
        Told().op(*(f"x{n} y" for n in range(2_500))).into(store)
        Told("t").op("y").into(store)
        assert ask(store, "y").total == 2_501
        assert len(found(store, "x2499")) == 1

    def test_pages_together_are_the_whole_each_hit_once(self, store: Store) -> None:
        told = Told()
        for n in range(25):
            told.op(f"x {n}")
        told.into(store)
        for sort in ("newest", "best"):
            every: list[str] = []
            cursor = None
            while True:
                page = ask(store, "x", limit=10, cursor=cursor, sort=sort)
                every += [hit.snippet.text for hit in hits(page) if hit.snippet]
                cursor = page.next
                if cursor is None:
                    break
            assert every == [f"x {n}" for n in reversed(range(25))]

    def test_a_cursor_is_good_for_its_question_only(self, store: Store) -> None:
        Told().op("x").op("x").into(store)
        cursor = ask(store, "x", limit=1).next
        with pytest.raises(CursorError):
            ask(store, "y", cursor=cursor)
        with pytest.raises(CursorError):
            ask(store, "x", cursor=cursor, sort="best")

    def test_the_best_have_the_word_most_often_in_the_fewest_words(self, store: Store) -> None:
        Told().op("x x x").op("a x among many other words that are here").into(store)
        assert found(store, "x", sort="best")[0] == "x x x"

    def test_hits_are_grouped_and_counted(self, store: Store) -> None:
        Told("a").op("x 1").op("x 2", name="Read").into(store)
        Told("b", at=NOON + DAY).op("x 3").into(store)
        page = ask(store, "x", limit=2)
        assert [(group.session.id, group.count, len(group.hits)) for group in page.groups] == [
            ("claude_code:b", 1, 1),
            ("claude_code:a", 2, 1),
        ]
        assert (page.total, page.at_least, page.counted) == (3, False, 3)
        assert page.facets is not None
        assert {(one.value, one.count) for one in page.facets.tool} == {("Bash", 2), ("Read", 1)}
        assert [(one.value, one.count) for one in page.facets.kind] == [("tool_output", 3)]

    def test_of_very_many_hits_it_is_told_that_there_are_more(
        self, store: Store, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(search, "TOTAL_CAP", 5)
        monkeypatch.setattr(search, "COUNTED", 3)
        told = Told()
        for n in range(8):
            told.op(f"x {n}")
        told.into(store)
        page = ask(store, "x", limit=2)
        assert (page.total, page.at_least, page.counted) == (5, True, 3)

    def test_work_is_bounded_and_goes_on_with_the_next_page(
        self, store: Store, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(search, "_BUDGET", search.Budget(texts=10))
        told = Told()
        for n in range(25):
            told.op("xyz" if n == 2 else f"noise{n}")
        told.into(store)
        pages = [ask(store, "*y*")]
        while pages[-1].next is not None:
            pages.append(ask(store, "*y*", cursor=pages[-1].next))
        assert [len(hits(page)) for page in pages] == [0, 0, 1]
        assert [page.searched_to is None for page in pages] == [False, False, True]
        assert pages[0].at_least

    def test_a_page_asks_the_store_a_few_times_only(self, store: Store) -> None:
        told = Told()
        for n in range(100):
            told.op(f"x {n}")
        told.into(store)
        statements = store.count_statements()
        ask(store, "x", limit=10)
        assert len(statements) < 10 + 8  # one for each snippet's text

    def test_a_text_that_was_not_kept_is_found_without_a_snippet(self, store: Store) -> None:
        Told().op("walrus " + "x" * KEEP_BYTES).into(store)
        assert [hit.snippet for hit in hits(ask(store, "walrus"))] == [None]
        assert [hit.snippet for hit in hits(ask(store, "walr*"))] == [None]


class TestSnippets:
    def test_it_shows_where_the_words_stand_together(self, store: Store) -> None:
        Told().op("red " + "noise " * 200 + "red\nfox\x1b[1m" + " noise" * 200).into(store)
        (hit,) = hits(ask(store, "red fox"))
        shown = hit.snippet
        assert shown is not None
        assert len(shown.text) <= 300
        assert [shown.text[start : start + length] for start, length in shown.marks] == ["red", "fox"]
        assert "red fox [1m" in shown.text
        assert shown.offset > 0
        assert shown.more

    def test_marks_are_right_behind_accents_that_stand_alone(self, store: Store) -> None:
        Told().op("e\u0301te\u0301 e\u0301te\u0301 fox").into(store)
        (hit,) = hits(ask(store, "fox"))
        assert hit.snippet is not None
        assert [hit.snippet.text[start : start + length] for start, length in hit.snippet.marks] == ["fox"]


class TestInASessionTree:
    def test_places_come_in_order_and_only_of_the_tree(self, store: Store) -> None:
        Told("top", title="x").op("x 1").op("none").op("x 3", error_message="x", status=OpStatus.FAILED).into(
            store
        )
        Told("child", at=NOON + DAY, parent="top", kind=SessionKind.SUB_AGENT).op("x 4").into(store)
        Told("other").op("x 5").into(store)
        told = search.find(store.reader, "claude_code:top", parse("x"), now=NOON)
        assert [(one.session, one.turn, one.seq, one.kinds) for one in told.places] == [
            ("claude_code:top", None, None, ["title"]),
            ("claude_code:top", 1, 1, ["tool_output"]),
            ("claude_code:top", 1, 3, ["tool_output", "error"]),
            ("claude_code:child", 1, 1, ["tool_output"]),
        ]
        assert not told.more

    def test_it_is_told_if_there_are_more(self, store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(search, "PLACES", 2)
        Told().op("x").op("x").op("x").into(store)
        told = search.find(store.reader, "claude_code:s", parse("x"), now=NOON)
        assert (len(told.places), told.more) == (2, True)


LETTERS = st.characters(codec="utf-8", categories=["Lu", "Ll", "Nd"], max_codepoint=0x24F)
WORDS = st.text(LETTERS, min_size=1, max_size=6)


@settings(
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
    max_examples=30,
    deadline=None,
)
@given(
    texts=st.lists(st.lists(WORDS, min_size=1, max_size=5), min_size=1, max_size=6),
    gap=st.sampled_from([" ", "\n", "_", ".", "/", " -> "]),
)
def test_a_text_is_found_by_each_of_its_words_and_by_no_other(
    tmp_path_factory: pytest.TempPathFactory, texts: list[list[str]], gap: str
) -> None:
    store = Store(tmp_path_factory.mktemp("search") / "s.db")
    told = Told()
    for words in texts:
        told.op(gap.join(words))
    told.into(store)
    for wanted in {word for words in texts for word in words}:
        expected = [
            seq for seq, words in enumerate(texts, 1) if search_form(wanted) in map(search_form, words)
        ]
        page = search.page(store.reader, parse(f'"{wanted}"'), now=NOON)
        assert sorted(hit.seq or 0 for hit in hits(page)) == expected
        assert all(hit.snippet is not None and hit.snippet.marks for hit in hits(page))
    store.close()


def search_form(word: str) -> tuple[object, ...]:
    """A word as the index's own tokenizer sees it."""
    import apsw

    connection = apsw.Connection(":memory:")
    tokenizer = connection.fts5_tokenizer("unicode61", ["remove_diacritics", "2"])
    return tuple(tokenizer(word.encode(), apsw.FTS5_TOKENIZE_DOCUMENT, None, include_offsets=False))
