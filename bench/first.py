"""The first reading of a corpus of Claude Code and Codex: how fast, and how large the store becomes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

from ai_viewer.config import Config, SourceRoot
from bench import limits, peers
from bench.corpus import generate
from bench.ingest import check
from bench.processes import OURS, measured
from bench.scale import Scale
from bench.table import Line

_RUNS = 2
"""Of each the best counts: what else the machine does only makes it slower."""


def lines(folder: Path, scale: Scale) -> Iterator[Line]:
    """Measure ours as a process from its start to its end, as the peers are."""
    corpus = folder / "corpus"
    truths = generate(corpus, scale.corpus_megabytes)
    total = sum(path.stat().st_size for path in corpus.rglob("*.jsonl"))
    _ = limits.decode(corpus)  # so that nobody has to fetch the files from the disk
    roots = (SourceRoot("claude_code", corpus / "claude"), SourceRoot("codex", corpus / "codex"))
    runs, theirs = [], []
    for number in range(_RUNS):
        store = folder / f"{number}.db"
        runs.append(measured(_command(store, roots)))
        check(Config(store, roots), truths)
        theirs.append(peers.read_all(corpus))
    ours = min(runs)
    others = {name: min(found[name] for found in theirs) for name in theirs[0]}
    text = min(limits.full_text(store, folder) for _ in range(_RUNS))
    megabytes = total / 1e6
    speed = megabytes / ours.seconds
    speeds = {name: megabytes / result.seconds for name, result in others.items()}
    times = speed / speeds["agentsview"] if "agentsview" in speeds else None
    yield Line(
        f"first ingest with full text, {megabytes:,.0f} MB",
        speed,
        "MB/s",
        megabytes / text,
        "full text alone",
        speeds,
        "≥ 8 × agentsview, ≥ 60 % of the limit",
        None if times is None else times >= 8 and ours.seconds * 0.6 <= text,
    )
    if times is not None:
        yield Line("  times as fast as agentsview", times, "×", budget="≥ 8", kept=times >= 8)
    cpu = {name: result.cpu / megabytes * 100 for name, result in others.items()}
    yield Line("  seconds of processor for 100 MB", ours.cpu / megabytes * 100, "s", peers=cpu)
    yield Line("  limit: rows alone", megabytes / limits.rows(store, folder), "MB/s")
    yield Line("  limit: reading and decoding alone", megabytes / limits.decode(corpus), "MB/s")
    yield Line("  largest process", ours.peak / 1e6, "MB", budget="≤ 250", kept=ours.peak <= 250e6)
    size = sum(path.stat().st_size for path in folder.glob(f"{store.name}*"))
    sizes = {name: result.store / total for name, result in others.items() if result.store}
    yield Line("store by source", size / total, "×", None, "", sizes, "≤ 0.6", size <= 0.6 * total)


def _command(store: Path, roots: Iterable[SourceRoot]) -> list[str | Path]:
    sources = [part for root in roots for part in ("--source", f"{root.format}={root.root}")]
    return [*OURS, "ingest", "--once", "--db", store, *sources]
