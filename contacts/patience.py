"""A limit on each of many waits in a row, for those that nearly all end at once: a timeout for each would cost as much as they do."""

from __future__ import annotations

import asyncio


class Patience:
    """Lets a surrounding `asyncio.timeout` expire when a wait lasts too long. Its one timer looks when the first could."""

    def __init__(self, limit: asyncio.Timeout, longest_s: float) -> None:
        self._limit = limit
        self._longest_s = longest_s
        self._loop = asyncio.get_running_loop()
        self._until: float | None = None  # while somebody waits
        self._look: asyncio.TimerHandle | None = None

    def begin(self) -> None:
        """Begin to wait."""
        self._until = self._loop.time() + self._longest_s
        if self._look is None:
            self._look = self._loop.call_at(self._until, self._look_now)

    def end(self) -> None:
        """Say that the wait is over."""
        self._until = None

    def forget(self) -> None:
        """Look no more."""
        if self._look is not None:
            self._look.cancel()

    def _look_now(self) -> None:
        self._look = None
        if self._until is None:
            return
        if self._until > self._loop.time():
            self._look = self._loop.call_at(self._until, self._look_now)
        else:
            self._limit.reschedule(self._until)
