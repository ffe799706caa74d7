"""Errors as the API tells them: one JSON shape, a status that says whose fault it is.

400  the query: `parameter` names what is wrong with it       403  not from here
404  no such session, payload or path                         405  other than GET and HEAD
410  a payload that only its source had, and has no longer
503  the store cannot answer now, or not in the time allowed
"""

from __future__ import annotations

import logging
from typing import Any

from litestar import Request, Response
from litestar.exceptions import HTTPException, ValidationException
from litestar.openapi.datastructures import ResponseSpec

from ai_viewer.errors import GoneError, NotFoundError, StoreError
from ai_viewer.query import QueryError
from ai_viewer.store.cursors import CursorError
from ai_viewer.store.sums import StatsQuestionError
from ai_viewer.store.views import View

log = logging.getLogger(__name__)


class Error(View, frozen=True, kw_only=True):
    """What went wrong: ``detail`` in a sentence, ``parameter`` if one is at fault."""

    status_code: int
    detail: str
    parameter: str | None


class ParameterError(Exception):
    """A parameter that cannot be understood or allowed."""

    def __init__(self, parameter: str, detail: str) -> None:
        super().__init__(detail)
        self.parameter = parameter


class RangeError(Exception):
    """A part was asked for that lies behind the end."""

    def __init__(self, size: int) -> None:
        super().__init__(f"there are only {size:,} bytes")
        self.size = size


BAD_QUERY = ResponseSpec(Error, description="A parameter is wrong", generate_examples=False)
BAD_BODY = ResponseSpec(
    Error, description="A parameter or a field of the body is wrong", generate_examples=False
)
NO_MARK = ResponseSpec(Error, description="No such mark", generate_examples=False)
NOT_FOUND = ResponseSpec(Error, description="There is none of that name", generate_examples=False)
UNAVAILABLE = ResponseSpec(
    Error, description="The store cannot answer, or not in the time allowed", generate_examples=False
)


def error_response(status_code: int, detail: str, parameter: str | None = None) -> Response[Error]:
    """Return the answer for an error."""
    body = Error(
        status_code=status_code, detail=f"{parameter}: {detail}" if parameter else detail, parameter=parameter
    )
    return Response(body, status_code=status_code, media_type="application/json")


def _bad_parameter(_: Request[Any, Any, Any], error: ParameterError) -> Response[Error]:
    return error_response(400, str(error), error.parameter)


def _bad_cursor(_: Request[Any, Any, Any], error: CursorError) -> Response[Error]:
    return error_response(400, str(error), "cursor")


def _no_answer(_: Request[Any, Any, Any], error: StatsQuestionError) -> Response[Error]:
    return error_response(400, str(error), error.parameter)


def _bad_query(_: Request[Any, Any, Any], error: QueryError) -> Response[Error]:
    return error_response(400, str(error), "q")


def _invalid(request: Request[Any, Any, Any], error: ValidationException) -> Response[Error]:
    first = error.extra[0] if isinstance(error.extra, list) and error.extra else {}
    name = str(first.get("key", ""))
    # The framework names the handler's argument, or its dependency's; people know the parameter.
    handler = request.route_handler
    signatures = [handler.parsed_fn_signature]
    signatures += [provider.parsed_fn_signature for provider in handler.resolve_dependencies().values()]
    fields = (signature.parameters.get(name) for signature in signatures)
    aliases = (getattr(field and field.kwarg_definition, "name", None) for field in fields)
    alias = next(filter(None, aliases), None)
    return error_response(400, first.get("message") or error.detail, alias or name or None)


def _not_found(_: Request[Any, Any, Any], error: NotFoundError) -> Response[Error]:
    return error_response(404, str(error))


def _gone(_: Request[Any, Any, Any], error: GoneError) -> Response[Error]:
    return error_response(410, str(error))


def _no_such_range(_: Request[Any, Any, Any], error: RangeError) -> Response[Error]:
    response = error_response(416, str(error), "Range")
    response.headers["Content-Range"] = f"bytes */{error.size}"
    return response


def _store_trouble(_: Request[Any, Any, Any], error: StoreError) -> Response[Error]:
    return error_response(503, str(error))


def _http(_: Request[Any, Any, Any], error: HTTPException) -> Response[Error]:
    response = error_response(error.status_code, error.detail)
    response.headers.update(error.headers or {})
    return response


def _bug(request: Request[Any, Any, Any], error: Exception) -> Response[Error]:
    log.error("%s %s failed", request.method, request.url.path, exc_info=error)
    return error_response(500, "an error of the server's own; its messages tell more")


EXCEPTION_HANDLERS: dict[int | type[Exception], Any] = {
    ParameterError: _bad_parameter,
    CursorError: _bad_cursor,
    QueryError: _bad_query,
    StatsQuestionError: _no_answer,
    ValidationException: _invalid,
    NotFoundError: _not_found,
    GoneError: _gone,
    RangeError: _no_such_range,
    StoreError: _store_trouble,
    HTTPException: _http,
    Exception: _bug,
}
