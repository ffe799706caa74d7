"""Run the benchmarks: all, or the subjects that are named.

    python -m bench [SUBJECT…] [--scale quick|full] [--write]

``BENCH`` in the environment is the scale too. With ``--write`` the table replaces the one in
docs/performance.md, between its two marks. Ends with 1 if a budget was not kept.
"""

from __future__ import annotations

import argparse
import datetime as dt
import os
import platform
import sys
import tempfile
import traceback
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from types import MappingProxyType

from bench import first, idle, live, memory, queries, restart, workbench
from bench.scale import SCALES, Scale
from bench.table import Line, markdown, plain

SUBJECTS: Mapping[str, Callable[[Path, Scale], Iterator[Line]]] = MappingProxyType(
    {
        "first": first.lines,
        "restart": restart.lines,
        "live": live.lines,
        "memory": memory.lines,
        "idle": idle.lines,
        "queries": queries.lines,
        "workbench": workbench.lines,
    }
)
DOCUMENT = Path(__file__).parents[1] / "docs" / "performance.md"
BEGIN, END = "<!-- table -->", "<!-- end of the table -->"


def main() -> int:
    """Run what the command line asks for; return the exit code."""
    parser = argparse.ArgumentParser(prog="python -m bench", description="Run the benchmarks.")
    parser.add_argument("subjects", nargs="*", metavar="subject", help=f"of {', '.join(SUBJECTS)}")
    parser.add_argument("--scale", choices=list(SCALES), default=os.environ.get("BENCH") or "quick")
    parser.add_argument("--write", action="store_true", help=f"replace the table in {DOCUMENT.name}")
    given = parser.parse_args()
    unknown = set(given.subjects) - set(SUBJECTS)
    if unknown:
        parser.error(f"no such subject: {', '.join(sorted(unknown))}")
    if given.scale not in SCALES:
        parser.error(f"BENCH is one of {', '.join(SCALES)}")
    lines: list[Line] = []
    broken = False
    for name in given.subjects or SUBJECTS:
        try:
            with tempfile.TemporaryDirectory(prefix="ai-viewer-bench-") as folder:
                for line in SUBJECTS[name](Path(folder), SCALES[given.scale]):
                    print(plain(line), flush=True)
                    lines.append(line)
        except Exception:  # noqa: BLE001 - the other subjects are measured all the same
            traceback.print_exc()
            broken = True
    if given.write:
        write(lines, given.scale)
    return int(broken or any(line.kept is False for line in lines))


def write(lines: list[Line], scale: str) -> None:
    """Replace the table in the document."""
    text = DOCUMENT.read_text(encoding="utf-8")
    before, _, rest = text.partition(BEGIN)
    _, _, after = rest.partition(END)
    when = dt.datetime.now(dt.UTC).date()
    cores = os.cpu_count()
    load = os.getloadavg()[2]
    where = f"{cores} cores, Python {platform.python_version()}, load {load:.1f} over the last 15 minutes"
    said = f"`BENCH={scale}`, {when}, {where}:"
    DOCUMENT.write_text(f"{before}{BEGIN}\n{said}\n\n{markdown(lines)}\n{END}{after}", encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main())
