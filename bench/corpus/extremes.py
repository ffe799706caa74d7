"""One record larger than most corpora: a tool's output of some hundred megabytes."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path

from bench.corpus.truth import Truth

SESSION = "11e0aaaa-4e0a-4f6e-9c55-2f1d8e5a9b10"
START = dt.datetime(2026, 1, 5, 9, tzinfo=dt.UTC)


def long_line(folder: Path, megabytes: float) -> dict[str, Truth]:
    """Write a Claude Code session with a record of so many megabytes, and a call before and after it."""
    path = folder / "claude" / "projects" / "-home-dev-project-0" / f"{SESSION}.jsonl"
    path.parent.mkdir(parents=True, exist_ok=True)
    said = '{"tool_use_id":"toolu_01long","type":"tool_result","content":"'
    with path.open("w", encoding="utf-8", newline="\n") as file:
        file.write(_record(0, "user", '{"role":"user","content":"Print all of it"}'))
        use = '{"type":"tool_use","id":"toolu_01long","name":"Bash","input":{"command":"cat all"}}'
        file.write(_record(1, "assistant", _message("msg_01a1b2c3d4e5f60718", use)))
        begin, end = _record(2, "user", f'{{"role":"user","content":[{said}"}}]}}').split(said)
        file.write(begin + said)
        left = int(megabytes * 1e6) - len(begin) - len(said) - len(end)
        number = 0
        while left > 0:
            number += 1
            line = f"{number:>9} the part that was asked for and {number * 7919 % 100_003} more\\n"
            file.write(line)
            left -= len(line)
        file.write(end)
        text = '{"type":"text","text":"That was all."}'
        file.write(_record(3, "assistant", _message("msg_01f6e5d4c3b2a19080", text)))
    truth = Truth()
    truth.add(
        sessions=1, llm_calls=2, tool_calls=1, tool_failures=0, tokens_in=20, tokens_out=10,
        tokens_cache_read=0, tokens_cache_write=0,
    )  # fmt: skip
    (folder / "truth.json").write_text(json.dumps({"claude_code": truth}, indent=2) + "\n")
    return {"claude_code": truth}


def _record(number: int, kind: str, message: str) -> str:
    moment = (START + dt.timedelta(seconds=number)).isoformat(timespec="milliseconds")
    moment = moment.replace("+00:00", "Z")
    envelope = {
        "uuid": f"00000000-0000-4000-8000-{number:012}",
        "sessionId": SESSION,
        "timestamp": moment,
        "cwd": "/home/dev/project-0",
        "type": kind,
    }
    return f'{json.dumps(envelope)[:-1]},"message":{message}}}\n'


def _message(name: str, block: str) -> str:
    usage = '{"input_tokens":10,"output_tokens":5}'
    return (
        f'{{"id":"{name}","type":"message","role":"assistant","model":"claude-opus-4-5-20251101",'
        f'"content":[{block}],"usage":{usage}}}'
    )
