"""Tools: their names and namespaces, and how a call of one went."""

from __future__ import annotations

import re
from typing import NamedTuple

from ai_viewer.adapters.base import Record, as_dict, as_str
from ai_viewer.model import OpStatus

ERROR_LENGTH = 2_000
"""How much of an error's text is told with the op; all of it is in its output."""

TASKS = frozenset({"task", "subagent"})
"""Tools that run a sub-agent: of the first generation, and of the second."""

_BUILTIN = {
    "shell": ("bash", "shell"),
    "fs": (
        "read", "write", "edit", "multiedit", "patch", "apply_patch", "glob", "grep", "list", "ls", "lsp",
        "lsp_diagnostics", "lsp_hover",
    ),
    "web": ("webfetch", "websearch", "codesearch"),
    "builtin": (
        *TASKS, "todowrite", "todoread", "skill", "question", "plan_enter", "plan_exit", "batch", "invalid",
        "repo_clone", "repo_overview", "execute", "StructuredOutput",
    ),
}  # fmt: skip
_NAMESPACE_OF = {tool: namespace for namespace, tools in _BUILTIN.items() for tool in tools}
_ABORTED = (  # how an error begins if the user, or the end of the program, stopped the call
    "Tool execution aborted",
    "Aborted",
    "The operation was aborted",
    "The user rejected permission",
    "The user dismissed this question",
)
_STOPPED = re.compile(r"<(?:bash_|shell_)?metadata>\n(.*)\n</(?:bash_|shell_)?metadata>\s*\Z", re.DOTALL)
"""What the shell tool writes below the output of a command that it stopped."""


class Verdict(NamedTuple):
    """How a tool call went."""

    status: OpStatus
    error_class: str | None = None
    error: str | None = None


def identity(tool: str) -> tuple[str, str]:
    """A tool's name and namespace; one that is not opencode's own goes by its server's name.

    opencode joins the two by ``_``, which may be in either: a server's name ends at the first.

    >>> identity("github_search_code")
    ('search_code', 'mcp:github')
    >>> identity("apply_patch")
    ('apply_patch', 'fs')
    """
    namespace = _NAMESPACE_OF.get(tool)
    if namespace is not None:
        return tool, namespace
    server, joined, name = tool.partition("_")
    return (name, f"mcp:{server}") if joined and server and name else (tool, "builtin")


def verdict(tool: str, state: Record) -> Verdict:
    """Tell how a call ended by the part's state, or that it has not."""
    status = as_str(state.get("status"))
    told = as_dict(state.get("metadata"))
    if status in ("pending", "running"):
        return Verdict(OpStatus.RUNNING)
    if status == "error":
        error = as_str(state.get("error"))
        if told.get("interrupted") is True or (error or "").removeprefix("Error: ").startswith(_ABORTED):
            return Verdict(OpStatus.CANCELLED)
        return Verdict(OpStatus.FAILED, "tool_error", (error or "")[:ERROR_LENGTH] or None)
    if tool == "invalid":
        error = as_str(as_dict(state.get("input")).get("error")) or as_str(state.get("output"))
        return Verdict(OpStatus.FAILED, "invalid_call", (error or "")[:ERROR_LENGTH] or None)
    if "exit" not in told and tool not in _BUILTIN["shell"]:
        return Verdict(OpStatus.COMPLETED)
    return _exited(told, as_str(state.get("output")) or "")


def _exited(told: Record, output: str) -> Verdict:
    """How a command went, which is completed for opencode whatever its exit code."""
    code = told.get("exit")
    if code == 0:
        return Verdict(OpStatus.COMPLETED)
    stopped = _STOPPED.search(output)
    if stopped is not None and "aborted" in stopped[1]:
        return Verdict(OpStatus.CANCELLED)
    if stopped is not None and "timeout" in stopped[1]:
        return Verdict(OpStatus.FAILED, "timeout", stopped[1][:ERROR_LENGTH])
    if isinstance(code, int) and not isinstance(code, bool):
        return Verdict(OpStatus.FAILED, "exit_code", f"exit code {code}")
    return Verdict(OpStatus.COMPLETED)


def child(state: Record) -> str | None:
    """The native id of the session that a task ran."""
    told = as_dict(state.get("metadata"))
    native_id = as_str(told.get("sessionId")) or as_str(told.get("sessionID"))
    return native_id.replace("/", ":") if native_id is not None else None
