"""How much work there is: what an append, a second start and doing nothing cost, whatever is stored."""

from __future__ import annotations

import sys
import time
from pathlib import Path
from typing import NamedTuple

import apsw
import pytest

from ai_viewer.config import Config, SourceRoot
from ai_viewer.ingest.run import ingest_once
from bench.corpus import generate, long_session
from bench.live import answer
from bench.processes import cpu_of, family, wakes_of
from tests.running import running, wait_for


class Work(NamedTuple):
    """What an ingest did: rows it wrote, and bytes it read, of whatever file."""

    rows: int
    read: int


def work(config: Config, monkeypatch: pytest.MonkeyPatch) -> Work:
    """Ingest what is new."""
    written: dict[apsw.Connection, int] = {}

    def count(connection: apsw.Connection) -> None:
        def committed() -> bool:
            written[connection] = connection.total_changes()
            return False

        connection.set_commit_hook(committed)

    with monkeypatch.context() as patched:
        patched.setattr(apsw, "connection_hooks", [*apsw.connection_hooks, count])
        before = _read_so_far()
        ingest_once(config, lambda _: None)
        return Work(sum(written.values()), _read_so_far() - before)


def _read_so_far() -> int:
    return int(Path("/proc/self/io").read_text().split()[1])


def appended(folder: Path, megabytes: float, monkeypatch: pytest.MonkeyPatch, *, others: float = 0) -> Work:
    """Append a line to a session of this size, in a store with this much of others; return the work."""
    long_session(folder / "one", megabytes)
    sources = [SourceRoot("claude_code", folder / "one" / "claude")]
    if others:
        generate(folder / "others", others)
        sources.append(SourceRoot("claude_code", folder / "others" / "claude"))
    config = Config(folder / "store.db", tuple(sources))
    ingest_once(config, lambda _: None)
    [path] = (folder / "one").rglob("*.jsonl")
    with path.open("a", encoding="utf-8") as file:
        file.write(answer(path.stem, 1))
    return work(config, monkeypatch)


@pytest.mark.skipif(not Path("/proc/self/io").exists(), reason="reads are counted by Linux only")
@pytest.mark.parametrize(("megabytes", "others"), [(6, 0), (0.02, 6)], ids=["long session", "large store"])
def test_an_append_costs_the_same_whatever_is_there(
    megabytes: float, others: float, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    small = appended(tmp_path / "small", 0.02, monkeypatch)
    large = appended(tmp_path / "large", megabytes, monkeypatch, others=others)
    assert small.rows > 0
    # Full text is merged now and then, which writes a few of its rows.
    assert large.rows <= small.rows + 20
    # A page of each table is read on the way to a row: deeper trees, but no scan.
    assert large.read <= small.read + 1_000_000


def test_a_start_with_nothing_new_writes_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    generate(tmp_path, 0.5)
    sources = (SourceRoot("claude_code", tmp_path / "claude"), SourceRoot("codex", tmp_path / "codex"))
    config = Config(tmp_path / "store.db", sources)
    assert work(config, monkeypatch).rows > 0
    assert work(config, monkeypatch).rows == 0


@pytest.mark.serial
@pytest.mark.skipif(sys.platform != "linux", reason="wakes are counted by Linux only")
def test_a_server_at_rest_hardly_wakes(tmp_path: Path) -> None:
    """Its processes together, with the files watched: some looks a second at what the kernel told."""
    generate(tmp_path, 0.5)
    command: list[str | Path] = [sys.executable, "-m", "ai_viewer", "--db", tmp_path / "store.db"]
    command += ["--port", "0", "--no-open", "--source", f"claude_code={tmp_path / 'claude'}"]
    with running(command, tmp_path) as server:
        wait_for(lambda: b'"total":0' not in server.get("/api/sessions?limit=1"), "something is read")

        def rests() -> bool:
            before = sum(map(cpu_of, family(server.process.pid)))
            time.sleep(1)
            return sum(map(cpu_of, family(server.process.pid))) - before < 0.1

        wait_for(rests, "all is read")
        pids = family(server.process.pid)
        wakes, cpu, began = sum(map(wakes_of, pids)), sum(map(cpu_of, pids)), time.monotonic()
        time.sleep(4)
        seconds = time.monotonic() - began
        assert (sum(map(wakes_of, pids)) - wakes) / seconds <= 200
        assert (sum(map(cpu_of, pids)) - cpu) / seconds <= 0.05
