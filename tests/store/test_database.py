"""Opening the store: what is refused and why, what is migrated and how."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import apsw
import pytest

from ai_viewer.errors import StoreError, StoreLockedError, StoreVersionError
from ai_viewer.store import database, migrations


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "folder" / "store.db"


NOW = migrations.SCHEMA_VERSION
"""This version."""


def make(path: Path) -> None:
    with database.writer_lock(path):
        database.open_writer(path).close()


def test_a_new_store_has_this_versions_schema(path: Path) -> None:
    make(path)
    connection = database.open_reader(path)
    assert migrations.version(connection) == migrations.SCHEMA_VERSION
    assert connection.pragma("integrity_check") == "ok"


def test_a_reader_cannot_write(path: Path) -> None:
    make(path)
    with pytest.raises(apsw.ReadOnlyError):
        database.open_reader(path).execute("DELETE FROM session")


def test_a_reader_of_nothing_is_told_how_to_make_a_store(path: Path) -> None:
    with pytest.raises(StoreError, match="ai-viewer ingest --once"):
        database.open_reader(path)
    assert not path.exists()


@pytest.mark.parametrize("opened", [database.open_reader, database.open_writer])
def test_a_newer_versions_store_is_refused_and_left_alone(path: Path, opened: object) -> None:
    make(path)
    connection = apsw.Connection(str(path))
    connection.execute("UPDATE schema_meta SET version = 999")
    connection.close()
    with pytest.raises(StoreVersionError, match=rf"version 999.*needs version {NOW}.*update"):
        opened(path)  # type: ignore[operator]  # one of two functions of a path


@pytest.mark.parametrize("content", [b"this is text, not a database, but long enough to be one" * 20, None])
def test_another_programs_file_is_refused_and_left_alone(path: Path, content: bytes | None) -> None:
    path.parent.mkdir()
    if content is None:
        connection = apsw.Connection(str(path))
        connection.execute("CREATE TABLE theirs (id)")
        connection.close()
    else:
        path.write_bytes(content)
    before = path.read_bytes()
    for opened in (database.open_reader, database.open_writer):
        with pytest.raises(StoreError, match="name another with --db"):
            opened(path)
    assert path.read_bytes() == before


def test_a_migration_keeps_rows_makes_a_backup_first_and_is_recorded(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    make(path)
    connection = apsw.Connection(str(path))
    connection.execute("INSERT INTO source (format, root) VALUES ('codex', '/home/dev/.codex')")
    connection.close()

    def add_note(connection: apsw.Connection) -> None:
        connection.execute("ALTER TABLE source ADD COLUMN note TEXT NOT NULL DEFAULT 'new'")

    monkeypatch.setattr(migrations, "SCHEMA_VERSION", NOW + 1)
    monkeypatch.setattr(migrations, "STEPS", {NOW: add_note})
    with pytest.raises(
        StoreVersionError, match=rf"version {NOW}.*needs version {NOW + 1}.*ai-viewer ingest --once"
    ):
        database.open_reader(path)
    make(path)
    connection = database.open_reader(path)
    assert database.rows(connection, "SELECT format, note FROM source") == [("codex", "new")]
    backup = apsw.Connection(str(path.with_name(f"store.db.v{NOW}.backup")))
    assert migrations.version(backup) == NOW
    assert database.rows(backup, "SELECT format FROM source") == [("codex",)]


def test_a_migration_that_fails_changes_nothing(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    make(path)

    def fail(connection: apsw.Connection) -> None:
        connection.execute("DROP TABLE problem")
        raise RuntimeError("halfway")

    with monkeypatch.context() as patched:
        patched.setattr(migrations, "SCHEMA_VERSION", NOW + 1)
        patched.setattr(migrations, "STEPS", {NOW: fail})
        with pytest.raises(RuntimeError, match="halfway"):
            make(path)
    assert database.rows(database.open_reader(path), "SELECT * FROM problem") == []


class TestTheLock:
    def test_the_second_writer_is_told_of_the_first(self, path: Path) -> None:
        with database.writer_lock(path):
            info = database.writer(path)
            assert info is not None
            assert info.pid == os.getpid()
            with (
                pytest.raises(StoreLockedError, match=f"process {os.getpid()} is writing this store"),
                database.writer_lock(path),
            ):
                pass
        assert database.writer(path) is None

    def test_a_killed_writer_leaves_no_lock(self, path: Path) -> None:
        code = (
            "import os, signal, sys; from pathlib import Path; from ai_viewer.store import database\n"
            "with database.writer_lock(Path(sys.argv[1])): os.kill(os.getpid(), signal.SIGKILL)"
        )
        killed = subprocess.run([sys.executable, "-c", code, str(path)], check=False)
        assert killed.returncode == -9
        assert database.writer(path) is None
        make(path)
