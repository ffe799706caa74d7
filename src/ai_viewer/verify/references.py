"""Does a payload stand in its source where the store says? The same for every format.

Letter for letter: the value at the JSON pointer is the text, or is JSON that reads as the text, or
is base64 of the data. Some texts are no one value of their record; then what stands at the pointer
must still account for all of the text:

* *part*: the text stands within the value, which wraps it (in tags, or as JSON in a string);
  or the text is JSON of some members of the object that the value is, or one of its members encoded;
* *composed*: the value is an object or array, and its strings are the text, one behind the other; or
  every line of the text is one of their lines, but for the headers of a unified diff, which are numbers
  there;
* *stand-in*: the value is base64 that cannot be decoded, and the text says so.
"""

from __future__ import annotations

import binascii
import enum
import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import unquote_to_bytes

import msgspec

_DIFF_HEADER = re.compile(r"@@ -\d+,\d+ \+\d+,\d+ @@|(?:---|\+\+\+) .*")

_STAND_IN = re.compile(r"\[\S+ that cannot be decoded\]")


class Match(enum.Enum):
    """How a payload's text stands at its pointer."""

    EXACT = "exact"
    PART = "part"
    COMPOSED = "composed"
    STAND_IN = "stand-in"


def resolve(record: Any, pointer: str) -> Any:
    """Follow a JSON pointer (RFC 6901).

    Raises:
        LookupError: if it leads nowhere.
    """
    value = record
    for step in pointer.split("/")[1:]:
        key = step.replace("~1", "/").replace("~0", "~")
        if isinstance(value, list) and key.isdecimal():
            value = value[int(key)]
        elif isinstance(value, dict):
            value = value[key]
        else:
            raise LookupError(pointer)
    return value


def match(value: Any, content: bytes) -> Match | None:
    """Tell how ``content`` stands in ``value``; ``None`` if it does not."""
    if isinstance(value, str):
        if value.encode("utf-8", "replace") == content or _decoded(value) == content:
            return Match.EXACT
        text = content.decode("utf-8", "replace")
        if _STAND_IN.fullmatch(text) and not _decoded(value):
            return Match.STAND_IN
        return Match.PART if _within(text, value) else None
    if msgspec.json.encode(value) == content:
        return Match.EXACT
    if isinstance(value, dict) and _has_members(value, content):
        return Match.PART
    strings = list(_strings(value))
    if any(_decoded(text) == content for text in strings):
        return Match.PART
    if "".join(strings).encode("utf-8", "replace") == content:
        return Match.COMPOSED
    lines = {line for text in strings for line in text.split("\n")}
    told = content.decode("utf-8", "replace").split("\n")
    if all(not line or line in lines or _DIFF_HEADER.fullmatch(line) for line in told):
        return Match.COMPOSED
    return None


def _decoded(value: str) -> bytes | None:
    """Return the data of ``data:image/png;base64,iVBOR…``, or of what follows the comma alone."""
    head, _, body = value.rpartition(",")
    if head.startswith("data:") and not head.endswith(";base64"):
        return unquote_to_bytes(body)
    try:
        return binascii.a2b_base64(body)
    except ValueError:
        return None


def _has_members(value: dict[str, Any], content: bytes) -> bool:
    """Whether the content is a JSON object whose members the value has as well."""
    try:
        told = msgspec.json.decode(content)
    except msgspec.DecodeError:
        return False
    return (
        isinstance(told, dict)
        and bool(told)
        and all(key in value and value[key] == item for key, item in told.items())
    )


def _within(text: str, value: str) -> bool:
    """Whether the text stands in the value, or in the values of JSON that the value is."""
    if text in value:
        return True
    # Two parts of a wrapped text are told as one, a line apart.
    if all(line in value for line in text.split("\n")):
        return True
    if value.startswith(("{", "[")):
        try:
            inner = msgspec.json.decode(value)
        except msgspec.DecodeError:
            return False
        return any(text in found for found in _strings(inner))
    return False


def _strings(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, list):
        for item in value:
            yield from _strings(item)
    elif isinstance(value, dict):
        for item in value.values():
            yield from _strings(item)
