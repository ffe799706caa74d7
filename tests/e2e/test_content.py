"""The transcript's pane: every kind of text shown as what it is, nothing of it run or fetched."""

from __future__ import annotations

import contextlib
import json
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Locator, Page, Request, expect

from bench import sessions
from tests.running import Running, running, wait_for

pytestmark = [pytest.mark.browser, pytest.mark.serial]

ROOT = Path(__file__).parents[2]
STATIC = ROOT / "src" / "ai_viewer" / "static" / "index.html"
AXE = ROOT / "frontend" / "node_modules" / "axe-core" / "axe.min.js"


@pytest.fixture(scope="module")
def truth(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """The session with every kind of payload, written below ``folder``, and what is in it."""
    folder = tmp_path_factory.mktemp("content")
    made = sessions.write(folder, ["small", "deep"])
    return {**made["small"], "deep": made["deep"], "folder": folder}


@pytest.fixture(scope="module")
def server(truth: dict[str, Any], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """ai-viewer over that session."""
    if not STATIC.exists():
        pytest.skip("the web app is not built: make ui")
    folder = tmp_path_factory.mktemp("server")
    command: list[str | Path] = [sys.executable, "-m", "ai_viewer", "--db", folder / "store.db"]
    command += ["--port", "0", "--no-open", "--source", f"claude_code={truth['folder'] / 'projects'}"]
    with running(command, folder) as server:
        wait_for(
            lambda: all(ops_of(server, made["session"]) == made["ops"] for made in (truth, truth["deep"])),
            "all is read",
        )
        yield server


def ops_of(server: Running, session: str) -> int:
    with contextlib.suppress(OSError):
        return int(json.loads(server.get(f"/api/sessions/{session}"))["session"]["tree"]["ops"])
    return -1


@pytest.fixture(scope="module")
def places(server: Running, truth: dict[str, Any]) -> dict[str, int]:
    """The number of the op that each planted payload belongs to."""
    ops = json.loads(server.get(f"/api/sessions/{truth['session']}/ops?limit=1000"))["ops"]
    by_id = {op["native_id"]: op["seq"] for op in ops}
    return {name: by_id[told["op"]] for name, told in truth["payloads"].items() if "op" in told}


def open_op(page: Page, truth: dict[str, Any], seq: int, query: str = "") -> Locator:
    """Go to an op by its address; return what it is opened to."""
    page.goto(f"/s/{truth['session']}?sel=op:{seq}{query}")
    opened = page.locator(f"[data-op-details='{seq}']")
    # The page, its trace and its turns are to come first.
    expect(opened).to_be_visible(timeout=20_000)
    return opened


class TestEveryKindOfPayload:
    def test_a_command_with_its_end_and_its_colours(
        self, page: Page, truth: dict[str, Any], places: dict[str, int]
    ) -> None:
        shell = open_op(page, truth, places["shell"]).locator("[data-view='shell']")
        expect(shell).to_contain_text("$ pytest -q")
        expect(shell.locator("[data-exit='0']")).to_be_visible()
        expect(shell.locator("[data-ansi='red'], [data-ansi='green']").first).to_be_visible()
        # What a line was written over with is what it says.
        expect(shell).to_contain_text("progress 100 %")
        expect(shell).not_to_contain_text("progress 10 %")
        failed = open_op(page, truth, places["shell_failed"])
        expect(failed.locator("[data-exit='2'][data-bad]")).to_have_text("exit 2")

    @pytest.mark.parametrize("name", ["edit", "multi_edit", "write"])
    def test_a_change_of_a_file_line_by_line(
        self, page: Page, truth: dict[str, Any], places: dict[str, int], name: str
    ) -> None:
        told = truth["payloads"][name]
        file = open_op(page, truth, places[name]).locator("[data-view='diff'] section")
        expect(file).to_have_attribute("data-added", str(told["added"]))
        expect(file).to_have_attribute("data-removed", str(told["removed"]))
        expect(file.locator("[data-mark='+']")).to_have_count(told["added"])
        expect(file.locator("[data-mark='-']")).to_have_count(told["removed"])

    def test_a_change_is_shown_side_by_side_where_there_is_room(
        self, page: Page, truth: dict[str, Any], places: dict[str, int]
    ) -> None:
        page.set_viewport_size({"width": 1920, "height": 1080})
        opened = open_op(page, truth, places["edit"])
        expect(opened.locator("[data-split]")).to_have_count(0)
        page.keyboard.press("Shift+Digit2")
        expect(opened.locator("[data-split]")).to_be_visible()

    def test_a_file_that_was_read_with_its_own_numbers(
        self, page: Page, truth: dict[str, Any], places: dict[str, int]
    ) -> None:
        told = truth["payloads"]["read"]
        read = open_op(page, truth, places["read"]).locator("[data-view='read']")
        expect(read).to_have_attribute("data-first", str(told["first_line"]))
        expect(read).to_have_attribute("data-lines", str(told["lines"]))
        expect(read.locator("[data-highlighted] .hljs-keyword").first).to_have_text("return")

    def test_what_a_search_found_by_file(
        self, page: Page, truth: dict[str, Any], places: dict[str, int]
    ) -> None:
        told = truth["payloads"]["grep"]
        grep = open_op(page, truth, places["grep"]).locator("[data-view='found']")
        expect(grep).to_have_attribute("data-files", str(told["files"]))
        expect(grep).to_have_attribute("data-matches", str(told["matches"]))
        expect(grep.locator("mark").first).to_have_text("retry")
        glob = open_op(page, truth, places["glob"]).locator("[data-view='found']")
        expect(glob).to_have_attribute("data-files", str(truth["payloads"]["glob"]["files"]))

    def test_the_web_as_text_only(self, page: Page, truth: dict[str, Any], places: dict[str, int]) -> None:
        fetched = open_op(page, truth, places["web_fetch"]).locator("[data-view='web']")
        expect(fetched).to_contain_text(truth["payloads"]["web_fetch"]["url"])
        expect(fetched.locator("strong")).to_have_text("enough")
        expect(fetched.locator("a, img")).to_have_count(0)
        found = open_op(page, truth, places["web_search"]).locator("[data-view='web']")
        expect(found.locator("ol li")).to_have_count(truth["payloads"]["web_search"]["results"])

    def test_json_as_a_tree_and_as_a_table(
        self, page: Page, truth: dict[str, Any], places: dict[str, int]
    ) -> None:
        told = truth["payloads"]["mcp"]
        tree = open_op(page, truth, places["mcp"]).locator("[data-view='json']")
        expect(tree).to_have_attribute("data-nodes", str(told["nodes"]))
        tree.get_by_role("searchbox").fill("Retry 7")
        expect(tree.get_by_role("status").first).to_have_text("1 match")
        expect(tree).to_contain_text("Retry 7")
        tree.get_by_role("button", name="Table").click()
        expect(tree.get_by_role("columnheader")).to_have_text(told["columns"])
        expect(tree.get_by_role("row")).to_have_count(told["rows"] + 1)

    def test_tasks_with_what_changed(self, page: Page, truth: dict[str, Any], places: dict[str, int]) -> None:
        for name in ("todos_2", "todos_3"):
            told = truth["payloads"][name]
            tasks = open_op(page, truth, places[name]).locator("[data-view='tasks']")
            expect(tasks).to_have_attribute("data-done", str(told["completed"]))
            expect(tasks).to_have_attribute("data-changed", str(told["changed"]))
            expect(tasks.get_by_role("listitem")).to_have_count(told["of"])

    def test_a_picture_small_and_large(
        self, page: Page, truth: dict[str, Any], places: dict[str, int]
    ) -> None:
        width, height = truth["payloads"]["image"]["size"]
        opened = open_op(page, truth, places["image"])
        picture = opened.locator("[data-view='picture']")
        expect(picture.locator("img")).to_have_attribute("data-natural", f"{width}x{height}")
        expect(picture).to_contain_text(f"{width} × {height}")
        large = picture.get_by_role("button")
        large.click()
        expect(large).to_have_attribute("aria-pressed", "true")

    def test_an_error_says_what_before_where(
        self, page: Page, truth: dict[str, Any], places: dict[str, int]
    ) -> None:
        seq = places["error"]
        open_op(page, truth, seq)
        error = page.locator(f"[data-op-seq='{seq}'] [data-view='error']")
        expect(error.locator("p")).to_contain_text(truth["payloads"]["error"]["message"])
        expect(error.locator("pre")).to_be_hidden()
        error.locator("summary").click()
        expect(error.locator("pre")).to_contain_text("src/step8.py")

    def test_what_nobody_can_show_is_told_and_handed_out(
        self, page: Page, truth: dict[str, Any], places: dict[str, int]
    ) -> None:
        told = truth["payloads"]["binary"]
        file = open_op(page, truth, places["binary"]).locator("[data-view='file']")
        expect(file).to_contain_text(told["media_type"])
        expect(file.locator("pre")).to_contain_text("00000010 10 11 12 13")
        with page.expect_download() as download:
            file.get_by_role("link", name="Download").click()
        assert len(Path(download.value.path()).read_bytes()) == told["bytes"]

    def test_reasoning_is_short_until_asked_for(self, page: Page, truth: dict[str, Any]) -> None:
        page.goto(f"/s/{truth['session']}")
        reasoning = page.locator("[data-reasoning]").first
        short = reasoning.bounding_box()
        assert short
        reasoning.get_by_role("button", name=re.compile("Show all")).click()
        wait_for(
            lambda: (box := reasoning.bounding_box()) and box["height"] > 2 * short["height"], "it is longer"
        )


class TestHostileTexts:
    def test_nothing_runs_and_nothing_leaves_the_host(
        self, page: Page, truth: dict[str, Any], places: dict[str, int]
    ) -> None:
        asked: list[str] = []

        def note(request: Request) -> None:
            asked.append(request.url)

        page.on("request", note)
        page.goto(f"/s/{truth['session']}")
        expect(page.locator("[data-turn='1']")).to_be_visible()
        for name in ("shell", "web_fetch", "web_search", "error"):
            open_op(page, truth, places[name])
        for name in truth["hostile"]["globals"]:
            assert page.evaluate(f"typeof window.{name}") == "undefined"
        assert not [url for url in asked if truth["hostile"]["host"] in url.split("/")[2]]
        assert page.locator(f"[src*='{truth['hostile']['host']}']").count() == 0
        assert page.locator("a[href^='javascript:']").count() == 0


class TestSecrets:
    def test_a_secret_is_masked_until_it_is_revealed(
        self, page: Page, truth: dict[str, Any], places: dict[str, int]
    ) -> None:
        opened = open_op(page, truth, places["secret"])
        expect(opened).not_to_contain_text(truth["secret"])
        expect(page.locator("[data-masked]")).to_contain_text("masked")
        opened.get_by_role("button", name="Reveal AWS access key").click()
        expect(opened).to_contain_text(truth["secret"])
        opened.get_by_role("button", name="Mask AWS access key").click()
        expect(opened).not_to_contain_text(truth["secret"])


class TestALargeOutput:
    def test_its_last_lines_are_there_at_once_and_all_of_it_on_demand(
        self, page: Page, truth: dict[str, Any], places: dict[str, int]
    ) -> None:
        told = truth["payloads"]["large"]
        whole: list[str] = []
        page.on(
            "response",
            lambda answer: (
                whole.append(answer.url) if "/payloads/" in answer.url and answer.status == 200 else None
            ),
        )
        opened = open_op(page, truth, places["large"])
        expect(opened.locator("[data-tail]")).to_contain_text(told["last"])
        opened.locator("[data-load-all]").click()
        lines = opened.locator("[data-line-list]")
        expect(lines.locator("[data-piece='0']")).to_contain_text("request 1\n")
        lines.get_by_role("button", name="Last line").click()
        expect(lines.locator("[data-piece]").last).to_contain_text(told["last"])
        assert page.locator("[data-piece]").count() <= 4
        # No answer held all of it.
        assert whole == []


class TestTheFacts:
    def test_of_the_chosen_step_all_is_told(
        self, page: Page, truth: dict[str, Any], places: dict[str, int]
    ) -> None:
        seq = places["edit"]
        facts = open_op(page, truth, seq).locator("[data-facts]")
        expect(facts).to_contain_text("derived from neighbouring records")
        expect(facts).to_contain_text(truth["payloads"]["edit"]["op"])
        expect(facts).to_contain_text(".jsonl")
        parent = facts.get_by_role("button", name=re.compile("^#")).first
        number = re.findall(r"\d+", parent.inner_text())[0]
        parent.click()
        call = page.locator(f"[data-facts='{number}']")
        expect(call).to_contain_text("cache read")
        expect(call).to_contain_text("per million")


class TestModes:
    def test_raw_and_log_are_places_of_their_own(self, page: Page, truth: dict[str, Any]) -> None:
        page.goto(f"/s/{truth['session']}")
        bar = page.get_by_role("group", name="Read as")
        bar.get_by_role("button", name="Raw JSON").click()
        expect(page).to_have_url(re.compile("read=raw"))
        expect(page.locator("[data-pane='transcript'] [data-view='json']").first).to_be_visible()
        bar.get_by_role("button", name="Log").click()
        expect(page).to_have_url(re.compile("read=log"))
        page.reload()
        expect(bar.get_by_role("button", name="Log")).to_have_attribute("aria-pressed", "true")
        expect(page.locator("[data-pane='transcript'] [data-op-seq]").first).to_be_visible()


class TestMarks:
    def test_a_mark_is_made_by_key_seen_and_removed(
        self, page: Page, truth: dict[str, Any], places: dict[str, int]
    ) -> None:
        seq = places["edit"]
        open_op(page, truth, seq)
        page.keyboard.press("m")
        editor = page.locator("[data-mark-editor]")
        expect(editor.get_by_role("combobox")).to_have_value(f"op-{seq}")
        page.keyboard.type("look here")
        editor.get_by_label("red").check()
        page.keyboard.press("Enter")
        expect(editor).to_have_count(0)
        expect(page.locator("[data-pane='transcript'] [data-mark]", has_text="look here")).to_be_visible()
        expect(page.locator("[data-flag][data-colour='red']")).to_have_count(1)
        page.get_by_role("button", name="1 mark").click()
        page.get_by_role("button", name="Remove").click()
        expect(page.locator("[data-flag]")).to_have_count(0)

    def test_the_star_stays(self, page: Page, truth: dict[str, Any]) -> None:
        page.goto(f"/s/{truth['session']}")
        star = page.get_by_role("button", name="Star", exact=True)
        expect(star).to_have_attribute("aria-pressed", "false")
        star.click()
        expect(star).to_have_attribute("aria-pressed", "true")
        page.reload()
        expect(star).to_have_attribute("aria-pressed", "true")
        star.click()
        expect(star).to_have_attribute("aria-pressed", "false")


def test_the_session_can_be_taken_along(page: Page, truth: dict[str, Any]) -> None:
    page.goto(f"/s/{truth['session']}")
    page.get_by_role("button", name="Export").click()
    with page.expect_download() as download:
        page.get_by_role("link", name="Markdown").click()
    text = Path(download.value.path()).read_text()
    assert "Limit the retries" in text
    assert truth["secret"] not in text


def test_a_sub_agents_steps_are_shown_in_place(page: Page, truth: dict[str, Any], server: Running) -> None:
    deep = truth["deep"]
    ops = json.loads(server.get(f"/api/sessions/{deep['session']}/ops?limit=1000"))["ops"]
    seq = next(op["seq"] for op in ops if op["child"])
    opened = open_op(page, deep, seq)
    card = opened.locator("[data-sub-agent]").first
    expect(card.get_by_role("img", name=re.compile("Its time"))).to_be_visible()
    card.locator("[data-expand]").click()
    expect(card.locator("[data-op-seq]").first).to_be_visible()


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_what_is_opened_is_accessible(
    browser: Browser, server: Running, truth: dict[str, Any], places: dict[str, int], theme: str
) -> None:
    # Tall enough for all of it: one look at everything.
    context = browser.new_context(
        base_url=server.url,
        color_scheme=theme,  # type: ignore[arg-type]
        viewport={"width": 1366, "height": 9000},
    )
    page = context.new_page()
    open_op(page, truth, places["edit"])
    page.get_by_role("button", name="Open all").click()
    expect(page.locator("[data-highlighted]")).to_be_visible()
    for view in ("shell", "diff", "read", "found", "web", "json", "tasks", "picture", "error", "file"):
        expect(page.locator(f"[data-view='{view}']").first).to_be_visible(timeout=20_000)
    page.evaluate(AXE.read_text(encoding="utf-8"))
    result = page.evaluate("axe.run('[data-pane=transcript]', {resultTypes: ['violations']})")
    context.close()
    assert [(rule["id"], node["html"][:200]) for rule in result["violations"] for node in rule["nodes"]] == []
