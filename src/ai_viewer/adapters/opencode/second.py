"""Sessions of opencode 2, told as its first generation would have stored them.

Since 2.0 a session is a row of ``session_v2`` and its messages are ``session_message(id, session_id,
type, seq, time_created, time_updated, data)``, in order of ``seq``::

    user       {"text": …, "files": [{"uri": …, "mime": …}], "agents": …, "time": {"created": …}}
    assistant  {"agent": …, "model": {"id": …, "providerID": …}, "content": [text | reasoning | tool],
                "cost": …, "tokens": …, "finish": …, "error": {"type": …, "message": …}, "retry": …,
                "time": {"created": …, "streamed": …, "completed": …}}
    tool       {"id": …, "name": …, "state": {"status": "streaming" | "running" | "completed" | "error",
                "input": …, "content": [text | file], "metadata": …}, "time": {"created", "ran", "completed"}}
    shell      {"command": …, "status": "exited", "exit": 0, "output": {"output": …}, "time": …}
    compaction {"status": …, "reason": "auto" | "manual", "summary": …, "tokens": …, "cost": …}
    synthetic | system | skill {"text": …}   agent-switched | model-switched | location-switched   idle

Source: ``packages/schema/src/session-message.ts``. An ``assistant`` is one model call.
"""

from __future__ import annotations

from typing import Any

import msgspec

from ai_viewer.adapters.base import Record, as_dict, as_list, as_str, number_micros
from ai_viewer.adapters.opencode.records import Message, Row

_COMPACTION_MILLIS = 3_600_000
"""A row that was updated later than this after a compaction began was not updated by its end."""
_STATUS = {"streaming": "pending"}
_SHELL_STOPPED = {"timeout": "terminated after its timeout", "killed": "User aborted the command"}
_SAYS_ABORTED = ("abort", "interrupt", "cancel")


def translate(native_id: str, kind: str, at: int | None, updated: int | None, data: Record) -> list[Message]:
    """Return the messages of the first generation that stand for a row of the second."""
    match kind:
        case "user":
            return [_message(native_id, at, data, {"role": "user"}, _prompt(data))]
        case "synthetic" | "system" | "skill":
            return [_message(native_id, at, data, {"role": "context", "text": data.get("text")}, [])]
        case "assistant":
            return [_message(native_id, at, data, _answer(data), _parts(data))]
        case "shell":
            said = {"type": "text", "text": f"!{as_str(data.get('command')) or ''}"}
            return [
                _message(f"{native_id}:user", at, data, {"role": "user"}, [said]),
                _message(native_id, at, data, {"role": "assistant"}, [_shell(native_id, data)]),
            ]
        case "compaction":
            asked = {"type": "compaction", "auto": data.get("reason") == "auto"}
            summary = {"type": "text", "text": as_str(data.get("summary")) or ""}
            return [
                _message(f"{native_id}:user", at, data, {"role": "user"}, [asked]),
                _message(native_id, at, data, _compaction(data, at, updated), [summary]),
            ]
        case "agent-switched" | "model-switched" | "location-switched":
            return [
                _message(native_id, at, data, {"role": "note", "name": kind, "text": _switched(data)}, [])
            ]
        case "idle":
            return [_message(native_id, at, data, {"role": "idle", "outcome": data.get("outcome")}, [])]
        case _:
            return [_message(native_id, at, data, {"role": kind}, [])]


def _message(native_id: str, at: int | None, data: Record, told: Record, parts: list[Record]) -> Message:
    told = {"time": data.get("time"), **told}
    created = number_micros(as_dict(data.get("time")).get("created"), 1_000) or (at or 0) * 1_000
    return Message(
        row=Row(native_id, msgspec.json.encode(told), at),
        role=as_str(told.get("role")),
        parent=None,
        created=created,
        parts=[Row("", msgspec.json.encode(part)) for part in parts],
    )


def _prompt(data: Record) -> list[Record]:
    """What a user says."""
    text = as_str(data.get("text"))
    parts: list[Record] = [{"type": "text", "text": text}] if text is not None else []
    parts += [_file(file) for file in map(as_dict, as_list(data.get("files")))]
    parts += [{"type": "agent", **agent} for agent in map(as_dict, as_list(data.get("agents")))]
    return parts


def _file(told: Record) -> Record:
    return {
        "type": "file",
        "mime": told.get("mime"),
        "filename": told.get("name"),
        "url": told.get("uri") or told.get("url"),
    }


def _answer(data: Record) -> Record:
    model = as_dict(data.get("model"))
    return {
        "role": "assistant",
        "agent": data.get("agent"),
        "providerID": model.get("providerID"),
        "modelID": model.get("id"),
        "cost": data.get("cost"),
        "tokens": data.get("tokens"),
        "finish": data.get("finish"),
        "error": _error(data.get("error")),
    }


def _error(told: Any) -> Record | None:
    error = as_dict(told)
    if not error:
        return None
    name = as_str(error.get("type")) or "error"
    if any(word in name for word in _SAYS_ABORTED):
        name = "MessageAbortedError"
    return {"name": name, "data": {"message": error.get("message")}}


def _parts(data: Record) -> list[Record]:
    parts: list[Record] = []
    for part in map(as_dict, as_list(data.get("content"))):
        time = as_dict(part.get("time"))
        match part.get("type"):
            case "reasoning":
                span = {"start": time.get("created"), "end": time.get("completed")}
                parts.append({"type": "reasoning", "text": part.get("text"), "time": span})
            case "tool":
                parts.append(_tool(part, time))
            case _:
                parts.append(part)
    retry = as_dict(data.get("retry"))
    if retry:
        error = {"data": {"message": as_dict(retry.get("error")).get("message")}}
        when = {"created": retry.get("at")}
        parts.append({"type": "retry", "attempt": retry.get("attempt"), "error": error, "time": when})
    files = as_list(as_dict(data.get("snapshot")).get("files"))
    if files:
        parts.append({"type": "patch", "files": files})
    return parts


def _tool(part: Record, time: Record) -> Record:
    state = as_dict(part.get("state"))
    status = as_str(state.get("status")) or ""
    content = [as_dict(item) for item in as_list(state.get("content"))]
    text = "\n".join(item["text"] for item in content if as_str(item.get("text")) is not None)
    told: Record = {
        "status": _STATUS.get(status, status),
        "input": state.get("input"),
        "metadata": state.get("metadata") or state.get("structured") or {},
        "time": {"start": time.get("ran") or time.get("created"), "end": time.get("completed")},
        "attachments": [_file(item) for item in content if item.get("type") == "file"],
    }
    error = as_dict(state.get("error"))
    if status == "error":
        told["error"] = error.get("message")
        if any(word in (as_str(error.get("type")) or "") for word in _SAYS_ABORTED):
            told["metadata"] = {**as_dict(told["metadata"]), "interrupted": True}
    if text:
        told["output"] = text
    return {"type": "tool", "callID": part.get("id"), "tool": part.get("name"), "state": told}


def _shell(native_id: str, data: Record) -> Record:
    time = as_dict(data.get("time"))
    status = as_str(data.get("status")) or ""
    output = as_str(as_dict(data.get("output")).get("output")) or as_str(data.get("output")) or ""
    if status in _SHELL_STOPPED:
        output += f"\n\n<shell_metadata>\n{_SHELL_STOPPED[status]}\n</shell_metadata>"
    state = {
        "status": "running" if status == "running" else "completed",
        "input": {"command": data.get("command")},
        "output": output,
        "metadata": {"exit": data.get("exit")},
        "time": {"start": time.get("created"), "end": time.get("completed")},
    }
    return {"type": "tool", "callID": native_id, "tool": "shell", "state": state}


def _compaction(data: Record, at: int | None, updated: int | None) -> Record:
    """The model call that a compaction is; it has ended when its row was last updated."""
    created = as_dict(data.get("time")).get("created")
    told: Record = {**_answer(data), "summary": True}
    if data.get("status") != "running":
        begun = created if isinstance(created, int) else at
        ended = updated if begun is not None and updated is not None else begun
        if ended is not None and begun is not None and not begun <= ended <= begun + _COMPACTION_MILLIS:
            ended = begun
        told["time"] = {"created": begun, "completed": ended}
        told["finish"] = "stop"
    return told


def _switched(data: Record) -> str:
    """What is in use from now on: an agent, a model, a folder."""
    model, location = as_dict(data.get("model")), as_dict(data.get("location"))
    names = (
        data.get("agent"),
        model.get("providerID"),
        model.get("id"),
        location.get("directory"),
    )
    return " ".join(name for name in names if isinstance(name, str))
