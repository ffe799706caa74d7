"""Reads a chat: what each message means, and what it means when it comes again."""

from __future__ import annotations

import hashlib
import re
import zlib
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
    Shape,
    Trail,
    TrailState,
    as_dict,
    as_list,
    as_str,
    ignored,
    iso_micros,
    label,
    unknown,
)
from ai_viewer.adapters.gemini.contents import (
    agent_name,
    asked_at,
    ended_at,
    identity,
    native,
    outputs,
    parts,
    read_usage,
    times,
    tool_name,
    tool_status,
)
from ai_viewer.adapters.parts import Part, text_size, whole
from ai_viewer.model import (
    Micros,
    OpKind,
    OpStarted,
    OpStatus,
    PayloadKind,
    Rank,
    SessionFacts,
    SessionKind,
    SessionStatus,
    SessionUpdated,
    Severity,
    Timing,
    TurnStatus,
    call_key,
)

PROVIDER = "google"
CALLS = 8
"""How many answers are remembered whole; only the latest one comes again."""
PROMPTS = 64
"""How many prompts are remembered, for rewinds."""
CWD_TRIES = 64
"""How many texts are searched for the working directory."""
ERROR_LENGTH = 1_000

_EXIT_CODE = re.compile(r"(?:^|\n)Exit Code: (-?\d+)")
_PATH = re.compile(r"(?:/[^\s/:*?\"'`<>|()\[\],]+)+")

_CONTEXT = ("<session_context>", "<hook_context>", "This is the Gemini CLI. We are setting up the context")
"""How messages begin that the program writes in the user's name."""
_NUDGES = frozenset({"Please continue.", "System: Please continue."})
"""Whole messages that the program writes in the user's name."""
_CANCELLED = frozenset({"Request cancelled.", "User cancelled the request."})
"""Notices that end a turn."""

_SEVERITIES = {"info": Severity.INFO, "warning": Severity.WARNING, "error": Severity.ERROR}
_SESSION_STATUSES = {
    OpStatus.COMPLETED: SessionStatus.COMPLETED,
    OpStatus.FAILED: SessionStatus.FAILED,
    OpStatus.CANCELLED: SessionStatus.INTERRUPTED,
}


class Call(msgspec.Struct, array_like=True):
    """An answer that may come again."""

    turn: int
    seq: int
    start: Micros | None
    end: Micros | None
    thoughts: int = 0
    tools: dict[str, int] = {}
    """Seqs of its tool calls."""


class State(msgspec.Struct, omit_defaults=True):
    """What is kept between two records."""

    trail: TrailState
    project: str | None = None
    """Hash of the working directory, until that is known."""
    tries: int = 0
    model: str | None = None
    given: Micros | None = None
    """When the model was last given something, or last answered."""
    calls: dict[str, Call] = {}
    users: dict[str, int] = {}
    """Turns of the latest prompts, by message id."""
    prompts: int = 0
    contexts: int = 0
    messages: int = 0
    snapshot: int = 0
    """Checksum of the latest summary."""


class ChatParser(JsonParser):
    """Parser of recorded chats of both kinds."""

    state_type: ClassVar[type[msgspec.Struct]] = State

    def __init__(self, artifact: Artifact, state: bytes | None) -> None:
        self.state = State(TrailState("", Rank.COPY if artifact.shape is Shape.WHOLE else Rank.TRANSCRIPT))
        self.trail = Trail(self, self.state.trail)
        self.types: dict[str, Callable[[Record, Micros | None, str], Outcome]] = {
            "user": self._user,
            "gemini": self._answer,
            "info": self._notice,
            "warning": self._notice,
            "error": self._notice,
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

    def record(self, record: Record) -> Outcome:
        """Map one line, or a whole chat."""
        changes = record.get("$set")
        if isinstance(changes, dict):
            self._begin({})
            return self._changed(changes)
        if isinstance(record.get("$rewindTo"), str):
            self._begin({})
            return self._rewound(record["$rewindTo"])
        if "id" in record or "type" in record:
            self._begin({})
            return self._message(record, "")
        if "sessionId" not in record and "messages" not in record:
            return unknown("object")
        if self.state.trail.session:
            return ignored("repeated_header")
        self._begin(record)
        return self._messages(record.get("messages"), "/messages")

    # --- the session ---

    def _begin(self, header: Record) -> None:
        """Begin the session with what its header tells, unless it was begun."""
        state = self.state
        if state.trail.session:
            return
        session, parent, kind = identity(PurePosixPath(self.artifact.path), self.artifact.stem, header)
        state.trail.session = session
        state.project = as_str(header.get("projectHash"))
        self.trail.started(SessionFacts(kind=kind, parent=parent, client="gemini-cli", provider=PROVIDER))
        self.trail.seen(iso_micros(header.get("startTime")))
        self._facts(header)

    def _facts(self, told: Record) -> bool:
        """Tell the facts that a header or a change of it holds; return whether there were any."""
        summary = as_str(told.get("summary"))
        if summary is not None:
            self.trail.update(title=label(summary))
        directories = [name for name in as_list(told.get("directories")) if isinstance(name, str)]
        for directory in directories:
            self._try_cwd(directory)
        return summary is not None or bool(directories)

    def _changed(self, changes: Record) -> Outcome:
        """Facts have changed, or the history that the model sees."""
        outcome = MAPPED if self._facts(changes) else ignored("metadata")
        messages = changes.get("messages")
        if not isinstance(messages, list):
            return outcome
        if not self.state.messages:
            return self._messages(messages, "/$set/messages") if messages else outcome
        for number, message in enumerate(map(as_dict, messages)):
            pointer = f"/$set/messages/{number}"
            text = whole(parts(message.get("content"), f"{pointer}/content"))
            if message.get("type") == "user" and _is_summary(text):
                compacted = self._compacted(message, iso_micros(message.get("timestamp")), pointer)
                outcome = compacted if compacted == MAPPED else outcome
        return outcome if outcome == MAPPED else ignored("history_as_sent")

    def _rewound(self, message: str) -> Outcome:
        """A message and all after it leave the conversation; what they cost stays."""
        turn = self.state.users.get(message)
        where = f"to before turn {turn}" if turn is not None else f"to before message {message}"
        self.trail.log(self.trail.last_at, Severity.INFO, "rewind", f"went back {where}")
        return MAPPED

    def _search_cwd(self, text: str) -> None:
        """Look among the paths in a text for the one that the project's hash is of."""
        state = self.state
        if state.project is None or state.tries >= CWD_TRIES:
            return
        state.tries += 1
        for found in _PATH.findall(text[:4_000])[:8]:
            path = PurePosixPath(found)
            for folder in (path, *path.parents):
                if self._try_cwd(str(folder)):
                    return

    def _try_cwd(self, path: str) -> bool:
        digest = hashlib.sha256(path.encode("utf-8", "replace")).hexdigest()
        if digest != self.state.project:
            return False
        self.state.project = None
        self.trail.update(cwd=path)
        return True

    # --- messages ---

    def _messages(self, messages: object, pointer: str) -> Outcome:
        """Tell messages that stand in one record; what is not known among them is the record's outcome."""
        outcome = MAPPED
        for number, message in enumerate(as_list(messages)):
            told = self._message(as_dict(message), f"{pointer}/{number}")
            if told.startswith("unknown"):
                outcome = told
        return outcome

    def _message(self, message: Record, pointer: str) -> Outcome:
        kind = message.get("type")
        read = self.types.get(kind) if isinstance(kind, str) else None
        if read is None:
            return unknown(f"message/{kind}")
        ts = iso_micros(message.get("timestamp"))
        outcome = read(message, ts, pointer)
        self.state.messages += 1
        self.trail.seen(ts)
        return outcome

    def _user(self, message: Record, ts: Micros | None, pointer: str) -> Outcome:
        """A prompt, or what the program says in the user's name."""
        state = self.state
        native_id = as_str(message.get("id"))
        if native_id is not None and native_id in state.users:
            return ignored("repeated_message")
        content = message.get("content")
        if any("functionResponse" in as_dict(part) for part in as_list(content)):
            self._give(ts)
            return ignored("tool_response")
        found = parts(content, f"{pointer}/content")
        text = whole(found)
        if not found:
            return ignored("empty_message")
        if _is_summary(text):
            return self._compacted(message, ts, pointer)
        if text.startswith(_CONTEXT) or (text in _NUDGES and state.trail.in_turn):
            self._search_cwd(text)
            self._attach(ts, PayloadKind.CONTEXT, found)
            self._give(ts)
            return MAPPED
        shown = parts(message.get("displayContent"), f"{pointer}/displayContent") or found
        self.trail.start_turn(ts, label(whole(shown)) or f"[{shown[0].media_type}]")
        state.prompts = state.contexts = 0
        if native_id is not None:
            _remember(state.users, native_id, self.trail.turn, PROMPTS)
        self._attach(ts, PayloadKind.PROMPT, shown)
        if shown is not found:  # what the program added, such as the text of files that were named
            said = {part.text for part in shown}
            self._attach(ts, PayloadKind.CONTEXT, [part for part in found if part.text not in said])
        self._give(ts)
        return MAPPED

    def _give(self, ts: Micros | None) -> None:
        if ts is not None and (self.state.given is None or ts > self.state.given):
            self.state.given = ts

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
            self.trail.part(state.trail.turn, 0, kind, number, part)

    def _compacted(self, message: Record, ts: Micros | None, pointer: str) -> Outcome:
        """The history was compressed to a summary."""
        found = parts(message.get("content"), f"{pointer}/content")
        mark = zlib.crc32(whole(found).encode("utf-8", "replace"))
        if mark == self.state.snapshot:
            return ignored("repeated_summary")
        self.state.snapshot = mark
        seq = self.trail.start_op(ts, OpKind.COMPACTION, name="compaction", timing=Timing.POINT)
        for number, part in enumerate(found):
            self.trail.part(self.trail.turn, seq, PayloadKind.SUMMARY, number, part)
        self.trail.finish_op(self.trail.turn, seq, ts)
        self._give(ts)
        return MAPPED

    def _notice(self, message: Record, ts: Micros | None, pointer: str) -> Outcome:
        """The program says something; that the request was cancelled or failed ends the turn."""
        found = parts(message.get("content"), f"{pointer}/content")
        if not found:
            return ignored("empty_message")
        text = whole(found)
        name = str(message["type"])
        if not text:  # data that a tool had read, given to the model apart
            self._attach(ts, PayloadKind.CONTEXT, found)
            return MAPPED
        self.trail.log(ts, _SEVERITIES[name], name, text)
        if not self.state.trail.in_turn or self.trail.turn == 0:
            return MAPPED
        if text in _CANCELLED:
            self._end_turn(ts, TurnStatus.INTERRUPTED)
        elif name == "error" and text.startswith("[API Error"):
            given = self.state.given
            seq = self.trail.start_op(
                given if given is not None and (ts is None or given <= ts) else ts,
                OpKind.LLM,
                name=self.state.model,
                model=self.state.model,
                provider=PROVIDER,
            )
            self.trail.finish_op(
                self.trail.turn,
                seq,
                ts,
                OpStatus.FAILED,
                error_class="api_error",
                error_message=text[:ERROR_LENGTH],
            )
            self._end_turn(ts, TurnStatus.FAILED)
        return MAPPED

    def _end_turn(self, ts: Micros | None, status: TurnStatus) -> None:
        self.trail.seen(ts)
        self.trail.finish_turn(self.trail.last_at, status)

    # --- what the model says ---

    def _answer(self, message: Record, ts: Micros | None, pointer: str) -> Outcome:
        """A model call: its answer, or the same one with more that is known of it."""
        usage, model = read_usage(message.get("tokens")), as_str(message.get("model"))
        thoughts = [thought for thought in as_list(message.get("thoughts")) if isinstance(thought, dict)]
        tools = [tool for tool in as_list(message.get("toolCalls")) if isinstance(tool, dict)]
        if usage is None and model is None and not thoughts and not tools:
            return ignored("synthetic")  # the program's own, to keep the history in order
        state = self.state
        if model is not None and model != state.model:
            state.model = model
            self.trail.update(model=model)
        native_id = as_str(message.get("id"))
        call = state.calls.get(native_id) if native_id is not None else None
        if call is None:
            call = self._begin_call(native_id, ts, model, thoughts, tools)
            if native_id is not None:
                _remember(state.calls, native_id, call, CALLS)
        if usage is not None and native_id is not None:
            self._identify(call, call_key(native_id, ts, *msgspec.structs.astuple(usage)))
        self._reasoning(call, thoughts, pointer)
        answers = parts(message.get("content"), f"{pointer}/content")
        for number, part in enumerate(answers):
            self.trail.part(call.turn, call.seq, PayloadKind.ANSWER, number, part)
        self.trail.finish_op(
            call.turn,
            call.seq,
            call.end,
            usage=usage,
            context_used=(usage.context or None) if usage is not None else None,
            model=model,
        )
        self._give(call.end)
        for number, tool in enumerate(as_list(message.get("toolCalls"))):
            if isinstance(tool, dict):
                self._tool(call, tool, number, f"{pointer}/toolCalls/{number}")
        return MAPPED

    def _begin_call(
        self,
        native_id: str | None,
        ts: Micros | None,
        model: str | None,
        thoughts: list[Record],
        tools: list[Record],
    ) -> Call:
        state, trail = self.state, self.trail
        end = ended_at(ts, thoughts, tools)
        known = [
            at for at in (state.given, *times(thoughts)) if at is not None and (end is None or at <= end)
        ]
        start = known[0] if known else end
        seq = trail.start_op(
            start,
            OpKind.LLM,
            name=model or state.model,
            native_id=native_id,
            model=model or state.model,
            provider=PROVIDER,
        )
        if trail.turn > 0:
            state.trail.in_turn = True  # work goes on in a turn that seemed to have ended
        return Call(trail.turn, seq, start, end)

    def _identify(self, call: Call, key: int) -> None:
        """Tell a call apart from all others, now that its tokens are known."""
        self.emit(
            OpStarted(
                session=self.state.trail.session,
                turn=call.turn,
                seq=call.seq,
                ts=None,
                kind=OpKind.LLM,
                call=key,
            )
        )

    def _reasoning(self, call: Call, thoughts: list[Record], pointer: str) -> None:
        """Tell the thoughts that were not told yet, each from the one before."""
        at = times(thoughts)
        for number in range(call.thoughts, len(thoughts)):
            thought = thoughts[number]
            texts = {
                key: text
                for key in ("subject", "description", "summary")
                if (text := as_str(thought.get(key)))
            }
            if "description" in texts:
                texts.pop("summary", None)
            before = at[number - 1] if number else call.start
            ts = at[number] or call.end
            start = before if before is not None and ts is not None and before <= ts else ts
            seq = self._start(call, start, OpKind.REASONING, name="reasoning")
            if texts:
                place = f"{pointer}/thoughts/{number}" + (f"/{next(iter(texts))}" if len(texts) == 1 else "")
                part = Part(place, "\n\n".join(texts.values()))
                self.trail.part(call.turn, seq, PayloadKind.REASONING, 0, part)
            self.trail.finish_op(call.turn, seq, ts)
        call.thoughts = max(call.thoughts, len(thoughts))

    def _start(
        self,
        call: Call,
        ts: Micros | None,
        kind: OpKind,
        *,
        name: str,
        namespace: str | None = None,
        native_id: str | None = None,
        seq: int | None = None,
    ) -> int:
        """Begin an op of a call in the call's turn, or tell of the op ``seq`` again."""
        if seq is None:
            self.state.trail.seq += 1
            seq = self.state.trail.seq
        self.emit(
            OpStarted(
                session=self.state.trail.session,
                turn=call.turn,
                seq=seq,
                ts=ts,
                kind=kind,
                name=name,
                namespace=namespace,
                native_id=native_id,
                parent=call.seq,
            )
        )
        return seq

    # --- tools ---

    def _tool(self, call: Call, tool: Record, number: int, pointer: str) -> None:
        """A tool call, told when it has ended, or once more."""
        native_id = as_str(tool.get("id"))
        key = native_id or f"#{number}"
        status = tool_status(tool)
        ts = iso_micros(tool.get("timestamp")) if status is not OpStatus.RUNNING else None
        asked = asked_at(tool)
        start = call.end
        if asked is not None and ts is not None and (start is None or start <= asked <= ts):
            start = asked
        agent = as_str(tool.get("agentId"))
        progress = as_dict(tool.get("resultDisplay"))
        is_agent = agent is not None or progress.get("isSubagentProgress") is True
        name, namespace = tool_name(tool)
        if is_agent:
            name = as_str(progress.get("agentName")) or agent_name(tool) or name
        seq = self._start(
            call,
            start if ts is None or start is None or start <= ts else ts,
            OpKind.SESSION if is_agent else OpKind.TOOL,
            name=name,
            namespace=None if is_agent else namespace,
            native_id=native_id,
            seq=call.tools.get(key),
        )
        call.tools[key] = seq
        given = tool.get("args")
        arguments = msgspec.json.encode(given).decode() if given else ""
        if arguments:
            part = Part(f"{pointer}/args", arguments, media_type="application/json")
            self.trail.part(call.turn, seq, PayloadKind.TOOL_INPUT, 0, part)
        results = outputs(tool.get("result"), f"{pointer}/result")
        text = whole(results)
        self._search_cwd(f"{arguments}\n{text[:2_000]}")
        change = as_str(progress.get("fileDiff"))
        if change is not None:
            results.append(Part(f"{pointer}/resultDisplay/fileDiff", change, media_type="text/x-diff"))
        for part_number, part in enumerate(results):
            self.trail.part(call.turn, seq, PayloadKind.TOOL_OUTPUT, part_number, part)
        error_class, error = None, None
        codes = _EXIT_CODE.findall(text[-2_000:]) if namespace == "shell" else []
        if status is OpStatus.FAILED:
            error_class, error = "tool_error", text[:ERROR_LENGTH] or None
        elif status is OpStatus.COMPLETED and codes and int(codes[-1]) != 0:
            status, error_class, error = OpStatus.FAILED, "exit_code", f"exit code {codes[-1]}"
        self.trail.finish_op(
            call.turn,
            seq,
            ts,
            status,
            error_class=error_class,
            error_message=error,
            bytes_in=text_size(arguments) or None,
            bytes_out=text_size(text) if results else None,
            child=native(agent) if agent is not None else None,
        )
        self.trail.seen(ts)
        self._give(ts)
        if agent is not None:
            self._agent(native(agent), native_id, name, ts, status)

    def _agent(
        self, child: str, native_id: str | None, name: str, ts: Micros | None, status: OpStatus
    ) -> None:
        """Tell a sub-agent's session what its own file does not say."""
        facts = SessionFacts(
            kind=SessionKind.SUB_AGENT,
            parent=self.state.trail.session,
            parent_op=native_id,
            agent=name,
            ended_at=ts,
            status=_SESSION_STATUSES.get(status),
        )
        if child != self.state.trail.session:
            self.emit(SessionUpdated(session=child, rank=Rank.MENTION, facts=facts))


def _is_summary(text: str) -> bool:
    """Whether a user's message is the summary that stands for a compressed history."""
    return "</state_snapshot>" in text and text.lstrip().startswith("<")


def _remember(window: dict[str, Any], key: str, value: object, limit: int) -> None:
    """Put an entry into a window of the latest."""
    window[key] = value
    while len(window) > limit:
        del window[next(iter(window))]
