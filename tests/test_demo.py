"""The made-up sessions: readable, recent, and going on."""

from __future__ import annotations

import datetime as dt
import threading
from pathlib import Path

import msgspec
import pytest

from ai_viewer import demo
from ai_viewer.config import Config
from ai_viewer.ingest.run import ingest_once
from ai_viewer.store import database
from tests.running import wait_for

NOW = dt.datetime(2031, 7, 3, 4, 5, 6, tzinfo=dt.UTC)


def test_every_record_is_understood(tmp_path: Path) -> None:
    """The demo shows what the adapters can do, and nothing they cannot."""
    roots, later = demo.lay_out(tmp_path, NOW)
    demo.play(
        [msgspec.structs.replace(line, when=NOW - dt.timedelta(days=3650)) for line in later],
        threading.Event(),
    )
    summary = ingest_once(Config(tmp_path / "demo.db", roots), lambda _: None)
    assert summary.records["unknown"] == 0
    assert summary.records["malformed"] == 0
    assert summary.problems == 0
    assert summary.sessions >= 36
    assert summary.ops > 450


def test_there_is_something_of_everything(tmp_path: Path) -> None:
    """Every part of the web app can be tried: kinds of ops, failures, sub-agents, pictures."""
    roots, _ = demo.lay_out(tmp_path, NOW)
    ingest_once(Config(tmp_path / "demo.db", roots), lambda _: None)
    connection = database.open_reader(tmp_path / "demo.db")

    def values(sql: str) -> set[str]:
        return {value for (value,) in connection.execute(sql)}

    assert {"llm", "tool", "session", "reasoning", "compaction"} <= values("SELECT DISTINCT kind FROM op")
    assert {"completed", "failed"} <= values("SELECT DISTINCT status FROM op")
    assert {"interrupted", "completed"} <= values("SELECT DISTINCT status FROM turn")
    assert {"root", "sub_agent"} <= values("SELECT DISTINCT kind FROM session WHERE owner_file IS NOT NULL")
    assert {"claude_code", "codex", "gemini"} <= values("SELECT DISTINCT format FROM session")
    assert any(space.startswith("mcp") for space in values("SELECT DISTINCT namespace FROM op") if space)
    assert "image/png" in values("SELECT DISTINCT media_type FROM payload")
    assert values("SELECT name FROM log")
    linked = database.one(
        connection, "SELECT count(*) FROM op JOIN session ON session.id = child_id WHERE op.kind = 'session'"
    )
    assert linked >= 15
    below = """
        WITH RECURSIVE below (id, depth) AS (
            SELECT id, 0 FROM session WHERE parent_id IS NULL
            UNION ALL SELECT session.id, depth + 1 FROM session JOIN below ON parent_id = below.id
        ) SELECT max(depth) FROM below
    """
    assert database.one(connection, below) >= 3
    assert len(values("SELECT DISTINCT cwd FROM session")) >= 4
    assert len(values("SELECT DISTINCT model FROM op WHERE kind = 'llm'")) >= 7
    assert database.one(connection, "SELECT sum(unpriced_calls) FROM session") > 0
    assert database.one(connection, "SELECT sum(cost_nano) FROM session") > 0
    connection.close()


def test_the_newest_session_was_active_just_now(tmp_path: Path) -> None:
    """Times are moved so that the sessions are recent, and none lies in the future."""
    roots, _ = demo.lay_out(tmp_path, NOW)
    ingest_once(Config(tmp_path / "demo.db", roots), lambda _: None)
    connection = database.open_reader(tmp_path / "demo.db")
    newest = database.one(connection, "SELECT max(last_at) FROM session")
    connection.close()
    assert 0 <= NOW.timestamp() - newest / 1e6 < 120


def test_what_comes_later_is_written_when_its_time_comes(tmp_path: Path) -> None:
    """A session goes on: its lines appear in order, and stopping stops them."""
    _, later = demo.lay_out(tmp_path, dt.datetime.now(dt.UTC) - dt.timedelta(seconds=30))
    due = [line for line in later if line.when <= dt.datetime.now(dt.UTC)]
    assert 0 < len(due) < len(later)
    path = later[0].path
    before = path.read_text()
    stop = threading.Event()
    player = threading.Thread(target=demo.play, args=(later, stop))
    player.start()
    written = before + "".join(line.text for line in due)
    wait_for(lambda: path.read_text().startswith(written), "what is due is written")
    stop.set()
    player.join()
    assert len(path.read_text().splitlines()) < len(before.splitlines()) + len(later)


def test_it_reaches_over_three_weeks_of_days(tmp_path: Path) -> None:
    """What is shown by day has most of three weeks to show, and failures that come again."""
    roots, _ = demo.lay_out(tmp_path, NOW)
    ingest_once(Config(tmp_path / "demo.db", roots), lambda _: None)
    connection = database.open_reader(tmp_path / "demo.db")
    days = {at // 86_400_000_000 for (at,) in connection.execute("SELECT started_at FROM session")}
    again = """
        SELECT count(*) AS times FROM op WHERE status = 'failed' GROUP BY error_message HAVING times > 3
    """
    repeated = list(connection.execute(again))
    connection.close()
    assert 16 <= len(days) <= max(days) - min(days) + 1 <= 22
    assert len(repeated) >= 2


def test_it_is_the_same_every_time() -> None:
    """Only the day it is looked at makes a difference."""
    assert list(demo.files()) == list(demo.files())


@pytest.mark.parametrize("word", ["Users", "/root", "/work", "@"])
def test_nothing_private_is_in_the_samples(word: str) -> None:
    """They are invented: no folder, address or name of anyone's."""
    for path, text in demo.files():
        assert word not in text.replace("@@", ""), path
