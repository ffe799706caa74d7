"""Codex: a model call is each growth of the thread's running total, in whatever record that is told.

Prompts, answers and reasoning are written as a response item and again, before or after it, as an
event; the event's answer lacks what the client has taken out of it (citations, and plans, which have
records of their own). So an event's text counts unless a response item near it holds it, and an item
from which something is taken out counts unless its event came first.

Left out: outputs that end events repeat, shortened; outputs of calls that the file does not have; the
queries of web searches; and the tags around images.
"""

from __future__ import annotations

from collections import deque
from typing import NamedTuple

from ai_viewer.verify.counters.base import (
    Part,
    Record,
    Tokens,
    count_of,
    dict_of,
    json_text,
    read_json,
    texts_of,
)

_NEAR = 64
"""How many texts of response items an event's text is looked for in."""
_CALLS = {
    "function_call": "arguments",
    "custom_tool_call": "input",
    "local_shell_call": "action",
    "tool_search_call": "arguments",
}
"""Response items that ask for a tool, and where their arguments are."""
_OUTPUTS = frozenset({"function_call_output", "custom_tool_call_output", "local_shell_call_output"})
_EVENTS = {
    "user_message": ("message",),
    "agent_message": ("message",),
    "agent_reasoning": ("text",),
    "agent_reasoning_raw_content": ("text",),
    "UserMessage": ("content",),
    "AgentMessage": ("content",),
    "Reasoning": ("summary_text", "raw_content"),
    "Plan": ("text",),
}
"""Events, and completed items, that tell what a response item tells as well."""
_TAKEN_OUT = ("</oai-mem-citation>", "</proposed_plan>")
"""Ends of what the client takes out of an answer."""
_NOT_THE_USERS = frozenset({"subagent", "internal", "memory_consolidation", "compact"})
"""What the header of a thread says that the user did not start."""


class _Total(NamedTuple):
    """A total as Codex counts: cached and written tokens are part of the input."""

    input: int
    output: int
    reasoning: int
    cached: int
    written: int
    all: int
    """Codex's own sum, which may tell more than the parts."""


class CodexCounter:
    """Counts a rollout."""

    def __init__(self, _path: str) -> None:
        self.part = Part()
        self.parts = {"": self.part}
        self._thread: object = None
        self._inherits = False
        self._total: _Total | None = None
        self._last: _Total | None = None
        self._items: deque[str] = deque(maxlen=_NEAR)
        self._events: deque[str] = deque(maxlen=_NEAR)
        self._echoes: deque[tuple[str, int]] = deque()
        """Texts of events whose response item may still come."""

    def count(self, record: Record, offset: int) -> None:
        """Take a line: an envelope, a bare item, or a whole session."""
        payload, kind = record.get("payload"), record.get("type")
        if isinstance(record.get("items"), list) and isinstance(record.get("session"), dict):
            self._meta(record["session"])
            for item in map(dict_of, record["items"]):
                self._item(item, offset)
        elif not isinstance(payload, dict) or not isinstance(kind, str):
            if "type" not in record and "id" in record and "role" not in record:
                self._meta(record)
            else:
                self._item(record, offset)
        elif kind == "session_meta":
            self._meta(payload)
        elif kind == "response_item":
            self._item(payload, offset)
        elif kind == "compacted":
            self.part.text(payload.get("message"), offset)
        elif kind == "token_usage_record":
            self._usage(payload.get("thread_token_usage"), payload.get("usage"), offset)
        elif kind == "event_msg":
            self._event(payload, offset)

    def finish(self) -> None:
        """What no response item told, the event alone did."""
        while self._echoes:
            self.part.text(*self._echoes.popleft())

    # --- calls ---

    def _meta(self, meta: Record) -> None:
        """Of a thread that begins with another's history, what the first total holds is not its own."""
        told = meta.get("id")
        if self._thread is None:
            self._thread = told
            purposes = {*dict_of(meta.get("source")), str(meta.get("thread_source"))}
            parents = (meta.get("forked_from_id"), meta.get("parent_thread_id"))
            self._inherits = bool(purposes & _NOT_THE_USERS) or any(parents)
        elif told is not None and told != self._thread:
            self._inherits = True

    def _usage(self, total: object, last: object, offset: int) -> None:
        whole, latest = _read(total), _read(last)
        before = self._total
        used: _Total | None
        if whole is None:
            used = latest if latest != self._last else None
        elif before is None:
            takes_last = self._inherits and latest is not None and latest.all <= whole.all
            used = latest if takes_last else whole
        elif whole == latest or any(now < then for now, then in zip(whole, before, strict=True)):
            used = whole if whole != before else None
        else:
            used = _Total(*(now - then for now, then in zip(whole, before, strict=True)))
        self._total = whole or before
        self._last = latest
        if used is not None and (used.input > 0 or used.output > 0):
            tokens = Tokens(
                input=max(used.input - used.cached - used.written, 0),
                output=used.output,
                reasoning=min(used.reasoning, used.output),
                cache_read=used.cached,
                cache_write_5m=used.written,
            )
            self.part.call(offset, tokens, offset)

    # --- texts and tools ---

    def _event(self, payload: Record, offset: int) -> None:
        told = payload
        if payload.get("type") == "token_count":
            info = dict_of(payload.get("info"))
            self._usage(info.get("total_token_usage"), info.get("last_token_usage"), offset)
        if payload.get("type") == "item_completed":
            told = dict_of(payload.get("item"))
        self._mention(told)
        keys = _EVENTS.get(str(told.get("type")), ())
        for text in (text for key in keys for text in texts_of(told.get(key))):
            self._events.append(text.strip())
            if not any(text.strip() in item for item in self._items):
                self._echoes.append((text, offset))
        while len(self._echoes) > _NEAR:
            self.part.text(*self._echoes.popleft())

    def _say(self, texts: list[str], offset: int) -> None:
        """Take the texts of a response item, and forget the events that have told them."""
        whole = "".join(texts)
        told = [echo for echo in self._echoes if echo[0].strip() in whole]
        for echo in told:
            self._echoes.remove(echo)
        taken_out = any(tag in whole for tag in _TAKEN_OUT)
        if taken_out and any(text in whole for text in self._events):
            texts = [text for text, _ in told]
        for text in texts:
            self.part.text(text, offset)
        self._items.extend((*texts, whole) if len(texts) > 1 else texts)

    def _mention(self, told: Record) -> object:
        """Return the id of a call that an item or event is about, and note it."""
        native_id = told.get("call_id") or told.get("id")
        if isinstance(native_id, str):
            self.part.mentioned.add(native_id)
        return native_id

    def _item(self, item: Record, offset: int) -> None:
        kind = item.get("type")
        native_id = self._mention(item)
        if kind == "message" or (kind is None and "role" in item):
            content = item.get("content") if item.get("content") is not None else item.get("message")
            texts = texts_of(content)
            if item.get("role") == "user":
                texts = [text for text in texts if not text.startswith(("<image", "</image"))]
            if isinstance(item.get("role"), str):
                self._say(texts, offset)
        elif kind == "reasoning":
            self._say(texts_of(item.get("summary")) + texts_of(item.get("content")), offset)
        elif kind == "agent_message":
            self._say(texts_of(item.get("content")), offset)
        elif kind in _CALLS:
            if self.part.tool(native_id, offset):
                self.part.text(json_text(item.get(_CALLS[str(kind)])), offset)
        elif kind in _OUTPUTS and native_id in self.part.tools:
            for text in _outputs(item.get("output")):
                self.part.text(text, offset)


def _outputs(output: object) -> list[str]:
    """Return a tool's output: a string, which may be JSON around one, or texts."""
    if isinstance(output, dict):
        output = output["content"] if "content" in output else output.get("text")
    if isinstance(output, str) and output.startswith('{"output":'):
        inner = dict_of(read_json(output)).get("output")
        return [inner if isinstance(inner, str) else output]
    return texts_of(output)


def _read(value: object) -> _Total | None:
    told = dict_of(value)
    if "input_tokens" not in told and "output_tokens" not in told:
        return None
    taken, given = count_of(told.get("input_tokens")), count_of(told.get("output_tokens"))
    return _Total(
        taken,
        given,
        count_of(told.get("reasoning_output_tokens")),
        count_of(told.get("cached_input_tokens")),
        count_of(told.get("cache_write_input_tokens")),
        count_of(told.get("total_tokens")) or taken + given,
    )
