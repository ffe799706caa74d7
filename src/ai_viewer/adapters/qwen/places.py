"""What a file's path says: what is in it, and of which session."""

from __future__ import annotations

import enum
import re
from pathlib import PurePosixPath

import msgspec

_NOT_OF_FILES = re.compile(r"[^a-zA-Z0-9_-]")
_AGENT = "agent-"
_NOTE = ".meta.json"
_PULL_REQUEST = ".pr.json"
_OTHERS = (".ledger.jsonl",)
"""How names end of files beside the transcripts that hold no session."""


class Role(enum.Enum):
    """What a file is to its session."""

    TRANSCRIPT = "transcript"
    AGENT_NOTE = "agent note"
    PULL_REQUEST = "pull request"
    OLDER = "older session"


class Place(msgspec.Struct, frozen=True):
    """What a path says.

    >>> place(PurePosixPath("projects/p/subagents/0a1b/agent-Explore-c1.jsonl")).session
    '0a1b:agent-Explore-c1'
    """

    role: Role | None
    session: str = ""
    parent: str | None = None
    """The session whose sub-agent it is."""


def place(path: PurePosixPath) -> Place:
    """Read a path. In Qwen's own folders sessions are in ``chats``; in a folder of copies anywhere."""
    name, folders = path.name.removesuffix(".zst").removesuffix(".gz"), path.parent.parts
    if "subagents" in folders[:-1] and name.startswith(_AGENT):
        parent = native(folders[-1])
        if name.endswith(_NOTE):
            return Place(Role.AGENT_NOTE, f"{parent}:{name.removesuffix(_NOTE)}", parent)
        if name.endswith(".jsonl"):
            return Place(Role.TRANSCRIPT, f"{parent}:{name.removesuffix('.jsonl')}", parent)
        return Place(None)
    if "chats" not in folders and not {"projects", "tmp", "subagents"}.isdisjoint(folders):
        return Place(None)
    if name.endswith(_PULL_REQUEST) and "chats" in folders:
        return Place(Role.PULL_REQUEST, native(name.removesuffix(_PULL_REQUEST)))
    if name.startswith("session-") and name.endswith(".json"):
        return Place(Role.OLDER, native(name.removesuffix(".json")))
    if name.endswith(".jsonl") and not name.endswith(_OTHERS):
        return Place(Role.TRANSCRIPT, native(name.removesuffix(".jsonl")))
    return Place(None)


def agent_session(session: str, agent: str) -> str:
    """The native id of a session's sub-agent, as its file would be named."""
    return f"{session}:{_AGENT}{_NOT_OF_FILES.sub('_', agent)}"


def launching_call(agent: str | None, *names: str | None) -> str | None:
    """The id of the tool call that ran a sub-agent: what stands in the agent's id behind its name.

    >>> launching_call("Explore-call_1", None, "Explore")
    'call_1'
    """
    for name in names:
        if agent and name and agent.startswith(f"{name}-"):
            return agent[len(name) + 1 :] or None
    return None


def native(name: str) -> str:
    """A session's native id as it may be written in paths."""
    return name.replace("/", ":")
