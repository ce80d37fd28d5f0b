"""Spreads work on many things over time, so that no turn of the event loop is long."""

from __future__ import annotations

import asyncio
import math
from collections.abc import AsyncIterator
from typing import TypeVar

T = TypeVar("T")


async def spread(things: list[T], over_s: float, *, at_once: int) -> AsyncIterator[list[T]]:
    """Give things in parts of at most `at_once`, one after each of equal pauses that last `over_s` together.

    Of no things one empty part is given, after the whole time.
    """
    pause_s = over_s / max(1, math.ceil(len(things) / at_once))
    for start in range(0, max(1, len(things)), at_once):
        await asyncio.sleep(pause_s)
        yield things[start : start + at_once]
