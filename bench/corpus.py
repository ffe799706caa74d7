"""Write session files as agents write them, of any size, with the truth about them beside.

    python -m bench.corpus FOLDER [MEGABYTES] [SEED]

makes ``FOLDER/claude`` and ``FOLDER/codex`` (as in ``~/.claude`` and ``~/.codex``) and
``FOLDER/truth.json``: sessions, model calls, tool calls and tokens that reading them must give.
The same size and seed give the same bytes. Session sizes are long-tailed, as in real life:
most are short, a few hold most of the bytes.
"""

from __future__ import annotations

import datetime as dt
import json
import random
import sys
import uuid
from pathlib import Path
from typing import Any

VOCABULARY = """
the a of and to in is it that for on with as was be by this are from or have an they which one you
were all her she there would their we him been has when who will no more if out so up said what its
about than into them can only other time new some could these two may first then do any like my now
over such our man me even most made after also did many off before must well back through years much
where your way down should because long each just state those people too mr how little good world
make very year still see own work men day get here old life both between being under three never
know same last another while us might great go come since def return class import self None True
False async await yield lambda raise except parse config request token session buffer index query
schema index cache retry timeout handler stream socket thread worker queue commit
"""
WORDS = VOCABULARY.split()
TOOLS = ("Bash", "Read", "Edit", "Grep", "Write", "Glob")
START = dt.datetime(2026, 1, 5, 9, tzinfo=dt.UTC)


class Truth(dict[str, int]):
    """Counts by name."""

    def add(self, **news: int) -> None:
        """Add to each count."""
        for name, number in news.items():
            self[name] = self.get(name, 0) + number


class Clock:
    """A session's time, which only goes forward."""

    def __init__(self, rng: random.Random, moment: dt.datetime) -> None:
        self.rng = rng
        self.moment = moment

    def tick(self, seconds: float) -> str:
        """Go on by about so many seconds; return the time as agents write it."""
        self.moment += dt.timedelta(seconds=self.rng.uniform(0.1, 2) * seconds)
        return self.moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def text(rng: random.Random, words: int) -> str:
    """Words in lines, with an identifier here and there as no dictionary has it."""
    picked = rng.choices(WORDS, k=words)
    for i in range(0, words, 17):
        picked[i] = f"{picked[i]}_{rng.randrange(20_000)}"
    return "\n".join(" ".join(picked[i : i + 14]) for i in range(0, words, 14))


def long_tailed(rng: random.Random, typical: int, largest: int) -> int:
    """A size as found in session files: log-normal, cut at ``largest``."""
    return max(1, min(largest, int(typical * rng.lognormvariate(0, 1.1))))


def claude_session(rng: random.Random, size: int, moment: dt.datetime, truth: Truth) -> tuple[str, str]:
    """Return a Claude Code session's id and its file's text of about ``size`` bytes."""
    session = str(uuid.UUID(int=rng.getrandbits(128), version=4))
    clock = Clock(rng, moment)
    lines: list[str] = []
    length = 0
    envelope: dict[str, Any] = {
        "isSidechain": False,
        "userType": "external",
        "cwd": f"/home/dev/project-{rng.randrange(20)}",
        "sessionId": session,
        "version": "2.1.0",
        "gitBranch": "main",
    }
    parent: str | None = None

    def write(kind: str, message: dict[str, Any], seconds: float, **more: Any) -> None:
        nonlocal length, parent
        uid = str(uuid.UUID(int=rng.getrandbits(128), version=4))
        record = {"parentUuid": parent, **envelope, "type": kind, "message": message, "uuid": uid}
        line = json.dumps({**record, "timestamp": clock.tick(seconds), **more})
        parent = uid
        lines.append(line)
        length += len(line) + 1

    while length < size or not lines:
        write("user", {"role": "user", "content": text(rng, long_tailed(rng, 40, 2000))}, 60)
        for _ in range(rng.randint(1, 12)):
            usage: dict[str, Any] = {
                "input_tokens": rng.randrange(1, 400),
                "cache_creation_input_tokens": (written := rng.randrange(4000)),
                "cache_read_input_tokens": rng.randrange(150_000),
                "cache_creation": {"ephemeral_5m_input_tokens": written, "ephemeral_1h_input_tokens": 0},
                "output_tokens": rng.randrange(1, 3000),
            }
            message_id = f"msg_{rng.getrandbits(96):024x}"
            request = f"req_{rng.getrandbits(96):024x}"
            tool = f"toolu_{rng.getrandbits(96):024x}"
            blocks: list[dict[str, Any]] = [
                {"type": "thinking", "thinking": text(rng, long_tailed(rng, 60, 1500)), "signature": "c2ln"},
                {"type": "text", "text": text(rng, long_tailed(rng, 40, 1500))},
                {
                    "type": "tool_use",
                    "id": tool,
                    "name": rng.choice(TOOLS),
                    "input": {"command": text(rng, long_tailed(rng, 25, 800))},
                },
            ]
            for place, block in enumerate(blocks):
                output = usage["output_tokens"] if place == 2 else 1
                message = {
                    "id": message_id,
                    "type": "message",
                    "role": "assistant",
                    "model": "claude-opus-4-5-20251101",
                    "content": [block],
                    "stop_reason": None,
                    "usage": {**usage, "output_tokens": output},
                }
                write("assistant", message, 3, requestId=request)
            result = text(rng, long_tailed(rng, 150, 40_000))
            failed = rng.random() < 0.05
            content = [{"type": "tool_result", "tool_use_id": tool, "content": result, "is_error": failed}]
            write(
                "user",
                {"role": "user", "content": content},
                4,
                toolUseResult={"stdout": result, "stderr": ""},
            )
            truth.add(
                llm_calls=1,
                tool_calls=1,
                tool_failures=int(failed),
                tokens_in=usage["input_tokens"],
                tokens_out=usage["output_tokens"],
                tokens_cache_read=usage["cache_read_input_tokens"],
                tokens_cache_write=written,
            )
    truth.add(sessions=1)
    return session, "\n".join(lines) + "\n"


def codex_session(rng: random.Random, size: int, moment: dt.datetime, truth: Truth) -> tuple[str, str]:
    """Return a Codex session's id and its rollout's text of about ``size`` bytes."""
    session = str(uuid.UUID(int=rng.getrandbits(128), version=4))
    clock = Clock(rng, moment)
    lines: list[str] = []
    length = 0
    total = dict.fromkeys(
        ("input_tokens", "cached_input_tokens", "output_tokens", "reasoning_output_tokens"), 0
    )

    def write(kind: str, payload: dict[str, Any], seconds: float) -> None:
        nonlocal length
        line = json.dumps({"timestamp": clock.tick(seconds), "type": kind, "payload": payload})
        lines.append(line)
        length += len(line) + 1

    cwd = f"/home/dev/project-{rng.randrange(20)}"
    meta = {"id": session, "timestamp": clock.tick(0), "cwd": cwd, "originator": "codex_cli_rs"}
    write("session_meta", {**meta, "cli_version": "0.120.0", "source": "cli", "model_provider": "openai"}, 0)
    turn = 0
    while length < size or turn == 0:
        turn += 1
        turn_id = f"turn-{turn}"
        write("event_msg", {"type": "task_started", "turn_id": turn_id, "model_context_window": 258_400}, 30)
        write("turn_context", {"turn_id": turn_id, "cwd": cwd, "model": "gpt-5.2-codex", "effort": "high"}, 0)
        prompt = text(rng, long_tailed(rng, 40, 2000))
        content = [{"type": "input_text", "text": prompt}]
        write("response_item", {"type": "message", "role": "user", "content": content}, 0)
        write("event_msg", {"type": "user_message", "message": prompt}, 0)
        for _ in range(rng.randint(1, 12)):
            call = f"call_{rng.getrandbits(96):024x}"
            reasoning = {"type": "reasoning", "summary": [{"type": "summary_text", "text": text(rng, 30)}]}
            write("response_item", {**reasoning, "encrypted_content": f"{rng.getrandbits(2400):0600x}"}, 4)
            arguments = json.dumps({"command": ["bash", "-lc", text(rng, long_tailed(rng, 25, 800))]})
            shell = {"type": "function_call", "name": "shell", "arguments": arguments, "call_id": call}
            write("response_item", shell, 3)
            fresh, cached = rng.randrange(1, 4000), rng.randrange(150_000)
            last = {
                "input_tokens": fresh + cached,
                "cached_input_tokens": cached,
                "output_tokens": (output := rng.randrange(1, 3000)),
                "reasoning_output_tokens": rng.randrange(output),
            }
            total = {key: total[key] + last[key] for key in total}
            info = {
                "total_token_usage": {
                    **total,
                    "total_tokens": total["input_tokens"] + total["output_tokens"],
                },
                "last_token_usage": {**last, "total_tokens": last["input_tokens"] + output},
                "model_context_window": 258_400,
            }
            write("event_msg", {"type": "token_count", "info": info, "rate_limits": None}, 0.1)
            failed = rng.random() < 0.05
            result = json.dumps(
                {
                    "output": text(rng, long_tailed(rng, 150, 40_000)),
                    "metadata": {"exit_code": int(failed), "duration_seconds": 0.5},
                }
            )
            write("response_item", {"type": "function_call_output", "call_id": call, "output": result}, 2)
            truth.add(
                llm_calls=1,
                tool_calls=1,
                tool_failures=int(failed),
                tokens_in=fresh,
                tokens_out=output,
                tokens_cache_read=cached,
            )
        write("event_msg", {"type": "task_complete", "turn_id": turn_id, "last_agent_message": "done"}, 1)
    truth.add(sessions=1)
    return session, "\n".join(lines) + "\n"


def generate(folder: Path, megabytes: float, seed: int = 1) -> dict[str, Truth]:
    """Write a corpus of about ``megabytes``, two thirds Claude Code; return its truth by format."""
    rng = random.Random(seed)
    truths = {"claude_code": Truth(), "codex": Truth()}
    wanted = int(megabytes * 1e6)
    written = 0
    moment = START
    while written < wanted:
        moment += dt.timedelta(minutes=rng.randrange(5, 90))
        size = min(long_tailed(rng, 60_000, 20_000_000), wanted - written)
        if rng.random() < 2 / 3:
            session, body = claude_session(rng, size, moment, truths["claude_code"])
            path = (
                folder / "claude" / "projects" / f"-home-dev-project-{rng.randrange(20)}" / f"{session}.jsonl"
            )
        else:
            session, body = codex_session(rng, size, moment, truths["codex"])
            name = f"rollout-{moment:%Y-%m-%dT%H-%M-%S}-{session}.jsonl"
            path = folder / "codex" / "sessions" / f"{moment:%Y/%m/%d}" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(body)
        written += len(body)
    (folder / "truth.json").write_text(json.dumps(truths, indent=2) + "\n")
    return truths


if __name__ == "__main__":
    arguments = dict(enumerate(sys.argv))
    generate(Path(sys.argv[1]), float(arguments.get(2, "50")), int(arguments.get(3, "1")))
