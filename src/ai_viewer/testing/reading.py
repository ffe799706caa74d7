"""Read artifacts of every shape through an adapter in memory."""

from __future__ import annotations

import gzip
import io
import shutil
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from typing import TypeAlias, cast

import apsw
import msgspec

from ai_viewer.adapters.base import Adapter, Artifact, Collection, Shape
from ai_viewer.ingest.decompress import decompressed
from ai_viewer.ingest.folder import SourceFolder
from ai_viewer.model import Event
from ai_viewer.store import foreign
from ai_viewer.testing.rows import Rows, settle

PIECE_BYTES = 65_536
"""How much a parser of `Shape.PIECES` is given at a time, unless told."""

_SQL = ".sql"
_PLAIN = ".gz.plain"

Cut: TypeAlias = Callable[[int], bool]
"""Whether to save the state and go on with a new parser after so many records."""


def never(_records: int) -> bool:
    """Read in one piece."""
    return False


def always(_records: int) -> bool:
    """Cut after every record."""
    return True


class Reading(msgspec.Struct):
    """What one file was read as."""

    events: list[Event]
    counts: dict[str, int]
    """Records by outcome, as the parser counts them."""
    records: int
    """Records that the parser was given; of `Shape.PIECES`, which have none, what it has counted."""
    state_bytes: int = 0
    """Size of the largest state that was saved."""

    def rows(self) -> Rows:
        """Return the events settled into rows, and the counts."""
        return {"records": dict(sorted(self.counts.items())), **settle(self.events)}


def read_folder(
    adapter: Adapter, root: Path, cut: Cut = never, piece: int = PIECE_BYTES
) -> dict[str, Reading]:
    """Read every session file and every member of a collection below ``root``, by path relative to it."""
    return {
        artifact.path: read(adapter, artifact, found, cut)
        for artifact, found in records(adapter, root, piece)
    }


def records(
    adapter: Adapter, root: Path, piece: int = PIECE_BYTES
) -> Iterator[tuple[Artifact, list[tuple[bytes, int]]]]:
    """Find what the adapter reads below ``root`` and split each into records with their offsets.

    A member of a collection is an artifact ``<collection's path>/<name>`` with its records numbered
    from 0.
    """
    with as_on_disk(root) as place:
        seen: set[str] = set()
        for folder in adapter.folders(place):
            for file in sorted(path for path in folder.rglob("*") if path.is_file()):
                artifact = adapter.artifact(PurePosixPath(file.relative_to(place).as_posix()))
                if artifact is None or artifact.path in seen:
                    continue
                seen.add(artifact.path)
                if artifact.shape in (Shape.DATABASE, Shape.TREE):
                    yield from _members(cast("Collection", adapter), artifact, place)
                else:
                    yield artifact, split(artifact, _content(file), piece)


def split(artifact: Artifact, data: bytes, piece: int = PIECE_BYTES) -> list[tuple[bytes, int]]:
    """Split a file's (decompressed) content into what its parser is given, with the offsets."""
    if artifact.shape is Shape.PIECES:
        return [
            *((data[offset : offset + piece], offset) for offset in range(0, len(data), piece)),
            (b"", len(data)),
        ]
    if artifact.shape is not Shape.LINES:
        return [(data, 0)]
    found: list[tuple[bytes, int]] = []
    offset = 0
    for line in data.split(b"\n"):
        if line and not line.isspace():
            found.append((line, offset))
        offset += len(line) + 1
    return found


def read(
    adapter: Adapter, artifact: Artifact, found: Sequence[tuple[bytes, int]], cut: Cut = never
) -> Reading:
    """Give records to the adapter's parser, or to one parser after another.

    Where a snapshot that is told in many records is cut, its parser hands over and goes on itself.
    """
    parser = adapter.parser(artifact, None)
    events: list[Event] = []
    largest = 0
    for number, (record, offset) in enumerate(found, 1):
        parser.feed(record, offset)
        if cut(number):
            more, state, _ = parser.take()
            events += more
            largest = max(largest, len(state))
            if artifact.shape in (Shape.LINES, Shape.WHOLE):
                parser = adapter.parser(artifact, state)
    more, state, counts = parser.take()
    given = sum(counts.values()) if artifact.shape is Shape.PIECES else len(found)
    return Reading(events + more, counts, given, max(largest, len(state)))


@contextmanager
def as_on_disk(root: Path) -> Iterator[Path]:
    """Give ``root`` as an agent leaves it: with each ``….sql`` in place of it a database of that SQL.

    ``opencode.db.sql`` stands for ``opencode.db``, and ``x.json.gz.plain`` for ``x.json.gz`` with that
    content. They are made in a copy of the folder, which is gone after the block; without such a file
    ``root`` itself is given.
    """
    scripts, plain = sorted(root.rglob(f"*{_SQL}")), sorted(root.rglob(f"*{_PLAIN}"))
    if not scripts and not plain:
        yield root
        return
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder) / root.name
        shutil.copytree(root, place)
        for script in scripts:
            copy = place / script.relative_to(root)
            connection = apsw.Connection(str(copy.with_name(copy.name.removesuffix(_SQL))))
            connection.execute(copy.read_text(encoding="utf-8"))
            connection.close()
            copy.unlink()
        for file in plain:
            copy = place / file.relative_to(root)
            copy.with_suffix("").write_bytes(gzip.compress(copy.read_bytes(), mtime=0))
            copy.unlink()
        yield place


def _members(
    adapter: Collection, artifact: Artifact, root: Path
) -> Iterator[tuple[Artifact, list[tuple[bytes, int]]]]:
    if artifact.shape is Shape.TREE:
        yield from _member_records(adapter, artifact, SourceFolder(root))
    else:
        with foreign.opened(root / artifact.path) as database:
            yield from _member_records(adapter, artifact, database)


def _member_records(
    adapter: Collection, artifact: Artifact, place: SourceFolder | foreign.ForeignDatabase
) -> Iterator[tuple[Artifact, list[tuple[bytes, int]]]]:
    for member in list(adapter.members(artifact, place, None, None)):
        found = adapter.records(artifact, place, member.name)
        yield (
            Artifact(f"{artifact.path}/{member.name}", artifact.shape),
            [(record, number) for number, record in enumerate(found)],
        )


def _content(file: Path) -> bytes:
    with file.open("rb") as raw:
        stream = decompressed(raw, file.name)
        parts: list[bytes] = []
        while part := stream.read(io.DEFAULT_BUFFER_SIZE * 16):
            parts.append(part)
        return b"".join(parts)
