"""Artifacts that are told whole when they change: only what differs is written, and all of that."""

from __future__ import annotations

import gzip
import os
import tempfile
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ai_viewer import pricing
from ai_viewer.config import Config, SourceRoot
from ai_viewer.ingest import run, snapshot
from ai_viewer.ingest.progress import Progress
from ai_viewer.ingest.task import AT_ONCE_INLINE_BYTES
from ai_viewer.store import database
from ai_viewer.store.write import Writer
from ai_viewer.testing.dump import dump
from tests.ingest.toys import Toy, script_lines, toy

__all__ = ["toy"]

Script = dict[str, Any]


def silently(_: Progress) -> None:
    """Report nothing."""


class Place:
    """A folder of the toy format and a store."""

    def __init__(self, folder: Path) -> None:
        self.root = folder / "toys"
        self.root.mkdir()
        self.config = Config(db=folder / "store.db", sources=(SourceRoot("toy", self.root),))
        self.clock = 1_700_000_000

    def write(self, name: str, data: bytes) -> Path:
        """Replace a file, as agents do: another one is renamed to it."""
        self.clock += 1
        new = self.root / f"{name}.tmp-1"
        new.write_bytes(data)
        os.utime(new, (self.clock, self.clock))
        return new.replace(self.root / name)

    def once(self) -> None:
        run.ingest_once(self.config, silently)

    def ask(self, sql: str) -> list[tuple[Any, ...]]:
        connection = database.open_reader(self.config.db)
        try:
            return database.rows(connection, sql)
        finally:
            connection.close()

    def problems(self) -> list[tuple[Any, ...]]:
        return self.ask("SELECT path, problem.offset, message FROM problem JOIN file ON file.id = file_id")

    def rows_written(self) -> int:
        """Read what is new, and count the rows that this inserts, updates and deletes."""
        connection = database.open_writer(self.config.db)
        try:
            before = connection.total_changes()
            engine = run.Engine(Writer(connection, pricing.quote), self.config.sources, silently)
            engine.look_through()
            engine.finish()
            engine.close()
            return connection.total_changes() - before
        finally:
            connection.close()


@pytest.fixture
def place(tmp_path: Path, toy: Toy) -> Place:
    del toy
    return Place(tmp_path)


def content(db: Path) -> dict[str, list[tuple[Any, ...]]]:
    """The store but for cursors, and for sessions of which nothing is left but their name."""
    found = dump(db, "state", "mtime_ns", "size", "offset")
    told = {row[0] for row in found["session_fact"]}
    connection = database.open_reader(db)
    names = dict(database.rows(connection, "SELECT native_id, format || ':' || native_id FROM session"))
    linked = {
        name
        for row in database.rows(
            connection,
            "SELECT native_id FROM session WHERE id IN (SELECT parent_id FROM session"
            " UNION SELECT child_id FROM op)",
        )
        for name in row
    }
    connection.close()
    found["session"] = [row for row in found["session"] if row[1] in linked or names[row[1]] in told]
    return found


fields = st.fixed_dictionaries(
    {},
    optional={
        "start": st.integers(0, 3000),
        "end": st.integers(0, 3000),
        "label": st.sampled_from(["Fix it", "And that"]),
        "text": st.sampled_from(["some words", "other words " * 30]),
        "tokens": st.integers(0, 1000),
        "call": st.integers(1, 3),
        "status": st.sampled_from(["completed", "failed"]),
        "bare": st.just(True),
        "parent": st.integers(1, 2),
    },
)


@st.composite
def units(draw: st.DrawFn) -> list[list[Any]]:
    """Turns and ops, each op once and in one turn; model calls have no parent."""
    seqs = draw(st.dictionaries(st.integers(1, 6), st.tuples(st.integers(0, 3), fields), max_size=5))
    turns = draw(st.dictionaries(st.integers(0, 3), fields, max_size=3))
    found: list[list[Any]] = [[turn, 0, of] for turn, of in turns.items()]
    for seq, (turn, of) in seqs.items():
        op: dict[str, Any] = dict(of)
        call = op.get("parent")
        if "tokens" in op or call not in seqs or call >= seq or "tokens" not in seqs[call][1]:
            op.pop("parent", None)
        if "tokens" not in op:
            op.pop("call", None)
        found.append([turn, seq, op])
    for number, unit in enumerate(found, 1):
        if draw(st.booleans()):
            unit[2] = {**unit[2], "log": number}
    return found


facts = st.fixed_dictionaries(
    {},
    optional={"title": st.sampled_from(["one", "two"]), "parent": st.just("a"), "cwd": st.just("/home/dev")},
)
scripts = st.dictionaries(
    st.sampled_from(["a", "b", "c"]),
    st.fixed_dictionaries({"facts": facts, "units": units()}),
    min_size=1,
    max_size=3,
)


class TestSnapshotsOneAfterAnother:
    @pytest.mark.parametrize("at_once", [AT_ONCE_INLINE_BYTES, 0], ids=["small", "large"])
    @pytest.mark.parametrize("name", ["x.whole.json", "x.pieces.json.gz"])
    @settings(
        max_examples=25,
        deadline=None,
        suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
    )
    @given(snapshots=st.lists(scripts, min_size=2, max_size=3))
    def test_leave_what_the_last_alone_would(
        self, toy: Toy, name: str, at_once: int, snapshots: list[Script]
    ) -> None:
        """Whatever came, went or changed, and however large it is held to be."""
        del toy
        with pytest.MonkeyPatch.context() as patch, tempfile.TemporaryDirectory() as folder:
            patch.setattr(run, "AT_ONCE_INLINE_BYTES", at_once)
            patch.setattr(run, "REST_FACTOR", 0)
            patch.setattr(snapshot, "PIECE_BYTES", 200)
            place = Place(Path(folder))
            for script in snapshots:
                place.write(name, _encoded(name, script))
                place.once()
            alone = Config(db=Path(folder) / "alone.db", sources=place.config.sources)
            run.ingest_once(alone, silently)
            assert content(place.config.db) == content(alone.db)


def _encoded(name: str, script: Script) -> bytes:
    if name.endswith(".gz"):
        return gzip.compress(script_lines(script))
    return msgspec.json.encode(script)


def long_script(ops: int, *, texts: bool = True) -> Script:
    """A session of turns with ten ops each.

    Without texts, whose index merges its parts now and then, the rows written can be counted.
    """
    found: list[list[Any]] = []
    for seq in range(1, ops + 1):
        turn = 1 + (seq - 1) // 10
        if seq % 10 == 1:
            found.append([turn, 0, {"label": "Do it", "text": f"Please do {turn}", "start": 10 * seq}])
        found.append(
            [turn, seq, {"start": 10 * seq, "end": 10 * seq + 5, "text": f"output {seq}", "tokens": 5}]
        )
    if not texts:
        for unit in found:
            del unit[2]["text"]
    return {"s": {"facts": {"title": "long"}, "units": found}}


class TestWork:
    @pytest.mark.parametrize("name", ["x.whole.json", "x.pieces.json.gz"])
    def test_one_more_op_writes_as_many_rows_in_a_long_snapshot_as_in_a_short_one(
        self, place: Place, name: str
    ) -> None:
        written = []
        for number, ops in enumerate((15, 1515)):
            place.write(f"{number}{name}", _encoded(name, {f"s{number}": long_script(ops, texts=False)["s"]}))
            place.once()
            place.write(
                f"{number}{name}", _encoded(name, {f"s{number}": long_script(ops + 1, texts=False)["s"]})
            )
            written.append(place.rows_written())
        assert written[0] == written[1]
        assert written[0] < 30
        assert place.ask("SELECT ops FROM session ORDER BY ops") == [(16,), (1516,)]

    def test_an_unchanged_snapshot_is_not_opened(self, place: Place) -> None:
        place.write("x.whole.json", _encoded("", long_script(5)))
        place.once()
        place.root.joinpath("x.whole.json").chmod(0)
        assert place.rows_written() == 0

    def test_one_that_says_the_same_again_writes_its_cursor_only(self, place: Place) -> None:
        place.write("x.whole.json", _encoded("", long_script(500)))
        place.once()
        place.write("x.whole.json", _encoded("", long_script(500)) + b" " * 9)
        assert place.rows_written() <= 4

    def test_an_op_that_changed_is_replaced_in_place(self, place: Place) -> None:
        script = long_script(30)
        place.write("x.whole.json", _encoded("", script))
        place.once()
        script["s"]["units"][5][2] = {"start": 900, "text": "walrus"}
        place.write("x.whole.json", _encoded("", script))
        place.once()
        assert place.ask(
            "SELECT start_ts % 3600000000 / 1000000, end_ts, tokens_in FROM op WHERE seq = 5"
        ) == [(900, None, None)]
        assert place.ask("SELECT count(*) FROM payload_text('walrus')") == [(1,)]
        assert place.ask("SELECT count(*) FROM payload_text('output AND 5')") == [(0,)]

    def test_what_is_told_no_more_is_gone(self, place: Place) -> None:
        """Facts, turns, sessions, and the link to the op that ran one."""
        child = {"facts": {"title": "t", "parent": "s", "parent_op": "call_1"}, "units": [[1, 1, {}]]}
        ran = [1, 1, {"kind": "session", "native_id": "call_1"}]
        script = {"s": {"units": [ran, [2, 0, {}], [2, 2, {}]]}, "c": child, "d": child}
        place.write("x.whole.json", _encoded("", script))
        place.once()
        linked = "SELECT session.native_id FROM op JOIN session ON session.id = child_id"
        assert place.ask(linked) in ([("c",)], [("d",)])
        kept: Script = {"s": {"units": [ran]}, "c": {"units": [[1, 1, {}]]}}
        place.write("x.whole.json", _encoded("", kept))
        place.once()
        assert place.ask("SELECT count(*) FROM op WHERE child_id IS NOT NULL") == [(0,)]
        assert place.ask(
            "SELECT native_id, title, turns FROM session WHERE owner_file NOT NULL ORDER BY 1"
        ) == [("c", None, 1), ("s", None, 1)]
        assert place.ask("SELECT count(*) FROM session_fact") == [(2,)]

    def test_the_parts_of_a_call_that_was_another_ones_copy_count_again_with_it(self, place: Place) -> None:
        original = {"units": [[1, 1, {"tokens": 7, "call": 3, "start": 1}]]}
        part = [1, 2, {"parent": 1, "start": 6}]
        copy = {"units": [[1, 1, {"tokens": 7, "call": 3, "start": 5}], part]}
        replays = "SELECT sum(replays) FROM session"
        place.write("x.whole.json", _encoded("", {"a": original, "b": copy}))
        place.once()
        assert place.ask(replays) == [(2,)]
        own: Script = {"units": [[1, 1, {"tokens": 8, "call": 4, "start": 5}], part]}
        place.write("x.whole.json", _encoded("", {"a": original, "b": own}))
        place.once()
        assert place.ask(replays) == [(0,)]
        place.write("x.whole.json", _encoded("", {"a": original, "b": copy}))
        place.once()
        place.write("x.whole.json", _encoded("", {"b": copy}))
        place.once()
        assert place.ask(replays) == [(0,)]

    def test_a_raised_version_tells_it_anew(self, place: Place, toy: Toy) -> None:
        place.write("x.whole.json", _encoded("", long_script(5)))
        place.once()
        toy.version = 2
        assert place.rows_written() > 10
        assert place.rows_written() == 0


class TestDamage:
    """What is wrong with a compressed snapshot is told with its place, and others are read."""

    def test_an_empty_file_is_a_problem(self, place: Place) -> None:
        place.write("x.pieces.json.gz", b"")
        place.write("y.pieces.json.gz", gzip.compress(script_lines(long_script(3))))
        place.once()
        assert place.problems() == [("x.pieces.json.gz", 0, "the file is empty")]
        assert place.ask("SELECT ops FROM session") == [(3,)]
        assert place.rows_written() == 0

    def test_what_is_no_gzip_cannot_be_read(self, place: Place) -> None:
        place.write("x.pieces.json.gz", b"{}")
        place.once()
        [(path, offset, message)] = place.problems()
        assert (path, offset) == ("x.pieces.json.gz", 0)
        assert message.startswith("damaged gzip data")

    def test_of_a_cut_one_all_is_read_that_is_there(self, place: Place) -> None:
        whole = gzip.compress(script_lines(long_script(2000)))
        place.write("x.pieces.json.gz", whole[: len(whole) // 2])
        place.once()
        assert any(message == "damaged gzip data: it is cut off" for _, _, message in place.problems())
        assert 100 < place.ask("SELECT ops FROM session")[0][0] < 2000
        place.write("x.pieces.json.gz", whole)
        place.once()
        assert place.problems() == []
        assert place.ask("SELECT ops FROM session") == [(2000,)]

    def test_garbage_behind_the_end_costs_nothing(self, place: Place) -> None:
        place.write("x.pieces.json.gz", gzip.compress(script_lines(long_script(20))) + b"garbage")
        place.once()
        assert [message for _, _, message in place.problems()] == [
            "damaged gzip data: Not a gzipped file (b'ga')"
        ]
        assert place.ask("SELECT ops FROM session") == [(20,)]

    @pytest.mark.parametrize(
        "damage", [b"", b"no gzip", gzip.compress(b"{", mtime=0)[:15]], ids=["empty", "other", "cut"]
    )
    @pytest.mark.parametrize("name", ["x.pieces.json.gz", "x.whole.json"])
    def test_a_damaged_one_takes_nothing_back(self, place: Place, name: str, damage: bytes) -> None:
        place.write(name, _encoded(name, long_script(20)))
        place.once()
        place.write(name, damage)
        place.once()
        assert place.ask("SELECT ops FROM session") == [(20,)]
        assert len(place.problems()) == 1
        place.write(name, _encoded(name, long_script(21)))
        place.once()
        assert place.ask("SELECT ops FROM session") == [(21,)]
        assert place.problems() == []

    def test_an_unfinished_copy_is_not_looked_at(self, place: Place) -> None:
        place.write("x.pieces.json.gz", gzip.compress(script_lines(long_script(2))))
        (place.root / "x.pieces.json.gz.tmp-77-1").write_bytes(b"half")
        place.once()
        assert place.ask("SELECT path FROM file") == [("x.pieces.json.gz",)]


class TestTexts:
    def test_a_large_text_of_a_snapshot_is_kept_whatever_its_size(
        self, place: Place, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """For its place in the source would not last."""
        monkeypatch.setattr("ai_viewer.ingest.fold.KEEP_BYTES", 1000)
        text = "wörd " * 1000
        place.write("x.whole.json", _encoded("", {"s": {"units": [[1, 1, {"text": text}]]}}))
        place.once()
        assert place.ask("SELECT codec, bytes, offset, length FROM payload") == [("zstd", 6000, 0, 0)]

    def test_a_very_long_one_is_compressed_in_slices(
        self, place: Place, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("ai_viewer.ingest.fold.SLICE", 100)
        text = "wörd " * 1000
        place.write("x.whole.json", _encoded("", {"s": {"units": [[1, 1, {"text": text}]]}}))
        place.once()
        [row] = dump(place.config.db)["payload"]
        assert text.encode() in row

    def test_a_file_that_a_payload_names_is_read_decompressed(self, place: Place) -> None:
        (place.root / "spilled.gz").write_bytes(gzip.compress(b"a walrus"))
        place.write("x.whole.json", _encoded("", {"s": {"units": [[1, 1, {"path": "spilled.gz"}]]}}))
        place.once()
        assert place.ask("SELECT bytes, CAST(data AS TEXT) FROM payload") == [(8, "a walrus")]


def test_lines_of_a_gzip_file_are_read_on(place: Place) -> None:
    lines = script_lines(long_script(10)).splitlines(keepends=True)
    place.write("x.jsonl.gz", gzip.compress(b"".join(lines[:8])))
    place.once()
    before = place.ask("SELECT ops FROM session")
    place.write("x.jsonl.gz", gzip.compress(b"".join(lines[:8])) + gzip.compress(b"".join(lines[8:])))
    place.once()
    assert before[0] < place.ask("SELECT ops FROM session")[0] == (10,)
