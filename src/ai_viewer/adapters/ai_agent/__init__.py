"""ai-agent, Netdata's framework for agents: snapshots (versions 1 and 2) and ledgers (version 3).

**Where**: ``~/.ai-agent/sessions`` unless its configuration says otherwise; no environment variable
moves it. Both formats live there at once, and newer versions write both for one session::

    <session>.json.gz                          a snapshot, replaced as a whole, again and again
    session/<session>.jsonl                    a ledger, appended to
    payloads/<session>/turn-0001/*.gz          what a ledger (or a late snapshot) refers to

``*.tmp-*`` is what a stopped write left behind; ``accounting.jsonl``, ``cache.db`` and other
databases beside are not about sessions. ai-agent's sources are not public; the facts are from
the adapter specifications of https://github.com/netdata/ai-viewer (``.agents/sow/specs``) and its
test data, and from ai-agent's guide to snapshots, copies of which are public.

**Snapshots** are one tree. A sub-agent's session is embedded in the op that ran it, to any depth
(32 are read), and is nowhere else::

    {"version": 2, "reason": "final", "opTree": {
      "id": …, "traceId": <session id>, "agentId": …, "callPath": "a->b", "sessionTitle": …,
      "startedAt": <ms>, "endedAt": <ms>, "success": true, "error": …, "totals": {…},
      "turns": [{"index": 0, "startedAt": …, "attributes": {"label": "init", "prompts": {"user": …}}, "ops": [
        {"opId": …, "kind": "llm" | "tool" | "session" | "system", "startedAt": …, "endedAt": …,
         "status": "ok" | "failed", "attributes": {"provider": …, "model": …, "name": …, "error": …},
         "logs": [{"timestamp": …, "severity": "VRB" | "WRN" | …, "message": …}],
         "accounting": [{"type": "llm", "tokens": {…}, "costUsd": …, "stopReason": …},
                        {"type": "tool", "mcpServer": …, "charactersIn": …, "charactersOut": …}],
         "reasoning": {"final": …, "chunks": […]}, "request": {"payload": …, "size": …},
         "response": {"payload": …, "truncated": …}, "childSession": {…} | "childSessionRef": {…}}]}],
      "steps": [{"index": 0, "kind": "internal", "ops": […]}], "finalReport": {…}, "pluginMetas": {…}}}

They reach 150 MB compressed, so they are read in pieces, one op in memory at a time; those up to 4 MiB,
nearly all, at once. Keys may come in any order: what is told before the session's id or its turn's index
waits for it, up to 32 MiB. Places of problems count decompressed bytes, to the 4 KiB; in what was read at
once they only number the problems, whose messages name the place in the tree.

**Ledgers** are one record a line, ``session_start`` first; ops are told only when their turn ends::

    {"version": 3, "recordType": "turn_end", "seq": 3, "ts": …, "originId": …, "sessionId": …, "turn": 1,
     "status": "ok", "ops": [{"opId": …, "kind": …, "status": …, "startedAt": …, "endedAt": …,
       "accounting": {"tokensIn": …, "costUsd": …}, "payloadRefs": [{"kind": "llm_request", "path": …}],
       "childSessions": [{"sessionId": …, "parentOpId": …}]}], "warnings": […], "errors": […]}

**One session in both** is one session: both name it by the same id. The ledger is the transcript,
the snapshot a copy of it; a ledger of which only the start was written has no turns, so that the
snapshot's stand.

**Turns** are ai-agent's: one exchange with the model, not one message of a user. Turn 0 is its
initialisation. A *step* (of advisors, routers, handoffs, or the compaction of history) stands beside
the turns; step n is told as turn 10,000 + n, after all turns, its ops after theirs, so that nothing
of it is renumbered when turns are added.

**Tokens.** Older versions count cached tokens within ``inputTokens``, later ones do not, and nothing
tells which: see `contents.disjoint_usage` for how it is decided. ``cachedTokens`` is another name for
what was read from the cache. Attempts of one call are entries of one op and are summed. Totals of
turns and sessions are sums of the ops' and never added. A cost of 0 is also written for what has no
price, and left out in ledgers, so it is told as none. Cache writes are not told apart by their life.

**Payloads**: a model call's request is its context, its response its answer, each as it was
captured (an HTTP body, a stream of events, the SDK's JSON). A user's prompt is told only where a
snapshot's turn has it; else it is within the first request.

**Status**: ended without success or failure is interrupted; without an end it still runs. Then ops
and turns without an end of their own are cancelled with their session's end.

**Lost**: totals; the reason for a snapshot; the ids within log entries. The version of ai-agent is not
on disk. A snapshot that only shows a sub-agent, because it was the latest to write the file, names
its parent only since ``parentId`` is written.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path, PurePosixPath

from ai_viewer.adapters.ai_agent.ledger import LedgerParser
from ai_viewer.adapters.ai_agent.snapshot import SnapshotParser
from ai_viewer.adapters.base import Artifact, Parser, Shape

__all__ = ["AiAgent"]

_PAYLOADS = "payloads"
_LEDGERS = "session"


class AiAgent:
    """The ai-agent format."""

    name = "ai_agent"
    title = "ai-agent"
    version = 1

    def roots(self, env: Mapping[str, str], home: Path) -> list[Path]:  # noqa: ARG002 - none moves it
        """Return ``~/.ai-agent``."""
        return [home / ".ai-agent"]

    def folders(self, root: Path) -> list[Path]:
        """Return ``sessions`` of ``root``; else ``root`` itself."""
        sessions = root / "sessions"
        return [sessions if sessions.is_dir() else root]

    def elsewhere(self, path: PurePosixPath) -> bool:
        """Whether ``path`` is a folder of payloads, which are read when a record names them."""
        return _PAYLOADS in path.parts

    def artifact(self, path: PurePosixPath) -> Artifact | None:
        """Return how to read a snapshot or a ledger; ``None`` for anything else in the folder."""
        folders = path.parent.parts
        if self.elsewhere(path.parent):
            return None
        in_ledgers = folders[-1:] == (_LEDGERS,)
        if in_ledgers and path.suffix == ".jsonl":
            return Artifact(str(path))
        if not in_ledgers and path.name.endswith(".json.gz"):
            return Artifact(str(path), Shape.PIECES)
        return None

    def parser(self, artifact: Artifact, state: bytes | None) -> Parser:
        """Return a parser of a snapshot, or of a ledger from its start or where ``state`` was taken."""
        if artifact.shape is Shape.PIECES:
            return SnapshotParser(artifact, state)
        return LedgerParser(artifact, state)
