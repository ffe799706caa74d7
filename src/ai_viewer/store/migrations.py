"""Bring a store from any earlier schema version to today's, one tested step at a time."""

from __future__ import annotations

from collections.abc import Callable
from importlib import resources
from pathlib import Path

import apsw

from ai_viewer.errors import StoreError
from ai_viewer.store import database
from ai_viewer.store.derive import Touched, derive_all
from ai_viewer.store.texts import Texts, time_of
from ai_viewer.store.unpack import unpack
from ai_viewer.store.words import indexable

SCHEMA_VERSION = 2

_MICROS = ("model_us", "tool_us", "agent_us", "compaction_us", "idle_us", "wait_us")

_ROLLUP = """
CREATE TABLE rollup (
    session_id INTEGER NOT NULL REFERENCES session,
    turn INTEGER NOT NULL,
    quarter INTEGER NOT NULL,
    kind TEXT NOT NULL,
    name TEXT NOT NULL,
    namespace TEXT NOT NULL,
    model TEXT NOT NULL,
    provider TEXT NOT NULL,
    ops INTEGER NOT NULL,
    failures INTEGER NOT NULL,
    tokens_in INTEGER NOT NULL,
    tokens_out INTEGER NOT NULL,
    tokens_reasoning INTEGER NOT NULL,
    tokens_cache_read INTEGER NOT NULL,
    tokens_cache_write_5m INTEGER NOT NULL,
    tokens_cache_write_1h INTEGER NOT NULL,
    cost_nano INTEGER NOT NULL,
    unpriced_calls INTEGER NOT NULL,
    unpriced_tokens INTEGER NOT NULL,
    timed INTEGER NOT NULL,
    duration_us INTEGER NOT NULL,
    context_peak INTEGER NOT NULL,
    context_share INTEGER NOT NULL,
    tokens_max INTEGER NOT NULL,
    cost_max INTEGER NOT NULL,
    duration_max INTEGER NOT NULL,
    PRIMARY KEY (session_id, turn, quarter, kind, name, namespace, model, provider)
) STRICT, WITHOUT ROWID
"""


_DAYS = (
    """
CREATE TABLE session_day (
    session_id INTEGER NOT NULL REFERENCES session,
    day INTEGER NOT NULL,
    PRIMARY KEY (session_id, day)
) STRICT, WITHOUT ROWID
""",
    "CREATE INDEX session_of_day ON session_day (day, session_id)",
    """
CREATE TABLE day (
    day INTEGER PRIMARY KEY,
    sealed INTEGER NOT NULL DEFAULT 0
) STRICT
""",
    """
CREATE TABLE tally (
    dimension TEXT NOT NULL,
    width INTEGER NOT NULL,
    slot INTEGER NOT NULL,
    key TEXT NOT NULL,
    before INTEGER NOT NULL,
    sessions INTEGER NOT NULL,
    sessions_completed INTEGER NOT NULL,
    sessions_failed INTEGER NOT NULL,
    turns INTEGER NOT NULL,
    ops INTEGER NOT NULL,
    llm_calls INTEGER NOT NULL,
    tool_calls INTEGER NOT NULL,
    failures INTEGER NOT NULL,
    tool_failures INTEGER NOT NULL,
    tokens_in INTEGER NOT NULL,
    tokens_out INTEGER NOT NULL,
    tokens_reasoning INTEGER NOT NULL,
    tokens_cache_read INTEGER NOT NULL,
    tokens_cache_write_5m INTEGER NOT NULL,
    tokens_cache_write_1h INTEGER NOT NULL,
    cost_nano INTEGER NOT NULL,
    unpriced_calls INTEGER NOT NULL,
    unpriced_tokens INTEGER NOT NULL,
    timed_ops INTEGER NOT NULL,
    duration_us INTEGER NOT NULL,
    llm_duration_us INTEGER NOT NULL,
    tool_duration_us INTEGER NOT NULL,
    context_peak INTEGER,
    first_quarter INTEGER,
    last_quarter INTEGER,
    busy_us INTEGER NOT NULL,
    compaction_us INTEGER NOT NULL,
    model_us INTEGER NOT NULL,
    tool_us INTEGER NOT NULL,
    agent_us INTEGER NOT NULL,
    idle_us INTEGER NOT NULL,
    wait_us INTEGER NOT NULL,
    context_share INTEGER,
    first_namespace TEXT,
    last_namespace TEXT,
    PRIMARY KEY (dimension, width, slot, key, before)
) STRICT, WITHOUT ROWID
""",
    "CREATE INDEX session_idle ON session (id) WHERE ops = 0 AND owner_file IS NOT NULL",
)


_PRICE_LIST = """
CREATE TABLE price_list (
    name TEXT PRIMARY KEY,
    repriced_to INTEGER NOT NULL DEFAULT 0
) STRICT, WITHOUT ROWID
"""


_PASSAGE = """
CREATE TABLE passage (
    id INTEGER PRIMARY KEY,
    session_id INTEGER NOT NULL REFERENCES session,
    kind TEXT NOT NULL,
    number INTEGER NOT NULL,
    digest INTEGER NOT NULL,
    UNIQUE (session_id, kind, number)
) STRICT
"""

_DICTIONARY = """
CREATE TABLE dictionary (
    id INTEGER PRIMARY KEY,
    data BLOB NOT NULL
) STRICT
"""

_TEXTS_AT_ONCE = 1_000
"""Texts that are held while they are indexed anew."""


def _rollups_and_times(connection: apsw.Connection) -> None:
    """Time by what it went to, sums by quarter of an hour, what else formats tell, how calls were priced."""
    added = {
        "session_fact": ("call_path TEXT", "pr_url TEXT"),
        "session": (
            *(f"{column} INTEGER NOT NULL DEFAULT 0" for column in _MICROS),
            "call_path TEXT",
            "pr_url TEXT",
        ),
        "turn": tuple(f"{column} INTEGER NOT NULL DEFAULT 0" for column in _MICROS),
        "op": ("tier TEXT", "web_searches INTEGER", "context_recorded INTEGER NOT NULL DEFAULT 0"),
    }
    # Of what changed before nothing more is known.
    connection.execute("ALTER TABLE change ADD COLUMN turn INTEGER")
    connection.execute("UPDATE change SET turn = 0 WHERE session_id <> 0")
    for table, columns in added.items():
        for column in columns:
            connection.execute(f"ALTER TABLE {table} ADD COLUMN {column}")
    connection.execute(_ROLLUP)
    connection.execute("CREATE INDEX op_failed ON op (session_id, seq) WHERE status = 'failed'")
    connection.execute("CREATE INDEX turn_start ON turn (session_id, start_ts) WHERE start_ts IS NOT NULL")
    for statement in _DAYS:
        connection.execute(statement)
    connection.execute(_PRICE_LIST)
    connection.execute(
        "INSERT INTO price_list (name) SELECT 'of schema version 1' WHERE EXISTS"
        " (SELECT 1 FROM op WHERE tokens_in IS NOT NULL)"
    )
    # Of the formats of that time only Codex told it; with the others it came from the price list.
    connection.execute(
        "UPDATE op SET context_recorded = 1 WHERE context_max IS NOT NULL AND session_id IN"
        " (SELECT id FROM session WHERE format = 'codex')"
    )
    derive_all(connection)
    connection.execute(_PASSAGE)
    connection.execute(_DICTIONARY)
    connection.execute(
        "INSERT INTO payload_text (payload_text, rank) VALUES ('hashsize', 33554432), ('automerge', 16)"
    )
    _order_texts_by_time(connection)
    _index_passages(connection)


def _order_texts_by_time(connection: apsw.Connection) -> None:
    """Give payloads ids that follow time, and index their texts anew.

    A text that only its source has keeps its id, and so its place in the index.
    """
    texts = Texts(connection)
    kept = database.rows(connection, "SELECT id FROM payload WHERE codec <> 'none' ORDER BY id")
    for number, (old,) in enumerate(kept, 1):
        session, turn, seq, codec, size, data, indexed = connection.execute(
            "SELECT session_id, turn, seq, codec, bytes, data, payload_text_docsize.id IS NOT NULL"
            " FROM payload LEFT JOIN payload_text_docsize USING (id) WHERE id = ?",
            (old,),
        ).get
        new = texts.next_id(time_of(connection, session, turn, seq))
        texts.take(new)
        connection.execute("UPDATE payload SET id = ? WHERE id = ?", (new, old))
        texts.remove([old])
        if indexed:
            text = unpack(connection, codec, data, size).decode("utf-8", "replace")
            texts.put(new, indexable(text), known=False)
        if number % _TEXTS_AT_ONCE == 0:
            texts.write()
    texts.write()


def _index_passages(connection: apsw.Connection) -> None:
    touched = Touched()
    touched.facts.update(row for (row,) in database.rows(connection, "SELECT id FROM session"))
    for session, turn, first, last in database.rows(
        connection, "SELECT session_id, turn, first_seq, last_seq FROM turn"
    ):
        touched.turn(session, turn, first)
        touched.turn(session, turn, last)
    for session, n in database.rows(connection, "SELECT session_id, n FROM log"):
        touched.log(session, n)
    texts = Texts(connection)
    texts.derive_passages(touched)
    texts.write()


STEPS: dict[int, Callable[[apsw.Connection], None]] = {1: _rollups_and_times}
"""From version n to n + 1; each runs in a transaction of its own with its version's record."""


def version(connection: apsw.Connection) -> int:
    """Return the store's schema version; 0 for an empty file.

    Raises:
        StoreError: if the file is another program's database.
    """
    tables = {name for (name,) in connection.execute("SELECT name FROM sqlite_schema WHERE type = 'table'")}
    if not tables:
        return 0
    if "schema_meta" not in tables:
        raise StoreError(f"{connection.filename}: a database of another program; name another with --db")
    found: int = connection.execute("SELECT version FROM schema_meta").get
    return found


def migrate(connection: apsw.Connection, path: Path) -> None:
    """Make the schema, or bring it up to `SCHEMA_VERSION`; a backup is made before a step runs."""
    found = version(connection)
    if found == 0:
        with connection:
            connection.execute(resources.files("ai_viewer.store").joinpath("schema.sql").read_text())
            connection.execute("INSERT INTO schema_meta (version) VALUES (?)", (SCHEMA_VERSION,))
        return
    if found < SCHEMA_VERSION:
        back_up(connection, path.with_name(f"{path.name}.v{found}.backup"))
    for step in range(found, SCHEMA_VERSION):
        with connection:
            STEPS[step](connection)
            connection.execute("UPDATE schema_meta SET version = ?", (step + 1,))


def back_up(connection: apsw.Connection, path: Path) -> None:
    """Copy the whole store to ``path``."""
    target = apsw.Connection(str(path))
    try:
        with target.backup("main", connection, "main") as backup:
            while not backup.done:
                backup.step(10_000)
    finally:
        target.close()
