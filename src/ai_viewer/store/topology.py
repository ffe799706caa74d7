"""Who called what: agents, what they called and the agents they started, as nodes and edges.

Of one session tree each agent is a node of its own, with what it called below it:

    main ─ Read ×12            level ``agents``: ops by what they are
         ├ opus ×9
         └ Explore ─ Grep ×3

Level ``turns`` puts each agent's turns between, ``calls`` shows each op. Of many sessions, agents of
one type are one node, and so are all calls of one tool: a graph, in which an agent may start its own
type. Every op that is no copy counts in exactly one edge to what is neither agent nor turn, or, if it
ran an agent, in the edge to that.
"""

from __future__ import annotations

import enum
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

import apsw
import msgspec

from ai_viewer.model import OpKind
from ai_viewer.store import trace
from ai_viewer.store.derive import ALL_TOKENS, UNPRICED
from ai_viewer.store.durations import op_conditions
from ai_viewer.store.rows import Record, records, usd
from ai_viewer.store.sessions import AGENT, AGENT_OF, MAIN_AGENT, UNKNOWN, key_of
from ai_viewer.store.sums import (
    CONTEXT_SHARE,
    KEYS,
    By,
    Key,
    Work,
    choose,
    part_bindings,
    quarter_bindings,
)
from ai_viewer.store.tally import sums
from ai_viewer.store.views import SessionLink
from ai_viewer.store.views_topology import NodeKind, Topology, TopologyEdge, TopologyNode

NODES = 300
"""Nodes of an answer, unless more are asked for."""
MOST_NODES = 2_000


class Level(enum.StrEnum):
    """How deep a session tree's topology goes."""

    AGENTS = "agents"
    TURNS = "turns"
    CALLS = "calls"


class Size(enum.StrEnum):
    """What nodes are sized by; those with most of it have room first."""

    DURATION = "duration"
    COST = "cost"
    TOKENS = "tokens"
    CALLS = "calls"
    FAILURES = "failures"
    CONTEXT = "context"


class _Load(msgspec.Struct):
    """Sums over ops."""

    calls: int = 0
    failures: int = 0
    duration_us: int = 0
    tokens: int = 0
    cost_nano: int = 0
    unpriced_calls: int = 0
    context_share: int = 0

    def add(self, other: _Load) -> None:
        """Add other ops' sums."""
        self.calls += other.calls
        self.failures += other.failures
        self.duration_us += other.duration_us
        self.tokens += other.tokens
        self.cost_nano += other.cost_nano
        self.unpriced_calls += other.unpriced_calls
        self.context_share = max(self.context_share, other.context_share)

    def view(self) -> dict[str, Any]:
        """Return the fields of `Load`."""
        return {
            "calls": self.calls,
            "failures": self.failures,
            "duration_us": self.duration_us,
            "tokens": self.tokens,
            "cost_usd": usd(self.cost_nano),
            "unpriced_calls": self.unpriced_calls,
        }


_SIZES: dict[Size, Callable[[_Load], int]] = {
    Size.DURATION: lambda load: load.duration_us,
    Size.COST: lambda load: load.cost_nano,
    Size.TOKENS: lambda load: load.tokens,
    Size.CALLS: lambda load: load.calls,
    Size.FAILURES: lambda load: load.failures,
    Size.CONTEXT: lambda load: load.context_share,
}


class _Node:
    """A node in the making. ``load`` is its own, ``ran`` that of the ops that ran an agent."""

    def __init__(self, node_id: str, kind: NodeKind, name: str | None, **place: Any) -> None:
        self.id = node_id
        self.kind = kind
        self.name = name
        self.label: str | None = place.get("label")
        self.session: SessionLink | None = place.get("session")
        self.turn: int | None = place.get("turn")
        self.seq: int | None = place.get("seq")
        self.sessions = 1 if kind is NodeKind.AGENT else 0
        self.nodes = 1
        self.load = _Load()
        self.ran = _Load()
        self.children: list[_Node] = []
        self.weight = 0

    def add(self, child: _Node) -> _Node:
        self.children.append(child)
        return child

    def view(self) -> TopologyNode:
        share = self.load.context_share
        return TopologyNode(
            id=self.id,
            kind=self.kind,
            name=self.name,
            label=self.label,
            session=self.session,
            turn=self.turn,
            seq=self.seq,
            sessions=self.sessions,
            nodes=self.nodes,
            context_percent=share / 10 if share else None,
            **self.load.view(),
        )

    def edge(self, source: str) -> TopologyEdge:
        """The edge from what called this."""
        load = self.load
        if self.kind is NodeKind.AGENT:
            load = msgspec.structs.replace(
                self.load,
                calls=self.ran.calls,
                failures=self.ran.failures,
                duration_us=self.ran.duration_us,
            )
        return TopologyEdge(source=source, target=self.id, **load.view())


_OF_ROLLUP = f"""
SELECT r.session_id, r.turn, r.kind, nullif(iif(r.kind = 'llm', r.model, r.name), '') AS name,
    sum(r.ops) AS calls, sum(r.failures) AS failures, sum(r.duration_us) AS duration_us,
    sum({ALL_TOKENS.replace("op.", "r.")}) AS tokens, sum(r.cost_nano) AS cost_nano,
    sum(r.unpriced_calls) AS unpriced_calls, max(r.context_share) AS context_share
FROM rollup AS r WHERE r.session_id = ? {{condition}} GROUP BY {{group}} r.kind, 4 ORDER BY r.turn, r.kind, 4
"""
_OF_OPS = f"""
SELECT op.turn, op.seq, op.kind, iif(op.kind = 'llm', op.model, op.name) AS name, 1 AS calls,
    op.status = 'failed' AS failures, coalesce(op.duration_us, 0) AS duration_us,
    coalesce({ALL_TOKENS}, 0) AS tokens, coalesce(op.cost_nano, 0) AS cost_nano,
    {UNPRICED} AS unpriced_calls, coalesce(context_used * 1000 / nullif(context_max, 0), 0) AS context_share,
    op.child_id
FROM op WHERE op.session_id = ? AND NOT op.replay {{condition}} ORDER BY op.seq
"""
_LABELS = "SELECT turn, label FROM turn WHERE session_id = ? AND label IS NOT NULL"


def of_session(
    connection: apsw.Connection,
    session_id: str,
    *,
    level: Level = Level.AGENTS,
    size: Size = Size.DURATION,
    limit: int = NODES,
) -> Topology:
    """Return who called what in a session and all that it started.

    Raises:
        NotFoundError: if no such session was read.
    """
    heads = dict(trace.tree(connection, key_of(connection, session_id)))
    agents = {
        key: _Node(
            head["session"],
            NodeKind.AGENT,
            head["agent"] or (MAIN_AGENT if head["kind"] in {"root", "fork"} else UNKNOWN),
            session=SessionLink(id=head["session"], title=head["title"], agent=head["agent"]),
        )
        for key, head in heads.items()
    }
    top, *_ = agents.values()
    started: dict[int, dict[int, _Node]] = {key: {} for key in heads}
    for key, head in heads.items():
        if agents[key] is not top:
            started[head["parent_id"]][key] = agents[key]
    for key, agent in agents.items():
        adopted = _put_ops(connection, key, agent, level, started[key])
        for child, node in started[key].items():
            if child not in adopted:
                agent.add(node)
    return _tree_view(top, size, limit)


def _put_ops(
    connection: apsw.Connection, key: int, agent: _Node, level: Level, started: dict[int, _Node]
) -> set[int]:
    """Put what a session did below its agent, and of the agents that it ``started`` those that ops ran.

    Returns the keys of these.
    """
    adopted: set[int] = set()
    turns: dict[int, _Node] = {}
    labels = dict(connection.execute(_LABELS, (key,))) if level is not Level.AGENTS else {}

    def caller(turn: int) -> _Node:
        if level is Level.AGENTS:
            return agent
        if turn not in turns:
            turns[turn] = agent.add(
                _Node(
                    f"{agent.id}/{turn}",
                    NodeKind.TURN,
                    None,
                    label=labels.get(turn),
                    session=agent.session,
                    turn=turn,
                )
            )
        return turns[turn]

    def put(record: Record, own: str, child: _Node | None = None) -> None:
        load = _load(record)
        turn = record["turn"]
        above = caller(turn)
        for node in (agent, above) if above is not agent else (agent,):
            node.load.add(load)
        if child is not None:
            child.ran.add(load)
            return
        leaf = leaves.get((above.id, own))
        if leaf is None:
            place = {"turn": None if level is Level.AGENTS else turn, "seq": record.get("seq")}
            if level is not Level.CALLS:
                place["seq"] = None
            leaf = _Node(
                f"{above.id}/{own}", NodeKind(record["kind"]), record["name"], session=agent.session, **place
            )
            leaves[above.id, own] = above.add(leaf)
        leaf.load.add(load)

    leaves: dict[tuple[str, str], _Node] = {}
    if level is Level.CALLS:
        condition = ""
    else:
        # Ops that run agents are few, and only they themselves tell which.
        condition = "AND op.kind = 'session'"
        rolled_up = _OF_ROLLUP.format(
            condition="AND r.kind <> 'session'", group="r.turn," if level is Level.TURNS else ""
        )
        for record in records(connection, rolled_up, (key,)):
            put(record, f"{record['kind']}:{record['name'] or ''}")
    for record in records(connection, _OF_OPS.format(condition=condition), (key,)):
        ran = started.get(record["child_id"])
        if ran is not None and record["child_id"] not in adopted:
            adopted.add(record["child_id"])
            caller(record["turn"]).add(ran)
        own = f"#{record['seq']}" if level is Level.CALLS else f"{record['kind']}:{record['name'] or ''}"
        put(record, own, ran)
    return adopted


def _load(record: Record) -> _Load:
    return _Load(**{name: record[name] or 0 for name in _Load.__struct_fields__})


def _tree_view(top: _Node, size: Size, limit: int) -> Topology:
    """Show the greatest nodes of a tree, and of each parent the rest of its children as one."""
    order = list(_preorder(top))
    parents = {child.id: node for node in order for child in node.children}
    for node in reversed(order):
        own = node.ran if node.kind is NodeKind.AGENT else node.load if not node.children else _Load()
        weights = [_SIZES[size](own), *(child.weight for child in node.children)]
        node.weight = max(weights) if size is Size.CONTEXT else sum(weights)
    # A stable sort: what called something is before it, being no smaller.
    ranked = sorted(order, key=lambda node: -node.weight)
    kept = _with_room(ranked, parents, limit)
    shown, edges, left_out = [], [], 0
    for node in ranked:
        if node.id not in kept:
            continue
        shown.append(node.view())
        if node is not top:
            edges.append(node.edge(parents[node.id].id))
        rest = [child for child in node.children if child.id not in kept]
        if rest:
            one = _rest(node, rest)
            left_out += one.nodes
            shown.append(one.view())
            edges.append(one.edge(node.id))
    return Topology(size=size, nodes=shown, edges=edges, total=len(order), left_out=left_out)


def _with_room(ranked: Sequence[_Node], parents: dict[str, _Node], limit: int) -> set[str]:
    """The ids of the first nodes, as many as there is room for with one for the rest of each's children."""
    waiting: dict[str, int] = {}
    most, rests = 1, 0
    for number, node in enumerate(ranked, 1):
        if node.id in parents:
            parent = parents[node.id].id
            waiting[parent] -= 1
            rests -= waiting[parent] == 0
        waiting[node.id] = len(node.children)
        rests += bool(node.children)
        if number + rests <= limit:
            most = number
    return {node.id for node in ranked[:most]}


def _rest(parent: _Node, children: Sequence[_Node]) -> _Node:
    below = [node for child in children for node in _preorder(child)]
    names = {(child.kind, child.name) for child in children}
    first = children[0]
    rest = _Node(
        f"{parent.id}/rest",
        NodeKind.REST,
        first.name if len(names) == 1 else None,
        session=parent.session,
        turn=parent.turn,
    )
    rest.nodes = len(below)
    rest.sessions = sum(node.sessions for node in below)
    for node in below:
        if node.kind is NodeKind.AGENT:
            rest.load.add(node.ran)
        elif not node.children:
            rest.load.add(node.load)
    return rest


def _preorder(top: _Node) -> Iterator[_Node]:
    """What is below a node, each once, it itself first."""
    stack = [top]
    while stack:
        node = stack.pop()
        yield node
        stack += reversed(node.children)


_PARENT_AGENT = Key(
    "session",
    f"(SELECT {AGENT_OF.format('p')} FROM session AS p WHERE p.id = s.parent_id AND s.kind <> 'fork'"
    " AND p.owner_file IS NOT NULL)",
)
_LABEL = Key("op", "nullif(iif(r.kind = 'llm', r.model, r.name), '')")
_TOKEN_FIELDS = (
    "tokens_in", "tokens_out", "tokens_cache_read", "tokens_cache_write_5m", "tokens_cache_write_1h",
)  # fmt: skip
_FIELDS = (
    "sessions", "ops", "failures", "duration_us", *_TOKEN_FIELDS, "cost_nano", "unpriced_calls",
    CONTEXT_SHARE,
)  # fmt: skip


def of_work(
    connection: apsw.Connection, work: Work, *, size: Size = Size.DURATION, limit: int = NODES
) -> Topology:
    """Return which types of agents called what in ``work``."""
    nodes: dict[str, _Node] = {}
    edges: dict[tuple[str, str], _Load] = {}

    def node(kind: NodeKind, name: str | None) -> _Node:
        node_id = f"{kind}:{name or ''}"
        return nodes.setdefault(node_id, _Node(node_id, kind, name))

    def edge(source: _Node, target: _Node) -> _Load:
        return edges.setdefault((source.id, target.id), _Load())

    for record in sums(connection, work, [KEYS[By.AGENT]], _FIELDS):
        agent = node(NodeKind.AGENT, record["k0"])
        agent.sessions = record["sessions"]
        agent.load.add(_summed(record))
    for record in sums(connection, work, [KEYS[By.AGENT], KEYS[By.KIND], _LABEL], _FIELDS):
        if record["k1"] != OpKind.SESSION:
            leaf = node(NodeKind(record["k1"]), record["k2"])
            leaf.load.add(_summed(record))
            edge(node(NodeKind.AGENT, record["k0"]), leaf).add(_summed(record))
    for record in _runs(connection, work):
        caller = node(NodeKind.AGENT, record["caller"])
        load = _load(record)
        if record["child"] is None:
            leaf = node(NodeKind.SESSION, record["name"])
            leaf.load.add(load)
            edge(caller, leaf).add(load)
        else:
            child = node(NodeKind.AGENT, record["child"])
            edge(caller, child).add(
                _Load(calls=load.calls, failures=load.failures, duration_us=load.duration_us)
            )
    for record in sums(connection, work, [KEYS[By.AGENT], _PARENT_AGENT], _FIELDS):
        if record["k1"] is not None:
            spent = _summed(record)
            edge(node(NodeKind.AGENT, record["k1"]), node(NodeKind.AGENT, record["k0"])).add(
                msgspec.structs.replace(spent, calls=0, failures=0, duration_us=0)
            )
    return _graph_view(nodes.values(), edges, size, limit)


def _runs(connection: apsw.Connection, work: Work) -> Iterator[Record]:
    """The ops that ran agents, by the types of both."""
    chosen, bindings = choose(connection, work, [AGENT])
    sql = f"""
        {chosen} SELECT chosen.k0 AS caller, r.name,
            (SELECT {AGENT} FROM session AS s WHERE s.id = r.child_id AND s.owner_file IS NOT NULL) AS child,
            count(*) AS calls, sum(r.status = 'failed') AS failures,
            coalesce(sum(r.duration_us), 0) AS duration_us,
            coalesce(sum({ALL_TOKENS.replace("op.", "r.")}), 0) AS tokens,
            coalesce(sum(r.cost_nano), 0) AS cost_nano, 0 AS unpriced_calls, 0 AS context_share
        FROM op AS r INDEXED BY op_spawn JOIN chosen ON chosen.id = r.session_id
        WHERE r.kind = 'session' AND {" AND ".join(op_conditions(work))} GROUP BY 1, 2, 3 ORDER BY 1, 2, 3
    """
    return records(connection, sql, {**bindings, **quarter_bindings(work), **part_bindings(work)})


def _summed(record: Record) -> _Load:
    return _Load(
        calls=record["ops"],
        failures=record["failures"],
        duration_us=record["duration_us"],
        tokens=sum(record[name] for name in _TOKEN_FIELDS),
        cost_nano=record["cost_nano"],
        unpriced_calls=record["unpriced_calls"],
        context_share=record[CONTEXT_SHARE] or 0,
    )


def _graph_view(
    found: Iterable[_Node], edges: dict[tuple[str, str], _Load], size: Size, limit: int
) -> Topology:
    """Show the greatest nodes of a graph, agents first, and the rest as one."""
    ranked = sorted(
        found, key=lambda node: (node.kind is not NodeKind.AGENT, -_SIZES[size](node.load), node.id)
    )
    shown = ranked if len(ranked) <= limit else ranked[: limit - 1]
    omitted = ranked[len(shown) :]
    if omitted:
        rest = _Node("rest", NodeKind.REST, None)
        rest.nodes = len(omitted)
        for node in omitted:
            rest.sessions += node.sessions
            rest.load.add(node.load)
        shown = [*shown, rest]
    known = {node.id for node in shown}
    merged: dict[tuple[str, str], _Load] = {}
    for (source, target), load in edges.items():
        ends = (source if source in known else "rest", target if target in known else "rest")
        merged.setdefault(ends, _Load()).add(load)
    return Topology(
        size=size,
        nodes=[node.view() for node in shown],
        edges=[
            TopologyEdge(source=source, target=target, **load.view())
            for (source, target), load in merged.items()
        ],
        total=len(ranked),
        left_out=len(omitted),
    )
