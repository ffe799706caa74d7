"""Gemini CLI: a message comes again with the same id when more is known of it, and the last one holds.

Left out: the history as the model sees it (``$set`` with ``messages`` when messages were told already),
but for a summary in it; and notices of the program's, which are logs in the store.
"""

from __future__ import annotations

from collections.abc import Hashable
from typing import Any

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


class GeminiCounter:
    """Counts a chat, of either kind of file."""

    def __init__(self, _path: str) -> None:
        self.part = Part()
        self.parts = {"": self.part}
        self._messages: dict[Hashable, tuple[Record, int]] = {}
        self._headed = False

    def count(self, record: Record, offset: int) -> None:
        """Take a line or a whole chat."""
        changes = record.get("$set")
        if isinstance(changes, dict):
            messages = list_of(changes.get("messages"))
            if not self._messages:
                self._take(messages, offset)
            else:
                for message in map(dict_of, messages):
                    if message.get("type") == "user" and _is_summary(_said(message)):
                        self._messages["summary", _said(message)] = message, offset
        elif "id" in record or "type" in record:
            self._take([record], offset)
        elif not self._headed:
            self._headed = True
            self._take(list_of(record.get("messages")), offset)

    def finish(self) -> None:
        """Count the messages as they are told last."""
        for key, (message, offset) in self._messages.items():
            if message.get("type") == "user":
                self._given(message, offset)
            elif message.get("type") == "gemini":
                self._answer(key, message, offset)
        self._messages.clear()

    def _take(self, messages: list[Any], offset: int) -> None:
        for number, message in enumerate(map(dict_of, messages)):
            native_id = message.get("id")
            key: Hashable = native_id if isinstance(native_id, str) else (offset, number)
            if key in self._messages and message.get("type") == "user":
                continue
            if _is_summary(_said(message)):
                key = ("summary", _said(message))
            self._messages[key] = message, offset

    def _given(self, message: Record, offset: int) -> None:
        if any("functionResponse" in dict_of(part) for part in list_of(message.get("content"))):
            return
        shown, told = _texts(message.get("displayContent")), _texts(message.get("content"))
        if not told:
            return
        for text in shown or told:
            self.part.text(text, offset)
        for text in told:
            if shown and text not in shown:
                self.part.text(text, offset)

    def _answer(self, key: Hashable, message: Record, offset: int) -> None:
        tokens = message.get("tokens")
        thoughts = [thought for thought in list_of(message.get("thoughts")) if isinstance(thought, dict)]
        tools = [tool for tool in list_of(message.get("toolCalls")) if isinstance(tool, dict)]
        counted = isinstance(tokens, dict) and bool({"input", "output", "total"} & tokens.keys())
        if not (counted or message.get("model") or thoughts or tools):
            return
        if counted:
            self.part.call(key, _tokens(dict_of(tokens)), offset)
        for text in _texts(message.get("content")):
            self.part.text(text, offset)
        for thought in thoughts:
            said = (thought.get("subject"), thought.get("description") or thought.get("summary"))
            self.part.text("\n\n".join(text for text in said if isinstance(text, str) and text), offset)
        for tool in tools:
            self.part.tool(tool.get("id"), offset)
            self.part.text(json_text(tool.get("args")), offset)
            for response in list_of(tool.get("result")):
                answer = dict_of(dict_of(dict_of(response).get("functionResponse")).get("response"))
                self.part.text(answer.get("output") or answer.get("error"), offset)


def _texts(content: object) -> list[str]:
    """Return the texts of a message; thoughts stand elsewhere."""
    if isinstance(content, dict):
        content = [content]
    if isinstance(content, list):
        content = [part for part in content if dict_of(part).get("thought") is not True]
    return texts_of(content)


def _said(message: Record) -> str:
    return "\n".join(_texts(message.get("content")))


def _is_summary(text: str) -> bool:
    return "</state_snapshot>" in text and text.lstrip().startswith("<")


def _tokens(told: Record) -> Tokens:
    """Cached tokens are part of the input, thoughts are beside the output, and tools' beside the input."""
    taken, given = count_of(told.get("input")), count_of(told.get("output"))
    cached, thoughts = count_of(told.get("cached")), count_of(told.get("thoughts"))
    beside = count_of(told.get("total")) - taken - given - thoughts
    return Tokens(
        input=max(taken - cached, 0) + min(count_of(told.get("tool")), max(beside, 0)),
        output=given + thoughts,
        reasoning=thoughts,
        cache_read=cached,
    )
