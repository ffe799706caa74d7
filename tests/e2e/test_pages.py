"""Home, the list of sessions, search, palette and settings as people use them, over made-up sessions."""

from __future__ import annotations

import datetime as dt
import gzip
import json
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, Route, expect

from ai_viewer import demo
from tests.running import Running, running

pytestmark = [pytest.mark.browser, pytest.mark.serial]

ROOT = Path(__file__).parents[2]
STATIC = ROOT / "src" / "ai_viewer" / "static" / "index.html"
AXE = ROOT / "frontend" / "node_modules" / "axe-core" / "axe.min.js"

ROUTES = ("/", "/sessions", "/sessions?group=project", "/search", "/search?q=cache", "/settings")
PATIENCE_MS = 20_000
FIRST_LOAD_BYTES = 170_000
REQUESTS = 4


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """ai-viewer over the made-up sessions, as they were when it started."""
    if not STATIC.exists():
        pytest.skip("the web app is not built: make ui")
    folder = tmp_path_factory.mktemp("server")
    roots, _later = demo.lay_out(folder / "demo", dt.datetime.now(dt.UTC))
    command: list[str | Path] = [sys.executable, "-m", "ai_viewer", "--db", folder / "store.db"]
    command += ["--port", "0", "--no-open"]
    for root in roots:
        command += ["--source", f"{root.format}={root.root}"]
    with running(command, folder) as server:
        yield server


@pytest.fixture(autouse=True)
def patience(page: Page) -> None:
    """Machines may be slow."""
    page.set_default_timeout(PATIENCE_MS)


def told(server: Running, path: str) -> Any:
    """What the server answers."""
    return json.loads(server.get(path))


def shown(page: Page) -> None:
    """Wait until the page has its data."""
    expect(page.locator("h1").first).to_be_attached(timeout=PATIENCE_MS)
    expect(page.locator("[role=status][aria-label^='Loading'], [aria-label='Searching']")).to_have_count(
        0, timeout=PATIENCE_MS
    )


def refuse(route: Route) -> None:
    """Answer as a server in trouble does."""
    route.fulfill(status=500, json={"status_code": 500, "detail": "The disk is gone."})


class TestHome:
    """The page that one opens with."""

    def test_says_what_the_server_says(self, page: Page, server: Running) -> None:
        """Tiles, running sessions, recent ones."""
        page.goto("/")
        home = told(server, "/api/home?tz=UTC")
        tiles = page.get_by_role("region", name="In short")
        expect(tiles).to_contain_text(f"{home['waiting']} waiting for you")
        expect(tiles.get_by_role("link", name=re.compile("sessions?$"))).to_be_visible()
        titles = [live["session"]["title"] for live in home["live"]]
        now = page.get_by_role("region", name=re.compile("^Now"))
        assert titles
        for title in titles:
            expect(now.get_by_role("link", name=title)).to_be_visible()

    def test_a_number_leads_to_as_many_sessions(self, page: Page) -> None:
        """What is counted is listed, sub-agents included."""
        page.goto("/")
        link = page.get_by_role("region", name="In short").get_by_role("link", name=re.compile("sessions?$"))
        said = link.inner_text()
        link.click()
        expect(page.get_by_text(said, exact=True)).to_be_visible()
        assert page.locator("[data-session-id]").count() == int(said.split()[0])

    def test_the_waiting_ones_are_listed(self, page: Page, server: Running) -> None:
        """Exactly those that are counted."""
        waiting = told(server, "/api/home?tz=UTC")["waiting"]
        assert waiting
        page.goto("/")
        page.get_by_role("link", name="waiting for you").click()
        expect(page.locator("[data-session-id]")).to_have_count(waiting, timeout=PATIENCE_MS)

    def test_a_day_without_work_offers_the_last_one_with_some(self, page: Page) -> None:
        """Never a wall of zeros without a way out."""
        page.goto("/?day=2020-01-01")
        expect(page.get_by_text("Nothing was done on 1 Jan 2020.")).to_be_visible(timeout=PATIENCE_MS)
        page.get_by_role("link", name="jump").click()
        expect(page.get_by_text(re.compile("^This is "))).to_be_visible(timeout=PATIENCE_MS)
        expect(page.get_by_role("region", name="In short")).to_contain_text("$")


REGIONS = {
    "/": ("**/api/home*", "What happens now could not be loaded."),
    "/sessions": ("**/api/sessions?*", "The sessions could not be loaded."),
    "/search?q=cache": ("**/api/search*", "The search could not be answered."),
    "/settings": ("**/api/settings*", "The server's settings could not be loaded."),
}


class TestStates:
    """What a region shows when it has no data."""

    @pytest.mark.parametrize("path", REGIONS)
    def test_an_error_is_told_and_passes(self, page: Page, excused: list[str], path: str) -> None:
        """It says what is wrong; trying again helps once it is right, and the rest of the page lives."""
        excused.append("status of 500")
        pattern, message = REGIONS[path]
        page.route(pattern, refuse)
        page.goto(path)
        # Two more attempts are made before it is told.
        expect(page.get_by_text(message)).to_be_visible(timeout=PATIENCE_MS)
        expect(page.get_by_text("The disk is gone. (500)")).to_be_visible()
        expect(page.get_by_role("navigation", name="Pages")).to_be_visible()
        page.unroute(pattern)
        page.get_by_role("button", name="Try again").click()
        expect(page.get_by_text(message)).to_have_count(0, timeout=PATIENCE_MS)

    def test_the_last_data_stay_when_the_server_falls_silent(self, page: Page, excused: list[str]) -> None:
        """They are marked as old."""
        excused.append("status of 500")
        page.goto("/sessions")
        expect(page.locator("[data-session-id]").first).to_be_visible(timeout=PATIENCE_MS)
        page.route("**/api/sessions?*", refuse)
        page.get_by_label("With failures").click()
        expect(page.get_by_text("The sessions could not be loaded.")).to_be_visible(timeout=PATIENCE_MS)
        page.unroute("**/api/sessions?*")
        page.get_by_role("button", name="Try again").click()
        expect(page.locator("[data-session-id]").first).to_be_visible(timeout=PATIENCE_MS)

    def test_it_is_told_when_nothing_is_heard_any_more(self, page: Page, excused: list[str]) -> None:
        """The change stream is cut."""
        excused.append("status of 500")
        page.route("**/api/events*", refuse)
        page.goto("/")
        expect(page.locator("[data-live='reconnecting']")).to_be_visible(timeout=PATIENCE_MS)
        expect(page.get_by_role("region", name="In short")).to_be_visible(timeout=PATIENCE_MS)
        page.unroute("**/api/events*")
        expect(page.locator("[data-live='live']")).to_be_visible(timeout=PATIENCE_MS)

    def test_no_hit_is_told_with_a_way_out(self, page: Page) -> None:
        """Why there is nothing, and one thing to do."""
        page.goto("/search?q=nosuchwordanywhere")
        expect(page.get_by_text("Nothing has these words.")).to_be_visible(timeout=PATIENCE_MS)
        page.get_by_role("button", name="Clear the search").click()
        expect(page).to_have_url(re.compile("/search$"))


class TestSessions:
    """The list of sessions."""

    def test_the_number_of_a_facet_is_that_of_its_list(self, page: Page, server: Running) -> None:
        """Choosing a value lists as many as it said."""
        facets = told(server, "/api/sessions?facets=true")["facets"]
        most = facets["project"][0]
        page.goto("/sessions")
        page.get_by_role("combobox", name="Project").select_option(most["value"])
        expect(page.get_by_text(re.compile(rf"^{most['count']} sessions?$"))).to_be_visible(
            timeout=PATIENCE_MS
        )

    def test_a_condition_becomes_a_chip(self, page: Page) -> None:
        """A chip takes its condition away again."""
        page.goto("/sessions?q=is:failed")
        expect(page.get_by_role("list", name="Conditions")).to_contain_text("is:failed", timeout=PATIENCE_MS)
        page.get_by_role("button", name="Remove is:failed").click()
        expect(page).to_have_url(re.compile("/sessions$"))

    def test_a_wrong_condition_is_told_with_its_place(self, page: Page) -> None:
        """Nothing is asked until it is understood."""
        page.goto("/sessions")
        page.get_by_label("Filter by words or conditions").fill("parser dur:>soon")
        expect(page.get_by_role("alert")).to_contain_text("at character 12")
        expect(page).to_have_url(re.compile("/sessions$"))

    def test_a_click_on_a_value_filters(self, page: Page) -> None:
        """Alt excludes it."""
        page.goto("/sessions")
        page.locator("[role=row] a", has_text="skycast").first.click()
        expect(page.get_by_role("list", name="Conditions")).to_contain_text("project:")
        page.goto("/sessions")
        page.locator("[role=row] a", has_text="skycast").first.click(modifiers=["Alt"])
        expect(page.get_by_role("list", name="Conditions")).to_contain_text("-project:")

    def test_groups_stand_under_their_names(self, page: Page) -> None:
        """The address tells by what."""
        page.goto("/sessions")
        page.get_by_role("button", name="View", exact=True).click()
        page.get_by_label("Group by").select_option("project")
        expect(page).to_have_url(re.compile("group=project"))
        expect(page.get_by_role("gridcell", name=re.compile("^skycast 6$"))).to_be_visible()

    def test_the_keys_preview_select_and_compare(self, page: Page) -> None:
        """Without a pointer."""
        page.goto("/sessions")
        expect(page.locator("[data-session-id]").first).to_be_visible(timeout=PATIENCE_MS)
        page.keyboard.press("j")
        page.keyboard.press("Space")
        expect(page.get_by_role("heading", name="First prompt")).to_be_visible(timeout=PATIENCE_MS)
        page.keyboard.press("x")
        page.keyboard.press("j")
        page.keyboard.press("x")
        expect(page.get_by_text("2 sessions selected")).to_be_visible()
        page.keyboard.press("c")
        expect(page).to_have_url(re.compile(r"/compare\?a=.+&b=.+"))

    def test_columns_and_views_are_remembered(self, page: Page) -> None:
        """A hidden column stays hidden; a saved view leads back."""
        page.goto("/sessions?q=is:failed")
        page.get_by_role("button", name="View", exact=True).click()
        page.get_by_label("Cache").uncheck()
        page.get_by_label("Name of the view").fill("Broken")
        page.get_by_role("button", name="Save").click()
        page.goto("/sessions")
        expect(page.get_by_role("columnheader", name="Cache")).to_have_count(0)
        page.get_by_role("button", name="View", exact=True).click()
        page.get_by_role("link", name="Broken").click()
        expect(page.get_by_role("list", name="Conditions")).to_contain_text("is:failed")

    def test_the_list_is_a_file(self, page: Page, server: Running) -> None:
        """All that the filter lets through, whatever is on the screen."""
        page.goto("/sessions")
        page.get_by_role("button", name="View", exact=True).click()
        with page.expect_download() as download:
            page.get_by_role("button", name="All of these as CSV").click()
        lines = download.value.path().read_text(encoding="utf-8").strip().splitlines()
        assert len(lines) == 1 + told(server, "/api/sessions?roots=true")["total"]


class TestSearch:
    """The search over all texts."""

    def test_a_hit_leads_to_its_place_with_what_was_looked_for(self, page: Page) -> None:
        """By the keyboard: `j` to the first hit, Enter."""
        page.goto("/search?q=cache")
        expect(page.locator("mark").first).to_be_visible(timeout=PATIENCE_MS)
        page.keyboard.press("j")
        expect(page.locator("[data-hit]").first).to_be_focused()
        page.keyboard.press("Enter")
        expect(page).to_have_url(re.compile(r"/s/.+find=cache"))

    def test_it_finds_while_one_types(self, page: Page) -> None:
        """The last word may be the beginning of one."""
        page.goto("/search")
        page.get_by_label("Search in all texts").type("cach")
        expect(page.locator("mark").first).to_contain_text(
            re.compile("cach", re.IGNORECASE), timeout=PATIENCE_MS
        )

    def test_a_facet_narrows_to_its_count(self, page: Page) -> None:
        """The hits that remain are as many as it said."""
        page.goto("/search?q=cache")
        facet = page.get_by_role("complementary").get_by_role("listitem").filter(has_text="tool input")
        number = facet.locator("span").inner_text()
        facet.get_by_role("link").click()
        expect(page.get_by_text(re.compile(rf"^{number} hits?$"))).to_be_visible(timeout=PATIENCE_MS)

    def test_what_is_not_understood_is_told_with_its_place(self, page: Page) -> None:
        """No request is needed to see it."""
        page.goto("/search?q=cache+kind:nonsense")
        expect(page.get_by_role("alert")).to_contain_text("at character 12")


class TestPalette:
    """What Ctrl-K opens."""

    def test_it_finds_a_session_and_opens_it(self, page: Page) -> None:
        """Everywhere, also while one types elsewhere."""
        page.goto("/search")
        page.get_by_label("Search in all texts").focus()
        page.keyboard.press("Control+k")
        box = page.get_by_role("combobox", name="Search or jump")
        expect(box).to_be_focused(timeout=PATIENCE_MS)
        page.keyboard.type("neap tides")
        expect(page.get_by_role("option", name=re.compile("Neap tides too high")).first).to_be_visible(
            timeout=PATIENCE_MS
        )
        page.keyboard.press("Enter")
        expect(page).to_have_url(re.compile("/s/codex"), timeout=PATIENCE_MS)

    @pytest.mark.parametrize(
        ("typed", "there"),
        [
            ("settings", "/settings"),
            (">failures", r"/sessions\?failed=true"),
            ("#skycast", "/projects/"),
            ("@Bash", "/tools/Bash"),
            (":yesterday 14-16", r"/analytics\?range=\d+"),
        ],
    )
    def test_each_sign_has_its_own_list(self, page: Page, typed: str, there: str) -> None:
        """Pages, commands, projects, names, times."""
        page.goto("/settings")
        page.get_by_role("button", name="Search or jump").click()
        expect(page.get_by_role("combobox")).to_be_focused(timeout=PATIENCE_MS)
        page.keyboard.type(typed)
        expect(page.get_by_role("option", selected=True)).to_be_visible(timeout=PATIENCE_MS)
        page.keyboard.press("Enter")
        expect(page).to_have_url(re.compile(there), timeout=PATIENCE_MS)

    def test_escape_leaves_everything_as_it_was(self, page: Page) -> None:
        """It can be opened again."""
        page.goto("/settings")
        shown(page)
        for _ in range(2):
            page.keyboard.press("Control+k")
            expect(page.get_by_role("combobox")).to_be_focused(timeout=PATIENCE_MS)
            page.keyboard.press("Escape")
            expect(page.get_by_role("combobox")).to_have_count(0)
        expect(page).to_have_url(re.compile("/settings$"))


class TestKeys:
    """Keys of every page."""

    def test_g_and_a_letter_go_to_a_page(self, page: Page) -> None:
        """Unless keys of one letter are switched off."""
        page.goto("/settings")
        shown(page)
        page.keyboard.press("g")
        page.keyboard.press("s")
        expect(page).to_have_url(re.compile("/sessions$"))
        page.goto("/settings")
        page.get_by_role("radio", name="Off").check()
        page.locator("h1").click(force=True)
        page.keyboard.press("g")
        page.keyboard.press("h")
        page.keyboard.press("Control+k")
        expect(page.get_by_role("combobox")).to_be_visible(timeout=PATIENCE_MS)
        expect(page).to_have_url(re.compile("/settings$"))

    def test_from_home_into_a_session(self, page: Page) -> None:
        """Tab and Enter are enough, and the focus is always to be seen."""
        page.goto("/")
        link = page.get_by_role("region", name=re.compile("^Recent")).get_by_role("link").nth(1)
        expect(link).to_be_visible(timeout=PATIENCE_MS)
        for _ in range(80):
            page.keyboard.press("Tab")
            if link.evaluate("link => link === document.activeElement"):
                break
        expect(link).to_be_focused()
        assert link.evaluate("link => getComputedStyle(link).outlineStyle") != "none"
        page.keyboard.press("Enter")
        expect(page).to_have_url(re.compile("/s/"))


@pytest.mark.parametrize("path", ROUTES)
def test_a_page_asks_little(page: Page, path: str) -> None:
    """At most four requests of the API, the stream of changes among them."""
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url) if "/api/" in request.url else None)
    page.goto(path)
    shown(page)
    expect(page.locator("[data-live='live']")).to_be_visible(timeout=PATIENCE_MS)
    assert len(set(asked)) <= REQUESTS, asked


def test_the_first_load_is_small(page: Page) -> None:
    """All scripts that the home page needs, packed."""
    scripts: dict[str, int] = {}
    with page.expect_response("**/api/home*"):
        page.on(
            "response",
            lambda response: scripts.update({response.url: 0}) if response.url.endswith(".js") else None,
        )
        page.goto("/")
    shown(page)
    for url in scripts:
        scripts[url] = len(gzip.compress(page.request.get(url).body()))
    assert scripts
    assert sum(scripts.values()) <= FIRST_LOAD_BYTES, scripts


@pytest.mark.parametrize("path", ROUTES)
@pytest.mark.parametrize("width", [390, 1366, 1920])
def test_nothing_hangs_over_the_edge(page: Page, path: str, width: int) -> None:
    """No page scrolls sideways, and nothing one can press lies outside or under something else."""
    page.set_viewport_size({"width": width, "height": 844 if width < 500 else 768})
    page.goto(path)
    shown(page)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    covered = page.evaluate(
        """() => [...document.querySelectorAll("header a, header button, nav a, nav button")]
            .filter((one) => one.checkVisibility({ visibilityProperty: true }) && !one.closest("[popover]"))
            .filter((one) => !one.matches("[href='#content']"))
            .filter((one) => {
                const box = one.getBoundingClientRect();
                const at = document.elementFromPoint(box.x + box.width / 2, box.y + box.height / 2);
                return !(at && (one.contains(at) || at.contains(one)));
            })
            .map((one) => one.outerHTML)"""
    )
    assert covered == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("path", ROUTES)
def test_every_page_is_accessible(page: Page, path: str, scheme: Any) -> None:
    """No violation of axe's rules, in either theme."""
    if not AXE.exists():
        pytest.skip("axe is not installed: make node_modules by make lint")
    page.emulate_media(color_scheme=scheme)
    page.goto(path)
    shown(page)
    check_accessible(page)


def test_the_palette_is_accessible(page: Page) -> None:
    """With entries in it."""
    if not AXE.exists():
        pytest.skip("axe is not installed: make node_modules by make lint")
    page.goto("/settings")
    shown(page)
    page.keyboard.press("Control+k")
    expect(page.get_by_role("option").first).to_be_visible(timeout=PATIENCE_MS)
    check_accessible(page)


def check_accessible(page: Page) -> None:
    """Run axe over the page as it is."""
    page.evaluate(AXE.read_text(encoding="utf-8"))
    found = page.evaluate("axe.run(document, { resultTypes: ['violations'] })")
    assert [(rule["id"], rule["nodes"][0]["html"]) for rule in found["violations"]] == []
