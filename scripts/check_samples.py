"""Read a folder of real session files and compare the totals with what independent tools count.

    python scripts/check_samples.py FOLDER

``FOLDER/<format>/<collection>/`` holds session files; ``FOLDER/ORACLE.tsv`` says what other
tools count per session. Each collection is read into a store of its own, and all of a format
into one more. Fails if a file cannot be read, a record is unaccounted for, a second run reads
anything, `ai-viewer verify` finds a difference or a file that it cannot compare, or a session's
tokens differ from the oracle's where two tools agree and no reason is listed in `EXPLAINED`.
"""

from __future__ import annotations

import csv
import sys
import tempfile
from collections import Counter
from collections.abc import Collection
from pathlib import Path
from typing import Any

from ai_viewer.config import Config, SourceRoot
from ai_viewer.ingest.progress import Summary
from ai_viewer.ingest.run import ingest_once
from ai_viewer.model import Rank
from ai_viewer.store import database
from ai_viewer.verify.run import verify

FORMATS = {
    "aiagent-v2": "ai_agent",
    "aiagent-v3": "ai_agent",
    "claude-code": "claude_code",
    "codex": "codex",
    "copilot": "copilot",
    "gemini": "gemini",
    "opencode-db": "opencode",
    "opencode-json": "opencode",
    "pi": "pi",
    "qwen": "qwen",
}
TOKENS = ("tokens_in", "tokens_out", "tokens_cache_read", "tokens_cache_write")

EXPLAINED: dict[tuple[str, str], str] = {}
"""(collection, session) → why our count differs from the oracle's, and which records cause it."""

MAY_BE_UNKNOWN = {
    "jazzyalex+agent-sessions": "fixtures of made-up drift: record types that no agent writes",
    "lanegrid+agtrace": "trimmed files with record types of the trimmer's own",
}


def main() -> int:
    """Check all collections; return the exit code."""
    folder = Path(sys.argv[1])
    if not folder.is_dir():
        print(f"{folder}: no samples there, nothing checked")
        return 0
    oracle = read_oracle(folder / "ORACLE.tsv")
    failures: list[str] = []
    for directory, format_name in FORMATS.items():
        for collection in sorted(path for path in (folder / directory).iterdir() if path.is_dir()):
            expected = {
                row["session"]: row
                for row in oracle
                if row["format"] == directory and row["repo"] == collection.name
            }
            failures += check(format_name, collection, expected)
        failures += check(format_name, folder / directory, {})
    for failure in failures:
        print(f"FAILED {failure}")
    print(f"samples: {len(failures)} failures")
    return 1 if failures else 0


def read_oracle(path: Path) -> list[dict[str, str]]:
    """Read the oracle's table."""
    with path.open() as file:
        return list(csv.DictReader(file, delimiter="\t"))


def check(format_name: str, root: Path, expected: dict[str, dict[str, str]]) -> list[str]:
    """Read ``root`` twice and compare; return what is wrong."""
    with tempfile.TemporaryDirectory() as temporary:
        config = Config(db=Path(temporary) / "samples.db", sources=(SourceRoot(format_name, root),))
        summary = ingest_once(config, lambda _: None)
        second = ingest_once(config, lambda _: None)
        report = verify(config, lambda _: None)
        connection = database.open_reader(config.db)
        rows = sessions(connection, expected)
        outcomes = Counter(
            dict(database.rows(connection, "SELECT outcome, sum(records) FROM record_count GROUP BY 1"))
        )
        errors = database.rows(connection, "SELECT path, error FROM file WHERE error IS NOT NULL")
        problems = database.rows(
            connection,
            "SELECT path, problem.offset, error_class, message FROM problem JOIN file ON file.id = file_id",
        )
        connection.close()
    name = f"{format_name} {root.name}"
    print(
        f"{name}: {summary.files} files, {summary.bytes / 1e6:.1f} MB, {summary.sessions} sessions,"
        f" {summary.turns} turns, {summary.ops} ops; {dict(summary.records)}"
    )
    failures = [f"{name}: {path}: {error}" for path, error in errors]
    for path, offset, error_class, message in problems:
        print(f"  {path}:{offset}: {error_class}: {message}")
        if error_class == "unexpected shape":
            failures.append(f"{name}: {path}:{offset}: {message}")
    unknown = {outcome: count for outcome, count in outcomes.items() if outcome.startswith("unknown:")}
    if unknown:
        print(f"  {unknown}")
        if expected and root.name not in MAY_BE_UNKNOWN:
            failures.append(f"{name}: unknown records {unknown}")
    if second.files or second.bytes:
        failures.append(f"{name}: a second run read {second.files} files again")
    failures += [
        f"{name}: verify: {difference.check}: {difference.path}:{difference.offset} {difference.session}:"
        f" {difference.what}: expected {difference.expected}, found {difference.found}"
        for difference in report.differences
    ]
    failures += [f"{name}: not verified: {unread.path}: {unread.reason}" for unread in report.unread]
    print(f"  verified {report.bytes / 1e6:.1f} MB in {report.seconds:.1f} s")
    return failures + compare(name, root.name, rows, expected, summary)


def sessions(connection: Any, names: Collection[str]) -> dict[str, dict[str, float]]:
    """Return the tokens and cost of each session of the oracle's.

    Some sub-agents are sessions of their own there, others a part of the session that started
    them; with us they are always their own. ``names`` tells which. Those known only from their
    parent's progress records are not counted there.
    """
    rows = database.rows(
        connection,
        "SELECT native_id, rank, tokens_in, tokens_out, tokens_cache_read,"
        " tokens_cache_write_5m + tokens_cache_write_1h, cost_nano / 1e9, unpriced_calls"
        " FROM session JOIN session_fact ON session_id = session.id AND file_id = owner_file",
    )
    totals: dict[str, Counter[str]] = {}
    for native_id, rank, *values in rows:
        parts = native_id.split(":")
        name = parts[-1] if parts[-1] in names or rank >= Rank.MENTION else parts[0]
        counts = dict(zip((*TOKENS, "cost_usd", "unpriced"), values, strict=True))
        totals.setdefault(name, Counter()).update(counts)
    return {name: dict(total) for name, total in totals.items()}


def compare(
    name: str,
    collection: str,
    rows: dict[str, dict[str, float]],
    expected: dict[str, dict[str, str]],
    summary: Summary,
) -> list[str]:
    """Compare each session's tokens, and print where the cost differs by more than a hundredth."""
    failures = []
    agreed = 0
    for session, truth in expected.items():
        ours = rows.get(session)
        difference = "not read" if ours is None else differences(ours, truth)
        if not difference:
            agreed += 1
        elif reason := EXPLAINED.get((collection, session)):
            print(f"  {session}: {difference}: explained: {reason}")
        elif truth["aiburn_agrees"] == "no":
            print(f"  {session}: {difference}; the oracle's tools do not agree here")
        else:
            failures.append(f"{name}: {session}: {difference}")
        if ours and abs(ours["cost_usd"] - float(truth["cost_usd"])) > 0.01 * float(truth["cost_usd"]) + 1e-4:
            cost = f"cost {ours['cost_usd']:.6f}, oracle {truth['cost_usd']}"
            print(f"  {session}: {cost}, unpriced {ours['unpriced']:.0f}")
    if expected:
        print(f"  {agreed} of {len(expected)} sessions agree with the oracle (of {summary.sessions} read)")
    return failures


def differences(ours: dict[str, float], truth: dict[str, str]) -> str:
    """Say which tokens differ."""
    return ", ".join(
        f"{column} {ours[column]:.0f} (oracle {truth[column]})"
        for column in TOKENS
        if ours[column] != int(truth[column])
    )


if __name__ == "__main__":
    sys.exit(main())
