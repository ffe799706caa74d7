"""How much is applied at a time: see `ai_viewer.ingest.gather`."""

from __future__ import annotations

from ai_viewer.ingest.gather import FIRST_RATE, MOST_BYTES, Gathered
from ai_viewer.store.batch import FileBatch, FileState


def batch(size: int, start: int = 0) -> FileBatch:
    file = FileState("a.jsonl", 1, start + size, 1, start + size, 0, 1, b"")
    return FileBatch("codex", "/home/dev/.codex", file, start, False, True, None, [], [])


def test_batches_are_handed_over_in_the_order_of_reading() -> None:
    gathered: Gathered[str] = Gathered(1.0)
    first, second = batch(1000), batch(2000, start=1000)
    gathered.add(first, "one")
    gathered.add(second, "two")
    assert gathered.size == 3000
    assert gathered.take() == ([first, second], ["one", "two"])
    assert (bool(gathered), gathered.size) == (False, 0)


def test_there_are_enough_when_applying_them_takes_the_time_that_may_be_taken() -> None:
    gathered: Gathered[None] = Gathered(0.1)
    gathered.add(batch(int(FIRST_RATE * 0.09)), None)
    assert not gathered.enough
    gathered.add(batch(int(FIRST_RATE * 0.02)), None)
    assert gathered.enough


def test_it_learns_how_fast_they_are_applied() -> None:
    gathered: Gathered[None] = Gathered(1.0)
    for _ in range(20):
        gathered.applied(4_000_000, 1.0)
    gathered.add(batch(4_000_100), None)
    assert gathered.enough


def test_a_small_transaction_says_nothing_of_that() -> None:
    gathered: Gathered[None] = Gathered(1.0)
    gathered.applied(1000, 1.0)
    assert gathered.rate == FIRST_RATE


def test_however_fast_they_are_applied_not_all_is_held_in_memory() -> None:
    gathered: Gathered[None] = Gathered(1000.0)
    gathered.add(batch(MOST_BYTES), None)
    assert gathered.enough
