"""Columns of numbers in few bytes."""

from __future__ import annotations

import math
from array import array

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ai_viewer.store.packing import Packing, pack, unpack

NONE = 2**32 - 1
WIDEST = {"B": 2**8 - 1, "H": 2**16 - 1, "I": NONE}

floats = st.one_of(st.just(math.nan), st.integers(-(2**52), 2**52).map(float))


@given(st.lists(floats))
def test_floats_come_back_as_they_were_and_unknown_ones_unknown(numbers: list[float]) -> None:
    how, data = pack(array("d", numbers))
    assert [str(number) for number in unpack("d", how, data, len(numbers))] == [str(n) for n in numbers]


@given(st.data(), st.sampled_from(sorted(WIDEST)))
def test_unsigned_numbers_come_back_as_they_were(data: st.DataObject, typecode: str) -> None:
    widest = WIDEST[typecode]
    numbers = data.draw(st.lists(st.one_of(st.just(widest), st.integers(0, widest), st.integers(0, 9))))
    how, packed = pack(array(typecode, numbers))
    assert list(unpack(typecode, how, packed, len(numbers))) == numbers


@pytest.mark.parametrize(
    ("typecode", "numbers", "bytes_each"),
    [
        ("I", [7, 7, 7], 0),
        ("I", [3, 200], 1),
        ("I", [NONE, 5, NONE], 1),
        ("I", [NONE, NONE], 0),
        ("H", [0, 300], 2),
        ("d", [math.nan, math.nan], 0),
        ("d", [1.7e15, 1.7e15 + 255_000, math.nan], 1),  # whole milliseconds
        ("d", [1.7e15, 1.7e15 + 86_400e6], 1),
        ("d", [1.7e15, 1.7e15 + 1, 1.7e15 + 86_400e6], 5),
        ("d", [], 0),
    ],
)
def test_a_number_takes_the_bytes_that_tell_it_from_its_neighbours(
    typecode: str, numbers: list[float], bytes_each: int
) -> None:
    values = array("d", numbers) if typecode == "d" else array(typecode, [int(number) for number in numbers])
    how, data = pack(values)
    assert (how.bytes, len(data)) == (bytes_each, bytes_each * len(numbers))


def test_the_lowest_bytes_come_first() -> None:
    assert pack(array("H", [0x0102, 0x0304])) == (Packing(0, 1, 2), b"\x02\x04\x01\x03")
