"""Show how far an ingest is: a bar on a terminal, plain lines every few seconds elsewhere."""

from __future__ import annotations

import time
from types import TracebackType
from typing import Self

from rich.progress import BarColumn, TextColumn
from rich.progress import Progress as Bars

from ai_viewer.cli.output import duration, messages, say, size
from ai_viewer.ingest.progress import Progress

LINE_SECONDS = 2.0
"""Time between two plain lines."""


class ProgressReporter:
    """Takes `Progress` as the ingest's ``report``; a context manager, so that the bar goes away.

    When a backfill's bytes are all read it says so once, with what comes ``then``, if anything does.
    """

    def __init__(self, then: str | None = None) -> None:
        self._then = then
        self._told = time.monotonic()
        self._finished = False
        console = messages()
        self._bars = (
            Bars(
                TextColumn("{task.fields[files]}"),
                BarColumn(bar_width=None),
                TextColumn("{task.fields[bytes]}"),
                console=console,
                transient=True,
                expand=True,
            )
            if console.is_terminal
            else None
        )
        self._task = (
            self._bars.add_task("", total=None, files="looking for files", bytes="") if self._bars else None
        )

    def __enter__(self) -> Self:
        """Begin to show."""
        if self._bars:
            self._bars.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop showing."""
        if self._bars:
            self._bars.stop()

    def __call__(self, progress: Progress) -> None:
        """Show ``progress``."""
        if self._finished:
            return
        if progress.files >= progress.files_total and progress.bytes >= progress.bytes_total:
            self._finish(progress)
        elif self._bars and self._task is not None:
            self._bars.update(
                self._task,
                total=progress.bytes_total or None,
                completed=progress.bytes,
                files=f"{progress.files:,}/{progress.files_total:,} files",
                bytes=_amounts(progress),
            )
        elif time.monotonic() - self._told >= LINE_SECONDS:
            self._told = time.monotonic()
            say(f"{progress.files:,} of {progress.files_total:,} files, {_amounts(progress)}")

    def _finish(self, progress: Progress) -> None:
        self._finished = True
        if self._bars:
            self._bars.stop()
            self._bars = None
        if self._then is None:
            return
        read = "nothing new"
        if progress.files:
            took = duration(progress.seconds * 1e6)
            read = f"read {size(progress.bytes)} of {progress.files:,} files in {took}"
        say(f"Up to date: {read}. {self._then}")


def _amounts(progress: Progress) -> str:
    parts = [f"{size(progress.bytes)} of {size(progress.bytes_total)}", f"{size(progress.rate)}/s"]
    left = progress.seconds_left
    if left is not None:
        parts.append(f"{duration(left * 1e6)} left")
    return ", ".join(parts)
