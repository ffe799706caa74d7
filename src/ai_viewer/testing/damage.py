"""What can happen to a file: bytes flipped, lines lost or doubled, values of other types, other encodings."""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from typing import Any, TypeAlias

from hypothesis import strategies as st

Damage: TypeAlias = list[tuple[str, int]]
"""What is done to a file, in order: a name among `_KINDS`, and the seed of its chances."""

NO_RECORDS = (b"\x00\xff\xfe", b"{]", b"null", b"[]", b'"text"', b"17")
"""Records that no format of JSON objects knows."""

_ODD_VALUES: tuple[Any, ...] = (
    None, True, False, 0, -1, 1.5, 1e308, float("nan"), 2**53, 2**63, -(2**63) - 1, 10**40,
    "", " ", "17", "\x00", "\ud83d", "\u202e", "x" * 3000, "../../etc/passwd", "/dev/zero",
    "1969-12-31T23:59:59Z", "9999-12-31T23:59:59.999999Z", "0001-01-01T00:00:00+23:59", "yesterday",
    [], {}, [[]], [None], {"": None}, {"type": "text", "text": None}, [{"type": "text"}], ["text", 17],
)  # fmt: skip
_DEEP = 20_000


def damages() -> st.SearchStrategy[Damage]:
    """Draw up to four damages; fewer and simpler ones first."""
    one = st.tuples(st.sampled_from(sorted(_KINDS)), st.integers(0, 2**32))
    return st.lists(one, min_size=1, max_size=4)


def damage(content: bytes, what: Damage) -> bytes:
    """Return a file's content with damages done to it."""
    for kind, seed in what:
        content = _KINDS[kind](content, random.Random(seed))  # noqa: S311 - chance that can be repeated
    return content


def _flip(content: bytes, chance: random.Random) -> bytes:
    flipped = bytearray(content)
    for _ in range(min(len(content), chance.randint(1, 8))):
        flipped[chance.randrange(len(flipped))] ^= 1 << chance.randrange(8)
    return bytes(flipped)


def _cut_off(content: bytes, chance: random.Random) -> bytes:
    return content[: chance.randint(0, len(content))]


def _on_lines(change: Callable[[list[bytes], int, random.Random], None]) -> Callable[..., bytes]:
    """Make a damage of a change to one line among all."""

    def change_lines(content: bytes, chance: random.Random) -> bytes:
        lines = content.split(b"\n")
        change(lines, chance.randrange(len(lines)), chance)
        return b"\n".join(lines)

    return change_lines


def _drop(lines: list[bytes], at: int, _: random.Random) -> None:
    del lines[at]


def _double(lines: list[bytes], at: int, chance: random.Random) -> None:
    lines.insert(chance.randint(0, len(lines)), lines[at])


def _move(lines: list[bytes], at: int, chance: random.Random) -> None:
    lines.insert(chance.randint(0, len(lines) - 1), lines.pop(at))


def _shorten(lines: list[bytes], at: int, chance: random.Random) -> None:
    lines[at] = lines[at][: chance.randint(0, len(lines[at]))]


def _replace(lines: list[bytes], at: int, chance: random.Random) -> None:
    lines[at] = chance.choice(NO_RECORDS)


def _recode(lines: list[bytes], at: int, chance: random.Random) -> None:
    text = lines[at].decode("utf-8", "replace") + "é"
    coding = chance.choice(["utf-16", "utf-32-be", "latin-1", "utf-8-sig", "cp437"])
    lines[at] = text.encode(coding, "replace")


def _nest(lines: list[bytes], at: int, chance: random.Random) -> None:
    before, colon, after = lines[at].partition(b":")
    depth = chance.choice([64, 1000, _DEEP])
    lines[at] = before + (colon or b":") + b"[" * depth + b"]" * depth + b"," + after


def _change_value(lines: list[bytes], at: int, chance: random.Random) -> None:
    try:
        record = json.loads(lines[at])
    except (ValueError, RecursionError):
        lines[at] = b"{}"
        return
    places = list(_places(record))
    if places:
        holder, key = chance.choice(places)
        holder[key] = chance.choice(_ODD_VALUES)
    lines[at] = json.dumps(record).encode()


def _lose_key(lines: list[bytes], at: int, chance: random.Random) -> None:
    try:
        record = json.loads(lines[at])
    except (ValueError, RecursionError):
        return
    places = [(holder, key) for holder, key in _places(record) if isinstance(holder, dict)]
    if places:
        holder, key = chance.choice(places)
        del holder[key]
    lines[at] = json.dumps(record).encode()


def _places(value: Any) -> list[tuple[Any, Any]]:
    """Return every place of a value within ``value``: what holds it, and its key there."""
    found: list[tuple[Any, Any]] = []
    waiting = [value]
    while waiting:
        holder = waiting.pop()
        keys = (
            list(holder)
            if isinstance(holder, dict)
            else range(len(holder))
            if isinstance(holder, list)
            else ()
        )
        for key in keys:
            found.append((holder, key))
            waiting.append(holder[key])
    return found


_KINDS: dict[str, Callable[[bytes, random.Random], bytes]] = {
    "bytes flipped": _flip,
    "cut off": _cut_off,
    "line lost": _on_lines(_drop),
    "line doubled": _on_lines(_double),
    "line moved": _on_lines(_move),
    "line shortened": _on_lines(_shorten),
    "line replaced": _on_lines(_replace),
    "other encoding": _on_lines(_recode),
    "nested deeply": _on_lines(_nest),
    "value changed": _on_lines(_change_value),
    "key lost": _on_lines(_lose_key),
}
