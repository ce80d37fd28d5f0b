"""When a web process looks for garbage in cycles."""

from __future__ import annotations

import asyncio
import gc
import weakref
from collections.abc import Iterator

import pytest

from portal.serving import garbage


@pytest.fixture(autouse=True)
def collector() -> Iterator[None]:
    """The collector as it was, afterwards."""
    thresholds = gc.get_threshold()
    yield
    gc.set_threshold(*thresholds)
    gc.unfreeze()


class Knot:
    """Something that only a collector lets go of."""

    def __init__(self) -> None:
        self.itself = self


def test_no_full_pass_comes_of_itself() -> None:
    """Should let a process keep ever more without stopping to look at all of it."""
    garbage.look_rarely()
    before = [generation["collections"] for generation in gc.get_stats()]

    kept = [[number] for number in range(30 * garbage.YOUNG)]

    after = [generation["collections"] for generation in gc.get_stats()]
    assert len(kept) == 30 * garbage.YOUNG
    assert after[0] - before[0] > garbage.MIDDLE
    assert after[1] > before[1]
    assert after[2] == before[2]


async def test_full_passes_are_made_now_and_then() -> None:
    """Should let go of what has grown old in a cycle, by and by."""
    garbage.look_rarely()
    knot = Knot()
    gone = asyncio.Event()
    weakref.finalize(knot, gone.set)
    gc.collect()  # it is old now
    passes = asyncio.create_task(garbage.make_full_passes(0.05))
    del knot
    try:
        await asyncio.wait_for(gone.wait(), 10)
    finally:
        passes.cancel()


def test_what_is_loaded_is_left_out() -> None:
    """Should have full passes look at what came since alone."""
    garbage.leave_out_what_is_loaded()
    knots = [Knot() for _ in range(100)]

    left_out, looked_at = gc.get_freeze_count(), len(gc.get_objects())

    assert left_out > looked_at
    assert gc.get_threshold() == (garbage.YOUNG, garbage.MIDDLE, garbage.MIDDLE)
    assert len(knots) == 100
