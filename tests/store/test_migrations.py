"""Migrations: a store of each earlier version becomes what this version would have made.

``stores/version-<n>.db.zst`` was made by that version, from the fixtures of its time, read
from ``/home/dev/<format>``.
"""

from __future__ import annotations

import shutil
from pathlib import Path

import apsw
import pytest
import zstandard

from ai_viewer.config import Config, SourceRoot
from ai_viewer.ingest.run import ingest_once
from ai_viewer.store import database, migrations
from ai_viewer.testing.dump import dump

STORES = Path(__file__).parent / "stores"
FIXTURES = Path(__file__).parent.parent / "fixtures"
EARLIER = range(1, migrations.SCHEMA_VERSION)

each_earlier = pytest.mark.parametrize("version", EARLIER)


def unpack(version: int, path: Path) -> list[str]:
    """Put that version's store at ``path``; return its formats."""
    path.write_bytes(zstandard.decompress((STORES / f"version-{version}.db.zst").read_bytes()))
    connection = apsw.Connection(str(path))
    formats = [name for (name,) in database.rows(connection, "SELECT DISTINCT format FROM source ORDER BY 1")]
    connection.close()
    return formats


def schema(path: Path) -> dict[str, list[tuple[object, ...]]]:
    """Tables with their columns, and the indexes."""
    connection = apsw.Connection(str(path))
    names = database.rows(connection, "SELECT name, type FROM sqlite_schema WHERE name NOT LIKE 'sqlite_%'")
    found = {
        name: database.rows(connection, f"PRAGMA table_xinfo({name})")
        if kind == "table"
        else database.rows(connection, f"PRAGMA index_xinfo({name})")
        for name, kind in names
    }
    connection.close()
    return found


def test_there_is_a_store_of_every_earlier_version() -> None:
    found = {path.name for path in STORES.iterdir()}
    assert found == {f"version-{version}.db.zst" for version in EARLIER}


@each_earlier
def test_a_migrated_store_has_the_schema_of_a_new_one(version: int, tmp_path: Path) -> None:
    old, new = tmp_path / "old.db", tmp_path / "new.db"
    unpack(version, old)
    for path in (old, new):
        database.open_writer(path).close()
    assert schema(old) == schema(new)


@each_earlier
def test_a_migrated_store_holds_what_reading_everything_anew_gives(version: int, tmp_path: Path) -> None:
    old, new = tmp_path / "old.db", tmp_path / "new.db"
    formats = unpack(version, old)
    roots = {name: tmp_path / "roots" / name for name in formats}
    for name, root in roots.items():
        shutil.copytree(FIXTURES / name, root)
    connection = apsw.Connection(str(old))
    connection.executemany(
        "UPDATE source SET root = ? WHERE format = ?", [(str(root), name) for name, root in roots.items()]
    )
    connection.close()
    sources = tuple(SourceRoot(name, root) for name, root in roots.items())
    for path in (old, new):
        ingest_once(Config(db=path, sources=sources), lambda _: None)
        again = ingest_once(Config(db=path, sources=sources), lambda _: None)
        assert again.files == 0
    assert dump(old, "state") == dump(new, "state")


@each_earlier
def test_what_is_derived_is_derived_by_the_migration_itself(version: int, tmp_path: Path) -> None:
    """A store whose sources are gone has it as well."""
    path = tmp_path / "store.db"
    unpack(version, path)
    connection = database.open_writer(path)
    turns = database.one(connection, "SELECT count(*) FROM turn WHERE ops > replays")
    rolled_up = database.one(
        connection, "SELECT count(*) FROM (SELECT DISTINCT session_id, turn FROM rollup)"
    )
    connection.close()
    assert rolled_up == turns > 0
