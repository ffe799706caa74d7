"""Who may speak to the server, and what a browser may do with its answers.

The server has no password: it listens on this machine only, and trusts what runs here. A web
page from elsewhere runs here, too, in the browser. So a request must name this machine as
its host (a name that an attacker's DNS points here is refused: DNS rebinding), must not come
from another origin's page, and can only read. Only marks are written, and only by what a page
elsewhere cannot send unasked: JSON, or a method other than GET and POST.
"""

from __future__ import annotations

import re
from urllib.parse import urlsplit

import msgspec
from litestar.enums import HttpMethod, ScopeType
from litestar.types import ASGIApp, HTTPScope, Message, Receive, Scope, Send

from ai_viewer.server.errors import Error

LOOPBACK_NAMES = frozenset({"localhost", "127.0.0.1", "::1"})

WRITABLE = re.compile(r"/api/marks(/\d+)?")
WRITING = frozenset({HttpMethod.POST, HttpMethod.PATCH, HttpMethod.DELETE})
"""The paths that can be written, and how."""

HEADERS: tuple[tuple[bytes, bytes], ...] = (
    (
        b"content-security-policy",
        b"; ".join(
            (
                b"default-src 'self'",
                b"img-src 'self' blob: data:",
                b"style-src 'self'",
                b"script-src 'self'",
                b"object-src 'none'",
                b"base-uri 'none'",
                b"frame-ancestors 'none'",
                b"form-action 'self'",
            )
        ),
    ),
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"cross-origin-opener-policy", b"same-origin"),
)
"""On every answer."""


class Guard:
    """ASGI middleware around the whole server. ``host`` is what it was told to listen on."""

    def __init__(self, app: ASGIApp, host: str) -> None:
        self._app = app
        self._names = LOOPBACK_NAMES | {host.lower()}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer, refuse, or pass on."""
        if scope["type"] != ScopeType.HTTP:
            await self._app(scope, receive, send)
            return
        is_head = scope["method"] == HttpMethod.HEAD
        answer = _Answer(send, without_body=is_head)
        refusal = self._refusal(scope)
        if refusal is not None:
            await answer.refuse(*refusal)
            return
        if is_head:
            # The routes know GET only; what they would send is left out.
            scope = scope.copy()
            scope["method"] = HttpMethod.GET
        await self._app(scope, receive, answer)

    def _refusal(self, scope: HTTPScope) -> tuple[int, str] | None:
        headers = scope["headers"]
        hosts = [value.decode("latin-1") for name, value in headers if name == b"host"]
        if len(hosts) != 1:
            return 400, "one Host header is needed"
        name = _authority(hosts[0])
        if name is None or name[0] not in self._names:
            return 403, (f"this server does not answer to the host {hosts[0]!r}; use 127.0.0.1 or localhost")
        for origin in (value.decode("latin-1") for key, value in headers if key == b"origin"):
            scheme, _, rest = origin.partition("://")
            if scheme not in {"http", "https"} or _authority(rest) != name:
                return 403, f"pages of {origin!r} may not ask this server"
        if scope["method"] in {HttpMethod.GET, HttpMethod.HEAD}:
            return None
        if scope["method"] not in WRITING or not WRITABLE.fullmatch(scope["path"]):
            return 405, "this server only reads: GET and HEAD"
        kinds = [value.split(b";")[0].strip().lower() for name, value in headers if name == b"content-type"]
        if scope["method"] != HttpMethod.DELETE and kinds != [b"application/json"]:
            return 415, "the body must be JSON, with Content-Type: application/json"
        return None


class _Answer:
    """Sends the application's messages on, with the headers that every answer has."""

    def __init__(self, send: Send, *, without_body: bool) -> None:
        self._send = send
        self._without_body = without_body
        self._ended = False

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            own = {name.lower() for name, _ in message["headers"]}
            added = [header for header in HEADERS if header[0] not in own]
            message = {**message, "headers": [*message["headers"], *added]}
        elif message["type"] == "http.response.body" and self._without_body:
            if self._ended:
                return
            self._ended = True
            message = {"type": "http.response.body", "body": b"", "more_body": False}
        await self._send(message)

    async def refuse(self, status: int, detail: str) -> None:
        body = msgspec.json.encode(Error(status_code=status, detail=detail, parameter=None))
        headers = [(b"content-type", b"application/json"), (b"content-length", b"%d" % len(body))]
        if status == 405:
            headers.append((b"allow", b"GET, HEAD"))
        await self({"type": "http.response.start", "status": status, "headers": headers})
        await self({"type": "http.response.body", "body": body, "more_body": False})


def _authority(text: str) -> tuple[str, int] | None:
    """Host name and port of ``host[:port]``; ``None`` if it is anything else."""
    try:
        parts = urlsplit(f"//{text}")
        if parts.hostname is None or parts.netloc != text or "@" in text:
            return None
        return parts.hostname.rstrip(".").lower(), parts.port or 80
    except ValueError:
        return None
