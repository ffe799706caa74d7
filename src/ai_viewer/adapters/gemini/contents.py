"""What a chat's messages hold: texts and data, tokens, times, tools; and whose chat a file is."""

from __future__ import annotations

import re
from pathlib import PurePosixPath

from ai_viewer.adapters.base import (
    Record,
    as_count,
    as_dict,
    as_list,
    as_str,
    iso_micros,
    number_micros,
)
from ai_viewer.adapters.gemini_api import content_part, response_part
from ai_viewer.adapters.parts import Part
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
        return list(content_part(content, pointer))
    found: list[Part] = []
    for number, part in enumerate(as_list(content)):
        if isinstance(part, str):
            found += parts(part, f"{pointer}/{number}")
        elif isinstance(part, dict):
            found += content_part(part, f"{pointer}/{number}")
    return found


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
        found += response_part(response, f"{at}/functionResponse/response")
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
