"""Reads a session's events: what each means, in the order they were written."""

from __future__ import annotations

import zlib
from collections.abc import Callable
from pathlib import PurePosixPath
from typing import ClassVar, TypeAlias

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
    unknown,
)
from ai_viewer.adapters.copilot import notices, usage
from ai_viewer.adapters.copilot.contents import (
    AGENT_TOOL,
    ERROR_LENGTH,
    arguments,
    identity,
    images,
    result,
    verdict,
)
from ai_viewer.adapters.copilot.state import AGENTS, MAIN, NAMELESS, TOOLS, Agent, State, Tool
from ai_viewer.adapters.parts import Part, text_size
from ai_viewer.model import (
    SUM,
    Micros,
    OpKind,
    OpStarted,
    OpStatus,
    PayloadKind,
    Rank,
    SessionFacts,
    SessionKind,
    SessionStatus,
    Severity,
    Timing,
    TurnStatus,
    Usage,
    call_key,
)

PROVIDER = "github-copilot"
"""Who bills; which maker's machine answers is not told."""
UNTOLD = "usage at shutdown"
"""Name of the op that carries what a run used and no other record tells."""
_WORK = ("user.", "assistant.", "tool.", "subagent.", "permission.", "skill.", "abort", "system.notification")
"""How the types of events begin that are work; the others may come at any time between two prompts."""
_SESSION_WORK = frozenset(
    {"session.start", "session.error", "session.compaction_start", "session.compaction_complete"}
)
_INJECTED = ("skill-", "agent-", "system")
"""How the ``source`` of a message begins that nobody typed and that begins no turn."""

Handler: TypeAlias = Callable[[str, Record, Micros | None], Outcome]
"""Reads one kind of event of the agent with that key."""


class SessionParser(JsonParser):
    """Parser of ``events.jsonl``."""

    state_type: ClassVar[type[msgspec.Struct]] = State

    def __init__(self, artifact: Artifact, state: bytes | None) -> None:
        self.state = State()
        self.event: Record = {}
        """The whole record being read."""
        self._trails: dict[str, Trail] = {}
        self.handlers: dict[str, Handler] = {
            "session.start": self._start,
            "session.resume": self._resume,
            "session.shutdown": self._shutdown,
            "session.title_changed": self._title,
            "session.error": self._error,
            "session.model_change": self._model_change,
            "session.auto_mode_resolved": self._auto_mode,
            "session.compaction_start": self._compaction_start,
            "session.compaction_complete": self._compaction_complete,
            "user.message": self._user,
            "system.message": self._instructions,
            "system.notification": self._context,
            "skill.invoked": self._context,
            "assistant.turn_start": self._step,
            "assistant.turn_end": lambda _key, _data, _ts: MAPPED,
            "assistant.message": self._message,
            "assistant.reasoning": self._reasoning_event,
            "abort": self._abort,
            "tool.user_requested": self._user_tool,
            "tool.execution_start": self._tool_start,
            "tool.execution_complete": self._tool_complete,
            "hook.end": self._hook_end,
            "subagent.started": self._agent_started,
            "subagent.completed": self._agent_ended,
            "subagent.failed": self._agent_ended,
        }
        super().__init__(artifact, state)

    def save(self) -> State:
        """Return the state to go on from."""
        return self.state

    def load(self, state: State) -> None:
        """Go on from a saved state."""
        self.state = state
        self._trails = {}

    def flush(self) -> None:
        """Tell first and last activity of each agent."""
        for key in self.state.agents:
            self._trail(key).flush()

    def record(self, record: Record) -> Outcome:
        """Map one line."""
        kind = as_str(record.get("type"))
        if kind is None:
            return unknown(record.get("type"))
        if kind in notices.LEFT_OUT:
            return ignored(notices.LEFT_OUT[kind])
        handler = self.handlers.get(kind)
        if handler is None and kind not in notices.TOLD:
            return unknown(kind)
        data = as_dict(record.get("data"))
        self.event = record
        if "interactionId" in data:
            self.state.interactions = True
        if MAIN not in self.state.agents:
            self._begin(data if kind == "session.start" else {})
        ts = iso_micros(record.get("timestamp"))
        key = self._speaker(record, data)
        if handler is None:
            self._log(key, ts, notices.TOLD[kind], kind, notices.words(kind, data))
            outcome = MAPPED
        else:
            outcome = handler(key, data, ts)
        if _is_work(kind) and kind != "user.message" and key in self.state.agents:
            self._trail(key).seen(ts)
        return outcome

    def _trail(self, key: str) -> Trail:
        trail = self._trails.get(key)
        if trail is None:
            trail = self._trails[key] = Trail(self, self.state.agents[key].trail)
        return trail

    def _log(
        self, key: str, ts: Micros | None, severity: Severity, name: str, message: str, seq: int = 0
    ) -> None:
        self._trail(key).log(ts, severity, name, message, seq)

    # --- the session ---

    def _begin(self, data: Record) -> None:
        """Begin the session with what its first event tells, or by its file's name without it."""
        path = PurePosixPath(self.artifact.path)
        name = path.parent.name if path.stem == "events" and path.parent.name else self.artifact.stem
        session = (as_str(data.get("sessionId")) or name).replace("/", ":")
        self.state.agents[MAIN] = agent = Agent(TrailState(session, Rank.TRANSCRIPT))
        parent = as_str(data.get("detachedFromSpawningParentSessionId"))
        version = as_str(data.get("copilotVersion"))
        self.state.client = f"copilot {version}" if version is not None else "copilot"
        begun = iso_micros(data.get("startTime"))
        agent.trail.first_at = begun
        agent.trail.last_at = begun
        self._trail(MAIN).started(
            SessionFacts(
                kind=SessionKind.ROOT if parent is None else SessionKind.SUB_AGENT,
                parent=parent.replace("/", ":") if parent is not None else None,
                provider=PROVIDER,
                client=self.state.client,
                started_at=begun,
                last_at=begun,
            )
        )

    def _start(self, _key: str, data: Record, _ts: Micros | None) -> Outcome:
        return self._run(data)

    def _resume(self, _key: str, data: Record, ts: Micros | None) -> Outcome:
        """The program was started again; of a run that was killed there is no end."""
        if data.get("sessionWasActive") is not True and data.get("continuePendingWork") is not True:
            for key in self.state.agents:
                self._end_turn(key, self._trail(key).last_at)
        self._trail(MAIN).update(status=SessionStatus.RUNNING)
        self._log(MAIN, ts, Severity.INFO, "session.resume", "the session was resumed")
        return self._run(data)

    def _run(self, data: Record) -> Outcome:
        """A run of the program begins."""
        state = self.state
        state.told_in_run = {}
        context = as_dict(data.get("context"))
        cwd, branch = as_str(context.get("cwd")), as_str(context.get("branch"))
        if state.cwd is None and cwd is not None:
            state.cwd, state.branch = cwd, branch
            self._trail(MAIN).update(cwd=cwd, git_branch=branch)
        self._speaks(MAIN, as_str(data.get("selectedModel")))
        return MAPPED

    def _title(self, _key: str, data: Record, _ts: Micros | None) -> Outcome:
        self._trail(MAIN).update(title=as_str(data.get("title")))
        return MAPPED

    def _error(self, key: str, data: Record, ts: Micros | None) -> Outcome:
        """Something failed; the turn did too, if nothing comes of it any more."""
        error_class = as_str(data.get("errorType")) or "error"
        message = (as_str(data.get("message")) or error_class)[:ERROR_LENGTH]
        self.state.agents[key].error = (error_class, message)
        self._log(key, ts, Severity.ERROR, "session.error", message)
        return MAPPED

    def _hook_end(self, key: str, data: Record, ts: Micros | None) -> Outcome:
        failed = data.get("success") is False
        name = as_str(data.get("hookType")) or "hook"
        error = as_str(as_dict(data.get("error")).get("message"))
        message = f"{name}: {error[:ERROR_LENGTH]}" if error is not None else name
        self._log(key, ts, Severity.WARNING if failed else Severity.DEBUG, "hook", message)
        return MAPPED

    def _model_change(self, key: str, data: Record, ts: Micros | None) -> Outcome:
        model = as_str(data.get("newModel"))
        self._log(key, ts, Severity.INFO, "session.model_change", model or "no model")
        self._speaks(key, as_str(data.get("previousModel")))
        agent = self.state.agents[key]
        agent.model, agent.nameless = None, []
        self._speaks(key, model)
        return MAPPED

    def _auto_mode(self, key: str, data: Record, ts: Micros | None) -> Outcome:
        model = as_str(data.get("chosenModel"))
        self._log(key, ts, Severity.INFO, "session.auto_mode_resolved", model or "no model")
        self._speaks(key, model)
        return MAPPED

    def _speaks(self, key: str, model: str | None) -> None:
        """Note which model an agent uses from here on; calls whose model was not known were its."""
        agent = self.state.agents[key]
        if model is None or model in ("auto", agent.model):
            return
        agent.model = model
        self._trail(key).update(model=model)
        for turn, seq in agent.nameless:
            self._trail(key).finish_op(turn, seq, None, model=model)
        agent.nameless = []
        spoken = agent.told.get("", usage.NOTHING)
        for told in (agent.told, self.state.told, self.state.told_in_run):
            usage.move(told, "", model, spoken)

    # --- agents ---

    def _speaker(self, record: Record, data: Record) -> str:
        """Return the key of the agent whose event this is; one that nothing announced is a session, too."""
        parent = as_str(data.get("parentToolCallId"))
        alias = as_str(record.get("agentId"))
        agents = self.state.agents
        if record.get("type") in ("subagent.started", "subagent.completed", "subagent.failed"):
            call = as_str(data.get("toolCallId")) or alias
            return call if call in agents else MAIN
        for key in (alias, parent):
            if key is not None and key in agents:
                return key
        if alias is None and parent is None:
            return MAIN
        for key, agent in agents.items():
            if alias is not None and agent.alias == alias:
                return key
        key = parent or alias or MAIN
        # Unlike that of an announced one, this name must be its own: it may have been forgotten.
        self._new_agent(key, alias, f"{key}:{as_str(record.get('id')) or self.offset}", {}, None)
        return key

    def _new_agent(self, key: str, alias: str | None, name: str, data: Record, ts: Micros | None) -> Agent:
        """Begin a sub-agent's session."""
        agents = self.state.agents
        while len(agents) > AGENTS:
            self._forget_agent()
        tool = self.state.tools.get(key)
        asked_by = tool.agent if tool is not None and tool.agent in agents else MAIN
        parent = agents[asked_by].trail.session
        session = f"{agents[MAIN].trail.session}:{name.replace('/', ':')}"
        agent = agents[key] = Agent(TrailState(session, Rank.TRANSCRIPT), alias=alias, asked_by=asked_by)
        if tool is not None:
            agent.asked_in = (tool.turn, tool.seq)
        agent.given = ts
        self._trail(key).started(
            SessionFacts(
                kind=SessionKind.SUB_AGENT,
                parent=parent,
                parent_op=key,
                agent=as_str(data.get("agentName")),
                title=as_str(data.get("agentDisplayName")),
                provider=PROVIDER,
                cwd=self.state.cwd,
                git_branch=self.state.branch,
                client=self.state.client,
                started_at=ts,
                last_at=ts,
            )
        )
        self._speaks(key, as_str(data.get("model")))
        return agent

    def _forget_agent(self) -> None:
        """Forget a sub-agent, one that has ended if there is one, and where its ops are."""
        state = self.state
        others = [key for key in state.agents if key != MAIN]
        gone = next((key for key in others if state.agents[key].done), others[0])
        self._trail(gone).flush()
        del state.agents[gone], self._trails[gone]
        state.tools = {native_id: tool for native_id, tool in state.tools.items() if tool.agent != gone}
        for agent in state.agents.values():
            if agent.asked_by == gone:
                agent.asked_by = agent.asked_in = None

    def _agent_started(self, key: str, data: Record, ts: Micros | None) -> Outcome:
        call = as_str(data.get("toolCallId")) or as_str(self.event.get("agentId"))
        if call is None:
            return ignored("nameless_agent")
        if key != MAIN:
            return ignored("repeated_agent")
        alias = as_str(self.event.get("agentId"))
        if any(alias in (one, agent.alias) for one, agent in self.state.agents.items()):
            alias = None  # the agent that asked for this one
        agent = self._new_agent(call, alias, call, data, ts)
        trail = self._trail(call)
        trail.start_turn(ts, label(as_str(data.get("agentDescription")) or ""))
        tool = self.state.tools.get(call)
        if tool is not None and tool.agent in self.state.agents:
            agent.asked, tool.runs_agent = tool.prompt, True
            if tool.done:
                del self.state.tools[call]
            self._tool_begins(tool, ts)
            self._trail(tool.agent).finish_op(
                tool.turn, tool.seq, None, OpStatus.RUNNING, child=agent.trail.session
            )
        return MAPPED

    def _agent_ended(self, key: str, data: Record, ts: Micros | None) -> Outcome:
        """A sub-agent has ended; it may be asked to go on."""
        if key == MAIN:
            return ignored("unannounced_agent")
        agent, trail = self.state.agents[key], self._trail(key)
        self._speaks(key, as_str(data.get("model")))
        error = as_str(data.get("error"))
        cancelled = data.get("cancelled") is True
        failed = self.event.get("type") == "subagent.failed"
        message = error[:ERROR_LENGTH] if error is not None else None
        trail.seen(ts)
        end = trail.last_at if ts is None else ts
        if failed:
            trail.finish_turn(end, TurnStatus.FAILED, "agent_failed", message)
        else:
            trail.finish_turn(end, TurnStatus.INTERRUPTED if cancelled else TurnStatus.COMPLETED)
        self._give_up(key, ts)
        ended = SessionStatus.INTERRUPTED if cancelled else SessionStatus.COMPLETED
        trail.update(
            status=SessionStatus.FAILED if failed else ended,
            error_class="agent_failed" if failed else None,
            error_message=message if failed else None,
        )
        agent.done = True
        if agent.asked_in is not None and agent.asked_by in self.state.agents:
            turn, seq = agent.asked_in
            done = OpStatus.CANCELLED if cancelled else OpStatus.COMPLETED
            self._trail(agent.asked_by).finish_op(
                turn,
                seq,
                ts,
                OpStatus.FAILED if failed else done,
                error_class="agent_failed" if failed else None,
                error_message=message if failed else None,
                child=agent.trail.session,
            )
        return MAPPED

    # --- what the model is given ---

    def _user(self, key: str, data: Record, ts: Micros | None) -> Outcome:
        text = as_str(data.get("content"))
        if key == MAIN and text is not None:
            key = self._asked(_digest(text))
        agent, trail = self.state.agents[key], self._trail(key)
        found = [] if text is None else [Part("/data/content", text)]
        found += images(data)
        if not found:
            return ignored("empty_message")
        source = as_str(data.get("source")) or "user"
        injected = source.startswith(_INJECTED) or data.get("isAutopilotContinuation") is True
        if injected and key == MAIN and agent.trail.turn > 0:
            self._tell(key, PayloadKind.CONTEXT, found)
        else:
            first = key != MAIN and agent.trail.turn == 1 and not agent.prompts
            if not first and not (data.get("delivery") == "steering" and agent.trail.in_turn):
                self._end_turn(key, trail.last_at)
                trail.start_turn(ts, label(text or f"[{found[0].media_type}]"))
                agent.prompts = agent.contexts = 0
            self._tell(key, PayloadKind.PROMPT, found)
        agent.asked = 0
        agent.given = ts
        trail.seen(ts)
        return MAPPED

    def _asked(self, prompt: int) -> str:
        """Return the key of the sub-agent whose prompt this is, without its name on it; else the main one."""
        return next((key for key, agent in self.state.agents.items() if agent.asked == prompt), MAIN)

    def _instructions(self, key: str, data: Record, ts: Micros | None) -> Outcome:
        agent = self.state.agents[key]
        digest = _digest(as_str(data.get("content")) or "")
        if digest == agent.instructions:
            return ignored("repeated_instructions")
        agent.instructions = digest
        return self._context(key, data, ts)

    def _context(self, key: str, data: Record, ts: Micros | None) -> Outcome:
        """The model is given something that nobody typed."""
        text = as_str(data.get("content"))
        if text is None:
            return ignored("empty_message")
        self._trail(key).begin_turn_0(ts)
        self._tell(key, PayloadKind.CONTEXT, [Part("/data/content", text)])
        return MAPPED

    def _tell(self, key: str, kind: PayloadKind, found: list[Part]) -> None:
        agent = self.state.agents[key]
        for part in found:
            if kind is PayloadKind.PROMPT:
                number, agent.prompts = agent.prompts, agent.prompts + 1
            else:
                number, agent.contexts = agent.contexts, agent.contexts + 1
            self._trail(key).part(agent.trail.turn, 0, kind, number, part)

    def _end_turn(self, key: str, ts: Micros | None) -> None:
        """End the open turn; with an error, if nothing came after it."""
        agent, trail = self.state.agents[key], self._trail(key)
        self._give_up(key, None)
        if not agent.trail.in_turn:
            return
        if agent.error is not None and agent.trail.turn > 0:
            trail.finish_turn(ts, TurnStatus.FAILED, *agent.error)
        else:
            trail.finish_turn(ts, TurnStatus.COMPLETED)
        agent.error = None

    def _abort(self, key: str, data: Record, ts: Micros | None) -> Outcome:
        agent, trail = self.state.agents[key], self._trail(key)
        self._log(key, ts, Severity.WARNING, "abort", as_str(data.get("reason")) or "aborted")
        self._give_up(key, ts)
        trail.seen(ts)
        if agent.trail.in_turn:
            trail.finish_turn(trail.last_at if ts is None else ts, TurnStatus.INTERRUPTED)
        agent.error = None
        return MAPPED

    # --- what the model says ---

    def _step(self, key: str, data: Record, ts: Micros | None) -> Outcome:
        """The model is asked: the first time after a prompt, and again after the tools' results."""
        agent = self.state.agents[key]
        agent.error = None
        if ts is not None:
            agent.given = ts
        self._speaks(key, as_str(data.get("model")))
        return MAPPED

    def _message(self, key: str, data: Record, ts: Micros | None) -> Outcome:
        """One message of an answer; an answer has several if there is reasoning in between."""
        agent, trail = self.state.agents[key], self._trail(key)
        message = as_str(data.get("messageId"))
        call = as_str(data.get("apiCallId")) or message
        if message is not None and message == agent.message:
            return ignored("repeated_message")
        agent.message = message
        if self.state.interactions and not _is_answer(data):
            # The program asks in the model's name: to read what a sub-agent found, for one.
            self._requests(key, data, None, ts)
            return MAPPED
        agent.error = None
        self._speaks(key, as_str(data.get("model")))
        if call is None or call != agent.call:
            self._call(key, call, ts)
        told = data.get("outputTokens")
        output = as_count(told)
        self._spoken(key, agent.model or "", Usage(output=max(0, output - agent.output)))
        agent.output = max(agent.output, output)
        turn, seq = agent.call_turn, agent.call_seq
        self._reasoning(key, seq, data.get("reasoningText"), "/data/reasoningText", ts)
        text = as_str(data.get("content"))
        if text is not None:
            self._trail(key).part(turn, seq, PayloadKind.ANSWER, agent.answers, Part("/data/content", text))
            agent.answers += 1
        self._requests(key, data, seq, ts)
        known = isinstance(told, int | float) and not isinstance(told, bool)
        trail.finish_op(turn, seq, ts, usage=Usage(output=agent.output) if known else None)
        agent.given = ts
        return MAPPED

    def _call(self, key: str, call: str | None, ts: Micros | None) -> None:
        """Begin a model call: it ran from what was told last to its first message."""
        agent, trail = self.state.agents[key], self._trail(key)
        given = agent.given if agent.given is not None else agent.trail.last_at
        agent.call_seq = trail.start_op(
            ts if given is None or (ts is not None and ts < given) else given,
            OpKind.LLM,
            name=agent.model,
            native_id=call,
            call=call_key(call) if call is not None else None,
            model=agent.model,
            provider=PROVIDER,
        )
        agent.call, agent.call_turn, agent.answers, agent.output = call, agent.trail.turn, 0, 0
        if agent.model is None:
            agent.nameless = [*agent.nameless, (agent.call_turn, agent.call_seq)][-NAMELESS:]

    def _spoken(self, key: str, model: str, used: Usage) -> None:
        """Note tokens that a record of its own tells, so that the shutdown does not tell them again."""
        if used == usage.NOTHING:
            return
        for told in (self.state.agents[key].told, self.state.told, self.state.told_in_run):
            usage.add(told, model, used)

    def _reasoning(self, key: str, call: int | None, text: object, pointer: str, ts: Micros | None) -> bool:
        """Tell a reasoning, unless it was told just now; return whether it was news."""
        agent, trail = self.state.agents[key], self._trail(key)
        if not isinstance(text, str) or not text:
            return False
        digest = _digest(text)
        if digest == agent.reasoning:
            return False
        agent.reasoning = digest
        seq = trail.start_op(ts, OpKind.REASONING, name="reasoning", parent=call, timing=Timing.POINT)
        self._trail(key).part(agent.trail.turn, seq, PayloadKind.REASONING, 0, Part(pointer, text))
        trail.finish_op(agent.trail.turn, seq, ts)
        return True

    def _reasoning_event(self, key: str, data: Record, ts: Micros | None) -> Outcome:
        news = self._reasoning(key, None, data.get("content"), "/data/content", ts)
        return MAPPED if news else ignored("repeated_reasoning")

    # --- tools ---

    def _requests(self, key: str, data: Record, call: int | None, ts: Micros | None) -> None:
        for number, request in enumerate(map(as_dict, as_list(data.get("toolRequests")))):
            if request:
                self._request(key, request, call, ts, f"/data/toolRequests/{number}")

    def _request(self, key: str, request: Record, call: int | None, ts: Micros | None, pointer: str) -> None:
        """The model, or the user, asks for a tool; it begins when it is its turn."""
        native_id = as_str(request.get("toolCallId"))
        if native_id is not None and native_id in self.state.tools:
            return
        name, namespace = identity(request, "name" if "name" in request else "toolName")
        agent, trail = self.state.agents[key], self._trail(key)
        runs_agent = name == AGENT_TOOL and namespace == "builtin"
        seq = trail.start_op(
            None,
            OpKind.SESSION if runs_agent else OpKind.TOOL,
            name=name,
            namespace=namespace,
            native_id=native_id,
            parent=call,
        )
        turn = agent.trail.turn
        given = arguments(request.get("arguments"))
        if given:
            part = Part(f"{pointer}/arguments", given, media_type="application/json")
            self._trail(key).part(turn, seq, PayloadKind.TOOL_INPUT, 0, part)
        tools = self.state.tools
        prompt = as_str(as_dict(request.get("arguments")).get("prompt")) if runs_agent else None
        tools[native_id or f"#{key}{seq}"] = Tool(
            key, turn, seq, ts, False, runs_agent, text_size(given), 0 if prompt is None else _digest(prompt)
        )
        while len(tools) > TOOLS:
            del tools[next(iter(tools))]

    def _user_tool(self, key: str, data: Record, ts: Micros | None) -> Outcome:
        """A command of the user's own."""
        self._request(key, data, None, ts, "/data")
        return MAPPED

    def _tool_start(self, key: str, data: Record, ts: Micros | None) -> Outcome:
        native_id = as_str(data.get("toolCallId"))
        if native_id is None:
            return ignored("nameless_tool")
        if native_id not in self.state.tools:  # what asked for it is not in this file
            self._request(key, data, None, ts, "/data")
        tool = self.state.tools[native_id]
        if tool.agent in self.state.agents:
            self._speaks(tool.agent, as_str(data.get("model")))
            self._tool_begins(tool, ts)
        return MAPPED

    def _tool_begins(self, tool: Tool, ts: Micros | None) -> None:
        agent = self.state.agents[tool.agent]
        self.emit(
            OpStarted(
                session=agent.trail.session,
                turn=tool.turn,
                seq=tool.seq,
                ts=ts,
                kind=OpKind.SESSION if tool.runs_agent else OpKind.TOOL,
            )
        )
        tool.begun = tool.begun or ts is not None

    def _tool_complete(self, key: str, data: Record, ts: Micros | None) -> Outcome:
        native_id = as_str(data.get("toolCallId"))
        tool = self.state.tools.pop(native_id, None) if native_id is not None else None
        if tool is not None and tool.done:
            tool = None
        if tool is None or tool.agent not in self.state.agents:  # its request is not in this file
            name = as_dict(data.get("toolDescription")).get("name")
            self._request(key, {"toolCallId": native_id, "name": name}, None, ts, "/data")
            tool = self.state.tools.pop(native_id or next(reversed(self.state.tools)))
        self._speaks(tool.agent, as_str(data.get("model")))
        measured = tool.begun and ts is not None
        if not tool.begun:
            asked = tool.asked_at
            self._tool_begins(tool, ts if asked is None or (ts is not None and ts < asked) else asked)
        found = result(data)
        error = as_str(as_dict(data.get("error")).get("message"))
        for number, part in enumerate(found):
            self._trail(tool.agent).part(tool.turn, tool.seq, PayloadKind.TOOL_OUTPUT, number, part)
        if error is not None:
            self._trail(tool.agent).part(
                tool.turn, tool.seq, PayloadKind.ERROR, 0, Part("/data/error/message", error)
            )
        text = found[0].text or "" if found else ""
        status, error_class, message = verdict(data, text)
        self._trail(tool.agent).finish_op(
            tool.turn,
            tool.seq,
            ts,
            status,
            error_class=error_class,
            error_message=message,
            bytes_in=tool.bytes_in or None,
            bytes_out=text_size(text or error or ""),
            timing=Timing.MEASURED if measured else None,
        )
        agent = self.state.agents[tool.agent]
        if ts is not None and (agent.given is None or ts > agent.given):
            agent.given = ts
        self._trail(tool.agent).seen(ts)
        if tool.runs_agent and native_id is not None and native_id not in self.state.agents:
            tool.done = True
            self.state.tools[native_id] = tool
        return MAPPED

    def _give_up(self, key: str, ts: Micros | None) -> None:
        """Tools of an agent that have no result by now were given up; without ``ts`` nobody knows when."""
        for native_id, tool in list(self.state.tools.items()):
            if tool.agent == key:
                del self.state.tools[native_id]
                if not tool.done:
                    self._trail(key).finish_op(
                        tool.turn, tool.seq, ts, OpStatus.CANCELLED, bytes_in=tool.bytes_in or None
                    )

    # --- summaries ---

    def _compaction_start(self, _key: str, data: Record, ts: Micros | None) -> Outcome:
        self.state.compacting = ts
        self._speaks(MAIN, as_str(data.get("model")))
        return MAPPED

    def _compaction_complete(self, key: str, data: Record, ts: Micros | None) -> Outcome:
        """The history is replaced by a summary, which takes a model call."""
        trail, agent = self._trail(key), self.state.agents[key]
        begun, self.state.compacting = self.state.compacting, None
        measured = begun is not None and ts is not None and begun <= ts
        start = begun if measured else ts
        timing = Timing.MEASURED if measured else Timing.POINT
        seq = trail.start_op(start, OpKind.COMPACTION, name="compaction", timing=timing)
        turn = agent.trail.turn
        summary = as_str(data.get("summaryContent"))
        if summary is not None:
            self._trail(key).part(turn, seq, PayloadKind.SUMMARY, 0, Part("/data/summaryContent", summary))
        failed = data.get("success") is False
        error = as_str(data.get("error"))
        trail.finish_op(
            turn,
            seq,
            ts,
            OpStatus.FAILED if failed else OpStatus.COMPLETED,
            error_class="compaction_failed" if failed else None,
            error_message=error[:ERROR_LENGTH] if failed and error is not None else None,
        )
        told = as_dict(data.get("compactionTokensUsed"))
        used = usage.read_usage(told)
        if used != usage.NOTHING:
            model = as_str(told.get("model")) or agent.model
            request = as_str(data.get("requestId")) or as_str(self.event.get("id"))
            call = trail.start_op(
                start,
                OpKind.LLM,
                name=model,
                native_id=request,
                parent=seq,
                call=call_key("compaction", request) if request is not None else None,
                model=model,
                provider=PROVIDER,
                timing=timing,
            )
            trail.finish_op(turn, call, ts, usage=used, context_used=used.context)
            self._spoken(key, model or "", used)
        before = as_count(data.get("preCompactionTokens"))
        if before:
            self._log(key, ts, Severity.INFO, "compaction", f"{before} tokens before", seq)
        return MAPPED

    # --- the end of a run ---

    def _shutdown(self, _key: str, data: Record, ts: Micros | None) -> Outcome:
        """The program ends: what it used, the turn and the session end with its latest activity."""
        trail, agent = self._trail(MAIN), self.state.agents[MAIN]
        self._speaks(MAIN, as_str(data.get("currentModel")))
        self._account(data)
        failed = data.get("shutdownType") == "error"
        reason = as_str(data.get("errorReason"))
        if failed and agent.error is None:
            agent.error = ("shutdown", (reason or "the program failed")[:ERROR_LENGTH])
        self._log(MAIN, ts, Severity.INFO, "session.shutdown", _bill(data))
        for key in self.state.agents:
            self._end_turn(key, self._trail(key).last_at)
        trail.update(status=SessionStatus.FAILED if failed else SessionStatus.COMPLETED)
        return MAPPED

    def _account(self, data: Record) -> None:
        """Tell what the run used and no record told: of each sub-agent whose share is told, and the rest."""
        state = self.state
        now = usage.read_metrics(data.get("modelMetrics"))
        if not now:
            return  # nothing was called, or nothing is known
        anew = usage.began_anew(state.counted, now, usage.total(state.told_in_run).output)
        used = usage.grown({} if anew else state.counted, now)
        told = state.told
        if usage.total(used).output < usage.total(told).output:
            # A run before this one was killed, and its calls are in no counter.
            told = state.told_in_run
        left = usage.rest(used, told)
        shares = as_dict(data.get("agentMetrics"))
        for key, agent in state.agents.items():
            metrics = shares.get(key, shares.get(agent.alias or key)) if key != MAIN else None
            mine = usage.read_metrics(as_dict(metrics).get("modelMetrics"))
            if mine:
                share = usage.rest(usage.grown({} if anew else agent.counted, mine), agent.told)
                for model, most in share.items():
                    part = usage.least(most, left.get(model, usage.NOTHING))
                    if part != usage.NOTHING:
                        left[model] = usage.minus(left[model], part)
                        self._untold(key, model, part)
                agent.counted = mine
            agent.told = {}
        for model, part in left.items():
            if part != usage.NOTHING:
                self._untold(MAIN, model, part)
        state.counted, state.told, state.told_in_run = now, {}, {}

    def _untold(self, key: str, model: str, used: Usage) -> None:
        """Tell tokens of calls that are told without them, or not at all."""
        trail, agent = self._trail(key), self.state.agents[key]
        event = as_str(self.event.get("id"))
        seq = trail.start_op(
            trail.last_at,
            OpKind.LLM,
            name=UNTOLD,
            call=call_key("shutdown", event, key, model) if event is not None else None,
            model=model,
            provider=PROVIDER,
            timing=Timing.POINT,
        )
        trail.finish_op(agent.trail.turn, seq, trail.last_at, usage=used, tier=SUM)


def _digest(text: str) -> int:
    """Return what tells a text from others well enough, and never 0."""
    return zlib.crc32(text.encode("utf-8", "replace")) or 1


def _is_answer(data: Record) -> bool:
    return any(data.get(key) is not None for key in ("interactionId", "model", "outputTokens", "apiCallId"))


def _is_work(kind: str) -> bool:
    return kind.startswith(_WORK) or kind in _SESSION_WORK


def _bill(data: Record) -> str:
    """Say what Copilot counts in its own currencies, which are not dollars."""
    told = [as_str(data.get("shutdownType")) or "routine"]
    units, requests = data.get("totalNanoAiu"), data.get("totalPremiumRequests")
    if isinstance(units, int | float) and not isinstance(units, bool):
        told.append(f"{units / 1e9:g} AI credits")
    if isinstance(requests, int | float) and not isinstance(requests, bool):
        told.append(f"{requests:g} premium requests")
    for model, metric in as_dict(data.get("modelMetrics")).items():
        count = as_count(as_dict(as_dict(metric).get("requests")).get("count"))
        if count:
            told.append(f"{count} calls of {model}")
    return ", ".join(told)[: notices.LENGTH]
