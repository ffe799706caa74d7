"""The files of docs/adapters.md's worked example, and its module."""

from __future__ import annotations

import re
import sys
import types
from pathlib import Path

ROOT = Path(__file__).parents[1]
TEXT = (ROOT / "docs" / "adapters.md").read_text(encoding="utf-8")
FILES: dict[str, str] = dict(
    re.findall(r"^`([\w./-]+)`:\n\n```\w+\n(.*?)^```$", TEXT, re.MULTILINE | re.DOTALL)
)
SAMPLE = "samples/conversation/input/sessions/0a1b2c3d.jsonl"


def lay_out(folder: Path) -> None:
    """Write the example's files."""
    for name, text in FILES.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")


def module() -> types.ModuleType:
    """Return the example's module, run from the document."""
    name = "tidbit_viewer"
    if name not in sys.modules:
        made = types.ModuleType(name)
        sys.modules[name] = made
        exec(compile(FILES[f"{name}.py"], f"{name}.py", "exec"), vars(made))
    return sys.modules[name]
