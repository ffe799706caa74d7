"""From files to the store: what a run reads, in whatever order, however often it is stopped."""

from __future__ import annotations

import itertools
import os
import queue
import random
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import apsw
import msgspec
import pytest
import zstandard

from ai_viewer.config import Config, SourceRoot
from ai_viewer.errors import StoreError, StoreLockedError
from ai_viewer.ingest import run
from ai_viewer.ingest.progress import Progress, Summary
from ai_viewer.ingest.task import CHUNK_BYTES
from ai_viewer.store import database
from ai_viewer.testing.dump import dump
from bench.corpus import generate, long_session

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="session")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """About 3 MB of generated sessions of both formats, with their truth."""
    folder = tmp_path_factory.mktemp("corpus")
    generate(folder, 3, seed=7)
    return folder


def config_for(corpus: Path, db: Path) -> Config:
    return Config(
        db=db,
        sources=(SourceRoot("claude_code", corpus / "claude"), SourceRoot("codex", corpus / "codex")),
    )


def silently(_: Progress) -> None:
    """Report nothing."""


def once(config: Config) -> Summary:
    return run.ingest_once(config, silently)


def ask(db: Path, sql: str) -> list[tuple[Any, ...]]:
    connection = database.open_reader(db)
    try:
        return database.rows(connection, sql)
    finally:
        connection.close()


class Rollout:
    """A Codex session of its own folder, to be written piece by piece."""

    def __init__(self, folder: Path) -> None:
        generate(folder / "made", 0.02, seed=3, formats=("codex",))
        [made] = (folder / "made").rglob("*.jsonl")
        self.lines = made.read_bytes().splitlines(keepends=True)
        self.path = (
            folder
            / "sessions"
            / "2026"
            / "01"
            / "05"
            / "rollout-2026-01-05T09-00-00-11111111-2222-4333-8444-555555555555.jsonl"
        )
        self.path.parent.mkdir(parents=True)
        self.config = Config(db=folder / "store.db", sources=(SourceRoot("codex", folder),))

    def write(self, lines: list[bytes]) -> None:
        self.path.write_bytes(b"".join(lines))

    def append(self, data: bytes) -> None:
        with self.path.open("ab") as file:
            file.write(data)

    def ops(self) -> int:
        total: int = ask(self.config.db, "SELECT count(*) FROM op")[0][0]
        return total

    def problems(self) -> list[Any]:
        return [row for (row,) in ask(self.config.db, "SELECT error_class FROM problem ORDER BY offset")]


@pytest.fixture
def rollout(tmp_path: Path) -> Rollout:
    return Rollout(tmp_path)


class TestOnce:
    def test_totals_are_the_truth_of_the_corpus(self, corpus: Path, tmp_path: Path) -> None:
        once(config_for(corpus, tmp_path / "s.db"))
        truth = msgspec.json.decode((corpus / "truth.json").read_bytes(), type=dict[str, dict[str, int]])
        for format_name, expected in truth.items():
            row = ask(
                tmp_path / "s.db",
                "SELECT count(*), sum(llm_calls), sum(tool_calls), sum(tool_failures), sum(tokens_in),"
                " sum(tokens_out),"
                " sum(tokens_cache_read), sum(tokens_cache_write_5m + tokens_cache_write_1h)"
                f" FROM session WHERE format = '{format_name}'",
            )[0]
            names = [
                "sessions", "llm_calls", "tool_calls", "tool_failures", "tokens_in", "tokens_out",
                "tokens_cache_read", "tokens_cache_write",
            ]  # fmt: skip
            assert dict(zip(names, row, strict=True)) == {name: expected.get(name, 0) for name in names}

    def test_a_second_run_opens_no_file_and_writes_nothing(self, corpus: Path, tmp_path: Path) -> None:
        config = config_for(corpus, tmp_path / "s.db")
        first = once(config)
        before = dump(config.db), ask(config.db, "SELECT max(id) FROM change")
        second = once(config)
        assert (second.files, second.bytes, second.files_unchanged) == (0, 0, first.files)
        assert (dump(config.db), ask(config.db, "SELECT max(id) FROM change")) == before

    def test_every_record_is_accounted_for(self, corpus: Path, tmp_path: Path) -> None:
        config = config_for(corpus, tmp_path / "s.db")
        summary = once(config)
        lines = sum(len(path.read_bytes().splitlines()) for path in corpus.rglob("*.jsonl"))
        assert sum(summary.records.values()) == lines
        assert summary.records["unknown"] == summary.records["malformed"] == 0

    def test_the_order_of_files_and_the_workers_make_no_difference(
        self, corpus: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        files = sorted(corpus.rglob("*.jsonl"))
        stores = []
        for number, inline_bytes in enumerate([run.INLINE_BYTES, run.INLINE_BYTES, 0]):
            # Files are read newest first, so their times decide the order.
            random.Random(number).shuffle(files)
            for place, path in enumerate(files):
                os.utime(path, (1_700_000_000 + place, 1_700_000_000 + place))
            monkeypatch.setattr(run, "INLINE_BYTES", inline_bytes)
            config = config_for(corpus, tmp_path / f"{number}.db")
            once(config)
            stores.append(dump(config.db, "mtime_ns"))
        assert stores[0] == stores[1] == stores[2]

    def test_a_file_of_several_chunks_is_the_same_read_by_workers_and_in_line(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Workers read its next chunk while the one before waits to be applied."""
        long_session(tmp_path, 3 * CHUNK_BYTES / 1e6)
        sources = (SourceRoot("claude_code", tmp_path / "claude"),)
        stores = []
        for name, inline_bytes in {"workers.db": 0, "inline.db": 8 * CHUNK_BYTES}.items():
            monkeypatch.setattr(run, "INLINE_BYTES", inline_bytes)
            once(Config(db=tmp_path / name, sources=sources))
            stores.append(dump(tmp_path / name))
        assert stores[0] == stores[1]

    def test_killed_anywhere_and_run_again_gives_the_same_store(self, corpus: Path, tmp_path: Path) -> None:
        clean = config_for(corpus, tmp_path / "clean.db")
        once(clean)
        config = config_for(corpus, tmp_path / "killed.db")
        rng = random.Random(11)
        for _ in range(8):
            steps = str(rng.randrange(5, 60))
            killed = subprocess.run(
                [sys.executable, __file__, str(corpus), str(config.db), steps],
                env={**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT), *sys.path])},
                check=False,
            )
            assert killed.returncode == -signal.SIGKILL
        once(config)
        assert dump(config.db) == dump(clean.db)


class TestOneFile:
    def test_a_restart_reads_only_what_is_new(self, rollout: Rollout) -> None:
        rollout.write(rollout.lines[:10])
        first = once(rollout.config)
        rollout.append(b"".join(rollout.lines[10:]))
        second = once(rollout.config)
        assert second.bytes == len(b"".join(rollout.lines[10:]))
        assert first.bytes + second.bytes == rollout.path.stat().st_size

    def test_pieces_give_the_same_rows_as_the_whole(self, rollout: Rollout, tmp_path: Path) -> None:
        rng = random.Random(5)
        data = b"".join(rollout.lines)
        rollout.write([])
        cuts = [0, *sorted(rng.randrange(len(data)) for _ in range(12)), len(data)]
        for low, high in itertools.pairwise(cuts):
            rollout.append(data[low:high])
            once(rollout.config)
        whole = Config(db=tmp_path / "whole.db", sources=rollout.config.sources)
        once(whole)
        assert dump(rollout.config.db) == dump(whole.db)

    def test_a_half_written_line_waits_for_its_end(self, rollout: Rollout) -> None:
        rollout.write([*rollout.lines[:10], rollout.lines[10][:30]])
        once(rollout.config)
        assert rollout.problems() == ["unfinished line"]
        rollout.append(rollout.lines[10][30:])
        once(rollout.config)
        assert rollout.problems() == []

    def test_a_whole_last_line_without_a_newline_is_read(self, rollout: Rollout, tmp_path: Path) -> None:
        rollout.write([*rollout.lines[:-1], rollout.lines[-1].rstrip()])
        once(rollout.config)
        rollout.append(b"\n")
        once(rollout.config)
        whole = Config(db=tmp_path / "whole.db", sources=rollout.config.sources)
        once(whole)
        assert dump(rollout.config.db, "offset", "fingerprint") == dump(whole.db, "offset", "fingerprint")

    def test_a_garbled_line_is_told_with_its_place_and_costs_nothing_else(self, rollout: Rollout) -> None:
        rollout.write(rollout.lines)
        once(rollout.config)
        ops = rollout.ops()
        rollout.path.unlink()
        rollout.config.db.unlink()
        rollout.write([*rollout.lines[:5], b'{"broken": \xff\n', *rollout.lines[5:]])
        once(rollout.config)
        assert rollout.ops() == ops
        assert ask(rollout.config.db, "SELECT offset FROM problem") == [(len(b"".join(rollout.lines[:5])),)]

    def test_a_rewritten_file_is_told_anew(self, rollout: Rollout, tmp_path: Path) -> None:
        rollout.write(rollout.lines)
        once(rollout.config)
        rollout.write([rollout.lines[0], *rollout.lines[4:], *rollout.lines[1:4]])
        once(rollout.config)
        whole = Config(db=tmp_path / "whole.db", sources=rollout.config.sources)
        once(whole)
        assert dump(rollout.config.db) == dump(whole.db)

    def test_a_truncated_file_is_told_anew(self, rollout: Rollout) -> None:
        rollout.write(rollout.lines)
        once(rollout.config)
        whole = rollout.ops()
        rollout.write(rollout.lines[: len(rollout.lines) // 2])
        once(rollout.config)
        assert 0 < rollout.ops() < whole

    def test_an_emptied_file_keeps_its_history(self, rollout: Rollout) -> None:
        rollout.write(rollout.lines)
        once(rollout.config)
        whole = rollout.ops()
        rollout.write([])
        once(rollout.config)
        assert rollout.ops() == whole
        assert rollout.problems() == ["file"]

    def test_a_deleted_file_keeps_its_history_and_a_moved_one_goes_on(self, rollout: Rollout) -> None:
        half = len(rollout.lines) // 2
        rollout.write(rollout.lines[:half])
        once(rollout.config)
        moved = rollout.path.parents[1] / "06" / rollout.path.name
        moved.parent.mkdir()
        rollout.path.rename(moved)
        once(rollout.config)
        before = rollout.ops()
        assert before > 0
        rollout.path = moved
        rollout.append(b"".join(rollout.lines[half:]))
        once(rollout.config)
        assert rollout.ops() > before
        moved.unlink()
        after = rollout.ops()
        once(rollout.config)
        assert rollout.ops() == after

    def test_compressed_files_are_read_across_frames(self, rollout: Rollout, tmp_path: Path) -> None:
        rollout.write(rollout.lines)
        once(rollout.config)
        ops = rollout.ops()
        packed = tmp_path / "other" / "sessions" / f"{rollout.path.name}.zst"
        packed.parent.mkdir(parents=True)
        compressor = zstandard.ZstdCompressor()
        packed.write_bytes(b"".join(compressor.compress(line) for line in rollout.lines))
        config = Config(db=tmp_path / "packed.db", sources=(SourceRoot("codex", tmp_path / "other"),))
        once(config)
        assert ask(config.db, "SELECT count(*) FROM op") == [(ops,)]
        packed.write_bytes(packed.read_bytes()[:-20])
        os.utime(packed, (1, 1))
        once(config)
        assert ask(config.db, "SELECT count(*) > 0 FROM op") == [(1,)]

    def test_a_damaged_file_is_told_and_stops_nothing(self, rollout: Rollout) -> None:
        rollout.write(rollout.lines)
        damaged = rollout.path.with_name(rollout.path.name.replace("1111", "9999") + ".zst")
        damaged.write_bytes(b"this is not zstd")
        once(rollout.config)
        assert rollout.problems() == ["file"]
        assert ask(
            rollout.config.db, "SELECT error LIKE 'damaged zstd data%' FROM file WHERE error IS NOT NULL"
        ) == [(1,)]
        assert rollout.ops() > 0

    def test_pipes_and_circular_links_are_no_session_files(self, rollout: Rollout) -> None:
        rollout.write(rollout.lines)
        os.mkfifo(rollout.path.with_name("rollout-pipe.jsonl"))
        (rollout.path.parent / "circle").symlink_to(rollout.path.parent.parent)
        once(rollout.config)
        assert rollout.ops() > 0

    def test_sources_are_left_as_they_are(self, rollout: Rollout) -> None:
        rollout.write(rollout.lines)
        before = rollout.path.stat()
        once(rollout.config)
        after = rollout.path.stat()
        assert (before.st_mtime_ns, before.st_size, before.st_mode) == (
            after.st_mtime_ns,
            after.st_size,
            after.st_mode,
        )


def test_a_second_writer_is_refused_and_told_who_writes(rollout: Rollout) -> None:
    with (
        database.writer_lock(rollout.config.db),
        pytest.raises(StoreLockedError, match=f"process {os.getpid()} is writing"),
    ):
        once(rollout.config)


@contextmanager
def following(config: Config) -> Iterator[None]:
    """Follow in a thread."""
    stop = threading.Event()
    failures: queue.SimpleQueue[BaseException] = queue.SimpleQueue()

    def work() -> None:
        try:
            run.follow(config, silently, stop)
        except BaseException as error:  # noqa: BLE001 - told in the test's own thread
            failures.put(error)

    thread = threading.Thread(target=work)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join(20)
    assert not thread.is_alive()
    assert failures.empty(), failures.get()


def until(true: Callable[[], bool]) -> None:
    """Wait for something that must come; a store that is being made is no failure."""
    limit = time.monotonic() + 15
    while True:
        with suppress(StoreError):
            if true():
                return
        assert time.monotonic() < limit
        time.sleep(0.01)


class TestFollow:
    def test_appended_lines_and_new_files_are_read_as_they_come(self, rollout: Rollout) -> None:
        rollout.write(rollout.lines[:8])
        with following(rollout.config):
            until(lambda: ask(rollout.config.db, "SELECT * FROM file") != [])
            before = rollout.ops()
            rollout.append(b"".join(rollout.lines[8:]))
            until(lambda: rollout.ops() > before)
            other = rollout.path.with_name(rollout.path.name.replace("1111", "9999"))
            other.write_bytes(b"".join(rollout.lines))
            until(lambda: ask(rollout.config.db, "SELECT count(*) FROM file") == [(2,)])

    def test_a_folder_that_comes_later_is_found(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(run, "NEW_FOLDER_SECONDS", 0.05)
        config = Config(db=tmp_path / "store.db", sources=(SourceRoot("codex", tmp_path / "codex"),))
        with following(config):
            until(lambda: ask(config.db, "SELECT * FROM op") == [])
            rollout = Rollout(tmp_path / "codex")
            rollout.write(rollout.lines)
            until(lambda: ask(config.db, "SELECT count(*) > 0 FROM op") == [(1,)])

    def test_what_the_kernel_did_not_tell_is_found_by_the_sweep(
        self, rollout: Rollout, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        @contextmanager
        def deaf(*_: object, **__: object) -> Iterator[None]:
            yield

        monkeypatch.setattr(run, "watch", deaf)
        monkeypatch.setattr(run, "SWEEP_SECONDS", 0.05)
        rollout.write(rollout.lines[:8])
        with following(rollout.config):
            until(lambda: ask(rollout.config.db, "SELECT * FROM file") != [])
            before = rollout.ops()
            rollout.append(b"".join(rollout.lines[8:]))
            until(lambda: rollout.ops() > before)


def _killed_after(steps: int, config: Config) -> None:
    """Ingest in many small transactions and die, without warning, after so many thousand steps of SQL."""

    def step() -> bool:
        nonlocal steps
        steps -= 1
        if steps == 0:
            os.kill(os.getpid(), signal.SIGKILL)
        return False

    def open_writer(path: Path) -> apsw.Connection:
        connection = _open_writer(path)
        connection.set_progress_handler(step, 1000)
        return connection

    run.CHUNK_BYTES = 20_000  # type: ignore[attr-defined]  # small transactions, for many places to die
    _open_writer, database.open_writer = database.open_writer, open_writer
    once(config)


if __name__ == "__main__":
    _killed_after(int(sys.argv[3]), config_for(Path(sys.argv[1]), Path(sys.argv[2])))
