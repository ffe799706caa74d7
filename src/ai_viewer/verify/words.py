"""The full-text index, which keeps words but no text: does it have those of a payload or passage?

Of each text the number of words is compared, and its longest word, which is its rarest in most cases, is
searched for.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from ai_viewer.store.rows import Record
from ai_viewer.store.scan import Scan, StoredPayload
from ai_viewer.store.texts import digest_of
from ai_viewer.verify.report import Findings, Place


def check_search(
    scan: Scan, payload: StoredPayload, content: bytes, place: Place, findings: Findings
) -> None:
    """Compare a payload with its words in the index."""
    is_text = payload.media_type.startswith("text/") or payload.media_type == "application/json"
    indexed = scan.indexed_words(payload.id)
    # A text of a type of its own (an HTTP message) is text all the same, but data never is.
    words = scan.words(content) if is_text or indexed else []
    what = f"words of payload {payload.name}"
    if not words and not indexed:
        findings.checked["search"] += 1
        return
    _compare(scan, payload.id, words, what, place, findings, payload.offset)


def check_passages(
    scan: Scan,
    session: Record,
    turns: Iterable[Record],
    errors: Mapping[int, str],
    place: Place,
    findings: Findings,
) -> None:
    """Compare a session's title, error messages (``errors``: those of ops, by seq) and log entries.

    They are in the index, each under a number of its own, if the session was read.
    """
    told = {("op_error", seq): text for seq, text in errors.items()}
    told |= {("turn_error", turn["turn"]): message(turn) for turn in turns}
    told |= {("log", n): _joined(name or None, text) for n, name, text in scan.logs(session["id"])}
    if session["owner_file"] is not None:
        told |= {("title", 0): session["title"] or "", ("session_error", 0): message(session)}
    told = {key: text for key, text in told.items() if text}
    stored = scan.passages(session["id"])
    for key in sorted(told.keys() | stored.keys()):
        what = f"words of {key[0]} {key[1]}"
        if not findings.compare("search", place, what, key in told, key in stored):
            continue
        passage, digest = stored[key]
        findings.compare("search", place, f"digest of {key[0]} {key[1]}", digest_of(told[key]), digest)
        _compare(scan, passage, scan.words(told[key].encode()), what, place, findings, None)


def message(row: Record) -> str:
    """Return the error of an op, turn or session as it is indexed; empty if it has none."""
    return _joined(row["error_class"], row["error_message"])


def _joined(*parts: str | None) -> str:
    return ": ".join(part for part in parts if part is not None)


def _compare(
    scan: Scan, key: int, words: list[str], what: str, place: Place, findings: Findings, offset: int | None
) -> None:
    if not findings.compare("search", place, what, len(words), scan.indexed_words(key) or 0, offset):
        return
    longest = max(words, key=len, default=None)
    if longest is not None and not scan.is_found(key, longest):
        findings.differ("search", place, what, f"found by {longest!r}", "not found", offset)
