"""What the golden files of ai-agent do not say well."""

from __future__ import annotations

import gzip
import json
import tracemalloc
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ai_viewer import pricing
from ai_viewer.adapters.ai_agent import AiAgent, snapshot
from ai_viewer.adapters.ai_agent.contents import disjoint_usage, namespace, read_cost
from ai_viewer.adapters.ai_agent.tree import DEPTH
from ai_viewer.adapters.base import Artifact, Shape
from ai_viewer.config import Config, SourceRoot
from ai_viewer.ingest.fold import fold
from ai_viewer.ingest.progress import Summary
from ai_viewer.ingest.run import ingest_once
from ai_viewer.model import (
    Event,
    LogEntry,
    OpFinalized,
    OpStarted,
    Rank,
    SessionFinalized,
    SessionStarted,
    SessionUpdated,
    SourceError,
    TurnStarted,
    Usage,
)
from ai_viewer.store import database
from ai_viewer.store.batch import FileBatch, FileState
from ai_viewer.store.write import Writer
from ai_viewer.testing import Reading, as_on_disk, read, read_folder, settle, split

AI_AGENT = AiAgent()
CASES = Path(__file__).parents[1] / "fixtures" / "ai_agent"
SNAPSHOT = Artifact("sessions/s1.json.gz", Shape.PIECES)
LEDGER = Artifact("sessions/session/s1.jsonl")
NOON = 1_767_268_800_000


def op(number: int, kind: str = "llm", **fields: Any) -> dict[str, Any]:
    begun = NOON + number * 1_000
    return {
        "opId": f"op-{number}",
        "kind": kind,
        "startedAt": begun,
        "endedAt": begun + 500,
        "status": "ok",
        "attributes": {"provider": "anthropic", "model": "claude-sonnet-4-5", "name": f"op {number}"},
        "logs": [{"timestamp": begun, "severity": "WRN", "message": f"log {number}"}],
        "accounting": [{"type": "llm", "tokens": {"inputTokens": 10, "outputTokens": 5}, "costUsd": 0.01}],
        **fields,
    }


def turn(index: int, *ops: dict[str, Any]) -> dict[str, Any]:
    return {"index": index, "startedAt": NOON + index, "endedAt": NOON + 60_000 + index, "ops": list(ops)}


def session(name: str, *turns: dict[str, Any], **fields: Any) -> dict[str, Any]:
    return {
        "traceId": name,
        "agentId": "planner",
        "startedAt": NOON,
        "endedAt": NOON + 90_000,
        "success": True,
        "turns": list(turns),
        **fields,
    }


def read_bytes(data: bytes, piece: int = 65_536) -> Reading:
    return read(AI_AGENT, SNAPSHOT, split(SNAPSHOT, data, piece))


def read_streaming(data: bytes, piece: int = 65_536) -> Reading:
    """Read a small file as a large one is read."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(snapshot, "WHOLE_BYTES", 0)
        return read_bytes(data, piece)


def read_tree(tree: dict[str, Any], **envelope: Any) -> Reading:
    return read_bytes(json.dumps({"version": 2, **envelope, "opTree": tree}).encode())


def read_ledger(*records: dict[str, Any] | bytes) -> Reading:
    lines = [
        record
        if isinstance(record, bytes)
        else json.dumps({"version": 3, "sessionId": "s1", "originId": "s1", **record}).encode()
        for record in records
    ]
    return read(AI_AGENT, LEDGER, split(LEDGER, b"\n".join(lines)))


def problems(events: list[Event]) -> list[SourceError]:
    return [event for event in events if isinstance(event, SourceError)]


def ops(events: list[Event]) -> list[str | None]:
    return [event.native_id for event in events if isinstance(event, OpStarted)]


# --- where ---


def test_the_sessions_are_below_the_home(tmp_path: Path) -> None:
    assert AI_AGENT.roots({}, Path("/home/dev")) == [Path("/home/dev/.ai-agent")]
    assert AI_AGENT.folders(tmp_path) == [tmp_path]
    (tmp_path / "sessions").mkdir()
    assert AI_AGENT.folders(tmp_path) == [tmp_path / "sessions"]


@pytest.mark.parametrize(
    ("path", "shape"),
    [
        ("sessions/0a1b.json.gz", Shape.PIECES),
        ("0a1b.json.gz", Shape.PIECES),
        ("sessions/session/0a1b.jsonl", Shape.LINES),
        ("session/0a1b.jsonl", Shape.LINES),
        ("sessions/0a1b.json.gz.tmp-1234-5678", None),
        ("sessions/payloads/0a1b/turn-0001/llm-0001-sdk-request.json.gz", None),
        ("sessions/payloads/session/turn-0001/x.jsonl", None),
        ("sessions/accounting.jsonl", None),
        ("accounting.jsonl", None),
        ("cache.db", None),
        ("sessions/0a1b.json", None),
    ],
)
def test_snapshots_and_ledgers_are_read_and_nothing_else(path: str, shape: Shape | None) -> None:
    artifact = AI_AGENT.artifact(PurePosixPath(path))
    assert (artifact.shape if artifact is not None else None) is shape


# --- numbers ---


@pytest.mark.parametrize(
    ("given_input", "read_cached", "written", "total", "fresh"),
    [
        (1000, 400, 100, 1050, 500),  # the total is input and output: the cache is within
        (500, 400, 100, 1050, 500),  # the total has the cache on top: it is not
        (10, 400, 0, 60, 10),  # smaller than the cache: it cannot be within, whatever the total
        (1000, 400, 100, 0, 1000),  # nothing decides: as it is written today
        (1000, 0, 0, 1050, 1000),
    ],
)
def test_input_with_and_without_the_cache_is_told_apart(
    given_input: int, read_cached: int, written: int, total: int, fresh: int
) -> None:
    usage = disjoint_usage(given_input, 50, read_cached, written, total)
    assert usage == Usage(input=fresh, output=50, cache_read=read_cached, cache_write_5m=written)


@pytest.mark.parametrize(
    ("cost", "nano"), [(0.0042, 4_200_000), (0, None), (None, None), (True, None), ("1", None), (-1, None)]
)
def test_a_cost_of_nothing_is_no_cost(cost: object, nano: int | None) -> None:
    assert read_cost(cost) == nano


@pytest.mark.parametrize(
    ("kind", "provider", "server", "expected"),
    [
        ("mcp", "github", None, "mcp:github"),
        ("mcp", "mcp:github", "github", "mcp:github"),
        (None, "github", "github-mcp", "mcp:github-mcp"),
        ("command", "builtin", None, "shell"),
        ("rest", "weather", None, "weather"),
        (None, None, None, "builtin"),
    ],
)
def test_tools_are_named_after_who_provides_them(
    kind: str | None, provider: str | None, server: str | None, expected: str
) -> None:
    assert namespace(kind, provider, server) == expected


# --- a snapshot in any order of keys ---


def shuffled(value: Any, draw: Any) -> Any:
    """The same tree with the keys of its sessions, turns and ops in another order."""
    if isinstance(value, list):
        return [shuffled(item, draw) for item in value]
    if not isinstance(value, dict) or not {"ops", "turns", "opId", "opTree"} & value.keys():
        return value
    keys = draw(st.permutations(sorted(value)))
    return {key: shuffled(value[key], draw) for key in keys}


@settings(max_examples=60, deadline=None)
@given(data=st.data(), piece=st.integers(1, 500))
def test_the_order_of_keys_changes_nothing(data: st.DataObject, piece: int) -> None:
    child = session("s2", turn(1, op(10)), finalReport={"format": "text", "content": "found"})
    document = {
        "version": 2,
        "parentId": "s0",
        "opTree": session(
            "s1",
            turn(0, op(1, "system")),
            turn(1, op(2, reasoning={"final": "hm"}), op(3, "session", childSession=child), op(4)),
            turn(2, op(5), op(6, "tool", endedAt=None, status=None)),
            steps=[{"index": 0, "kind": "internal", "startedAt": NOON, "ops": [op(7), op(8)]}],
            finalReport={"format": "text", "content": "done"},
            latestStatus="resting",
        ),
    }
    expected = read_bytes(json.dumps(document).encode()).rows()
    mixed = shuffled(document, data.draw)
    assert read_bytes(json.dumps(mixed).encode(), piece).rows() == expected
    assert read_streaming(json.dumps(mixed).encode(), piece).rows() == expected
    assert len(expected["sessions"]["s1"]["ops"]) == 9


def test_steps_stand_after_all_turns_and_are_not_renumbered_when_turns_are_added() -> None:
    steps = [{"index": 3, "kind": "handoff", "startedAt": NOON, "ops": [op(9, "system")]}]
    before = read_tree(session("s1", turn(1, op(1)), steps=steps)).events
    after = read_tree(session("s1", turn(1, op(1)), turn(2, op(2)), steps=steps)).events
    places = [
        [
            (event.turn, event.seq)
            for event in events
            if isinstance(event, OpStarted) and event.native_id == "op-9"
        ]
        for events in (before, after)
    ]
    assert places == [[(10_003, 1_000_001)]] * 2


# --- a snapshot larger than memory ---


def large(turns: int, text: str) -> Iterator[bytes]:
    yield b'{"version": 2, "opTree": {"traceId": "s1", "turns": ['
    for index in range(turns):
        whole = turn(index, *(op(index * 10 + n, request={"payload": text}) for n in range(10)))
        yield (b"," if index else b"") + json.dumps(whole).encode()
    yield b'], "endedAt": 1767268900000, "success": true}}'


def test_memory_does_not_grow_with_the_snapshot(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(snapshot, "WHOLE_BYTES", 100_000)
    parser = AI_AGENT.parser(SNAPSHOT, None)
    size = 0
    tracemalloc.start()
    for piece in large(150, "tide " * 1_000):
        size += len(piece)
        parser.feed(piece, 0)
        parser.take()
    parser.feed(b"", 0)
    parser.take()
    highest = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert size > 8_000_000
    assert highest < size // 8


def test_ops_are_told_as_they_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(snapshot, "WHOLE_BYTES", 0)
    parser = AI_AGENT.parser(SNAPSHOT, None)
    told = []
    for piece in large(3, "tide"):
        parser.feed(piece, 0)
        told.append(len(ops(parser.take()[0])))
    assert told == [0, 10, 10, 10, 0]


def test_what_waits_for_its_sessions_id_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(snapshot, "WHOLE_BYTES", 0)
    monkeypatch.setattr(snapshot, "HELD_BYTES", 20_000)
    tree = session("late", *(turn(index, op(index, request={"payload": "x" * 3_000})) for index in range(20)))
    del tree["traceId"]
    parser = AI_AGENT.parser(SNAPSHOT, None)
    parser.feed(json.dumps({"version": 2, "opTree": {**tree, "traceId": "late"}}).encode(), 0)
    events = parser.take()[0]
    assert {event.session for event in events if isinstance(event, OpStarted)} == {"s1"}
    assert len(ops(events)) == 20
    assert [problem.error_class for problem in problems(events)] == ["no traceId"]


@pytest.mark.parametrize("case", sorted(path.name for path in CASES.glob("*snapshot*")))
@pytest.mark.parametrize("piece", [1, 1_000])
def test_a_small_file_is_read_at_once_as_it_is_in_pieces(case: str, piece: int) -> None:
    def rows(reading: Reading) -> dict[str, Any]:
        told = reading.rows()
        return {**told, "problems": [problem["message"] for problem in told.get("problems", [])]}

    for path in sorted((CASES / case / "input" / "sessions").glob("*.plain")):
        data = path.read_bytes()
        assert rows(read_streaming(data, piece)) == rows(read_bytes(data))


# --- broken snapshots ---


def test_what_came_before_broken_json_is_kept_and_its_place_told() -> None:
    data = b"".join(large(20, "tide " * 100))
    place = data.index(b'"op-150"')
    broken = data[:place] + b"}" + data[place:]
    reading = read_bytes(broken)
    assert len(ops(reading.events)) == 150
    (problem,) = problems(reading.events)
    assert problem.error_class == "not JSON"
    assert 0 <= place - problem.offset < snapshot.SLICE
    assert not [event for event in reading.events if isinstance(event, SessionFinalized)]
    for piece in (1, 777, 4096, 10**6):
        assert read_bytes(broken, piece).rows() == reading.rows()


@settings(max_examples=40, deadline=None)
@given(data=st.data())
def test_a_snapshot_cut_off_anywhere_is_one_problem_and_all_before_it(data: st.DataObject) -> None:
    whole = b"".join(large(4, "tide"))
    cut = data.draw(st.integers(1, len(whole) - 1))
    reading = read_bytes(whole[:cut])
    assert [problem.error_class for problem in problems(reading.events)] == ["cut off"]
    complete = ops(read_bytes(whole).events)
    assert ops(reading.events) == complete[: whole[:cut].count(b'"kind": "llm"')]


def test_an_odd_op_costs_itself_only(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(message: object) -> str:
        raise RecursionError(str(message))

    monkeypatch.setattr(snapshot, "written", fail)
    tree = session("s1", turn(1, op(1), op(2, childSessionSummary={"turns": 1}), op(3)))
    reading = read_tree(tree)
    assert ops(reading.events) == ["op-1", "op-3"]
    assert [problem.error_class for problem in problems(reading.events)] == ["unexpected shape"]
    assert reading.counts["malformed"] == 1


def test_sessions_are_read_to_a_depth_and_what_is_deeper_is_told() -> None:
    tree = session(f"s{DEPTH + 2}", turn(1, op(0)))
    for depth in range(DEPTH + 1, 0, -1):
        tree = session(f"s{depth}", turn(1, op(depth, "session", childSession=tree)))
    reading = read_tree(tree)
    rows = reading.rows()["sessions"]
    assert set(rows) == {f"s{depth}" for depth in range(1, DEPTH + 2)}
    assert rows[f"s{DEPTH + 1}"]["parent"] == f"s{DEPTH}"
    assert "child" not in rows[f"s{DEPTH + 1}"]["ops"][0]
    (problem,) = problems(reading.events)
    assert problem.error_class == "embedded too deep"


# --- anything in any place ---

KEYS = sorted(
    {*snapshot._SESSION_KEYS, *snapshot._TURN_KEYS, *snapshot._OP_KEYS, "type", "tokens", "ref", "sdk"}
)
VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-5, 10**20)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.sampled_from(["", "ok", "failed", "llm", "tool", "s1", "a/b", "../x"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(KEYS), inner, max_size=4),
    max_leaves=15,
)
NODES = st.dictionaries(st.sampled_from(KEYS), VALUES, max_size=6)


@settings(max_examples=150, deadline=None)
@given(op_node=NODES, turn_node=NODES, session_node=NODES, child=NODES)
def test_whatever_a_snapshot_holds_the_rest_of_it_is_read(
    op_node: dict[str, Any], turn_node: dict[str, Any], session_node: dict[str, Any], child: dict[str, Any]
) -> None:
    odd_turn = {**turn_node, "ops": [{**op_node, "childSession": child}, op(2)]}
    reading = read_tree(
        {**session_node, "traceId": "s1", "steps": [odd_turn], "turns": [odd_turn, turn(7, op(1))]}
    )
    found = ops(reading.events)
    assert found.count("op-1") == 1
    assert found.count("op-2") == 2
    assert not [problem for problem in problems(reading.events) if problem.error_class == "unexpected shape"]


@settings(max_examples=150, deadline=None)
@given(nodes=st.lists(NODES, min_size=4, max_size=4), odd=VALUES)
def test_whatever_a_ledger_holds_the_rest_of_it_is_read(nodes: list[dict[str, Any]], odd: Any) -> None:
    told = [nodes[1], {**nodes[1], "kind": odd, "payloadRefs": odd, "childSessions": odd, "accounting": odd}]
    reading = read_ledger(
        {**nodes[0], **start(parentSessionId=odd, headendId=odd)},
        {**nodes[1], "recordType": "turn_start", "seq": 2, "turn": odd},
        {**nodes[2], "recordType": "turn_end", "seq": 3, "turn": 1, "ops": [*told, op(1)], "errors": [odd]},
        {**nodes[3], "recordType": "session_summary", "seq": 4, "finalReport": odd},
    )
    assert "op-1" in ops(reading.events)
    assert "malformed" not in reading.counts


def test_a_value_nested_without_end_is_not_shown() -> None:
    nested = "[" * 50_000 + "]" * 50_000
    data = json.dumps({"version": 2, "opTree": session("s1", turn(1, op(1)), pluginMetas=["HERE"])})
    reading = read_bytes(data.replace('"HERE"', nested).encode())
    assert "[nested too deeply to be shown]" in {
        event.message for event in reading.events if isinstance(event, LogEntry)
    }


# --- ledgers ---


def start(seq: int = 1, **fields: Any) -> dict[str, Any]:
    return {"recordType": "session_start", "seq": seq, "ts": "2026-01-02T03:04:00.000Z", **fields}


def test_missing_records_are_told() -> None:
    reading = read_ledger(
        start(),
        {"recordType": "turn_start", "seq": 2, "turn": 1},
        {"recordType": "session_summary", "seq": 7, "status": "ok"},
    )
    (problem,) = problems(reading.events)
    assert (problem.error_class, problem.message) == (
        "records missing",
        "expected record 3 here, found 7",
    )
    assert settle(reading.events)["sessions"]["s1"]["status"] == "completed"


def test_a_broken_record_is_told_once() -> None:
    reading = read_ledger(
        start(), b'{"recordType": "turn_', {"recordType": "session_summary", "seq": 3, "status": "ok"}
    )
    assert [problem.error_class for problem in problems(reading.events)] == ["not JSON"]


def test_a_record_nested_without_end_costs_itself_only() -> None:
    nested = b'{"recordType": "turn_end", "ops": ' + b"[" * 50_000 + b"]" * 50_000 + b"}"
    reading = read_ledger(start(), nested, {"recordType": "session_summary", "seq": 3, "status": "ok"})
    assert [problem.message for problem in problems(reading.events)] == ["nested too deeply"]
    assert settle(reading.events)["sessions"]["s1"]["status"] == "completed"


def test_a_second_attempt_at_a_turn_is_added_to_it() -> None:
    def ended(seq: int, native_id: str) -> dict[str, Any]:
        told = {"opId": native_id, "kind": "llm", "status": "failed", "startedAt": "2026-01-02T03:04:01.000Z"}
        return {"recordType": "turn_end", "seq": seq, "turn": 1, "status": "failed", "ops": [told]}

    begun = {"recordType": "turn_start", "turn": 1}
    reading = read_ledger(
        start(), {**begun, "seq": 2}, ended(3, "a"), {**begun, "seq": 4, "attempt": 2}, ended(5, "b")
    )
    rows = settle(reading.events)["sessions"]["s1"]
    assert [(row["seq"], row["turn"], row["native_id"]) for row in rows["ops"]] == [(1, 1, "a"), (2, 1, "b")]


@pytest.mark.parametrize(
    ("fields", "kind"),
    [
        ({"headendId": "cli"}, "root"),
        ({"headendId": "telegraph"}, "root"),
        ({"headendId": "sub-agent"}, "sub_agent"),
        ({"headendId": "history_compaction", "parentSessionId": "s0"}, "sub_agent"),
        ({"headendId": "tool_output", "parentSessionId": "s0"}, "tool_internal"),
        ({"headendId": "telegraph", "originId": "s0"}, "sub_agent"),
    ],
)
def test_what_started_a_session_says_what_it_is(fields: dict[str, Any], kind: str) -> None:
    facts = [
        event.facts for event in read_ledger(start(**fields)).events if isinstance(event, SessionStarted)
    ]
    assert [fact.kind for fact in facts] == [kind]


def test_only_a_start_tells_no_turn() -> None:
    """So that what a snapshot tells of that session stands."""
    events = read_ledger(start(capturePayloads=False, attributes={"team": "coast"})).events
    assert {type(event) for event in events} == {SessionStarted, SessionUpdated}


def test_a_very_long_error_is_cut_and_says_so() -> None:
    turn_end = {"recordType": "turn_end", "seq": 2, "turn": 1, "status": "failed", "ops": []}
    reading = read_ledger(start(), {**turn_end, "errors": ["e" * 100_000]})
    (message,) = [event.message for event in reading.events if isinstance(event, LogEntry)]
    assert len(message) < 66_000
    assert message.endswith("e… [34464 more characters]")


# --- one session in both formats ---


def store_case(name: str, db: Path, *, backwards: bool) -> None:
    """Write what a case's files tell, in one order or the other."""
    readings = sorted(read_folder(AI_AGENT, CASES / name / "input").items(), reverse=backwards)
    connection = database.open_writer(db)
    writer = Writer(connection, pricing.quote)
    for number, (path, reading) in enumerate(readings, 1):
        sessions, told = fold(reading.events, lambda _: None)
        writer.apply(
            [
                FileBatch(
                    format="ai_agent",
                    root="/home/dev/.ai-agent",
                    file=FileState(path, number, 100, 1, 100, 0, 1, b""),
                    start=0,
                    reset=False,
                    done=True,
                    counts=reading.counts,
                    problems=told,
                    sessions=sessions,
                )
            ]
        )
    connection.close()


@pytest.mark.parametrize("backwards", [False, True])
def test_a_session_in_both_formats_counts_once(tmp_path: Path, *, backwards: bool) -> None:
    db = tmp_path / "store.db"
    store_case("both_formats", db, backwards=backwards)
    connection = database.open_reader(db)
    rows = database.rows(
        connection,
        "SELECT native_id, session.title, rank, path, llm_calls, session.cost_nano FROM session"
        " JOIN file ON file.id = owner_file"
        " JOIN session_fact ON session_id = session.id AND file_id = file.id"
        " ORDER BY native_id",
    )
    connection.close()
    both, begun = (f"0a1b2c3d-0000-4000-8000-00000000000{number}" for number in (1, 2))
    assert rows == [
        (both, "Tides", Rank.TRANSCRIPT, f"sessions/session/{both}.jsonl", 1, 4_200_000),
        (begun, None, Rank.COPY, f"sessions/{begun}.json.gz", 1, 10_000_000),
    ]


def test_a_call_is_the_same_in_both_formats() -> None:
    readings = read_folder(AI_AGENT, CASES / "both_formats" / "input")
    calls = [
        {event.call for event in reading.events if isinstance(event, OpStarted) and event.call is not None}
        for path, reading in readings.items()
        if "01." in path
    ]
    assert len(calls) == 2
    assert calls[0] == calls[1]


def test_ops_without_an_end_end_with_their_session() -> None:
    unfinished = op(1, "tool", endedAt=None, status=None)
    running = read_tree({**session("s1", turn(1, unfinished)), "endedAt": None, "success": None}).events
    over = read_tree(session("s1", turn(1, unfinished))).events
    statuses = [
        [event.status for event in events if isinstance(event, OpFinalized)] for events in (running, over)
    ]
    assert statuses == [["running"], ["running", "cancelled"]]
    assert [event.turn for event in over if isinstance(event, TurnStarted)] == [1]


# --- from the disk to the store ---


def ingest(root: Path, db: Path) -> Summary:
    return ingest_once(Config(db=db, sources=(SourceRoot("ai_agent", root),)), lambda _: None)


def put(root: Path, tree: dict[str, Any]) -> None:
    """Replace a session's snapshot as ai-agent does."""
    file = root / "sessions" / f"{tree['traceId']}.json.gz"
    file.parent.mkdir(parents=True, exist_ok=True)
    partial = file.with_name(f"{file.name}.tmp-1-2")
    partial.write_bytes(gzip.compress(json.dumps({"version": 2, "opTree": tree}).encode()))
    partial.replace(file)


def totals(db: Path) -> list[tuple[Any, ...]]:
    connection = database.open_reader(db)
    rows = database.rows(
        connection, "SELECT native_id, status, turns, ops, cost_nano FROM session ORDER BY 1"
    )
    connection.close()
    return rows


def test_a_snapshot_that_is_replaced_is_told_anew(tmp_path: Path) -> None:
    root, db = tmp_path / ".ai-agent", tmp_path / "store.db"
    child = session("s2", turn(1, op(10)))
    first = turn(1, op(1), op(2, "session", childSession=child, accounting=[]))
    put(root, {**session("s1", first), "endedAt": None, "success": None})
    ingest(root, db)
    assert totals(db) == [("s1", "running", 1, 2, 10_000_000), ("s2", "completed", 1, 1, 10_000_000)]
    put(root, session("s1", first, turn(2, op(3))))
    assert ingest(root, db).files == 1
    assert totals(db) == [("s1", "completed", 2, 3, 20_000_000), ("s2", "completed", 1, 1, 10_000_000)]
    assert ingest(root, db).files == 0


def test_payloads_in_files_of_their_own_are_read(tmp_path: Path) -> None:
    db = tmp_path / "store.db"
    with as_on_disk(CASES / "ledger_payloads" / "input") as root:
        ingest(root, db)
    connection = database.open_reader(db)
    sizes = database.rows(connection, "SELECT kind, part, bytes FROM payload WHERE bytes > 0 ORDER BY 1, 2")
    connection.close()
    assert sizes == [("answer", 0, 12), ("context", 0, 21)]
