"""Qwen Code: recorded sessions.

**Where**: ``$QWEN_RUNTIME_DIR``, else ``$QWEN_HOME`` (``~/.qwen``), below ``projects/<folder>/``; that
folder's name is the working directory made lossy and is never decoded, the records tell ``cwd``::

    chats/<session>.jsonl                        appended to; chats/archive/ when archived
    chats/<session>.pr.json                      the pull request that was made from it
    subagents/<session>/agent-<id>.jsonl         a sub-agent (2026); foreground ones not always
    subagents/<session>/agent-<id>.meta.json     what the sub-agent is, and how it ended

Earlier versions wrote the same lines to ``tmp/<project>/chats/<session>.jsonl``, and the first ones (2025)
``session-<time>-<id>.json`` there: one object with all ``messages`` of the types ``user`` and ``qwen``, as
Gemini CLI wrote it then. The file's name is the session's id.
Producer: https://github.com/QwenLM/qwen-code (``packages/core/src/services/chatRecordingService.ts``,
``packages/core/src/agents/agent-transcript.ts``).

**Records**, one a line; all have the first line's fields::

    {"uuid": …, "parentUuid": …, "sessionId": …, "timestamp": "2026-01-02T03:04:05.678Z", "cwd": …,
     "version": "0.21.13", "gitBranch": …, "type": "user" | "assistant" | "tool_result" | "system", …}
    user         "message": {"role": "user", "parts": [{"text": "Fix it"}]},
                 "systemPayload": {"displayText": …, "hookContext": …}
    assistant    "model": "qwen3-coder-plus", "message": {"role": "model", "parts": [
                 {"text": …, "thought": true}, {"text": …},
                 {"functionCall": {"id": …, "name": …, "args": {…}}}]},
                 "usageMetadata": {"promptTokenCount": 900, "cachedContentTokenCount": 600,
                 "candidatesTokenCount": 20, "thoughtsTokenCount": 5, "totalTokenCount": 920}
    tool_result  "message": {"role": "user", "parts": [
                 {"functionResponse": {"id": …, "name": …, "response": {"output": …}}}]},
                 "toolCallResult": {"callId": …, "status": "success" | "error" | "cancelled", …}
    system       "subtype": "ui_telemetry" | "chat_compression" | "custom_title" | "rewind" | …,
                 "systemPayload": {…}

**Model calls** are written twice: as telemetry when the provider has answered, and then as the answer,
with the same token counts. They are one call, measured by the telemetry's duration. An answer without
telemetry is a call from what the model was given to its record. Telemetry without an answer is a call all
the same: a request that gave nothing of use and was made again, one that compressed the history, chose a
title, or read a page for a tool. Records of one ``uuid`` are one answer, and its last usage holds.

**Tokens.** ``cachedContentTokenCount`` is part of ``promptTokenCount``. Thoughts are part of
``candidatesTokenCount`` with the interfaces of OpenAI and Qwen, beside it with Google's: the total tells, and
where there is none they are part of it, unless they are more. What Anthropic's interface wrote to
the cache is within the prompt and not told apart.

**Branches.** Going back (``rewind``) begins a branch in the same file. What an abandoned branch used was
used: all records are told as they were written, with a notice where the conversation went back.

**Forks** (``/branch``) are copies whose records say where they are from (``forkedFrom``) and keep their
``uuid``: they are told as ``copied``, and the session's own times begin with what is its own.

**Sub-agents** have ids that end in the id of the tool call that ran them. Their calls are in the
telemetry of the session too. From there they are told at the lowest rank, for a sub-agent without a file of
its own; a call is the same one by session and token counts, so that it counts once.

**Times.** A tool runs from its request's record to its result's, the wait for an approval included.

**Lost**: what was sent; stops by the user that no ``turn_result`` tells; of a sub-agent with a file of its
own, the tokens of answers without any text, which that file does not have; the calls of suggestions and
forked queries, which are not recorded; sessions in the format ``managed_session_*``. Two records that two
writers put on one line are a damaged line. There is no end of a session on disk, so none is told.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path, PurePosixPath

from ai_viewer.adapters.base import Artifact, Parser, Shape
from ai_viewer.adapters.qwen.older import OlderParser
from ai_viewer.adapters.qwen.places import Role, place
from ai_viewer.adapters.qwen.sidecar import AgentNoteParser, PullRequestParser
from ai_viewer.adapters.qwen.transcript import TranscriptParser

__all__ = ["Qwen"]


class Qwen:
    """The Qwen Code format."""

    name = "qwen"
    title = "Qwen Code"
    version = 1

    def roots(self, env: Mapping[str, str], home: Path) -> list[Path]:
        """Return ``$QWEN_RUNTIME_DIR`` and ``$QWEN_HOME``, or ``~/.qwen`` for the latter."""
        configured = [env.get("QWEN_RUNTIME_DIR"), env.get("QWEN_HOME") or "~/.qwen"]
        paths = [home / path[2:] if path.startswith("~/") else Path(path) for path in configured if path]
        return list(dict.fromkeys(paths))

    def folders(self, root: Path) -> list[Path]:
        """Return ``projects`` and ``tmp`` of a Qwen folder, which holds secrets as well; else ``root``."""
        found = [folder for folder in (root / "projects", root / "tmp") if folder.is_dir()]
        return found or ([] if root.name == ".qwen" else [root])

    def artifact(self, path: PurePosixPath) -> Artifact | None:
        """Return how to read a session, a sub-agent or a note beside them; ``None`` for anything else."""
        role = place(path).role
        if role is None:
            return None
        return Artifact(str(path), Shape.LINES if role is Role.TRANSCRIPT else Shape.WHOLE)

    def parser(self, artifact: Artifact, state: bytes | None) -> Parser:
        """Return a parser at the start of a file, or where ``state`` was taken."""
        match place(PurePosixPath(artifact.path)).role:
            case Role.AGENT_NOTE:
                return AgentNoteParser(artifact, state)
            case Role.OLDER:
                return OlderParser(artifact, state)
            case Role.PULL_REQUEST:
                return PullRequestParser(artifact, state)
            case _:
                return TranscriptParser(artifact, state)
