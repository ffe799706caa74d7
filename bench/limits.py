"""What no reader can beat on this machine: the parts of the work alone, with the same libraries."""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import Any, TypeAlias

import apsw
import msgspec

from ai_viewer.store import database
from ai_viewer.store.unpack import unpack

_ROWS = ("session", "turn", "op", "payload")
"""Tables whose rows are most of the store."""
_AT_ONCE = 2_000

Rows: TypeAlias = list[tuple[Any, ...]]


def decode(folder: Path) -> float:
    """Seconds to read all JSON lines below a folder and decode them, in one process."""
    decoder = msgspec.json.Decoder()
    began = time.perf_counter()
    for path in folder.rglob("*.jsonl"):
        for line in path.read_bytes().split(b"\n"):
            if line:
                decoder.decode(line)
    return time.perf_counter() - began


def full_text(store: Path, scratch: Path) -> float:
    """Seconds to insert all texts of a store into an index like its own, and nothing else."""
    connection = database.open_reader(store)
    [(sql,)] = database.rows(connection, "SELECT sql FROM sqlite_master WHERE name = 'payload_text'")
    query = (
        "SELECT payload.id, codec, data, bytes FROM payload JOIN payload_text_docsize AS indexed"
        " ON indexed.id = payload.id WHERE codec <> 'none' ORDER BY payload.id"
    )
    texts = [
        (key, unpack(codec, data, size).decode("utf-8", "replace"))
        for key, codec, data, size in connection.execute(query)
    ]
    connection.close()
    path = scratch / "text-only.db"
    path.unlink(missing_ok=True)
    target = database.open_writer(path)
    with target:
        target.execute("DROP TABLE payload_text")
        target.execute(sql)
    began = time.perf_counter()
    for start in range(0, len(texts), _AT_ONCE):
        with target:
            rows = texts[start : start + _AT_ONCE]
            target.executemany("INSERT INTO payload_text (rowid, text) VALUES (?, ?)", rows)
    seconds = time.perf_counter() - began
    target.close()
    return seconds


def rows(store: Path, scratch: Path) -> float:
    """Seconds to insert the rows of a store's largest tables into one like it, and nothing else."""
    source = database.open_reader(store)
    target = database.open_writer(scratch / "rows-only.db")
    target.execute("PRAGMA foreign_keys = OFF")
    seconds = 0.0
    for table in _ROWS:
        columns = [row[1] for row in source.execute(f"PRAGMA table_info({table})")]
        found = source.execute(f"SELECT {', '.join(columns)} FROM {table}").fetchall()
        seconds += _insert(target, table, columns, found)
    source.close()
    target.close()
    return seconds


def _insert(
    target: apsw.Connection, table: str, columns: list[str], found: list[tuple[object, ...]]
) -> float:
    statement = f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({', '.join('?' * len(columns))})"
    began = time.perf_counter()
    for start in range(0, len(found), _AT_ONCE):
        with target:
            target.executemany(statement, found[start : start + _AT_ONCE])
    return time.perf_counter() - began


def scan(folder: Path) -> float:
    """Seconds to list all files below a folder and ask for the state of each."""
    began = time.perf_counter()
    waiting = [str(folder)]
    while waiting:
        with os.scandir(waiting.pop()) as entries:
            for entry in entries:
                if entry.is_dir(follow_symlinks=False):
                    waiting.append(entry.path)
                else:
                    entry.stat()
    return time.perf_counter() - began
