"""Reads one session: its facts, its turns, and who said what."""

from __future__ import annotations

from pathlib import PurePosixPath
from typing import Any, ClassVar

import msgspec

from ai_viewer.adapters.base import (
    MAPPED,
    Artifact,
    JsonParser,
    Outcome,
    Record,
    Shape,
    TrailState,
    as_dict,
    as_list,
    as_str,
    ignored,
    label,
    unknown,
)
from ai_viewer.adapters.opencode.answer import Answer
from ai_viewer.adapters.opencode.contents import (
    file,
    given_title,
    is_forked,
    millis,
    reasoning_apart,
)
from ai_viewer.adapters.opencode.trail import SessionTrail, State
from ai_viewer.adapters.parts import Part
from ai_viewer.model import (
    Micros,
    OpKind,
    OpStatus,
    PayloadKind,
    Rank,
    SessionFacts,
    SessionKind,
    Timing,
    TurnStatus,
)

MAIN_DATABASE = "opencode.db"

_CLOCK_TURNED = 1_000_000
"""A session whose messages are older by more than this is a fork: clocks are set back by less."""
_USERS_COMMAND = "The following tool was executed by the user"
"""What opencode says in place of a user who typed ``!command``."""
_OUTCOMES = {"failed": TurnStatus.FAILED, "interrupted": TurnStatus.INTERRUPTED}
"""How a turn ended by the word of opencode 2 for it; else it was completed."""
_GOES_ON = frozenset({"tool-calls", "unknown"})
"""Reasons to finish after which the model is called again."""


class SessionParser(JsonParser):
    """Parser of a session's records, which `ai_viewer.adapters.opencode.records` describes."""

    state_type: ClassVar[type[msgspec.Struct]] = State

    def __init__(self, artifact: Artifact, state: bytes | None) -> None:
        in_database = artifact.shape is Shape.DATABASE
        main = in_database and PurePosixPath(artifact.path).parent.name == MAIN_DATABASE
        self.state = State(TrailState("", Rank.TRANSCRIPT if main else Rank.COPY))
        self.trail = SessionTrail(self, self.state)
        super().__init__(artifact, state)

    def save(self) -> State:
        """Return the state to go on from."""
        return self.state

    def load(self, state: State) -> None:
        """Go on from a saved state."""
        self.state = state
        self.trail = SessionTrail(self, state)

    def decode(self, record: bytes) -> Any:
        """Decode a record; one that says what is broken is refused."""
        decoded = super().decode(record)
        broken = as_str(as_dict(decoded).get("broken"))
        if broken is not None:
            raise ValueError(broken)
        return decoded

    def flush(self) -> None:
        """Tell first and last activity; a fork began when it was made, not with what it copied."""
        trail = self.state.trail
        if not trail.session:
            self._begin(None, {})
        first, last, created = trail.first_at, trail.last_at, self.state.created
        if created is not None:
            trail.first_at = created if first is None or self.state.forked else min(first, created)
            trail.last_at = created if last is None else max(last, created)
        self.trail.flush()
        trail.first_at, trail.last_at = first, last

    def record(self, record: Record) -> Outcome:
        """Map the session, or a message with its parts."""
        if "session" in record:
            if self.state.trail.session:
                return ignored("repeated_session")
            self._begin(as_str(record["session"]), as_dict(record.get("data")))
            return MAPPED
        if not self.state.trail.session:
            self._begin(None, {})
        native_id = as_str(record.get("message"))
        if native_id is None:
            return unknown("record")
        return self._message(native_id, record)

    # --- the session ---

    def _begin(self, name: str | None, told: Record) -> None:
        """Begin the session with what is told of it, which may be nothing."""
        state = self.state
        name = as_str(told.get("id")) or name or PurePosixPath(self.artifact.path).name
        state.trail.session = name.replace("/", ":")
        parent = as_str(told.get("parentID"))
        origin = as_str(told.get("forkedFrom"))
        version = as_str(told.get("version"))
        title = as_str(told.get("title"))
        model = as_dict(told.get("model"))
        state.created = millis(as_dict(told.get("time")).get("created"))
        state.titled_as_fork = origin is not None or is_forked(title)
        state.is_child = parent is not None
        state.apart = reasoning_apart(version)
        state.reverted = as_str(as_dict(told.get("revert")).get("messageID"))
        state.provider, state.model = as_str(model.get("providerID")), as_str(model.get("id"))
        cwd = as_str(told.get("directory"))
        state.cwd = cwd is not None
        kind = SessionKind.ROOT if origin is None else SessionKind.FORK
        above = parent or origin
        self.trail.started(
            SessionFacts(
                kind=SessionKind.SUB_AGENT if state.is_child else kind,
                parent=above.replace("/", ":") if above is not None else None,
                agent=as_str(told.get("agent")) if state.is_child else None,
                title=given_title(title),
                model=state.model,
                provider=state.provider,
                cwd=cwd,
                client=f"opencode {version}" if version is not None else "opencode",
                started_at=state.created,
                last_at=state.created,
            )
        )

    def _speaks(self, provider: str | None, model: str | None) -> None:
        """Note which model is in use from here on."""
        state = self.state
        if (provider, model) != (state.provider, state.model):
            state.provider, state.model = provider, model
            self.trail.update(provider=provider, model=model)

    def _agent(self, data: Record, ts: Micros | None) -> None:
        """Note which agent is at work: a sub-agent's type, or the mode that the user has chosen."""
        state = self.state
        agent = as_str(data.get("agent")) or as_str(data.get("mode"))
        if agent is None or agent == state.agent or data.get("summary") is True:
            return
        if state.is_child:
            if state.agent is None:
                self.trail.update(agent=agent)
        elif state.agent is not None:
            self.trail.note(ts, "agent", agent)
        state.agent = agent

    # --- messages ---

    def _message(self, native_id: str, record: Record) -> Outcome:
        state, data = self.state, as_dict(record.get("data"))
        role = as_str(data.get("role"))
        ts = millis(as_dict(data.get("time")).get("created"))
        if ts is None:
            ts = millis(record.get("at"))
        state.messages += 1
        self._copied(ts)
        if role == "user":
            outcome = self._user(record, data, ts)
        elif role == "assistant":
            outcome = self._assistant(native_id, record, data, ts)
        elif role == "note":
            self.trail.note(ts, as_str(data.get("name")) or role, as_str(data.get("text")) or "")
            outcome = MAPPED
        elif role == "context":
            self._context(as_str(data.get("text")), ts)
            outcome = MAPPED
        elif role == "idle":
            outcome = self._idle(data, ts)
        else:
            return unknown(f"message/{role}")
        if native_id == state.reverted:
            self.trail.note(ts, "revert", f"taken back from message {native_id} on")
        return outcome

    def _idle(self, data: Record, ts: Micros | None) -> Outcome:
        """The work for the latest prompt has ended, says opencode 2."""
        if self.trail.turn == 0 or self.trail.copied:
            return ignored("idle")
        self.trail.give_up()
        self.trail.seen(ts)
        status = _OUTCOMES.get(as_str(data.get("outcome")) or "", TurnStatus.COMPLETED)
        self.trail.finish_turn(self.trail.last_at, status)
        return MAPPED

    def _copied(self, ts: Micros | None) -> None:
        """Tell whether a message is a fork's copy: it is older than its session."""
        state = self.state
        older = state.created - ts if ts is not None and state.created is not None else 0
        if state.messages == 1 and older > 0 and not state.is_child:
            state.forked = state.titled_as_fork or older > _CLOCK_TURNED
            if state.forked:
                self.trail.update(kind=SessionKind.FORK)
        self.trail.copied = state.forked and older > 0

    def _user(self, record: Record, data: Record, ts: Micros | None) -> Outcome:
        """Take what the user says, or what opencode says in the user's place, which begins no turn."""
        state = self.state
        parts = [as_dict(part) for part in as_list(record.get("parts"))]
        odd: str | None = None
        said: list[Part] = []
        given: list[Part] = []
        compacting: bool | None = None  # and whether that is opencode's own doing
        for number, part in enumerate(parts):
            told, pointer = as_dict(part.get("data")), f"/parts/{number}/data"
            kind = as_str(told.get("type"))
            text = as_str(told.get("text"))
            if kind == "text":
                if text is not None and told.get("ignored") is not True:
                    (given if told.get("synthetic") is True else said).append(Part(f"{pointer}/text", text))
            elif kind == "file":
                found = file(told, f"{pointer}/url")
                if found is not None:
                    (given if found.data is None else said).append(found)
            elif kind == "subtask":
                prompt = as_str(told.get("prompt"))
                said.append(Part(f"{pointer}/prompt", prompt or as_str(told.get("description")) or "subtask"))
            elif kind == "agent":
                key = "name" if as_str(told.get("name")) is not None else "type"
                given.append(Part(f"{pointer}/{key}", told[key]))
            elif kind == "compaction":
                compacting = told.get("auto") is True
            elif kind not in ("snapshot", "patch"):
                odd = kind or "none"
        typed = as_str(as_dict(record.get("prompt")).get("text"))
        if typed is not None and not any(part.text == typed for part in said):
            said.insert(0, Part("/prompt/text", typed))
        by_user = bool(said) or not parts or compacting is False
        if by_user or self.trail.turn == 0 or any(part.text == _USERS_COMMAND for part in given):
            text = label(" ".join(part.text for part in (said or given) if part.text is not None))
            if text is None and compacting is not None:
                text = "/compact"
            self.trail.begin_turn(ts, text or (f"[{said[0].media_type}]" if said else None))
            state.prompts = state.contexts = 0
        self.trail.seen(ts)
        self._agent(data, ts)
        system = as_str(data.get("system"))
        if system is not None:
            given.insert(0, Part("/data/system", system))
        for part_said in said:
            self.trail.part(self.trail.turn, 0, PayloadKind.PROMPT, state.prompts, part_said)
            state.prompts += 1
        for part_given in given:
            self.trail.part(self.trail.turn, 0, PayloadKind.CONTEXT, state.contexts, part_given)
            state.contexts += 1
        if compacting is not None:
            self.trail.note(ts, "compaction", "automatic" if compacting else "asked for")
        return MAPPED if odd is None else unknown(f"part/{odd}")

    def _context(self, text: str | None, ts: Micros | None) -> None:
        """The model is told something that no one said."""
        self.trail.seen(ts)
        if text is not None:
            part = Part("/data/text", text)
            self.trail.part(self.trail.turn, 0, PayloadKind.CONTEXT, self.state.contexts, part)
            self.state.contexts += 1

    def _assistant(self, native_id: str, record: Record, data: Record, ts: Micros | None) -> Outcome:
        """Take an answer: one model call or more, with the tools that they asked for."""
        state = self.state
        self.trail.give_up()
        if self.trail.turn > 0:
            state.trail.in_turn = True
        cwd = as_str(as_dict(data.get("path")).get("cwd"))
        if cwd is not None and not state.cwd:
            state.cwd = True
            self.trail.update(cwd=cwd)
        self._agent(data, ts)
        self.trail.seen(ts)
        answer = Answer(self.trail, native_id, data, ts)
        if data.get("summary") is not True:
            self._speaks(answer.provider, answer.model)
        compaction = self._compaction(ts) if data.get("summary") is True else None
        odd = answer.read([as_dict(part) for part in as_list(record.get("parts"))], compaction)
        self.trail.seen(answer.ended)
        if compaction is not None:
            self._compacted(compaction, answer)
        self._verdict(answer)
        return MAPPED if odd is None else unknown(f"part/{odd}")

    def _compaction(self, ts: Micros | None) -> int:
        """The history is being replaced by its summary, which a model call writes."""
        return self.trail.start_op(
            ts, OpKind.COMPACTION, name="compaction", copied=self.trail.copied, timing=Timing.MEASURED
        )

    def _compacted(self, seq: int, answer: Answer) -> None:
        if answer.ended is None and answer.error is None:
            self.trail.leave(seq)
            return
        status = OpStatus.COMPLETED
        if answer.error is not None:
            status = OpStatus.CANCELLED if answer.aborted else OpStatus.FAILED
        failed = status is OpStatus.FAILED
        self.trail.finish_op(
            self.trail.turn,
            seq,
            answer.ended,
            status,
            error_class=answer.error if failed else None,
            error_message=answer.error_message if failed else None,
        )

    def _verdict(self, answer: Answer) -> None:
        """End the turn with the answer after which the model is not called again."""
        if answer.error is not None:
            status = TurnStatus.INTERRUPTED if answer.aborted else TurnStatus.FAILED
            failed = status is TurnStatus.FAILED
            self.trail.finish_turn(
                self.trail.last_at,
                status,
                answer.error if failed else None,
                answer.error_message if failed else None,
            )
        elif answer.ended is not None and answer.finish not in _GOES_ON:
            self.trail.finish_turn(self.trail.last_at, TurnStatus.COMPLETED)
