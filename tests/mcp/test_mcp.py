"""The MCP server, spoken to by the protocol's own client over stdin and stdout."""

from __future__ import annotations

import asyncio
import os
import re
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from ai_viewer.mcp import answers
from ai_viewer.mcp.budget import Budget, shortened
from ai_viewer.model import PayloadKind, PayloadRef, Rank, SessionFacts, SessionStarted, TurnStarted
from tests.pictures import NOON, Store, batch

pytest.importorskip("mcp")

from mcp.client.client import Client
from mcp.client.stdio import StdioServerParameters

KEY = "sk-proj-Zx81kd92JdkLs0sKdl29dkslQpw7Vb3nM5cR8tY1uH4gF6eW"
TOOLS = {"list_sessions", "search", "show_session", "read_turn", "read_payload", "stats", "failures"}

Call = Callable[..., tuple[bool, str]]


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    made = Store(tmp_path / "s.db")
    made.add("""
        s: Fix the parser
            1: llm Read Bash!
            2: llm >c
        c < s Explore: Look around
            1: llm Grep
    """)
    made.add("\n".join(["long: L", *(f"    {turn}: llm Read" for turn in range(1, 120))]))
    text = f"key {KEY}\n" + "ä line of text\n" * 2_000
    told = [
        SessionStarted(
            session="k", rank=Rank.TRANSCRIPT, facts=SessionFacts(title=f"Use {KEY}", last_at=NOON)
        ),
        TurnStarted(session="k", turn=1, ts=NOON, label=f"Use {KEY}"),
        PayloadRef(session="k", turn=1, seq=0, kind=PayloadKind.PROMPT, text=text),
    ]
    made.writer.apply([batch(list(told), "k.jsonl")])
    yield made
    made.close()


@pytest.fixture
def ask(store: Store) -> Callable[[Callable[[Client], Any]], Any]:
    """Start the server, and let ``question`` ask it."""

    def asked(question: Callable[[Client], Any]) -> Any:
        async def conversation() -> Any:
            command = StdioServerParameters(
                command=sys.executable,
                args=["-m", "ai_viewer", "--db", str(store.path), "mcp"],
                env=dict(os.environ),
            )
            async with Client(command) as client:
                return await question(client)

        return asyncio.run(conversation())

    return asked


@pytest.fixture
def call(ask: Callable[[Callable[[Client], Any]], Any]) -> Call:
    """Call one tool; return whether it is an error, and the text."""

    def called(name: str, **arguments: Any) -> tuple[bool, str]:
        result = ask(lambda client: client.call_tool(name, arguments))
        return bool(result.is_error), result.content[0].text

    return called


def test_its_tools_only_read_and_say_what_they_are_for(ask: Callable[[Callable[[Client], Any]], Any]) -> None:
    tools = ask(lambda client: client.list_tools()).tools
    assert {tool.name for tool in tools} == TOOLS
    for tool in tools:
        assert tool.description
        assert tool.annotations.read_only_hint
        assert "max_tokens" in tool.input_schema["properties"]


def test_from_the_list_to_one_text(call: Call) -> None:
    error, listed = call("list_sessions", text="parser")
    assert not error
    (line,) = (line for line in listed.splitlines() if "Fix the parser" in line)
    session = line.split(" | ")[0]
    shown = call("show_session", session=session)[1]
    assert re.search(r"^  1 \| .*prompt 1 of s", shown, re.MULTILINE)
    assert "Explore: Look around" in shown
    turn = call("read_turn", session=session, turn=1)[1]
    assert "op 3 tool Bash | 1.0 s · failed" in turn
    assert "output: Bash! at 3" in turn
    assert call("read_payload", session=session, payload="1.3.tool_output.0") == (False, "Bash! at 3")


def test_what_is_searched_is_told_with_the_place_where_it_can_be_read(call: Call) -> None:
    found = call("search", query="tool:Bash", best=True)[1]
    assert "claude_code:s Fix the parser:" in found
    [place] = re.findall(r"turn 1 op 3 Bash payload (\S+) \|", found)
    assert "Bash! at 3" in call("read_payload", session="s", payload=place)[1]
    assert call("search", query="xyzzyplugh")[1].startswith("0 texts")


def test_searching_goes_on_from_page_to_page(call: Call) -> None:
    first = call("search", query="kind:prompt", limit=2)[1]
    [cursor] = re.findall(r"cursor='(\S+)'", first)
    second = call("search", query="kind:prompt", limit=2, cursor=cursor)[1]
    assert set(re.findall(r"payload \S+", first)).isdisjoint(re.findall(r"payload \S+", second))


def test_a_query_that_cannot_be_understood_is_explained(call: Call) -> None:
    failed, told = call("search", query="kind:odd")
    assert failed
    assert "at character" in told


def test_searching_shows_no_secret(call: Call) -> None:
    assert KEY not in call("search", query="key")[1]


def test_sums_and_failures(call: Call) -> None:
    assert re.search(r"^opus \| 3 \|", call("stats", by="model")[1], re.MULTILINE)
    assert re.search(r"^1x Bash", call("failures")[1], re.MULTILINE)
    assert call("failures", project="/nowhere")[1].startswith("0 failures")


def test_secrets_are_masked_everywhere(call: Call) -> None:
    questions: dict[str, dict[str, Any]] = {
        "list_sessions": {"text": "Use"},
        "show_session": {"session": "k"},
        "read_turn": {"session": "k", "turn": 1},
        "read_payload": {"session": "k", "payload": "1.0.prompt.0"},
    }
    for name, arguments in questions.items():
        error, text = call(name, **arguments)
        assert not error
        assert "sk-p…[masked: OpenAI key]" in text, name
        assert KEY[8:] not in text, name


def test_what_does_not_fit_is_told_and_can_be_asked_for(store: Store) -> None:
    seen: list[int] = []
    start = 0
    while True:
        text = answers.show_session(store.reader, "long", from_turn=start, max_tokens=600)
        assert len(text.encode()) <= 600 * 3
        seen += [int(turn) for turn in re.findall(r"^  (\d+) \|", text, re.MULTILINE)]
        more = re.search(r"^\[cut\].*from_turn=(\d+)", text, re.MULTILINE)
        if more is None:
            break
        start = int(more[1])
    assert seen == list(range(1, 120))


def test_a_long_text_comes_in_parts_that_join(store: Store) -> None:
    parts: list[str] = []
    start = 0
    while True:
        text = answers.read_payload(store.reader, "k", "1.0.prompt.0", start=start, max_tokens=4_000)
        part, cut, rest = text.rpartition("\n[cut] ")
        parts.append(part if cut else text)
        if not cut:
            break
        start = int(rest.rpartition("start=")[2])
    assert "".join(parts) == "key sk-p…[masked: OpenAI key]\n" + "ä line of text\n" * 2_000


def test_what_is_not_there_is_said(ask: Callable[[Callable[[Client], Any]], Any]) -> None:
    wrong: list[tuple[str, dict[str, Any], str]] = [
        ("show_session", {"session": "nobody"}, "no session"),
        ("read_turn", {"session": "s", "turn": 99}, "no turn 99"),
        ("read_payload", {"session": "s", "payload": "9.9.prompt.0"}, "no payload"),
        ("list_sessions", {"since": "soon"}, "no time"),
        ("list_sessions", {"cursor": "x"}, "cursor"),
    ]

    async def ask_all(client: Client) -> list[Any]:
        return [await client.call_tool(name, arguments) for name, arguments, _ in wrong]

    for result, (_, _, told) in zip(ask(ask_all), wrong, strict=True):
        assert result.is_error
        assert told in result.content[0].text


class TestBudget:
    def test_lines_are_taken_together_or_not_at_all(self) -> None:
        budget = Budget(200)
        assert budget.left == 200
        assert not budget.add("a" * 150, "b" * 60)
        assert budget.add("a" * 150)
        budget.cut("more")
        assert budget.text() == "a" * 150 + "\n[cut] more"

    def test_a_cut_goes_through_no_character(self) -> None:
        assert shortened("äöü", 3) == ("ä", True)
        assert shortened("äöü", 6) == ("äöü", False)
