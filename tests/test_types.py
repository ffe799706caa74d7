"""The web app's types are those of the server."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
GENERATOR = ROOT / "frontend" / "node_modules" / "openapi-typescript"


@pytest.mark.skipif(not GENERATOR.exists() and not os.environ.get("CI"), reason="needs frontend/node_modules")
def test_the_generated_types_are_up_to_date() -> None:
    """After a change of the interface, `make types` must be run and its result committed."""
    described = subprocess.run(
        [sys.executable, "-m", "ai_viewer", "openapi"], stdout=subprocess.PIPE, check=True
    )
    generate = ["npm", "exec", "--offline", "--", "openapi-typescript", "/dev/stdin"]
    generated = subprocess.run(
        [sys.executable, "hatch_build.py", *generate],
        cwd=ROOT,
        input=described.stdout,
        stdout=subprocess.PIPE,
        check=True,
    ).stdout.decode()
    committed = (ROOT / "frontend" / "src" / "api" / "schema.d.ts").read_text()
    assert generated == committed, "frontend/src/api/schema.d.ts is stale: run `make types`"


def test_the_generated_columns_are_up_to_date() -> None:
    """After a change of a trace's columns, `make types` must be run and its result committed."""
    generator = ROOT / "scripts" / "trace_columns.py"
    generated = subprocess.run([sys.executable, generator], stdout=subprocess.PIPE, check=True)
    committed = (ROOT / "frontend" / "src" / "core" / "trace-columns.ts").read_text()
    assert generated.stdout.decode() == committed, "trace-columns.ts is stale: run `make types`"
