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
    # Noon, so that the hours before are of the same day in every zone near this one.
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


def fail_once(page: Page, pattern: str) -> None:
    """Let the first answers of a route be failures, until told otherwise by `page.unroute`."""

    def refuse(route: Route) -> None:
        route.fulfill(status=500, json={"status_code": 500, "detail": "The disk is gone."})

    page.route(pattern, refuse)


class TestHome:
    """``/``"""

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

    def test_an_error_is_told_and_passes(self, page: Page) -> None:
        """It says what is wrong; trying again helps once it is right."""
        fail_once(page, "**/api/home*")
        # The browser itself reports an answer of 500 on its console.
        page.remove_listener
        page.goto("/settings")
        expect(page.get_by_role("heading", name="This browser")).to_be_visible()
