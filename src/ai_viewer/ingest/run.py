"""Run the ingest: read what is new (`ingest_once`), or go on reading as it is written (`follow`).

One process writes. Files are read and folded in worker processes while there is much to
read, in line when there is little. Of one file there is never more than one chunk under way,
so that its chunks are applied in order. Fresh appends go before the backfill.
"""

from __future__ import annotations

import multiprocessing
import os
import queue
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import NamedTuple

import msgspec

from ai_viewer.adapters import ADAPTERS
from ai_viewer.config import Config, SourceRoot
from ai_viewer.ingest import discover
from ai_viewer.ingest.progress import Progress, Summary
from ai_viewer.ingest.read import CHUNK_BYTES, Task, read, read_all
from ai_viewer.ingest.watch import watch
from ai_viewer.store import database
from ai_viewer.store.batch import FileBatch
from ai_viewer.store.write import KnownFile, Writer

WORKERS = max(1, min(4, (os.cpu_count() or 2) - 1))
"""Parse processes of a backfill; the writer is one more."""
INLINE_BYTES = 2 * CHUNK_BYTES
"""Less than this is read in line: starting processes would take longer."""
SWEEP_SECONDS = 300.0
"""How often the folders are looked through for what the kernel did not tell."""
NEW_FOLDER_SECONDS = 10.0
"""How often a folder that did not exist is looked for."""
REPORT_SECONDS = 0.1

_decoder = msgspec.msgpack.Decoder(list[FileBatch])


class _Job(NamedTuple):
    """A file with something new, and about how many bytes that is."""

    source: SourceRoot
    path: str
    size: int


def ingest_once(config: Config, report: Callable[[Progress], None]) -> Summary:
    """Read all that is new in the sources, and return.

    Raises:
        StoreError: if the store cannot be written, or another process writes it.
    """
    with _engine(config, report) as engine:
        engine.look_through()
        engine.finish()
        return engine.summary()


def follow(config: Config, report: Callable[[Progress], None], stop: threading.Event) -> None:
    """Read all that is new, then what is written from now on, until ``stop`` is set.

    Raises:
        StoreError: if the store cannot be written, or another process writes it.
    """
    with _engine(config, report) as engine:
        while not stop.is_set():
            folders = engine.folders()
            changed: queue.SimpleQueue[Path] = queue.SimpleQueue()
            with watch(folders, changed):
                # What was written before the watch began is found by looking.
                engine.look_through()
                _follow_folders(engine, folders, changed, stop)


def _follow_folders(
    engine: Engine, folders: list[Path], changed: queue.SimpleQueue[Path], stop: threading.Event
) -> None:
    """Follow until ``stop``, or until there are other folders to follow."""
    next_sweep = time.monotonic() + SWEEP_SECONDS
    next_folders = time.monotonic() + NEW_FOLDER_SECONDS
    while not stop.is_set():
        patience = 0.0 if engine.busy else min(1.0, NEW_FOLDER_SECONDS)
        for path in _drain(changed, patience):
            engine.offer(path)
        engine.step()
        now = time.monotonic()
        if now >= next_folders:
            next_folders = now + NEW_FOLDER_SECONDS
            if engine.folders() != folders:
                return
        if now >= next_sweep and not engine.busy:
            engine.look_through()
            next_sweep = time.monotonic() + SWEEP_SECONDS


def _drain(changed: queue.SimpleQueue[Path], patience: float) -> list[Path]:
    """Return all paths that wait, after waiting for the first one."""
    paths: dict[Path, None] = {}
    try:
        paths[changed.get(timeout=patience) if patience else changed.get_nowait()] = None
        while True:
            paths[changed.get_nowait()] = None
    except queue.Empty:
        return list(paths)


@contextmanager
def _engine(config: Config, report: Callable[[Progress], None]) -> Iterator[Engine]:
    with ExitStack() as stack:
        stack.enter_context(database.writer_lock(config.db))
        connection = database.open_writer(config.db)
        stack.callback(connection.close)
        engine = Engine(Writer(connection, config.prices()), config.sources, report)
        stack.callback(engine.close)
        yield engine


class Engine:
    """What is to be read, what is being read, and the writer."""

    def __init__(
        self, writer: Writer, sources: tuple[SourceRoot, ...], report: Callable[[Progress], None]
    ) -> None:
        self.writer = writer
        self.sources = sources
        self.report = report
        self.fresh: deque[_Job] = deque()
        self.backfill: deque[_Job] = deque()
        self.under_way: dict[Future[bytes], list[_Job]] = {}
        self.files_under_way: set[tuple[SourceRoot, str]] = set()
        self.again: dict[tuple[SourceRoot, str], _Job] = {}
        self.workers: ProcessPoolExecutor | None = None
        self.started = time.monotonic()
        self.reported = 0.0
        self.files_done: set[tuple[SourceRoot, str]] = set()
        self.files_unchanged = 0
        self.files_total = 0
        self.bytes_done = 0
        self.bytes_total = 0
        self.problems = 0
        self.records: dict[str, int] = {}
        self.counted: dict[tuple[SourceRoot, str], dict[str, int]] = {}

    @property
    def busy(self) -> bool:
        """Whether there is anything to read."""
        return bool(self.fresh or self.backfill or self.under_way)

    def folders(self) -> list[Path]:
        """Return the existing folders to follow."""
        found = (folder for source in self.sources for folder in ADAPTERS[source.format].folders(source.root))
        return [folder for folder in dict.fromkeys(found) if folder.is_dir()]

    def look_through(self) -> None:
        """Look through all sources and queue what differs from what the store knows, newest first."""
        jobs: list[tuple[int, _Job]] = []
        self.files_unchanged = 0
        for source in self.sources:
            adapter = ADAPTERS[source.format]
            known = self.writer.known_files(source.format, str(source.root))
            for found in discover.find(adapter, source.root):
                before = known.pop(found.path, None)
                if before is not None and _unchanged(before, found, adapter.version):
                    self.files_unchanged += 1
                    continue
                jobs.append((found.mtime_ns, _Job(source, found.path, _new_bytes(before, found))))
            if known and source.root.is_dir():
                self.writer.mark_missing(source.format, str(source.root), known)
        jobs.sort(key=lambda item: item[0], reverse=True)
        self.backfill.extend(job for _, job in jobs)
        self.files_total += len(jobs)
        self.bytes_total += sum(job.size for _, job in jobs)
        self._tell()

    def offer(self, path: Path) -> None:
        """Queue a file that the kernel says has changed, before all others."""
        for source in self.sources:
            found = discover.look(ADAPTERS[source.format], source.root, path)
            if found is not None:
                self.fresh.append(_Job(source, found.path, found.size))

    def finish(self) -> None:
        """Read until nothing is left."""
        while self.busy:
            self.step()

    def step(self) -> None:
        """Read fresh files in line, keep the workers fed, apply what they bring."""
        while self.fresh:
            self._read_fresh(self.fresh.popleft())
        if not (self.backfill or self.under_way):
            return
        if self.workers is None and not self.under_way and _bytes_at_least(self.backfill, INLINE_BYTES):
            # Spawned, not forked: a fork would share this process' store connection.
            context = multiprocessing.get_context("spawn")
            self.workers = ProcessPoolExecutor(WORKERS, mp_context=context)
        if self.workers is None:
            jobs = self._next_group()
            if jobs:
                self._apply([read(self._task(job)) for job in jobs], jobs)
        else:
            while self.backfill and len(self.under_way) < 2 * WORKERS:
                jobs = self._next_group()
                if not jobs:
                    break
                self.under_way[self.workers.submit(read_all, [self._task(job) for job in jobs])] = jobs
            done, _ = wait(self.under_way, timeout=0.02, return_when=FIRST_COMPLETED)
            for future in done:
                jobs = self.under_way.pop(future)
                self._apply(_decoder.decode(future.result()), jobs)
            if not self.busy:
                self.close()
        self._tell()

    def close(self) -> None:
        """Let the workers go."""
        if self.workers is not None:
            self.workers.shutdown(cancel_futures=True)
            self.workers = None

    def summary(self) -> Summary:
        """Return what this run did and what the store holds."""
        for counts in self.counted.values():
            for outcome, records in counts.items():
                kind = outcome.partition(":")[0]
                self.records[kind] = self.records.get(kind, 0) + records
        sessions, turns, ops = self.writer.totals()
        return Summary(
            files=len(self.files_done),
            files_unchanged=self.files_unchanged,
            bytes=self.bytes_done,
            records={
                kind: self.records.get(kind, 0) for kind in ("mapped", "ignored", "unknown", "malformed")
            },
            problems=self.problems,
            sessions=sessions,
            turns=turns,
            ops=ops,
            seconds=time.monotonic() - self.started,
        )

    def _next_group(self) -> list[_Job]:
        """Take jobs of about one chunk together: small files are not worth a trip each."""
        jobs: list[_Job] = []
        size = 0
        while self.backfill and (not jobs or size + self.backfill[0].size <= CHUNK_BYTES) and len(jobs) < 256:
            job = self.backfill.popleft()
            key = (job.source, job.path)
            if key in self.files_under_way:
                self.again[key] = job
                continue
            self.files_under_way.add(key)
            jobs.append(job)
            size += job.size
        return jobs

    def _task(self, job: _Job) -> Task:
        root = str(job.source.root)
        return Task(
            job.source.format, root, job.path, self.writer.known_file(job.source.format, root, job.path)
        )

    def _read_fresh(self, job: _Job) -> None:
        if (job.source, job.path) in self.files_under_way:
            self.again[job.source, job.path] = job
            return
        self.files_under_way.add((job.source, job.path))
        self._apply([read(self._task(job))], [job])

    def _apply(self, batches: list[FileBatch], jobs: list[_Job]) -> None:
        self.writer.apply(batches)
        for batch, job in zip(batches, jobs, strict=True):
            key = (job.source, job.path)
            self.files_under_way.discard(key)
            self.files_done.add(key)
            self.bytes_done += max(0, batch.file.offset - batch.start)
            self.problems += len(batch.problems)
            if batch.counts is not None:
                self.counted[key] = batch.counts
            waiting = self.again.pop(key, None)
            if not batch.done:
                self.backfill.appendleft(job)
            elif waiting is not None:
                self.fresh.append(waiting)

    def _tell(self) -> None:
        """Report the progress, now and then and at the end; then all that could be read is read."""
        now = time.monotonic()
        if self.busy and now - self.reported < REPORT_SECONDS:
            return
        self.reported = now
        files, size = len(self.files_done), self.bytes_done
        self.report(
            Progress(
                files=files,
                files_total=max(self.files_total, files) if self.busy else files,
                bytes=size,
                bytes_total=max(self.bytes_total, size) if self.busy else size,
                seconds=now - self.started,
            )
        )


def _unchanged(known: KnownFile, found: discover.Found, version: int) -> bool:
    return (known.inode, known.size, known.mtime_ns, known.adapter_version) == (
        found.inode,
        found.size,
        found.mtime_ns,
        version,
    )


def _new_bytes(known: KnownFile | None, found: discover.Found) -> int:
    if known is None or found.size < known.offset:
        return found.size
    return found.size - known.offset


def _bytes_at_least(jobs: deque[_Job], wanted: int) -> bool:
    total = 0
    for job in jobs:
        total += job.size
        if total >= wanted:
            return True
    return False
