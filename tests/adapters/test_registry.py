"""Formats that other packages add, as they are really installed: a module and its dist-info."""

from __future__ import annotations

import itertools
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from ai_viewer import cli
from ai_viewer.adapters import ADAPTERS
from ai_viewer.adapters.pi import Pi
from ai_viewer.adapters.registry import Registry
from tests.installing import install

SOUND = """
from ai_viewer.adapters.base import Artifact
from ai_viewer.adapters.pi import Pi

class Tidbit(Pi):
    name, title, version, interface = "tidbit", "Tidbit", 1, 1

    def roots(self, env, home):
        return [home / ".tidbit"]
"""

NUMBERS = itertools.count()
Install = Callable[..., Registry]


@pytest.fixture
def installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Install:
    """Install a package that adds a format, and return a registry that has not looked yet."""

    def make(code: str, value: str = "Tidbit", name: str = "tidbit") -> Registry:
        module = f"{name}_{next(NUMBERS)}"  # what was imported once is not imported again
        install(tmp_path, module, code, {name: f"{module}:{value}"})
        monkeypatch.syspath_prepend(tmp_path)
        return Registry((Pi(),))

    return make


def only_reason(registry: Registry) -> str:
    assert list(registry) == ["pi"]
    (refused,) = registry.refused
    assert refused.package.endswith(" 1.0")
    return refused.reason


@pytest.mark.parametrize("value", ["Tidbit", "made", "TIDBIT"])
def test_an_entry_is_an_adapter_or_gives_one(installed: Install, value: str) -> None:
    registry = installed(SOUND + "\ndef made():\n    return Tidbit()\n\nTIDBIT = Tidbit()\n", value)
    assert list(registry) == ["pi", "tidbit"]
    assert registry["tidbit"].title == "Tidbit"
    assert registry.refused == ()


def test_our_own_formats_are_given_without_looking_for_others(installed: Install) -> None:
    registry = installed("raise AssertionError('not to be imported')")
    assert registry["pi"].title == "pi"
    assert "no such" not in only_reason(registry)


def test_of_two_of_a_name_ours_is_used_and_the_other_told(installed: Install) -> None:
    registry = installed(SOUND.replace('"tidbit"', '"pi"'))
    assert type(registry["pi"]) is Pi
    assert only_reason(registry) == "there is a format 'pi' already"


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        ("import no_such_module", "ModuleNotFoundError: No module named 'no_such_module'"),
        ("raise SystemExit(3)", "SystemExit: 3"),
        ("Tidbit = 3", "TypeError: 'int' object is not callable"),
        ("class Other: pass", "AttributeError: module "),
        ("class Tidbit: interface = 1", "its name is None, which is no str with something in it"),
        (SOUND.replace("1, 1", "1, 2"), "it is written for interface 2; this ai-viewer has 1"),
        (SOUND.replace(", interface", "").replace("1, 1", "1"), "it does not say which interface"),
        (SOUND.replace('"tidbit"', '"Tid Bit"'), "its name 'Tid Bit' has other characters than a-z"),
        (SOUND.replace("[home", "(home").replace('bit"]', 'bit")'), "its roots() gave "),
        (SOUND.replace("home /", "nowhere /"), "NameError: "),
    ],
)
def test_what_does_not_load_is_told_and_costs_no_other_format(
    installed: Install, code: str, reason: str
) -> None:
    assert only_reason(installed(code)).startswith(reason)


def test_a_registry_can_be_asked_from_within_an_installed_adapter(
    installed: Install, monkeypatch: pytest.MonkeyPatch
) -> None:
    registry = installed("from ai_viewer.adapters import ADAPTERS\nNAMES = list(ADAPTERS)\n" + SOUND)
    monkeypatch.setattr("ai_viewer.adapters.ADAPTERS", registry)
    assert list(registry) == ["pi", "tidbit"]


def test_doctor_and_the_commands_that_read_tell_what_is_not_used(
    installed: Install, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    registry = installed("import no_such_module")
    for module in ("cli.commands", "cli.doctor", "config"):
        monkeypatch.setattr(f"ai_viewer.{module}.ADAPTERS", registry)
    options = ["--db", str(tmp_path / "s.db"), "--source", f"pi={tmp_path}"]
    for command in (["ingest", "--once"], ["sources"], ["doctor"]):
        cli.run([*options, *command])
        told = capsys.readouterr()
        text = told.out + told.err
        assert "tidbit = " in text, command
        assert "no_such_module" in text, command


def test_an_unknown_format_is_told_with_those_that_are_not_used(
    installed: Install, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    monkeypatch.setattr("ai_viewer.config.ADAPTERS", installed("import no_such_module"))
    assert cli.run(["--db", str(tmp_path / "s.db"), "--source", "tidbit=/x", "sources"]) == 2
    assert "No module named 'no_such_module'" in capsys.readouterr().err


def test_the_version_is_told_without_looking_for_installed_formats(tmp_path: Path) -> None:
    mark = tmp_path / "imported"
    install(tmp_path, "nosy", f"open({str(mark)!r}, 'w').close()\n" + SOUND, {"tidbit": "nosy:Tidbit"})
    environment = os.environ | {
        "PYTHONPATH": os.pathsep.join([str(tmp_path), *filter(None, [os.environ.get("PYTHONPATH")])])
    }
    for option, looks in (("--version", False), ("doctor", True)):
        command = [sys.executable, "-m", "ai_viewer", "--db", str(tmp_path / "s.db"), option]
        subprocess.run(command, env=environment, capture_output=True, check=False)
        assert mark.exists() is looks


def test_ours_are_registered_under_their_own_names() -> None:
    assert all(adapter.name == name for name, adapter in ADAPTERS.ours.items())
