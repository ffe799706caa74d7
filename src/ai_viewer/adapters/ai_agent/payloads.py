"""An op's request and response: written within it, or in a file of their own that it refers to.

A reference is the same in both formats::

    {"kind": "llm_request", "format": "http", "compression": "gzip", "path": "payloads/<session>/turn-0001/…",
     "originalBytes": 22, "captured": true, "truncated": false, "redacted": false}
"""

from __future__ import annotations

import binascii
from pathlib import PurePosixPath
from typing import Any

from ai_viewer.adapters.ai_agent.contents import Note, Text, written
from ai_viewer.adapters.base import Record, as_dict, as_str
from ai_viewer.model import Micros, OpKind, PayloadKind, Severity

_MEDIA_TYPES = {
    "http": "message/http",
    "json": "application/json",
    "jsonrpc": "application/json",
    "sse": "text/event-stream",
}
_EVIDENCE = frozenset({"format", "compression", "originalBytes", "compressedBytes", "sha256", "captured"})
"""What a reference has beside its path, and another object with a ``path`` has not."""


class Payloads:
    """Gathers an op's texts and what is to be noticed about them."""

    def __init__(self, folder: PurePosixPath, ts: Micros | None) -> None:
        self.folder = folder
        """The folder that references start from, relative to the source's root."""
        self.ts = ts
        self.texts: list[Text] = []
        self.notes: list[Note] = []
        self.refused: list[str] = []
        """Paths that lead elsewhere."""

    def side(self, op: OpKind, name: str, value: object, pointer: str) -> None:
        """Take an op's ``request`` or ``response``, of a snapshot."""
        side = as_dict(value)
        kind = payload_kind(op, name)
        if side.get("truncated") is True:
            self._note(f"{name} is cut short", Severity.WARNING)
        payload = side.get("payload")
        if isinstance(payload, dict):
            self._object(kind, name, payload, f"{pointer}/payload")
        elif payload is not None and payload != "":
            self._text(kind, payload, f"{pointer}/payload")

    def reference(self, kind: PayloadKind, name: str, ref: Record) -> None:
        """Take a reference to a file; one that was not captured, or is not whole, is noticed."""
        what = as_str(ref.get("kind")) or name
        path = as_str(ref.get("path"))
        if ref.get("captured") is False or path is None:
            self._note(f"{what} was not captured", Severity.INFO)
            return
        for flaw in ("truncated", "redacted"):
            if ref.get(flaw) is True:
                self._note(f"{what} is {flaw}", Severity.WARNING)
        place = _below(self.folder, path)
        if place is None:
            self.refused.append(path)
            return
        media_type = _MEDIA_TYPES.get(as_str(ref.get("format")) or "", "text/plain")
        self.texts.append(Text(kind, path=place, media_type=media_type))

    def _object(self, kind: PayloadKind, name: str, payload: Record, pointer: str) -> None:
        ref, sdk = payload.get("ref"), as_dict(payload.get("sdk"))
        refs = [found for found in (_descriptor(payload, ref), _descriptor(sdk, sdk.get("ref"))) if found]
        if refs:
            for found in refs:
                self.reference(kind, name, found)
            return
        rest = dict(payload)
        preview = as_str(rest.pop("textPreview", None))
        if preview is not None:
            self._text(kind, preview, f"{pointer}/textPreview")
        for captured in ("raw", "sdk"):
            body = _decoded(rest.get(captured))
            if body is not None:
                del rest[captured]
                self.texts.append(Text(kind, body[0], media_type=body[1], pointer=f"{pointer}/{captured}"))
        if rest:
            self._text(kind, rest, pointer)

    def _text(self, kind: PayloadKind, value: Any, pointer: str) -> None:
        media_type = "text/plain" if isinstance(value, str) else "application/json"
        self.texts.append(Text(kind, written(value), media_type=media_type, pointer=pointer))

    def _note(self, message: str, severity: Severity) -> None:
        self.notes.append(Note(self.ts, severity, "payload", message))


def payload_kind(op: OpKind, name: str) -> PayloadKind:
    """What an op's request or response is: of a model call what it was given and what it said."""
    if op is OpKind.LLM:
        return PayloadKind.CONTEXT if name == "request" else PayloadKind.ANSWER
    return PayloadKind.TOOL_INPUT if name == "request" else PayloadKind.TOOL_OUTPUT


def _descriptor(holder: Record, ref: object) -> Record | None:
    """The reference that ``holder`` is or has, in one of the ways in which they were written."""
    if isinstance(ref, dict):
        return ref
    if isinstance(ref, str) and ref:
        return {**holder, "path": ref}
    if isinstance(holder.get("path"), str) and not _EVIDENCE.isdisjoint(holder):
        return holder
    return None


def _decoded(value: object) -> tuple[str, str] | None:
    """A captured body and its media type: base64, alone or with its format beside it."""
    told = as_dict(value)
    coded = value if isinstance(value, str) else None
    for key in ("data", "body", "value", "payload"):
        coded = as_str(told.get(key)) if coded is None else coded
    if not coded:
        return None
    media_type = _MEDIA_TYPES.get(as_str(told.get("format")) or "", "text/plain")
    if told.get("encoding", "base64") != "base64":
        return coded, media_type
    try:
        return binascii.a2b_base64(coded, strict_mode=True).decode(), media_type
    except ValueError:
        return coded, media_type


def _below(folder: PurePosixPath, path: str) -> str | None:
    """``path`` from the source's root; ``None`` if it leads out of ``folder``."""
    relative = PurePosixPath(path)
    if relative.is_absolute() or ".." in relative.parts or "\\" in path or "\0" in path or not relative.parts:
        return None
    return str(folder / relative)
