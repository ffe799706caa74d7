"""Codex CLI, Codex in the IDE and in the desktop app: rollout files.

**Where**: ``$CODEX_HOME`` (``~/.codex``): ``sessions/YYYY/MM/DD/rollout-<local time>-<uuid>.jsonl``,
moved to ``archived_sessions/`` when archived, compressed to ``….jsonl.zst`` when cold; in mid-2025
one object a session, ``sessions/rollout-<date>-<uuid>.json``. Append-only, UTC inside. The SQLite
files beside them are caches and are not read, nor are ``history.jsonl`` and ``session_index.jsonl``.
Producer: https://github.com/openai/codex (``codex-rs/protocol``, ``codex-rs/rollout``).

**Records**, one a line (``ordinal`` since 0.148)::

    {"timestamp": "2026-01-02T03:04:05.678Z", "type": "session_meta", "payload": {"id": …, "cwd": …}}
    {…, "type": "turn_context", "payload": {"turn_id": …, "model": "gpt-5.2-codex", …}}
    {…, "type": "response_item", "payload": {"type": "function_call", "call_id": …, "name": …}}
    {…, "type": "event_msg", "payload": {"type": "token_count", "info": {"total_token_usage": …}}}
    {…, "type": "compacted", "payload": {"message": "", "replacement_history": […]}}
    {…, "type": "token_usage_record", "payload": {"usage": …, "thread_token_usage": …}}

Six eras, told apart record by record: one ``.json`` object; bare lines (a header ``{"id",
"timestamp", …}``, then response items without envelope or time); envelopes; ``task_started`` and
``task_complete`` around each turn; agent threads; "paginated" (0.148), where ``item_completed``
stands in for most events.

**What is a call.** The model's items (reasoning, message, tool calls) up to the next usage are one
model call. It starts when the model was last given something (prompt, tool output), and ends at the
usage record that follows its last item; where tool outputs are written in between (0.139), at its
last item. A tool runs from the model's request to its end event, or its output.

**Tokens** come from the *cumulative* counter's growth, never from ``last_token_usage``: that one is
written again whenever a turn starts or the history is compacted. See `ai_viewer.adapters.codex.usage`.

**Forks and spawned agents** begin with their parent's history, written again with new times: the
parent's ``session_meta`` opens it. Ids are UUIDv7, which sort by time, so the first turn whose id is
younger than the thread's own id is the thread's own; for ids of another kind, a pause of half a
second ends the copy (it is written at some 100,000 lines a second). What is copied is told as
``copied``, and its last counter is where the thread's own counting begins.

**Twice-told.** Prompts, answers and reasoning are written as a response item and as an event: the
first is told, its echo is ignored. End events (``exec_command_end``, ``patch_apply_end``,
``mcp_tool_call_end``) complete the op of the call they name; a web search has no key in both
places and is paired with its neighbour. The client's built-in instructions, tool schemas,
rate limits, world state, encrypted reasoning and an agent's nickname (if it has a role) are lost.

**Honesty.** There is no end of a session on disk, so none is told. A tool's start is the request:
time spent waiting for an approval is inside. A compaction's own model call is in no counter.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path, PurePosixPath

from ai_viewer.adapters.base import Artifact, Parser, Shape
from ai_viewer.adapters.codex.rollout import RolloutParser

__all__ = ["Codex"]

_FOLDERS = ("sessions", "archived_sessions")
_OTHERS = frozenset({"history", "session_index"})


class Codex:
    """The Codex format."""

    name = "codex"
    title = "Codex"
    version = 2

    def roots(self, env: Mapping[str, str], home: Path) -> list[Path]:
        """Return ``$CODEX_HOME``, else ``~/.codex``."""
        configured = env.get("CODEX_HOME")
        return [Path(configured) if configured else home / ".codex"]

    def folders(self, root: Path) -> list[Path]:
        """Return the folders of live and archived sessions below a Codex home; else ``root`` itself."""
        return [root / name for name in _FOLDERS if (root / name).is_dir()] or [root]

    def artifact(self, path: PurePosixPath) -> Artifact | None:
        """Return how to read a rollout; ``None`` for anything else in the folder."""
        name = path.name.removesuffix(".zst")
        if name.endswith(".jsonl"):
            return None if name.removesuffix(".jsonl") in _OTHERS else Artifact(str(path))
        if name.endswith(".json") and name == path.name and name.startswith("rollout-"):
            return Artifact(str(path), Shape.WHOLE)
        return None

    def parser(self, artifact: Artifact, state: bytes | None) -> Parser:
        """Return a parser at the start of a rollout, or where ``state`` was taken."""
        return RolloutParser(artifact, state)
