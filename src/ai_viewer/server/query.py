"""What a query may say: nothing unknown, nothing twice, no control characters; times in two ways."""

from __future__ import annotations

import datetime as dt
import unicodedata
from typing import Any

from litestar import Request
from litestar.params import QueryParameter

from ai_viewer.model import Micros
from ai_viewer.moments import read_moment
from ai_viewer.server.errors import ParameterError

MAX_LENGTH = 2_000


def check_query(request: Request[Any, Any, Any]) -> None:
    """Refuse a query that the route does not understand.

    Raises:
        ParameterError: naming the first parameter at fault.
    """
    handler = request.route_handler
    known = _parameters(handler.parsed_fn_signature.parameters)
    for provider in handler.resolve_dependencies().values():
        known |= _parameters(provider.parsed_fn_signature.parameters)
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


def moment(name: str, text: str | None, *, end: bool = False, zone: dt.tzinfo | None = None) -> Micros | None:
    """Read a time, as `read_moment` does.

    Raises:
        ParameterError: if it is none.
    """
    if text is None:
        return None
    try:
        return read_moment(text, end=end, zone=zone)
    except ValueError as error:
        raise ParameterError(name, str(error)) from error


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
