"""Verify a store: its files against the sources, its sessions against their ops, and the database itself.

What is checked of one file or session is seen in one moment of the store; what differs is looked at
once more before it is told, because the ingest may be at work.
"""

from __future__ import annotations

import os
import random
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path, PurePosixPath
from typing import NamedTuple, TypeVar, cast

from ai_viewer.adapters import ADAPTERS
from ai_viewer.adapters.base import Adapter, Artifact, Collection, Database, Folder, Shape, is_elsewhere
from ai_viewer.config import Config, SourceRoot
from ai_viewer.ingest.folder import SourceFolder
from ai_viewer.ingest.progress import Progress
from ai_viewer.pricing import Prices
from ai_viewer.store import foreign
from ai_viewer.store.foreign import ForeignError
from ai_viewer.store.scan import Scan, StoredFile
from ai_viewer.verify.counters import COUNTERS
from ai_viewer.verify.derived import check_session
from ai_viewer.verify.files import COLLECTIONS, check_file, check_member
from ai_viewer.verify.internals import check_rows, check_structure
from ai_viewer.verify.report import Findings, Place, Report

T = TypeVar("T")


def verify(
    config: Config, report: Callable[[Progress], None], *, sample: int | None = None, seed: int | None = None
) -> Report:
    """Check the store at ``config.db``, or ``sample`` files and as many sessions of it.

    Raises:
        StoreError: if there is no store, or it cannot be read.
    """
    started = time.monotonic()
    if sample is not None and seed is None:
        seed = random.SystemRandom().randrange(1_000_000)
    scan = Scan(config.db)
    try:
        verification = _Verification(scan, report, random.Random(seed), sample, started)  # noqa: S311 - a sample
        verification.check_database()
        verification.check_sources(config.sources)
        verification.check_sessions(config.prices())
    finally:
        scan.close()
    findings = verification.findings
    return Report(
        ok=not findings.found.total(),
        files=verification.files,
        bytes=verification.bytes,
        sessions=verification.sessions,
        sample=sample,
        seed=seed,
        seconds=round(time.monotonic() - started, 3),
        checks=findings.results(),
        differences=findings.differences,
        unread=findings.unread,
        uncounted=sorted(verification.uncounted),
    )


class _Item(NamedTuple):
    """A file, or a member of a collection by its name, of a source."""

    source: SourceRoot
    what: Artifact | tuple[Artifact, str]

    @property
    def path(self) -> str:
        """Its path in the store."""
        return self.what.path if isinstance(self.what, Artifact) else f"{self.what[0].path}/{self.what[1]}"


class _Verification:
    """One run."""

    def __init__(
        self,
        scan: Scan,
        report: Callable[[Progress], None],
        choice: random.Random,
        sample: int | None,
        started: float,
    ) -> None:
        self.scan = scan
        self.report = report
        self.choice = choice
        self.sample = sample
        self.started = started
        self.findings = Findings()
        self.files = 0
        self.bytes = 0
        self.sessions = 0
        self.uncounted: set[str] = set()

    def check_database(self) -> None:
        """Check the database itself."""
        self._twice(partial(check_structure, self.scan))
        self._twice(partial(check_rows, self.scan))

    def check_sources(self, sources: Sequence[SourceRoot]) -> None:
        """Check each file, and each member of a collection, that is on disk."""
        with self.scan.moment():
            total = sum(file.size for file in self.scan.files() if file.size > 0)
        found = [_Item(source, item) for source in sources for item in self._items(source)]
        for number, item in enumerate(self._sampled(found), 1):
            self._twice(partial(self._check_item, item))
            self.files += 1
            self._tell(number, len(found), total)
            if item.source.format not in COUNTERS:
                self.uncounted.add(item.source.format)

    def _items(self, source: SourceRoot) -> Iterator[Artifact | tuple[Artifact, str]]:
        adapter = ADAPTERS[source.format]
        for artifact in find(adapter, source.root):
            if artifact.shape not in COLLECTIONS:
                yield artifact
                continue
            try:
                with opened(source.root, artifact) as place:
                    members = list(cast(Collection, adapter).members(artifact, place, None, None))
            except (OSError, ForeignError) as error:
                self._skip(source, artifact.path, f"cannot be read: {error}")
            else:
                yield from ((artifact, member.name) for member in members)

    def check_sessions(self, prices: Prices) -> None:
        """Check what derives from each session's ops."""
        with self.scan.moment():
            keys = self.scan.session_keys()
        for key in self._sampled(keys):
            self._twice(partial(check_session, self.scan, key, prices))
            self.sessions += 1
        with self.scan.moment():
            for key in self.scan.indexed_without_text():
                self.findings.differ("search", Place(), f"indexed text {key}", "a text", "none")

    def _check_item(self, item: _Item, findings: Findings) -> None:
        source, adapter = item.source, ADAPTERS[item.source.format]
        file = self.scan.file(source.format, str(source.root), item.path)
        if file is None or file.missing:
            self._skip(source, item.path, "not yet read", findings)
        elif isinstance(item.what, Artifact):
            self.bytes += check_file(self.scan, adapter, item.what, file, findings)
        else:
            self.bytes += self._check_member(source, file, *item.what, findings)

    def _check_member(
        self, source: SourceRoot, file: StoredFile, artifact: Artifact, name: str, findings: Findings
    ) -> int:
        adapter = ADAPTERS[source.format]
        collection = cast(Collection, adapter)
        try:
            with opened(source.root, artifact) as place:
                known = (file.size, file.mtime_ns)
                listed = collection.members(artifact, place, None, None)
                if known not in (
                    (member.size, member.stamp or 1) for member in listed if member.name == name
                ):
                    self._skip(source, file.path, "changed since it was read", findings)
                    return 0
                records = list(collection.records(artifact, place, name))
        except (OSError, ForeignError) as error:
            self._skip(source, file.path, f"cannot be read: {error}", findings)
            return 0
        return check_member(self.scan, adapter, artifact.shape, file, records, findings)

    def _skip(self, source: SourceRoot, path: str, reason: str, findings: Findings | None = None) -> None:
        place = Place(format=source.format, root=str(source.root), path=path)
        (self.findings if findings is None else findings).skip(place, reason)

    def _twice(self, check: Callable[[Findings], None]) -> None:
        """Run a check in one moment of the store, and once more if something differs."""
        findings, read_before = Findings(), self.bytes
        with self.scan.moment():
            check(findings)
        if findings.found:
            findings = Findings()
            self.bytes = read_before
            with self.scan.moment():
                check(findings)
        self.findings.add(findings)

    def _sampled(self, items: Sequence[T]) -> Sequence[T]:
        if self.sample is None or self.sample >= len(items):
            return items
        return self.choice.sample(items, self.sample)

    def _tell(self, files: int, files_total: int, bytes_total: int) -> None:
        self.report(
            Progress(
                files=files,
                files_total=files_total,
                bytes=self.bytes,
                bytes_total=max(bytes_total, self.bytes),
                seconds=time.monotonic() - self.started,
            )
        )


def find(adapter: Adapter, root: Path) -> Iterator[Artifact]:
    """Yield a format's files and collections below ``root``, as a walk of its own finds them."""
    seen: set[str] = set()
    told: set[str] = set()
    for top in adapter.folders(root):
        for folder, folders, names in os.walk(top, followlinks=True):
            real = os.path.realpath(folder)
            if real in seen:
                folders.clear()
                continue
            seen.add(real)
            place = PurePosixPath(Path(folder).relative_to(root).as_posix())
            folders[:] = [name for name in folders if not is_elsewhere(adapter, place / name)]
            for name in sorted(names):
                path = Path(folder) / name
                artifact = adapter.artifact(PurePosixPath(path.relative_to(root).as_posix()))
                if artifact is not None and artifact.path not in told and path.is_file():
                    told.add(artifact.path)
                    yield artifact


@contextmanager
def opened(root: Path, collection: Artifact) -> Iterator[Database | Folder]:
    """Open a collection for reading.

    Raises:
        ForeignError: if it is a database that cannot be read.
        OSError: if it is not there.
    """
    if collection.shape is Shape.TREE:
        yield SourceFolder(root)
        return
    with foreign.opened(root / collection.path) as database:
        yield database
