"""What happens in a session, whatever format it is written in: prompts, calls, tools, tokens."""

from __future__ import annotations

import random
from collections.abc import Iterator
from typing import NamedTuple

from bench.corpus.texts import Texts

ENVELOPE = 1_500
"""Bytes that a call takes besides its texts, about."""


class Tool(NamedTuple):
    """A tool call: of which kind, with what, how it went."""

    kind: str
    """``shell``, ``read``, ``edit`` or ``search``."""
    given: dict[str, str]
    said: str
    failed: bool
    seconds: float


class Call(NamedTuple):
    """A model call. Tokens are disjoint, but that ``reasoning`` is a part of ``output``."""

    seconds: float
    thought: str | None
    answer: str | None
    tool: Tool | None
    fresh: int
    cached: int
    written: int
    output: int
    reasoning: int


class Turn(NamedTuple):
    """A prompt, ``pause`` seconds after the work before, and the work for it."""

    pause: float
    prompt: str
    calls: list[Call]

    @property
    def size(self) -> int:
        """About how many bytes it takes in a file."""
        return len(self.prompt) + sum(
            ENVELOPE
            + len(call.thought or "")
            + len(call.answer or "")
            + (len(call.tool.said) * 2 + sum(map(len, call.tool.given.values())) if call.tool else 0)
            for call in self.calls
        )


class Plan(NamedTuple):
    """How a session is drawn: of about ``size`` bytes, and with up to so many calls a turn."""

    rng: random.Random
    texts: Texts
    size: int
    calls: int = 24


def long_tailed(rng: random.Random, typical: int, largest: int, spread: float = 1.87) -> int:
    """A size as found in session files: log-normal, cut at ``largest``.

    Of real texts the largest tenth begins at eleven times the median, which is a spread of 1.87.
    """
    return max(1, min(largest, int(typical * rng.lognormvariate(0, spread))))


def turns(plan: Plan) -> Iterator[Turn]:
    """Draw turns until the session has its size; one at least."""
    size = 0
    while size < plan.size or size == 0:
        turn = _turn(plan)
        size += turn.size
        yield turn


def _turn(plan: Plan) -> Turn:
    rng = plan.rng
    prompt = plan.texts.prose(long_tailed(rng, 150, 8_000))
    count = min(plan.calls, 1 + int(rng.expovariate(1 / 7)))
    context = rng.randrange(9_000, 150_000)
    calls = [_call(plan, context, is_last=number == count - 1) for number in range(count)]
    return Turn(rng.lognormvariate(3, 1.5), prompt, calls)


def _call(plan: Plan, context: int, *, is_last: bool) -> Call:
    rng, texts = plan.rng, plan.texts
    output = 1 + long_tailed(rng, 180, 8_000, 1.2)
    thinks = rng.random() < 0.4
    return Call(
        seconds=rng.lognormvariate(1.2, 0.7),
        thought=texts.prose(long_tailed(rng, 300, 6_000, 1.1)) if thinks else None,
        answer=texts.prose(long_tailed(rng, 180, 6_000, 1.3)) if is_last or rng.random() < 0.4 else None,
        tool=None if is_last else _tool(plan),
        fresh=rng.randrange(3, 900),
        cached=context + rng.randrange(4_000),
        written=rng.randrange(4_000),
        output=output,
        reasoning=rng.randrange(output) if thinks else 0,
    )


def _tool(plan: Plan) -> Tool:
    rng, texts = plan.rng, plan.texts
    kind = rng.choices(("shell", "read", "edit", "search"), weights=(45, 25, 18, 12))[0]
    name = rng.choice(texts.names)
    size = long_tailed(rng, 420, 70_000)
    if kind == "shell":
        command = " && ".join(" ".join(texts.words(4)) for _ in range(rng.randrange(1, 4)))
        said = texts.log(size) if rng.random() < 0.6 else texts.code(size)
        given = {"command": command}
    elif kind == "read":
        given, said = {"file_path": name}, texts.code(size, numbered=True)
    elif kind == "edit":
        old, new = texts.code(rng.randrange(40, 900)), texts.code(rng.randrange(40, 1_200))
        given = {"file_path": name, "old_string": old, "new_string": new}
        said = f"The file {name} has been updated.\n{texts.code(min(size, 2_000), numbered=True)}"
    else:
        given, said = {"pattern": "_".join(texts.words(2)), "path": "src"}, texts.listing(min(size, 12_000))
    # Only commands fail: that is written about alike everywhere.
    failed = kind == "shell" and rng.random() < 0.1
    return Tool(kind, given, said, failed, rng.lognormvariate(0, 1.2))
