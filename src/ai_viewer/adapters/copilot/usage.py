"""Tokens: what single records tell, and what only the end of a run tells, in parts that count once.

A message tells its own output and nothing else. What was sent is only in ``session.shutdown``::

    "modelMetrics": {"gpt-5.4": {"requests": {"count": 12, "cost": 3},
                                 "usage": {"inputTokens": 90200, "outputTokens": 1400,
                                           "cacheReadTokens": 80100, "cacheWriteTokens": 0,
                                           "reasoningTokens": 300}}}

``inputTokens`` holds both kinds of cached tokens, ``outputTokens`` the reasoning. Until the middle of
2026 these counters began anew with every run of the program, since then a resumed session's go on; the
version does not tell which, the outputs of the messages do.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeAlias

import msgspec

from ai_viewer.adapters.base import Record, as_count, as_dict
from ai_viewer.model import Usage

ByModel: TypeAlias = dict[str, Usage]

NOTHING = Usage()

_MOST = 2**63 - 1
"""What the store can hold."""


def read_usage(told: Record) -> Usage:
    """Read a usage object: a model's at shutdown, or a compaction's, in its present or first spelling."""
    taken = as_count(told.get("inputTokens", told.get("input")))
    cached = as_count(told.get("cacheReadTokens", told.get("cachedInput")))
    written = as_count(told.get("cacheWriteTokens"))
    given = as_count(told.get("outputTokens", told.get("output")))
    return Usage(
        input=max(0, taken - cached - written),
        output=given,
        reasoning=min(as_count(told.get("reasoningTokens")), given),
        cache_read=cached,
        cache_write_5m=written,
    )


def read_metrics(metrics: object) -> ByModel:
    """Read the counters of ``modelMetrics``, without models that used nothing."""
    found = {
        model: read_usage(as_dict(as_dict(metric).get("usage"))) for model, metric in as_dict(metrics).items()
    }
    return {model: usage for model, usage in found.items() if usage != NOTHING}


def plus(one: Usage, other: Usage) -> Usage:
    """Add up two usages."""
    return Usage(*(min(a + b, _MOST) for a, b in zip(_parts(one), _parts(other), strict=True)))


def minus(one: Usage, other: Usage) -> Usage:
    """Take ``other`` away from ``one``; no count goes below 0."""
    return Usage(*(max(0, a - b) for a, b in zip(_parts(one), _parts(other), strict=True)))


def least(one: Usage, other: Usage) -> Usage:
    """Return the smaller of each count."""
    return Usage(*map(min, zip(_parts(one), _parts(other), strict=True)))


def total(usages: Mapping[str, Usage]) -> Usage:
    """Add up the models."""
    added = NOTHING
    for usage in usages.values():
        added = plus(added, usage)
    return added


def add(to: ByModel, model: str, usage: Usage) -> None:
    """Add to one model's usage."""
    to[model] = plus(to.get(model, NOTHING), usage)


def move(told: ByModel, source: str, target: str, most: Usage) -> None:
    """Move what was told of one model to another, as far as it was told and no more than ``most``."""
    moved = least(told.get(source, NOTHING), most)
    if moved != NOTHING:
        told[source] = minus(told[source], moved)
        add(told, target, moved)


def began_anew(before: ByModel, now: ByModel, spoken: int) -> bool:
    """Whether the counters began anew since ``before``, where the run's messages told ``spoken`` output.

    One that went down did. Else the counters are as they should be either way, and the reading holds
    whose output is nearer to what was spoken; if that says nothing, they went on.
    """
    if not before or now == before:
        return False
    if any(minus(usage, now.get(model, NOTHING)) != NOTHING for model, usage in before.items()):
        return True
    whole, earlier = total(now).output, total(before).output
    return abs(whole - spoken) < abs(whole - earlier - spoken)


def grown(before: ByModel, now: ByModel) -> ByModel:
    """What each model used since ``before``."""
    return {model: minus(usage, before.get(model, NOTHING)) for model, usage in now.items()}


def rest(used: ByModel, told: ByModel) -> ByModel:
    """What of ``used`` no record has told yet.

    What was told of a model that ``used`` does not know, because a message did not name it or named it
    otherwise, is taken from the models with the most left.
    """
    left = {model: minus(usage, told.get(model, NOTHING)) for model, usage in used.items()}
    stray = total({model: usage for model, usage in told.items() if model not in used})
    for model in sorted(left, key=lambda name: -left[name].output):
        taken = least(left[model], stray)
        left[model], stray = minus(left[model], taken), minus(stray, taken)
    return {model: _sound(usage) for model, usage in left.items() if usage != NOTHING}


def _sound(usage: Usage) -> Usage:
    """Reasoning is part of the output, and what of it was told with the messages has no name any more."""
    return msgspec.structs.replace(usage, reasoning=min(usage.reasoning, usage.output))


def _parts(usage: Usage) -> tuple[int, ...]:
    found: tuple[int, ...] = msgspec.structs.astuple(usage)
    return found
