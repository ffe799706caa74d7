"""The documentation names what there is."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

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
        if argument.parse and argument.names != ("*",):  # which stands for several
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


class Asked(dict[str, str]):
    """An environment without variables, that remembers which were asked for."""

    def __init__(self) -> None:
        super().__init__()
        self.names: set[str] = set()

    def get(self, name: str, default: Any = None) -> Any:
        """Answer as if it were not set."""
        self.names.add(name)
        return default


@pytest.mark.parametrize("name", sorted(ADAPTERS.ours))
def test_every_format_has_a_row_with_its_folders_and_variables(name: str) -> None:
    """docs/formats.md says where a format is read from, and what changes that."""
    adapter, asked = ADAPTERS[name], Asked()
    roots = adapter.roots(asked, Path("/home/dev"))
    text = (ROOT / "docs" / "formats.md").read_text()
    rows = [line for line in text.splitlines() if line.startswith(f"| {adapter.title}, `{name}` |")]
    assert len(rows) == 1
    _, _, where, changed_by, *rest = (cell.strip() for cell in rows[0].split("|"))
    assert [f"`~/{root.relative_to('/home/dev')}`" in where for root in roots] == [True] * len(roots)
    assert set(re.findall(r"`([A-Z_]+)`", changed_by)) == asked.names
    assert all(len(cell) > 20 for cell in rest[:2])


def test_no_format_has_a_row_that_is_not_read() -> None:
    """A format that is gone is gone from docs/formats.md."""
    names = re.findall(r"^\| [^|]*, `(\w+)` \|", (ROOT / "docs" / "formats.md").read_text(), re.MULTILINE)
    assert sorted(names) == sorted(ADAPTERS.ours)


def test_the_changelog_knows_this_version() -> None:
    """The version is in the changelog before it is released."""
    from ai_viewer import __version__

    assert f"## [{__version__}]" in (ROOT / "CHANGELOG.md").read_text()
