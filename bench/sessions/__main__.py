"""Write made-up sessions with known facts in them; see `bench.sessions`."""

from __future__ import annotations

import argparse
import datetime as dt
from pathlib import Path

import bench.sessions as made_up


def main() -> None:
    """Write what the command line names."""
    parser = argparse.ArgumentParser(prog="python -m bench.sessions", description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("names", nargs="*", metavar="name", help=f"of {', '.join(made_up.FIXTURES)}")
    parser.add_argument("--start", type=dt.datetime.fromisoformat, default=made_up.START)
    given = parser.parse_args()
    unknown = set(given.names) - set(made_up.FIXTURES)
    if unknown:
        parser.error(f"no such session: {', '.join(sorted(unknown))}")
    for name, truth in made_up.write(given.folder, given.names or made_up.FIXTURES, given.start).items():
        print(f"{name}: {truth['ops']} ops, {truth['sub_agents']} sub-agents: {truth['session']}")


if __name__ == "__main__":
    main()
