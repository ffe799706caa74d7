"""A browser, and a page in it that reports whatever goes wrong; the server is each test file's own."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, Request, sync_playwright

from tests.running import Running

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Chromium without a screen."""
    found = subprocess.run([ROOT / "scripts" / "chromium"], capture_output=True, text=True, check=False)
    if found.returncode != 0:
        pytest.skip("no Chromium was found; name one in AI_VIEWER_CHROMIUM")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=found.stdout.strip(),
            args=["--no-sandbox", "--disable-gpu", "--disable-background-networking"],
        )
        yield browser
        browser.close()


@pytest.fixture
def excused() -> list[str]:
    """Parts of complaints that a test brings about itself; it adds them."""
    return []


@pytest.fixture
def page(browser: Browser, server: Running, excused: list[str]) -> Iterator[Page]:
    """A page of the app. It must not leave the host, break its own policy or report an error."""
    context = browser.new_context(base_url=server.url, viewport={"width": 1366, "height": 768})
    page = context.new_page()
    complaints: list[str] = []

    def on_console(message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"}:
            complaints.append(message.text)

    def on_request(request: Request) -> None:
        if not request.url.startswith((server.url, "data:", "blob:")):
            complaints.append(f"left the host: {request.url}")

    page.on("console", on_console)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("request", on_request)
    yield page
    context.close()
    assert [one for one in complaints if not any(part in one for part in excused)] == []
