"""Read a folder through an adapter in memory, and settle its events into rows, for tests.

    readings = read_folder(ADAPTERS["codex"], Path("…/input"))
    readings["2026/01/02/rollout-….jsonl"].rows()

A format keeps the law of `ai_viewer.adapters.base` if its rows are the same wherever its files
are cut::

    assert read_folder(adapter, root, cut=always) == read_folder(adapter, root)

The folder may hold an SQLite database as the text of its SQL, ``opencode.db.sql``, and a gzipped file
as what is in it, ``x.json.gz.plain``; see `as_on_disk`.
"""

from __future__ import annotations

from ai_viewer.testing.reading import (
    Cut,
    Reading,
    always,
    as_on_disk,
    never,
    read,
    read_folder,
    records,
    split,
)
from ai_viewer.testing.rows import Rows, settle

__all__ = [
    "Cut",
    "Reading",
    "Rows",
    "always",
    "as_on_disk",
    "never",
    "read",
    "read_folder",
    "records",
    "settle",
    "split",
]
