"""Qwen Code: a call is told by telemetry, by its answer, or by both with the same counts.

Left out: telemetry of sub-agents in a copy of another session's history, and notices of the program's, which
are logs in the store.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Hashable
from pathlib import PurePosixPath

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

_USAGE = (
    "promptTokenCount", "candidatesTokenCount", "cachedContentTokenCount", "thoughtsTokenCount",
    "totalTokenCount", "toolUsePromptTokenCount",
)  # fmt: skip
_TELEMETRY = (
    "input_token_count", "output_token_count", "cached_content_token_count", "thoughts_token_count",
    "total_token_count", "tool_token_count",
)  # fmt: skip
_OLDER = ("input", "output", "cached", "thoughts", "total", "tool")


class QwenCounter:
    """Counts a transcript: its own session, and the sub-agents that its telemetry tells of."""

    def __init__(self, path: str) -> None:
        file = PurePosixPath(path)
        self._session = file.name.partition(".")[0]
        self._is_agent = "subagents" in file.parts[:-2]
        self._is_transcript = ".jsonl" in file.suffixes
        self.part = Part()
        self.parts = {"": self.part}
        self._measured: Counter[tuple[int, ...]] = Counter()
        """Counts of calls whose answer has not come yet."""
        self._answered: set[str] = set()
        """Ids of records whose answer telemetry has told."""
        self._prompt: object = None

    def count(self, record: Record, offset: int) -> None:
        """Take a line, or a whole session of 2025."""
        if not self._is_transcript:
            for message in map(dict_of, list_of(record.get("messages"))):
                self._older(message, offset)
            return
        match record.get("type"):
            case "user" | "tool_result":
                self._given(record, offset)
            case "assistant":
                self._answer(record, offset)
            case "system" if record.get("subtype") == "ui_telemetry":
                self._telemetry(record, offset)
            case "system" if record.get("subtype") == "chat_compression":
                history = list_of(dict_of(record.get("systemPayload")).get("compressedHistory"))
                for text in _texts(history[0] if history else None):
                    self.part.text(text, offset)
            case _:
                pass

    def _older(self, message: Record, offset: int) -> None:
        if message.get("type") not in ("user", "qwen", "gemini"):
            return
        content = message.get("content")
        for text in texts_of(content) if isinstance(content, str) else _texts({"parts": content}):
            self.part.text(text, offset)
        if message["type"] == "user":
            return
        counts = _counts(dict_of(message.get("tokens")), _OLDER)
        if any(counts[:5]):
            native_id = message.get("id")
            key = native_id if isinstance(native_id, str) and native_id else len(self.part.calls)
            self.part.call(key, _tokens(counts), offset)
        for thought in map(dict_of, list_of(message.get("thoughts"))):
            said = (thought.get("subject"), thought.get("description"))
            self.part.text("\n\n".join(text for text in said if isinstance(text, str) and text), offset)
        for tool in map(dict_of, list_of(message.get("toolCalls"))):
            self.part.tool(tool.get("id"), offset)
            self.part.text(json_text(tool.get("args")), offset)
            for given in map(dict_of, list_of(tool.get("result"))):
                answer = dict_of(dict_of(given.get("functionResponse")).get("response"))
                self.part.text(answer.get("output") or answer.get("error"), offset)

    def finish(self) -> None:
        """Nothing waits for the end."""

    def _given(self, record: Record, offset: int) -> None:
        message = record.get("message")
        responses = [
            dict_of(part)["functionResponse"]
            for part in list_of(dict_of(message).get("parts"))
            if isinstance(dict_of(part).get("functionResponse"), dict)
        ]
        if record.get("type") == "user" and not responses:
            uuid = record.get("uuid")
            if isinstance(uuid, str) and uuid and uuid == self._prompt:
                return
            if _is_prompt(record) and _texts(message):
                self._prompt = uuid
        for text in _texts(message):
            self.part.text(text, offset)
        for response in responses:
            self.part.tool(response.get("id"), offset)
            given = response.get("response")
            if isinstance(given, dict):
                given = given.get("output") or given.get("error")
            self.part.text(given, offset)
            for text in _texts(response):
                self.part.text(text, offset)
        if not responses and record.get("toolCallResult"):
            self.part.tool(dict_of(record["toolCallResult"]).get("callId"), offset)
        elif len(responses) == 1 and not responses[0].get("id"):
            self.part.tool(dict_of(record.get("toolCallResult")).get("callId"), offset)

    def _answer(self, record: Record, offset: int) -> None:
        counts = _counts(dict_of(record.get("usageMetadata")), _USAGE)
        uuid = record.get("uuid")
        known = isinstance(uuid, str) and uuid in self._answered
        if any(counts[:5]) and not known:
            if self._measured[counts[:5]]:
                self._measured[counts[:5]] -= 1
                if isinstance(uuid, str):
                    self._answered.add(uuid)
            else:
                key: Hashable = uuid if isinstance(uuid, str) and uuid else offset
                self.part.call(counts[:5] if self._is_agent else key, _tokens(counts), offset)
        for part in map(dict_of, list_of(dict_of(record.get("message")).get("parts"))):
            asked = part.get("functionCall")
            if part.get("thought") is not True and isinstance(asked, dict):
                if self.part.tool(asked.get("id"), offset):
                    self.part.text(json_text(asked.get("args")), offset)
            else:
                self.part.text(part.get("text"), offset)

    def _telemetry(self, record: Record, offset: int) -> None:
        event = dict_of(dict_of(record.get("systemPayload")).get("uiEvent"))
        counts = _counts(event, _TELEMETRY)
        if not any(counts[:5]):
            return
        agent = _agent(event)
        if agent is None:
            self._measured[counts[:5]] += 1
            uuid = record.get("uuid")
            key: Hashable = uuid if isinstance(uuid, str) and uuid else offset
            self.part.call(counts[:5] if self._is_agent else key, _tokens(counts), offset)
            return
        origin = dict_of(record.get("forkedFrom")).get("sessionId")
        if isinstance(origin, str) and origin and origin != self._session:
            return
        name = ":agent-" + re.sub(r"[^\w-]", "_", agent, flags=re.ASCII)
        self.parts.setdefault(name, Part()).call(counts[:5], _tokens(counts), offset)


def _texts(message: object) -> list[str]:
    """Return a message's texts; thoughts of the user's are none."""
    found = map(dict_of, list_of(dict_of(message).get("parts")))
    return texts_of([part for part in found if part.get("thought") is not True])


def _is_prompt(record: Record) -> bool:
    """Whether a user wrote it, or a schedule did in the user's name."""
    subtype, kind = record.get("subtype"), record.get("externalInputKind")
    if subtype == "notification":
        return record.get("deliveredTurn") is True
    return kind != "notification" and subtype != "goal_runtime"


def _agent(event: Record) -> str | None:
    """Return the id of the sub-agent that made a call: told, or within the prompt's id, or its name."""
    prompt = event.get("prompt_id")
    found = re.fullmatch(r"[^#]*#([^#]+)#\d+", prompt) if isinstance(prompt, str) else None
    told = (
        event.get("subagent_id"),
        found and found[1],
        event.get("subagent_name"),
        event.get("subagent_type"),
    )
    return next((name for name in told if isinstance(name, str) and name), None)


def _counts(told: Record, names: tuple[str, ...]) -> tuple[int, ...]:
    return tuple(count_of(told.get(name)) for name in names)


def _tokens(counts: tuple[int, ...]) -> Tokens:
    """Cached tokens are part of the prompt; thoughts are beside the output if the total says so."""
    prompt, output, cached, thoughts, total, tool = counts
    prompt = prompt or cached
    if total:
        rest = max(total - prompt - output, 0)
        beside = min(thoughts, rest)
        tool = min(tool, rest - beside)
    else:
        beside, tool = thoughts if thoughts > output else 0, 0
    return Tokens(
        input=max(prompt - cached, 0) + tool,
        output=output + beside,
        reasoning=min(thoughts, output + beside),
        cache_read=cached,
    )
