"""Contents as the Gemini API has them: Gemini CLI and Qwen Code record them as they were sent.

A part is a text (or a ``thought``), ``inlineData`` in base64, or ``fileData`` with where it is; a tool's
response is an object with ``output`` or ``error``, or whatever the tool gave.

Source: https://ai.google.dev/api/caching#Part
"""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from ai_viewer.adapters.base import Record, as_dict, as_str
from ai_viewer.adapters.parts import Part, encoded_part


def content_part(part: Record, pointer: str) -> Iterator[Part]:
    """Read a part's text and files; thoughts and calls are no contents."""
    text = as_str(part.get("text"))
    if text is not None and part.get("thought") is not True:
        yield Part(f"{pointer}/text", text)
    inline = as_dict(part.get("inlineData"))
    data = as_str(inline.get("data"))
    if data is not None:
        media_type = as_str(inline.get("mimeType")) or "application/octet-stream"
        yield encoded_part(f"{pointer}/inlineData/data", data, media_type)
    uri = as_str(as_dict(part.get("fileData")).get("fileUri"))
    if uri is not None:
        yield Part(f"{pointer}/fileData/fileUri", uri)


def response_part(response: object, pointer: str) -> Iterator[Part]:
    """Read a tool's response: its output or error, or else all of it."""
    members = as_dict(response)
    for key in ("output", "error"):
        text = as_str(members.get(key))
        if text is not None:
            yield Part(f"{pointer}/{key}", text)
            return
    if members:
        yield Part(pointer, msgspec.json.encode(members).decode(), media_type="application/json")
