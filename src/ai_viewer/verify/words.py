"""The full-text index, which keeps words but no text: does it have those of a payload?

Of each text the number of words is compared, and its longest word, which is its rarest in most cases, is
searched for.
"""

from __future__ import annotations

from ai_viewer.store.scan import Scan, StoredPayload
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
    if not findings.compare("search", place, what, len(words), indexed or 0, payload.offset):
        return
    longest = max(words, key=len)
    if not scan.is_found(payload.id, longest):
        findings.differ("search", place, what, f"found by {longest!r}", "not found", payload.offset)
