"""Large bodies are prepared once, and not all are held."""

from __future__ import annotations

import pytest

from ai_viewer.server import bodies
from ai_viewer.server.bodies import LARGE_BYTES, Bodies, Body


class Preparing:
    """Prepares bodies of ``size`` bytes, and counts how often."""

    def __init__(self, size: int) -> None:
        self.size = size
        self.times = 0

    def __call__(self) -> Body:
        self.times += 1
        return Body(b"x" * self.size, "text/plain", f'"{self.times}"', 0)


@pytest.mark.parametrize(("size", "times"), [(LARGE_BYTES, 1), (LARGE_BYTES - 1, 3)])
def test_a_large_body_is_prepared_once(size: int, times: int) -> None:
    held, prepare = Bodies(), Preparing(size)
    for _ in range(3):
        assert len(held.get("one", prepare).data) == size
    assert prepare.times == times


def test_the_body_asked_for_least_lately_makes_room(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bodies, "MOST_BYTES", 2 * LARGE_BYTES)
    held, prepare = Bodies(), Preparing(LARGE_BYTES)
    for key in ("one", "two", "one", "three", "one"):
        held.get(key, prepare)
    assert prepare.times == 3
    held.get("two", prepare)
    assert prepare.times == 4


def test_one_too_large_to_hold_is_handed_out_all_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bodies, "MOST_BYTES", LARGE_BYTES)
    held, prepare = Bodies(), Preparing(LARGE_BYTES + 1)
    assert len(held.get("one", prepare).data) == LARGE_BYTES + 1
    held.get("one", prepare)
    assert prepare.times == 2
