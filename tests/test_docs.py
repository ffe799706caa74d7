"""The documentation names what there is."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from ai_viewer.adapters import ADAPTERS
from ai_viewer.cli.commands import app

ROOT = Path(__file__).parents[1]
COMMANDS = sorted(name for name in app if not name.startswith("-"))
TARGETS = re.findall(r"^([a-z-]+):.*## ", (ROOT / "Makefile").read_text(), re.MULTILINE)


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_and_its_options_are_described(command: str) -> None:
    """docs/cli.md has a section for each command, and names each of its options there."""
    text = (ROOT / "docs" / "cli.md").read_text()
    found = re.search(rf"^### `ai-viewer {command}\b.*?(?=^##)", text, re.MULTILINE | re.DOTALL)
    assert found, f"docs/cli.md lacks `ai-viewer {command}`"
    for argument in app[command].assemble_argument_collection():
        if argument.parse:
            assert any(name.lower() in found[0].lower() for name in argument.names), argument.names


def test_the_options_for_every_command_are_described() -> None:
    """docs/cli.md names each of them."""
    text = (ROOT / "docs" / "cli.md").read_text()
    for argument in app.meta.assemble_argument_collection():
        if argument.show:
            assert f"`{argument.name}" in text, argument.name


@pytest.mark.parametrize("target", TARGETS)
def test_every_make_target_is_described(target: str) -> None:
    """CONTRIBUTING.md lists each target."""
    assert f"| `make {target}`" in (ROOT / "CONTRIBUTING.md").read_text()


def test_every_target_named_in_the_documentation_exists() -> None:
    """No page sends its reader to a target that is gone."""
    for page in (ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").glob("*.md"))):
        assert set(re.findall(r"`make ([a-z-]+)", page.read_text())) <= set(TARGETS), page


@pytest.mark.parametrize("name", sorted(ADAPTERS.ours))
def test_every_format_is_named_in_the_readme(name: str) -> None:
    """The README says what is read."""
    assert ADAPTERS[name].title in (ROOT / "README.md").read_text()


def test_the_changelog_knows_this_version() -> None:
    """The version is in the changelog before it is released."""
    from ai_viewer import __version__

    assert f"## [{__version__}]" in (ROOT / "CHANGELOG.md").read_text()
