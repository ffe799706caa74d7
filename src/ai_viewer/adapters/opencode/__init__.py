"""opencode: sessions in a database, and in the JSON tree of older versions.

**Where**: ``$XDG_DATA_HOME/opencode`` (``~/.local/share/opencode``). Since 1.2 ``opencode.db`` in WAL
mode, and ``opencode-<channel>.db`` of builds of another channel; until 1.1 ``storage/``. A tree is
left behind when it has been taken over into the database: the same session, which counts once, by the
database. Since 2.0 sessions are in other tables of it, see `ai_viewer.adapters.opencode.second`.
``$OPENCODE_DB`` names another database; it is found if its name begins with ``opencode``.
Producer: https://github.com/sst/opencode (``packages/opencode/src/session``, ``…/storage``, ``…/id``).

**Records**: a session, its messages, their parts; all are rewritten in place. ``data`` is JSON::

    session(id, parent_id, title, directory, version, time_created, time_updated, agent, model, revert, …)
    message(id, session_id, time_created, time_updated, data)
      {"role": "user", "agent": "build", "model": {…}, "time": {"created": 1767323045678}}
      {"role": "assistant", "parentID": "msg_…", "providerID": …, "modelID": …, "cost": 0.01,
       "tokens": {"total": 190, "input": 12, "output": 7, "reasoning": 1, "cache": {"read": 170, "write": 0}},
       "time": {"created": …, "completed": …}, "finish": "stop", "summary": true, "error": {"name": …}}
    part(id, message_id, session_id, time_created, time_updated, data)
      {"type": "step-start"} {"type": "step-finish", "reason": …, "cost": …, "tokens": …}
      {"type": "text" | "reasoning", "text": …, "time": {"start": …, "end": …}}
      {"type": "tool", "callID": …, "tool": "bash", "state": {"status": "completed", "input": …,
       "output": …, "metadata": {"exit": 0}, "time": {"start": …, "end": …}}}
      {"type": "file" | "subtask" | "agent" | "compaction" | "retry" | "patch" | "snapshot", …}

A tree's files hold the same objects with their ids. How they are fed to the parser is in
`ai_viewer.adapters.opencode.records`: a message and its parts are one record.

**Turns** begin with a message in which the user says something. What opencode says in the user's place
(synthetic texts, a compaction) goes on with the turn. An answer belongs to the message it names.

**Model calls** are steps: one a message since 1.0, several in older ones. The message repeats the last
step's tokens and the sum of the costs, so it is believed only where there is no ``step-finish``; the
session's own sums are never read. A message without tokens or steps made no call: a command that the
user ran, a sub-task. A step lasts until its tools have ended; the model's part of it is told as ending
when the last of them began. Parts without a time have one in their id.

**Tokens** are one call's, in disjoint parts. Reasoning is beside the output since 1.4 and was within it
before: ``total`` shows which, where there is one, else the session's version. Cache writes are not told
apart by their life and are told as 5 minutes'. A cost of 0 is a subscription's, and told as no cost.

**Forks** (``… (fork #1)``) copy messages with their times, tokens and costs under new ids, and name no
origin before 2.0. What is older than its session is told as ``copied``; a call is recognised by its times,
model and tokens.

**Errors**: ``MessageAbortedError`` is the user's doing. A command's exit code is in the metadata of a
call that is ``completed`` for opencode; ``invalid`` is a call that could not be understood.

**Taken over**: opencode 2 translates old sessions once, and leaves them where they were; an older version
may go on with them there. A message that is in both generations is read from the first, which tells more.

**Lost**: calls copied into a fork whose origin was deleted before it was read count nowhere. Messages
that were taken back are deleted with the next prompt, and then gone. There is no end of a session, so
none is told. Trees of 2025's first half (``project/<name>/storage``) are not read.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path, PurePosixPath
from typing import cast

from ai_viewer.adapters.base import Artifact, Database, Folder, Member, Parser, Shape
from ai_viewer.adapters.opencode import database, tree
from ai_viewer.adapters.opencode.session import SessionParser

__all__ = ["Opencode"]

_DATABASE = re.compile(r"(opencode(?:-[A-Za-z0-9._-]+)?\.db)(?:-wal)?")
_NOT_SESSIONS = frozenset({"snapshot", "worktree", "repos"})
"""Folders beside the database with copies of the user's repositories."""
_IN_TREE = frozenset({"session", "message", "part"})


class Opencode:
    """The opencode format."""

    name = "opencode"
    title = "opencode"
    version = 1

    def roots(self, env: Mapping[str, str], home: Path) -> list[Path]:
        """Return ``$XDG_DATA_HOME/opencode``, and the folder of ``$OPENCODE_DB`` if that is another."""
        data = env.get("XDG_DATA_HOME")
        main = (Path(data) if data else home / ".local" / "share") / "opencode"
        named = Path(env.get("OPENCODE_DB") or "")
        if not named.is_absolute() or _DATABASE.fullmatch(named.name) is None or named.parent == main:
            return [main]
        return [main, named.parent]

    def folders(self, root: Path) -> list[Path]:
        """Return ``root``: databases and trees are found wherever they are below it."""
        return [root]

    def elsewhere(self, path: PurePosixPath) -> bool:
        """Whether ``path`` is one of the folders of repositories, or in one."""
        return path.parts[:1] != () and path.parts[0] in _NOT_SESSIONS

    def artifact(self, path: PurePosixPath) -> Artifact | None:
        """Return the database or the tree that the file at ``path`` is of; ``None`` if of none."""
        if self.elsewhere(path):
            return None
        found = _DATABASE.fullmatch(path.name)
        if found is not None:
            return Artifact(str(path.with_name(found[1])), Shape.DATABASE)
        parents = path.parts
        if path.suffix != ".json" or len(parents) < 4 or parents[-3] not in _IN_TREE:
            return None
        storage = path.parents[2]
        return Artifact(str(storage), Shape.TREE) if storage.name.startswith("storage") else None

    def parser(self, artifact: Artifact, state: bytes | None) -> Parser:
        """Return a parser of one session."""
        return SessionParser(artifact, state)

    def members(
        self, artifact: Artifact, place: Database | Folder, since: int | None, changed: str | None
    ) -> Iterator[Member]:
        """Yield the sessions that may have changed; see `database.members` and `tree.members`."""
        if artifact.shape is Shape.DATABASE:
            return database.members(cast(Database, place), since)
        return tree.members(cast(Folder, place), artifact.path, since, changed)

    def records(self, artifact: Artifact, place: Database | Folder, name: str) -> Iterator[bytes]:
        """Yield a session's records, as `ai_viewer.adapters.opencode.records` describes them."""
        if artifact.shape is Shape.DATABASE:
            return database.records(cast(Database, place), name)
        return tree.records(cast(Folder, place), artifact.path, name)
