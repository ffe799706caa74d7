"""Parts of payloads, what was recorded of HTTP, and JSON for people."""

from __future__ import annotations

import gzip
import zlib

import pytest
import zstandard
from hypothesis import given, settings
from hypothesis import strategies as st
from litestar import Litestar
from litestar.testing import TestClient

from ai_viewer.model import OpKind, OpStarted, PayloadKind, PayloadRef, Rank, SessionFacts, SessionStarted
from ai_viewer.server import captures
from ai_viewer.server.payloads import _part
from tests.pictures import NOON, Store, batch

URL = "/api/sessions/claude_code:s/payloads/1.1.tool_output.0"
TEXT = "".join(f"line {number}\n" for number in range(1000))


@pytest.fixture
def text(store: Store) -> str:
    add(store, TEXT.encode(), "text/plain")
    return TEXT


def add(store: Store, data: bytes, media_type: str) -> None:
    events = [
        SessionStarted(session="s", rank=Rank.TRANSCRIPT, facts=SessionFacts()),
        OpStarted(session="s", turn=1, seq=1, ts=NOON, kind=OpKind.TOOL),
        PayloadRef(
            session="s", turn=1, seq=1, kind=PayloadKind.TOOL_OUTPUT, media_type=media_type, data=data
        ),
    ]
    store.writer.apply([batch(events, "s.jsonl")])


class TestParts:
    @pytest.mark.parametrize(
        ("wanted", "first", "last"),
        [
            ("bytes=0-9", 0, 9),
            ("bytes=5-", 5, 8889),
            ("bytes=-10", 8880, 8889),
            ("bytes=8880-99999", 8880, 8889),
        ],
    )
    @pytest.mark.usefixtures("text")
    def test_a_part_comes_with_its_place_and_the_size_of_the_whole(
        self, client: TestClient[Litestar], wanted: str, first: int, last: int
    ) -> None:
        answer = client.get(URL, headers={"Range": wanted})
        assert answer.status_code == 206
        assert answer.headers["content-range"] == f"bytes {first}-{last}/8890"
        assert answer.text == TEXT[first : last + 1]

    @pytest.mark.usefixtures("text")
    def test_what_lies_behind_the_end_is_refused_with_the_size(self, client: TestClient[Litestar]) -> None:
        answer = client.get(URL, headers={"Range": "bytes=8890-"})
        assert answer.status_code == 416
        assert answer.headers["content-range"] == "bytes */8890"

    @pytest.mark.parametrize(
        "wanted", ["bytes=9-5", "bytes=-", "lines=1-2", "bytes=0-1,5-6", "x", "bytes=x-"]
    )
    @pytest.mark.usefixtures("text")
    def test_what_is_no_single_part_is_answered_with_the_whole(
        self, client: TestClient[Litestar], wanted: str
    ) -> None:
        answer = client.get(URL, headers={"Range": wanted})
        assert (answer.status_code, answer.text) == (200, TEXT)

    @given(size=st.integers(0, 20), first=st.integers(0, 25), length=st.integers(0, 25))
    def test_a_part_is_within_the_whole(self, size: int, first: int, length: int) -> None:
        part = _part(f"bytes={first}-{first + length}", size)
        assert part is not None
        assert list(part) == [place for place in range(size) if first <= place <= first + length]

    @pytest.mark.usefixtures("text")
    def test_what_has_not_changed_is_not_sent_again(self, client: TestClient[Litestar]) -> None:
        tag = client.get(URL).headers["etag"]
        assert client.get(URL, headers={"If-None-Match": tag}).status_code == 304

    @pytest.mark.usefixtures("text")
    def test_the_head_tells_size_and_type_alone(self, client: TestClient[Litestar]) -> None:
        answer = client.head(URL)
        assert (answer.headers["content-length"], answer.content) == ("8890", b"")


BODY = b'{"model": "opus", "text": "gr\xc3\xbcn"}'
SSE = b'event: start\ndata: {"a": 1}\n\n: a comment\n\ndata: {"b":\ndata: 2}\n\ndata: [DONE]\n\n'
ANSWER = b"HTTP/1.1 200 OK\r\nContent-Type: application/json; charset=utf-8\r\n%s\r\n%s"


class TestCaptures:
    @pytest.mark.parametrize(
        "packed",
        [
            gzip.compress(BODY),
            zstandard.compress(BODY),
            ANSWER % (b"", BODY),
            ANSWER % (b"Content-Encoding: gzip\r\n", gzip.compress(BODY)),
            ANSWER % (b"Transfer-Encoding: chunked\r\n", b"5\r\n" + BODY[:5] + b"\r\n100\r\n" + BODY[5:]),
            ANSWER % (b"Transfer-Encoding: chunked\r\n", BODY),
            gzip.compress(ANSWER % (b"", BODY)),
            b"POST /v1/messages HTTP/1.1\nHost: api.example.com\n\n" + BODY,
        ],
        ids=[
            "gzip",
            "zstd",
            "answer",
            "gzip in answer",
            "chunks",
            "joined chunks",
            "answer in gzip",
            "request",
        ],
    )
    def test_a_body_is_what_was_sent(self, packed: bytes) -> None:
        assert captures.decode(packed, "text/plain")[0] == BODY

    def test_an_answers_body_has_the_type_that_it_tells(self) -> None:
        assert captures.decode(ANSWER % (b"", BODY), "text/plain")[1] == "application/json"

    def test_events_are_their_data_one_a_line(self) -> None:
        assert captures.decode(SSE, "text/event-stream")[0] == b'{"a": 1}\n{"b":\n2}\n[DONE]\n'

    def test_what_is_damaged_is_told_as_far_as_it_goes(self) -> None:
        whole = bytes(range(256)) * 4000
        found, _ = captures.decode(gzip.compress(whole, 0)[:-5000], "text/plain")
        assert len(found) > 900_000
        assert whole.startswith(found)

    def test_a_body_made_to_fill_the_memory_is_cut(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(captures, "MOST_BYTES", 1_000_000)
        assert len(captures.decode(zlib_bomb(), "text/plain")[0]) == 1_000_000

    @settings(max_examples=200)
    @given(
        data=st.one_of(
            st.binary(max_size=300),
            st.builds(lambda body: b"HTTP/1.1 200 OK\r\n\r\n" + body, st.binary(max_size=100)),
            st.builds(lambda body: b"\x1f\x8b" + body, st.binary(max_size=100)),
            st.builds(lambda body: b"data: " + body, st.binary(max_size=100)),
        )
    )
    def test_anything_can_be_looked_into(self, data: bytes) -> None:
        found, media_type = captures.decode(data, "text/plain")
        assert isinstance(captures.prettify(found), bytes)
        assert media_type

    def test_other_data_stays_as_it_is(self) -> None:
        assert captures.decode(b"Nothing of it", "text/markdown") == (b"Nothing of it", "text/markdown")

    def test_json_is_indented_by_document_or_by_line_and_other_text_is_not(self) -> None:
        assert captures.prettify(b'{"a":[1]}') == b'{\n  "a": [\n    1\n  ]\n}'
        assert captures.prettify(b'{"a":1}\n{"b":2}\n') == b'{\n  "a": 1\n}\n{\n  "b": 2\n}'
        assert captures.prettify(b"{oops") == b"{oops"

    def test_the_route_decodes_and_indents_when_asked(
        self, store: Store, client: TestClient[Litestar]
    ) -> None:
        add(store, gzip.compress(ANSWER % (b"", BODY)), "application/octet-stream")
        assert client.get(URL).content.startswith(b"\x1f\x8b")
        shown = client.get(URL, params={"decode": "true", "pretty": "true"})
        assert shown.headers["content-type"] == "text/plain; charset=utf-8"
        assert shown.json() == {"model": "opus", "text": "grün"}
        assert shown.text.count("\n") == 3


def zlib_bomb() -> bytes:
    packer = zlib.compressobj(9, zlib.DEFLATED, 31)
    return b"".join([*(packer.compress(bytes(1_000_000)) for _ in range(20)), packer.flush()])
