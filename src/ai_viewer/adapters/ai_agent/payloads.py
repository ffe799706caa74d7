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
_EVIDENCE = frozenset({"compression", "originalBytes", "compressedBytes", "sha256", "captured"})
"""What a reference has, and a tool's argument that is called ``path`` or ``ref`` has not."""


_LOGGED = {
    "llmRequestPayload": "request",
    "toolRequestPayload": "request",
    "llmResponsePayload": "response",
    "toolResponsePayload": "response",
}
"""Where a log entry has what went each way."""


class Payloads:
    """Gathers an op's texts and what is to be noticed about them."""

    def __init__(self, folder: PurePosixPath, ts: Micros | None) -> None:
        self.folder = folder
        """The folder that references start from, relative to the source's root."""
        self.ts = ts
        self.texts: list[Text] = []
        self.notes: list[Note] = []
        self.given: set[PayloadKind] = set()
        """What the op itself has, so that its logs need not be looked into."""
        self.refused: list[str] = []
        """Paths that lead elsewhere."""

    def side(self, op: OpKind, name: str, value: object, pointer: str) -> None:
        """Take an op's ``request`` or ``response``, of a snapshot."""
        side = as_dict(value)
        kind = payload_kind(op, name)
        if side.get("truncated") is True:
            self._note(f"{name} is cut short", Severity.WARNING)
        payload = side.get("payload")
        if payload:
            self.given.add(kind)
        if isinstance(payload, dict):
            refs = _references(payload)
            for ref in refs:
                self.reference(kind, name, ref)
            if not refs and op is OpKind.LLM:
                self._captured(kind, payload, f"{pointer}/payload")
            elif not refs:
                self._text(kind, payload, f"{pointer}/payload")
        elif payload is not None and payload != "":
            self._text(kind, payload, f"{pointer}/payload")

    def logged(self, op: OpKind, log: Record, pointer: str) -> None:
        """Take what a log entry has of a side that the op itself does not have."""
        if _LOGGED.keys().isdisjoint(log):
            return
        for key, name in _LOGGED.items():
            kind, payload = payload_kind(op, name), log.get(key)
            if not payload or kind in self.given:
                continue
            body = as_str(as_dict(payload).get("body"))
            media_type = _MEDIA_TYPES.get(as_str(as_dict(payload).get("format")) or "", "text/plain")
            if body is not None:
                self.texts.append(Text(kind, body, media_type=media_type, pointer=f"{pointer}/{key}/body"))
            else:
                self._text(kind, payload, f"{pointer}/{key}")

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

    def _captured(self, kind: PayloadKind, payload: Record, pointer: str) -> None:
        """Take what was captured of a model call: a text, bodies, and all that is beside them."""
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


def _references(payload: Record) -> list[Record]:
    """The references that stand in place of a payload: to it, and to what the SDK made of it."""
    found = (_reference(holder) for holder in (payload, as_dict(payload.get("sdk"))))
    return [ref for ref in found if ref is not None]


def _reference(holder: Record) -> Record | None:
    """The reference that ``holder`` has or is, in one of the ways in which they were written."""
    ref = holder.get("ref")
    if isinstance(ref, dict):
        return ref if "path" in ref or "captured" in ref else None
    if _EVIDENCE.isdisjoint(holder):
        return None
    path = as_str(ref) or as_str(holder.get("path"))
    return {**holder, "path": path} if path is not None else None


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
