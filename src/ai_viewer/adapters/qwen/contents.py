"""What records hold: texts and data, token counts, tools; and what their telemetry says."""

from __future__ import annotations

import re

import msgspec

from ai_viewer.adapters.base import Record, as_count, as_dict, as_list, as_str, number_micros
from ai_viewer.adapters.gemini_api import content_part, response_part
from ai_viewer.adapters.parts import Part
from ai_viewer.model import Micros, OpStatus, Usage

ERROR_LENGTH = 1_000

AGENTS = frozenset({"agent", "task"})
"""Tools that run a sub-agent."""
_NAMESPACES = {
    "run_shell_command": "shell",
    "read_file": "fs",
    "read_many_files": "fs",
    "write_file": "fs",
    "edit": "fs",
    "replace": "fs",
    "notebook_edit": "fs",
    "glob": "fs",
    "grep_search": "fs",
    "search_file_content": "fs",
    "list_directory": "fs",
    "web_fetch": "web",
    "web_search": "web",
}
_EXIT_CODE = re.compile(r"(?:^|\n)Exit Code: (-?\d+)")
_STATUSES = {"error": OpStatus.FAILED, "cancelled": OpStatus.CANCELLED, "success": OpStatus.COMPLETED}


class Counts(msgspec.Struct, frozen=True, array_like=True):
    """Token counts of a call as they are recorded, by the answer and by the telemetry alike."""

    prompt: int = 0
    candidates: int = 0
    cached: int = 0
    thoughts: int = 0
    total: int = 0
    tool: int = 0
    """Results of tools on the provider's side, beside the prompt where the total says so."""

    @property
    def shared(self) -> tuple[int, ...]:
        """The counts that both kinds of record have."""
        return self.prompt, self.candidates, self.cached, self.thoughts, self.total

    def usage(self) -> Usage | None:
        """Return the disjoint parts; ``None`` if nothing was counted."""
        if not any(self.shared):
            return None
        prompt = self.prompt or self.cached
        if self.total:
            rest = max(self.total - prompt - self.candidates, 0)
            beside = min(self.thoughts, rest)
            tool = min(self.tool, rest - beside)
        else:
            beside = self.thoughts if self.thoughts > self.candidates else 0
            tool = 0
        output = self.candidates + beside
        return Usage(
            input=max(prompt - self.cached, 0) + tool,
            output=output,
            reasoning=min(self.thoughts, output),
            cache_read=self.cached,
        )


def read_counts(value: object) -> Counts:
    """Read an answer's ``usageMetadata``."""
    told = as_dict(value)
    return Counts(
        prompt=as_count(told.get("promptTokenCount")),
        candidates=as_count(told.get("candidatesTokenCount")),
        cached=as_count(told.get("cachedContentTokenCount")),
        thoughts=as_count(told.get("thoughtsTokenCount")),
        total=as_count(told.get("totalTokenCount")),
        tool=as_count(told.get("toolUsePromptTokenCount")),
    )


def telemetry_counts(event: Record) -> Counts:
    """Read the counts of a call from its telemetry."""
    return Counts(
        prompt=as_count(event.get("input_token_count")),
        candidates=as_count(event.get("output_token_count")),
        cached=as_count(event.get("cached_content_token_count")),
        thoughts=as_count(event.get("thoughts_token_count")),
        total=as_count(event.get("total_token_count")),
        tool=as_count(event.get("tool_token_count")),
    )


def begun_at(event: Record, ended: Micros | None) -> Micros | None:
    """When a request was sent, by its telemetry's duration; ``None`` if that is not known."""
    duration = event.get("duration_ms")
    if ended is None or isinstance(duration, bool) or not isinstance(duration, int | float):
        return None
    if not 0 < duration < 1e9:
        return None
    return number_micros(ended - int(duration * 1_000), 1)


def agent_of(event: Record) -> tuple[str | None, str | None]:
    """Return the id and the name of the sub-agent that made a request; ``None`` if none did.

    Before telemetry had the id, it was within the prompt's: ``<session>#<agent>#<round>``.

    >>> agent_of({"subagent_name": "Explore", "prompt_id": "0a1b#Explore-7f3c#2"})
    ('Explore-7f3c', 'Explore')
    """
    name = as_str(event.get("subagent_name")) or as_str(event.get("subagent_type"))
    told = as_str(event.get("subagent_id"))
    parts = (as_str(event.get("prompt_id")) or "").split("#")
    within = parts[1] if len(parts) == 3 and parts[1] and parts[2].isdecimal() else None
    return told or within or name, name


def provider(event: Record) -> str | None:
    """The provider, where the way of signing in tells: most speak the interface of OpenAI."""
    auth = as_str(event.get("auth_type"))
    return {"gemini": "google", "vertex-ai": "google", "anthropic": "anthropic"}.get(auth or "")


def parts(message: object, pointer: str) -> list[Part]:
    """Read the texts and files among a message's parts; thoughts and calls stand elsewhere."""
    found: list[Part] = []
    for number, part in enumerate(as_list(as_dict(message).get("parts"))):
        found += content_part(as_dict(part), f"{pointer}/parts/{number}")
    return found


def response(told: Record, pointer: str) -> list[Part]:
    """Read a tool's response: its output or error, or else all of it, and the files with it."""
    value = told.get("response")
    found = [Part(f"{pointer}/response", value)] if isinstance(value, str) and value else []
    return [*found, *response_part(value, f"{pointer}/response"), *parts(told, pointer)]


def verdict(
    tool: str | None, result: Record, answer: Record, text: str
) -> tuple[OpStatus, str | None, str | None]:
    """Say how a tool call ended: status, error class, message."""
    status = _STATUSES.get(as_str(result.get("status")) or "")
    if status is None:
        failed = as_str(as_dict(answer.get("response")).get("error")) is not None
        status = OpStatus.FAILED if failed else OpStatus.COMPLETED
    if status is OpStatus.FAILED:
        return status, as_str(result.get("errorType")) or "tool_error", text[:ERROR_LENGTH] or None
    codes = _EXIT_CODE.findall(text[-2_000:]) if namespace(tool) == "shell" else []
    if status is OpStatus.COMPLETED and codes and int(codes[-1][:9]) != 0:
        return OpStatus.FAILED, "exit_code", f"exit code {codes[-1]}"
    return status, None, None


def tool_name(tool: str | None) -> tuple[str, str]:
    """Return a tool's name and namespace; an MCP tool is called ``mcp__<server>__<tool>``."""
    name = tool or "unknown"
    if name.startswith("mcp__"):
        server, _, rest = name.removeprefix("mcp__").partition("__")
        if server and rest:
            return rest, f"mcp:{server}"
    return name, namespace(name)


def namespace(tool: str | None) -> str:
    """A tool's namespace."""
    return _NAMESPACES.get(tool or "", "builtin")
