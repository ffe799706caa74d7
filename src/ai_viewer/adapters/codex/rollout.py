"""Reads a rollout: which record means what. What it means in its place is `thread`'s business."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple, TypeAlias

import msgspec

from ai_viewer.adapters.base import (
    MAPPED,
    Artifact,
    JsonParser,
    Outcome,
    Record,
    Shape,
    TrailState,
    as_count,
    as_dict,
    as_list,
    as_str,
    decode,
    ignored,
    iso_micros,
    number_micros,
    unknown,
)
from ai_viewer.adapters.codex import tools
from ai_viewer.adapters.codex.thread import EVENT, ITEM, State, Thread
from ai_viewer.adapters.codex.usage import counter
from ai_viewer.model import (
    Micros,
    OpKind,
    OpStatus,
    Rank,
    SessionFacts,
    SessionKind,
    Severity,
    TurnStatus,
)

Texts: TypeAlias = list[tuple[str, str]]
"""Texts with their JSON pointers."""

_NAME_ID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$")
_INJECTED = re.compile(
    r"\s*(?:<(?:[a-z]+(?:_[a-z]+)+|permissions instructions|skill|goal)\b|# AGENTS\.md instructions)"
)
"""How texts begin that the client writes in the user's name: tags with an underscore, mostly."""
_CWD = re.compile(r"<cwd>([^<]+)</cwd>")
_NOTIFICATION = "<subagent_notification>"

ERROR_LENGTH = 1_000
NO_TEXT = ignored("no_text")


class Place(NamedTuple):
    """Where a payload stands in its record, and when it happened."""

    ts: Micros | None
    pointer: str = "/payload"
    start: Micros | None = None
    end: Micros | None = None
    """Both ends of what is told, where the source knows them."""


Reader: TypeAlias = Callable[[Thread, Record, Place], Outcome]
"""Maps one kind of payload."""


class _Compaction(msgspec.Struct):
    message: Any = None


class _CompactedLine(msgspec.Struct):
    """A ``compacted`` record without its copy of the history, which can be hundreds of megabytes."""

    type: str
    payload: _Compaction
    timestamp: Any = None


class RolloutParser(JsonParser):
    """Parser of rollout files of every era."""

    state_type = State

    def __init__(self, artifact: Artifact, state: bytes | None) -> None:
        self.thread: Thread | None = None
        super().__init__(artifact, state)

    def save(self) -> msgspec.Struct:
        """Return the thread's state; an empty one before the first record."""
        return self.thread.state if self.thread is not None else State(TrailState("", Rank.TRANSCRIPT))

    def load(self, state: State) -> None:
        """Go on with a thread."""
        if state.trail.session:
            self.thread = Thread(self, state)

    def flush(self) -> None:
        """Tell first and last activity."""
        if self.thread is not None:
            self.thread.trail.flush()

    def decode(self, record: bytes) -> Any:
        """Decode a record, leaving out the history in large ``compacted`` ones."""
        if len(record) > 65_536 and record.find(b'"compacted"', 0, 200) > 0:
            try:
                line = msgspec.json.decode(record, type=_CompactedLine)
            except msgspec.MsgspecError:
                return decode(record)
            if line.type == "compacted":
                return {
                    "timestamp": line.timestamp,
                    "type": line.type,
                    "payload": {"message": line.payload.message},
                }
        return decode(record)

    def record(self, record: Record) -> Outcome:
        """Map a line: an envelope, or a bare item of the first eras."""
        kind, payload = record.get("type"), record.get("payload")
        if self.artifact.shape is Shape.WHOLE:
            return self._object(record)
        if isinstance(payload, dict) and isinstance(kind, str):
            read = _ENVELOPES.get(kind)
            if read is None:
                return unknown(kind)
            ts = iso_micros(record.get("timestamp"))
            if kind == "session_meta":
                return _session_meta(self, payload, ts)
            thread = self.begun(None)
            dated = kind in _DATED or as_str(payload.get("type")) in _DATED
            thread.date(ts, as_str(payload.get("turn_id")) if dated else None)
            outcome = read(thread, payload, Place(ts))
            thread.trail.seen(ts)
            return outcome
        return self._bare(record)

    def begun(self, meta: Record | None) -> Thread:
        """Return the thread, beginning it with what its first record tells."""
        if self.thread is None:
            state = State(TrailState(_native_id(self.artifact, meta), _rank(self.artifact)))
            self.thread = Thread(self, state)
            facts = SessionFacts(kind=SessionKind.ROOT) if meta is None else _facts(state, meta)
            self.thread.trail.started(facts)
        return self.thread

    def _bare(self, record: Record) -> Outcome:
        """Map a line of the era before envelopes, or of the ``.json`` era."""
        ts = iso_micros(record.get("timestamp"))
        if "type" not in record and "id" in record and "role" not in record:
            return _session_meta(self, record, ts)
        if "record_type" in record:
            return ignored("state_marker")
        item = record.get("type")
        if as_str(item) not in _ITEMS and not (item is None and isinstance(record.get("role"), str)):
            return unknown(item)
        thread = self.begun(None)
        outcome = _response_item(thread, record, Place(ts, ""))
        thread.trail.seen(ts)
        return outcome

    def _object(self, record: Record) -> Outcome:
        """Map a whole session: ``{"session": {…}, "items": […]}``."""
        session, items = record.get("session"), record.get("items")
        if not isinstance(session, dict) or not isinstance(items, list):
            return unknown("object")
        _session_meta(self, session, iso_micros(session.get("timestamp")))
        thread = self.begun(None)
        for index, item in enumerate(items):
            if isinstance(item, dict):
                ts = iso_micros(item.get("timestamp"))
                _response_item(thread, item, Place(ts, f"/items/{index}"))
                thread.trail.seen(ts)
        return MAPPED


# --- the session ---


def _native_id(artifact: Artifact, meta: Record | None) -> str:
    """Return the UUID in the file's name, else the id in its header, else its path."""
    found = _NAME_ID.search(artifact.stem)
    if found:
        return found[0]
    told = as_str((meta or {}).get("id"))
    if told is None:
        folder = artifact.path.rpartition("/")[0]
        told = f"{folder}/{artifact.stem}".removeprefix("archived_sessions/").removeprefix("sessions/")
    return told.strip("/").replace("/", ":")


def _rank(artifact: Artifact) -> Rank:
    """Of two copies of a rollout the live, uncompressed one is the transcript."""
    is_copy = artifact.path.endswith(".zst") or "archived_sessions" in artifact.path.split("/")
    return Rank.COPY if is_copy else Rank.TRANSCRIPT


def _session_meta(parser: RolloutParser, meta: Record, ts: Micros | None) -> Outcome:
    """The header; written again when a session is opened again, and by forks with the parent's."""
    late = parser.thread is not None
    thread = parser.begun(meta)
    state = thread.state
    told = as_str(meta.get("id"))
    outcome = MAPPED
    if state.thread is None:
        if late:
            thread.trail.update(**msgspec.structs.asdict(_facts(state, meta)))
        state.thread = told
        thread.trail.seen(iso_micros(meta.get("timestamp")))
        if told is not None:
            thread.kinship(told, ts)
    elif told is None or told == state.thread:
        outcome = ignored("repeated_session_meta")
    else:
        thread.date(ts, None)
        thread.kinship(told, ts)
        outcome = ignored("session_meta_of_another_thread")
    thread.trail.seen(ts)
    return outcome


def _facts(state: State, meta: Record) -> SessionFacts:
    """Return what a header tells of its session."""
    source = as_dict(meta.get("source"))
    subagent = source.get("subagent")
    spawn = as_dict(as_dict(subagent).get("thread_spawn"))
    parent = as_str(meta.get("parent_thread_id")) or as_str(spawn.get("parent_thread_id"))
    fork = as_str(meta.get("forked_from_id"))
    purpose = as_str(subagent) or as_str(as_dict(subagent).get("other"))
    names = (part.get(key) for key in ("agent_role", "agent_nickname") for part in (meta, spawn))
    agent = next((name for name in map(as_str, names) if name is not None), purpose)
    if "internal" in source or {purpose, as_str(meta.get("thread_source"))} & _INTERNAL:
        kind = SessionKind.TOOL_INTERNAL
    elif subagent is not None or parent is not None or meta.get("thread_source") == "subagent":
        kind = SessionKind.SUB_AGENT
    else:
        kind = SessionKind.FORK if fork is not None else SessionKind.ROOT
    cwd = as_str(meta.get("cwd"))
    client = (as_str(meta.get("originator")), as_str(meta.get("cli_version")))
    state.inherits = kind is not SessionKind.ROOT
    state.provider = as_str(meta.get("model_provider"))
    state.cwd_known = cwd is not None
    return SessionFacts(
        kind=kind,
        parent=parent or fork,
        agent=agent,
        provider=state.provider,
        cwd=cwd,
        git_branch=as_str(as_dict(meta.get("git")).get("branch")),
        client=" ".join(part for part in client if part) or None,
    )


def _turn_context(thread: Thread, payload: Record, at: Place) -> Outcome:
    """The settings of a turn: the model of the calls from here on."""
    state = thread.state
    cwd = as_str(payload.get("cwd"))
    if not state.cwd_known and cwd is not None:
        state.cwd_known = True
        thread.trail.update(cwd=cwd)
    return _settings(thread, as_str(payload.get("model")), None, at)


def _thread_settings_applied(thread: Thread, payload: Record, at: Place) -> Outcome:
    settings = as_dict(payload.get("thread_settings"))
    before = thread.state.tier
    if "service_tier" in settings:
        tier = as_str(settings["service_tier"])
        thread.state.tier = None if tier in _USUAL_TIERS else tier
    outcome = _settings(thread, None, as_str(settings.get("model_provider_id")), at)
    return outcome if thread.state.tier == before else MAPPED


_USUAL_TIERS = frozenset({"default", "auto", "standard"})


def _settings(thread: Thread, model: str | None, provider: str | None, at: Place) -> Outcome:
    state = thread.state
    new_model = model is not None and model != state.model
    new_provider = provider is not None and provider != state.provider
    if not new_model and not new_provider:
        return ignored("unchanged_settings")
    if new_model and state.model is not None:
        thread.log(at.ts, Severity.INFO, "model", f"{state.model} -> {model}")
    state.model, state.provider = model or state.model, provider or state.provider
    if not state.copying:
        thread.trail.update(model=state.model, provider=state.provider)
    return MAPPED


def _thread_name_updated(thread: Thread, payload: Record, _: Place) -> Outcome:
    state, name = thread.state, as_str(payload.get("thread_name"))
    about = as_str(payload.get("thread_id"))
    if name is None or state.copying or about not in (None, state.thread, thread.session):
        return ignored("name_of_another_thread")
    state.titled = True
    thread.trail.update(title=name)
    return MAPPED


# --- turns ---


def _task_started(thread: Thread, payload: Record, at: Place) -> Outcome:
    thread.state.window = as_count(payload.get("model_context_window")) or thread.state.window
    return thread.begin_task(at.ts, as_str(payload.get("turn_id")))


def _task_complete(thread: Thread, payload: Record, at: Place) -> Outcome:
    error = as_dict(payload.get("error"))
    failure = thread.state.error
    if error:
        failure = (_error_class(error), (as_str(error.get("message")) or "failed")[:ERROR_LENGTH])
    elif as_str(payload.get("last_agent_message")) is not None:  # it went on after an error
        failure = None
    if failure is None:
        return thread.end_turn(at.ts, TurnStatus.COMPLETED)
    thread.failed_request(at.ts, *failure)
    return thread.end_turn(at.ts, TurnStatus.FAILED, *failure)


def _turn_aborted(thread: Thread, payload: Record, at: Place) -> Outcome:
    reason = as_str(payload.get("reason")) or "aborted"
    return thread.end_turn(at.ts, _ABORTED.get(reason, TurnStatus.FAILED), reason)


def _error(thread: Thread, payload: Record, at: Place) -> Outcome:
    """An error ends its turn in most cases: the end of the turn decides."""
    told = as_dict(payload.get("error")) or payload
    error_class, message = _error_class(told), as_str(told.get("message")) or "error"
    thread.state.error = (error_class, message[:ERROR_LENGTH])
    return thread.log(at.ts, Severity.ERROR, error_class or "error", message)


def _error_class(error: Record) -> str | None:
    """Return Codex's name for an error: a word, or an object with one key."""
    info = error.get("codex_error_info") or error.get("kind")
    return as_str(info) or next((str(key) for key in as_dict(info)), None)


def _compacted(thread: Thread, payload: Record, at: Place) -> Outcome:
    message = as_str(payload.get("message"))
    return thread.compacted(at.ts, "record", (message, at.pointer + "/message") if message else None)


def _context_compacted(thread: Thread, _: Record, at: Place) -> Outcome:
    return thread.compacted(at.ts, "event", None)


def _compaction_item(thread: Thread, _: Record, at: Place) -> Outcome:
    return thread.compacted(at.ts, "item", None)


# --- tokens ---


def _token_count(thread: Thread, payload: Record, at: Place) -> Outcome:
    info = payload.get("info")
    if not isinstance(info, dict):
        return ignored("rate_limits" if "rate_limits" in payload else "no_usage")
    total, last = counter(info.get("total_token_usage")), counter(info.get("last_token_usage"))
    if total is None and last is None:
        return ignored("no_usage")
    thread.state.window = as_count(info.get("model_context_window")) or thread.state.window
    return thread.usage(at.ts, total, last, model=as_str(info.get("model")))


def _token_usage_record(thread: Thread, payload: Record, at: Place) -> Outcome:
    """The counter as 0.169 tells it besides ``token_count``, right after the response."""
    used, total = counter(payload.get("usage")), counter(payload.get("thread_token_usage"))
    if used is None:
        return ignored("no_usage")
    return thread.usage(at.ts, total, used, exact=used, thread=as_str(payload.get("thread_id")))


# --- messages and reasoning ---


def _texts(content: object, pointer: str) -> Texts:
    """Return the texts of a message's content: a string, or a list of strings or typed parts."""
    if isinstance(content, str):
        return [(content, pointer)] if content else []
    found: Texts = []
    for index, part in enumerate(as_list(content)):
        if isinstance(part, str):
            text, end = part, ""
        else:
            text, end = as_str(as_dict(part).get("text")) or "", "/text"
        if text:
            found.append((text, f"{pointer}/{index}{end}"))
    return found


def _images(content: object, pointer: str) -> list[tuple[tools.Image, str]]:
    found: list[tuple[tools.Image, str]] = []
    for index, part in enumerate(as_list(content)):
        url, end = (part, "") if isinstance(part, str) else (as_dict(part).get("image_url"), "/image_url")
        picture = tools.image(url)
        if picture is not None:
            found.append((picture, f"{pointer}/{index}{end}"))
    return found


def _message(thread: Thread, payload: Record, at: Place) -> Outcome:
    """A message item. The client's own texts for the model come in the user's name, too."""
    role = payload.get("role")
    content, pointer = payload.get("content"), at.pointer + "/content"
    if content is None:
        content, pointer = payload.get("message"), at.pointer + "/message"
    texts = _texts(content, pointer)
    if role == "assistant":
        return thread.answer(at.ts, ITEM, texts) if texts else NO_TEXT
    if role != "user":
        return thread.context(at.ts, texts) if texts else NO_TEXT
    said = [(text, place) for text, place in texts if not text.startswith(("<image", "</image"))]
    if _is_injected(payload, said):
        for text, _ in said:
            _notice(thread, text, at)
        return thread.context(at.ts, said)
    images = _images(content, pointer)
    return thread.prompt(at.ts, ITEM, said, images) if said or images else NO_TEXT


def _is_injected(payload: Record, texts: Texts) -> bool:
    """Whether a user message is of the client's making; since 0.169 it says so."""
    passthrough = as_dict(payload.get("internal_chat_message_metadata_passthrough"))
    origins = [
        as_dict(as_dict(part).get("provenance")) for part in as_list(passthrough.get("content_item_metadata"))
    ]
    if any(origins):
        return all(origin.get("type") != "user" for origin in origins)
    return bool(texts) and _INJECTED.match(texts[0][0]) is not None


def _notice(thread: Thread, text: str, at: Place) -> None:
    """Take facts from what the client wrote in the user's name."""
    state = thread.state
    found = None if state.cwd_known else _CWD.search(text)
    if found is not None:
        state.cwd_known = True
        thread.trail.update(cwd=found[1])
    if text.startswith(_NOTIFICATION):
        notice = _json(text.removeprefix(_NOTIFICATION).partition("</")[0])
        agent = as_str(notice.get("agent_id")) or as_str(notice.get("agent_path"))
        _agent_status(thread, agent, notice.get("status"), at)


def _user_message(thread: Thread, payload: Record, at: Place) -> Outcome:
    texts = _texts(payload.get("message"), at.pointer + "/message")
    images = _images(payload.get("images"), at.pointer + "/images")
    return thread.prompt(at.ts, EVENT, texts, images) if texts or images else NO_TEXT


def _user_item(thread: Thread, item: Record, at: Place) -> Outcome:
    content = item.get("content")
    texts, images = _texts(content, at.pointer + "/content"), _images(content, at.pointer + "/content")
    return thread.prompt(at.ts, EVENT, texts, images) if texts or images else NO_TEXT


def _agent_message(thread: Thread, payload: Record, at: Place) -> Outcome:
    texts = _texts(payload.get("message"), at.pointer + "/message")
    texts += _texts(payload.get("content"), at.pointer + "/content")
    return thread.answer(at.ts, EVENT, texts) if texts else NO_TEXT


def _plan(thread: Thread, item: Record, at: Place) -> Outcome:
    """A proposed plan, which is taken out of the answer's event."""
    texts = _texts(item.get("text"), at.pointer + "/text")
    return thread.answer(at.ts, EVENT, texts) if texts else NO_TEXT


def _message_of_agent(thread: Thread, payload: Record, at: Place) -> Outcome:
    """What another agent wrote to this one."""
    texts = _texts(payload.get("content"), at.pointer + "/content")
    return thread.context(at.ts, texts) if texts else NO_TEXT


def _reasoning(thread: Thread, payload: Record, at: Place) -> Outcome:
    texts = _texts(payload.get("summary"), at.pointer + "/summary")
    texts += _texts(payload.get("content"), at.pointer + "/content")
    return thread.reasoning(at.ts, ITEM, texts)


def _agent_reasoning(thread: Thread, payload: Record, at: Place) -> Outcome:
    texts: Texts = []
    for key in ("text", "summary_text", "raw_content"):
        texts += _texts(payload.get(key), f"{at.pointer}/{key}")
    return thread.reasoning(at.ts, EVENT, texts, (at.start, at.end)) if texts else NO_TEXT


# --- tool calls ---


def _id(payload: Record) -> str | None:
    return as_str(payload.get("call_id")) or as_str(payload.get("id"))


def _json(text: str) -> Record:
    try:
        return as_dict(decode(text.encode()))
    except ValueError:
        return {}


def _arguments(value: object) -> tuple[str, str]:
    """Return a call's arguments as text, and their media type."""
    if isinstance(value, str):
        return value, "application/json" if value.startswith(("{", "[")) else "text/plain"
    if value is None:
        return "", "text/plain"
    return msgspec.json.encode(value).decode(), "application/json"


def _call(key: str, default: str) -> Reader:
    """Make a reader of calls whose arguments are under ``key``."""

    def read(thread: Thread, payload: Record, at: Place) -> Outcome:
        text, media_type = _arguments(payload.get(key))
        name, namespace = tools.identity(
            as_str(payload.get("name")) or default, as_str(payload.get("namespace"))
        )
        kind = OpKind.SESSION if name == "spawn_agent" else OpKind.TOOL
        process = _json(text).get("session_id") if name == "write_stdin" else None
        return thread.request(
            at.ts,
            _id(payload),
            name,
            namespace,
            text,
            f"{at.pointer}/{key}",
            kind=kind,
            media_type=media_type,
            process=None if process is None else str(process),
        )

    return read


def _output(thread: Thread, payload: Record, at: Place) -> Outcome:
    call_id = _id(payload)
    tool = thread.tool(call_id)
    output = tools.read_output(payload.get("output"), at.pointer + "/output")
    outcome = thread.output(at.ts, call_id, output)
    if tool is not None and tool.role and output.texts and output.texts[0][0].startswith("{"):
        answer = _json(output.texts[0][0])
        spawned = as_str(answer.get("agent_id"))
        if spawned is not None and spawned not in thread.state.agents:
            thread.agent_spawned(call_id, spawned)
        for agent, status in as_dict(answer.get("status")).items():
            _agent_status(thread, agent, status, at)
    return outcome


def _tool_search_output(thread: Thread, payload: Record, at: Place) -> Outcome:
    text, _ = _arguments(payload.get("tools"))
    output = tools.Output([(text, at.pointer + "/tools")], [], OpStatus.COMPLETED, None)
    return thread.output(at.ts, _id(payload), output)


def _search(source: str) -> Reader:
    """Make a reader of web searches as ``source`` tells them."""

    def read(thread: Thread, payload: Record, at: Place) -> Outcome:
        asked = {key: value for key, value in as_dict(payload.get("action")).items() if value}
        query = msgspec.json.encode(asked).decode() if asked.keys() - {"type"} else None
        action = as_str(asked.get("type"))
        return thread.search(at.ts, source, _id(payload), action, query, at.pointer + "/action")

    return read


def _image_generation(source: str) -> Reader:
    """Make a reader of generated images as ``source`` tells them."""

    def read(thread: Thread, payload: Record, at: Place) -> Outcome:
        revised = as_str(payload.get("revised_prompt"))
        return thread.drawing(
            at.ts,
            source,
            _id(payload),
            (revised, at.pointer + "/revised_prompt") if revised else None,
            tools.picture(payload.get("result")),
            at.pointer + "/result",
            failed=payload.get("status") == "failed",
        )

    return read


# --- ends of tool calls: events, and completed items ---


def _span(payload: Record, at: Place) -> tuple[Micros | None, Micros | None]:
    """Return start and end of what a payload tells the end of."""
    end = at.end or at.ts
    duration = as_dict(payload.get("duration"))
    if at.start is not None or end is None or not duration:
        return at.start, end
    return end - as_count(duration.get("secs")) * 1_000_000 - as_count(duration.get("nanos")) // 1_000, end


def _exec_end(thread: Thread, payload: Record, at: Place) -> Outcome:
    """A command ended; one that no call asked for is the user's own."""
    start, end = _span(payload, at)
    status = _ENDS.get(str(payload.get("status")), OpStatus.COMPLETED)
    code, error = payload.get("exit_code"), None
    if isinstance(code, int) and not isinstance(code, bool) and status is not OpStatus.CANCELLED:
        status = OpStatus.FAILED if code else OpStatus.COMPLETED
        error = f"exit code {code}" if code else None
    call_id = _id(payload)
    tool = thread.tool(call_id)
    if tool is None:
        command = [part for part in as_list(payload.get("command")) if isinstance(part, str)]
        text, place = (command[-1], f"{at.pointer}/command/{len(command) - 1}") if command else ("", "")
        tool = thread.unrequested(
            start, call_id, as_str(payload.get("source")) or "shell", "shell", text, place
        )
    output = as_str(payload.get("aggregated_output"))
    told = (output, at.pointer + "/aggregated_output") if output else None
    return thread.tool_ended(call_id, tool, start, end, status, error, output=told)


def _patch_end(thread: Thread, payload: Record, at: Place) -> Outcome:
    start, end = _span(payload, at)
    status = _ENDS.get(str(payload.get("status")), OpStatus.COMPLETED)
    if payload.get("success") is False and status is OpStatus.COMPLETED:
        status = OpStatus.FAILED
    call_id = _id(payload)
    tool = thread.tool(call_id) or thread.unrequested(end, call_id, "apply_patch", "fs", "", "")
    failed = status is not OpStatus.COMPLETED
    error, output = as_str(payload.get("stderr")) if failed else None, as_str(payload.get("stdout"))
    told = (output, at.pointer + "/stdout") if output else None
    return thread.tool_ended(call_id, tool, start, end, status, error and error[:ERROR_LENGTH], output=told)


def _mcp_end(thread: Thread, payload: Record, at: Place) -> Outcome:
    """A call of an MCP server's tool ended: here its server and tool are told apart for certain.

    The event has ``invocation`` and a Rust ``result`` (``Ok`` or ``Err``), the item has them flat.
    """
    start, end = _span(payload, at)
    invocation = as_dict(payload.get("invocation")) or payload
    name = as_str(invocation.get("tool")) or "tool"
    namespace = f"mcp:{as_str(invocation.get('server')) or 'unknown'}"
    result, pointer = as_dict(payload.get("result")), at.pointer + "/result"
    refusal = result.get("Err", payload.get("error"))
    if "Ok" in result:
        result, pointer = as_dict(result["Ok"]), pointer + "/Ok"
    error = None
    if refusal is not None:
        error = as_str(refusal) or as_str(as_dict(refusal).get("message")) or "failed"
    elif result.get("isError") is True or payload.get("status") == "failed":
        error = "the tool reported an error"
    call_id = _id(payload)
    tool = thread.tool(call_id)
    if tool is None:
        text, _ = _arguments(invocation.get("arguments"))
        place = at.pointer + ("/arguments" if invocation is payload else "/invocation/arguments")
        tool = thread.unrequested(start or end, call_id, name, namespace, text, place)
    texts = _texts(result.get("content"), pointer + "/content")
    told = ("\n".join(text for text, _ in texts), texts[0][1]) if texts else None
    status = OpStatus.COMPLETED if error is None else OpStatus.FAILED
    error = error and error[:ERROR_LENGTH]
    return thread.tool_ended(
        call_id, tool, start, end, status, error, name=name, namespace=namespace, output=told
    )


def _tool_end(thread: Thread, payload: Record, at: Place) -> Outcome:
    """A tool that the client, or the provider on its behalf, ran for a call has ended."""
    call_id = _id(payload)
    tool = thread.tool(call_id)
    if tool is None:
        if isinstance(payload.get("action"), dict):
            return _search(EVENT)(thread, payload, at)
        return ignored("end_without_request")
    start, end = _span(payload, at)
    failed = payload.get("success") is False or payload.get("status") == "failed"
    status = OpStatus.FAILED if failed else OpStatus.COMPLETED
    return thread.tool_ended(call_id, tool, start, end, status, as_str(payload.get("error")))


# --- agents ---


def _agent_status(thread: Thread, agent: str | None, status: object, at: Place) -> None:
    """Take note of an agent's state: ``"running"``, or ``{"completed": <its last message>}``."""
    word = as_str(status) or next((str(key) for key in as_dict(status)), "")
    ended = _AGENT_ENDS.get(word)
    if agent is not None and ended is not None:
        thread.agent_ended(at.ts, agent, ended)


def _collab_spawn_end(thread: Thread, payload: Record, _: Place) -> Outcome:
    agent = as_str(payload.get("new_thread_id"))
    if agent is None:
        return ignored("no_agent_spawned")
    role = as_str(payload.get("new_agent_role")) or as_str(payload.get("new_agent_nickname"))
    thread.agent_spawned(_id(payload), agent, role=role, model=as_str(payload.get("model")))
    return MAPPED


def _collab_waiting_end(thread: Thread, payload: Record, at: Place) -> Outcome:
    for agent, status in as_dict(payload.get("statuses")).items():
        _agent_status(thread, agent, status, at)
    return MAPPED


def _collab_close_end(thread: Thread, payload: Record, at: Place) -> Outcome:
    _agent_status(thread, as_str(payload.get("receiver_thread_id")), payload.get("status"), at)
    return MAPPED


def _collab_item(thread: Thread, item: Record, at: Place) -> Outcome:
    """Any of the above, as the item tells it."""
    if item.get("tool") in ("spawnAgent", "spawn_agent"):
        for agent in as_list(item.get("receiver_thread_ids")):
            if isinstance(agent, str):
                thread.agent_spawned(_id(item), agent, model=as_str(item.get("model")))
    for agent, status in as_dict(item.get("agents_states")).items():
        _agent_status(thread, agent, status, at)
    return MAPPED


def _sub_agent_activity(thread: Thread, payload: Record, at: Place) -> Outcome:
    agent, kind = as_str(payload.get("agent_thread_id")), payload.get("kind")
    if agent is None:
        return ignored("no_agent_spawned")
    if kind == "started":
        role = (as_str(payload.get("agent_path")) or "").rpartition("/")[2] or None
        thread.agent_spawned(as_str(payload.get("event_id")) or _id(payload), agent, role=role)
    else:
        _agent_status(thread, agent, kind, at)
    return MAPPED


# --- notices ---


def _log(severity: Severity, name: str, *keys: str) -> Reader:
    """Make a reader that logs the first of ``keys`` that has a text; a dotted key goes deeper."""

    def read(thread: Thread, payload: Record, at: Place) -> Outcome:
        return thread.log(at.ts, severity, name, next(_found(payload, keys), name))

    return read


def _found(payload: Record, keys: tuple[str, ...]) -> Iterator[str]:
    for key in keys:
        value: object = payload
        for part in key.split("."):
            value = as_dict(value).get(part)
        if isinstance(value, str) and value:
            yield value
        elif isinstance(value, int):
            yield f"{key} {value}"


def _hook_prompt(thread: Thread, item: Record, at: Place) -> Outcome:
    texts = _texts(item.get("fragments"), at.pointer + "/fragments")
    return thread.context(at.ts, texts) if texts else NO_TEXT


def _ignore(rule: str) -> Reader:
    outcome = ignored(rule)
    return lambda *_: outcome


# --- which reader for which record ---


def _response_item(thread: Thread, payload: Record, at: Place) -> Outcome:
    kind = payload.get("type")
    if kind is None and "role" in payload:
        return _message(thread, payload, at)
    read = _ITEMS.get(kind) if isinstance(kind, str) else None
    return read(thread, payload, at) if read is not None else unknown(f"response_item.{kind}")


def _event(thread: Thread, payload: Record, at: Place) -> Outcome:
    kind = payload.get("type")
    read = _EVENTS.get(kind) if isinstance(kind, str) else None
    return read(thread, payload, at) if read is not None else unknown(f"event_msg.{kind}")


def _item_completed(thread: Thread, payload: Record, at: Place) -> Outcome:
    item = as_dict(payload.get("item"))
    kind = item.get("type")
    read = _COMPLETED_ITEMS.get(kind) if isinstance(kind, str) else None
    if read is None:
        return unknown(f"item_completed.{kind}")
    start = number_micros(payload.get("started_at_ms"), 1_000)
    end = number_micros(payload.get("completed_at_ms"), 1_000)
    return read(thread, item, Place(at.ts, at.pointer + "/item", start, end))


_INTERNAL = frozenset({"memory_consolidation", "compact"})
"""Purposes of threads that Codex starts for itself."""

_ABORTED = {
    "interrupted": TurnStatus.INTERRUPTED,
    "replaced": TurnStatus.INTERRUPTED,
    "review_ended": TurnStatus.COMPLETED,
}
"""Why a turn was aborted; any other reason is a failure."""

_ENDS = {"failed": OpStatus.FAILED, "declined": OpStatus.CANCELLED, "cancelled": OpStatus.CANCELLED}

_AGENT_ENDS = {
    "completed": OpStatus.COMPLETED,
    "shutdown": OpStatus.COMPLETED,
    "errored": OpStatus.FAILED,
    "interrupted": OpStatus.CANCELLED,
}

_DATED = frozenset({"turn_context", "task_started", "turn_started"})
"""Records whose turn id tells whether copied history goes on."""

_ENVELOPES: dict[str, Reader] = {
    "session_meta": _ignore("session_meta"),
    "turn_context": _turn_context,
    "response_item": _response_item,
    "event_msg": _event,
    "compacted": _compacted,
    "token_usage_record": _token_usage_record,
    "world_state": _ignore("world_state"),
    "inter_agent_communication": _ignore("inter_agent_communication"),
    "inter_agent_communication_metadata": _ignore("inter_agent_communication"),
}

_ITEMS: dict[str, Reader] = {
    "message": _message,
    "reasoning": _reasoning,
    "function_call": _call("arguments", "function"),
    "function_call_output": _output,
    "custom_tool_call": _call("input", "custom"),
    "custom_tool_call_output": _output,
    "local_shell_call": _call("action", "local_shell"),
    "local_shell_call_output": _output,
    "tool_search_call": _call("arguments", "tool_search"),
    "tool_search_output": _tool_search_output,
    "web_search_call": _search(ITEM),
    "image_generation_call": _image_generation(ITEM),
    "agent_message": _message_of_agent,
    "compaction": _compaction_item,
    "compaction_summary": _compaction_item,
    "context_compaction": _compaction_item,
    "ghost_snapshot": _ignore("ghost_snapshot"),
    "additional_tools": _ignore("tool_schemas"),
}

_EVENTS: dict[str, Reader] = {
    "task_started": _task_started,
    "turn_started": _task_started,
    "task_complete": _task_complete,
    "turn_complete": _task_complete,
    "turn_aborted": _turn_aborted,
    "token_count": _token_count,
    "user_message": _user_message,
    "agent_message": _agent_message,
    "agent_reasoning": _agent_reasoning,
    "agent_reasoning_raw_content": _agent_reasoning,
    "item_completed": _item_completed,
    "exec_command_end": _exec_end,
    "patch_apply_end": _patch_end,
    "mcp_tool_call_end": _mcp_end,
    "dynamic_tool_call_request": _ignore("duplicate"),
    "dynamic_tool_call_response": _tool_end,
    "view_image_tool_call": _ignore("duplicate"),
    "web_search_end": _search(EVENT),
    "image_generation_end": _image_generation(EVENT),
    "context_compacted": _context_compacted,
    "collab_agent_spawn_end": _collab_spawn_end,
    "collab_waiting_end": _collab_waiting_end,
    "collab_close_end": _collab_close_end,
    "collab_agent_interaction_end": _ignore("duplicate"),
    "collab_resume_end": _ignore("duplicate"),
    "sub_agent_activity": _sub_agent_activity,
    "thread_name_updated": _thread_name_updated,
    "thread_settings_applied": _thread_settings_applied,
    "error": _error,
    "stream_error": _log(Severity.WARNING, "stream_error", "message"),
    "warning": _log(Severity.WARNING, "warning", "message"),
    "guardian_warning": _log(Severity.WARNING, "guardian_warning", "message"),
    "deprecation_notice": _log(Severity.WARNING, "deprecation_notice", "summary", "message"),
    "background_event": _log(Severity.INFO, "background_event", "message"),
    "entered_review_mode": _log(Severity.INFO, "entered_review_mode", "user_facing_hint", "prompt"),
    "exited_review_mode": _log(Severity.INFO, "exited_review_mode", "review_output.overall_explanation"),
    "thread_rolled_back": _log(Severity.WARNING, "thread_rolled_back", "num_turns"),
    "thread_goal_updated": _log(Severity.INFO, "thread_goal_updated", "goal.objective"),
    "guardian_assessment": _log(Severity.INFO, "guardian_assessment", "rationale", "status"),
    "undo_completed": _log(Severity.INFO, "undo_completed", "message"),
    "model_reroute": _log(Severity.WARNING, "model_reroute", "reason", "to_model"),
}

_COMPLETED_ITEMS: dict[str, Reader] = {
    "UserMessage": _user_item,
    "AgentMessage": _agent_message,
    "Reasoning": _agent_reasoning,
    "CommandExecution": _exec_end,
    "FileChange": _patch_end,
    "McpToolCall": _mcp_end,
    "DynamicToolCall": _tool_end,
    "Extension": _tool_end,
    "WebSearch": _search(EVENT),
    "ImageGeneration": _image_generation(EVENT),
    "ContextCompaction": _context_compacted,
    "CollabAgentToolCall": _collab_item,
    "SubAgentActivity": _sub_agent_activity,
    "Plan": _plan,
    "HookPrompt": _hook_prompt,
    "ImageView": _ignore("duplicate"),
    "Sleep": _ignore("duplicate"),
}
