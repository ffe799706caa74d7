"""Transcripts: which conversation a record belongs to, and the records that belong to none.

A file holds one session, and may hold more: sub-agents of the first versions are in it as side
chains, later ones as progress echoes.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import ClassVar

import msgspec

from ai_viewer.adapters.base import (
    MAPPED,
    Artifact,
    Outcome,
    Record,
    TrailState,
    as_count,
    as_dict,
    as_list,
    as_str,
    ignored,
    iso_micros,
    label,
    unknown,
)
from ai_viewer.adapters.claude_code.contents import mark, parts
from ai_viewer.adapters.claude_code.conversation import Conversation, Host
from ai_viewer.adapters.claude_code.places import Place, place
from ai_viewer.adapters.claude_code.state import ConversationState
from ai_viewer.adapters.parts import whole
from ai_viewer.model import (
    Micros,
    Rank,
    SessionFacts,
    SessionKind,
    SessionUpdated,
    Severity,
)

_WARMUP = "Warmup"
"""The whole prompt of a call that only fills a cache."""
_HEX8 = re.compile(r"[0-9a-f]{8}")

_SUMMARY, _AI_TITLE, _CUSTOM_TITLE = 1, 2, 3
"""How good a title is, by who gave it."""

_WITHOUT_NEWS = {
    "file-history-snapshot": ignored("file_history_snapshot"),
    "last-prompt": ignored("last_prompt"),
    "agent-name": ignored("agent_name"),
    "started": ignored("workflow_journal"),
    "result": ignored("workflow_journal"),
    "worktree-state": ignored("program_state"),
    "bridge-session": ignored("program_state"),
    "atis-latch": ignored("program_state"),
    "relocated": ignored("program_state"),
}
"""Records that tell the user nothing: the program's own state, written again and again."""

_QUIET_PROGRESS = frozenset(
    {"bash_progress", "mcp_progress", "waiting_for_task", "query_update", "search_results_received"}
)
"""Notices that a tool is at work; what it did is in its result."""

_QUIET_ATTACHMENTS = frozenset(
    {
        "agent_listing_delta", "auto_mode", "batching_reminder_sent", "budget_usd", "command_permissions",
        "compact_file_reference", "date_change", "deferred_tools_delta", "diagnostics", "dynamic_skill",
        "file", "invoked_skills", "mcp_instructions_delta", "nested_memory", "read_truncation_notice",
        "silent_turn_reminder", "skill_listing", "task_reminder", "task_status", "todo_reminder",
        "total_tokens_reminder", "ultra_effort_enter", "ultra_effort_exit",
    }
)  # fmt: skip
"""What the program gave the model beside the messages: reminders, lists of tools, files it names."""


class State(msgspec.Struct):
    """What is kept between two records."""

    main: ConversationState | None = None
    home: str = ""
    """Native id of the main session, after which sub-agents are named."""
    known: bool = False
    """Whether the session has been told of."""
    title: int = 0
    mode: str | None = None
    forked: bool = False
    agents: dict[str, ConversationState] = {}
    """Sub-agents whose work is in this file, by native id."""
    chain: str | None = None
    """The side chain that was written to last."""


class TranscriptParser(Host):
    """Reads a session's or sub-agent's transcript."""

    state_type: ClassVar[type[msgspec.Struct]] = State

    def __init__(self, artifact: Artifact, state: bytes | None) -> None:
        self.place: Place = place(artifact.path)
        self.state = State()
        self.main: Conversation | None = None
        self.agents: dict[str, Conversation] = {}
        super().__init__(artifact, state)
        self.types: dict[str, Callable[[Record, Micros | None], Outcome]] = {
            "user": self._user,
            "assistant": self._assistant,
            "system": self._system,
            "progress": self._progress,
            "attachment": self._attachment,
            "queue-operation": self._queue,
            "summary": self._summary,
            "custom-title": self._custom_title,
            "ai-title": self._ai_title,
            "permission-mode": self._mode,
            "mode": self._mode,
            "pr-link": self._link,
            "frame-link": self._link,
        }
        if state is None and self.place.session is not None:
            self._open(self.place.session, self.place.parent)

    def load(self, state: State) -> None:
        """Go on from a saved state."""
        self.state = state
        if state.main is not None:
            self.main = Conversation(self, state.main, state.home, is_agent=self.place.agent is not None)
        for name, agent in state.agents.items():
            self.agents[name] = Conversation(self, agent, state.home, is_agent=True)

    def save(self) -> State:
        """Return the state to go on from."""
        return self.state

    def flush(self) -> None:
        """Tell each conversation's activity."""
        for conversation in (self.main, *self.agents.values()):
            if conversation is not None and (self.state.known or conversation is not self.main):
                conversation.flush()

    def _open(self, session: str, parent: str | None) -> Conversation:
        self.state.home = parent or session
        self.state.main = ConversationState(TrailState(session, Rank.TRANSCRIPT))
        is_agent = self.place.agent is not None
        self.main = Conversation(self, self.state.main, self.state.home, is_agent=is_agent)
        return self.main

    def _identify(self, record: Record) -> Conversation | None:
        """Return the file's own session.

        A flat sub-agent's is known from the first record that names its parent.
        """
        if self.main is not None:
            return self.main
        parent = as_str(record.get("sessionId"))
        if parent is None:
            if record.get("type") not in ("user", "assistant"):
                return None
            return self._open(self.artifact.path.removesuffix(".jsonl").replace("/", ":"), None)
        parent = parent.replace("/", ":")
        return self._open(f"{parent}:{self.place.agent}", parent)

    def record(self, record: Record) -> Outcome:
        """Map one record."""
        kind = record.get("type")
        if kind is None:
            kind = as_dict(record.get("message")).get("role")
        if not isinstance(kind, str):
            return unknown("no type")
        take = self.types.get(kind)
        if take is None:
            return _WITHOUT_NEWS.get(kind) or unknown(kind)
        main = self._identify(record)
        if main is None:
            return ignored("before_session_id")
        main.copied = "forkedFrom" in record and self._forked(record)
        return take(record, iso_micros(record.get("timestamp")))

    def _session(self, record: Record, ts: Micros | None) -> Conversation:
        """Return the file's own session, told of and with this record's envelope noted."""
        main = self.main
        assert main is not None, "record() has identified it"
        if not self.state.known:
            self.state.known = True
            parent = self.state.home if self.state.home != main.session else None
            main.trail.started(
                SessionFacts(kind=self.place.kind, parent=parent, agent=as_str(record.get("agentName")))
            )
        main.note(record, ts)
        return main

    def _forked(self, record: Record) -> bool:
        """A record of a fork's copied history; the first says whose it is."""
        origin = as_str(as_dict(record.get("forkedFrom")).get("sessionId"))
        if origin is None or self.main is None or origin == self.main.session:
            return False
        if not self.state.forked and self.place.agent is None:
            self.state.forked = True
            self.state.known = True
            self.main.trail.started(SessionFacts(kind=SessionKind.FORK, parent=origin.replace("/", ":")))
        return True

    # --- messages ---

    def _user(self, record: Record, ts: Micros | None) -> Outcome:
        conversation = self._conversation(record, ts)
        if conversation.state.trail.turn == 0 and conversation.is_agent:
            self._first_prompt(conversation, record)
        return conversation.user(record, ts, "/message")

    def _assistant(self, record: Record, ts: Micros | None) -> Outcome:
        return self._conversation(record, ts).assistant(record, ts, "/message")

    def _conversation(self, record: Record, ts: Micros | None) -> Conversation:
        """Return the conversation that a message is of."""
        if record.get("isSidechain") is True and self.place.agent is None:
            agent_id = as_str(record.get("agentId"))
            side = self._chain(record) if agent_id is None else self._echo(agent_id)
            side.note(record, ts)
            side.copied = self.main is not None and self.main.copied
            return side
        return self._session(record, ts)

    def _first_prompt(self, conversation: Conversation, record: Record) -> None:
        text = whole(parts(as_dict(record.get("message")).get("content"), ""))
        if text == _WARMUP and conversation is self.main:
            conversation.trail.update(kind=SessionKind.TOOL_INTERNAL)

    # --- sub-agents in this file ---

    def tell_child(self, child: str, facts: SessionFacts) -> None:
        """Tell facts about a sub-agent, which may be a side chain of this file."""
        conversation = self.agents.get(child)
        rank = Rank.MENTION if conversation is None else min(Rank.MENTION, conversation.state.trail.rank)
        self.emit(SessionUpdated(session=child, rank=rank, facts=facts))
        if conversation is not None and facts.ended_at is not None:
            conversation.close()

    def _agent(self, session: str, rank: Rank) -> Conversation:
        state = self.state.agents[session] = ConversationState(TrailState(session, rank))
        conversation = self.agents[session] = Conversation(self, state, self.state.home, is_agent=True)
        conversation.trail.started(SessionFacts(kind=SessionKind.SUB_AGENT, parent=self.state.home))
        return conversation

    def _echo(self, agent_id: str) -> Conversation:
        """Return a sub-agent that this file echoes; its own transcript, if there is one, is better."""
        assert self.main is not None, "record() has identified it"
        session = self.main.agent_session(agent_id)
        return self.agents.get(session) or self._agent(session, Rank.ECHO)

    def _chain(self, record: Record) -> Conversation:
        """Return the side chain of a record: its parent's, or a new one."""
        assert self.main is not None, "record() has identified it"
        parent = as_str(record.get("parentUuid"))
        chains = [self.agents[name] for name in self.agents if ":sidechain-" in name]
        if parent is not None and not self.main.holds(parent):
            for chain in reversed(chains):
                if chain.holds(parent):
                    self.state.chain = chain.session
                    return chain
            latest = self.agents.get(self.state.chain or "")
            if latest is not None:
                return latest
        uuid = as_str(record.get("uuid")) or ""
        name = uuid[:8] if _HEX8.fullmatch(uuid[:8]) else f"{mark(uuid):014x}"[:8]
        session = f"{self.main.session}:sidechain-{name}"
        self.state.chain = session
        known = self.agents.get(session)
        if known is not None:
            return known
        chain = self._agent(session, Rank.TRANSCRIPT)
        work = self.main.agent_of_prompt(whole(parts(as_dict(record.get("message")).get("content"), "")))
        if work is not None:
            self.main.adopt(work, session)
        return chain

    def _agent_progress(self, record: Record, data: Record, ts: Micros | None) -> Outcome:
        """Take a sub-agent's message as its parent's transcript echoes it.

        ``normalizedMessages`` repeats the conversation so far, with messages that have no
        echo of their own; newer versions leave it empty.
        """
        agent_id = as_str(data.get("agentId"))
        message = data.get("message")
        if agent_id is None or not isinstance(message, dict):
            return ignored("empty_progress")
        main = self._session(record, ts)
        agent = self._echo(agent_id)
        work = main.working_agent(as_str(record.get("parentToolUseID")))
        if work is not None:
            main.adopt(work, agent.session)
        agent.note({"cwd": record.get("cwd"), "version": record.get("version")}, None)
        before = [as_dict(item) for item in as_list(data.get("normalizedMessages"))]
        for number in range(_echoed_so_far(agent.state, before), len(before)):
            self._echoed(agent, before[number], f"/data/normalizedMessages/{number}/message")
        if before:
            agent.state.echoed, agent.state.echo = len(before), _mark(before[-1])
        self._echoed(agent, message, "/data/message/message")
        return MAPPED

    def _echoed(self, agent: Conversation, message: Record, pointer: str) -> None:
        ts = iso_micros(message.get("timestamp"))
        kind = message.get("type")
        agent.trail.seen(ts)
        if kind == "user":
            agent.user(message, ts, pointer)
        elif kind == "assistant":
            agent.assistant(message, ts, pointer)

    # --- notices ---

    def _system(self, record: Record, ts: Micros | None) -> Outcome:
        session = self._session(record, ts)
        if session.repeated(record):
            return ignored("repeated_record")
        kind = record.get("subtype")
        content = as_str(record.get("content"))
        log = session.trail.log
        match kind:
            case "turn_duration":
                return session.turn_ended(ts)
            case "compact_boundary" | "microcompact_boundary":
                return session.compacted(record, ts)
            case "local_command":
                return session.local_command(ts, content or "")
            case "api_error":
                log(ts, Severity.WARNING, "api_error", _retry(record))
                session.waited(ts)
            case "stop_hook_summary":
                return self._stop_hooks(session, record, ts)
            case "model_refusal_fallback" | "model_fallback":
                models = [as_str(record.get(name)) for name in ("originalModel", "fallbackModel")]
                log(ts, Severity.WARNING, kind, " → ".join(name or "?" for name in models))
            case "api_refusal":
                message = as_str(record.get("apiRefusalExplanation")) or content or "refused"
                log(ts, Severity.ERROR, kind, message)
            case "error":
                log(ts, Severity.ERROR, kind, content or _error(record.get("error")))
            case None | "informational" | "away_summary" | "bridge_status" | "memory_saved":
                if content is None:
                    return ignored("empty_message")
                log(ts, _severity(record), kind or "notice", content)
            case "session_start" | "agents_killed" | "scheduled_task_fire" | "file_snapshot":
                if content is None:
                    return ignored("empty_message")
                log(ts, _severity(record), kind, content)
            case _:
                if content is not None:
                    log(ts, _severity(record), str(kind)[:60], content)
                return unknown(f"system/{kind}")
        return MAPPED

    def _stop_hooks(self, session: Conversation, record: Record, ts: Micros | None) -> Outcome:
        commands = [as_str(as_dict(hook).get("command")) or "?" for hook in as_list(record.get("hookInfos"))]
        errors = [str(error) for error in as_list(record.get("hookErrors"))]
        reason = as_str(record.get("stopReason"))
        if record.get("preventedContinuation") is True:
            errors.append(f"prevented continuation: {reason or 'no reason given'}")
        severity = Severity.WARNING if errors else Severity.DEBUG
        session.trail.log(ts, severity, "stop_hooks", "; ".join([*commands, *errors]))
        return MAPPED

    def _progress(self, record: Record, ts: Micros | None) -> Outcome:
        data = as_dict(record.get("data"))
        kind = data.get("type")
        if kind == "agent_progress":
            return self._agent_progress(record, data, ts)
        if kind == "hook_progress":
            session = self._session(record, ts)
            name, command = as_str(data.get("hookName")), as_str(data.get("command"))
            session.trail.log(ts, Severity.DEBUG, "hook", f"{name or 'hook'}: {command or '?'}")
            session.waited(ts)
            return MAPPED
        if isinstance(kind, str) and kind in _QUIET_PROGRESS:
            return ignored("tool_progress")
        return unknown(f"progress/{kind}")

    def _attachment(self, record: Record, ts: Micros | None) -> Outcome:
        told = as_dict(record.get("attachment"))
        kind = as_str(told.get("type"))
        if kind is None:
            return unknown("attachment")
        session = self._session(record, ts)
        if session.repeated(record):
            return ignored("repeated_record")
        session.waited(ts)
        if kind == "queued_command":
            prompt = parts(told.get("prompt"), "/attachment/prompt")
            return session.steered(ts, prompt)
        if kind.startswith("hook_"):
            return self._hook(session, told, kind, ts)
        if kind == "edited_text_file":
            name = as_str(told.get("filename")) or "a file"
            session.trail.log(ts, Severity.INFO, kind, f"{name} was changed by someone else")
            return MAPPED
        if kind in ("plan_mode", "plan_mode_exit"):
            session.trail.log(ts, Severity.INFO, kind, as_str(told.get("planFilePath")) or kind)
            return MAPPED
        return ignored("attachment") if kind in _QUIET_ATTACHMENTS else unknown(f"attachment/{kind}")

    def _hook(self, session: Conversation, told: Record, kind: str, ts: Micros | None) -> Outcome:
        name = as_str(told.get("hookName")) or as_str(told.get("hookEvent")) or "hook"
        error = as_dict(told.get("blockingError"))
        said = as_str(error.get("blockingError")) or whole(parts(told.get("content"), ""))
        said = said or as_str(told.get("stderr")) or as_str(told.get("stdout")) or ""
        bad = kind in (
            "hook_blocking_error",
            "hook_non_blocking_error",
            "hook_cancelled",
            "hook_error_during_execution",
        )
        session.trail.log(
            ts, Severity.WARNING if bad else Severity.DEBUG, kind, f"{name}: {said}" if said else name
        )
        return MAPPED

    def _queue(self, record: Record, ts: Micros | None) -> Outcome:
        content = as_str(record.get("content"))
        if record.get("operation") != "enqueue" or content is None:
            return ignored("queue_operation")
        return self._session(record, ts).enqueued(ts, content)

    # --- records about the session, without a time ---

    def _summary(self, record: Record, _ts: Micros | None) -> Outcome:
        leaf = as_str(record.get("leafUuid"))
        assert self.main is not None, "record() has identified it"
        if leaf is None or not self.main.holds(leaf):
            return ignored("summary_of_other_session")
        return self._title(_SUMMARY, record.get("summary"))

    def _custom_title(self, record: Record, _ts: Micros | None) -> Outcome:
        return self._title(_CUSTOM_TITLE, record.get("customTitle"))

    def _ai_title(self, record: Record, _ts: Micros | None) -> Outcome:
        return self._title(_AI_TITLE, record.get("aiTitle"))

    def _title(self, rank: int, text: object) -> Outcome:
        title = label(as_str(text) or "")
        if title is None:
            return ignored("empty_title")
        if rank < self.state.title:
            return ignored("lesser_title")
        assert self.main is not None, "record() has identified it"
        self.state.title = rank
        self.main.trail.update(title=title)
        return MAPPED

    def _mode(self, record: Record, ts: Micros | None) -> Outcome:
        """Take the permission mode; it is written again with every save."""
        mode = as_str(record.get("permissionMode")) or as_str(record.get("mode"))
        if mode is None or mode == self.state.mode:
            return ignored("unchanged_mode")
        self.state.mode = mode
        self._session({}, None).trail.log(ts, Severity.INFO, "mode", mode)
        return MAPPED

    def _link(self, record: Record, ts: Micros | None) -> Outcome:
        pull_request = as_str(record.get("prUrl"))
        url = pull_request or as_str(record.get("frameUrl"))
        if url is None:
            return ignored("empty_link")
        trail = self._session(record, ts).trail
        trail.log(ts, Severity.INFO, str(record["type"]), url)
        if pull_request is not None:
            trail.update(pr_url=pull_request)
        return MAPPED


def _echoed_so_far(state: ConversationState, messages: list[Record]) -> int:
    """How many of the messages were echoed before: a list goes on, or begins again without the prompt."""
    echoed = state.echoed
    goes_on = 0 < echoed <= len(messages) and _mark(messages[echoed - 1]) == state.echo
    return echoed if goes_on else 0


def _mark(message: Record) -> int:
    uuid = as_str(message.get("uuid"))
    return mark(uuid) if uuid is not None else 0


def _severity(record: Record) -> Severity:
    level = record.get("level")
    return {"warning": Severity.WARNING, "error": Severity.ERROR}.get(str(level), Severity.INFO)


def _retry(record: Record) -> str:
    delay = record.get("retryInMs")
    wait = f", again in {delay / 1000:.1f} s" if isinstance(delay, int | float) else ""
    attempt, limit = as_count(record.get("retryAttempt")), as_count(record.get("maxRetries"))
    return f"{_error(record.get('error'))} (attempt {attempt} of {limit}{wait})"


def _error(error: object) -> str:
    """What an API error says of itself, however deep."""
    if isinstance(error, str) and error:
        return error
    fields = as_dict(error)
    for name in ("formatted", "message", "error", "cause", "code"):
        found = fields.get(name)
        if isinstance(found, str) and found:
            status = as_count(fields.get("status"))
            return f"{status} {found}" if status and str(status) not in found else found
    for name in ("error", "cause", "connection"):
        inner = fields.get(name)
        if isinstance(inner, dict) and inner:
            return _error(inner)
    status = as_count(fields.get("status"))
    return f"status {status}" if status else "the request failed"
