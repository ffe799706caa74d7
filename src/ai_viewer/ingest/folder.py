"""A folder of a source, as adapters of formats that keep a session in many files see it."""

from __future__ import annotations

import os
import stat
from pathlib import Path

from ai_viewer.adapters.base import Entry


class SourceFolder:
    """A `ai_viewer.adapters.base.Folder`: what lies below ``root``, and nothing else, whatever links say."""

    def __init__(self, root: Path) -> None:
        self.root = root.resolve()

    def entries(self, path: str) -> list[Entry]:
        """Return what is in the folder ``path``, by name; nothing if it is none."""
        found: list[Entry] = []
        try:
            with os.scandir(self._place(path)) as entries:
                for entry in entries:
                    try:
                        status = entry.stat()
                    except OSError:
                        continue
                    if stat.S_ISDIR(status.st_mode):
                        found.append(Entry(entry.name, True, 0, status.st_mtime_ns))
                    elif stat.S_ISREG(status.st_mode):
                        found.append(Entry(entry.name, False, status.st_size, status.st_mtime_ns))
        except OSError:
            return []
        return sorted(found, key=lambda entry: entry.name)

    def read(self, path: str) -> bytes:
        """Return a file's bytes.

        Raises:
            OSError: if it cannot be read.
        """
        place = self._place(path)
        if place.exists() and not place.is_file():
            raise IsADirectoryError(f"{path} is no file")
        return place.read_bytes()

    def _place(self, path: str) -> Path:
        place = (self.root / path).resolve()
        if not place.is_relative_to(self.root):
            raise PermissionError(f"{path} lies outside the source's folder")
        return place
