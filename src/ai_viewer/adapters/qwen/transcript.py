"""Reads a transcript: what each record means, in the order they were written."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import PurePosixPath
from typing import Any, ClassVar

import msgspec

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
    ignored,
    iso_micros,
    label,
    number_micros,
    unknown,
)
from ai_viewer.adapters.gemini_api import content_part
from ai_viewer.adapters.parts import Part, text_size, whole
from ai_viewer.adapters.qwen.contents import (
    AGENTS,
    ERROR_LENGTH,
    Counts,
    agent_of,
    begun_at,
    parts,
    provider,
    read_counts,
    response,
    telemetry_counts,
    tool_name,
    verdict,
)
from ai_viewer.adapters.qwen.places import agent_session, launching_call, native, place
from ai_viewer.adapters.qwen.state import Call, State, Tool
from ai_viewer.model import (
    Micros,
    OpKind,
    OpStarted,
    OpStatus,
    PayloadKind,
    Rank,
    SessionFacts,
    SessionKind,
    Severity,
    Timing,
    TurnStatus,
    call_key,
)

UNANSWERED = 8
"""How many calls without an answer are remembered: the answer comes next, but for what runs beside."""
TOOLS = 64
"""How many tool calls without a result are remembered."""
AGENTS_KEPT = 32
"""How many sub-agents are remembered that telemetry tells of."""

_ADDED = ("<qwen:user-prompt-submit-context>", "<system-reminder>")
"""How parts of a prompt begin that the program added."""
_STATE_ONLY = frozenset(
    {
        "agent_bootstrap", "agent_launch_prompt", "agent_retry", "agent_session_ready",
        "attribution_snapshot", "branch_checkpoint", "file_history_snapshot", "goal_state", "goal_turn_end",
        "omni_recall", "session_approval_mode", "session_artifact_event", "session_artifact_snapshot",
        "session_execution_engine", "session_notes", "session_source", "session_sources_snapshot",
        "user_text_elements",
    }
)  # fmt: skip
"""System records that hold the program's own state, or what stands elsewhere as well."""
_WORK = frozenset({"ui_telemetry", "chat_compression", "turn_result"})
"""System records that tell of work; of others some are written when the session is closed."""
_AGENT_STATUSES = {
    "failed": OpStatus.FAILED,
    "cancelled": OpStatus.CANCELLED,
    "running": OpStatus.RUNNING,
    "background": OpStatus.RUNNING,
}
"""How a sub-agent's run stands where its tool call was answered; any other word means completed."""
_TURN_STATUSES = {
    "completed": TurnStatus.COMPLETED,
    "cancelled": TurnStatus.INTERRUPTED,
    "error": TurnStatus.FAILED,
}


class TranscriptParser(JsonParser):
    """Parser of sessions and of sub-agents."""

    state_type: ClassVar[type[msgspec.Struct]] = State

    def __init__(self, artifact: Artifact, state: bytes | None) -> None:
        self.place = place(PurePosixPath(artifact.path))
        self.state = State(TrailState("", Rank.TRANSCRIPT))
        self.trail = Trail(self, self.state.trail)
        self.copied = False
        """Whether the record being read is another session's."""
        self.types: dict[str, Callable[[Record, Micros | None], Outcome]] = {
            "user": self._user,
            "assistant": self._assistant,
            "tool_result": self._results,
            "system": self._system,
        }
        self.subtypes: dict[str, Callable[[Record, Micros | None], Outcome]] = {
            "ui_telemetry": self._telemetry,
            "chat_compression": self._compacted,
            "custom_title": self._titled,
            "session_model": self._model_chosen,
            "parent_session": self._parent,
            "rewind": self._rewound,
            "slash_command": self._command,
            "at_command": self._files_named,
            "background_task_completed": self._task_ended,
            "turn_result": self._turn_ended,
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
        """Tell first and last activity; a fork's is what it did itself."""
        state, trail = self.state, self.state.trail
        if not trail.session:
            return
        first, last = trail.first_at, trail.last_at
        if state.forked:
            trail.first_at, trail.last_at = state.own_first, state.own_last
        self.trail.flush()
        trail.first_at, trail.last_at = first, last
        for agent in state.agents.values():
            Trail(self, agent).flush()

    def record(self, record: Record) -> Outcome:
        """Map one line."""
        kind = record.get("type")
        read = self.types.get(kind) if isinstance(kind, str) else None
        if read is None:
            return unknown(kind)
        ts = iso_micros(record.get("timestamp"))
        self._begin(record)
        outcome = read(record, ts)
        state = self.state
        if kind == "system" and record.get("subtype") not in _WORK and state.trail.first_at is not None:
            return outcome
        self.trail.seen(ts)
        if ts is not None and not self.copied:
            state.own_first = ts if state.own_first is None else min(ts, state.own_first)
            state.own_last = ts if state.own_last is None else max(ts, state.own_last)
        return outcome

    # --- the session ---

    def _begin(self, record: Record) -> None:
        """Begin the session, unless it was begun; note whose the record is and what it says."""
        state, where = self.state, self.place
        origin = as_str(as_dict(record.get("forkedFrom")).get("sessionId"))
        self.copied = origin is not None and native(origin) != where.session
        if not state.trail.session:
            state.trail.session = where.session
            agent = as_str(record.get("agentName")) if where.parent is not None else None
            self.trail.started(
                SessionFacts(
                    kind=SessionKind.ROOT if where.parent is None else SessionKind.SUB_AGENT,
                    parent=where.parent,
                    parent_op=launching_call(as_str(record.get("agentId")), agent),
                    agent=agent,
                    cwd=as_str(record.get("cwd")),
                )
            )
        if self.copied and origin is not None and not state.forked:
            state.forked = True
            self.trail.update(kind=SessionKind.FORK, parent=native(origin))
        version, branch = as_str(record.get("version")), as_str(record.get("gitBranch"))
        if version is not None and version != state.client:
            state.client = version
            self.trail.update(client=f"qwen-code {version}")
        if branch is not None and branch != state.branch:
            state.branch = branch
            self.trail.update(git_branch=branch)

    def _log(self, ts: Micros | None, severity: Severity, name: str, message: str, seq: int = 0) -> None:
        """Add a notice, unless it is another session's."""
        if not self.copied:
            self.trail.log(ts, severity, name, message, seq)

    def _give(self, ts: Micros | None) -> None:
        """The model is given something."""
        self._after(ts)
        self.state.in_round = False

    def _after(self, ts: Micros | None) -> None:
        if ts is not None and (self.state.given is None or ts > self.state.given):
            self.state.given = ts

    def _reopen(self) -> None:
        """Work goes on in a turn that seemed to have ended."""
        if self.state.trail.turn > 0:
            self.state.trail.in_turn = True

    # --- what the model is given ---

    def _user(self, record: Record, ts: Micros | None) -> Outcome:
        """A prompt, or what the program says in the user's name."""
        state, subtype = self.state, as_str(record.get("subtype"))
        message = record.get("message")
        if any("functionResponse" in as_dict(part) for part in as_list(as_dict(message).get("parts"))):
            return self._results(record, ts)
        uuid = as_str(record.get("uuid"))
        if uuid is not None and uuid == state.prompt:
            return ignored("repeated_record")
        found = parts(message, "/message")
        if not found:
            return ignored("empty_message")
        payload = as_dict(record.get("systemPayload"))
        external = as_str(record.get("externalInputKind"))
        aside = subtype == "notification" and record.get("deliveredTurn") is not True
        if aside or external == "notification" or subtype == "goal_runtime":
            self._attach(ts, PayloadKind.CONTEXT, found)
        else:
            state.prompt = uuid
            joins = subtype == "mid_turn_user_message" or external is not None
            self._prompt(payload, found, ts, joins=joins and state.trail.in_turn and self.trail.turn > 0)
        self._end_task(as_dict(payload.get("backgroundTask")), ts)
        self._give(ts)
        return MAPPED

    def _prompt(self, payload: Record, found: list[Part], ts: Micros | None, *, joins: bool) -> None:
        """Begin a turn, or add to the one that is under way."""
        added = [part for part in found if part.text is not None and part.text.lstrip().startswith(_ADDED)]
        said = [part for part in found if part not in added] or added
        shown = as_str(payload.get("displayText"))
        if not joins:
            text = label(shown or whole(said)) or f"[{said[0].media_type}]"
            self.trail.start_turn(ts, text)
            self.state.prompts = self.state.contexts = 0
        if shown is None or shown == whole(said) or shown in {part.text for part in said}:
            self._attach(ts, PayloadKind.PROMPT, said)
            self._attach(ts, PayloadKind.CONTEXT, [part for part in found if part not in said])
            return
        # What was typed, and what it was expanded to: a command's text, files that were named.
        self._attach(ts, PayloadKind.PROMPT, [Part("/systemPayload/displayText", shown)])
        self._attach(ts, PayloadKind.CONTEXT, found)

    def _attach(self, ts: Micros | None, kind: PayloadKind, found: list[Part]) -> None:
        """Attach parts of a message to the turn itself."""
        state = self.state
        self.trail.begin_turn_0(ts)
        for part in found:
            if kind is PayloadKind.PROMPT:
                number = state.prompts
                state.prompts += 1
            else:
                number = state.contexts
                state.contexts += 1
            self.trail.part(self.trail.turn, 0, kind, number, part)

    # --- what the model says ---

    def _assistant(self, record: Record, ts: Micros | None) -> Outcome:
        """An answer, or more of one."""
        state = self.state
        counts, uuid = read_counts(record.get("usageMetadata")), as_str(record.get("uuid"))
        found = as_list(as_dict(record.get("message")).get("parts"))
        model = as_str(record.get("model"))
        if not found and counts.usage() is None and model is None:
            return ignored("empty_message")
        if model is not None and model != state.model:
            state.model = model
            self.trail.update(model=model)
        call = self._same_answer(uuid, counts)
        if call is not None:
            if not call.measured:
                if counts.usage() is not None and self._announced(counts) is None:
                    call.counts = counts
                self._count(call, uuid, ts)
        else:
            call = self._announced(counts) or self._call(uuid, ts, model, counts)
            call.uuid, state.answer = uuid, call
        window = as_count(record.get("contextWindowSize"))
        if window:
            self.trail.finish_op(call.turn, call.seq, None, context_max=window)
        self._reopen()
        odd = self._contents(found, call, ts)
        state.in_round = True
        self._after(ts)
        return MAPPED if odd is None else unknown(f"part/{odd}")

    def _same_answer(self, uuid: str | None, counts: Counts) -> Call | None:
        """The latest answer, if a record goes on with it.

        A sub-agent's texts and each of its tool calls are records of their own.
        """
        answer = self.state.answer
        if answer is None:
            return None
        if uuid is not None and uuid == answer.uuid:
            return answer
        is_part = self.place.parent is not None and self.state.in_round
        told_already = counts.usage() is not None and answer.counts.usage() is not None
        return answer if is_part and not told_already else None

    def _announced(self, counts: Counts) -> Call | None:
        """The call that telemetry told with the same counts: of several the latest."""
        unanswered = self.state.unanswered
        for number in range(len(unanswered) - 1, -1, -1):
            if unanswered[number].counts.shared == counts.shared:
                return unanswered.pop(number)
        return None

    def _call(self, uuid: str | None, ts: Micros | None, model: str | None, counts: Counts) -> Call:
        """Tell a call of which there is no telemetry."""
        given = self.state.given
        start = given if given is not None and (ts is None or given <= ts) else ts
        seq = self.trail.start_op(
            start,
            OpKind.LLM,
            name=model or self.state.model,
            native_id=uuid,
            copied=self.copied,
            model=model or self.state.model,
        )
        call = Call(self.trail.turn, seq, counts)
        self._count(call, uuid, ts)
        return call

    def _count(self, call: Call, uuid: str | None, ts: Micros | None) -> None:
        """Tell a call's end and tokens, and which call it is."""
        usage = call.counts.usage()
        if usage is not None:
            self.emit(
                OpStarted(
                    session=self.state.trail.session,
                    turn=call.turn,
                    seq=call.seq,
                    ts=None,
                    kind=OpKind.LLM,
                    call=self._identity(uuid, call.counts),
                    copied=self.copied,
                )
            )
        self.trail.finish_op(
            call.turn,
            call.seq,
            ts,
            usage=usage,
            context_used=(usage.context or None) if usage is not None else None,
        )

    def _identity(self, uuid: str | None, counts: Counts) -> int | None:
        """Identify a call by its record, which a fork copies with its id; a sub-agent's is told twice."""
        if self.place.parent is not None:
            return _agent_call(self.place.parent, counts)
        return call_key(uuid) if uuid is not None else None

    def _contents(self, found: list[Any], call: Call, ts: Micros | None) -> str | None:
        """Tell an answer's texts, thoughts and tool calls; return what is not known."""
        odd: str | None = None
        for number, part in enumerate(map(as_dict, found)):
            pointer = f"/message/parts/{number}"
            text = as_str(part.get("text"))
            if part.get("thought") is True:
                self._reasoning(text, call, ts, pointer)
            elif isinstance(part.get("functionCall"), dict):
                self._request(part["functionCall"], call, ts, f"{pointer}/functionCall")
            elif contents := list(content_part(part, pointer)):
                for told in contents:
                    self.trail.part(call.turn, call.seq, PayloadKind.ANSWER, call.answers, told)
                    call.answers += 1
            elif part and "text" not in part:
                odd = next(iter(part))
        return odd

    def _reasoning(self, text: str | None, call: Call, ts: Micros | None, pointer: str) -> None:
        seq = self._start_part(call, ts, OpKind.REASONING, name="reasoning", timing=Timing.POINT)
        if text is not None:
            self.trail.part(call.turn, seq, PayloadKind.REASONING, 0, Part(f"{pointer}/text", text))
        self.trail.finish_op(call.turn, seq, ts)

    def _start_part(self, call: Call, ts: Micros | None, kind: OpKind, **facts: Any) -> int:
        """Begin an op that belongs to a call, in the call's turn."""
        trail = self.state.trail
        trail.seq += 1
        self.emit(
            OpStarted(
                session=trail.session,
                turn=call.turn,
                seq=trail.seq,
                ts=ts,
                kind=kind,
                parent=call.seq,
                copied=self.copied,
                **facts,
            )
        )
        return trail.seq

    # --- tools ---

    def _request(self, asked: Record, call: Call, ts: Micros | None, pointer: str) -> None:
        """The model asks for a tool."""
        state, told = self.state, as_str(asked.get("name"))
        native_id, given = as_str(asked.get("id")), asked.get("args")
        if native_id is not None and native_id in state.tools:
            return  # told by the record before, of the same answer
        name, namespace = tool_name(told)
        kind = OpKind.TOOL
        if told in AGENTS:
            kind, namespace = OpKind.SESSION, ""
            name = as_str(as_dict(given).get("subagent_type")) or name
        seq = self._start_part(call, ts, kind, name=name, namespace=namespace or None, native_id=native_id)
        text = msgspec.json.encode(given).decode() if given else ""
        if text:
            part = Part(f"{pointer}/args", text, media_type="application/json")
            self.trail.part(call.turn, seq, PayloadKind.TOOL_INPUT, 0, part)
        state.tools[native_id or f"#{seq}"] = Tool(call.turn, seq, told, text_size(text))
        while len(state.tools) > TOOLS:
            del state.tools[next(iter(state.tools))]

    def _results(self, record: Record, ts: Micros | None) -> Outcome:
        """What tools gave back; mostly one."""
        message, result = record.get("message"), as_dict(record.get("toolCallResult"))
        answers = [
            (as_dict(as_dict(part).get("functionResponse")), f"/message/parts/{number}/functionResponse")
            for number, part in enumerate(as_list(as_dict(message).get("parts")))
            if isinstance(as_dict(part).get("functionResponse"), dict)
        ]
        beside = parts(message, "/message")
        if not answers and not beside and not result:
            return ignored("empty_message")
        for number, (answer, pointer) in enumerate(answers or [({}, "")]):
            found = response(answer, pointer)
            self._result(answer, result, found + beside if number == 0 else found, ts)
        self._reopen()
        self._give(ts)
        return MAPPED

    def _result(self, answer: Record, result: Record, found: list[Part], ts: Micros | None) -> None:
        native_id = as_str(answer.get("id")) or as_str(result.get("callId"))
        tool = self.state.tools.pop(native_id, None) if native_id is not None else None
        if tool is None:  # its request is not in this file, or was given up
            told = as_str(answer.get("name"))
            name, namespace = tool_name(told)
            seq = self.trail.start_op(
                ts,
                OpKind.TOOL,
                name=name,
                namespace=namespace,
                native_id=native_id,
                copied=self.copied,
                timing=Timing.POINT,
            )
            tool = Tool(self.trail.turn, seq, told, 0)
        text, display = whole(found), as_dict(result.get("resultDisplay"))
        change = as_str(display.get("fileDiff"))
        if change is not None:
            found = [*found, Part("/toolCallResult/resultDisplay/fileDiff", change, media_type="text/x-diff")]
        for number, part in enumerate(found):
            self.trail.part(tool.turn, tool.seq, PayloadKind.TOOL_OUTPUT, number, part)
        status, error_class, error = verdict(tool.name, result, answer, text)
        if status is OpStatus.COMPLETED and display.get("type") == "task_execution":
            status = _AGENT_STATUSES.get(as_str(display.get("status")) or "", OpStatus.COMPLETED)
            if status is OpStatus.FAILED:
                error_class = "agent_error"
                error = (as_str(display.get("terminateReason")) or text)[:ERROR_LENGTH] or None
        if status is OpStatus.RUNNING and native_id is not None:
            self.state.tools[native_id] = tool  # a notification tells its end
        self.trail.finish_op(
            tool.turn,
            tool.seq,
            ts if status is not OpStatus.RUNNING else None,
            status,
            error_class=error_class,
            error_message=error,
            bytes_in=tool.bytes_in or None,
            bytes_out=text_size(text) if found else None,
        )

    def _end_task(self, task: Record, ts: Micros | None) -> None:
        """A sub-agent that was left running in the background has ended."""
        native_id, status = as_str(task.get("toolUseId")), as_str(task.get("status"))
        if task.get("kind") != "agent" or native_id is None or status in ("running", "paused"):
            return
        tool = self.state.tools.pop(native_id, None)
        if tool is not None:
            ended = _AGENT_STATUSES.get(status or "", OpStatus.COMPLETED)
            failed = "agent_error" if ended is OpStatus.FAILED else None
            self.trail.finish_op(tool.turn, tool.seq, ts, ended, error_class=failed)

    # --- telemetry ---

    def _system(self, record: Record, ts: Micros | None) -> Outcome:
        subtype = as_str(record.get("subtype"))
        if subtype in _STATE_ONLY:
            return ignored(subtype)
        read = self.subtypes.get(subtype or "")
        return unknown(f"system/{subtype}") if read is None else read(record, ts)

    def _telemetry(self, record: Record, ts: Micros | None) -> Outcome:
        """What the program measured: a call, a failed request; of a tool its result tells as much."""
        event = as_dict(as_dict(record.get("systemPayload")).get("uiEvent"))
        if "input_token_count" in event or "output_token_count" in event:
            return self._measured(record, event, ts, failed=False)
        if "function_name" in event:
            return ignored("tool_telemetry")
        if "error_message" in event:
            return self._measured(record, event, ts, failed=True)
        if not event or "phase" in event:
            return ignored("lifecycle_telemetry")
        return unknown(f"telemetry/{event.get('event.name')}")

    def _measured(self, record: Record, event: Record, ts: Micros | None, *, failed: bool) -> Outcome:
        """A request that was answered or refused."""
        agent, name = agent_of(event)
        if agent is not None and self.copied:
            return ignored("copied_agent_call")
        counts = telemetry_counts(event)
        if agent is not None:
            trail = self._agent(agent, name, begun_at(event, ts) or ts)
            self._tell_measured(trail, event, ts, _agent_call(self.place.session, counts), failed=failed)
            trail.seen(ts)
            self.state.agent_ops = trail.state.seq
            return MAPPED
        key = self._identity(as_str(record.get("uuid")), counts)
        seq = self._tell_measured(self.trail, event, ts, key, failed=failed)
        self._reopen()
        if not failed:
            self.state.unanswered.append(Call(self.trail.turn, seq, counts, measured=True))
            del self.state.unanswered[:-UNANSWERED]
        return MAPPED

    def _tell_measured(
        self, trail: Trail, event: Record, ts: Micros | None, key: int | None, *, failed: bool
    ) -> int:
        start, usage = begun_at(event, ts), telemetry_counts(event).usage()
        given = self.state.given if trail is self.trail else None
        derived = given if given is not None and (ts is None or given <= ts) else ts
        model = as_str(event.get("model"))
        seq = trail.start_op(
            derived if start is None else start,
            OpKind.LLM,
            name=model,
            native_id=as_str(event.get("response_id")),
            call=key if usage is not None else None,
            copied=self.copied,
            model=model,
            provider=provider(event),
            timing=Timing.DERIVED if start is None else Timing.MEASURED,
        )
        error = as_str(event.get("error_message")) if failed else None
        trail.finish_op(
            trail.turn,
            seq,
            ts,
            OpStatus.FAILED if failed else OpStatus.COMPLETED,
            error_class=(as_str(event.get("error_type")) or "api_error") if failed else None,
            error_message=error[:ERROR_LENGTH] if error is not None else None,
            usage=usage,
            context_used=(usage.context or None) if usage is not None else None,
        )
        return seq

    def _agent(self, agent: str, name: str | None, ts: Micros | None) -> Trail:
        """Return a sub-agent that telemetry tells of; its own transcript, if there is one, is better."""
        state = self.state
        session = agent_session(state.trail.session, agent)
        known = state.agents.pop(session, None)
        told = known or TrailState(session, Rank.ECHO)
        state.agents[session] = told
        while len(state.agents) > AGENTS_KEPT:
            Trail(self, state.agents.pop(next(iter(state.agents)))).flush()
        told.seq = state.agent_ops  # numbers go on over all of them, so that one forgotten begins no anew
        trail = Trail(self, told)
        if known is None:
            launched = launching_call(agent, name)
            trail.started(
                SessionFacts(
                    kind=SessionKind.SUB_AGENT,
                    parent=state.trail.session,
                    parent_op=launched if launched in state.tools else None,
                    agent=name,
                )
            )
            trail.start_turn(ts, name)
        return trail

    # --- other system records ---

    def _compacted(self, record: Record, ts: Micros | None) -> Outcome:
        """The history was compressed to a summary."""
        payload = as_dict(record.get("systemPayload"))
        seq = self.trail.start_op(
            ts, OpKind.COMPACTION, name="compaction", copied=self.copied, timing=Timing.POINT
        )
        history = as_list(payload.get("compressedHistory"))
        summary = parts(history[0], "/systemPayload/compressedHistory/0") if history else []
        for number, part in enumerate(summary):
            self.trail.part(self.trail.turn, seq, PayloadKind.SUMMARY, number, part)
        self.trail.finish_op(self.trail.turn, seq, ts)
        info = as_dict(payload.get("info"))
        before, after = as_count(info.get("originalTokenCount")), as_count(info.get("newTokenCount"))
        if before:
            self._log(ts, Severity.INFO, "compaction", f"{before} tokens before, {after} after", seq)
        self._after(ts)
        return MAPPED

    def _titled(self, record: Record, _ts: Micros | None) -> Outcome:
        title = as_str(as_dict(record.get("systemPayload")).get("customTitle"))
        if title is None:
            return ignored("no_title")
        self.trail.update(title=label(title))
        return MAPPED

    def _model_chosen(self, record: Record, _ts: Micros | None) -> Outcome:
        model = as_str(as_dict(record.get("systemPayload")).get("modelId"))
        if model is None:
            return ignored("no_model")
        if model != self.state.model:
            self.state.model = model
            self.trail.update(model=model)
        return MAPPED

    def _parent(self, record: Record, _ts: Micros | None) -> Outcome:
        """Another session began this one, with a prompt of its own."""
        parent = as_str(as_dict(record.get("systemPayload")).get("parentSessionId"))
        if parent is None or native(parent) == self.place.session:
            return ignored("no_parent")
        self.trail.update(kind=SessionKind.SUB_AGENT, parent=native(parent))
        return MAPPED

    def _rewound(self, _record: Record, ts: Micros | None) -> Outcome:
        """The conversation goes on from an earlier message; what was used since stays used."""
        self._log(ts, Severity.INFO, "rewind", "went back to an earlier message")
        return MAPPED

    def _command(self, record: Record, ts: Micros | None) -> Outcome:
        payload = as_dict(record.get("systemPayload"))
        command = as_str(payload.get("rawCommand"))
        if payload.get("phase") == "result" or command is None:
            return ignored("command_output")
        self._log(ts, Severity.INFO, "command", command)
        return MAPPED

    def _files_named(self, record: Record, ts: Micros | None) -> Outcome:
        payload = as_dict(record.get("systemPayload"))
        names = ", ".join(name for name in as_list(payload.get("filesRead")) if isinstance(name, str))
        failed = payload.get("status") == "error"
        message = as_str(payload.get("message")) or f"read {names or 'nothing'}"
        self._log(ts, Severity.WARNING if failed else Severity.INFO, "files", message)
        return MAPPED

    def _task_ended(self, record: Record, ts: Micros | None) -> Outcome:
        payload = as_dict(record.get("systemPayload"))
        self._end_task(as_dict(payload.get("backgroundTask")), ts)
        self._log(ts, Severity.INFO, "task", as_str(payload.get("displayText")) or "a background task ended")
        return MAPPED

    def _turn_ended(self, record: Record, ts: Micros | None) -> Outcome:
        """How a turn ended, where a server ran it."""
        payload = as_dict(record.get("systemPayload"))
        status = _TURN_STATUSES.get(as_str(payload.get("state")) or "")
        if status is None or self.trail.turn == 0 or not self.state.trail.in_turn:
            return ignored("turn_result")
        ended = number_micros(payload.get("endedAt"), 1_000)
        if ended is None or (ts is not None and ended > ts):
            ended = ts
        self.trail.seen(ended)
        error = as_dict(payload.get("error"))
        message = as_str(error.get("message"))
        self.trail.finish_turn(
            ended if ended is not None else self.trail.last_at,
            status,
            error_class=(as_str(error.get("code")) or "turn_error") if status is TurnStatus.FAILED else None,
            error_message=message[:ERROR_LENGTH] if message is not None else None,
        )
        return MAPPED


def _agent_call(session: str, counts: Counts) -> int | None:
    """Identify a sub-agent's call, told by its own file and the session's telemetry with the same counts."""
    return call_key(session, *counts.shared) if counts.usage() is not None else None
