"""What a run tells of itself while it reads, and at its end."""

from __future__ import annotations

import msgspec


class Progress(msgspec.Struct, frozen=True, kw_only=True):
    """How far a backfill is. ``bytes_total`` counts what has to be read, not what is known already."""

    files: int
    files_total: int
    bytes: int
    bytes_total: int
    seconds: float

    @property
    def rate(self) -> float:
        """Bytes a second so far."""
        return self.bytes / self.seconds if self.seconds > 0 else 0.0

    @property
    def seconds_left(self) -> float | None:
        """Time left at this rate; ``None`` while unknown."""
        return (self.bytes_total - self.bytes) / self.rate if self.rate > 0 else None


class Summary(msgspec.Struct, frozen=True, kw_only=True):
    """What a run did: ``files`` and ``bytes`` that it read, and what the store holds after it.

    ``records`` counts the records of the files it read by outcome: ``mapped``, ``ignored``,
    ``unknown``, ``malformed``. ``files_unchanged`` were known and not opened.
    """

    files: int
    files_unchanged: int
    bytes: int
    records: dict[str, int]
    problems: int
    sessions: int
    turns: int
    ops: int
    seconds: float
