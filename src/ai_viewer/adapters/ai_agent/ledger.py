"""Reads a ledger: a session's records as they are appended; ops come with the end of their turn."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import PurePosixPath
from typing import ClassVar

import msgspec

from ai_viewer.adapters.ai_agent.contents import (
    CLIENT,
    ERROR_LENGTH,
    OP_KINDS,
    Note,
    Op,
    child_kind,
    disjoint_usage,
    ended,
    final_report,
    is_tool_output,
    moment,
    namespace,
    read_cost,
    read_error,
    safe_id,
    session_notes,
    size,
    tell_note,
    tell_op,
    written,
)
from ai_viewer.adapters.ai_agent.payloads import Payloads, payload_kind
from ai_viewer.adapters.base import (
    MAPPED,
    Artifact,
    JsonParser,
    Outcome,
    Record,
    Trail,
    TrailState,
    as_count,
    as_dict,
    as_list,
    as_str,
    unknown,
)
from ai_viewer.model import (
    Micros,
    OpKind,
    PayloadKind,
    Rank,
    SessionFacts,
    SessionFinalized,
    SessionKind,
    SessionStatus,
    SessionUpdated,
    Severity,
    SourceError,
    TurnStarted,
    TurnStatus,
)

VERSION = 3

_SUB_AGENT_HEADENDS = frozenset({"sub-agent", "history_compaction"})
"""What started a session that belongs to another; all others are people's and programs' ways in."""

_TURN_STATUS = {"ok": TurnStatus.COMPLETED, "failed": TurnStatus.FAILED}
_SESSION_STATUS = {"ok": SessionStatus.COMPLETED, "failed": SessionStatus.FAILED}
_REFERENCES = {
    "llm_request": (OpKind.LLM, "request"),
    "sdk_request": (OpKind.LLM, "request"),
    "llm_response": (OpKind.LLM, "response"),
    "sdk_response": (OpKind.LLM, "response"),
    "tool_request": (OpKind.TOOL, "request"),
    "tool_response": (OpKind.TOOL, "response"),
}
_ON_THE_WIRE = {
    "request": ("llm_request", "tool_request", "sdk_request"),
    "response": ("llm_response", "tool_response", "sdk_response"),
}
"""Which reference tells how many bytes went each way: the SDK's are the same once more."""


class State(msgspec.Struct, omit_defaults=True):
    """What is kept between two records."""

    trail: TrailState
    expected: int | None = None
    """The number that the next record should have."""
    ended_turn: int | None = None
    """The turn whose end was told last, if no other began since."""
    seq_before: int = 0
    logs_before: int = 0
    """Ops and notices before that end."""
    provider: str | None = None
    model: str | None = None
    notes: list[tuple[Micros | None, str, str]] = []
    """What the session's start tells besides, until there is a turn to show it in."""


class LedgerParser(JsonParser):
    """Parser of ledgers."""

    state_type: ClassVar[type[msgspec.Struct]] = State

    def __init__(self, artifact: Artifact, state: bytes | None) -> None:
        self.state = State(TrailState("", Rank.TRANSCRIPT))
        self.trail = Trail(self, self.state.trail)
        self.folder = PurePosixPath(artifact.path).parent.parent
        self.flaws: list[tuple[str, str]] = []
        """What is wrong with the current record although it is read: a record has one place for all of it."""
        self.records: dict[str, Callable[[Record, Micros | None], Outcome]] = {
            "session_start": self._session_start,
            "turn_start": self._turn_start,
            "turn_end": self._turn_end,
            "session_summary": self._session_summary,
            "session_error": self._session_error,
        }
        super().__init__(artifact, state)

    def save(self) -> State:
        """Return the state to go on from."""
        return self.state

    def load(self, state: State) -> None:
        """Go on from a saved state."""
        self.state = state
        self.trail = Trail(self, state.trail)

    def flush(self) -> None:
        """Tell first and last activity."""
        if self.state.trail.session:
            self.trail.flush()

    def malformed(self, error_class: str, message: str, record: bytes) -> None:
        """Tell a broken record; what number it had is not known."""
        self.state.expected = None
        super().malformed(error_class, message, record)

    def record(self, record: Record) -> Outcome:
        """Map one line."""
        self.flaws.clear()
        outcome = self._read(record)
        if self.flaws:
            self.emit(
                SourceError(
                    offset=self.offset,
                    error_class=self.flaws[0][0],
                    message="; ".join(message for _, message in self.flaws),
                )
            )
        return outcome

    def _read(self, record: Record) -> Outcome:
        kind = record.get("recordType")
        self._check_number(record)
        if record.get("version") != VERSION:
            return unknown(f"version/{record.get('version')}")
        read = self.records.get(kind) if isinstance(kind, str) else None
        if read is None:
            return unknown(kind)
        if not self.state.trail.session:
            self.state.trail.session = safe_id(record.get("sessionId")) or self.artifact.stem
        ts = moment(record.get("ts"))
        outcome = read(record, ts)
        self.trail.seen(ts)
        return outcome

    def _check_number(self, record: Record) -> None:
        number, expected = as_count(record.get("seq")), self.state.expected
        if expected is not None and number != expected:
            self.flaws.append(("records missing", f"expected record {expected} here, found {number}"))
        self.state.expected = number + 1

    # --- the session ---

    def _session_start(self, record: Record, ts: Micros | None) -> Outcome:
        session = self.state.trail.session
        headend, parent = as_str(record.get("headendId")), safe_id(record.get("parentSessionId"))
        origin = safe_id(record.get("originId"))
        elsewhere = origin is not None and origin != session
        kind = SessionKind.ROOT
        if is_tool_output(headend):
            kind = SessionKind.TOOL_INTERNAL
        elif parent is not None or elsewhere or headend in _SUB_AGENT_HEADENDS:
            kind = SessionKind.SUB_AGENT
        self.trail.started(
            SessionFacts(
                kind=kind,
                parent=parent if parent != session else None,
                parent_op=as_str(record.get("parentOpId")),
                agent=as_str(record.get("agentId")),
                call_path=as_str(record.get("callPath")),
                client=CLIENT,
                started_at=ts,
            )
        )
        attributes = as_dict(record.get("attributes"))
        attributes.pop("ledgerPath", None)
        if attributes:
            self.state.notes.append((ts, "attributes", written(attributes)))
        if headend is not None and kind is SessionKind.ROOT:
            self.state.notes.append((ts, "headend", headend))
        if record.get("capturePayloads") is False:
            self.state.notes.append((ts, "payload", "payloads were not captured"))
        return MAPPED

    def _session_summary(self, record: Record, ts: Micros | None) -> Outcome:
        status = as_str(record.get("status")) or ""
        if status not in _SESSION_STATUS:
            return MAPPED if status == "running" else unknown(f"session_summary/{status}")
        for child in map(as_dict, as_list(record.get("childSessions"))):
            self._mention(child, None)
        if self.state.trail.turn or self.state.trail.in_turn:
            self._report(record, ts)
            for note in session_notes(record, ts):
                tell_note(self.trail, note)
        failed = status == "failed"
        self._end(ts, _SESSION_STATUS[status], "agent_error" if failed else None, record)
        return MAPPED

    def _session_error(self, record: Record, ts: Micros | None) -> Outcome:
        self._end(ts, SessionStatus.FAILED, "session_error", record)
        return MAPPED

    def _end(self, ts: Micros | None, status: SessionStatus, error_class: str | None, record: Record) -> None:
        error = as_str(record.get("error"))
        if self.state.trail.in_turn:
            done = status is SessionStatus.COMPLETED
            self.trail.finish_turn(ts, TurnStatus.COMPLETED if done else TurnStatus.FAILED)
        self.emit(
            SessionFinalized(
                session=self.state.trail.session,
                rank=Rank.TRANSCRIPT,
                ts=ts,
                status=status,
                error_class=error_class,
                error_message=error[:ERROR_LENGTH] if error is not None else None,
            )
        )

    def _report(self, record: Record, ts: Micros | None) -> None:
        """Tell the final report; where only its form is told, a notice of it."""
        given = record.get("finalReport")
        text, media_type = final_report(given)
        if text is not None:
            self.trail.payload(
                self.trail.turn,
                0,
                PayloadKind.ANSWER,
                text=text,
                media_type=media_type,
                pointer="/finalReport",
            )
        elif given:
            captured = "" if as_dict(given).get("captured") is True else ", not captured"
            form = as_str(as_dict(given).get("format")) or "unknown form"
            tell_note(self.trail, Note(ts, Severity.INFO, "final report", form + captured))

    # --- turns ---

    def _turn_start(self, record: Record, ts: Micros | None) -> Outcome:
        self._begin_turn(as_count(record.get("turn")), ts)
        attempt = as_count(record.get("attempt"))
        if attempt > 1:
            tell_note(self.trail, Note(ts, Severity.WARNING, "attempt", f"attempt {attempt}"))
        return MAPPED

    def _begin_turn(self, turn: int, ts: Micros | None) -> None:
        """Begin a turn; one that has no end by now has none."""
        trail = self.state.trail
        if trail.in_turn and trail.turn != turn:
            self.trail.finish_turn(self.trail.last_at, TurnStatus.INTERRUPTED)
        trail.turn, trail.in_turn = turn, True
        self.state.ended_turn = None
        self.emit(TurnStarted(session=trail.session, turn=turn, ts=ts))
        for at, name, message in self.state.notes:
            tell_note(self.trail, Note(at, Severity.INFO, name, message))
        self.state.notes = []

    def _turn_end(self, record: Record, ts: Micros | None) -> Outcome:
        state, trail = self.state, self.state.trail
        turn = as_count(record.get("turn"))
        if state.ended_turn == turn:  # told again, with more of it: in place of what was told before
            trail.seq, trail.logs = state.seq_before, state.logs_before
        elif not trail.in_turn or trail.turn != turn:
            starts = [moment(as_dict(op).get("startedAt")) for op in as_list(record.get("ops"))]
            self._begin_turn(turn, min((start for start in starts if start is not None), default=ts))
        state.ended_turn, state.seq_before, state.logs_before = turn, trail.seq, trail.logs
        odd = [outcome for op in as_list(record.get("ops")) if (outcome := self._op(as_dict(op))) is not None]
        errors = [written(error) for error in as_list(record.get("errors"))]
        for warning in as_list(record.get("warnings")):
            tell_note(self.trail, Note(ts, Severity.WARNING, "warning", written(warning)))
        for error in errors:
            tell_note(self.trail, Note(ts, Severity.ERROR, "error", error))
        status = as_str(record.get("status")) or ""
        if status != "running":
            failed = status == "failed"
            self.trail.finish_turn(
                ts,
                _TURN_STATUS.get(status, TurnStatus.COMPLETED),
                error_class="turn_error" if failed else None,
                error_message=errors[0][:ERROR_LENGTH] if failed and errors else None,
            )
        return odd[0] if odd else MAPPED

    # --- ops ---

    def _op(self, told: Record) -> Outcome | None:
        """Tell one op; return an outcome if something of it is not known."""
        op, refused, odd = self._read_op(told)
        tell_op(self.trail, op)
        for path in refused:
            place = f"op {op.native_id} refers to {path!r}, out of the sessions' folder"
            self.flaws.append(("payload elsewhere", place))
        state = self.state
        if op.kind is OpKind.LLM and (op.provider, op.model) != (state.provider, state.model):
            state.provider, state.model = op.provider, op.model
            self.trail.update(provider=op.provider, model=op.model)
        for child in map(as_dict, as_list(told.get("childSessions"))):
            self._mention(child, op, as_str(told.get("provider")))
        return odd

    def _read_op(self, told: Record) -> tuple[Op, list[str], Outcome | None]:
        attributes = as_dict(told.get("attributes"))
        kind = OP_KINDS.get(str(told.get("kind")), OpKind.INTERNAL)
        odd = None if str(told.get("kind")) in OP_KINDS else unknown(f"op/{told.get('kind')}")
        begun, over = moment(told.get("startedAt")), moment(told.get("endedAt"))
        error = as_str(told.get("error")) or as_str(attributes.get("error"))
        status = ended(told.get("status"), error, as_str(attributes.get("stopReason")), over=over is not None)
        error_class, error_message = read_error(kind, status, error)
        accounting = told.get("accounting")
        usage, tokens = None, as_dict(accounting)
        if tokens:
            usage = disjoint_usage(
                as_count(tokens.get("tokensIn")),
                as_count(tokens.get("tokensOut")),
                as_count(tokens.get("tokensCacheRead")),
                as_count(tokens.get("tokensCacheWrite")),
                0,
            )
        payloads, reasoning = Payloads(self.folder, over), Payloads(self.folder, over)
        sizes: dict[str, int] = {}
        for ref in map(as_dict, as_list(told.get("payloadRefs"))):
            what = as_str(ref.get("kind")) or ""
            if what == "reasoning_stream":
                reasoning.reference(PayloadKind.REASONING, what, ref)
            elif what in _REFERENCES:
                payloads.reference(payload_kind(*_REFERENCES[what]), what, ref)
            else:
                odd = unknown(f"payload/{what}")
            length = size(ref.get("originalBytes"))
            if length is not None:
                sizes[what] = length
        provider = as_str(told.get("provider")) or as_str(attributes.get("provider"))
        model = as_str(told.get("model")) or as_str(attributes.get("model"))
        name = as_str(told.get("name")) or as_str(attributes.get("name")) or as_str(attributes.get("label"))
        children = [safe_id(as_dict(child).get("sessionId")) for child in as_list(told.get("childSessions"))]
        is_llm, is_tool = kind is OpKind.LLM, kind is OpKind.TOOL
        op = Op(
            native_id=as_str(told.get("opId")),
            kind=kind,
            name=(model if is_llm else None) or name,
            namespace=namespace(as_str(attributes.get("kind")), provider, None) if is_tool else None,
            model=model if is_llm else None,
            provider=provider if is_llm else None,
            started_at=begun,
            ended_at=over,
            status=status,
            error_class=error_class,
            error_message=error_message,
            usage=usage,
            cost=read_cost(tokens.get("costUsd")),
            context_used=(usage.context or None) if usage is not None else None,
            bytes_in=_wire_size(sizes, "request"),
            bytes_out=_wire_size(sizes, "response", attributes.get("size")),
            child=next((child for child in children if child not in (None, self.state.trail.session)), None),
            texts=payloads.texts,
            reasoning=reasoning.texts,
            notes=[*payloads.notes, *reasoning.notes],
        )
        return op, [*payloads.refused, *reasoning.refused], odd

    def _mention(self, child: Record, op: Op | None, provider: str | None = None) -> None:
        """Tell whose a session is that this one started, for where its own ledger does not."""
        session, this = safe_id(child.get("sessionId")), self.state.trail.session
        if session is None or session == this:
            return
        agent = as_str(child.get("agentId"))
        facts = SessionFacts(
            kind=child_kind(agent, op.name, provider) if op is not None else None,
            parent=safe_id(child.get("parentSessionId")) or this,
            parent_op=as_str(child.get("parentOpId")) or (op.native_id if op is not None else None),
            agent=agent,
            call_path=as_str(child.get("callPath")),
            status=_SESSION_STATUS.get(as_str(child.get("status")) or ""),
        )
        self.emit(SessionUpdated(session=session, rank=Rank.MENTION, facts=facts))


def _wire_size(sizes: dict[str, int], side: str, other: object = None) -> int | None:
    """Bytes of an op's request or response, as they went over the wire."""
    return next((sizes[what] for what in _ON_THE_WIRE[side] if what in sizes), size(other))
