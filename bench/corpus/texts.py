"""Texts as agents read and write them: prose, code, logs, listings, changes.

Words are as frequent as words are (Zipf), and agents read the same files again, so texts are parts of
some hundred files that do not change. What is new in each text are numbers and hashes. Measured
against a collection of real sessions (24 MB of Claude Code's texts, 21 MB of Codex's):

| | zstd, text by text | words per MB | distinct words in 8 MB |
| --- | ---: | ---: | ---: |
| real, Claude Code / Codex | 3.0 / 2.4 | 121,000 / 139,000 | 7,400 / 12,500 |
| made | 2.5 / 2.2 | 137,000 / 138,000 | 28,000 / 31,000 |

So what is made is harder to compress and to index than what is real: of more words, from more projects.
"""

from __future__ import annotations

import itertools
import random
from collections.abc import Sequence

from bench.corpus.words import VOCABULARY, frequencies

FILES = 240
_LOGS = 160
_SENTENCES = 5_000


class Texts:
    """A supply of texts; the same random numbers give the same ones."""

    def __init__(self, rng: random.Random) -> None:
        self._rng = rng
        self._weights = list(itertools.accumulate(frequencies(len(VOCABULARY))))
        self._sentences = [self._sentence() for _ in range(_SENTENCES)]
        self.names = [self._path() for _ in range(FILES)]
        self._files = [self._file() for _ in range(FILES)]
        self._logs = [self._log_form() for _ in range(_LOGS)]

    def words(self, count: int) -> list[str]:
        """So many words, the common ones most often."""
        return self._rng.choices(VOCABULARY, cum_weights=self._weights, k=count)

    def prose(self, size: int) -> str:
        """Sentences of about ``size`` bytes, in paragraphs."""
        rng = self._rng
        lines: list[str] = []
        length = 0
        while length < size:
            sentence = rng.choice(self._sentences)
            if rng.random() < 0.08:
                sentence = f"{sentence} See `{rng.choice(self.names)}:{rng.randrange(900)}`."
            lines.append(sentence)
            length += len(sentence) + 1
        return _wrapped(lines, rng)

    def code(self, size: int, *, numbered: bool = False) -> str:
        """A part of a file, from any line on, of about ``size`` bytes."""
        rng = self._rng
        lines: list[str] = []
        length = 0
        while length < size:
            file = rng.choice(self._files)
            first = rng.randrange(len(file)) if size < 8_000 else 0
            for number, line in enumerate(file[first:], first + 1):
                if length >= size:
                    break
                lines.append(f"{number:>6}\u2192{line}" if numbered else line)
                length += len(lines[-1]) + 1
        return "\n".join(lines)

    def log(self, size: int) -> str:
        """Lines as programs print them, of about ``size`` bytes."""
        rng = self._rng
        lines: list[str] = []
        length = 0
        second = rng.randrange(86_400)
        forms = rng.choices(self._logs, k=4)
        digests = [f"{rng.getrandbits(32):08x}" for _ in range(3)]
        while length < size:
            second += rng.randrange(3)
            time = f"{second // 3600 % 24:02}:{second // 60 % 60:02}:{second % 60:02}"
            number = int(rng.paretovariate(0.7))
            line = rng.choice(forms).format(time=time, number=number, digest=rng.choice(digests))
            lines.append(line)
            length += len(line) + 1
        return "\n".join(lines)

    def listing(self, size: int) -> str:
        """What a search found, of about ``size`` bytes."""
        rng = self._rng
        lines: list[str] = []
        length = 0
        while length < size:
            place = rng.randrange(FILES)
            file = self._files[place]
            number = rng.randrange(len(file))
            lines.append(f"{self.names[place]}:{number + 1}:{file[number]}")
            length += len(lines[-1]) + 1
        return "\n".join(lines)

    def _sentence(self) -> str:
        words = self.words(self._rng.randrange(5, 22))
        return f"{' '.join(words).capitalize()}{self._rng.choice(('.', '.', '.', ':', '?'))}"

    def _path(self) -> str:
        first, second, third = self.words(3)
        return f"src/{first}/{second}_{third}.{self._rng.choice(('py', 'py', 'ts', 'go', 'rs'))}"

    def _file(self) -> list[str]:
        lines: list[str] = []
        for _ in range(max(3, int(self._rng.lognormvariate(3, 0.8)))):
            lines += self._function()
        return lines

    def _function(self) -> list[str]:
        rng = self._rng
        a, b, c, d, e, f = self.words(6)
        lines = ["", f"def {a}_{b}({c}: str, {d}: int = {rng.randrange(100)}) -> {e.capitalize()}:"]
        if rng.random() < 0.5:
            lines.append(f'    """{rng.choice(self._sentences)}"""')
        indents = ("", "", "    ", "        ")[: rng.randrange(1, 5)]
        for _ in range(rng.randrange(1, 9)):
            g, h, i = self.words(3)
            form = rng.choice(indents) + rng.choice(_STATEMENTS)
            lines.append(form.format(a=a, b=b, c=c, d=d, f=f, g=g, h=h, i=i, n=rng.randrange(300)))
        return [*lines, f"    return {f}"]

    def _log_form(self) -> str:
        a, b, c, d = self.words(4)
        return self._rng.choice(_LOG_FORMS).format(
            a=a, b=b, c=c, d=d, time="{time}", number="{number}", digest="{digest}"
        )


_STATEMENTS = (
    "    {f} = {c}.{g}({d}, {h}={n})",
    "    {g} = [{i} for {i} in {c} if {i}.{h} is not None]",
    "    if {g} is None or len({c}) > {n}:",
    '        raise {h}Error(f"no {g} in {{{c}!r}}")',
    "    # {g} {h} before {i}, or {c} is lost",
    "    self.{a}.{g}.append({h}_{i})",
    "    for {g}, {h} in {c}.items():",
    "        await {g}_{h}({d}, timeout={n})",
    '    with open({c}, encoding="utf-8") as {g}:',
    '        {f} += {g}["{h}"] * {n}',
    '    log.info("%s: {g} of {h}", {i})',
    "    assert {g} == {n}, {h}",
)
_LOG_FORMS = (
    "2026-01-05T{time}Z INFO {a}.{b}: {c} {number} {d} in {digest}",
    "[{time}] {a} {b} {c} id={digest} duration={number}ms status=ok",
    "{time} WARN {a} {b} retry {number} of {c}: {d} timed out",
    "tests/test_{a}_{b}.py::test_{c}_{d} PASSED [ {number}]",
    "   Compiling {a}-{b} v0.{number} (/home/dev/project/{c}/{d})",
    "-rw-r--r-- 1 dev dev {number} {time} {a}/{b}_{c}.py",
    '{{{{"level":"info","time":"{time}","msg":"{a} {b}","{c}":{number},"id":"{digest}"}}}}',
)


def _wrapped(sentences: Sequence[str], rng: random.Random) -> str:
    """Sentences in paragraphs, some of them lists."""
    parts: list[str] = []
    for sentence in sentences:
        draw = rng.random()
        parts.append("\n\n" if draw < 0.15 else "\n- " if draw < 0.3 else " ")
        parts.append(sentence)
    return "".join(parts[1:])
