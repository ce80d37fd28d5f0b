"""Work on many things, spread over time."""

from __future__ import annotations

import time
from itertools import chain

import pytest

from contacts.pacing import spread


@pytest.mark.parametrize(
    ("count", "parts"),
    [(0, [0]), (1, [1]), (10, [10]), (11, [10, 1]), (35, [10, 10, 10, 5])],
)
async def test_things_come_in_parts_over_the_time(count: int, parts: list[int]) -> None:
    """Should give each thing once, few at once, and take the time however many there are."""
    began = time.monotonic()

    given = [part async for part in spread(list(range(count)), 0.2, at_once=10)]

    assert [len(part) for part in given] == parts
    assert list(chain.from_iterable(given)) == list(range(count))
    assert time.monotonic() - began >= 0.19
