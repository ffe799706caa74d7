"""Write session files of any size; see `bench.corpus`."""

from __future__ import annotations

import argparse
from pathlib import Path

from bench.corpus import generate, long_session, many_sessions
from bench.corpus.extremes import long_line
from bench.corpus.formats import FORMATS


def main() -> None:
    """Write what the command line asks for."""
    parser = argparse.ArgumentParser(prog="python -m bench.corpus", description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("megabytes", type=float, nargs="?", default=50)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--formats", nargs="+", choices=list(FORMATS), default=["claude_code", "codex"])
    extremes = parser.add_mutually_exclusive_group()
    extremes.add_argument("--many", type=int, metavar="FILES")
    extremes.add_argument("--session", type=float, metavar="MEGABYTES")
    extremes.add_argument("--line", type=float, metavar="MEGABYTES")
    given = parser.parse_args()
    if given.many is not None:
        truths = many_sessions(given.folder, given.many, given.seed)
    elif given.session is not None:
        truths = long_session(given.folder, given.session, given.seed)
    elif given.line is not None:
        truths = long_line(given.folder, given.line)
    else:
        truths = generate(given.folder, given.megabytes, given.seed, given.formats)
    for name, truth in truths.items():
        print(name, dict(truth))


if __name__ == "__main__":
    main()
