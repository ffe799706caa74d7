"""What the API answers, and how it refuses."""

from __future__ import annotations

import datetime as dt
import os
import re
import time
from decimal import Decimal
from importlib import metadata
from pathlib import Path
from typing import Any
from urllib.parse import quote

import msgspec
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from litestar import Litestar
from litestar.testing import TestClient

from ai_viewer.config import Config
from ai_viewer.model import OpKind, OpStarted, PayloadKind, PayloadRef, Rank, SessionFacts, SessionStarted
from ai_viewer.pricing.entries import Discount
from ai_viewer.server.app import create_app
from ai_viewer.server.query import moment
from ai_viewer.store import database, stats
from ai_viewer.store.reader import SECONDS
from ai_viewer.store.views import Health, SessionDetail, SessionPage, Sources, TurnPage
from ai_viewer.store.views_stats import Heatmap, Series, Stats
from tests.pictures import NOON, SECOND, Store, batch

Client = TestClient[Litestar]

FAMILY = """
    root: Fix the parser
        1: llm Read Bash! >child
        2: llm
    child < root Explore: Look around
        1: llm
    orphan < gone: Alone
        1: llm
"""


def get(client: Client, path: str, **query: Any) -> Any:
    response = client.get(f"/api{path}", params=query)
    assert response.status_code == 200, response.text
    return response.json()


def refusal(client: Client, path: str, status: int) -> Any:
    response = client.get(f"/api{path}")
    assert response.status_code == status, response.text
    body = response.json()
    assert set(body) == {"status_code", "detail", "parameter"}
    assert body["status_code"] == status
    return body


class TestAnswers:
    @pytest.fixture(autouse=True)
    def family(self, store: Store) -> None:
        store.add(FAMILY)

    def test_sessions_are_roots_unless_told_otherwise(self, client: Client) -> None:
        def names(**query: Any) -> list[str]:
            page = msgspec.convert(get(client, "/sessions", **query), SessionPage)
            return [session.native_id for session in page.sessions]

        assert names() == ["orphan", "root"]
        assert names(roots=False) == ["orphan", "child", "root"]
        assert names(parent="claude_code:root") == ["child"]
        assert names(parent="claude_code:root", roots=True) == []
        assert names(q="PARSER", format="claude_code", failed=True, status="running", kind="root") == ["root"]
        assert names(q="") == ["orphan", "root"]

    def test_sessions_come_in_pages(self, client: Client) -> None:
        first = get(client, "/sessions", limit=1)
        second = get(client, "/sessions", limit=1, cursor=first["next"])
        assert [page["sessions"][0]["native_id"] for page in (first, second)] == ["orphan", "root"]
        assert (first["total"], second["next"]) == (2, None)

    def test_sessions_of_a_time(self, client: Client) -> None:
        def count(**query: Any) -> int:
            return len(get(client, "/sessions", roots=False, **query)["sessions"])

        assert count(since=NOON, until=NOON + 60 * SECOND) == 3
        assert count(since=str(NOON + 60 * SECOND)) == 0
        assert count(since="2026-01-01T12:00:00Z", until="2026-01-01T14:00:00+01:00") == 3
        assert count(until="2026-01-01T12:00:00Z") == 0
        assert count(since="2025-12-31", until="2026-01-02") == 3

    def test_one_session(self, client: Client) -> None:
        detail = msgspec.convert(get(client, "/sessions/claude_code:child"), SessionDetail)
        assert detail.session.title == "Look around"
        assert [link.id for link in detail.ancestors] == ["claude_code:root"]
        assert get(client, f"/sessions/{quote('claude_code:child', safe='')}") == msgspec.to_builtins(detail)

    def test_turns_come_in_pages(self, client: Client) -> None:
        first = msgspec.convert(get(client, "/sessions/claude_code:root/turns", limit=3), TurnPage)
        second = msgspec.convert(
            get(client, "/sessions/claude_code:root/turns", limit=3, cursor=first.next), TurnPage
        )
        seqs = [[[op.seq for op in turn.ops] for turn in page.turns] for page in (first, second)]
        assert seqs == [[[1, 2, 3]], [[4], [5]]]
        last = get(client, "/sessions/claude_code:root/turns", order="desc", limit=1)
        assert last["turns"][0]["ops"][0]["seq"] == 5
        assert get(client, "/sessions/claude_code:root/turns", from_turn=2)["turns"][0]["turn"] == 2

    def test_stats_are_sums_and_groups_in_a_time_zone(self, client: Client) -> None:
        answer = msgspec.convert(get(client, "/stats", by="model", tz="Asia/Kathmandu"), Stats)
        assert (answer.tz, answer.since, answer.until) == ("Asia/Kathmandu", None, None)
        assert [(group.key, group.ops) for group in answer.groups] == [("opus", 4)]
        assert answer.totals.llm_calls == 4
        assert msgspec.convert(get(client, "/stats"), Stats).groups == []

    def test_stats_take_the_filters_of_the_list_of_sessions(self, client: Client) -> None:
        def calls(**query: Any) -> int:
            return int(get(client, "/stats", **query)["totals"]["llm_calls"])

        assert calls() == 4
        assert calls(q="PARSER") == calls(project="/home/dev/root") == calls(failed=True) == 2
        assert calls(agent="Explore") == calls(parent="claude_code:root") == 1
        assert calls(agent="main") == calls(kind="root") == 2
        assert calls(roots=True) == 4
        assert calls(roots=True, tree=False) == 3
        assert calls(q="PARSER", tree=True) == 3

    def test_stats_are_bounded_by_the_time_of_the_work_in_the_zone_asked_for(self, client: Client) -> None:
        def ops(**query: Any) -> int:
            return int(get(client, "/stats", **query)["totals"]["ops"])

        assert ops(since="2026-01-01T12:00:00Z") == 7
        assert ops(since="2026-01-01T12:15:00Z") == 0
        assert ops(since="2026-01-01T13:00", until="2026-01-01T13:14", tz="Europe/Berlin") == 7
        assert ops(until="2025-12-31", tz="Etc/GMT+12") == 0
        assert ops(until="2026-01-01", tz="Etc/GMT+12") == 7
        assert ops(since="2026-01-02", tz="Pacific/Kiritimati") == 7
        assert ops(since="7d") == 0

    def test_a_series_has_a_step_for_each_day_asked_for(self, client: Client) -> None:
        answer = msgspec.convert(
            get(
                client,
                "/stats/series",
                metric="ops",
                by="kind",
                since="2025-12-31",
                until="2026-01-02",
                tz="UTC",
            ),
            Series,
        )
        assert [bucket.key for bucket in answer.buckets] == ["2025-12-31", "2026-01-01", "2026-01-02"]
        assert {line.key: line.values for line in answer.lines} == {
            "llm": [0, 4, 0],
            "tool": [0, 2, 0],
            "session": [0, 1, 0],
        }

    def test_a_heatmap_is_a_week_of_hours(self, client: Client) -> None:
        answer = msgspec.convert(get(client, "/stats/heatmap", tz="Asia/Tokyo"), Heatmap)
        assert (len(answer.rows), {len(row) for row in answer.rows}) == (7, {24})
        assert answer.rows[3][21] == 7  # a Thursday

    def test_the_greatest(self, client: Client) -> None:
        sessions = get(client, "/stats/top/sessions", metric="llm_calls", limit=1)["sessions"]
        assert [(row["session"]["id"], row["value"]) for row in sessions] == [("claude_code:root", 2)]
        ops = get(client, "/stats/top/ops", metric="tokens", limit=2)["ops"]
        assert [op["tokens"] for op in ops] == [1135, 1135]

    def test_durations_context_and_failures(self, client: Client) -> None:
        durations = get(client, "/stats/durations")
        assert [group["key"] for group in durations["models"]] == ["opus"]
        assert get(client, "/stats/context")["unknown_sessions"] == 3
        (failure,) = get(client, "/failures")["groups"]
        assert (failure["name"], failure["count"], failure["recovered"]) == ("Bash", 1, 0)
        assert get(client, "/failures", tool="Read")["groups"] == []

    def test_catalogs(self, client: Client) -> None:
        tools = get(client, "/catalog/tools", durations=True)["rows"]
        assert {row["name"]: row["durations"]["n"] for row in tools} == {"Read": 1, "Bash": 1}
        assert get(client, "/catalog/projects/detail", name="/home/dev/root")["row"]["ops"] == 5

    def test_what_has_no_answer_is_refused(self, client: Client) -> None:
        for path, parameter in (
            ("/stats?tz=Mars/Olympus", "tz"),
            ("/stats?tz=../../etc/passwd", "tz"),
            ("/stats?tz=Europe", "tz"),
            ("/stats?by=colour", "by"),
            ("/stats?since=lately", "since"),
            ("/stats/series?bucket=hour&since=2000-01-01", "bucket"),
            ("/stats/series?metric=wait_us&by=model", "metric"),
            ("/stats/series?metric=happiness", "metric"),
            ("/stats/top/ops?metric=ops", "metric"),
            ("/failures?cursor=abc", "cursor"),
            ("/catalog/tools?page=2", "page"),
        ):
            assert refusal(client, path, 400)["parameter"] == parameter, path
        refusal(client, "/catalog/colours", 400)
        assert "name" in refusal(client, "/catalog/tools/detail", 400)["detail"]
        assert "no tool 'Hammer'" in refusal(client, "/catalog/tools/detail?name=Hammer", 404)["detail"]

    def test_health_tells_that_nothing_is_ingesting(self, client: Client, store: Store) -> None:
        health = msgspec.convert(get(client, "/health"), Health)
        assert (health.status, health.ingesting, health.sessions) == ("degraded", False, 3)
        assert "Nothing reads the sources now" in health.reasons[0]
        assert health.store_bytes >= store.path.stat().st_size
        with database.writer_lock(store.path):
            health = msgspec.convert(get(client, "/health"), Health)
        assert (health.status, health.ingesting, health.reasons) == ("ok", True, [])

    def test_health_tells_the_price_list_and_whether_it_has_changed_since(
        self, store: Store, config: Config
    ) -> None:
        own = msgspec.structs.replace(config, discounts=(Discount(percent=Decimal(5)),))
        found = []
        for told in (config, own):
            with (
                TestClient(create_app(told), base_url="http://127.0.0.1:7710") as client,
                database.writer_lock(store.path),
            ):
                found.append(msgspec.convert(get(client, "/health"), Health))
        usual, changed = found
        assert usual.prices_version == metadata.version("genai-prices")
        assert usual.prices_date is not None
        assert re.fullmatch(r"20\d\d-\d\d-\d\d", usual.prices_date)
        assert (usual.prices_own, usual.prices_behind, usual.status) == (False, False, "ok")
        assert (changed.prices_own, changed.prices_behind, changed.status) == (True, True, "degraded")
        assert "ai-viewer reprice" in changed.reasons[0]

    def test_sources_are_those_configured_and_those_in_the_store(
        self, client: Client, config: Config
    ) -> None:
        configured, stored = msgspec.convert(get(client, "/sources"), Sources).sources
        assert (configured.title, configured.root) == ("Claude Code", str(config.sources[0].root))
        assert (configured.exists, configured.files, configured.last_seen) == (True, 0, None)
        assert (stored.root, stored.exists, stored.files, stored.sessions) == (
            "/home/dev/.agents",
            False,
            3,
            3,
        )
        assert {count.outcome for count in stored.records} == {"mapped", "ignored:mode"}


class TestLag:
    def test_a_file_that_has_grown_since_it_was_read_is_ahead(
        self, client: Client, config: Config, store: Store
    ) -> None:
        root = config.sources[0].root
        path = root / "s.jsonl"
        path.write_text("x" * 100)
        events = [
            SessionStarted(session="s", rank=Rank.TRANSCRIPT, facts=SessionFacts(last_at=1)),
            OpStarted(session="s", turn=1, seq=1, ts=NOON, kind=OpKind.TOOL),
        ]
        made = batch(events, "s.jsonl", root=str(root))
        status = path.stat()
        file = msgspec.structs.replace(made.file, size=100, mtime_ns=status.st_mtime_ns)
        store.writer.apply([msgspec.structs.replace(made, file=file)])
        assert get(client, "/sources")["sources"][0]["lag_us"] == 0
        later = status.st_mtime_ns + 120 * 10**9
        with path.open("a") as appended:
            appended.write("more")
        os.utime(path, ns=(later, later))
        assert get(client, "/sources")["sources"][0]["lag_us"] == 120 * SECOND
        with database.writer_lock(store.path):
            assert "2 min ahead" in get(client, "/health")["reasons"][0]


class TestPayloads:
    def add(self, store: Store, media_type: str, data: bytes | None = None, text: str | None = None) -> None:
        payload = PayloadRef(
            session="s",
            turn=1,
            seq=1,
            kind=PayloadKind.TOOL_OUTPUT,
            media_type=media_type,
            data=data,
            text=text,
        )
        events = [
            SessionStarted(session="s", rank=Rank.TRANSCRIPT, facts=SessionFacts()),
            OpStarted(session="s", turn=1, seq=1, ts=NOON, kind=OpKind.TOOL),
            payload,
        ]
        store.writer.apply([batch(events, "s.jsonl")])

    def fetch(self, client: Client) -> Any:
        response = client.get("/api/sessions/claude_code:s/payloads/1.1.tool_output.0")
        assert response.status_code == 200
        assert response.headers["x-content-type-options"] == "nosniff"
        return response

    @pytest.mark.parametrize("media_type", ["text/plain", "text/html", "application/json", "image/svg+xml"])
    def test_a_text_is_plain_text_whatever_it_says_it_is(
        self, client: Client, store: Store, media_type: str
    ) -> None:
        text = "<script>alert('ü')</script>" * 500
        self.add(store, media_type, text=text)
        response = self.fetch(client)
        assert response.headers["content-type"] == "text/plain; charset=utf-8"
        assert response.text == text

    def test_a_picture_is_shown(self, client: Client, store: Store) -> None:
        self.add(store, "image/png", data=b"\x89PNG")
        response = self.fetch(client)
        assert (response.headers["content-type"], response.content) == ("image/png", b"\x89PNG")
        assert "content-disposition" not in response.headers

    def test_anything_else_is_for_download(self, client: Client, store: Store) -> None:
        self.add(store, "application/pdf", data=b"%PDF")
        response = self.fetch(client)
        assert response.headers["content-type"] == "application/octet-stream"
        assert response.headers["content-disposition"] == 'attachment; filename="1.1.tool_output.0"'

    def test_what_is_not_there_is_not_found(self, client: Client, store: Store) -> None:
        self.add(store, "text/plain", text="x")
        refusal(client, "/sessions/claude_code:s/payloads/1.1.tool_output.7", 404)
        refusal(client, "/sessions/claude_code:s/payloads/..%5C..%5Cetc", 404)
        refusal(client, "/sessions/claude_code:nobody/payloads/1.1.tool_output.0", 404)


class TestRefusals:
    @pytest.mark.parametrize(
        ("query", "parameter"),
        [
            ("limit=0", "limit"),
            ("limit=501", "limit"),
            ("limit=many", "limit"),
            (f"limit={10**40}", "limit"),
            ("status=asleep", "status"),
            ("kind=", "kind"),
            ("failed=perhaps", "failed"),
            ("since=yesterday", "since"),
            (f"until={10**30}", "until"),
            ("until=9999-12-31T23:59:59-23:00", "until"),
            ("cursor=abc", "cursor"),
            ("cursor=", "cursor"),
            ("color=red", "color"),
            ("limit=1&limit=2", "limit"),
            ("q=a%00b", "q"),
            ("q=a%1bb", "q"),
            ("q=" + "x" * 3000, "q"),
        ],
    )
    def test_a_wrong_parameter_is_named(self, client: Client, query: str, parameter: str) -> None:
        body = refusal(client, f"/sessions?{query}", 400)
        assert body["parameter"] == parameter
        assert body["detail"].startswith(f"{parameter}: ")

    @pytest.mark.parametrize("query", ["limit=1001", "from_turn=-1", f"from_turn={2**64}", "order=up", "x=1"])
    def test_so_are_those_of_turns(self, client: Client, store: Store, query: str) -> None:
        store.add(FAMILY)
        assert (
            refusal(client, f"/sessions/claude_code:root/turns?{query}", 400)["parameter"]
            == query.partition("=")[0]
        )

    def test_a_cursor_of_another_question_is_refused(self, client: Client, store: Store) -> None:
        store.add(FAMILY)
        cursor = get(client, "/sessions", limit=1)["next"]
        assert "another question" in refusal(client, f"/sessions?roots=false&cursor={cursor}", 400)["detail"]
        assert (
            refusal(client, f"/sessions/claude_code:root/turns?cursor={cursor}", 400)["parameter"] == "cursor"
        )

    @pytest.mark.parametrize(
        "path", ["", "/", "/nothing", "/sessions/a/b/c/d", "/health/", "/sessions/a/turns/b"]
    )
    def test_an_unknown_path_is_told_as_json(self, client: Client, path: str) -> None:
        if path == "/health/":
            assert client.get("/api/health/").status_code in {200, 404}
        else:
            refusal(client, path, 404)

    @pytest.mark.parametrize("name", ["claude_code:nobody", "nobody", "%20", "a%2Fb", "codex:root"])
    def test_an_unknown_session_is_named(self, client: Client, store: Store, name: str) -> None:
        store.add(FAMILY)
        refusal(client, f"/sessions/{name}", 404)

    @pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE"])
    def test_only_reading_is_possible(self, client: Client, method: str) -> None:
        for path in ("/api/sessions", "/", "/api/nothing"):
            response = client.request(method, path)
            assert response.status_code == 405
            assert response.headers["allow"] == "GET, HEAD"

    def test_a_head_has_the_headers_without_the_body(self, client: Client) -> None:
        whole, head = client.get("/api/stats"), client.head("/api/stats")
        assert (head.status_code, head.content) == (200, b"")
        assert head.headers["content-length"] == whole.headers["content-length"]

    @given(
        path=st.sampled_from(
            [
                "/sessions",
                "/sessions/claude_code:root/turns",
                "/stats",
                "/stats/series",
                "/failures",
                "/sources",
            ]
        ),
        name=st.sampled_from(
            ["q", "cursor", "since", "limit", "from_turn", "by", "parent", "format", "order"]
        ),
        value=st.text(max_size=30),
    )
    @example(path="/sessions", name="since", value="-9999999999999999")
    @example(path="/sessions", name="parent", value=":")
    @settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
    def test_no_query_is_an_error_of_the_servers(
        self, client: Client, path: str, name: str, value: str
    ) -> None:
        response = client.get(f"/api{path}?{name}={quote(value, errors='surrogatepass')}")
        assert response.status_code in {200, 400, 404}, response.text

    def test_a_slow_question_is_given_up_and_says_so(
        self, client: Client, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def endless(connection: Any, *_: Any, **__: Any) -> Stats:
            database.one(
                connection,
                "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT max(i) FROM n",
            )
            raise AssertionError

        monkeypatch.setattr(stats, "stats", endless)
        start = time.monotonic()
        assert "given up" in refusal(client, "/stats", 503)["detail"]
        assert time.monotonic() - start < SECONDS + 5

    def test_a_store_that_went_away_is_told(self, client: Client, store: Store, tmp_path: Path) -> None:
        store.path.rename(tmp_path / "elsewhere.db")
        assert "no store there" in refusal(client, "/sessions", 503)["detail"]
        (tmp_path / "elsewhere.db").rename(store.path)
        assert get(client, "/sessions")["total"] == 0


@pytest.mark.parametrize(
    ("text", "end", "expected"),
    [
        ("1767268800000000", False, dt.datetime(2026, 1, 1, 12, tzinfo=dt.UTC)),
        ("2026-01-01T12:00:00Z", False, dt.datetime(2026, 1, 1, 12, tzinfo=dt.UTC)),
        ("2026-01-01T13:00:00.000001+01:00", False, dt.datetime(2026, 1, 1, 12, 0, 0, 1, tzinfo=dt.UTC)),
        ("2026-01-01", False, dt.datetime(2026, 1, 1).astimezone()),
        ("2026-01-01", True, dt.datetime(2026, 1, 1, 23, 59, 59, 999_999).astimezone()),
        ("2026-01-01T10:00", True, dt.datetime(2026, 1, 1, 10).astimezone()),
    ],
)
def test_a_time_is_read_in_each_of_its_ways(text: str, end: bool, expected: dt.datetime) -> None:
    """Microseconds, ISO 8601 with a zone, and without one in local time."""
    found = moment("since", text, end=end)
    assert found is not None
    assert dt.datetime.fromtimestamp(0, dt.UTC) + dt.timedelta(microseconds=found) == expected
