"""The web app's files, as the build left them in the package."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from litestar import Request, Response, get
from litestar.exceptions import NotFoundException

FOLDER = Path(__file__).parents[1] / "static"

TYPES = {
    ".css": "text/css",
    ".html": "text/html",
    ".ico": "image/x-icon",
    ".js": "text/javascript",
    ".json": "application/json",
    ".map": "application/json",
    ".png": "image/png",
    ".svg": "image/svg+xml",
    ".txt": "text/plain",
    ".webmanifest": "application/manifest+json",
    ".woff2": "font/woff2",
}
"""What a build holds; a path with another ending is one of the app's own."""

FOREVER = "public, max-age=31536000, immutable"
"""For files with a hash of their content in their name."""
ASK_AGAIN = "no-cache"

NOT_BUILT = """<!doctype html>
<html lang="en">
<meta charset="utf-8">
<title>ai-viewer: the web app is not built</title>
<h1>The web app is not built</h1>
<p>In a checkout, run <code>make ui</code> and reload this page.</p>
<p>From a package, install ai-viewer again without <code>AI_VIEWER_SKIP_UI</code>.</p>
<p>The data are there: <a href="/api/sessions">/api/sessions</a>, described by
<a href="/api/openapi.json">/api/openapi.json</a>.</p>
</html>
"""


@get(["/", "/{path:path}"], include_in_schema=False, sync_to_thread=False)
def web_app(request: Request[Any, Any, Any]) -> Response[bytes]:
    """Hand out a file of the web app, or its page for a path that the app itself knows."""
    path = request.scope["path"]
    file = _file(path)
    if file is not None:
        cached = FOREVER if path.startswith("/assets/") else ASK_AGAIN
        return _response(file.read_bytes(), TYPES[file.suffix], cached)
    # A session's name may end like a file's.
    if path.startswith("/assets/") or (Path(path).suffix in TYPES and not path.startswith("/s/")):
        raise NotFoundException(f"the web app has no {path}")
    try:
        page = (FOLDER / "index.html").read_bytes()
    except FileNotFoundError:
        return _response(NOT_BUILT.encode(), TYPES[".html"], "no-store", status_code=503)
    return _response(page, TYPES[".html"], ASK_AGAIN)


def _file(path: str) -> Path | None:
    """Return the built file at ``path``, if there is one: nothing above the folder, nothing hidden."""
    parts = path.strip("/").split("/")
    if any(part.startswith(".") or "\\" in part or "\0" in part for part in parts):
        return None
    file = FOLDER.joinpath(*parts)
    inside = file.resolve().is_relative_to(FOLDER.resolve())
    return file if inside and file.suffix in TYPES and file.is_file() else None


def _response(body: bytes, media_type: str, cached: str, status_code: int = 200) -> Response[bytes]:
    return Response(body, media_type=media_type, headers={"Cache-Control": cached}, status_code=status_code)
