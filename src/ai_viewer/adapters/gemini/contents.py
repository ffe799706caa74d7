"""What a chat's messages hold: texts and data, tokens, times, tools; and whose chat a file is."""

from __future__ import annotations

import binascii
import re
from collections.abc import Iterator
from pathlib import PurePosixPath
from typing import NamedTuple

import msgspec

from ai_viewer.adapters.base import (
    Record,
    as_count,
    as_dict,
    as_list,
    as_str,
    iso_micros,
    number_micros,
)
from ai_viewer.model import Micros, OpStatus, SessionKind, Usage

_STANDARD_NAME = re.compile(r"session-\d{4}-\d\d-\d\dT\d\d-\d\d-[^/]+")
_ASKED = re.compile(r"[_-](1\d{12})[_-]")
"""Milliseconds within a tool call's id."""
_MCP_NAME = re.compile(r"(.+) \((.+) MCP Server\)")
_AT_WORK = frozenset({"validating", "scheduled", "executing", "awaiting_approval"})
"""Statuses of a tool call that has not ended."""
_NAMESPACES = {
    "run_shell_command": "shell",
    "read_file": "fs",
    "read_many_files": "fs",
    "write_file": "fs",
    "replace": "fs",
    "edit": "fs",
    "glob": "fs",
    "grep_search": "fs",
    "search_file_content": "fs",
    "list_directory": "fs",
    "google_web_search": "web",
    "web_fetch": "web",
}


class Part(NamedTuple):
    """A text or other content of a message, with its JSON pointer."""

    pointer: str
    text: str | None = None
    data: bytes | None = None
    media_type: str = "text/plain"


def native(name: str) -> str:
    """A session's native id as it may be written in paths."""
    return name.replace("/", ":")


def identity(path: PurePosixPath, stem: str, header: Record) -> tuple[str, str | None, SessionKind]:
    """Return a chat's native id, its parent's, and what kind of session it is."""
    told, kind = as_str(header.get("sessionId")), as_str(header.get("kind"))
    folders = path.parent.parts
    if "chats" in folders[:-1]:
        return native(told or stem), folders[-1], SessionKind.SUB_AGENT
    if kind == "subagent" and told is not None:
        return f"{native(told)}:{stem}", native(told), SessionKind.SUB_AGENT
    if told is None or (kind is None and _STANDARD_NAME.fullmatch(stem)):
        return native(stem), None, SessionKind.ROOT
    return native(told), None, SessionKind.ROOT


def times(told: list[Record]) -> list[Micros | None]:
    """The time of each thought or tool call."""
    return [iso_micros(item.get("timestamp")) for item in told]


def tool_status(tool: Record) -> OpStatus:
    """How a tool call ended, or that it did not."""
    told = as_str(tool.get("status"))
    if told in _AT_WORK or (told is None and tool.get("result") is None):
        return OpStatus.RUNNING
    return {"error": OpStatus.FAILED, "cancelled": OpStatus.CANCELLED}.get(told or "", OpStatus.COMPLETED)


def asked_at(tool: Record) -> Micros | None:
    """The time within a tool call's id.

    >>> asked_at({"id": "read_file_1767323045678_0"})
    1767323045678000
    """
    found = _ASKED.search(as_str(tool.get("id")) or "")
    return number_micros(int(found[1]), 1_000) if found else None


def ended_at(ts: Micros | None, thoughts: list[Record], tools: list[Record]) -> Micros | None:
    """When an answer had ended: at its message's time, unless that was written with its tools."""
    ends = [at for at in times(tools) if at is not None]
    if ts is None or not ends or ts < min(ends):
        return ts
    clues = [at for at in (*times(thoughts), *map(asked_at, tools)) if at is not None and at <= min(ends)]
    return max(clues, default=ts)


def read_usage(value: object) -> Usage | None:
    """Read a message's tokens; ``None`` if they are not known yet."""
    if not isinstance(value, dict) or not {"input", "output", "total"} & value.keys():
        return None
    taken, given = as_count(value.get("input")), as_count(value.get("output"))
    cached, thoughts = as_count(value.get("cached")), as_count(value.get("thoughts"))
    beside = min(as_count(value.get("tool")), max(as_count(value.get("total")) - taken - given - thoughts, 0))
    return Usage(
        input=max(taken - cached, 0) + beside,
        output=given + thoughts,
        reasoning=thoughts,
        cache_read=cached,
    )


def parts(content: object, pointer: str) -> list[Part]:
    """Read a message's content: a string, a part, or a list of both; thoughts and calls stand elsewhere."""
    if isinstance(content, str):
        return [Part(pointer, content)] if content else []
    if isinstance(content, dict):
        return list(_part(content, pointer))
    found: list[Part] = []
    for number, part in enumerate(as_list(content)):
        if isinstance(part, str):
            found += parts(part, f"{pointer}/{number}")
        elif isinstance(part, dict):
            found += _part(part, f"{pointer}/{number}")
    return found


def _part(part: Record, pointer: str) -> Iterator[Part]:
    text = as_str(part.get("text"))
    if text is not None and part.get("thought") is not True:
        yield Part(f"{pointer}/text", text)
    inline = as_dict(part.get("inlineData"))
    data = as_str(inline.get("data"))
    if data is not None:
        media_type = as_str(inline.get("mimeType")) or "application/octet-stream"
        yield _file(f"{pointer}/inlineData/data", data, media_type)
    uri = as_str(as_dict(part.get("fileData")).get("fileUri"))
    if uri is not None:
        yield Part(f"{pointer}/fileData/fileUri", uri)


def _file(pointer: str, data: str, media_type: str) -> Part:
    try:
        decoded = binascii.a2b_base64(data)
    except ValueError:
        decoded = b""
    if decoded:
        return Part(pointer, data=decoded, media_type=media_type)
    return Part(pointer, f"[{media_type} that cannot be decoded]")


def outputs(result: object, pointer: str) -> list[Part]:
    """Read a tool call's result: function responses, and what was given beside them."""
    if isinstance(result, str):
        return parts(result, pointer)
    found: list[Part] = []
    for number, part in enumerate([result] if isinstance(result, dict) else as_list(result)):
        at = pointer if isinstance(result, dict) else f"{pointer}/{number}"
        response = as_dict(as_dict(part).get("functionResponse")).get("response")
        if response is None:
            found += parts(part, at)
            continue
        inner = f"{at}/functionResponse/response"
        for key in ("output", "error"):
            text = as_str(as_dict(response).get(key))
            if text is not None:
                found.append(Part(f"{inner}/{key}", text))
                break
        else:
            if response:
                encoded = msgspec.json.encode(response).decode()
                found.append(Part(inner, encoded, media_type="application/json"))
    return found


def tool_name(tool: Record) -> tuple[str, str]:
    """Return a tool's name and namespace; an MCP tool's name for people tells its server."""
    name = as_str(tool.get("name")) or "unknown"
    told = _MCP_NAME.fullmatch(as_str(tool.get("displayName")) or "")
    if told:
        return told[1], f"mcp:{told[2]}"
    server, found, rest = name.removeprefix("mcp_").partition("_")
    if name.startswith("mcp_") and found and server and rest:
        return rest.lstrip("_"), f"mcp:{server}"
    return name, _NAMESPACES.get(name, "builtin")


def agent_name(tool: Record) -> str | None:
    """The kind of sub-agent that a tool call asks for."""
    return as_str(as_dict(tool.get("args")).get("agent_name"))


def whole(found: list[Part]) -> str:
    """The texts of ``found``, one after the other."""
    return "\n".join(part.text for part in found if part.text is not None)


def size(text: str) -> int:
    """Bytes of ``text`` in UTF-8."""
    return len(text) if text.isascii() else len(text.encode("utf-8", "replace"))
