"""What a session does, in no agent's own words."""

from __future__ import annotations

import datetime as dt
from typing import Any

import msgspec


class Act(msgspec.Struct, frozen=True):
    """A tool call: ``search``, ``read``, ``edit`` or ``run``, its result, and the usual seconds it takes."""

    tool: str
    given: dict[str, Any]
    result: str
    seconds: float
    failed: bool = False


def iso(moment: dt.datetime) -> str:
    """Write a moment as the agents do."""
    return f"{moment:%Y-%m-%dT%H:%M:%S}.{moment.microsecond // 1000:03d}Z"
