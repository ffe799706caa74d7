"""Where sessions are looked for and watched, and where not."""

from __future__ import annotations

import os
import queue
from pathlib import Path

import pytest

from ai_viewer.adapters import ADAPTERS
from ai_viewer.ingest import discover
from ai_viewer.ingest.discover import Watched
from ai_viewer.ingest.watch import watch


def lay(root: Path, *files: str) -> Path:
    for name in files:
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("{}")
    return root


def found(name: str, root: Path) -> list[str]:
    return sorted(one.path for one in discover.find(ADAPTERS[name], root))


@pytest.fixture
def listed(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The folders that are listed from now on."""
    folders: list[str] = []
    scandir = os.scandir

    def counting(folder: str) -> object:
        folders.append(str(folder))
        return scandir(folder)

    monkeypatch.setattr(os, "scandir", counting)
    return folders


def test_repositories_beside_opencodes_database_are_not_walked(tmp_path: Path, listed: list[str]) -> None:
    lay(tmp_path, "opencode.db", "snapshot/a/b/opencode.db", "repos/x/opencode.db", "log/y.txt")
    assert found("opencode", tmp_path) == ["opencode.db"]
    assert sorted(listed) == [str(tmp_path), str(tmp_path / "log")]


def test_payloads_beside_ai_agents_ledgers_are_not_walked(tmp_path: Path, listed: list[str]) -> None:
    sessions = tmp_path / "sessions"
    lay(sessions, "a.json.gz", "session/b.jsonl", "payloads/b/turn-0001/llm.json.gz")
    assert found("ai_agent", tmp_path) == ["sessions/a.json.gz", "sessions/session/b.jsonl"]
    assert str(sessions / "payloads") not in listed


def test_what_is_left_out_is_not_watched_either(tmp_path: Path) -> None:
    lay(tmp_path, "opencode.db", "snapshot/a/b/c.txt", "storage/session/p/s.json")
    assert discover.watched(ADAPTERS["opencode"], tmp_path) == [
        Watched(tmp_path, deep=False),
        Watched(tmp_path / "storage", deep=True),
    ]


def test_a_folder_of_which_nothing_is_left_out_is_watched_with_all_below(tmp_path: Path) -> None:
    lay(tmp_path, "projects/p/a.jsonl")
    assert discover.watched(ADAPTERS["claude_code"], tmp_path) == [Watched(tmp_path / "projects", deep=True)]


def test_a_folder_that_does_not_exist_is_not_watched(tmp_path: Path) -> None:
    assert discover.watched(ADAPTERS["opencode"], tmp_path / "none") == []


def test_a_folder_watched_alone_tells_of_its_files_and_not_of_those_below(tmp_path: Path) -> None:
    lay(tmp_path, "snapshot/old.txt")
    changed: queue.SimpleQueue[Path] = queue.SimpleQueue()
    with watch([tmp_path], changed, recursive=False):
        (tmp_path / "snapshot" / "new.txt").write_text("x")
        (tmp_path / "opencode.db").write_text("x")
        assert changed.get(timeout=10) == tmp_path / "opencode.db"
