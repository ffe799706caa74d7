"""A payload that was too large to keep, read from its source."""

from __future__ import annotations

import base64
import gzip
import json
from pathlib import Path
from typing import Any

import pytest
import zstandard
from litestar import Litestar
from litestar.testing import TestClient

from ai_viewer.errors import GoneError
from ai_viewer.ingest import fold as folding
from ai_viewer.ingest import named, originals
from ai_viewer.ingest.originals import read_original
from ai_viewer.model import OpKind, OpStarted, PayloadKind, PayloadRef, Rank, SessionFacts, SessionStarted
from ai_viewer.store.payloads import SourceRange, WholePayload
from tests.pictures import NOON, Store, batch

TEXT = "first line\nünd ~ / so on\n" * 3
BEFORE = b'{"another": "record"}\n'


def line(value: Any, pointer_key: str = "a/b~c") -> bytes:
    return json.dumps({"list": [0, {pointer_key: value}]}).encode() + b"\n"


def whole(root: Path, path: str, value: Any, size: int, media_type: str = "text/plain") -> WholePayload:
    """A payload that was ``value`` within the record behind another one."""
    place = SourceRange(str(root), path, False, len(BEFORE), len(line(value)) - 1, "/list/1/a~1b~0c")
    return WholePayload(media_type, size, None, place)


def own_file(root: Path, path: str, size: int) -> WholePayload:
    """A payload that is a file."""
    return WholePayload("text/plain", size, None, SourceRange(str(root), path, True, 0, 0, ""))


def test_a_text_within_a_record(tmp_path: Path) -> None:
    """At its JSON pointer."""
    (tmp_path / "s.jsonl").write_bytes(BEFORE + line(TEXT))
    assert read_original(whole(tmp_path, "s.jsonl", TEXT, len(TEXT.encode()))) == TEXT.encode()


def test_within_a_compressed_file(tmp_path: Path) -> None:
    """The offset is that of the decompressed text."""
    (tmp_path / "s.jsonl.zst").write_bytes(zstandard.compress(BEFORE + line(TEXT)))
    assert read_original(whole(tmp_path, "s.jsonl.zst", TEXT, len(TEXT.encode()))) == TEXT.encode()


def test_within_a_gzip_file(tmp_path: Path) -> None:
    """As within any compressed one, across its members."""
    (tmp_path / "s.jsonl.gz").write_bytes(gzip.compress(BEFORE) + gzip.compress(line(TEXT)))
    assert read_original(whole(tmp_path, "s.jsonl.gz", TEXT, len(TEXT.encode()))) == TEXT.encode()


def test_a_value_that_is_no_text(tmp_path: Path) -> None:
    """Is its JSON."""
    value = {"command": ["ls", "-l"]}
    (tmp_path / "s.jsonl").write_bytes(BEFORE + line(value))
    expected = b'{"command":["ls","-l"]}'
    found = read_original(whole(tmp_path, "s.jsonl", value, len(expected), "application/json"))
    assert found == expected


@pytest.mark.parametrize("prefix", ["", "data:image/png;base64,"])
def test_a_picture(tmp_path: Path, prefix: str) -> None:
    """Decoded, whether as a data URL or alone."""
    value = prefix + base64.b64encode(b"\x89PNG\0\xff").decode()
    (tmp_path / "s.jsonl").write_bytes(BEFORE + line(value))
    assert read_original(whole(tmp_path, "s.jsonl", value, 6, "image/png")) == b"\x89PNG\0\xff"


def test_a_file_of_its_own(tmp_path: Path) -> None:
    """Whole, also where the ingest has looked at its start only."""
    (tmp_path / "spilled.txt").write_text(TEXT)
    assert read_original(own_file(tmp_path, "spilled.txt", 10)) == TEXT.encode()


@pytest.mark.parametrize(("suffix", "pack"), [(".gz", gzip.compress), (".zst", zstandard.compress)])
def test_a_compressed_file_of_its_own(tmp_path: Path, suffix: str, pack: Any) -> None:
    """Decompressed."""
    (tmp_path / f"spilled.txt{suffix}").write_bytes(pack(TEXT.encode()))
    assert read_original(own_file(tmp_path, f"spilled.txt{suffix}", len(TEXT))) == TEXT.encode()


def test_a_small_file_that_fills_any_memory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Is not decompressed to its end."""
    monkeypatch.setattr(named, "MEASURE_BYTES", 2_000_000)
    monkeypatch.setattr(originals, "MEASURE_BYTES", 2_000_000)
    (tmp_path / "bomb.gz").write_bytes(gzip.compress(bytes(50_000_000)))
    with pytest.raises(GoneError, match="too large to be shown"):
        read_original(own_file(tmp_path, "bomb.gz", 10))


@pytest.mark.parametrize(
    "spoil",
    [
        lambda path: path.unlink(),
        lambda path: path.write_bytes(b""),
        lambda path: path.write_bytes(BEFORE + line("shorter")),
        lambda path: path.write_bytes(BEFORE + b"x" * 200),
        lambda path: path.write_bytes(BEFORE + line(TEXT, "other")),
        lambda path: path.write_bytes(BEFORE + b'["no", "object"]' + b" " * 200),
        lambda path: (path.unlink(), path.mkdir()),
    ],
)
def test_what_is_no_longer_the_same_is_gone(tmp_path: Path, spoil: Any) -> None:
    """However it differs."""
    path = tmp_path / "s.jsonl"
    path.write_bytes(BEFORE + line(TEXT))
    spoil(path)
    with pytest.raises(GoneError, match=r"s\.jsonl does not hold it any more"):
        read_original(whole(tmp_path, "s.jsonl", TEXT, len(TEXT.encode())))


@pytest.mark.parametrize("path", ["../outside.txt", "/etc/hostname", "link.txt", "folder/../../outside.txt"])
def test_nothing_outside_the_source_is_read(tmp_path: Path, path: str) -> None:
    """Neither by its name nor through a link."""
    root = tmp_path / "root"
    root.mkdir()
    (tmp_path / "outside.txt").write_text("x" * 100)
    (root / "link.txt").symlink_to(tmp_path / "outside.txt")
    with pytest.raises(GoneError):
        read_original(own_file(root, path, 1))


class TestThroughTheApi:
    @pytest.fixture(autouse=True)
    def small(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(folding, "KEEP_BYTES", 50)
        monkeypatch.setattr(named, "KEEP_BYTES", 50)

    def test_it_is_read_from_the_source_as_long_as_that_is_there(
        self, store: Store, tmp_path: Path, client: TestClient[Litestar]
    ) -> None:
        root = tmp_path / "agents"
        root.mkdir()
        record = line(TEXT)
        (root / "s.jsonl").write_bytes(record)
        ref = PayloadRef(
            session="s",
            turn=1,
            seq=1,
            kind=PayloadKind.TOOL_OUTPUT,
            text=TEXT,
            length=len(record) - 1,
            pointer="/list/1/a~1b~0c",
        )
        started = SessionStarted(session="s", rank=Rank.TRANSCRIPT, facts=SessionFacts())
        op = OpStarted(session="s", turn=1, seq=1, ts=NOON, kind=OpKind.TOOL)
        store.writer.apply([batch([started, op, ref], "s.jsonl", root=str(root))])
        url = "/api/sessions/claude_code:s/payloads/1.1.tool_output.0"
        [shown] = client.get("/api/sessions/claude_code:s/turns").json()["turns"][0]["ops"][0]["payloads"]
        assert (shown["kept"], shown["text"], shown["truncated"]) == (False, None, True)
        assert client.get(url).text == TEXT
        (root / "s.jsonl").unlink()
        answer = client.get(url)
        assert answer.status_code == 410
        assert "too large to keep" in answer.json()["detail"]
