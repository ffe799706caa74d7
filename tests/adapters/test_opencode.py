"""What the golden files of opencode do not say well."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Sequence
from pathlib import Path, PurePosixPath
from typing import Any

import apsw
import pytest

from ai_viewer.adapters.base import Artifact, Member, Shape
from ai_viewer.adapters.opencode import Opencode
from ai_viewer.adapters.opencode.contents import (
    file,
    given_title,
    id_time,
    read_cost,
    read_usage,
    reasoning_apart,
)
from ai_viewer.adapters.opencode.tools import identity, verdict
from ai_viewer.config import Config, SourceRoot
from ai_viewer.ingest.folder import SourceFolder
from ai_viewer.ingest.run import ingest_once
from ai_viewer.model import (
    Event,
    OpFinalized,
    OpKind,
    OpStarted,
    OpStatus,
    PayloadRef,
    Rank,
    SessionKind,
    SessionStarted,
    TurnFinalized,
    TurnStarted,
    TurnStatus,
    Usage,
)
from ai_viewer.store import database as store
from ai_viewer.store import foreign
from ai_viewer.testing import as_on_disk, read, read_folder

OPENCODE = Opencode()
CASES = Path(__file__).parents[1] / "fixtures" / "opencode"
DATABASE = Artifact("opencode.db", Shape.DATABASE)
TREE = Artifact("storage", Shape.TREE)
START = 1767323045000
"""A time in milliseconds."""

SCHEMA = """
CREATE TABLE session (
    id text PRIMARY KEY, parent_id text, title text, version text, directory text,
    time_created integer NOT NULL, time_updated integer NOT NULL
);
CREATE TABLE message (
    id text PRIMARY KEY, session_id text NOT NULL, time_created integer NOT NULL,
    time_updated integer NOT NULL, data text NOT NULL
);
CREATE TABLE part (
    id text PRIMARY KEY, message_id text NOT NULL, session_id text NOT NULL,
    time_created integer NOT NULL, time_updated integer NOT NULL, data text NOT NULL
);
CREATE INDEX message_session_time_created_id_idx ON message (session_id, time_created, id);
CREATE INDEX part_message_id_id_idx ON part (message_id, id);
CREATE INDEX part_session_idx ON part (session_id);
"""


class Writer:
    """opencode at work: a connection of its own to the database."""

    def __init__(self, path: Path) -> None:
        self.connection = apsw.Connection(str(path))
        self.connection.pragma("journal_mode", "wal")
        self.connection.execute(SCHEMA)

    def session(self, name: str, at: int, **columns: Any) -> None:
        row = {"id": name, "time_created": at, "time_updated": at, "version": "1.15.13", **columns}
        self.connection.execute(
            f"INSERT INTO session ({', '.join(row)}) VALUES ({', '.join('?' for _ in row)})",
            tuple(row.values()),
        )

    def message(self, name: str, session: str, at: int, **data: Any) -> None:
        data = {"role": "user", "time": {"created": at}, **data}
        self.connection.execute(
            "INSERT INTO message VALUES (?, ?, ?, ?, ?)", (name, session, at, at, json.dumps(data))
        )

    def part(self, name: str, message: str, session: str, at: int, **data: Any) -> None:
        self.connection.execute(
            "INSERT INTO part VALUES (?, ?, ?, ?, ?, ?)",
            (name, message, session, at, at, json.dumps({"type": "text", "text": "Hello", **data})),
        )

    def update(self, table: str, name: str, at: int) -> None:
        self.connection.execute(f"UPDATE {table} SET time_updated = ? WHERE id = ?", (at, name))


@pytest.fixture
def writer(tmp_path: Path) -> Iterator[Writer]:
    """A database with three sessions, of a message and a part each, a second apart."""
    found = Writer(tmp_path / "opencode.db")
    for number in range(3):
        name, at = f"ses_{number}", START + 1_000 * number
        found.session(name, at)
        found.message(f"msg_{number}", name, at)
        found.part(f"prt_{number}", f"msg_{number}", name, at)
    yield found
    found.connection.close()


def members(root: Path, since: int | None = None) -> dict[str, Member]:
    """Ask for the sessions with a change at or after ``since``, in milliseconds."""
    with foreign.opened(root / "opencode.db") as database:
        nanos = since * 1_000_000 if since is not None else None
        return {member.name: member for member in OPENCODE.members(DATABASE, database, nanos, None)}


def events(root: Path, name: str) -> list[Event]:
    """Read one session of the database."""
    with foreign.opened(root / "opencode.db") as database:
        found = list(OPENCODE.records(DATABASE, database, name))
    artifact = Artifact(f"opencode.db/{name}", Shape.DATABASE)
    return read(OPENCODE, artifact, [(record, number) for number, record in enumerate(found)]).events


def case(name: str) -> dict[str, list[Event]]:
    """Return the events of a fixture's sessions, by path."""
    return {path: reading.events for path, reading in read_folder(OPENCODE, CASES / name / "input").items()}


def calls(found: Sequence[Event], *, copied: bool) -> list[int | None]:
    return [
        event.call
        for event in found
        if isinstance(event, OpStarted) and event.kind is OpKind.LLM and event.copied is copied
    ]


# --- where ---


def test_the_data_folder_is_configurable() -> None:
    home = Path("/home/dev")
    assert OPENCODE.roots({}, home) == [home / ".local" / "share" / "opencode"]
    assert OPENCODE.roots({"XDG_DATA_HOME": "/data"}, home) == [Path("/data/opencode")]
    elsewhere = OPENCODE.roots({"OPENCODE_DB": "/data/opencode-work.db"}, home)
    assert elsewhere == [home / ".local" / "share" / "opencode", Path("/data")]
    for name in ("work.db", ":memory:", "/data/work.db"):
        assert OPENCODE.roots({"OPENCODE_DB": name}, home) == [home / ".local" / "share" / "opencode"]


@pytest.mark.parametrize(
    ("path", "artifact"),
    [
        ("opencode.db", DATABASE),
        ("opencode.db-wal", DATABASE),
        ("deep/below/opencode-dev.db", Artifact("deep/below/opencode-dev.db", Shape.DATABASE)),
        ("opencode.db-shm", None),
        ("opencode.db.bak", None),
        ("other.db", None),
        ("storage/session/global/ses_1.json", TREE),
        ("storage/message/ses_1/msg_1.json", TREE),
        ("a/storage/part/msg_1/prt_1.json", Artifact("a/storage", Shape.TREE)),
        ("storage/session_diff/ses_1.json", None),
        ("storage/part/msg_1/prt_1.json.tmp", None),
        ("snapshot/message/objects/x.json", None),
        ("worktree/project/tests/opencode.db", None),
        ("session/global/ses_1.json", None),
    ],
)
def test_databases_and_trees_are_found_below_any_root(path: str, artifact: Artifact | None) -> None:
    assert OPENCODE.artifact(PurePosixPath(path)) == artifact


# --- which sessions of a database have changed ---


def test_all_sessions_are_told_with_their_latest_change(writer: Writer, tmp_path: Path) -> None:
    writer.update("part", "prt_0", START + 60_000)
    found = members(tmp_path)
    assert {name: member.stamp // 1_000_000 - START for name, member in found.items()} == {
        "ses_0": 60_000,
        "ses_1": 1_000,
        "ses_2": 2_000,
    }


@pytest.mark.parametrize("table", ["session", "message", "part"])
def test_a_row_updated_in_place_is_found(writer: Writer, tmp_path: Path, table: str) -> None:
    name = {"session": "ses_1", "message": "msg_1", "part": "prt_1"}[table]
    writer.update(table, name, START + 60_000)
    assert set(members(tmp_path, START + 3_000)) == {"ses_1"}


def test_both_ways_of_asking_agree_on_size_and_stamp(writer: Writer, tmp_path: Path) -> None:
    writer.part("prt_9", "msg_1", "ses_1", START + 60_000)
    everything = members(tmp_path)
    assert members(tmp_path, START + 60_000) == {"ses_1": everything["ses_1"]}
    assert members(tmp_path, START) == everything


def test_rows_without_an_id_and_absurd_times_cost_no_other_session(writer: Writer, tmp_path: Path) -> None:
    writer.connection.execute(
        "INSERT INTO session VALUES (NULL, NULL, 't', '1', '/', 1, ?)", (START + 9_000,)
    )
    writer.update("session", "ses_1", 2**63 - 1)
    assert set(members(tmp_path)) == {"ses_0", "ses_1", "ses_2"}
    assert set(members(tmp_path, START + 1_500)) == {"ses_1", "ses_2"}
    assert members(tmp_path)["ses_1"].stamp == 2**63 - 1


def test_a_deleted_session_is_told_no_more(writer: Writer, tmp_path: Path) -> None:
    writer.connection.execute("DELETE FROM session WHERE id = 'ses_1'")
    assert set(members(tmp_path)) == {"ses_0", "ses_2"}
    assert set(members(tmp_path, START)) == {"ses_0", "ses_2"}


def test_a_part_that_is_gone_is_a_change(writer: Writer, tmp_path: Path) -> None:
    before = members(tmp_path)["ses_1"]
    writer.connection.execute("DELETE FROM part WHERE id = 'prt_1'")
    assert members(tmp_path)["ses_1"] != before


def test_new_rows_are_found_however_many_came_after_them(writer: Writer, tmp_path: Path) -> None:
    writer.part("prt_new", "msg_0", "ses_0", START + 50_000)
    with writer.connection:
        for number in range(2_500):
            writer.part(f"prt_more_{number}", "msg_2", "ses_2", START + 60_000)
    assert set(members(tmp_path, START + 40_000)) == {"ses_0", "ses_2"}


def test_an_old_row_alone_is_found_when_all_are_asked_for(writer: Writer, tmp_path: Path) -> None:
    """And not before: `time_updated` has no index, so only the newest rows are looked at."""
    with writer.connection:
        for number in range(2_500):
            writer.part(f"prt_more_{number}", "msg_2", "ses_2", START + 2_000)
    writer.update("part", "prt_0", START + 60_000)
    assert members(tmp_path, START + 50_000) == {}
    assert members(tmp_path)["ses_0"].stamp == (START + 60_000) * 1_000_000


class Counted:
    """A `ai_viewer.adapters.base.Database` that notes what is asked and how many rows are given."""

    def __init__(self, database: foreign.ForeignDatabase) -> None:
        self.database = database
        self.asked: list[str] = []
        self.rows = 0

    def columns(self, table: str) -> frozenset[str]:
        return self.database.columns(table)

    def query(self, sql: str, bindings: Sequence[object] = ()) -> Iterator[tuple[Any, ...]]:
        self.asked.append(sql)
        for row in self.database.query(sql, bindings):
            self.rows += 1
            yield row


def test_looking_for_changes_does_not_read_the_history(writer: Writer, tmp_path: Path) -> None:
    def rows() -> int:
        with foreign.opened(tmp_path / "opencode.db") as database:
            counted = Counted(database)
            since = (START + 60_000) * 1_000_000
            assert [member.name for member in OPENCODE.members(DATABASE, counted, since, None)] == ["ses_0"]
            return counted.rows

    with writer.connection:
        for number in range(3_000):
            writer.part(f"prt_more_{number}", "msg_2", "ses_2", START + 2_000)
    writer.part("prt_new", "msg_0", "ses_0", START + 60_000)
    few = rows()
    with writer.connection:
        for number in range(20_000):
            writer.part(f"prt_yet_more_{number}", "msg_2", "ses_2", START + 2_000)
    writer.connection.execute("DELETE FROM part WHERE id = 'prt_new'")
    writer.part("prt_newer", "msg_0", "ses_0", START + 60_000)
    assert rows() == few


def test_secrets_are_never_asked_for() -> None:
    with (
        as_on_disk(CASES / "database_1_18" / "input") as root,
        foreign.opened(root / "opencode.db") as database,
    ):
        counted = Counted(database)
        for since in (None, 0):
            for member in OPENCODE.members(DATABASE, counted, since, None):
                assert list(OPENCODE.records(DATABASE, counted, member.name))
    assert counted.asked
    for sql in counted.asked:
        assert not {"account", "control_account", "credential", "auth"} & set(sql.replace(",", " ").split())


# --- which sessions of a tree have changed ---


def tree_members(root: Path, since: int | None, changed: str | None = None) -> set[str]:
    return {member.name for member in OPENCODE.members(TREE, SourceFolder(root), since, changed)}


def grow_tree(root: Path) -> None:
    for number in range(2):
        for path, data in {
            f"session/global/ses_{number}.json": {"id": f"ses_{number}"},
            f"message/ses_{number}/msg_{number}.json": {"id": f"msg_{number}", "role": "user"},
            f"part/msg_{number}/prt_{number}.json": {"sessionID": f"ses_{number}", "type": "text"},
        }.items():
            place = root / "storage" / path
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_text(json.dumps(data))
            _touch(place, 1_000)


def _touch(path: Path, seconds: int) -> None:
    os.utime(path, (seconds, seconds))


@pytest.mark.parametrize(
    "path", ["session/global/ses_1.json", "message/ses_1/msg_1.json", "part/msg_1/prt_1.json"]
)
def test_a_file_that_changed_leads_to_its_session(tmp_path: Path, path: str) -> None:
    grow_tree(tmp_path)
    assert tree_members(tmp_path, None) == {"ses_0", "ses_1"}
    assert tree_members(tmp_path, 2_000 * 10**9) == set()
    _touch(tmp_path / "storage" / path, 3_000)
    assert tree_members(tmp_path, 2_000 * 10**9) == {"ses_1"}
    assert tree_members(tmp_path, 2_000 * 10**9, f"storage/{path}") == {"ses_1"}


def test_of_a_session_in_two_projects_the_newer_is_told_once(tmp_path: Path) -> None:
    grow_tree(tmp_path)
    moved = tmp_path / "storage" / "session" / "project"
    moved.mkdir()
    (moved / "ses_1.json").write_text(json.dumps({"id": "ses_1", "title": "Moved", "time": {"updated": 5}}))
    readings = read_folder(OPENCODE, tmp_path)
    assert set(readings) == {"storage/ses_0", "storage/ses_1"}
    started = [event for event in readings["storage/ses_1"].events if isinstance(event, SessionStarted)]
    assert [event.facts.title for event in started] == ["Moved"]


# --- what a session tells ---


def test_a_session_being_written_is_read_while_it_is(writer: Writer, tmp_path: Path) -> None:
    writer.message("msg_a", "ses_0", START + 10, role="assistant", parentID="msg_0")
    writer.part("prt_a", "msg_a", "ses_0", START + 20, type="step-start")
    before = events(tmp_path, "ses_0")
    assert not [event for event in before if isinstance(event, OpFinalized)]
    writer.connection.execute("BEGIN IMMEDIATE")
    writer.part("prt_b", "msg_a", "ses_0", START + 30, type="step-finish", tokens={"input": 5, "output": 2})
    assert events(tmp_path, "ses_0") == before, "what is not committed is not seen"
    writer.connection.execute("COMMIT")
    ends = [event for event in events(tmp_path, "ses_0") if isinstance(event, OpFinalized)]
    assert [(event.status, event.usage) for event in ends] == [(OpStatus.COMPLETED, Usage(input=5, output=2))]


def test_a_turn_with_a_queued_prompt_is_still_at_work(writer: Writer, tmp_path: Path) -> None:
    writer.message("msg_a", "ses_0", START + 10, role="assistant", parentID="msg_0")
    writer.message("msg_b", "ses_0", START + 20)
    writer.part("prt_b", "msg_b", "ses_0", START + 20, text="And then?")
    ends = [event for event in events(tmp_path, "ses_0") if isinstance(event, TurnFinalized)]
    assert [(event.turn, event.status) for event in ends] == [
        (1, TurnStatus.RUNNING),
        (2, TurnStatus.RUNNING),
    ]


def test_half_a_surrogate_pair_costs_nothing(writer: Writer, tmp_path: Path) -> None:
    writer.connection.execute(
        "UPDATE part SET data = ? WHERE id = 'prt_0'", ('{"type": "text", "text": "cut \\ud83d"}',)
    )
    texts = [event.text for event in events(tmp_path, "ses_0") if isinstance(event, PayloadRef)]
    assert texts == ["cut �"]


@pytest.mark.parametrize("name", ["database_1_2", "database_1_15", "sub_agent", "compaction", "tools"])
def test_tokens_and_cost_are_what_sql_says(name: str) -> None:
    """Of steps: the messages and the session's row repeat them."""
    with as_on_disk(CASES / name / "input") as root, foreign.opened(root / "opencode.db") as database:
        (truth,) = database.query(
            "SELECT sum(data ->> '$.tokens.input'), sum(data ->> '$.tokens.cache.read'),"
            " sum(data ->> '$.tokens.cache.write'), sum(data ->> '$.tokens.total'), sum(data ->> '$.cost')"
            " FROM part WHERE data ->> '$.type' = 'step-finish'"
        )
    ends = [event for found in case(name).values() for event in found if isinstance(event, OpFinalized)]
    used = [event.usage for event in ends if event.usage is not None]
    assert (
        sum(usage.input for usage in used),
        sum(usage.cache_read for usage in used),
        sum(usage.cache_write_5m for usage in used),
        sum(usage.context for usage in used),
    ) == truth[:4]
    assert sum(event.cost or 0 for event in ends) == round(truth[4] * 1e9)


def test_tree_and_database_tell_the_same_session() -> None:
    readings = read_folder(OPENCODE, CASES / "tree_and_database" / "input")
    rows = {path: reading.rows()["sessions"] for path, reading in readings.items()}
    (name,) = {name for sessions in rows.values() for name in sessions}
    believed, copy = rows[f"opencode.db/{name}"][name], rows[f"storage/{name}"][name]
    assert (believed.pop("rank"), copy.pop("rank")) == ("transcript", "copy")
    for payload in (*believed["payloads"], *copy["payloads"]):
        del payload["length"]  # of its record, which is the file as it is written
    assert believed == copy


def test_the_main_database_is_believed() -> None:
    ranks = {
        path.partition("/")[0]: event.rank
        for path, found in case("channel_database").items()
        for event in found
        if isinstance(event, SessionStarted)
    }
    assert ranks == {"opencode.db": Rank.TRANSCRIPT, "opencode-dev.db": Rank.COPY}


def test_copied_calls_are_recognised_and_only_they() -> None:
    old, new, origin = (found for _, found in sorted(case("fork").items()))
    own = calls(origin, copied=False)
    assert len(own) == 2
    assert calls(origin, copied=True) == []
    assert calls(old, copied=True) == calls(new, copied=True) == own
    assert not set(calls(old, copied=False)) & set(own)


def test_a_fork_of_opencode_2_names_its_origin() -> None:
    fork, origin = (found for _, found in sorted(case("second_fork").items()))
    (started,) = (event for event in fork if isinstance(event, SessionStarted))
    assert started.facts.kind is SessionKind.FORK
    assert started.facts.parent == "ses_ea2b3c4d5ffeSecondOrigin001"
    assert calls(fork, copied=True) == calls(origin, copied=False)


def test_a_session_taken_over_counts_once() -> None:
    """By the tables of the first generation, which have each step; and what either has alone is told."""
    readings = read_folder(OPENCODE, CASES / "taken_over" / "input")
    found = readings["opencode.db/ses_1a2b3c4d5ffeConversation01"].events
    costs = [event.cost for event in found if isinstance(event, OpFinalized) and event.cost]
    assert costs == [6_500_000, 1_600_000, 1_200_000, 1_000_000, 1_000_000]
    assert sum(isinstance(event, TurnStarted) for event in found) == 3


@pytest.mark.parametrize("name", ["second_generation", "taken_over"])
def test_tables_of_both_generations_are_followed(name: str) -> None:
    with as_on_disk(CASES / name / "input") as root:
        everything = members(root)
        assert members(root, START - 1) == everything
        stamp = max(member.stamp for member in everything.values()) // 1_000_000
        connection = apsw.Connection(str(root / "opencode.db"))
        connection.execute(
            "UPDATE session_message SET time_updated = ? WHERE seq = 1 AND session_id ="
            " (SELECT min(session_id) FROM session_message)",
            (stamp + 10,),
        )
        connection.close()
        (changed,) = members(root, stamp + 1).values()
        assert changed.stamp == (stamp + 10) * 1_000_000


def test_sub_agents_that_call_at_the_same_moment_make_two_calls(writer: Writer, tmp_path: Path) -> None:
    for number, tokens in enumerate((7, 8)):
        writer.message(
            f"msg_a{number}",
            f"ses_{number}",
            START + 5_000,
            role="assistant",
            tokens={"input": tokens, "output": 1},
            time={"created": START + 5_000, "completed": START + 6_000},
        )
    (first,), (second,) = (calls(events(tmp_path, f"ses_{number}"), copied=False) for number in range(2))
    assert first is not None
    assert second not in (None, first)


@pytest.mark.parametrize(
    ("name", "calls_made", "cost"),
    [
        ("tree_and_database", 4, 10_300_000),
        ("channel_database", 4, 10_300_000),
        ("fork", 4, 4_000_000),
        ("second_fork", 3, 8_700_000),
        ("taken_over", 6, 11_400_000),
    ],
)
def test_a_call_counts_once_wherever_it_stands(name: str, calls_made: int, cost: int, tmp_path: Path) -> None:
    with as_on_disk(CASES / name / "input") as root:
        config = Config(tmp_path / "store.db", (SourceRoot("opencode", root),))
        ingest_once(config, lambda _: None)
    connection = store.open_reader(config.db)
    sums = store.rows(connection, "SELECT sum(llm_calls), sum(cost_nano) FROM session")
    connection.close()
    assert sums == [(calls_made, cost)]


def test_a_clock_set_back_a_little_makes_no_fork(writer: Writer, tmp_path: Path) -> None:
    """Else the money of a session's first calls would be another's."""
    writer.session("ses_late", START + 500)
    writer.message("msg_late", "ses_late", START)
    writer.message(
        "msg_later", "ses_late", START + 100, role="assistant", cost=0.1, tokens={"input": 1, "output": 1}
    )
    assert len(calls(events(tmp_path, "ses_late"), copied=False)) == 1


# --- values ---


@pytest.mark.parametrize(
    ("tokens", "apart", "usage"),
    [
        ({"input": 5, "output": 9, "reasoning": 4, "total": 18}, False, Usage(5, 13, 4)),
        ({"input": 5, "output": 9, "reasoning": 4, "total": 14}, True, Usage(5, 9, 4)),
        ({"input": 5, "output": 9, "reasoning": 4, "total": 99}, True, Usage(5, 13, 4)),
        ({"input": 5, "output": 9, "reasoning": 4}, False, Usage(5, 9, 4)),
        ({"input": 1, "output": 2, "cache": {"read": 3, "write": 4}}, True, Usage(1, 2, 0, 3, 4)),
        ({"input": 0, "output": 0, "reasoning": 0, "cache": {"read": 0, "write": 0}}, True, None),
        ({"input": -1, "output": "many"}, True, None),
        (None, True, None),
    ],
)
def test_reasoning_is_counted_once(tokens: object, apart: bool, usage: Usage | None) -> None:
    assert read_usage(tokens, apart) == usage


@pytest.mark.parametrize(
    ("version", "apart"),
    [
        ("1.3.17", False),
        ("0.5.29", False),
        ("1.4.0", True),
        ("1.18.33", True),
        ("2.0.0", True),
        ("local", True),
    ],
)
def test_versions_until_1_3_count_reasoning_within_the_output(version: str, apart: bool) -> None:
    assert reasoning_apart(version) is apart


def test_a_cost_of_nothing_is_a_subscription() -> None:
    assert read_cost(0.0065) == 6_500_000
    assert [read_cost(value) for value in (0, 0.0, -1, None, True, {"usd": 1}, float("nan"))] == [None] * 7


def test_an_ids_time_is_the_first_after_its_message() -> None:
    span = 2**36
    begun = START * 1_000
    for later in (0, 1, 3_600_000, span - 1):
        stamp = (START + later) % span
        assert id_time(f"prt_{stamp:09x}001abc", begun) == (START + later) * 1_000
    assert id_time("p_user_1", begun) is None


def test_titles_that_are_only_the_time_are_none() -> None:
    assert given_title("New session - 2026-01-02T03:04:05.678Z") is None
    assert given_title("Child session - 2026-01-02T03:04:05.678Z") is None
    assert given_title("New session - a plan") == "New session - a plan"


@pytest.mark.parametrize(
    ("tool", "name"),
    [
        ("bash", ("bash", "shell")),
        ("plan_exit", ("plan_exit", "builtin")),
        ("github_search_code", ("search_code", "mcp:github")),
        ("mytool", ("mytool", "builtin")),
        ("_odd", ("_odd", "builtin")),
    ],
)
def test_a_tool_of_a_server_goes_by_its_name(tool: str, name: tuple[str, str]) -> None:
    assert identity(tool) == name


@pytest.mark.parametrize(
    ("tool", "state", "status"),
    [
        ("bash", {"status": "completed", "metadata": {"exit": 0}}, OpStatus.COMPLETED),
        ("bash", {"status": "completed", "metadata": {"exit": 2}}, OpStatus.FAILED),
        ("bash", {"status": "completed", "metadata": {}}, OpStatus.COMPLETED),
        ("read", {"status": "completed", "output": "<metadata>\ntimeout\n</metadata>"}, OpStatus.COMPLETED),
        ("invalid", {"status": "completed"}, OpStatus.FAILED),
        ("read", {"status": "error", "error": "Error: not found"}, OpStatus.FAILED),
        ("read", {"status": "error", "error": "Tool execution aborted"}, OpStatus.CANCELLED),
        ("task", {"status": "error", "metadata": {"interrupted": True}}, OpStatus.CANCELLED),
        ("read", {"status": "pending"}, OpStatus.RUNNING),
    ],
)
def test_how_a_tool_ended(tool: str, state: dict[str, Any], status: OpStatus) -> None:
    assert verdict(tool, state).status is status


def test_an_attachment_that_cannot_be_decoded_is_said_to_be() -> None:
    part = file({"mime": "image/png", "url": "data:image/png;base64,A"}, "/url")
    assert part is not None
    assert part.text == "[image/png that cannot be decoded]"
