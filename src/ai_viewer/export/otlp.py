"""Sessions as OpenTelemetry traces, by the conventions for generative AI; OTLP in JSON.

    invoke_agent claude-code        a session; a sub-agent's stands below the op that ran it
      turn 1                        (no convention knows turns: a plain span)
        chat claude-opus-4-8        a model call: provider, model, tokens
          reasoning                 a part of it
        execute_tool Bash           a tool call, with a link to the model call that asked for it

A tree is one trace. All ids are hashes of the session's id and the op's number: an export that
is sent twice is the same spans. Copies of other sessions' ops are left out. Texts are sent
only if asked for, as the conventions have it.

A span needs both times: one whose end is not known ends where it starts, one whose start is
not known starts where it ends, or where its turn or session does; ``ai_viewer.timing`` says how a span is
known, ``ai_viewer.status`` how it ended. ``gen_ai.usage.input_tokens`` counts all input, cached or
not, as the conventions define it; only model calls have it, so that sums are right.

Conventions: https://github.com/open-telemetry/semantic-conventions-genai (all in development).
They call what was written to the cache ``cache_creation`` up to 1.41 and ``cache_write`` since.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from typing import Any, TypeAlias

import msgspec

from ai_viewer import __version__
from ai_viewer.export.content import Body, Content, Head, Opening, Step
from ai_viewer.export.wording import one_line
from ai_viewer.model import OpKind, OpStatus, PayloadKind, SessionStatus, TurnStatus
from ai_viewer.store.views import Op, SessionDetail, Turn

Span: TypeAlias = dict[str, Any]

INTERNAL, CLIENT = 1, 3
"""Span kinds of OTLP."""
ERROR = 2
"""A span status of OTLP."""
MOST_CHARACTERS = 100_000
"""A longer text is cut: receivers refuse large spans."""

PROVIDERS = {
    "google": "gcp.gemini",
    "gemini": "gcp.gemini",
    "vertex": "gcp.vertex_ai",
    "google-vertex": "gcp.vertex_ai",
    "bedrock": "aws.bedrock",
    "amazon-bedrock": "aws.bedrock",
    "azure": "azure.ai.openai",
    "mistral": "mistral_ai",
    "xai": "x_ai",
    "moonshot": "moonshot_ai",
    "moonshotai": "moonshot_ai",
}
"""The conventions' names of providers, where the agents use others."""


class Batch(msgspec.Struct, frozen=True):
    """Spans of one session; ``resource`` says which program made them."""

    resource: dict[str, Any]
    spans: list[Span]


def write(content: Content, wanted: Iterable[str], *, texts: bool = False) -> Iterator[bytes]:
    """Yield a file: one request of the protocol (ExportTraceServiceRequest) as JSON."""
    yield b'{"resourceSpans":[\n'
    comma = b""
    for batch in batches(content, wanted, texts=texts):
        yield comma + msgspec.json.encode(resource_spans(batch))
        comma = b",\n"
    yield b"\n]}\n"


def resource_spans(batch: Batch) -> dict[str, Any]:
    """Return a batch as the protocol's ResourceSpans."""
    scope = {"name": "ai-viewer", "version": __version__}
    return {
        "resource": {"attributes": _attributes(batch.resource)},
        "scopeSpans": [{"scope": scope, "spans": batch.spans}],
    }


def batches(
    content: Content, wanted: Iterable[str], *, texts: bool = False, most: int = 500
) -> Iterator[Batch]:
    """Yield all spans, at most ``most`` at a time."""
    for tree in dict.fromkeys(wanted):
        traced = _Tree(tree)
        batch: Batch | None = None
        for piece in content.pieces([tree], texts=texts):
            if isinstance(piece, Head):
                if batch is not None and batch.spans:
                    yield batch
                batch = Batch(_resource(piece.detail), [])
            assert batch is not None
            span = traced.span(piece)
            if span is not None:
                batch.spans.append(span)
            if len(batch.spans) >= most:
                yield batch
                batch = Batch(batch.resource, [])
        content.untimed += traced.untimed
        if batch is not None and batch.spans:
            yield batch


def trace_id(session_id: str) -> str:
    """Return the id of the trace whose outermost session this is: 32 hexadecimal digits."""
    return hashlib.blake2b(f"trace\0{session_id}".encode(), digest_size=16).hexdigest()


def span_id(session_id: str, *place: str | int) -> str:
    """Return the id of a session's, a turn's or an op's span: 16 hexadecimal digits."""
    text = "\0".join(map(str, (session_id, *place)))
    return hashlib.blake2b(text.encode(), digest_size=8).hexdigest()


class _Tree:
    """Makes the spans of one tree, in the order of its pieces."""

    def __init__(self, top: str) -> None:
        self._trace = trace_id(top)
        self._ran_by: dict[str, str] = {}
        """A session's id → the span that ran it."""
        self._sessions: set[str] = set()
        """The sessions that have a span."""
        self._made_ops: dict[int, OpKind] = {}
        """The ops of the session under way that have a span, by their seqs."""
        self.untimed = 0
        """Ops left out because neither they nor their turn or session tell a time."""
        self._session = ""
        self._turn: Turn | None = None
        self._above: str | None = None
        """The span of the session under way, and when it began, if that is known."""
        self._since: int | None = None

    def span(self, piece: Head | Opening | Step) -> Span | None:
        """Return the span for a piece; none for a copy, and for what has no time at all."""
        match piece:
            case Head(detail, _):
                return self._begin(detail)
            case Opening(turn, bodies):
                return self._turn_span(turn, bodies)
            case Step(op, bodies):
                return self._op_span(op, bodies)

    def _begin(self, detail: SessionDetail) -> Span | None:
        row = detail.session
        self._session, self._turn = row.id, None
        self._made_ops.clear()
        start, end = _ends(row.started_at, row.ended_at if row.ended_at is not None else row.last_at)
        self._above, self._since = None if start is None else span_id(row.id), start
        if start is None:
            return None
        parent = self._ran_by.get(row.id)
        if parent is None and row.parent in self._sessions:
            parent = span_id(row.parent)
        self._sessions.add(row.id)
        name = row.agent or row.client or row.format
        return self._made(
            span_id(row.id),
            parent,
            f"invoke_agent {name}",
            INTERNAL,
            start,
            end,
            {
                "gen_ai.operation.name": "invoke_agent",
                "gen_ai.provider.name": _provider(row.provider),
                "gen_ai.agent.name": name,
                "gen_ai.agent.id": row.id,
                "gen_ai.conversation.id": row.id,
                "gen_ai.request.model": row.model,
                "ai_viewer.title": row.title and one_line(row.title),
                "ai_viewer.kind": row.kind.value,
                "ai_viewer.status": row.status.value,
                "ai_viewer.cost_usd": row.own.cost_usd,
                "ai_viewer.unpriced_calls": row.own.unpriced_calls,
            },
            _error(row.status is SessionStatus.FAILED, row.error_class, row.error_message),
        )

    def _turn_span(self, turn: Turn, bodies: list[Body]) -> Span | None:
        self._turn = turn
        start, end = _ends(turn.start_ts, turn.end_ts)
        if start is None:
            return None
        return self._made(
            span_id(self._session, "turn", turn.turn),
            self._above,
            f"turn {turn.turn}",
            INTERNAL,
            start,
            end,
            {
                "gen_ai.conversation.id": self._session,
                "gen_ai.input.messages": _messages("user", bodies, PayloadKind.PROMPT),
                "ai_viewer.turn": turn.turn,
                "ai_viewer.status": turn.status.value,
            },
            _error(turn.status is TurnStatus.FAILED, turn.error_class, turn.error_message),
        )

    def _op_span(self, op: Op, bodies: list[Body]) -> Span | None:
        own = span_id(self._session, op.seq)
        turn = self._turn
        start, end = _ends(op.start_ts, op.end_ts)
        if start is None and turn is not None:
            start, end = _ends(turn.start_ts if turn.start_ts is not None else self._since, None)
        if op.replay or turn is None:
            return None
        if start is None:
            self.untimed += 1
            return None
        self._made_ops[op.seq] = op.kind
        if op.child is not None:
            self._ran_by.setdefault(op.child.id, own)
        whole = None if op.parent_seq is None else self._made_ops.get(op.parent_seq)
        asked = whole is OpKind.LLM and op.kind is not OpKind.REASONING
        timed = turn.start_ts is not None or turn.end_ts is not None
        parent = span_id(self._session, "turn", turn.turn) if timed else self._above
        if op.parent_seq is not None and whole is not None and not asked:
            parent = span_id(self._session, op.parent_seq)
        name, kind, attributes = _described(op, bodies)
        attributes |= {
            "gen_ai.conversation.id": self._session,
            "ai_viewer.turn": op.turn,
            "ai_viewer.seq": op.seq,
            "ai_viewer.timing": op.timing.value,
            "ai_viewer.status": op.status.value,
        }
        failed = op.status is OpStatus.FAILED
        span = self._made(
            own, parent, name, kind, start, end, attributes, _error(failed, op.error_class, op.error_message)
        )
        if asked and op.parent_seq is not None:
            span["links"] = [{"traceId": self._trace, "spanId": span_id(self._session, op.parent_seq)}]
        return span

    def _made(
        self,
        own: str,
        parent: str | None,
        name: str,
        kind: int,
        start: int,
        end: int,
        attributes: dict[str, Any],
        error: tuple[str, str] | None,
    ) -> Span:
        if error is not None:
            attributes["error.type"] = error[0]
        span: Span = {
            "traceId": self._trace,
            "spanId": own,
            "name": name,
            "kind": kind,
            "startTimeUnixNano": str(start * 1000),
            "endTimeUnixNano": str(end * 1000),
            "attributes": _attributes(attributes),
            "status": {} if error is None else {"code": ERROR, "message": error[1]},
        }
        if parent is not None:
            span["parentSpanId"] = parent
        return span


def _described(op: Op, bodies: list[Body]) -> tuple[str, int, dict[str, Any]]:
    """Return an op's span name, its kind, and what only ops of its sort have."""
    match op.kind:
        case OpKind.LLM:
            return f"chat {op.model or ''}".rstrip(), CLIENT, _chat(op, bodies)
        case OpKind.TOOL | OpKind.SESSION:
            name = op.name or op.kind.value
            return (
                f"execute_tool {name}",
                INTERNAL,
                {
                    "gen_ai.operation.name": "execute_tool",
                    "gen_ai.tool.name": name,
                    "gen_ai.tool.call.id": op.native_id,
                    "gen_ai.tool.type": "function",
                    "gen_ai.tool.call.arguments": _joined(bodies, PayloadKind.TOOL_INPUT),
                    "gen_ai.tool.call.result": _joined(bodies, PayloadKind.TOOL_OUTPUT),
                    "ai_viewer.tool.namespace": op.namespace,
                },
            )
        case _:
            return op.name or op.kind.value, INTERNAL, {"ai_viewer.kind": op.kind.value}


def _chat(op: Op, bodies: list[Body]) -> dict[str, Any]:
    found: dict[str, Any] = {
        "gen_ai.operation.name": "chat",
        "gen_ai.provider.name": _provider(op.provider),
        "gen_ai.request.model": op.model,
        "gen_ai.response.model": op.model,
        "gen_ai.response.id": op.native_id,
        "gen_ai.response.finish_reasons": ["length"] if op.status is OpStatus.TRUNCATED else None,
        "gen_ai.output.messages": _messages("assistant", bodies, PayloadKind.ANSWER),
        "ai_viewer.cost_usd": op.cost_usd,
        "ai_viewer.cost_source": op.cost_source,
    }
    if op.tokens_in is not None:
        read = op.tokens_cache_read or 0
        written = (op.tokens_cache_write_5m or 0) + (op.tokens_cache_write_1h or 0)
        found |= {
            "gen_ai.usage.input_tokens": op.tokens_in + read + written,
            "gen_ai.usage.output_tokens": op.tokens_out or 0,
            "gen_ai.usage.reasoning.output_tokens": op.tokens_reasoning or None,
            "gen_ai.usage.cache_read.input_tokens": read,
            "gen_ai.usage.cache_creation.input_tokens": written,
            "gen_ai.usage.cache_write.input_tokens": written,
        }
    return found


def _resource(detail: SessionDetail) -> dict[str, Any]:
    row = detail.session
    return {
        "service.name": row.format,
        "telemetry.sdk.name": "ai-viewer",
        "telemetry.sdk.language": "python",
        "telemetry.sdk.version": __version__,
        "session.id": row.id,
        "ai_viewer.client": row.client,
    }


def _ends(start: int | None, end: int | None) -> tuple[int | None, int]:
    """Both ends of a span, each in place of the other if that is not known."""
    first = start if start is not None else end
    last = end if end is not None and (first is None or end >= first) else first
    return first, last or 0


def _error(failed: bool, name: str | None, message: str | None) -> tuple[str, str] | None:
    return (name or "_OTHER", message or "") if failed else None


def _provider(name: str | None) -> str:
    return "unknown" if name is None else PROVIDERS.get(name.lower(), name)


def _joined(bodies: list[Body], kind: PayloadKind) -> str | None:
    texts = [body.text for body in bodies if body.payload.kind is kind and body.text is not None]
    return _cut("\n".join(texts)) if texts else None


def _messages(role: str, bodies: list[Body], kind: PayloadKind) -> str | None:
    text = _joined(bodies, kind)
    if text is None:
        return None
    message = {"role": role, "parts": [{"type": "text", "content": text}]}
    return msgspec.json.encode([message]).decode("utf-8", "replace")


def _cut(text: str) -> str:
    text = text.encode("utf-8", "replace").decode()
    if len(text) <= MOST_CHARACTERS:
        return text
    return f"{text[:MOST_CHARACTERS]}… ({len(text) - MOST_CHARACTERS:,} characters more)"


def _attributes(values: dict[str, Any]) -> list[dict[str, Any]]:
    return [{"key": key, "value": _value(value)} for key, value in values.items() if value is not None]


def _value(value: Any) -> dict[str, Any]:
    match value:
        case bool():
            return {"boolValue": value}
        case int():
            return {"intValue": str(value)}
        case float():
            return {"doubleValue": value}
        case list():
            return {"arrayValue": {"values": [_value(item) for item in value]}}
        case _:
            return {"stringValue": str(value)}
