"""Our own formats keep the laws of every format, in every case of fixtures/<format>/<case>/."""

from __future__ import annotations

from pathlib import Path

from ai_viewer.adapters import ADAPTERS
from ai_viewer.testing import conformance

FIXTURES = Path(__file__).parent / "fixtures"

for name, adapter in ADAPTERS.ours.items():
    globals()[f"Test_{name}"] = conformance.suite(adapter, FIXTURES / name)
