"""Verify a store: its files against the sources, its sessions against their ops, and the database itself.

What is checked of one file or session is seen in one moment of the store; what differs is looked at
once more before it is told, because the ingest may be at work.
"""

from __future__ import annotations

import os
import random
import time
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path, PurePosixPath
from typing import TypeVar

from ai_viewer.adapters import ADAPTERS
from ai_viewer.adapters.base import Adapter, Shape
from ai_viewer.config import Config, SourceRoot
from ai_viewer.ingest.progress import Progress
from ai_viewer.store.scan import Scan
from ai_viewer.verify.counters import COUNTERS
from ai_viewer.verify.derived import check_session
from ai_viewer.verify.files import check_file
from ai_viewer.verify.internals import check_rows, check_structure
from ai_viewer.verify.report import Findings, Place, Report

T = TypeVar("T")
_COLLECTIONS = frozenset({Shape.DATABASE, Shape.TREE})


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
        verification.check_sessions()
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
        """Check each file that is on disk or was read once."""
        with self.scan.moment():
            known = {(file.format, file.root, file.path): file for file in self.scan.files()}
        found = [(source, path) for source in sources for path in find(ADAPTERS[source.format], source.root)]
        total = sum(file.size for file in known.values() if file.size > 0)
        for number, (source, path) in enumerate(self._sampled(found)):
            self._check_file(source, path)
            self._tell(number + 1, len(found), total)

    def check_sessions(self) -> None:
        """Check what derives from each session's ops."""
        with self.scan.moment():
            keys = self.scan.session_keys()
        for key in self._sampled(keys):
            self._twice(partial(check_session, self.scan, key))
            self.sessions += 1
        with self.scan.moment():
            for key in self.scan.indexed_without_payload():
                self.findings.differ("search", Place(), f"indexed payload {key}", "a payload", "none")

    def _check_file(self, source: SourceRoot, path: str) -> None:
        adapter = ADAPTERS[source.format]
        artifact = adapter.artifact(PurePosixPath(path))
        assert artifact is not None, "it was found by it"

        def check(findings: Findings) -> None:
            file = self.scan.file(source.format, str(source.root), path)
            if file is None or file.missing:
                place = Place(format=source.format, root=str(source.root), path=path)
                findings.skip(place, "not yet read")
                return
            self.bytes += check_file(self.scan, adapter, artifact, file, findings)

        self._twice(check)
        self.files += 1
        if source.format not in COUNTERS:
            self.uncounted.add(source.format)

    def _twice(self, check: Callable[[Findings], None]) -> None:
        """Run a check in one moment of the store, and once more if something differs."""
        findings = Findings()
        with self.scan.moment():
            check(findings)
        if findings.found:
            findings = Findings()
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


def find(adapter: Adapter, root: Path) -> Iterator[str]:
    """Yield the paths of a format's session files below ``root``, as a walk of its own finds them."""
    seen: set[str] = set()
    for top in adapter.folders(root):
        for folder, folders, names in os.walk(top, followlinks=True):
            real = os.path.realpath(folder)
            if real in seen:
                folders.clear()
                continue
            seen.add(real)
            for name in sorted(names):
                path = Path(folder) / name
                relative = path.relative_to(root)
                artifact = adapter.artifact(PurePosixPath(relative.as_posix()))
                if artifact is not None and artifact.shape not in _COLLECTIONS and path.is_file():
                    yield relative.as_posix()
