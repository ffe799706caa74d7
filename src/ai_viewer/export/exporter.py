"""The formats by name, and the one way to write each."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Literal

import msgspec

from ai_viewer.export import html, json_file, markdown, otlp, perfetto
from ai_viewer.export.content import Connection, Content, ReadOriginal
from ai_viewer.ingest.originals import read_original
from ai_viewer.secrets import Redactor

FormatName = Literal["html", "markdown", "json", "perfetto", "otlp"]


class FileFormat(msgspec.Struct, frozen=True):
    """How a format's files are called and told to a browser."""

    extension: str
    media_type: str


FORMATS: dict[FormatName, FileFormat] = {
    "html": FileFormat("html", "text/html; charset=utf-8"),
    "markdown": FileFormat("md", "text/markdown; charset=utf-8"),
    "json": FileFormat("json", "application/json"),
    "perfetto": FileFormat("trace.json", "application/json"),
    "otlp": FileFormat("otlp.json", "application/json"),
}


class Exporter:
    """Writes sessions, read through one connection; the ``redactor`` counts what it masks."""

    def __init__(
        self,
        connection: Connection,
        redactor: Redactor,
        *,
        scope: Literal["tree", "self"] = "tree",
        texts: bool = False,
        read: ReadOriginal = read_original,
    ) -> None:
        self.content = Content(connection, redactor, read, scope)
        self.texts = texts

    def write(self, wanted: Iterable[str], form: FormatName) -> Iterator[bytes]:
        """Yield the file piece by piece.

        Raises:
            NotFoundError: if one of the sessions was not read; before anything was yielded.
        """
        ids = list(wanted)
        self.content.session_ids(ids)
        # A lone surrogate, which some agents write, is no UTF-8.
        return (
            part.encode("utf-8", "replace") if isinstance(part, str) else part
            for part in self._parts(ids, form)
        )

    def _parts(self, ids: list[str], form: FormatName) -> Iterator[str] | Iterator[bytes]:
        match form:
            case "html":
                return html.write(self.content, ids)
            case "markdown":
                return markdown.write(self.content, ids)
            case "json":
                return json_file.write(self.content, ids)
            case "perfetto":
                return perfetto.write(self.content, ids)
            case "otlp":
                return otlp.write(self.content, ids, texts=self.texts)
