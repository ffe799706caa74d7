"""The writer: apply batches of rows to the store, each call one transaction.

    batches → rows (upsert by natural key) → derive what depends on them → change notices

Nothing is counted up: after the rows of a transaction are in, `ai_viewer.store.derive`
computes anew what depends on them. So a batch applied twice changes nothing, and the order
of files does not matter.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping, Sequence
from functools import partial

import apsw
import msgspec
import zstandard

from ai_viewer.model import SessionFacts
from ai_viewer.store import database, days, tally
from ai_viewer.store.batch import (
    FileBatch,
    FileState,
    ProblemRow,
    Replacement,
    SessionRows,
)
from ai_viewer.store.content import Content
from ai_viewer.store.derive import FACT_COLUMNS, Touched, derive, touch_whole_turn
from ai_viewer.store.price import Pricer
from ai_viewer.store.texts import Texts
from ai_viewer.store.unpack import dictionary

CHANGES_KEPT = 100_000
"""Change notices kept for clients that reconnect; who was away longer starts anew."""


ANEW = -1
"""The adapter version of a file that is to be read from its beginning."""


class KnownFile(msgspec.Struct, frozen=True):
    """A file as the store knows it."""

    inode: int
    size: int
    mtime_ns: int
    offset: int
    fingerprint: int
    adapter_version: int


_FACTS = SessionFacts.__struct_fields__

_INSERT_FACT = f"""
INSERT INTO session_fact (session_id, file_id, rank, content, {", ".join(FACT_COLUMNS)})
VALUES ({", ".join("?" * (4 + len(FACT_COLUMNS)))})
"""
# Of a fact told again, the later holds; what is not told stays.
_UPSERT_FACT = f"""{_INSERT_FACT}
ON CONFLICT (session_id, file_id) DO UPDATE SET
    rank = min(rank, excluded.rank),
    content = max(content, excluded.content),
    {", ".join(f"{column} = coalesce(excluded.{column}, {column})" for column in FACT_COLUMNS)}
"""

# Of a snapshot, what is not told holds no more.
_REPLACE_FACT = f"""{_INSERT_FACT}
ON CONFLICT (session_id, file_id) DO UPDATE SET
    {", ".join(f"{column} = excluded.{column}" for column in ("rank", "content", *FACT_COLUMNS))}
"""

# What is derived stays: where the turn's ops are, for one.
_CLEAR_TURN = """
UPDATE turn SET start_ts = NULL, end_ts = NULL, status = 'running', error_class = NULL, error_message = NULL,
    label = NULL
WHERE session_id = ? AND turn = ? RETURNING turn
"""

_UPSERT_FILE = """
INSERT INTO file (source_id, path, inode, size, mtime_ns, offset, fingerprint, adapter_version, state, error)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
ON CONFLICT (source_id, path) DO UPDATE SET
    inode = excluded.inode, size = excluded.size, mtime_ns = excluded.mtime_ns, offset = excluded.offset,
    fingerprint = excluded.fingerprint, adapter_version = excluded.adapter_version,
    state = excluded.state, error = excluded.error, missing = 0
RETURNING id
"""


class Writer:
    """Applies batches; the only code that changes rows. Use it within `database.writer_lock`."""

    def __init__(self, connection: apsw.Connection, price: Pricer) -> None:
        self.connection = connection
        self.price = price
        self.asked_anew = False
        """Whether files must be read again that were thought to be known: look for them."""
        self._source_keys: dict[tuple[str, str], int] = {}
        self._session_keys: dict[tuple[str, str], int] = {}

    def known_files(self, format_name: str, root: str) -> dict[str, KnownFile]:
        """Return how far each file of a source has been read, by path."""
        rows = self.connection.execute(
            "SELECT path, inode, size, mtime_ns, offset, fingerprint, adapter_version FROM file"
            " JOIN source ON source.id = source_id WHERE format = ? AND root = ? AND NOT missing",
            (format_name, root),
        )
        return {path: KnownFile(*rest) for path, *rest in rows}

    def known_file(self, format_name: str, root: str, path: str) -> FileState | None:
        """Return how far one file has been read, with its parser's state there."""
        row = self.connection.execute(
            "SELECT path, inode, size, mtime_ns, offset, fingerprint, adapter_version, state FROM file"
            " JOIN source ON source.id = source_id WHERE format = ? AND root = ? AND path = ?",
            (format_name, root, path),
        ).fetchone()
        return FileState(*row) if row else None

    def mark_missing(self, format_name: str, root: str, paths: Iterable[str]) -> None:
        """Note that files are gone. What they told stays, unless another file tells it as well."""
        with self.connection:
            source = self.source_key(format_name, root)
            for path in paths:
                file_id: int = database.one(
                    self.connection,
                    "UPDATE file SET missing = 1 WHERE source_id = ? AND path = ? RETURNING id",
                    (source, path),
                )
                for (session,) in database.rows(
                    self.connection, "SELECT id FROM session WHERE owner_file = ?", (file_id,)
                ):
                    self.read_others_anew(session, file_id)
            self.notify({0: None})

    def read_others_anew(self, session: int, owner: int) -> None:
        """Have the files read again that tell the session's content too and were not believed."""
        asked = database.rows(
            self.connection,
            f"UPDATE file SET size = -1, adapter_version = {ANEW} WHERE NOT missing AND id IN"
            " (SELECT file_id FROM session_fact WHERE session_id = ? AND content AND file_id <> ?)"
            " RETURNING id",
            (session, owner),
        )
        self.asked_anew = self.asked_anew or bool(asked)

    def apply(self, batches: Sequence[FileBatch]) -> None:
        """Write the batches in one transaction: rows, cursors, states and notices, or nothing."""
        try:
            with self.connection:
                transaction = _Transaction(self)
                for batch in batches:
                    transaction.take(batch)
                self.notify(derive(self.connection, transaction.touched))
                transaction.texts.derive_passages(transaction.touched)
                transaction.texts.write()
        except BaseException:
            # Ids given out within the transaction are gone with it.
            self._source_keys.clear()
            self._session_keys.clear()
            raise

    def dictionary(self) -> bytes | None:
        """Return the dictionary by which texts are compressed, if there is one."""
        return dictionary(self.connection)

    def keep_dictionary(self, data: bytes) -> None:
        """Keep a dictionary, before any text is compressed by it."""
        self.connection.execute(
            "INSERT OR IGNORE INTO dictionary (id, data) VALUES (?, ?)",
            (zstandard.ZstdCompressionDict(data).dict_id(), data),
        )

    def seal_a_day(self) -> bool:
        """Sum up a day that is over and not summed up yet; return whether there was one."""
        return tally.seal(self.connection, days.today())

    def totals(self) -> tuple[int, int, int]:
        """Return how many sessions, turns and ops the store holds."""
        row = self.connection.execute(
            "SELECT count(*), coalesce(sum(turns), 0), coalesce(sum(ops), 0) FROM session"
            " WHERE owner_file IS NOT NULL"
        ).fetchone()
        sessions, turns, ops = row or (0, 0, 0)
        return sessions, turns, ops

    def source_key(self, format_name: str, root: str) -> int:
        """Return the inside number of a source, which is made if need be."""
        key = (format_name, root)
        if key not in self._source_keys:
            self.connection.execute("INSERT OR IGNORE INTO source (format, root) VALUES (?, ?)", key)
            self._source_keys[key] = database.one(
                self.connection, "SELECT id FROM source WHERE format = ? AND root = ?", key
            )
        return self._source_keys[key]

    def session_key(self, format_name: str, native_id: str) -> int:
        """Return the inside number of a session, which is made as soon as anything names it."""
        key = (format_name, native_id)
        found = self._session_keys.get(key)
        if found is None:
            if len(self._session_keys) > 100_000:
                self._session_keys.clear()
            self.connection.execute("INSERT OR IGNORE INTO session (format, native_id) VALUES (?, ?)", key)
            found = database.one(
                self.connection, "SELECT id FROM session WHERE format = ? AND native_id = ?", key
            )
            self._session_keys[key] = found
        return found

    def notify(self, sessions: Mapping[int, int | None]) -> None:
        """Tell readers that these sessions have changed, each with the first of its turns that did."""
        now = time.time_ns() // 1000
        self.connection.executemany(
            "INSERT INTO change (session_id, at, turn) VALUES (?, ?, ?)",
            [(session, now, turn) for session, turn in sorted(sessions.items())],
        )
        self.connection.execute(
            "DELETE FROM change WHERE id <= (SELECT max(id) FROM change) - ?", (CHANGES_KEPT,)
        )


class _Transaction:
    """One transaction's work: what it has touched, and what must be derived at its end."""

    def __init__(self, writer: Writer) -> None:
        self.writer = writer
        self.connection = writer.connection
        self.touched = Touched()
        self.texts = Texts(self.connection)
        self.content = Content(self.connection, writer.price, self.touched, self.texts)

    def take(self, batch: FileBatch) -> None:
        """Write one file's rows and cursor."""
        source = self.writer.source_key(batch.format, batch.root)
        file = batch.file
        if batch.start and not batch.reset and self.is_to_be_read_anew(source, file.path):
            return
        file_id: int = database.one(
            self.connection,
            _UPSERT_FILE,
            (
                source, file.path, file.inode, file.size, file.mtime_ns, file.offset, file.fingerprint,
                file.adapter_version, file.state, batch.error,
            ),
        )  # fmt: skip
        if batch.reset:
            self.forget_file(file_id)
        if batch.counts is not None:
            self.take_counts(file_id, batch.counts)
        self.take_problems(file_id, batch.start, batch.problems)
        for name in batch.gone:
            self.forget_session(self.writer.session_key(batch.format, name), file_id)
        for rows in batch.sessions:
            self.take_session(batch.format, file_id, rows)
        if not batch.sessions:
            self.touched.sessions.add(0)

    def is_to_be_read_anew(self, source: int, path: str) -> bool:
        """Whether a file was asked for from its beginning while more of it was being read."""
        version: int | None = database.one(
            self.connection,
            "SELECT adapter_version FROM file WHERE source_id = ? AND path = ?",
            (source, path),
        )
        return version == ANEW

    def take_counts(self, file_id: int, counts: dict[str, int]) -> None:
        """Write the counts that have changed, and delete what is counted no more."""
        stored = dict(
            database.rows(
                self.connection, "SELECT outcome, records FROM record_count WHERE file_id = ?", (file_id,)
            )
        )
        self.connection.executemany(
            "DELETE FROM record_count WHERE file_id = ? AND outcome = ?",
            [(file_id, outcome) for outcome in stored.keys() - counts.keys()],
        )
        self.connection.executemany(
            "INSERT OR REPLACE INTO record_count (file_id, outcome, records) VALUES (?, ?, ?)",
            [(file_id, *count) for count in sorted(counts.items() - stored.items())],
        )

    def take_problems(self, file_id: int, start: int, problems: list[ProblemRow]) -> None:
        """Replace the problems behind ``start``: an unfinished last line was one only until it went on."""
        stored = set(
            database.rows(
                self.connection,
                "SELECT offset, error_class, message, excerpt FROM problem WHERE file_id = ? AND offset >= ?",
                (file_id, start),
            )
        )
        truth = {problem[0]: tuple(problem) for problem in problems}
        self.connection.executemany(
            "DELETE FROM problem WHERE file_id = ? AND offset = ?",
            [(file_id, problem[0]) for problem in stored if problem[0] not in truth],
        )
        self.connection.executemany(
            "INSERT OR REPLACE INTO problem (file_id, offset, error_class, message, excerpt)"
            " VALUES (?, ?, ?, ?, ?)",
            [(file_id, *problem) for problem in truth.values() if problem not in stored],
        )

    def take_session(self, format_name: str, file_id: int, rows: SessionRows) -> None:
        session = self.writer.session_key(format_name, rows.session)
        facts = [getattr(rows.facts, field) for field in _FACTS]
        parent = rows.facts.parent
        if parent is not None:
            facts[_FACTS.index("parent")] = self.writer.session_key(format_name, parent)
        replacement = rows.replacement
        self.connection.execute(
            _UPSERT_FACT if replacement is None else _REPLACE_FACT,
            (session, file_id, int(rows.rank), rows.content, *facts),
        )
        self.touched.sessions.add(session)
        self.touched.facts.add(session)
        if not rows.content:
            if replacement is not None:
                self.disown(session, file_id)
            return
        is_new = self.owner(session) is None
        if self.claim(session, file_id, whole=replacement is None or replacement.whole):
            if replacement is not None:
                self.clear(session, replacement)
            key_of = partial(self.writer.session_key, format_name)
            self.content.take(session, rows, key_of, is_new=is_new)

    def claim(self, session: int, file_id: int, *, whole: bool) -> bool:
        """Whether this file's turns and ops are the session's; a better file replaces a worse one's.

        A file of which only the news are at hand (not ``whole``) has to be read anew for that.
        """
        owner = self.owner(session)
        if owner == file_id:
            return True
        if owner is not None:
            best: int = database.one(
                self.connection,
                "SELECT file_id FROM session_fact JOIN file ON file.id = file_id"
                " JOIN source ON source.id = source_id WHERE session_id = ? AND file_id IN (?, ?)"
                " ORDER BY missing, rank, path, root LIMIT 1",
                (session, owner, file_id),
            )
            if best != file_id:
                return False
        if not whole:
            self.connection.execute(
                f"UPDATE file SET size = -1, adapter_version = {ANEW} WHERE id = ?", (file_id,)
            )
            return False
        if owner is not None:
            self.forget_content(session)
        else:
            self.touch_runs(session)
        self.connection.execute("UPDATE session SET owner_file = ? WHERE id = ?", (file_id, session))
        return True

    def touch_runs(self, session: int) -> None:
        """Note that the ops that ran a session lead to it from now on, or lead nowhere."""
        for runner, turn, seq in database.rows(
            self.connection, "SELECT session_id, turn, seq FROM op WHERE child_id = ?", (session,)
        ):
            self.touched.turn(runner, turn, seq)

    def owner(self, session: int) -> int | None:
        """The file whose turns and ops are the session's."""
        owner: int | None = database.one(
            self.connection, "SELECT owner_file FROM session WHERE id = ?", (session,)
        )
        return owner

    def clear(self, session: int, replacement: Replacement) -> None:
        """Delete what is written anew or gone: rows, texts, and what is derived of turns that are gone."""
        by_turn: dict[int, list[int]] = {}
        for turn, seq in replacement.units:
            by_turn.setdefault(turn, []).append(seq)
        for turn, seqs in by_turn.items():
            self.clear_units(session, turn, seqs)
        for turn in replacement.turns_gone:
            for table in ("turn", "rollup"):
                self.connection.execute(
                    f"DELETE FROM {table} WHERE session_id = ? AND turn = ?", (session, turn)
                )
            self.texts.forget_passages(session, "kind = 'turn_error' AND number = ?", turn)
            self.touched.turns.pop((session, turn), None)
            self.touched.changed_from(session, turn)
            self.touched.whole.add(session)

    def clear_units(self, session: int, turn: int, seqs: list[int]) -> None:
        connection = self.connection
        for seq in seqs:
            if seq == 0:
                if connection.execute(_CLEAR_TURN, (session, turn)).fetchall():
                    self.touched.turn(session, turn)
                continue
            for call, replay, its_turn in database.rows(
                connection,
                "DELETE FROM op WHERE session_id = ? AND seq = ? RETURNING call, replay, turn",
                (session, seq),
            ):
                self.touched.turn(session, its_turn, seq)
                if call is not None:
                    self.touched.calls.add(call)
                if replay:
                    # Its parts, which stay, were replays because of it.
                    touch_whole_turn(connection, self.touched, session, its_turn, seq)
        those = (session, turn, msgspec.json.encode(seqs).decode())
        where = "session_id = ? AND turn = ? AND seq IN (SELECT value FROM json_each(?))"
        gone = database.rows(connection, f"DELETE FROM payload WHERE {where} RETURNING id", those)
        self.texts.remove(payload for (payload,) in gone)
        for (n,) in database.rows(connection, f"DELETE FROM log WHERE {where} RETURNING n", those):
            self.touched.log(session, n)

    def disown(self, session: int, file_id: int) -> None:
        """Take back a session's content if it is this file's, which tells none any more."""
        if self.owner(session) == file_id:
            self.forget_content(session)
            self.connection.execute("UPDATE session SET owner_file = NULL WHERE id = ?", (session,))
            self.touch_runs(session)
            self.writer.read_others_anew(session, file_id)

    def forget_session(self, session: int, file_id: int) -> None:
        """Take back all that a file told of a session."""
        self.disown(session, file_id)
        self.connection.execute(
            "DELETE FROM session_fact WHERE session_id = ? AND file_id = ?", (session, file_id)
        )
        self.touched.facts.add(session)
        self.touched.sessions.add(session)

    def forget_file(self, file_id: int) -> None:
        """Take back all that a file told, because it is told anew."""
        told = [
            row
            for (row,) in self.connection.execute(
                "SELECT session_id FROM session_fact WHERE file_id = ?", (file_id,)
            )
        ]
        owned = [
            row
            for (row,) in self.connection.execute("SELECT id FROM session WHERE owner_file = ?", (file_id,))
        ]
        for session in owned:
            self.forget_content(session)
            self.touch_runs(session)
            self.writer.read_others_anew(session, file_id)
        self.connection.execute("UPDATE session SET owner_file = NULL WHERE owner_file = ?", (file_id,))
        self.connection.execute("DELETE FROM session_fact WHERE file_id = ?", (file_id,))
        self.connection.execute("DELETE FROM problem WHERE file_id = ?", (file_id,))
        self.touched.facts.update(told)
        self.touched.sessions.update(told)

    def forget_content(self, session: int) -> None:
        """Delete a session's turns, ops, payloads and logs."""
        connection = self.connection
        self.touched.calls.update(
            call
            for (call,) in connection.execute(
                "SELECT DISTINCT call FROM op WHERE session_id = ? AND call IS NOT NULL", (session,)
            )
        )
        gone = database.rows(connection, "DELETE FROM payload WHERE session_id = ? RETURNING id", (session,))
        self.texts.remove(payload for (payload,) in gone)
        self.texts.forget_passages(session, "kind NOT IN ('title', 'session_error')")
        for table in ("op", "turn", "log", "rollup"):
            connection.execute(f"DELETE FROM {table} WHERE session_id = ?", (session,))
        self.touched.forget(session)
