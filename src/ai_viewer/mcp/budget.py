"""Answers that stay within a number of tokens, and say what they left out."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

DEFAULT_TOKENS = 4_000
LEAST_TOKENS = 200
MOST_TOKENS = 50_000
_BYTES_A_TOKEN = 3
"""Code and identifiers take about 3 bytes a token, prose 4: the smaller number keeps the promise."""
_RESERVED_BYTES = 400
"""For the line that says what was left out."""


class Budget:
    """What room an answer has, in bytes."""

    def __init__(self, max_tokens: int) -> None:
        tokens = min(max(max_tokens, LEAST_TOKENS), MOST_TOKENS)
        self._left = tokens * _BYTES_A_TOKEN - _RESERVED_BYTES
        self._lines: list[str] = []

    @property
    def left(self) -> int:
        """Bytes that still fit."""
        return max(0, self._left)

    def add(self, *lines: str) -> bool:
        """Take the lines together, or none of them: then tell so."""
        size = sum(len(line.encode("utf-8", "replace")) + 1 for line in lines)
        if size > self._left:
            return False
        self._left -= size
        self._lines += lines
        return True

    def add_items(self, items: Iterable[Sequence[str]]) -> int:
        """Take items of one or more lines while they fit; return how many did."""
        taken = 0
        for lines in items:
            if not self.add(*lines):
                break
            taken += 1
        return taken

    def cut(self, what: str) -> None:
        """Say what was left out, and how to get it; there is always room for that."""
        self._lines.append(f"[cut] {what}"[: _RESERVED_BYTES // 2])

    def text(self) -> str:
        """Return the answer."""
        return "\n".join(self._lines)


def shortened(text: str, size: int) -> tuple[str, bool]:
    """Return the start of a text that takes at most ``size`` bytes, and whether there is more."""
    data = text.encode("utf-8", "replace")
    if len(data) <= size:
        return text, False
    return data[: max(0, size)].decode("utf-8", "ignore"), True
