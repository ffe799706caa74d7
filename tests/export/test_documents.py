"""Sessions to be read by people: HTML and Markdown."""

from __future__ import annotations

import re
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ai_viewer.errors import NotFoundError
from ai_viewer.export.markdown import fence, quote
from tests.export.conftest import HOSTILE, KEY, Export

VOID = {"meta", "img", "br"}


class Page(HTMLParser):
    """A page's tags, whether they nest, and its text."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.text = ""
        self.feed(page)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data


class TestHtml:
    def test_it_needs_no_script_and_no_request(self, export: Export) -> None:
        page = Page(export("html", "s", "h").decode())
        names = {tag for tag, _ in page.tags}
        assert not names & {"script", "link", "iframe", "a", "object", "form"}
        links = [
            value
            for _, attributes in page.tags
            for name, value in attributes.items()
            if name in {"src", "href"}
        ]
        assert links
        assert all((link or "").startswith("data:image/png;base64,") for link in links)
        (policy,) = (a["content"] for _, a in page.tags if a.get("http-equiv") == "Content-Security-Policy")
        assert policy
        assert "default-src 'none'" in policy

    def test_hostile_texts_are_shown_as_they_are(self, export: Export) -> None:
        page = Page(export("html", "h").decode())
        assert HOSTILE.replace("\x00", "�").replace("\x1b", "�") in page.text

    def test_a_long_output_is_whole_and_folded(self, export: Export) -> None:
        page = export("html", "h").decode()
        assert "x" * 5_000 in page
        assert re.search(r"<details><summary><b>Bash</b>", page)

    def test_sub_agents_follow_their_parent_unless_it_stands_alone(self, export: Export) -> None:
        page = export("html", "s").decode()
        assert page.index("<h1>Fix the parser") < page.index("<h2>Look around")
        assert "Look around</h2>" not in export("html", "s", scope="self").decode()

    def test_it_is_light_or_dark_as_the_reader_likes(self, export: Export) -> None:
        assert b"prefers-color-scheme:dark" in export("html", "s")


class TestMarkdown:
    def test_the_transcript_is_there_in_order(self, export: Export) -> None:
        text = export("markdown", "s").decode()
        places = [
            text.index(part) for part in ("# Fix the parser", "prompt 1 of s", "Bash! at 3", "prompt 2 of s")
        ]
        assert places == sorted(places)
        assert "## Look around" in text

    def test_hostile_texts_stay_where_they_are(self, export: Export) -> None:
        text = export("markdown", "h").decode()
        assert "<script>" not in re.sub(r"(?ms)^(`{3,})text$.*?^\1$", "", text)
        assert "`````text" in text, "a fence longer than the one in the text"
        assert "\n# no heading" not in re.sub(r"(?ms)^(`{3,})text$.*?^\1$", "", text)

    @given(st.text(st.sampled_from("`~ab\n <"), max_size=60))
    def test_no_text_ends_its_fence(self, text: str) -> None:
        first, *inner, last = fence(text).split("\n")
        marks = first.removesuffix("text")
        assert last == marks
        assert not any(line.lstrip(" ").startswith(marks) for line in inner)

    @given(st.text(st.sampled_from("`~ab\n <![]()>#-"), max_size=60))
    def test_no_text_leaves_its_quote(self, text: str) -> None:
        assert all(line.startswith(">") for line in quote(text).split("\n"))


class TestSecrets:
    @pytest.mark.parametrize("form", ["html", "markdown", "json", "otlp", "perfetto"])
    def test_they_are_masked_in_every_format(self, export: Export, form: str) -> None:
        text = export(form, "h", texts=True)
        assert KEY.encode() not in text
        assert b"sk-p" in text

    @pytest.mark.parametrize("form", ["html", "markdown", "json"])
    def test_they_are_left_if_that_is_wanted(self, export: Export, form: str) -> None:
        assert KEY.encode() in export(form, "h", redact=False)

    def test_the_reader_is_told_how_many(self, export: Export) -> None:
        # In the title, in the turn's prompt, and in the tool's input.
        assert "in 3 places" in export("markdown", "h").decode()
        assert "not masked" in export("html", "h", redact=False).decode()


@pytest.mark.parametrize("form", ["html", "markdown", "json", "otlp", "perfetto"])
def test_a_session_that_was_never_read_is_told_before_anything_is_written(export: Export, form: str) -> None:
    with pytest.raises(NotFoundError):
        export(form, "nobody")
