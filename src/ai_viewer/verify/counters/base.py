"""What a counter finds in one file, and what counters share.

A counter is far simpler than its format's adapter: it numbers nothing, times nothing and keeps no
window of what came last. It is given the decoded records of one file, in order, and says of each
session in it which model calls there are, with their tokens, which tool calls, and which texts.

A text is compared by its hash, without the white space around it: that is all that is normalised
here. What is no text of the session (images; what the program carried out itself and wrote down in
the user's name, which the store has as a log entry) each counter leaves out, and says so.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Hashable
from typing import Any, Protocol, TypeAlias

import msgspec

from ai_viewer.adapters.base import decode

Record: TypeAlias = dict[str, Any]


class Tokens(msgspec.Struct, frozen=True, array_like=True):
    """Tokens of one call or of many, in the parts that are billed."""

    input: int = 0
    output: int = 0
    reasoning: int = 0
    cache_read: int = 0
    cache_write_5m: int = 0
    cache_write_1h: int = 0

    def __add__(self, other: Tokens) -> Tokens:
        return Tokens(*map(sum, zip(_parts(self), _parts(other), strict=True)))

    def most(self, other: Tokens) -> Tokens:
        """Return the larger of each count."""
        return Tokens(*map(max, zip(_parts(self), _parts(other), strict=True)))

    @property
    def prompt(self) -> tuple[int, int, int]:
        """What the call was given: fresh, read from the cache, written to it."""
        return self.input, self.cache_read, self.cache_write_5m + self.cache_write_1h


def _parts(tokens: Tokens) -> tuple[int, ...]:
    found: tuple[int, ...] = msgspec.structs.astuple(tokens)
    return found


class Part:
    """What was found of one session; ``texts`` are times and first offset, by hash."""

    def __init__(self) -> None:
        self.calls: dict[Hashable, Tokens] = {}
        self.places: dict[Hashable, int] = {}
        """Offset of the record that told each call first."""
        self.tools: dict[str, int] = {}
        """Native ids of tool calls, with the offset of the record that told each first."""
        self.mentioned: set[str] = set()
        """Native ids that a tool call may have as well: of calls that only their end tells."""
        self.texts: dict[int, list[int]] = {}

    def call(self, key: Hashable, tokens: Tokens, offset: int) -> None:
        """Note a model call; told again, it is what is told now."""
        self.calls[key] = tokens
        self.places.setdefault(key, offset)

    def text(self, text: object, offset: int, times: int = 1) -> None:
        """Note a text; anything else than one, or an empty one, is none."""
        if isinstance(text, str) and text.strip():
            self.texts.setdefault(text_hash(text.encode("utf-8", "replace")), [0, offset])[0] += times

    def tool(self, native_id: object, offset: int) -> bool:
        """Note a tool call; return whether it is news."""
        if not isinstance(native_id, str) or not native_id or native_id in self.tools:
            return not (isinstance(native_id, str) and native_id)
        self.tools[native_id] = offset
        return True

    @property
    def tokens(self) -> Tokens:
        """Sum over the calls."""
        return sum(self.calls.values(), Tokens())


class Counter(Protocol):
    """Counts one file.

    The keys of ``parts`` say which of the file's sessions each is: ``""`` the file's own, a
    native id, or with ``:`` in front what the native ids of one or more of its sub-agents hold.
    """

    parts: dict[str, Part]

    def count(self, record: Record, offset: int) -> None:
        """Take the next record."""

    def finish(self) -> None:
        """Take the end of the file."""


CounterOf: TypeAlias = Callable[[str], Counter]
"""Makes a counter for the file at a path."""


def text_hash(content: bytes) -> int:
    """Return the hash by which a text is compared."""
    return int.from_bytes(hashlib.blake2b(content.strip(), digest_size=8).digest(), "big")


def json_text(value: object) -> str:
    """Return arguments as text: as they stand if they are one, else as compact JSON."""
    if isinstance(value, str):
        return value
    return msgspec.json.encode(value).decode() if value else ""


def read_json(text: str) -> Any:
    """Decode JSON within a string; ``None`` if it is none."""
    try:
        return decode(text.encode("utf-8", "replace"))
    except ValueError:
        return None


def count_of(value: object) -> int:
    """Read a number of tokens; anything else is 0, more than a million millions as well."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= 10**12:
        return 0
    return int(value) if value == int(value) else 0


def dict_of(value: object) -> Record:
    """``value`` if it is an object, else an empty one."""
    return value if isinstance(value, dict) else {}


def list_of(value: object) -> list[Any]:
    """``value`` if it is an array, else an empty one."""
    return value if isinstance(value, list) else []


def texts_of(content: object) -> list[str]:
    """Return the texts of a message's content: a string, or strings and objects with a ``text``."""
    if isinstance(content, str):
        return [content] if content else []
    found = [block if isinstance(block, str) else dict_of(block).get("text") for block in list_of(content)]
    return [text for text in found if isinstance(text, str) and text]
