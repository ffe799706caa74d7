"""ai-agent: the ops of a snapshot's tree, sessions within sessions, or of a ledger's ended turns.

Left out: texts in files of their own, which are compared with those files; and what was captured in
another form than text.
"""

from __future__ import annotations

from typing import Any

from ai_viewer.verify.counters.base import Part, Record, Tokens, count_of, dict_of, list_of


class AiAgentCounter:
    """Counts a snapshot, which is one record, or a ledger."""

    def __init__(self, _path: str) -> None:
        self.parts: dict[str, Part] = {"": Part()}
        self._calls = 0

    def count(self, record: Record, offset: int) -> None:
        """Take a tree, or a line."""
        if isinstance(record.get("opTree"), dict):
            self._session(record["opTree"])
        elif record.get("recordType") == "turn_end":
            for op in map(dict_of, list_of(record.get("ops"))):
                accounting = dict_of(op.get("accounting"))
                self._op(self.parts[""], op, [_ledger_tokens(accounting)] if accounting else [], offset)

    def finish(self) -> None:
        """Nothing waits for the end."""

    def _session(self, node: Record) -> None:
        name = node.get("traceId")
        key = name.replace("/", ":") if isinstance(name, str) else ""
        part = self.parts.setdefault(key, Part())
        for turn in map(dict_of, (*list_of(node.get("turns")), *list_of(node.get("steps")))):
            for op in map(dict_of, list_of(turn.get("ops"))):
                entries = map(dict_of, list_of(op.get("accounting")))
                attempts = [
                    _tokens(dict_of(one.get("tokens"))) for one in entries if one.get("type") == "llm"
                ]
                self._op(part, op, attempts, 0)
                self._texts(part, op)
                if isinstance(op.get("childSession"), dict):
                    self._session(op["childSession"])

    def _op(self, part: Part, op: Record, attempts: list[Tokens], offset: int) -> None:
        if op.get("kind") == "llm":
            # A turn that is told while it runs is told again at its end, with the same ids.
            if attempts:
                self._calls += 1
                part.call(op.get("opId") or self._calls, sum(attempts, Tokens()), offset)
        elif op.get("kind") in ("tool", "session"):
            part.tool(op.get("opId"), offset)

    def _texts(self, part: Part, op: Record) -> None:
        part.text(dict_of(op.get("reasoning")).get("final"), 0)
        for side in ("request", "response"):
            payload: Any = dict_of(op.get(side)).get("payload")
            part.text(payload if isinstance(payload, str) else dict_of(payload).get("textPreview"), 0)


def _ledger_tokens(told: Record) -> Tokens:
    counts = (told.get(f"tokens{name}") for name in ("In", "Out", "CacheRead", "CacheWrite"))
    given, output, read, written = map(count_of, counts)
    return Tokens(given, output, 0, read, written)


def _tokens(told: Record) -> Tokens:
    """Older versions count what was cached within the input: then the total is input and output alone."""
    given, output = count_of(told.get("inputTokens")), count_of(told.get("outputTokens"))
    read = count_of(told.get("cacheReadInputTokens")) or count_of(told.get("cachedTokens"))
    written = count_of(told.get("cacheWriteInputTokens"))
    total = count_of(told.get("totalTokens"))
    if given >= read + written and total and total == given + output:
        given -= read + written
    return Tokens(given, output, 0, read, written)
