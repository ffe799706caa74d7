"""Words in texts: how texts are indexed, and where in a text a term of a query stands.

The full-text index keeps words only: runs of letters and digits, whatever their case and accents.
Scripts without spaces between words are indexed character by character. What the index does not
keep (punctuation, where a word begins) is looked up in the text itself.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator

from ai_viewer.query import Term

# Kana, Han, Hangul and Thai: written without spaces, or with endings that stick to the word.
_UNSPACED = (
    "\u0e00-\u0e7f\u1100-\u11ff\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff"
    "\uac00-\ud7af\uf900-\ufaff\uff66-\uff9f\U00020000-\U0003ffff"
)
_UNSPACED_CHARACTER = re.compile(f"[{_UNSPACED}]")
_LETTER = rf"[^\W_{_UNSPACED}]"
_WORD = re.compile(rf"{_LETTER}+")
_NOT_PLAIN = re.compile(rf"[^\w\s]|_|[{_UNSPACED}]")
_GAP = r"[\W_]+?"


def indexable(text: str) -> str:
    """Return the text as the index takes it: characters of scripts without spaces stand alone."""
    return text if text.isascii() else _UNSPACED_CHARACTER.sub(r" \g<0> ", text)


def phrase(term: Term) -> str:
    """Return a term as a phrase of FTS5's query language; its tokenizer takes it apart."""
    quoted = '"' + indexable(term.text).replace("\0", " ").replace('"', '""') + '"'
    return f"{quoted} *" if term.prefix and not _ends_unspaced(term.text) else quoted


def is_in_index(term: Term) -> bool:
    """Tell whether the index knows all texts that have this term, be it with some that do not."""
    return not term.inside and any(map(str.isalnum, term.text))


def is_literal(term: Term) -> bool:
    """Tell whether only the text itself can say if a term is there: punctuation, scripts without spaces."""
    return term.inside or _NOT_PLAIN.search(term.text.strip()) is not None


class Text:
    """A text, folded for comparison: case and accents do not matter."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.folded = fold(text)
        self._places: list[int] | None = None

    def place(self, at: int) -> int:
        """Return where in the text stands what is at ``at`` of the folded one."""
        if len(self.folded) == len(self.text):
            return at
        if self._places is None:
            self._places = [i for i, character in enumerate(self.text) if fold(character)]
            self._places.append(len(self.text))
        return self._places[at]


class Finder:
    """Finds one term in texts."""

    def __init__(self, term: Term) -> None:
        self.term = term
        folded = fold(term.text).strip() or term.text
        pieces = folded.split() if is_literal(term) else _WORD.findall(folded)
        pieces = pieces or [folded]
        self._first = pieces[0]
        body = (r"\s+" if is_literal(term) else _GAP).join(map(re.escape, pieces))
        before = rf"(?<!{_LETTER})" if not term.inside and _is_letter(pieces[0][0]) else ""
        after = rf"(?!{_LETTER})" if not (term.inside or term.prefix) and _is_letter(pieces[-1][-1]) else ""
        self._pattern = re.compile(before + body + after)

    def find(self, text: Text) -> Iterator[tuple[int, int]]:
        """Yield where the term begins and ends, in the folded text."""
        at = 0
        # Much faster than a search with the pattern, of which most begin with looking back.
        while (at := text.folded.find(self._first, at)) >= 0:
            found = self._pattern.match(text.folded, at)
            if found:
                yield found.span()
            at = found.end() if found else at + 1

    def is_in(self, text: Text) -> bool:
        """Tell whether the text has the term."""
        return next(self.find(text), None) is not None


def fold(text: str) -> str:
    """Return the text in lower case and without accents; each character becomes one, or an accent none."""
    return text.lower() if text.isascii() else text.translate(_FOLDED)


class _Folded(dict[int, str]):
    def __missing__(self, code: int) -> str:
        folded = self[code] = _fold(chr(code))
        return folded


_FOLDED = _Folded()


def _fold(character: str) -> str:
    if "\u0300" <= character <= "\u036f":
        return ""
    if "\uac00" <= character <= "\ud7af":
        return character
    parts = unicodedata.normalize("NFD", character)
    base, marks = parts[0], parts[1:]
    if not all(unicodedata.category(mark) == "Mn" for mark in marks):
        base = character
    lower = base.lower()
    return lower if len(lower) == 1 else base


def _is_letter(character: str) -> bool:
    return re.fullmatch(_LETTER, character) is not None


def _ends_unspaced(text: str) -> bool:
    return _UNSPACED_CHARACTER.fullmatch(text[-1:]) is not None
