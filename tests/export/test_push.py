"""Spans over HTTP to a receiver that the user named."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, cast

import pytest
from opentelemetry.proto.collector.trace.v1 import trace_service_pb2 as service

from ai_viewer.errors import UsageError
from ai_viewer.export import Exporter
from ai_viewer.export.otlp import Batch, batches
from ai_viewer.export.push import Encoding, PushError, push
from ai_viewer.secrets import Redactor
from tests.pictures import Store


class Receiver(ThreadingHTTPServer):
    """Keeps what it is sent, and answers as it is told."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.requests: list[tuple[dict[str, str], bytes]] = []
        self.answer: tuple[int, bytes, dict[str, str]] = (200, b"", {})

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/v1/traces"


class _Handler(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        server = cast("Receiver", self.server)
        headers = {name.lower(): value for name, value in self.headers.items()}
        server.requests.append((headers, self.rfile.read(int(headers["content-length"]))))
        status, body, more = server.answer
        self.send_response(status)
        for name, value in more.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the base's name
        """Say nothing."""


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with Receiver() as made:
        thread = threading.Thread(target=made.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield made
        made.shutdown()
        thread.join()


def sent(store: Store, most: int = 500) -> Iterator[Batch]:
    return batches(Exporter(store.reader, Redactor()).content, ["claude_code:s"], most=most)


@pytest.mark.parametrize("encoding", ["protobuf", "json"])
def test_every_span_arrives(store: Store, receiver: Receiver, encoding: Encoding) -> None:
    expected = [span for batch in sent(store) for span in batch.spans]
    told = push(sent(store, most=3), receiver.url, {"authorization": "Bearer x"}, encoding)
    assert told.spans == len(expected)
    assert told.requests == len(receiver.requests) > 1
    ids: list[str] = []
    for headers, body in receiver.requests:
        assert headers["authorization"] == "Bearer x"
        if encoding == "json":
            request = json.loads(body)
            ids += [
                span["spanId"] for one in request["resourceSpans"] for span in one["scopeSpans"][0]["spans"]
            ]
        else:
            assert headers["content-type"] == "application/x-protobuf"
            parsed = service.ExportTraceServiceRequest.FromString(body)
            ids += [span.span_id.hex() for one in parsed.resource_spans for span in one.scope_spans[0].spans]
    assert ids == [span["spanId"] for span in expected]


def test_what_the_receiver_rejects_is_told(store: Store, receiver: Receiver) -> None:
    answer = service.ExportTraceServiceResponse()
    answer.partial_success.rejected_spans = 2
    answer.partial_success.error_message = "too old"
    receiver.answer = (200, answer.SerializeToString(), {})
    told = push(sent(store), receiver.url, {}, "protobuf")
    assert told.rejected == 2 * told.requests
    assert told.message == "too old"


def test_a_refusal_names_status_and_reason(store: Store, receiver: Receiver) -> None:
    receiver.answer = (415, b"no JSON here", {})
    with pytest.raises(PushError, match=r"415.*no JSON here.*ai-viewer\[otlp\]"):
        push(sent(store), receiver.url, {}, "json")


def test_a_redirect_is_not_followed(store: Store, receiver: Receiver) -> None:
    receiver.answer = (307, b"", {"Location": "http://192.0.2.1/v1/traces"})
    with pytest.raises(PushError, match="307"):
        push(sent(store), receiver.url, {}, "json")
    assert len(receiver.requests) == 1


def test_nobody_there_is_told(store: Store) -> None:
    with pytest.raises(PushError, match="is the receiver running"):
        push(sent(store), "http://127.0.0.1:9/v1/traces", {}, "json")


@pytest.mark.parametrize("url", ["localhost:4318", "file:///etc/passwd", "ftp://x/y", ""])
def test_only_http_is_spoken(store: Store, url: str) -> None:
    with pytest.raises(UsageError, match="http"):
        push(sent(store), url, {})
