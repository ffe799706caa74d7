"""What a record holds: the tool it names, the texts of a result, how it ended."""

from __future__ import annotations

import binascii
import re

import msgspec

from ai_viewer.adapters.base import Record, as_dict, as_list, as_str
from ai_viewer.adapters.parts import Part
from ai_viewer.model import OpStatus

ERROR_LENGTH = 1_000

AGENT_TOOL = "task"
"""The tool that runs a sub-agent."""

_NAMESPACES = {
    "shell": (
        "bash", "shell", "powershell", "write_bash", "read_bash", "stop_bash", "list_bash",
        "write_powershell", "read_powershell", "stop_powershell", "list_powershell",
    ),
    "fs": ("view", "create", "edit", "str_replace_editor", "apply_patch", "grep", "rg", "glob"),
    "web": ("web_fetch", "web_search", "fetch"),
}  # fmt: skip
_NAMESPACE_OF = {tool: namespace for namespace, tools in _NAMESPACES.items() for tool in tools}
_GITHUB = "github-mcp-server"
"""The server that comes with the program, whose name older versions wrote before the tool's only."""
_REFUSED = frozenset({"rejected", "denied"})
"""Codes of a tool call that the user, or a rule of theirs, did not allow."""
_EXIT_CODE = re.compile(r"<(?:[^<>\n]* )?(?:exited|completed) with exit code (-?\d+)>\s*$")


def identity(record: Record, key: str) -> tuple[str, str]:
    """Return a tool's name and namespace; ``key`` is the field that names it.

    >>> identity({"name": "docs-search", "mcpServerName": "docs", "mcpToolName": "search"}, "name")
    ('search', 'mcp:docs')
    >>> identity({"toolName": "github-mcp-server-list_issues"}, "toolName")
    ('list_issues', 'mcp:github-mcp-server')
    """
    name = as_str(record.get(key)) or "unknown"
    server = as_str(record.get("mcpServerName"))
    if server is not None:
        return as_str(record.get("mcpToolName")) or name.removeprefix(f"{server}-"), f"mcp:{server}"
    if name.startswith(f"{_GITHUB}-") and name != f"{_GITHUB}-":
        return name.removeprefix(f"{_GITHUB}-"), f"mcp:{_GITHUB}"
    return name, _NAMESPACE_OF.get(name, "builtin")


def arguments(value: object) -> str:
    """A tool's arguments as text: as they stand if they are one, else as JSON."""
    if isinstance(value, str):
        return value
    return msgspec.json.encode(value).decode() if value else ""


def result(data: Record) -> list[Part]:
    """The texts of a tool's result: what the model was given, and what the user was shown if it is more."""
    told = data.get("result")
    if isinstance(told, str):
        return [Part("/data/result", told)] if told else []
    content = as_str(as_dict(told).get("content"))
    detailed = as_str(as_dict(told).get("detailedContent"))
    found = [] if content is None else [Part("/data/result/content", content)]
    if detailed is not None and detailed != content:
        media_type = "text/x-diff" if detailed.lstrip().startswith(("diff --git", "--- ")) else "text/plain"
        found.append(Part("/data/result/detailedContent", detailed, media_type=media_type))
    return found


def images(data: Record) -> list[Part]:
    """The images that were sent within a prompt."""
    found = []
    for number, attachment in enumerate(map(as_dict, as_list(data.get("attachments")))):
        encoded = as_str(attachment.get("data"))
        if attachment.get("type") != "blob" or encoded is None:
            continue
        try:
            decoded = binascii.a2b_base64(encoded)
        except ValueError:
            continue
        media_type = as_str(attachment.get("mimeType")) or "application/octet-stream"
        if decoded:
            found.append(Part(f"/data/attachments/{number}/data", data=decoded, media_type=media_type))
    return found


def verdict(data: Record, text: str) -> tuple[OpStatus, str | None, str | None]:
    """Say how a tool call ended: status, error class, message."""
    error = as_dict(data.get("error"))
    code = as_str(error.get("code"))
    message = (as_str(error.get("message")) or text)[:ERROR_LENGTH] or None
    if data.get("success") is False or error:
        if code in _REFUSED:
            return OpStatus.CANCELLED, None, message
        return OpStatus.FAILED, code or "tool_error", message
    exited = _EXIT_CODE.search(text)
    if exited and int(exited[1]) != 0:
        return OpStatus.FAILED, "exit_code", f"exit code {exited[1]}"
    return OpStatus.COMPLETED, None, None
