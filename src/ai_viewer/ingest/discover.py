"""Find the session files below a source's root; one `stat` each, nothing opened."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

import msgspec

from ai_viewer.adapters.base import Adapter


class Found(msgspec.Struct, frozen=True):
    """A session file as the file system shows it; ``path`` is relative to the source's root."""

    path: str
    inode: int
    size: int
    mtime_ns: int


def find(adapter: Adapter, root: Path) -> Iterator[Found]:
    """Yield the session files at or below ``root``; what cannot be listed is left out."""
    seen: set[tuple[int, int]] = set()
    for folder in adapter.folders(root):
        yield from _find_below(adapter, root, folder, seen)


def look(adapter: Adapter, root: Path, path: Path) -> Found | None:
    """Return the session file at ``path``, if there is one and it lies below ``root``."""
    if not path.is_relative_to(root):
        return None
    relative = path.relative_to(root).as_posix()
    if adapter.artifact(PurePosixPath(relative)) is None:
        return None
    try:
        status = path.stat()
    except OSError:
        return None
    if not stat.S_ISREG(status.st_mode):
        return None
    return Found(relative, status.st_ino, status.st_size, status.st_mtime_ns)


def _find_below(adapter: Adapter, root: Path, top: Path, seen: set[tuple[int, int]]) -> Iterator[Found]:
    stack = [str(top)]
    prefix = len(str(root)) + 1
    while stack:
        try:
            entries = list(os.scandir(stack.pop()))
        except OSError:
            continue
        for entry in entries:
            try:
                if entry.is_dir():
                    if entry.is_symlink() and not _unseen(entry, seen):
                        continue
                    stack.append(entry.path)
                    continue
                relative = entry.path[prefix:].replace(os.sep, "/")
                if adapter.artifact(PurePosixPath(relative)) is None:
                    continue
                status = entry.stat()
            except OSError:
                continue
            # A pipe of a session's name would block its reader for ever.
            if not stat.S_ISREG(status.st_mode):
                continue
            yield Found(relative, status.st_ino, status.st_size, status.st_mtime_ns)


def _unseen(entry: os.DirEntry[str], seen: set[tuple[int, int]]) -> bool:
    """Whether a linked folder was not visited yet: links may lead in circles."""
    status = entry.stat()
    key = (status.st_dev, status.st_ino)
    if key in seen:
        return False
    seen.add(key)
    return True
