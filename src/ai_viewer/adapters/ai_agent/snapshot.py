"""Reads a snapshot: one gzipped tree of sessions, given in pieces, told op by op."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from pathlib import PurePosixPath
from typing import Any, ClassVar, Final

import ijson  # type: ignore[import-untyped]  # it has no types
import msgspec

from ai_viewer.adapters.ai_agent.contents import (
    CLIENT,
    ERROR_LENGTH,
    OP_KINDS,
    Note,
    Op,
    Text,
    child_kind,
    disjoint_usage,
    ended,
    final_report,
    first_line,
    moment,
    namespace,
    read_cost,
    read_error,
    safe_id,
    session_notes,
    severity,
    size,
    tell_note,
    tell_op,
    written,
)
from ai_viewer.adapters.ai_agent.payloads import Payloads
from ai_viewer.adapters.ai_agent.tree import DEPTH, OpNode, SessionNode, TurnNode, Walk
from ai_viewer.adapters.base import (
    MALFORMED,
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
    decode,
    unknown,
)
from ai_viewer.model import (
    Micros,
    OpFinalized,
    OpKind,
    OpStatus,
    PayloadKind,
    Rank,
    SessionFacts,
    SessionFinalized,
    SessionKind,
    SessionStatus,
    SessionUpdated,
    Severity,
    SourceError,
    TurnFinalized,
    TurnStarted,
    TurnStatus,
    Usage,
)

VERSIONS = (1, 2)
STEP_TURN: Final = 10_000
"""Step 0 is this turn, far beyond any turn, so that a step keeps its number when turns are added."""
STEP_SEQ: Final = 1_000_000
"""The first op of a step has the next seq and its first notice the next number, for the same reason."""
END_SEQ: Final = 2_000_000
"""What the session itself notices has the next numbers."""
HELD_BYTES = 32 * 1024 * 1024
"""How much of the file may wait for a key that comes later."""
WHOLE_BYTES = 4 * 1024 * 1024
"""A file up to this size is decoded at once, which is several times as fast; nearly all are."""
SLICE = 4096
"""Bytes given to the JSON reader at once, aligned: a place is known to this."""

_SESSION_KEYS = frozenset({
    "id", "traceId", "agentId", "callPath", "sessionTitle", "latestStatus", "startedAt", "endedAt", "success",
    "error", "attributes", "totals", "turns", "steps", "finalReport", "pluginMetas",
})  # fmt: skip
_TURN_KEYS = frozenset({"id", "index", "kind", "startedAt", "endedAt", "attributes", "ops"})
_OP_KEYS = frozenset({
    "opId", "kind", "startedAt", "endedAt", "status", "attributes", "logs", "accounting", "reasoning",
    "request", "response", "error", "childSession", "childSessionRef", "childSessionSummary",
})  # fmt: skip


class Nothing(msgspec.Struct):
    """The state of a snapshot's parser: a snapshot is read whole or not at all."""


class Telling:
    """A session as far as it was told, and what of it waits for a key that comes later."""

    def __init__(self) -> None:
        self.name: str | None = None
        self.waiting: deque[TurnNode] = deque()
        """Turns and steps that are not told, or not to their end, in the order in which they came."""
        self.ops: dict[TurnNode, list[OpNode]] = {}
        """Ops that wait with their turn."""
        self.over: set[TurnNode] = set()
        """Turns that wait although they are whole."""
        self.numbers: dict[TurnNode, int] = {}
        self.last_turn: int | None = None
        self.open_turns: list[int] = []
        self.open_ops: list[tuple[int, int]] = []
        self.model: tuple[str | None, str | None] = (None, None)
        self.trails: dict[int, Trail] = {}


class SnapshotParser(JsonParser):
    """Parser of snapshots."""

    state_type: ClassVar[type[msgspec.Struct]] = Nothing

    def __init__(self, artifact: Artifact, state: bytes | None) -> None:
        super().__init__(artifact, state)
        self.position = 0
        """Bytes read, down to a multiple of `SLICE`."""
        self.folder = PurePosixPath(artifact.path).parent
        self._start: bytearray | None = bytearray()
        """What was read, while it may be the whole file."""
        self._read = 0
        self._done = False
        self._broken = False
        self._problem_at = -1
        self._tellings: dict[SessionNode, Telling] = {}
        self._walk = Walk(self)
        self._tokens = ijson.basic_parse_coro(self._walk)

    def save(self) -> Nothing:
        """Return the state, which is none."""
        return Nothing()

    def load(self, state: Any) -> None:
        """Take up nothing."""

    # --- the file ---

    def feed(self, record: bytes, offset: int) -> None:  # noqa: ARG002 - places are counted here
        """Take the next piece of the decompressed file, or ``b""`` at its end."""
        if self._done:
            return
        if not record:
            self._finish()
        elif self._start is None:
            self._stream(record)
        else:
            self._start += record
            if len(self._start) > WHOLE_BYTES:
                self._stream_start()

    def _stream_start(self) -> None:
        """Give what was kept to the JSON reader: it is too much to decode at once, or broken."""
        assert self._start is not None
        start, self._start = bytes(self._start), None
        self._stream(start)

    def _stream(self, record: bytes) -> None:
        start = 0
        while start < len(record):
            piece = record[start : start + SLICE - self._read % SLICE]
            try:
                self._tokens.send(piece)
            except ijson.JSONError as error:
                self._break(
                    "not JSON", f"{_reason(error)}, within {SLICE} bytes from here; the rest is not read"
                )
                return
            self._read += len(piece)
            self.position = self._read // SLICE * SLICE
            start += len(piece)

    def _finish(self) -> None:
        if self._start is not None:
            if not self._start:
                self._break("empty file", "the file is empty: ai-agent was stopped while it wrote it")
                return
            self._decode()
        if self._start is None and not self._close():
            return
        self._done = True
        document = self._walk.document
        tree = document.tree
        if tree is None:
            self._counts[MALFORMED] += 1
            self._problem("not a snapshot", "there is no opTree in it")
            return
        version = document.head.get("version")
        if version not in VERSIONS:
            self._problem("unknown version", f"version {written(version)}, expected one of {VERSIONS}")
        told = self._tellings.pop(tree)
        parent = safe_id(document.head.get("parentId")) or safe_id(document.head.get("parentTxnId"))
        if told.name is not None and parent is not None and parent != told.name:
            self._update(told.name, kind=SessionKind.SUB_AGENT, parent=parent)

    def _decode(self) -> None:
        """Walk a small file at once; one that is broken is read as far as it can be."""
        assert self._start is not None
        try:
            document = decode(bytes(self._start))
        except ValueError:
            self._stream_start()
        else:
            self._walk.whole(document)

    def _close(self) -> bool:
        """Whether the JSON reader took all of the file."""
        if self._broken:
            return False
        try:
            self._tokens.close()
        except ijson.JSONError:
            self._break("cut off", "the file ends within its tree; what came before was read")
            return False
        return True

    def _break(self, error_class: str, message: str) -> None:
        """End here: tell what is wrong, and all that came before."""
        self._done = self._broken = True
        self._counts[MALFORMED] += 1
        self._problem(error_class, message)
        self._walk.close()

    def _problem(self, error_class: str, message: str) -> None:
        self._problem_at = max(self.position, self._problem_at + 1)
        self.emit(SourceError(offset=self._problem_at, error_class=error_class, message=message))

    def _count(self, node_keys: Any, known: frozenset[str], where: str) -> None:
        odd = sorted(node_keys - known)
        outcome: Outcome = unknown(f"{where}/{odd[0]}") if odd else MAPPED
        self._counts[outcome] += 1

    # --- what the walk finds ---

    def session_begins(self, session: SessionNode) -> None:
        """A session opens; nothing is told of it before its name is known."""
        self._tellings[session] = Telling()

    def turn_begins(self, turn: TurnNode) -> None:
        """A turn or step opens."""
        self._tellings[turn.session].waiting.append(turn)

    def op_ends(self, op: OpNode) -> None:
        """Tell an op, or keep it until its session and turn are known."""
        if self._broken and "kind" not in op.head:
            return
        self._tellings[op.turn.session].ops.setdefault(op.turn, []).append(op)
        self._settle(op.turn.session)

    def turn_ends(self, turn: TurnNode) -> None:
        """Tell the end of a turn."""
        self._tellings[turn.session].over.add(turn)
        self._settle(turn.session)

    def session_ends(self, session: SessionNode) -> None:
        """Tell all that waited, and how the session ended."""
        self._settle(session, closing=True)
        told, head = self._tellings[session], session.head
        assert told.name is not None
        trail = self._trail(told, END_SEQ)
        begun, over = moment(head.get("startedAt")), moment(head.get("endedAt"))
        success, error = head.get("success"), as_str(head.get("error"))
        trail.seen(begun)
        trail.seen(over)
        for other in told.trails.values():
            trail.seen(other.state.first_at)
            trail.seen(other.last_at)
        trail.state.turn = told.last_turn or 0
        trail.state.in_turn = told.last_turn is not None
        for note in session_notes(head, trail.last_at):
            tell_note(trail, note)
        self._report(trail, session)
        if told.last_turn is None and trail.state.in_turn:
            told.open_turns.append(0)
        self._update(
            told.name,
            agent=as_str(head.get("agentId")),
            title=as_str(head.get("sessionTitle")),
            call_path=as_str(head.get("callPath")),
            started_at=begun if begun is not None else trail.state.first_at,
            last_at=trail.last_at,
        )
        if over is not None or isinstance(success, bool):
            self._finalize(told, over, success, error)
        elif error is not None:
            self._update(told.name, error_message=error[:ERROR_LENGTH])
        self._count(head.keys(), _SESSION_KEYS, "session")
        if session.depth:
            del self._tellings[session]
            session.head = {"name": told.name, "agentId": head.get("agentId")}

    def too_deep(self, op: OpNode) -> None:
        """Leave a session out that is embedded too deep."""
        self._problem(
            "embedded too deep",
            f"{op.pointer}/childSession is more than {DEPTH} sessions deep; it is left out",
        )

    # --- telling in order ---

    def _settle(self, session: SessionNode, *, closing: bool = False) -> None:
        """Tell what need not wait any more: the name first, then turn by turn."""
        told = self._tellings[session]
        if told.name is None:
            name = safe_id(session.head.get("traceId"))
            late = self.position - session.position > HELD_BYTES
            if name is None and not closing and not late:
                return
            if name is None:
                name = self._other_name(session)
                if late:
                    self._problem(
                        "no traceId", f"{session.pointer} has no traceId so far; it is named {name}"
                    )
            self._begin(told, session, name)
        while told.waiting:
            turn = told.waiting[0]
            over = turn in told.over or closing
            number = self._number(told, turn, over=over)
            if number is None:
                return
            for op in told.ops.pop(turn, ()):
                self._tell_op(told, op, number)
            if not over:
                return
            self._tell_turn(told, turn, number)
            told.over.discard(turn)
            told.numbers.pop(turn, None)
            told.waiting.popleft()

    def _other_name(self, session: SessionNode) -> str:
        """Name a session without ``traceId``: the file's by the file, others by their place in the tree."""
        if session.depth == 0:
            return self.artifact.stem
        return safe_id(session.head.get("id")) or self.artifact.stem + session.pointer.replace("/", ":")

    def _number(self, told: Telling, turn: TurnNode, *, over: bool) -> int | None:
        """Return the turn's number, by its place if its index is not told; ``None`` if it may still come."""
        if turn not in told.numbers:
            index = turn.head.get("index")
            if index is None and not over:
                if self.position - turn.position <= HELD_BYTES:
                    return None
                self._problem("no index", f"{turn.pointer} has no index so far; its place is taken for it")
            number = as_count(index) if isinstance(index, int) and not isinstance(index, bool) else turn.place
            told.numbers[turn] = number + STEP_TURN if turn.step else number
        return told.numbers[turn]

    def _begin(self, told: Telling, session: SessionNode, name: str) -> None:
        told.name = name
        root = SessionKind.ROOT if session.depth == 0 else None
        self._trail(told, 0).started(
            SessionFacts(kind=root, client=CLIENT, started_at=moment(session.head.get("startedAt")))
        )

    def _trail(self, told: Telling, base: int) -> Trail:
        """The trail that numbers a session's turns (``base`` 0), its steps, or what it tells itself."""
        assert told.name is not None
        trail = told.trails.get(base)
        if trail is None:
            state = TrailState(told.name, Rank.COPY, seq=base, logs=base, in_turn=True)
            trail = told.trails[base] = Trail(self, state)
        return trail

    def _update(self, session: str, **facts: Any) -> None:
        self.emit(SessionUpdated(session=session, rank=Rank.COPY, facts=SessionFacts(**facts)))

    def _tell_turn(self, told: Telling, turn: TurnNode, number: int) -> None:
        trail = self._trail(told, STEP_SEQ if turn.step else 0)
        trail.state.turn = number
        head = turn.head
        attributes = as_dict(head.get("attributes"))
        prompts = as_dict(attributes.get("prompts"))
        begun, over = moment(head.get("startedAt")), moment(head.get("endedAt"))
        name = as_str(attributes.get("label")) or (as_str(head.get("kind")) if turn.step else None)
        session = trail.state.session
        label = first_line(prompts.get("user")) or (f"step: {name}" if turn.step and name else name)
        self.emit(TurnStarted(session=session, turn=number, ts=begun, label=label))
        for key, kind in (("user", PayloadKind.PROMPT), ("system", PayloadKind.CONTEXT)):
            text = as_str(prompts.get(key))
            if text is not None:
                pointer = f"{turn.pointer}/attributes/prompts/{key}"
                trail.payload(number, 0, kind, text=text, pointer=pointer)
        if over is not None:
            self.emit(TurnFinalized(session=session, turn=number, ts=over, status=TurnStatus.COMPLETED))
        else:
            told.open_turns.append(number)
        trail.seen(begun)
        trail.seen(over)
        if not turn.step:
            told.last_turn = max(number, told.last_turn or 0)
        self._count(head.keys(), _TURN_KEYS, "step" if turn.step else "turn")

    def _tell_op(self, told: Telling, node: OpNode, turn: int) -> None:
        mark = len(self._events)
        trail = self._trail(told, STEP_SEQ if node.turn.step else 0)
        trail.state.turn = turn
        try:
            op, refused = self._read_op(node)
            if op.child == told.name:
                op.child = None
            seq = tell_op(trail, op)
        except Exception as error:  # noqa: BLE001 - one odd op must not cost the rest of the file
            del self._events[mark:]
            self._counts[MALFORMED] += 1
            self._problem("unexpected shape", f"{node.pointer}: {type(error).__name__}: {error}")
            return
        for path in refused:
            self._problem(
                "payload elsewhere", f"{node.pointer} refers to {path!r}, out of the sessions' folder"
            )
        if op.status is OpStatus.RUNNING:
            told.open_ops.append((turn, seq))
        if op.kind is OpKind.LLM and (op.provider, op.model) != told.model:
            told.model = (op.provider, op.model)
            self._update(trail.state.session, provider=op.provider, model=op.model)
        self._link(told, node, op)
        kind = node.head.get("kind")
        if str(kind) in OP_KINDS:
            self._count(node.head.keys(), _OP_KEYS, "op")
        else:
            self._counts[unknown(f"op/{kind}")] += 1

    def _link(self, told: Telling, node: OpNode, op: Op) -> None:
        """Tell a session that an op has started whose it is; of one that is elsewhere it is a mention."""
        if op.child is None or told.name is None:
            return
        ref = as_dict(node.head.get("childSessionRef"))
        agent = as_str(node.child.head.get("agentId") if node.child is not None else ref.get("agentId"))
        facts = SessionFacts(
            kind=child_kind(agent, op.name, as_str(as_dict(node.head.get("attributes")).get("provider"))),
            parent=told.name,
            parent_op=op.native_id,
            agent=agent,
            call_path=as_str(ref.get("callPath")),
        )
        rank = Rank.COPY if node.child is not None else Rank.MENTION
        self.emit(SessionUpdated(session=op.child, rank=rank, facts=facts))

    # --- ends ---

    def _finalize(self, told: Telling, over: Micros | None, success: object, error: str | None) -> None:
        """End a session, and with it what has no end of its own."""
        assert told.name is not None
        status, turns = SessionStatus.INTERRUPTED, TurnStatus.INTERRUPTED
        if success is True:
            status, turns = SessionStatus.COMPLETED, TurnStatus.COMPLETED
        elif success is False:
            status, turns = SessionStatus.FAILED, TurnStatus.FAILED
        self.emit(
            SessionFinalized(
                session=told.name,
                rank=Rank.COPY,
                ts=over,
                status=status,
                error_class="agent_error" if success is False else None,
                error_message=error[:ERROR_LENGTH] if error is not None else None,
            )
        )
        for turn in told.open_turns:
            self.emit(TurnFinalized(session=told.name, turn=turn, ts=over, status=turns))
        for turn, seq in told.open_ops:
            self.emit(OpFinalized(session=told.name, turn=turn, seq=seq, ts=None, status=OpStatus.CANCELLED))

    def _report(self, trail: Trail, session: SessionNode) -> None:
        """Tell the final report: the answer of the last turn."""
        given = session.head.get("finalReport")
        text, media_type = final_report(given)
        if text is not None:
            trail.payload(
                trail.turn,
                0,
                PayloadKind.ANSWER,
                text=text,
                media_type=media_type,
                pointer=f"{session.pointer}/finalReport",
            )
        elif given:
            tell_note(trail, Note(trail.last_at, Severity.INFO, "final report", written(given)))

    # --- one op ---

    def _read_op(self, node: OpNode) -> tuple[Op, list[str]]:
        """Read an op's own object; return it with the paths of payloads that must not be read."""
        told = node.head
        attributes = as_dict(told.get("attributes"))
        kind = OP_KINDS.get(str(told.get("kind")), OpKind.INTERNAL)
        begun, over = moment(told.get("startedAt")), moment(told.get("endedAt"))
        entries = [as_dict(entry) for entry in as_list(told.get("accounting"))]
        calls = [entry for entry in entries if entry.get("type") == "llm"]
        tools = [entry for entry in entries if entry.get("type") == "tool"]
        last_call, last_tool = (calls or [{}])[-1], (tools or [{}])[-1]
        error = next(
            filter(None, (as_str(attributes.get("error")), as_str(told.get("error")),
                          as_str((entries or [{}])[-1].get("error")))),
            None,
        )  # fmt: skip
        stop = as_str(last_call.get("stopReason")) or as_str(attributes.get("stopReason"))
        status = ended(told.get("status"), error, stop, over=over is not None)
        error_class, error_message = read_error(kind, status, error)
        usage, cost, context = _add_up(calls)
        payloads = Payloads(self.folder, over if over is not None else begun)
        for side in ("request", "response"):
            payloads.side(kind, side, told.get(side), f"{node.pointer}/{side}")
        for number, log in enumerate(as_list(told.get("logs"))):
            payloads.logged(kind, as_dict(log), f"{node.pointer}/logs/{number}")
        model = as_str(last_call.get("actualModel")) or as_str(last_call.get("model"))
        provider = as_str(last_call.get("provider")) or as_str(attributes.get("provider"))
        name = as_str(attributes.get("name")) or as_str(attributes.get("label"))
        is_llm, is_tool = kind is OpKind.LLM, kind is OpKind.TOOL
        return (
            Op(
                native_id=as_str(told.get("opId")),
                kind=kind,
                name=(model or as_str(attributes.get("model")) if is_llm else None) or name,
                namespace=namespace(
                    as_str(attributes.get("toolKind")) or as_str(attributes.get("kind")),
                    provider,
                    as_str(last_tool.get("mcpServer")),
                )
                if is_tool
                else None,
                model=model or as_str(attributes.get("model")) if is_llm else None,
                provider=provider if is_llm else None,
                started_at=begun,
                ended_at=over,
                status=status,
                error_class=error_class,
                error_message=error_message,
                usage=usage,
                cost=cost,
                context_used=context,
                bytes_in=_first_size(as_dict(told.get("request")).get("size"), last_tool.get("charactersIn")),
                bytes_out=_first_size(
                    as_dict(told.get("response")).get("size"),
                    last_tool.get("charactersOut"),
                    attributes.get("size"),
                ),
                child=_child(node),
                texts=payloads.texts,
                reasoning=_reasoning(told.get("reasoning"), f"{node.pointer}/reasoning"),
                notes=[*payloads.notes, *_notes(told, calls, status, over)],
            ),
            payloads.refused,
        )


def _reason(error: Exception) -> str:
    """The JSON reader's reason; it goes on with a picture of the text around, which depends on the pieces."""
    return str(error).removeprefix("b'").replace("\\n", "\n").partition("\n")[0].strip()


def _first_size(*values: object) -> int | None:
    return next((found for found in map(size, values) if found is not None), None)


def _child(node: OpNode) -> str | None:
    """The name of the session that an op started: one that is embedded, or elsewhere."""
    if node.child is not None:
        return as_str(node.child.head.get("name"))
    return safe_id(as_dict(node.head.get("childSessionRef")).get("sessionId"))


def _add_up(calls: list[Record]) -> tuple[Usage | None, int | None, int | None]:
    """Sum the attempts of one op; return tokens, cost, and the context of the last attempt.

    A cost is known only if each attempt with tokens has one.
    """
    usage: Usage | None = None
    cost, priced, context = 0, True, None
    for entry in calls:
        tokens = as_dict(entry.get("tokens"))
        one = disjoint_usage(
            as_count(tokens.get("inputTokens")),
            as_count(tokens.get("outputTokens")),
            as_count(tokens.get("cacheReadInputTokens")) or as_count(tokens.get("cachedTokens")),
            as_count(tokens.get("cacheWriteInputTokens")),
            as_count(tokens.get("totalTokens")),
        )
        recorded = read_cost(entry.get("costUsd"))
        cost += recorded or 0
        priced = priced and (recorded is not None or not one.context)
        context = one.context or context
        pair = zip(msgspec.structs.astuple(usage or Usage()), msgspec.structs.astuple(one), strict=True)
        usage = Usage(*(before + more for before, more in pair))
    return usage, cost if cost and priced else None, context


def _reasoning(value: object, pointer: str) -> list[Text]:
    """A model's reasoning: as it was at its end, else piece by piece."""
    told = as_dict(value)
    final = as_str(told.get("final"))
    if final is not None:
        return [Text(PayloadKind.REASONING, final, pointer=f"{pointer}/final")]
    chunks = [
        as_str(as_dict(chunk).get("text")) or as_str(chunk) or "" for chunk in as_list(told.get("chunks"))
    ]
    text = "".join(chunks)
    return [Text(PayloadKind.REASONING, text, pointer=f"{pointer}/chunks")] if text else []


def _notes(told: Record, calls: list[Record], status: OpStatus, over: Micros | None) -> Iterator[Note]:
    """An op's logs, its attempts that failed although it did not, and what is known of a child elsewhere."""
    for log in map(as_dict, as_list(told.get("logs"))):
        message = as_str(log.get("message")) or ""
        for key in ("details", "stack"):
            if log.get(key):
                message = f"{message}\n{written(log[key])}".strip()
        name = as_str(log.get("remoteIdentifier")) or as_str(log.get("type")) or "log"
        grade = Severity.ERROR if log.get("fatal") is True else severity(log.get("severity"))
        if message:
            yield Note(moment(log.get("timestamp")), grade, name, message)
    for attempt in calls if status is not OpStatus.FAILED else ():
        if attempt.get("status") == "failed":
            reason = as_str(attempt.get("error")) or "no reason told"
            yield Note(moment(attempt.get("timestamp")), Severity.WARNING, "failed attempt", reason)
    if told.get("childSessionSummary"):
        yield Note(over, Severity.INFO, "child session", written(told["childSessionSummary"]))
