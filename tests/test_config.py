"""Where sources, store and port come from."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from pathlib import Path

import pytest

from ai_viewer import config
from ai_viewer.config import SourceRoot
from ai_viewer.errors import UsageError


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home folder with nothing in it, which the platform's folders lie in."""
    for name in ("XDG_CONFIG_HOME", "XDG_DATA_HOME", "CLAUDE_CONFIG_DIR", "CODEX_HOME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    return tmp_path


def write_config(text: str) -> Path:
    path = config.config_path()
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return path


def roots(settings: config.Config) -> set[tuple[str, Path]]:
    return {(source.format, source.root) for source in settings.sources}


def test_without_anything_said_the_agents_own_folders_are_read(home: Path) -> None:
    """The defaults suit someone who has told nothing."""
    settings = config.load(env={})
    assert {("claude_code", home / ".claude"), ("codex", home / ".codex")} <= roots(settings)
    assert settings.db.is_relative_to(home)
    assert (settings.host, settings.port) == ("127.0.0.1", 7710)


def test_the_agents_own_variables_are_honoured(tmp_path: Path) -> None:
    """Who moved an agent's folder told the agent so; we listen too."""
    moved = {"CLAUDE_CONFIG_DIR": str(tmp_path / "c"), "CODEX_HOME": str(tmp_path / "x")}
    settings = config.load(env=moved)
    assert {("claude_code", tmp_path / "c"), ("codex", tmp_path / "x")} <= roots(settings)


def test_sources_of_the_command_line_replace_all_others(tmp_path: Path) -> None:
    """--source means that source and no other."""
    write_config('[[source]]\nformat = "codex"\npath = "~/elsewhere"\n')
    settings = config.load(sources=[f"claude-code={tmp_path}"], env={})
    assert settings.sources == (SourceRoot("claude_code", tmp_path),)


def test_the_file_adds_sources_and_sets_the_rest(home: Path) -> None:
    """config.toml adds to what is found, and names store, host and port."""
    write_config('db = "~/s.db"\nhost = "::1"\nport = 8000\n[[source]]\nformat = "codex"\npath = "~/old"\n')
    settings = config.load(env={})
    assert ("codex", home / "old") in roots(settings)
    assert ("claude_code", home / ".claude") in roots(settings)
    assert (settings.db, settings.host, settings.port) == (home / "s.db", "::1", 8000)


def test_the_command_line_wins_over_the_file(tmp_path: Path) -> None:
    """What is said now holds, also a port of 0."""
    write_config('db = "~/s.db"\nport = 8000\n')
    settings = config.load(db=tmp_path / "t.db", port=0, env={})
    assert (settings.db, settings.port) == (tmp_path / "t.db", 0)


def test_the_file_can_forbid_looking_around(home: Path) -> None:
    """With discover = false it reads the named sources only."""
    write_config('discover = false\n[[source]]\nformat = "codex"\npath = "~/old"\n')
    assert config.load(env={}).sources == (SourceRoot("codex", home / "old"),)


@pytest.mark.parametrize("text", ["port = 'x'", "colour = 1", "port ="])
def test_a_broken_file_is_named(text: str) -> None:
    """An error in the file says which file."""
    path = write_config(text)
    with pytest.raises(UsageError, match=path.name):
        config.load(env={})


@pytest.mark.parametrize("text", ["claude_code", "claude_code=", "cobol=/tmp"])
def test_a_source_that_makes_no_sense_is_refused(text: str) -> None:
    """The message repeats what was written."""
    with pytest.raises(UsageError, match=text.partition("=")[0]):
        config.parse_source(text)


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "LOCALHOST", "::1", "127.8.8.8"])
def test_the_server_may_listen_on_any_loopback_address(host: str) -> None:
    assert config.load(host=host, env={}).host == host


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.168.1.1", "box.example"])
def test_an_address_that_others_reach_is_refused_with_the_way_out(host: str) -> None:
    with pytest.raises(UsageError, match=rf"--host {host}: .*ssh -L"):
        config.load(host=host, env={})


def test_the_file_may_tell_prices_and_discounts() -> None:
    """As they are written: 0.1 dollars are no binary fraction."""
    write_config(
        '[[price]]\nmodel = "my-*"\ninput = 0.1\noutput = 2\nsince = 2026-01-01\n'
        "long_context = [{ above = 1000, input = 0.2 }]\n"
        '[[discount]]\nprovider = "anthropic"\npercent = 12.5\n'
    )
    settings = config.load(env={})
    (price,), (discount,) = settings.own_prices, settings.discounts
    assert (price.input, price.output, price.since) == (Decimal("0.1"), Decimal(2), dt.date(2026, 1, 1))
    assert (price.long_context[0].above, price.long_context[0].input) == (1000, Decimal("0.2"))
    assert (discount.provider, discount.percent) == ("anthropic", Decimal("12.5"))
    assert settings.prices().has_own


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ('[[price]]\nmodel = "m"\ninptu = 1', "inptu"),
        ('[[price]]\nmodel = "m"\ninput = -1', "`input`"),
        ('[[price]]\nmodel = "m"\ninput = nan', "`input`"),
        ('[[price]]\nmodel = "m"\ninput = true', "input"),
        ("[[price]]\ninput = 1", "`model` is missing"),
        ('[[price]]\nmodel = "m"', "no price"),
        ('[[price]]\nmodel = "m"\ninput = 1\nsince = 2026-02-01\nuntil = 2026-01-01', "`until`"),
        ('[[price]]\nmodel = "m"\ninput = 1\nsince = 2026-02-01T10:00:00Z', "since"),
        ('[[price]]\nmodel = "m"\nlong_context = [{ above = 0, input = 1 }]', "`above`"),
        ('[[price]]\nmodel = "m"\ncontext_window = 0', "`context_window`"),
        ("[[discount]]\npercent = 101", "`percent`"),
        ("[[discount]]\npercent = -1", "`percent`"),
        ('[[discount]]\nprovider = "anthropic"', "percent"),
    ],
)
def test_a_price_that_makes_no_sense_is_refused_with_its_place(text: str, told: str) -> None:
    path = write_config(text)
    with pytest.raises(UsageError) as caught:
        config.load(env={})
    message = str(caught.value)
    assert path.name in message
    assert told in message
    assert "[0]" in message
