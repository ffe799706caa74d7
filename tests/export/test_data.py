"""Sessions for other programs: JSON, trace events, OTLP."""

from __future__ import annotations

import base64
import json
from collections import Counter
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ai_viewer.export import Exporter, otlp
from ai_viewer.export.exporter import FormatName
from ai_viewer.export.perfetto import Lanes
from ai_viewer.model import OpKind, OpStarted, Rank, SessionFacts, SessionStarted
from ai_viewer.secrets import Redactor
from ai_viewer.store import sessions, turns
from tests.export.conftest import HOSTILE, KEY, Export
from tests.pictures import SECOND, Store, batch


class TestJson:
    def test_it_has_all_that_the_store_tells(self, store: Store, export: Export) -> None:
        told = json.loads(export("json", "s"))
        assert (told["format"], told["version"]) == ("ai-viewer", 1)
        assert [session["session"]["native_id"] for session in told["sessions"]] == ["s", "c"]
        assert [session["depth"] for session in told["sessions"]] == [0, 1]
        page = turns.page(store.reader, "claude_code:s", limit=1000)
        (first, _) = told["sessions"]
        assert [turn["turn"] for turn in first["turns"]] == [turn.turn for turn in page.turns]
        for turn, expected in zip(first["turns"], page.turns, strict=True):
            assert [op["seq"] for op in turn["ops"]] == [op.seq for op in expected.ops]
            assert turn["totals"]["cost_usd"] == expected.totals.cost_usd
            assert turn["payloads"][0]["text"] == expected.payloads[0].text

    def test_texts_are_whole_and_pictures_are_there(self, export: Export) -> None:
        (session,) = json.loads(export("json", "h"))["sessions"]
        (turn,) = session["turns"]
        output, picture = turn["ops"][1]["payloads"][-2:]
        assert output["text"] == "x" * 5_000 + HOSTILE
        assert base64.b64decode(picture["base64"]) == b"\x89PNG...."

    def test_it_tells_what_was_masked(self, export: Export) -> None:
        text = export("json", "h")
        told = json.loads(text)["redaction"]
        assert told["on"]
        assert told["kinds"] == {"OpenAI key": text.count(b"[masked: ")}
        assert told["masked"] == sum(told["kinds"].values()) > 0
        assert json.loads(export("json", "h", redact=False))["redaction"] == {
            "on": False,
            "masked": 0,
            "kinds": {},
        }

    @pytest.mark.parametrize("ops", [0, 1, 450])
    def test_a_session_of_any_length_is_one_value(self, store: Store, export: Export, ops: int) -> None:
        store.add(f"long: L\n    1: {'Read ' * ops}\n    2:\n    3: llm")
        (session,) = json.loads(export("json", "long"))["sessions"]
        assert [len(turn["ops"]) for turn in session["turns"]] == [ops, 0, 1]

    def test_no_session_twice(self, export: Export) -> None:
        told = json.loads(export("json", "c", "s", "s"))
        assert [session["session"]["native_id"] for session in told["sessions"]] == ["c", "s"]


def events(export: Export, *names: str) -> list[dict[str, Any]]:
    told: list[dict[str, Any]] = json.loads(export("perfetto", *names))["traceEvents"]
    return told


class TestTraceEvents:
    def test_every_op_is_an_event_of_its_length(self, store: Store, export: Export) -> None:
        spans = [event for event in events(export, "s") if event["ph"] == "X" and event["cat"] != "turn"]
        row = sessions.detail(store.reader, "claude_code:s", now=0).session
        assert len(spans) == row.tree.ops
        assert {event["dur"] for event in spans} == {SECOND}
        calls = [event["args"] for event in spans if event["cat"] == "llm"]
        assert sum(call["tokens_in"] for call in calls) == row.tree.tokens_in
        assert sum(call["cost_usd"] or 0 for call in calls) == pytest.approx(row.tree.cost_usd)

    def test_each_session_is_a_process_with_its_title(self, export: Export) -> None:
        names = [event["args"]["name"] for event in events(export, "s") if event["name"] == "process_name"]
        assert names == ["Fix the parser", "Explore: Look around"]

    def test_an_arrow_leads_to_the_sub_agent(self, export: Export) -> None:
        told = events(export, "s")
        (tail,) = (event for event in told if event["ph"] == "s")
        (head,) = (event for event in told if event["ph"] == "f")
        spawn = next(event for event in told if event["name"] == "Task")
        assert (tail["pid"], tail["tid"], tail["ts"]) == (spawn["pid"], spawn["tid"], spawn["ts"])
        assert tail["id"] == head["id"]
        assert head["pid"] != tail["pid"]

    def test_what_takes_no_time_is_an_instant(self, store: Store, export: Export) -> None:
        store.add("r: R\n    1: Read~")
        (instant,) = (event for event in events(export, "r") if event["ph"] == "i")
        assert instant["args"]["status"] == "running"

    @given(
        st.lists(
            st.tuples(st.integers(0, 50), st.integers(1, 20), st.integers(0, 8)), min_size=1, max_size=30
        )
    )
    def test_a_track_holds_only_what_follows_or_lies_within(self, drawn: list[tuple[int, int, int]]) -> None:
        lanes = Lanes()
        tracks: dict[int, list[tuple[int, int, int, int]]] = {}
        spans = sorted(((start, -length, key, whole) for key, (start, length, whole) in enumerate(drawn)))
        for start, minus, key, whole in spans:
            track = lanes.place(key, start, start - minus, (whole,))
            for other, until, other_key, _ in tracks.get(track, []):
                apart = start >= until
                within = other <= start and start - minus <= until
                assert apart or within
                if not apart and not any(
                    o <= start and start - minus <= u and k == whole for o, u, k, _ in tracks[track]
                ):
                    raise AssertionError("it lies within what it is no part of")
                del other_key
            tracks.setdefault(track, []).append((start, start - minus, key, whole))


def spans(export: Export, *names: str, **more: Any) -> list[dict[str, Any]]:
    told = json.loads(export("otlp", *names, **more))
    return [
        span | {"attributes": {one["key"]: next(iter(one["value"].values())) for one in span["attributes"]}}
        for resource in told["resourceSpans"]
        for scope in resource["scopeSpans"]
        for span in scope["spans"]
    ]


class TestOtlp:
    def test_spans_are_named_as_the_conventions_say(self, export: Export) -> None:
        names = Counter(span["name"] for span in spans(export, "s"))
        assert names["invoke_agent Explore"] == 1
        assert names["chat opus"] == 3
        assert names["execute_tool Bash"] == 1
        assert names["execute_tool Task"] == 1

    def test_tokens_and_cost_add_up_to_the_store_s(self, store: Store, export: Export) -> None:
        row = sessions.detail(store.reader, "claude_code:s", now=0).session.tree
        calls = [span["attributes"] for span in spans(export, "s") if span["name"].startswith("chat ")]
        total = row.tokens_in + row.tokens_cache_read + row.tokens_cache_write
        assert sum(int(call["gen_ai.usage.input_tokens"]) for call in calls) == total
        assert sum(int(call["gen_ai.usage.output_tokens"]) for call in calls) == row.tokens_out
        assert sum(call.get("ai_viewer.cost_usd", 0) for call in calls) == pytest.approx(row.cost_usd)

    def test_every_span_hangs_below_one_root_in_one_trace(self, export: Export) -> None:
        told = spans(export, "s")
        ids = {span["spanId"] for span in told}
        assert len(ids) == len(told)
        assert {span["traceId"] for span in told} == {otlp.trace_id("claude_code:s")}
        assert [span["name"] for span in told if "parentSpanId" not in span] == ["invoke_agent claude_code"]
        assert {span["parentSpanId"] for span in told if "parentSpanId" in span} <= ids

    def test_a_sub_agent_hangs_below_the_op_that_ran_it(self, export: Export) -> None:
        told = {span["name"]: span for span in spans(export, "s")}
        assert told["invoke_agent Explore"]["parentSpanId"] == told["execute_tool Task"]["spanId"]

    def test_a_tool_call_links_to_the_model_call_that_asked_for_it(self, export: Export) -> None:
        told = spans(export, "s")
        bash = next(span for span in told if span["name"] == "execute_tool Bash")
        first = next(span for span in told if span["name"] == "chat opus")
        assert bash["links"] == [{"traceId": first["traceId"], "spanId": first["spanId"]}]
        assert bash["status"]["code"] == 2
        assert bash["attributes"]["error.type"] == "_OTHER"

    def test_an_export_again_is_the_same_spans(self, export: Export) -> None:
        assert export("otlp", "s") == export("otlp", "s")

    def test_texts_are_sent_only_if_asked_for(self, export: Export) -> None:
        assert "gen_ai.tool.call.result" not in json.dumps(spans(export, "s"))
        told = json.dumps(spans(export, "h", texts=True))
        assert "gen_ai.tool.call.result" in told
        assert KEY not in told

    def test_copies_are_left_out(self, store: Store, export: Export) -> None:
        store.add("a: A\n    1: llm=m1\nb: B\n    1: llm=m1 llm")
        calls = [span for name in "ab" for span in spans(export, name) if span["name"].startswith("chat ")]
        assert len(calls) == 2

    def test_a_sub_agent_of_an_op_without_a_span_hangs_below_its_parent(
        self, store: Store, export: Export
    ) -> None:
        store.add("a: A\n    1: llm=m2\nb: B\n    1: llm=m2 Read\nx < b Explore: X\n    1: llm")
        told = {span["name"]: span for span in spans(export, "b")}
        assert told["invoke_agent Explore"]["parentSpanId"] == told["invoke_agent claude_code"]["spanId"]


def test_ops_without_any_time_are_left_out_and_counted(store: Store) -> None:
    events = [
        SessionStarted(session="t", rank=Rank.TRANSCRIPT, facts=SessionFacts()),
        OpStarted(session="t", turn=1, seq=1, ts=None, kind=OpKind.TOOL, name="Read"),
    ]
    store.writer.apply([batch(list(events), "t.jsonl")])
    forms: tuple[FormatName, ...] = ("otlp", "perfetto")
    for form in forms:
        exporter = Exporter(store.reader, Redactor())
        assert b"Read" not in b"".join(exporter.write(["claude_code:t"], form))
        assert exporter.content.untimed == 1
