"""What the contents of a message are: texts and images, the wrappers around injected texts, usage."""

from __future__ import annotations

import binascii
import enum
import hashlib
import zlib

import msgspec

from ai_viewer.adapters.base import Record, as_count, as_dict, as_list, as_str
from ai_viewer.adapters.parts import Part, undecodable
from ai_viewer.model import Usage


def parts(content: object, pointer: str) -> list[Part]:
    """Read a message's or tool result's content: a string, or a list of blocks."""
    if isinstance(content, str):
        return [Part(pointer, text=content)] if content else []
    found: list[Part] = []
    for number, block in enumerate(as_list(content)):
        part = _part(block, f"{pointer}/{number}")
        if part is not None:
            found.append(part)
    return found


def _part(block: object, pointer: str) -> Part | None:
    if isinstance(block, str):
        return Part(pointer, text=block) if block else None
    fields = as_dict(block)
    kind = fields.get("type")
    if kind == "text":
        text = as_str(fields.get("text"))
        return Part(f"{pointer}/text", text=text) if text else None
    if kind in ("image", "document"):
        return _file(as_dict(fields.get("source")), f"{pointer}/source")
    if kind == "tool_reference":
        name = as_str(fields.get("tool_name"))
        return Part(f"{pointer}/tool_name", text=name) if name else None
    if not fields or kind == "tool_result":
        return None
    return Part(pointer, text=json_text(fields), media_type="application/json")


def _file(source: Record, pointer: str) -> Part | None:
    media_type = as_str(source.get("media_type")) or "application/octet-stream"
    if source.get("type") == "text":
        text = as_str(source.get("data"))
        return Part(f"{pointer}/data", text=text) if text else None
    encoded = as_str(source.get("data"))
    if encoded is None:
        where = as_str(source.get("url")) or as_str(source.get("file_id"))
        return Part(pointer, text=where) if where else None
    try:
        return Part(f"{pointer}/data", data=binascii.a2b_base64(encoded), media_type=media_type)
    except ValueError:
        return undecodable(f"{pointer}/data", media_type)


def json_text(value: object) -> str:
    """Return ``value`` as compact JSON."""
    return msgspec.json.encode(value).decode()


class Text(enum.Enum):
    """What a text in a user record is. Only the first two are the user speaking to the model."""

    PROMPT = enum.auto()
    COMMAND = enum.auto()
    """A slash command that is a prompt: ``<command-message>`` stands first."""
    LOCAL_COMMAND = enum.auto()
    """A slash command that the program itself carries out: ``<command-name>`` stands first."""
    OUTPUT = enum.auto()
    """What such a command said."""
    SHELL_INPUT = enum.auto()
    """A shell command of the user's own: a line that began with ``!``."""
    SHELL_OUTPUT = enum.auto()
    CAVEAT = enum.auto()
    INTERRUPTION = enum.auto()
    NOTIFICATION = enum.auto()
    """Work in the background has ended."""
    CONTEXT = enum.auto()
    """Injected by the program: an open file, a reminder, another agent's message."""


_OPENINGS = {
    "<command-message>": Text.COMMAND,
    "<command-name>": Text.LOCAL_COMMAND,
    "<local-command-stdout>": Text.OUTPUT,
    "<local-command-stderr>": Text.OUTPUT,
    "<local-command-caveat>": Text.CAVEAT,
    "Caveat: The messages below": Text.CAVEAT,
    "<bash-input>": Text.SHELL_INPUT,
    "<bash-stdout>": Text.SHELL_OUTPUT,
    "<bash-stderr>": Text.SHELL_OUTPUT,
    "[Request interrupted by user": Text.INTERRUPTION,
    "<task-notification>": Text.NOTIFICATION,
    "<teammate-message": Text.CONTEXT,
    "<user-memory-input>": Text.CONTEXT,
}
_WRAPPERS = ("<system-reminder>", "<ide_opened_file>", "<ide_selection>", "<ide_diagnostics>")


def kind_of(text: str) -> Text:
    """Tell what a user record's text is by how it begins."""
    head = text[:64].lstrip()
    if head[:1] not in ("<", "[", "C"):
        return Text.PROMPT
    for opening, kind in _OPENINGS.items():
        if head.startswith(opening):
            return kind
    if head.startswith(_WRAPPERS):
        return Text.PROMPT if unwrapped(text) else Text.CONTEXT
    return Text.PROMPT


def unwrapped(text: str) -> str:
    """``text`` without the injected wrappers it begins with."""
    text = text.lstrip()
    while text.startswith(_WRAPPERS):
        name = text[1 : text.index(">")]
        _, closing, rest = text.partition(f"</{name}>")
        if not closing:
            return ""
        text = rest.lstrip()
    return text


def tagged(text: str, tag: str) -> str | None:
    """What stands between ``<tag>`` and ``</tag>``.

    >>> tagged("<status>completed</status>", "status")
    'completed'
    """
    _, opening, rest = text.partition(f"<{tag}>")
    inner, closing, _ = rest.partition(f"</{tag}>")
    return inner if opening and closing else None


def command_line(text: str) -> str:
    """A slash command as the user typed it.

    >>> command_line("<command-name>/review</command-name><command-args>the diff</command-args>")
    '/review the diff'
    """
    name = (tagged(text, "command-name") or "").strip()
    arguments = (tagged(text, "command-args") or "").strip()
    return f"{name} {arguments}".strip() or text


def read_usage(value: object) -> Usage | None:
    """Read a message's usage; its three prompt counts are disjoint.

    Older records have one count of cache writes, all of 5 minutes; ``iterations`` repeats the
    numbers beside it and is not read.
    """
    if not isinstance(value, dict):
        return None
    split = as_dict(value.get("cache_creation"))
    hour = as_count(split.get("ephemeral_1h_input_tokens"))
    written = as_count(value.get("cache_creation_input_tokens"))
    output = as_count(value.get("output_tokens"))
    details = as_dict(value.get("output_tokens_details"))
    return Usage(
        input=as_count(value.get("input_tokens")),
        output=output,
        reasoning=min(as_count(details.get("thinking_tokens")), output),
        cache_read=as_count(value.get("cache_read_input_tokens")),
        cache_write_5m=max(as_count(split.get("ephemeral_5m_input_tokens")), written - hour),
        cache_write_1h=hour,
    )


def read_tier(value: object) -> str | None:
    """Read what a call was billed as from its usage; ``None`` for as usual.

    Inference in the US only is billed apart, anywhere else is not.
    """
    usage = as_dict(value)
    speed, tier = as_str(usage.get("speed")), as_str(usage.get("service_tier"))
    parts = [
        part for part in (speed, tier) if part != "standard" and part is not None and part.isidentifier()
    ]
    if usage.get("inference_geo") == "us":
        parts.append("us")
    return "+".join(parts) or None


def read_searches(value: object) -> int:
    """Read how many web searches the provider ran within a call."""
    return as_count(as_dict(as_dict(value).get("server_tool_use")).get("web_search_requests"))


def grown(before: Usage | None, now: Usage | None) -> Usage | None:
    """The larger of each count: a streamed message's records tell more and more of it."""
    if before is None or now is None:
        return before if now is None else now
    writes = max(before, now, key=lambda usage: (usage.cache_write_5m + usage.cache_write_1h, usage is now))
    return Usage(
        input=max(before.input, now.input),
        output=max(before.output, now.output),
        reasoning=max(before.reasoning, now.reasoning),
        cache_read=max(before.cache_read, now.cache_read),
        cache_write_5m=writes.cache_write_5m,
        cache_write_1h=writes.cache_write_1h,
    )


def diff(result: Record) -> str | None:
    """The change that an edit made, as a unified diff; ``None`` if the result tells of none."""
    lines: list[str] = []
    for hunk in map(as_dict, as_list(result.get("structuredPatch"))):
        old, new = as_count(hunk.get("oldStart")), as_count(hunk.get("newStart"))
        spans = as_count(hunk.get("oldLines")), as_count(hunk.get("newLines"))
        lines.append(f"@@ -{old},{spans[0]} +{new},{spans[1]} @@")
        lines.extend(line for line in as_list(hunk.get("lines")) if isinstance(line, str))
    if not lines:
        return None
    name = as_str(result.get("filePath")) or "file"
    return "\n".join([f"--- {name}", f"+++ {name}", *lines])


def mark(text: str) -> int:
    """A short hash of an id or text, for the saved state; never 0."""
    data = text.encode("utf-8", "replace")
    return int.from_bytes(hashlib.blake2b(data, digest_size=7).digest(), "big") or 1


def short_mark(text: str) -> int:
    """A shorter hash, to tell the few texts of one message apart; never 0."""
    return zlib.crc32(text.encode("utf-8", "replace")) or 1
