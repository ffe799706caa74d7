"""Which sessions are listed, in which order, with which sums."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ai_viewer.errors import NotFoundError
from ai_viewer.model import SessionKind, SessionStatus
from ai_viewer.store import sessions
from ai_viewer.store.cursors import CursorError
from ai_viewer.store.sessions import SessionFilter
from ai_viewer.store.views import SessionLink, SessionRow
from tests.pictures import NOON, SECOND, Store

FAMILY = """
    root: Fix the parser
        1: llm Read Bash! >child
    child < root Explore: Look around
        1: llm >grandchild
    grandchild < child Explore: Look closer
        1: llm llm?
    other: Ärger mit Ümläuten
        1: llm
"""


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    made = Store(tmp_path / "s.db")
    yield made
    made.close()


def found(store: Store, **wanted: Any) -> list[str]:
    page = sessions.page(store.reader, SessionFilter(**wanted), now=NOON)
    assert page.total == len(page.sessions)
    return [session.native_id for session in page.sessions]


def one(store: Store, name: str) -> SessionRow:
    return sessions.detail(store.reader, f"claude_code:{name}", now=NOON).session


class TestWhatIsListed:
    def test_the_latest_activity_comes_first_and_unknown_activity_last(self, store: Store) -> None:
        store.add("a: A\n    1: llm")
        store.add("b: B\n    1: llm", at=NOON + 100 * SECOND)
        store.add("c: C\n    1: llm", at=NOON + 200 * SECOND)
        store.writing.execute("UPDATE session SET last_at = NULL WHERE native_id IN ('a', 'c')")
        assert found(store) == ["b", "c", "a"]

    def test_a_fork_is_a_root_of_its_own_that_knows_where_it_came_from(self, store: Store) -> None:
        store.add("origin: Fix the parser\n    1: llm\nfork < origin: Try it another way\n    1: llm")
        store.writing.execute("UPDATE session SET kind = 'fork' WHERE native_id = 'fork'")
        assert sorted(found(store, roots=True)) == ["fork", "origin"]
        assert found(store, parent="claude_code:origin") == []
        assert one(store, "fork").parent == "claude_code:origin"
        assert (one(store, "origin").descendants, one(store, "origin").tree.llm_calls) == (0, 1)

    def test_roots_leave_out_what_another_session_has_started(self, store: Store) -> None:
        store.add(FAMILY)
        assert found(store, roots=True) == ["other", "root"]

    def test_a_session_that_was_only_named_is_not_listed_and_its_children_are_roots(
        self, store: Store
    ) -> None:
        store.add("child < gone: Look around\n    1: llm >never_written")
        assert found(store) == found(store, roots=True) == ["child"]
        assert one(store, "child").parent is None
        with pytest.raises(NotFoundError):
            one(store, "gone")

    def test_a_session_without_a_title_has_the_start_of_its_first_prompt(self, store: Store) -> None:
        store.add("s:\n    0: llm\n    1: llm\n    2: llm")
        assert one(store, "s").title == "prompt 1 of s"


class TestFilters:
    @pytest.fixture(autouse=True)
    def family(self, store: Store) -> None:
        store.add(FAMILY)
        store.add("elsewhere: Elsewhere\n    1: llm", format_name="codex", at=NOON + 1000 * SECOND)

    def test_by_format(self, store: Store) -> None:
        assert found(store, format="codex") == ["elsewhere"]

    def test_by_parent(self, store: Store) -> None:
        assert found(store, parent="claude_code:root") == ["child"]
        assert found(store, parent="claude_code:nobody") == []

    def test_by_kind_agent_model_status_and_folder(self, store: Store) -> None:
        assert found(store, kind=SessionKind.SUB_AGENT, agent="Explore") == ["grandchild", "child"]
        assert found(store, model="opus", project="/home/dev/other") == ["other"]
        assert found(store, status=SessionStatus.FAILED) == []
        assert found(store, project="/home/dev") == []

    @pytest.mark.parametrize(
        ("text", "names"),
        [
            ("PARSER", ["root"]),
            ("ärger mit üml", ["other"]),
            ("prompt 1 of gr", ["grandchild"]),
            ("/DEV/CHILD", ["child"]),
            ("%", []),
            ("_", []),
            ("grandCHILD", ["grandchild"]),
        ],
    )
    def test_by_text_whatever_the_case(self, store: Store, text: str, names: list[str]) -> None:
        assert found(store, text=text) == names

    def test_by_failure(self, store: Store) -> None:
        assert found(store, failed=True) == ["root"]
        assert "root" not in found(store, failed=False)

    def test_by_time_of_the_last_activity_bounds_included(self, store: Store) -> None:
        last = one(store, "other").last_at
        assert last is not None
        assert found(store, since=last, until=last) == ["other"]
        assert found(store, since=last + 1) == ["elsewhere"]
        assert found(store, until=last - 1) == ["grandchild", "child", "root"]

    def test_all_at_once(self, store: Store) -> None:
        assert found(store, format="claude_code", roots=True, failed=True, text="fix") == ["root"]


class TestSums:
    def test_a_tree_is_summed_however_deep_and_own_sums_leave_the_children_out(self, store: Store) -> None:
        store.add(FAMILY)
        root = one(store, "root")
        assert (root.children, root.descendants) == (1, 2)
        assert (root.own.llm_calls, root.tree.llm_calls) == (1, 4)
        assert (root.own.cost_usd, root.tree.cost_usd) == (0.001, 0.003)
        assert (root.own.unpriced_calls, root.tree.unpriced_calls) == (0, 1)
        assert (root.own.tool_failures, root.tree.tool_calls) == (1, 2)

    def test_tokens_are_disjoint_and_name_their_parts(self, store: Store) -> None:
        store.add("s: S\n    1: llm llm")
        own = one(store, "s").own
        assert (own.tokens_in, own.tokens_out, own.tokens_cache_read, own.tokens_cache_write) == (
            200,
            20,
            2000,
            50,
        )
        assert (own.tokens_reasoning, own.tokens_cache_write_1h) == (8, 10)

    def test_time_is_summed_over_the_tree_and_tells_how_much_ran_side_by_side(self, store: Store) -> None:
        # Three seconds each, one after another; then the two agents, in the time of the first's turn.
        store.add("s: S\n    1: llm >a >b")
        for name in ("a", "b"):
            store.add(f"{name} < s Explore: Look\n    1: llm Read Read")
        root, agent = one(store, "s"), one(store, "a")
        assert (root.time.model_us, root.time.agent_us, root.time.idle_us) == (SECOND, 2 * SECOND, 0)
        assert (agent.time.model_us, agent.time.tool_us) == (SECOND, 2 * SECOND)
        assert agent.tree_time == agent.time
        assert (root.tree_time.model_us, root.tree_time.tool_us) == (3 * SECOND, 4 * SECOND)
        assert root.parallelism == pytest.approx(7 / 3)
        assert agent.parallelism == 1

    def test_without_any_time_there_is_no_parallelism(self, store: Store) -> None:
        store.add("s: S\n    1:")
        assert one(store, "s").parallelism is None

    def test_a_circle_of_parents_ends(self, store: Store) -> None:
        store.add("a < b: A\n    1: llm\nb < a: B\n    1: llm")
        detail = sessions.detail(store.reader, "claude_code:a", now=NOON)
        assert detail.session.descendants == 1
        assert [link.id for link in detail.ancestors] == ["claude_code:b"]


class TestDetail:
    def test_it_tells_ancestors_outermost_first_children_and_the_file(self, store: Store) -> None:
        store.add(FAMILY)
        detail = sessions.detail(store.reader, "claude_code:grandchild", now=NOON)
        assert detail.ancestors == [
            SessionLink(id="claude_code:root", title="Fix the parser", agent=None),
            SessionLink(id="claude_code:child", title="Look around", agent="Explore"),
        ]
        assert detail.file is not None
        assert detail.file.path == "grandchild.jsonl"
        parent = sessions.detail(store.reader, "claude_code:child", now=NOON)
        assert [child.native_id for child in parent.children] == ["grandchild"]
        assert parent.children[0].tree.llm_calls == 2

    def test_the_revision_grows_with_every_change_of_the_session_and_its_children(self, store: Store) -> None:
        store.add(FAMILY)
        before = sessions.detail(store.reader, "claude_code:root", now=NOON).revision
        store.add("other: Other\n    1: llm")
        assert sessions.detail(store.reader, "claude_code:root", now=NOON).revision == before
        store.add("grandchild < child Explore: Look closer\n    2: llm")
        assert sessions.detail(store.reader, "claude_code:root", now=NOON).revision > before

    def test_a_native_id_may_hold_colons(self, store: Store) -> None:
        store.add("parent:agent:7: Title\n    1: llm")
        assert one(store, "parent:agent:7").native_id == "parent:agent:7"

    @pytest.mark.parametrize("name", ["claude_code:nobody", "codex:s", "s", "", ":", "claude_code:"])
    def test_an_unknown_session_is_named(self, store: Store, name: str) -> None:
        store.add("s: S\n    1: llm")
        with pytest.raises(NotFoundError, match="no session"):
            sessions.detail(store.reader, name, now=NOON)

    @pytest.mark.parametrize(("age", "active"), [(0, True), (299, True), (301, False)])
    def test_a_running_session_is_active_until_five_minutes_after_its_last_record(
        self, store: Store, age: int, active: bool
    ) -> None:
        store.add("s: S\n    1: llm")
        detail = sessions.detail(store.reader, "claude_code:s", now=NOON + SECOND * (1 + age))
        assert detail.session.active is active


class TestPages:
    @given(times=st.lists(st.one_of(st.none(), st.integers(0, 3)), max_size=12), limit=st.integers(1, 13))
    @settings(max_examples=40, deadline=None)
    def test_pages_of_any_size_hold_every_session_once_and_in_order(
        self, times: list[int | None], limit: int
    ) -> None:
        with tempfile.TemporaryDirectory() as folder:
            store = Store(Path(folder) / "s.db")
            store.add("\n".join(f"s{number}: S\n    1: llm" for number in range(len(times))))
            for number, time in enumerate(times):
                store.writing.execute(
                    "UPDATE session SET last_at = ? WHERE native_id = ?", (time, f"s{number}")
                )
            whole = sessions.page(store.reader, SessionFilter(), now=NOON, limit=500).sessions
            pages, cursor = [], None
            while True:
                page = sessions.page(store.reader, SessionFilter(), now=NOON, limit=limit, cursor=cursor)
                assert page.total == len(times)
                assert len(page.sessions) == limit or page.next is None
                pages += page.sessions
                cursor = page.next
                if cursor is None:
                    break
            store.close()
        assert pages == whole
        assert len(whole) == len(times)

    def test_a_session_that_moves_to_the_front_is_not_shown_twice(self, store: Store) -> None:
        for number in range(4):
            store.add(f"s{number}: S\n    1: llm", at=NOON + number * 100 * SECOND)
        first = sessions.page(store.reader, SessionFilter(), now=NOON, limit=2)
        store.add("s3: S\n    2: llm", at=NOON + 900 * SECOND)
        second = sessions.page(store.reader, SessionFilter(), now=NOON, limit=2, cursor=first.next)
        assert [session.native_id for session in first.sessions + second.sessions] == ["s3", "s2", "s1", "s0"]

    def test_a_cursor_is_good_for_its_own_question_only(self, store: Store) -> None:
        store.add(FAMILY)
        cursor = sessions.page(store.reader, SessionFilter(), now=NOON, limit=1).next
        assert sessions.page(store.reader, SessionFilter(), now=NOON, limit=3, cursor=cursor).sessions
        with pytest.raises(CursorError, match="another question"):
            sessions.page(store.reader, SessionFilter(roots=True), now=NOON, cursor=cursor)

    @given(text=st.text(max_size=40))
    @settings(max_examples=50, deadline=None)
    def test_what_is_no_cursor_is_said_to_be_none(self, text: str) -> None:
        with tempfile.TemporaryDirectory() as folder:
            store = Store(Path(folder) / "s.db")
            try:
                with pytest.raises(CursorError):
                    sessions.page(store.reader, SessionFilter(), now=NOON, cursor=text)
            finally:
                store.close()

    def test_a_page_takes_the_same_statements_however_many_sessions_it_holds(self, store: Store) -> None:
        store.add("s0: S\n    1: llm >s1\ns1 < s0: S\n    1: llm")
        statements = store.count_statements()
        sessions.page(store.reader, SessionFilter(), now=NOON)
        few = len(statements)
        store.add("\n".join(f"t{number}: S\n    1: llm" for number in range(60)))
        statements.clear()
        assert len(sessions.page(store.reader, SessionFilter(), now=NOON).sessions) == 62
        assert len(statements) == few <= 4


def test_a_person_may_name_a_session_by_the_beginning_of_its_id(store: Store) -> None:
    """The id, the native id, or the beginning of either."""
    store.add("abc1: A\n    1: llm\nabc2: B\n    1: llm\nabc: C\n    1: llm")
    assert sessions.ids_like(store.reader, "abc1") == ["claude_code:abc1"]
    assert sessions.ids_like(store.reader, "claude_code:abc2") == ["claude_code:abc2"]
    assert sessions.ids_like(store.reader, "abc") == ["claude_code:abc"]
    assert sorted(sessions.ids_like(store.reader, "ab")) == [f"claude_code:abc{n}" for n in ("", 1, 2)]
    assert sessions.ids_like(store.reader, "x") == []
