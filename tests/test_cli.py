"""The commands, as they are typed."""

from __future__ import annotations

import datetime as dt
import doctest
import json
import os
import re
import signal
import socket
import subprocess
import sys
from pathlib import Path
from typing import Any

import apsw
import pytest

from ai_viewer import __version__, cli, config, demo, figures
from ai_viewer.cli import doctor, progress, reading
from ai_viewer.ingest.progress import Progress
from ai_viewer.store import database
from tests.pictures import Store
from tests.running import running, wait_for

PROGRAM = [sys.executable, "-m", "ai_viewer"]


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home folder with nothing in it, and 80 columns to write to."""
    folder = tmp_path / "home"
    folder.mkdir()
    monkeypatch.setenv("HOME", str(folder))
    monkeypatch.setenv("XDG_DATA_HOME", str(folder / "data"))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(folder / "config"))
    monkeypatch.setenv("COLUMNS", "80")
    for name in ("CLAUDE_CONFIG_DIR", "CODEX_HOME", "NO_COLOR", "FORCE_COLOR"):
        monkeypatch.delenv(name, raising=False)
    return folder


@pytest.fixture(scope="session")
def demo_options(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """The options that name a store with the demo's sessions, and their folders."""
    folder = tmp_path_factory.mktemp("demo")
    roots, _ = demo.lay_out(folder, dt.datetime.now(dt.UTC))
    options = ["--db", str(folder / "store.db")]
    for source in roots:
        options += ["--source", f"{source.format}={source.root}"]
    assert cli.run([*options, "ingest", "--once"]) == 0
    return options


def answer(capsys: pytest.CaptureFixture[str], *arguments: str) -> Any:
    """Run a command with --json and return what it wrote on stdout."""
    assert cli.run([*arguments, "--json"]) == 0
    return json.loads(capsys.readouterr().out)


@pytest.mark.parametrize("module", [figures, progress, doctor])
def test_the_examples_in_the_docstrings_hold(module: Any) -> None:
    """Numbers are written as the docstrings show."""
    assert doctest.testmod(module).failed == 0


def test_verify_agrees_with_the_demo(demo_options: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    """All is compared, nothing differs, and it says so."""
    told = answer(capsys, *demo_options, "verify")
    assert told["ok"], told["differences"]
    assert told["files"] > 5
    assert cli.run([*demo_options, "verify", "--sample", "2", "--seed", "3"]) == 0
    text = capsys.readouterr().out
    assert "--sample 2 --seed 3" in text
    assert "Everything agrees." in text


def test_verify_names_what_differs_and_exits_with_1(
    demo_options: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The file, the session, both values, and what to do."""
    store = tmp_path / "store.db"
    connection = apsw.Connection(demo_options[1])
    connection.execute("VACUUM INTO ?", (str(store),))
    connection.close()
    connection = apsw.Connection(str(store))
    connection.execute("UPDATE op SET tokens_out = tokens_out + 1 WHERE tokens_out > 0")
    connection.close()

    assert cli.run(["--db", str(store), *demo_options[2:], "verify"]) == 1

    text = capsys.readouterr().out
    assert re.search(r"tokens: /\S+\.jsonl:\d+ \w+:\S+\n  tokens_out: expected \d+, found \d+\n  → ", text)
    assert "Something differs." in text


def test_a_seed_without_a_sample_is_refused() -> None:
    """It would change nothing."""
    assert cli.run(["verify", "--seed", "3"]) == 2
    assert cli.run(["verify", "--sample", "0"]) == 2


# ---- the command line itself


def test_version(capsys: pytest.CaptureFixture[str]) -> None:
    """--version prints the version and nothing else."""
    assert cli.run(["--version"]) == 0
    assert capsys.readouterr().out.strip() == __version__


@pytest.mark.parametrize("arguments", [["bogus"], ["--bogus"], ["sessions", "--limit", "x"], ["show"]])
def test_a_wrong_command_line_exits_with_2(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    """The message is on stderr, stdout stays clean."""
    with pytest.raises(SystemExit) as stop:
        cli.run(arguments)
    assert stop.value.code == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert arguments[-1] in said.err or arguments[0] in said.err


def test_an_unknown_format_is_a_usage_error(capsys: pytest.CaptureFixture[str]) -> None:
    """The message names the formats there are."""
    assert cli.run(["--source", "cobol=/tmp", "ingest", "--once"]) == 2
    assert "claude_code" in capsys.readouterr().err


@pytest.mark.parametrize("command", ["sessions", "stats", "sources"])
def test_options_may_stand_before_or_after_the_command(
    command: str, demo_options: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    """Both orders give the same answer."""
    assert answer(capsys, *demo_options, command) == answer(capsys, command, *demo_options)


@pytest.mark.parametrize("command", [["sessions"], ["stats"], ["sources"], ["show", "x"], ["serve"]])
def test_without_a_store_the_reader_says_how_to_make_one(
    command: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    """Exit code 3, and the command to run."""
    assert cli.run(command) == 3
    assert "ai-viewer ingest --once" in capsys.readouterr().err


def test_the_reader_going_away_is_no_error(demo_options: list[str]) -> None:
    """`ai-viewer sessions | head -1` ends quietly."""
    process = subprocess.Popen(
        [*PROGRAM, *demo_options, "sessions", "--json"], stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    assert process.stdout
    assert process.stderr
    process.stdout.close()
    assert process.stderr.read() == b""
    process.stderr.close()
    assert process.wait() == cli.PIPE_CLOSED


def test_asking_for_the_version_loads_no_web_server() -> None:
    """A command loads what it needs: the server is slow to import."""
    code = (
        "import sys, ai_viewer.cli as c\ntry: c.run(['--version'])\nexcept SystemExit: pass\n"
        "assert 'litestar' not in sys.modules and 'uvicorn' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True, stdout=subprocess.DEVNULL)


# ---- ingest


def test_ingest_ends_with_one_json_object(tmp_path: Path) -> None:
    """Stdout holds the summary alone; progress is on stderr."""
    roots, _ = demo.lay_out(tmp_path, dt.datetime.now(dt.UTC))
    command = [*PROGRAM, "--db", str(tmp_path / "s.db"), "ingest", "--once", "--json"]
    for source in roots:
        command += ["--source", f"{source.format}={source.root}"]
    first, second = (
        json.loads(
            subprocess.run(command, check=True, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL).stdout
        )
        for _ in range(2)
    )
    assert {"files", "bytes", "records", "sessions", "turns", "ops", "seconds"} <= first.keys()
    assert first["records"].keys() == {"mapped", "ignored", "unknown", "malformed"}
    assert first["sessions"] == second["sessions"] > 0
    assert (second["files"], second["bytes"]) == (0, 0)


def test_ingest_without_any_source_says_where_it_looked(
    home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """That is no error, and there is a way on."""
    assert cli.run(["ingest", "--once"]) == 0
    said = capsys.readouterr().err
    assert str(home / ".claude") in said
    assert str(home / ".codex") in said
    assert "--source" in said
    assert "ai-viewer demo" in said


def test_following_has_no_summary(capsys: pytest.CaptureFixture[str]) -> None:
    """--json without --once makes no sense."""
    assert cli.run(["ingest", "--json"]) == 2
    assert "--once" in capsys.readouterr().err


def test_a_second_writer_is_refused_by_name(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The message names the process that writes."""
    path = tmp_path / "s.db"
    with database.writer_lock(path):
        assert cli.run(["ingest", "--once", "--db", str(path)]) == 3
    assert str(os.getpid()) in capsys.readouterr().err


def test_plain_progress_is_told_now_and_then(capsys: pytest.CaptureFixture[str]) -> None:
    """Without a terminal, lines with files, bytes, rate and the time left."""
    report = progress.ProgressReporter()
    report._told -= progress.LINE_SECONDS
    report(Progress(files=1, files_total=4, bytes=10_000_000, bytes_total=40_000_000, seconds=2.0))
    report(Progress(files=2, files_total=4, bytes=20_000_000, bytes_total=40_000_000, seconds=4.0))
    assert capsys.readouterr().err == "1 of 4 files, 10.0 MB of 40.0 MB, 5.0 MB/s, 6.0 s left\n"


# ---- reading commands


def test_sessions_are_listed_latest_first(
    demo_options: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    """The list is the web app's: roots, newest activity first, as many as asked for."""
    page = answer(capsys, *demo_options, "sessions", "--limit", "99")
    times = [session["last_at"] for session in page["sessions"]]
    assert times == sorted(times, reverse=True)
    assert page["total"] == len(page["sessions"]) == 27
    assert len(answer(capsys, *demo_options, "sessions", "--limit", "2")["sessions"]) == 2
    assert answer(capsys, *demo_options, "sessions", "--all")["total"] == 45


def test_tables_fit_80_columns(demo_options: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    """Nothing wraps on a small terminal."""
    for command in (["sessions"], ["stats", "--by", "model"], ["stats", "--by", "tool"], ["failures"]):
        assert cli.run([*demo_options, *command]) == 0
        lines = capsys.readouterr().out.splitlines()
        assert len(lines) > 3
        assert max(map(len, lines)) <= 80


def test_a_call_without_a_price_is_not_free(
    demo_options: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    """A local model's session is unpriced."""
    assert cli.run([*demo_options, "sessions"]) == 0
    (line,) = (line for line in capsys.readouterr().out.splitlines() if "Count the words" in line)
    assert "unpriced" in line
    assert "$0" not in line


def test_a_session_is_shown_by_id_native_id_or_a_beginning(
    demo_options: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    """All names of a session lead to it."""
    session = answer(capsys, *demo_options, "sessions")["sessions"][0]
    shown = answer(capsys, *demo_options, "show", session["id"])
    assert shown["session"]["id"] == session["id"]
    # Turn 0 is what came before the first prompt.
    assert sum(turn["turn"] > 0 for turn in shown["turns"]) == session["turns"]
    assert sum(len(turn["ops"]) for turn in shown["turns"]) == session["own"]["ops"]
    for name in (session["native_id"], session["native_id"][:10], session["id"][:24]):
        assert answer(capsys, *demo_options, "show", name)["session"]["id"] == session["id"]


def test_a_session_is_shown_readably(demo_options: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    """Head, turns, and ops with what they were given, how long they took and how they ended."""
    assert cli.run([*demo_options, "show", "5b0c7c1e"]) == 0
    text = capsys.readouterr().out
    for part in (
        "Hourly forecast with a disk cache",
        "/home/dev/skycast",
        "Turn 3",
        "interrupted",
        "failed",
        "Bash",
        "waiting for you",
        "without them",
        "at a time",
    ):
        assert part in text
    assert re.search(r"Explore.*12\.\d s", text)


def test_of_many_sessions_that_one_started_the_first_are_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """And the others counted."""
    store = Store(tmp_path / "store.db")
    store.add("s: Fix it\n    1: llm\n" + "\n".join(f"c{n} < s: Part {n}\n    1: llm" for n in range(12)))
    store.close()
    assert cli.run(["--db", str(tmp_path / "store.db"), "show", "s"]) == 0
    assert "Part 8, Part 9, 2 more" in " ".join(capsys.readouterr().out.split())


@pytest.mark.parametrize("name", ["nonsense", "0"])
def test_a_session_that_is_not_there_exits_with_4(
    name: str, demo_options: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    """Also a beginning that several share is no name."""
    assert cli.run([*demo_options, "show", name]) == 4
    assert name in capsys.readouterr().err


@pytest.mark.parametrize("by", ["source", "model", "tool", "agent", "project", "day", "month", "kind"])
def test_stats_add_up(by: str, demo_options: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    """Calls, tokens and cost of the groups are those of the whole."""
    fields = {
        "sessions", "turns", "ops", "llm_calls", "tool_calls", "tool_failures", "tokens_in", "tokens_out",
        "tokens_cache_read", "tokens_cache_write", "cost_usd", "unpriced_calls",
    }  # fmt: skip
    told = answer(capsys, *demo_options, "stats", "--by", by)
    assert told["totals"].keys() >= fields
    assert told["groups"]
    for group in told["groups"]:
        assert group.keys() >= fields | {"key"}
    summed = "tool_calls" if by == "tool" else "tokens_out"
    if by != "tool":
        assert sum(group["cost_usd"] for group in told["groups"]) == pytest.approx(told["totals"]["cost_usd"])
    assert sum(group[summed] for group in told["groups"]) == told["totals"][summed]
    keys = [group["key"] for group in told["groups"]]
    if by == "source":
        assert all(key.startswith(("claude_code", "codex", "gemini")) for key in keys)
    if by == "day":
        assert all(re.fullmatch(r"\d{4}-\d\d-\d\d", key) for key in keys)


def test_stats_are_narrowed_by_time_and_session(
    demo_options: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    """The options of the list of sessions, and the time of the work."""

    def ops(*options: str) -> int:
        return int(answer(capsys, *demo_options, "stats", *options)["totals"]["ops"])

    whole = ops()
    assert ops("--since", "20w") == whole > 0
    assert ops("--until", "2020-01-01") == 0
    assert ops("--agent", "main") < whole
    assert ops("--roots") == whole > ops("--roots", "--no-tree")
    assert 0 < ops("--format", "claude-code") < whole
    assert 0 < ops("--tool", "Bash") < whole


def test_days_are_those_of_the_zone_asked_for(
    demo_options: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    """A zone a day ahead of another one never has the same day."""
    east, west = (
        answer(capsys, *demo_options, "stats", "--by", "day", "--tz", zone)
        for zone in ("Pacific/Kiritimati", "Etc/GMT+10")
    )
    assert (east["tz"], west["tz"]) == ("Pacific/Kiritimati", "Etc/GMT+10")
    days = [
        {dt.date.fromisoformat(group["key"]): group["ops"] for group in told["groups"]}
        for told in (east, west)
    ]
    assert days[0] == {day + dt.timedelta(days=1): ops for day, ops in days[1].items()}


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--tz", "Mars/Olympus"], "no time zone 'Mars/Olympus'"),
        (["--since", "lately"], "--since lately: not a time"),
        (["--until", "2026-13-01"], "--until 2026-13-01: not a time"),
    ],
)
def test_stats_say_what_is_wrong_with_an_option(
    options: list[str], message: str, demo_options: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    """Exit code 2."""
    assert cli.run([*demo_options, "stats", *options]) == 2
    assert message in capsys.readouterr().err


def test_failures_are_listed_with_where_they_are(
    demo_options: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    """What `stats` counts, by what is the same about them."""
    failures = answer(capsys, *demo_options, "stats")["totals"]["failures"]
    told = answer(capsys, *demo_options, "failures")
    assert told["failures"] == sum(group["count"] for group in told["groups"]) == failures > 0
    assert cli.run([*demo_options, "failures"]) == 0
    assert f"{failures} failures in" in capsys.readouterr().out
    assert cli.run([*demo_options, "failures", "--tool", "nothing"]) == 0
    assert "Nothing failed" in capsys.readouterr().err


def test_stats_without_groups(demo_options: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    """Totals alone when nothing else is asked."""
    assert answer(capsys, *demo_options, "stats")["groups"] == []


def test_sources_account_for_every_record(
    demo_options: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    """What was mapped and what was ignored, and by which rule."""
    for source in answer(capsys, *demo_options, "sources")["sources"]:
        assert source["exists"]
        assert {record["outcome"].partition(":")[0] for record in source["records"]} <= {"mapped", "ignored"}
    assert cli.run([*demo_options, "sources"]) == 0
    assert "mapped" in capsys.readouterr().out


# ---- reprice


def test_reprice_tells_what_costs_something_else_now(
    tmp_path: Path, home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    roots, _ = demo.lay_out(tmp_path / "sessions", dt.datetime.now(dt.UTC))
    options = ["--db", str(tmp_path / "s.db")]
    for source in roots:
        options += ["--source", f"{source.format}={source.root}"]
    assert cli.run([*options, "ingest", "--once"]) == 0
    capsys.readouterr()
    before = answer(capsys, *options, "stats")["totals"]["cost_usd"]
    assert answer(capsys, *options, "reprice")["models"] == []
    (home / "config" / "ai-viewer").mkdir(parents=True)
    config = home / "config" / "ai-viewer" / "config.toml"
    config.write_text('[[discount]]\nprovider = "anthropic"\npercent = 50\n')
    assert cli.run([*options, "--port", "0", "doctor"]) == 0
    assert "ai-viewer reprice" in capsys.readouterr().out
    told = answer(capsys, *options, "reprice")
    saved = sum(model["old_cost_usd"] - model["new_cost_usd"] for model in told["models"])
    after = answer(capsys, *options, "stats")["totals"]["cost_usd"]
    assert 0 < saved == pytest.approx(before - after)
    config.unlink()
    assert cli.run([*options, "reprice"]) == 0
    out = capsys.readouterr().out
    assert "before" in out
    assert "claude" in out


def test_reprice_needs_a_store(tmp_path: Path) -> None:
    assert cli.run(["--db", str(tmp_path / "none.db"), "reprice"]) == 3
    assert not (tmp_path / "none.db").exists()


# ---- doctor


def test_doctor_is_content_with_the_demo(demo_options: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    """Everything it looks at is there."""
    told = answer(capsys, *demo_options, "--port", "0", "doctor")
    assert told["ok"]
    names = {check["name"] for check in told["checks"]}
    assert names >= {"python", "sqlite", "store", "disk", "port", "web app", "watching", "prices"}
    assert all(check["advice"] for check in told["checks"] if check["status"] != "ok")


def test_doctor_tells_where_the_configuration_is(
    demo_options: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    told = answer(capsys, *demo_options, "--port", "0", "doctor")
    (check,) = [check for check in told["checks"] if check["name"] == "configuration"]
    assert check["found"].startswith(str(config.config_path()))


def test_doctor_names_what_is_broken(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A damaged store and a source that is no folder: exit code 1, with advice."""
    (tmp_path / "s.db").write_text("no store at all, but long enough to be taken for one" * 100)
    (tmp_path / "file").touch()
    options = ["--db", str(tmp_path / "s.db"), "--source", f"codex={tmp_path / 'file'}"]
    assert cli.run([*options, "doctor", "--json"]) == 1
    told = json.loads(capsys.readouterr().out)
    failed = {check["name"]: check for check in told["checks"] if check["status"] == "failed"}
    assert failed.keys() == {"store", "source codex"}
    assert all(check["advice"] for check in failed.values())
    assert cli.run([*options, "doctor"]) == 1
    assert "→" in capsys.readouterr().out


def test_doctor_sees_a_taken_port(capsys: pytest.CaptureFixture[str]) -> None:
    """Another program's port is told, with the way out."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        told = answer(capsys, "--port", str(taken.getsockname()[1]), "doctor")
    (check,) = (check for check in told["checks"] if check["name"] == "port")
    assert check["status"] == "warning"
    assert "--port" in check["advice"]


# ---- running


def test_a_taken_port_is_told(demo_options: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    """No traceback: which port, and what to do."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        assert cli.run([*demo_options, "--port", port, "serve"]) == 2
    assert port in capsys.readouterr().err


def test_ctrl_c_ends_both_halves(tmp_path: Path, demo_options: list[str]) -> None:
    """The ingest runs in a process of its own and is gone afterwards, the lock with it."""
    command = [*PROGRAM, *demo_options, "--port", "0", "--no-open"]
    store = Path(demo_options[1])
    with running(command, tmp_path) as server:
        wait_for(lambda: database.writer(store), "the ingest runs")
        writer = database.writer(store)
        assert writer
        assert writer.pid != server.process.pid
        assert server.interrupt() == 0
    assert database.writer(store) is None


def test_the_ingest_does_not_outlive_a_killed_server(tmp_path: Path, demo_options: list[str]) -> None:
    """SIGKILL leaves no process behind."""
    store = Path(demo_options[1])
    with running([*PROGRAM, *demo_options, "--port", "0", "--no-open"], tmp_path) as server:
        wait_for(lambda: database.writer(store), "the ingest runs")
        server.process.send_signal(signal.SIGKILL)
        server.process.wait()
        wait_for(lambda: database.writer(store) is None, "the ingest ends")


def test_beside_another_writer_it_only_shows(tmp_path: Path, demo_options: list[str]) -> None:
    """It says so, and serves."""
    with (
        database.writer_lock(Path(demo_options[1])),
        running([*PROGRAM, *demo_options, "--port", "0", "--no-open"], tmp_path) as server,
    ):
        assert f"process {os.getpid()} is already reading" in server.messages
        assert server.interrupt() == 0


def test_a_new_line_is_followed(tmp_path: Path) -> None:
    """What an agent writes while ai-viewer runs is in the next answer."""
    roots, later = demo.lay_out(tmp_path, dt.datetime.now(dt.UTC))
    command = [*PROGRAM, "--db", str(tmp_path / "s.db"), "--port", "0", "--no-open"]
    for source in roots:
        command += ["--source", f"{source.format}={source.root}"]
    with running(command, tmp_path) as server:

        def ops() -> int:
            page = json.loads(server.get("/api/sessions"))
            return sum(session["tree"]["ops"] for session in page["sessions"])

        wait_for(lambda: ops() >= 129, "the sessions are read")
        before = ops()
        for line in later:
            with line.path.open("a") as file:
                file.write(line.text)
        wait_for(lambda: ops() > before, "the new lines are read")
        assert server.interrupt() == 0


# ---- exports


def test_a_session_is_written_to_a_file_by_its_ending(
    demo_options: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The format is the file name's; what was masked is told on stderr."""
    starts = {"a.html": "<!doctype", "a.md": "# ", "a.json": '{"format"', "a.trace.json": "{"}
    for name, start in starts.items():
        assert cli.run([*demo_options, "export", "5b0c7c1e", "-o", str(tmp_path / name)]) == 0
        assert (tmp_path / name).read_text().startswith(start)
    said = capsys.readouterr()
    assert said.out == ""
    assert "looked like a secret" in said.err
    assert sorted(path.name for path in tmp_path.glob("*a.*")) == sorted(starts)


def test_sessions_are_exported_by_what_they_are_like(
    demo_options: list[str], capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    """The options of `sessions` choose, `--limit` takes the latest."""
    command = [*demo_options, "export", "--format", "json", "--alone"]
    for options, expected in ((["--limit", "2"], 2), (["--limit", "99"], 27), (["--all"], 45)):
        assert cli.run([*command, *options]) == 0
        assert len(json.loads(capfdbinary.readouterr().out)["sessions"]) == expected


@pytest.mark.parametrize(
    ("options", "code", "told"),
    [
        ([], 2, "which session"),
        (["5b0c7c1e", "--limit", "3"], 2, "not both"),
        (["nobody"], 4, "no session"),
        (["--text", "nothing is like this"], 4, "no session is like that"),
        (["5b0c7c1e", "--push", "http://127.0.0.1:9/v1/traces", "--format", "html"], 2, "--push sends OTLP"),
        (["5b0c7c1e", "--header", "a=b"], 2, "--header needs --push"),
        (["5b0c7c1e", "--push", "http://127.0.0.1:9/v1/traces"], 1, "cannot be reached"),
        (["5b0c7c1e", "-o", "/nowhere/at/all.html"], 2, "cannot be written"),
    ],
)
def test_an_export_that_cannot_be_is_explained(
    demo_options: list[str], capsys: pytest.CaptureFixture[str], options: list[str], code: int, told: str
) -> None:
    """Each with its exit code and a way on."""
    assert cli.run([*demo_options, "export", *options]) == code
    assert told in capsys.readouterr().err


# ---- search


def test_search_shows_what_was_found_by_session(
    demo_options: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    """With its place, and so often as there are hits."""
    told = answer(capsys, *demo_options, "search", "kind:prompt", "--limit", "1000")
    hits = [(group["session"]["id"], hit) for group in told["groups"] for hit in group["hits"]]
    assert told["next"] is None
    word = max(re.findall(r"[a-z]{4,}", hits[0][1]["snippet"]["text"]), key=len)
    assert cli.run([*demo_options, "search", "kind:prompt", word]) == 0
    shown = capsys.readouterr().out
    assert word in shown
    assert f"turn {hits[0][1]['turn']} prompt" in shown


def test_search_goes_on_over_pages(
    demo_options: list[str], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The limit is of hits, whatever a page holds."""
    monkeypatch.setattr(reading, "HITS_A_PAGE", 50)
    every = answer(capsys, *demo_options, "search", "after:2000-01-01", "--limit", "100000")
    number = sum(len(group["hits"]) for group in every["groups"])
    assert number > 100
    assert every["next"] is None
    assert len({group["session"]["id"] for group in every["groups"]}) == len(every["groups"])
    some = answer(capsys, *demo_options, "search", "after:2000-01-01", "--limit", "7", "--best")
    assert sum(len(group["hits"]) for group in some["groups"]) == 7


def test_search_says_what_is_wrong_with_a_query(
    demo_options: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    """And where; and that nothing was found."""
    assert cli.run([*demo_options, "search", "x", "kind:odd"]) == 2
    assert "at character 8" in capsys.readouterr().err
    assert cli.run([*demo_options, "search", "--", "-kind:log", "xyzzyplugh"]) == 0
    assert capsys.readouterr().out == ""
