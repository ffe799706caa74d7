"""Gather what was read until it is worth a transaction of its own.

A large transaction costs less for what it writes than many small ones: the full-text index above
all is written in larger pieces, which need less merging. But nothing else is written while it
lasts, so it is made as large as fits into a time.
"""

from __future__ import annotations

from typing import Generic, TypeVar

from ai_viewer.store.batch import FileBatch

FIRST_RATE = 20e6
"""Bytes a second that are thought to be applied before any were."""
MOST_BYTES = 32 * 1024 * 1024
"""Of source files, however fast they are applied: they are held in memory until then."""

_Job = TypeVar("_Job")


class Gathered(Generic[_Job]):
    """Batches that wait to be applied, each with the job it came of, in the order of reading."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        """How long a transaction should last at most."""
        self.rate = FIRST_RATE
        self.size = 0
        self.batches: list[FileBatch] = []
        self.jobs: list[_Job] = []

    def __bool__(self) -> bool:
        return bool(self.batches)

    @property
    def enough(self) -> bool:
        """Whether they should be applied now."""
        return self.size >= min(MOST_BYTES, self.rate * self.seconds)

    def add(self, batch: FileBatch, job: _Job) -> None:
        """Let a batch wait."""
        self.batches.append(batch)
        self.jobs.append(job)
        self.size += max(0, batch.file.offset - batch.start)

    def take(self) -> tuple[list[FileBatch], list[_Job]]:
        """Hand all over, and be empty."""
        taken = self.batches, self.jobs
        self.batches, self.jobs, self.size = [], [], 0
        return taken

    def applied(self, size: int, seconds: float) -> None:
        """Learn how long so many bytes took."""
        if size > MOST_BYTES // 32 and seconds > 0:
            self.rate = (self.rate + size / seconds) / 2
