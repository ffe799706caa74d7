"""A session to be written: its turns, its ids and its clock; and a file of records."""

from __future__ import annotations

import datetime as dt
import json
import random
from collections.abc import Iterable
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from bench.corpus.conversation import Turn

PROJECTS = 20


class Session:
    """What is written, with the ids and times that every format needs."""

    def __init__(self, rng: random.Random, moment: dt.datetime, turns: Iterable[Turn]) -> None:
        self._rng = rng
        self.turns = turns
        self.began = moment
        self.now = moment
        self.id = self.uuid()
        self.project = f"project-{rng.randrange(PROJECTS)}"

    @property
    def cwd(self) -> str:
        """The working directory."""
        return f"/home/dev/{self.project}"

    def uuid(self) -> str:
        """A random UUID."""
        digits = f"{self._rng.getrandbits(128):032x}"
        return f"{digits[:8]}-{digits[8:12]}-4{digits[13:16]}-8{digits[17:20]}-{digits[20:]}"

    def draw(self, length: int) -> str:
        """So many random hexadecimal digits."""
        return f"{self._rng.getrandbits(4 * length):0{length}x}"

    def later(self, seconds: float) -> None:
        """Let time pass, a millisecond at least."""
        self.now += dt.timedelta(milliseconds=max(1, round(seconds * 1000)))

    @property
    def stamp(self) -> str:
        """The time as most agents write it."""
        return stamp(self.now)

    @property
    def millis(self) -> int:
        """The time in milliseconds since 1970."""
        return millis(self.now)


def stamp(moment: dt.datetime) -> str:
    """A time as most agents write it: UTC, to the millisecond."""
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def millis(moment: dt.datetime) -> int:
    """A time in milliseconds since 1970."""
    return round(moment.timestamp() * 1000)


class Records:
    """A file of JSON records, one a line, written as they come."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._file = path.open("wb")
        self.size = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._file.close()

    def write(self, record: dict[str, Any]) -> None:
        """Write one record."""
        line = json.dumps(record, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"
        self._file.write(line)
        self.size += len(line)
