"""An agent's own database is read as it is."""

from __future__ import annotations

from pathlib import Path

import apsw
import pytest

from ai_viewer.store import foreign


@pytest.fixture
def database(tmp_path: Path) -> Path:
    """A table of texts, one of which has a byte that is no UTF-8."""
    path = tmp_path / "agent.db"
    connection = apsw.Connection(str(path))
    connection.execute("CREATE TABLE note (id INTEGER PRIMARY KEY, text TEXT, data BLOB, size REAL)")
    connection.executemany(
        "INSERT INTO note VALUES (?, CAST(? AS TEXT), ?, ?)",
        [(1, b"first", b"\xa0", 0.5), (2, b"\xa0econd", b"", None), (3, b"third", None, 3.0)],
    )
    connection.close()
    return path


def test_a_text_that_is_not_utf_8_costs_only_its_broken_bytes(database: Path) -> None:
    with foreign.opened(database) as found:
        rows = list(found.query("SELECT id, text, data, size FROM note WHERE id <= ? ORDER BY id DESC", (3,)))

    assert rows == [(3, "third", None, 3.0), (2, "\ufffdecond", b"", None), (1, "first", b"\xa0", 0.5)]


def test_rows_before_the_broken_text_are_told_once(database: Path) -> None:
    with foreign.opened(database) as found:
        assert [text for (text,) in found.query("SELECT text FROM note")] == ["first", "\ufffdecond", "third"]
