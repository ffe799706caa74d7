"""The options that say which work to sum up: those of the HTTP interface, by the same names."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from cyclopts import Parameter

from ai_viewer.errors import UsageError
from ai_viewer.model import SessionStatus
from ai_viewer.moments import read_moment
from ai_viewer.store.sessions import SessionFilter
from ai_viewer.store.sums import Work
from ai_viewer.store.zones import LOCAL, UnknownZoneError, Zone


@Parameter(name="*")
@dataclass(frozen=True, kw_only=True)
class Narrowing:
    """Which work to sum up.

    Args:
        since: Only ops from this time on: 2026-01-31, 2026-01-31T12:00, or so long ago (12h, 7d, 2w).
        until: Only ops up to this time; a date means all of that day.
        tz: Time zone of days and times, such as Europe/Berlin; without it this machine's.
        format: Only sessions of this format.
        project: Only sessions in this folder.
        model: Only sessions with this model.
        agent: Only sessions of this agent; main are those that are no sub-agent's.
        status: Only sessions in this state.
        text: Only sessions with this in title, first prompt, folder or id.
        failed: Only sessions in which something failed.
        roots: Only sessions that no other one started.
        tree: Count also what these sessions started; with --roots it is so anyway.
        tool: Only calls of this tool.
        op_model: Only calls of this model.
    """

    since: str | None = None
    until: str | None = None
    tz: str | None = None
    format: str | None = None
    project: str | None = None
    model: str | None = None
    agent: str | None = None
    status: SessionStatus | None = None
    text: str | None = None
    failed: Annotated[bool, Parameter(negative=(), show_default=False)] = False
    roots: Annotated[bool, Parameter(negative=(), show_default=False)] = False
    tree: bool | None = None
    tool: str | None = None
    op_model: str | None = None

    def zone(self) -> Zone:
        """Return the time zone.

        Raises:
            UsageError: if there is none of that name.
        """
        try:
            return Zone(self.tz or LOCAL)
        except UnknownZoneError as error:
            raise UsageError(f"--tz: {error}") from error

    def work(self) -> Work:
        """Return the work that is meant.

        Raises:
            UsageError: if a time or the time zone cannot be understood.
        """
        return Work(
            sessions=SessionFilter(
                format=self.format and self.format.replace("-", "_"),
                project=self.project,
                model=self.model,
                agent=self.agent,
                status=self.status,
                text=self.text,
                failed=True if self.failed else None,
                roots=True if self.roots else None,
            ),
            tree=self.roots if self.tree is None else self.tree,
            since=self._moment("since", self.since),
            until=self._moment("until", self.until, end=True),
            tool=self.tool,
            model=self.op_model,
        )

    def _moment(self, option: str, text: str | None, *, end: bool = False) -> int | None:
        try:
            return None if text is None else read_moment(text, end=end, zone=self.zone().tzinfo)
        except ValueError as error:
            raise UsageError(f"--{option} {text}: {error}") from error
