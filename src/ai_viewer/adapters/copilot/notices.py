"""Events that are notices of the program's own, and events that are left out."""

from __future__ import annotations

import msgspec

from ai_viewer.adapters.base import Record, as_dict, as_str
from ai_viewer.model import Severity

LENGTH = 1_000

TOLD = {
    "session.info": Severity.INFO,
    "session.warning": Severity.WARNING,
    "session.mode_changed": Severity.INFO,
    "session.permissions_changed": Severity.INFO,
    "session.session_limits_changed": Severity.INFO,
    "session.remote_steerable_changed": Severity.DEBUG,
    "session.plan_changed": Severity.INFO,
    "session.workspace_file_changed": Severity.INFO,
    "session.autopilot_objective_changed": Severity.INFO,
    "session.schedule_created": Severity.INFO,
    "session.schedule_cancelled": Severity.INFO,
    "session.schedule_rearmed": Severity.DEBUG,
    "session.context_changed": Severity.INFO,
    "session.context_cleared": Severity.INFO,
    "session.snapshot_rewind": Severity.INFO,
    "session.truncation": Severity.WARNING,
    "session.handoff": Severity.INFO,
    "session.task_complete": Severity.INFO,
    "session.canvas.recorded": Severity.DEBUG,
    "session.canvas.removed": Severity.DEBUG,
    "subagent.selected": Severity.INFO,
    "subagent.deselected": Severity.INFO,
    "permission.requested": Severity.DEBUG,
    "permission.completed": Severity.INFO,
    "external_tool.requested": Severity.INFO,
    "tool_search.activated": Severity.DEBUG,
    "model.call_failure": Severity.WARNING,
}
"""Events that become log entries."""

LEFT_OUT = {
    "session.usage_checkpoint": "usage_checkpoint",
    "session.binary_asset": "binary_asset",
    "hook.start": "hook_start",
    **dict.fromkeys(
        (
            "assistant.idle",
            "assistant.intent",
            "assistant.message_delta",
            "assistant.message_start",
            "assistant.reasoning_delta",
            "assistant.server_tool_progress",
            "assistant.streaming_delta",
            "assistant.tool_call_delta",
            "assistant.usage",
            "auto_mode_switch.completed",
            "auto_mode_switch.requested",
            "capabilities.changed",
            "command.completed",
            "command.execute",
            "command.queued",
            "commands.changed",
            "elicitation.completed",
            "elicitation.requested",
            "exit_plan_mode.completed",
            "exit_plan_mode.requested",
            "external_tool.completed",
            "factory.run_settled",
            "factory.run_started",
            "factory.run_updated",
            "hook.progress",
            "pending_messages.modified",
            "sampling.completed",
            "sampling.requested",
            "session.background_tasks_changed",
            "session.custom_agents_updated",
            "session.custom_notification",
            "session.extensions_loaded",
            "session.idle",
            "session.managed_settings_enforced",
            "session.managed_settings_resolved",
            "session.mcp_server_status_changed",
            "session.mcp_servers_loaded",
            "session.skills_loaded",
            "session.todos_changed",
            "session.tools_updated",
            "session.usage_info",
            "session_limits_exhausted.completed",
            "session_limits_exhausted.requested",
            "tool.execution_partial_result",
            "tool.execution_progress",
            "user_input.completed",
            "user_input.requested",
        ),
        "transient",
    ),
}
"""Events that tell nothing of the work, with the rule; transient ones are not meant for the disk."""

_TEXTS = ("message", "summary", "reason", "operation", "prompt", "newMode", "agentDisplayName", "path", "url")
"""Fields that hold a notice's own words, the best first."""


def words(kind: str, data: Record) -> str:
    """Say in one text what a notice says.

    >>> words("permission.completed", {"result": {"kind": "approved"}, "requestId": "r1"})
    'approved'
    >>> words("session.truncation", {"tokensRemovedDuringTruncation": 12, "performedBy": "BasicTruncator"})
    '{"tokensRemovedDuringTruncation":12,"performedBy":"BasicTruncator"}'
    """
    if kind.startswith("permission."):
        told = as_dict(data.get("result")) or as_dict(data.get("permissionRequest"))
        found = " ".join(text for key in ("kind", "intention") if (text := as_str(told.get(key))) is not None)
        if found:
            return found[:LENGTH]
    for key in _TEXTS:
        text = as_str(data.get(key))
        if text is not None:
            return text[:LENGTH]
    return msgspec.json.encode(data).decode()[:LENGTH] if data else kind
