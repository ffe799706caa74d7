"""What a tool call is called, and how it went: names, namespaces, outputs, exit codes."""

from __future__ import annotations

import base64
import binascii
import re
from typing import Any, NamedTuple

import msgspec

from ai_viewer.adapters.base import as_dict, as_list, as_str
from ai_viewer.model import OpStatus

_NAMESPACES = {
    "shell": "shell",
    "shell_command": "shell",
    "local_shell": "shell",
    "container.exec": "shell",
    "exec_command": "shell",
    "write_stdin": "shell",
    "unified_exec": "shell",
    "apply_patch": "fs",
    "read_file": "fs",
    "list_dir": "fs",
    "grep_files": "fs",
    "web_search": "web",
}


def identity(name: str, namespace: str | None) -> tuple[str, str]:
    """Return a tool's name and namespace.

    >>> identity("mcp__github__search_code", None)
    ('search_code', 'mcp:github')
    >>> identity("apply_patch", None)
    ('apply_patch', 'fs')
    """
    if namespace and namespace.startswith("mcp__"):
        return name, "mcp:" + namespace.removeprefix("mcp__").rstrip("_")
    if name.startswith("mcp__"):
        server, found, tool = name.removeprefix("mcp__").partition("__")
        if found and tool:
            return tool, "mcp:" + server
    return name, _NAMESPACES.get(name, "builtin")


class Image(NamedTuple):
    """A picture within a message or an output, decoded."""

    media_type: str
    data: bytes


def image(url: object) -> Image | None:
    """Decode a ``data:`` URL; ``None`` if it is another kind of URL, or damaged."""
    if not isinstance(url, str) or not url.startswith("data:"):
        return None
    header, found, body = url.partition(",")
    media_type, _, encoding = header.removeprefix("data:").partition(";")
    if not found or encoding != "base64":
        return None
    data = picture(body)
    return Image(media_type or "application/octet-stream", data) if data else None


def picture(body: object) -> bytes | None:
    """Decode base64; ``None`` if it is none."""
    if not isinstance(body, str):
        return None
    try:
        return base64.b64decode(body, validate=True)
    except (binascii.Error, ValueError):
        return None


class Output(NamedTuple):
    """A tool's output: its texts and images with their JSON pointers, and what it says of success."""

    texts: list[tuple[str, str]]
    images: list[tuple[Image, str]]
    status: OpStatus
    error: str | None
    exited: bool = False
    """Whether a command's exit code is told."""
    process: str | None = None
    """Codex's number of a command that goes on in the background."""


class _Wrapped(msgspec.Struct):
    """How outputs of shell and apply_patch were written until 2026: JSON within the string."""

    output: str
    metadata: dict[str, Any] = {}


def read_output(output: object, pointer: str) -> Output:
    """Read the ``output`` of a call: a string, a list of content items, or ``{content, success}``."""
    texts: list[tuple[str, str]] = []
    images: list[tuple[Image, str]] = []
    failed = False
    if isinstance(output, dict):
        failed = output.get("success") is False
        if "content" in output:
            output, pointer = output["content"], pointer + "/content"
        elif isinstance(output.get("text"), str):
            output, pointer = output["text"], pointer + "/text"
    verdict = _Verdict(OpStatus.COMPLETED)
    if isinstance(output, str):
        text, code = output, None
        if output.startswith('{"output":'):
            try:
                wrapped = msgspec.json.decode(output, type=_Wrapped)
            except msgspec.MsgspecError:
                pass
            else:
                text, code = wrapped.output, wrapped.metadata.get("exit_code")
        verdict = _verdict(text, code)
        texts.append((text, pointer))
    else:
        for index, part in enumerate(as_list(output)):
            item = as_dict(part)
            text_part = as_str(item.get("text"))
            if text_part is not None:
                texts.append((text_part, f"{pointer}/{index}/text"))
            found = image(item.get("image_url"))
            if found is not None:
                images.append((found, f"{pointer}/{index}/image_url"))
        if texts:
            verdict = _verdict(texts[0][0], None)
    if failed and verdict.status is OpStatus.COMPLETED:
        verdict = verdict._replace(status=OpStatus.FAILED)
    return Output(texts, images, *verdict)


_HEADER_LENGTH = 20_000
_EXIT_CODE = re.compile(r"(?:^|\n)(?:Process exited with code|Exit code:) (-?\d+)")
_RUNNING = "\nProcess running with session ID "
_FAILURE = re.compile(
    r"(?:[\w./-]+ ){1,3}failed(?: for |: )|"
    r"(?:execution error|tool call error|unsupported call|failed to |failed in sandbox|command timed out)"
)


class _Verdict(NamedTuple):
    """What an output says of success; the second half of `Output`."""

    status: OpStatus
    error: str | None = None
    exited: bool = False
    process: str | None = None


def _verdict(text: str, code: object) -> _Verdict:
    """Read the lines above ``Output:``, or the first line if there is no such header."""
    if not isinstance(code, int):
        end = text.find("\nOutput:", 0, _HEADER_LENGTH)
        codes = _EXIT_CODE.findall(text, 0, end) if end >= 0 else []
        running = text.find(_RUNNING, 0, end) if end >= 0 and not codes else -1
        if running >= 0:
            process = text[running + len(_RUNNING) : end].partition("\n")[0]
            return _Verdict(OpStatus.COMPLETED, process=process)
        code = int(codes[-1]) if codes else None  # the last: the command's own text comes before it
    if code is not None:
        if code:
            return _Verdict(OpStatus.FAILED, f"exit code {code}", exited=True)
        return _Verdict(OpStatus.COMPLETED, exited=True)
    if text.startswith("aborted"):
        return _Verdict(OpStatus.CANCELLED)
    if _FAILURE.match(text):
        return _Verdict(OpStatus.FAILED, text[:200].partition("\n")[0])
    return _Verdict(OpStatus.COMPLETED)
