"""How each agent writes a session: one module a format."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import NamedTuple

from bench.corpus.formats import ai_agent, claude_code, codex, copilot, gemini, opencode, pi, qwen
from bench.corpus.formats.session import Session

__all__ = ["FORMATS", "Format", "Session"]


def _nothing(_: Path) -> None:
    return


class Format(NamedTuple):
    """Where and how a format is written."""

    folder: str
    write: Callable[[Path, Session], int]
    """Writes a session below the format's folder; returns how many bytes that were."""
    finish: Callable[[Path], None] = _nothing
    """What is to be done when all sessions are written."""


FORMATS: Mapping[str, Format] = MappingProxyType(
    {
        "claude_code": Format("claude", claude_code.write),
        "codex": Format("codex", codex.write),
        "opencode": Format("opencode", opencode.write, opencode.finish),
        "ai_agent": Format("ai-agent", ai_agent.write),
        "gemini": Format("gemini", gemini.write),
        "pi": Format("pi", pi.write),
        "qwen": Format("qwen", qwen.write),
        "copilot": Format("copilot", copilot.write),
    }
)
"""By the name that ai-viewer has for them."""
