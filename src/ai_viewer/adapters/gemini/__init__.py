"""Gemini CLI: recorded chats.

**Where**: ``$GEMINI_CLI_HOME/.gemini`` (``~/.gemini``), below ``tmp/<project>/chats/``, where
``<project>`` is a hash of the working directory or, since 2026, a short name::

    session-2026-01-02T03-04-0a1b2c3d.json       until 0.39: one object, written anew with every message
    session-2026-01-02T03-04-0a1b2c3d.jsonl      since 0.40: appended to
    <session>/<agent>.json, .jsonl               a sub-agent (0.36)

A session of the first kind that is resumed by a newer version leaves both: the ``.jsonl`` has all
of it and goes on, so the ``.json`` is a copy. Producer: https://github.com/google-gemini/gemini-cli
(``packages/core/src/services/chatRecordingService.ts``).

**Records**, one a line; the object has the header's fields and all ``messages``::

    {"sessionId": …, "projectHash": …, "startTime": "2026-01-02T03:04:05.678Z", "kind": "main"}
    {"id": …, "timestamp": …, "type": "user", "content": [{"text": "Fix it"}], "displayContent": …}
    {"id": …, "timestamp": …, "type": "gemini", "content": "Done.", "model": "gemini-3-flash-preview",
     "thoughts": [{"subject": …, "description": …, "timestamp": …}],
     "tokens": {"input": 12069, "output": 147, "cached": 11502, "thoughts": 20, "tool": 0, "total": 12236},
     "toolCalls": [{"id": …, "name": …, "args": {…}, "status": "success", "timestamp": …, "result": […]}]}
    {"id": …, "timestamp": …, "type": "info" | "warning" | "error", "content": "Request cancelled."}
    {"$set": {"lastUpdated": …, "summary": …, "directories": […], "messages": […]}}
    {"$rewindTo": <message id>}

**A message may come again**, with the same id, when its tokens or tool calls are known: the last
one holds, and it is still one call. ``$set`` with ``messages`` replaces the history that the *model*
sees (old outputs masked, a compressed beginning); what was said before stands in this file already,
so of those only a summary is news, unless no message was told yet.

**Rewinds** take messages out of the conversation, not off the bill: their turns and calls stay where
they are, and a notice in the transcript says from where the conversation went on.

**Which session.** ``sessionId``. Until 0.36 a sub-agent recorded a chat of its own under the session's
id: with ``kind`` it is told as ``<session>:<file>``; before that nothing tells such a file from the
session's, and each is a session named by its file, so that none hides another's tokens.

**Times.** A message is written when the answer has ended, a tool call has the time it ended, and all
calls of a message end together. A model call runs from what it was given (prompt, tool result) to its
message; a tool from its message to its end, the wait for an approval included. Until 0.30 an answer
without a text was written with its tools, after them: then the ids of the tool calls, which hold the
time they were asked for, tell its end.

**Tokens.** ``cached`` is part of ``input``, ``thoughts`` are beside ``output``, and ``tool`` (results of
tools on Google's side) is beside ``input`` where the total says so.

**The working directory** is only in the project's hash. A path of the session whose SHA-256 it is, is
the one; if none is, it is not known.

**Lost**: what was sent, requests that failed and were tried again, why an answer ended, the calls that
compress the history, choose a model or fix an edit; until 0.30 the CLI itself could lose the usage of
an answer that was neither text nor thought. There is no end of a session on disk, so none is told.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path, PurePosixPath

from ai_viewer.adapters.base import Artifact, Parser, Shape
from ai_viewer.adapters.gemini.chat import ChatParser

__all__ = ["Gemini"]

_OTHERS = frozenset({"logs.json", "settings.json", "projects.json", "state.json", "trustedFolders.json"})
"""Files of Gemini's beside the chats."""
_ELSEWHERE = frozenset({"checkpoints", "history", "logs", "plans", "tasks", "tool-outputs", "tracker"})
"""Folders of Gemini's beside the chats."""


class Gemini:
    """The Gemini CLI format."""

    name = "gemini"
    title = "Gemini CLI"
    version = 2

    def roots(self, env: Mapping[str, str], home: Path) -> list[Path]:
        """Return ``.gemini`` in ``$GEMINI_CLI_HOME``, else in the home."""
        configured = env.get("GEMINI_CLI_HOME")
        return [(Path(configured) if configured else home) / ".gemini"]

    def folders(self, root: Path) -> list[Path]:
        """Return ``tmp`` of a Gemini folder, which holds secrets as well; else ``root`` itself."""
        chats = root / "tmp"
        if chats.is_dir():
            return [chats]
        return [] if root.name == ".gemini" else [root]

    def artifact(self, path: PurePosixPath) -> Artifact | None:
        """Return how to read a chat; ``None`` for anything else in the folder.

        In Gemini's own folders chats are in ``chats``; in a folder of copies any other file may be one.
        """
        if path.suffix not in (".json", ".jsonl"):
            return None
        folders = path.parent.parts
        if "chats" not in folders and (
            "tmp" in folders
            or not _ELSEWHERE.isdisjoint(folders)
            or path.name in _OTHERS
            or path.name.startswith("checkpoint")
        ):
            return None
        return Artifact(str(path), Shape.WHOLE if path.suffix == ".json" else Shape.LINES)

    def parser(self, artifact: Artifact, state: bytes | None) -> Parser:
        """Return a parser at the start of a chat, or where ``state`` was taken."""
        return ChatParser(artifact, state)
