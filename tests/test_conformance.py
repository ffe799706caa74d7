"""The suite passes a format of every shape, and each of its laws catches an adapter that breaks it."""

from __future__ import annotations

import gzip
import itertools
import json
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path, PurePosixPath
from types import SimpleNamespace
from typing import Any, ClassVar

import pytest

from ai_viewer.adapters.base import MAPPED, Artifact, Member, Outcome, Record, Shape, ignored, unknown
from ai_viewer.model import OpFinalized, OpStarted, PayloadKind, SessionFacts
from ai_viewer.testing import conformance
from tests import worked_example

tidbit: Any = worked_example.module()

# --- a format of every shape ---

MESSAGES = [{"kind": "prompt", "at": f"2026-01-02T03:04:0{n}Z", "text": f"Word {n}"} for n in range(4)]
SQL = "CREATE TABLE message (session, at, text);" + "".join(
    f"INSERT INTO message VALUES ('{session}', {number}, '{json.dumps(message)}');"
    for session in ("one", "two")
    for number, message in enumerate(MESSAGES)
)


class Memo(tidbit.Tidbit):  # type: ignore[misc]  # it comes from the document
    """Tidbit's records in artifacts of all shapes."""

    name = title = "memo"

    def artifact(self, path: PurePosixPath) -> Artifact | None:
        if path.parts[0] == "tree":
            return Artifact("tree", Shape.TREE)
        if ".db" in path.name:
            return Artifact(str(path).removesuffix("-wal"), Shape.DATABASE)
        if path.name.endswith(".json.gz"):
            return Artifact(str(path), Shape.PIECES)
        return Artifact(str(path), Shape.WHOLE if path.suffix == ".json" else Shape.LINES)

    def parser(self, artifact: Artifact, state: bytes | None) -> Any:
        return MemoParser(artifact, state)

    def members(self, artifact: Artifact, place: Any, *_: object) -> Iterator[Member]:
        if artifact.shape is Shape.TREE:
            for folder in place.entries("tree"):
                files = place.entries(f"tree/{folder.name}")
                stamp = max((file.mtime_ns for file in files), default=0)
                yield Member(folder.name, sum(file.size for file in files), stamp)
        elif "text" in place.columns("message"):
            query = "SELECT session, sum(length(text)), max(at) FROM message GROUP BY session"
            for session, size, stamp in place.query(query):
                yield Member(session, size, stamp)

    def records(self, artifact: Artifact, place: Any, name: str) -> Iterator[bytes]:
        if artifact.shape is Shape.TREE:
            for file in place.entries(f"tree/{name}"):
                yield place.read(f"tree/{name}/{file.name}")
        else:
            for (text,) in place.query("SELECT text FROM message WHERE session = ? ORDER BY at", (name,)):
                yield text.encode()


class MemoParser(tidbit.TidbitParser):  # type: ignore[misc]  # it comes from the document
    """Reads an object of many messages, in one piece or in several, or one message after another."""

    def __init__(self, artifact: Artifact, state: bytes | None) -> None:
        self.pieces: list[bytes] = []
        super().__init__(artifact, state)

    def feed(self, record: bytes, offset: int) -> None:
        if self.artifact.shape is not Shape.PIECES:
            super().feed(record, offset)
        elif record:
            self.pieces.append(record)
        else:
            super().feed(b"".join(self.pieces), 0)

    def record(self, record: Record) -> Outcome:
        if self.artifact.shape not in {Shape.WHOLE, Shape.PIECES}:
            told: Outcome = super().record(record)
            return told
        for number, message in enumerate(record["messages"]):
            turn = self.trail.start_turn(None, None)
            pointer = f"/messages/{number}/text"
            self.trail.payload(turn, 0, PayloadKind.PROMPT, text=str(message["text"]), pointer=pointer)
        return MAPPED


def write_memos(case: Path) -> None:
    root = case / "input"
    for number, message in enumerate(MESSAGES):
        for session in ("three", "four"):
            file = root / "tree" / session / f"{number}.json"
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(json.dumps(message))
    whole = json.dumps({"messages": MESSAGES})
    (root / "five.json").write_text(whole)
    (root / "six.json.gz").write_bytes(gzip.compress(whole.encode(), mtime=0))
    (root / "seven.jsonl").write_text("".join(json.dumps(message) + "\n" for message in MESSAGES))
    (root / "memo.db.sql").write_text(SQL)


# --- laws that are called one by one ---


@pytest.fixture(scope="module")
def memos(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a case of all shapes."""
    folder = tmp_path_factory.mktemp("memos")
    write_memos(folder / "all_shapes")
    return folder


@pytest.fixture(scope="module")
def tidbits(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The document's sample, in a session and in another one."""
    folder = tmp_path_factory.mktemp("tidbits")
    worked_example.lay_out(folder)
    sample = folder / worked_example.SAMPLE
    shutil.copyfile(sample, sample.with_name("4e5f6a7b.jsonl"))
    return folder / "samples"


def try_law(adapter: Any, samples: Path, law: str) -> None:
    """Try one law with the only case."""
    suite = conformance.suite(adapter, samples)
    (case,) = suite.cases
    arguments: dict[str, Any] = {"case": case}
    if law == "test_a_case_is_read_as_expected":
        arguments["request"] = SimpleNamespace(config=SimpleNamespace(getoption=lambda *_, **__: False))
    if law == "test_saved_states_are_small":
        arguments["record_property"] = lambda *_: None
    getattr(suite(), law)(**arguments)


LAWS = [name for name in vars(conformance.Laws) if name.startswith("test_")]


@pytest.mark.parametrize("law", sorted({*LAWS} - {"test_a_case_is_read_as_expected"}))
def test_a_format_of_every_shape_keeps_every_law(memos: Path, law: str) -> None:
    try_law(Memo(), memos, law)


# --- adapters that break one law each ---


def broken(**methods: Callable[..., Any]) -> Any:
    """Return Tidbit's adapter with another parser: methods that are given the parser's own first."""
    body = {}
    for name, method in methods.items():
        own = getattr(tidbit.TidbitParser, name)
        body[name] = lambda self, *arguments, own=own, method=method: method(self, own, *arguments)
    parser = type("BrokenParser", (tidbit.TidbitParser,), body)
    made = type("Broken", (tidbit.Tidbit,), {"parser": lambda _, artifact, state: parser(artifact, state)})
    return made()


def forgets(self: Any, own: Any, _state: Any) -> None:
    own(
        self,
        tidbit.TrailState(self.artifact.stem if hasattr(self, "artifact") else "x", tidbit.Rank.TRANSCRIPT),
    )


def counts_twice(self: Any, own: Any) -> Any:
    events, state, counts = own(self)
    return events, state, {outcome: 2 * count for outcome, count in counts.items()}


def says_at_random(self: Any, own: Any, record: Record) -> Outcome:
    told: Outcome = own(self, record)
    self.trail.update(title=str(next(NUMBERS)))
    return told


def gives(outcome: Outcome) -> Callable[..., Outcome]:
    return lambda *_: outcome


def tells_op(*events: tuple[str, int]) -> Callable[..., Outcome]:
    """Tell an op's starts and ends, in seconds of 2026, in this order."""

    def record(self: Any, own: Any, record: Record) -> Outcome:
        told: Outcome = own(self, record)
        for what, second in events if record.get("kind") == "session" else ():
            ts = 1_767_000_000_000_000 + second * 1_000_000 if second >= 0 else 1
            place: dict[str, Any] = {"session": self.artifact.stem, "turn": 0, "seq": 90, "ts": ts}
            if what == "start":
                self.emit(OpStarted(**place, kind=tidbit.OpKind.TOOL))
            else:
                self.emit(OpFinalized(**place, status=tidbit.OpStatus.COMPLETED))
        return told

    return record


def points_to(pointer: str) -> Callable[..., Outcome]:
    def record(self: Any, own: Any, record: Record) -> Outcome:
        told: Outcome = own(self, record)
        self.trail.payload(1, 0, PayloadKind.CONTEXT, text=str(record.get("text")), pointer=pointer)
        return told

    return record


def keeps_all(self: Any, _own: Any) -> Any:
    return tidbit.TrailState(self.artifact.stem + "x" * 20_000, tidbit.Rank.TRANSCRIPT)


def hides_damage(self: Any, own: Any, record: bytes, offset: int) -> None:
    try:
        json.loads(record)
    except ValueError:
        record = b'{"kind": "heartbeat"}'
    own(self, record, offset)


def trusts(self: Any, own: Any, record: bytes, offset: int) -> None:
    assert json.loads(record)["at"]
    own(self, record, offset)


NUMBERS = itertools.count()


class Restless(tidbit.Tidbit):  # type: ignore[misc]  # it comes from the document
    """Has another version whenever it is asked."""

    @property
    def version(self) -> int:
        return next(NUMBERS)


class Hoarder(Memo):
    """Tells what an earlier version of a file said, too."""

    said: ClassVar[set[str]] = set()

    def parser(self, artifact: Artifact, state: bytes | None) -> Any:
        said = self.said

        class HoardingParser(MemoParser):
            def record(self, record: Record) -> Outcome:
                said.update(map(str, record))
                self.trail.started(SessionFacts(title=" ".join(sorted(said))))
                return super().record(record)

        return HoardingParser(artifact, state)


class ByPiece(Memo):
    """Takes each piece for a record."""

    def parser(self, artifact: Artifact, state: bytes | None) -> Any:
        class PieceParser(MemoParser):
            def feed(self, *_: object) -> None:
                self._counts["mapped"] += 1

        return PieceParser(artifact, state)


BROKEN: list[tuple[str, Any]] = [
    ("test_a_case_is_read_as_expected", broken(record=says_at_random)),
    ("test_the_same_bytes_are_read_the_same_every_time", broken(record=says_at_random)),
    ("test_every_record_is_accounted_for", broken(take=counts_twice)),
    ("test_every_record_is_accounted_for", broken(record=gives(ignored("No Rule")))),
    ("test_no_record_is_of_an_unknown_type", broken(record=gives(unknown("thing")))),
    ("test_times_are_sane", broken(record=tells_op(("start", 9), ("end", 8)))),
    ("test_times_are_sane", broken(record=tells_op(("start", -1)))),
    ("test_payloads_stand_where_they_are_said_to", broken(record=points_to("/nowhere"))),
    ("test_payloads_stand_where_they_are_said_to", broken(record=points_to("/text/0"))),
    ("test_cut_after_every_record_it_is_read_as_in_one_piece", broken(load=forgets)),
    ("test_cut_between_any_records_it_is_read_as_in_one_piece", broken(load=forgets)),
    ("test_cut_at_any_byte_and_gone_on_with_it_is_the_same_store", broken(load=forgets)),
    ("test_read_after_every_few_bytes_it_is_the_same_store", broken(load=forgets)),
    ("test_given_in_pieces_of_any_size_it_is_read_the_same", ByPiece()),
    (
        "test_told_twice_it_is_the_same_as_once",
        broken(record=tells_op(("start", 30), ("end", 20), ("start", 10))),
    ),
    ("test_saved_states_are_small", broken(save=keeps_all)),
    ("test_ingested_twice_it_is_written_once", Restless()),
    ("test_found_in_any_order_it_is_the_same_store", broken(record=says_at_random)),
    ("test_of_a_snapshot_only_the_last_counts", Hoarder()),
    ("test_a_damaged_record_costs_itself_only", broken(feed=hides_damage)),
    ("test_nothing_in_a_file_makes_reading_fail", broken(feed=trusts)),
]


@pytest.mark.parametrize(("law", "adapter"), BROKEN, ids=[f"{n}-{law}" for n, (law, _) in enumerate(BROKEN)])
def test_an_adapter_that_breaks_a_law_does_not_pass_it(
    tidbits: Path, memos: Path, law: str, adapter: Any
) -> None:
    samples = memos if isinstance(adapter, Memo) else tidbits
    for case in samples.iterdir():
        (case / "expected.json").write_text("{}")
    with pytest.raises((AssertionError, LookupError, TypeError, ValueError, ExceptionGroup)):
        try_law(adapter, samples, law)


def test_every_law_of_an_adapter_is_broken_by_one() -> None:
    """The one that is left out is the store's own: no adapter can break it."""
    assert {law for law, _ in BROKEN} == {*LAWS} - {"test_each_batch_written_twice_it_is_the_same_store"}


# --- the suite itself ---


def test_a_folder_without_cases_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="no case there"):
        conformance.suite(tidbit.Tidbit(), tmp_path)


def test_laws_of_shapes_that_no_case_has_are_left_out(tidbits: Path, memos: Path) -> None:
    def laws(suite: type[conformance.Laws]) -> set[str]:
        return {name for name in LAWS if getattr(suite, name)}

    assert {*LAWS} - laws(conformance.suite(tidbit.Tidbit(), tidbits)) == {
        "test_given_in_pieces_of_any_size_it_is_read_the_same",
        "test_of_a_snapshot_only_the_last_counts",
    }
    assert laws(conformance.suite(Memo(), memos)) == {*LAWS}


def test_a_missing_expectation_says_how_to_write_it(tidbits: Path) -> None:
    for golden in tidbits.glob("*/expected.json"):
        golden.unlink()
    with pytest.raises(pytest.fail.Exception, match="--update-expected"):
        try_law(tidbit.Tidbit(), tidbits, "test_a_case_is_read_as_expected")
