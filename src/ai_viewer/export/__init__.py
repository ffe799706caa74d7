"""Sessions as files for others: HTML, Markdown, JSON, Chrome trace events, OTLP.

    Exporter(connection, Redactor()).write(["codex:019a…"], "html")    pieces of the file

Every format is a stream of pieces: of a session, however long, one op's texts are in memory
at a time. Secrets are masked unless the redactor is switched off; every format tells at its
end how many were.
"""

from __future__ import annotations

from ai_viewer.export.exporter import FORMATS, Exporter, FileFormat

__all__ = ["FORMATS", "Exporter", "FileFormat"]
