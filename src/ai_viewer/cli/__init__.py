"""The command line: thin verbs over the ingest, the store's questions and the server."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence

from ai_viewer.cli.commands import app
from ai_viewer.cli.output import say
from ai_viewer.errors import AiViewerError

INTERRUPTED = 130
"""Exit code of a command that Ctrl-C stopped: 128 + SIGINT, as shells expect."""

PIPE_CLOSED = 141
"""Exit code when the reader of our output went away: 128 + SIGPIPE."""


def run(arguments: Sequence[str]) -> int:
    """Run one command and return its exit code; errors are told on stderr, without a traceback."""
    try:
        code = app.meta(list(arguments), result_action="return_value")
        sys.stdout.flush()
    except AiViewerError as error:
        say(f"ai-viewer: {error}")
        return error.exit_code
    except KeyboardInterrupt:
        return INTERRUPTED
    except BrokenPipeError:
        # Python flushes stdout again at exit: it must find somewhere to write to.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return PIPE_CLOSED
    return code if isinstance(code, int) else 0


def main() -> None:
    """Run ``ai-viewer``."""
    sys.exit(run(sys.argv[1:]))


def ingest_main() -> None:
    """Run ``ai-viewer-ingest``: the reading half."""
    sys.exit(run(["ingest", *sys.argv[1:]]))


def serve_main() -> None:
    """Run ``ai-viewer-serve``: the showing half."""
    sys.exit(run(["serve", *sys.argv[1:]]))
