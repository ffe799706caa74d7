"""The API's description, from which the web app's types are generated."""

from __future__ import annotations

import functools
from pathlib import Path

from ai_viewer.config import Config
from ai_viewer.server.app import create_app, describe


@functools.cache
def openapi_json() -> bytes:
    """Return the description (OpenAPI 3.1) as JSON; needs no store."""
    return describe(create_app(Config(db=Path("none.db"), sources=())))
