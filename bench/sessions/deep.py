"""`deep`: sub-agents that run sub-agents, side by side, with times worked out by hand.

Turn 1, in seconds from its start. Four leads begin together; each asks for three scouts, each of
those for one reader, and each reader for one checker: 4 + 12 + 12 + 12 = 40.

    root       m 2 |------------------ leads ------------------| m 1
    lead n         m 1+n |----------- scouts -----------| m 1             n = 1 … 4
    scout k              m 2 |------- reader -------| m 1                 k = 1 … 3
    reader                   m 2 |--- checker ---| m 1
    checker                      m 2 | tool 2k-1+2 | m 1

A checker takes 2 + (1 + 2k) + 1 = 4 + 2k seconds, its reader 7 + 2k, its scout 10 + 2k; a lead
waits for its third scout, 16, and takes 1 + n + 16 + 1 = 18 + n; the root waits for its fourth
lead, 22, and takes 2 + 22 + 1 = 25 seconds.

Turn 2 has a path of its own, in milliseconds from its start::

    model 1    |####################|                               0 … 4000, reasoning 0 … 1500
    Grep                            |##########|                 4000 … 5000  beside Bash: not waited for
    Bash                            |##############################|  4000 … 7000
    model 2                                                        |####|  7000 … 8000
    nothing                                                             |..| 8000 … 8500
"""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

from bench.sessions.transcript import AGENT, HAIKU, SONNET, Transcript, text, thinking, totals, use

SESSION = "dee90000-4e0a-4f6e-9c55-2f1d8e5a9b10"
LEADS = 4
SCOUTS = 3
TURN_1_MS = 25_000
TURN_2_MS = 8_500


def write(project: Path, start: dt.datetime) -> dict[str, Any]:
    """Write the session into a project's folder; return the truth about it."""
    root = Transcript(project, SESSION, start)
    tree = [root]
    root.prompt("Find every place where a retry has no limit")
    leads = [_ask("Lead", f"Part {n}", f"Look through part {n}") for n in range(1, LEADS + 1)]
    asked = root.call(text("Four parts, side by side."), *leads, seconds=2)
    parts = [(tool, _lead(root, tool, number, tree)) for number, tool in enumerate(asked, 1)]
    for tool, lead in parts:
        root.returned(tool, lead, "Two places in this part.")
    root.call(text("Eight places in all."), seconds=1)
    root.turn_ended()
    root.wait(600)
    path, own = _planted_turn(root)
    root.close()
    return {
        "session": root.id,
        **totals([transcript.counts for transcript in tree]),
        "own": totals([root.counts]),
        "agents_by_level": {"1": LEADS, **dict.fromkeys("234", LEADS * SCOUTS)},
        "wall_ms": TURN_1_MS + 600_000 + TURN_2_MS,
        "human_wait_ms": 600_000,
        "work_ms": (work := sum(transcript.work for transcript in tree)),
        "parallelism": work / (TURN_1_MS + TURN_2_MS),
        "turn_1": {"duration_ms": TURN_1_MS, "leads_ms": [18_000 + 1000 * n for n in range(1, LEADS + 1)]},
        "turn_2": {"duration_ms": TURN_2_MS, "critical_path": path, "self_ms": own},
    }


def _ask(kind: str, title: str, prompt: str) -> dict[str, Any]:
    return use(AGENT, subagent_type=kind, description=title, prompt=prompt)


def _spawn(parent: Transcript, tool: str, name: str, tree: list[Transcript]) -> Transcript:
    agent = f"a{len(tree):03x}{parent.draw(13)}"
    child = parent.spawn(tool, agent, name.split(maxsplit=1)[0], name, f"{name}: look")
    tree.append(child)
    return child


def _lead(root: Transcript, tool: str, number: int, tree: list[Transcript]) -> Transcript:
    lead = _spawn(root, tool, f"Lead {number}", tree)
    scouts = [_ask("Scout", f"Scout {k}", f"Look at file {k}") for k in range(1, SCOUTS + 1)]
    asked = lead.call(text("Three files."), *scouts, seconds=1 + number, model=SONNET)
    found = [(asking, _scout(lead, asking, k, tree)) for k, asking in enumerate(asked, 1)]
    for asking, scout in found:
        lead.returned(asking, scout, "One place.")
    lead.call(text("Two places."), seconds=1, model=SONNET)
    lead.close()
    return lead


def _scout(lead: Transcript, tool: str, number: int, tree: list[Transcript]) -> Transcript:
    return _relay(lead, tool, ("Scout", "Reader", "Checker"), number, tree)


def _relay(
    parent: Transcript, tool: str, names: tuple[str, ...], number: int, tree: list[Transcript]
) -> Transcript:
    """An agent that leaves its work to the next one; the last one does it."""
    agent = _spawn(parent, tool, f"{names[0]} {number}", tree)
    if len(names) > 1:
        [following] = agent.call(_ask(names[1], f"{names[1]} {number}", "Look"), seconds=2, model=HAIKU)
        child = _relay(agent, following, names[1:], number, tree)
        agent.returned(following, child, "Seen.")
    else:
        [grep] = agent.call(use("Grep", pattern="retry", path=f"src/part{number}"), seconds=2, model=HAIKU)
        agent.result(grep, f"src/part{number}/client.py:{number}:    retry()", seconds=1 + 2 * number)
    agent.call(text("Seen."), seconds=1, model=HAIKU)
    agent.close()
    return agent


def _planted_turn(root: Transcript) -> tuple[list[dict[str, Any]], dict[str, int]]:
    """Turn 2; return its critical path and each op's time of its own, by what it is."""
    root.prompt("And which of them matter?")
    asked = root.call(
        thinking("Those that a user waits for."),
        use("Grep", pattern="await retry"),
        use("Bash", command="make slow"),
        seconds=4,
        thought=0.375,
    )
    grep, bash = asked
    root.wait(1)
    root.result(grep, "src/part1/client.py:1: await retry()")
    root.wait(2)
    root.result(bash, "done")
    root.work += 3000
    root.call(text("The first one."), seconds=1)
    root.wait(0.5)
    root.turn_ended()
    path: list[dict[str, Any]] = [
        {"op": "reasoning", "start_ms": 0, "end_ms": 1500},
        {"op": "llm", "start_ms": 1500, "end_ms": 4000},
        {"op": "Bash", "start_ms": 4000, "end_ms": 7000},
        {"op": "llm", "start_ms": 7000, "end_ms": 8000},
        {"op": None, "start_ms": 8000, "end_ms": 8500},
    ]
    own = {"llm": 2500 + 1000, "reasoning": 1500, "Grep": 1000, "Bash": 3000}
    return path, own
