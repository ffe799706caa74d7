"""Find the session files and collections below a source's root; one `stat` each, nothing opened."""

from __future__ import annotations

import hashlib
import os
import stat
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

import msgspec

from ai_viewer.adapters.base import Adapter, Artifact, Shape, is_elsewhere

COLLECTIONS = frozenset({Shape.DATABASE, Shape.TREE})
"""Shapes that are not one session but many."""
_DATABASE_FILES = ("", "-wal")


class Found(msgspec.Struct, frozen=True):
    """A session file or collection as the file system shows it; ``path`` is relative to the source's root.

    A database is as large as its files together, and as new as the newest; ``fingerprint`` changes
    whenever one of them does. What is in a tree, its folder does not show.
    """

    path: str
    inode: int
    size: int
    mtime_ns: int
    shape: Shape = Shape.LINES
    fingerprint: int = 0


def find(adapter: Adapter, root: Path) -> Iterator[Found]:
    """Yield what the adapter reads at or below ``root``; what cannot be listed is left out."""
    seen: set[tuple[int, int]] = set()
    collections: set[str] = set()
    for folder in adapter.folders(root):
        yield from _find_below(adapter, root, folder, seen, collections)


class Watched(msgspec.Struct, frozen=True):
    """A folder to be watched, ``deep`` with all that is below it."""

    path: Path
    deep: bool


def watched(adapter: Adapter, root: Path) -> list[Watched]:
    """Return the folders in which anything may appear that the adapter reads, as far as they exist.

    The system watches a folder alone or with all that is below; so where the adapter leaves some
    out, the folder is watched alone, and beside it those right in it that are left.
    """
    found: list[Watched] = []
    for folder in adapter.folders(root):
        try:
            inside = [Path(entry.path) for entry in os.scandir(folder) if entry.is_dir()]
        except OSError:
            continue
        wanted = [
            path
            for path in inside
            if not is_elsewhere(adapter, PurePosixPath(path.relative_to(root).as_posix()))
        ]
        if len(wanted) == len(inside):
            found.append(Watched(folder, deep=True))
        else:
            found += [Watched(folder, deep=False), *(Watched(path, deep=True) for path in sorted(wanted))]
    return found


def look(adapter: Adapter, root: Path, path: Path) -> Found | None:
    """Return the session file at ``path``, if there is one and it lies below ``root``."""
    if not path.is_relative_to(root):
        return None
    relative = path.relative_to(root).as_posix()
    artifact = adapter.artifact(PurePosixPath(relative))
    if artifact is None or artifact.shape in COLLECTIONS:
        return None
    try:
        status = path.stat()
    except OSError:
        return None
    if not stat.S_ISREG(status.st_mode):
        return None
    return Found(relative, status.st_ino, status.st_size, status.st_mtime_ns, artifact.shape)


def collection_of(adapter: Adapter, root: Path, path: Path) -> Artifact | None:
    """Return the collection that ``path`` belongs to, whether it still exists or not."""
    if not path.is_relative_to(root):
        return None
    artifact = adapter.artifact(PurePosixPath(path.relative_to(root).as_posix()))
    return artifact if artifact is not None and artifact.shape in COLLECTIONS else None


def look_at_collection(root: Path, collection: Artifact) -> Found | None:
    """Return a collection as the file system shows it; ``None`` if it is not there."""
    place = root / collection.path
    try:
        status = place.stat()
    except OSError:
        return None
    if collection.shape is Shape.TREE:
        if not stat.S_ISDIR(status.st_mode):
            return None
        return Found(collection.path, status.st_ino, 0, status.st_mtime_ns, Shape.TREE)
    if not stat.S_ISREG(status.st_mode):
        return None
    size = mtime_ns = 0
    digest = hashlib.blake2b(digest_size=8)
    for suffix in _DATABASE_FILES:
        try:
            status_of = place.with_name(place.name + suffix).stat()
        except OSError:
            continue
        size += status_of.st_size
        mtime_ns = max(mtime_ns, status_of.st_mtime_ns)
        marks = (suffix, status_of.st_ino, status_of.st_size, status_of.st_mtime_ns)
        digest.update(repr(marks).encode())
    fingerprint = int.from_bytes(digest.digest(), "big", signed=True)
    return Found(collection.path, status.st_ino, size, mtime_ns, Shape.DATABASE, fingerprint)


def _find_below(
    adapter: Adapter, root: Path, top: Path, seen: set[tuple[int, int]], collections: set[str]
) -> Iterator[Found]:
    stack = [str(top)]
    prefix = len(str(root)) + 1
    trees: list[str] = []
    while stack:
        folder = stack.pop()
        # What is in a tree is its adapter's to list.
        if any(folder == tree or folder.startswith(tree + os.sep) for tree in trees):
            continue
        try:
            entries = list(os.scandir(folder))
        except OSError:
            continue
        for entry in entries:
            try:
                if entry.is_dir():
                    relative = PurePosixPath(entry.path[prefix:].replace(os.sep, "/"))
                    if is_elsewhere(adapter, relative):
                        continue
                    if entry.is_symlink() and not _unseen(entry, seen):
                        continue
                    stack.append(entry.path)
                    continue
                relative = PurePosixPath(entry.path[prefix:].replace(os.sep, "/"))
                artifact = adapter.artifact(relative)
                if artifact is None:
                    continue
                if artifact.shape in COLLECTIONS:
                    if artifact.path not in collections:
                        collections.add(artifact.path)
                        if (collection := look_at_collection(root, artifact)) is not None:
                            yield collection
                    if artifact.shape is Shape.TREE:
                        trees.append(str(root / artifact.path))
                        break
                    continue
                status = entry.stat()
            except OSError:
                continue
            # A pipe of a session's name would block its reader for ever.
            if not stat.S_ISREG(status.st_mode):
                continue
            yield Found(str(relative), status.st_ino, status.st_size, status.st_mtime_ns, artifact.shape)


def _unseen(entry: os.DirEntry[str], seen: set[tuple[int, int]]) -> bool:
    """Whether a linked folder was not visited yet: links may lead in circles."""
    status = entry.stat()
    key = (status.st_dev, status.st_ino)
    if key in seen:
        return False
    seen.add(key)
    return True
