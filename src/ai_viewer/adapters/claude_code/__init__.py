"""Claude Code: the command line program, its IDE and desktop front ends, and the agent SDK.

**Where**: ``$CLAUDE_CONFIG_DIR`` (a list separated by commas; else ``~/.claude`` and
``~/.config/claude``), below ``projects/<working directory with dashes>/``; that name is lossy and
is never decoded, records tell ``cwd``. Files are appended to, and deleted after 30 days::

    <session>.jsonl                                        a session
    <session>/subagents/agent-<id>.jsonl                   a sub-agent (2.1), beside it
    <session>/subagents/agent-<id>.meta.json                   its type and task
    <session>/subagents/workflows/<run>/agent-<id>.jsonl   a workflow's agent; journal.jsonl is not read
    <session>/tool-results/<name>.txt                      a large tool output; its record names it
    agent-<id>.jsonl                                       a sub-agent (2.0), its parent in its records

**Records**, one a line; a model's message is written block by block as it streams::

    {"type": "user", "uuid": …, "parentUuid": …, "sessionId": …, "timestamp": "2026-01-02T03:04:05.678Z",
     "cwd": …, "gitBranch": …, "version": "2.1.12", "message": {"role": "user", "content": "Fix it"}}
    {"type": "assistant", …, "requestId": …, "message": {"id": "msg_…", "model": …, "content": [one block],
     "usage": {"input_tokens": 3, "cache_read_input_tokens": 900, "cache_creation": {…}, "output_tokens": 8}}}
    {"type": "user", …, "message": {"content": [{"type": "tool_result", …}]}, "toolUseResult": …}
    {"type": "system", "subtype": "turn_duration" | "compact_boundary" | "api_error" | …}
    {"type": "progress" | "attachment" | "queue-operation" | "summary" | "custom-title" | …}

**Which session.** The file's name is its id, whatever its records' ``sessionId`` says: they keep
an older one after plan mode clears the context, and a copied history has a new one. A sub-agent
is ``<session>:agent-<id>``. Two older eras have no file for it: a *side chain* within the
session's file, ``<session>:sidechain-<root's uuid>``, tied to the call whose prompt it begins
with; and *progress echoes* of its messages, which its own file, if there is one, outranks. Where a
sub-agent's file lies tells its main session only: its parent is whose transcript has the call.

**Turns.** A turn is a prompt and the work for it, up to the next prompt. No prompts are: what the
program injects (reminders, notifications, other agents' messages, a summary), slash commands it
carries out itself (those written name first), ``!`` lines (tool calls of the user's own). What the
user says while the model works stays in the turn. ``turn_duration`` tells a turn's end; else it is
the last work in it, so that the wait for the human is in none.

**Calls.** A model call is the records that share a message id, with other records in between. It
starts at the record before it, as nothing else tells, and ends with its last; reasoning is told
between neighbouring blocks. A tool call runs from its request to its result, the wait for an
approval included. A sub-agent in the background ends with its notification.

**Tokens** grow while a message streams: the largest of each count holds. A copy of a message (a
fork, a resumed session, a side question) has the same id and the same prompt, so both make the
call's key; a request id tells two calls apart only if their prompts differ too. Ids that were not
drawn at random (a gateway's: ``msg_1``, or one for all) are no such proof: then the time of the
message's first record, which copies keep, is in the key as well, and within a session an id that
comes again in another turn, or with another prompt after the model was given something, is
another call's. A sub-agent's totals in its parent's result are those of its last call alone and
are told as a notice.

**Billing.** ``usage`` tells the service tier, the speed, where the inference ran and the searches run
within the call::

    "service_tier": "standard" | "batch" | "priority", "speed": "standard" | "fast",
    "inference_geo": "us" | "global" | "not_available", "server_tool_use": {"web_search_requests": 1}

What is not as usual is the call's tier, several joined: ``fast``, ``fast+us``.

**Lost**: what was sent to the model; what the program's own web search used, a call elsewhere of
which nothing is on disk. There is no end of a session on disk, so none is told, but a sub-agent's.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path, PurePosixPath

from ai_viewer.adapters.base import Artifact, Parser, Shape
from ai_viewer.adapters.claude_code import retention
from ai_viewer.adapters.claude_code.sidecar import SidecarParser
from ai_viewer.adapters.claude_code.transcript import TranscriptParser

__all__ = ["ClaudeCode"]

_ELSEWHERE = frozenset({"tool-results", "memory", "file-history", "session-memory"})
"""Folders below a project that hold other files than transcripts."""


class ClaudeCode:
    """The Claude Code format."""

    name = "claude_code"
    title = "Claude Code"
    version = 3

    def roots(self, env: Mapping[str, str], home: Path) -> list[Path]:
        """Return the folders that ``$CLAUDE_CONFIG_DIR`` lists, else both usual ones."""
        configured = [part.strip() for part in env.get("CLAUDE_CONFIG_DIR", "").split(",")]
        folders = [Path(part).expanduser() for part in configured if part]
        return folders or [home / ".claude", home / ".config" / "claude"]

    def folders(self, root: Path) -> list[Path]:
        """Return ``projects`` of a Claude folder, else ``root`` itself."""
        projects = root / "projects"
        return [projects if projects.is_dir() else root]

    def kept_days(self, root: Path) -> int | None:
        """Return ``cleanupPeriodDays`` of the user's settings, else 30."""
        return retention.kept_days(root)

    def artifact(self, path: PurePosixPath) -> Artifact | None:
        """Return how to read a transcript or a sub-agent's sidecar; ``None`` for anything else."""
        if not _ELSEWHERE.isdisjoint(path.parent.parts):
            return None
        if path.name.endswith(".meta.json"):
            is_sidecar = path.name.startswith("agent-") and "subagents" in path.parts
            return Artifact(str(path), Shape.WHOLE) if is_sidecar else None
        if path.suffix != ".jsonl" or path.name == "history.jsonl":
            return None
        if path.name == "journal.jsonl" and "workflows" in path.parts:
            return None
        return Artifact(str(path))

    def parser(self, artifact: Artifact, state: bytes | None) -> Parser:
        """Return a parser at the start of a file, or where ``state`` was taken."""
        if artifact.shape is Shape.WHOLE:
            return SidecarParser(artifact, state)
        return TranscriptParser(artifact, state)
