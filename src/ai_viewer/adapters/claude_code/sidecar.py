"""The note beside a sub-agent's transcript: ``agent-<id>.meta.json``."""

from __future__ import annotations

from typing import ClassVar

import msgspec

from ai_viewer.adapters.base import MAPPED, JsonParser, Outcome, Record, as_str, ignored, label
from ai_viewer.adapters.claude_code.places import place
from ai_viewer.model import Rank, SessionFacts, SessionUpdated


class NoState(msgspec.Struct):
    """A file read in one piece needs none."""


class SidecarParser(JsonParser):
    """Reads ``{"agentType": …, "description": …, "toolUseId"?: …}``."""

    state_type: ClassVar[type[msgspec.Struct]] = NoState

    def record(self, record: Record) -> Outcome:
        """Tell what the note says about its agent."""
        where = place(self.artifact.path)
        tool = as_str(record.get("toolUseId"))
        agent, title = as_str(record.get("agentType")), as_str(record.get("description"))
        if where.session is None or where.parent is None or not (agent or title):
            return ignored("empty_sidecar")
        self.emit(
            SessionUpdated(
                session=where.session,
                rank=Rank.SIDECAR,
                facts=SessionFacts(
                    kind=where.kind,
                    # The call may be another sub-agent's: whose it is, its own transcript tells.
                    parent=where.parent if tool is None else None,
                    parent_op=tool,
                    agent=agent,
                    title=label(title or ""),
                    cwd=as_str(record.get("worktreePath")),
                ),
            )
        )
        return MAPPED

    def save(self) -> NoState:
        """Return nothing to go on from."""
        return NoState()

    def load(self, state: NoState) -> None:
        """Go on from nothing."""
