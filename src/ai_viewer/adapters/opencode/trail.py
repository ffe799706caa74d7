"""A session being told, and what its parser keeps between two records."""

from __future__ import annotations

import msgspec

from ai_viewer.adapters.base import JsonParser, Trail, TrailState
from ai_viewer.model import Micros, OpStatus, Severity, TurnFinalized, TurnStatus


class Unfinished(msgspec.Struct, array_like=True):
    """An op of an answer that had not ended when it was read."""

    turn: int
    seq: int


class State(msgspec.Struct, omit_defaults=True):
    """What is kept between two records."""

    trail: TrailState
    created: Micros | None = None
    titled_as_fork: bool = False
    forked: bool = False
    messages: int = 0
    is_child: bool = False
    apart: bool = True
    """Whether this version counts reasoning beside the output."""
    agent: str | None = None
    provider: str | None = None
    model: str | None = None
    cwd: bool = False
    reverted: str | None = None
    """The first message that the user has taken back."""
    prompts: int = 0
    contexts: int = 0
    unfinished: list[Unfinished] = []


class SessionTrail(Trail):
    """The trail of an opencode session."""

    def __init__(self, parser: JsonParser, session: State) -> None:
        super().__init__(parser, session.trail)
        self.session = session
        self.copied = False
        """Whether the message being read is another session's."""

    def note(self, ts: Micros | None, name: str, message: str, seq: int = 0) -> None:
        """Add a notice, unless it is another session's."""
        if not self.copied:
            self.log(ts, Severity.INFO, name, message, seq)

    def leave(self, seq: int) -> None:
        """Note an op of the answer being read that may never end."""
        self.session.unfinished.append(Unfinished(self.turn, seq))

    def begin_turn(self, ts: Micros | None, label: str | None) -> None:
        """Begin a turn; the one before may still be at work, if the prompt was queued."""
        if self.session.unfinished:
            self.finish_turn(self.last_at, TurnStatus.RUNNING)
        self.start_turn(ts, label)

    def give_up(self) -> None:
        """End what the earlier answer left, now that there is another: nobody knows when it was given up."""
        for op in self.session.unfinished:
            self.finish_op(op.turn, op.seq, None, OpStatus.CANCELLED)
        for turn in sorted({op.turn for op in self.session.unfinished} - {self.turn}):
            self.parser.emit(
                TurnFinalized(
                    session=self.session.trail.session, turn=turn, ts=None, status=TurnStatus.INTERRUPTED
                )
            )
        self.session.unfinished = []
