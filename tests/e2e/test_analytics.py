"""Statistics as people read them: each number is the server's, and leads to what it counts."""

from __future__ import annotations

import datetime as dt
import json
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, Route, expect

from ai_viewer import demo
from tests.running import Running, running

pytestmark = [pytest.mark.browser, pytest.mark.serial]

ROOT = Path(__file__).parents[2]
STATIC = ROOT / "src" / "ai_viewer" / "static" / "index.html"
AXE = ROOT / "frontend" / "node_modules" / "axe-core" / "axe.min.js"

PAGES = {
    "/analytics?range=all": "Analytics",
    "/tools?range=all": "Tools",
    "/tools/Bash?range=all": "Bash",
    "/models?range=all": "Models",
    "/agents?range=all": "Agents",
    "/projects?range=all": "Projects",
    "/failures?range=all": "Failures",
    "/sources": "Sources",
    "/compare?range=30d": "Compare",
}


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    if not STATIC.exists():
        pytest.skip("the web app is not built: make ui")
    folder = tmp_path_factory.mktemp("analytics")
    roots, _later = demo.lay_out(folder / "demo", dt.datetime.now(dt.UTC))
    sources = [part for root in roots for part in ("--source", f"{root.format}={root.root}")]
    command: list[str | Path] = [
        sys.executable,
        "-m",
        "ai_viewer",
        *sources,
        "--db",
        folder / "s.db",
        "--port",
        "0",
        "--no-open",
    ]
    with running(command, folder) as server:
        yield server


def totals(server: Running, query: str = "") -> Any:
    return json.loads(server.get(f"/api/stats{query}"))["totals"]


def loaded(page: Page) -> None:
    """The page is there, and nothing is on its way any more."""
    expect(page.locator("h1")).to_be_attached(timeout=30_000)
    expect(page.locator("[role=status][aria-label^=Loading]")).to_have_count(0, timeout=30_000)


def listed(page: Page) -> int:
    """How many sessions the list says it has."""
    text = page.get_by_text(re.compile(r"^[\d,]+ sessions?$")).first.text_content(timeout=30_000) or ""
    return int(text.split()[0].replace(",", ""))


def test_sums_are_the_servers(page: Page, server: Running) -> None:
    page.goto("/analytics?range=all")
    told = totals(server)
    for label, number in (
        ("Sessions", told["sessions"]),
        ("Turns", told["turns"]),
        ("Failures", told["failures"]),
    ):
        expect(page.locator(f"[data-kpi='{label}']")).to_contain_text(str(number), timeout=30_000)


def test_every_number_of_sessions_leads_to_that_many(page: Page) -> None:
    page.goto("/analytics?range=all")
    loaded(page)
    links = page.locator("a[data-count][href^='/sessions']")
    expect(links.first).to_be_visible(timeout=30_000)
    asked = {
        str(href): int(count)
        for href, count in links.evaluate_all(
            "all => all.map(one => [one.getAttribute('href'), one.dataset.count])"
        )
    }
    assert len(asked) > 5
    for href, count in list(asked.items())[:25]:
        page.goto(href)
        expect(page.get_by_text(re.compile(rf"^{count:,} sessions?$")).first).to_be_visible(timeout=30_000)


def test_failures_open_to_as_many_as_they_count(page: Page) -> None:
    page.goto("/failures?range=all")
    loaded(page)
    group = page.locator("[data-group]").first
    group.locator("button").first.click()
    instances = group.locator("ul[data-count]")
    expect(instances).to_be_visible(timeout=30_000)
    assert instances.locator("a").count() == int(instances.get_attribute("data-count") or -1)


def test_a_click_on_a_value_narrows_everything(page: Page, server: Running) -> None:
    page.goto("/analytics?range=all&by=tool")
    loaded(page)
    page.locator("[data-panel=breakdown] td[data-column=name] a").first.click()
    name = page.get_by_role("list", name="Chosen").locator("b").text_content() or ""
    told = totals(server, f"?tool={name}")
    expect(page.locator("[data-kpi='Sessions']")).to_contain_text(str(told["sessions"]), timeout=30_000)


@pytest.mark.parametrize("path", PAGES)
@pytest.mark.parametrize(("width", "height"), [(1366, 768), (1920, 1080), (390, 800)])
def test_nothing_scrolls_sideways(page: Page, path: str, width: int, height: int) -> None:
    page.set_viewport_size({"width": width, "height": height})
    page.goto(path)
    loaded(page)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("path", PAGES)
def test_everybody_can_use_it(page: Page, path: str, scheme: Any) -> None:
    if not AXE.exists():
        pytest.skip("axe is not installed: make node_modules by make lint")
    page.emulate_media(color_scheme=scheme)
    page.goto(path)
    loaded(page)
    page.evaluate(AXE.read_text(encoding="utf-8"))
    found = page.evaluate("axe.run(document, { resultTypes: ['violations'] })")
    assert [(rule["id"], rule["nodes"][0]["html"][:200]) for rule in found["violations"]] == []


def test_one_region_that_fails_leaves_the_others(browser: Browser, server: Running) -> None:
    context = browser.new_context(base_url=server.url)
    page = context.new_page()
    broken = True

    def answer(route: Route) -> None:
        if broken:
            route.fulfill(status=500, json={"status_code": 500, "detail": "out of order", "parameter": None})
        else:
            route.continue_()

    page.route("**/api/stats/heatmap*", answer)
    page.goto("/analytics?range=all")
    panel = page.locator("[data-panel=week]")
    expect(panel.get_by_role("alert")).to_contain_text("out of order", timeout=60_000)
    expect(page.locator("[data-panel=breakdown] tbody tr").first).to_be_visible()
    broken = False
    panel.get_by_role("button", name="Try again").click()
    expect(panel.locator("table")).to_be_visible(timeout=30_000)
    context.close()


def test_a_time_without_work_offers_one_with(page: Page) -> None:
    page.goto("/analytics?range=2001-01-01..2001-01-07")
    page.get_by_role("button", name=re.compile("Last data .*: jump")).click(timeout=30_000)
    expect(page.locator("[data-panel=breakdown] tbody tr").first).to_be_visible(timeout=30_000)
