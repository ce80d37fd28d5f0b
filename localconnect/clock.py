"""The one clock of localconnect: what time it is, and what is due when.

Every timeout, token life and timestamp goes through a `Clock`, so that a test (or `POST /_local/clock`) can move time
forward and see what would have happened. It knows nothing of contacts, meetings or HTTP.
"""

from __future__ import annotations

import asyncio
import heapq
import itertools
import logging
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime

logger = logging.getLogger(__name__)

_COMPACT_AT = 1024
"""Cancelled timers tolerated in the heap before it is rebuilt."""


@dataclass(slots=True, eq=False)
class Timer:
    """One callback that is due at `due_at` (epoch seconds of its clock), unless cancelled."""

    due_at: float
    callback: Callable[[], None] | None
    _clock: Clock = field(repr=False)

    def cancel(self) -> None:
        """Forget the callback. Cancelling twice, or after it ran, does nothing."""
        if self.callback is not None:
            self.callback = None
            self._clock._forget_one()


class Clock:
    """Wall-clock time plus whatever `advance` added, and the timers that depend on it."""

    def __init__(self, read: Callable[[], float] = time.time) -> None:
        self._read = read
        self._offset = 0.0
        self._due: list[tuple[float, int, Timer]] = []
        self._order = itertools.count()
        self._cancelled = 0
        self._wake_up: asyncio.TimerHandle | None = None

    def time(self) -> float:
        """Epoch seconds, advances included."""
        return self._read() + self._offset

    def machine_time(self) -> float:
        """Epoch seconds of the machine, advances left out: what a client's signature is measured against."""
        return self._read()

    def now(self) -> datetime:
        """The same instant as `time`, as an aware datetime in UTC."""
        return datetime.fromtimestamp(self.time(), UTC)

    def call_later(self, delay_s: float, callback: Callable[[], None]) -> Timer:
        """Run `callback` once `delay_s` seconds of this clock have passed."""
        timer = Timer(due_at=self.time() + delay_s, callback=callback, _clock=self)
        heapq.heappush(self._due, (timer.due_at, next(self._order), timer))
        if self._due[0][2] is timer:
            self._set_wake_up()
        return timer

    def advance(self, seconds: float) -> None:
        """Move time forward, running what falls due on the way in order, each at its own instant."""
        target = self.time() + seconds
        while self._due and self._due[0][0] <= target:
            self._offset += max(0.0, self._due[0][0] - self.time())
            self._run_next()
        self._offset += max(0.0, target - self.time())
        self._set_wake_up()

    @property
    def advanced_s(self) -> float:
        """How far `advance` has moved this clock ahead of the machine's."""
        return self._offset

    def restore(self, advanced_s: float) -> None:
        """Go on where another process has left its clock; no timer is set yet."""
        self._offset = advanced_s

    def reset(self) -> None:
        """Take every advance back and forget every timer."""
        for _, _, timer in self._due:
            timer.callback = None
        self._due.clear()
        self._cancelled = 0
        self._offset = 0.0
        self._set_wake_up()

    def _run_due(self) -> None:
        while self._due and self._due[0][0] <= self.time():
            self._run_next()
        self._set_wake_up()

    def _run_next(self) -> None:
        timer = heapq.heappop(self._due)[2]
        callback, timer.callback = timer.callback, None
        if callback is None:
            self._cancelled -= 1
            return
        try:
            callback()
        except Exception:
            # One faulty callback must not stop the others from ever running.
            logger.exception("A timer's callback failed")

    def _forget_one(self) -> None:
        self._cancelled += 1
        if self._cancelled > _COMPACT_AT and self._cancelled * 2 > len(self._due):
            self._due = [entry for entry in self._due if entry[2].callback is not None]
            heapq.heapify(self._due)
            self._cancelled = 0

    def _set_wake_up(self) -> None:
        if self._wake_up is not None:
            self._wake_up.cancel()
            self._wake_up = None
        if not self._due:
            return
        try:
            loop = asyncio.get_running_loop()
        except RuntimeError:
            return  # without a loop only `advance` runs timers
        self._wake_up = loop.call_later(max(0.0, self._due[0][0] - self.time()), self._run_due)
