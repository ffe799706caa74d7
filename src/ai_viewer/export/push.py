"""Send traces to an OTLP endpoint that the user names: the only call that leaves the program.

Binary (protobuf) as every receiver understands it, if the extra ``ai-viewer[otlp]`` is
installed; else JSON, which most do.
"""

from __future__ import annotations

import base64
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterable, Mapping
from http.client import HTTPException
from typing import Any, Literal

import msgspec

from ai_viewer import __version__
from ai_viewer.errors import AiViewerError, UsageError
from ai_viewer.export.otlp import Batch, resource_spans

Encoding = Literal["protobuf", "json"]

SECONDS = 30


class PushError(AiViewerError):
    """The receiver could not be reached, or refused the spans."""


class Pushed(msgspec.Struct, kw_only=True):
    """What was sent, and what the receiver says it did not take."""

    spans: int = 0
    requests: int = 0
    rejected: int = 0
    message: str = ""


def best_encoding() -> Encoding:
    """Return the encoding to use, by what is installed."""
    try:
        import opentelemetry.proto.collector.trace.v1.trace_service_pb2  # noqa: F401, PLC0415 - optional
    except ImportError:
        return "json"
    return "protobuf"


def push(
    batches: Iterable[Batch], url: str, headers: Mapping[str, str], encoding: Encoding | None = None
) -> Pushed:
    """Send the spans, a batch a request.

    Raises:
        UsageError: if ``url`` is none.
        PushError: if a request fails; what was sent before has arrived.
    """
    if urllib.parse.urlsplit(url).scheme not in {"http", "https"} or not urllib.parse.urlsplit(url).netloc:
        raise UsageError(f"{url!r} is no http(s) URL; give the whole of it: http://127.0.0.1:4318/v1/traces")
    encoding = encoding or best_encoding()
    pushed = Pushed()
    opener = urllib.request.build_opener(_NoRedirect)
    for batch in batches:
        body = _json(batch) if encoding == "json" else _protobuf(batch)
        media_type = "application/json" if encoding == "json" else "application/x-protobuf"
        request = urllib.request.Request(  # noqa: S310 - the scheme was looked at
            url,
            body,
            {"Content-Type": media_type, "User-Agent": f"ai-viewer/{__version__}", **headers},
            method="POST",
        )
        try:
            with opener.open(request, timeout=SECONDS) as response:
                answer = response.read(1_000_000)
        except urllib.error.HTTPError as error:
            told = error.read(300).decode("utf-8", "replace").strip()
            raise PushError(
                f"{url} refused the spans: {error.code} {error.reason}{f' ({told})' if told else ''};"
                f" {pushed.spans:,} spans had been sent before" + _advice(error.code, encoding)
            ) from error
        except (OSError, HTTPException) as error:
            raise PushError(f"{url} cannot be reached ({error}); is the receiver running?") from error
        pushed.requests += 1
        pushed.spans += len(batch.spans)
        rejected, message = _partial(answer, encoding)
        pushed.rejected += rejected
        pushed.message = message or pushed.message
    return pushed


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    """Sends nothing to where the user did not say."""

    def redirect_request(self, *_: Any) -> None:
        """Refuse."""


def _advice(status: int, encoding: Encoding) -> str:
    if status == 415 and encoding == "json":
        return "; it wants protobuf: pip install 'ai-viewer[otlp]'"
    return ""


def _json(batch: Batch) -> bytes:
    return msgspec.json.encode({"resourceSpans": [resource_spans(batch)]})


def _protobuf(batch: Batch) -> bytes:
    from google.protobuf import json_format  # noqa: PLC0415 - optional
    from opentelemetry.proto.collector.trace.v1 import trace_service_pb2 as service  # noqa: PLC0415

    request = service.ExportTraceServiceRequest()
    json_format.ParseDict({"resourceSpans": [_with_base64_ids(resource_spans(batch))]}, request)
    body: bytes = request.SerializeToString()
    return body


def _with_base64_ids(told: dict[str, Any]) -> dict[str, Any]:
    """OTLP's JSON has ids in hexadecimal, protobuf's own mapping in base64."""

    def changed(one: dict[str, Any]) -> dict[str, Any]:
        ids = {name: one[name] for name in ("traceId", "spanId", "parentSpanId") if name in one}
        return one | {name: base64.b64encode(bytes.fromhex(value)).decode() for name, value in ids.items()}

    (scope,) = told["scopeSpans"]
    spans = [
        changed(span) | ({"links": [changed(link) for link in span["links"]]} if "links" in span else {})
        for span in scope["spans"]
    ]
    return told | {"scopeSpans": [scope | {"spans": spans}]}


def _partial(answer: bytes, encoding: Encoding) -> tuple[int, str]:
    """How many spans the receiver did not take, and why."""
    if encoding == "protobuf":
        from google.protobuf.message import DecodeError  # noqa: PLC0415 - optional
        from opentelemetry.proto.collector.trace.v1 import trace_service_pb2 as service  # noqa: PLC0415

        response = service.ExportTraceServiceResponse()
        try:
            response.ParseFromString(answer)
        except DecodeError:
            return 0, ""
        return response.partial_success.rejected_spans, response.partial_success.error_message
    try:
        partial = msgspec.json.decode(answer or b"{}", type=dict[str, Any]).get("partialSuccess") or {}
        return int(partial.get("rejectedSpans", 0)), str(partial.get("errorMessage", ""))
    except (msgspec.MsgspecError, AttributeError, ValueError):
        return 0, ""
