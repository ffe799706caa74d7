"""What texts have in common is kept once: see `ai_viewer.ingest.learn`."""

from __future__ import annotations

from pathlib import Path

import pytest

from ai_viewer.config import Config, SourceRoot
from ai_viewer.ingest import run
from ai_viewer.ingest.learn import FILES, learn, spread
from ai_viewer.ingest.progress import Progress
from ai_viewer.ingest.task import Task
from ai_viewer.query import parse
from ai_viewer.store import database, payloads, search
from ai_viewer.testing.dump import dump
from ai_viewer.verify.run import verify
from bench.corpus import generate

NOON = 1_798_804_800_000_000


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Some MB of sessions, read into a store with a dictionary and into one without."""
    found = tmp_path_factory.mktemp("corpus")
    generate(found, 6, seed=9)
    with pytest.MonkeyPatch.context() as patch:
        for name, inline_bytes in {"with.db": 0, "without.db": 1_000_000_000}.items():
            patch.setattr(run, "INLINE_BYTES", inline_bytes)
            run.ingest_once(config(found, name), silently)
    return found


def silently(_: Progress) -> None:
    """Report nothing."""


def config(folder: Path, name: str) -> Config:
    sources = (SourceRoot("claude_code", folder / "claude"), SourceRoot("codex", folder / "codex"))
    return Config(db=folder / name, sources=sources)


def test_texts_are_kept_in_fewer_bytes_and_are_the_same(folder: Path) -> None:
    sizes = {}
    for name in ("with.db", "without.db"):
        connection = database.open_reader(folder / name)
        sizes[name] = database.one(connection, "SELECT sum(length(data)) FROM payload")
        used = database.one(connection, "SELECT count(*) FROM payload WHERE codec = 'dictionary'")
        assert bool(used) == (name == "with.db")
        connection.close()
    assert sizes["with.db"] < 0.85 * sizes["without.db"]
    assert dump(folder / "with.db") == dump(folder / "without.db")


def test_they_are_shown_and_searched_like_others(folder: Path) -> None:
    answers = []
    for name in ("with.db", "without.db"):
        connection = database.open_reader(folder / name)
        key, session = database.rows(
            connection, "SELECT id, format || ':' || native_id FROM session ORDER BY ops DESC, native_id"
        )[0]
        previews = payloads.starts(connection, key, [(1, 0, 10**9)])
        whole = [payloads.whole(connection, session, one.id) for found in previews.values() for one in found]
        # Punctuation is looked for in the texts themselves.
        page = search.page(connection, parse('"the_"* def'), now=NOON)
        answers.append((previews, whole, [hit.snippet for group in page.groups for hit in group.hits]))
        connection.close()
    assert answers[0] == answers[1]
    assert answers[0][1]


def test_verify_finds_them_whole(folder: Path) -> None:
    report = verify(config(folder, "with.db"), silently, sample=5, seed=1)
    assert report.ok, report.differences


def test_it_is_learnt_once(folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is read later is compressed by the dictionary that the store has."""
    generate(tmp_path, 5, seed=10)
    monkeypatch.setattr(run, "INLINE_BYTES", 0)
    sources = config(folder, "again.db").sources
    for more in ((), config(tmp_path, "").sources):
        run.ingest_once(Config(db=tmp_path / "again.db", sources=(*sources, *more)), silently)
    connection = database.open_reader(tmp_path / "again.db")
    assert database.one(connection, "SELECT count(*) FROM dictionary") == 1
    connection.close()


def test_too_little_teaches_nothing(tmp_path: Path) -> None:
    generate(tmp_path, 0.2, formats=("claude_code",))
    paths = [path.relative_to(tmp_path / "claude") for path in (tmp_path / "claude").rglob("*.jsonl")]
    assert learn(Task("claude_code", str(tmp_path / "claude"), str(path)) for path in paths) is None


def test_what_cannot_be_read_teaches_nothing(tmp_path: Path) -> None:
    assert learn([Task("claude_code", str(tmp_path), "projects/gone/gone.jsonl")]) is None


@pytest.mark.parametrize("count", [0, 1, FILES - 1, FILES + 1, 10 * FILES + 7])
def test_files_are_chosen_from_all_over(count: int) -> None:
    chosen = spread(range(count))
    assert len(chosen) == min(count, FILES)
    assert chosen == sorted(set(chosen))
    assert not chosen or chosen[-1] >= 0.9 * (count - 1)
