"""Masking whole answers."""

from __future__ import annotations

import msgspec

from ai_viewer.secrets import Redactor
from ai_viewer.store.views_search import Snippet

KEY = "sk-proj-Zx81kd92JdkLs0sKdl29dkslQpw7Vb3nM5cR8tY1uH4gF6eW"


class Inner(msgspec.Struct, frozen=True):
    message: str | None
    name: str


class Outer(msgspec.Struct, frozen=True):
    title: str
    one: Inner | None
    many: list[Inner]


def test_free_texts_are_masked_however_deep_and_counted() -> None:
    redactor = Redactor()
    masked = redactor.view(Outer(f"a {KEY}", Inner(KEY, KEY), [Inner(None, "x"), Inner(f"{KEY} {KEY}", "y")]))
    assert masked.title == "a sk-p…[masked: OpenAI key]"
    assert masked.one
    assert masked.one.message == "sk-p…[masked: OpenAI key]"
    assert masked.one.name == KEY, "a name is no free text"
    assert redactor.total == 4
    assert redactor.counts == {"OpenAI key": 4}


def test_switched_off_it_gives_back_the_very_same() -> None:
    answer = Outer(KEY, None, [])
    redactor = Redactor(on=False)
    assert redactor.view(answer) is answer
    assert redactor.text(KEY) == KEY
    assert redactor.data(KEY.encode()) == KEY.encode()
    assert redactor.total == 0


def test_bytes_that_are_no_text_come_back_as_they_were() -> None:
    data = bytes(range(256)) * 3
    assert Redactor().data(data) == data
    assert Redactor().data(data + KEY.encode()) == data + "sk-p…[masked: OpenAI key]".encode()


def test_marks_in_a_text_that_was_masked_are_left_out() -> None:
    """They would stand somewhere else now; those in other texts stay."""
    hidden = Snippet(text=f"key {KEY}", marks=[(0, 3)], offset=0, more=False)
    plain = Snippet(text="a walrus", marks=[(2, 6)], offset=0, more=False)
    assert Redactor().view(hidden).marks == []
    assert KEY not in Redactor().view(hidden).text
    assert Redactor().view(plain) == plain
