"""Made-up Claude Code sessions with known facts in them: `small`, `deep` and `big`.

    python -m bench.sessions FOLDER [NAME…] [--start 2026-10-05T08:00:00+00:00]

writes ``FOLDER/projects/…``, as below ``~/.claude``, and beside it ``FOLDER/<name>.json``: what
reading the session must give, and what is planted in it. The same start gives the same bytes.

| name | what is in it |
| --- | --- |
| `small` | every kind of payload, hostile texts, a secret, an output of 50 MB |
| `deep` | 40 sub-agents on four levels, at work side by side; a critical path worked out by hand |
| `big` | 50,000 ops, 300 sub-agents, 98 hours of which 70 are waiting, 20 failures of a millisecond |
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any

from bench.sessions import big, deep, small

__all__ = ["FIXTURES", "START", "write"]

START = dt.datetime(2026, 10, 5, 8, tzinfo=dt.UTC)

FIXTURES: Mapping[str, Callable[[Path, dt.datetime], dict[str, Any]]] = MappingProxyType(
    {"small": small.write, "deep": deep.write, "big": big.write}
)
"""Each writes its session into a project's folder and returns the truth about it."""


def write(
    folder: Path, names: Iterable[str] = tuple(FIXTURES), start: dt.datetime = START
) -> dict[str, dict[str, Any]]:
    """Write the named sessions below ``folder``, and the truth beside them; return it by name."""
    truths = {}
    for name in names:
        truths[name] = FIXTURES[name](folder / "projects" / "-home-dev-project", start)
        (folder / f"{name}.json").write_text(json.dumps(truths[name], indent=2) + "\n")
    return truths
