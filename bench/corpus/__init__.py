"""Session files of every format, of any size, with the truth about them beside.

    python -m bench.corpus FOLDER [MEGABYTES] [--seed 1] [--formats claude_code codex …]
    python -m bench.corpus FOLDER --many 300000        as many files of a thousand bytes
    python -m bench.corpus FOLDER --session 1000       one session of so many megabytes
    python -m bench.corpus FOLDER --line 300           one record of so many megabytes

makes a folder for each format (``FOLDER/claude`` as ``~/.claude``) and ``FOLDER/truth.json``: by
format the sessions, calls and tokens that reading them must give. The same arguments give the same
bytes. What is in the sessions is the same for all formats (`bench.corpus.conversation`); each writes it
its own way (`bench.corpus.formats`).

Sizes of sessions and texts are long-tailed, as in real life: most are short, a few hold most of the
bytes. Texts are prose, code, logs, listings and changes, of words as frequent as words are, so that
they are compressed and indexed about as well as real ones; see `bench.corpus.texts`.
"""

from __future__ import annotations

import datetime as dt
import json
import random
from collections.abc import Sequence
from pathlib import Path

from bench.corpus.conversation import Plan, long_tailed, turns
from bench.corpus.formats import FORMATS, Session
from bench.corpus.texts import Texts
from bench.corpus.truth import Truth, told

__all__ = ["generate", "long_session", "many_sessions"]

START = dt.datetime(2026, 1, 5, 9, tzinfo=dt.UTC)
TYPICAL_BYTES = 90_000
LARGEST_BYTES = 20_000_000
SPREAD = 1.6
"""Of session sizes: at 1.6, the largest tenth holds two thirds of the bytes."""


def generate(
    folder: Path, megabytes: float, seed: int = 1, formats: Sequence[str] = ("claude_code", "codex")
) -> dict[str, Truth]:
    """Write a corpus of about ``megabytes``; return its truth by format.

    The first format has half of the sessions, the others share the rest; each has one at least.
    """
    rng = random.Random(seed)
    texts = Texts(rng)
    truths = {name: Truth() for name in formats}
    left = [*formats]
    wanted = int(megabytes * 1e6)
    written = 0
    moment = START
    while written < wanted or left:
        moment += dt.timedelta(minutes=rng.randrange(5, 90))
        name = left.pop(0) if left else _drawn(rng, formats)
        size = min(long_tailed(rng, TYPICAL_BYTES, LARGEST_BYTES, SPREAD), max(10_000, wanted - written))
        session = Session(rng, moment, told(turns(Plan(rng, texts, size)), name, truths[name]))
        written += FORMATS[name].write(folder / FORMATS[name].folder, session)
    _finish(folder, truths)
    return truths


def long_session(folder: Path, megabytes: float, seed: int = 1) -> dict[str, Truth]:
    """Write one Claude Code session of about ``megabytes``; return the truth about it by format."""
    rng = random.Random(seed)
    truth = Truth()
    plan = Plan(rng, Texts(rng), int(megabytes * 1e6))
    FORMATS["claude_code"].write(
        folder / "claude", Session(rng, START, told(turns(plan), "claude_code", truth))
    )
    _finish(folder, {"claude_code": truth})
    return {"claude_code": truth}


def many_sessions(folder: Path, count: int, seed: int = 1) -> dict[str, Truth]:
    """Write ``count`` Claude Code sessions of one question and answer; return the truth by format."""
    rng = random.Random(seed)
    texts = Texts(rng)
    truth = Truth()
    moment = START
    for _ in range(count):
        moment += dt.timedelta(seconds=rng.randrange(20, 100))
        session = Session(rng, moment, told(turns(Plan(rng, texts, 1, calls=1)), "claude_code", truth))
        FORMATS["claude_code"].write(folder / "claude", session)
    _finish(folder, {"claude_code": truth})
    return {"claude_code": truth}


def _drawn(rng: random.Random, formats: Sequence[str]) -> str:
    return formats[0] if len(formats) == 1 or rng.random() < 0.5 else rng.choice(formats[1:])


def _finish(folder: Path, truths: dict[str, Truth]) -> None:
    for name in truths:
        FORMATS[name].finish(folder / FORMATS[name].folder)
    (folder / "truth.json").write_text(json.dumps(truths, indent=2) + "\n")
