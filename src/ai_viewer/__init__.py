"""ai-viewer: see what your AI coding agents did, what it cost and where the time went."""

__version__ = "0.1.0"
