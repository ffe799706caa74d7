"""The laws of every format, for every case in fixtures/<format>/<case>/.

A case is a small tree as it is on disk, in ``input/``, and what it is read as, in
``expected.json`` (written by ``pytest --update-expected``; read the difference before you
commit it). Whoever adds a case gets all of these checks.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ai_viewer.adapters import ADAPTERS
from ai_viewer.adapters.base import Shape
from ai_viewer.model import SourceError
from ai_viewer.testing import always, read, read_folder, records

FIXTURES = Path(__file__).parent / "fixtures"
CASES = sorted(path.parent for path in FIXTURES.glob("*/*/input"))

each_case = pytest.mark.parametrize("case", CASES, ids=[str(case.relative_to(FIXTURES)) for case in CASES])


def adapter_of(case: Path) -> Any:
    return ADAPTERS[case.parent.name]


def rows(case: Path, **options: Any) -> dict[str, Any]:
    readings = read_folder(adapter_of(case), case / "input", **options)
    return {path: reading.rows() for path, reading in readings.items()}


@each_case
def test_a_case_is_read_as_expected(case: Path, request: pytest.FixtureRequest) -> None:
    golden = case / "expected.json"
    found = rows(case)
    if request.config.getoption("--update-expected"):
        golden.write_text(json.dumps(found, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    assert found == json.loads(golden.read_text(encoding="utf-8"))


@each_case
def test_cut_after_every_record_it_is_read_as_in_one_piece(case: Path) -> None:
    assert rows(case, cut=always) == rows(case)


@each_case
@settings(max_examples=15, deadline=None)
@given(cuts=st.sets(st.integers(1, 40)))
def test_cut_anywhere_it_is_read_as_in_one_piece(case: Path, cuts: set[int]) -> None:
    assert rows(case, cut=cuts.__contains__) == rows(case)


@each_case
@settings(max_examples=15, deadline=None)
@given(piece=st.integers(1, 5_000))
def test_given_in_pieces_of_any_size_it_is_read_the_same(case: Path, piece: int) -> None:
    assert rows(case, piece=piece) == rows(case)


@each_case
def test_told_twice_it_is_the_same_as_once(case: Path) -> None:
    for reading in read_folder(adapter_of(case), case / "input").values():
        once = reading.rows()
        reading.events = reading.events + reading.events
        assert reading.rows()["sessions"] == once["sessions"]


@each_case
def test_every_record_is_accounted_for(case: Path) -> None:
    for path, reading in read_folder(adapter_of(case), case / "input").items():
        assert sum(reading.counts.values()) == reading.records, path


@each_case
def test_no_record_is_of_an_unknown_type(case: Path) -> None:
    """Unless the case is about that, and named so."""
    if "unknown" in case.name:
        return
    for path, reading in read_folder(adapter_of(case), case / "input").items():
        assert not [outcome for outcome in reading.counts if outcome.startswith("unknown")], path


@each_case
@settings(max_examples=15, deadline=None)
@given(data=st.data())
def test_a_damaged_line_costs_itself_only(case: Path, data: st.DataObject) -> None:
    """It is one problem with its place, and all other lines are read."""
    adapter = adapter_of(case)
    for artifact, found in records(adapter, case / "input"):
        if not found or artifact.shape is Shape.PIECES:
            continue
        number = data.draw(st.integers(0, len(found) - 1), label=artifact.path)
        line, offset = found[number]
        damage = st.one_of(
            st.just(line[: len(line.rstrip()) // 2] or b"{"),  # cut off while it was written
            st.sampled_from([b"\x00\xff\xfe", b"{]", b"null", b"[]", b'"text"']),
        )
        damaged = [*found[:number], (data.draw(damage), offset), *found[number + 1 :]]

        reading = read(adapter, artifact, damaged)

        problems = [event.offset for event in reading.events if isinstance(event, SourceError)]
        sound = [
            event.offset for event in read(adapter, artifact, found).events if isinstance(event, SourceError)
        ]
        assert sorted(problems) == sorted({*sound, offset})
        assert sum(reading.counts.values()) == len(found)
        assert read(adapter, artifact, damaged, always).rows() == reading.rows()
