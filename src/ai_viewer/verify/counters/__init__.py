"""The independent counters, one module a format; a format without one gets the checks that hold for all."""

from __future__ import annotations

from ai_viewer.verify.counters import claude_code, codex, gemini, pi
from ai_viewer.verify.counters.base import Counter, CounterOf, Part, Tokens, text_hash

COUNTERS: dict[str, CounterOf] = {
    "claude_code": claude_code.ClaudeCodeCounter,
    "codex": codex.CodexCounter,
    "gemini": gemini.GeminiCounter,
    "pi": pi.PiCounter,
}

__all__ = ["COUNTERS", "Counter", "CounterOf", "Part", "Tokens", "text_hash"]
