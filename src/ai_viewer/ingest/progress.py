"""What a run tells of itself while it reads, and at its end."""

from __future__ import annotations

import contextlib
from pathlib import Path

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


def publish(db: Path, progress: Progress) -> None:
    """Tell other processes how far the backfill into the store ``db`` is; at its end, nothing more.

    It is for people to look at: where it cannot be written, reading goes on without it.
    """
    path = _beside(db)
    with contextlib.suppress(OSError):
        if progress.files >= progress.files_total and progress.bytes >= progress.bytes_total:
            path.unlink(missing_ok=True)
            return
        new = path.with_name(f"{path.name}.new")
        new.write_bytes(msgspec.json.encode(progress))
        new.replace(path)


def published(db: Path) -> Progress | None:
    """Return how far the backfill into the store ``db`` was when it last told.

    A writer that was killed leaves it behind: ask whether one lives.
    """
    try:
        return msgspec.json.decode(_beside(db).read_bytes(), type=Progress)
    except (OSError, msgspec.DecodeError):
        return None


def _beside(db: Path) -> Path:
    return db.with_name(f"{db.name}.progress")
