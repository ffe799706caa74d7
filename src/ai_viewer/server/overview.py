"""The sources and the state of things: what is configured beside what the store holds.

Free of the web framework, so that commands can ask, too.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import TypeVar

import msgspec

from ai_viewer import __version__, moments
from ai_viewer.adapters import ADAPTERS
from ai_viewer.adapters.base import Artifact, Expiring, Shape
from ai_viewer.config import Config
from ai_viewer.ingest import discover, progress
from ai_viewer.model import Micros
from ai_viewer.pricing import prices as price_list
from ai_viewer.store import database, diagnose, sessions, sources
from ai_viewer.store.price import prices_behind
from ai_viewer.store.reader import Reader
from ai_viewer.store.sources import KnownFile, Place, SourceCounts
from ai_viewer.store.views import Backfill, Health, Problem, Retention, Source, SourceHealth, Sources

_BYTES_COUNTED = 64_000_000
"""At most so much is read to number lines."""
_DAY_US = 86_400_000_000
_SOON_DAYS = 7

AnyProblem = TypeVar("AnyProblem", bound=Problem)

PRICES_BEHIND = "Prices have changed since calls were priced: run `ai-viewer reprice`."


def all_sources(reader: Reader, config: Config) -> Sources:
    """Return the configured sources, then those that only the store knows.

    Raises:
        StoreError: if the store cannot be asked.
    """
    with reader.snapshot() as connection:
        counts = {(found.format, found.root): found for found in sources.counts(connection)}
        outcomes = sources.outcomes(connection)
        problems = sources.problems(connection)
        recent = sources.recent_files(connection)
        expiring = {
            place: _retention(place, functools.partial(sources.oldest, connection, place))
            for place in _configured_first(config, counts)
        }
    lags = _lags(recent)
    return Sources(
        sources=[
            Source(
                format=found.format,
                title=title(found.format),
                version=_version(found.format),
                root=found.root,
                exists=Path(found.root).is_dir(),
                files=found.files,
                bytes=found.bytes,
                bytes_read=found.bytes_read,
                sessions=found.sessions,
                last_seen=found.last_seen,
                lag_us=lags.get(place, 0),
                gone=found.gone,
                retention=expiring[place],
                errors=found.errors,
                records=outcomes.get(place, []),
                problems=with_lines(problems.get(place, []), found.root),
            )
            for place, found in _configured_first(config, counts).items()
        ]
    )


def health(reader: Reader, config: Config) -> Health:
    """Tell whether all is well, and if not, why.

    Raises:
        StoreError: if the store cannot be asked.
    """
    prices = config.prices()
    with reader.snapshot() as connection:
        counts = {(found.format, found.root): found for found in sources.counts(connection)}
        recent = sources.recent_files(connection)
        session_count = sessions.count(connection)
        newest = sessions.newest(connection)
        behind = prices_behind(connection, prices.fingerprint)
    lags = _lags(recent)
    ingesting = database.writer(config.db) is not None
    places = _configured_first(config, counts)
    reasons = list(_reasons(places, lags, ingesting=ingesting))
    if behind:
        reasons.append(PRICES_BEHIND)
    return Health(
        status="degraded" if reasons else "ok",
        reasons=reasons,
        version=__version__,
        schema_version=diagnose.expected_version(),
        store_path=str(config.db),
        store_bytes=_store_bytes(config.db),
        sessions=session_count,
        newest=newest,
        ingesting=ingesting,
        backfill=_backfill(config) if ingesting else None,
        prices_version=price_list.version(),
        prices_date=price_list.checked(),
        prices_own=prices.has_own,
        prices_behind=behind,
        sources=[
            SourceHealth(
                format=found.format,
                root=found.root,
                lag_us=lags.get(place, 0),
                errors=found.errors,
                last_seen=found.last_seen,
            )
            for place, found in places.items()
        ],
    )


def with_lines(problems: Iterable[AnyProblem], root: str | None = None) -> list[AnyProblem]:
    """Return problems with the numbers of their lines, as far as their files tell them.

    The files are below ``root``, or below each problem's own.
    """
    found = [(_file(problem, root), problem) for problem in problems]
    places: dict[Path, list[int]] = {}
    for path, problem in found:
        if path.suffix == ".jsonl":
            places.setdefault(path, []).append(problem.offset)
    left = _BYTES_COUNTED
    lines: dict[tuple[Path, int], int] = {}
    for path, offsets in places.items():
        wanted = max(offsets)
        if wanted > left:
            continue
        left -= wanted
        try:
            with path.open("rb") as file:
                before = file.read(wanted)
        except OSError:
            continue
        line, counted = 1, 0
        for offset in sorted(set(offsets)):
            line += before.count(b"\n", counted, offset)
            counted = offset
            lines[path, offset] = line
    return [
        msgspec.structs.replace(problem, line=lines.get((path, problem.offset))) for path, problem in found
    ]


def _file(problem: Problem, root: str | None) -> Path:
    return Path(getattr(problem, "root", root) or "") / problem.path


def _retention(place: Place, oldest: Callable[[Micros], tuple[int, Micros | None]]) -> Retention | None:
    adapter: object = ADAPTERS.get(place[0])
    days = adapter.kept_days(Path(place[1])) if isinstance(adapter, Expiring) else None
    if days is None:
        return None
    kept = days * _DAY_US
    due, first = oldest(moments.now() - kept + _SOON_DAYS * _DAY_US)
    return Retention(days=days, due=due, next_at=None if first is None else first + kept)


def _version(format_name: str) -> int | None:
    adapter = ADAPTERS.get(format_name)
    return adapter.version if adapter else None


def _backfill(config: Config) -> Backfill | None:
    found = progress.published(config.db)
    if found is None:
        return None
    return Backfill(
        files=found.files,
        files_total=found.files_total,
        bytes=found.bytes,
        bytes_total=found.bytes_total,
        bytes_per_second=round(found.rate, 1),
        seconds_left=None if found.seconds_left is None else round(found.seconds_left, 1),
    )


def title(format_name: str) -> str:
    """Return the product's name for a format; a format of another version is its own name."""
    adapter = ADAPTERS.get(format_name)
    return adapter.title if adapter else format_name


def _configured_first(config: Config, counts: dict[Place, SourceCounts]) -> dict[Place, SourceCounts]:
    places = [(source.format, str(source.root)) for source in config.sources]
    return {place: _nothing(*place) for place in places} | counts


def _nothing(format_name: str, root: str) -> SourceCounts:
    return SourceCounts(
        format=format_name,
        root=root,
        files=0,
        bytes=0,
        bytes_read=0,
        sessions=0,
        gone=0,
        last_seen=None,
        errors=0,
        unreadable=0,
    )


def _lags(recent: Iterable[KnownFile]) -> dict[Place, int]:
    """How far each source's files are ahead of the store, by those that were active last.

    A file is ahead by the time between its last change and the one that was read.
    """
    lags: dict[Place, int] = {}
    for file in recent:
        now = _as_it_is(file)
        # Gone: the ingest takes note of that, and there is nothing to read.
        if now is None or not file.mtime_ns or now == (file.size, file.mtime_ns):
            continue
        place = (file.format, file.root)
        lags[place] = max(lags.get(place, 0), (now[1] - file.mtime_ns) // 1000)
    return lags


def _as_it_is(file: KnownFile) -> tuple[int, int] | None:
    """A file's or database's size and time of change, if there is one; a tree shows neither."""
    try:
        if not file.collection:
            status = (Path(file.root) / file.path).stat()
            return status.st_size, status.st_mtime_ns
    except OSError:
        return None
    found = discover.look_at_collection(Path(file.root), Artifact(file.path, Shape.DATABASE))
    return None if found is None else (found.size, found.mtime_ns)


def _reasons(places: dict[Place, SourceCounts], lags: dict[Place, int], *, ingesting: bool) -> Iterator[str]:
    if not ingesting:
        yield "Nothing reads the sources now: run `ai-viewer`, or `ai-viewer ingest` beside this."
    for place, found in places.items():
        name = f"{title(found.format)} in {found.root}"
        minutes = lags.get(place, 0) // 60_000_000
        if ingesting and minutes:
            yield f"{name}: {minutes} min ahead of what has been read."
        if found.unreadable:
            yield f"{name}: {found.unreadable} files cannot be read."


def _store_bytes(path: Path) -> int:
    total = 0
    for suffix in ("", "-wal"):
        try:
            total += path.with_name(path.name + suffix).stat().st_size
        except FileNotFoundError:
            continue
    return total
