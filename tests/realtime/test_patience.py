"""A limit on each of many waits in a row."""

from __future__ import annotations

import asyncio

import pytest

from contacts.patience import Patience

LONGEST_S = 0.2


async def waits(*lengths_s: float, pause_s: float = 0) -> None:
    """Wait several times, with pauses that do not count."""
    limit = asyncio.timeout(None)
    patience = Patience(limit, LONGEST_S)
    try:
        async with limit:
            for length_s in lengths_s:
                patience.begin()
                await asyncio.sleep(length_s)
                patience.end()
                await asyncio.sleep(pause_s)
    finally:
        patience.forget()


async def test_short_waits_may_last_long_together() -> None:
    """Should count each for itself."""
    await waits(*[LONGEST_S / 8] * 16)


async def test_pauses_do_not_count() -> None:
    """Should be patient with who does nothing."""
    await waits(0, 0, pause_s=2 * LONGEST_S)


@pytest.mark.parametrize("before", [[], [0.0], [LONGEST_S / 4] * 3])
async def test_long_wait_ends(before: list[float]) -> None:
    """Should end the wait that lasts too long, and soon, however many went before."""
    began = asyncio.get_running_loop().time()
    with pytest.raises(TimeoutError):
        await waits(*before, 60)
    assert asyncio.get_running_loop().time() - began - sum(before) < 10
