"""Secrets in texts: found by their looks when a text is shown or exported, never in the store.

    masked = mask("export OPENAI_API_KEY=sk-proj-Zx81…")
    masked.text     export OPENAI_API_KEY=sk-p…[masked: OpenAI key]
    masked.counts   {"OpenAI key": 1}

`rules` says what is taken for a secret; a `Redactor` masks whole answers and keeps the count.
"""

from __future__ import annotations

from ai_viewer.secrets.redactor import Redactor
from ai_viewer.secrets.rules import Finding, Masked, find, mask

__all__ = ["Finding", "Masked", "Redactor", "find", "mask"]
