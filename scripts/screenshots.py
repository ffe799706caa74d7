"""Draw the documentation's pictures of the web app, from the made-up sessions.

PYTHONPATH=. python scripts/screenshots.py
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Literal

import msgspec
from playwright.sync_api import Browser, expect, sync_playwright

from tests.running import Running, running, wait_for

ROOT = Path(__file__).parents[1]
PICTURES = ROOT / "docs" / "screenshots"
SESSION = "/s/claude_code:5b0c7c1e-6f3e-4a52-9f0a-2d9f6a1b7c01"
TURN = "[data-row='turn:1'] [aria-hidden=true]"
PATIENCE_MS = 60_000
LARGEST_BYTES = 300_000


class Picture(msgspec.Struct, frozen=True):
    """A page, and what is seen of it once it has its data."""

    name: str
    path: str
    seen: str
    opened: str | None = None
    """What is clicked then, to open it."""
    theme: Literal["light", "dark"] = "light"


ALL = (
    Picture("session", SESSION, "[data-row='turn:1']", TURN),
    Picture("session-dark", SESSION, "[data-row='turn:1']", TURN, "dark"),
    Picture("home", "/", "text=/^working$/"),
    Picture("analytics", "/analytics?range=30d", "canvas"),
    Picture("search", "/search?q=cache", "mark"),
    Picture("failures", "/failures?range=30d", "text=signatures"),
)


def is_read(server: Running) -> bool:
    """Whether all that was written before now is in the store, and so are its priced sums."""
    health = msgspec.json.decode(server.get("/api/health"))
    return bool(health["newest"]) and health["backfill"] is None


def draw(browser: Browser, server: Running, picture: Picture) -> None:
    """Write one picture.

    Raises:
        SystemExit: the file is too large for a page of documentation.
    """
    context = browser.new_context(
        base_url=server.url,
        viewport={"width": 1366, "height": 768},
        color_scheme=picture.theme,
        reduced_motion="reduce",
    )
    page = context.new_page()
    page.set_default_timeout(PATIENCE_MS)
    page.goto(picture.path)
    expect(page.locator(picture.seen).first).to_be_visible(timeout=PATIENCE_MS)
    if picture.opened:
        page.locator(picture.opened).first.click()
    loading = page.locator("[role=status][aria-label^='Loading'], [aria-label='Searching']")
    expect(loading).to_have_count(0, timeout=PATIENCE_MS)
    page.wait_for_load_state("networkidle" if "/s/" not in picture.path else "load")
    path = PICTURES / f"{picture.name}.png"
    page.screenshot(path=path, animations="disabled", caret="hide")
    context.close()
    if path.stat().st_size > LARGEST_BYTES:
        sys.exit(f"{path} has {path.stat().st_size:,} bytes; at most {LARGEST_BYTES:,} are wanted.")


def main() -> None:
    """Draw them all."""
    chromium = subprocess.run([ROOT / "scripts" / "chromium"], capture_output=True, text=True, check=False)
    if chromium.returncode != 0:
        sys.exit("No Chromium was found; install one, or name it in AI_VIEWER_CHROMIUM.")
    PICTURES.mkdir(exist_ok=True)
    command = [sys.executable, "-m", "ai_viewer", "demo", "--no-open", "--port", "0"]
    with (
        tempfile.TemporaryDirectory() as folder,
        running(command, Path(folder)) as server,
        sync_playwright() as playwright,
    ):
        wait_for(lambda: is_read(server), "the sessions are read")
        browser = playwright.chromium.launch(
            executable_path=chromium.stdout.strip(),
            args=["--no-sandbox", "--disable-gpu", "--disable-background-networking"],
        )
        for picture in ALL:
            draw(browser, server, picture)
        browser.close()


if __name__ == "__main__":
    main()
