"""A duration is one number wherever it is asked for, and a change of it shows everywhere at once."""

from __future__ import annotations

import datetime as dt
import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from ai_viewer import cli, demo
from ai_viewer.model import OpFinalized, OpKind, OpStarted, OpStatus, TurnFinalized, TurnStarted, TurnStatus
from ai_viewer.store import database, sessions, turns
from ai_viewer.store.sessions import SessionFilter
from tests.pictures import NOON, SECOND, Store, batch


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    made = Store(tmp_path / "s.db")
    yield made
    made.close()


def everywhere(store: Store) -> dict[str, int | None]:
    """What each place says of the only session, turn and op."""
    [turn] = turns.page(store.reader, "claude_code:s").turns
    [op] = turn.ops
    row = sessions.detail(store.reader, "claude_code:s", now=NOON).session
    return {
        "op": op.duration_us,
        "turn": turn.duration_us,
        "turn's tools": turn.time.tool_us,
        "turn's idle time": turn.time.idle_us,
        "session": row.busy_us,
        "session's tools": row.time.tool_us,
        "tree's tools": row.tree_time.tool_us,
        "rollup": database.one(store.reader, "SELECT sum(duration_us) FROM rollup"),
        "rollup's timed ops": database.one(store.reader, "SELECT sum(timed) FROM rollup"),
    }


def tool(start: int, end: int | None) -> list[Any]:
    """A turn of one tool, both at these seconds after noon; without an end both go on."""
    begin = NOON + start * SECOND
    events: list[Any] = [
        TurnStarted(session="s", turn=1, ts=begin),
        OpStarted(session="s", turn=1, seq=1, ts=begin, kind=OpKind.TOOL),
    ]
    if end is None:
        return events
    ended = NOON + end * SECOND
    return [
        *events,
        OpFinalized(session="s", turn=1, seq=1, ts=ended, status=OpStatus.COMPLETED),
        TurnFinalized(session="s", turn=1, ts=ended, status=TurnStatus.COMPLETED),
    ]


def test_a_start_told_again_earlier_lengthens_the_span_everywhere_at_once(store: Store) -> None:
    store.writer.apply([batch(tool(10, 13), "s.jsonl")])
    lasts = ["op", "turn", "turn's tools", "session", "session's tools", "tree's tools", "rollup"]
    ever = {"turn's idle time": 0, "rollup's timed ops": 1}
    assert everywhere(store) == ever | dict.fromkeys(lasts, 3 * SECOND)
    store.writer.apply([batch(tool(6, None), "s.jsonl")])
    assert everywhere(store) == ever | dict.fromkeys(lasts, 7 * SECOND)


@pytest.mark.parametrize("end", [0, 9])
def test_an_end_before_the_start_changes_nothing_anywhere(store: Store, end: int) -> None:
    store.writer.apply([batch(tool(10, 13), "s.jsonl")])
    before = everywhere(store)
    worse = NOON + end * SECOND if end else 0
    ended = OpFinalized(session="s", turn=1, seq=1, ts=worse, status=OpStatus.COMPLETED)
    turn_ended = TurnFinalized(session="s", turn=1, ts=worse, status=TurnStatus.COMPLETED)
    store.writer.apply([batch([ended, turn_ended], "s.jsonl")])
    assert everywhere(store) == before


def test_a_clock_that_runs_backwards_gives_no_time_anywhere(store: Store) -> None:
    store.writer.apply([batch(tool(10, 9), "s.jsonl")])
    known = {place: value for place, value in everywhere(store).items() if value}
    assert known == {}


@pytest.fixture(scope="module")
def options(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """The options that name a store with the demo's sessions, and their folders."""
    folder = tmp_path_factory.mktemp("demo")
    roots, _ = demo.lay_out(folder, dt.datetime.now(dt.UTC))
    named = ["--db", str(folder / "store.db")]
    for source in roots:
        named += ["--source", f"{source.format}={source.root}"]
    assert cli.run([*named, "ingest", "--once"]) == 0
    return named


class TestTheDemo:
    """Sessions of every format as they are on disk."""

    def test_every_place_tells_the_same_duration_of_the_same_op(
        self, options: list[str], capsys: pytest.CaptureFixture[str]
    ) -> None:
        connection = database.open_reader(Path(options[1]))
        for session in sessions.page(connection, SessionFilter(), now=0).sessions:
            capsys.readouterr()
            assert cli.run([*options, "show", session.id, "--json"]) == 0
            shown = json.loads(capsys.readouterr().out)
            paged = turns.page(connection, session.id, limit=1000).turns
            rows = database.rows(
                connection,
                "SELECT seq, end_ts - start_ts FROM op WHERE end_ts >= start_ts AND session_id ="
                " (SELECT id FROM session WHERE native_id = ?)",
                (session.native_id,),
            )
            ops = [op for turn in paged for op in turn.ops]
            assert {op.seq: op.duration_us for op in ops if op.duration_us is not None} == dict(rows)
            assert [op["duration_us"] for turn in shown["turns"] for op in turn["ops"]] == [
                op.duration_us for op in ops
            ]
            by_kind = Counter[str]()
            for op in ops:
                if not op.replay:
                    by_kind[op.kind] += op.duration_us or 0
            rolled_up = database.rows(
                connection,
                "SELECT kind, sum(duration_us) FROM rollup WHERE session_id ="
                " (SELECT id FROM session WHERE native_id = ?) GROUP BY 1",
                (session.native_id,),
            )
            assert dict(rolled_up) == dict(by_kind)
        connection.close()

    def test_the_parts_of_all_turns_are_the_session_and_its_wall_time(self, options: list[str]) -> None:
        connection = database.open_reader(Path(options[1]))
        for session in sessions.page(connection, SessionFilter(), now=0).sessions:
            found = turns.page(connection, session.id, limit=1000).turns
            for part in ("model_us", "tool_us", "agent_us", "compaction_us", "idle_us", "wait_us"):
                assert getattr(session.time, part) == sum(getattr(turn.time, part) for turn in found)
        connection.close()
