"""Lanes, flame graph, graph, statistics and logs: other views of the selection, range and numbers."""

from __future__ import annotations

import contextlib
import functools
import json
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from bench import sessions as made_up
from tests.e2e import planted
from tests.running import Running, running, wait_for

pytestmark = [pytest.mark.browser, pytest.mark.serial]

ROOT = Path(__file__).parents[2]
STATIC = ROOT / "src" / "ai_viewer" / "static" / "index.html"
AXE = ROOT / "frontend" / "node_modules" / "axe-core" / "axe.min.js"

VIEWS = ("lanes", "flame", "graph", "stats", "logs")
LONG = pytest.mark.timeout(300)
"""Reading 50,000 ops comes first."""
NOTICES = ("SessionStart:startup", "The disk is nearly full", "A hook failed")


class Served(Running):
    """A server and what is planted in its sessions."""

    truth: dict[str, Any]


def serve(folder: Path, name: str) -> list[str | Path]:
    """The command that serves one of the made-up sessions, and a small one with notices."""
    if not STATIC.exists():
        pytest.skip("the web app is not built: make ui")
    project = folder / "projects" / "-home-dev-project"
    path = planted.write(project, planted.Plan(turns=2, calls=3, failures=1, compactions=0))
    with path.open("a", encoding="utf-8") as file:
        for record in notices(path):
            file.write(json.dumps(record) + "\n")
    return [
        *(sys.executable, "-m", "ai_viewer", "--db", folder / f"{name}.db", "--port", "0", "--no-open"),
        *("--source", f"claude_code={folder / 'projects'}"),
    ]


def notices(path: Path) -> Iterator[dict[str, Any]]:
    """Notices of the program's own, behind the last record."""
    last = json.loads(path.read_text(encoding="utf-8").splitlines()[-1])
    for number, (text, level) in enumerate(zip(NOTICES, ("info", "warning", "error"), strict=True)):
        yield {
            **{key: last[key] for key in ("sessionId", "timestamp", "cwd", "version", "isSidechain")},
            "uuid": f"notice{number}",
            "parentUuid": last["uuid"],
            "type": "system",
            "subtype": "informational",
            "level": level,
            "content": text,
        }


def start(tmp_path_factory: pytest.TempPathFactory, name: str) -> Iterator[Served]:
    """Serve a made-up session until it is no longer needed."""
    folder = tmp_path_factory.mktemp(name)
    truth = made_up.write(folder, [name])[name]
    with running(serve(folder, name), folder) as server:
        server.__class__ = Served
        assert isinstance(server, Served)
        server.truth = truth
        wait_for(lambda: is_read(server), "all is read", 200)
        yield server


def is_read(server: Served) -> bool:
    with contextlib.suppress(OSError):
        row = session_of(server)["session"]
        small = json.loads(server.get(f"/api/sessions/{quote(planted.SESSION)}/logs"))["logs"]
        return bool(row["tree"]["ops"] == server.truth["ops"] and len(small) == len(NOTICES))
    return False


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """Forty sub-agents on four levels."""
    yield from start(tmp_path_factory, "deep")


@pytest.fixture(scope="module")
def big(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """50,000 ops and 300 sub-agents."""
    yield from start(tmp_path_factory, "big")


@pytest.fixture
def big_page(browser: Browser, big: Served) -> Iterator[Page]:
    page = browser.new_page(base_url=big.url, viewport={"width": 1366, "height": 768})
    yield page
    page.close()


def name_of(server: Served) -> str:
    """The id of the made-up session."""
    return str(server.truth["session"])


def session_of(server: Served) -> Any:
    return json.loads(server.get(f"/api/sessions/{quote(name_of(server))}"))


def trace_of(server: Served) -> Any:
    return json.loads(server.get(f"/api/sessions/{quote(name_of(server))}/trace?format=json"))


def op_called(server: Served, name: str) -> tuple[int, int]:
    """The row in the trace and the seq of the page's own last op of a name."""
    trace = trace_of(server)
    names = trace["head"]["names"]
    rows = [
        row for row in range(trace["head"]["sessions"][0]["ops"]) if names[trace["ops"]["name"][row]] == name
    ]
    return rows[-1], trace["ops"]["seq"][rows[-1]]


def open_view(page: Page, session: str, view: str, query: str = "") -> Locator:
    """Open a session in a view; return that."""
    page.goto(f"/s/{session}?view={view}{query}")
    pane = page.locator(f"[data-pane={view}]")
    # A view is a chunk of its own, and may come late on a busy machine.
    expect(pane).to_be_visible(timeout=30_000)
    return pane


def drawn(page: Page) -> None:
    """Wait until something was drawn; the page's policy forbids Playwright's own waiting for it."""
    wait_for(lambda: page.evaluate("performance.getEntriesByName('wb:paint').length"), "the view is drawn")


def place_of(page: Page, op: int) -> dict[str, float]:
    """Where on the page an op is drawn."""
    found: list[dict[str, float]] = []

    def is_there() -> bool:
        place = page.evaluate("op => window.__wb?.hit(op) ?? null", op)
        found[:] = [place] if place else []
        return bool(found)

    wait_for(is_there, f"op {op} is drawn")
    return found[0]


@pytest.mark.parametrize("view", ["lanes", "flame"])
def test_a_bar_that_is_clicked_is_chosen_everywhere(page: Page, server: Served, view: str) -> None:
    """In the view, the overview, the transcript and the address; going on to other views it stays."""
    row, seq = op_called(server, "Bash")
    bash = trace_of(server)["ops"]["start"][row]
    around = f"&range={int(bash) - 5_000_000}-{int(bash) + 5_000_000}"
    open_view(page, name_of(server), view, around)
    drawn(page)
    place = place_of(page, row)
    page.mouse.click(place["x"], place["y"])
    for name in (view, "overview", "transcript"):
        expect(page.locator(f"[data-pane={name}]")).to_have_attribute("data-sel", f"op:{seq}")
    expect(page).to_have_url(re.compile(f"sel=op:{seq}"))
    expect(page.locator(f"#op-{seq}")).to_be_in_viewport()
    for key, name in (("1", "waterfall"), ("2", "lanes"), ("3", "flame"), ("4", "graph"), ("5", "stats")):
        page.keyboard.press(key)
        expect(page.locator(f"[data-pane={name}]")).to_have_attribute("data-sel", f"op:{seq}")
    page.go_back()
    expect(page.locator("[data-pane=graph]")).to_have_attribute("data-sel", f"op:{seq}")
    page.reload()
    expect(page.locator("[data-pane=graph]")).to_have_attribute("data-sel", f"op:{seq}")
    expect(page.locator(f"#op-{seq}")).to_be_in_viewport()


def test_a_call_chosen_in_the_graph_is_chosen_everywhere(page: Page, server: Served) -> None:
    """Each call is a node; that of what is chosen elsewhere has a ring."""
    _, seq = op_called(server, "Bash")
    node = f"[data-node='{name_of(server)}/2/#{seq}']"
    open_view(page, name_of(server), "graph", f"&level=calls&sel=op:{seq}&stress=off")
    expect(page.locator(node)).to_have_attribute("data-chosen", "")
    _, other = op_called(server, "Grep")
    box = page.locator(f"[data-node='{name_of(server)}/2/#{other}'] circle").first
    box.hover()
    box.click()
    for name in ("graph", "overview", "transcript"):
        expect(page.locator(f"[data-pane={name}]")).to_have_attribute("data-sel", f"op:{other}")
    expect(page.locator(f"#op-{other}")).to_be_in_viewport()
    expect(page.locator(node)).not_to_have_attribute("data-chosen", "")


def test_every_session_has_a_lane_and_their_sums_are_the_trees(page: Page, server: Served) -> None:
    """Forty-one lanes; costs and ops as the server tells them."""
    pane = open_view(page, name_of(server), "lanes")
    grid = pane.get_by_role("treegrid", name="Agents")
    expect(grid).to_have_attribute("aria-rowcount", str(server.truth["sub_agents"] + 1))
    seen: dict[str, tuple[float, int]] = {}
    grid.focus()
    for _ in range(server.truth["sub_agents"]):
        page.keyboard.press("ArrowDown")
        lane = pane.locator("[role=row][aria-selected=true]")
        expect(lane).to_be_in_viewport()
        row = lane.first
        name = row.get_attribute("data-lane") or ""
        seen[name] = (float(row.get_attribute("data-cost") or "nan"), int(row.get_attribute("data-ops") or 0))
    expect(page).to_have_url(re.compile("sel=sess:"))
    page.keyboard.press("Home")
    row = pane.locator("[role=row][aria-selected=true]").first
    expect(row).to_have_attribute("data-lane", name_of(server))
    seen[name_of(server)] = (
        float(row.get_attribute("data-cost") or "nan"),
        int(row.get_attribute("data-ops") or 0),
    )
    tree = session_of(server)["session"]["tree"]
    assert len(seen) == server.truth["sub_agents"] + 1
    assert sum(ops for _, ops in seen.values()) == tree["ops"]
    assert abs(sum(cost for cost, _ in seen.values()) - tree["cost_usd"]) < 1e-9


def test_lanes_are_sorted_pinned_hidden_and_shown_alone(page: Page, server: Served) -> None:
    """The session's own lane always stands first."""
    pane = open_view(page, name_of(server), "lanes", "&lanes=cost")
    lanes = pane.locator("[data-lane]")
    expect(lanes.first).to_have_attribute("data-lane", name_of(server))
    costs = [float(one.get_attribute("data-cost") or 0) for one in lanes.all()[1:6]]
    assert costs == sorted(costs, reverse=True)
    lanes.nth(3).click()
    chosen = lanes.nth(3).get_attribute("data-lane") or ""
    pane.get_by_role("button", name="Pin").click()
    expect(lanes.nth(1)).to_have_attribute("data-lane", chosen)
    pane.get_by_role("button", name="Solo").click()
    expect(lanes).to_have_count(2)
    pane.get_by_role("button", name="Solo").click()
    pane.get_by_role("button", name="Hide").click()
    expect(pane.locator(f"[data-lane='{chosen}']")).to_have_count(0)
    pane.get_by_role("button", name="1 hidden lane").click()
    expect(pane.locator(f"[data-lane='{chosen}']")).to_have_count(1)


def test_pointing_at_a_wait_lights_who_is_waited_for(page: Page, server: Served) -> None:
    """A bar of a sub-agent in the lane of who started it."""
    trace = trace_of(server)
    child = next(row for row, one in enumerate(trace["ops"]["child"]) if one == 1)
    start, duration = trace["ops"]["start"][child], trace["ops"]["duration"][child]
    around = f"&range={int(start) - 1_000_000}-{int(start + duration) + 1_000_000}"
    pane = open_view(page, name_of(server), "lanes", around)
    drawn(page)
    place = place_of(page, child)
    page.mouse.move(place["x"], place["y"])
    expect(pane.locator("[data-lit]")).to_have_attribute("data-lane", trace["head"]["sessions"][1]["id"])


def test_the_flame_of_each_weight_is_the_sessions_sum(page: Page, server: Served) -> None:
    """Left heavy: steps, failures, tokens and cost as the server tells them; self time as planted."""
    tree = session_of(server)["session"]["tree"]
    tokens = sum(tree[f"tokens_{name}"] for name in ("in", "out", "cache_read", "cache_write"))
    pane = open_view(page, name_of(server), "flame", "&flame=heavy&metric=count")
    expect(pane).to_have_attribute("data-total", str(server.truth["ops"]))
    weight = pane.get_by_role("combobox", name="By")
    weight.select_option("tokens")
    expect(pane).to_have_attribute("data-total", str(tokens))
    weight.select_option("failures")
    expect(pane).to_have_attribute("data-total", str(server.truth["tool_failures"]))
    weight.select_option("cost")
    expect(pane).to_have_attribute("data-total", re.compile(r"^\d+$"))
    assert abs(float(pane.get_attribute("data-total") or 0) / 1e9 - tree["cost_usd"]) < 1e-9
    weight.select_option("self")
    expect(pane).to_have_attribute("data-total", str(server.truth["work_ms"] * 1000))


def test_a_flame_is_cut_by_menu_and_put_back(page: Page, server: Served) -> None:
    """The keyboard chooses in the table; focus, hide and merge are in a menu."""
    pane = open_view(page, name_of(server), "flame", "&flame=heavy&metric=count&as=table")
    table = pane.get_by_role("treegrid", name="Flame graph as a table")
    whole = str(server.truth["ops"])
    expect(pane).to_have_attribute("data-total", whole)
    lead = table.locator("[data-key='root/agent:Lead']")
    lead.click()
    expect(page).to_have_url(re.compile(r"sel=node:root"))
    for act, changed in (("Hide it", True), ("Focus on it", True), ("Merge it upwards", False)):
        lead.click()
        pane.get_by_role("button", name="More…").click()
        menu = page.get_by_role("menu")
        expect(menu.get_by_role("menuitem").first).to_be_focused()
        menu.get_by_role("menuitem", name=act).click()
        if changed:
            expect(pane).not_to_have_attribute("data-total", whole)
        else:
            expect(lead).to_have_count(0)
        pane.get_by_role("button", name="reset").click()
        expect(pane).to_have_attribute("data-total", whole)
        expect(lead).to_have_count(1)
    lead.click()
    pane.get_by_role("button", name="More…").click()
    page.keyboard.press("Escape")
    expect(page.get_by_role("menu")).to_have_count(0)


def test_a_sandwich_tells_what_precedes_and_follows_a_tool(page: Page, server: Served) -> None:
    """In turn 2 the Bash call comes right behind the Grep, and ends the turn."""
    pane = open_view(page, name_of(server), "flame", "&flame=sandwich&metric=count&as=table")
    pane.get_by_role("combobox", name="Around").select_option("tool:Bash")
    expect(pane).to_have_attribute("data-total", "1")
    rows = pane.get_by_role("treegrid", name="Flame graph as a table").locator("[data-key]")
    expect(rows).to_have_text(
        [
            re.compile("^Bash"),
            re.compile("^before: Grep"),
            re.compile("Start of the turn"),
            re.compile("^after: End of the turn"),
        ]
    )


def test_the_graph_counts_as_the_server_does_and_tells_what_stands_out(page: Page, server: Served) -> None:
    """As a table and by force as well."""
    answer = json.loads(server.get(f"/api/sessions/{quote(name_of(server))}/topology?size=duration"))
    pane = open_view(page, name_of(server), "graph", "&layout=force")
    expect(pane).to_have_attribute("data-nodes", str(len(answer["nodes"])))
    expect(pane.locator("[data-settled]")).to_be_visible()
    stress = pane.get_by_role("complementary", name="Stress").get_by_role("button").first
    greatest = max(
        (node for node in answer["nodes"] if node["kind"] != "rest"), key=lambda node: node["duration_us"]
    )
    expect(stress).to_contain_text(greatest["name"])
    stress.click()
    expect(pane.locator(f"[data-detail='{greatest['id']}']")).to_be_visible()
    pane.get_by_role("button", name="Table").click()
    table = pane.get_by_role("treegrid", name="Graph as a table")
    expect(table).to_have_attribute("aria-rowcount", str(len(answer["nodes"]) + 1))


def test_a_node_that_is_dragged_stays_where_it_was_put(page: Page, server: Served) -> None:
    """Until all is put back by `Fit`."""
    pane = open_view(page, name_of(server), "graph", "&stress=off")
    node = pane.locator(f"[data-node='{name_of(server)}']")
    expect(node).to_be_visible()
    before = node.get_attribute("transform")
    box = node.locator("circle").first.bounding_box()
    assert box
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + 30, y + 20)
    page.mouse.move(x + 60, y + 40)
    page.mouse.up()
    expect(node).not_to_have_attribute("transform", before or "")
    pane.get_by_role("button", name="Fit").click()
    expect(node).to_have_attribute("transform", before or "")


def all_row(pane: Locator, metric: str) -> Locator:
    return pane.locator(f"[data-key=all] [data-metric='{metric}']")


def test_the_statistics_are_the_servers_and_those_of_the_range(page: Page, server: Served) -> None:
    """All of the time: as the API; a part of it: as the totals of the ribbon."""
    tree = session_of(server)["session"]["tree"]
    pane = open_view(page, name_of(server), "stats", "&by=kind")
    expect(all_row(pane, "Steps")).to_have_attribute("data-value", str(tree["ops"]))
    cost = float(all_row(pane, "Cost").get_attribute("data-value") or "nan")
    assert abs(cost / 1e9 - tree["cost_usd"]) < 1e-9
    expect(pane.locator("[data-tokens=read]")).to_have_attribute("data-value", str(tree["tokens_cache_read"]))
    expect(pane.locator("[data-tokens=fresh]")).to_have_attribute("data-value", str(tree["tokens_in"]))
    first = trace_of(server)["ops"]["start"][0]
    open_view(page, name_of(server), "stats", f"&by=kind&range={int(first)}-{int(first) + 10_000_000}")
    steps = page.locator("[data-total=ops]").first.get_attribute("data-value") or ""
    assert 0 < int(steps) < tree["ops"]
    expect(all_row(pane, "Steps")).to_have_attribute("data-value", steps)


def test_each_chart_of_the_statistics_has_its_numbers_as_a_table(page: Page, server: Served) -> None:
    """And a row of it goes to what it is about."""
    pane = open_view(page, name_of(server), "stats")
    for title, table in (
        ("Turn by turn", "Turns by what was done"),
        ("Tool calls", "Tool calls"),
        (re.compile("Cache hits"), "Cache hits by turn"),
    ):
        panel = pane.get_by_role("region", name=title)
        panel.get_by_role("button", name="Table").click()
        expect(panel.get_by_role("treegrid", name=table)).to_be_visible()
    calls = pane.get_by_role("treegrid", name="Tool calls")
    expect(calls).to_have_attribute("aria-rowcount", str(server.truth["tool_calls"] + 1))
    _, seq = op_called(server, "Bash")
    calls.get_by_role("row", name=re.compile("^Bash")).click()
    expect(page.locator("[data-pane=transcript]")).to_have_attribute("data-sel", f"op:{seq}")


def test_notices_are_listed_by_severity_and_go_to_where_they_belong(page: Page) -> None:
    """The whole text of the one that is chosen is told below."""
    pane = open_view(page, planted.SESSION, "logs")
    rows = pane.get_by_role("treegrid", name="Notices").locator("[data-key]")
    expect(rows).to_have_count(len(NOTICES))
    pane.get_by_role("combobox", name="Severity").select_option("warning")
    expect(rows).to_have_count(2)
    expect(rows.first).to_contain_text(NOTICES[1])
    rows.first.click()
    expect(pane.locator("pre")).to_have_text(NOTICES[1])
    expect(page.locator("[data-pane=transcript]")).to_have_attribute("data-sel", re.compile(r"^(op|turn):"))
    pane.get_by_role("button", name="Not read").click()
    expect(pane).to_contain_text("All records of this session's files were read.")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("view", VIEWS)
def test_the_views_are_accessible(page: Page, server: Served, view: str, scheme: Any) -> None:
    """No violation of axe's rules, as a chart and as a table, with something chosen."""
    if not AXE.exists():
        pytest.skip("axe is not installed: make node_modules by make lint")
    page.emulate_media(color_scheme=scheme)
    session = planted.SESSION if view == "logs" else name_of(server)
    shapes = {
        "flame": ("&flame=heavy", "&flame=sandwich", "&flame=time&as=table"),
        "graph": ("", "&as=table"),
    }
    for query in shapes.get(view, ("",)):
        pane = open_view(page, session, view, f"&sel=op:3{query}")
        expect(pane.locator("button").first).to_be_visible()
        expect(page.get_by_role("status", name=re.compile("^Loading"))).to_have_count(0)
        page.evaluate(AXE.read_text(encoding="utf-8"))
        found = page.evaluate("axe.run(document, { resultTypes: ['violations'] })")
        assert [(rule["id"], rule["nodes"][0]["html"]) for rule in found["violations"]] == []


def count_draws(page: Page) -> int:
    """How many of the last frames are known."""
    return int(page.evaluate("window.__wb.stats().draws.length"))


def has_drawn(page: Page, before: int, most: int) -> bool:
    """Whether there was a frame more, or more than are counted."""
    return before >= most or count_draws(page) > before


@pytest.mark.parametrize("view", ["lanes", "flame"])
@LONG
def test_50_000_ops_are_drawn_within_a_frame(big_page: Page, big: Served, view: str) -> None:
    """Zoomed and panned by key: half of the frames, for the machine may be busy with other things."""
    open_view(big_page, name_of(big), view)
    drawn(big_page)
    most = 200
    for key in ("w", "w", "d", "w", "a", "s", "w", "d", "s", "s") * 3:
        before = count_draws(big_page)
        big_page.keyboard.press(key)
        wait_for(functools.partial(has_drawn, big_page, before, most), "it is drawn")
    draws = sorted(big_page.evaluate("window.__wb.stats().draws"))
    assert draws[len(draws) // 2] <= 17.5


@LONG
def test_what_is_too_much_for_the_graph_stands_together(big_page: Page, big: Served) -> None:
    """300 nodes of 50,000; more on demand, no more than 2,000."""
    pane = open_view(big_page, name_of(big), "graph", "&level=calls&stress=off")
    expect(pane).to_have_attribute("data-nodes", re.compile(r"^(2\d\d|300)$"))
    expect(pane).to_contain_text("of them grouped")
    pane.get_by_role("button", name="Show more").click()
    expect(pane).to_have_attribute("data-nodes", re.compile(r"^(5\d\d|600)$"), timeout=20_000)


@LONG
def test_the_flame_and_the_statistics_of_50_000_ops_are_exact(big_page: Page, big: Served) -> None:
    """Steps, failures and cost; at most 200 columns of turns."""
    tree = session_of(big)["session"]["tree"]
    pane = open_view(big_page, name_of(big), "flame", "&flame=heavy&metric=cost")
    expect(pane).to_have_attribute("data-total", re.compile(r"^\d+"))
    assert abs(float(pane.get_attribute("data-total") or 0) / 1e9 - tree["cost_usd"]) < 1e-9
    pane = open_view(big_page, name_of(big), "stats", "&by=kind")
    expect(all_row(pane, "Steps")).to_have_attribute("data-value", str(big.truth["ops"]))
    expect(all_row(pane, "Failed")).to_have_attribute("data-value", str(len(big.truth["failures"])))
    assert int(pane.locator("[data-buckets]").get_attribute("data-buckets") or 0) <= 200
