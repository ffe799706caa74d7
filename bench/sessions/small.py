"""`small`: one of every payload that the web app shows, each with what it must show of it.

The texts are hostile where logs may be: scripts, handlers, addresses that must not be loaded.
`HOSTILE` names the globals that they would set, and the host that they would ask.
"""

from __future__ import annotations

import base64
import datetime as dt
import itertools
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from bench.sessions.picture import png
from bench.sessions.transcript import Transcript, text, thinking, totals, use

SESSION = "5a110000-4e0a-4f6e-9c55-2f1d8e5a9b10"
LARGE_BYTES = 50_000_000
LARGE_LAST = "the last line of it: 7f3c"
IMAGE = (320, 200)
HOST = "attacker.invalid"
HOSTILE = {"globals": ["__script_ran", "__handler_ran", "__link_ran"], "host": HOST}
HOME = "/home/dev/project"

_MARKDOWN = f"""\
# The plan

1. Read `src/client.py`
2. **Limit** the retries, *at most* three

| file | retries |
| --- | ---: |
| client.py | 5 |
| server.py | 2 |

```python
def retry(times: int = 3) -> None:
    raise NotImplementedError
```

> Quoted, and a [link](https://{HOST}/page) and a ![picture](https://{HOST}/pixel.png)

<script>window.__script_ran = true</script>
<img src="https://{HOST}/img.png" onerror="window.__handler_ran = true">
<img src="x:" onerror="window.__handler_ran = true">
<iframe src="https://{HOST}/frame"></iframe>
[click me](javascript:window.__link_ran=true)
<a href="javascript:window.__link_ran=true">or me</a>
<style>@import url("https://{HOST}/style.css");</style>
"""

_ANSI = (
    "\x1b[1mtest session starts\x1b[0m\n"
    "tests/test_client.py \x1b[32m....\x1b[0m\x1b[31mF\x1b[0m\x1b[32m...\x1b[0m\n"
    "\x1b[38;5;208mwarning\x1b[0m: \x1b[4munderlined\x1b[0m, \x1b[38;2;120;80;200mtrue colour\x1b[0m\n"
    "\x1b]8;;https://{host}/link\x07not a link\x1b]8;;\x07\n"
    "progress 10 %\rprogress 100 %\n"
).replace("{host}", HOST)


def write(project: Path, start: dt.datetime) -> dict[str, Any]:
    """Write the session into a project's folder; return the truth about it."""
    session = Transcript(project, SESSION, start)
    planted: dict[str, dict[str, Any]] = {}
    _talk(session, planted)
    _shell(session, planted)
    _files(session, planted)
    _searches(session, planted)
    _web_and_servers(session, planted)
    _tasks(session, planted)
    _odd_ones(session, planted)
    _large(session, planted)
    session.turn_ended()
    session.close()
    return {
        "session": session.id,
        **totals([session.counts]),
        "wall_ms": session.work,
        "human_wait_ms": 0,
        "problems": {"unknown": 2, "malformed": 1},
        "hostile": HOSTILE,
        "secret": _secret(),
        "payloads": planted,
    }


def _secret() -> str:
    # In two parts, so that nothing that looks through sources takes it for a real one.
    return "AKIA" + "Q3EGRJ5T7W2XZP4N"


def _talk(session: Transcript, planted: dict[str, dict[str, Any]]) -> None:
    picture: dict[str, Any] = {
        "type": "image",
        "source": {"type": "base64", "media_type": "image/png", "data": _encoded(png(16, 16))},
    }
    session.prompt([text(f"Limit the retries in @src/client.py\n\n{_MARKDOWN}"), picture])
    session.call(thinking("Where do they come from?\n" * 12), text(_MARKDOWN), seconds=4)
    planted["prompt"] = {"turn": 1, "kind": "prompt", "image": [16, 16]}
    planted["answer"] = {"turn": 1, "kind": "answer"}
    planted["reasoning"] = {"turn": 1, "kind": "reasoning", "lines": 12}


def _shell(session: Transcript, planted: dict[str, dict[str, Any]]) -> None:
    [tool] = session.call(use("Bash", command="pytest -q", description="Run the tests"), seconds=2)
    session.result(tool, _ANSI, seconds=3, told={"stdout": _ANSI, "stderr": "", "interrupted": False})
    planted["shell"] = {"op": tool, "exit_code": 0, "spans": 7}
    [tool] = session.call(use("Bash", command="make lint && echo never"), seconds=1)
    said = "Exit code 2\n\x1b[31merror\x1b[0m: src/client.py:17: unused\nmake: *** [lint] Error 2"
    session.result(tool, said, seconds=1.5, failed=True)
    planted["shell_failed"] = {"op": tool, "exit_code": 2, "failed": True}
    [tool] = session.call(use("Bash", command="env"), seconds=1)
    said = f"HOME=/home/dev\nAWS_ACCESS_KEY_ID={_secret()}\nLANG=C.UTF-8"
    session.result(tool, said, seconds=0.2, told={"stdout": said, "stderr": "", "interrupted": False})
    planted["secret"] = {"op": tool, "masked": 1}


def _files(session: Transcript, planted: dict[str, dict[str, Any]]) -> None:
    client = f"{HOME}/src/client.py"
    lines = [
        f"def step_{n}(value: int) -> int:" if n % 2 else f"    return value + {n}" for n in range(12, 42)
    ]
    [tool] = session.call(use("Read", file_path=client, offset=12, limit=30), seconds=1)
    numbered = "\n".join(f"{n:>6}\u2192{line}" for n, line in enumerate(lines, 12))
    file = {
        "filePath": client,
        "content": "\n".join(lines),
        "numLines": 30,
        "startLine": 12,
        "totalLines": 88,
    }
    session.result(tool, numbered, seconds=0.05, told={"type": "text", "file": file})
    planted["read"] = {"op": tool, "first_line": 12, "lines": 30}

    [tool] = session.call(
        use("Edit", file_path=client, old_string="retries = 5", new_string="retries = 3\nwait = 1.5"),
        seconds=1,
    )
    hunks = [_hunk(17, [" import time", "-retries = 5", "+retries = 3", "+wait = 1.5", " "])]
    _edited(session, tool, client, hunks)
    planted["edit"] = {"op": tool, "added": 2, "removed": 1}

    [tool] = session.call(
        use(
            "MultiEdit",
            file_path=client,
            edits=[
                {"old_string": "a = 1", "new_string": "a = 2"},
                {"old_string": "unused = True", "new_string": ""},
            ],
        ),
        seconds=1,
    )
    hunks = [_hunk(3, [" first", "-a = 1", "+a = 2"]), _hunk(30, [" last", "-unused = True"])]
    _edited(session, tool, client, hunks)
    planted["multi_edit"] = {"op": tool, "added": 1, "removed": 2}

    note = f"{HOME}/docs/retries.md"
    content = "# Retries\n\nAt most three.\n"
    [tool] = session.call(use("Write", file_path=note, content=content), seconds=1)
    told = {"type": "create", "filePath": note, "content": content, "structuredPatch": []}
    session.result(tool, f"File created successfully at: {note}", seconds=0.05, told=told)
    planted["write"] = {"op": tool, "added": 3, "removed": 0}


def _hunk(start: int, lines: list[str]) -> dict[str, Any]:
    old, new = (sum(line[:1] != sign for line in lines) for sign in "+-")
    return {"oldStart": start, "oldLines": old, "newStart": start, "newLines": new, "lines": lines}


def _edited(session: Transcript, tool: str, path: str, hunks: list[dict[str, Any]]) -> None:
    told = {"filePath": path, "structuredPatch": hunks, "userModified": False}
    session.result(tool, f"The file {path} has been updated.", seconds=0.05, told=told)


def _searches(session: Transcript, planted: dict[str, dict[str, Any]]) -> None:
    [tool] = session.call(use("Grep", pattern="retry", output_mode="content"), seconds=1)
    found = ["src/client.py:17:    retry()", "src/client.py:40:    retry(3)", "src/server.py:8:retry = 1"]
    told = {"mode": "content", "numFiles": 0, "filenames": [], "content": "\n".join(found), "numLines": 3}
    session.result(tool, "\n".join(found), seconds=0.1, told=told)
    planted["grep"] = {"op": tool, "files": 2, "matches": 3}
    [tool] = session.call(use("Glob", pattern="**/*.py"), seconds=1)
    names = [f"{HOME}/src/{name}.py" for name in ("client", "server", "parse/json", "parse/lines")]
    told = {"filenames": names, "durationMs": 3, "numFiles": 4, "truncated": False}
    session.result(tool, "\n".join(names), seconds=0.1, told=told)
    planted["glob"] = {"op": tool, "files": 4}


def _web_and_servers(session: Transcript, planted: dict[str, dict[str, Any]]) -> None:
    address = f"https://{HOST}/retries"
    [tool] = session.call(use("WebFetch", url=address, prompt="How many retries?"), seconds=1)
    page = f"# Retries\n\n![](https://{HOST}/tracker.gif)\n\nThree are **enough**."
    told = {"bytes": 22_210, "code": 200, "codeText": "OK", "result": page, "durationMs": 518, "url": address}
    session.result(tool, page, seconds=0.6, told=told)
    planted["web_fetch"] = {"op": tool, "url": address, "status": 200}
    [tool] = session.call(use("WebSearch", query="exponential backoff"), seconds=1)
    links = [{"title": f"Backoff, part {n}", "url": f"https://{HOST}/{n}"} for n in (1, 2)]
    said = (
        f'Web search results for query: "exponential backoff"\n\nLinks: {json.dumps(links)}\n\nBoth say so.'
    )
    session.result(tool, said, seconds=2, told={"query": "exponential backoff", "results": links})
    planted["web_search"] = {"op": tool, "results": 2}
    [tool] = session.call(use("mcp__tracker__list_issues", state="open"), seconds=1)
    rows = [{"id": n, "title": f"Retry {n}", "state": "open", "votes": n * n % 7} for n in range(1, 13)]
    session.result(tool, [text(json.dumps(rows))], seconds=0.4, told=[text(json.dumps(rows))])
    planted["mcp"] = {"op": tool, "rows": 12, "columns": ["id", "title", "state", "votes"], "nodes": 61}


def _tasks(session: Transcript, planted: dict[str, dict[str, Any]]) -> None:
    steps = ("Find them", "Limit them", "Test it")
    before: list[dict[str, str]] = []
    for done in range(3):
        states = ["completed"] * done + ["in_progress"] + ["pending"] * (2 - done)
        todos = [
            {"content": step, "status": state, "activeForm": f"{step} now"}
            for step, state in zip(steps, states, strict=True)
        ]
        [tool] = session.call(use("TodoWrite", todos=todos), seconds=1)
        told = {"oldTodos": before, "newTodos": todos}
        session.result(tool, "Todos have been modified successfully.", seconds=0.02, told=told)
        before = todos
        planted[f"todos_{done + 1}"] = {"op": tool, "completed": done, "of": 3, "changed": 2 if done else 3}


def _odd_ones(session: Transcript, planted: dict[str, dict[str, Any]]) -> None:
    [tool] = session.call(use("Read", file_path=f"{HOME}/docs/plot.png"), seconds=1)
    picture = png(*IMAGE)
    source = {"type": "base64", "media_type": "image/png", "data": _encoded(picture)}
    told = {"type": "image", "file": {"type": "image/png", "originalSize": len(picture)}}
    session.result(tool, [{"type": "image", "source": source}], seconds=0.1, told=told)
    planted["image"] = {"op": tool, "size": list(IMAGE), "bytes": len(picture)}

    [tool] = session.call(use("Bash", command="python tools/limit.py"), seconds=1)
    frames = "\n".join(
        f'  File "src/step{n}.py", line {n}, in step_{n}\n    step_{n + 1}()' for n in range(9)
    )
    failure = f"Exit code 1\nTraceback (most recent call last):\n{frames}\nValueError: no limit for 'read'"
    session.result(tool, failure, seconds=1, failed=True)
    planted["error"] = {"op": tool, "message": "ValueError: no limit for 'read'", "frames": 9, "failed": True}

    session.call({"type": "hologram", "beams": [1, 2, 3]}, text("A new kind of block."), seconds=1)
    [tool] = session.call(use("Read", file_path=f"{HOME}/data.bin"), seconds=1)
    data = bytes(range(256)) * 4
    source = {"type": "base64", "media_type": "application/octet-stream", "data": _encoded(data)}
    session.result(tool, [{"type": "document", "source": source}], seconds=0.1)
    planted["binary"] = {"op": tool, "bytes": len(data), "media_type": "application/octet-stream"}
    session.record("hologram", beams=[4])
    session.raw('{"type": "user", "message": {"role": "us')


def _large(session: Transcript, planted: dict[str, dict[str, Any]]) -> None:
    """An output too large for its record: it is in a file of its own, as the program does it."""
    [tool] = session.call(use("Bash", command="cat var/big.log"), seconds=1)
    path = session.project / SESSION / "tool-results" / f"{tool}.txt"
    path.parent.mkdir(parents=True, exist_ok=True)
    size = count = 0
    with path.open("w", encoding="ascii", newline="\n") as file:
        for line in _log_lines():
            if size + len(line) + len(LARGE_LAST) + 1 > LARGE_BYTES:
                break
            file.write(line)
            size += len(line)
            count += 1
        last = LARGE_LAST.rjust(LARGE_BYTES - size - 1) + "\n"
        file.write(last)
    preview = "".join(itertools.islice(_log_lines(), 20))
    said = (
        f"<persisted-output>\nOutput too large ({LARGE_BYTES / 1e6:.1f}MB). Full output saved to:"
        f" /home/dev/.claude/projects/-home-dev-project/{SESSION}/tool-results/{tool}.txt\n\n"
        f"Preview (first 2KB):\n{preview}...\n"
        "</persisted-output>"
    )
    session.result(tool, said, seconds=5)
    planted["large"] = {"op": tool, "bytes": LARGE_BYTES, "lines": count + 1, "last": LARGE_LAST}


def _log_lines() -> Iterator[str]:
    number = 0
    while True:
        number += 1
        level = "ERROR" if number % 997 == 0 else "INFO"
        time = f"{number // 60 % 60:02}:{number % 60:02}"
        yield f"2026-10-05T08:{time}Z {level} worker-{number % 8} request {number}\n"


def _encoded(data: bytes) -> str:
    return base64.b64encode(data).decode()
