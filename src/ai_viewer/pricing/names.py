"""Whether a model's name is one that the price list means, and not only one that begins like it.

The list knows a model by rules such as "starts with ``claude-opus-4-5``". They fit the names of
snapshots, and as well those of fine-tunes, of quantised copies and of models that do not exist yet.
So what a rule leaves over of a name must be what names of the *same* model carry: a date, a version,
``latest``, a region or a path before it. Anything else is another model, without a price.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator

from genai_prices.types import (
    ClauseAnd,
    ClauseContains,
    ClauseEndsWith,
    ClauseEquals,
    ClauseOr,
    ClauseRegex,
    ClauseStartsWith,
    MatchLogic,
)

_REST = re.compile(
    r"""
    (?: (?<=-20\d\d) \d{4} | (?<=-20\d\d) (?:-\d\d){2} )?  # a rule that ended within a date
    (?: [-@] (?: latest | preview | default
               | 20\d{6} | 20\d\d-\d\d-\d\d                 # a day
               | \d\d-20\d\d | \d\d-\d\d                    # a month, or a day of a preview
               | \d{3,4}                                    # a month and day, or a revision: 0528, 001
               | v\d+ ) )*
    (?: : \d+ )?                                            # the revision of a model on Bedrock
    """,
    re.VERBOSE,
)
_BEFORE = re.compile(r"(?:[a-z0-9._:@-]+[/.])*")
"""Parts of a path, an ARN or a region, each ended by ``/`` or ``.``."""
_FINE_TUNE = re.compile(r"^ft:|\.ft-$")
"""A rule for fine-tunes: after it comes the customer's own name."""
_COMPACT_DATE = re.compile(r"-(20\d\d)(\d\d)(\d\d)(?=$|[-:])")


def means(match: MatchLogic, name: str) -> bool:
    """Whether the rule means this name (in lower case)."""
    return any(_leaves_nothing(name, start, end) for start, end in _spans(match, name))


def dashed_date(name: str) -> str:
    """Write a date at the end as OpenAI does: ``gpt-5.2-20251211`` → ``gpt-5.2-2025-12-11``.

    >>> dashed_date("gpt-5.2-20251211"), dashed_date("gpt-5.2-20259911")
    ('gpt-5.2-2025-12-11', 'gpt-5.2-20259911')
    """

    def dashed(found: re.Match[str]) -> str:
        try:
            return f"-{dt.date(*map(int, found.groups())).isoformat()}"
        except ValueError:
            return found[0]

    return _COMPACT_DATE.sub(dashed, name)


def _leaves_nothing(name: str, start: int, end: int) -> bool:
    if not _BEFORE.fullmatch(name, 0, start):
        return False
    if _FINE_TUNE.search(name[start:end]):
        return True
    # A rule may end with the dash before what it leaves open.
    rest = end - 1 if end > start and name[end - 1] == "-" and end < len(name) else end
    return _REST.fullmatch(name, rest) is not None


def _spans(match: MatchLogic, name: str) -> Iterator[tuple[int, int]]:
    """Yield the parts of the name that the rule asks for, if the name satisfies it."""
    if isinstance(match, ClauseOr):
        for clause in match.or_:
            yield from _spans(clause, name)
    elif isinstance(match, ClauseAnd):
        if match.is_match(name):
            for clause in match.and_:
                yield from _spans(clause, name)
    elif match.is_match(name):
        yield from _span(match, name)


def _span(
    match: ClauseEquals | ClauseStartsWith | ClauseEndsWith | ClauseContains | ClauseRegex, name: str
) -> Iterator[tuple[int, int]]:
    match match:
        case ClauseEquals():
            yield 0, len(name)
        case ClauseStartsWith():
            yield 0, len(match.starts_with)
        case ClauseEndsWith():
            yield len(name) - len(match.ends_with), len(name)
        case ClauseContains():
            start = name.index(match.contains.lower())
            yield start, start + len(match.contains)
        case ClauseRegex():
            found = re.search(match.regex, name)
            # One that only excludes names says nothing about which model this is.
            if found is not None and found[0]:
                yield found.span()
