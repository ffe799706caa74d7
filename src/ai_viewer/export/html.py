"""Sessions as one HTML page that needs nothing else: no script, no request, light or dark.

All that comes from a session is escaped, and the page forbids itself (by CSP) to load
anything, so that even a mistake here could not make it call out. Tools' texts fold away.
"""

from __future__ import annotations

import base64
import html
import re
from collections.abc import Iterable, Iterator

from ai_viewer import __version__
from ai_viewer.export import wording
from ai_viewer.export.content import Body, Content, Head, Opening, Step
from ai_viewer.model import OpKind, OpStatus, PayloadKind
from ai_viewer.store.views import Op

RASTER_IMAGES = frozenset({"image/png", "image/jpeg", "image/gif", "image/webp"})
PICTURE_BYTES = 8 * 1024 * 1024
"""A larger picture is told, not shown."""

_STYLE = """
:root{color-scheme:light dark;--bg:#fff;--fg:#1c1f23;--dim:#5b636d;--line:#d8dde3;--panel:#f5f7f9;
--prompt:#eaf2fd;--bad:#b42318}
@media(prefers-color-scheme:dark){:root{--bg:#15181c;--fg:#e4e7eb;--dim:#9aa3ad;--line:#333a42;
--panel:#1d2126;--prompt:#1b2a3d;--bad:#ff8a80}}
*{box-sizing:border-box}
body{margin:0 auto;max-width:60rem;padding:1.5rem 1rem 4rem;background:var(--bg);color:var(--fg);
font:15px/1.5 system-ui,sans-serif;overflow-wrap:anywhere}
h1{font-size:1.5rem}h2{font-size:1.25rem}h1,h2{margin:2.5rem 0 .75rem}h1:first-child{margin-top:0}
h3{margin:2rem 0 .5rem;padding-top:1rem;border-top:1px solid var(--line);font-size:1.05rem}
h3 small,summary small,.dim{color:var(--dim);font-weight:400;font-size:.85rem}
table{border-collapse:collapse;font-size:.9rem}th{text-align:left;color:var(--dim);font-weight:400;
padding:.1rem 1rem .1rem 0;vertical-align:top;white-space:nowrap}td{padding:.1rem 0}
pre{margin:.35rem 0;padding:.6rem .75rem;background:var(--panel);border:1px solid var(--line);
border-radius:6px;white-space:pre-wrap;font:12.5px/1.45 ui-monospace,monospace;max-height:40rem;overflow:auto}
.prose{white-space:pre-wrap;margin:.5rem 0}.prompt{background:var(--prompt);border-radius:6px;
padding:.6rem .75rem}
details{margin:.35rem 0}summary{cursor:pointer}summary b{font-weight:600}
.failed>summary b,.bad{color:var(--bad)}
.child{margin-left:1rem;padding-left:1rem;border-left:3px solid var(--line)}
img{max-width:100%}footer{margin-top:3rem;color:var(--dim);font-size:.85rem}
@media print{pre{max-height:none}}
"""


def write(content: Content, wanted: Iterable[str]) -> Iterator[str]:
    """Yield the page piece by piece."""
    depth = 0
    begun = False
    for piece in content.pieces(wanted):
        match piece:
            case Head(detail, level):
                if not begun:
                    yield _start(wording.title(detail))
                    begun = True
                else:
                    yield "</section>\n"
                depth = level
                tag = "h2" if depth else "h1"
                css = ' class="child"' if depth else ""
                yield f"<section{css}>\n<{tag}>{_escape(wording.title(detail))}</{tag}>\n<table>"
                yield "".join(
                    f"<tr><th>{name}</th><td>{_escape(value)}</td></tr>"
                    for name, value in wording.facts(detail)
                )
                yield "</table>\n"
            case Opening(turn, bodies):
                name = f"Turn {turn.turn}" if turn.turn else "Before the first prompt"
                yield f"<h3>{name} <small>{_escape(wording.turn_line(turn))}</small></h3>\n"
                if turn.error_message:
                    yield f'<p class="bad">{_escape(turn.error_message)}</p>\n'
                yield from map(_body, bodies)
            case Step(op, bodies):
                yield from _step(op, bodies)
    redactor = content.redactor
    if not begun:
        yield _start("ai-viewer")
        yield "<section><p>No session.</p>"
    yield "</section>\n<footer>"
    yield f"{wording.redaction_line(redactor.total, on=redactor.on)} Written by ai-viewer {__version__}."
    yield "</footer>\n</body>\n</html>\n"


def _start(title: str) -> str:
    return (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta http-equiv="Content-Security-Policy"'
        " content=\"default-src 'none'; style-src 'unsafe-inline'; img-src data:\">\n"
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        '<meta name="referrer" content="no-referrer">\n'
        f"<title>{_escape(title)}</title>\n<style>{_STYLE}</style>\n</head>\n<body>\n"
    )


def _step(op: Op, bodies: list[Body]) -> Iterator[str]:
    if op.kind is OpKind.LLM:
        # The answer is the transcript; the call itself is a line below it.
        yield from map(_body, bodies)
        if line := wording.op_line(op):
            yield f'<p class="dim">{_escape(wording.op_name(op))} · {_escape(line)}</p>\n'
        if op.error_message:
            yield f'<p class="bad">{_escape(op.error_message)}</p>\n'
        return
    css = ' class="failed"' if op.status is OpStatus.FAILED else ""
    line = _escape(wording.op_line(op))
    about = next(
        (body.text for body in bodies if body.payload.kind is PayloadKind.TOOL_INPUT and body.text), ""
    )
    yield f"<details{css}><summary><b>{_escape(wording.op_name(op))}</b>"
    yield f" {_escape(wording.one_line(about, 100))} <small>{line}</small></summary>\n"
    if op.error_message:
        yield f'<p class="bad">{_escape(op.error_message)}</p>\n'
    if op.child is not None:
        yield f"<p>Runs {_escape(op.child.agent or op.child.title or '')} ({_escape(op.child.id)}).</p>\n"
    yield from map(_body, bodies)
    yield "</details>\n"


def _body(body: Body) -> str:
    kind = body.payload.kind
    label = wording.LABELS[kind]
    if body.text is not None:
        text = _escape(body.text.strip("\n"))
        if not text.strip():
            return ""
        if kind is PayloadKind.PROMPT:
            return f'<div class="prose prompt">{text}</div>\n'
        if kind in wording.PROSE:
            return f'<div class="prose">{text}</div>\n'
        if kind is PayloadKind.CONTEXT:
            return f"<details><summary>{label}</summary><pre>{text}</pre></details>\n"
        return f'<div class="dim">{label}</div><pre>{text}</pre>\n'
    if body.data is not None and body.payload.media_type in RASTER_IMAGES and len(body.data) <= PICTURE_BYTES:
        data = base64.b64encode(body.data).decode()
        return f'<p><img alt="{label}" src="data:{body.payload.media_type};base64,{data}"></p>\n'
    return f'<p class="dim">{label}: {_escape(body.missing or wording.size_line(body))}</p>\n'


def _escape(text: str) -> str:
    """Escape a text; characters that HTML does not allow are replaced."""
    return html.escape(
        re.sub(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]", "\N{REPLACEMENT CHARACTER}", text)
    )
