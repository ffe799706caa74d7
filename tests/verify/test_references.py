"""Where a payload's text stands in its record, and how."""

from __future__ import annotations

import base64
from typing import Any

import msgspec
import pytest

from ai_viewer.verify.references import Match, match, resolve


@pytest.mark.parametrize(
    ("pointer", "value"),
    {
        "": {"a/b": [1, {"c~d": "x"}], "": 2},
        "/a~1b/0": 1,
        "/a~1b/1/c~0d": "x",
        "/": 2,
    }.items(),
)
def test_a_pointer_leads_to_a_value(pointer: str, value: Any) -> None:
    assert resolve({"a/b": [1, {"c~d": "x"}], "": 2}, pointer) == value


@pytest.mark.parametrize("pointer", ["/b", "/a/2", "/a/-1", "/a/x", "/a/0/more"])
def test_a_pointer_that_leads_nowhere_is_an_error(pointer: str) -> None:
    with pytest.raises(LookupError):
        resolve({"a": ["text", 1]}, pointer)


@pytest.mark.parametrize(
    ("value", "text", "how"),
    [
        ("letter for letter", "letter for letter", Match.EXACT),
        ({"path": "a.py", "line": 3}, '{"path":"a.py","line":3}', Match.EXACT),
        ("<bash-input>ls</bash-input>", "ls", Match.PART),
        ('{"output": "two\\nlines", "metadata": {}}', "two\nlines", Match.PART),
        ({"query": "tea", "url": None}, '{"query":"tea"}', Match.PART),
        ({"subject": "Tea", "description": "Look for it"}, "Tea\n\nLook for it", Match.COMPOSED),
        ([{"text": "So it is "}, {"text": "noon."}], "So it is noon.", Match.COMPOSED),
        (
            [{"oldStart": 1, "lines": [" a", "-b", "+c"]}],
            "--- a.py\n+++ a.py\n@@ -1,2 +1,2 @@\n a\n-b\n+c",
            Match.COMPOSED,
        ),
        ("%%%", "[image/png that cannot be decoded]", Match.STAND_IN),
        ("letter for letter", "letter for letter!", None),
        ("letter for letter", "another text", None),
        ({"path": "a.py"}, '{"path":"b.py"}', None),
        ({"subject": "Tea"}, "Tea\n\nand more", None),
        ([1, 2], "[1]", None),
    ],
)
def test_a_text_stands_in_a_value_or_it_does_not(value: Any, text: str, how: Match | None) -> None:
    assert match(value, text.encode()) is how


@pytest.mark.parametrize(
    "value",
    [
        base64.b64encode(b"\x89PNG\x00").decode(),
        "data:image/png;base64," + base64.b64encode(b"\x89PNG\x00").decode(),
        "data:image/png,%89PNG%00",
    ],
)
def test_data_stands_encoded_in_a_value(value: str) -> None:
    assert match(value, b"\x89PNG\x00") is Match.EXACT
    assert match({"format": "png", "data": value}, b"\x89PNG\x00") is Match.PART
    assert match(value, b"\x89PNG\x01") is None


def test_any_json_matches_itself() -> None:
    value = {"a": [1, 2.5, None, True, {"b": "c"}]}
    assert match(value, msgspec.json.encode(value)) is Match.EXACT
