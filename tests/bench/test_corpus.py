"""Generated corpora: of every format, what is read is what their truth says."""

from __future__ import annotations

import json
from pathlib import Path

import apsw
import pytest

from ai_viewer.adapters import ADAPTERS
from ai_viewer.config import Config, SourceRoot
from ai_viewer.ingest.run import ingest_once
from ai_viewer.store import database
from bench.corpus import generate, long_session, many_sessions
from bench.corpus.extremes import long_line
from bench.corpus.formats import FORMATS
from bench.corpus.truth import Truth

_COLUMNS = {
    "sessions": "count(owner_file)",
    "tokens_cache_write": "sum(tokens_cache_write_5m + tokens_cache_write_1h)",
}


def found(connection: apsw.Connection, name: str, truth: Truth) -> dict[str, int]:
    """What the store has of all that the truth counts."""
    columns = ", ".join(_COLUMNS.get(column, f"sum({column})") for column in truth)
    [row] = database.rows(connection, f"SELECT {columns} FROM session WHERE format = ?", (name,))
    return dict(zip(truth, row, strict=True))


def read(folder: Path, truths: dict[str, Truth]) -> apsw.Connection:
    """Read a corpus, all of it understood; return its store."""
    roots = tuple(SourceRoot(name, folder / FORMATS[name].folder) for name in truths)
    summary = ingest_once(Config(folder / "store.db", roots), lambda _: None)
    assert summary.problems == 0
    assert summary.records["unknown"] == summary.records["malformed"] == 0
    return database.open_reader(folder / "store.db")


def test_there_is_a_generator_for_every_format() -> None:
    assert set(FORMATS) == set(ADAPTERS)


@pytest.mark.parametrize("name", FORMATS)
def test_what_is_read_is_the_truth(name: str, tmp_path: Path) -> None:
    truths = generate(tmp_path, 1.2, seed=5, formats=(name,))
    connection = read(tmp_path, truths)
    truth = truths[name]
    assert found(connection, name, truth) == truth
    assert truth["llm_calls"] > 20
    assert truth["tool_failures"] > 0
    assert json.loads((tmp_path / "truth.json").read_text()) == truths


def test_all_formats_are_written_side_by_side(tmp_path: Path) -> None:
    truths = generate(tmp_path, 0.5, formats=tuple(FORMATS))
    connection = read(tmp_path, truths)
    assert {name: found(connection, name, truth) for name, truth in truths.items()} == truths


def test_the_same_seed_gives_the_same_bytes(tmp_path: Path) -> None:
    names = tuple(name for name in FORMATS if name != "opencode")  # SQLite's files tell when they were made
    made = []
    for folder in (tmp_path / "one", tmp_path / "two"):
        generate(folder, 0.3, seed=9, formats=names)
        files = (path for path in folder.rglob("*") if path.is_file())
        made.append({path.relative_to(folder): path.read_bytes() for path in files})
    assert made[0] == made[1]
    assert generate(tmp_path / "three", 0.3, seed=10, formats=names) != generate(
        tmp_path / "four", 0.3, seed=9, formats=names
    )


def test_many_sessions_are_as_many_files(tmp_path: Path) -> None:
    truths = many_sessions(tmp_path, 40)
    assert len(list(tmp_path.rglob("*.jsonl"))) == 40
    assert truths["claude_code"]["sessions"] == 40
    assert found(read(tmp_path, truths), "claude_code", truths["claude_code"]) == truths["claude_code"]


def test_a_long_session_is_one_file_of_its_size(tmp_path: Path) -> None:
    truths = long_session(tmp_path, 2)
    [path] = tmp_path.rglob("*.jsonl")
    assert 1e6 < path.stat().st_size < 4e6
    assert found(read(tmp_path, truths), "claude_code", truths["claude_code"]) == truths["claude_code"]


def test_a_long_line_is_one_record_of_its_size(tmp_path: Path) -> None:
    truths = long_line(tmp_path, 3)
    [path] = tmp_path.rglob("*.jsonl")
    longest = max(map(len, path.read_bytes().split(b"\n")))
    assert longest == pytest.approx(3e6, rel=0.01)
    assert found(read(tmp_path, truths), "claude_code", truths["claude_code"]) == truths["claude_code"]
