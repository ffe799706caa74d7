"""Find out what is wrong before the user has to: each check says what it found and what to do."""

from __future__ import annotations

import contextlib
import os
import platform
import shutil
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Literal, TypeAlias

import msgspec

from ai_viewer import __version__, config
from ai_viewer.adapters import ADAPTERS
from ai_viewer.cli.output import size
from ai_viewer.cli.serving import check_port
from ai_viewer.errors import StoreError, UsageError
from ai_viewer.store import database, diagnose
from ai_viewer.store.price import prices_behind

LOW_DISK_BYTES = 1_000_000_000
INOTIFY = Path("/proc/sys/fs/inotify")

Status: TypeAlias = Literal["ok", "warning", "failed"]


class Check(msgspec.Struct, frozen=True):
    """One thing looked at. ``advice`` says what to do, and is empty when all is well."""

    name: str
    status: Status
    found: str
    advice: str = ""


class Diagnosis(msgspec.Struct, frozen=True):
    """All checks; ``ok`` unless one failed."""

    ok: bool
    version: str
    checks: list[Check]


def diagnose_all(settings: config.Config) -> Diagnosis:
    """Run every check; none of them changes anything."""
    checks = [check for part in PARTS for check in part(settings)]
    return Diagnosis(all(check.status != "failed" for check in checks), __version__, checks)


def _python(settings: config.Config) -> Iterator[Check]:
    yield Check("python", "ok", f"{platform.python_version()} ({sys.executable})")


def _configuration(_: config.Config) -> Iterator[Check]:
    path = config.config_path()
    yield Check("configuration", "ok", str(path) if path.exists() else f"{path} does not exist")


def _sqlite(settings: config.Config) -> Iterator[Check]:
    version = diagnose.sqlite_version()
    if diagnose.has_full_text():
        yield Check("sqlite", "ok", f"{version} with full text (FTS5)")
    else:
        yield Check(
            "sqlite",
            "failed",
            f"{version} without FTS5",
            "reinstall its binding: pip install --force-reinstall apsw",
        )


def _store(settings: config.Config) -> Iterator[Check]:
    path = settings.db
    if path.exists():
        try:
            database.open_reader(path).close()
        except StoreError as error:
            yield Check("store", "failed", str(error), "see the message; --db names another store")
        else:
            version = diagnose.expected_version()
            yield Check("store", "ok", f"{path}, {size(path.stat().st_size)}, schema version {version}")
    else:
        yield Check("store", "ok", f"{path}, not made yet: `ai-viewer` or `ai-viewer ingest --once` makes it")
    folder = _nearest_folder(path.parent)
    writable = os.access(folder, os.W_OK) and (not path.exists() or os.access(path, os.W_OK))
    if writable:
        yield Check("store folder", "ok", f"{path.parent} can be written")
    else:
        yield Check(
            "store folder",
            "failed",
            f"{folder} cannot be written",
            "give yourself the right to write there, or name another store with --db",
        )
    free = shutil.disk_usage(folder).free
    if free >= LOW_DISK_BYTES:
        yield Check("disk", "ok", f"{size(free)} free")
    else:
        yield Check(
            "disk", "warning", f"only {size(free)} free", "free some space, or move the store with --db"
        )
    writer = database.writer(path)
    yield Check(
        "writer", "ok", f"process {writer.pid} reads the sources now" if writer else "no ingest runs now"
    )


def _formats(settings: config.Config) -> Iterator[Check]:
    yield Check("formats", "ok", ", ".join(ADAPTERS))
    for refused in ADAPTERS.refused:
        yield Check("formats", "warning", str(refused), f"update or uninstall {refused.package}")


def _sources(settings: config.Config) -> Iterator[Check]:
    from ai_viewer.ingest import discover

    found_any = False
    for source in settings.sources:
        name, root = f"source {source.format}", source.root
        if not root.exists():
            yield Check(name, "ok", f"{root} does not exist")
        elif not root.is_dir():
            yield Check(name, "failed", f"{root} is no folder", "name the folder that holds the sessions")
        elif not os.access(root, os.R_OK | os.X_OK):
            yield Check(
                name, "failed", f"{root} may not be read", f"give yourself the right to read it: {root}"
            )
        else:
            files = list(discover.find(ADAPTERS[source.format], root))
            unreadable = [file.path for file in files if not os.access(root / file.path, os.R_OK)]
            found_any = found_any or bool(files)
            found = f"{root}, {len(files):,} session files, {size(sum(file.size for file in files))}"
            if unreadable:
                yield Check(
                    name,
                    "failed",
                    f"{found}; {len(unreadable):,} may not be read, the first is {unreadable[0]}",
                    "give yourself the right to read them",
                )
            else:
                yield Check(name, "ok", found)
    if not found_any:
        yield Check(
            "sources",
            "warning",
            "no sessions found",
            f"point to them with --source FORMAT=PATH or in {config.config_path()}; "
            "`ai-viewer demo` shows made-up ones",
        )


def _port(settings: config.Config) -> Iterator[Check]:
    try:
        check_port(settings)
    except UsageError as error:
        advice = "another ai-viewer may be running there; else choose a port with --port"
        yield Check("port", "warning", str(error), advice)
    else:
        yield Check("port", "ok", f"{settings.host} port {settings.port} is free")


def _web_app(settings: config.Config) -> Iterator[Check]:
    index = Path(__file__).parents[1] / "static" / "index.html"
    if index.exists():
        yield Check("web app", "ok", "built")
    else:
        yield Check(
            "web app",
            "warning",
            "not built: the command line works without it",
            "in a checkout run `make ui`; else reinstall without AI_VIEWER_SKIP_UI",
        )


def _watching(settings: config.Config) -> Iterator[Check]:
    limit_file = INOTIFY / "max_user_watches"
    if not limit_file.exists():
        yield Check("watching", "ok", f"by {platform.system()}'s own notices")
        return
    from ai_viewer.ingest import discover

    limit = int(limit_file.read_text())
    folders = sum(
        1
        for source in settings.sources
        for top in discover.watched(ADAPTERS[source.format], source.root)
        for _ in (os.walk(top.path) if top.deep else [top])
    )
    if folders <= limit // 2:
        yield Check("watching", "ok", f"{folders:,} folders; the system allows {limit:,} watches")
    else:
        yield Check(
            "watching",
            "warning",
            f"{folders:,} folders to watch; the system allows {limit:,} watches to all programs",
            f"raise the limit: sysctl fs.inotify.max_user_watches={4 * folders}",
        )


def _prices(settings: config.Config) -> Iterator[Check]:
    from ai_viewer.pricing import prices as price_list

    prices = settings.prices()
    day = price_list.checked()
    found = f"genai-prices {price_list.version()}" + (f", looked up until {day}" if day else "")
    if prices.has_own:
        found += f"; {len(prices.own)} prices and {len(prices.discounts)} discounts of your own"
    try:
        with contextlib.closing(database.open_reader(settings.db)) as connection:
            behind = prices_behind(connection, prices.fingerprint)
    except StoreError:
        behind = False
    if behind:
        yield Check("prices", "warning", f"{found}; calls were priced by others", "run `ai-viewer reprice`")
    else:
        yield Check("prices", "ok", f"{found}; nothing is fetched")


def _nearest_folder(folder: Path) -> Path:
    while not folder.exists() and folder != folder.parent:
        folder = folder.parent
    return folder


PARTS: tuple[Callable[[config.Config], Iterator[Check]], ...] = (
    _python,
    _configuration,
    _sqlite,
    _store,
    _formats,
    _sources,
    _port,
    _web_app,
    _watching,
    _prices,
)
