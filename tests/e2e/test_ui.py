"""The web app as people use it: a real server, real files that grow, a real browser."""

from __future__ import annotations

import datetime as dt
import json
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from ai_viewer import demo
from tests.running import Running, running

pytestmark = [pytest.mark.browser, pytest.mark.serial]

ROOT = Path(__file__).parents[2]
STATIC = ROOT / "src" / "ai_viewer" / "static" / "index.html"
AXE = ROOT / "frontend" / "node_modules" / "axe-core" / "axe.min.js"

PROMPT = "Why is the nightly build slow?"
ANSWER = "The build is slow because of **two** cold caches. ![](https://example.org/pixel.png)"
HOSTILE = "<img src=x onerror=\"document.title='owned'\"><script>document.title='owned'</script>"


class Transcript:
    """A Claude Code session's file that grows."""

    def __init__(self, project: Path, native_id: str) -> None:
        self.path = project / f"{native_id}.jsonl"
        self.native_id = native_id
        self.ids = 0
        self.now = dt.datetime.now(dt.UTC) - dt.timedelta(minutes=2)

    def add(self, kind: str, message: dict[str, Any], seconds: float = 3) -> None:
        """Append one record, some seconds after the one before."""
        self.ids += 1
        self.now += dt.timedelta(seconds=seconds)
        record = {
            "type": kind,
            "uuid": f"uuid-{self.ids}",
            "parentUuid": f"uuid-{self.ids - 1}" if self.ids > 1 else None,
            "isSidechain": False,
            "sessionId": self.native_id,
            "timestamp": self.now.strftime("%Y-%m-%dT%H:%M:%S.000Z"),
            "cwd": "/srv/acme/api",
            "gitBranch": "main",
            "version": "2.1.220",
            "userType": "external",
            "message": message,
        }
        with self.path.open("a", encoding="utf-8") as file:
            file.write(json.dumps(record) + "\n")

    def ask(self, text: str) -> None:
        """The user says something."""
        self.add("user", {"role": "user", "content": text})

    def answer(self, *content: dict[str, Any], seconds: float = 3) -> None:
        """The model says something or asks for a tool."""
        self.add(
            "assistant",
            {
                "id": f"msg_{self.native_id}_{self.ids}",
                "type": "message",
                "role": "assistant",
                "model": "claude-opus-4-6",
                "content": list(content),
                "stop_reason": None,
                "usage": {
                    "input_tokens": 120,
                    "output_tokens": 45,
                    "cache_read_input_tokens": 21_000,
                    "cache_creation_input_tokens": 0,
                },
            },
            seconds,
        )

    def result(self, tool: str, text: str) -> None:
        """A tool answers."""
        block = {"type": "tool_result", "tool_use_id": tool, "content": text}
        self.add("user", {"role": "user", "content": [block]}, seconds=4)


def text_block(text: str) -> dict[str, Any]:
    """What a model says."""
    return {"type": "text", "text": text}


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a session of one turn: a prompt, a model call, a shell command, an answer."""
    project = tmp_path_factory.mktemp("claude") / "projects" / "-work-acme-api"
    project.mkdir(parents=True)
    transcript = Transcript(project, "0b6c5a1e-7d1f-4c55-9a53-2f8f1d0c9e11")
    transcript.ask(PROMPT)
    command = {"command": "du -sh .cache", "description": "Measure"}
    bash = {"type": "tool_use", "id": "toolu_1", "name": "Bash", "input": command}
    transcript.answer(text_block("Let me measure."), bash)
    transcript.result("toolu_1", "4.2G\t.cache")
    transcript.answer(text_block(f"{ANSWER}\n\n{HOSTILE}"))
    return project


@pytest.fixture(scope="module")
def server(project: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """ai-viewer over that session and the made-up ones."""
    if not STATIC.exists():
        pytest.skip("the web app is not built: make ui")
    folder = tmp_path_factory.mktemp("server")
    roots, _later = demo.lay_out(folder / "demo", dt.datetime.now(dt.UTC))
    command: list[str | Path] = [
        sys.executable,
        "-m",
        "ai_viewer",
        "--db",
        folder / "store.db",
        "--port",
        "0",
        "--no-open",
    ]
    command += ["--source", f"claude_code={project.parents[1]}"]
    for root in roots:
        command += ["--source", f"{root.format}={root.root}"]
    with running(command, folder) as server:
        yield server


def open_session(page: Page) -> None:
    """From the list to the session of `project`."""
    page.goto("/sessions")
    page.get_by_role("link", name=PROMPT).click()
    expect(page.locator("[data-turn='1']")).to_be_visible()


def op(page: Page, kind: str) -> Any:
    """The first step of a kind."""
    return page.locator(f"[data-kind='{kind}']").first


def test_the_list_shows_every_session_by_its_title(page: Page) -> None:
    """Opening the app lists the sessions with what tells one from another."""
    page.goto("/")
    page.get_by_role("link", name="All sessions").click()
    expect(page).to_have_url(re.compile("/sessions$"))
    row = page.locator("[data-session-id]", has_text=PROMPT)
    expect(row).to_contain_text("api@main")
    expect(row).to_contain_text("opus-4-6")
    expect(page.locator("[data-live='live']")).to_be_visible()
    assert page.locator("[data-session-id]").count() > 4


def test_sub_agents_unfold_below_their_session(page: Page) -> None:
    """A session with sub-agents shows them one level deeper."""
    page.goto("/sessions")
    page.get_by_role("button", name="Show sub-agents").first.click()
    child = page.locator("[aria-level='2']").first
    expect(child).to_be_visible()
    child.get_by_role("link").first.click()
    expect(page.get_by_role("navigation", name="Breadcrumb").get_by_role("link")).to_have_count(2)


def test_a_filter_is_in_the_address(page: Page) -> None:
    """What is typed narrows the list, and the address brings it back."""
    page.goto("/sessions")
    expect(page.locator("[data-session-id]").first).to_be_visible()
    page.keyboard.press("/")
    page.keyboard.type("nightly")
    expect(page.locator("[data-session-id]")).to_have_count(1)
    expect(page).to_have_url(re.compile(r"q=nightly"))
    page.reload()
    expect(page.locator("[data-session-id]")).to_have_count(1)
    page.goto("/sessions?q=no-such-session")
    page.get_by_role("button", name="Clear the filter").click()
    expect(page.locator("[data-session-id]", has_text=PROMPT)).to_be_visible()


def test_a_session_shows_what_happened_when_and_for_how_many_tokens(page: Page) -> None:
    """Its page has the prompt, the calls with times and tokens, and the answer as Markdown."""
    open_session(page)
    expect(page.get_by_role("heading", level=1)).to_have_text(PROMPT)
    expect(page.locator("[data-stat='Model calls'] dd")).to_have_text("2")
    expect(page.locator("[data-stat='Fresh input'] dd")).to_have_text("240")
    call = op(page, "llm")
    expect(call).to_contain_text("claude-opus-4-6")
    expect(call).to_contain_text("21k")
    expect(call).to_contain_text("3.0s")
    assert re.search(r"\d\d:\d\d:\d\d", call.inner_text())
    expect(page.get_by_text("The build is slow because of")).to_be_visible()
    expect(page.locator("strong", has_text="two")).to_be_visible()


def test_a_tool_opens_to_its_input_and_output(page: Page) -> None:
    """A shell call is one line until it is opened."""
    open_session(page)
    tool = op(page, "tool")
    expect(tool).to_contain_text("du -sh .cache")
    expect(tool).to_contain_text("4.0s")
    tool.get_by_role("button", name="Bash").click()
    expect(tool.locator("[data-payload='tool_input']")).to_contain_text("$ du -sh .cache")
    expect(tool.locator("[data-payload='tool_output']")).to_contain_text("4.2G")


def test_what_an_agent_wrote_neither_runs_nor_loads(page: Page) -> None:
    """Scripts and images in an answer are text; the fixture sees every request."""
    open_session(page)
    expect(page.get_by_text("onerror")).to_be_visible()
    assert page.locator("[role='region'] img").count() == 0
    expect(page).not_to_have_title("owned")


def test_an_open_page_follows_its_session(page: Page, project: Path) -> None:
    """A session that begins is listed; what is added to it appears in its page, without a reload."""
    page.goto("/sessions")
    expect(page.locator("[data-session-id]", has_text=PROMPT)).to_be_visible()
    growing = Transcript(project, "5d0f3f0c-1b1e-4d5a-8f50-7a1f2f3b4c22")
    growing.ask("Warm the caches")
    page.get_by_role("link", name="Warm the caches").click()
    expect(page.locator("[data-turn='1']")).to_be_visible()
    page.evaluate("window.untouched = true")
    growing.answer(text_block("The first cache is warm."))
    expect(page.get_by_text("The first cache is warm.")).to_be_visible()
    expect(page.locator("[data-stat='Model calls'] dd")).to_have_text("1")
    growing.ask("And the second?")
    expect(page.locator("[data-turn='2']")).to_be_visible()
    assert page.evaluate("window.untouched") is True


def test_the_keyboard_is_enough(page: Page) -> None:
    """From the list into a session, to a tool's output, and back."""
    page.goto("/sessions")
    expect(page.locator("[data-session-id]", has_text=PROMPT)).to_be_visible()
    for _ in range(30):
        page.keyboard.press("j")
        if page.locator("[data-active]", has_text=PROMPT).count():
            break
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text(PROMPT)
    expect(page.locator("[data-turn='1']")).to_be_visible()
    for _ in range(10):
        page.keyboard.press("j")
        expect(page.locator("[data-current]:focus")).to_be_visible()
        if page.locator("[data-kind='tool'][data-current]").count():
            break
    page.keyboard.press("Enter")
    expect(page.locator("[data-payload='tool_output']")).to_contain_text("4.2G")
    page.go_back()
    expect(page.locator("[data-active]", has_text=PROMPT)).to_be_visible()


def test_the_sources_tell_what_became_of_every_record(page: Page) -> None:
    """Each folder with its sessions, and the outcomes of its records."""
    page.goto("/sources")
    source = page.locator("[data-source='claude_code']").first
    expect(source).to_contain_text("Sessions")
    source.locator("summary").first.click()
    expect(source.get_by_role("cell", name="mapped")).to_be_visible()


def test_a_chosen_theme_stays(page: Page) -> None:
    """`T` goes round the themes; a reload keeps the choice."""
    page.goto("/sessions")
    expect(page.get_by_role("button", name="Theme: as the system")).to_be_visible()
    page.keyboard.press("T")
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    page.reload()
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_page_is_accessible(page: Page, scheme: Any) -> None:
    """No violation of axe's rules, in either theme, with rows and tools unfolded."""
    if not AXE.exists():
        pytest.skip("axe is not installed: make node_modules by make lint")
    page.emulate_media(color_scheme=scheme)

    def check(where: str) -> None:
        page.evaluate(AXE.read_text(encoding="utf-8"))
        found = page.evaluate("axe.run(document, { resultTypes: ['violations'] })")
        assert [(where, rule["id"], rule["nodes"][0]["html"]) for rule in found["violations"]] == []

    page.goto("/sessions")
    page.get_by_role("button", name="Show sub-agents").first.click()
    expect(page.locator("[aria-level='2']").first).to_be_visible()
    check("sessions")
    page.get_by_role("link", name=PROMPT).click()
    op(page, "tool").get_by_role("button", name="Bash").click()
    expect(page.locator("[data-payload='tool_output']").first).to_be_visible()
    check("session")
    page.goto("/sources")
    page.locator("summary").first.click()
    check("sources")
    page.goto("/nowhere")
    expect(page.get_by_text("There is no page at this address.")).to_be_visible()
    check("no such page")


def test_an_empty_store_says_where_it_looked(browser: Browser, tmp_path: Path) -> None:
    """Without any session the page names the folders, and how to name others."""
    empty = tmp_path / "nothing here"
    command: list[str | Path] = [
        sys.executable,
        "-m",
        "ai_viewer",
        "--db",
        tmp_path / "store.db",
        "--port",
        "0",
        "--no-open",
    ]
    with running([*command, "--source", f"claude_code={empty}"], tmp_path) as server:
        page = browser.new_page(base_url=server.url)
        page.goto("/")
        expect(page.get_by_text(str(empty))).to_be_visible()
        expect(page.get_by_text("ai-viewer --source claude_code=PATH")).to_be_visible()
        expect(page.get_by_text("ai-viewer demo")).to_be_visible()
        page.close()
