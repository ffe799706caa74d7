"""Reads a session file: what each entry means, in the order they were written."""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar

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
from ai_viewer.adapters.parts import Part, text_size
from ai_viewer.adapters.pi.contents import (
    ERROR_LENGTH,
    identify,
    name_id,
    namespace,
    parts,
    read_cost,
    read_usage,
    verdict,
)
from ai_viewer.model import (
    Micros,
    OpKind,
    OpStatus,
    PayloadKind,
    Rank,
    SessionFacts,
    SessionKind,
    Severity,
    Timing,
    TurnStatus,
)

WINDOW = 64
"""How many tool calls without a result are remembered."""

_CALL_STATUS = {
    "length": OpStatus.TRUNCATED,
    "error": OpStatus.FAILED,
    "aborted": OpStatus.CANCELLED,
}
"""How a model call ended by its stop reason; all others are complete."""
_TURN_STATUS = {
    "stop": TurnStatus.COMPLETED,
    "length": TurnStatus.COMPLETED,
    "error": TurnStatus.FAILED,
    "aborted": TurnStatus.INTERRUPTED,
}
"""How a turn ended by the stop reason of its last call; after ``toolUse`` it goes on."""


class Tool(msgspec.Struct, array_like=True):
    """A tool call whose result may still come."""

    turn: int
    seq: int
    bytes_in: int


class State(msgspec.Struct, omit_defaults=True):
    """What is kept between two records."""

    trail: TrailState
    forked_at: Micros | None = None
    """Time of the header, if it names a parent: entries before it are the parent's."""
    own: bool = False
    """Whether an entry of the session's own was seen, and so all copied ones."""
    titled: bool = True
    leaf: str | None = None
    """The latest entry's id."""
    provider: str | None = None
    model: str | None = None
    previous: Micros | None = None
    """Time of the latest message."""
    looping: bool = False
    """Whether the latest answer asked for tools, so that the model goes on."""
    prompts: int = 0
    contexts: int = 0
    tools: dict[str, Tool] = {}


class SessionParser(JsonParser):
    """Parser of session files."""

    state_type: ClassVar[type[msgspec.Struct]] = State

    def __init__(self, artifact: Artifact, state: bytes | None) -> None:
        self.state = State(TrailState("", Rank.TRANSCRIPT))
        self.trail = Trail(self, self.state.trail)
        self.copied = False
        """Whether the entry being read is another session's."""
        self.entries: dict[str, Callable[[Record, Micros | None], Outcome]] = {
            "message": self._message,
            "custom_message": self._custom_message,
            "compaction": self._summary,
            "branch_summary": self._summary,
            "model_change": self._model_change,
            "thinking_level_change": self._thinking_level,
            "label": self._label,
            "session_info": self._session_info,
            "custom": lambda _entry, _ts: ignored("extension_state"),
        }
        self.roles: dict[str, Callable[[Record, Record, Micros | None], Outcome]] = {
            "user": self._user,
            "assistant": self._assistant,
            "toolResult": self._tool_result,
            "bashExecution": self._bash,
            "custom": self._injected,
            "hookMessage": self._injected,
            "branchSummary": self._summary_message,
            "compactionSummary": self._summary_message,
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
        """Tell first and last activity; a fork began with its header, not with what it copied."""
        trail, forked_at = self.state.trail, self.state.forked_at
        if not trail.session:
            return
        first, last = trail.first_at, trail.last_at
        if forked_at is not None:
            trail.first_at = forked_at
            trail.last_at = forked_at if last is None else max(last, forked_at)
        self.trail.flush()
        trail.first_at, trail.last_at = first, last

    def record(self, record: Record) -> Outcome:
        """Map one line."""
        kind = record.get("type")
        if kind == "session":
            return self._header(record)
        read = self.entries.get(kind) if isinstance(kind, str) else None
        if read is None:
            return unknown(kind)
        if not self.state.trail.session:
            self._begin(None)
        ts = iso_micros(record.get("timestamp"))
        if ts is None:
            ts = number_micros(as_dict(record.get("message")).get("timestamp"), 1_000)
        state = self.state
        if not state.own and (state.forked_at is None or (ts is not None and ts >= state.forked_at)):
            state.own = True
        self.copied = not state.own
        self._place(record, ts)
        outcome = read(record, ts)
        self.trail.seen(ts)
        return outcome

    # --- the session ---

    def _header(self, header: Record) -> Outcome:
        if self.state.trail.session:
            return ignored("repeated_header")
        self._begin(header)
        return MAPPED

    def _begin(self, header: Record | None) -> None:
        """Begin the session with what its header tells, or without one."""
        state, told = self.state, header or {}
        session = (as_str(told.get("id")) or name_id(self.artifact.path)).replace("/", ":")
        state.trail.session = session
        source = as_str(told.get("parentSession")) or as_str(told.get("branchedFrom"))
        parent = name_id(source).replace("/", ":") if source is not None else None
        ts = iso_micros(told.get("timestamp"))
        if source is not None:
            state.forked_at, state.titled = ts, False
        state.provider, state.model = as_str(told.get("provider")), as_str(told.get("modelId"))
        self.trail.started(
            SessionFacts(
                kind=SessionKind.ROOT if source is None else SessionKind.FORK,
                parent=parent if parent != session else None,
                model=state.model,
                provider=state.provider,
                cwd=as_str(told.get("cwd")),
                client="pi",
                started_at=ts,
                last_at=ts,
            )
        )

    def _place(self, entry: Record, ts: Micros | None) -> None:
        """Note where in the tree an entry stands, and tell where a branch begins."""
        state = self.state
        native_id = as_str(entry.get("id"))
        if native_id is None:
            return
        parent = as_str(entry.get("parentId"))
        if state.leaf is not None and parent != state.leaf:
            message = f"goes on from entry {parent}" if parent is not None else "goes on from the beginning"
            self._log(ts, Severity.INFO, "branch", message)
        state.leaf = native_id

    def _log(self, ts: Micros | None, severity: Severity, name: str, message: str, seq: int = 0) -> None:
        """Add a notice, unless it is the parent's."""
        if not self.copied:
            self.trail.log(ts, severity, name, message, seq)

    def _speaks(self, provider: str | None, model: str | None) -> None:
        """Note which model is in use from here on."""
        state = self.state
        news = {"provider": provider or state.provider, "model": model or state.model}
        if news != {"provider": state.provider, "model": state.model}:
            state.provider, state.model = news["provider"], news["model"]
            self.trail.update(**news)

    def _model_change(self, entry: Record, ts: Micros | None) -> Outcome:
        provider, model = as_str(entry.get("provider")), as_str(entry.get("modelId"))
        self._speaks(provider, model)
        self._log(ts, Severity.INFO, "model", " ".join(part for part in (provider, model) if part))
        return MAPPED

    def _thinking_level(self, entry: Record, ts: Micros | None) -> Outcome:
        self._log(ts, Severity.INFO, "thinking_level", as_str(entry.get("thinkingLevel")) or "off")
        return MAPPED

    def _label(self, entry: Record, ts: Micros | None) -> Outcome:
        told = as_str(entry.get("label"))
        self._log(ts, Severity.INFO, "label", told if told is not None else "label removed")
        return MAPPED

    def _session_info(self, entry: Record, _ts: Micros | None) -> Outcome:
        name = as_str(entry.get("name"))
        if name is None:
            return ignored("no_name")
        self.state.titled = True
        self.trail.update(title=name)
        return MAPPED

    # --- what the model is given ---

    def _message(self, entry: Record, ts: Micros | None) -> Outcome:
        message = as_dict(entry.get("message"))
        role = message.get("role")
        read = self.roles.get(role) if isinstance(role, str) else None
        if read is None:
            return unknown(f"message/{role}")
        outcome = read(entry, message, ts)
        if ts is not None:
            self.state.previous = ts
        return outcome

    def _user(self, _entry: Record, message: Record, ts: Micros | None) -> Outcome:
        state = self.state
        found = parts(message.get("content"), "/message/content")
        if not found:
            return ignored("empty_message")
        text = label(" ".join(part.text for part in found if part.text is not None))
        said = number_micros(message.get("timestamp"), 1_000)
        steering = said is not None and state.previous is not None and said < state.previous
        if not (steering and state.looping and state.trail.in_turn):
            self._give_up(None)
            begun = ts if said is None or steering or (ts is not None and said > ts) else said
            self.trail.start_turn(begun, text or f"[{found[0].media_type}]")
            state.prompts = state.contexts = 0
            state.looping = False
        for part in found:
            self.trail.part(self.trail.turn, 0, PayloadKind.PROMPT, state.prompts, part)
            state.prompts += 1
        if not state.titled and not self.copied and text is not None:
            state.titled = True
            self.trail.update(title=text)
        return MAPPED

    def _injected(self, _entry: Record, message: Record, ts: Micros | None) -> Outcome:
        """An extension gives the model something."""
        return self._context(message, ts, "/message/content")

    def _custom_message(self, entry: Record, ts: Micros | None) -> Outcome:
        return self._context(entry, ts, "/content")

    def _context(self, told: Record, ts: Micros | None, pointer: str) -> Outcome:
        found = parts(told.get("content"), pointer)
        if not found:
            return ignored("empty_message")
        self.trail.begin_turn_0(ts)
        for part in found:
            self.trail.part(self.trail.turn, 0, PayloadKind.CONTEXT, self.state.contexts, part)
            self.state.contexts += 1
        return MAPPED

    # --- what the model says ---

    def _assistant(self, entry: Record, message: Record, ts: Micros | None) -> Outcome:
        """Take a model's whole message."""
        state = self.state
        self._speaks(as_str(message.get("provider")), as_str(message.get("model")))
        begun = number_micros(message.get("timestamp"), 1_000)
        measured = begun is not None and ts is not None and begun <= ts
        usage = read_usage(message.get("usage"))
        stop = as_str(message.get("stopReason")) or ""
        seq = self.trail.start_op(
            begun if measured else state.previous or ts,
            OpKind.LLM,
            name=state.model,
            native_id=as_str(entry.get("id")),
            call=identify(message, begun or ts, usage),
            copied=self.copied,
            model=state.model,
            provider=state.provider,
            timing=Timing.MEASURED if measured else Timing.DERIVED,
        )
        turn = self.trail.turn
        self._reopen()
        odd, asked = self._contents(message, seq, begun if measured else ts, ts)
        failed = stop == "error"
        self.trail.finish_op(
            turn,
            seq,
            ts,
            _CALL_STATUS.get(stop, OpStatus.COMPLETED),
            error_class="api_error" if failed else None,
            error_message=(as_str(message.get("errorMessage")) or "")[:ERROR_LENGTH] or None
            if failed
            else None,
            usage=usage,
            cost=read_cost(message.get("usage"), usage),
            context_used=(usage.context or None) if usage is not None else None,
        )
        state.looping = stop == "toolUse"
        if stop in ("error", "aborted"):
            for native_id in asked:
                self._cancel(native_id, ts)
        ended = _TURN_STATUS.get(stop)
        if ended is not None:
            self.trail.seen(ts)
            self.trail.finish_turn(self.trail.last_at, ended)
        return MAPPED if odd is None else unknown(f"content/{odd}")

    def _contents(
        self, message: Record, call: int, begun: Micros | None, ts: Micros | None
    ) -> tuple[object, list[str]]:
        """Tell a message's texts, reasoning and tool calls; return what is not known, and the tools' ids."""
        turn, answers = self.trail.turn, 0
        odd: object = None
        asked: list[str] = []
        content = message.get("content")
        blocks = [{"type": "text", "text": content}] if isinstance(content, str) else as_list(content)
        for number, block in enumerate(map(as_dict, blocks)):
            kind = block.get("type")
            pointer = "/message/content" + (f"/{number}" if isinstance(content, list) else "")
            if kind == "text":
                text = as_str(block.get("text"))
                if text is not None:
                    place = pointer if isinstance(content, str) else f"{pointer}/text"
                    self.trail.part(turn, call, PayloadKind.ANSWER, answers, Part(place, text))
                    answers += 1
            elif kind == "thinking":
                self._reasoning(block, call, begun, pointer)
            elif kind == "toolCall":
                asked.append(self._request(block, call, ts, pointer))
            elif block:
                odd = kind
        return odd, asked

    def _reasoning(self, block: Record, call: int, ts: Micros | None, pointer: str) -> None:
        text = as_str(block.get("thinking"))
        if text is None and not block.get("thinkingSignature"):
            return
        seq = self.trail.start_op(
            ts, OpKind.REASONING, name="reasoning", parent=call, copied=self.copied, timing=Timing.POINT
        )
        if text is not None:
            self.trail.part(self.trail.turn, seq, PayloadKind.REASONING, 0, Part(f"{pointer}/thinking", text))
        self.trail.finish_op(self.trail.turn, seq, ts)

    def _request(self, block: Record, call: int, ts: Micros | None, pointer: str) -> str:
        """The model asks for a tool; return the id its result will name."""
        state = self.state
        name = as_str(block.get("name")) or "unknown"
        native_id = as_str(block.get("id"))
        seq = self.trail.start_op(
            ts,
            OpKind.TOOL,
            name=name,
            namespace=namespace(name),
            native_id=native_id,
            parent=call,
            copied=self.copied,
        )
        given = block.get("arguments")
        text = given if isinstance(given, str) else msgspec.json.encode(given).decode() if given else ""
        if text:
            part = Part(f"{pointer}/arguments", text, media_type="application/json")
            self.trail.part(self.trail.turn, seq, PayloadKind.TOOL_INPUT, 0, part)
        key = native_id or f"#{seq}"
        state.tools[key] = Tool(self.trail.turn, seq, text_size(text))
        while len(state.tools) > WINDOW:
            del state.tools[next(iter(state.tools))]
        return key

    def _reopen(self) -> None:
        """Work goes on in a turn that seemed to have ended: after a retry, or at an extension's wish."""
        if self.state.trail.turn > 0:
            self.state.trail.in_turn = True

    def _cancel(self, native_id: str, ts: Micros | None) -> None:
        tool = self.state.tools.pop(native_id, None)
        if tool is not None:
            self.trail.finish_op(tool.turn, tool.seq, ts, OpStatus.CANCELLED, bytes_in=tool.bytes_in)

    def _give_up(self, ts: Micros | None) -> None:
        """The next prompt: tools that have no result by now were given up, nobody knows when."""
        for native_id in list(self.state.tools):
            self._cancel(native_id, ts)

    # --- tools ---

    def _tool_result(self, _entry: Record, message: Record, ts: Micros | None) -> Outcome:
        native_id = as_str(message.get("toolCallId"))
        tool = self.state.tools.pop(native_id, None) if native_id is not None else None
        if tool is None:  # its request is not in this file, or was given up
            name = as_str(message.get("toolName"))
            seq = self.trail.start_op(
                ts,
                OpKind.TOOL,
                name=name,
                namespace=namespace(name or ""),
                native_id=native_id,
                copied=self.copied,
                timing=Timing.POINT,
            )
            tool = Tool(self.trail.turn, seq, 0)
        self._reopen()
        found = parts(message.get("content"), "/message/content")
        text = "\n".join(part.text for part in found if part.text is not None)
        change = as_str(as_dict(message.get("details")).get("diff"))
        if change is not None:
            found.append(Part("/message/details/diff", change, media_type="text/x-diff"))
        for number, part in enumerate(found):
            self.trail.part(tool.turn, tool.seq, PayloadKind.TOOL_OUTPUT, number, part)
        status, error_class, error = OpStatus.COMPLETED, None, None
        if message.get("isError") is True:
            status, error_class, error = verdict(text)
        self.trail.finish_op(
            tool.turn,
            tool.seq,
            ts,
            status,
            error_class=error_class,
            error_message=error,
            bytes_in=tool.bytes_in or None,
            bytes_out=text_size(text),
        )
        return MAPPED

    def _bash(self, _entry: Record, message: Record, ts: Micros | None) -> Outcome:
        """A command of the user's own: a line that began with ``!``."""
        seq = self.trail.start_op(
            ts, OpKind.TOOL, name="bash", namespace="shell", copied=self.copied, timing=Timing.POINT
        )
        turn = self.trail.turn
        command, output = as_str(message.get("command")), as_str(message.get("output"))
        if command is not None:
            self.trail.part(turn, seq, PayloadKind.TOOL_INPUT, 0, Part("/message/command", command))
        if output is not None:
            self.trail.part(turn, seq, PayloadKind.TOOL_OUTPUT, 0, Part("/message/output", output))
        code = message.get("exitCode")
        failed = isinstance(code, int) and code != 0
        cancelled = message.get("cancelled") is True
        status = OpStatus.FAILED if failed else OpStatus.COMPLETED
        self.trail.finish_op(
            turn,
            seq,
            ts,
            OpStatus.CANCELLED if cancelled else status,
            error_class="exit_code" if failed and not cancelled else None,
            error_message=f"exit code {code}" if failed and not cancelled else None,
            bytes_in=text_size(command or ""),
            bytes_out=text_size(output or ""),
        )
        return MAPPED

    # --- summaries ---

    def _summary(self, entry: Record, ts: Micros | None) -> Outcome:
        """The history, or an abandoned branch of it, is replaced by a summary."""
        return self._summarised(entry, ts, as_str(entry.get("type")) or "", "/summary")

    def _summary_message(self, _entry: Record, message: Record, ts: Micros | None) -> Outcome:
        name = "compaction" if message.get("role") == "compactionSummary" else "branch_summary"
        return self._summarised(message, ts, name, "/message/summary")

    def _summarised(self, told: Record, ts: Micros | None, name: str, pointer: str) -> Outcome:
        seq = self.trail.start_op(ts, OpKind.COMPACTION, name=name, copied=self.copied, timing=Timing.POINT)
        summary = as_str(told.get("summary"))
        if summary is not None:
            self.trail.part(self.trail.turn, seq, PayloadKind.SUMMARY, 0, Part(pointer, summary))
        self.trail.finish_op(self.trail.turn, seq, ts)
        before = as_count(told.get("tokensBefore"))
        if before:
            self._log(ts, Severity.INFO, name, f"{before} tokens before", seq)
        return MAPPED
