"""Three weeks of everyday sessions, as Claude Code and Gemini CLI would have written them.

`weeks.toml` tells them: projects with a few lines of code, and for each session its prompts, the
steps that followed and the answers. Times and tokens are drawn from the session's number, so that
every run writes the same.
"""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Iterator, Sequence
from pathlib import Path, PurePosixPath
from typing import Protocol

import msgspec

from ai_viewer.demo.claude_code import ClaudeCode
from ai_viewer.demo.gemini import Gemini
from ai_viewer.demo.step import Act

TOLD = Path(__file__).parent / "weeks.toml"
AREAS = ("storage", "interface", "tests")
"""What the sub-agents of a session look through, side by side."""


class Project(msgspec.Struct, frozen=True):
    """What is seen of a project: some lines of a file, a change to them, and what its tests say."""

    file: str
    lines: str
    before: str
    after: str
    pattern: str
    test: str
    passed: str
    failed: str


class Told(msgspec.Struct, frozen=True):
    """A session: ``day`` days before the last one, its turns as prompt, shape and answer."""

    day: int
    at: str
    project: str
    model: str
    turns: list[tuple[str, str, str]]


class Weeks(msgspec.Struct, frozen=True):
    """The file."""

    shapes: dict[str, list[str]]
    projects: dict[str, Project]
    sessions: list[Told]


class Writer(Protocol):
    """A session's file while it is written, on a clock of its own."""

    def prompt(self, text: str) -> None:
        """The user asks: a turn begins."""

    def step(self, say: str, *acts: Act) -> None:
        """One model call, and what it asks for."""

    def agents(self, say: str, titles: Sequence[str], act: Act, *, deeper: int) -> None:
        """Sub-agents side by side, each doing ``act``, with as many levels of others below."""

    def compact(self) -> None:
        """The history is replaced by a summary of it."""

    def wait(self, seconds: float) -> None:
        """Nothing happens."""

    def files(self) -> Iterator[tuple[PurePosixPath, str]]:
        """Yield what was written, where."""


def files(today: dt.datetime) -> Iterator[tuple[PurePosixPath, str]]:
    """Yield every session's files, below the folder of the demo, as of ``today``."""
    weeks = msgspec.toml.decode(TOLD.read_bytes(), type=Weeks)
    for number, told in enumerate(weeks.sessions):
        hour, minute = map(int, told.at.split(":"))
        start = (today - dt.timedelta(days=told.day)).replace(hour=hour, minute=minute, second=number)
        chance = random.Random(number)  # noqa: S311
        writer: Writer
        if told.model.startswith("gemini"):
            writer = Gemini(told.project, told.model, start, chance)
        else:
            writer = ClaudeCode(told.project, told.model, start, chance)
        for turn, (prompt, shape, answer) in enumerate(told.turns):
            if turn:
                writer.wait(chance.uniform(60, 600))
            writer.prompt(prompt)
            for step in weeks.shapes[shape]:
                _take(writer, step, told.project, weeks.projects[told.project])
            writer.step(answer)
        yield from writer.files()


def _take(writer: Writer, step: str, name: str, project: Project) -> None:
    path = f"/home/dev/{name}/{project.file}"
    found = f"{project.file}:12:    {project.before}\n"
    search = Act("search", {"pattern": project.pattern, "path": f"/home/dev/{name}"}, found, 0.2)
    change = {"file_path": path, "old_string": project.before, "new_string": project.after}
    match step:
        case "search":
            writer.step("I'll look where this is done first.", search)
        case "read":
            writer.step("", Act("read", {"file_path": path}, project.lines, 0.1))
        case "edit":
            writer.step("", Act("edit", change, f"The file {path} has been updated.", 0.3))
        case "stale":
            told = "File has been modified since read, either by the user or by a linter. Read it again."
            writer.step("", Act("edit", change, told, 0.2, failed=True))
        case "fail":
            told = f"Exit code 1\n{project.failed}"
            writer.step("Now the tests.", Act("run", {"command": project.test}, told, 9, failed=True))
        case "pass":
            writer.step("Again.", Act("run", {"command": project.test}, project.passed, 8))
        case "commit":
            command = {"command": "git commit -qam 'Mend it'"}
            writer.step("", Act("run", command, "[main 9c1d2aa] Mend it", 0.6))
        case "agents":
            writer.agents("Three parts, side by side.", AREAS, search, deeper=0)
        case "nested":
            writer.agents("I'll have this planned first.", ["design"], search, deeper=2)
        case "compact":
            writer.compact()
        case _:
            raise ValueError(f"{TOLD.name} names an unknown step: {step}")
