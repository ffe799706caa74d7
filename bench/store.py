"""A store as large as wished: made once, kept, and proved sound.

    python -m bench.store [OPS] [FOLDER]

The real writer writes a *seed* of some thousand sessions and a session of 50,000 ops. Then all rows are
copied with SQL, again and again, each copy later by the same whole number of days and under numbers and
names of its own. All that derives from ops (totals, times, sums by quarter of an hour) is the same for ops
that are later by whole days, so the copies are as sound as the seed; ``ai-viewer verify``'s checks look at
some days and at some sessions of each tenth copy all the same. Only model calls lose their identity.

Texts are words by Zipf's law; every third has the word `COMMON`, and some a word that is found once.
"""

from __future__ import annotations

import itertools
import os
import random
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import apsw
import platformdirs

from ai_viewer.ingest.fold import fold
from ai_viewer.model import (
    Event,
    OpFinalized,
    OpKind,
    OpStarted,
    OpStatus,
    PayloadKind,
    PayloadRef,
    Rank,
    SessionFacts,
    SessionFinalized,
    SessionKind,
    SessionStarted,
    SessionStatus,
    SessionUpdated,
    Timing,
    TurnFinalized,
    TurnStarted,
    TurnStatus,
    Usage,
)
from ai_viewer.pricing import Prices, quote
from ai_viewer.store import database, migrations, tally
from ai_viewer.store.batch import FileBatch, FileState
from ai_viewer.store.scan import Scan
from ai_viewer.store.write import Writer
from ai_viewer.verify.derived import check_session
from ai_viewer.verify.report import Findings

GENERATION = 5
"""Raise it when what is made here changes: then it is made anew."""
SEED_OPS = 100_000
LONG_SESSION_OPS = 50_000
LONG_SESSION = "claude_code:long"
COMMON = "release"
"""In every third text."""
RARE = "once{copy}x{number}"
"""In one text each: ``number`` is any multiple of `RARE_EVERY`, below the number of a copy's texts."""
RARE_EVERY = 1_000

_SECOND = 1_000_000
_MINUTE = 60 * _SECOND
_DAY = 86_400 * _SECOND
_START = 1_735_689_600 * _SECOND  # 2025-01-01
_SEED_DAYS = 4
_IDS_OF_A_SECOND = 1 << 10

_TOOLS = {"Bash": "shell", "Read": "fs", "Edit": "fs", "Write": "fs", "Grep": "fs", "Glob": "fs",
          "WebFetch": "web", "WebSearch": "web", "TodoWrite": "builtin", "get_issue": "mcp:tracker",
          "list_issues": "mcp:tracker", "query": "mcp:database", "screenshot": "mcp:browser",
          "click": "mcp:browser"}  # fmt: skip
_TOOL_SHARES = tuple(1 / place for place in range(1, len(_TOOLS) + 1))
_MODELS = {
    "claude_code": (("anthropic", "claude-opus-4-5"), ("anthropic", "claude-sonnet-4-5"),
                    ("anthropic", "claude-haiku-4-5")),
    "codex": (("openai", "gpt-5.2-codex"), ("openai", "gpt-5")),
    "opencode": (("anthropic", "claude-sonnet-4-5"), ("openai", "gpt-5"), ("local", "nobody-knows")),
}  # fmt: skip
_AGENTS = ("Explore", "Plan", "Review", "Test")
_ERRORS = ("Exit code {}", "File /home/dev/project/file{}.py has not been read yet", "timeout after {} s")


def _vocabulary(words: int = 20_000) -> tuple[list[str], list[float]]:
    letters = "bcdfghklmnprstvw", "aeiou"
    syllables = ["".join(pair) for pair in itertools.product(*letters)]
    found = ["".join(parts) for parts in itertools.islice(itertools.product(syllables, repeat=3), words)]
    random.Random(3).shuffle(found)
    return found, list(itertools.accumulate(1 / place for place in range(1, words + 1)))


class _Seed:
    """Makes the seed's sessions, always the same."""

    def __init__(self) -> None:
        self.random = random.Random(11)
        self.words, self.weights = _vocabulary()
        self.texts = 0
        self.roots: dict[str, str] = {}
        """The last session of each format that no other one started."""
        self.ops = 0

    def sessions(self) -> Iterator[FileBatch]:
        """Yield sessions until there are `SEED_OPS` ops."""
        number = 0
        while self.ops < SEED_OPS:
            number += 1
            yield self._session(f"s{number}", self._size())

    def long(self, at: int) -> FileBatch:
        """One session of `LONG_SESSION_OPS` ops."""
        return self._session(LONG_SESSION.split(":")[1], LONG_SESSION_OPS, at=at, format_name="claude_code")

    def _size(self) -> int:
        return max(1, min(5_000, int(45 * self.random.lognormvariate(0, 1.25))))

    def _session(self, name: str, size: int, at: int | None = None, format_name: str = "") -> FileBatch:
        pick = self.random
        format_name = format_name or pick.choices(list(_MODELS), (60, 30, 10))[0]
        provider, model = pick.choice(_MODELS[format_name])
        now = at or _START + pick.randrange(int((_SEED_DAYS - 1.6) * _DAY)) // 1000 * 1000
        child = at is None and self.ops > 100 and pick.random() < 0.2
        facts = SessionFacts(
            kind=SessionKind.SUB_AGENT if child else SessionKind.ROOT,
            parent=self.roots.get(format_name) if child else None,
            agent=pick.choice(_AGENTS) if child else None,
            title=self._text(6),
            cwd=f"/home/dev/project-{int(40 * pick.random() ** 2)}",
            git_branch=pick.choice(("main", "main", "fix", "feature")),
            model=model,
            provider=provider,
            started_at=now,
        )
        if not child:
            self.roots[format_name] = name
        events: list[Event] = [SessionStarted(session=name, rank=Rank.TRANSCRIPT, facts=facts)]
        seq = turn = 0
        while seq < size:
            turn += 1
            seq, now = self._turn(events, name, turn, seq, size, now, (provider, model), at is not None)
            # Now and then one comes back after hours.
            if at is None and seq < size:
                now += (
                    pick.randrange(2 * _MINUTE) if pick.random() < 0.97 else pick.randrange(12 * 60 * _MINUTE)
                )
                now = min(now, _START + int((_SEED_DAYS - 0.2) * _DAY))
        events.append(
            SessionUpdated(session=name, rank=Rank.TRANSCRIPT, facts=SessionFacts(last_at=now, ended_at=now))
        )
        status = SessionStatus.COMPLETED if pick.random() < 0.9 else SessionStatus.FAILED
        events.append(SessionFinalized(session=name, ts=now, status=status, rank=Rank.TRANSCRIPT))
        self.ops += seq
        return _batch(events, name, format_name)

    def _turn(
        self, events: list[Event], name: str, turn: int, seq: int, size: int, now: int,
        calls: tuple[str, str], long: bool,
    ) -> tuple[int, int]:  # fmt: skip
        pick = self.random
        events.append(TurnStarted(session=name, turn=turn, ts=now, label=self._text(8)))
        events.append(self._payload(name, turn, 0, PayloadKind.PROMPT))
        last = min(size, seq + max(2, int(12 * pick.lognormvariate(0, 0.8))))
        call: int | None = None
        while seq < last:
            seq += 1
            is_call = call is None or pick.random() < 0.35
            kind = OpKind.LLM if is_call else OpKind.REASONING if pick.random() < 0.15 else OpKind.TOOL
            tool = pick.choices(list(_TOOLS), _TOOL_SHARES)[0] if kind is OpKind.TOOL else None
            failed = kind is OpKind.TOOL and pick.random() < 0.04
            ended = now + pick.randrange(50, 20_000 if long else 9_000) * 1000
            events.append(
                OpStarted(
                    session=name, turn=turn, seq=seq, ts=now, kind=kind, name=tool,
                    parent=None if is_call else call, namespace=_TOOLS[tool] if tool else None,
                    timing=Timing.DERIVED,
                    model=calls[1] if is_call else None, provider=calls[0] if is_call else None,
                )
            )  # fmt: skip
            events.append(
                OpFinalized(
                    session=name, turn=turn, seq=seq, ts=ended,
                    status=OpStatus.FAILED if failed else OpStatus.COMPLETED,
                    error_class="tool_error" if failed else None,
                    error_message=pick.choice(_ERRORS).format(seq) if failed else None,
                    usage=self._usage() if is_call else None,
                    context_used=pick.randrange(150_000) if is_call else None,
                )
            )  # fmt: skip
            events.append(
                self._payload(name, turn, seq, PayloadKind.ANSWER if is_call else PayloadKind.TOOL_OUTPUT)
            )
            if is_call:
                call = seq
            now = ended
        events.append(TurnFinalized(session=name, turn=turn, ts=now, status=TurnStatus.COMPLETED))
        return seq, now

    def _usage(self) -> Usage:
        pick = self.random
        return Usage(
            pick.randrange(400), pick.randrange(3_000), 0, pick.randrange(150_000), pick.randrange(4_000)
        )

    def _text(self, words: int) -> str:
        return " ".join(self.random.choices(self.words, cum_weights=self.weights, k=words))

    def _payload(self, name: str, turn: int, seq: int, kind: PayloadKind) -> PayloadRef:
        self.texts += 1
        text = self._text(max(2, int(11 * self.random.lognormvariate(0, 0.6))))
        if self.texts % 3 == 0:
            text = f"{text} {COMMON}"
        if self.texts % RARE_EVERY == 0:
            text = f"{text} {RARE.format(copy=0, number=self.texts)}"
        return PayloadRef(session=name, turn=turn, seq=seq, kind=kind, text=text)


def _batch(events: list[Event], name: str, format_name: str) -> FileBatch:
    sessions, problems = fold(events, lambda _: None)
    return FileBatch(
        format=format_name,
        root=f"/home/dev/.{format_name}",
        file=FileState(f"{name}.jsonl", 1, 100, 1_000, 100, 0, 1, b""),
        start=0,
        reset=False,
        done=True,
        counts={"mapped": len(events)},
        problems=problems,
        sessions=sessions,
    )


def store(ops: int, folder: Path | None = None, tell: Callable[[str], None] = print) -> Path:
    """Return a store of about ``ops`` ops; it is made if there is none yet."""
    folder = folder or Path(os.environ.get("BENCH_CACHE") or platformdirs.user_cache_path("ai-viewer-bench"))
    folder.mkdir(parents=True, exist_ok=True)
    version = migrations.SCHEMA_VERSION
    path = folder / f"store-v{version}-{GENERATION}-{ops}.db"
    if path.exists():
        return path
    making = path.with_suffix(".making")
    for rest in folder.glob(f"{making.name}*"):
        rest.unlink()
    begun = time.monotonic()
    with database.writer_lock(making):
        connection = database.open_writer(making)
        _fill(connection, ops, tell)
        connection.pragma("wal_checkpoint(TRUNCATE)")
        connection.close()
    _prove(making)
    for rest in folder.glob(f"{making.name}-*"):
        rest.unlink()
    making.rename(path)
    tell(f"{path}: {ops:,} ops, {path.stat().st_size / 1e9:.1f} GB, in {time.monotonic() - begun:.0f} s")
    return path


def _fill(connection: apsw.Connection, ops: int, tell: Callable[[str], None]) -> None:
    connection.pragma("synchronous", 0)
    connection.pragma("cache_size", -1_000_000)
    writer = Writer(connection, quote)
    seed = _Seed()
    for batches in _some(seed.sessions(), 50):
        writer.apply(batches)
    copies = max(1, round((ops - LONG_SESSION_OPS) / seed.ops))
    connection.execute("CREATE TEMP TABLE words AS SELECT id, CAST(data AS TEXT) AS text FROM payload")
    # Texts are in memory until they are written: the fewer times, the less there is to merge.
    connection.execute("INSERT INTO payload_text (payload_text, rank) VALUES ('hashsize', 67108864)")
    tables = _tables(connection)
    for copy in range(1, copies):
        with connection:
            _copy(connection, tables, copy)
        if copy % 10 == 0:
            tell(f"copy {copy} of {copies}")
    connection.execute("INSERT INTO payload_text (payload_text, rank) VALUES ('hashsize', 1048576)")
    writer.apply([seed.long(_START + copies * _SEED_DAYS * _DAY)])
    connection.execute("INSERT OR IGNORE INTO day (day) SELECT DISTINCT day FROM session_day")
    tell("sums of days")
    while writer.seal_a_day():
        pass


def _some(sessions: Iterator[FileBatch], number: int) -> Iterator[list[FileBatch]]:
    while some := list(itertools.islice(sessions, number)):
        yield some


def _tables(connection: apsw.Connection) -> dict[str, str]:
    """For each table the statement that makes a copy of the seed's rows."""
    most = {table: connection.execute(f"SELECT max(id) FROM {table}").get for table in ("session", "file")}
    later, quarters = f"{_SEED_DAYS * _DAY} * :copy", f"{_SEED_DAYS * 96} * :copy"
    ids = f"{_SEED_DAYS * 86_400 * _IDS_OF_A_SECOND} * :copy"
    session, file = f"{most['session']} * :copy", f"{most['file']} * :copy"
    shifts = {
        "session_id": session, "parent_id": session, "child_id": session, "owner_file": file,
        "file_id": file, "started_at": later, "last_at": later, "ended_at": later, "start_ts": later,
        "end_ts": later, "ts": later, "quarter": quarters,
    }  # fmt: skip
    own_id = {"session": session, "file": file, "payload": ids, "passage": ids}
    statements = {}
    for table in (
        "file",
        "record_count",
        "session",
        "session_fact",
        "turn",
        "op",
        "rollup",
        "payload",
        "passage",
    ):
        columns = [
            name
            for name, hidden in connection.execute(f"SELECT name, hidden FROM pragma_table_xinfo('{table}')")
            if not hidden
        ]
        told = []
        for column in columns:
            if column == "id":
                told.append(f"id + {own_id[table]}")
            elif column in shifts:
                told.append(f"{column} + {shifts[column]}")
            elif column == "day":
                told.append(f"day + {_SEED_DAYS} * :copy")
            elif column in {"native_id", "path"} and table in {"session", "file"}:
                told.append(f"{column} || '-' || :copy")
            elif column == "call":
                told.append("NULL")
            else:
                told.append(column)
        of_seed = {
            "session": f"id <= {most['session']}",
            "file": f"id <= {most['file']}",
            "payload": f"session_id <= {most['session']}",
            "passage": f"session_id <= {most['session']}",
        }.get(table, f"{columns[0]} <= {most['file' if columns[0] == 'file_id' else 'session']}")
        statements[table] = (
            f"INSERT INTO {table} ({', '.join(columns)})"
            f" SELECT {', '.join(told)} FROM {table} WHERE {of_seed}"
        )
    text = "replace(text, 'once0x', 'once' || :copy || 'x')"
    statements["payload_text"] = (
        f"INSERT INTO payload_text (rowid, text) SELECT id + {ids}, {text} FROM words ORDER BY id"
    )
    return statements


def _copy(connection: apsw.Connection, statements: dict[str, str], copy: int) -> None:
    for statement in statements.values():
        connection.execute(statement, {"copy": copy})


def _prove(path: Path) -> None:
    """Stop if something that derives from ops is not what they tell."""
    scan, findings, prices = Scan(path), Findings(), Prices()
    # Of the seed's sessions one in 97, and of the copies one in ten.
    seed = database.one(scan.connection, "SELECT max(id) FROM session WHERE native_id NOT LIKE '%-%'") - 1
    last = database.one(scan.connection, "SELECT max(id) FROM session")
    for session in range(1, last, 97):
        if session // seed % 10 == 0:
            check_session(scan, session, prices, findings)
    wrong = tally.wrong_days(scan.connection, every=20)
    scan.close()
    if findings.differences or wrong:
        raise SystemExit(f"the store is not sound: {findings.differences[:3]} {wrong}")


if __name__ == "__main__":
    store(
        int(sys.argv[1]) if len(sys.argv) > 1 else 10_000_000,
        Path(sys.argv[2]) if len(sys.argv) > 2 else None,
    )
