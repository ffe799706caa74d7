"""The page of a session of 50,000 ops in a headless Chromium: until it is drawn, and while it moves."""

from __future__ import annotations

import functools
import os
import shutil
import statistics
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from playwright.sync_api import Browser, Page, Request, ViewportSize, sync_playwright

from bench.scale import Scale
from bench.serving import Server, serving, wait_until_read
from bench.sessions import write
from bench.table import Line

_RUNS = 5
_SIZE: ViewportSize = {"width": 1366, "height": 768}
_ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
_STATIC = Path(__file__).parents[1] / "src" / "ai_viewer" / "static" / "index.html"

_FRAMES = """
(moves) => new Promise((done) => {
    const target = document.querySelector("[data-pane=waterfall] canvas");
    const box = target.getBoundingClientRect();
    const gaps = [];
    let last = performance.now();
    let count = 0;
    const frame = (now) => {
        gaps.push(now - last);
        last = now;
        if (count++ === moves) { done(gaps.slice(2)); return; }
        const zoom = count % 6 !== 0;
        target.dispatchEvent(new WheelEvent("wheel", {
            bubbles: true, cancelable: true, ctrlKey: zoom, shiftKey: !zoom,
            deltaY: count < moves / 2 ? -60 : 60,
            clientX: box.left + box.width * (0.3 + 0.4 * count / moves), clientY: box.top + 40,
        }));
        requestAnimationFrame(frame);
    };
    requestAnimationFrame(frame);
})
"""
_SCROLL = """
(moves) => new Promise((done) => {
    const region = document.querySelector("[role=region][aria-label=Turns]");
    const gaps = [];
    let last = performance.now();
    let count = 0;
    const frame = (now) => {
        gaps.push(now - last);
        last = now;
        if (count++ === moves) { done(gaps.slice(2)); return; }
        region.scrollTop += 120;
        requestAnimationFrame(frame);
    };
    requestAnimationFrame(frame);
})
"""
_WATCH = """
() => {
    const pane = document.querySelector("[data-pane=waterfall]");
    const before = pane.dataset.sel;
    window.__chosen = new Promise((done) => {
        addEventListener("pointerdown", (event) => {
            const look = () => {
                const panes = [...document.querySelectorAll("[data-pane][data-sel]")];
                const all = panes.every((one) => one.dataset.sel === pane.dataset.sel);
                const spent = performance.now() - event.timeStamp;
                if ((pane.dataset.sel !== before && all) || spent > 5000) done(spent);
                else requestAnimationFrame(look);
            };
            look();
        }, { capture: true, once: true });
    });
}
"""
"""From the pointer going down to the same selection in all panes, in milliseconds."""


def lines(folder: Path, scale: Scale) -> Iterator[Line]:
    """Open `big` in a browser and use it."""
    browser = (
        os.environ.get("AI_VIEWER_CHROMIUM") or shutil.which("chromium") or shutil.which("google-chrome")
    )
    if browser is None or not _STATIC.exists():
        raise RuntimeError("the workbench needs a Chromium, and the web app built (make ui)")
    truth = write(folder, ["big"])["big"]
    with serving(folder, [f"claude_code={folder}"]) as server, sync_playwright() as playwright:
        wait_until_read(server, 1)
        _wait(
            lambda: (
                str(truth["own"]["tool_calls"]).encode() in server.get(f"/api/sessions/{truth['session']}")
            )
        )
        chromium = playwright.chromium.launch(executable_path=browser, args=_ARGUMENTS)
        try:
            yield from _opened(chromium, server, truth["session"], scale)
        finally:
            chromium.close()


def _opened(chromium: Browser, server: Server, session: str, scale: Scale) -> Iterator[Line]:
    address = f"{server.url}/s/{session}"
    paints, requests, size = [], 0, 0
    for _ in range(_RUNS + 1):
        page = chromium.new_page(viewport=_SIZE)
        seen: list[Request] = []
        page.on("requestfinished", functools.partial(_note, seen))
        paints.append(_open(page, address))
        asked = [request for request in seen if "/api/" in request.url and "/events" not in request.url]
        requests = len(asked)
        trace = [request for request in asked if "/trace" in request.url]
        size = sum(request.sizes()["responseBodySize"] for request in trace)
        page.close()
    # The first one is cold: nothing was in the browser's or the server's cache.
    yield Line("open 50,000 ops, cold", paints[0], "ms")
    warm = statistics.median(paints[1:])
    yield Line("open 50,000 ops, median", warm, "ms", budget="≤ 500", kept=warm <= 500)
    yield Line("  its trace", size / 1e6, "MB", budget="≤ 3.0", kept=size <= 3.0e6)
    yield Line("  requests for data", requests, "", budget="≤ 8", kept=requests <= 8)
    page = chromium.new_page(viewport=_SIZE)
    _open(page, address)
    for what, script in (("zoom and pan", _FRAMES), ("scroll the transcript", _SCROLL)):
        gap = _p95(page.evaluate(script, scale.frames))
        budget = 17.5 if script is _FRAMES else 20
        yield Line(f"{what}: frame p95", gap, "ms", budget=f"≤ {budget}", kept=gap <= budget)
    page.keyboard.press("0")
    chosen = [_select(page, op) for op in _visible(page)]
    if chosen:
        slowest = max(chosen)
        yield Line(f"select, slowest of {len(chosen)}", slowest, "ms", budget="≤ 50", kept=slowest <= 50)
    heap = page.evaluate("performance.memory.usedJSHeapSize") / 1e6
    yield Line("heap with 50,000 ops open", heap, "MB", budget="≤ 120", kept=heap <= 120)
    page.close()


def _note(seen: list[Request], request: Request) -> None:
    seen.append(request)


def _open(page: Page, address: str) -> float:
    """Open the page; return the milliseconds from navigation to the first bars."""
    page.goto(address)
    _wait(lambda: page.evaluate("performance.getEntriesByName('wb:paint').length"))
    painted: float = page.evaluate("performance.getEntriesByName('wb:paint')[0].startTime")
    return painted


def _select(page: Page, op: int) -> float:
    # Two bars may stand for the same turn: to choose what is chosen would change nothing.
    page.keyboard.press("Escape")
    page.wait_for_selector("[data-pane=waterfall]:not([data-sel])", state="attached")
    page.evaluate(_WATCH)
    place = page.evaluate("op => window.__wb.hit(op)", op)
    page.mouse.click(place["x"], place["y"])
    spent: float = page.evaluate("window.__chosen")
    return spent


def _visible(page: Page) -> list[int]:
    """Ops whose bars are on the screen, each at another place."""
    found: list[int] = page.evaluate(
        """() => {
            const seen = [];
            for (let op = 20; op < 50_000 && seen.length < 8; op += 37) {
                const place = window.__wb.hit(op);
                const at = place && document.elementFromPoint(place.x, place.y);
                const near = (other) => Math.hypot(other.x - place.x, other.y - place.y) < 8;
                if (at?.closest("[data-pane=waterfall]") && !seen.some(near)) seen.push({ ...place, op });
            }
            return seen.map(({ op }) => op);
        }"""
    )
    return found


def _p95(gaps: list[float]) -> float:
    return sorted(gaps)[int(0.95 * (len(gaps) - 1))]


def _wait(condition: Callable[[], object], seconds: float = 60) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            raise RuntimeError("the page was not drawn in time")
        time.sleep(0.02)
