"""Other programs that read the same files, in versions that are compared with.

They are installed on their own, with the ordinary clients of their registries, into
``$BENCH_CACHE`` (else ``~/.cache/ai-viewer-bench``). What cannot be installed is left out, with a word.
Each runs with a home folder of its own in which only the corpus is, and without telemetry.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import NamedTuple

from bench.processes import measured, until_quiet

_CACHE = Path(os.environ.get("BENCH_CACHE") or Path.home() / ".cache" / "ai-viewer-bench")
_ENVIRONMENT = {
    "CI": "1",
    "DO_NOT_TRACK": "1",
    "AGENTSVIEW_TELEMETRY_ENABLED": "0",
    "AGENTSVIEW_DISABLE_UPDATE_CHECK": "1",
    "AGENTSVIEW_NO_DAEMON": "1",
}
_PORT = 42_431


class Result(NamedTuple):
    """What a first reading took, and the bytes of the store it made (0: it makes none)."""

    seconds: float
    cpu: float
    store: int


class _Peer(NamedTuple):
    package: str
    version: str
    install: Callable[[str], Path]
    read: Callable[[Path, Path, Mapping[str, str]], tuple[float, float]]
    """Reads the corpus with (program, home, environment); returns seconds, and those of processor."""
    store: str = ""
    """Where it keeps what it has read, below its home."""


def read_all(corpus: Path) -> dict[str, Result]:
    """Let each peer read a corpus for the first time."""
    results = {}
    for name, peer in _PEERS.items():
        try:
            program = peer.install(f"{peer.package} {peer.version}")
            with _home(corpus) as home:
                env = {**os.environ, **_ENVIRONMENT, "HOME": str(home)}
                seconds, cpu = peer.read(program, home, env)
                results[name] = Result(seconds, cpu, _size(home / peer.store) if peer.store else 0)
        except (OSError, subprocess.SubprocessError) as error:
            print(f"{name} {peer.version} is left out: {error}", file=sys.stderr)
    return results


@contextlib.contextmanager
def _home(corpus: Path) -> Iterator[Path]:
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        for name in ("claude", "codex"):
            (home / f".{name}").symlink_to(corpus / name, target_is_directory=True)
        yield home


def _size(path: Path) -> int:
    if path.is_file():
        return path.stat().st_size
    return sum(file.stat().st_size for file in path.rglob("*.db*") if file.is_file())


def _from_pypi(script: str) -> Callable[[str], Path]:
    def install(named: str) -> Path:
        name, version = named.split()
        folder = _CACHE / f"{name}-{version}"
        program = folder / "bin" / script
        if not program.exists():
            _run(sys.executable, "-m", "venv", folder)
            _run(folder / "bin" / "python", "-m", "pip", "install", "--quiet", f"{name}=={version}")
        return program

    return install


def _from_npm(named: str) -> Path:
    name, version = named.split()
    folder = _CACHE / f"{name}-{version}"
    program = folder / "node_modules" / ".bin" / name
    if not program.exists():
        npm = shutil.which("npm")
        if npm is None:
            raise FileNotFoundError("there is no npm")
        _run(npm, "install", "--prefix", folder, "--no-audit", "--no-fund", f"{name}@{version}")
    return program


def _run(*command: str | Path) -> None:
    subprocess.run(command, check=True, capture_output=True, timeout=300)


def _agentsview(program: Path, _: Path, env: Mapping[str, str]) -> tuple[float, float]:
    return measured([program, "sync"], env)[:2]


def _argus(program: Path, home: Path, env: Mapping[str, str]) -> tuple[float, float]:
    """It serves as soon as it has started, and reads meanwhile: until it is at rest."""
    command: list[str | Path] = [program, "start", "--port", str(_PORT), "--quiet"]
    return until_quiet(command, env, (home / ".argus" / "argus.db").exists)


def _ccusage(program: Path, _: Path, env: Mapping[str, str]) -> tuple[float, float]:
    return measured([program, "daily", "--offline", "--json"], env)[:2]


_PEERS: Mapping[str, _Peer] = MappingProxyType(
    {
        "agentsview": _Peer("agentsview", "0.46.1", _from_pypi("agentsview"), _agentsview, ".agentsview"),
        "argus": _Peer("argus-code", "0.7.1", _from_pypi("argus"), _argus, ".argus"),
        "ccusage": _Peer("ccusage", "20.0.24", _from_npm, _ccusage),
    }
)
