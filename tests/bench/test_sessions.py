"""The made-up sessions with known facts: reading them gives what their truth says."""

from __future__ import annotations

import datetime as dt
import functools
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import apsw
import pytest

from ai_viewer.config import Config, SourceRoot
from ai_viewer.ingest.run import ingest_once
from ai_viewer.store import database, payloads
from ai_viewer.store.path import path
from ai_viewer.store.sessions import detail, key_of
from bench import sessions as made_up

SUMS = ("llm_calls", "tool_calls", "tool_failures", "tokens_in", "tokens_out", "tokens_cache_read")
NOW = round(made_up.START.timestamp() * 1e6)


class Read:
    """One made-up session, read into a store."""

    def __init__(self, folder: Path, name: str) -> None:
        self.truth: dict[str, Any] = made_up.write(folder, [name])[name]
        config = Config(folder / "store.db", (SourceRoot("claude_code", folder),))
        self.summary = ingest_once(config, lambda _: None)
        self.connection: apsw.Connection = database.open_reader(config.db)

    def values(self, sql: str, *given: Any) -> list[Any]:
        """The first column of an answer."""
        return [row[0] for row in database.rows(self.connection, sql, given)]


@pytest.fixture(scope="module")
def reading(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Read]:
    """Reads one, once."""
    return functools.cache(lambda name: Read(tmp_path_factory.mktemp(name), name))


@pytest.fixture(params=list(made_up.FIXTURES))
def read(request: pytest.FixtureRequest, reading: Callable[[str], Read]) -> Read:
    return reading(request.param)


@pytest.fixture
def small(reading: Callable[[str], Read]) -> Read:
    return reading("small")


@pytest.fixture
def deep(reading: Callable[[str], Read]) -> Read:
    return reading("deep")


@pytest.fixture
def big(reading: Callable[[str], Read]) -> Read:
    return reading("big")


def test_sums_are_the_truth(read: Read) -> None:
    found = detail(read.connection, read.truth["session"], now=NOW).session
    assert {name: getattr(found.tree, name) for name in SUMS} == {name: read.truth[name] for name in SUMS}
    assert read.values("SELECT count(*) FROM op") == [read.truth["ops"]]
    assert found.descendants == read.truth["sub_agents"]
    planted = read.truth.get("problems", {"unknown": 0, "malformed": 0})
    assert {name: read.summary.records[name] for name in planted} == planted


def test_times_are_the_truth(read: Read) -> None:
    found = detail(read.connection, read.truth["session"], now=NOW).session
    time = found.time
    in_turns = time.model_us + time.tool_us + time.agent_us + time.compaction_us + time.idle_us
    assert found.started_at is not None
    assert found.last_at is not None
    assert in_turns + time.wait_us == read.truth["wall_ms"] * 1000
    assert time.wait_us == read.truth["human_wait_ms"] * 1000
    assert found.last_at - found.started_at == read.truth["wall_ms"] * 1000


def test_the_same_start_gives_the_same_bytes(tmp_path: Path) -> None:
    for name in ("one", "two"):
        made_up.write(tmp_path / name, ["deep"])
    files = {
        name: {path.relative_to(tmp_path / name): path.read_bytes() for path in _files(tmp_path / name)}
        for name in ("one", "two")
    }
    assert files["one"] == files["two"]
    later = made_up.write(tmp_path / "three", ["deep"], made_up.START + dt.timedelta(days=1))
    assert later["deep"] == json.loads((tmp_path / "one" / "deep.json").read_text())


def _files(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


def test_every_planted_payload_of_small_is_there(small: Read) -> None:
    for name, planted in small.truth["payloads"].items():
        if "op" not in planted:
            continue
        [(seq, status)] = database.rows(
            small.connection, "SELECT seq, status FROM op WHERE native_id = ?", (planted["op"],)
        )
        assert status == ("failed" if planted.get("failed") else "completed"), name
        sizes = small.values("SELECT bytes FROM payload WHERE seq = ? AND kind = 'tool_output'", seq)
        assert sizes, name
        if "bytes" in planted:
            assert sizes == [planted["bytes"]], name


def test_the_large_output_of_small_ends_with_its_last_line(small: Read) -> None:
    planted = small.truth["payloads"]["large"]
    [key] = small.values(
        "SELECT turn || '.' || seq || '.' || payload.kind || '.' || part"
        " FROM payload JOIN op USING (session_id, turn, seq)"
        " WHERE native_id = ? AND payload.kind = 'tool_output'",
        planted["op"],
    )
    found = payloads.whole(small.connection, small.truth["session"], key)
    assert found.place is not None
    assert found.place.own_file
    data = Path(found.place.root, found.place.path).read_bytes()
    assert data.rstrip().endswith(planted["last"].encode())
    assert data.count(b"\n") == planted["lines"]


def test_agents_of_deep_work_side_by_side(deep: Read) -> None:
    found = detail(deep.connection, deep.truth["session"], now=NOW).session
    assert found.parallelism == pytest.approx(deep.truth["parallelism"])
    assert deep.truth["parallelism"] > 4


def test_agents_of_deep_are_below_who_ran_them(deep: Read) -> None:
    levels = database.rows(
        deep.connection,
        "WITH RECURSIVE below (id, level) AS (SELECT id, 0 FROM session WHERE parent_id IS NULL"
        " UNION ALL SELECT session.id, level + 1 FROM below JOIN session ON parent_id = below.id)"
        " SELECT level, count(*) FROM below WHERE level > 0 GROUP BY level",
    )
    assert {str(level): count for level, count in levels} == deep.truth["agents_by_level"]
    linked = deep.values(
        "SELECT count(*) FROM op JOIN session ON session.id = child_id"
        " WHERE op.session_id = session.parent_id"
    )
    assert linked == [deep.truth["sub_agents"]]


def test_the_planted_path_of_deep_is_found(deep: Read) -> None:
    name = deep.truth["session"]
    planted = deep.truth["turn_2"]
    found = path(deep.connection, name, 2)
    root = key_of(deep.connection, name)
    [start] = deep.values("SELECT start_ts FROM turn WHERE session_id = ? AND turn = 2", root)
    rows = database.rows(deep.connection, "SELECT seq, kind, name FROM op WHERE session_id = ?", (root,))
    ops = {seq: tool if kind == "tool" else kind for seq, kind, tool in rows}
    sections = [
        {
            "op": None if section.seq is None else ops[section.seq],
            "start_ms": (section.start_ts - start) / 1000,
            "end_ms": (section.end_ts - start) / 1000,
        }
        for section in found.sections
    ]
    assert sections == planted["critical_path"]
    own: dict[str, float] = {}
    for op in found.ops:
        own[ops[op.seq]] = own.get(ops[op.seq], 0) + op.self_us / 1000
    assert own == planted["self_ms"]


def test_failures_of_big_take_a_millisecond(big: Read) -> None:
    found = database.rows(
        big.connection, "SELECT native_id, duration_us FROM op WHERE status = 'failed' ORDER BY start_ts"
    )
    assert found == [(op, 1000 * big.truth["failure_ms"]) for op in big.truth["failures"]]


def test_the_context_of_big_falls_at_each_compaction(big: Read) -> None:
    root = key_of(big.connection, big.truth["session"])
    places = big.values("SELECT seq FROM op WHERE kind = 'compaction' ORDER BY seq")
    assert len(places) == len(big.truth["compactions_at"])
    for place, planted in zip(places, big.truth["compactions_at"], strict=True):
        query = (
            "SELECT context_used FROM op WHERE session_id = ? AND kind = 'llm' AND seq {0} ?"
            " ORDER BY seq {1} LIMIT 1"
        )
        [before] = big.values(query.format("<", "DESC"), root, place)
        [after] = big.values(query.format(">", "ASC"), root, place)
        assert before == planted["before"]
        assert planted["after"] <= after < planted["before"] / 2
