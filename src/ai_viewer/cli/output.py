"""How commands speak: data on stdout, messages on stderr."""

from __future__ import annotations

import sys
from typing import Any

import msgspec
from rich.console import Console
from rich.table import Table

from ai_viewer.figures import MISSING, ago, clock, cost, count, duration, moment, size

__all__ = [
    "MISSING",
    "ago",
    "clock",
    "console",
    "cost",
    "count",
    "duration",
    "messages",
    "moment",
    "say",
    "size",
    "table",
    "write_json",
]


def say(message: str) -> None:
    """Tell the user something, on stderr."""
    print(message, file=sys.stderr, flush=True)


def write_json(value: Any) -> None:
    """Write one JSON value on stdout: one line, or indented for a person's eyes."""
    encoded = msgspec.json.encode(value)
    if sys.stdout.isatty():
        encoded = msgspec.json.format(encoded)
    sys.stdout.write(encoded.decode() + "\n")


def console() -> Console:
    """Return the console for data; plain text when it goes to a file or a pipe."""
    return Console(file=sys.stdout, highlight=False, markup=False, emoji=False)


def messages() -> Console:
    """Return the console for messages."""
    return Console(file=sys.stderr, highlight=False, markup=False, emoji=False)


def table(*columns: str, title: str | None = None) -> Table:
    """Return an empty table; a column whose name begins with ``>`` holds numbers.

    The column whose name ends with ``*`` takes the room that is left, and is cut to it.
    """
    result = Table(
        title=title, title_justify="left", title_style="bold", box=None, padding=(0, 2, 0, 0), pad_edge=False
    )
    for column in columns:
        wide = column.endswith("*")
        result.add_column(
            column.strip(">*"),
            justify="right" if column.startswith(">") else "left",
            no_wrap=True,
            overflow="ellipsis",
            ratio=1 if wide else None,
            min_width=12 if wide else None,
            header_style="bold",
        )
    result.expand = any(column.endswith("*") for column in columns)
    return result
