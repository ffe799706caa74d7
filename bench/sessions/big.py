"""`big`: 50,000 ops, 300 sub-agents, four days of which the human was away for 70 hours.

    turn 1  |#-#-A-#-x-#|··· away ···|        #: model call   -: tool   A: sub-agents, 1 to 4 side by side
    turn 2                           |#-▼-…    x: a tool that failed after a millisecond
                                               ▼: the context was compacted

The work is 28 hours to the millisecond, the waits are 70. All failures are the session's own, so
that one can go to each of them.
"""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from bench.sessions.transcript import AGENT, HAIKU, Block, Transcript, text, thinking, totals, use

SESSION = "b1900000-4e0a-4f6e-9c55-2f1d8e5a9b10"
OPS = 50_000
AGENTS = 300
AGENT_OPS = 40
TURNS = 71
FAILURES = 20
COMPACTIONS = 8
WORK_MS = 28 * 3_600_000
WAIT_MS = 70 * 3_600_000
LIMIT = 168_000
"""Tokens at which the context is compacted."""
AFTER = 24_000
"""Tokens that are left then."""
COMPACTING = 12.0
"""Seconds that it takes."""

_KINDS = ("Explore", "general-purpose", "code-reviewer")
_NAMES = ("client", "server", "parser", "store", "search", "export", "config", "filter")


class Step(NamedTuple):
    """A model call, and what it asked for; ``weight`` is its share of the time."""

    thinks: bool
    tools: int
    """0: it only answers; 1: a tool."""
    agents: int
    weight: float
    fails: bool = False
    compacts: bool = False

    @property
    def ops(self) -> int:
        """How many ops it is."""
        return 1 + self.thinks + self.tools + self.agents + self.compacts


def write(project: Path, start: dt.datetime) -> dict[str, Any]:
    """Write the session into a project's folder; return the truth about it."""
    rng = random.Random(SESSION)
    turns = plan(rng)
    waits = shares(rng, TURNS - 1, WAIT_MS, spread=1.6)
    root = Transcript(project, SESSION, start)
    writer = _Writer(root, rng, turns)
    for number, steps in enumerate(turns):
        if number:
            root.now += waits[number - 1]
        root.prompt(f"Part {number + 1} of the work: make the {rng.choice(_NAMES)} do it")
        for place, step in enumerate(steps):
            writer.step(step, is_last=place == len(steps) - 1)
        root.turn_ended()
    root.close()
    return {
        "session": root.id,
        **totals([root.counts, *(child.counts for child in writer.children)]),
        "own": totals([root.counts]),
        "wall_ms": WORK_MS + WAIT_MS,
        "human_wait_ms": WAIT_MS,
        "longest_wait_ms": max(waits),
        "failures": writer.failures,
        "failure_ms": 1,
        "compactions_at": writer.compactions,
    }


def plan(rng: random.Random) -> list[list[Step]]:
    """The session's own steps by turn: their ops, with the sub-agents', are `OPS`."""
    groups = list(_groups(rng, AGENTS))
    wanted = OPS - AGENTS * AGENT_OPS - COMPACTIONS
    steps = [Step(rng.random() < 0.3, 0, size, 0.0) for size in groups]
    # Each turn ends with an answer, so that is left for the rest.
    wanted -= sum(step.ops for step in steps) + TURNS
    while wanted >= 3:
        step = Step(rng.random() < 0.4, 1, 0, rng.lognormvariate(0, 0.9))
        steps.append(step)
        wanted -= step.ops
    steps += [Step(thinks=False, tools=0, agents=0, weight=0.5)] * wanted
    rng.shuffle(steps)
    tools = [number for number, step in enumerate(steps) if step.tools]
    for place in range(FAILURES):
        number = tools[len(tools) * (2 * place + 1) // (2 * FAILURES)]
        steps[number] = steps[number]._replace(fails=True)
    for place in range(COMPACTIONS):
        number = tools[len(tools) * (place + 1) // (COMPACTIONS + 1)]
        steps[number] = steps[number]._replace(compacts=True)
    cuts = sorted(rng.sample(range(1, len(steps)), TURNS - 1))
    turns = [steps[low:high] for low, high in zip([0, *cuts], [*cuts, len(steps)], strict=True)]
    return [[*turn, Step(thinks=False, tools=0, agents=0, weight=1.0)] for turn in turns]


def _groups(rng: random.Random, agents: int) -> Iterator[int]:
    while agents:
        size = min(agents, rng.choice((1, 1, 2, 3, 4)))
        agents -= size
        yield size


def shares(rng: random.Random, count: int, whole: int, *, spread: float) -> list[int]:
    """``whole`` in ``count`` long-tailed parts."""
    return divided([rng.lognormvariate(0, spread) for _ in range(count)], whole)


def divided(weights: Sequence[float], whole: int) -> list[int]:
    """``whole`` in parts by weight, none of them lost to rounding."""
    scale = whole / sum(weights)
    parts = [max(1, int(weight * scale)) for weight in weights]
    parts[parts.index(max(parts))] += whole - sum(parts)
    return parts


class _Writer:
    """Writes the steps; knows the context and when the next one is compacted."""

    def __init__(self, root: Transcript, rng: random.Random, turns: Sequence[Sequence[Step]]) -> None:
        self.root = root
        self.rng = rng
        self.children: list[Transcript] = []
        self.failures: list[str] = []
        """Ids of the tool calls that fail."""
        self.compactions: list[dict[str, int]] = []
        steps = [step for turn in turns for step in turn]
        self._context = AFTER
        places = [number for number, step in enumerate(steps) if step.compacts]
        self._growth = (LIMIT - AFTER) // (places[0] + 1)
        self._agents = [self._agent_plan() for _ in range(AGENTS)]
        # What is fixed is known before; the rest of the time goes to calls and tools by weight.
        fixed = COMPACTIONS * round(COMPACTING * 1000) + FAILURES
        first = 0
        for step in steps:
            if step.agents:
                fixed += max(sum(durations) for durations in self._agents[first : first + step.agents])
                first += step.agents
        weights = [step.weight or 1.0 for step in steps]
        self._times = iter(divided(weights, WORK_MS - fixed))

    def _agent_plan(self) -> list[int]:
        """A sub-agent's milliseconds: of each call and tool, in turn."""
        return shares(self.rng, 27, round(60_000 * self.rng.lognormvariate(0.5, 0.6)), spread=0.8)

    def step(self, step: Step, *, is_last: bool) -> None:
        """Write a step."""
        root, rng = self.root, self.rng
        time = next(self._times)
        blocks = [thinking(f"The {rng.choice(_NAMES)} comes first, then the rest.")] if step.thinks else []
        self._context = min(LIMIT, self._context + self._growth)
        output = rng.randrange(20, 2_000)
        if step.agents:
            self._run_agents(step, blocks, time, output)
            return
        if not step.tools:
            answer = "That part is done." if is_last else "So far it holds."
            root.call(*blocks, text(answer), seconds=time / 1000, context=self._context, output=output)
            return
        # A failure takes no share: its time was set aside.
        model = time if step.fails else round(time * rng.uniform(0.4, 0.8))
        block, said = self._tool()
        [tool] = root.call(*blocks, block, seconds=model / 1000, context=self._context, output=output)
        if step.fails:
            self.failures.append(tool)
            root.result(tool, "Exit code 2\nmake: *** No rule to make target", seconds=0.001, failed=True)
        else:
            root.result(tool, said, seconds=(time - model) / 1000)
        if step.compacts:
            before = self._context + output
            self._context = AFTER
            self.compactions.append({"before": before, "after": AFTER})
            root.compacted(before, AFTER, seconds=COMPACTING)

    def _tool(self) -> tuple[Block, str]:
        rng = self.rng
        name = rng.choice(_NAMES)
        path = f"/home/dev/project/src/{name}.py"
        line = rng.randrange(1, 900)
        kind = rng.choices(("Bash", "Read", "Edit", "Grep", "mcp"), weights=(40, 25, 15, 15, 5))[0]
        if kind == "Bash":
            command = f"make test-{name} ARGS=-k{line}"
            return use("Bash", command=command, description=f"Test the {name}"), f"{line} passed in 0.3s"
        if kind == "Read":
            return use("Read", file_path=path, offset=line), f"{line}\u2192def {name}(value: int) -> int:"
        if kind == "Edit":
            change = {"old_string": f"limit = {line}", "new_string": f"limit = {line + 1}"}
            return use("Edit", file_path=path, **change), f"The file {path} has been updated."
        if kind == "Grep":
            return use(
                "Grep", pattern=f"{name}_{line}", path="src"
            ), f"src/{name}.py:{line}:{name}_{line} = 1"
        return use("mcp__tracker__get_issue", id=line), f'{{"id": {line}, "title": "{name}"}}'

    def _run_agents(self, step: Step, blocks: list[Block], time: int, output: int) -> None:
        root, rng = self.root, self.rng
        kinds = [rng.choice(_KINDS) for _ in range(step.agents)]
        asks = [
            use(
                AGENT,
                subagent_type=kind,
                description=f"Look at the {rng.choice(_NAMES)}",
                prompt="Look at it",
            )
            for kind in kinds
        ]
        asked = root.call(*blocks, *asks, seconds=time / 1000, context=self._context, output=output)
        running = []
        for tool, kind, ask in zip(asked, kinds, asks, strict=True):
            number = len(self.children)
            agent = f"a{number:03x}{root.draw(13)}"
            child = root.spawn(tool, agent, kind, ask["input"]["description"], "Look at it")
            self.children.append(child)
            self._run_agent(child, self._agents[number])
            running.append((child.now, tool, child))
        for _, tool, child in sorted(running, key=lambda one: one[:2]):
            root.returned(tool, child, "Nothing is wrong there.")

    def _run_agent(self, child: Transcript, times: Sequence[int]) -> None:
        for place in range(0, len(times) - 1, 2):
            block, said = self._tool()
            context = 8_000 + 300 * place
            thought = thinking("What else could it be?")
            [tool] = child.call(thought, block, seconds=times[place] / 1000, context=context, model=HAIKU)
            child.result(tool, said, seconds=times[place + 1] / 1000)
        child.call(text("Nothing is wrong there."), seconds=times[-1] / 1000, context=20_000, model=HAIKU)
        child.close()
