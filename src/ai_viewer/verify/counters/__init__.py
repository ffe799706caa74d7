"""The independent counters, one module a format; a format without one gets the checks that hold for all."""

from __future__ import annotations

from ai_viewer.verify.counters import ai_agent, claude_code, codex, copilot, gemini, opencode, pi, qwen
from ai_viewer.verify.counters.base import Counter, CounterOf, Part, Tokens, text_hash

COUNTERS: dict[str, CounterOf] = {
    "ai_agent": ai_agent.AiAgentCounter,
    "claude_code": claude_code.ClaudeCodeCounter,
    "codex": codex.CodexCounter,
    "copilot": copilot.CopilotCounter,
    "gemini": gemini.GeminiCounter,
    "opencode": opencode.OpencodeCounter,
    "pi": pi.PiCounter,
    "qwen": qwen.QwenCounter,
}

__all__ = ["COUNTERS", "Counter", "CounterOf", "Part", "Tokens", "text_hash"]
