"""What `ai-viewer verify` proves: a sound store agrees, and each kind of damage is named with its place."""

from __future__ import annotations

import json
import os
import shutil
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeAlias

import apsw
import pytest

from ai_viewer import adapters
from ai_viewer.adapters.base import JsonParser, ignored
from ai_viewer.adapters.claude_code.transcript import TranscriptParser
from ai_viewer.config import Config, SourceRoot
from ai_viewer.ingest.progress import Progress
from ai_viewer.ingest.run import ingest_once
from ai_viewer.testing import as_on_disk
from ai_viewer.verify import derived, run
from ai_viewer.verify.counters import COUNTERS
from ai_viewer.verify.report import CHECKS, SHOWN, Difference, Report
from bench.corpus import generate

FIXTURES = Path(__file__).parents[1] / "fixtures"
CASES = sorted(path.parent for path in FIXTURES.glob("*/*/input"))
TRAPS = sorted(path.parent for path in (FIXTURES.parent / "traps").glob("*/truth.json"))
SESSION = "5e551011-0000-4000-8000-000000000001"
TRANSCRIPT = f"projects/-home-dev-project/{SESSION}.jsonl"


def silently(_: Progress) -> None:
    """Report nothing."""


def stored(folder: Path, format_name: str, case: str) -> Config:
    """Read a copy of a fixture into a store of its own."""
    root = folder / "sources"
    with as_on_disk(FIXTURES / format_name / case / "input") as found:
        shutil.copytree(found, root)
    settings = Config(db=folder / "store.db", sources=(SourceRoot(format_name, root),))
    ingest_once(settings, silently)
    return settings


def verified(settings: Config, **options: Any) -> Report:
    return run.verify(settings, silently, **options)


def damage(settings: Config, *statements: str) -> None:
    """Change the store behind the ingest's back."""
    connection = apsw.Connection(str(settings.db))
    for statement in statements:
        connection.execute(statement)
        assert connection.changes(), f"changed nothing: {statement}"
    connection.close()


def differing(report: Report, check: str) -> Difference:
    """Return the first difference of a check."""
    found = [difference for difference in report.differences if difference.check == check]
    assert found, [(difference.check, difference.what) for difference in report.differences]
    assert not report.ok
    return found[0]


@pytest.mark.parametrize("case", CASES, ids=[str(case.relative_to(FIXTURES)) for case in CASES])
def test_every_fixture_agrees(case: Path, tmp_path: Path) -> None:
    report = verified(stored(tmp_path, case.parent.name, case.name))

    assert report.ok, report.differences
    assert {unread.reason for unread in report.unread} <= {
        "damaged: only what stands before the damage was read"
    }
    assert report.uncounted == [name for name in (case.parent.name,) if name not in COUNTERS]


@pytest.mark.parametrize("case", TRAPS, ids=[case.name for case in TRAPS])
def test_every_trap_of_counting_agrees(case: Path, tmp_path: Path) -> None:
    sources = [SourceRoot(path.name, path) for path in sorted((case / "input").iterdir())]
    settings = Config(db=tmp_path / "store.db", sources=tuple(sources))
    ingest_once(settings, silently)

    report = verified(settings)

    assert report.ok, report.differences
    assert report.files


def test_a_generated_corpus_agrees_in_every_check(tmp_path: Path) -> None:
    generate(tmp_path / "corpus", 2, seed=11)
    settings = Config(
        db=tmp_path / "store.db",
        sources=(
            SourceRoot("claude_code", tmp_path / "corpus" / "claude"),
            SourceRoot("codex", tmp_path / "corpus" / "codex"),
        ),
    )
    ingest_once(settings, silently)

    report = verified(settings)

    assert report.ok, report.differences
    assert report.bytes > 1_500_000
    checked = {check.check: check.checked for check in report.checks}
    assert [check for check in CHECKS if not checked[check] and check not in {"problem", "link"}] == []


Damage: TypeAlias = tuple[str, list[str]]

OF_A_TRANSCRIPT: dict[str, Damage] = {
    "an op is gone": ("calls", ["DELETE FROM op WHERE seq = (SELECT min(seq) FROM op WHERE kind = 'llm')"]),
    "a tool call is gone": (
        "tools",
        ["DELETE FROM op WHERE seq = (SELECT min(seq) FROM op WHERE kind = 'tool')"],
    ),
    "a tool call is invented": (
        "tools",
        ["UPDATE op SET native_id = 'toolu_invented' WHERE kind = 'tool'"],
    ),
    "a token is too many": ("tokens", ["UPDATE op SET tokens_out = tokens_out + 1 WHERE kind = 'llm'"]),
    "cache writes have changed their life": (
        "tokens",
        [
            """UPDATE op SET tokens_cache_write_1h = tokens_cache_write_5m, tokens_cache_write_5m = 0
            WHERE tokens_cache_write_5m > 0""",
        ],
    ),
    "a payload is gone": ("text", ["DELETE FROM payload WHERE kind = 'tool_output'"]),
    "a payload's data is damaged": (
        "payload",
        ["UPDATE payload SET codec = 'zstd', data = x'00112233' WHERE kind = 'tool_output'"],
    ),
    "a payload is cut": (
        "payload",
        ["UPDATE payload SET data = substr(data, 1, bytes - 1) WHERE kind = 'prompt' AND codec = 'plain'"],
    ),
    "a payload's text is another": (
        "reference",
        ["UPDATE payload SET data = CAST('x' || substr(data, 2) AS BLOB) WHERE kind = 'prompt'"],
    ),
    "a payload's offset is wrong": (
        "reference",
        ["UPDATE payload SET offset = offset + 1 WHERE kind = 'prompt'"],
    ),
    "a payload's pointer leads nowhere": (
        "reference",
        ["UPDATE payload SET pointer = '/message/nothing' WHERE kind = 'prompt'"],
    ),
    "a text is not in the index": (
        "search",
        ["DELETE FROM payload_text WHERE rowid = (SELECT min(id) FROM payload)"],
    ),
    "the index has another text": (
        "search",
        [
            "DELETE FROM payload_text WHERE rowid = (SELECT id FROM payload WHERE kind = 'prompt')",
            """INSERT INTO payload_text (rowid, text)
            SELECT id, replace(CAST(data AS TEXT), 'a', 'zz') FROM payload WHERE kind = 'prompt'""",
        ],
    ),
    "the index has a text that is nowhere": (
        "search",
        ["INSERT INTO payload_text (rowid, text) VALUES (99999, 'x')"],
    ),
    "an error's text is not in the index": (
        "search",
        ["DELETE FROM payload_text WHERE rowid = (SELECT min(id) FROM passage WHERE kind = 'op_error')"],
    ),
    "a title is not in the index": ("search", ["UPDATE session SET title = 'something else'"]),
    "an error is in the index by its old words": (
        "search",
        ["UPDATE op SET error_message = error_message || 's' WHERE error_message IS NOT NULL"],
    ),
    "an error that is none is in the index": (
        "search",
        [
            """INSERT INTO passage (id, session_id, kind, number, digest)
            SELECT 77, id, 'op_error', 1000, 0 FROM session LIMIT 1"""
        ],
    ),
    "a record is not accounted for": (
        "records",
        ["UPDATE record_count SET records = records - 1 WHERE outcome = 'mapped'"],
    ),
    "the outcomes are gone": ("records", ["DELETE FROM record_count"]),
    "the cursor is too far": ("cursor", ["UPDATE file SET offset = offset + 1"]),
    "the cursor stands within a record": ("cursor", ["UPDATE file SET offset = offset - 5"]),
    "the cursor is a record short": ("cursor", ["UPDATE file SET offset = 0"]),
    "a turn's total is stale": ("turn", ["UPDATE turn SET tokens_in = tokens_in + 1"]),
    "a turn's first op is wrong": ("turn", ["UPDATE turn SET first_seq = first_seq + 1"]),
    "a session's total is stale": ("session", ["UPDATE session SET cost_nano = cost_nano + 1"]),
    "a session's busy time is stale": ("session", ["UPDATE session SET busy_us = busy_us + 1"]),
    "a sum by quarters is wrong": ("rollup", ["UPDATE rollup SET tokens_out = tokens_out + 1"]),
    "a sum by quarters is gone": ("rollup", ["DELETE FROM rollup WHERE kind = 'tool'"]),
    "a sum by quarters is too many": (
        "rollup",
        ["UPDATE rollup SET quarter = quarter + 1"],
    ),
    "a turn's time is another's": (
        "time",
        ["UPDATE turn SET model_us = model_us + 1, idle_us = idle_us - 1 WHERE model_us > 0"],
    ),
    "a session's time is stale": ("time", ["UPDATE session SET tool_us = tool_us + 1"]),
    "a wait is not known": ("time", ["UPDATE turn SET wait_us = wait_us + 1"]),
    "a replay flag is set": ("replay", ["UPDATE op SET replay = 1 WHERE kind = 'llm'"]),
    "a part's replay flag is set": ("replay", ["UPDATE op SET replay = 1 WHERE kind = 'tool'"]),
    "a cost is wrong": ("price", ["UPDATE op SET cost_nano = cost_nano + 1 WHERE cost_source = 'priced'"]),
    "a fact is another": ("facts", ["UPDATE session SET title = 'something else'"]),
    "a fact is gone": ("facts", ["UPDATE session SET cwd = NULL"]),
    "an owner is gone": ("owner", ["UPDATE session SET owner_file = NULL"]),
    "an op is of no turn": ("orphan", ["DELETE FROM turn"]),
    "a payload is of no op": ("orphan", ["DELETE FROM op"]),
    "a log entry is of no turn": (
        "orphan",
        ["INSERT INTO log SELECT id, 99, 99, 0, 0, 'info', 'x', 'x' FROM session"],
    ),
    "sums are of no turn": ("orphan", ["UPDATE rollup SET turn = 99"]),
    "a change is of no session": ("orphan", ["INSERT INTO change (session_id, at) VALUES (4711, 0)"]),
    "a parent is not there": ("orphan", ["UPDATE session SET parent_id = 4711"]),
    "a notice's number was never given out": ("change", ["UPDATE sqlite_sequence SET seq = 0"]),
}


@pytest.mark.parametrize("what", OF_A_TRANSCRIPT)
def test_damage_to_the_store_is_told_with_its_place(what: str, tmp_path: Path) -> None:
    check, statements = OF_A_TRANSCRIPT[what]
    settings = stored(
        tmp_path, "claude_code", "one_hour_cache_writes" if "life" in what else "edit_with_patch"
    )

    damage(settings, *statements)

    difference = differing(verified(settings), check)
    assert difference.hint
    if check not in {"orphan", "change", "owner"} and "is nowhere" not in what:
        assert difference.path == TRANSCRIPT
        assert (difference.root, difference.format) == (str(settings.sources[0].root), "claude_code")
    if check in {"calls", "tokens", "text", "reference", "payload", "cursor"}:
        assert difference.offset is not None


def test_a_dropped_duplicate_of_a_text_is_missed(tmp_path: Path) -> None:
    """Texts are counted, not only looked for."""
    root = tmp_path / "sources" / "projects" / "-home-dev-project"
    root.mkdir(parents=True)
    lines = [
        {
            "type": "user",
            "uuid": f"u{number}",
            "sessionId": SESSION,
            "timestamp": f"2026-03-01T10:00:0{number}.000Z",
            "message": {"role": "user", "content": "Again, please."},
        }
        for number in (1, 2)
    ]
    (root / f"{SESSION}.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))
    settings = Config(tmp_path / "store.db", (SourceRoot("claude_code", tmp_path / "sources"),))
    ingest_once(settings, silently)
    assert verified(settings).ok

    damage(
        settings,
        "DELETE FROM payload_text WHERE rowid = (SELECT max(id) FROM payload)",
        "DELETE FROM payload WHERE id = (SELECT max(id) FROM payload)",
    )

    difference = differing(verified(settings), "text")
    assert (difference.expected, difference.found) == ("2", "1")


def test_a_problem_that_is_gone_is_missed_with_its_offset(tmp_path: Path) -> None:
    settings = stored(tmp_path, "claude_code", "malformed_lines")
    connection = apsw.Connection(str(settings.db))
    offset = connection.execute("SELECT min(offset) FROM problem WHERE error_class = 'not JSON'").get
    connection.execute("DELETE FROM problem WHERE offset = ?", (offset,))
    connection.close()

    difference = differing(verified(settings), "problem")

    assert (difference.path, difference.offset) == (TRANSCRIPT, offset)


@pytest.mark.parametrize(
    ("what", "statement"),
    {
        "both count": "UPDATE op SET replay = 0",
        "none counts": "UPDATE op SET replay = 1 WHERE call IS NOT NULL",
        "the later one counts": "UPDATE op SET replay = 1 - replay"
        " WHERE call IN (SELECT call FROM op GROUP BY call HAVING count(*) > 1)",
    }.items(),
)
def test_of_a_copied_call_only_the_earliest_may_count(what: str, statement: str, tmp_path: Path) -> None:
    settings = stored(tmp_path, "claude_code", "resumed_copy")

    damage(settings, statement)

    assert differing(verified(settings), "replay").session.startswith("claude_code:"), what


def test_a_sub_agent_that_its_op_does_not_name_is_told(tmp_path: Path) -> None:
    settings = stored(tmp_path, "claude_code", "sub_agent_with_meta")

    damage(settings, "UPDATE op SET child_id = NULL WHERE child_id IS NOT NULL")

    assert differing(verified(settings), "link").session == f"claude_code:{SESSION}"


def test_a_session_owned_by_a_lesser_file_is_told(tmp_path: Path) -> None:
    settings = stored(tmp_path, "codex", "copies")

    damage(
        settings,
        "UPDATE session SET owner_file = (SELECT id FROM file WHERE path LIKE 'archived%')",
    )

    assert differing(verified(settings), "owner").expected.startswith("sessions/")


def test_damage_to_the_file_itself_is_told(tmp_path: Path) -> None:
    settings = stored(tmp_path, "claude_code", "tools")
    damage(
        settings,
        "PRAGMA writable_schema = ON; UPDATE sqlite_schema SET sql = replace(sql, 'context_max INTEGER', "
        "'context_max INTEGER NOT NULL') WHERE name = 'op'",
    )

    assert "context_max" in differing(verified(settings), "structure").found


class _Forgetful(TranscriptParser):
    """An adapter with a mistake: it takes what a tool said for unimportant."""

    def record(self, record: dict[str, Any]) -> Any:
        blocks = (record.get("message") or {}).get("content")
        if isinstance(blocks, list) and any(block.get("type") == "tool_result" for block in blocks):
            return ignored("unimportant")
        return super().record(record)


def test_a_line_that_the_adapter_skips_is_told_with_its_offset(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    adapter = adapters.ADAPTERS["claude_code"]

    def parser(artifact: Any, state: bytes | None) -> JsonParser:
        return _Forgetful(artifact, state)

    monkeypatch.setattr(adapter, "parser", parser)
    settings = stored(tmp_path, "claude_code", "edit_with_patch")
    lines = (settings.sources[0].root / TRANSCRIPT).read_bytes().splitlines(keepends=True)
    skipped = next(number for number, line in enumerate(lines) if b'"tool_result"' in line)

    difference = differing(verified(settings), "text")

    assert difference.path == TRANSCRIPT
    assert difference.offset == sum(map(len, lines[:skipped]))


def test_what_was_written_since_the_file_was_read_is_no_difference(tmp_path: Path) -> None:
    settings = stored(tmp_path, "claude_code", "tools")
    with (settings.sources[0].root / TRANSCRIPT).open("ab") as file:
        file.write(b'{"type": "user", "uuid": "new", "message": {"content": "More"}}\n{"type": "us')

    report = verified(settings)

    assert report.ok, report.differences
    assert report.bytes > 0, "what was read is compared all the same"


@pytest.mark.parametrize("change", ["rewritten", "emptied", "emptied and read", "gone", "new"])
def test_a_file_that_is_another_by_now_is_no_difference(change: str, tmp_path: Path) -> None:
    settings = stored(tmp_path, "claude_code", "tools")
    path = settings.sources[0].root / TRANSCRIPT
    if change == "rewritten":
        path.write_bytes(b"x" * path.stat().st_size)
        os.utime(path, ns=(1, 1))
    elif change.startswith("emptied"):
        path.write_bytes(b"")
        if change == "emptied and read":
            ingest_once(settings, silently)
    elif change == "gone":
        path.unlink()
    else:
        shutil.copy(path, path.with_name("another.jsonl"))

    report = verified(settings)

    assert report.ok, report.differences
    assert len(report.unread) == (change != "gone")


def test_a_compressed_rollout_is_verified_like_a_plain_one(tmp_path: Path) -> None:
    import zstandard

    plain = next((FIXTURES / "codex" / "commands" / "input").rglob("*.jsonl"))
    folder = tmp_path / "sources" / "sessions"
    folder.mkdir(parents=True)
    (folder / f"{plain.name}.zst").write_bytes(zstandard.compress(plain.read_bytes()))
    settings = Config(tmp_path / "store.db", (SourceRoot("codex", tmp_path / "sources"),))
    ingest_once(settings, silently)

    report = verified(settings)
    damage(settings, "UPDATE payload SET length = length + 1 WHERE id = (SELECT min(id) FROM payload)")

    assert report.ok, report.differences
    assert report.bytes > 0.9 * plain.stat().st_size
    assert differing(verified(settings), "reference").path.endswith(".zst")


def test_a_session_in_a_database_is_verified_as_its_records_are(tmp_path: Path) -> None:
    settings = stored(tmp_path, "opencode", "database_1_18")
    sound = verified(settings)

    damage(
        settings,
        "UPDATE op SET tokens_out = tokens_out + 1 WHERE tokens_out > 0",
        "UPDATE payload SET pointer = '/parts/9/data/text' WHERE id = (SELECT min(id) FROM payload)",
        "UPDATE record_count SET records = records + 1",
    )

    report = verified(settings)
    assert sound.ok, sound.differences
    assert sound.bytes > 1_000
    assert differing(report, "tokens").path.startswith("opencode.db/ses_")
    assert differing(report, "reference").session.startswith("opencode:ses_")
    assert differing(report, "records").path.startswith("opencode.db/ses_")


def test_a_database_that_was_written_since_is_no_difference(tmp_path: Path) -> None:
    settings = stored(tmp_path, "opencode", "database_1_18")
    database = apsw.Connection(str(settings.sources[0].root / "opencode.db"))
    database.execute("UPDATE part SET time_updated = time_updated + 3600000")
    database.close()

    report = verified(settings)

    assert report.ok, report.differences
    assert {unread.reason for unread in report.unread} == {"changed since it was read"}


def test_a_tree_of_sessions_is_verified_session_by_session(tmp_path: Path) -> None:
    settings = stored(tmp_path, "ai_agent", "snapshot_tree")
    sound = verified(settings)

    damage(settings, "UPDATE op SET tokens_in = 1 WHERE tokens_in > 1")

    difference = differing(verified(settings), "tokens")
    assert sound.ok, sound.differences
    assert difference.path.endswith(".json.gz")
    assert difference.session.startswith("ai_agent:")


def test_a_format_without_a_counter_is_told_and_checked_as_far_as_all_are(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = stored(tmp_path, "pi", "conversation")
    monkeypatch.delitem(COUNTERS, "pi")

    report = verified(settings)
    damage(settings, "UPDATE payload SET length = length + 1 WHERE id = (SELECT min(id) FROM payload)")

    assert report.uncounted == ["pi"]
    assert differing(verified(settings), "reference").hint


def test_only_so_many_differences_of_a_check_are_told_and_all_are_counted(tmp_path: Path) -> None:
    settings = stored(tmp_path, "claude_code", "tools")
    damage(
        settings,
        "UPDATE turn SET tokens_in = tokens_in + 1",
        *["INSERT INTO change (session_id, at) VALUES (4711, 0)"] * 30,
    )

    report = verified(settings)

    assert sum(difference.check == "orphan" for difference in report.differences) == SHOWN
    assert next(check for check in report.checks if check.check == "orphan").differences == 30


def test_a_sample_is_what_its_seed_says(tmp_path: Path) -> None:
    settings = stored(tmp_path, "claude_code", "resumed_copy")

    report = verified(settings, sample=1)

    assert (report.files, report.sessions, report.sample) == (1, 1, 1)
    assert report.seed is not None
    assert verified(settings, sample=1, seed=report.seed).bytes == report.bytes
    assert verified(settings, sample=9).files == 2


def test_what_differed_only_while_it_was_written_is_not_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each file and session is looked at once more before a difference is told."""
    settings = stored(tmp_path, "claude_code", "tools")
    damage(settings, "UPDATE session SET title = 'in between'")
    looks: list[int] = []
    check: Callable[..., None] = derived.check_session

    def mended_after_the_first_look(scan: Any, key: int, prices: Any, findings: Any) -> None:
        check(scan, key, prices, findings)
        looks.append(key)
        if len(looks) == 1:
            damage(
                settings,
                "UPDATE session SET title = (SELECT title FROM session_fact WHERE session_id = session.id)",
            )

    monkeypatch.setattr(run, "check_session", mended_after_the_first_look)

    assert verified(settings).ok
    assert len(looks) == 2


def test_it_holds_while_the_store_is_written(tmp_path: Path) -> None:
    """Whatever the ingest has got to, what the store says agrees with the sources as far as that."""
    generate(tmp_path / "corpus", 1, seed=5)
    original = max((tmp_path / "corpus").rglob("*.jsonl"), key=lambda path: path.stat().st_size)
    lines = original.read_bytes().splitlines(keepends=True)
    folder = tmp_path / "sources" / "projects" / "-home-dev-project"
    folder.mkdir(parents=True)
    settings = Config(tmp_path / "store.db", (SourceRoot("claude_code", tmp_path / "sources"),))
    path = folder / f"{SESSION}.jsonl"
    path.write_bytes(lines[0])
    ingest_once(settings, silently)

    def write() -> None:
        for start in range(1, len(lines), max(1, len(lines) // 25)):
            with path.open("ab") as file:
                file.writelines(lines[start : start + len(lines) // 25])
            ingest_once(settings, silently)

    writing = threading.Thread(target=write)
    writing.start()
    reports = [verified(settings)]
    while writing.is_alive():
        reports.append(verified(settings))
    writing.join()
    reports.append(verified(settings))

    assert [difference for report in reports for difference in report.differences] == []
    assert reports[-1].bytes > reports[0].bytes


def test_nothing_is_changed_by_it(tmp_path: Path) -> None:
    settings = stored(tmp_path, "claude_code", "tools")
    files = [settings.db, *(path for path in settings.sources[0].root.rglob("*") if path.is_file())]
    before = [(path.read_bytes(), path.stat().st_mtime_ns) for path in files]

    verified(settings)

    assert [(path.read_bytes(), path.stat().st_mtime_ns) for path in files] == before


def test_every_format_has_a_counter() -> None:
    assert set(COUNTERS) == set(adapters.ADAPTERS)
