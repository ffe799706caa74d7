"""The notes beside the transcripts: what a sub-agent is, and which pull request a session made."""

from __future__ import annotations

from pathlib import PurePosixPath
from typing import ClassVar

import msgspec

from ai_viewer.adapters.base import (
    MAPPED,
    JsonParser,
    Outcome,
    Record,
    as_str,
    ignored,
    iso_micros,
    label,
)
from ai_viewer.adapters.qwen.contents import ERROR_LENGTH
from ai_viewer.adapters.qwen.places import agent_session, launching_call, place
from ai_viewer.model import Rank, SessionFacts, SessionKind, SessionStatus, SessionUpdated

_STATUSES = {
    "completed": SessionStatus.COMPLETED,
    "failed": SessionStatus.FAILED,
    "cancelled": SessionStatus.INTERRUPTED,
}
"""How a sub-agent ended; one of another status has not."""


class NoState(msgspec.Struct):
    """A file read in one piece needs none."""


class _NoteParser(JsonParser):
    """Reads a file that is one object."""

    state_type: ClassVar[type[msgspec.Struct]] = NoState

    def save(self) -> NoState:
        """Return nothing to go on from."""
        return NoState()

    def load(self, state: NoState) -> None:
        """Go on from nothing."""


class AgentNoteParser(_NoteParser):
    """Reads ``{"agentId": …, "agentType": …, "description": …, "parentAgentId": …, "status": …}``."""

    def record(self, record: Record) -> Outcome:
        """Tell what the note says about its agent."""
        where = place(PurePosixPath(self.artifact.path))
        kind = as_str(record.get("agentType"))
        if where.parent is None or kind is None:
            return ignored("empty_note")
        above = as_str(record.get("parentAgentId"))
        launched = launching_call(as_str(record.get("agentId")), as_str(record.get("subagentName")), kind)
        status = _STATUSES.get(as_str(record.get("status")) or "")
        error = as_str(record.get("lastError")) if status is SessionStatus.FAILED else None
        self.emit(
            SessionUpdated(
                session=where.session,
                rank=Rank.SIDECAR,
                facts=SessionFacts(
                    kind=SessionKind.SUB_AGENT,
                    parent=where.parent if above is None else agent_session(where.parent, above),
                    parent_op=as_str(record.get("toolUseId")) or launched,
                    agent=kind,
                    title=label(as_str(record.get("description")) or ""),
                    model=as_str(record.get("model")),
                    ended_at=iso_micros(record.get("lastUpdatedAt")) if status is not None else None,
                    status=status,
                    error_class="agent_error" if error is not None else None,
                    error_message=error[:ERROR_LENGTH] if error is not None else None,
                ),
            )
        )
        return MAPPED


class PullRequestParser(_NoteParser):
    """Reads ``{"number": 7, "url": "https://…", "createdAt": …}``."""

    def record(self, record: Record) -> Outcome:
        """Tell the session's pull request."""
        url = as_str(record.get("url"))
        if url is None or not url.startswith(("https://", "http://")):
            return ignored("no_pull_request")
        session = place(PurePosixPath(self.artifact.path)).session
        self.emit(SessionUpdated(session=session, rank=Rank.SIDECAR, facts=SessionFacts(pr_url=url)))
        return MAPPED
