"""What a verification tells: how much of what was checked, and each difference with its place."""

from __future__ import annotations

from collections import Counter

import msgspec

SHOWN = 20
"""Differences told of each check; of the others only their number."""

CHECKS = {
    "cursor": "each file was read up to the end of its last whole record",
    "records": "every record of a file has an outcome",
    "problem": "every record that cannot be decoded is among the problems",
    "calls": "the model calls of a file, counted from its records",
    "tokens": "their tokens",
    "tools": "the tool calls of a file's records",
    "text": "every text of a file's records is kept",
    "reference": "every payload stands in its source where it says, letter for letter",
    "payload": "every payload is whole",
    "search": "the full-text index holds every text",
    "owner": "a session's turns are those of the best file that tells it",
    "facts": "a session's facts are those of the best file that tells them",
    "turn": "a turn's totals are the sums of its ops",
    "session": "a session's totals are the sums of its turns",
    "rollup": "the sums by quarter of an hour",
    "days": "the sums of days are those of their rows",
    "duration": "a duration is the end less the start",
    "time": "where a turn's and a session's time went",
    "replay": "of a model call one op counts, and it is the earliest",
    "link": "a sub-agent's session hangs below the op that started it",
    "price": "a priced call costs what the prices say",
    "structure": "SQLite finds nothing wrong with the file",
    "orphan": "no row belongs to one that is not there",
    "change": "change notices are numbered upwards",
}
"""Each check, and what it proves."""

_READ_ANEW = (
    "have {path} read anew, into another store: `ai-viewer --db NEW ingest --once`, and verify that;"
    " if it differs there as well, please report it"
)
_DERIVED = "make the store anew: `ai-viewer --db NEW ingest --once`; please report it"
_DAMAGED = "restore the store from a backup, or make it anew: `ai-viewer --db NEW ingest --once`"

_HINTS = {
    "price": "run `ai-viewer reprice`",
    "structure": _DAMAGED,
    "orphan": _DAMAGED,
    "change": _DAMAGED,
    "payload": _DAMAGED,
    **dict.fromkeys(
        ("cursor", "records", "problem", "calls", "tokens", "tools", "text", "reference"), _READ_ANEW
    ),
}


class Place(msgspec.Struct, frozen=True, kw_only=True):
    """Where something was looked at; what is not known is empty."""

    format: str = ""
    root: str = ""
    path: str = ""
    session: str = ""


class Difference(msgspec.Struct, frozen=True, kw_only=True):
    """Something that is not as it should be.

    ``path`` is below ``root``, ``offset`` a byte of the (decompressed) file, or the number of
    a record in a database. ``hint`` says what to do about it.
    """

    check: str
    format: str
    root: str
    path: str
    offset: int | None
    session: str
    what: str
    expected: str
    found: str
    hint: str


class CheckResult(msgspec.Struct, frozen=True, kw_only=True):
    """One check: how many things were compared and how many differ."""

    check: str
    proves: str
    checked: int
    differences: int


class Unread(msgspec.Struct, frozen=True, kw_only=True):
    """A file that could not be compared with what it is now, and why; that is no difference."""

    format: str
    root: str
    path: str
    reason: str


class Report(msgspec.Struct, frozen=True, kw_only=True):
    """A verification's result.

    ``uncounted`` are formats that no independent counter knows: of their files only the checks that
    hold for every format were made. With ``sample``, that many files and sessions were chosen by
    ``seed``.
    """

    ok: bool
    files: int
    bytes: int
    sessions: int
    sample: int | None
    seed: int | None
    seconds: float
    checks: list[CheckResult]
    differences: list[Difference]
    unread: list[Unread]
    uncounted: list[str]


class Findings:
    """Gathers what the checks find, all of it or one file's or session's."""

    def __init__(self) -> None:
        self.checked: Counter[str] = Counter()
        self.found: Counter[str] = Counter()
        self.differences: list[Difference] = []
        self.unread: list[Unread] = []

    def compare(
        self, check: str, place: Place, what: str, expected: object, found: object, offset: int | None = None
    ) -> bool:
        """Note a comparison, and a difference if there is one; return whether both are equal."""
        self.checked[check] += 1
        if expected == found:
            return True
        self.differ(check, place, what, expected, found, offset)
        return False

    def differ(
        self, check: str, place: Place, what: str, expected: object, found: object, offset: int | None = None
    ) -> None:
        """Note a difference."""
        self.found[check] += 1
        if self.found[check] > SHOWN:
            return
        self.differences.append(
            Difference(
                check=check,
                format=place.format,
                root=place.root,
                path=place.path,
                offset=offset,
                session=place.session,
                what=what,
                expected=_short(expected),
                found=_short(found),
                hint=_HINTS.get(check, _DERIVED).format(path=f"{place.root}/{place.path}"),
            )
        )

    def skip(self, place: Place, reason: str) -> None:
        """Note a file that cannot be compared."""
        self.unread.append(Unread(format=place.format, root=place.root, path=place.path, reason=reason))

    def add(self, other: Findings) -> None:
        """Take over what others found."""
        self.checked += other.checked
        before = dict(self.found)
        self.found += other.found
        for difference in other.differences:
            before[difference.check] = before.get(difference.check, 0) + 1
            if before[difference.check] <= SHOWN:
                self.differences.append(difference)
        self.unread += other.unread

    def results(self) -> list[CheckResult]:
        """Return each check's numbers."""
        return [
            CheckResult(
                check=check, proves=proves, checked=self.checked[check], differences=self.found[check]
            )
            for check, proves in CHECKS.items()
        ]


def _short(value: object) -> str:
    text = value if isinstance(value, str) else repr(value)
    return text if len(text) <= 200 else f"{text[:197]}…"
