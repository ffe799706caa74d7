"""What people type to find things, as a value: words, phrases, and conditions on fields.

    parser error            both words                "not found"    words in this order
    pars*                   words that begin so       *ooba*         that are or contain this
    -flaky                  without this word         foo_bar.baz    as it is written
    text:"not found"        the same as "not found"
    tool:Bash,Read          one of these              -kind:log      none of these
    model:opus*             ``*`` is any text         project:"my app"
    dur:>30s cost:>=0.5     of the op: tok:>50k  ctx:>80%
    after:2026-01-31        from that day on          before:7d      until 7 days ago
    is:failed               also running, replay

Everything is a query: what has no meaning of its own is looked for as it stands. A quote at the
beginning of a word begins a phrase, which ends at the next quote (``""`` is a quote within it) or
at the end. Only a known field with a value that it cannot have is an error.
"""

from __future__ import annotations

import datetime as dt
import enum
import re

import msgspec

from ai_viewer.model import Micros, OpStatus, PayloadKind, SessionStatus, TurnStatus


class QueryError(ValueError):
    """A condition that cannot be understood: ``place`` counts characters from 0."""

    def __init__(self, message: str, place: int) -> None:
        super().__init__(f"{message}, at character {place + 1}")
        self.place = place


class Field(enum.StrEnum):
    """What a condition is about."""

    KIND = "kind"
    TOOL = "tool"
    NAME = "name"
    MODEL = "model"
    PROVIDER = "provider"
    PROJECT = "project"
    AGENT = "agent"
    FORMAT = "format"
    BRANCH = "branch"
    SESSION = "session"
    STATUS = "status"
    IS = "is"
    AFTER = "after"
    BEFORE = "before"
    DURATION = "dur"
    COST = "cost"
    TOKENS = "tok"
    CONTEXT = "ctx"


KINDS = (*(kind.value for kind in PayloadKind), "title", "log")
"""What a text is: of a payload its kind, the title of a session, an agent's own notice; an error may
be either a payload or the message of an op, a turn or a session."""

STATUSES = tuple(
    dict.fromkeys(status.value for kind in (OpStatus, TurnStatus, SessionStatus) for status in kind)
)

_CHOICES = {
    Field.KIND: KINDS,
    Field.STATUS: STATUSES,
    Field.IS: ("failed", "running", "replay"),
}
_TIMES = {Field.AFTER, Field.BEFORE}
_UNITS: dict[Field, dict[str, int]] = {
    # microseconds
    Field.DURATION: {
        "": 1_000_000, "us": 1, "ms": 1_000, "s": 1_000_000, "m": 60_000_000, "h": 3_600_000_000,
        "d": 86_400_000_000,
    },
    # nano-dollars
    Field.COST: {"": 1_000_000_000},
    Field.TOKENS: {"": 1, "k": 1_000, "m": 1_000_000},
    Field.CONTEXT: {"": 1, "k": 1_000, "m": 1_000_000, "%": 0},
}  # fmt: skip
_EXAMPLES = {
    Field.DURATION: "dur:>30s (us, ms, s, m, h, d)",
    Field.COST: "cost:>0.5 (dollars)",
    Field.TOKENS: "tok:>50k",
    Field.CONTEXT: "ctx:>80% or ctx:>100k",
}
_DIGITS_ALLOWED = 15

_FIELD = re.compile(rf"(?:{'|'.join(Field)}):", re.ASCII | re.IGNORECASE)
_TEXT = re.compile(r"text:", re.ASCII | re.IGNORECASE)
_NAMED = re.compile(f"{_FIELD.pattern}|{_TEXT.pattern}", re.ASCII | re.IGNORECASE)
_COMPARISON = re.compile(
    rf"(?P<sign>>=|<=|>|<|=)\$?(?P<number>\d{{1,{_DIGITS_ALLOWED}}}(?:\.\d{{1,9}})?)(?P<unit>[a-z%]*)",
    re.ASCII | re.IGNORECASE,
)
_AGO = re.compile(r"(?P<number>\d{1,6})(?P<unit>[mhdwy])", re.ASCII | re.IGNORECASE)
_AGO_SECONDS = {"m": 60, "h": 3_600, "d": 86_400, "w": 604_800, "y": 31_536_000}


class Term(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A text to look for.

    ``prefix``: its last word may go on; ``inside``: it may begin within a word and end within one;
    ``negated``: it must not be there.
    """

    text: str
    phrase: bool = False
    prefix: bool = False
    inside: bool = False
    negated: bool = False


class Comparison(msgspec.Struct, frozen=True, kw_only=True):
    """A number on one side of another: microseconds, nano-dollars, tokens, or per cent of the context."""

    sign: str
    number: str
    unit: str

    def value(self, field: Field) -> int:
        """Return the number in the store's units, rounded to a whole one; per cent are thousandths."""
        scale = 1_000 if self.unit == "%" else _UNITS[field][self.unit]
        whole, _, fraction = self.number.partition(".")
        return int(whole) * scale + (int(fraction) * scale // 10 ** len(fraction) if fraction else 0)


class Condition(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What a field must be, or if ``negated`` must not be: one of ``values``, or as one of ``comparisons``.

    ``*`` within a value stands for any text. The value of a time is one that `moment` understands.
    """

    field: Field
    values: tuple[str, ...] = ()
    comparisons: tuple[Comparison, ...] = ()
    negated: bool = False


class Query(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """All terms and all conditions must hold."""

    terms: tuple[Term, ...] = ()
    conditions: tuple[Condition, ...] = ()

    def __str__(self) -> str:
        return " ".join([*map(_print_term, self.terms), *map(_print_condition, self.conditions)])


def parse(text: str, *, typing: bool = False) -> Query:
    """Understand what was typed; if ``typing`` goes on, the last word may be a beginning only.

    Raises:
        QueryError: if a condition has no value or one that its field cannot have.
    """
    terms: list[Term] = []
    conditions: list[Condition] = []
    at, last = _skip_spaces(text, 0), False
    while at < len(text):
        following = text[at + 1 : at + 2]
        # Not before what makes it a sign of its own: ``--flag``, ``->``, ``-=``.
        negated = text[at] == "-" and following not in {"", "-", ">", "="} and not following.isspace()
        start = at + negated
        found = _FIELD.match(text, start)
        if found:
            condition, at = _condition(
                text, Field(found[0][:-1].lower()), start, found.end(), negated=negated
            )
            conditions.append(condition)
            last = False
        else:
            told = _TEXT.match(text, start)
            term, at = (
                _told(text, start, told.end(), negated=negated)
                if told
                else _term(text, start, negated=negated)
            )
            if term is not None:
                terms.append(term)
            last = term is not None and not term.phrase and not negated and at == len(text)
        at = _skip_spaces(text, at)
    if typing and last:
        terms[-1] = msgspec.structs.replace(terms[-1], prefix=True)
    return Query(terms=tuple(terms), conditions=tuple(conditions))


def moment(value: str, now: Micros) -> Micros:
    """Return the time that the value of ``after`` or ``before`` means.

    A date is its first instant; without a zone it is this machine's local time. ``7d`` is seven days
    before ``now``; there are also ``m``, ``h``, ``w`` and ``y``.

    Raises:
        ValueError: if it is no time.
    """
    ago = _AGO.fullmatch(value)
    if ago:
        return now - int(ago["number"]) * _AGO_SECONDS[ago["unit"].lower()] * 1_000_000
    try:
        when = dt.datetime.fromisoformat(value)
        # Whole numbers: seconds as a float are not exact to the microsecond.
        return (when.astimezone(dt.UTC) - dt.datetime.fromtimestamp(0, dt.UTC)) // dt.timedelta(
            microseconds=1
        )
    except OverflowError as error:
        raise ValueError(str(error)) from error


def _skip_spaces(text: str, at: int) -> int:
    while at < len(text) and text[at].isspace():
        at += 1
    return at


def _quoted(text: str, at: int) -> tuple[str, int]:
    """Read a phrase whose opening quote is at ``at``; return it, and where the text goes on."""
    parts: list[str] = []
    at += 1
    while True:
        end = text.find('"', at)
        if end < 0:
            parts.append(text[at:])
            return "".join(parts), len(text)
        parts.append(text[at:end])
        if not text.startswith('""', end):
            return "".join(parts), end + 1
        parts.append('"')
        at = end + 2


def _bare(text: str, at: int, stops: str = "") -> tuple[str, int]:
    end = at
    while end < len(text) and not text[end].isspace() and text[end] not in stops:
        end += 1
    return text[at:end], end


def _term(text: str, at: int, *, negated: bool) -> tuple[Term | None, int]:
    if text[at] == '"':
        phrase, end = _quoted(text, at)
        prefix = text.startswith("*", end)
        if not phrase.strip():
            return None, end + prefix
        return Term(text=phrase, phrase=True, prefix=prefix, negated=negated), end + prefix
    word, end = _bare(text, at)
    core = word.strip("*")
    if not core:
        return Term(text=word, negated=negated), end
    inside = word.startswith("*")
    return Term(
        text=core if inside or word.endswith("*") else word,
        prefix=word.endswith("*") and not inside,
        inside=inside,
        negated=negated,
    ), end


def _told(text: str, start: int, at: int, *, negated: bool) -> tuple[Term | None, int]:
    """Read what follows ``text:``: it is text, even where it looks like something else."""
    if at == len(text) or text[at].isspace():
        raise QueryError("text: is followed by nothing", start)
    term, end = _term(text, at, negated=negated)
    if term and not term.inside and (term.text.startswith("-") or _NAMED.match(term.text)):
        term = msgspec.structs.replace(term, phrase=True)
    return term, end


def _condition(text: str, field: Field, start: int, at: int, *, negated: bool) -> tuple[Condition, int]:
    values: list[str] = []
    comparisons: list[Comparison] = []
    while True:
        value, end = _quoted(text, at) if text.startswith('"', at) else _bare(text, at, stops=",")
        if value:
            if field in _UNITS:
                comparisons.append(_comparison(field, value, at))
            else:
                values.append(_value(field, value, at))
        if not text.startswith(",", end):
            break
        at = end + 1
    if not values and not comparisons:
        raise QueryError(f"{field}: is followed by nothing", start)
    return (
        Condition(
            field=field,
            values=tuple(dict.fromkeys(values)),
            comparisons=tuple(dict.fromkeys(comparisons)),
            negated=negated,
        ),
        end,
    )


def _value(field: Field, value: str, place: int) -> str:
    choices = _CHOICES.get(field)
    if choices is not None:
        if value.lower() not in choices:
            raise QueryError(f"{field}: {_shown(value)} is none of {', '.join(choices)}", place)
        return value.lower()
    if field in _TIMES:
        try:
            moment(value, 0)
        except ValueError:
            raise QueryError(
                f"{field}: {_shown(value)} is no time;"
                " say 2026-01-31, 2026-01-31T12:00 or 7d (m, h, d, w, y)",
                place,
            ) from None
    return value


def _comparison(field: Field, value: str, place: int) -> Comparison:
    found = _COMPARISON.fullmatch(value)
    if found is None or found["unit"].lower() not in _UNITS[field]:
        raise QueryError(f"{field}: {_shown(value)} is not understood; say {_EXAMPLES[field]}", place)
    return Comparison(sign=found["sign"], number=found["number"], unit=found["unit"].lower())


def _shown(value: str) -> str:
    return repr(value if len(value) <= 40 else f"{value[:40]}…")


def _print_term(term: Term) -> str:
    minus = "-" if term.negated else ""
    if term.phrase:
        return f"{minus}{_quote(term.text)}{'*' if term.prefix else ''}"
    if term.inside:
        return f"{minus}*{term.text}*"
    return f"{minus}{term.text}{'*' if term.prefix else ''}"


def _print_condition(condition: Condition) -> str:
    values = [value if _is_plain(value) else _quote(value) for value in condition.values]
    numbers = [f"{one.sign}{one.number}{one.unit}" for one in condition.comparisons]
    return f"{'-' if condition.negated else ''}{condition.field}:{','.join(values + numbers)}"


def _is_plain(value: str) -> bool:
    return not value.startswith('"') and "," not in value and not any(map(str.isspace, value))


def _quote(text: str) -> str:
    return '"' + text.replace('"', '""') + '"'
