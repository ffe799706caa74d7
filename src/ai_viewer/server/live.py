"""Learn of the store's changes as they are committed, and tell every client that listens.

    commit → the kernel's notice of the store's files → one thread reads the new notices
           → `Live` hands them to each `Subscription`, which keeps what its client has not taken

A client is told at once, and then at most once in `PAUSE_SECONDS`: what comes between melts into one
notice, and if that grows too long, into the word that anything may have changed. So does what waits for
a client that reads slowly; it holds up nobody else.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import queue
import threading
from collections.abc import Iterator
from pathlib import Path

from ai_viewer.errors import StoreError
from ai_viewer.ingest.watch import watch
from ai_viewer.store import changes, listening
from ai_viewer.store.changes import Changes
from ai_viewer.store.listening import Matching, Wanted
from ai_viewer.store.reader import Reader

SWEEP_SECONDS = 15.0
"""How often to look without a notice: the kernel may have dropped one."""
SECOND_LOOK_SECONDS = 0.1
"""The kernel tells of a write to the log a moment before SQLite lets others see it."""
PAUSE_SECONDS = 0.25
"""The least time between two notices to one client."""
MOST_WAITING = 10_000
"""Sessions that wait for one client; with more it is told that anything may have changed."""

UNKNOWN = -1
"""A number that no notice has: what changed since is not known."""

log = logging.getLogger(__name__)


class News(Changes, frozen=True):
    """Changes for one client; ``reset`` says that there were too many to tell, or some are unknown."""

    reset: bool = False


class Subscription:
    """What one client, who knows of all up to notice ``after``, has not been told yet.

    Belongs to the event loop.
    """

    def __init__(self, after: int = 0, *, sources: bool = True, pause: float = PAUSE_SECONDS) -> None:
        self._wants_sources = sources
        self._pause = pause
        self._ready_at = 0.0
        self._sessions: dict[str, None] = {}
        self._sources = False
        self._reset = False
        self._last = after
        self._wake = asyncio.Event()
        self._end = asyncio.Event()

    def add(self, news: News) -> None:
        """Add to what waits, leaving out what the client knows."""
        if news.last <= self._last and not news.reset:
            return
        self._last = news.last
        if not (news.sessions or news.reset or (news.sources and self._wants_sources)):
            return
        self._sessions.update(dict.fromkeys(news.sessions))
        self._sources = self._sources or news.sources
        self._reset = self._reset or news.reset or len(self._sessions) > MOST_WAITING
        if self._reset:
            self._sessions.clear()
        self._wake.set()

    def close(self) -> None:
        """End the stream once what waits is taken."""
        self._wake.set()
        self._end.set()

    async def next(self, seconds: float) -> News | None:
        """Return all that waits, as soon as there is any and the pause since the last is over.

        ``None`` after ``seconds`` without.

        Raises:
            StopAsyncIteration: when the server ends.
        """
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._wake.wait(), seconds)
        if self._wake.is_set():
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._end.wait(), self._ready_at - asyncio.get_running_loop().time())
        if self._end.is_set():
            raise StopAsyncIteration
        if not self._wake.is_set():
            return None
        news = News(last=self._last, sessions=list(self._sessions), sources=self._sources, reset=self._reset)
        self._sessions.clear()
        self._sources = self._reset = False
        self._wake.clear()
        self._ready_at = asyncio.get_running_loop().time() + self._pause
        return news


class Live:
    """Watches the store and passes on what changes. One for each server."""

    def __init__(self, reader: Reader) -> None:
        self.last = 0
        """The newest notice that was passed on."""
        self._reader = reader
        self._subscriptions: set[Subscription] = set()
        self._changed: queue.SimpleQueue[Path] = queue.SimpleQueue()
        self._stop = threading.Event()
        self._closed = False
        self._patience = SECOND_LOOK_SECONDS
        self._thread: threading.Thread | None = None

    async def start(self) -> None:
        """Begin to watch.

        Raises:
            StoreError: if the store cannot be read.
        """
        self.last = await asyncio.to_thread(self._newest)
        self._thread = threading.Thread(
            target=self._run, args=(asyncio.get_running_loop(), self.last), name="live", daemon=True
        )
        self._thread.start()

    def close_streams(self) -> None:
        """End all streams, and each that is opened from now on."""
        self._closed = True
        for subscription in self._subscriptions:
            subscription.close()

    async def stop(self) -> None:
        """End all streams and the watch."""
        self.close_streams()
        self._stop.set()
        self._changed.put(self._reader.path)
        if self._thread is not None:
            await asyncio.to_thread(self._thread.join)

    @contextlib.contextmanager
    def subscribe(self, after: int, *, sources: bool = True) -> Iterator[Subscription]:
        """Listen to what is passed on from now on, if it is newer than notice ``after``.

        Without ``sources``, news of the sources alone are none.
        """
        subscription = Subscription(after, sources=sources)
        if self._closed:
            subscription.close()
        self._subscriptions.add(subscription)
        try:
            yield subscription
        finally:
            self._subscriptions.discard(subscription)

    def missed(self, after: int) -> News:
        """Return what changed after notice ``after``; blocks.

        Raises:
            StoreError: if the store cannot be read.
        """
        with self._reader.snapshot() as connection:
            if not changes.reaches(connection, after):
                return _reset(changes.newest(connection))
            found = changes.since(connection, after)
        return News(last=found.last, sessions=found.sessions, sources=found.sources)

    def matching(self, sessions: list[str], wanted: Wanted) -> Matching:
        """Return which of the sessions a client wants to hear of; blocks.

        Raises:
            StoreError: if the store cannot be read.
        """
        with self._reader.snapshot() as connection:
            return listening.matching(connection, sessions, wanted)

    def _pass_on(self, news: News) -> None:
        self.last = news.last
        for subscription in self._subscriptions:
            subscription.add(news)

    # What follows runs in the thread.

    def _run(self, loop: asyncio.AbstractEventLoop, last: int) -> None:
        store = self._reader.path
        watched = _files(store)
        while not self._stop.is_set():
            with watch(list(watched), self._changed):
                # What was committed before the watch began is found by looking.
                last = self._look(loop, last)
                while _files(store) == watched and not self._stop.is_set():
                    last = self._look(loop, last)
                    self._wait()
            # The log was made, or the store replaced: then its numbers mean something else.
            files = _files(store)
            if files.get(store) != watched.get(store):
                last = UNKNOWN
            watched = files

    def _wait(self) -> None:
        """Wait for a notice from the kernel, and no longer than until the next sweep."""
        try:
            self._changed.get(timeout=self._patience)
        except queue.Empty:
            self._patience = SWEEP_SECONDS
            return
        with contextlib.suppress(queue.Empty):
            while True:
                self._changed.get_nowait()
        self._patience = SECOND_LOOK_SECONDS

    def _look(self, loop: asyncio.AbstractEventLoop, last: int) -> int:
        try:
            if self._newest() == last:
                return last
            news = self.missed(last)
        except StoreError as error:
            if not self._stop.is_set():
                log.warning("changes cannot be told now: %s", error)
            return last
        with contextlib.suppress(RuntimeError):  # the loop has ended
            loop.call_soon_threadsafe(self._pass_on, news)
        return news.last

    def _newest(self) -> int:
        with self._reader.snapshot() as connection:
            return changes.newest(connection)


def _reset(last: int) -> News:
    return News(last=last, sessions=[], sources=True, reset=True)


def _files(store: Path) -> dict[Path, int]:
    """The files that a commit writes to, as far as they exist, with their inodes."""
    found = {}
    for path in (store, store.with_name(store.name + "-wal")):
        with contextlib.suppress(OSError):
            found[path] = path.stat().st_ino
    return found
