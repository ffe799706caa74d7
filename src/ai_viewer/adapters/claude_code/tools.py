"""Tools: their names and namespaces, how a call of one went, and which of them run a sub-agent."""

from __future__ import annotations

from ai_viewer.adapters.base import Record
from ai_viewer.model import OpStatus, SessionStatus

ERROR_LENGTH = 2000
"""How much of an error's text is told with the op; all of it is in its output."""

_NAMESPACES = {
    "shell": ("Bash", "BashOutput", "KillShell", "KillBash", "bash"),
    "fs": ("Read", "Write", "Edit", "MultiEdit", "NotebookEdit", "NotebookRead", "Glob", "Grep", "LS"),
    "web": ("WebFetch", "WebSearch", "web_search", "web_fetch"),
}
_NAMESPACE_OF = {tool: namespace for namespace, tools in _NAMESPACES.items() for tool in tools}
AGENTS = frozenset({"Task", "Agent", "Workflow"})
"""Tools that run another session."""
TOOL_USES = frozenset({"tool_use", "server_tool_use", "mcp_tool_use"})
"""Blocks of a message that ask for a tool."""
_REFUSALS = (  # how a result begins if the user, or a failed neighbour, stopped the call
    "The user doesn't want to proceed with this tool use",
    "The user doesn't want to take this action right now",
    "[Request interrupted by user",
    "Request interrupted by user",
    "User rejected tool use",
    "Sibling tool call errored",
)
LAUNCHED = frozenset({"async_launched", "remote_launched"})
"""Statuses of a sub-agent that goes on in the background."""


TASK_STATUS = {
    "failed": OpStatus.FAILED,
    "killed": OpStatus.CANCELLED,
    "stopped": OpStatus.CANCELLED,
}
"""What a notification says of a task; any other word means that it was completed."""
SESSION_STATUS = {
    OpStatus.COMPLETED: SessionStatus.COMPLETED,
    OpStatus.FAILED: SessionStatus.FAILED,
    OpStatus.CANCELLED: SessionStatus.INTERRUPTED,
}


def tool_name(tool: str) -> tuple[str, str]:
    """A tool's name and namespace: an MCP tool goes by its own name in its server's namespace."""
    if tool.startswith("mcp__"):
        server, _, name = tool.removeprefix("mcp__").partition("__")
        if server and name:
            return name, f"mcp:{server}"
    return tool, _NAMESPACE_OF.get(tool, "builtin")


def outcome(block: Record, result: Record, text: str) -> tuple[OpStatus, str | None]:
    """How a tool call went, and the class of its error if it failed."""
    plain = text.removeprefix("Error: ").removeprefix("<tool_use_error>")
    if block.get("is_error") is True:
        if plain.startswith(_REFUSALS):
            return OpStatus.CANCELLED, None
        if text.startswith("<tool_use_error>"):
            return OpStatus.FAILED, "tool_use_error"
        return OpStatus.FAILED, "exit_code" if text.startswith("Exit code ") else "tool_error"
    if result.get("interrupted") is True:
        return OpStatus.CANCELLED, None
    return OpStatus.COMPLETED, None


def error_text(text: str) -> str | None:
    """What a failed call says of its error."""
    plain = text.removeprefix("<tool_use_error>").removesuffix("</tool_use_error>")
    return plain[:ERROR_LENGTH] or None
