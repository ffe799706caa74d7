"""GitHub Copilot CLI: event logs.

**Where**: ``$COPILOT_HOME`` (``~/.copilot``), below ``session-state/``::

    <session>/events.jsonl       one JSON object a line, appended to
    <session>.jsonl              the same, until early 2026

Beside ``events.jsonl`` stand ``workspace.yaml``, checkpoints, copies of files and whatever the agent
keeps there: none of it is read. Programs that use Copilot's SDK write the same files. Producer:
https://github.com/github/copilot-cli, which is closed; the events' types are in
https://github.com/github/copilot-sdk (``nodejs/src/generated/session-events.ts``).

**Records**: ``{"type": …, "data": {…}, "id": <uuid>, "timestamp": …, "parentId": …}``, and ``agentId``
where a sub-agent speaks::

    session.start        {"sessionId", "copilotVersion": "1.0.77", "startTime", "selectedModel",
                          "context": {"cwd", "branch", "repository"}}
    user.message         {"content": "Fix it", "source", "delivery", "attachments": […]}
    assistant.turn_start {"turnId": "0"}                     the model is asked: a step, no turn of ours
    assistant.message    {"messageId", "apiCallId", "model", "content", "reasoningText", "outputTokens": 12,
                          "toolRequests": [{"toolCallId", "name", "arguments", "mcpServerName"}]}
    tool.execution_start, tool.execution_complete            {"toolCallId", "success", "result", "error"}
    subagent.started, .completed, .failed                    {"toolCallId", "agentName", "model", …}
    session.compaction_complete                              {"summaryContent", "compactionTokensUsed"}
    session.error, abort, session.resume, session.model_change, …
    session.shutdown     {"modelMetrics": {<model>: {"requests", "usage"}}, "agentMetrics", "shutdownType"}

**Turns** begin with a message of the user's. One that steers the work under way stays in its turn; so
does what the program says in the user's name (a skill's text, autopilot going on, another agent). What it
says in the model's name (no interaction, model or tokens) is no model call.

**Tokens.** A message tells the output of its call, or nothing (newer versions); a compaction tells all
of its own. What was sent to the model, and read from or written to its cache, is known only when the
program ends, as sums by model. No call is given a share of that, because none is known. Instead each
run ends with one op a model, ``usage at shutdown``, that has what the sums hold beyond what was told
before: so a session's tokens are the sums, each token once. It is one more model call than there were,
its price is taken as if no single call had had a long context, and its time is that of the latest
activity. Where ``agentMetrics`` (2026) tells a sub-agent's part, that sub-agent has such an op itself;
else what it was sent is with the session that started it. A run that was killed, or left with ``/new``,
has no sums: of it the outputs are all there is, and its cost is too low.

A resumed session's next sums hold only the new run, until some version of mid-2026, or all runs, since.
Both are read: see ``usage.py``. Cache writes are not told apart by their life and are told as 5 minutes'.
Reasoning is part of the output; what of it was in calls that told their output has no name any more.

**Cost.** Premium requests and AI credits (``totalNanoAiu``) are Copilot's own currencies; they stand in
the notice at shutdown, and no dollars are made of them. Calls are priced as GitHub's (``github-copilot``).

**Sub-agents** speak in the same file, by ``agentId`` or, before, ``parentToolCallId``, and are sessions of
their own: ``<session>:<tool call>``. Their first prompt is the tool's input.

**Copies**: a call is known by ``apiCallId`` or ``messageId``, the op at shutdown by its event's id.

**Times.** A call runs from what the model was given (a step's start, a prompt, a tool's result) to its
first message's end; a tool from the start of its execution to its end, the wait for a permission included.

**Lost**: tokens of single calls, but for their output (since 2026 also in ``session-store.db``, which is not
read); the session's name (``workspace.yaml``); images (``session.binary_asset``); calls that failed and
were tried again; until the end of 2025 ``history-session-state/``. A session that ended may be resumed, so
it has a state but no time of its end.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path, PurePosixPath

from ai_viewer.adapters.base import Artifact, Parser
from ai_viewer.adapters.copilot.session import SessionParser

__all__ = ["Copilot"]

_ELSEWHERE = frozenset(
    {"checkpoints", "files", "history-session-state", "research", "rewind-file-snapshots", "rewind-snapshots"}
)
"""Folders of a session with what it worked on, and of sessions in an older format."""


class Copilot:
    """The format of Copilot CLI."""

    name = "copilot"
    title = "Copilot CLI"
    version = 1

    def roots(self, env: Mapping[str, str], home: Path) -> list[Path]:
        """Return ``$COPILOT_HOME``, else ``~/.copilot``."""
        configured = env.get("COPILOT_HOME")
        return [Path(configured) if configured else home / ".copilot"]

    def folders(self, root: Path) -> list[Path]:
        """Return ``session-state`` of Copilot's folder, which holds secrets as well; else ``root`` itself."""
        sessions = root / "session-state"
        if sessions.is_dir():
            return [sessions]
        return [] if root.name == ".copilot" else [root]

    def artifact(self, path: PurePosixPath) -> Artifact | None:
        """Return how to read an event log; ``None`` for anything else in the folder."""
        if path.suffix != ".jsonl" or self.elsewhere(path.parent):
            return None
        return Artifact(str(path))

    def elsewhere(self, path: PurePosixPath) -> bool:
        """Whether the folder holds what a session worked on."""
        return not _ELSEWHERE.isdisjoint(path.parts)

    def parser(self, artifact: Artifact, state: bytes | None) -> Parser:
        """Return a parser at the start of a session, or where ``state`` was taken."""
        return SessionParser(artifact, state)
