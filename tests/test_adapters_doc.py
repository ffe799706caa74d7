"""docs/adapters.md: its worked example is a format that works, and what it says is so."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from ai_viewer.adapters.base import INTERFACE, Shape
from ai_viewer.testing.conformance import Laws
from tests.installing import install
from tests.worked_example import FILES, ROOT, SAMPLE, TEXT, lay_out


@pytest.fixture
def package(tmp_path: Path) -> Path:
    """The example's files in a folder of their own."""
    folder = tmp_path / "tidbit-viewer"
    lay_out(folder)
    return folder


@pytest.fixture
def environment(tmp_path: Path) -> Mapping[str, str]:
    """An environment in which the example is installed, by its own registration, and nothing is at home."""
    site = tmp_path / "site"
    site.mkdir()
    project = tomllib.loads(FILES["pyproject.toml"])["project"]
    install(site, "tidbit_viewer", FILES["tidbit_viewer.py"], project["entry-points"]["ai_viewer.adapters"])
    return os.environ | {"PYTHONPATH": os.pathsep.join([str(site), *sys.path]), "HOME": str(tmp_path)}


def run(*command: str | Path, environment: Mapping[str, str], folder: Path = ROOT) -> str:
    done = subprocess.run(
        [sys.executable, "-m", *command],
        env=environment,
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def ai_viewer(environment: Mapping[str, str], db: Path, *command: str) -> Any:
    return json.loads(run("ai_viewer", "--db", db, *command, "--json", environment=environment))


def test_the_example_is_a_module_a_sample_a_test_and_a_registration() -> None:
    assert list(FILES) == ["tidbit_viewer.py", SAMPLE, "test_tidbit.py", "pyproject.toml"]


def test_installed_the_example_is_read_like_any_format(
    package: Path, environment: Mapping[str, str], tmp_path: Path
) -> None:
    """From its own folder, which nobody names, and from one that is named."""
    told = {}
    for folder, options in (
        (tmp_path / ".tidbit", []),
        (tmp_path / "x", ["--source", f"tidbit={tmp_path / 'x'}"]),
    ):
        (package / "samples" / "conversation" / "input").rename(folder)
        summary = ai_viewer(environment, tmp_path / "s.db", *options, "ingest", "--once")
        (tmp_path / "s.db").unlink()
        folder.rename(package / "samples" / "conversation" / "input")
        told[folder.name] = {key: summary[key] for key in ("sessions", "turns", "ops", "records", "problems")}
    assert told[".tidbit"] == told["x"]
    assert told["x"] == {
        "sessions": 1,
        "turns": 1,
        "ops": 3,
        "records": {"mapped": 5, "ignored": 1, "unknown": 0, "malformed": 0},
        "problems": 0,
    }


def test_installed_the_example_is_listed_counted_and_sound(
    package: Path, environment: Mapping[str, str], tmp_path: Path
) -> None:
    source = f"tidbit={package / 'samples' / 'conversation' / 'input'}"
    ai_viewer(environment, tmp_path / "s.db", "--source", source, "ingest", "--once")
    (session,) = ai_viewer(environment, tmp_path / "s.db", "sessions")["sessions"]
    assert (session["format"], session["cwd"]) == ("tidbit", "/home/dev/project")
    assert (session["own"]["tokens_in"], session["own"]["tokens_cache_read"]) == (350, 1500)
    checks = ai_viewer(environment, tmp_path / "s.db", "--source", source, "doctor")["checks"]
    (formats,) = [check for check in checks if check["name"] == "formats"]
    assert formats["status"] == "ok"
    assert "tidbit" in formats["found"]


def test_worker_processes_know_an_installed_format(environment: Mapping[str, str], tmp_path: Path) -> None:
    """A backfill of this size is read in processes of their own."""
    text = "word " * 40_000
    for number in range(3):
        lines = [json.dumps({"kind": "prompt", "at": "2026-01-02T03:04:06Z", "text": text})] * 20
        (tmp_path / f"{number}.jsonl").write_text("\n".join(lines) + "\n")
    told = ai_viewer(environment, tmp_path / "s.db", "--source", f"tidbit={tmp_path}", "ingest", "--once")
    assert told["bytes"] > 8 * 1024 * 1024
    assert (told["turns"], told["problems"]) == (60, 0)


@pytest.mark.timeout(120)
def test_the_example_keeps_every_law(package: Path, environment: Mapping[str, str]) -> None:
    """As its own package's tests would find, with the commands that the document names."""
    plain = ("pytest", "-q", "-p", "no:randomly", "-p", "no:xdist", "-p", "no:cacheprovider")
    options = ("-p", "ai_viewer.testing.options", "--update-expected")
    assert "--update-expected" in TEXT
    run(*plain, *options, environment=environment, folder=package)
    assert (package / "samples" / "conversation" / "expected.json").exists()
    told = run(*plain, environment=environment, folder=package)
    laws = [name for name in vars(Laws) if name.startswith("test_")]
    # What speaks of snapshots has nothing to say here.
    assert f"{len(laws) - 2} passed" in told


def test_the_example_is_in_our_style(package: Path) -> None:
    config = str(ROOT / "pyproject.toml")
    for command in (
        ("ruff", "format", "--check", "--config", config),
        ("ruff", "check", "--extend-ignore", "INP001", "--config", config),  # it is a package's only module
        ("mypy", "--config-file", config),
    ):
        run(*command, package / "tidbit_viewer.py", environment=os.environ)


def test_the_document_names_every_law_and_no_other() -> None:
    laws = [name for name in vars(Laws) if name.startswith("test_")]
    assert re.findall(r"^\| `(test_\w+)` \|", TEXT, re.MULTILINE) == laws


def test_the_document_names_every_shape_and_this_interface() -> None:
    assert re.findall(r"^\| `([a-z]+)` \|", TEXT, re.MULTILINE) == [shape.value for shape in Shape]
    assert f"    interface = {INTERFACE}\n" in FILES["tidbit_viewer.py"]
