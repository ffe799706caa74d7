"""Columns of numbers in few bytes, which a browser unpacks in one pass over each.

A number is written as its distance from the column's smallest, in a unit that divides all of these
distances (times are often whole milliseconds), in as many bytes as the greatest needs: first the lowest
byte of all numbers, then the next of all, and so on. The upper bytes hardly ever change, which is what
compression lives on.

    10 µs, 30 µs, unknown, 7 000 010 µs
    base 10, unit 20 → 1, 2, 0, 350001 → 3 bytes each, 0 being unknown
"""

from __future__ import annotations

import math
import sys
from array import array
from typing import Any, NamedTuple

_MODULUS = 2**32


class Packing(NamedTuple):
    """How a column is packed.

    A number is ``base + unit * n``, of which ``n`` is written in ``bytes`` bytes; in a column of unsigned
    numbers this is meant modulo 2³², in one of floats ``n`` 0 is NaN.
    """

    base: int
    unit: int
    bytes: int


def pack(values: array[Any]) -> tuple[Packing, bytes]:
    """Pack a column of type ``d`` (whole numbers or NaN) or of an unsigned type."""
    if values.typecode == "d":
        return _pack_floats(values)
    greatest = max(values, default=0)
    if greatest < _MODULUS - 1:
        base = greatest if greatest == min(values, default=0) else 0
        width = _width(greatest - base)
        return Packing(base, 1, width), _planes(values, width)
    # The greatest number stands for none: it becomes 0, and so the others need few bytes.
    shifted = array(values.typecode, [(value + 1) % _MODULUS for value in values])
    width = _width(max(shifted))
    return Packing(_MODULUS - 1, 1, width), _planes(shifted, width)


def unpack(typecode: str, how: Packing, data: bytes, rows: int) -> array[Any]:
    """Return what `pack` packed."""
    columns = [data[place * rows : (place + 1) * rows] for place in range(how.bytes)]
    numbers = [int.from_bytes(number, "little") for number in zip(*columns, strict=True)] or [0] * rows
    if typecode == "d":
        known = (how.base + how.unit * number for number in numbers)
        return array(
            "d", [float(value) if number else math.nan for value, number in zip(known, numbers, strict=True)]
        )
    return array(typecode, [(how.base + how.unit * number) % _MODULUS for number in numbers])


def _pack_floats(values: array[float]) -> tuple[Packing, bytes]:
    known = [int(value) for value in values if value == value]  # noqa: PLR0124 - NaN is not itself
    if not known:
        return Packing(0, 1, 0), b""
    smallest = min(known)
    unit = math.gcd(*[value - smallest for value in known]) or 1
    base = smallest - unit
    width = _width((max(known) - base) // unit)
    if len(known) == len(values):
        numbers = [(value - base) // unit for value in known]
    else:
        numbers = [(int(value) - base) // unit if value == value else 0 for value in values]  # noqa: PLR0124
    return Packing(base, unit, width), _planes(array("Q", numbers), width)


def _width(greatest: int) -> int:
    return (greatest.bit_length() + 7) // 8


def _planes(values: array[Any], width: int) -> bytes:
    """The lowest byte of all values, then the next, and so on."""
    if sys.byteorder == "big":
        values = values[:]
        values.byteswap()
    data = values.tobytes()
    return b"".join(data[place :: values.itemsize] for place in range(width))
