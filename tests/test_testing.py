"""Reading for tests sees what the ingest sees, whatever an artifact's shape."""

from __future__ import annotations

import gzip
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import Any

import pytest
import zstandard

from ai_viewer.adapters.base import Artifact, Member, Shape
from ai_viewer.testing import as_on_disk, read_folder, records

SQL = "CREATE TABLE note (name, text); INSERT INTO note VALUES ('a', 'one'), ('a', 'two'), ('b', 'three');"


class Notes:
    """A made-up format: reads whatever is named after a shape, and tells nothing of it."""

    name = title = "notes"
    version = 1

    def roots(self, *_: object) -> list[Path]:
        return []

    def folders(self, root: Path) -> list[Path]:
        return [root]

    def artifact(self, path: PurePosixPath) -> Artifact | None:
        if path.parts[0] == "tree":
            return Artifact("tree", Shape.TREE)
        if path.name.endswith((".db", ".db-wal")):
            return Artifact(str(path).removesuffix("-wal"), Shape.DATABASE)
        return Artifact(str(path), Shape.PIECES if ".json" in path.name else Shape.LINES)

    def parser(self, *_: object) -> Any:
        return Silent()

    def members(self, artifact: Artifact, place: Any, *_: object) -> Iterator[Member]:
        if artifact.shape is Shape.TREE:
            for entry in place.entries("tree"):
                yield Member(entry.name, 1, entry.mtime_ns)
        else:
            assert place.columns("note") == {"name", "text"}
            assert place.columns("other") == frozenset()
            for (name,) in place.query("SELECT DISTINCT name FROM note ORDER BY 1"):
                yield Member(name, 1, 1)

    def records(self, artifact: Artifact, place: Any, name: str) -> Iterator[bytes]:
        if artifact.shape is Shape.TREE:
            for entry in place.entries(f"tree/{name}"):
                yield place.read(f"tree/{name}/{entry.name}")
        else:
            for (text,) in place.query("SELECT text FROM note WHERE name = ? ORDER BY rowid", (name,)):
                yield text.encode()


class Silent:
    def feed(self, record: bytes, offset: int) -> None:
        """Take it."""

    def take(self) -> tuple[list[Any], bytes, dict[str, int]]:
        return [], b"", {}


def given(root: Path, **options: Any) -> dict[str, list[tuple[bytes, int]]]:
    adapter: Any = Notes()
    return {artifact.path: found for artifact, found in records(adapter, root, **options)}


def test_lines_are_records_also_of_compressed_files(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_bytes(b"one\n\ntwo")
    (tmp_path / "b.txt.gz").write_bytes(gzip.compress(b"one\n") + gzip.compress(b"two\n"))
    (tmp_path / "c.txt.zst").write_bytes(zstandard.compress(b"one\n") + zstandard.compress(b"two\n"))
    assert given(tmp_path) == {
        "a.txt": [(b"one", 0), (b"two", 5)],
        "b.txt.gz": [(b"one", 0), (b"two", 4)],
        "c.txt.zst": [(b"one", 0), (b"two", 4)],
    }


def test_pieces_are_of_the_size_asked_for_and_end_with_nothing(tmp_path: Path) -> None:
    (tmp_path / "a.json.gz").write_bytes(gzip.compress(b"12345"))
    assert given(tmp_path, piece=2) == {"a.json.gz": [(b"12", 0), (b"34", 2), (b"5", 4), (b"", 5)]}


def test_members_of_a_database_are_artifacts_of_numbered_records(tmp_path: Path) -> None:
    """The database is made of its SQL, and the folder stays as it is."""
    (tmp_path / "my.db.sql").write_text(SQL)
    assert given(tmp_path) == {"my.db/a": [(b"one", 0), (b"two", 1)], "my.db/b": [(b"three", 0)]}
    assert [path.name for path in tmp_path.iterdir()] == ["my.db.sql"]


def test_members_of_a_tree_are_read_through_its_files(tmp_path: Path) -> None:
    (tmp_path / "tree" / "x").mkdir(parents=True)
    (tmp_path / "tree" / "x" / "2").write_bytes(b"two")
    (tmp_path / "tree" / "x" / "1").write_bytes(b"one")
    assert given(tmp_path) == {"tree/x": [(b"one", 0), (b"two", 1)]}
    adapter: Any = Notes()
    assert read_folder(adapter, tmp_path)["tree/x"].records == 2


def test_links_out_of_a_tree_lead_nowhere(tmp_path: Path) -> None:
    (tmp_path / "secret").mkdir()
    (tmp_path / "secret" / "1").write_bytes(b"secret")
    root = tmp_path / "root"
    (root / "tree").mkdir(parents=True)
    (root / "tree" / "file").write_bytes(b"")
    (root / "tree" / "x").symlink_to(tmp_path / "secret")
    assert given(root)["tree/x"] == []


def test_a_folder_without_sql_is_given_as_it_is(tmp_path: Path) -> None:
    with as_on_disk(tmp_path) as place:
        assert place == tmp_path


@pytest.mark.parametrize("damage", [b"not gzip at all", gzip.compress(b"x" * 100, mtime=0)[:-12]])
def test_damaged_data_is_an_error(tmp_path: Path, damage: bytes) -> None:
    (tmp_path / "a.txt.gz").write_bytes(damage)
    with pytest.raises((OSError, EOFError)):
        given(tmp_path)


def test_without_its_needs_it_says_what_to_install() -> None:
    code = "import sys; sys.modules['hypothesis'] = None; import ai_viewer.testing"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.stderr.splitlines()[-1].endswith(
        "ai_viewer.testing needs hypothesis, which ai-viewer does not: pip install 'ai-viewer[testing]'"
    )
