"""When a web process looks for garbage in cycles. At times of Python's own choosing that stops every socket, and for long.

A full pass looks at whatever the process keeps: a third of a second for what is loaded at start, 0.7 s with 5,000 sockets,
and one more for each quarter of them that comes. So what was loaded at start is never looked at, young objects are looked
at when there are many, and a process with sockets makes full passes rarely, by the clock.
"""

from __future__ import annotations

import asyncio
import gc
import time

YOUNG = 10_000  # new objects before those are looked at; a request or a frame makes hundreds, and frees nearly all itself
MIDDLE = 10  # passes over the young before the survivors are looked at again
NEVER = 1_000_000_000
FULL_PASS_AFTER_S = 60.0
FULL_PASS_SHARE = 0.001  # of the time at most


def leave_out_what_is_loaded() -> None:
    """Never look again at what is there now, and at young objects only when there are many."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(YOUNG, MIDDLE, MIDDLE)


def look_rarely() -> None:
    """Leave out what is there now, and have no full pass made but by `make_full_passes`."""
    leave_out_what_is_loaded()
    gc.set_threshold(YOUNG, MIDDLE, NEVER)


async def make_full_passes(after_s: float = FULL_PASS_AFTER_S) -> None:
    """Make a full pass every `after_s`, or more rarely if they take long. Runs until cancelled."""
    pause_s = after_s
    while True:
        await asyncio.sleep(pause_s)
        began = time.perf_counter()
        gc.collect()
        pause_s = max(after_s, (time.perf_counter() - began) / FULL_PASS_SHARE)
