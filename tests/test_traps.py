"""Traps of counting: each gives the exact answer, in whatever order and pieces its files come.

``traps/<case>/input/<format>/`` is a small source as it is on disk, ``truth.json`` what each
session used and cost, worked out by hand from its records; ``NOTES.md`` says how.
"""

from __future__ import annotations

import itertools
import json
import os
import random
import shutil
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, TypeAlias

import pytest

from ai_viewer import pricing
from ai_viewer.config import Config, SourceRoot
from ai_viewer.ingest import run
from ai_viewer.ingest.read import read
from ai_viewer.ingest.task import Task
from ai_viewer.store import database
from ai_viewer.store.batch import FileBatch
from ai_viewer.store.write import Writer
from ai_viewer.testing.dump import dump

TRAPS = Path(__file__).parent / "traps"
CASES = sorted(path.parent for path in TRAPS.glob("*/truth.json"))
COLUMNS = (
    "llm_calls", "replays", "tokens_in", "tokens_out", "tokens_cache_read", "tokens_cache_write_5m",
    "tokens_cache_write_1h", "cost_nano", "unpriced_calls",
)  # fmt: skip
ORDERS = 24
"""All orders of up to four files; as many of more."""

Sums: TypeAlias = dict[str, int]

each_case = pytest.mark.parametrize("case", CASES, ids=[case.name for case in CASES])


def truth(case: Path) -> dict[str, Any]:
    told: dict[str, Any] = json.loads((case / "truth.json").read_text())
    return told


def answer(db: Path) -> dict[str, Any]:
    """What the store says of each session, of all, and of all by the rollup."""
    connection = database.open_reader(db)
    sums = ", ".join(f"sum({column})" for column in COLUMNS)
    sessions = database.rows(
        connection,
        f"SELECT format || ':' || native_id, {', '.join(COLUMNS)} FROM session WHERE owner_file IS NOT NULL",
    )
    [total] = database.rows(connection, f"SELECT {sums} FROM session")
    [by_quarter] = database.rows(
        connection, f"SELECT {', '.join(f'sum({column})' for column in COLUMNS[2:])} FROM rollup"
    )
    connection.close()
    assert by_quarter == total[2:]
    return {
        "sessions": {name: dict(zip(COLUMNS, values, strict=True)) for name, *values in sessions},
        "total": dict(zip(COLUMNS, total, strict=True)),
    }


def files(root: Path) -> list[Path]:
    """The case's files, relative to its input."""
    return sorted(path.relative_to(root) for path in root.rglob("*") if path.is_file())


def orders(found: Sequence[Any]) -> Iterator[Sequence[Any]]:
    """All orders, or of many files some."""
    if len(found) <= 4:
        yield from itertools.permutations(found)
        return
    chance = random.Random(1)
    for _ in range(ORDERS):
        yield chance.sample(found, len(found))


def config_for(root: Path, db: Path) -> Config:
    return Config(db=db, sources=tuple(SourceRoot(path.name, path) for path in sorted(root.iterdir())))


def once(config: Config) -> None:
    run.ingest_once(config, lambda _: None)


def batch(root: Path, path: Path) -> FileBatch:
    """One file as the ingest reads it."""
    found = read(Task(path.parts[0], str(root / path.parts[0]), "/".join(path.parts[1:]))).batch
    assert found is not None
    return found


def write(db: Path, transactions: Sequence[Sequence[FileBatch]]) -> None:
    """Have the writer apply the batches, in so many transactions."""
    connection = database.open_writer(db)
    writer = Writer(connection, pricing.quote)
    for batches in transactions:
        writer.apply(batches)
    connection.close()


@each_case
def test_the_answer_is_exact(case: Path, tmp_path: Path) -> None:
    once(config_for(case / "input", tmp_path / "s.db"))
    assert answer(tmp_path / "s.db") == truth(case)


@each_case
def test_the_truth_adds_up(case: Path) -> None:
    told = truth(case)
    for column in COLUMNS:
        assert told["total"][column] == sum(session[column] for session in told["sessions"].values())


@each_case
def test_the_order_of_files_makes_no_difference(case: Path, tmp_path: Path) -> None:
    root = case / "input"
    dumps = []
    for number, order in enumerate(orders([batch(root, path) for path in files(root)])):
        together, apart = tmp_path / f"{number}-together.db", tmp_path / f"{number}-apart.db"
        write(together, [order])
        write(apart, [[one] for one in order])
        assert answer(together) == answer(apart) == truth(case)
        dumps += [dump(together), dump(apart)]
    assert all(found == dumps[0] for found in dumps)


@each_case
@pytest.mark.parametrize("backwards", [False, True], ids=["forwards", "backwards"])
def test_files_may_come_one_by_one(case: Path, tmp_path: Path, backwards: bool) -> None:
    root = tmp_path / "input"
    shutil.copytree(case / "input", root, ignore=only_folders)
    config = config_for(root, tmp_path / "s.db")
    for path in sorted(files(case / "input"), reverse=backwards):
        shutil.copy(case / "input" / path, root / path)
        once(config)
    assert answer(config.db) == truth(case)


def only_folders(folder: str, names: list[str]) -> list[str]:
    return [name for name in names if not (Path(folder) / name).is_dir()]


@each_case
def test_files_may_grow_line_by_line_side_by_side(case: Path, tmp_path: Path) -> None:
    root = tmp_path / "input"
    shutil.copytree(case / "input", root, ignore=only_folders)
    config = config_for(root, tmp_path / "s.db")
    lines = {
        path: (case / "input" / path).read_bytes().splitlines(keepends=True) for path in files(case / "input")
    }
    for row in itertools.zip_longest(*lines.values()):
        for path, line in zip(lines, row, strict=True):
            if line is not None:
                with (root / path).open("ab") as file:
                    file.write(line)
        once(config)
    assert answer(config.db) == truth(case)


@each_case
def test_files_that_are_gone_keep_their_numbers(case: Path, tmp_path: Path) -> None:
    root = tmp_path / "input"
    shutil.copytree(case / "input", root)
    config = config_for(root, tmp_path / "s.db")
    once(config)
    for path in files(root):
        (root / path).unlink()
        once(config)
        assert answer(config.db) == truth(case)


def test_workers_make_no_difference(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """All cases at once, each in folders of its own, read in line and by processes."""
    monkeypatch.setattr(run, "WORKERS", 2)
    answers = []
    for number, inline_bytes in enumerate([run.INLINE_BYTES, 0]):
        monkeypatch.setattr(run, "INLINE_BYTES", inline_bytes)
        config = Config(
            db=tmp_path / f"{number}.db",
            sources=tuple(SourceRoot(path.name, path) for path in sorted(TRAPS.glob("*/input/*"))),
        )
        once(config)
        answers.append(answer(config.db))
    assert answers[0] == answers[1]


@each_case
def test_read_again_in_another_order_of_times_it_is_the_same(case: Path, tmp_path: Path) -> None:
    """The newest file is read first; a second run over touched files changes nothing."""
    root = tmp_path / "input"
    shutil.copytree(case / "input", root)
    config = config_for(root, tmp_path / "s.db")
    for backwards in (False, True):
        for place, path in enumerate(sorted(files(root), reverse=backwards)):
            os.utime(root / path, (1_700_000_000 + place, 1_700_000_000 + place))
        once(config)
        assert answer(config.db) == truth(case)
