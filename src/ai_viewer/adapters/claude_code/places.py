"""Where Claude Code keeps things, and what a file's path says about the session in it."""

from __future__ import annotations

import re
from pathlib import PurePosixPath

import msgspec

from ai_viewer.model import SessionKind

_UUID = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
_SPILLED = re.compile(r"([^/\\\s]+)[/\\]tool-results[/\\]([\w-][\w.-]*\w)")
_HEAD = 300
"""A notice of spilled output is at the start of what stands in for it."""
_LONGEST_PATH = 4096

_AGENT = "agent-"
_INTERNAL = ("acompact-", "aprompt_suggestion-", "aside_question-")
"""Agents that the program runs for itself, not for a tool call: how their ids begin."""


class Place(msgspec.Struct, frozen=True):
    """What a transcript's path says.

    >>> place("P/0a1b2c3d-0000-4000-8000-000000000001/subagents/agent-a1.jsonl").session
    '0a1b2c3d-0000-4000-8000-000000000001:agent-a1'
    """

    session: str | None
    """Native id; ``None`` for a sub-agent whose parent only its records name."""
    parent: str | None
    agent: str | None
    """``agent-<id>`` if it is a sub-agent's file."""
    kind: SessionKind


def place(path: str) -> Place:
    """Read a transcript's path: is it a session's own file or a sub-agent's, and whose?"""
    file = PurePosixPath(path)
    name = file.name.removesuffix(".meta.json").removesuffix(".jsonl")
    parent = _folder_above(file, "subagents")
    if not name.startswith(_AGENT):
        return Place(_main_session(file.with_name(name)), None, None, SessionKind.ROOT)
    internal = name.removeprefix(_AGENT).startswith(_INTERNAL)
    kind = SessionKind.TOOL_INTERNAL if internal else SessionKind.SUB_AGENT
    if parent is None:
        return Place(None, None, name, kind)
    session = _main_session(parent)
    return Place(f"{session}:{name}", session, name, kind)


def spilled(text: str, transcript: str) -> str | None:
    """Return the path of the whole output that ``text`` stands in for, relative to the root.

    Large tool outputs go to ``<session>/tool-results/<name>``, and the record keeps a preview
    with the absolute path. Of that, the last parts hold wherever the project's folder is now.
    """
    start = text.find("saved to", 0, _HEAD)
    if start < 0:
        return None
    line, _, _ = text[start : start + _LONGEST_PATH].partition("\n")
    found = _SPILLED.search(line)
    if found is None or found[1] == "..":
        return None
    file = PurePosixPath(transcript)
    project = (_folder_above(file, "subagents") or file).parent
    return str(project / found[1] / "tool-results" / found[2])


def _folder_above(file: PurePosixPath, name: str) -> PurePosixPath | None:
    for folder in file.parents:
        if folder.name == name and folder.parent.name:
            return folder.parent
    return None


def _main_session(file: PurePosixPath) -> str:
    return file.name if _UUID.fullmatch(file.name) else str(file).replace("/", ":")
