"""How long Claude Code keeps its transcripts: ``cleanupPeriodDays`` in the user's ``settings.json``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import msgspec

USUAL_DAYS = 30


class _Settings(msgspec.Struct):
    days: Annotated[int, msgspec.Meta(ge=0)] | None = msgspec.field(name="cleanupPeriodDays", default=None)


def kept_days(root: Path) -> int:
    """Return the days that a transcript below ``root``, a Claude folder or its ``projects``, is kept."""
    folder = root.parent if root.name == "projects" else root
    try:
        told = msgspec.json.decode((folder / "settings.json").read_bytes(), type=_Settings).days
    except (OSError, msgspec.MsgspecError):
        told = None
    return USUAL_DAYS if told is None else told
