"""Running a program and its children: how long, how much processor, how much memory at most."""

from __future__ import annotations

import contextlib
import os
import resource
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

OURS = (sys.executable, "-m", "ai_viewer")
_TICKS = os.sysconf("SC_CLK_TCK")
_POLL_SECONDS = 0.02


class Measured(NamedTuple):
    """What a program took. ``peak`` is the largest resident size of any one of its processes, in bytes."""

    seconds: float
    cpu: float
    peak: int


def measured(command: Sequence[str | Path], env: Mapping[str, str] | None = None) -> Measured:
    """Run a program to its end.

    Raises:
        subprocess.CalledProcessError: if it fails.
    """
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    began = time.perf_counter()
    peak = 0
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, env=env) as process:
        while process.poll() is None:
            peak = max(peak, *(peak_of(pid) for pid in family(process.pid)))
            time.sleep(_POLL_SECONDS)
        seconds = time.perf_counter() - began
        said = process.stderr.read() if process.stderr else b""
    if process.returncode:
        raise subprocess.CalledProcessError(process.returncode, list(command), stderr=said)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return Measured(seconds, cpu, peak)


def until_quiet(
    command: Sequence[str | Path], env: Mapping[str, str], begun: Callable[[], bool], quiet: float = 2.0
) -> tuple[float, float]:
    """Run a program that does not end until it has nothing more to do.

    Returns the seconds that it was busy, and those of processor that it used. It has begun when ``begun`` says so, and is done when it uses no processor for ``quiet`` seconds.
    """
    process = subprocess.Popen(
        command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=env, start_new_session=True
    )
    began = last = time.perf_counter()
    used = 0.0
    try:
        while process.poll() is None and time.perf_counter() - last < quiet:
            time.sleep(_POLL_SECONDS)
            now = sum(cpu_of(pid) for pid in family(process.pid))
            if now > used + 0.02 or not begun():
                used, last = max(now, used), time.perf_counter()
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
    return last - began, used


def family(pid: int) -> list[int]:
    """A process and all below it."""
    found = [pid]
    for parent in found:
        with contextlib.suppress(OSError):
            for task in Path(f"/proc/{parent}/task").iterdir():
                found += [int(child) for child in (task / "children").read_text().split()]
    return found


def peak_of(pid: int) -> int:
    """The largest resident size that a process had, in bytes; 0 if it is gone."""
    return _status(pid, "VmHWM") * 1024


def wakes_of(pid: int) -> int:
    """How often a process' threads went to sleep of their own accord."""
    return sum(_status(f"{pid}/task/{task}", "voluntary_ctxt_switches") for task in _tasks(pid))


def cpu_of(pid: int) -> float:
    """Seconds of processor that a process has used; 0 if it is gone."""
    with contextlib.suppress(OSError):
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / _TICKS
    return 0.0


def _tasks(pid: int) -> Iterator[str]:
    with contextlib.suppress(OSError):
        yield from (task.name for task in Path(f"/proc/{pid}/task").iterdir())


def _status(process: int | str, name: str) -> int:
    with contextlib.suppress(OSError):
        for line in Path(f"/proc/{process}/status").read_text().splitlines():
            if line.startswith(f"{name}:"):
                return int(line.split()[1])
    return 0
