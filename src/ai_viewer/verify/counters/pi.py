"""pi: every assistant entry is a model call, on whatever branch; nothing is written twice."""

from __future__ import annotations

from ai_viewer.verify.counters.base import (
    Part,
    Record,
    Tokens,
    count_of,
    dict_of,
    json_text,
    list_of,
    texts_of,
)


class PiCounter:
    """Counts a session file."""

    def __init__(self, _path: str) -> None:
        self.part = Part()
        self.parts = {"": self.part}

    def count(self, record: Record, offset: int) -> None:
        """Take an entry."""
        message = dict_of(record.get("message")) if record.get("type") == "message" else record
        role = message.get("role") if message is not record else record.get("type")
        match role:
            case "assistant":
                self._answer(message, offset)
            case "toolResult":
                self.part.tool(message.get("toolCallId"), offset)
                self._texts(message, offset)
            case "user" | "custom" | "hookMessage" | "custom_message":
                if message is record and role == "custom":
                    return
                self._texts(message, offset)
            case "bashExecution":
                self.part.text(message.get("command"), offset)
                self.part.text(message.get("output"), offset)
            case "compaction" | "branch_summary" | "compactionSummary" | "branchSummary":
                self.part.text(message.get("summary"), offset)
            case _:
                pass

    def finish(self) -> None:
        """Nothing waits for the end."""

    def _texts(self, message: Record, offset: int) -> None:
        for text in texts_of(message.get("content")):
            self.part.text(text, offset)

    def _answer(self, message: Record, offset: int) -> None:
        usage = message.get("usage")
        if isinstance(usage, dict):
            tokens = Tokens(
                input=count_of(usage.get("input")),
                output=count_of(usage.get("output")),
                cache_read=count_of(usage.get("cacheRead")),
                cache_write_5m=count_of(usage.get("cacheWrite")),
            )
            self.part.call(offset, tokens, offset)
        content = message.get("content")
        if isinstance(content, str):
            self.part.text(content, offset)
        for block in map(dict_of, list_of(content)):
            kind = block.get("type")
            if kind == "text":
                self.part.text(block.get("text"), offset)
            elif kind == "thinking":
                self.part.text(block.get("thinking"), offset)
            elif kind == "toolCall":
                self.part.tool(block.get("id"), offset)
                self.part.text(json_text(block.get("arguments")), offset)
