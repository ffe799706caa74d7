"""The formats ai-viewer reads: one module each, this list of them, and those that other packages add."""

from __future__ import annotations

from ai_viewer.adapters.ai_agent import AiAgent
from ai_viewer.adapters.base import Adapter, Artifact, Parser
from ai_viewer.adapters.claude_code import ClaudeCode
from ai_viewer.adapters.codex import Codex
from ai_viewer.adapters.copilot import Copilot
from ai_viewer.adapters.gemini import Gemini
from ai_viewer.adapters.opencode import Opencode
from ai_viewer.adapters.pi import Pi
from ai_viewer.adapters.qwen import Qwen
from ai_viewer.adapters.registry import Refused, Registry

ADAPTERS = Registry((AiAgent(), ClaudeCode(), Codex(), Copilot(), Gemini(), Opencode(), Pi(), Qwen()))

__all__ = ["ADAPTERS", "Adapter", "Artifact", "Parser", "Refused"]
