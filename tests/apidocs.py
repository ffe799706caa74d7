"""docs/api.md, written from the server: every route, its parameters, an example and its answer.

``python -m tests.apidocs`` writes it anew (``make api-docs``); a test sees to it that it is so. The
answers come from the application, over the store that `PICTURE` draws, at a fixed time.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from unittest import mock
from urllib.parse import urlencode

import msgspec
from litestar import Litestar
from litestar.testing import TestClient

from ai_viewer import __version__
from ai_viewer.config import Config, SourceRoot
from ai_viewer.server import events
from ai_viewer.server.app import create_app
from ai_viewer.server.openapi import openapi_json
from ai_viewer.store.trace import TABLES, VERSION
from tests.pictures import NOON, ROOT, SECOND, Store

PAGE = Path(__file__).parents[1] / "docs" / "api.md"

PICTURE = """
    s: Fix the parser
        1: llm Read Bash!
        2: log llm >c
    c < s Explore: Look around
        1: llm Grep
"""
NOW = NOON + 60 * SECOND

SESSION = "/api/sessions/claude_code:s"

EXAMPLES: dict[str, tuple[str, dict[str, Any]]] = {
    "home": ("/api/home", {"tz": "UTC"}),
    "health": ("/api/health", {}),
    "settings": ("/api/settings", {}),
    "sources": ("/api/sources", {}),
    "sessions": ("/api/sessions", {"project": "/home/dev/s", "limit": 1}),
    "session": (SESSION, {}),
    "turns": (f"{SESSION}/turns", {"from_turn": 2, "limit": 1}),
    "ops": (f"{SESSION}/ops", {"seq": "2..3"}),
    "op": (f"{SESSION}/ops/1", {}),
    "path": (f"{SESSION}/path", {"turn": 1}),
    "timeline": (f"{SESSION}/timeline", {"steps": 10}),
    "sessionTopology": (f"{SESSION}/topology", {"size": "cost"}),
    "topology": ("/api/topology", {"agent": "Explore"}),
    "payload": (f"{SESSION}/payloads/1.2.tool_output.0", {}),
    "trace": (f"{SESSION}/trace", {"scope": "self", "format": "json"}),
    "secrets": (f"{SESSION}/secrets", {}),
    "exportSession": (f"{SESSION}/export", {"format": "perfetto", "scope": "self"}),
    "logs": (f"{SESSION}/logs", {}),
    "ingestErrors": ("/api/ingest-errors", {"limit": 1}),
    "search": ("/api/search", {"q": "bash is:failed", "limit": 1}),
    "find": (f"{SESSION}/find", {"q": "grep"}),
    "stats": ("/api/stats", {"by": "model", "since": "2026-01-01", "tz": "UTC"}),
    "series": ("/api/stats/series", {"metric": "cost_usd", "bucket": "day", "by": "model", "tz": "UTC"}),
    "heatmap": ("/api/stats/heatmap", {"metric": "ops", "tz": "UTC"}),
    "topSessions": ("/api/stats/top/sessions", {"metric": "cost_usd", "limit": 1}),
    "topOps": ("/api/stats/top/ops", {"metric": "duration_us", "limit": 1}),
    "durations": ("/api/stats/durations", {}),
    "distributions": ("/api/stats/distributions", {"since": "2026-01-01", "tz": "UTC"}),
    "context": ("/api/stats/context", {"above": 80}),
    "catalog": ("/api/catalog/tools", {"tz": "UTC"}),
    "catalogDetail": ("/api/catalog/tools/detail", {"name": "Bash", "tz": "UTC"}),
    "failures": ("/api/failures", {"limit": 1}),
    "addMark": ("/api/marks", {"session": "claude_code:s", "seq": 3, "colour": "red", "note": "look here"}),
    "marks": ("/api/marks", {"session": "claude_code:s"}),
    "changeMark": ("/api/marks/1", {"note": "seen"}),
    "removeMark": ("/api/marks/1", {}),
}
"""An example of each operation: its address, and its query or, where something is sent, its body."""

_ELSEWHERE = {
    "store_path": "/home/dev/.local/share/ai-viewer/store.db",
    "db": "/home/dev/.local/share/ai-viewer/store.db",
    "store_bytes": 315392,
    "version": "0.1.0",
    "prices_version": "0.0.1",
    "prices_date": "2026-01-01",
}
"""What is another on each machine, and what the page shows instead."""

_INTRO = """\
# The API

Everything that the web app shows comes from here, and is for other programs as well. This page is written
by `make api-docs` from the server itself: each example was run, over a small made-up store. The same as
OpenAPI 3.1: `GET /api/openapi.json`, or `ai-viewer openapi`.

- It listens on this machine only, and answers only requests to `localhost` or the address it listens on.
  Nothing but marks can be written.
- Times are microseconds since 1970 (UTC), durations microseconds, money US dollars. `null` is "not known".
  No field of an answer is ever left out.
- Ids of sessions are `<format>:<native id>`, and the same after a rebuild on another machine.
- Lists come in pages: `next` is the next page's `cursor`, good for the same question only.
- A parameter that a route does not know, that comes twice or makes no sense is refused with status 400, and
  the answer names it:
  `{"status_code":400,"detail":"limit: Expected `int` >= 1","parameter":"limit"}`. What is not there is 404. A
  question that would take longer than five seconds is given up with 503.
- The trace has an `ETag` and answers 304 to an `If-None-Match` with it. Nothing is compressed: over the
  loopback interface that takes longer than sending it.
"""

_TRACE_INTRO = """\
#### The binary layout

With `format=columns` the answer is `AIVT`, the version ({version}) as a byte, three zero bytes, the length
of the header as u32 (little-endian), the header, and then the tables, column by column in this order. The
header is the `head` above, as JSON, with `rows`: how many rows each table has, and `packing`: of each
column its base, its unit and how many bytes a number takes.

A number is base + unit · n. A column is the lowest byte of n of all its rows, then the next byte of all,
and so on. In columns of floats (f64) n = 0 is unknown (NaN); in all others the sum is meant modulo 2³². The
types below are what holds the numbers.

| table | column | type | |
| --- | --- | --- | --- |
"""


def page() -> str:
    """Return the whole page."""
    described = json.loads(openapi_json())
    operations = {
        operation["operationId"]: (method.upper(), path, operation)
        for path, methods in described["paths"].items()
        for method, operation in methods.items()
    }
    sets = _parameter_sets(operations)
    parts = [_INTRO]
    for title, parameters in sets.items():
        parts += [f"## The {title}\n", _table(parameters)]
    parts.append("## The routes\n")
    with _application() as client:
        for name in [*EXAMPLES, *sorted(set(operations) - set(EXAMPLES))]:
            method, path, operation = operations[name]
            parts += [f"### `{method} {path}`\n", operation["description"] + "\n"]
            parts += _parameters(operation, sets)
            parts.append(_event_example() if name == "events" else _example(client, method, *EXAMPLES[name]))
            if name == "trace":
                parts.append(_trace_layout())
    return "\n".join(parts)


@contextmanager
def _application() -> Iterator[TestClient[Litestar]]:
    with (
        tempfile.TemporaryDirectory() as folder,
        mock.patch("time.time_ns", return_value=NOW * 1000),
    ):
        store = Store(Path(folder) / "store.db")
        store.add(PICTURE)
        config = Config(store.path, (SourceRoot("claude_code", Path(ROOT)),))
        with TestClient(create_app(config), base_url="http://127.0.0.1:7710") as client:
            yield client
        store.close()


def _parameter_sets(operations: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """The parameters that several routes share: those that choose sessions, and those that choose work."""
    listed = {name: _by_name(operation) for name, (_, _, operation) in operations.items()}
    sessions = listed["sessions"].keys() & listed["stats"].keys() & listed["events"].keys()
    work = listed["stats"].keys() & listed["topology"].keys() - sessions
    return {
        "session filter": {name: one for name, one in listed["sessions"].items() if name in sessions},
        "work filter": {name: one for name, one in listed["stats"].items() if name in work},
    }


def _by_name(operation: dict[str, Any]) -> dict[str, Any]:
    return {one["name"]: one for one in operation.get("parameters", [])}


def _parameters(operation: dict[str, Any], sets: dict[str, dict[str, Any]]) -> list[str]:
    own = _by_name(operation)
    shared = [title for title, names in sets.items() if names.keys() <= own.keys()]
    for title in shared:
        own = {name: one for name, one in own.items() if name not in sets[title]}
    parts = [_table(own)] if own else []
    if shared:
        parts.append(f"{'And the' if own else 'The'} {' and the '.join(shared)}.\n")
    return parts


def _table(parameters: dict[str, Any]) -> str:
    lines = ["| parameter | in | type | |", "| --- | --- | --- | --- |"]
    for name, one in parameters.items():
        schema = one["schema"]
        told = one["description"] + (f" (without it: `{schema['default']}`)" if "default" in schema else "")
        kind = _type(schema).replace("|", "\\|")
        lines.append(f"| `{name}`{' *' if one['required'] else ''} | {one['in']} | {kind} | {told} |")
    needed = any(one["required"] and one["in"] != "path" for one in parameters.values())
    return "\n".join(lines) + ("\n\n\\* must be given\n" if needed else "\n")


def _type(schema: dict[str, Any]) -> str:
    if "$ref" in schema:
        name = schema["$ref"].rpartition("/")[2]
        return _type(json.loads(openapi_json())["components"]["schemas"][name])
    if "enum" in schema:
        return ", ".join(f"`{value}`" for value in schema["enum"] if value is not None)
    for choice in ("oneOf", "anyOf", "allOf"):
        if choice in schema:
            return " or ".join(_type(one) for one in schema[choice] if one.get("type") != "null")
    bounds = [
        f"{sign} {schema[bound]:.0f}"
        for bound, sign in (("minimum", "≥"), ("maximum", "≤"))
        if bound in schema
    ]
    return " ".join([str(schema.get("type", "")), *bounds])


def _example(client: TestClient[Litestar], method: str, path: str, question: dict[str, Any]) -> str:
    sent = method in {"POST", "PATCH"}
    if sent:
        answer = client.request(method, path, json=question)
    else:
        answer = client.request(method, path, params=question)
    assert answer.is_success, (method, path, answer.text)
    query = f"?{urlencode(question, safe='/:')}" if question and not sent else ""
    lines = ["```http", f"{method} {path}{query}"]
    if sent:
        lines += ["", json.dumps(question)]
    lines.append("```")
    kind = answer.headers.get("content-type", "").partition(";")[0]
    if kind == "application/json":
        lines += ["```json", *_pretty(_shortened(answer.json())), "```"]
    elif answer.content:
        text = answer.text.replace(f"ai-viewer {__version__}", f"ai-viewer {_ELSEWHERE['version']}")
        lines += ["````text", text.rstrip(), "````"]
    return "\n".join(lines) + "\n"


def _shortened(value: Any) -> Any:
    """Cut long lists, and replace what is another on each machine."""
    if isinstance(value, dict):
        return {name: _ELSEWHERE.get(name, _shortened(inner)) for name, inner in value.items()}
    if isinstance(value, list) and len(value) > 3:
        return [*map(_shortened, value[:2]), f"… {len(value) - 2} more"]
    if isinstance(value, list):
        return [_shortened(inner) for inner in value]
    return value


def _pretty(value: Any, indent: str = "", prefix: str = "", end: str = "") -> Iterator[str]:
    """JSON with what fits in one line in one line."""
    flat = f"{indent}{prefix}{json.dumps(value, ensure_ascii=False)}{end}"
    if len(flat) <= 108 or not isinstance(value, dict | list) or not value:
        yield flat
        return
    opening, closing = "{}" if isinstance(value, dict) else "[]"
    yield f"{indent}{prefix}{opening}"
    entries = list(value.items()) if isinstance(value, dict) else [(None, inner) for inner in value]
    for number, (name, inner) in enumerate(entries, 1):
        label = "" if name is None else f"{json.dumps(name)}: "
        yield from _pretty(inner, indent + "  ", label, "," if number < len(entries) else "")
    yield f"{indent}{closing}{end}"


def _event_example() -> str:
    change = events.Change(sessions=["claude_code:s", "claude_code:c"], left=[], sources=True)
    told = events.event("change", 4711, msgspec.json.encode(change)) + events.event("reset", 9000, b"{}")
    return f"```http\nGET /api/events?session=claude_code:s&tree=true\n```\n```text\n{told.strip()}\n```\n"


def _trace_layout() -> str:
    rows = [
        f"| {table} | `{column.name}` | {column.type} | {column.about} |"
        for table, columns in TABLES.items()
        for column in columns
    ]
    return _TRACE_INTRO.format(version=VERSION) + "\n".join(rows) + "\n"


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
