"""Pytest's option ``--update-expected``: ``pytest -p ai_viewer.testing.options --update-expected``."""

from __future__ import annotations

import pytest


def pytest_addoption(parser: pytest.Parser) -> None:
    """Let golden files be written instead of compared."""
    parser.addoption("--update-expected", action="store_true", help="write each case's expected.json anew")
