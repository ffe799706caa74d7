"""Databases and trees: many sessions each, read as they are written, and left as they are."""

from __future__ import annotations

import os
import queue
import shutil
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

from ai_viewer import pricing
from ai_viewer.config import Config, SourceRoot
from ai_viewer.errors import StoreError
from ai_viewer.ingest import run
from ai_viewer.ingest.progress import Progress
from ai_viewer.server import overview
from ai_viewer.store import database
from ai_viewer.store.reader import Reader
from ai_viewer.store.views import Source
from ai_viewer.store.write import Writer
from ai_viewer.testing import as_on_disk
from ai_viewer.testing.dump import dump
from tests.ingest.toys import SCHEMA, Toy, toy

__all__ = ["toy"]

FIXTURES = Path(__file__).parents[1] / "fixtures"
STAMP = 1_700_000_000_000_000_000
SECOND = 1_000_000_000


def silently(_: Progress) -> None:
    """Report nothing."""


class Place:
    """A folder of the toy format and a store."""

    root: Path
    config: Config

    def once(self) -> None:
        run.ingest_once(self.config, silently)

    def ask(self, sql: str) -> list[tuple[Any, ...]]:
        connection = database.open_reader(self.config.db)
        try:
            return database.rows(connection, sql)
        finally:
            connection.close()

    def ops(self) -> dict[str, int]:
        return dict(self.ask("SELECT native_id, ops FROM session WHERE owner_file IS NOT NULL"))


class Notes(Place):
    """A folder with a database in WAL mode, which is open, as its agent has it."""

    def __init__(self, folder: Path) -> None:
        self.root = folder / "toys"
        self.root.mkdir()
        self.path = self.root / "notes.db"
        self.config = Config(db=folder / "store.db", sources=(SourceRoot("toy", self.root),))
        self.agent = apsw.Connection(str(self.path))
        self.agent.pragma("journal_mode", "wal")
        self.agent.execute(SCHEMA)
        self.now = STAMP

    def put(self, session: str, number: int, unit: list[Any], stamp: int | None = None) -> None:
        self.now += SECOND
        self.agent.execute(
            "INSERT OR REPLACE INTO unit VALUES (?, ?, ?, ?)",
            (session, number, msgspec.json.encode(unit).decode(), self.now if stamp is None else stamp),
        )

    def files(self) -> dict[str, tuple[int, int]]:
        """What the folder holds, and when each was changed."""
        found = [(path.name, path.stat()) for path in sorted(self.root.rglob("*"))]
        return {name: (status.st_size, status.st_mtime_ns) for name, status in found}


class Tree(Place):
    """A folder with a tree."""

    def __init__(self, folder: Path) -> None:
        self.root = folder / "toys"
        self.config = Config(db=folder / "store.db", sources=(SourceRoot("toy", self.root),))
        self.now = STAMP

    def put(self, session: str, number: int, unit: list[Any]) -> None:
        self.now += SECOND
        folder = self.root / "tree" / session
        folder.mkdir(parents=True, exist_ok=True)
        new = folder.parent.parent / "new"
        new.write_bytes(msgspec.json.encode(unit))
        os.utime(new, ns=(self.now, self.now))
        new.replace(folder / f"{number}.json")


@pytest.fixture
def notes(tmp_path: Path, toy: Toy) -> Iterator[Notes]:
    del toy
    made = Notes(tmp_path)
    yield made
    made.agent.close()


class TestDatabase:
    def test_each_session_is_a_file_of_the_store(self, notes: Notes) -> None:
        notes.put("a", 1, [1, 1, {}])
        notes.put("b", 1, [1, 1, {}])
        notes.once()
        assert notes.ops() == {"a": 1, "b": 1}
        assert notes.ask("SELECT path FROM file ORDER BY 1") == [
            ("notes.db",), ("notes.db/a",), ("notes.db/b",),
        ]  # fmt: skip

    def test_an_unchanged_one_is_not_opened(self, notes: Notes, toy: Toy) -> None:
        notes.put("a", 1, [1, 1, {}])
        notes.once()
        asked = len(toy.listings)
        before = dump(notes.config.db)
        notes.once()
        assert len(toy.listings) == asked
        assert dump(notes.config.db) == before

    def test_only_the_session_that_changed_is_read(self, notes: Notes, toy: Toy) -> None:
        for session in "abc":
            notes.put(session, 1, [1, 1, {}])
        notes.once()
        toy.read.clear()
        notes.put("b", 2, [1, 2, {}])
        notes.once()
        assert toy.read == ["b"]
        assert notes.ops() == {"a": 1, "b": 2, "c": 1}

    def test_a_row_updated_in_place_is_an_op_updated_in_place(self, notes: Notes) -> None:
        notes.put("a", 1, [1, 1, {"start": 5, "text": "walrus"}])
        notes.once()
        notes.put("a", 1, [1, 1, {"end": 9, "status": "failed"}])
        notes.once()
        assert notes.ask("SELECT start_ts, status FROM op") == [(None, "failed")]
        assert notes.ask("SELECT count(*) FROM payload") == [(0,)]

    def test_a_deleted_session_stays_and_is_marked_missing(self, notes: Notes) -> None:
        notes.put("a", 1, [1, 1, {}])
        notes.put("b", 1, [1, 1, {}])
        notes.once()
        notes.agent.execute("DELETE FROM unit WHERE session = 'a'")
        notes.once()
        assert notes.ops() == {"a": 1, "b": 1}
        assert notes.ask("SELECT path FROM file WHERE missing") == [("notes.db/a",)]

    def test_a_deleted_database_stays_readable(self, notes: Notes) -> None:
        notes.put("a", 1, [1, 1, {}])
        notes.once()
        notes.agent.close()
        notes.path.unlink()
        notes.once()
        assert notes.ops() == {"a": 1}
        assert notes.ask("SELECT count(*) FROM file WHERE missing") == [(2,)]

    def test_a_raised_version_reads_all_sessions_anew(self, notes: Notes, toy: Toy) -> None:
        for session in "ab":
            notes.put(session, 1, [1, 1, {}])
        notes.once()
        toy.version = 2
        toy.read.clear()
        notes.once()
        assert sorted(toy.read) == ["a", "b"]
        toy.read.clear()
        notes.once()
        assert toy.read == []

    def test_reading_twice_changes_nothing(self, notes: Notes, tmp_path: Path) -> None:
        for number in range(1, 20):
            notes.put("a", number, [1 + number // 5, number, {"start": number, "text": f"text {number}"}])
            if number % 4 == 0:
                notes.once()
        notes.once()
        whole = Config(db=tmp_path / "whole.db", sources=notes.config.sources)
        run.ingest_once(whole, silently)
        assert dump(notes.config.db) == dump(whole.db)

    def test_a_large_session_is_told_in_parts(
        self, notes: Notes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("ai_viewer.ingest.snapshot.PIECE_BYTES", 500)
        monkeypatch.setattr("ai_viewer.ingest.snapshot.SPOOL_BYTES", 500)
        whole = Config(db=tmp_path / "whole.db", sources=notes.config.sources)
        for number in range(1, 40):
            notes.put("a", number, [1 + number // 5, number, {"text": f"text {number} " * 5}])
        run.ingest_once(whole, silently)
        monkeypatch.setattr(run, "AT_ONCE_INLINE_BYTES", 1000)
        notes.once()
        assert dump(notes.config.db) == dump(whole.db)
        notes.put("a", 7, [2, 7, {"text": "other"}])
        notes.once()
        run.ingest_once(whole, silently)
        assert dump(notes.config.db) == dump(whole.db)


class TestLeavesNoTrace:
    """Whatever files there are: none comes, goes or changes."""

    def check(self, notes: Notes, expected: dict[str, int]) -> None:
        before = notes.files()
        folder = notes.root.stat().st_mtime_ns
        notes.once()
        assert notes.ops() == expected
        assert notes.files() == before
        assert notes.root.stat().st_mtime_ns == folder

    def test_in_use(self, notes: Notes) -> None:
        notes.put("a", 1, [1, 1, {}])
        self.check(notes, {"a": 1})

    def test_closed(self, notes: Notes) -> None:
        notes.put("a", 1, [1, 1, {}])
        notes.agent.close()
        assert list(notes.files()) == ["notes.db"]
        self.check(notes, {"a": 1})

    @pytest.mark.parametrize("left_out", [[], ["notes.db-shm"]], ids=["all", "without shm"])
    def test_a_copy_whose_newest_rows_are_in_its_wal(
        self, notes: Notes, left_out: list[str], tmp_path: Path
    ) -> None:
        """As it is after a crash, or in a backup: no process has it open."""
        notes.agent.wal_autocheckpoint(0)
        notes.put("a", 1, [1, 1, {}])
        copy = tmp_path / "copy"
        shutil.copytree(notes.root, copy, ignore=lambda *_: left_out)
        notes.root = copy
        notes.config = Config(db=notes.config.db, sources=(SourceRoot("toy", copy),))
        assert (
            apsw.Connection(f"file:{copy}/notes.db?immutable=1", flags=0x41)
            .execute("SELECT count(*) FROM sqlite_schema")
            .get
            == 0
        )
        self.check(notes, {"a": 1})

    def test_of_rollback_journals(self, notes: Notes) -> None:
        notes.agent.pragma("journal_mode", "delete")
        notes.put("a", 1, [1, 1, {}])
        self.check(notes, {"a": 1})

    def test_while_nothing_may_be_written_there(self, notes: Notes) -> None:
        notes.put("a", 1, [1, 1, {}])
        notes.agent.close()
        notes.path.chmod(0o400)
        notes.root.chmod(0o500)
        try:
            self.check(notes, {"a": 1})
        finally:
            notes.root.chmod(0o700)


class TestDamage:
    @pytest.mark.parametrize(
        "spoil",
        [
            lambda path: path.write_bytes(b"not a database, but long enough to look at" * 50),
            lambda path: path.write_bytes(path.read_bytes()[:100] + b"\xff" * 8000),
            lambda path: apsw.Connection(str(path)).execute("DROP TABLE unit"),
            lambda path: path.write_bytes(b""),
        ],
        ids=["no database", "corrupt", "other tables", "empty"],
    )
    def test_is_told_and_takes_nothing_back(self, notes: Notes, spoil: Callable[[Path], object]) -> None:
        notes.put("a", 1, [1, 1, {}])
        (notes.root / "other.whole.json").write_bytes(b'{"o": {"units": [[1, 1, {}]]}}')
        notes.once()
        notes.agent.close()
        spoil(notes.path)
        (notes.root / "other.whole.json").write_bytes(b'{"o": {"units": [[1, 1, {}], [1, 2, {}]]}}')
        notes.once()
        assert notes.ops() == {"a": 1, "o": 2}
        [(path, message)] = notes.ask("SELECT path, message FROM problem JOIN file ON file.id = file_id")
        assert path == "notes.db"
        assert message.startswith("the database cannot be read")
        assert notes.ask("SELECT count(*) FROM file WHERE error IS NOT NULL") == [(1,)]

    def test_a_member_that_cannot_be_one_is_told(self, notes: Notes) -> None:
        (notes.root / "other.whole.json").write_bytes(b'{"o": {"units": [[1, 1, {}]]}}')
        notes.agent.execute("INSERT INTO unit VALUES (NULL, 1, '[1, 1, {}]', 1)")
        notes.once()
        assert notes.ops() == {"o": 1}
        [(message,)] = notes.ask("SELECT message FROM problem")
        assert "its adapter lists Member(name=None" in message

    def test_one_that_is_locked_is_told_if_that_lasts(
        self, notes: Notes, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(run, "LATER_SECONDS", 0.001)
        notes.put("a", 1, [1, 1, {}])
        (notes.root / "notes.db-journal").write_bytes(b"a transaction under way")
        notes.once()
        assert notes.ask("SELECT message FROM problem") == [("a transaction is being written",)]
        (notes.root / "notes.db-journal").unlink()
        notes.once()
        assert notes.ops() == {"a": 1}
        assert notes.ask("SELECT count(*) FROM problem") == [(0,)]


class TestTree:
    @pytest.fixture
    def tree(self, tmp_path: Path, toy: Toy) -> Tree:
        del toy
        return Tree(tmp_path)

    def test_only_the_session_that_changed_is_read(self, tree: Tree, toy: Toy) -> None:
        tree.put("a", 1, [1, 1, {}])
        tree.put("b", 1, [1, 1, {}])
        tree.once()
        assert tree.ops() == {"a": 1, "b": 1}
        toy.read.clear()
        tree.put("b", 2, [1, 2, {}])
        tree.once()
        assert toy.read == ["b"]
        assert tree.ops() == {"a": 1, "b": 2}
        toy.read.clear()
        tree.once()
        assert toy.read == []

    def test_a_deleted_session_stays_and_is_marked_missing(self, tree: Tree) -> None:
        tree.put("a", 1, [1, 1, {}])
        tree.put("b", 1, [1, 1, {}])
        tree.once()
        shutil.rmtree(tree.root / "tree" / "a")
        tree.once()
        assert tree.ops() == {"a": 1, "b": 1}
        assert tree.ask("SELECT path FROM file WHERE missing") == [("tree/a",)]

    def test_a_file_that_changes_is_asked_about_alone(self, tree: Tree, toy: Toy) -> None:
        tree.put("a", 1, [1, 1, {}])
        tree.put("b", 1, [1, 1, {}])
        with following(tree.config):
            until(lambda: tree.ops() == {"a": 1, "b": 1})
            toy.listings.clear()
            tree.put("b", 2, [1, 2, {}])
            until(lambda: tree.ops() == {"a": 1, "b": 2})
        assert {changed for _, changed in toy.listings} == {"tree/b/2.json"}


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


AGENT = """
import sqlite3, sys
agent = sqlite3.connect(sys.argv[1], isolation_level=None)
agent.execute("PRAGMA journal_mode = wal")
agent.execute(sys.argv[2])
for line in sys.stdin:
    session, number, stamp = line.split()
    body = '[1, %s, {"text": "text %s"}]' % (number, number)
    agent.execute("INSERT OR REPLACE INTO unit VALUES (?, ?, ?, ?)", (session, number, body, stamp))
    print("written", flush=True)
"""


class Agent:
    """Another process that has the database open and writes what it is told."""

    def __init__(self, path: Path) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-c", AGENT, str(path), SCHEMA],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self.stamp = STAMP

    def write(self, session: str, number: int) -> None:
        self.stamp += SECOND
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(f"{session} {number} {self.stamp}\n")
        self.process.stdin.flush()
        assert self.process.stdout.readline() == "written\n"

    def close(self) -> None:
        self.process.communicate(timeout=20)
        assert self.process.returncode == 0


class TestFollowed:
    @pytest.fixture
    def place(self, tmp_path: Path, toy: Toy) -> Tree:
        del toy
        made = Tree(tmp_path)
        made.root.mkdir()
        return made

    @pytest.fixture
    def agent(self, place: Tree) -> Iterator[Agent]:
        made = Agent(place.root / "notes.db")
        yield made
        made.close()

    def test_what_another_process_writes_is_read_as_it_comes(
        self, place: Tree, agent: Agent, toy: Toy
    ) -> None:
        agent.write("a", 1)
        agent.write("b", 1)
        with following(place.config):
            until(lambda: place.ops() == {"a": 1, "b": 1})
            toy.listings.clear()
            for number in range(2, 30):
                agent.write("a", number)
            until(lambda: place.ops() == {"a": 29, "b": 1})
            agent.write("c", 1)
            until(lambda: place.ops() == {"a": 29, "b": 1, "c": 1})
        assert place.ask("SELECT count(*) FROM problem") == [(0,)]
        assert toy.read.count("b") == 1
        assert all(since is not None for since, _ in toy.listings)

    def test_a_database_that_comes_later_is_found(self, place: Tree) -> None:
        with following(place.config):
            until(lambda: place.ops() == {})
            agent = Agent(place.root / "notes.db")
            agent.write("a", 1)
            until(lambda: place.ops() == {"a": 1})
            agent.close()

    def test_the_sweep_finds_what_is_gone_and_what_has_an_older_stamp(
        self, place: Tree, agent: Agent, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(run, "SWEEP_SECONDS", 0.1)
        agent.write("a", 1)
        with following(place.config):
            until(lambda: place.ops() == {"a": 1})
            agent.stamp = SECOND
            agent.write("old", 1)
            until(lambda: place.ops() == {"a": 1, "old": 1})

    def test_a_burst_of_writes_does_not_read_a_session_each_time(
        self, place: Tree, agent: Agent, toy: Toy, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """It rests after each reading, and is read once more at the end."""
        monkeypatch.setattr(run, "REST_FACTOR", 1000)
        agent.write("a", 1)
        with following(place.config):
            until(lambda: place.ops() == {"a": 1})
            for number in range(2, 102):
                agent.write("a", number)
            until(lambda: place.ops() == {"a": 101})
        assert toy.read.count("a") <= 4


def test_a_database_whose_files_are_as_they_were_is_not_opened_again(notes: Notes, toy: Toy) -> None:
    """Opening it is itself told by the kernel as a change of its files."""
    notes.put("a", 1, [1, 1, {}])
    _let_rest(notes)
    with _engine(notes) as engine:
        engine.read_all()
        toy.listings.clear()

        engine.offer(notes.path.with_name("notes.db-wal"))
        engine.finish()
        assert toy.listings == []

        notes.put("a", 2, [1, 2, {}])
        engine.offer(notes.path.with_name("notes.db-wal"))
        engine.finish()
        assert len(toy.listings) == 1
    assert notes.ops() == {"a": 2}


def test_a_database_that_was_written_a_moment_ago_is_opened_again(notes: Notes, toy: Toy) -> None:
    """Another change may have come within the same tick of the clock."""
    with _engine(notes) as engine:
        engine.read_all()
        for number in (1, 2):
            notes.put("a", number, [1, number, {}])
            toy.listings.clear()
            engine.offer(notes.path.with_name("notes.db-wal"))
            engine.offer(notes.path)
            engine.finish()
            assert toy.listings != []


@contextmanager
def _engine(notes: Notes) -> Iterator[run.Engine]:
    connection = database.open_writer(notes.config.db)
    engine = run.Engine(Writer(connection, pricing.quote), notes.config.sources, silently)
    yield engine
    engine.close()
    connection.close()


def _let_rest(notes: Notes) -> None:
    """Make the files look as if they had been written a while ago."""
    for file in notes.root.iterdir():
        written = file.stat().st_mtime_ns
        os.utime(file, ns=(written, written - 60 * SECOND))


def test_a_database_is_not_behind_once_it_was_followed(notes: Notes) -> None:
    """Nor does its own row count as a file."""
    notes.put("a", 1, [1, 1, {}])
    with following(notes.config):
        until(lambda: notes.ops() == {"a": 1})
        notes.put("a", 2, [1, 2, {}])
        until(lambda: notes.ops() == {"a": 2})
        until(lambda: _source(notes).lag_us == 0)
    assert _source(notes).files == 1
    written = notes.path.with_name("notes.db-wal").stat().st_mtime_ns
    os.utime(notes.path.with_name("notes.db-wal"), ns=(written, written + 60 * SECOND))
    assert _source(notes).lag_us == 60_000_000


def _source(notes: Notes) -> Source:
    reader = Reader(notes.config.db)
    try:
        return overview.all_sources(reader, notes.config).sources[0]
    finally:
        reader.close()


class TestWork:
    def test_one_more_op_writes_as_many_rows_in_a_long_session_as_in_a_short_one(self, notes: Notes) -> None:
        written = []
        for session, ops in (("a", 15), ("b", 800)):
            with notes.agent:
                for number in range(1, ops + 1):
                    notes.put(session, number, [1, number, {"start": number}])
            notes.once()
            notes.put(session, ops + 1, [1, ops + 1, {"start": ops}])
            connection = database.open_writer(notes.config.db)
            before = connection.total_changes()
            engine = run.Engine(Writer(connection, pricing.quote), notes.config.sources, silently)
            engine.look_through()
            engine.finish()
            written.append(connection.total_changes() - before)
            connection.close()
        assert written[0] == written[1]


@pytest.mark.parametrize("case", ["opencode/database_1_18", "opencode/json_tree", "ai_agent/snapshot_tree"])
def test_worker_processes_make_no_difference(
    case: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Members and snapshots are read there as in line."""
    with as_on_disk(FIXTURES / case / "input") as root:
        stores = []
        for inline_bytes in (run.INLINE_BYTES, 0):
            monkeypatch.setattr(run, "INLINE_BYTES", inline_bytes)
            source = SourceRoot(case.partition("/")[0], root)
            config = Config(db=tmp_path / f"{inline_bytes}.db", sources=(source,))
            run.ingest_once(config, silently)
            stores.append(dump(config.db))
        assert stores[0] == stores[1]
        assert stores[0]["op"] != []
