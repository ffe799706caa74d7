"""First ingest in MB/s, and the share of each stage.

    python -m bench.ingest [MEGABYTES]

Writes a generated corpus, ingests it as `ai-viewer ingest --once` does, checks the totals
against the corpus' truth, ingests it again (nothing is new), and then times the stages one
after the other in one process: read and decode, map, fold, rows, text. Everything is measured
in one run; compare rows of one table, not tables of different days.
"""

from __future__ import annotations

import sys
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path, PurePosixPath

import msgspec

from ai_viewer import pricing
from ai_viewer.adapters import ADAPTERS
from ai_viewer.adapters.base import decode
from ai_viewer.config import Config, SourceRoot
from ai_viewer.ingest import discover, run
from ai_viewer.ingest.fold import fold
from ai_viewer.store import database
from ai_viewer.store.batch import FileBatch, FileState
from ai_viewer.store.write import Writer
from bench.corpus import generate

TOTALS = ("llm_calls", "tool_calls", "tool_failures", "tokens_in", "tokens_out", "tokens_cache_read")


def main() -> None:
    """Print the table."""
    megabytes = float(sys.argv[1]) if len(sys.argv) > 1 else 50
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        truths = generate(folder, megabytes)
        sources = (SourceRoot("claude_code", folder / "claude"), SourceRoot("codex", folder / "codex"))
        config = Config(db=folder / "store.db", sources=sources)
        first = run.ingest_once(config, lambda _: None)
        second = run.ingest_once(config, lambda _: None)
        check(config, truths)
        size = config.db.stat().st_size
        row("first ingest, full text", first.bytes / first.seconds / 1e6, "MB/s")
        row("  of", first.bytes / 1e6, f"MB in {first.files} files, {first.ops} ops")
        row("store size / source size", size / first.bytes, "")
        row("start with nothing new", second.seconds * 1000, f"ms for {second.files_unchanged} files")
        stages(config, folder, first.bytes)


def check(config: Config, truths: Mapping[str, Mapping[str, int]]) -> None:
    """Stop if the store's totals are not the corpus' truth."""
    connection = database.open_reader(config.db)
    for format_name, truth in truths.items():
        for column in TOTALS:
            found = database.one(
                connection, f"SELECT sum({column}) FROM session WHERE format = ?", (format_name,)
            )
            if found != truth.get(column, 0):
                sys.exit(f"{format_name}: {column} is {found}, the truth {truth.get(column, 0)}")
    connection.close()


def stages(config: Config, folder: Path, total: int) -> None:
    """Time each stage alone, in one process, over the whole corpus."""
    spent = dict.fromkeys(("read + decode", "map", "fold (compress)", "rows", "full text"), 0.0)
    batches: list[FileBatch] = []
    for source in config.sources:
        adapter = ADAPTERS[source.format]
        for found in discover.find(adapter, source.root):
            artifact = adapter.artifact(PurePosixPath(found.path))
            assert artifact is not None
            began = time.perf_counter()
            lines = (source.root / found.path).read_bytes().split(b"\n")[:-1]
            for line in lines:
                decode(line)
            decoded = time.perf_counter()
            parser = adapter.parser(artifact, None)
            offset = 0
            for line in lines:
                parser.feed(line, offset)
                offset += len(line) + 1
            events, state, counts = parser.take()
            mapped = time.perf_counter()
            sessions, problems = fold(events, lambda _: None)
            folded = time.perf_counter()
            spent["read + decode"] += decoded - began
            # A parser decodes for itself; that part is the stage before.
            spent["map"] += (mapped - decoded) - (decoded - began)
            spent["fold (compress)"] += folded - mapped
            file = FileState(found.path, 1, offset, 1, offset, 0, 1, state)
            root = str(source.root)
            batches.append(FileBatch(source.format, root, file, 0, False, True, counts, problems, sessions))
    without_text = msgspec.msgpack.decode(msgspec.msgpack.encode(batches), type=list[FileBatch])
    for batch in without_text:
        for session in batch.sessions:
            for payload in session.payloads:
                payload.search = None
    spent["rows"] = write(folder / "rows.db", without_text)
    spent["full text"] = write(folder / "text.db", batches) - spent["rows"]
    whole = sum(spent.values())
    row("one process, all stages", total / whole / 1e6, "MB/s")
    for stage, seconds in spent.items():
        row(f"  {stage}", 100 * seconds / whole, f"%  ({total / seconds / 1e6:.0f} MB/s)")


def write(path: Path, batches: list[FileBatch]) -> float:
    """Apply all batches, some sixteen files a transaction; return the seconds it took."""
    connection = database.open_writer(path)
    writer = Writer(connection, pricing.quote)
    began = time.perf_counter()
    for start in range(0, len(batches), 16):
        writer.apply(batches[start : start + 16])
    seconds = time.perf_counter() - began
    connection.close()
    return seconds


def row(name: str, value: float, unit: str) -> None:
    """Print one line of the table."""
    print(f"{name:<28}{value:>10.2f} {unit}")


if __name__ == "__main__":
    main()
