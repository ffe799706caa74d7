"""Made-up sessions, in the agents' own formats, to try everything without any of one's own.

``sessions/`` holds some as the agents would have written them, around the moment `RECORDED`;
`weeks` writes those of the three weeks before it. They are laid out as if that moment were now:
what lies before it is written at once, what lies after it is written when its time comes, so that
a session is seen going on.
"""

from __future__ import annotations

import datetime as dt
import re
import threading
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

import msgspec

from ai_viewer.config import SourceRoot
from ai_viewer.demo import weeks

RECORDED = dt.datetime(2026, 1, 15, 10, 52, 20, tzinfo=dt.UTC)
"""The moment that becomes now."""

SESSIONS = Path(__file__).parent / "sessions"

_ISO_TIME = re.compile(r'"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3})Z"')
_UNIX_TIME = re.compile(r'("(?:started_at|completed_at)": ?)(\d{10})\b')


class Line(msgspec.Struct, frozen=True, order=True):
    """A line that is written to ``path`` at ``when``."""

    when: dt.datetime
    path: Path
    text: str


def files() -> Iterator[tuple[PurePosixPath, str]]:
    """Yield every file, its place below the folder of its format's name, as of `RECORDED`."""
    for source in sorted(path for path in SESSIONS.rglob("*") if path.is_file()):
        yield PurePosixPath(source.relative_to(SESSIONS).as_posix()), source.read_text(encoding="utf-8")
    yield from weeks.files(RECORDED)


def lay_out(folder: Path, now: dt.datetime) -> tuple[tuple[SourceRoot, ...], list[Line]]:
    """Write the sessions below ``folder``; return their roots, and the lines whose time is still to come."""
    shift = now - RECORDED
    later: list[Line] = []
    formats = set()
    for place, text in files():
        formats.add(place.parts[0])
        target = folder / place
        target.parent.mkdir(parents=True, exist_ok=True)
        if place.suffix != ".jsonl":
            target.write_text(text, encoding="utf-8")
            continue
        lines = [Line(when, target, line) for when, line in _shifted(text, shift)]
        target.write_text("".join(line.text for line in lines if line.when <= now), encoding="utf-8")
        later += [line for line in lines if line.when > now]
    roots = tuple(SourceRoot(name, folder / name) for name in sorted(formats))
    return roots, sorted(later, key=lambda line: line.when)


def play(lines: list[Line], stop: threading.Event) -> None:
    """Append each line when its time comes, until all are written or ``stop`` is set."""
    for line in lines:
        wait = (line.when - dt.datetime.now(dt.UTC)).total_seconds()
        if stop.wait(max(0.0, wait)):
            return
        with line.path.open("a", encoding="utf-8") as file:
            file.write(line.text)


def _shifted(written: str, shift: dt.timedelta) -> Iterator[tuple[dt.datetime, str]]:
    """Yield each line with its times moved by ``shift``, and when it was written.

    A line without a time was written with the one before it.
    """
    when = dt.datetime.min.replace(tzinfo=dt.UTC)

    def iso(match: re.Match[str]) -> str:
        moved = dt.datetime.fromisoformat(match[1] + "+00:00") + shift
        return f'"{moved:%Y-%m-%dT%H:%M:%S}.{moved.microsecond // 1000:03d}Z"'

    def unix(match: re.Match[str]) -> str:
        return f"{match[1]}{int(match[2]) + round(shift.total_seconds())}"

    for line in written.splitlines(keepends=True):
        text = _UNIX_TIME.sub(unix, _ISO_TIME.sub(iso, line))
        times = [dt.datetime.fromisoformat(found + "+00:00") for found in _ISO_TIME.findall(text)]
        when = max([when, *times])
        yield when, text
