"""The formats by name: our own, and those that other installed packages add.

A package adds a format with an entry point in the group ``ai_viewer.adapters``, whose value is
an `Adapter`, or a class or function that gives one::

    [project.entry-points."ai_viewer.adapters"]
    tidbit = "tidbit_viewer:Tidbit"

Nothing is looked for before somebody asks for all formats, or for one that is not our own. An
installed adapter that does not load is left out and told in `Registry.refused`; it costs no
other format anything.
"""

from __future__ import annotations

import os
import re
import threading
from collections.abc import Iterable, Iterator, Mapping, MutableMapping
from importlib import metadata
from pathlib import Path, PurePosixPath
from typing import Any

import msgspec

from ai_viewer.adapters.base import INTERFACE, Adapter, Artifact

GROUP = "ai_viewer.adapters"

_NAME = re.compile(r"[a-z][a-z0-9_]*", re.ASCII)


class Refused(msgspec.Struct, frozen=True):
    """An installed adapter that is not used, and why."""

    package: str
    """The package that brought it, with its version."""
    entry: str
    """The entry point, as its package wrote it: ``tidbit = tidbit_viewer:Tidbit``."""
    reason: str

    def __str__(self) -> str:
        return f"the adapter {self.entry} of {self.package} is not used: {self.reason}"


class Registry(MutableMapping[str, Adapter]):
    """Adapters by name: ``ours`` first, then the installed ones in the order of their names."""

    def __init__(self, ours: Iterable[Adapter]) -> None:
        self.ours = {adapter.name: adapter for adapter in ours}
        self._all = dict(self.ours)
        self._refused: list[Refused] = []
        self._complete = False
        # Threads of the server ask as well; and an adapter's import may ask for the others.
        self._lock = threading.RLock()

    @property
    def refused(self) -> tuple[Refused, ...]:
        """The installed adapters that are not used."""
        self._load_installed()
        return tuple(self._refused)

    def __getitem__(self, name: str) -> Adapter:
        if name not in self._all:
            self._load_installed()
        return self._all[name]

    def __setitem__(self, name: str, adapter: Adapter) -> None:
        self._all[name] = adapter

    def __delitem__(self, name: str) -> None:
        del self._all[name]

    def __iter__(self) -> Iterator[str]:
        self._load_installed()
        return iter(self._all)

    def __len__(self) -> int:
        self._load_installed()
        return len(self._all)

    def _load_installed(self) -> None:
        with self._lock:
            if self._complete:
                return
            self._complete = True
            found = metadata.entry_points(group=GROUP)
            for entry in sorted(found, key=lambda entry: (entry.name, _package(entry))):
                try:
                    adapter = _load(entry, self._all)
                except _UnfitError as error:
                    self._refuse(entry, str(error))
                except (Exception, SystemExit) as error:  # noqa: BLE001 - others' code may raise anything
                    self._refuse(entry, f"{type(error).__name__}: {error}")
                else:
                    self._all[adapter.name] = adapter

    def _refuse(self, entry: metadata.EntryPoint, reason: str) -> None:
        self._refused.append(Refused(_package(entry), f"{entry.name} = {entry.value}", reason))


class _UnfitError(Exception):
    """What was loaded is no adapter that can be used; says why."""


def _package(entry: metadata.EntryPoint) -> str:
    return f"{entry.dist.name} {entry.dist.version}" if entry.dist else "an unnamed package"


def _load(entry: metadata.EntryPoint, others: Mapping[str, Adapter]) -> Adapter:
    found = entry.load()
    adapter: Any = found() if isinstance(found, type) or not hasattr(found, "parser") else found
    _check(adapter)
    if adapter.name in others:
        raise _UnfitError(f"there is a format {adapter.name!r} already")
    accepted: Adapter = adapter
    return accepted


def _check(adapter: Any) -> None:
    """Ask once for everything that is asked before a file is read, so that no run fails on it later.

    Raises:
        _UnfitError: saying what is wrong.
    """
    interface = getattr(adapter, "interface", None)
    if interface != INTERFACE:
        raise _UnfitError(
            f"it is written for interface {interface!r}; this ai-viewer has {INTERFACE}"
            if interface is not None
            else f"it does not say which interface it is written for: interface = {INTERFACE}"
        )
    for field, kind in (("name", str), ("title", str), ("version", int)):
        value = getattr(adapter, field, None)
        if not isinstance(value, kind) or not value:
            raise _UnfitError(f"its {field} is {value!r}, which is no {kind.__name__} with something in it")
    if not _NAME.fullmatch(adapter.name):
        raise _UnfitError(f"its name {adapter.name!r} has other characters than a-z, 0-9 and _")
    if not hasattr(adapter, "parser"):
        raise _UnfitError("it has no method parser")
    for root in _paths("roots", adapter.roots(os.environ, Path.home())):
        _paths("folders", adapter.folders(root))
    artifact = adapter.artifact(PurePosixPath("a/b.c"))
    if artifact is not None and not isinstance(artifact, Artifact):
        raise _UnfitError(f"its artifact() gave {artifact!r}, which is neither Artifact nor None")


def _paths(method: str, value: Any) -> list[Path]:
    if not isinstance(value, list) or not all(isinstance(path, Path) for path in value):
        raise _UnfitError(f"its {method}() gave {value!r}, which is no list of paths")
    return value
