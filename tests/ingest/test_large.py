"""A snapshot that is too large to be held at once: told in parts, started over if it must be."""

from __future__ import annotations

import gzip
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from ai_viewer import pricing
from ai_viewer.adapters import ADAPTERS
from ai_viewer.config import Config, SourceRoot
from ai_viewer.ingest import run, snapshot
from ai_viewer.ingest.progress import Progress
from ai_viewer.store import database
from ai_viewer.store.batch import FileBatch
from ai_viewer.store.write import Writer
from ai_viewer.testing.dump import dump
from tests.ingest.toys import Toy, line, toy

__all__ = ["toy"]

ROOT = Path(__file__).parents[2]
NAME = "x.pieces.json.gz"


def silently(_: Progress) -> None:
    """Report nothing."""


def packed(ops: int, text: str = "output") -> bytes:
    return gzip.compress(
        b"".join(
            line("s", [1 + seq // 10, seq, {"start": seq, "text": f"{text} {seq}"}]) + b"\n"
            for seq in range(1, ops + 1)
        )
    )


@pytest.fixture
def config(tmp_path: Path, toy: Toy, monkeypatch: pytest.MonkeyPatch) -> Config:
    del toy
    _in_small_parts(monkeypatch.setattr)
    root = tmp_path / "toys"
    root.mkdir()
    return Config(db=tmp_path / "store.db", sources=(SourceRoot("toy", root),))


def _in_small_parts(setattr_: object) -> None:
    assert callable(setattr_)
    setattr_(run, "AT_ONCE_INLINE_BYTES", 1000)
    setattr_(run, "LATER_SECONDS", 0.001)
    setattr_(run, "REST_FACTOR", 0)
    setattr_(snapshot, "PIECE_BYTES", 2000)


def alone(config: Config) -> dict[str, list[tuple[object, ...]]]:
    """What a new store holds of the same files."""
    clean = Config(db=config.db.with_name("clean.db"), sources=config.sources)
    clean.db.unlink(missing_ok=True)
    run.ingest_once(clean, silently)
    return dump(clean.db)


def test_killed_anywhere_it_is_told_from_its_beginning(config: Config) -> None:
    """Neither the first reading nor one of what changed loses anything or tells it twice."""
    root = config.sources[0].root
    for text in ("output", "other"):
        (root / NAME).write_bytes(packed(400, text))
        for steps in (9, 30, 60, 100):
            killed = subprocess.run(
                [sys.executable, __file__, str(root), str(config.db), str(steps)],
                env={**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT / "src"), str(ROOT)])},
                check=False,
            )
            assert killed.returncode == -signal.SIGKILL
        run.ingest_once(config, silently)
        assert dump(config.db) == alone(config)


def test_fresh_files_do_not_wait_for_it(config: Config) -> None:
    root = config.sources[0].root
    (root / NAME).write_bytes(packed(400))
    connection = database.open_writer(config.db)
    engine = run.Engine(Writer(connection, pricing.quote), config.sources, silently)
    engine.look_through()
    engine.step()
    engine.step()
    (root / "fresh.jsonl").write_bytes(line("fresh", [1, 1, {}]) + b"\n")
    engine.offer(root / "fresh.jsonl")
    engine.step()
    ops = dict(database.rows(connection, "SELECT native_id, ops FROM session"))
    assert ops["fresh"] == 1
    assert 0 < ops["s"] < 400
    engine.finish()
    engine.close()
    connection.close()
    assert dump(config.db) == alone(config)


@pytest.mark.parametrize("known", [False, True], ids=["new", "known"])
def test_written_while_it_is_read_it_is_started_over(
    config: Config, known: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = config.sources[0].root / NAME
    path.write_bytes(packed(400))
    if known:
        run.ingest_once(config, silently)
        path.write_bytes(packed(410))
    batches = 0
    apply = Writer.apply

    def counted(self: Writer, given: list[FileBatch]) -> None:
        nonlocal batches
        batches += 1
        if batches == 2:
            path.write_bytes(packed(300, "another"))
        apply(self, given)

    monkeypatch.setattr(Writer, "apply", counted)
    run.ingest_once(config, silently)
    monkeypatch.undo()
    assert dump(config.db, "state") == _alone_again(config, monkeypatch)


def _alone_again(config: Config, monkeypatch: pytest.MonkeyPatch) -> dict[str, list[tuple[object, ...]]]:
    monkeypatch.setitem(ADAPTERS, "toy", Toy())
    clean = Config(db=config.db.with_name("clean.db"), sources=config.sources)
    run.ingest_once(clean, silently)
    return dump(clean.db, "state")


def test_replaced_while_it_is_read_the_old_one_is_told_to_its_end_and_then_the_new_one(
    config: Config,
) -> None:
    path = config.sources[0].root / NAME
    path.write_bytes(packed(400))
    connection = database.open_writer(config.db)
    engine = run.Engine(Writer(connection, pricing.quote), config.sources, silently)
    engine.look_through()
    engine.step()
    new = path.with_name("new")
    new.write_bytes(packed(300, "another"))
    new.replace(path)
    engine.offer(path)
    engine.finish()
    engine.close()
    connection.close()
    assert dump(config.db) == alone(config)


def test_a_changed_one_writes_in_proportion_to_the_change(config: Config) -> None:
    path = config.sources[0].root / NAME
    written = []
    for ops in (100, 1000):
        path.write_bytes(packed(ops))
        run.ingest_once(config, silently)
        path.write_bytes(packed(ops + 1))
        connection = database.open_writer(config.db)
        before = connection.total_changes()
        engine = run.Engine(Writer(connection, pricing.quote), config.sources, silently)
        engine.look_through()
        engine.finish()
        written.append(connection.total_changes() - before)
        connection.close()
    assert written[1] < 2 * written[0]


def _killed_after(steps: int, config: Config) -> None:
    """Ingest and die, without warning, after so many thousand steps of SQL."""

    def step() -> bool:
        nonlocal steps
        steps -= 1
        if steps == 0:
            os.kill(os.getpid(), signal.SIGKILL)
        return False

    open_writer = database.open_writer

    def open_counted(path: Path) -> object:
        connection = open_writer(path)
        connection.set_progress_handler(step, 1000)
        return connection

    database.open_writer = open_counted  # type: ignore[assignment]  # the same, but mortal
    ADAPTERS["toy"] = Toy()
    _in_small_parts(setattr)
    run.ingest_once(config, silently)


if __name__ == "__main__":
    _killed_after(int(sys.argv[3]), Config(Path(sys.argv[2]), (SourceRoot("toy", Path(sys.argv[1])),)))
