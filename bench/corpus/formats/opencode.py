"""opencode's database: sessions, their messages, and the messages' parts."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

from bench.corpus.conversation import Call, Tool
from bench.corpus.formats.session import Session, millis

_NAMES = {"shell": "bash", "read": "read", "edit": "edit", "search": "grep"}
_PROVIDER, _MODEL = "anthropic", "claude-sonnet-4-5"
_TABLES = """
PRAGMA journal_mode = WAL;
CREATE TABLE IF NOT EXISTS session (
    id TEXT PRIMARY KEY, project_id TEXT NOT NULL, parent_id TEXT, slug TEXT NOT NULL,
    directory TEXT NOT NULL, title TEXT NOT NULL, version TEXT NOT NULL, revert TEXT, agent TEXT, model TEXT,
    time_created INTEGER NOT NULL, time_updated INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS message (
    id TEXT PRIMARY KEY, session_id TEXT NOT NULL, time_created INTEGER NOT NULL,
    time_updated INTEGER NOT NULL, data TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS part (
    id TEXT PRIMARY KEY, message_id TEXT NOT NULL, session_id TEXT NOT NULL, time_created INTEGER NOT NULL,
    time_updated INTEGER NOT NULL, data TEXT NOT NULL);
CREATE INDEX IF NOT EXISTS message_session_idx ON message (session_id);
CREATE INDEX IF NOT EXISTS part_message_id_id_idx ON part (message_id, id);
CREATE INDEX IF NOT EXISTS part_session_idx ON part (session_id);
"""


def write(root: Path, session: Session) -> int:
    """Write a session into the database below ``~/.local/share/opencode``; return its bytes."""
    root.mkdir(parents=True, exist_ok=True)
    with closing(sqlite3.connect(root / "opencode.db")) as connection, connection:
        connection.executescript(_TABLES)
        rows = _Rows(session, connection)
        for turn in session.turns:
            session.later(turn.pause)
            asked = rows.prompt(turn.prompt)
            for call in turn.calls:
                rows.call(call, asked)
        rows.end()
    return rows.size


def finish(root: Path) -> None:
    """Leave one file behind."""
    with closing(sqlite3.connect(root / "opencode.db")) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        connection.execute("PRAGMA journal_mode = WAL")


class _Rows:
    def __init__(self, session: Session, connection: sqlite3.Connection) -> None:
        self.session = session
        self.connection = connection
        self.size = 0
        self._count = 0
        self.id = self._name("ses")

    def _name(self, kind: str) -> str:
        """An id as opencode makes it: its first digits are the time, so that ids sort by it."""
        self._count += 1
        moment = (self.session.millis * 0x1000 + self._count % 0x1000) & 0xFFFFFFFFFFFF
        return f"{kind}_{moment:012x}{self.session.draw(14)}"

    def _insert(self, table: str, row: tuple[Any, ...]) -> None:
        self.connection.execute(f"INSERT INTO {table} VALUES ({', '.join('?' * len(row))})", row)
        self.size += sum(len(value) if isinstance(value, str) else 8 for value in row)

    def _message(self, name: str, data: dict[str, Any], created: int) -> None:
        self._insert("message", (name, self.id, created, self.session.millis, _json(data)))

    def _part(self, message: str, data: dict[str, Any]) -> None:
        now = self.session.millis
        self._insert("part", (self._name("prt"), message, self.id, now, now, _json(data)))

    def prompt(self, text: str) -> str:
        now = self.session.millis
        name = self._name("msg")
        model = {"providerID": _PROVIDER, "modelID": _MODEL}
        self._message(name, {"role": "user", "agent": "build", "model": model, "time": {"created": now}}, now)
        self._part(name, {"type": "text", "text": text})
        self.session.later(0.02)
        return name

    def call(self, call: Call, asked: str) -> None:
        session = self.session
        began = session.millis
        name = self._name("msg")
        tokens = {
            "total": call.fresh + call.cached + call.written + call.output,
            "input": call.fresh,
            "output": call.output - call.reasoning,
            "reasoning": call.reasoning,
            "cache": {"read": call.cached, "write": call.written},
        }
        self._part(name, {"type": "step-start"})
        session.later(call.seconds)
        if call.thought is not None:
            spent = {"start": began, "end": session.millis}
            self._part(name, {"type": "reasoning", "text": call.thought, "time": spent})
        if call.answer is not None:
            spent = {"start": session.millis, "end": session.millis}
            self._part(name, {"type": "text", "text": call.answer, "time": spent})
        if call.tool is not None:
            self._tool(name, call.tool)
        finish = "stop" if call.tool is None else "tool-calls"
        self._part(name, {"type": "step-finish", "reason": finish, "cost": 0.01, "tokens": tokens})
        data = {
            "role": "assistant",
            "parentID": asked,
            "modelID": _MODEL,
            "providerID": _PROVIDER,
            "mode": "build",
            "agent": "build",
            "path": {"cwd": session.cwd, "root": session.cwd},
            "cost": 0.01,
            "tokens": tokens,
            "time": {"created": began, "completed": session.millis},
            "finish": finish,
        }
        self._message(name, data, began)
        session.later(0.02)

    def _tool(self, message: str, tool: Tool) -> None:
        session = self.session
        began = session.millis
        session.later(tool.seconds)
        metadata = {"exit": int(tool.failed)} if tool.kind == "shell" else {}
        state = {
            "status": "completed",
            "input": tool.given,
            "output": tool.said,
            "title": tool.kind,
            "metadata": metadata,
            "time": {"start": began, "end": session.millis},
        }
        name = _NAMES[tool.kind]
        part = {"type": "tool", "callID": f"toolu_01{session.draw(22)}", "tool": name, "state": state}
        self._part(message, part)

    def end(self) -> None:
        session = self.session
        times = (millis(session.began), session.millis)
        model = _json({"id": _MODEL, "providerID": _PROVIDER})
        about = (self.id, "global", None, "quiet-river", session.cwd, f"Work on {session.project}", "1.18.33")
        self._insert("session", (*about, None, "build", model, *times))


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)
