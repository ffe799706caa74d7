"""What snapshots and ledgers share: an op and how it is told, times, tokens, cost, severities, names."""

from __future__ import annotations

from collections import Counter
from decimal import Decimal
from typing import Any, NamedTuple

import msgspec

from ai_viewer.adapters.base import (
    Record,
    Trail,
    as_count,
    as_str,
    iso_micros,
    label,
    number_micros,
)
from ai_viewer.model import (
    Micros,
    OpKind,
    OpStatus,
    PayloadKind,
    SessionKind,
    Severity,
    Timing,
    Usage,
    call_key,
)

CLIENT = "ai-agent"
ERROR_LENGTH = 1_000
MESSAGE_LENGTH = 64 * 1024
"""Errors of hundreds of kilobytes were seen: a notice keeps this many characters of one."""

OP_KINDS = {
    "llm": OpKind.LLM,
    "tool": OpKind.TOOL,
    "session": OpKind.SESSION,
    "system": OpKind.SYSTEM,
}
_SEVERITIES = {
    "VRB": Severity.DEBUG,
    "DBG": Severity.DEBUG,
    "TRC": Severity.DEBUG,
    "THK": Severity.DEBUG,
    "INF": Severity.INFO,
    "FIN": Severity.INFO,
    "WRN": Severity.WARNING,
    "ERR": Severity.ERROR,
}
_CUT_OFF = frozenset({"length", "max_tokens"})
_CANCELLED = frozenset({"canceled", "cancelled", "aborted"})
_ERROR_CLASSES = {OpKind.LLM: "llm_error", OpKind.TOOL: "tool_error", OpKind.SESSION: "agent_error"}


class Text(NamedTuple):
    """A payload of an op: a text, or the file that holds it."""

    kind: PayloadKind
    text: str | None = None
    path: str | None = None
    media_type: str = "text/plain"
    pointer: str = ""


class Note(NamedTuple):
    """A notice on an op or turn."""

    ts: Micros | None
    severity: Severity
    name: str
    message: str


class Op(msgspec.Struct, kw_only=True):
    """One op as its source tells it, whole."""

    native_id: str | None
    kind: OpKind
    name: str | None = None
    namespace: str | None = None
    model: str | None = None
    provider: str | None = None
    started_at: Micros | None = None
    ended_at: Micros | None = None
    status: OpStatus = OpStatus.COMPLETED
    error_class: str | None = None
    error_message: str | None = None
    usage: Usage | None = None
    cost: int | None = None
    context_used: int | None = None
    bytes_in: int | None = None
    bytes_out: int | None = None
    child: str | None = None
    texts: list[Text] = []
    """Its request and response; of one kind in the order of their parts."""
    reasoning: list[Text] = []
    notes: list[Note] = []


def tell_op(trail: Trail, op: Op) -> int:
    """Tell an op and what belongs to it in the trail's current turn; return its seq."""
    turn = trail.turn
    measured = op.started_at is not None and (op.ended_at is not None or op.status is OpStatus.RUNNING)
    begun = op.ended_at if op.started_at is None else op.started_at
    seq = trail.start_op(
        begun,
        op.kind,
        name=op.name,
        namespace=op.namespace,
        native_id=op.native_id,
        call=_identify(op),
        model=op.model,
        provider=op.provider,
        timing=Timing.MEASURED if measured else Timing.POINT,
    )
    trail.finish_op(
        turn,
        seq,
        op.ended_at,
        op.status,
        error_class=op.error_class,
        error_message=op.error_message,
        usage=op.usage,
        cost=op.cost,
        context_used=op.context_used,
        bytes_in=op.bytes_in,
        bytes_out=op.bytes_out,
        child=op.child,
    )
    _tell_texts(trail, seq, op.texts)
    if op.reasoning:
        thought = trail.start_op(begun, OpKind.REASONING, name="reasoning", parent=seq, timing=Timing.POINT)
        _tell_texts(trail, thought, op.reasoning)
        trail.finish_op(turn, thought, begun)
    for note in op.notes:
        tell_note(trail, note, seq)
    trail.seen(op.started_at)
    trail.seen(op.ended_at)
    return seq


def tell_note(trail: Trail, note: Note, seq: int = 0) -> None:
    """Tell a notice, of a very long one the start."""
    message = note.message
    if len(message) > MESSAGE_LENGTH:
        message = f"{message[:MESSAGE_LENGTH]}… [{len(message) - MESSAGE_LENGTH} more characters]"
    trail.log(note.ts, note.severity, note.name, message, seq)


def _tell_texts(trail: Trail, seq: int, texts: list[Text]) -> None:
    parts: Counter[PayloadKind] = Counter()
    for text in texts:
        trail.payload(
            trail.turn,
            seq,
            text.kind,
            part=parts[text.kind],
            text=text.text,
            path=text.path,
            media_type=text.media_type,
            pointer=text.pointer,
        )
        parts[text.kind] += 1


def _identify(op: Op) -> int | None:
    """Identify a model call by its op's id, unique to the millisecond and more, and its beginning."""
    if op.kind is not OpKind.LLM or op.native_id is None or op.started_at is None:
        return None
    return call_key(CLIENT, op.native_id, op.started_at)


def moment(value: object) -> Micros | None:
    """Read a time: milliseconds since the epoch in snapshots, ISO 8601 in ledgers."""
    return iso_micros(value) if isinstance(value, str) else number_micros(value, 1_000)


def disjoint_usage(given: int, output: int, read: int, written: int, total: int) -> Usage:
    """Tokens in disjoint parts, whether ``given``, the input, includes the cache or not.

    Nothing names which it is, so the numbers decide, in this order: an input smaller than
    what was cached cannot include it; a total of input and output alone says that it does;
    else it does not, as in all that ai-agent writes today.
    """
    cached = read + written
    inclusive = cached <= given and total > 0 and total == given + output
    return Usage(
        input=given - cached if inclusive else given,
        output=output,
        cache_read=read,
        cache_write_5m=written,
    )


def read_cost(value: object) -> int | None:
    """Read a cost in nano-dollars; 0 is none, because what has no price is written so, too."""
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal) or not 0 < value < 1e6:
        return None
    return round(value * 1_000_000_000)


def ended(status: object, error: str | None, stop: str | None, *, over: bool) -> OpStatus:
    """Say how an op ended; ``over`` tells whether its end was written."""
    if status == "failed":
        return OpStatus.CANCELLED if error in _CANCELLED else OpStatus.FAILED
    if status == "running" or (status is None and not over):
        return OpStatus.RUNNING
    return OpStatus.TRUNCATED if stop in _CUT_OFF else OpStatus.COMPLETED


def read_error(kind: OpKind, status: OpStatus, error: str | None) -> tuple[str | None, str | None]:
    """Return a failed op's error class and message: ai-agent writes a slug, or a sentence."""
    if status is not OpStatus.FAILED:
        return None, None
    general = _ERROR_CLASSES.get(kind, "error")
    if error is None:
        return general, None
    slug = len(error) <= 60 and not any(character.isspace() for character in error)
    return error if slug else general, error[:ERROR_LENGTH]


def severity(value: object) -> Severity:
    """Read a severity; one that is not known is information."""
    return _SEVERITIES.get(value, Severity.INFO) if isinstance(value, str) else Severity.INFO


def namespace(kind: str | None, provider: str | None, server: str | None) -> str:
    """A tool's namespace, by the kind of the tool and who provides it."""
    if kind == "mcp" or (kind is None and server is not None):
        name = (server or provider or "").removeprefix("mcp:")
        return f"mcp:{name}" if name else "mcp"
    if kind == "command":
        return "shell"
    return provider or kind or "builtin"


def is_tool_output(*names: str | None) -> bool:
    """Whether a session only reads a large tool's output for another: by its agent, headend or op."""
    return any(name is not None and name.replace("-", "_").startswith("tool_output") for name in names)


def child_kind(*names: str | None) -> SessionKind:
    """What a session that an op has started is, by the names of its agent and of the op."""
    return SessionKind.TOOL_INTERNAL if is_tool_output(*names) else SessionKind.SUB_AGENT


def safe_id(value: object) -> str | None:
    """A session's id as a native id, which has no ``/``."""
    told = as_str(value)
    return told.replace("/", ":") if told is not None else None


def written(value: Any) -> str:
    """``value`` as it is shown: a text as it is, anything else as JSON."""
    if isinstance(value, str):
        return value
    try:
        return msgspec.json.encode(value).decode()
    except RecursionError:
        return "[nested too deeply to be shown]"


def session_notes(told: Record, ts: Micros | None) -> list[Note]:
    """What a session tells about itself that has no place of its own."""
    named = {
        "status": told.get("latestStatus"),
        "attributes": told.get("attributes"),
        "pluginMetas": told.get("pluginMetas"),
    }
    return [Note(ts, Severity.INFO, name, written(value)) for name, value in named.items() if value]


def final_report(value: object) -> tuple[str | None, str]:
    """Return a final report's text, if it was written down, and its media type."""
    if isinstance(value, str):
        return value or None, "text/plain"
    if not isinstance(value, dict) or not value:
        return None, "text/plain"
    content = as_str(value.get("content"))
    if content is not None:
        return content, "text/markdown" if value.get("format") == "markdown" else "text/plain"
    if value.get("content_json") is not None:
        return written(value["content_json"]), "application/json"
    if value.keys() <= {"format", "captured"}:
        return None, "text/plain"
    return written(value), "application/json"


def first_line(value: object) -> str | None:
    """The start of a text, for lists."""
    told = as_str(value)
    return label(told) if told is not None else None


def size(value: object) -> int | None:
    """A number of bytes or characters; ``None`` if it is not told."""
    return as_count(value) if isinstance(value, int | float) and not isinstance(value, bool) else None
