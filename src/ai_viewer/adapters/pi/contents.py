"""What a message holds: texts and images, tokens and cost; how a tool ended; how a file is named."""

from __future__ import annotations

import re
from typing import Any

import msgspec

from ai_viewer.adapters.base import Record, as_count, as_dict, as_list, as_str
from ai_viewer.adapters.parts import Part, encoded_part
from ai_viewer.model import Micros, OpStatus, Usage, call_key

ERROR_LENGTH = 1_000

_NAMESPACES = {
    "bash": "shell",
    "read": "fs",
    "write": "fs",
    "edit": "fs",
    "grep": "fs",
    "find": "fs",
    "ls": "fs",
}
_ABORTED = ("Command aborted", "Operation aborted", "Skipped due to queued user message.")
"""How a tool's error ends if it was stopped, or never begun."""
_EXIT_CODE = re.compile(r"Command exited with code (-?\d+)\s*$")


def name_id(path: str) -> str:
    """The UUID at the end of a session file's name; else the path without its extension.

    >>> name_id("/home/dev/.pi/agent/sessions/--p--/2026-01-02T03-04-05-678Z_0a1b.jsonl")
    '0a1b'
    """
    stem = path.replace("\\", "/").removesuffix(".jsonl")
    _, found, native_id = stem.rpartition("/")[2].rpartition("_")
    return native_id if found and native_id else stem.strip("/")


def parts(content: object, pointer: str) -> list[Part]:
    """Read a message's content: a string, or texts and images."""
    if isinstance(content, str):
        return [Part(pointer, content)] if content else []
    found: list[Part] = []
    for number, block in enumerate(map(as_dict, as_list(content))):
        text, data = as_str(block.get("text")), as_str(block.get("data"))
        if text is not None:
            found.append(Part(f"{pointer}/{number}/text", text))
        elif data is not None:
            media_type = as_str(block.get("mimeType")) or "application/octet-stream"
            found.append(encoded_part(f"{pointer}/{number}/data", data, media_type))
    return found


def read_usage(value: object) -> Usage | None:
    """Read a message's usage."""
    if not isinstance(value, dict):
        return None
    return Usage(
        input=as_count(value.get("input")),
        output=as_count(value.get("output")),
        cache_read=as_count(value.get("cacheRead")),
        cache_write_5m=as_count(value.get("cacheWrite")),
    )


def read_cost(value: object, usage: Usage | None) -> int | None:
    """Read the recorded cost in nano-dollars; 0 for a call with tokens is none."""
    total: Any = as_dict(as_dict(value).get("cost")).get("total")
    if isinstance(total, bool) or not isinstance(total, int | float) or not 0 <= total < 1e6:
        return None
    used = usage is not None and usage.context > 0
    return None if used and total == 0 else round(total * 1e9)


def identify(message: Record, ts: Micros | None, usage: Usage | None) -> int | None:
    """Identify a model call by when it began, its model and its tokens, which copies keep."""
    if ts is None or usage is None:
        return None
    return call_key(
        ts,
        as_str(message.get("provider")),
        as_str(message.get("model")),
        as_str(message.get("responseId")),
        *msgspec.structs.astuple(usage),
    )


def verdict(text: str) -> tuple[OpStatus, str | None, str | None]:
    """Say how a tool that did not succeed ended: status, error class, message."""
    if text.rstrip().endswith(_ABORTED):
        return OpStatus.CANCELLED, None, None
    exited = _EXIT_CODE.search(text)
    if exited:
        return OpStatus.FAILED, "exit_code", f"exit code {exited[1]}"
    return OpStatus.FAILED, "tool_error", text[:ERROR_LENGTH] or None


def namespace(tool: str) -> str:
    """A tool's namespace."""
    return _NAMESPACES.get(tool, "builtin")
