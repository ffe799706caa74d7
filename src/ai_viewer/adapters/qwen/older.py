"""Reads a session of 2025: one object, as Gemini CLI wrote it then, from which Qwen Code was made."""

from __future__ import annotations

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
    iso_micros,
    label,
    unknown,
)
from ai_viewer.adapters.gemini_api import content_part
from ai_viewer.adapters.parts import Part, text_size, whole
from ai_viewer.adapters.qwen.contents import Counts, response, tool_name, verdict
from ai_viewer.adapters.qwen.places import native
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
    call_key,
)

_ANSWERS = frozenset({"qwen", "gemini"})
_SEVERITIES = {
    "info": Severity.INFO,
    "system": Severity.INFO,
    "warning": Severity.WARNING,
    "error": Severity.ERROR,
}
_ENDED = frozenset({"success", "error", "cancelled"})


class OlderParser(JsonParser):
    """Parser of whole sessions.

    The file's name is the session's id: the id within is also in the files of its sub-agents.
    """

    state_type: ClassVar[type[msgspec.Struct]] = TrailState

    def __init__(self, artifact: Artifact, state: bytes | None) -> None:
        self.given: Micros | None = None
        self.load(TrailState(native(artifact.stem), Rank.TRANSCRIPT))
        super().__init__(artifact, state)

    def save(self) -> TrailState:
        """Return the state to go on from."""
        return self.trail.state

    def load(self, state: TrailState) -> None:
        """Go on from a saved state."""
        self.trail = Trail(self, state)

    def flush(self) -> None:
        """Tell first and last activity."""
        if self.trail.state.first_at is not None:
            self.trail.flush()

    def record(self, record: Record) -> Outcome:
        """Map the session."""
        messages = record.get("messages")
        if not isinstance(messages, list):
            return unknown("object")
        self.trail.started(SessionFacts(kind=SessionKind.ROOT, client="qwen-code"))
        self.trail.seen(iso_micros(record.get("startTime")))
        outcome = MAPPED
        for number, message in enumerate(map(as_dict, messages)):
            kind, ts = as_str(message.get("type")) or "", iso_micros(message.get("timestamp"))
            pointer = f"/messages/{number}"
            if kind == "user":
                self._prompt(message, ts, pointer)
            elif kind in _ANSWERS:
                self._answer(message, ts, pointer)
            elif kind in _SEVERITIES:
                text = whole(_texts(message.get("content"), f"{pointer}/content"))
                self.trail.log(ts, _SEVERITIES[kind], kind, text)
            else:
                outcome = unknown(f"message/{message.get('type')}")
            self.trail.seen(ts)
        return outcome

    def _prompt(self, message: Record, ts: Micros | None, pointer: str) -> None:
        found = _texts(message.get("content"), f"{pointer}/content")
        if found:
            self.trail.start_turn(ts, label(whole(found)) or f"[{found[0].media_type}]")
            self._attach(0, PayloadKind.PROMPT, found)
            self.given = ts or self.given

    def _attach(self, seq: int, kind: PayloadKind, found: list[Part]) -> None:
        for number, part in enumerate(found):
            self.trail.part(self.trail.turn, seq, kind, number, part)

    def _answer(self, message: Record, ts: Micros | None, pointer: str) -> None:
        usage, model = read_tokens(message.get("tokens")).usage(), as_str(message.get("model"))
        native_id, given = as_str(message.get("id")), self.given
        seq = self.trail.start_op(
            given if given is not None and (ts is None or given <= ts) else ts,
            OpKind.LLM,
            name=model,
            native_id=native_id,
            call=call_key(native_id) if native_id is not None and usage is not None else None,
            model=model,
        )
        self._attach(seq, PayloadKind.ANSWER, _texts(message.get("content"), f"{pointer}/content"))
        self.trail.finish_op(
            self.trail.turn,
            seq,
            ts,
            usage=usage,
            context_used=(usage.context or None) if usage is not None else None,
        )
        for number, thought in enumerate(map(as_dict, as_list(message.get("thoughts")))):
            self._thought(thought, ts, seq, f"{pointer}/thoughts/{number}")
        self.given = ts or given
        for number, tool in enumerate(map(as_dict, as_list(message.get("toolCalls")))):
            self._tool(tool, ts, seq, f"{pointer}/toolCalls/{number}")

    def _thought(self, thought: Record, ts: Micros | None, call: int, pointer: str) -> None:
        said = [text for key in ("subject", "description") if (text := as_str(thought.get(key)))]
        seq = self.trail.start_op(ts, OpKind.REASONING, name="reasoning", parent=call, timing=Timing.POINT)
        if said:
            self._attach(seq, PayloadKind.REASONING, [Part(pointer, "\n\n".join(said))])
        self.trail.finish_op(self.trail.turn, seq, ts)

    def _tool(self, tool: Record, ts: Micros | None, call: int, pointer: str) -> None:
        """A tool call, told with the time it ended."""
        told, status = as_str(tool.get("name")), as_str(tool.get("status"))
        name, namespace = tool_name(told)
        ended = iso_micros(tool.get("timestamp"))
        start = ts if ts is None or ended is None or ts <= ended else ended
        seq = self.trail.start_op(
            start,
            OpKind.TOOL,
            name=name,
            namespace=namespace,
            native_id=as_str(tool.get("id")),
            parent=call,
        )
        given = tool.get("args")
        text = msgspec.json.encode(given).decode() if given else ""
        if text:
            part = Part(f"{pointer}/args", text, media_type="application/json")
            self._attach(seq, PayloadKind.TOOL_INPUT, [part])
        found = [
            output
            for number, part in enumerate(map(as_dict, as_list(tool.get("result"))))
            for output in response(
                as_dict(part.get("functionResponse")), f"{pointer}/result/{number}/functionResponse"
            )
        ]
        self._attach(seq, PayloadKind.TOOL_OUTPUT, found)
        outcome, error_class, error = verdict(told, {"status": status}, {}, whole(found))
        if status not in _ENDED and not found:
            outcome = OpStatus.RUNNING
        self.trail.finish_op(
            self.trail.turn,
            seq,
            ended if outcome is not OpStatus.RUNNING else None,
            outcome,
            error_class=error_class,
            error_message=error,
            bytes_in=text_size(text) or None,
            bytes_out=text_size(whole(found)) if found else None,
        )
        self.trail.seen(ended)
        self.given = ended or self.given


def read_tokens(value: object) -> Counts:
    """Read an answer's token counts: ``cached`` is part of ``input``."""
    told = as_dict(value)
    return Counts(
        prompt=as_count(told.get("input")),
        candidates=as_count(told.get("output")),
        cached=as_count(told.get("cached")),
        thoughts=as_count(told.get("thoughts")),
        total=as_count(told.get("total")),
        tool=as_count(told.get("tool")),
    )


def _texts(content: Any, pointer: str) -> list[Part]:
    """Read a message's content: a text, or parts."""
    if isinstance(content, str):
        return [Part(pointer, content)] if content else []
    parts = enumerate(map(as_dict, as_list(content)))
    return [found for number, part in parts for found in content_part(part, f"{pointer}/{number}")]
