"""opencode: a model call is a ``step-finish``; of a message without one, the message's own tokens.

Is reasoning within the output? The total says so where there is one, else the session's version.
Left out: rows that are no JSON, files, and what is marked as not for the model.
"""

from __future__ import annotations

from ai_viewer.verify.counters.base import Part, Record, Tokens, count_of, dict_of, json_text, list_of

_FIRST_APART = (1, 4)
"""The version since which reasoning is beside the output."""


class OpencodeCounter:
    """Counts a session, given as its own record and one for each message with its parts."""

    def __init__(self, _path: str) -> None:
        self.part = Part()
        self.parts = {"": self.part}
        self._apart = True

    def count(self, record: Record, offset: int) -> None:
        """Take the session's record, or a message."""
        data = dict_of(record.get("data"))
        if "session" in record:
            version = data.get("version")
            self._apart = not isinstance(version, str) or _numbers(version) >= _FIRST_APART
        elif "message" in record:
            pieces = [dict_of(dict_of(piece).get("data")) for piece in list_of(record.get("parts"))]
            for piece in pieces:
                self._piece(piece, offset)
            if data.get("role") == "assistant":
                steps = [piece for piece in pieces if piece.get("type") == "step-finish"]
                for number, step in enumerate(steps or [data]):
                    self._call((offset, number), step.get("tokens"))

    def finish(self) -> None:
        """Nothing waits for the end."""

    def _call(self, key: tuple[int, int], told: object) -> None:
        tokens = dict_of(told)
        cache = dict_of(tokens.get("cache"))
        output, thought = count_of(tokens.get("output")), count_of(tokens.get("reasoning"))
        given, read, written = (
            count_of(value) for value in (tokens.get("input"), cache.get("read"), cache.get("write"))
        )
        beside = count_of(tokens.get("total")) - given - read - written - output
        apart = beside == thought if thought and beside in (0, thought) else self._apart
        whole = output + thought if apart else output
        if given + read + written + whole:
            self.part.call(key, Tokens(given, whole, min(thought, whole), read, written), key[0])

    def _piece(self, piece: Record, offset: int) -> None:
        kind, state = piece.get("type"), dict_of(piece.get("state"))
        if kind in ("text", "reasoning") and piece.get("ignored") is not True:
            self.part.text(piece.get("text"), offset)
        elif kind == "tool":
            self.part.tool(piece.get("callID"), offset)
            self.part.text(json_text(state.get("input")), offset)
            for key in ("output", "error"):
                self.part.text(state.get(key), offset)


def _numbers(version: str) -> tuple[int, ...]:
    """Read the numbers of a version.

    >>> _numbers("1.18.3-beta.2")
    (1, 18, 3)
    """
    plain = version.partition("-")[0]
    return tuple(int(number) for number in plain.split(".") if number.isdecimal())
