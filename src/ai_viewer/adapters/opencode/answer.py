"""Reads an assistant's message: the model calls that it is, and what hangs below them."""

from __future__ import annotations

import msgspec

from ai_viewer.adapters.base import Record, as_dict, as_list, as_str
from ai_viewer.adapters.opencode.contents import (
    file,
    id_time,
    json_text,
    millis,
    read_cost,
    read_usage,
)
from ai_viewer.adapters.opencode.tools import ERROR_LENGTH, TASKS, child, identity, verdict
from ai_viewer.adapters.opencode.trail import SessionTrail
from ai_viewer.adapters.parts import Part, text_size
from ai_viewer.model import (
    Micros,
    OpKind,
    OpStatus,
    PayloadKind,
    Severity,
    Timing,
    Usage,
    call_key,
)

_ABORTED = "MessageAbortedError"
_TOO_LONG = "MessageOutputLengthError"


class Call(msgspec.Struct):
    """A model call: a step of the message."""

    seq: int
    number: int
    """Which step of the message it is, from 0."""
    open: bool = True
    announced: bool = False
    """Whether a ``step-start`` began it."""
    answers: int = 0
    last: Micros | None = None
    """When the latest of what the model wrote was written, or the latest tool begun."""
    asked: bool = False
    """Whether it asked for a tool that has begun."""


class Answer:
    """One assistant's message; ``read`` tells its parts.

    opencode runs the tools of a step within it, so a step that asks for tools has ended for the
    model when its last tool begins; what follows until its ``step-finish`` is the tools'.
    """

    def __init__(self, trail: SessionTrail, native_id: str, data: Record, begun: Micros | None) -> None:
        self.trail = trail
        self.native_id = native_id
        self.data = data
        self.begun = begun
        model = as_dict(data.get("model"))
        self.provider = (
            as_str(data.get("providerID")) or as_str(model.get("providerID")) or trail.session.provider
        )
        self.model = as_str(data.get("modelID")) or as_str(model.get("modelID")) or trail.session.model
        self.ended = millis(as_dict(data.get("time")).get("completed"))
        self.streamed = millis(as_dict(data.get("time")).get("streamed"))
        """When the model had said all; opencode 2 tells it."""
        self.finish = as_str(data.get("finish"))
        told = as_dict(data.get("error"))
        self.error = (as_str(told.get("name")) or "error") if told else None
        about = as_dict(told.get("data"))
        message = as_str(about.get("message")) or as_str(told.get("message"))
        self.error_message = message[:ERROR_LENGTH] if message is not None else None
        self.aborted = self.error == _ABORTED
        # Of a session that an old version began, the new one's messages are told by this.
        self.apart = trail.session.apart or self.streamed is not None
        self.usage = read_usage(data.get("tokens"), self.apart)
        self.cost = read_cost(data.get("cost"))
        self.call: Call | None = None
        self.steps = 0
        self.previous: Micros | None = begun
        """When the previous step ended."""
        self.retry: tuple[Micros | None, str] | None = None
        """When and why the stream broke."""
        self.has_finishes = False
        self.above: int | None = None

    def read(self, parts: list[Record], above: int | None) -> str | None:
        """Tell the parts; ``above`` is the op that the calls belong to. Return a type that is not known."""
        self.above = above
        odd: str | None = None
        kinds = [as_str(as_dict(part.get("data")).get("type")) for part in parts]
        self.has_finishes = "step-finish" in kinds
        for number, (part, kind) in enumerate(zip(parts, kinds, strict=True)):
            told, pointer = as_dict(part.get("data")), f"/parts/{number}/data"
            ts = self._time(part)
            match kind:
                case "step-start":
                    self._step(ts)
                case "step-finish":
                    self._finish(told, ts)
                case "text":
                    self._text(told, pointer)
                case "reasoning":
                    self._reasoning(told, pointer, ts)
                case "tool":
                    self._tool(told, pointer, ts)
                case "retry":
                    self._retry(told, ts)
                case "patch":
                    self._patch(told, ts)
                case "file":
                    self._file(told, pointer)
                case "compaction":
                    self._log(
                        ts, Severity.INFO, "compaction", "automatic" if told.get("auto") else "asked for"
                    )
                case "snapshot":
                    pass
                case _:
                    odd = kind or "none"
        self._structured()
        self._end(kinds)
        return odd

    def _time(self, part: Record) -> Micros | None:
        """When a part was begun: by its id, or by its row, if that is within the message.

        Copies and imports have rows, and copies also ids, of the time when they were made.
        """
        begun, ended = self.begun, self.ended
        if begun is None:
            return None
        for ts in (id_time(as_str(part.get("id")) or "", begun), millis(part.get("at"))):
            if ts is not None and begun <= ts and (ended is None or ts <= ended):
                return ts
        return None

    # --- model calls ---

    def _start(self, begun: Micros | None) -> Call:
        """Begin the next model call."""
        if self.steps == 0:
            begun = self.begun
        seq = self.trail.start_op(
            begun,
            OpKind.LLM,
            name=self.model,
            native_id=self.native_id,
            parent=self.above,
            call=self._key(self.steps),
            copied=self.trail.copied,
            model=self.model,
            provider=self.provider,
        )
        self.call = Call(seq, self.steps)
        self.steps += 1
        return self.call

    def _key(self, step: int) -> int | None:
        """Identify a call by what a fork copies, all but the ids.

        Sub-agents that were started at once may call at the same millisecond, so that is not enough.
        """
        if self.begun is None or (self.ended is None and self.usage is None):
            return None
        counts = msgspec.structs.astuple(self.usage) if self.usage is not None else ()
        return call_key(self.begun, self.ended, self.provider, self.model, step, *counts)

    def _current(self) -> Call:
        return self.call if self.call is not None else self._start(None)

    def _step(self, ts: Micros | None) -> None:
        call = self.call
        if call is not None and call.open and call.announced:  # its stream broke, and was asked for again
            call.open = False
            broke_at, why = self.retry or (None, None)
            self.trail.finish_op(
                self.trail.turn,
                call.seq,
                broke_at or call.last,
                OpStatus.FAILED,
                error_class="retried",
                error_message=why,
            )
            call = self._start(ts)
        elif call is None or not call.open:
            call = self._start(self.previous)
        call.announced = True

    def _finish(self, told: Record, ts: Micros | None) -> None:
        """A step has ended, with its tokens and cost."""
        call = self.call if self.call is not None and self.call.open else self._start(self.previous)
        usage = read_usage(told.get("tokens"), self.apart)
        reason = as_str(told.get("reason"))
        self._close(call, usage, read_cost(told.get("cost")), ts or self.ended, reason)
        self.previous = ts or self.previous

    def _close(
        self, call: Call, usage: Usage | None, cost: int | None, ts: Micros | None, reason: str | None
    ) -> None:
        call.open = False
        ended = call.last if call.asked and call.last is not None else ts
        measured = not call.asked and call.number == 0 and self.begun is not None and ts is not None
        if self.streamed is not None:
            ended, measured = self.streamed, self.begun is not None
        self.trail.seen(ended)
        self.trail.finish_op(
            self.trail.turn,
            call.seq,
            ended,
            OpStatus.TRUNCATED if reason == "length" else OpStatus.COMPLETED,
            usage=usage,
            cost=cost,
            context_used=(usage.context or None) if usage is not None else None,
            timing=Timing.MEASURED if measured else Timing.DERIVED,
        )

    def _end(self, kinds: list[str | None]) -> None:
        """End the call that no ``step-finish`` ended; tell the one that left no part."""
        billed = self.usage is not None or self.cost is not None
        call = self.call
        waiting = self.ended is None and "tool" not in kinds
        if call is None and (billed or self.error is not None or waiting):
            call = self._start(None)
        if call is None or not call.open:
            return
        alone = not self.has_finishes
        usage, cost = (self.usage, self.cost) if alone else (None, None)
        if self.error is None:
            if self.ended is None:
                self.trail.leave(call.seq)
            else:
                self._close(call, usage, cost, self.ended, self.finish)
            return
        status = OpStatus.TRUNCATED if self.error == _TOO_LONG else OpStatus.FAILED
        failed = not self.aborted
        self.trail.finish_op(
            self.trail.turn,
            call.seq,
            call.last if call.asked else self.ended or call.last or self.begun,
            status if failed else OpStatus.CANCELLED,
            error_class=self.error if failed else None,
            error_message=self.error_message if failed else None,
            usage=usage,
            cost=cost,
            context_used=(usage.context or None) if usage is not None else None,
        )

    # --- what a call wrote ---

    def _text(self, told: Record, pointer: str) -> None:
        call = self._current()
        text = as_str(told.get("text"))
        self._wrote(call, millis(as_dict(told.get("time")).get("end")))
        if text is not None:
            self._answer(call, Part(f"{pointer}/text", text))

    def _answer(self, call: Call, part: Part) -> None:
        """A text of the model's: in a compaction it is the summary."""
        kind, seq = PayloadKind.ANSWER, call.seq
        if self.above is not None:
            kind, seq = PayloadKind.SUMMARY, self.above
        self.trail.part(self.trail.turn, seq, kind, call.answers, part)
        call.answers += 1

    def _file(self, told: Record, pointer: str) -> None:
        found = file(told, f"{pointer}/url")
        if found is not None:
            self._answer(self._current(), found)

    def _structured(self) -> None:
        """An answer in a form that was asked for stands in the message itself."""
        value = self.data.get("structured")
        if value is not None:
            text = json_text(value)
            self._answer(self._current(), Part("/data/structured", text, media_type="application/json"))

    def _wrote(self, call: Call, ts: Micros | None) -> None:
        self.trail.seen(ts)
        if call.open and ts is not None and (call.last is None or ts > call.last):
            call.last = ts

    def _reasoning(self, told: Record, pointer: str, ts: Micros | None) -> None:
        call = self._current()
        time = as_dict(told.get("time"))
        begun, ended = millis(time.get("start")), millis(time.get("end"))
        at_work = ended is None and self.ended is None and self.error is None
        seq = self.trail.start_op(
            begun or ts,
            OpKind.REASONING,
            name="reasoning",
            parent=call.seq,
            copied=self.trail.copied,
            timing=Timing.MEASURED if ended is not None else Timing.DERIVED if at_work else Timing.POINT,
        )
        text = as_str(told.get("text"))
        if text is not None:
            self.trail.part(self.trail.turn, seq, PayloadKind.REASONING, 0, Part(f"{pointer}/text", text))
        self._wrote(call, ended)
        if at_work:
            self.trail.leave(seq)
        else:
            self.trail.finish_op(self.trail.turn, seq, ended or begun or ts)

    # --- tools ---

    def _tool(self, told: Record, pointer: str, ts: Micros | None) -> None:
        """A tool call; the user's own (``!command``, a sub-task) belong to no model call."""
        if self.call is None and (self.usage is not None or self.has_finishes):
            self._start(None)
        call = self.call
        state = as_dict(told.get("state"))
        tool = as_str(told.get("tool")) or "unknown"
        given = as_dict(state.get("input"))
        time = as_dict(state.get("time"))
        begun, ended = millis(time.get("start")), millis(time.get("end"))
        name, namespace = identity(tool)
        runs_agent = tool in TASKS
        if runs_agent:
            name = as_str(given.get("subagent_type")) or as_str(given.get("agent")) or name
        seq = self.trail.start_op(
            begun or ts,
            OpKind.SESSION if runs_agent else OpKind.TOOL,
            name=name,
            namespace=None if runs_agent else namespace,
            native_id=as_str(told.get("callID")),
            parent=call.seq if call is not None else self.above,
            copied=self.trail.copied,
            timing=Timing.MEASURED if begun is not None else Timing.DERIVED,
        )
        if call is not None and call.open and begun is not None:
            call.asked = True
            self._wrote(call, begun)
        self.trail.seen(ended or begun)
        bytes_in = self._input(seq, state, pointer)
        bytes_out = self._outputs(seq, state, f"{pointer}/state")
        status, error_class, error = verdict(tool, state)
        if status is OpStatus.RUNNING:
            if self.ended is not None or self.error is not None:
                status = OpStatus.CANCELLED
            else:
                self.trail.leave(seq)
        self.trail.finish_op(
            self.trail.turn,
            seq,
            ended,
            status,
            error_class=error_class,
            error_message=error,
            bytes_in=bytes_in or None,
            bytes_out=bytes_out,
            child=child(state) if runs_agent else None,
        )

    def _input(self, seq: int, state: Record, pointer: str) -> int:
        given = state.get("input")
        if not given:
            return 0
        text = given if isinstance(given, str) else json_text(given)
        part = Part(f"{pointer}/state/input", text, media_type="application/json")
        self.trail.part(self.trail.turn, seq, PayloadKind.TOOL_INPUT, 0, part)
        return text_size(text)

    def _outputs(self, seq: int, state: Record, pointer: str) -> int | None:
        """Tell a tool's output, the change that it made, and its files; return the output's size."""
        found: list[Part] = []
        key = "error" if state.get("status") == "error" else "output"
        text = as_str(state.get(key))
        metadata = as_dict(state.get("metadata"))
        if text is not None:
            found.append(Part(f"{pointer}/{key}", text))
        partial = as_str(metadata.get("output"))
        if partial is not None and state.get("status") != "completed":
            found.append(Part(f"{pointer}/metadata/output", partial))
        diff = as_str(metadata.get("diff"))
        if diff is not None:
            found.append(Part(f"{pointer}/metadata/diff", diff, media_type="text/x-diff"))
        for number, attached in enumerate(map(as_dict, as_list(state.get("attachments")))):
            part = file(attached, f"{pointer}/attachments/{number}/url")
            if part is not None:
                found.append(part)
        for number, part in enumerate(found):
            self.trail.part(self.trail.turn, seq, PayloadKind.TOOL_OUTPUT, number, part)
        return text_size(text) if text is not None else None

    # --- notices ---

    def _retry(self, told: Record, ts: Micros | None) -> None:
        error = as_dict(told.get("error"))
        message = as_str(as_dict(error.get("data")).get("message")) or as_str(error.get("name")) or "retry"
        ts = millis(as_dict(told.get("time")).get("created")) or ts
        self.retry = ts, message[:ERROR_LENGTH]
        self._log(ts, Severity.WARNING, "retry", f"attempt {told.get('attempt')}: {message[:ERROR_LENGTH]}")

    def _patch(self, told: Record, ts: Micros | None) -> None:
        files = [path for path in as_list(told.get("files")) if isinstance(path, str)]
        self._log(ts, Severity.INFO, "patch", "\n".join(files) or "no files")

    def _log(self, ts: Micros | None, severity: Severity, name: str, message: str) -> None:
        """Add a notice, unless it is another session's."""
        if not self.trail.copied:
            self.trail.log(ts, severity, name, message, self.call.seq if self.call is not None else 0)
