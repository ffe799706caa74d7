"""Learn of changed files from the kernel."""

from __future__ import annotations

import queue
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from watchfiles._rust_notify import RustNotify

STEP_MS = 20
"""A burst is taken as one once nothing more came for this long."""
BURST_MS = 50
"""A burst that does not end is taken in pieces of this length."""


@contextmanager
def watch(folders: list[Path], changed: queue.SimpleQueue[Path], *, recursive: bool = True) -> Iterator[None]:
    """Put the paths of changed files in and below ``folders`` into ``changed`` while in the context.

    What changes after entering is told: the kernel's watch is in place by then.
    """
    if not folders:
        yield
        return
    stop = threading.Event()
    notify = RustNotify(
        [str(folder) for folder in folders],
        debug=False,
        force_polling=False,
        poll_delay_ms=300,
        recursive=recursive,
        ignore_permission_denied=True,
    )
    thread = threading.Thread(target=_watch, args=(notify, changed, stop), name="watch", daemon=True)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()
        notify.close()


def _watch(notify: RustNotify, changed: queue.SimpleQueue[Path], stop: threading.Event) -> None:
    while not stop.is_set():
        changes = notify.watch(BURST_MS, STEP_MS, 0, stop)
        if isinstance(changes, str):
            return
        for _, path in changes:
            changed.put(Path(path))
