"""docs/api.md is what the server does."""

from __future__ import annotations

import json

from ai_viewer.server.openapi import openapi_json
from tests import apidocs


def test_the_page_is_what_the_server_says_of_itself() -> None:
    """If not: ``make api-docs``."""
    assert apidocs.PAGE.read_text(encoding="utf-8") == apidocs.page()


def test_every_route_has_an_example() -> None:
    """The event stream's is made without a client, as it never ends."""
    operations = {
        operation["operationId"]
        for methods in json.loads(openapi_json())["paths"].values()
        for operation in methods.values()
    }
    assert operations == {*apidocs.EXAMPLES, "events"}
