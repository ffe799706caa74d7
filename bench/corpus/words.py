"""Words, the common ones first: those of English and of programs, then made-up names."""

from __future__ import annotations

import itertools

_COMMON = """
the a of and to in is it that for on with as was be by this are from or have an they which one you
were all her she there would their we him been has when who will no more if out so up said what its
about than into them can only other time new some could these two may first then do any like my now
over such our man me even most made after also did many off before must well back through years much
where your way down should because long each just state those people too how little good world make
very still see own work men day get here old life both between being under three never know same last
another while us might great go come since def class self none true false async yield lambda raise
except parse config request token session buffer index query schema cache retry timeout handler stream
socket thread worker queue commit error value result test file name path list string number key line
text data type object function method module import export option default status event message field
column table row count size limit offset page user group role client server response header body json
"""
_BEGINNING = "ac ad al am an ar as at be bi bo ca ce co cu da de di do en ex fa fi fo ga ge gi"
_MIDDLE = "ber cal der dic fer gen lat ler man mer nal nec par per pos ral rec ser tal ter tor ver"
_ENDING = "a ate ed el en er es et ic id il in ion is ist it ity le ment ness o on or ous s um us y"

_MADE = [
    "".join(parts)
    for parts in itertools.product(_BEGINNING.split(), _MIDDLE.split(), ("", "dal", "vent"), _ENDING.split())
]
# In leaps: words of the same frequency have not the same beginning.
_MIXED = (_MADE[number * 7919 % len(_MADE)] for number in range(len(_MADE)))
VOCABULARY: tuple[str, ...] = tuple(dict.fromkeys([*_COMMON.split(), *_MIXED]))
"""Some 50,000, each once."""


def frequencies(count: int) -> list[float]:
    """How often words of each rank come, as in natural language (Zipf and Mandelbrot)."""
    return [1 / (rank + 12) ** 1.12 for rank in range(1, count + 1)]
