"""One line of the results, and how a table of them is written."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import NamedTuple

PEERS = ("agentsview", "argus", "ccusage")


class Line(NamedTuple):
    """What was measured, in ``unit``, beside what others need for it and what the limit is.

    ``kept`` tells whether the budget is; ``None``: there is none, or nothing to tell it by.
    """

    what: str
    ours: float
    unit: str
    limit: float | None = None
    limit_is: str = ""
    peers: Mapping[str, float | None] = {}
    budget: str = ""
    kept: bool | None = None

    @property
    def ratio(self) -> float | None:
        """Ours by the limit."""
        return self.ours / self.limit if self.limit else None


_HEAD = ("what", "ours", "unit", *PEERS, "limit", "ours / limit", "budget", "kept")


def markdown(lines: Iterable[Line]) -> str:
    """The results as a table in Markdown, in which numbers stand right."""
    rows = [_HEAD, ["---", "---:", "---", *["---:"] * len(PEERS), "---:", "---:", "---", "---"]]
    for line in lines:
        limit = f"{_number(line.limit)} ({line.limit_is})" if line.limit is not None else ""
        peers = [_number(line.peers.get(peer)) for peer in PEERS]
        kept = {True: "yes", False: "**no**", None: ""}[line.kept]
        ratio = _number(line.ratio)
        rows.append((line.what, _number(line.ours), line.unit, *peers, limit, ratio, line.budget, kept))
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)


def plain(line: Line) -> str:
    """One line for a terminal, as soon as it is known."""
    parts = [f"{line.what:<44}{_number(line.ours):>9} {line.unit:<5}"]
    parts += [f"{peer} {_number(value)}" for peer, value in line.peers.items() if value is not None]
    if line.limit is not None:
        parts.append(f"{line.limit_is} {_number(line.limit)} (ratio {_number(line.ratio)})")
    if line.budget:
        parts.append(f"budget {line.budget}{ {True: ': kept', False: ': NOT KEPT', None: ''}[line.kept] }")
    return "  ".join(parts)


def _number(value: float | None) -> str:
    if value is None:
        return ""
    if value and abs(value) < 10:
        return f"{value:.2f}"
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.1f}"
