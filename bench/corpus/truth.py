"""What reading a corpus must give: counts by name, told as it is written."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from bench.corpus.conversation import Turn


class Truth(dict[str, int]):
    """Counts by name."""

    def add(self, **news: int) -> None:
        """Add to each count."""
        for name, number in news.items():
            self[name] = self.get(name, 0) + number


_WITHOUT_CACHE_WRITES = frozenset({"codex", "gemini", "qwen", "copilot"})
"""Formats that do not tell what was written to the cache; it is part of what was sent afresh."""


def told(turns: Iterable[Turn], name: str, truth: Truth) -> Iterator[Turn]:
    """Hand on a session's turns; add to the truth what reading them in the format ``name`` must give."""
    truth.add(sessions=1)
    for turn in turns:
        for call in turn.calls:
            tool = call.tool
            hidden = name in _WITHOUT_CACHE_WRITES
            truth.add(
                llm_calls=1,
                tool_calls=int(tool is not None),
                tool_failures=int(tool is not None and tool.failed),
                tokens_in=call.fresh + (call.written if hidden else 0),
                tokens_out=call.output,
                tokens_cache_read=call.cached,
                tokens_cache_write=0 if hidden else call.written,
            )
        yield turn
    if name == "copilot":
        # What was sent is known at the end only, and told as an op of its own.
        truth.add(llm_calls=1)
