"""The MCP server: its tools, as an agent sees them. It only reads, and only the store.

Every tool takes ``max_tokens``; what did not fit is told in a last line ``[cut] …`` together with
what to ask for next.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Annotated, Literal, TypeVar

from mcp.server import MCPServer
from mcp.server.mcpserver.exceptions import ToolError
from mcp_types import ToolAnnotations
from pydantic import Field

from ai_viewer import __version__
from ai_viewer.errors import AiViewerError
from ai_viewer.mcp import answers
from ai_viewer.mcp.budget import DEFAULT_TOKENS, LEAST_TOKENS, MOST_TOKENS
from ai_viewer.model import SessionStatus
from ai_viewer.moments import read_moment
from ai_viewer.query import QueryError
from ai_viewer.store.cursors import CursorError
from ai_viewer.store.reader import Reader
from ai_viewer.store.sessions import SessionFilter
from ai_viewer.store.sums import By, Work

F = TypeVar("F", bound=Callable[..., str])

INSTRUCTIONS = (
    "Sessions of AI coding agents on this machine: what they did, how long it took, what it cost, what"
    " failed. Begin with search, list_sessions or failures, then show_session, read_turn, read_payload."
    " Secrets are masked. A last line '[cut] …' says what did not fit and how to get it."
)

Tokens = Annotated[
    int, Field(ge=LEAST_TOKENS, le=MOST_TOKENS, description="About how long the answer may be at most")
]
Session = Annotated[str, Field(description="Its id, the agent's own id, or the beginning of either")]
FormatName = Annotated[str | None, Field(description="Of this format: claude_code, codex, …")]
Project = Annotated[str | None, Field(description="In exactly this folder")]
Model = Annotated[str | None, Field(description="With this model")]
Agent = Annotated[str | None, Field(description="Sub-agents of exactly this type")]
Text = Annotated[
    str | None, Field(description="With this text in title, start of the first prompt, folder or id")
]
Moment = Annotated[str | None, Field(description="2026-01-31, 2026-01-31T12:00Z, or so long ago: 12h, 7d")]
Cursor = Annotated[str | None, Field(description="As the answer before told it")]
Dimension = Literal[
    "source", "format", "agent", "project", "branch", "status", "model", "provider", "tool", "day", "month"
]


def create(reader: Reader) -> MCPServer:
    """Return the server over a store."""
    server = MCPServer("ai-viewer", version=__version__, instructions=INSTRUCTIONS, log_level="WARNING")

    def tool(function: F) -> F:
        """Register a tool that only reads, and tell its errors as answers."""

        @functools.wraps(function)
        def told(*args: object, **kwargs: object) -> str:
            try:
                return function(*args, **kwargs)
            except (AiViewerError, CursorError, QueryError) as error:
                raise ToolError(str(error)) from error

        server.tool(
            annotations=ToolAnnotations(read_only_hint=True, idempotent_hint=True, open_world_hint=False),
            structured_output=False,
        )(told)
        return function

    @tool
    def list_sessions(
        text: Text = None,
        format: FormatName = None,  # noqa: A002 - the parameter's name
        project: Project = None,
        model: Model = None,
        agent: Agent = None,
        status: SessionStatus | None = None,
        failed: Annotated[bool, Field(description="Only those in which something failed")] = False,
        since: Moment = None,
        until: Moment = None,
        parent: Annotated[str | None, Field(description="Started by the session with this id")] = None,
        sub_agents: Annotated[bool, Field(description="Also those that other sessions started")] = False,
        limit: Annotated[int, Field(ge=1, le=200)] = 20,
        cursor: Cursor = None,
        max_tokens: Tokens = DEFAULT_TOKENS,
    ) -> str:
        """List sessions, latest activity first: id, last activity, turns, cost, status, title."""
        wanted = _filter(text, format, project, model, agent, status, failed=failed)
        wanted = SessionFilter(
            **{field: getattr(wanted, field) for field in wanted.__struct_fields__}
            | {
                "since": _moment(since),
                "until": _moment(until, end=True),
                "parent": parent,
                "roots": parent is None and not sub_agents,
            }
        )
        with reader.snapshot() as connection:
            return answers.list_sessions(
                connection, wanted, limit=limit, cursor=cursor, max_tokens=max_tokens
            )

    @tool
    def search(
        query: Annotated[
            str,
            Field(
                description='Words, "phrases", begin*, -not, and fields: tool:Bash kind:prompt is:failed'
                " project:… model:… after:7d"
            ),
        ],
        best: Annotated[bool, Field(description="Best first, not newest first")] = False,
        limit: Annotated[int, Field(ge=1, le=200)] = 20,
        cursor: Cursor = None,
        max_tokens: Tokens = DEFAULT_TOKENS,
    ) -> str:
        """Search prompts, answers, reasoning, tool inputs and outputs, titles, errors and logs."""
        with reader.snapshot() as connection:
            return answers.search(
                connection, query, best=best, limit=limit, cursor=cursor, max_tokens=max_tokens
            )

    @tool
    def show_session(
        session: Session,
        from_turn: Annotated[int, Field(ge=0, description="Begin with this turn")] = 0,
        max_tokens: Tokens = DEFAULT_TOKENS,
    ) -> str:
        """Show one session: its facts, what it cost, the sessions it started, a line for each turn."""
        with reader.snapshot() as connection:
            return answers.show_session(connection, session, from_turn=from_turn, max_tokens=max_tokens)

    @tool
    def read_turn(
        session: Session,
        turn: Annotated[int, Field(ge=0)],
        from_op: Annotated[int, Field(ge=0, description="Begin with this op")] = 0,
        max_tokens: Tokens = DEFAULT_TOKENS,
    ) -> str:
        """Read one turn: prompt, answers, reasoning, tool calls with the starts of their texts."""
        with reader.snapshot() as connection:
            return answers.read_turn(connection, session, turn, from_op=from_op, max_tokens=max_tokens)

    @tool
    def read_payload(
        session: Session,
        payload: Annotated[str, Field(description="Its id as read_turn tells it: turn.seq.kind.part")],
        start: Annotated[int, Field(ge=0, description="Begin with this character")] = 0,
        max_tokens: Tokens = DEFAULT_TOKENS,
    ) -> str:
        """Read the whole of one text, or a part of it."""
        with reader.snapshot() as connection:
            return answers.read_payload(connection, session, payload, start=start, max_tokens=max_tokens)

    @tool
    def stats(
        by: Annotated[Dimension | None, Field(description="Also for each of these")] = None,
        text: Text = None,
        format: FormatName = None,  # noqa: A002 - the parameter's name
        project: Project = None,
        model: Model = None,
        agent: Agent = None,
        since: Moment = None,
        until: Moment = None,
        max_tokens: Tokens = DEFAULT_TOKENS,
    ) -> str:
        """Sum up sessions, turns, calls, tokens and cost."""
        work = Work(
            sessions=_filter(text, format, project, model, agent),
            since=_moment(since),
            until=_moment(until, end=True),
        )
        with reader.snapshot() as connection:
            return answers.stats(connection, By(by) if by else None, work, max_tokens=max_tokens)

    @tool
    def failures(
        text: Text = None,
        format: FormatName = None,  # noqa: A002 - the parameter's name
        project: Project = None,
        agent: Agent = None,
        tool_name: Annotated[str | None, Field(description="Only failures of this tool")] = None,
        since: Moment = None,
        until: Moment = None,
        cursor: Cursor = None,
        max_tokens: Tokens = DEFAULT_TOKENS,
    ) -> str:
        """Show what keeps failing: failed calls in groups, the most frequent first, with an example."""
        work = Work(
            sessions=_filter(text, format, project, None, agent),
            tool=tool_name,
            since=_moment(since),
            until=_moment(until, end=True),
        )
        with reader.snapshot() as connection:
            return answers.failures(connection, work, cursor=cursor, max_tokens=max_tokens)

    return server


def run(reader: Reader) -> None:
    """Serve on stdin and stdout until stdin ends."""
    create(reader).run("stdio")


def _filter(
    text: str | None,
    format_name: str | None,
    project: str | None,
    model: str | None,
    agent: str | None,
    status: SessionStatus | None = None,
    *,
    failed: bool = False,
) -> SessionFilter:
    return SessionFilter(
        text=text or None,
        format=format_name and format_name.replace("-", "_"),
        project=project,
        model=model,
        agent=agent,
        status=status,
        failed=True if failed else None,
    )


def _moment(text: str | None, *, end: bool = False) -> int | None:
    try:
        return None if text is None else read_moment(text, end=end)
    except ValueError as error:
        raise ToolError(f"{text!r} is no time: {error}") from error
