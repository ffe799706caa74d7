"""Everything that is known of sessions as one JSON object; docs/export.md describes it.

    {"format": "ai-viewer", "version": 1, "generator": …, "sessions": [
      {…SessionDetail, "depth": 0, "turns": [
        {…Turn, "payloads": […], "logs": […], "ops": [{…Op, "payloads": [{…Payload, "text": …}]}]}
      ]}
    ], "redaction": {"on": true, "masked": 2, "kinds": {"OpenAI key": 2}}}

The shapes are those of `ai_viewer.store.views`, but a payload has the whole text, or ``base64``
of what is no text, or ``missing``: why there is neither.
"""

from __future__ import annotations

import base64
from collections.abc import Iterable, Iterator
from typing import Any

import msgspec

from ai_viewer import __version__
from ai_viewer.export.content import Body, Content, Head, Opening, Step

VERSION = 1
"""Grows when a field changes its meaning or goes; new fields may come at any time."""


def write(content: Content, wanted: Iterable[str]) -> Iterator[bytes]:
    """Yield the file piece by piece."""
    encode = msgspec.json.encode
    yield (
        b'{"format":"ai-viewer","version":%d,"generator":%s,"sessions":[\n'
        % (VERSION, encode(f"ai-viewer {__version__}"))
    )
    # What has to be closed before the next piece of the same or a higher level.
    closing = b""
    begun: type[Any] | None = None
    for piece in content.pieces(wanted, lean=False):
        match piece:
            case Head(detail, depth):
                yield closing + (b",\n" if begun is not None else b"")
                head = {**msgspec.structs.asdict(detail), "depth": depth}
                yield encode(head)[:-1] + b',"turns":[\n'
                closing = b"]}"
            case Opening(turn, bodies):
                if begun is not Head:
                    yield b"]},\n"
                head = msgspec.structs.asdict(turn)
                del head["ops"]
                head["payloads"] = [_payload(body) for body in bodies]
                yield encode(head)[:-1] + b',"ops":[\n'
                closing = b"]}]}"
            case Step(op, bodies):
                step = {**msgspec.structs.asdict(op), "payloads": [_payload(body) for body in bodies]}
                yield (b",\n" if begun is Step else b"") + encode(step)
        begun = type(piece)
    redactor = content.redactor
    told = {"on": redactor.on, "masked": redactor.total, "kinds": dict(redactor.counts)}
    yield closing + b'\n],"redaction":' + encode(told) + b"}\n"


def _payload(body: Body) -> dict[str, Any]:
    told = msgspec.structs.asdict(body.payload)
    # It is whole, or it is missing.
    del told["truncated"], told["kept"]
    told["text"] = body.text
    told["base64"] = None if body.data is None else base64.b64encode(body.data).decode()
    told["missing"] = body.missing
    return told
