"""Claude Code: a message's records share its id, and tell more and more of its tokens.

An id that is too short to have been drawn at random is a gateway's, which may give the same to every answer:
it names a message within its turn and with its prompt only.

Left out: messages that no model wrote (``<synthetic>``, errors of the interface), and what stands in
the user's name but is a command that the program carried out, or what that said: logs in the store.
"""

from __future__ import annotations

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
    text_hash,
    texts_of,
)

_DRAWN_LENGTH = 20
"""An id of fewer characters was not drawn at random."""
_CARRIED_OUT = (
    "<command-name>", "<local-command-", "Caveat: The messages below", "<bash-input>", "<bash-stdout>",
    "<bash-stderr>", "[Request interrupted by user",
)  # fmt: skip
"""How texts begin that no model and no user wrote to the other."""


class ClaudeCodeCounter:
    """Counts a transcript: its own session, and the sub-agents that are told within it."""

    def __init__(self, path: str) -> None:
        name = PurePosixPath(path).name
        self._is_agent = name.startswith("agent-")
        self.parts: dict[str, Part] = {"": Part()}
        self._read: set[Hashable] = set()
        self._places: dict[tuple[str, Hashable], int] = {}
        self._turns: dict[str, int] = {}
        self._requests: dict[tuple[str, Hashable], dict[str, Tokens]] = {}

    def count(self, record: Record, offset: int) -> None:
        """Take a record, and of an echo the messages within it."""
        data = dict_of(record.get("data"))
        if record.get("type") == "progress" and data.get("type") == "agent_progress":
            agent = data.get("agentId")
            if isinstance(agent, str) and agent and isinstance(data.get("message"), dict):
                for message in (*list_of(data.get("normalizedMessages")), data["message"]):
                    self._message(f":agent-{agent}", dict_of(message), offset)
        elif record.get("type") in ("attachment", "system"):
            told = dict_of(record.get("attachment"))
            if self._is_news("", record) and told.get("type") == "queued_command":
                for text in texts_of(told.get("prompt")):
                    self._said("", text, offset)
        else:
            self._message(self._part_of(record), record, offset)

    def finish(self) -> None:
        """Merge each message's requests: a copy has another request id but was given the same."""
        for (part, identity), requests in self._requests.items():
            named = {request: tokens for request, tokens in requests.items() if request}
            calls: dict[Hashable, Tokens] = {}
            for tokens in named.values():
                key = (identity, tokens.prompt)
                calls[key] = calls[key].most(tokens) if key in calls else tokens
            nameless = requests.get("")
            if nameless is not None:
                first = next(iter(calls), (identity, nameless.prompt))
                calls[first] = calls[first].most(nameless) if first in calls else nameless
            for call, tokens in calls.items():
                self.parts[part].call(call, tokens, self._places[part, identity])

    def _part_of(self, record: Record) -> str:
        if record.get("isSidechain") is not True or self._is_agent:
            return ""
        agent = record.get("agentId")
        return f":agent-{agent}" if isinstance(agent, str) and agent else ":sidechain-"

    def _is_news(self, part: str, record: Record) -> bool:
        """Whether a record was not read before; copies have the same id."""
        uuid = record.get("uuid")
        if not isinstance(uuid, str) or not uuid:
            return True
        if (part, uuid) in self._read:
            return False
        self._read.add((part, uuid))
        return True

    def _message(self, part: str, record: Record, offset: int) -> None:
        message = record.get("message")
        kind = record.get("type") or dict_of(message).get("role")
        if kind not in ("user", "assistant"):
            return
        self.parts.setdefault(part, Part())
        news = self._is_news(part, record)
        if kind == "assistant":
            self._answer(part, record, dict_of(message), offset, news=news)
        elif news:
            content = message if isinstance(message, str) else dict_of(message).get("content")
            self._given(part, content, offset)

    def _said(self, part: str, text: str, offset: int) -> None:
        if not text.lstrip().startswith(_CARRIED_OUT):
            self.parts.setdefault(part, Part()).text(text, offset)

    def _given(self, part: str, content: object, offset: int) -> None:
        for block in [content] if isinstance(content, str) else list_of(content):
            if isinstance(block, dict) and block.get("type") == "tool_result":
                self._result(part, block, offset)
            else:
                self._turns[part] = self._turns.get(part, 0) + 1
                for text in texts_of([block]):
                    self._said(part, text, offset)

    def _result(self, part: str, block: Record, offset: int) -> None:
        native_id = block.get("tool_use_id")
        found = self.parts[part]
        found.tool(native_id, offset)
        if isinstance(native_id, str) and native_id:
            if (part, "result", native_id) in self._read:
                return
            self._read.add((part, "result", native_id))
        for text in texts_of(block.get("content")):
            found.text(text, offset)

    def _answer(self, part: str, record: Record, message: Record, offset: int, *, news: bool) -> None:
        if message.get("model") == "<synthetic>" or record.get("isApiErrorMessage") is True:
            return
        usage, content = message.get("usage"), message.get("content")
        request = record.get("requestId") if isinstance(record.get("requestId"), str) else ""
        identity = message.get("id") or request or record.get("uuid") or offset
        known = (part, "message", identity) in self._read
        if not (news or known):
            return  # a copy of a record of something else
        self._read.add((part, "message", identity))
        if isinstance(usage, dict):
            tokens = _tokens(usage)
            name: Hashable = identity
            if isinstance(identity, str) and len(identity) < _DRAWN_LENGTH:
                name = (identity, self._turns.get(part, 0), tokens.prompt if any(tokens.prompt) else None)
            requests = self._requests.setdefault((part, name), {})
            self._places.setdefault((part, name), offset)
            key = request or ""
            requests[key] = requests[key].most(tokens) if key in requests else tokens
        for block in [{"type": "text", "text": content}] if isinstance(content, str) else list_of(content):
            if isinstance(block, dict):
                self._block(part, identity, block, offset)

    def _block(self, part: str, identity: Hashable, block: Record, offset: int) -> None:
        found, kind = self.parts[part], block.get("type")
        if kind in ("text", "thinking"):
            text = block.get(str(kind))
            if isinstance(text, str) and text:
                mark = (part, identity, text_hash(text.encode("utf-8", "replace")))
                if mark not in self._read:
                    self._read.add(mark)
                    found.text(text, offset)
        elif kind in ("tool_use", "server_tool_use", "mcp_tool_use"):
            if found.tool(block.get("id"), offset):
                found.text(json_text(block.get("input")), offset)
        elif isinstance(kind, str) and kind.endswith("_tool_result"):
            self._result(part, block, offset)


def _tokens(usage: Record) -> Tokens:
    """Of cache writes there is one count, and since 2025 two that make it up."""
    split = dict_of(usage.get("cache_creation"))
    hour = count_of(split.get("ephemeral_1h_input_tokens"))
    minutes = count_of(split.get("ephemeral_5m_input_tokens"))
    written = max(count_of(usage.get("cache_creation_input_tokens")), hour + minutes)
    output = count_of(usage.get("output_tokens"))
    thinking = count_of(dict_of(usage.get("output_tokens_details")).get("thinking_tokens"))
    return Tokens(
        input=count_of(usage.get("input_tokens")),
        output=output,
        reasoning=min(thinking, output),
        cache_read=count_of(usage.get("cache_read_input_tokens")),
        cache_write_5m=written - hour,
        cache_write_1h=hour,
    )
