"""A Codex thread being told: its turns, model calls, tool calls and agents, and the state between records.

`rollout` says what a record means; this says what it means *now*: whether it echoes another record,
which turn and model call it belongs to, whether it is copied history.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterable

import msgspec

from ai_viewer.adapters.base import MAPPED, JsonParser, Outcome, Trail, TrailState, ignored, label
from ai_viewer.adapters.codex.tools import Image, Output
from ai_viewer.adapters.codex.usage import Counter, growth
from ai_viewer.adapters.parts import text_size
from ai_viewer.model import (
    Micros,
    OpKind,
    OpStarted,
    OpStatus,
    PayloadKind,
    Rank,
    SessionFacts,
    SessionKind,
    SessionUpdated,
    Severity,
    Timing,
    TurnStarted,
    TurnStatus,
    call_key,
)

ECHOES = 16
"""How many texts may be waiting for their echo; it follows within a few records."""
ANSWERED_CALLS = 16
"""How many answered calls are remembered for an end event that comes after the output."""
BACKGROUND_CALLS = 32
"""How many commands in the background, and how many running agents, are remembered."""
PAUSE: Micros = 500_000
"""A copied history is written in one go, so a pause this long ends it (where ids do not tell)."""
AGREEMENT: Micros = 1_000_000
"""A span is measured if the source's own start is this close to the request."""

AGENT_TOOLS = frozenset({"spawn_agent", "wait_agent", "wait"})
UNREQUESTED = "unrequested"

ITEM, EVENT = "item", "event"
"""The two sources of one fact: a response item, and an event about it."""

DUPLICATE = ignored("duplicate")

_CITATION = re.compile(r"<oai-mem-citation>.*?</oai-mem-citation>", re.DOTALL)
_PLAN = re.compile(r"<proposed_plan>(.*?)</proposed_plan>", re.DOTALL)
_UUID7 = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}")


class ModelCall(msgspec.Struct, array_like=True):
    """The latest model call."""

    turn: int
    seq: int
    start: Micros | None
    last: Micros | None
    """When its last item was written."""
    model: str | None
    copied: bool
    answers: int = 0
    sealed: bool = False
    """Whether the model was given something since: what it says next is another call."""
    status: OpStatus | None = None
    """Its status if it was ended without a usage, which may still come."""
    tier: str | None = None
    searches: int = 0
    """Web searches that the provider bills, which pages opened or looked through are not."""


class ToolCall(msgspec.Struct, array_like=True):
    """A tool call whose output or end event may still come."""

    turn: int
    seq: int
    start: Micros | None
    bytes_in: int
    kind: OpKind
    copied: bool
    role: str = ""
    """One of `AGENT_TOOLS`, whose outputs tell of agents, or `UNREQUESTED`."""
    status: OpStatus | None = None
    """What an end event said, which an output does not overrule; of a command in the background, too."""
    process: str | None = None
    """Number of the command that went to the background, or that is written to."""


class State(msgspec.Struct, omit_defaults=True):
    """What is kept between two records."""

    trail: TrailState
    thread: str | None = None
    """The thread's own id, as its first ``session_meta`` tells it."""
    kin: list[str] = []
    """Ids of the threads whose history is in this file, its own first."""
    owner: str | None = None
    """The thread that makes the model calls being read."""
    inherits: bool = False
    copying: bool = False
    copied_at: Micros | None = None
    copied_turns: bool = False
    titled: bool = True
    cwd_known: bool = False
    provider: str | None = None
    model: str | None = None
    window: int | None = None
    tier: str | None = None
    """What calls are billed as, if not as usual."""
    turn_id: str | None = None
    in_task: bool = False
    untouched: bool = False
    """Whether the turn has no op yet."""
    prompts: int = 0
    contexts: int = 0
    error: tuple[str | None, str] | None = None
    given: Micros | None = None
    """When the model was last given something, or last answered."""
    call: ModelCall | None = None
    thinking: tuple[int, int, int] | None = None
    """Turn, seq and texts of the reasoning op that more records may be about."""
    tools: dict[str, ToolCall] = {}
    answered: dict[str, ToolCall] = {}
    agents: dict[str, tuple[int, int]] = {}
    echoes: list[tuple[str, int]] = []
    search: tuple[str, int, int, str | None] | None = None
    """Which kind of record told the latest web search, its turn and seq, and what was done."""
    compaction: tuple[int, int, list[str]] | None = None
    """Turn and seq of the latest compaction, and the kinds of record that have told it."""
    counter: Counter | None = None
    latest: Counter | None = None
    restarts: int = 0


def _is_search(action: str | None) -> bool:
    """Whether a web search was one, as far as is told, and no look at a page."""
    return action in (None, "search")


def _later(a: Micros | None, b: Micros | None) -> Micros | None:
    if a is None or b is None:
        return b if a is None else a
    return max(a, b)


def _tool_error(message: str | None) -> str:
    """Class a failed tool's error."""
    return "exit_code" if message is not None and message.startswith("exit code ") else "tool_error"


def _visible(answer: str) -> str:
    """Return an answer as its event tells it: without citations and plan, or the plan if it is all."""
    if "</oai-mem-citation>" not in answer and "</proposed_plan>" not in answer:
        return answer.strip()
    plan = _PLAN.search(answer)
    rest = _PLAN.sub("", _CITATION.sub("", answer)).strip()
    return rest or (plan[1].strip() if plan else "")


class Thread:
    """The session of a rollout, as far as it has been read."""

    def __init__(self, parser: JsonParser, state: State) -> None:
        self.parser = parser
        self.state = state
        self.trail = Trail(parser, state.trail)

    @property
    def session(self) -> str:
        """The session's native id."""
        return self.state.trail.session

    # --- whose history is this? ---

    def kinship(self, thread: str, ts: Micros | None) -> None:
        """Note that a thread's ``session_meta`` was read; one that is not this thread's begins a copy.

        A copy comes first: in a thread that told work of its own and is no fork, it is none.
        """
        state = self.state
        if thread in (state.thread, self.session):
            if not state.kin:
                state.kin.append(thread)
            return
        if not state.inherits and state.trail.seq > 0:
            return
        if thread not in state.kin:
            state.kin.append(thread)
        if not state.copying:
            state.copying, state.copied_turns = True, False
            state.titled = False
        state.inherits, state.copied_at, state.owner = True, ts, thread

    def date(self, ts: Micros | None, turn_id: str | None) -> None:
        """Decide by a record's time, and the turn it begins, whether it is still copied history."""
        state = self.state
        if not state.copying:
            return
        own = state.thread
        if turn_id is not None and own is not None and _UUID7.fullmatch(own) and _UUID7.fullmatch(turn_id):
            state.copied_turns = True
            state.owner = max((kin for kin in state.kin if kin <= turn_id), default=state.owner)
            if turn_id < own:
                state.copied_at = _later(state.copied_at, ts)
                return
        elif ts is None or state.copied_at is None or state.copied_turns or ts - state.copied_at < PAUSE:
            state.copied_at = _later(state.copied_at, ts)
            return
        if state.trail.in_turn:
            self.end_turn(state.copied_at, TurnStatus.COMPLETED)
        state.copying, state.owner, state.call = False, own, None
        state.echoes, state.search, state.compaction, state.answered = [], None, None, {}
        state.agents, state.tools = {}, {}
        if state.model is not None:  # the parent's, until the thread names its own
            self.trail.update(model=state.model)

    # --- turns ---

    def begin_task(self, ts: Micros | None, turn_id: str | None) -> Outcome:
        """A turn begins, unless its prompt has begun it already."""
        state = self.state
        if state.in_task and turn_id is not None and turn_id == state.turn_id:
            return DUPLICATE
        if state.trail.in_turn and state.trail.turn > 0 and state.untouched and not state.in_task:
            state.in_task, state.turn_id = True, turn_id
            return MAPPED
        if state.in_task and state.trail.in_turn:
            self.end_turn(
                self.trail.last_at,
                TurnStatus.INTERRUPTED,
                "replaced",
                "the next turn began without an end of this one",
            )
        self._begin_turn(ts, None)
        state.in_task, state.turn_id = True, turn_id
        return MAPPED

    def _begin_turn(self, ts: Micros | None, text: str | None) -> None:
        state = self.state
        if state.trail.in_turn:
            self._end_work(self.trail.last_at, OpStatus.COMPLETED)
        state.call = None
        self.trail.start_turn(ts, text)
        state.in_task, state.turn_id, state.untouched = False, None, True
        state.prompts = state.contexts = 0
        state.error = None
        state.given = ts if ts is not None else state.given

    def end_turn(
        self,
        ts: Micros | None,
        status: TurnStatus,
        error_class: str | None = None,
        message: str | None = None,
    ) -> Outcome:
        """The turn ends, and the work that is open with it."""
        state = self.state
        if not state.trail.in_turn:
            return ignored("no_open_turn")
        ts = self.trail.last_at if ts is None else ts
        stopped = status in (TurnStatus.INTERRUPTED, TurnStatus.FAILED)
        self._end_work(ts, OpStatus.CANCELLED if stopped else OpStatus.COMPLETED)
        self.trail.finish_turn(ts, status, error_class, message)
        state.in_task, state.turn_id, state.error = False, None, None
        return MAPPED

    def _end_work(self, ts: Micros | None, status: OpStatus) -> None:
        """End the open call and tools; a tool without output was cancelled, whatever the turn's end."""
        state = self.state
        state.thinking, state.search = None, None
        call = state.call
        if call is not None and call.status is None:
            self._end_call(call, status)
        for call_id, tool in list(state.tools.items()):
            if tool.status is None:
                self.trail.finish_op(tool.turn, tool.seq, ts, OpStatus.CANCELLED, bytes_in=tool.bytes_in)
                del state.tools[call_id]
                self._remember(call_id, tool)
        for turn, seq in state.agents.values():
            if turn == self.trail.turn:  # no news of it yet: its end is known no better than this
                self.trail.finish_op(turn, seq, ts, OpStatus.COMPLETED)

    def failed_request(self, ts: Micros | None, error_class: str | None, message: str) -> None:
        """The model was asked and gave nothing but an error."""
        call = self.state.call
        if call is None or call.sealed or call.status is not None:
            call = self._call(ts)
        self.trail.finish_op(
            call.turn, call.seq, ts, OpStatus.FAILED, error_class=error_class, error_message=message
        )
        call.status = OpStatus.FAILED

    def log(self, ts: Micros | None, severity: Severity, name: str, message: str) -> Outcome:
        """Codex has something to say; what it said to the parent is the parent's."""
        if self.state.copying:
            return ignored("copied_notice")
        self.trail.log(ts, severity, name, message)
        return MAPPED

    # --- what the model is given ---

    def _give(self, ts: Micros | None) -> None:
        state = self.state
        state.given = _later(state.given, ts)
        state.thinking = None
        if state.call is not None:
            state.call.sealed = True

    def prompt(
        self,
        ts: Micros | None,
        source: str,
        texts: list[tuple[str, str]],
        images: list[tuple[Image, str]],
    ) -> Outcome:
        """The user says something: a new turn, or more to say while one is running."""
        state = self.state
        whole = "".join(text for text, _ in texts)
        if self._echoed("u", source, whole):
            return DUPLICATE
        same_turn = state.in_task or (state.untouched and state.prompts == 0 and state.trail.turn > 0)
        text = label(whole)
        if not (state.trail.in_turn and same_turn):
            self._begin_turn(ts, text)
        elif state.prompts == 0:
            self.parser.emit(TurnStarted(session=self.session, turn=self.trail.turn, ts=None, label=text))
        for text_part, pointer in texts:
            self._turn_payload(PayloadKind.PROMPT, text_part, pointer)
        for found, pointer in images:
            self.trail.payload(
                self.trail.turn,
                0,
                PayloadKind.PROMPT,
                part=state.prompts,
                data=found.data,
                media_type=found.media_type,
                pointer=pointer,
            )
            state.prompts += 1
        state.prompts = max(state.prompts, 1)
        self._give(ts)
        if not state.titled and not state.copying and text is not None:
            state.titled = True
            self.trail.update(title=text)
        return MAPPED

    def context(self, ts: Micros | None, texts: Iterable[tuple[str, str]]) -> Outcome:
        """The client gives the model something of its own: instructions, environment, notices."""
        self.trail.begin_turn_0(ts)
        for text, pointer in texts:
            self._turn_payload(PayloadKind.CONTEXT, text, pointer)
        self._give(ts)
        return MAPPED

    def _turn_payload(self, kind: PayloadKind, text: str, pointer: str) -> None:
        state = self.state
        if kind is PayloadKind.PROMPT:
            part = state.prompts
            state.prompts += 1
        else:
            part = state.contexts
            state.contexts += 1
        self.trail.payload(self.trail.turn, 0, kind, part=part, text=text, pointer=pointer)

    # --- what the model says ---

    def _start_op(
        self,
        ts: Micros | None,
        kind: OpKind,
        *,
        name: str | None = None,
        namespace: str | None = None,
        native_id: str | None = None,
        parent: int | None = None,
    ) -> int:
        state = self.state
        state.untouched = False
        of_model = kind in (OpKind.LLM, OpKind.REASONING)
        return self.trail.start_op(
            ts,
            kind,
            name=name,
            namespace=namespace,
            native_id=native_id,
            parent=parent,
            copied=state.copying,
            model=state.model if of_model else None,
            provider=state.provider if of_model else None,
        )

    def _call(self, ts: Micros | None) -> ModelCall:
        """Return the model call an item belongs to, beginning it if need be."""
        state = self.state
        call = state.call
        if call is not None and not call.sealed and call.status is None:
            return call
        if call is not None and call.status is None:
            self._end_call(call, OpStatus.COMPLETED)
        start = ts if state.given is None or (ts is not None and ts < state.given) else state.given
        seq = self._start_op(start, OpKind.LLM)
        state.call = ModelCall(self.trail.turn, seq, start, None, state.model, state.copying, tier=state.tier)
        state.thinking, state.compaction = None, None
        return state.call

    def _end_call(self, call: ModelCall, status: OpStatus) -> None:
        self.trail.finish_op(call.turn, call.seq, call.last, status)
        call.status = status
        self.state.given = _later(self.state.given, call.last)

    def _item(self, ts: Micros | None) -> tuple[ModelCall, Micros | None]:
        """Note an item of the model; return its call and when the item may have begun."""
        call = self._call(ts)
        self.state.search = None
        begun = call.last if call.last is not None else call.start
        call.last = _later(call.last, ts)
        return call, begun

    def answer(self, ts: Micros | None, source: str, texts: list[tuple[str, str]]) -> Outcome:
        """The model writes a message."""
        whole = "".join(text for text, _ in texts)
        if self._echoed("a", source, _visible(whole)):
            return DUPLICATE
        call, _ = self._item(ts)
        self.state.thinking = None
        for text, pointer in texts:
            self.trail.payload(
                call.turn, call.seq, PayloadKind.ANSWER, part=call.answers, text=text, pointer=pointer
            )
            call.answers += 1
        if not self.state.in_task and self.state.counter is None:  # nothing later tells the call's end
            self.trail.finish_op(call.turn, call.seq, call.last)
        return MAPPED

    def reasoning(
        self,
        ts: Micros | None,
        source: str,
        texts: list[tuple[str, str]],
        span: tuple[Micros | None, Micros | None] = (None, None),
    ) -> Outcome:
        """The model thinks. Events tell each section, then an item tells all: one op."""
        state = self.state
        news = [(text, pointer) for text, pointer in texts if not self._echoed("r", source, text)]
        if not news and (source == EVENT or state.thinking is not None):
            if source == ITEM:
                state.thinking = None
            return DUPLICATE
        start, end = span
        measured = start is not None and end is not None and end > start
        if state.thinking is None:
            call, begun = self._item(ts)
            seq = self._start_op(start if measured else begun, OpKind.REASONING, parent=call.seq)
            self.trail.finish_op(
                call.turn,
                seq,
                end if measured else ts,
                timing=Timing.MEASURED if measured else Timing.DERIVED,
            )
            state.thinking = (call.turn, seq, 0)
        turn, seq, told = state.thinking
        for text, pointer in news:
            self.trail.payload(turn, seq, PayloadKind.REASONING, part=told, text=text, pointer=pointer)
            told += 1
        state.thinking = (turn, seq, told) if source == EVENT else None
        return MAPPED

    def usage(
        self,
        ts: Micros | None,
        total: Counter | None,
        last: Counter | None,
        *,
        exact: Counter | None = None,
        model: str | None = None,
        thread: str | None = None,
    ) -> Outcome:
        """The counter is told: what it grew by is the tokens of the latest call."""
        state = self.state
        if total is None:
            if last is None or last == state.latest:
                return ignored("repeated_usage")
            used = last
            state.restarts += 1
        else:
            used = growth(state.counter, total, last, inherited=state.inherits)
            if state.counter is not None and used == total:
                state.restarts += 1
            state.counter = total
            if exact is not None and used.has_tokens:
                used = exact
        state.latest = last
        if not used.has_tokens:
            return ignored("repeated_usage")
        call = state.call
        if call is None or (call.status is not None and call.last is None):
            call = self._call(ts)
        told = total or used
        owner = thread or state.owner or self.session
        copied = call.copied or owner not in (state.thread or owner, self.session)
        key = call_key("codex", owner, state.restarts, told.input, told.output, told.total)
        self.parser.emit(
            OpStarted(
                session=self.session,
                turn=call.turn,
                seq=call.seq,
                ts=call.start,
                kind=OpKind.LLM,
                call=key,
                copied=copied,
                model=model or call.model,
                provider=state.provider,
            )
        )
        end = call.last if call.sealed and call.last is not None else ts
        self.trail.finish_op(
            call.turn,
            call.seq,
            end,
            OpStatus.FAILED if call.status is OpStatus.FAILED else OpStatus.COMPLETED,
            usage=used.usage,
            context_used=(last.total if last is not None else 0) or None,
            context_max=state.window,
            model=model or call.model,
            tier=call.tier,
            web_searches=call.searches or None,
        )
        state.given = _later(state.given, end)
        state.call = None
        state.thinking = None
        return MAPPED

    # --- tools ---

    def request(
        self,
        ts: Micros | None,
        call_id: str | None,
        name: str,
        namespace: str,
        text: str,
        pointer: str,
        *,
        kind: OpKind = OpKind.TOOL,
        media_type: str = "text/plain",
        process: str | None = None,
    ) -> Outcome:
        """The model asks for a tool; ``process`` is the running command it is about."""
        state = self.state
        if call_id is not None and call_id in state.tools:
            return DUPLICATE
        call, _ = self._item(ts)
        state.thinking = None
        seq = self._start_op(ts, kind, name=name, namespace=namespace, native_id=call_id, parent=call.seq)
        if text:
            self.trail.payload(
                call.turn, seq, PayloadKind.TOOL_INPUT, text=text, media_type=media_type, pointer=pointer
            )
        if call_id is not None:
            role = name if name in AGENT_TOOLS else ""
            state.tools[call_id] = ToolCall(
                call.turn, seq, ts, text_size(text), kind, state.copying, role, process=process
            )
        return MAPPED

    def tool(self, call_id: str | None) -> ToolCall | None:
        """Return the tool call of that id, if its output or end may still come."""
        if call_id is None:
            return None
        return self.state.tools.get(call_id) or self.state.answered.get(call_id)

    def unrequested(
        self, ts: Micros | None, call_id: str | None, name: str, namespace: str, text: str, pointer: str
    ) -> ToolCall:
        """A tool ran that no model asked for: a command of the user's own, mostly."""
        seq = self._start_op(ts, OpKind.TOOL, name=name, namespace=namespace, native_id=call_id)
        tool = ToolCall(
            self.trail.turn, seq, ts, text_size(text), OpKind.TOOL, self.state.copying, UNREQUESTED
        )
        if text:
            self.trail.payload(tool.turn, seq, PayloadKind.TOOL_INPUT, text=text, pointer=pointer)
        if call_id is not None:
            self._remember(call_id, tool)
        return tool

    def output(self, ts: Micros | None, call_id: str | None, output: Output) -> Outcome:
        """A tool's output is given to the model."""
        state = self.state
        tool = self.tool(call_id)
        self._give(ts)
        if tool is None or call_id is None:
            return ignored("output_without_request")
        sizes = 0
        for part, (text, pointer) in enumerate(output.texts):
            sizes += text_size(text)
            self.trail.payload(
                tool.turn, tool.seq, PayloadKind.TOOL_OUTPUT, part=part, text=text, pointer=pointer
            )
        for part, (found, pointer) in enumerate(output.images, len(output.texts)):
            sizes += len(found.data)
            self.trail.payload(
                tool.turn,
                tool.seq,
                PayloadKind.TOOL_OUTPUT,
                part=part,
                data=found.data,
                media_type=found.media_type,
                pointer=pointer,
            )
        ended = tool.status is not None  # an end event told the end better
        failed = output.status is OpStatus.FAILED and not ended
        status = tool.status or output.status
        if output.exited and tool.process is not None and self._exited(ts, tool.process, output):
            status, failed = OpStatus.COMPLETED, False  # it is the command that failed, not the look at it
        if (tool.turn, tool.seq) in state.agents.values():
            status, ended = OpStatus.RUNNING, True
        self.trail.finish_op(
            tool.turn,
            tool.seq,
            None if ended else ts,
            status,
            error_class=_tool_error(output.error) if failed else None,
            error_message=output.error if failed else None,
            bytes_in=tool.bytes_in,
            bytes_out=sizes,
        )
        state.tools.pop(call_id, None)
        if output.process is not None and tool.process is None and tool.status is None:
            background = msgspec.structs.replace(tool, status=OpStatus.COMPLETED, process=output.process)
            state.tools[call_id] = background
            running = [key for key, call in state.tools.items() if call.status is not None and call.process]
            for key in running[:-BACKGROUND_CALLS]:
                del state.tools[key]
        elif tool.status is None:
            self._remember(call_id, tool)
        else:
            state.answered.pop(call_id, None)
        return MAPPED

    def _exited(self, ts: Micros | None, process: str, output: Output) -> bool:
        """A command in the background turns out to have ended; whether it is known."""
        state = self.state
        for call_id, tool in state.tools.items():
            if tool.process == process and tool.status is not None:
                self._finish_command(ts, tool, output)
                del state.tools[call_id]
                self._remember(call_id, tool)
                return True
        return any(tool.process == process for tool in state.answered.values() if tool.status is not None)

    def _finish_command(self, ts: Micros | None, tool: ToolCall, output: Output) -> None:
        self.trail.finish_op(
            tool.turn,
            tool.seq,
            ts,
            output.status,
            error_class=_tool_error(output.error) if output.status is OpStatus.FAILED else None,
            error_message=output.error,
        )

    def _remember(self, call_id: str, tool: ToolCall) -> None:
        answered = self.state.answered
        answered[call_id] = tool
        while len(answered) > ANSWERED_CALLS:
            del answered[next(iter(answered))]

    def tool_ended(
        self,
        call_id: str | None,
        tool: ToolCall,
        start: Micros | None,
        end: Micros | None,
        status: OpStatus,
        error: str | None,
        *,
        name: str | None = None,
        namespace: str | None = None,
        output: tuple[str, str] | None = None,
    ) -> Outcome:
        """An end event tells how a tool call went.

        Its ``output``, which Codex shortens, is told only where no other record has it: of a command
        that went to the background, or that no model asked for.
        """
        state = self.state
        if name is not None:
            self.parser.emit(
                OpStarted(
                    session=self.session,
                    turn=tool.turn,
                    seq=tool.seq,
                    ts=tool.start,
                    kind=tool.kind,
                    name=name,
                    namespace=namespace,
                    native_id=call_id,
                    copied=tool.copied,
                )
            )
        measured = start is not None and tool.start is not None and abs(start - tool.start) < AGREEMENT
        answered = call_id is None or call_id not in state.tools or tool.status is not None
        if output is not None and (tool.status is not None or tool.role == UNREQUESTED):
            part = 0 if tool.role == UNREQUESTED else 1
            self.trail.payload(
                tool.turn, tool.seq, PayloadKind.TOOL_OUTPUT, part=part, text=output[0], pointer=output[1]
            )
        self.trail.finish_op(
            tool.turn,
            tool.seq,
            end,
            status,
            error_class=_tool_error(error) if status is OpStatus.FAILED else None,
            error_message=error,
            bytes_in=tool.bytes_in,
            timing=Timing.MEASURED if measured else None,
        )
        if call_id is not None:
            if not answered:
                tool.status = status
            elif state.tools.pop(call_id, None) is not None:
                self._remember(call_id, tool)
        return MAPPED

    def search(
        self,
        ts: Micros | None,
        source: str,
        native_id: str | None,
        action: str | None,
        query: str | None,
        pointer: str,
    ) -> Outcome:
        """A web search, run by the provider within the model call; told twice, without a common key.

        ``action`` tells whether a page was opened instead; one of the two may leave it out.
        """
        state = self.state
        pair = state.search
        state.search = None
        if pair is not None and pair[0] != source:
            _, turn, seq, told = pair
            if state.call is not None and (state.call.turn, told) == (turn, None):
                state.call.searches += _is_search(action) - 1
        else:
            call, begun = self._item(ts)
            turn = call.turn
            seq = self._start_op(
                begun, OpKind.TOOL, name="web_search", namespace="web", native_id=native_id, parent=call.seq
            )
            call.searches += _is_search(action)
            state.search = (source, turn, seq, action)
            state.thinking = None
        if query is not None:
            self.trail.payload(
                turn, seq, PayloadKind.TOOL_INPUT, text=query, media_type="application/json", pointer=pointer
            )
        self.trail.finish_op(turn, seq, ts, OpStatus.COMPLETED)
        return MAPPED

    def drawing(
        self,
        ts: Micros | None,
        source: str,
        native_id: str | None,
        prompt: tuple[str, str] | None,
        data: bytes | None,
        pointer: str,
        *,
        failed: bool,
    ) -> Outcome:
        """A generated image, made by the provider within the model call."""
        if self._echoed("i", source, native_id or ""):
            return DUPLICATE
        call, begun = self._item(ts)
        self.state.thinking = None
        seq = self._start_op(
            begun,
            OpKind.TOOL,
            name="image_generation",
            namespace="builtin",
            native_id=native_id,
            parent=call.seq,
        )
        if prompt is not None:
            self.trail.payload(call.turn, seq, PayloadKind.TOOL_INPUT, text=prompt[0], pointer=prompt[1])
        if data is not None:
            self.trail.payload(
                call.turn, seq, PayloadKind.TOOL_OUTPUT, data=data, media_type="image/png", pointer=pointer
            )
        self.trail.finish_op(
            call.turn,
            seq,
            ts,
            OpStatus.FAILED if failed else OpStatus.COMPLETED,
            bytes_out=len(data) if data is not None else None,
        )
        return MAPPED

    def compacted(self, ts: Micros | None, source: str, summary: tuple[str, str] | None) -> Outcome:
        """The history is replaced by a summary of it; up to three kinds of record tell it."""
        state = self.state
        known = state.compaction
        if known is not None and source not in known[2]:
            turn, seq, sources = known
            sources.append(source)
            outcome = DUPLICATE
        else:
            start = state.given if state.given is not None and (ts is None or state.given <= ts) else ts
            seq = self._start_op(start, OpKind.COMPACTION, name="compaction")
            turn = self.trail.turn
            state.compaction = (turn, seq, [source])
            self.trail.finish_op(turn, seq, ts, OpStatus.COMPLETED)
            outcome = MAPPED
        if summary is not None:
            self.trail.payload(turn, seq, PayloadKind.SUMMARY, text=summary[0], pointer=summary[1])
            outcome = MAPPED
        self._give(ts)
        return outcome

    # --- agents ---

    def agent_spawned(
        self, call_id: str | None, agent: str, *, role: str | None = None, model: str | None = None
    ) -> None:
        """A tool call started another thread."""
        state = self.state
        tool = self.tool(call_id)
        if tool is not None:
            status = OpStatus.COMPLETED if state.copying else OpStatus.RUNNING
            self.trail.finish_op(tool.turn, tool.seq, None, status, child=agent)
        if state.copying:  # the parent's own file tells it
            return
        if tool is not None:
            state.agents[agent] = (tool.turn, tool.seq)
            while len(state.agents) > BACKGROUND_CALLS:
                del state.agents[next(iter(state.agents))]
        facts = SessionFacts(
            kind=SessionKind.SUB_AGENT, parent=self.session, parent_op=call_id, agent=role, model=model
        )
        self.parser.emit(SessionUpdated(session=agent, rank=Rank.MENTION, facts=facts))

    def agent_ended(self, ts: Micros | None, agent: str, status: OpStatus) -> None:
        """An agent's end is heard of; the first news of it is the closest."""
        place = self.state.agents.pop(agent, None)
        if place is not None:
            self.trail.finish_op(*place, ts, status)

    # --- echoes ---

    def _echoed(self, kind: str, source: str, text: str) -> bool:
        """Whether the other source has told this text already; if not, remember it for the other."""
        digest = zlib.crc32(text.encode("utf-8", "replace"))
        echoes = self.state.echoes
        other = (kind + (EVENT if source == ITEM else ITEM), digest)
        if other in echoes:
            echoes.remove(other)
            return True
        echoes.append((kind + source, digest))
        del echoes[:-ECHOES]
        return False
