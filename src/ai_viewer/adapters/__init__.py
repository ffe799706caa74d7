"""The formats ai-viewer reads: one module each, and this list of them."""

from __future__ import annotations

from ai_viewer.adapters.ai_agent import AiAgent
from ai_viewer.adapters.base import Adapter, Artifact, Parser
from ai_viewer.adapters.claude_code import ClaudeCode
from ai_viewer.adapters.codex import Codex
from ai_viewer.adapters.gemini import Gemini
from ai_viewer.adapters.pi import Pi

ADAPTERS: dict[str, Adapter] = {
    adapter.name: adapter for adapter in (AiAgent(), ClaudeCode(), Codex(), Gemini(), Pi())
}

__all__ = ["ADAPTERS", "Adapter", "Artifact", "Parser"]
