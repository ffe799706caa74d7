"""Token counters: from Codex's running totals to the tokens of one model call.

A ``token_count`` carries the thread's running total and, as ``last``, the latest call::

    {"total_token_usage": {"input_tokens": 25605, "cached_input_tokens": 22272, "output_tokens": 807,
                           "reasoning_output_tokens": 69, "total_tokens": 26412},
     "last_token_usage": {"input_tokens": 13237, …, "total_tokens": 13682},
     "model_context_window": 258400}

``cached`` and ``cache_write`` tokens are part of ``input``, ``reasoning`` is part of ``output``.
Summing ``last`` counts up to a quarter too much, because it is written again without a new call.
"""

from __future__ import annotations

from typing import Any

import msgspec

from ai_viewer.adapters.base import as_count, as_dict
from ai_viewer.model import Usage


class Counter(msgspec.Struct, frozen=True, array_like=True):
    """A running total, or the difference of two."""

    input: int = 0
    cached: int = 0
    written: int = 0
    output: int = 0
    reasoning: int = 0
    total: int = 0

    def __sub__(self, earlier: Counter) -> Counter:
        return Counter(
            self.input - earlier.input,
            self.cached - earlier.cached,
            self.written - earlier.written,
            self.output - earlier.output,
            self.reasoning - earlier.reasoning,
            self.total - earlier.total,
        )

    @property
    def has_tokens(self) -> bool:
        """Whether there is anything to bill; an estimate of the context alone is not."""
        return self.input > 0 or self.output > 0

    @property
    def usage(self) -> Usage:
        """The same tokens in disjoint parts."""
        return Usage(
            input=max(self.input - self.cached - self.written, 0),
            output=self.output,
            reasoning=min(self.reasoning, self.output),
            cache_read=self.cached,
            cache_write_5m=self.written,
        )


def counter(value: object) -> Counter | None:
    """Read a usage object; ``None`` if it holds no counts in the terms known here."""
    fields: dict[str, Any] = as_dict(value)
    if "input_tokens" not in fields and "output_tokens" not in fields:
        return None
    taken, given = as_count(fields.get("input_tokens")), as_count(fields.get("output_tokens"))
    return Counter(
        taken,
        as_count(fields.get("cached_input_tokens")),
        as_count(fields.get("cache_write_input_tokens")),
        given,
        as_count(fields.get("reasoning_output_tokens")),
        as_count(fields.get("total_tokens")) or taken + given,
    )


def growth(earlier: Counter | None, total: Counter, last: Counter | None, *, inherited: bool) -> Counter:
    """Return the tokens used since ``earlier``.

    A total that went down, or that equals the latest call alone, was restarted: all of it is new.
    ``inherited`` says that the thread began with a copied history: if that told no counter, the
    first total may hold the parent's tokens, and only the latest call is this thread's.
    """
    if earlier is None:
        return last if inherited and last is not None and last.total <= total.total else total
    if total == earlier:
        return Counter()
    difference = total - earlier
    restarted = total == last or any(part < 0 for part in msgspec.structs.astuple(difference))
    return total if restarted else difference
