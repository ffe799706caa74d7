"""One conversation being told: a main transcript's, or a sub-agent's within it.

`transcript` decides which conversation a record belongs to; this says what the record means
there: which turn, model call and tool call it begins, goes on with or ends.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from ai_viewer.adapters.base import (
    MAPPED,
    JsonParser,
    Outcome,
    Record,
    Trail,
    as_count,
    as_dict,
    as_list,
    as_str,
    ignored,
    label,
    unknown,
)
from ai_viewer.adapters.claude_code.contents import (
    Text,
    command_line,
    diff,
    grown,
    json_text,
    kind_of,
    mark,
    parts,
    read_searches,
    read_tier,
    read_usage,
    short_mark,
    tagged,
    unwrapped,
)
from ai_viewer.adapters.claude_code.places import spilled
from ai_viewer.adapters.claude_code.state import CALLS, Call, ConversationState, Work, remember, trim
from ai_viewer.adapters.claude_code.tools import (
    AGENTS,
    ERROR_LENGTH,
    LAUNCHED,
    SESSION_STATUS,
    TASK_STATUS,
    TOOL_USES,
    error_text,
    outcome,
    tool_name,
)
from ai_viewer.adapters.parts import Part, text_size, whole
from ai_viewer.model import (
    Micros,
    OpKind,
    OpStarted,
    OpStatus,
    PayloadKind,
    SessionFacts,
    SessionKind,
    Severity,
    Timing,
    TurnFinalized,
    TurnStatus,
    Usage,
    call_key,
)

REPEATED = ignored("repeated_record")

SYNTHETIC = "<synthetic>"
"""The model named in messages that the program itself wrote."""
_CUT_OFF = frozenset({"max_tokens", "model_context_window_exceeded"})
"""Why a model stopped before it had ended."""


_DRAWN = re.compile(
    r"(?<![0-9A-Za-z])([0-9A-Za-z]{16,}|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12})$", re.ASCII
)
"""The end of an id that was drawn at random."""


class Host(JsonParser):
    """The parser a conversation belongs to."""

    def tell_child(self, child: str, facts: SessionFacts) -> None:
        """Tell facts about a sub-agent's session."""
        raise NotImplementedError


class Conversation:
    """A session as far as its records have been read.

    ``home`` is the native id of the main session, which sub-agents are named after.
    """

    def __init__(self, parser: Host, state: ConversationState, home: str, *, is_agent: bool) -> None:
        self.parser = parser
        self.state = state
        self.trail = Trail(parser, state.trail)
        self.home = home
        self.is_agent = is_agent
        self.copied = False
        """Whether the record being read is another session's history."""

    @property
    def session(self) -> str:
        """The session's native id."""
        return self.state.trail.session

    # --- what any record tells ---

    def repeated(self, record: Record) -> bool:
        """Whether this record was read before; else remember it."""
        uuid = as_str(record.get("uuid"))
        if uuid is None:
            return False
        key = mark(uuid)
        if key in self.state.records:
            return True
        remember(self.state.records, key, None)
        return False

    def holds(self, uuid: str) -> bool:
        """Whether the record ``uuid`` is among this conversation's latest."""
        return mark(uuid) in self.state.records

    def note(self, record: Record, ts: Micros | None) -> None:
        """Learn from a record's envelope: where, on which branch, with which version."""
        state = self.state
        facts: dict[str, str] = {}
        cwd, branch, version = record.get("cwd"), record.get("gitBranch"), record.get("version")
        if not state.cwd_known and isinstance(cwd, str) and cwd:
            state.cwd_known = True
            facts["cwd"] = cwd
        if branch != state.branch and isinstance(branch, str) and branch:
            state.branch = facts["git_branch"] = branch
        if version != state.version and isinstance(version, str) and version:
            state.version = version
            facts["client"] = f"claude-code {version}"
        if facts:
            self.trail.update(**facts)
        self.trail.seen(ts)

    def _worked(self, ts: Micros | None) -> None:
        """Note that the turn is at work at ``ts``; a turn that had ended goes on."""
        state = self.state
        if state.trail.turn > 0:
            state.trail.in_turn = True
        if ts is not None and (state.worked_at is None or ts > state.worked_at):
            state.worked_at = ts

    def waited(self, ts: Micros | None) -> None:
        """Note that what comes next was not begun before ``ts``."""
        if ts is not None:
            self.state.previous = ts

    # --- user records ---

    def user(self, record: Record, ts: Micros | None, base: str) -> Outcome:
        """Take a user record: a prompt, tool results, or what the program injected."""
        if self.repeated(record):
            return REPEATED
        message = record.get("message")
        content = message if isinstance(message, str) else as_dict(message).get("content")
        pointer = base if isinstance(message, str) else f"{base}/content"
        blocks = as_list(content)
        results = [
            (number, block)
            for number, block in enumerate(blocks)
            if isinstance(block, dict) and block.get("type") == "tool_result"
        ]
        if results:
            outcomes = [self._result(block, record, ts, f"{pointer}/{number}") for number, block in results]
            if len(results) < len(blocks):
                self._beside_results(parts(content, pointer), ts)
            return MAPPED if MAPPED in outcomes else outcomes[0]
        found = parts(content, pointer)
        if not found:
            return ignored("empty_message")
        if record.get("isCompactSummary") is True:
            return self._summary(ts, found)
        if record.get("isMeta") is True:
            return self._injected(ts, found)
        return self._said(ts, found)

    def _said(self, ts: Micros | None, found: Sequence[Part]) -> Outcome:
        """Take what stands where a user speaks."""
        texts = [part.text for part in found if part.text is not None]
        kinds = [kind_of(text) for text in texts]
        if Text.PROMPT in kinds or len(texts) < len(found):
            spoken = " ".join(
                unwrapped(text) for text, kind in zip(texts, kinds, strict=True) if kind is Text.PROMPT
            )
            return self._prompt(ts, found, spoken)
        text = whole(found)
        kind = next((kind for kind in kinds if kind is not Text.CONTEXT), Text.CONTEXT)
        match kind:
            case Text.COMMAND:
                return self._prompt(ts, found, command_line(text))
            case Text.INTERRUPTION:
                return self._interruption(ts, text)
            case Text.NOTIFICATION:
                return self.notification(ts, text, found)
            case Text.SHELL_INPUT | Text.SHELL_OUTPUT:
                return self._shell(ts, kind, found)
            case Text.CAVEAT:
                return ignored("caveat")
            case Text.LOCAL_COMMAND | Text.OUTPUT:
                return self.local_command(ts, text)
            case _ if self.is_agent:
                return self._prompt(ts, found, text)
            case _:
                return self._injected(ts, found)

    def _prompt(self, ts: Micros | None, found: Sequence[Part], spoken: str) -> Outcome:
        self._end_turn()
        state = self.state
        self.trail.start_turn(ts, label(spoken) or f"[{found[0].media_type}]")
        state.prompts = state.contexts = 0
        state.worked_at = state.previous = ts
        state.told_turn = None
        for part in found:
            injected = part.text is not None and kind_of(part.text) is Text.CONTEXT and not self.is_agent
            self._attach(PayloadKind.CONTEXT if injected else PayloadKind.PROMPT, part)
        return MAPPED

    def steered(self, ts: Micros | None, found: Sequence[Part]) -> Outcome:
        """The user said something while the model was at work; it stays in this turn."""
        text = whole(found)
        if not found:
            return ignored("empty_message")
        if kind_of(text) is Text.NOTIFICATION:
            return self.notification(ts, text, found)
        self.trail.begin_turn_0(ts)
        for part in found:
            self._attach(PayloadKind.PROMPT, part)
        return MAPPED

    def _injected(self, ts: Micros | None, found: Sequence[Part]) -> Outcome:
        kind = kind_of(whole(found))
        if kind is Text.CAVEAT:
            return ignored("caveat")
        self.trail.begin_turn_0(ts)
        for part in found:
            self._attach(PayloadKind.CONTEXT, part)
        self.waited(ts)
        return MAPPED

    def _attach(self, kind: PayloadKind, part: Part) -> None:
        """Attach a part of a message to the turn itself."""
        state = self.state
        if kind is PayloadKind.PROMPT:
            number = state.prompts
            state.prompts += 1
        else:
            number = state.contexts
            state.contexts += 1
        self._payload(state.trail.turn, 0, kind, number, part)

    def _payload(self, turn: int, seq: int, kind: PayloadKind, number: int, part: Part) -> None:
        path = None
        if part.text is not None and kind is PayloadKind.TOOL_OUTPUT:
            path = spilled(part.text, self.parser.artifact.path)
        self.trail.payload(
            turn,
            seq,
            kind,
            part=number,
            text=part.text,
            data=part.data,
            path=path,
            media_type=part.media_type,
            pointer=part.pointer,
        )

    def _end_turn(self) -> None:
        """The next turn begins: what has no result by now was given up, nobody knows when."""
        state = self.state
        self._give_up(None)
        if state.trail.in_turn:
            self.trail.finish_turn(state.worked_at, TurnStatus.COMPLETED)

    def _give_up(self, ts: Micros | None) -> None:
        for work in self.state.working.values():
            if not work.given_up:
                work.given_up = True
                self.trail.finish_op(work.turn, work.seq, ts, OpStatus.CANCELLED, bytes_in=work.bytes_in)

    def _interruption(self, ts: Micros | None, text: str) -> Outcome:
        self._give_up(ts)
        self.trail.log(ts, Severity.INFO, "interruption", text)
        if self.state.trail.in_turn:
            self._worked(ts)
            self._finish_turn(TurnStatus.INTERRUPTED)
        return MAPPED

    def _finish_turn(
        self, status: TurnStatus, error_class: str | None = None, error_message: str | None = None
    ) -> None:
        self.trail.finish_turn(self.state.worked_at, status, error_class, error_message)
        self.state.told_turn = None

    def _shell(self, ts: Micros | None, kind: Text, found: Sequence[Part]) -> Outcome:
        """Take a ``!`` line, or what the shell said to it."""
        state = self.state
        text = whole(found)
        if kind is Text.SHELL_INPUT:
            command = tagged(text, "bash-input") or text
            seq = self.trail.start_op(ts, OpKind.TOOL, name="Bash", namespace="shell", copied=self.copied)
            state.shell = Work(state.trail.turn, seq)
            self._payload(
                state.trail.turn, seq, PayloadKind.TOOL_INPUT, 0, Part(found[0].pointer, text=command)
            )
            return MAPPED
        work = state.shell
        if work is None:
            return ignored("output_without_command")
        state.shell = None
        said = [tagged(text, "bash-stdout"), tagged(text, "bash-stderr")]
        output = "\n".join(part for part in said if part)
        if output:
            self._payload(
                work.turn, work.seq, PayloadKind.TOOL_OUTPUT, 0, Part(found[0].pointer, text=output)
            )
        self.trail.finish_op(work.turn, work.seq, ts, bytes_out=text_size(output))
        return MAPPED

    def local_command(self, ts: Micros | None, text: str) -> Outcome:
        """A slash command that the program carried out, or what it said."""
        if kind_of(text) is Text.LOCAL_COMMAND:
            self.trail.log(ts, Severity.INFO, "command", command_line(text))
            self.waited(ts)
            return MAPPED
        output = tagged(text, "local-command-stdout") or tagged(text, "local-command-stderr")
        if not output:
            return ignored("empty_command_output")
        self.trail.log(ts, Severity.INFO, "command_output", output)
        return MAPPED

    def _summary(self, ts: Micros | None, found: Sequence[Part]) -> Outcome:
        """Take the summary that replaces the history."""
        state = self.state
        work = state.compaction
        if work is None:
            seq = self.trail.start_op(ts, OpKind.COMPACTION, name="compaction", timing=Timing.POINT)
            work = Work(state.trail.turn, seq)
            self.trail.finish_op(work.turn, seq, ts)
        state.compaction = None
        for number, part in enumerate(found):
            self._payload(work.turn, work.seq, PayloadKind.SUMMARY, number, part)
        self.waited(ts)
        return MAPPED

    # --- assistant records ---

    def assistant(self, record: Record, ts: Micros | None, base: str) -> Outcome:
        """Take a record of a model's message: one block of it, or more."""
        repeated = self.repeated(record)
        message = as_dict(record.get("message"))
        content = message.get("content")
        failed = record.get("isApiErrorMessage") is True
        if failed or message.get("model") == SYNTHETIC:
            if repeated:
                return REPEATED
            text = whole(parts(content, base))
            return self._failure(record, ts, text) if failed else self._synthetic(ts, text)
        if not isinstance(content, str | list) and not isinstance(message.get("usage"), dict):
            return ignored("empty_message")
        call = self._call(record, message, ts, repeated=repeated)
        if call is None:
            return REPEATED
        odd: object = None
        if isinstance(content, str):
            self._answer(call, content, f"{base}/content")
        for number, block in enumerate(as_list(content)):
            if not isinstance(block, dict):
                continue
            kind = block.get("type")
            pointer = f"{base}/content/{number}"
            if kind == "text":
                self._answer(call, as_str(block.get("text")) or "", f"{pointer}/text")
            elif kind in ("thinking", "redacted_thinking"):
                self._reasoning(call, block, ts, f"{pointer}/thinking")
            elif isinstance(kind, str) and kind in TOOL_USES:
                self._request(call, block, ts, f"{pointer}/input")
            elif isinstance(kind, str) and kind.endswith("_tool_result"):
                self._result(block, {}, ts, pointer)
            elif kind == "fallback":
                self._fallback(block, ts, call)
            else:
                odd = kind
        if ts is not None:
            call.last = ts
            self.state.previous = ts
        return MAPPED if odd is None else unknown(f"assistant/{odd}")

    def _call(self, record: Record, message: Record, ts: Micros | None, *, repeated: bool) -> Call | None:
        """Return the model call that a message belongs to, with what this record adds to it.

        ``None`` for a record that was read before and whose call is no longer at hand.
        """
        state = self.state
        usage = read_usage(message.get("usage"))
        native_id = as_str(message.get("id"))
        request_id = as_str(record.get("requestId"))
        identity = native_id or request_id or as_str(record.get("uuid"))
        request = short_mark(request_id) if request_id else 0
        key = mark(identity) if identity else 0
        call = state.calls.get(key) if identity else None
        if call is not None and _another(call, request, usage):
            key = mark(f"{identity}:{request_id}")
            call = state.calls.get(key)
        elif call is not None and not is_unique(identity) and self._begins_anew(call, request, usage):
            call = None
        if call is None and repeated:
            return None
        model = as_str(message.get("model"))
        before = call.usage if call is not None else None
        after = grown(before, usage)
        if call is None or _prompt_side(before) != _prompt_side(after):
            first = _moment(record, ts) if call is None else call.first
            started = self._begin(identity, model, after, ts, call, first)
            if call is None:
                call = Call(state.trail.turn, started, state.previous or ts, request, first)
                if identity:
                    state.calls.pop(key, None)
                    remember(state.calls, key, call, CALLS)
        call.usage = after
        call.tier = read_tier(message.get("usage")) or call.tier
        call.searches = max(call.searches, read_searches(message.get("usage")))
        call.request = call.request or request
        call.truncated = call.truncated or as_str(message.get("stop_reason")) in _CUT_OFF
        if model is not None and model != state.model:
            state.model = model
            self.trail.update(model=model, provider=_provider(model))
        self._worked(ts)
        cost = record.get("costUSD")
        self.trail.finish_op(
            call.turn,
            call.seq,
            ts,
            OpStatus.TRUNCATED if call.truncated else OpStatus.COMPLETED,
            usage=after,
            cost=_nanodollars(cost),
            context_used=(after.context or None) if after is not None else None,
            tier=call.tier,
            web_searches=call.searches or None,
        )
        return call

    def _begins_anew(self, call: Call, request: int, usage: Usage | None) -> bool:
        """Whether a record with the id of an earlier call, which need not be unique, is of another.

        A gateway may give every answer the same id, and no request id. A message goes on within
        its turn and with its prompt's tokens; they may be told late, but do not change once the
        model was given something else.
        """
        if request and request == call.request:
            return False
        if call.turn != self.state.trail.turn:
            return True
        before, now = _prompt_side(call.usage), _prompt_side(usage)
        known = before is not None and now is not None and any(before) and any(now)
        return known and before != now and self.state.previous != call.last

    def _begin(
        self,
        identity: str | None,
        model: str | None,
        usage: Usage | None,
        ts: Micros | None,
        call: Call | None,
        first: str | int | None,
    ) -> int:
        """Tell a model call's start, or tell it again with the prompt's tokens that are known now."""
        state = self.state
        prompt = _prompt_side(usage)
        moment = None if is_unique(identity) else first
        key = call_key(identity, *prompt, moment) if identity and prompt is not None else None
        if call is None:
            return self.trail.start_op(
                state.previous or ts,
                OpKind.LLM,
                name=model,
                native_id=identity,
                call=key,
                copied=self.copied,
                model=model,
                provider=_provider(model),
            )
        self.parser.emit(
            OpStarted(
                session=self.session,
                turn=call.turn,
                seq=call.seq,
                ts=None,
                kind=OpKind.LLM,
                call=key,
                copied=self.copied,
            )
        )
        return call.seq

    def _answer(self, call: Call, text: str, pointer: str) -> None:
        if not text or _told(call, text):
            return
        self.trail.payload(
            call.turn, call.seq, PayloadKind.ANSWER, part=call.answers, text=text, pointer=pointer
        )
        call.answers += 1

    def _reasoning(self, call: Call, block: Record, ts: Micros | None, pointer: str) -> None:
        text = as_str(block.get("thinking"))
        if _told(call, text or as_str(block.get("signature")) or as_str(block.get("data")) or ""):
            return
        seq = self._start(call, call.last, OpKind.REASONING, name="reasoning")
        if text is not None:
            self.trail.payload(call.turn, seq, PayloadKind.REASONING, text=text, pointer=pointer)
        self.trail.finish_op(call.turn, seq, ts)

    def _start(
        self,
        call: Call,
        ts: Micros | None,
        kind: OpKind,
        *,
        name: str,
        namespace: str | None = None,
        native_id: str | None = None,
    ) -> int:
        """Begin an op of a call, in the call's turn."""
        trail = self.state.trail
        trail.seq += 1
        self.parser.emit(
            OpStarted(
                session=self.session,
                turn=call.turn,
                seq=trail.seq,
                ts=ts,
                kind=kind,
                name=name,
                namespace=namespace,
                native_id=native_id,
                parent=call.seq,
                copied=self.copied,
            )
        )
        return trail.seq

    def _request(self, call: Call, block: Record, ts: Micros | None, pointer: str) -> None:
        """The model asks for a tool."""
        state = self.state
        native_id = as_str(block.get("id"))
        key = mark(native_id) if native_id else 0
        if native_id and (key in state.working or key in state.answered):
            return
        tool = as_str(block.get("name")) or "unknown"
        given = block.get("input")
        fields = as_dict(given)
        if tool in AGENTS:
            agent = as_str(fields.get("subagent_type"))
            seq = self._start(call, ts, OpKind.SESSION, name=agent or tool, native_id=native_id)
            prompt = as_str(fields.get("prompt"))
            title = label(as_str(fields.get("description")) or "")
            work = Work(
                call.turn, seq, OpKind.SESSION, native_id, agent, title, mark(prompt) if prompt else 0
            )
        else:
            name, namespace = tool_name(tool)
            seq = self._start(call, ts, OpKind.TOOL, name=name, namespace=namespace, native_id=native_id)
            work = Work(call.turn, seq, native_id=native_id)
        if given:
            text = given if isinstance(given, str) else json_text(given)
            self.trail.payload(
                call.turn,
                seq,
                PayloadKind.TOOL_INPUT,
                text=text,
                media_type="application/json",
                pointer=pointer,
            )
            work.bytes_in = text_size(text)
        remember(state.working, key, work)

    def _fallback(self, block: Record, ts: Micros | None, call: Call) -> None:
        before = as_str(as_dict(block.get("from")).get("model")) or "a model"
        after = as_str(as_dict(block.get("to")).get("model")) or "another model"
        self.trail.log(ts, Severity.WARNING, "model_fallback", f"{before} → {after}", call.seq)

    def _failure(self, record: Record, ts: Micros | None, text: str) -> Outcome:
        """The model was asked, and after all retries gave nothing but an error."""
        state = self.state
        error_class = as_str(record.get("error")) or as_str(record.get("apiError")) or "api_error"
        seq = self.trail.start_op(
            state.previous or ts,
            OpKind.LLM,
            name=state.model,
            copied=self.copied,
            model=state.model,
            provider=_provider(state.model),
        )
        self._worked(ts)
        message = text[:ERROR_LENGTH] or None
        self.trail.finish_op(
            state.trail.turn, seq, ts, OpStatus.FAILED, error_class=error_class, error_message=message
        )
        self._finish_turn(TurnStatus.FAILED, error_class, message)
        self.waited(ts)
        return MAPPED

    def _synthetic(self, ts: Micros | None, text: str) -> Outcome:
        if not text:
            return ignored("empty_message")
        self.trail.log(ts, Severity.INFO, "synthetic", text)
        return MAPPED

    # --- tool results ---

    def _result(self, block: Record, record: Record, ts: Micros | None, pointer: str) -> Outcome:
        """A tool's result is given to the model."""
        state = self.state
        native_id = as_str(block.get("tool_use_id"))
        key = mark(native_id) if native_id else 0
        work = state.working.get(key)
        if work is None and native_id and key in state.answered:
            return ignored("repeated_result")
        if work is None:
            seq = self.trail.start_op(
                None, OpKind.TOOL, native_id=native_id, copied=self.copied, timing=Timing.POINT
            )
            work = Work(state.trail.turn, seq, native_id=native_id)
        state.working.pop(key, None)
        if native_id:
            remember(state.answered, key, None)
        found = parts(block.get("content"), f"{pointer}/content")
        told = record.get("toolUseResult")
        result = as_dict(told)
        text = whole(found) or (told if isinstance(told, str) else "")
        status, error_class = outcome(block, result, text)
        self._outputs(work, found, result)
        self._worked(ts)
        self.waited(ts)
        if work.kind is OpKind.SESSION or as_str(result.get("agentId")):
            running = self._agent_result(work, result, ts, status)
            status = OpStatus.RUNNING if running else status
            ts = None if running else ts
        self.trail.finish_op(
            work.turn,
            work.seq,
            ts,
            status,
            error_class=error_class,
            error_message=error_text(text) if error_class else None,
            bytes_in=work.bytes_in,
            bytes_out=sum(part.size for part in found),
            child=work.child,
        )
        return MAPPED

    def _outputs(self, work: Work, found: Sequence[Part], result: Record) -> None:
        outputs = list(found)
        change = diff(result)
        if change is not None:
            outputs.append(Part("/toolUseResult/structuredPatch", text=change, media_type="text/x-diff"))
        for part in outputs:
            self._payload(work.turn, work.seq, PayloadKind.TOOL_OUTPUT, work.outputs, part)
            work.outputs += 1

    def _beside_results(self, found: Sequence[Part], ts: Micros | None) -> None:
        """Texts in the same record as tool results: mostly that the user interrupted."""
        for part in found:
            if part.text is not None and kind_of(part.text) is Text.INTERRUPTION:
                self._interruption(ts, part.text)
            else:
                self._attach(PayloadKind.CONTEXT, part)

    # --- sub-agents ---

    def agent_session(self, agent_id: str) -> str:
        """Native id of the session of the sub-agent ``agent_id``."""
        return f"{self.home}:agent-{agent_id.replace('/', ':')}"

    def working_agent(self, tool_use_id: str | None) -> Work | None:
        """The sub-agent that a tool call runs, if it is still at work."""
        return self.state.working.get(mark(tool_use_id)) if tool_use_id else None

    def agent_of_prompt(self, prompt: str) -> Work | None:
        """The sub-agent at work that was given ``prompt`` and whose session is not known yet."""
        wanted = mark(prompt)
        for work in self.state.working.values():
            if work.prompt == wanted and work.child is None:
                return work
        return None

    def adopt(self, work: Work, child: str) -> None:
        """A sub-agent's session is seen for the first time while it is at work."""
        if work.child == child:
            return
        work.child = child
        self.trail.finish_op(work.turn, work.seq, None, OpStatus.RUNNING, child=child)
        self._child_facts(work)

    def _child_facts(self, work: Work, **more: object) -> None:
        if work.child is None or work.child == self.session:
            return
        facts = SessionFacts(
            kind=SessionKind.SUB_AGENT,
            parent=self.session,
            parent_op=work.native_id,
            agent=work.agent,
            title=work.title,
            **more,  # type: ignore[arg-type]  # fields of SessionFacts
        )
        self.parser.tell_child(work.child, facts)

    def _agent_result(self, work: Work, result: Record, ts: Micros | None, status: OpStatus) -> bool:
        """A sub-agent gave its result, or was sent to the background: then return true."""
        agent_id = as_str(result.get("agentId"))
        if agent_id is not None:
            work.child = self.agent_session(agent_id)
        if work.agent is None:
            work.agent = as_str(result.get("agentType"))
        if result.get("isAsync") is True or as_str(result.get("status")) in LAUNCHED:
            task = agent_id or as_str(result.get("taskId"))
            if task is not None:
                remember(self.state.background, task, work)
                self._child_facts(work)
                return True
        self._child_facts(
            work, ended_at=ts, status=SESSION_STATUS.get(status), model=as_str(result.get("resolvedModel"))
        )
        self._agent_totals(work, result, ts)
        return False

    def _agent_totals(self, work: Work, result: Record, ts: Micros | None) -> None:
        """Tell a sub-agent's totals as its parent heard of them.

        They are no usage: the tokens are the context of its last call, which the sub-agent's
        own transcript tells as well.
        """
        tools, tokens = as_count(result.get("totalToolUseCount")), as_count(result.get("totalTokens"))
        millis = as_count(result.get("totalDurationMs"))
        if tools or tokens or millis:
            message = f"{tools} tool calls, {tokens} tokens in context at the end, {millis / 1000:.1f} s"
            self.trail.log(ts, Severity.INFO, "agent_result", message, work.seq)

    def notification(self, ts: Micros | None, text: str, found: Sequence[Part]) -> Outcome:
        """Work in the background has ended; it is told up to three times."""
        self._task_ended(ts, text, found)
        self.trail.begin_turn_0(ts)
        for part in found:
            self._attach(PayloadKind.CONTEXT, part)
        self.waited(ts)
        return MAPPED

    def _task_ended(self, ts: Micros | None, text: str, found: Sequence[Part]) -> bool:
        """End the work that a notification is about, if it was not told before."""
        task = (tagged(text, "task-id") or "").strip()
        work = self.state.background.pop(task, None)
        if work is None:
            return False
        said = (tagged(text, "status") or "").strip()
        status = TASK_STATUS.get(said, OpStatus.COMPLETED)
        result = tagged(text, "result")
        if result and found:
            self._payload(
                work.turn,
                work.seq,
                PayloadKind.TOOL_OUTPUT,
                work.outputs,
                Part(found[0].pointer, text=result),
            )
        failed = status is OpStatus.FAILED
        self.trail.finish_op(
            work.turn,
            work.seq,
            ts,
            status,
            error_class="agent" if failed else None,
            error_message=tagged(text, "summary") if failed else None,
            child=work.child,
        )
        self._child_facts(work, ended_at=ts, status=SESSION_STATUS.get(status))
        return True

    def enqueued(self, ts: Micros | None, text: str) -> Outcome:
        """A message waits for the model; it comes again when it is delivered."""
        if kind_of(text) is Text.NOTIFICATION:
            ended = self._task_ended(ts, text, [Part("/content", text=text)])
            return MAPPED if ended else ignored("queue_operation")
        self.trail.log(ts, Severity.INFO, "queued", text)
        return MAPPED

    def close(self) -> None:
        """A sub-agent has given its result: end its turn, and keep little of it."""
        state = self.state
        self._give_up(None)
        if state.trail.in_turn:
            self._finish_turn(TurnStatus.COMPLETED)
        for window in (state.records, state.calls, state.answered, state.working):
            trim(window, 2)

    # --- system records ---

    def turn_ended(self, ts: Micros | None) -> Outcome:
        """The program says that the turn has ended."""
        if not self.state.trail.in_turn:
            return ignored("no_open_turn")
        self._worked(ts)
        self._finish_turn(TurnStatus.COMPLETED)
        return MAPPED

    def compacted(self, record: Record, ts: Micros | None) -> Outcome:
        """The history was replaced by a summary, which follows; or only old tool results were dropped."""
        micro = record.get("subtype") == "microcompact_boundary"
        told = as_dict(record.get("microcompactMetadata" if micro else "compactMetadata"))
        duration = number_span(told.get("durationMs"))
        state = self.state
        measured = duration is not None and ts is not None
        start = ts - duration if duration is not None and ts is not None else (state.previous or ts)
        seq = self.trail.start_op(
            ts if micro else start,
            OpKind.COMPACTION,
            name="microcompaction" if micro else "compaction",
            copied=self.copied,
            timing=Timing.POINT if micro else Timing.MEASURED if measured else Timing.DERIVED,
        )
        self.trail.finish_op(state.trail.turn, seq, ts)
        before, after = as_count(told.get("preTokens")), as_count(told.get("postTokens"))
        saved = as_count(told.get("tokensSaved"))
        said = [as_str(told.get("trigger")) or "compacted"]
        if before:
            said.append(f"{before} tokens before")
        if after:
            said.append(f"{after} after")
        if saved:
            said.append(f"{saved} saved")
        self.trail.log(ts, Severity.INFO, "compaction", ", ".join(said), seq)
        if not micro:
            state.compaction = Work(state.trail.turn, seq)
        self._worked(ts)
        self.waited(ts)
        return MAPPED

    # --- the end so far ---

    def flush(self) -> None:
        """Tell first and last activity and the open turn's end so far, if they are news."""
        state, trail = self.state, self.state.trail
        if (trail.first_at, trail.last_at) != (trail.told_first, trail.told_last):
            trail.told_first, trail.told_last = trail.first_at, trail.last_at
            self.trail.update(started_at=trail.first_at, last_at=trail.last_at)
        if trail.in_turn and state.told_turn != (trail.turn, state.worked_at):
            state.told_turn = (trail.turn, state.worked_at)
            self.parser.emit(
                TurnFinalized(
                    session=self.session, turn=trail.turn, ts=state.worked_at, status=TurnStatus.RUNNING
                )
            )


def number_span(millis: object) -> int | None:
    """A duration in milliseconds as microseconds."""
    count = as_count(millis)
    return count * 1000 if 0 < count < 10**12 else None


def is_unique(identity: str | None) -> bool:
    """Whether a message id was drawn at random, as Anthropic's are, so that no two messages share it.

    Gateways may count theirs, or give the same to every answer.

    >>> [is_unique(name) for name in ("msg_01XtaJDxbxWhDcRG6ovMdiUb", "msg_1", "gateway_00000000000001")]
    [True, False, False]
    """
    found = _DRAWN.search(identity or "")
    return found is not None and len(set(found[0])) >= 8 and not found[0].isalpha()


def _moment(record: Record, ts: Micros | None) -> str | int | None:
    """What a copy of a record keeps, and no other record shares: when it was written, else its id."""
    return ts if ts is not None else as_str(record.get("uuid"))


def _another(call: Call, request: int, usage: Usage | None) -> bool:
    """Whether a record with a known message id is of another call: rare, but seen.

    The same message may be written with a new request id when its history is copied; then
    its prompt's tokens are the same.
    """
    if not request or not call.request or request == call.request:
        return False
    return usage is not None and call.usage is not None and _prompt_side(usage) != _prompt_side(call.usage)


def _prompt_side(usage: Usage | None) -> tuple[int, int, int] | None:
    if usage is None:
        return None
    return usage.input, usage.cache_read, usage.cache_write_5m + usage.cache_write_1h


def _told(call: Call, text: str) -> bool:
    key = short_mark(text)
    if key in call.blocks:
        return True
    call.blocks.append(key)
    return False


def _provider(model: str | None) -> str | None:
    return "anthropic" if model is not None and model.startswith("claude") else None


def _nanodollars(cost: object) -> int | None:
    if isinstance(cost, bool) or not isinstance(cost, int | float) or not 0 <= cost < 1e6:
        return None
    return round(cost * 1e9)
