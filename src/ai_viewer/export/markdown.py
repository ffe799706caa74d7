"""Sessions as Markdown that GitHub shows well, whatever the texts hold.

Tools' texts stand in fences longer than any run of backticks in them. Prompts and answers,
which are Markdown themselves, stand in block quotes: what they open ends with the quote. Their
raw HTML is shown, not taken as mark-up, and their pictures are links: nothing is fetched.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from ai_viewer.export import wording
from ai_viewer.export.content import Body, Content, Head, Opening, Step
from ai_viewer.model import OpKind

_BACKTICKS = re.compile(r"`{3,}")
_FENCE = re.compile(r" {0,3}(`{3,}|~{3,})")
_CODE = re.compile(r"(`+)(?:(?!\1).)+?\1(?!`)")


def write(content: Content, wanted: Iterable[str]) -> Iterator[str]:
    """Yield the file piece by piece."""
    for piece in content.pieces(wanted):
        match piece:
            case Head(detail, depth):
                yield f"{'#' * min(depth + 1, 3)} {_inline(wording.title(detail))}\n\n"
                yield "".join(f"- **{name}:** {_inline(value)}\n" for name, value in wording.facts(detail))
                yield "\n"
            case Opening(turn, bodies):
                name = f"Turn {turn.turn}" if turn.turn else "Before the first prompt"
                yield f"---\n\n#### {name}\n\n"
                if line := wording.turn_line(turn):
                    yield f"*{_inline(line)}*\n\n"
                if turn.error_message:
                    yield f"**Failed:** {_inline(turn.error_message)}\n\n"
                for body in bodies:
                    yield _body(body)
            case Step(op, bodies):
                if op.kind is OpKind.LLM and not bodies:
                    continue
                line = wording.op_line(op)
                yield f"**{_inline(wording.op_name(op))}**{f' · {_inline(line)}' if line else ''}\n\n"
                if op.error_message:
                    yield f"{_inline(op.error_message)}\n\n"
                if op.child is not None:
                    yield f"Runs {_inline(op.child.agent or op.child.title or '')} `{op.child.id}`.\n\n"
                for body in bodies:
                    yield _body(body)
    redactor = content.redactor
    yield f"---\n\n*{wording.redaction_line(redactor.total, on=redactor.on)}*\n"


def _body(body: Body) -> str:
    label = wording.LABELS[body.payload.kind]
    if body.text is None:
        return f"{label}: {_inline(body.missing or wording.size_line(body))}\n\n"
    if not body.text.strip():
        return ""
    if body.payload.kind in wording.PROSE:
        return f"{label}:\n\n{quote(body.text)}\n\n"
    return f"{label}:\n\n{fence(body.text)}\n\n"


def fence(text: str) -> str:
    """Return the text as a code block, its fence longer than any in the text."""
    longest = max((len(run) for run in _BACKTICKS.findall(text)), default=2)
    marks = "`" * (longest + 1)
    return f"{marks}text\n{_clean(text).rstrip()}\n{marks}"


def quote(text: str) -> str:
    """Return a Markdown text as a block quote: rendered, but kept within itself."""
    lines: list[str] = []
    fence_mark = ""
    for line in _clean(text).strip("\n").splitlines():
        found = _FENCE.match(line)
        if fence_mark:
            if found and found[1].startswith(fence_mark) and not line.strip().strip(fence_mark[0]):
                fence_mark = ""
            shown = line
        elif found:
            fence_mark = found[1]
            shown = line
        else:
            shown = _tame(line)
        lines.append(f"> {shown}" if shown else ">")
    return "\n".join(lines) or ">"


def _tame(line: str) -> str:
    """Neutralise HTML and pictures outside code."""
    parts: list[str] = []
    done = 0
    for code in _CODE.finditer(line):
        parts += [_tame_text(line[done : code.start()]), code[0]]
        done = code.end()
    return "".join([*parts, _tame_text(line[done:])])


def _tame_text(text: str) -> str:
    return text.replace("<", "&lt;").replace("![", "!\\[")


def _inline(text: str) -> str:
    """Return a text that is no mark-up, on one line."""
    line = " ".join(_clean(text).split())
    return re.sub(r"([\\`*_\[\]#|~])", r"\\\1", line).replace("<", "&lt;")


def _clean(text: str) -> str:
    """Leave out control characters, which no reader shows."""
    return re.sub(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]", "\N{REPLACEMENT CHARACTER}", text).replace(
        "\r\n", "\n"
    )
