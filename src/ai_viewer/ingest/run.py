"""Run the ingest: read what is new (`ingest_once`), or go on reading as it is written (`follow`).

One process writes. Files are read and folded in worker processes while there is much to
read, in line when there is little. Of one file there is never more than one chunk being read, each
on from where the one before ended, so that its chunks are applied in order. What workers have read
is gathered until it is worth a transaction. Fresh appends go before the backfill. A snapshot that is
too large to be read at once is told in line, a batch a step, so that nothing waits for it; and
one that changes all the time is not read all the time (`REST_FACTOR`).
"""

from __future__ import annotations

import multiprocessing
import os
import queue
import threading
import time
from collections import deque
from collections.abc import Callable, Generator, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import NamedTuple, TypeAlias

import msgspec

from ai_viewer.adapters import ADAPTERS
from ai_viewer.adapters.base import Artifact, Member, Shape
from ai_viewer.config import Config, SourceRoot
from ai_viewer.ingest import collections, discover
from ai_viewer.ingest.discover import Watched
from ai_viewer.ingest.gather import Gathered
from ai_viewer.ingest.learn import learn, spread
from ai_viewer.ingest.progress import Progress, Summary, publish
from ai_viewer.ingest.read import give_way, read, read_all, tell, trouble
from ai_viewer.ingest.task import (
    AT_ONCE_BYTES,
    AT_ONCE_INLINE_BYTES,
    CHUNK_BYTES,
    NEVER,
    Answer,
    LaterError,
    MemberOf,
    Task,
    unread,
)
from ai_viewer.ingest.watch import watch
from ai_viewer.store import database
from ai_viewer.store.batch import FileBatch, FileState
from ai_viewer.store.write import KnownFile, Writer

WORKERS = max(1, min(4, os.cpu_count() or 2))
"""Parse processes of a backfill; the writer is one more."""
QUEUED = 4
"""Chunks for each of them that are read or waiting: while the writer writes, none should be idle."""
APPLY_SECONDS = 1.0
"""How long a transaction may last when all is read that is new,"""
APPLY_SECONDS_FOLLOWING = 0.15
"""and when something may be written meanwhile that must not wait for it."""
INLINE_BYTES = 2 * CHUNK_BYTES
"""Less than this is read in line: starting processes would take longer."""
SWEEP_SECONDS = 300.0
"""How often the folders are looked through for what the kernel did not tell."""
NEW_FOLDER_SECONDS = 10.0
"""How often a folder that did not exist is looked for."""
REPORT_SECONDS = 0.1
REST_FACTOR = 10
"""A snapshot that was read rests for so many times as long as that took, however often it changes."""
LIST_REST_FACTOR = 2
"""So does a collection that was listed, on which all its members wait."""
LATER_SECONDS = 0.1
"""What cannot be read just now is tried again after this, then after twice as long, and so on;"""
LATER_TRIES = 6
"""and after so many times it is told as a problem."""

_decoder = msgspec.msgpack.Decoder(list[Answer])

_Key: TypeAlias = "tuple[SourceRoot, str]"
"""A source and the path of a file, member or collection in it."""


class _Job(NamedTuple):
    """A file or member with something new, and about how many bytes that is."""

    source: SourceRoot
    path: str
    size: int
    shape: Shape
    member: MemberOf | None = None
    known: FileState | None = None
    """How far it was read, if that is further than the store knows by now."""

    @property
    def key(self) -> _Key:
        return self.source, self.path


def ingest_once(config: Config, report: Callable[[Progress], None]) -> Summary:
    """Read all that is new in the sources, and return.

    Raises:
        StoreError: if the store cannot be written, or another process writes it.
    """
    with _engine(config, report, APPLY_SECONDS) as engine:
        return engine.read_all()


def follow(config: Config, report: Callable[[Progress], None], stop: threading.Event) -> None:
    """Read all that is new, then what is written from now on, until ``stop`` is set.

    Raises:
        StoreError: if the store cannot be written, or another process writes it.
    """
    with _engine(config, report, APPLY_SECONDS_FOLLOWING) as engine:
        while not stop.is_set():
            folders = engine.folders()
            changed: queue.SimpleQueue[Path] = queue.SimpleQueue()
            deep, flat = (
                [folder.path for folder in folders if folder.deep is deep] for deep in (True, False)
            )
            with watch(deep, changed), watch(flat, changed, recursive=False):
                # What was written before the watch began is found by looking.
                engine.look_through()
                _follow_folders(engine, folders, changed, stop)


def _follow_folders(
    engine: Engine, folders: list[Watched], changed: queue.SimpleQueue[Path], stop: threading.Event
) -> None:
    """Follow until ``stop``, or until there are other folders to follow."""
    next_sweep = time.monotonic() + SWEEP_SECONDS
    next_folders = time.monotonic() + NEW_FOLDER_SECONDS
    while not stop.is_set():
        # One day at a time, so that news need not wait.
        patience = 0.0 if engine.seal_if_idle() else engine.patience(min(1.0, NEW_FOLDER_SECONDS))
        for path in _drain(changed, patience):
            engine.offer(path)
        engine.step()
        now = time.monotonic()
        if now >= next_folders:
            next_folders = now + NEW_FOLDER_SECONDS
            if engine.folders() != folders:
                return
        if (now >= next_sweep or engine.writer.asked_anew) and not engine.busy:
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
def _engine(config: Config, report: Callable[[Progress], None], apply_seconds: float) -> Iterator[Engine]:
    with ExitStack() as stack:
        stack.enter_context(database.writer_lock(config.db))
        connection = database.open_writer(config.db)
        stack.callback(connection.close)

        def tell(progress: Progress) -> None:
            report(progress)
            publish(config.db, progress)

        engine = Engine(Writer(connection, config.prices()), config.sources, tell, apply_seconds)
        stack.callback(engine.close)
        yield engine


class Engine:
    """What is to be read, what is being read, and the writer."""

    def __init__(
        self,
        writer: Writer,
        sources: tuple[SourceRoot, ...],
        report: Callable[[Progress], None],
        apply_seconds: float = APPLY_SECONDS_FOLLOWING,
    ) -> None:
        self.writer = writer
        self.sources = sources
        self.report = report
        self.fresh: deque[_Job] = deque()
        self.backfill: deque[_Job] = deque()
        self.under_way: dict[Future[bytes], list[_Job]] = {}
        self.files_under_way: set[_Key] = set()
        self.gathered: Gathered[_Job] = Gathered(apply_seconds)
        self.dictionary = writer.dictionary()
        self.again: dict[_Key, _Job] = {}
        self.large: deque[_Job] = deque()
        self.telling: tuple[_Job, Generator[FileBatch], float] | None = None
        self.members: dict[_Key, collections.Members] = {}
        self.changed: dict[_Key, set[str]] = {}
        """Collections to be asked for news, and their files that changed."""
        self.resting: dict[_Key, _Job] = {}
        self.rest_until: dict[_Key, float] = {}
        self.tries: dict[_Key, int] = {}
        self.workers: ProcessPoolExecutor | None = None
        self.unsealed = True
        """Whether there may be days that are over and not summed up."""
        self.started = time.monotonic()
        self.reported = 0.0
        self.files_done: set[_Key] = set()
        self.files_unchanged = 0
        self.files_total = 0
        self.bytes_done = 0
        self.bytes_total = 0
        self.problems = 0
        self.records: dict[str, int] = {}
        self.counted: dict[_Key, dict[str, int]] = {}

    @property
    def busy(self) -> bool:
        """Whether there is anything to read now."""
        return bool(
            self.fresh or self.backfill or self.under_way or self.gathered or self.large or self.telling
        )

    @property
    def waiting(self) -> bool:
        """Whether there is anything to read later."""
        return bool(self.resting or self.changed)

    def patience(self, most: float) -> float:
        """How many seconds may be waited for news before the next step."""
        if self.busy:
            return 0.0
        due = [self.rest_until.get(key, 0.0) for key in (*self.resting, *self.changed)]
        return max(0.0, min(most, min(due, default=time.monotonic() + most) - time.monotonic()))

    def read_all(self) -> Summary:
        """Read all that is new in the sources; return what this run did and what the store holds."""
        self.look_through()
        unchanged = self.files_unchanged
        self.finish()
        # A file that is told anew may have others told anew that tell the same; they ask no more.
        while self.writer.asked_anew:
            self.look_through()
            self.finish()
        return self._summary(unchanged)

    def seal_if_idle(self) -> bool:
        """If nothing is to be read, sum up one day that is over; return whether there was one."""
        if self.unsealed and not (self.busy or self.waiting):
            self.unsealed = self.writer.seal_a_day()
            return self.unsealed
        return False

    def folders(self) -> list[Watched]:
        """Return the existing folders to follow."""
        found = (
            folder
            for source in self.sources
            for folder in discover.watched(ADAPTERS[source.format], source.root)
        )
        return list(dict.fromkeys(found))

    def look_through(self) -> None:
        """Look through all sources and queue what differs from what the store knows, newest first."""
        jobs: list[tuple[int, _Job]] = []
        self.files_unchanged = 0
        self.writer.asked_anew = False
        for source in self.sources:
            adapter = ADAPTERS[source.format]
            known = self.writer.known_files(source.format, str(source.root))
            for found in discover.find(adapter, source.root):
                if found.shape in discover.COLLECTIONS:
                    jobs += self._look_through_collection(source, found, known)
                    continue
                before = known.pop(found.path, None)
                if before is not None and _unchanged(before, found, adapter.version):
                    self.files_unchanged += 1
                    continue
                job = _Job(source, found.path, _new_bytes(before, found), found.shape)
                jobs.append((found.mtime_ns, job))
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
            adapter = ADAPTERS[source.format]
            found = discover.look(adapter, source.root, path)
            if found is not None:
                self.fresh.append(_Job(source, found.path, found.size, found.shape))
            elif (collection := discover.collection_of(adapter, source.root, path)) is not None:
                self._members(source, collection)
                relative = path.relative_to(source.root).as_posix()
                self.changed.setdefault((source, collection.path), set()).add(relative)

    def finish(self) -> None:
        """Read until nothing is left."""
        while self.busy or self.waiting:
            time.sleep(self.patience(1.0))
            self.step()
        self._tell()

    def step(self) -> None:
        """Read fresh files in line, keep the workers fed, apply what they bring."""
        self._wake()
        while self.fresh:
            self._read_fresh(self.fresh.popleft())
        if self.telling or self.large:
            self._tell_large()
        if not (self.backfill or self.under_way):
            self._apply_gathered()
            return
        if self.workers is None and not self.under_way and _bytes_at_least(self.backfill, INLINE_BYTES):
            self._learn()
            # Spawned, not forked: a fork would share this process' store connection.
            context = multiprocessing.get_context("spawn")
            self.workers = ProcessPoolExecutor(WORKERS, mp_context=context, initializer=give_way)
        if self.workers is None:
            jobs = self._next_group()
            if jobs:
                self._take([read(self._task(job, AT_ONCE_INLINE_BYTES)) for job in jobs], jobs)
        else:
            while self.backfill and len(self.under_way) < QUEUED * WORKERS:
                jobs = self._next_group()
                if not jobs:
                    break
                tasks = [self._task(job, AT_ONCE_BYTES) for job in jobs]
                self.under_way[self.workers.submit(read_all, tasks)] = jobs
            patience = 0 if self.telling else 0.02
            done, _ = wait(self.under_way, timeout=patience, return_when=FIRST_COMPLETED)
            for future in done:
                jobs = self.under_way.pop(future)
                for batch, job in self._news(_decoder.decode(future.result()), jobs):
                    self.gathered.add(batch, job)
                if self.gathered.enough:
                    self._apply_gathered()
                    # What is fresh must not wait for all the others.
                    break
            if not (self.backfill or self.under_way):
                self._apply_gathered()
            if not self.busy:
                self._close_workers()
        self._tell()

    def close(self) -> None:
        """Let go of what is open."""
        if self.telling is not None:
            self.telling[1].close()
            self.telling = None
        self._close_workers()

    def _close_workers(self) -> None:
        if self.workers is not None:
            self.workers.shutdown(cancel_futures=True)
            self.workers = None

    def _summary(self, unchanged: int) -> Summary:
        for counts in self.counted.values():
            for outcome, records in counts.items():
                kind = outcome.partition(":")[0]
                self.records[kind] = self.records.get(kind, 0) + records
        sessions, turns, ops = self.writer.totals()
        return Summary(
            files=len(self.files_done),
            files_unchanged=unchanged,
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
            if job.known is None and job.key in self.files_under_way:
                self.again[job.key] = job
                continue
            self.files_under_way.add(job.key)
            jobs.append(job)
            size += job.size
        return jobs

    def _task(self, job: _Job, at_once: int) -> Task:
        root = str(job.source.root)
        known = job.known or self.writer.known_file(job.source.format, root, job.path)
        return Task(job.source.format, root, job.path, known, job.member, at_once, self.dictionary)

    def _learn(self) -> None:
        """Make a dictionary of what is about to be read, unless the store has one."""
        if self.dictionary is None:
            self.dictionary = learn(self._task(job, 0) for job in spread(list(self.backfill)))
            if self.dictionary is not None:
                self.writer.keep_dictionary(self.dictionary)

    def _read_fresh(self, job: _Job) -> None:
        key = job.key
        if key in self.files_under_way:
            self.again[key] = job
            return
        if self._rests(key):
            self.resting[key] = job
            return
        if job.member is not None and self._is_read(job.source, job.member):
            return
        self.files_under_way.add(key)
        self._take([read(self._task(job, AT_ONCE_INLINE_BYTES))], [job])

    def _take(self, answers: list[Answer], jobs: list[_Job]) -> None:
        """Apply what was read in line."""
        news = self._news(answers, jobs)
        if news:
            self._apply([batch for batch, _ in news], [job for _, job in news])

    def _news(self, answers: list[Answer], jobs: list[_Job]) -> list[tuple[FileBatch, _Job]]:
        """Return what is to be applied of what was read, have its files read on, see to the others."""
        news = []
        for answer, job in zip(answers, jobs, strict=True):
            batch = answer.batch
            if batch is None and answer.later is None:
                self.large.append(job)
                continue
            if job.shape is not Shape.LINES:
                self._rest(job.key, REST_FACTOR * answer.seconds)
            if answer.later is not None:
                batch = self._later(job, answer.later)
            if batch is None:
                continue
            news.append((batch, job))
            if not batch.done:
                self.backfill.appendleft(job._replace(known=batch.file))
        return news

    def _apply_gathered(self) -> None:
        if self.gathered:
            size, began = self.gathered.size, time.monotonic()
            self._apply(*self.gathered.take())
            self.gathered.applied(size, time.monotonic() - began)

    def _apply(self, batches: list[FileBatch], jobs: list[_Job]) -> None:
        self.writer.apply(batches)
        self.unsealed = True
        for batch, job in zip(batches, jobs, strict=True):
            self.files_done.add(job.key)
            self.bytes_done += max(0, batch.file.offset - batch.start)
            self.problems += len(batch.problems)
            if batch.counts is not None:
                self.counted[job.key] = batch.counts
            if job.member is not None and batch.file.mtime_ns != NEVER:
                self._members(job.source, job.member.collection).read(job.member.member)
            if batch.done:
                self._release(job)

    def _release(self, job: _Job) -> None:
        """Let a file be read again, if it has changed meanwhile."""
        self.files_under_way.discard(job.key)
        self.tries.pop(job.key, None)
        waiting = self.again.pop(job.key, None)
        if waiting is not None:
            self.fresh.append(waiting)

    def _later(self, job: _Job, reason: str) -> FileBatch | None:
        """Put off a job that cannot be read now; return a batch that says so if that lasts too long."""
        if not self._try_later(job.key):
            return unread(self._task(job, 0), reason)
        self.files_under_way.discard(job.key)
        self.resting[job.key] = self.again.pop(job.key, job)
        return None

    def _try_later(self, key: _Key) -> bool:
        tries = self.tries[key] = self.tries.get(key, 0) + 1
        if tries > LATER_TRIES:
            del self.tries[key]
            return False
        self._rest(key, LATER_SECONDS * 2 ** (tries - 1))
        return True

    def _rest(self, key: _Key, seconds: float) -> None:
        until = time.monotonic() + seconds
        self.rest_until[key] = max(until, self.rest_until.get(key, 0.0))

    def _rests(self, key: _Key) -> bool:
        if self.rest_until.get(key, 0.0) > time.monotonic():
            return True
        self.rest_until.pop(key, None)
        return False

    def _wake(self) -> None:
        """Take up what has rested long enough."""
        for key in [key for key in self.resting if not self._rests(key)]:
            self.fresh.append(self.resting.pop(key))
        for key in [key for key in self.changed if not self._rests(key)]:
            self._ask_for_news(key, self.changed.pop(key))

    def _tell_large(self) -> None:
        """Tell the next batch of a snapshot that is too large to be read at once."""
        if self.telling is None:
            job = self.large.popleft()
            self.telling = job, tell(self._task(job, 0)), 0.0
        job, batches, seconds = self.telling
        started = time.monotonic()
        try:
            batch = next(batches, None)
        except LaterError as error:
            self.telling = None
            self._rest(job.key, REST_FACTOR * (seconds + time.monotonic() - started))
            batch = self._later(job, str(error))
            if batch is not None:
                self._apply([batch], [job])
            return
        if batch is None:
            self.telling = None
            return
        if batch.done:
            self._apply([batch], [job])
        elif batch.sessions or batch.reset or batch.gone:
            self.writer.apply([batch])
        seconds += time.monotonic() - started
        self.telling = job, batches, seconds
        if batch.done:
            self._rest(job.key, REST_FACTOR * seconds)

    def _members(self, source: SourceRoot, collection: Artifact) -> collections.Members:
        """Return what the store knows of a collection's members."""
        key = (source, collection.path)
        if key not in self.members:
            known = self.writer.known_files(source.format, str(source.root))
            self.members[key] = _members_among(known, collection, ADAPTERS[source.format].version)
        return self.members[key]

    def _is_read(self, source: SourceRoot, of: MemberOf) -> bool:
        return self._members(source, of.collection).is_known(of.member)

    def _look_through_collection(
        self, source: SourceRoot, found: discover.Found, known: dict[str, KnownFile]
    ) -> list[tuple[int, _Job]]:
        """Return what a collection has to be read of, if it has changed since it was last listed."""
        version = ADAPTERS[source.format].version
        artifact = Artifact(found.path, found.shape)
        before = known.pop(found.path, None)
        members = _members_among(known, artifact, version)
        for name in members.names:
            del known[members.prefix + name]
        self.members[source, found.path] = members
        same = before is not None and _unchanged(before, found, version)
        # What is in a tree does not show in its folder.
        if same and members.settled and found.shape is Shape.DATABASE:
            members.listed, members.seen = found.fingerprint, collections.at_rest(found)
            self.files_unchanged += len(members.names)
            return []
        return self._list(source, found, same=same)

    def _list(self, source: SourceRoot, found: discover.Found, *, same: bool) -> list[tuple[int, _Job]]:
        """List a collection; return its members that have changed, and note those that are gone."""
        adapter = ADAPTERS[source.format]
        root = str(source.root)
        key = (source, found.path)
        members = self.members[key]
        seen = collections.at_rest(found)
        try:
            listed = members.all(adapter, source.root)
        except LaterError as error:
            if self._try_later(key):
                self.changed.setdefault(key, set())
            else:
                self._cannot_list(key, str(error))
            return []
        except Exception as error:  # noqa: BLE001 - one collection must not stop the others
            self._cannot_list(key, trouble(error))
            return []
        self.tries.pop(key, None)
        members.listed, members.seen = found.fingerprint, seen
        gone = members.names - {member.name for member in listed}
        if gone:
            self.writer.mark_missing(source.format, root, sorted(members.prefix + name for name in gone))
            members.forget(gone)
        if not same:
            self._note(source, found, members.listed)
        news = [member for member in listed if not members.is_known(member)]
        self.files_unchanged += len(listed) - len(news)
        return [(member.stamp, self._member_job(source, members, member)) for member in news]

    def _ask_for_news(self, key: _Key, changed: set[str]) -> None:
        """Queue what is new in a collection that the kernel says has changed, before all others."""
        source, _ = key
        members = self.members[key]
        found = discover.look_at_collection(source.root, members.artifact)
        if found is None or not (members.listed is None or members.has_changed(found)):
            return
        started = time.monotonic()
        if members.listed is not None:
            self._add_news(key, found, changed)
        else:
            self.fresh.extend(job for _, job in self._list(source, found, same=False))
        self._rest(key, LIST_REST_FACTOR * (time.monotonic() - started))

    def _add_news(self, key: _Key, found: discover.Found, changed: set[str]) -> None:
        source, _ = key
        members = self.members[key]
        seen = collections.at_rest(found)
        try:
            news = members.news(ADAPTERS[source.format], source.root, changed)
        except LaterError as error:
            if self._try_later(key):
                self.changed.setdefault(key, set()).update(changed)
            else:
                self._cannot_list(key, str(error))
            return
        except Exception as error:  # noqa: BLE001 - one collection must not stop the others
            self._cannot_list(key, trouble(error))
            return
        self.tries.pop(key, None)
        members.seen = seen
        self.fresh.extend(self._member_job(source, members, member) for member in news)
        if members.listed is not None and found.shape is Shape.DATABASE:
            self._note(source, found, members.listed)

    def _note(self, source: SourceRoot, found: discover.Found, listed: int) -> None:
        """Note a collection as it was when it was looked at."""
        version = ADAPTERS[source.format].version
        self.writer.apply([collections.looked_at(source.format, str(source.root), found, listed, version)])

    def _cannot_list(self, key: _Key, reason: str) -> None:
        source, path = key
        self.members[key].listed = None
        self.problems += 1
        self.writer.apply([collections.not_listed(source.format, str(source.root), path, reason)])

    @staticmethod
    def _member_job(source: SourceRoot, members: collections.Members, member: Member) -> _Job:
        path = members.prefix + member.name
        return _Job(source, path, member.size, members.artifact.shape, members.member_of(member))

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
    if known.adapter_version != version:
        return False
    if found.shape is Shape.DATABASE:
        return known.fingerprint == found.fingerprint and known.mtime_ns != NEVER
    return (known.inode, known.size, known.mtime_ns) == (found.inode, found.size, found.mtime_ns)


def _members_among(known: dict[str, KnownFile], collection: Artifact, version: int) -> collections.Members:
    prefix = collection.path + "/"
    own = {path: file for path, file in known.items() if path.startswith(prefix)}
    return collections.Members(collection, own, version)


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
