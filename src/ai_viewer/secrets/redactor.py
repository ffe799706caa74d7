"""Mask what is shown: texts, bytes, and the free texts of whole answers."""

from __future__ import annotations

import functools
import typing
from collections import Counter
from typing import Any, TypeVar

import msgspec

from ai_viewer.secrets.rules import mask

FREE_TEXTS = frozenset({"title", "label", "text", "message", "error_message", "excerpt", "signature"})
"""The fields of answers that hold what people, agents and programs wrote."""

T = TypeVar("T")


class Redactor:
    """Masks secrets, and counts them by kind; switched off it leaves all as it is."""

    def __init__(self, *, on: bool = True) -> None:
        self.on = on
        self.counts: Counter[str] = Counter()

    @property
    def total(self) -> int:
        """How many were masked so far."""
        return self.counts.total()

    def text(self, text: str) -> str:
        """Return the text without its secrets."""
        if not self.on:
            return text
        masked = mask(text)
        self.counts.update(masked.counts)
        return masked.text

    def data(self, data: bytes) -> bytes:
        """Return a text in UTF-8 without its secrets; bytes that are none come back as they are."""
        if not self.on:
            return data
        before = self.total
        masked = self.text(data.decode("utf-8", "surrogateescape"))
        return data if self.total == before else masked.encode("utf-8", "surrogateescape")

    def view(self, view: T) -> T:
        """Return an answer with its free texts masked, however deep they lie."""
        if not self.on:
            return view
        return typing.cast("T", self._value(view))

    def _value(self, value: Any) -> Any:
        if isinstance(value, list):
            return [self._value(item) for item in value]
        if not isinstance(value, msgspec.Struct):
            return value
        texts, deeper = _fields(type(value))
        changes: dict[str, Any] = {}
        for name in texts:
            text = getattr(value, name)
            if text:
                masked = self.text(text)
                if masked is not text:
                    changes[name] = masked
        if changes and "marks" in value.__struct_fields__:
            # Places in a text that is another now mean nothing.
            changes["marks"] = []
        for name in deeper:
            inner = getattr(value, name)
            if inner is not None and inner != []:
                changes[name] = self._value(inner)
        return msgspec.structs.replace(value, **changes) if changes else value


@functools.cache
def _fields(kind: type[msgspec.Struct]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Names of a Struct's free texts, and of the fields that may hold further Structs."""
    hints = typing.get_type_hints(kind)
    texts = tuple(name for name in kind.__struct_fields__ if name in FREE_TEXTS)
    deeper = tuple(name for name in kind.__struct_fields__ if _holds_structs(hints[name]))
    return texts, deeper


def _holds_structs(hint: Any) -> bool:
    if isinstance(hint, type) and issubclass(hint, msgspec.Struct):
        return True
    return any(_holds_structs(part) for part in typing.get_args(hint))
