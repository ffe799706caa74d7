"""Every law that a format must keep, as a pytest class over a folder of sample cases.

    from ai_viewer.testing import conformance

    TestConformance = conformance.suite(Tidbit(), Path(__file__).parent / "samples")

A case is a folder: ``input/`` with the agent's files as they lie below the source's root, and
``expected.json`` with what they are read as. Write that with pytest's option
``--update-expected`` (``pytest -p ai_viewer.testing.options``; in a conftest.py
``pytest_plugins = ["ai_viewer.testing.options"]``), and read the difference before you commit it.

Many laws are tried with drawn examples: a tenth as many as hypothesis' profile says, so that the
whole is quick and ``--hypothesis-profile`` makes it thorough. A law that cannot hold for a format
is overridden in a subclass, with the reason in its docstring.
"""

from __future__ import annotations

import base64
import gzip
import itertools
import json
import os
import re
import shutil
import tempfile
import time
import zlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from typing import Any, ClassVar, TypeVar

import msgspec
import pytest
import zstandard
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from ai_viewer.adapters.base import Adapter, Artifact, Shape, decode
from ai_viewer.model import Event, Micros, OpFinalized, OpStarted, PayloadRef, SourceError
from ai_viewer.testing.damage import NO_RECORDS, damage, damages
from ai_viewer.testing.dump import Dump
from ai_viewer.testing.reading import Reading, always, as_on_disk, read, read_folder, records, split
from ai_viewer.testing.rows import Rows
from ai_viewer.testing.scratch import ingesting

STATE_BYTES = 16 * 1024
"""The largest saved state, unless `suite` is told otherwise: it is written with every append."""
EXAMPLES = max(1, settings().max_examples // 10)
STEPS = 6 * EXAMPLES
"""A file is written in at most about so many steps."""

_FILES = frozenset({Shape.LINES, Shape.WHOLE, Shape.PIECES})
_RECORDS = frozenset({Shape.LINES, Shape.WHOLE})
_SNAPSHOTS = frozenset({Shape.WHOLE, Shape.PIECES, Shape.TREE})
"""Those that can be written by writing a file."""
_OUTCOME = re.compile(r"mapped|malformed|ignored:[a-z0-9_]+|unknown:.+", re.DOTALL)
_EARLIEST: Micros = 946_684_800_000_000
"""2000-01-01."""
_LATEST: Micros = 4_102_444_800_000_000
"""2100-01-01."""
_PROGRESS = ("state", "mtime_ns", "fingerprint")
"""Columns that tell how a file was read, not what it tells."""

_examples = settings(
    max_examples=EXAMPLES,
    deadline=None,
    # Cases are small, and what was drawn is told: to look for something simpler takes too long.
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
    # A suite is one class for each format, so its laws run in several.
    suppress_health_check=[HealthCheck.differing_executors, HealthCheck.too_slow],
)

_Test = TypeVar("_Test", bound=Callable[..., None])


def _only(shapes: frozenset[Shape]) -> Callable[[_Test], _Test]:
    """Say of which shapes a law speaks: cases without them are not asked."""

    def mark(test: _Test) -> _Test:
        test.shapes = shapes  # type: ignore[attr-defined]  # a function takes any attribute
        return test

    return mark


def suite(adapter: Adapter, samples: Path, *, state_bytes: int = STATE_BYTES) -> type[Laws]:
    """Return a class of tests: every law for every case in ``samples``.

    Args:
        adapter: The format. It need not be installed.
        samples: The folder of cases.
        state_bytes: The largest state that a parser may save.

    Raises:
        ValueError: if there is no case.
    """
    cases = {path.parent: _shapes(adapter, path) for path in sorted(samples.glob("*/input"))}
    if not cases:
        raise ValueError(f"{samples}: no case there; a case is a folder with a folder input/ in it")
    body: dict[str, Any] = {
        "__doc__": f"The laws of every format, kept by {adapter.title}.",
        "adapter": adapter,
        "cases": cases,
        "state_bytes": state_bytes,
    }
    spoken_of = frozenset[Shape]().union(*cases.values())
    for name, law in vars(Laws).items():
        if not spoken_of & getattr(law, "shapes", spoken_of):
            body[name] = None
    return type(f"Test_{adapter.name}", (Laws,), body)


def _shapes(adapter: Adapter, root: Path) -> frozenset[Shape]:
    with as_on_disk(root) as place:
        paths = [PurePosixPath(path.relative_to(place).as_posix()) for path in place.rglob("*")]
    artifacts = (adapter.artifact(path) for path in paths)
    return frozenset(artifact.shape for artifact in artifacts if artifact is not None)


class Laws:
    """The laws. `suite` makes the class that pytest runs."""

    adapter: ClassVar[Adapter]
    cases: ClassVar[dict[Path, frozenset[Shape]]]
    state_bytes: ClassVar[int]

    def pytest_generate_tests(self, metafunc: pytest.Metafunc) -> None:
        """Have each law tried with each case of which it speaks."""
        spoken_of = getattr(metafunc.function, "shapes", frozenset(Shape))
        cases = [case for case, shapes in self.cases.items() if shapes & spoken_of]
        metafunc.parametrize("case", cases, ids=[case.name for case in cases])

    # ---- what is read

    def test_a_case_is_read_as_expected(self, case: Path, request: pytest.FixtureRequest) -> None:
        """What the case's files tell is what ``expected.json`` says."""
        found = self._rows(case)
        golden = case / "expected.json"
        if request.config.getoption("--update-expected", default=False):
            golden.write_text(json.dumps(found, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
        if not golden.exists():
            pytest.fail(f"{golden} is missing: pytest -p ai_viewer.testing.options --update-expected")
        assert found == json.loads(golden.read_text(encoding="utf-8"))

    def test_the_same_bytes_are_read_the_same_every_time(self, case: Path) -> None:
        """Events, saved state and counts depend on nothing but the bytes: no clock, no chance."""
        for artifact, found in records(self.adapter, case / "input"):
            first, second = (self._taken(artifact, found) for _ in range(2))
            assert first == second, artifact.path

    def test_every_record_is_accounted_for(self, case: Path) -> None:
        """Each record has exactly one outcome, of one of the four sorts."""
        for path, reading in read_folder(self.adapter, case / "input").items():
            assert sum(reading.counts.values()) == reading.records, path
            assert [one for one in reading.counts if not _OUTCOME.fullmatch(one)] == [], path

    def test_no_record_is_of_an_unknown_type(self, case: Path) -> None:
        """Unless the case is about that, and named so."""
        if "unknown" in case.name:
            return
        for path, reading in read_folder(self.adapter, case / "input").items():
            assert [outcome for outcome in reading.counts if outcome.startswith("unknown")] == [], path

    def test_times_are_sane(self, case: Path) -> None:
        """No time is a placeholder, a fault of units or of a clock, and no op ends before it starts."""
        for path, reading in read_folder(self.adapter, case / "input").items():
            for event in reading.events:
                for name, ts in _times(event):
                    assert _EARLIEST <= ts < _LATEST, (path, name, event)
            assert _ended_before_start(reading.events) == [], path

    @_only(_RECORDS)
    def test_payloads_stand_where_they_are_said_to(self, case: Path) -> None:
        """A payload too large to keep is read from its record, (offset, length), at its JSON pointer.

        There it stands itself, or what it is made of; and not deeper, within what is there.
        """
        for artifact, found in records(self.adapter, case / "input"):
            if artifact.shape not in _RECORDS:
                continue
            by_offset = {offset: record for record, offset in found}
            for event in read(self.adapter, artifact, found).events:
                if isinstance(event, PayloadRef) and event.path is None and event.pointer:
                    record = by_offset[event.offset][: event.length]
                    deeper = _place_within(_pointed(decode(record), event.pointer), event)
                    assert deeper in {None, ""}, (artifact.path, f"{event.pointer}{deeper}", event)

    # ---- that it is the same however it is read

    def test_cut_after_every_record_it_is_read_as_in_one_piece(self, case: Path) -> None:
        """The saved state holds all that a parser needs to go on."""
        assert self._rows(case, cut=always) == self._rows(case)

    @_examples
    @given(cuts=st.sets(st.integers(1, 40)))
    def test_cut_between_any_records_it_is_read_as_in_one_piece(self, case: Path, cuts: set[int]) -> None:
        """The saved state does, too, where several records were read at once."""
        assert self._rows(case, cut=cuts.__contains__) == self._rows(case)

    @_only(frozenset({Shape.PIECES}))
    @_examples
    @given(piece=st.integers(1, 5_000))
    def test_given_in_pieces_of_any_size_it_is_read_the_same(self, case: Path, piece: int) -> None:
        """Where a piece ends means nothing: in a string, a number, a character."""
        assert self._rows(case, piece=piece) == self._rows(case)

    def test_told_twice_it_is_the_same_as_once(self, case: Path) -> None:
        """An event that comes again changes nothing."""
        for reading in read_folder(self.adapter, case / "input").values():
            once = reading.rows()
            twice = Reading(reading.events + reading.events, reading.counts, reading.records).rows()
            assert twice["sessions"] == once["sessions"]

    @_only(frozenset({Shape.LINES}))
    def test_saved_states_are_small(self, case: Path, record_property: Callable[[str, object], None]) -> None:
        """A state is stored anew with every append to its file."""
        readings = [
            read(self.adapter, artifact, found, always)
            for artifact, found in records(self.adapter, case / "input")
            if artifact.shape is Shape.LINES
        ]
        largest = max(reading.state_bytes for reading in readings)
        record_property("state_bytes", largest)
        assert largest <= self.state_bytes

    # ---- that the store is the same

    def test_ingested_twice_it_is_written_once(self, case: Path) -> None:
        """A second look at files that have not changed writes nothing at all."""
        with as_on_disk(case / "input") as root, ingesting(self.adapter, root) as scratch:
            scratch.ingest()
            before, written = scratch.dump(), scratch.written
            scratch.ingest()
            assert scratch.written == written
            assert scratch.dump() == before

    def test_each_batch_written_twice_it_is_the_same_store(self, case: Path) -> None:
        """Every row has a natural key, so that doing it again changes nothing."""
        with as_on_disk(case / "input") as root, ingesting(self.adapter, root, times=2) as scratch:
            scratch.ingest()
            twice = scratch.dump(*_PROGRESS)
            assert twice == self._store(root)

    @_only(_FILES)
    @_examples
    @given(data=st.data())
    def test_cut_at_any_byte_and_gone_on_with_it_is_the_same_store(
        self, case: Path, data: st.DataObject
    ) -> None:
        """A file may be read at any moment while it is written."""
        with self._copied(case) as root:
            contents = {file: file.read_bytes() for file in self._files(root, _FILES)}
            whole = self._store(root)
            for file, content in contents.items():
                file.write_bytes(content[: data.draw(st.integers(0, len(content)), label=file.name)])
            with ingesting(self.adapter, root) as scratch:
                scratch.ingest()
                for file, content in contents.items():
                    _write(file, content)
                scratch.ingest()
                assert scratch.dump(*_PROGRESS) == whole

    @_only(frozenset({Shape.LINES}))
    def test_read_after_every_few_bytes_it_is_the_same_store(self, case: Path) -> None:
        """Of a small file, after every byte; of all, just before, at and after a record's end."""
        with self._copied(case) as root:
            whole = self._store(root)
            contents = {file: file.read_bytes() for file in self._files(root, frozenset({Shape.LINES}))}
            for file in contents:
                file.write_bytes(b"")
            with ingesting(self.adapter, root) as scratch:
                for file, content in contents.items():
                    for end in _ends(content, STEPS // len(contents)):
                        _write(file, content[:end])
                        scratch.ingest()
                assert scratch.dump(*_PROGRESS) == whole

    @_examples
    @given(data=st.data())
    def test_found_in_any_order_it_is_the_same_store(self, case: Path, data: st.DataObject) -> None:
        """Whichever files come first, and however many of them with one run."""
        with self._copied(case) as root:
            whole = self._store(root)
            files = self._files(root)
            order = data.draw(st.permutations(files), label="order")
            runs = data.draw(st.sets(st.integers(1, len(files))), label="runs end behind")
            elsewhere = {file: file.rename(root.parent / f"{n}.away") for n, file in enumerate(files)}
            with ingesting(self.adapter, root) as scratch:
                for number, file in enumerate(order, 1):
                    elsewhere[file].rename(file)
                    # Within one run, the latest file is read first.
                    os.utime(file, (1_700_000_000 - number, 1_700_000_000 - number))
                    if number in runs:
                        scratch.ingest()
                scratch.ingest()
                assert scratch.dump(*_PROGRESS) == whole

    @_only(_SNAPSHOTS)
    @_examples
    @given(data=st.data())
    def test_of_a_snapshot_only_the_last_counts(self, case: Path, data: st.DataObject) -> None:
        """Whatever stood there before, nothing of it lingers; unless nothing is there any more."""
        with self._copied(case) as root:
            whole = self._store(root)
            files = [file for file in self._files(root, _SNAPSHOTS) if file.stat().st_size]
            if not files:
                return
            file = data.draw(st.sampled_from(files), label="file")
            content = file.read_bytes()
            with ingesting(self.adapter, root) as scratch:
                for what in data.draw(st.lists(damages(), min_size=1, max_size=3), label="before"):
                    _write(file, _packed(file, damage(_unpacked(file, content), what)))
                    scratch.ingest()
                _write(file, content)
                scratch.ingest()
                assert scratch.dump(*_PROGRESS) == whole

    # ---- that bad input costs nothing else

    @_only(_RECORDS)
    @_examples
    @given(data=st.data())
    def test_a_damaged_record_costs_itself_only(self, case: Path, data: st.DataObject) -> None:
        """It is one problem with its place, and all other records are read."""
        for artifact, found in records(self.adapter, case / "input"):
            if not found or artifact.shape not in _RECORDS:
                continue
            number = data.draw(st.integers(0, len(found) - 1), label=artifact.path)
            record, offset = found[number]
            broken = data.draw(st.sampled_from([record[: len(record.rstrip()) // 2] or b"{", *NO_RECORDS]))
            damaged = [*found[:number], (broken, offset), *found[number + 1 :]]

            reading = read(self.adapter, artifact, damaged)

            sound = read(self.adapter, artifact, found)
            assert _problems(reading) == sorted({*_problems(sound), offset})
            assert sum(reading.counts.values()) == len(found)

    @_examples
    @given(data=st.data())
    def test_nothing_in_a_file_makes_reading_fail(self, case: Path, data: st.DataObject) -> None:
        """Whatever is in it: each record has an outcome, cuts change nothing, the store takes it."""
        with self._copied(case) as root:
            file = data.draw(st.sampled_from(self._files(root)), label="file")
            content = damage(
                _unpacked(file, file.read_bytes()), data.draw(damages(), label="what happens to it")
            )
            artifact = self._artifact(root, file)
            if artifact.shape in _FILES:
                found = split(artifact, content)
                reading = read(self.adapter, artifact, found)
                assert sum(reading.counts.values()) == reading.records
                assert read(self.adapter, artifact, found, always).rows() == reading.rows()
            _write(file, _packed(file, content))
            with ingesting(self.adapter, root) as scratch:
                scratch.ingest()
                problems = scratch.dump()["problem"]
                assert [problem for problem in problems if "please report" in repr(problem)] == []

    # ---- how

    def _rows(self, case: Path, **options: Any) -> Rows:
        readings = read_folder(self.adapter, case / "input", **options)
        return {path: reading.rows() for path, reading in readings.items()}

    def _taken(self, artifact: Artifact, found: Sequence[tuple[bytes, int]]) -> tuple[Any, ...]:
        parser = self.adapter.parser(artifact, None)
        for record, offset in found:
            parser.feed(record, offset)
        return parser.take()

    @contextmanager
    def _copied(self, case: Path) -> Iterator[Path]:
        """Copy a case's files to a folder of their own."""
        with as_on_disk(case / "input") as place, tempfile.TemporaryDirectory(prefix="conformance-") as name:
            root = Path(name).resolve() / "input"
            shutil.copytree(place, root)
            yield root

    def _files(self, root: Path, shapes: frozenset[Shape] = frozenset(Shape)) -> list[Path]:
        """Return the files that are read, or belong to what is read, if it is of such a shape."""
        found: list[Path] = []
        for path in sorted(root.rglob("*")):
            artifact = self.adapter.artifact(PurePosixPath(path.relative_to(root).as_posix()))
            if artifact is not None and artifact.shape in shapes and path.is_file():
                found.append(path)
        return found

    def _artifact(self, root: Path, file: Path) -> Artifact:
        artifact = self.adapter.artifact(PurePosixPath(file.relative_to(root).as_posix()))
        assert artifact is not None
        return artifact

    def _store(self, root: Path) -> Dump:
        with ingesting(self.adapter, root) as scratch:
            scratch.ingest()
            return scratch.dump(*_PROGRESS)


def _unpacked(file: Path, content: bytes) -> bytes:
    """Return a file's content as its parser is given it; of a damaged one, the damage."""
    try:
        if file.suffix == ".gz":
            return gzip.decompress(content)
        if file.suffix == ".zst":
            return zstandard.ZstdDecompressor().decompressobj(read_across_frames=True).decompress(content)
    except (OSError, EOFError, zlib.error, zstandard.ZstdError):
        pass
    return content


def _packed(file: Path, content: bytes) -> bytes:
    """Return content as it stands in a file of that name."""
    if file.suffix == ".gz":
        return gzip.compress(content, mtime=0)
    return zstandard.compress(content) if file.suffix == ".zst" else content


_ticks = itertools.count(0, 1_000_000)


def _write(file: Path, content: bytes) -> None:
    """Write a file so that it is seen to have changed, however soon after the last time."""
    file.write_bytes(content)
    now = time.time_ns() + next(_ticks)
    os.utime(file, ns=(now, now))


def _ends(content: bytes, most: int) -> list[int]:
    """Where to stop writing: evenly, and around the ends of records; all places if there are few."""
    step = max(1, len(content) // max(1, most))
    ends = set(range(step, len(content), step))
    newlines = [place for place, byte in enumerate(content) if byte == 0x0A]
    around = range(-1, 3)
    ends.update(place + near for place in newlines[:: 1 + len(newlines) // max(1, most)] for near in around)
    return [*sorted(end for end in ends if 0 < end < len(content)), len(content)]


def _problems(reading: Reading) -> list[int]:
    return sorted(event.offset for event in reading.events if isinstance(event, SourceError))


def _times(event: Event) -> Iterator[tuple[str, Micros]]:
    told = msgspec.structs.asdict(event)
    told |= msgspec.structs.asdict(facts) if (facts := told.get("facts")) is not None else {}
    for name in ("ts", "started_at", "last_at", "ended_at"):
        if told.get(name) is not None:
            yield name, told[name]


def _ended_before_start(events: Sequence[Event]) -> list[tuple[str, int]]:
    """Ops whose latest end is before their earliest start."""
    starts: dict[tuple[str, int], Micros] = {}
    ends: dict[tuple[str, int], Micros] = {}
    for event in events:
        if isinstance(event, OpStarted) and event.ts is not None:
            key = (event.session, event.seq)
            starts[key] = min(event.ts, starts.get(key, event.ts))
        elif isinstance(event, OpFinalized) and event.ts is not None:
            ends[event.session, event.seq] = event.ts
    return [key for key, end in ends.items() if end < starts.get(key, end)]


def _pointed(value: Any, pointer: str) -> Any:
    """Follow a JSON pointer (RFC 6901)."""
    for step in pointer.split("/")[1:]:
        key = step.replace("~1", "/").replace("~0", "~")
        value = value[int(key)] if isinstance(value, list) else value[key]
    return value


def _place_within(value: Any, payload: PayloadRef) -> str | None:
    """Return where in ``value`` a payload stands; ``None`` if it is made of something there."""
    if _is(value, payload):
        return ""
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, item in items:
        place = _place_within(item, payload)
        if place is not None:
            return f"/{key}{place}"
    return None


def _is(value: Any, payload: PayloadRef) -> bool:
    """Whether this is a payload's text or data, as the server would read it from its source."""
    if payload.data is None:
        return payload.text == (value if isinstance(value, str) else msgspec.json.encode(value).decode())
    if not isinstance(value, str):
        return False
    try:
        return base64.b64decode(value.rpartition(",")[2]) == payload.data
    except ValueError:
        return False
