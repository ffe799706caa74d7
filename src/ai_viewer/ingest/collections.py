"""What of a collection (a database, a tree) has changed: its adapter lists it, this compares.

The store has a row for each member and one for the collection itself: its size and time when it was
last looked at, and a fingerprint of when *all* of it was last listed. So a collection that has not
changed costs a `stat`; one that is written is asked for what is newer than the newest member known;
and what that cannot find, a deletion or a clock set back, the next listing of all does.
"""

from __future__ import annotations

import time
from collections.abc import Iterable
from pathlib import Path
from typing import Any, cast

from ai_viewer.adapters.base import Adapter, Artifact, Collection, Member, Shape
from ai_viewer.ingest.discover import Found
from ai_viewer.ingest.snapshot import opened_collection
from ai_viewer.ingest.task import NEVER, MemberOf
from ai_viewer.store.batch import FileBatch, FileState, ProblemRow
from ai_viewer.store.write import KnownFile

OVERLAP_NS = 10_000_000_000
"""Stamps are given before a transaction commits, so an older one may come after a newer one."""
REST_NS = 100_000_000
"""What was written before that long shows in its files' times; the kernel's clock ticks slowly."""
CHANGED_FILES = 20
"""If more files of a tree have changed, it is asked for what is new instead of about each."""
NO_OFFSET = -1
"""Offset of a collection's own row: not it is read but its members."""


class Members:
    """The members of one collection that the store knows as they are now."""

    def __init__(self, artifact: Artifact, known: dict[str, KnownFile], version: int) -> None:
        self.artifact = artifact
        self.prefix = artifact.path + "/"
        self.settled = True
        """Whether there is nothing left to be read of what was listed before."""
        self.listed: int | None = None
        """Fingerprint of when all of it was listed; since then only news are asked for."""
        self.seen: int | None = None
        """Fingerprint of a database as it was last listed, if it was at rest."""
        self.stamps: dict[str, tuple[int, int]] = {}
        """Size and stamp by name; those that must be read anew are not among them."""
        self.names = {path.removeprefix(self.prefix) for path in known}
        for path, file in known.items():
            if file.mtime_ns != NEVER and file.adapter_version == version:
                self.stamps[path.removeprefix(self.prefix)] = (file.size, file.mtime_ns)
            else:
                self.settled = False

    def read(self, member: Member) -> None:
        """Take note of a member that has been read."""
        self.names.add(member.name)
        self.stamps[member.name] = (member.size, member.stamp or 1)

    def forget(self, names: Iterable[str]) -> None:
        """Take note of members that are gone."""
        for name in names:
            self.names.discard(name)
            self.stamps.pop(name, None)

    def has_changed(self, found: Found) -> bool:
        """Whether it may have changed since it was last listed.

        The kernel tells the opening of a database as a change of its files: answered by opening it
        again, that would go on for ever.
        """
        return self.seen is None or self.seen != found.fingerprint

    def is_known(self, member: Member) -> bool:
        """Whether a member has been read as it is now."""
        return self.stamps.get(member.name) == (member.size, member.stamp or 1)

    def all(self, adapter: Adapter, root: Path) -> list[Member]:
        """List all members.

        Raises:
            LaterError: if the collection is locked or changed meanwhile.
        """
        with opened_collection(root, self.artifact) as place:
            return [
                _sound(one) for one in cast("Collection", adapter).members(self.artifact, place, None, None)
            ]

    def news(self, adapter: Adapter, root: Path, changed: set[str]) -> list[Member]:
        """List the members that may have changed, given the files that have.

        Raises:
            LaterError: as `all`.
        """
        files: list[str | None] = [None]
        if self.artifact.shape is Shape.TREE and 0 < len(changed) <= CHANGED_FILES:
            files = sorted(changed)  # type: ignore[assignment]  # each of them is one
        newest = max((stamp for _, stamp in self.stamps.values()), default=None)
        since = None if newest is None else newest - OVERLAP_NS
        found: dict[str, Member] = {}
        with opened_collection(root, self.artifact) as place:
            for file in files:
                for member in cast("Collection", adapter).members(self.artifact, place, since, file):
                    found[member.name] = _sound(member)
        return [member for member in found.values() if not self.is_known(member)]

    def member_of(self, member: Member) -> MemberOf:
        """Return what a task needs to read a member."""
        return MemberOf(self.artifact.path, self.artifact.shape, member)


def _sound(member: Member) -> Member:
    """Return a member, if the store can keep what it says.

    Raises:
        ValueError: if it cannot.
    """
    name: Any = member.name  # an agent's database says what it is, whatever its adapter declares
    numbers: tuple[Any, ...] = (member.size, member.stamp)
    if isinstance(name, str) and all(isinstance(number, int) and 0 <= number < 2**63 for number in numbers):
        return member
    raise ValueError(f"its adapter lists {member!r}: a member needs a name, a size and a stamp of 63 bits")


def at_rest(found: Found) -> int | None:
    """The fingerprint of a database just looked at, if every later change will change it."""
    rests = found.shape is Shape.DATABASE and time.time_ns() - found.mtime_ns > REST_NS
    return found.fingerprint if rests else None


def looked_at(format_name: str, root: str, found: Found, listed: int, version: int) -> FileBatch:
    """Return the batch that notes a collection as ``found``, with the fingerprint of its last listing."""
    state = FileState(found.path, found.inode, found.size, found.mtime_ns, NO_OFFSET, listed, version, b"")
    return _own_row(format_name, root, state, [], None)


def not_listed(format_name: str, root: str, path: str, message: str) -> FileBatch:
    """Return the batch that says why a collection cannot be listed; it will be tried again."""
    state = FileState(path, 0, 0, NEVER, NO_OFFSET, 0, 0, b"")
    return _own_row(format_name, root, state, [(0, "file", message, "")], message)


def _own_row(
    format_name: str, root: str, state: FileState, problems: list[ProblemRow], error: str | None
) -> FileBatch:
    return FileBatch(
        format=format_name,
        root=root,
        file=state,
        start=0,
        reset=False,
        done=True,
        counts=None,
        problems=problems,
        sessions=[],
        error=error,
    )
