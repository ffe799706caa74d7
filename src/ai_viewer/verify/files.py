"""One session file: its records, read again, against what the store has of it.

The file is read once, in order, up to where the store says that it was read. Each record is decoded once: a
counter of the format's takes it, and the payloads that the store says stand in it are looked for there.
"""

from __future__ import annotations

import collections
import gzip
import hashlib
import io
import os
import zlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, BinaryIO

import zstandard

from ai_viewer.adapters.base import Adapter, Artifact, Shape, decode
from ai_viewer.model import OpKind
from ai_viewer.store.scan import Scan, StoredFile, StoredPayload, Told
from ai_viewer.verify.counters import COUNTERS, Counter, Part, Tokens, text_hash
from ai_viewer.verify.references import match, resolve
from ai_viewer.verify.report import Findings, Place
from ai_viewer.verify.words import check_search

WHOLE_BYTES = 256 * 1024 * 1024
"""A file that is no lines is decoded at once if it is not larger; memory holds a few times as much."""
FINGERPRINT_BYTES = 256
COLLECTIONS = frozenset({Shape.DATABASE, Shape.TREE})
_ASKED_FOR = frozenset({OpKind.TOOL, OpKind.SESSION})
"""Kinds of ops that a model asked for."""
_NOT_A_RECORD = frozenset({"file", "unfinished line"})
"""Classes of problems that no record has."""
_TOKEN_COLUMNS = (
    "tokens_in", "tokens_out", "tokens_reasoning", "tokens_cache_read", "tokens_cache_write_5m",
    "tokens_cache_write_1h",
)  # fmt: skip


def place_of(file: StoredFile) -> Place:
    """Return the place of a whole file."""
    return Place(format=file.format, root=file.root, path=file.path)


def check_file(scan: Scan, adapter: Adapter, artifact: Artifact, file: StoredFile, findings: Findings) -> int:
    """Check one file that the store knows; return how many of its bytes were read."""
    place = place_of(file)
    try:
        with (Path(file.root) / file.path).open("rb") as source:
            reason = _why_not(file, adapter, artifact, source)
            if reason is None:
                check = _FileCheck(scan, artifact, file, findings)
                content = _content(source, file.path)
                if artifact.shape is Shape.LINES:
                    return check.check(check.lines(content))
                data = content.read(WHOLE_BYTES + 1)
                if len(data) <= WHOLE_BYTES:
                    findings.compare("cursor", place, "size read", file.size, file.offset)
                    return check.check([(0, data)] if data else [])
                reason = f"larger than {WHOLE_BYTES:,} bytes, and not made of lines"
    except (OSError, EOFError, zlib.error, zstandard.ZstdError) as error:
        reason = f"cannot be read: {error}"
    findings.skip(place, reason)
    return 0


def check_member(
    scan: Scan, adapter: Adapter, shape: Shape, file: StoredFile, records: Iterable[bytes], findings: Findings
) -> int:
    """Check one member of a collection, given its records; return how many bytes they are."""
    reason = _why_not_read(file, adapter)
    if reason is not None:
        findings.skip(place_of(file), reason)
        return 0
    check = _FileCheck(scan, Artifact(file.path, shape), file, findings)
    return check.check(enumerate(records))


def _why_not(file: StoredFile, adapter: Adapter, artifact: Artifact, source: BinaryIO) -> str | None:
    """Say why the store's rows cannot be compared with the file as it is now, if they cannot."""
    status = os.fstat(source.fileno())
    if status.st_size == file.size == file.offset == 0:
        return None
    reason = _why_not_read(file, adapter)
    if reason is not None or is_unchanged(file, status):
        return reason
    if artifact.shape is not Shape.LINES or file.path.endswith((".zst", ".gz")):
        return "changed since it was read"
    if status.st_size < file.offset or _fingerprint(source, file.offset) != file.fingerprint:
        return "rewritten since it was read"
    return None


def _why_not_read(file: StoredFile, adapter: Adapter) -> str | None:
    if file.error is not None:
        return f"the ingest could not read it: {file.error}"
    if file.adapter_version != adapter.version or file.size < 0:
        return "it is to be read anew: its adapter has changed, or another file told its sessions"
    return None


def is_unchanged(file: StoredFile, status: os.stat_result) -> bool:
    """Tell whether a file is as it was when it was read to its end."""
    return (file.inode, file.size, file.mtime_ns) == (status.st_ino, status.st_size, status.st_mtime_ns)


def _fingerprint(source: BinaryIO, offset: int) -> int:
    """Hash the first bytes and the last ones that were read (column ``file.fingerprint``)."""
    length = min(FINGERPRINT_BYTES, offset)
    source.seek(0)
    data = source.read(length)
    source.seek(offset - length)
    data += source.read(length)
    return int.from_bytes(hashlib.blake2b(data, digest_size=8).digest(), "big", signed=True)


def _content(source: BinaryIO, path: str) -> BinaryIO:
    """Return the file's text, decompressed if its name says that it is compressed."""
    source.seek(0)
    if path.endswith(".zst"):
        reader = zstandard.ZstdDecompressor().stream_reader(source, read_across_frames=True, closefd=False)
        return io.BufferedReader(reader)
    if path.endswith(".gz"):
        return gzip.open(source)  # type: ignore[return-value]
    return source


class _FileCheck:
    """The check of one file."""

    def __init__(self, scan: Scan, artifact: Artifact, file: StoredFile, findings: Findings) -> None:
        self.scan = scan
        self.artifact = artifact
        self.file = file
        self.findings = findings
        self.place = place_of(file)
        self.told = scan.told(file.id)
        self.owned = {told.session: told.native_id for told in self.told if told.owner == file.id}
        make = COUNTERS.get(file.format)
        self.counter: Counter | None = make(file.path) if make is not None else None
        self.records = 0
        self.undecoded: list[int] = []
        self.stored: dict[int, dict[int, int]] = {session: {} for session in self.owned}
        """How often each session has each text, by hash."""
        self.waiting: collections.deque[tuple[int, int]] = collections.deque()
        if artifact.shape not in COLLECTIONS:
            places = (place for session in self.owned for place in scan.payload_places(session))
            self.waiting.extend(sorted(places))

    def check(self, records: Iterable[tuple[int, bytes]]) -> int:
        """Take the records with their offsets and compare; return how many bytes they are."""
        size = 0
        in_collection = self.artifact.shape in COLLECTIONS
        kept: list[Any] = []
        for offset, record in records:
            value = self._take(offset, record)
            size += len(record)
            if in_collection:
                kept.append(value)
        for offset, key in self.waiting:
            self._payload_elsewhere(offset, key)
        if in_collection:
            self._check_somewhere(kept)
        self._check_outcomes()
        if self.artifact.shape is Shape.PIECES and self.undecoded:
            self.findings.skip(self.place, "damaged: only what stands before the damage was read")
        elif self.counter is not None:
            self.counter.finish()
            self._check_counts(self.counter)
        return size

    # --- records ---

    def lines(self, source: BinaryIO) -> Iterator[tuple[int, bytes]]:
        """Yield the lines up to the cursor; say so if it does not stand at the end of one."""
        file = self.file
        offset = 0
        while offset < file.offset:
            line = source.readline()
            text = line.removesuffix(b"\n")
            end = offset + len(line)
            self.findings.checked["cursor"] += 1
            # Of a last line without its end the cursor stands behind the text.
            if not line or (end > file.offset and offset + len(text) != file.offset):
                found = (
                    f"{file.offset}, within the record at {offset}"
                    if line
                    else f"{file.offset}, behind the end"
                )
                self.findings.differ(
                    "cursor", self.place, "end of what was read", "a record's end", found, offset
                )
                return
            if text and not text.isspace():
                yield offset, text
            offset = end
        if is_unchanged(file, (Path(file.root) / file.path).stat()):
            self._check_rest(source.read(), file.offset)

    def _check_rest(self, rest: bytes, offset: int) -> None:
        """What stands behind the cursor of a file that was read to its end is no whole record."""
        self.findings.checked["cursor"] += 1
        whole, newline, tail = rest.rpartition(b"\n")
        if whole.strip() or (tail.strip() and isinstance(_decode(tail), dict)):
            self.findings.differ(
                "cursor", self.place, "end of what was read", "the last record's end", offset, offset
            )
        elif tail.strip():
            told = (offset + len(whole) + len(newline), "unfinished line")
            known = told in self.scan.problems(self.file.id)
            self.findings.compare("problem", self.place, "unfinished line is told", True, known, told[0])

    def _take(self, offset: int, record: bytes) -> Any:
        """Count a record and compare the payloads that stand in it; return it decoded."""
        self.records += 1
        value = _decode(record)
        if not isinstance(value, dict):
            self.undecoded.append(offset)
        elif self.counter is not None:
            self.counter.count(value, offset)
        whole = self.artifact.shape is Shape.PIECES
        while self.waiting and self.waiting[0][0] < offset:
            self._payload_elsewhere(*self.waiting.popleft())
        if whole and not isinstance(value, dict):
            self.waiting.clear()
        while self.waiting and (whole or self.waiting[0][0] == offset):
            _, key = self.waiting.popleft()
            payload = self.scan.payload(key)
            if payload is not None:
                self._check_payload(payload, value, len(record))
        return value

    def _check_outcomes(self) -> None:
        """Every record has one outcome; those that cannot be decoded are among the problems."""
        file, findings = self.file, self.findings
        outcomes, problems = self.scan.outcomes(file.id), self.scan.problems(file.id)
        if self.artifact.shape is not Shape.PIECES:
            counted = sum(outcomes.values())
            findings.compare("records", self.place, "records with an outcome", self.records, counted)
        told = {offset for offset, kind in problems if kind not in _NOT_A_RECORD}
        for offset in self.undecoded:
            findings.compare("problem", self.place, "damaged record is told", True, offset in told, offset)
        malformed = outcomes.get("malformed", 0)
        if malformed > len(told):
            findings.differ("problem", self.place, "malformed records that are told", malformed, len(told))

    # --- payloads ---

    def _session_place(self, session: int) -> Place:
        return Place(
            format=self.file.format,
            root=self.file.root,
            path=self.file.path,
            session=f"{self.file.format}:{self.owned[session]}",
        )

    def _payload_elsewhere(self, offset: int, key: int) -> None:
        payload = self.scan.payload(key)
        if payload is None:
            return
        place = self._session_place(payload.session)
        self.findings.checked["reference"] += 1
        self.findings.differ(
            "reference", place, f"payload {payload.name}", "a record there", "none begins there", offset
        )
        self._content_of(payload, place)

    def _content_of(self, payload: StoredPayload, place: Place) -> bytes | None:
        """Return a payload's text, after comparing its size and the index; note its hash."""
        try:
            content = self.scan.content(payload)
        except ValueError as error:
            self.findings.checked["payload"] += 1
            self.findings.differ(
                "payload", place, f"data of payload {payload.name}", "whole", str(error), payload.offset
            )
            return None
        if content is None:
            return None
        self.findings.compare(
            "payload", place, f"bytes of payload {payload.name}", payload.size, len(content), payload.offset
        )
        self._note(payload.session, content)
        check_search(self.scan, payload, content, place, self.findings)
        return content

    def _check_payload(self, payload: StoredPayload, record: Any, length: int) -> None:
        place = self._session_place(payload.session)
        content = self._content_of(payload, place)
        what = f"payload {payload.name} at {payload.pointer or 'the whole record'}"
        if self.artifact.shape is Shape.LINES:  # of others the pointer alone tells the place
            expected = f"length of the record of {what}"
            self.findings.compare("reference", place, expected, length, payload.length, payload.offset)
        try:
            value = resolve(record, payload.pointer)
        except LookupError:
            value = None
        self.findings.checked["reference"] += 1
        if payload.path is not None and self._is_own_file(payload, content):
            if isinstance(value, str):  # the record has its beginning only
                self._note(payload.session, value.encode("utf-8", "replace"))
            return
        if content is None:
            size = len(value.encode("utf-8", "replace")) if isinstance(value, str) else payload.size
            self.findings.compare("reference", place, f"bytes of {what}", size, payload.size, payload.offset)
        elif value is None or match(value, content) is None:
            told = content[:80].decode("utf-8", "replace")
            self.findings.differ("reference", place, what, repr(value)[:200], told, payload.offset)

    def _check_somewhere(self, records: Sequence[Any]) -> None:
        """Look for each payload in any of the records: those of a collection have no offsets."""
        keys = [key for session in self.owned for _, key in self.scan.payload_places(session)]
        pointers = {payload.pointer for payload in map(self.scan.payload, keys) if payload is not None}
        exact = {
            (pointer, text_hash(value.encode("utf-8", "replace")))
            for pointer in pointers
            for value in _values(records, pointer)
            if isinstance(value, str)
        }
        for payload in map(self.scan.payload, keys):
            if payload is None:
                continue
            place = self._session_place(payload.session)
            content = self._content_of(payload, place)
            self.findings.checked["reference"] += 1
            if content is None or (payload.pointer, text_hash(content)) in exact:
                continue
            if not any(match(value, content) for value in _values(records, payload.pointer)):
                what = f"payload {payload.name} at {payload.pointer or 'a whole record'}"
                told = content[:80].decode("utf-8", "replace")
                self.findings.differ("reference", place, what, "in one of the records", told)

    def _note(self, session: int, text: bytes) -> None:
        texts, key = self.stored[session], text_hash(text)
        texts[key] = texts.get(key, 0) + 1

    def _is_own_file(self, payload: StoredPayload, content: bytes | None) -> bool:
        """Whether the payload is the text of the file that its record names."""
        root = Path(self.file.root).resolve()
        path = (root / (payload.path or "")).resolve()
        if not path.is_relative_to(root):
            return False
        try:
            with path.open("rb") as source:
                data = _content(source, path.name).read(payload.size + 1)
        except (OSError, EOFError, zlib.error, zstandard.ZstdError):
            # Gone, most likely; what was read of it is kept.
            return True
        if content is None:
            return len(data) == payload.size
        return content in (data, data.decode("utf-8", "replace").encode("utf-8", "replace"))

    # --- counts ---

    def _check_counts(self, counter: Counter) -> None:
        """Compare what the counter found of each session with the session's ops and texts."""
        left = list(self.told)
        for name, part in sorted(counter.parts.items(), key=lambda item: item[0] == ""):
            mine, left = _split(left, _belongs_to(name))
            with_content = [told for told in mine if told.content]
            if any(told.owner != self.file.id for told in with_content):
                continue  # a better file tells it, and is checked itself
            self._check_part(part, [told for told in with_content if told.session in self.owned])

    def _check_part(self, part: Part, sessions: list[Told]) -> None:
        place = Place(
            format=self.file.format,
            root=self.file.root,
            path=self.file.path,
            session=" ".join(f"{self.file.format}:{told.native_id}" for told in sessions[:3]),
        )
        calls, tools = self._stored_calls(sessions)
        findings = self.findings
        first = _first_missing(part, calls.values())
        findings.compare("calls", place, "model calls", len(part.calls), len(calls), first)
        total = sum(calls.values(), Tokens())
        for column, expected, found in zip(
            _TOKEN_COLUMNS, _astuple(part.tokens), _astuple(total), strict=True
        ):
            findings.compare("tokens", place, column, expected, found, first)
        findings.checked["tools"] += len(part.tools)
        for native_id, offset in part.tools.items():
            if native_id not in tools:
                findings.differ("tools", place, f"tool call {native_id}", "an op", "none", offset)
        for native_id in sorted(tools - part.tools.keys() - part.mentioned):
            findings.differ(
                "tools", place, f"op of tool call {native_id}", "a record that asks for it", "none"
            )
        stored: dict[int, int] = {}
        for told in sessions:
            for key, times in self.stored[told.session].items():
                stored[key] = stored.get(key, 0) + times
        findings.checked["text"] += len(part.texts)
        for key, (times, offset) in part.texts.items():
            if stored.get(key, 0) < times:
                findings.differ(
                    "text",
                    place,
                    "payloads that hold a text of this record",
                    times,
                    stored.get(key, 0),
                    offset,
                )

    def _stored_calls(self, sessions: list[Told]) -> tuple[dict[object, Tokens], set[str]]:
        """Return the sessions' model calls, copies within one file once, and the ids of tool calls."""
        calls: dict[object, Tokens] = {}
        tools: set[str] = set()
        for told in sessions:
            for op in self.scan.ops(told.session):
                if op["kind"] == OpKind.LLM and op["tokens_in"] is not None:
                    key = (told.session, op["seq"] if op["call"] is None else f"call {op['call']}")
                    tokens = Tokens(*(op[column] or 0 for column in _TOKEN_COLUMNS))
                    calls[key] = calls[key].most(tokens) if key in calls else tokens
                elif op["native_id"] is not None and op["kind"] in _ASKED_FOR:
                    tools.add(op["native_id"])
        return calls, tools


def _first_missing(part: Part, stored: Iterable[Tokens]) -> int | None:
    """Return the offset of the first call that the store does not have with its tokens."""
    left = collections.Counter(stored)
    for key, tokens in part.calls.items():
        if not left[tokens]:
            return part.places[key]
        left[tokens] -= 1
    return None


def _astuple(tokens: Tokens) -> tuple[int, ...]:
    return tuple(getattr(tokens, field) for field in Tokens.__struct_fields__)


def _belongs_to(name: str) -> Callable[[Told], bool]:
    if name.startswith(":"):
        return lambda told: name in told.native_id
    return lambda told: name in ("", told.native_id)


def _split(items: list[Told], wanted: Callable[[Told], bool]) -> tuple[list[Told], list[Told]]:
    return [item for item in items if wanted(item)], [item for item in items if not wanted(item)]


def _values(records: Sequence[Any], pointer: str) -> Iterator[Any]:
    """Yield what stands at a pointer, in each record that has it."""
    for record in records:
        try:
            yield resolve(record, pointer)
        except LookupError:
            continue


def _decode(record: bytes) -> Any:
    try:
        return decode(record)
    except ValueError:
        return None
