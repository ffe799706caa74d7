"""Who called what, and that each op counts once in it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ai_viewer.errors import NotFoundError
from ai_viewer.store import stats, topology
from ai_viewer.store.sessions import SessionFilter
from ai_viewer.store.sums import By, Work
from ai_viewer.store.topology import Level, Size
from ai_viewer.store.views_topology import NodeKind, Topology, TopologyNode
from tests.pictures import NOON, SECOND, Store

TREE = """
    s: Fix the parser
        1: llm Read Read Bash!
        2: llm >c Read >gone
    c < s Explore: Look around
        1: llm Grep >d
    d < c Explore: Deeper
        1: llm?
    other: Another
        1: llm=m Edit
    copy: A copy
        1: llm=m Edit
"""
INNER = {NodeKind.AGENT, NodeKind.TURN}


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    made = Store(tmp_path / "store.db")
    made.add(TREE)
    yield made
    made.close()


def drawn(found: Topology) -> set[tuple[str, str, int]]:
    """Who called what how often, by names."""
    names = {node.id: f"{node.kind}:{node.name}" for node in found.nodes}
    return {(names[edge.source], names[edge.target], edge.calls) for edge in found.edges}


def by_name(found: Topology) -> dict[str | None, TopologyNode]:
    return {node.name: node for node in found.nodes}


def test_of_a_session_tree_each_agent_is_a_node_above_what_it_called(store: Store) -> None:
    found = topology.of_session(store.reader, "claude_code:s")
    assert drawn(found) == {
        ("agent:main", "llm:opus", 2),
        ("agent:main", "tool:Read", 3),
        ("agent:main", "tool:Bash", 1),
        ("agent:main", "session:Task", 1),
        ("agent:main", "agent:Explore", 1),
        ("agent:Explore", "llm:opus", 1),
        ("agent:Explore", "tool:Grep", 1),
        ("agent:Explore", "agent:Explore", 1),
        ("agent:Explore", "llm:nobody-knows", 1),
    }
    assert [node.session.id for node in found.nodes if node.kind == NodeKind.AGENT and node.session] == [
        "claude_code:s",
        "claude_code:c",
        "claude_code:d",
    ]
    assert (found.total, found.left_out) == (10, 0)


def test_turns_and_single_calls_can_be_told_apart(store: Store) -> None:
    turns = topology.of_session(store.reader, "claude_code:s", level=Level.TURNS)
    assert ("agent:main", "turn:prompt 2 of s", 4) in drawn(turns)
    assert ("turn:prompt 2 of s", "tool:Read", 1) in drawn(turns)
    assert ("turn:prompt 2 of s", "agent:Explore", 1) in drawn(turns)
    calls = topology.of_session(store.reader, "claude_code:s", level=Level.CALLS)
    reads = [node for node in calls.nodes if node.name == "Read"]
    assert [(node.turn, node.seq, node.calls) for node in sorted(reads, key=lambda node: node.seq or 0)] == [
        (1, 2, 1),
        (1, 3, 1),
        (2, 7, 1),
    ]


def test_an_edge_to_an_agent_tells_what_ran_it_and_what_it_spent(store: Store) -> None:
    found = topology.of_session(store.reader, "claude_code:s")
    edge = next(edge for edge in found.edges if edge.target == "claude_code:c")
    assert (edge.calls, edge.duration_us, edge.cost_usd) == (1, SECOND, 0.001)
    unpriced = next(edge for edge in found.edges if edge.target == "claude_code:d")
    assert (unpriced.cost_usd, unpriced.unpriced_calls) == (0, 1)


def test_a_node_has_the_numbers_of_its_ops(store: Store) -> None:
    nodes = by_name(topology.of_session(store.reader, "claude_code:s"))
    assert (nodes["Read"].duration_us, nodes["Read"].failures) == (3 * SECOND, 0)
    assert nodes["Bash"].failures == 1
    assert nodes["main"].calls == 8
    assert nodes["main"].cost_usd == pytest.approx(0.002)


def test_the_fullest_context_is_told_of_calls_and_agents(store: Store) -> None:
    store.writing.execute("UPDATE op SET context_used = 90, context_max = 200 WHERE seq = 1")
    nodes = by_name(topology.of_session(store.reader, "claude_code:s", level=Level.CALLS))
    assert (nodes["main"].context_percent, nodes["Bash"].context_percent) == (45, None)


@pytest.mark.parametrize("level", Level)
def test_every_op_counts_in_one_edge_and_costs_once(store: Store, level: Level) -> None:
    found = topology.of_session(store.reader, "claude_code:s", level=level)
    kinds = {node.id: node.kind for node in found.nodes}
    totals = stats.stats(
        store.reader, work=Work(sessions=SessionFilter(project="/home/dev/s"), tree=True)
    ).totals
    calls = [edge for edge in found.edges if kinds[edge.target] != NodeKind.TURN]
    assert sum(edge.calls for edge in calls) == totals.ops
    assert sum(edge.duration_us for edge in calls) == totals.duration_us
    assert sum(edge.failures for edge in calls) == totals.failures
    leaves = [edge for edge in found.edges if kinds[edge.target] not in INNER]
    assert sum(edge.cost_usd for edge in leaves) == pytest.approx(totals.cost_usd)
    assert sum(edge.tokens for edge in leaves) == totals.tokens


def test_of_many_sessions_agents_of_one_type_are_one_node(store: Store) -> None:
    found = topology.of_work(store.reader, Work())
    assert {("agent:Explore", "agent:Explore", 1), ("agent:main", "agent:Explore", 1)} <= drawn(found)
    assert ("agent:main", "llm:opus", 3) in drawn(found)
    assert by_name(found)["Explore"].sessions == 2
    kinds = {node.id: node.kind for node in found.nodes}
    totals = stats.stats(store.reader).totals
    assert sum(edge.calls for edge in found.edges) == totals.ops
    leaves = [edge for edge in found.edges if kinds[edge.target] != NodeKind.AGENT]
    assert sum(edge.cost_usd for edge in leaves) == pytest.approx(totals.cost_usd)


def test_agents_have_the_sums_that_statistics_have(store: Store) -> None:
    found = by_name(topology.of_work(store.reader, Work()))
    for group in stats.stats(store.reader, By.AGENT).groups:
        node = found[group.key]
        assert (node.calls, node.duration_us, node.tokens, node.cost_usd, node.sessions) == (
            group.ops,
            group.duration_us,
            group.tokens,
            group.cost_usd,
            group.sessions,
        )


def test_a_filter_narrows_it(store: Store) -> None:
    explore = topology.of_work(store.reader, Work(sessions=SessionFilter(agent="Explore")))
    assert {source for source, _, _ in drawn(explore)} == {"agent:main", "agent:Explore"}
    assert "Read" not in by_name(explore)
    assert topology.of_work(store.reader, Work(until=NOON - 3600 * SECOND)).nodes == []


def test_what_has_no_room_stands_together_under_the_name_it_shares(store: Store) -> None:
    store.add("many: Many\n    1: " + "llm " + "Read " * 60)
    found = topology.of_session(store.reader, "claude_code:many", level=Level.CALLS, limit=12)
    (rest,) = (node for node in found.nodes if node.kind == NodeKind.REST)
    assert len(found.nodes) == 12
    assert (rest.name, rest.nodes, rest.calls, rest.duration_us) == ("Read", 52, 52, 52 * SECOND)
    assert (found.total, found.left_out) == (63, 52)


@pytest.mark.parametrize("size", Size)
def test_the_greatest_have_room_first(store: Store, size: Size) -> None:
    store.add("few: Few\n    1: llm " + " ".join(f"Tool{n}" for n in range(20)) + " Bash! Bash!")
    found = topology.of_session(store.reader, "claude_code:few", size=size, limit=10)
    names = by_name(found)
    assert names["main"].calls == 23
    assert ("opus" if size in {Size.COST, Size.TOKENS, Size.CONTEXT} else "Bash") in names
    assert found.left_out == sum(node.nodes for node in found.nodes if node.kind == NodeKind.REST)


def test_of_many_sessions_the_rest_stands_together_as_well(store: Store) -> None:
    store.add("few: Few\n    1: " + " ".join(f"Tool{n}" for n in range(40)))
    found = topology.of_work(store.reader, Work(), limit=10)
    assert len(found.nodes) == 10
    assert found.nodes[-1].kind == NodeKind.REST
    assert sum(edge.calls for edge in found.edges) == stats.stats(store.reader).totals.ops


def test_a_session_nobody_read_has_none(store: Store) -> None:
    with pytest.raises(NotFoundError):
        topology.of_session(store.reader, "claude_code:nobody")


@settings(max_examples=20, deadline=None)
@given(
    words=st.lists(st.sampled_from(["llm", "think", "Read", "Bash!", ">c", ">d", "Edit~"]), max_size=15),
    limit=st.integers(10, 14),
    level=st.sampled_from(Level),
    size=st.sampled_from(Size),
)
def test_a_limit_is_kept_and_loses_no_op(
    tmp_path_factory: pytest.TempPathFactory, words: list[str], limit: int, level: Level, size: Size
) -> None:
    made = Store(tmp_path_factory.mktemp("store") / "store.db")
    made.add(
        f"s: Any\n    1: {' '.join(words)}\nc < s Explore: C\n    1: llm Read Bash\nd < c Plan: D\n    1: llm"
    )
    found = topology.of_session(made.reader, "claude_code:s", level=level, size=size, limit=limit)
    kinds = {node.id: node.kind for node in found.nodes}
    assert len(kinds) == len(found.nodes) <= limit
    assert {edge.source for edge in found.edges} <= set(kinds)
    assert len(found.edges) == len(found.nodes) - 1
    ops = sum(edge.calls for edge in found.edges if kinds[edge.target] != NodeKind.TURN)
    assert ops == len(words) + 4
    assert (
        sum(node.nodes for node in found.nodes)
        == found.total + len([node for node in found.nodes if node.kind == NodeKind.REST]) * 0
    )
    made.close()
