"""A session's workbench: overview, waterfall and transcript, of one selection and one range."""

from __future__ import annotations

import contextlib
import datetime as dt
import json
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from ai_viewer import demo
from tests.e2e import planted
from tests.running import Running, running, wait_for

pytestmark = [pytest.mark.browser, pytest.mark.serial]

ROOT = Path(__file__).parents[2]
STATIC = ROOT / "src" / "ai_viewer" / "static" / "index.html"
AXE = ROOT / "frontend" / "node_modules" / "axe-core" / "axe.min.js"

SMALL = planted.Plan()
LARGE = planted.Plan(turns=5, calls=5000, wait=dt.timedelta(hours=14), failures=20)
AGENTS = "claude_code:5b0c7c1e-6f3e-4a52-9f0a-2d9f6a1b7c01"
"""A made-up session of `ai-viewer demo` with two sub-agents."""


def serve(folder: Path, plan: planted.Plan) -> tuple[list[str | Path], Path]:
    """The command that serves the planted session and the made-up ones; and the planted one's file."""
    if not STATIC.exists():
        pytest.skip("the web app is not built: make ui")
    path = planted.write(folder / "claude" / "projects" / "-home-dev-project", plan)
    roots, _later = demo.lay_out(folder / "demo", dt.datetime.now(dt.UTC))
    command: list[str | Path] = [sys.executable, "-m", "ai_viewer", "--db", folder / "store.db"]
    command += ["--port", "0", "--no-open", "--source", f"claude_code={folder / 'claude' / 'projects'}"]
    for root in roots:
        command += ["--source", f"{root.format}={root.root}"]
    return command, path


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """ai-viewer over a small planted session."""
    folder = tmp_path_factory.mktemp("workbench")
    with running(serve(folder, SMALL)[0], folder) as server:
        wait_for(lambda: is_read(server, SMALL), "all is read")
        yield server


def totals(server: Running, session: str) -> Any:
    """A session as the server tells it."""
    return json.loads(server.get(f"/api/sessions/{session}"))["session"]


def is_read(server: Running, plan: planted.Plan) -> bool:
    """Whether the planted session is known, to its last call, and the made-up ones are."""
    with contextlib.suppress(OSError):
        known = totals(server, planted.SESSION)["own"]["tool_calls"], totals(server, AGENTS)["descendants"]
        return known == (plan.tools, 2)
    return False


def open_bench(page: Page, session: str = planted.SESSION, query: str = "") -> None:
    """Open a session's page and wait for its bars."""
    page.goto(f"/s/{session}{query}")
    expect(page.locator("[data-row]").first).to_be_visible()
    # The page's policy forbids what Playwright's own waiting for an expression would do.
    wait_for(lambda: page.evaluate("performance.getEntriesByName('wb:paint').length"), "the bars are drawn")


def pane(page: Page, name: str) -> Locator:
    return page.locator(f"[data-pane='{name}']")


def row(page: Page, name: str) -> Locator:
    """A row of the page's own session in the waterfall: ``turn:3``, ``op:17``."""
    return page.locator(f"[data-row='{name}'][data-session='0']")


def figure(page: Page, name: str) -> float:
    """What the range's totals say, exactly."""
    return float(page.locator(f"[data-total='{name}']").get_attribute("data-value") or "nan")


def brush(page: Page, from_part: float, to_part: float) -> None:
    """Drag over a part of the overview."""
    box = pane(page, "overview").locator("[class*=plot]").bounding_box()
    assert box
    y = box["y"] + box["height"] / 2
    page.mouse.move(box["x"] + from_part * box["width"], y)
    page.mouse.down()
    page.mouse.move(box["x"] + (from_part + to_part) / 2 * box["width"], y)
    page.mouse.move(box["x"] + to_part * box["width"], y)
    page.mouse.up()


def bar(page: Page, op: int) -> dict[str, float]:
    """Where on the page the middle of an op's bar is; ``op`` is its row in the trace."""
    found: dict[str, float] = page.evaluate("op => window.__wb.hit(op)", op)
    return found


def test_the_first_click_chooses_the_bar_that_is_clicked(page: Page) -> None:
    """Not what the keyboard would begin with."""
    open_bench(page)
    place = bar(page, SMALL.calls * 2 * 2 + 5)
    page.mouse.click(place["x"], place["y"])
    expect(pane(page, "waterfall")).to_have_attribute("data-sel", re.compile(r"op:\d+|turn:3"))
    expect(pane(page, "transcript")).to_have_attribute("data-sel", re.compile(r"op:\d+|turn:3"))


def test_what_is_chosen_in_one_pane_is_chosen_in_all(page: Page) -> None:
    """A bar, a row, a step of the transcript: the same selection everywhere and in the address."""
    open_bench(page)
    row(page, "turn:3").dblclick()
    place = bar(page, SMALL.calls * 2 * 2 + 5)
    page.mouse.click(place["x"], place["y"])
    expect(page).to_have_url(re.compile(r"sel=op:\d+"))
    chosen = re.findall(r"sel=(op:\d+)", page.url)[0]
    for name in ("overview", "waterfall", "transcript"):
        expect(pane(page, name)).to_have_attribute("data-sel", chosen)
    step = page.locator(f"#{chosen.replace(':', '-')}")
    expect(step).to_be_in_viewport()
    expect(step).to_have_attribute("data-current", "")

    page.keyboard.press("j")
    expect(pane(page, "waterfall")).not_to_have_attribute("data-sel", chosen)
    after = pane(page, "transcript").get_attribute("data-sel")
    expect(page.locator(f"[data-row='{after}']")).to_have_attribute("aria-selected", "true")
    expect(page).to_have_url(re.compile(f"sel={after}"))
    page.reload()
    expect(page.locator(f"[data-row='{after}']")).to_have_attribute("aria-selected", "true")
    expect(page.locator("[data-current]")).to_be_in_viewport()


def test_the_transcript_goes_to_a_turn_that_was_not_loaded(page: Page) -> None:
    """The last turn is chosen while only the first are there; what is before loads on scrolling back."""
    open_bench(page)
    expect(page.locator("[data-turn='1']").first).to_be_visible()
    row(page, "turn:8").click()
    expect(page.locator("[data-turn='8']").first).to_be_in_viewport()
    expect(page.locator("[data-turn='8']").first).to_have_attribute("data-current", "")
    region = page.get_by_role("region", name="Turns")
    region.hover()
    for _ in range(6):
        page.mouse.wheel(0, -600)
        if page.locator("[data-turn='7']").count():
            break
    expect(page.locator("[data-turn='7']").first).to_be_attached()


def test_the_totals_of_everything_are_the_servers(page: Page, server: Running) -> None:
    """Summed in the page over the columns, they are the server's sums, sub-agents and all."""
    for session in (planted.SESSION, AGENTS):
        open_bench(page, session)
        tree = totals(server, session)["tree"]
        assert figure(page, "ops") == tree["ops"]
        assert figure(page, "failures") == tree["failures"]
        assert figure(page, "cost") == pytest.approx(tree["cost_usd"], abs=1e-9)
        tokens = ("tokens_in", "tokens_out", "tokens_cache_read", "tokens_cache_write")
        assert figure(page, "tokens") == sum(tree[name] for name in tokens)


def test_brushing_the_overview_sums_up_a_part(page: Page, server: Running) -> None:
    """Its figures are the sums over the ops that began in it; Back and a reload restore it."""
    open_bench(page)
    expect(page.locator("[data-totals='all']")).to_be_visible()
    brush(page, 0.2, 0.6)
    expect(page).to_have_url(re.compile(r"range=\d+-\d+"))
    first = page.url
    start, end = (int(part) for part in re.findall(r"range=(\d+)-(\d+)", first)[0])
    body = json.loads(server.get(f"/api/sessions/{planted.SESSION}/trace?format=json"))
    inside = [start <= when < end for when in body["ops"]["start"]]
    failed = body["head"]["statuses"].index("failed")
    assert 0 < figure(page, "ops") == sum(inside) < len(inside)
    assert figure(page, "failures") == sum(
        within and status == failed for within, status in zip(inside, body["ops"]["status"], strict=True)
    )
    calls = zip(body["calls"]["op"], body["calls"]["cost"], strict=True)
    assert figure(page, "cost") == pytest.approx(
        sum(cost for op, cost in calls if inside[op]) / 1e9, abs=1e-9
    )

    brush(page, 0.3, 0.4)
    expect(page).not_to_have_url(first)
    page.go_back()
    expect(page).to_have_url(first)
    assert figure(page, "ops") == sum(inside)
    page.reload()
    expect(page.locator("[data-totals]")).to_have_attribute("data-totals", f"{start}-{end}")
    pane(page, "overview").locator("[class*=plot]").dblclick()
    expect(page.locator("[data-totals='all']")).to_be_visible()


def test_long_waits_are_folded_and_say_how_long_they_are(page: Page, server: Running) -> None:
    """They are most of the time, so they are folded at first; `z` unfolds them."""
    open_bench(page)
    waits = pane(page, "overview").locator("[title^='Nothing happened']")
    expect(waits).to_have_count(SMALL.turns - 1)
    expect(waits.first).to_have_attribute("title", "Nothing happened for 10h 00m")
    chip = page.locator("[data-waits]")
    expect(chip).to_have_text("7 gaps, 70h 00m hidden")
    human = totals(server, planted.SESSION)["time"]["wait_us"]
    assert human == pytest.approx(70 * 3600e6, rel=0.01)
    folded = bar_width(page, 0)
    page.keyboard.press("z")
    expect(chip).to_have_text("7 gaps, 70h 00m shown")
    expect(waits).to_have_count(0)
    assert bar_width(page, 0) < folded / 10
    expect(page).to_have_url(re.compile("gaps=open"))


def bar_width(page: Page, op: int) -> float:
    """Pixels from the middle of an op's bar to that of the op twenty further on, in the same turn."""
    return bar(page, op + 20)["x"] - bar(page, op)["x"]


def test_tools_and_models_have_pixels_by_their_time(page: Page) -> None:
    """Folding waits changes nothing in how turns compare: as much work is as wide in each."""
    open_bench(page)
    widths = [bar_width(page, turn * SMALL.calls * 2 + 2) for turn in range(SMALL.turns)]
    assert max(widths) - min(widths) <= 1


def test_the_context_falls_at_each_compaction(page: Page) -> None:
    """Each is marked with what the context held before and after it."""
    open_bench(page)
    marks = pane(page, "overview").locator("[data-compaction]")
    expect(marks).to_have_count(SMALL.compactions)
    for number, (place, before) in enumerate(SMALL.compacted().items()):
        after = SMALL.context(place + 1)
        text = f"Compacted: {round(before / 1000)}k → {round(after / 1000)}k"
        expect(marks.nth(number)).to_have_attribute("title", text)
    last = pane(page, "overview").locator("[data-context]")
    expect(last).to_have_attribute("data-context", str(SMALL.context(SMALL.tools - 1)))


def test_the_cost_ends_at_the_sessions_total(page: Page, server: Running) -> None:
    """Own, and with its sub-agents."""
    open_bench(page, AGENTS)
    told = totals(server, AGENTS)
    cost = pane(page, "overview").locator("[data-cost]")
    assert float(cost.get_attribute("data-cost") or 0) == pytest.approx(told["tree"]["cost_usd"], abs=1e-9)
    assert float(cost.get_attribute("data-own") or 0) == pytest.approx(told["own"]["cost_usd"], abs=1e-9)


def drag(page: Page, from_part: float, to_part: float) -> None:
    """Draw a range over the waterfall's bars."""
    box = pane(page, "waterfall").locator("[class*=plot]").bounding_box()
    assert box
    y = box["y"] + box["height"] / 2
    page.mouse.move(box["x"] + from_part * box["width"], y)
    page.mouse.down()
    page.mouse.move(box["x"] + (from_part + to_part) / 2 * box["width"], y)
    page.mouse.move(box["x"] + to_part * box["width"], y)
    page.mouse.up()


def cells(page: Page, column: str) -> list[float]:
    """What a column of the table says in its rows in sight, exactly."""
    found = pane(page, "table").locator(f"[data-column='{column}']")
    return [float(value) for value in found.evaluate_all("all => all.map(one => one.dataset.value)")]


def show_table(page: Page, name: str) -> None:
    tabs = pane(page, "table").get_by_role("group", name="Table")
    tabs.get_by_role("button", name=name, exact=True).click()
    expect(page.get_by_role("treegrid", name=name)).to_be_visible()


def test_a_range_that_was_drawn_is_summed_up_and_gone_into(page: Page) -> None:
    """Enter makes it a breadcrumb, and one within it another; each is a way back."""
    open_bench(page)
    drag(page, 0.1, 0.7)
    preview = page.locator("[data-preview]")
    inside = float(preview.locator("[data-total='ops']").get_attribute("data-value") or "nan")
    assert (
        0
        < inside
        < float(page.locator("[data-totals='all'] [data-total='ops']").get_attribute("data-value") or 0)
    )
    page.keyboard.press("Enter")
    expect(preview).to_have_count(0)
    crumbs = page.locator("[data-crumb]")
    expect(crumbs).to_have_count(1)
    assert figure(page, "ops") == inside
    drag(page, 0.2, 0.6)
    page.keyboard.press("Enter")
    expect(crumbs).to_have_count(2)
    assert 0 < figure(page, "ops") < inside
    expect(page).to_have_url(re.compile(r"ranges=\d+-\d+,\d+-\d+"))
    page.reload()
    expect(crumbs).to_have_count(2)
    crumbs.first.click()
    expect(crumbs).to_have_count(1)
    assert figure(page, "ops") == inside
    page.go_back()
    expect(crumbs).to_have_count(2)


def test_escape_leaves_what_one_came_to_last(page: Page) -> None:
    """The find, then the drawn range, then what is chosen, then the range one went into."""
    open_bench(page)
    drag(page, 0.1, 0.7)
    page.keyboard.press("Enter")
    row(page, "turn:2").click()
    drag(page, 0.2, 0.6)
    page.keyboard.press("Control+f")
    page.keyboard.type("Exit code")
    expect(page.locator("[data-count='find']")).to_have_attribute("data-value", str(SMALL.failures))
    page.keyboard.press("Escape")
    expect(page.locator("[data-count='find']")).to_have_count(0)
    expect(page.locator("[data-preview]")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator("[data-preview]")).to_have_count(0)
    expect(pane(page, "waterfall")).to_have_attribute("data-sel", "turn:2")
    page.keyboard.press("Escape")
    expect(pane(page, "waterfall")).not_to_have_attribute("data-sel", "turn:2")
    expect(page.locator("[data-crumb]")).to_have_count(1)
    page.keyboard.press("Escape")
    expect(page.locator("[data-crumb]")).to_have_count(0)


def test_a_filter_dims_and_counts_and_leads_from_match_to_match(page: Page) -> None:
    """Rows of turns stay; the table of ops has what matches alone; a chip takes a condition away."""
    open_bench(page)
    page.keyboard.press("/")
    page.keyboard.type("kind:tool status:failed")
    page.keyboard.press("Enter")
    count = page.locator("[data-count='match']")
    expect(count).to_have_attribute("data-value", str(SMALL.failures))
    page.keyboard.press("Enter")
    expect(count).to_have_text(f"1/{SMALL.failures}")
    page.get_by_role("button", name="Next match").click()
    expect(count).to_have_text(f"2/{SMALL.failures}")
    expect(page.locator("[data-row^='op:'][data-dimmed]").first).to_be_attached()
    expect(page.locator("[data-row][aria-selected=true]")).not_to_have_attribute("data-dimmed", "")
    show_table(page, "Ops")
    expect(page.get_by_role("treegrid", name="Ops")).to_have_attribute(
        "aria-rowcount", str(SMALL.failures + 1)
    )
    expect(page).to_have_url(re.compile("filter=kind:tool"))
    page.get_by_role("button", name="Without status:failed").click()
    expect(count).to_have_attribute("data-value", str(SMALL.tools))
    page.keyboard.press("[")
    expect(page.locator("[data-row^='turn:']")).to_have_count(SMALL.turns)
    page.go_back()
    expect(count).to_have_attribute("data-value", str(SMALL.failures))


def test_a_filter_that_is_not_understood_says_where(page: Page) -> None:
    open_bench(page)
    page.keyboard.press("/")
    page.keyboard.type("kind:tool dur:30s")
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert")).to_contain_text("at character 15")


def test_the_text_of_a_filter_is_looked_for_in_all_that_was_said(page: Page) -> None:
    """On the server, sub-agents' texts too; other conditions hold besides."""
    open_bench(page)
    page.keyboard.press("/")
    page.keyboard.type('kind:tool text:"Exit code 2"')
    page.keyboard.press("Enter")
    expect(page.locator("[data-count='match']")).to_have_attribute("data-value", str(SMALL.failures))


def test_the_tables_sum_up_what_the_server_does(page: Page, server: Running) -> None:
    """By turn, by agent, and by kind and name: each table adds up to the session's totals."""
    page.set_viewport_size({"width": 1366, "height": 1600})
    open_bench(page, AGENTS)
    tree = totals(server, AGENTS)["tree"]
    for name in ("Turns", "Agents"):
        show_table(page, name)
        assert sum(cells(page, "ops")) == tree["ops"], name
        assert sum(cells(page, "cost")) / 1e9 == pytest.approx(tree["cost_usd"], abs=1e-9), name
        assert sum(cells(page, "failures")) == tree["failures"], name
    show_table(page, "Bottom-up")
    kinds = pane(page, "table").locator("[aria-level='1'] [data-column='cost']")
    costs = kinds.evaluate_all("all => all.map(one => Number(one.dataset.value))")
    assert sum(costs) / 1e9 == pytest.approx(tree["cost_usd"], abs=1e-9)
    selfs = pane(page, "table").locator("[aria-level='1'] [data-column='self']")
    told = totals(server, AGENTS)["tree_time"]
    ran = sum(told[f"{part}_us"] for part in ("model", "tool", "agent", "compaction"))
    assert sum(selfs.evaluate_all("all => all.map(one => Number(one.dataset.value))")) == pytest.approx(
        ran, abs=1000
    )


def test_a_row_of_the_table_is_chosen_everywhere(page: Page) -> None:
    """And what is chosen elsewhere is the row that is chosen in the table; columns order the rows."""
    open_bench(page)
    show_table(page, "Ops")
    grid = page.get_by_role("treegrid", name="Ops")
    grid.get_by_role("button", name="Time", exact=True).click()
    longest = cells(page, "duration")
    assert longest == sorted(longest, reverse=True)
    pane(page, "table").locator("[data-node]").nth(3).click()
    expect(page).to_have_url(re.compile(r"sel=op:\d+"))
    chosen = re.findall(r"sel=(op:\d+)", page.url)[0]
    for name in ("overview", "waterfall", "transcript", "table"):
        expect(pane(page, name)).to_have_attribute("data-sel", chosen)
    expect(row(page, chosen)).to_have_attribute("aria-selected", "true")
    show_table(page, "Turns")
    expect(pane(page, "table").locator("[aria-selected=true]")).to_have_count(1)
    grid = page.get_by_role("treegrid", name="Turns")
    grid.focus()
    page.keyboard.press("Home")
    expect(pane(page, "waterfall")).to_have_attribute("data-sel", "turn:1")
    page.keyboard.press("ArrowDown")
    expect(pane(page, "waterfall")).to_have_attribute("data-sel", "turn:2")


def test_one_long_wait_is_unfolded_by_a_click(page: Page) -> None:
    """The others stay folded; the chip folds all anew."""
    open_bench(page)
    waits = pane(page, "overview").locator("[title^='Nothing happened']")
    expect(waits).to_have_count(SMALL.turns - 1)
    band = waits.first.bounding_box()
    first = bar(page, 0)
    assert band
    plot = pane(page, "waterfall").locator("[class*=plot]").bounding_box()
    overview = pane(page, "overview").locator("[class*=plot]").bounding_box()
    assert plot
    assert overview
    part = (band["x"] + band["width"] / 2 - overview["x"]) / overview["width"]
    # Folded waits have as many pixels on either axis: between the first turn and the second.
    second = bar(page, SMALL.calls * 2)
    assert part > 0
    page.mouse.click(second["x"] - 20, first["y"])
    expect(waits).to_have_count(SMALL.turns - 2)
    page.locator("[data-waits]").click()
    page.locator("[data-waits]").click()
    expect(waits).to_have_count(SMALL.turns - 1)


def test_the_critical_path_alone_is_looked_at(page: Page, server: Running) -> None:
    """`p` dims what no turn waited for: what the server does not tell as a turn's path."""
    open_bench(page, AGENTS)
    page.keyboard.press("p")
    expect(page.get_by_role("button", name="Critical path only")).to_have_attribute("aria-pressed", "true")
    page.keyboard.press("]")
    path = json.loads(server.get(f"/api/sessions/{AGENTS}/path?turn=1"))
    waited = {section["seq"] for section in path["sections"] if section["seq"] is not None}
    timed = {op["seq"] for op in path["ops"]}
    rows = page.locator("[data-row^='op:'][data-session='0']").evaluate_all(
        "all => all.map(one => [Number(one.dataset.row.slice(3)), 'dimmed' in one.dataset])"
    )
    dimmed = {seq: is_dimmed for seq, is_dimmed in rows if seq in timed}
    assert dimmed
    assert dimmed == {seq: seq not in waited for seq in dimmed}


def test_keys_go_to_neighbours_turns_and_what_was_expensive(page: Page, server: Running) -> None:
    open_bench(page)
    waterfall = pane(page, "waterfall")
    row(page, "turn:3").click()
    page.keyboard.press("t")
    expect(waterfall).to_have_attribute("data-sel", "turn:4")
    page.keyboard.press("Shift+K")
    expect(waterfall).to_have_attribute("data-sel", "turn:3")
    page.keyboard.press(".")
    expect(waterfall).to_have_attribute("data-sel", re.compile("op:"))
    first = waterfall.get_attribute("data-sel")
    page.keyboard.press(".")
    expect(waterfall).not_to_have_attribute("data-sel", first or "")
    page.keyboard.press(",")
    expect(waterfall).to_have_attribute("data-sel", first or "")
    page.keyboard.press("$")
    expect(waterfall).not_to_have_attribute("data-sel", first or "")
    seq = int((waterfall.get_attribute("data-sel") or "op:0")[3:])
    body = json.loads(server.get(f"/api/sessions/{planted.SESSION}/trace?format=json"))
    costs = dict(zip(body["calls"]["op"], body["calls"]["cost"], strict=True))
    assert costs[body["ops"]["seq"].index(seq)] == max(costs.values())
    page.keyboard.press("r")
    expect(page.locator("[data-preview]")).to_be_visible()


def test_findings_lead_to_where_they_were(page: Page, server: Running) -> None:
    """At most five, each a way to its op or turn; what calls for a look most stands first."""
    open_bench(page)
    told = json.loads(server.get(f"/api/sessions/{planted.SESSION}"))["findings"][:5]
    strip = page.get_by_role("region", name="Findings").get_by_role("button")
    expect(strip).to_have_count(len(told))
    for number, finding in enumerate(told):
        strip.nth(number).click()
        place = f"turn:{finding['turn']}" if finding["seq"] is None else f"op:{finding['seq']}"
        expect(pane(page, "waterfall")).to_have_attribute("data-sel", place)


def test_the_costs_jumps_lead_to_the_calls_that_made_them(page: Page, server: Running) -> None:
    open_bench(page, AGENTS)
    jump = pane(page, "overview").locator("[data-jump]").first
    body = json.loads(server.get(f"/api/sessions/{AGENTS}/trace?format=json"))
    assert float(jump.get_attribute("data-jump") or 0) == max(cost for cost in body["calls"]["cost"] if cost)
    jump.click()
    expect(pane(page, "waterfall")).to_have_attribute("data-sel", re.compile("op:"))
    expect(page.locator("[data-totals='all']")).to_be_visible()


@pytest.mark.parametrize(("width", "height"), [(1366, 768), (1440, 900), (1920, 1080)])
def test_the_page_itself_does_not_scroll(page: Page, width: int, height: int) -> None:
    """Each pane does; what stands above them is low, and the transcript is wide enough to read."""
    page.set_viewport_size({"width": width, "height": height})
    open_bench(page, AGENTS)
    row(page, "turn:1").click()
    assert page.evaluate("document.documentElement.scrollHeight <= innerHeight")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    top = page.locator("main header").bounding_box()
    overview = pane(page, "overview").bounding_box()
    assert top
    assert overview
    assert overview["y"] - top["y"] <= 112
    transcript = pane(page, "transcript").bounding_box()
    assert transcript
    assert transcript["width"] >= 480
    expect(page.get_by_role("dialog")).to_have_count(0)


def test_panes_change_by_key_and_the_line_between_them_too(page: Page) -> None:
    """Shift with 1, 2, 3; a separator that arrow keys move; below 1024 pixels one pane at a time."""
    open_bench(page)
    line = page.get_by_role("separator", name="Width of the transcript")
    line.focus()
    before = int(line.get_attribute("aria-valuenow") or 0)
    page.keyboard.press("ArrowLeft")
    expect(line).to_have_attribute("aria-valuenow", str(before + 2))
    page.keyboard.press("Shift+Digit2")
    expect(pane(page, "waterfall")).not_to_be_visible()
    page.keyboard.press("Shift+Digit3")
    expect(pane(page, "waterfall")).to_be_visible()
    expect(pane(page, "transcript")).to_be_visible()
    page.set_viewport_size({"width": 900, "height": 700})
    expect(pane(page, "transcript")).not_to_be_visible()
    page.get_by_role("button", name="Transcript").click()
    expect(pane(page, "transcript")).to_be_visible()
    expect(pane(page, "waterfall")).not_to_be_visible()


def test_the_waterfall_is_a_tree_for_the_keyboard(page: Page) -> None:
    """From the turn into a sub-agent and down to its own steps, and into its page."""
    open_bench(page, AGENTS)
    grid = page.get_by_role("treegrid", name="Steps")
    rows = int(grid.get_attribute("aria-rowcount") or 0)
    row(page, "turn:1").click()
    grid.focus()
    page.keyboard.press("ArrowRight")
    chosen = page.locator("[data-row][aria-selected=true]")
    expect(chosen).to_have_attribute("aria-expanded", "true")
    assert int(grid.get_attribute("aria-rowcount") or 0) > rows
    for _ in range(20):
        page.keyboard.press("ArrowDown")
        expect(grid).to_have_attribute("aria-activedescendant", re.compile("row-"))
        if chosen.get_attribute("aria-expanded") == "false":
            break
    page.keyboard.press("ArrowRight")
    expect(chosen).to_have_attribute("aria-expanded", "true")
    level = int(chosen.get_attribute("aria-level") or 0)
    page.keyboard.press("ArrowRight")
    expect(chosen).to_have_attribute("aria-level", str(level + 1))
    expect(page).to_have_url(re.compile("sel=turn:.*@claude_code:"))
    page.keyboard.press("ArrowUp")
    page.keyboard.press("Enter")
    expect(page.get_by_role("navigation", name="Breadcrumb").get_by_role("link")).to_have_count(2)


def test_the_keyboard_leads_to_a_failures_output(page: Page) -> None:
    """`e` three times, `Enter`, and what the tool said is there."""
    open_bench(page)
    for _ in range(3):
        before = pane(page, "waterfall").get_attribute("data-sel") or ""
        page.keyboard.press("e")
        expect(pane(page, "waterfall")).not_to_have_attribute("data-sel", before)
    expect(page.locator("[data-current][data-status='failed']")).to_be_in_viewport()
    page.keyboard.press("Enter")
    expect(page.locator("[data-current] [data-exit='2']")).to_be_visible()


def test_keys_zoom_and_are_silent_while_one_types(page: Page) -> None:
    """`w` comes closer, `0` shows all; in a field they are letters."""
    open_bench(page)
    page.keyboard.press("w")
    expect(page).to_have_url(re.compile("range="))
    page.keyboard.press("0")
    expect(page).not_to_have_url(re.compile("range="))
    page.goto("/sessions")
    expect(page.locator("[data-session-id]").first).to_be_visible()
    page.keyboard.press("/")
    page.keyboard.type("wez0")
    expect(page.get_by_label("Filter by words or conditions")).to_have_value("wez0")


def test_the_wheel_zooms_at_the_pointer(page: Page) -> None:
    """With Ctrl what is under the pointer stays there; with Shift everything moves."""
    open_bench(page)
    op = SMALL.calls * 2 * 4 + 20
    before = bar(page, op)
    page.mouse.move(before["x"], before["y"])
    page.keyboard.down("Control")
    page.mouse.wheel(0, -400)
    page.keyboard.up("Control")
    expect(page).to_have_url(re.compile("range="))
    after = bar(page, op)
    assert after["x"] == pytest.approx(before["x"], abs=1.5)
    page.keyboard.down("Shift")
    page.mouse.wheel(0, 40)
    page.keyboard.up("Shift")
    wait_for(lambda: bar(page, op)["x"] == pytest.approx(after["x"] - 40, abs=1.5), "everything moved")


def go_on(transcript: Path, name: str) -> None:
    """The planted session is asked once more, and answers."""
    record = {
        "type": "user",
        "uuid": f"{name}-1",
        "sessionId": planted.NATIVE_ID,
        "timestamp": dt.datetime.now(dt.UTC).strftime("%Y-%m-%dT%H:%M:%S.000Z"),
        "cwd": "/home/dev/project",
        "isSidechain": False,
        "message": {"role": "user", "content": "One more"},
    }
    call = {
        "id": f"msg_{name}",
        "type": "message",
        "role": "assistant",
        "model": "claude-opus-4-6",
        "content": [{"type": "text", "text": "It is made."}],
        "usage": {"input_tokens": 1, "output_tokens": 1},
    }
    answer = record | {"type": "assistant", "uuid": f"{name}-2", "message": call}
    with transcript.open("a") as lines:
        lines.write(json.dumps(record) + "\n" + json.dumps(answer) + "\n")


def test_a_session_that_goes_on_keeps_what_is_chosen(browser: Browser, tmp_path: Path) -> None:
    """New work appears; selection and zoom stay as they were. Following, its end stays in sight."""
    command, transcript = serve(tmp_path, SMALL)
    with running(command, tmp_path) as server:
        wait_for(lambda: is_read(server, SMALL), "all is read")
        page = browser.new_page(base_url=server.url)
        open_bench(page)
        row(page, "turn:2").click()
        brush(page, 0.1, 0.3)
        expect(page).to_have_url(re.compile("sel=turn:2&range="))
        address = page.url
        ops = page.evaluate("window.__wb.stats().ops")
        answers: list[tuple[str, int]] = []
        page.on(
            "response",
            lambda answer: answers.append((answer.url, int(answer.headers.get("content-length", 0)))),
        )
        go_on(transcript, "first")
        wait_for(lambda: page.evaluate("window.__wb.stats().ops") > ops, "what was added is drawn")
        told = [(url, size) for url, size in answers if "/trace" in url]
        assert told
        # Of 640 ops only what changed travels: a turn and the head of its session.
        assert all("after=" in url and size < 4_000 for url, size in told), told
        assert page.url == address
        expect(pane(page, "waterfall")).to_have_attribute("data-sel", "turn:2")
        page.keyboard.press("0")
        expect(row(page, "turn:9")).to_be_attached()
        whole = totals(server, planted.SESSION)["tree"]
        wait_for(lambda: figure(page, "ops") == whole["ops"], "the sums are those of all that was told")
        assert figure(page, "cost") == pytest.approx(whole["cost_usd"], abs=1e-9)

        page.keyboard.press("]")
        expect(row(page, "turn:9")).not_to_be_attached()
        page.keyboard.press("l")
        expect(row(page, "turn:9")).to_be_in_viewport()
        expect(page.locator("[data-turn='9']").first).to_be_attached()
        go_on(transcript, "second")
        expect(row(page, "turn:10")).to_be_in_viewport()
        expect(page.locator("[data-turn='10']").first).to_be_attached()
        page.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_workbench_is_accessible(page: Page, scheme: Any) -> None:
    """No violation of axe's rules with everything open, in each layout."""
    if not AXE.exists():
        pytest.skip("axe is not installed: make node_modules by make lint")
    page.emulate_media(color_scheme=scheme)
    open_bench(page, AGENTS, "?sel=op:20")
    expect(page.locator("[data-row][aria-selected=true]")).to_be_visible()
    for layout in ("Shift+Digit1", "Shift+Digit2", "Shift+Digit3"):
        page.keyboard.press(layout)
        page.evaluate(AXE.read_text(encoding="utf-8"))
        found = page.evaluate("axe.run(document, { resultTypes: ['violations'] })")
        assert [(rule["id"], rule["nodes"][0]["html"]) for rule in found["violations"]] == []


@pytest.fixture(scope="module")
def large_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """ai-viewer over a session of 50,000 ops, with twenty failures of a millisecond."""
    folder = tmp_path_factory.mktemp("large")
    with running(serve(folder, LARGE)[0], folder) as server:
        wait_for(lambda: is_read(server, LARGE), "all is read")
        yield server


@pytest.fixture
def large(browser: Browser, large_server: Running) -> Iterator[Page]:
    """That session's page."""
    page = browser.new_page(base_url=large_server.url, viewport={"width": 1366, "height": 768})
    open_bench(page)
    yield page
    page.close()


def test_no_failure_is_lost_among_50_000_ops(large: Page) -> None:
    """Zoomed out as far as it goes, each is a mark of its own in the waterfall."""
    marks = large.evaluate(
        """() => {
            const bars = [...document.querySelectorAll("[data-pane=waterfall] canvas")].at(-1);
            const color = getComputedStyle(document.documentElement).getPropertyValue("--failed").trim();
            const probe = document.createElement("canvas").getContext("2d");
            probe.fillStyle = color;
            const wanted = probe.fillStyle;
            const context = bars.getContext("2d");
            const { data } = context.getImageData(0, 0, bars.width, bars.height);
            const two = (value) => value.toString(16).padStart(2, "0");
            const hex = (at) => "#" + two(data[at]) + two(data[at + 1]) + two(data[at + 2]);
            let count = 0;
            for (let row = 0; row < 5; row++) {
                const y = row * 20 + 17;
                let inside = false;
                for (let x = 0; x < bars.width; x++) {
                    const is = hex((y * bars.width + x) * 4) === wanted;
                    if (is && !inside) count += 1;
                    inside = is;
                }
            }
            return count;
        }"""
    )
    assert marks == LARGE.failures


def test_e_goes_to_every_failure_in_order(large: Page) -> None:
    """Twenty times, then no further; each comes into view in the transcript."""
    seen = []
    for _ in range(LARGE.failures + 2):
        large.keyboard.press("e")
        seen.append(int((pane(large, "waterfall").get_attribute("data-sel") or "op:-1")[3:]))
    assert len(set(seen)) == LARGE.failures
    assert seen == sorted(seen)
    current = large.locator(f"#op-{seen[-1]}")
    expect(current).to_be_in_viewport()
    expect(current).to_have_attribute("data-status", "failed")
    large.keyboard.press("E")
    expect(pane(large, "waterfall")).to_have_attribute("data-sel", f"op:{seen[LARGE.failures - 2]}")
