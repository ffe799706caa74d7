"""What a query may say: nothing unknown, nothing twice, no control characters; times in two ways."""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from typing import Any

from litestar import Request
from litestar.params import QueryParameter

from ai_viewer.model import Micros
from ai_viewer.server.errors import ParameterError

MAX_LENGTH = 2_000
_MICROS = re.compile(r"-?\d{1,16}", re.ASCII)
_DATE = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)


def check_query(request: Request[Any, Any, Any]) -> None:
    """Refuse a query that the route does not understand.

    Raises:
        ParameterError: naming the first parameter at fault.
    """
    known = _parameters(request.route_handler.parsed_fn_signature.parameters)
    seen: set[str] = set()
    for name, value in request.query_params.multi_items():
        if name not in known:
            raise ParameterError(_printable(name), f"unknown; there are {', '.join(sorted(known)) or 'none'}")
        if name in seen:
            raise ParameterError(name, "given twice")
        seen.add(name)
        _check_text(name, value)
    for name, value in request.path_params.items():
        _check_text(name, str(value))


def moment(name: str, text: str | None, *, end: bool = False) -> Micros | None:
    """Read a time: microseconds since 1970, or ISO 8601.

    Without a zone it is this machine's local time. A date alone is its first microsecond, or
    its last one if it is the ``end`` of a range.

    Raises:
        ParameterError: if it is neither.
    """
    if text is None:
        return None
    if _MICROS.fullmatch(text):
        return int(text)
    try:
        when = dt.datetime.fromisoformat(text)
        if end and _DATE.fullmatch(text):
            when += dt.timedelta(days=1, microseconds=-1)
        # Whole numbers: seconds as a float are not exact to the microsecond.
        return (when.astimezone(dt.UTC) - dt.datetime.fromtimestamp(0, dt.UTC)) // dt.timedelta(
            microseconds=1
        )
    except (ValueError, OverflowError):
        raise ParameterError(
            name, "not a time; give ISO 8601 (2026-01-31, 2026-01-31T12:00Z) or microseconds since 1970"
        ) from None


def _parameters(fields: dict[str, Any]) -> set[str]:
    kwargs = (field.kwarg_definition for field in fields.values())
    return {kwarg.name for kwarg in kwargs if isinstance(kwarg, QueryParameter) and kwarg.name}


def _check_text(name: str, value: str) -> None:
    if len(value) > MAX_LENGTH:
        raise ParameterError(name, f"longer than {MAX_LENGTH} characters")
    if any(unicodedata.category(character) == "Cc" for character in value):
        raise ParameterError(name, "control characters are not allowed")


def _printable(name: str) -> str:
    return "".join(character if character.isprintable() else "�" for character in name[:60])
