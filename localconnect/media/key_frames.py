"""Requests for key frames: one publisher asked seldom enough, on behalf of however many who need one."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

KEY_FRAME_INTERVAL_S = 0.5
"""A publisher is asked at most this often, however many subscribers ask."""


class KeyFrameRequests:
    """Joins requests: `ask` is called at once, or as soon as the interval since the last time is over."""

    __slots__ = ("_ask", "_asked_at", "_closed", "_interval", "_later", "_loop", "asked")

    def __init__(self, ask: Callable[[], None], interval_s: float = KEY_FRAME_INTERVAL_S) -> None:
        self.asked = 0
        self._ask = ask
        self._interval = interval_s
        self._asked_at = -interval_s
        self._later: asyncio.TimerHandle | None = None
        self._closed = False
        self._loop = asyncio.get_running_loop()

    def request(self) -> None:
        """Somebody needs a key frame."""
        if self._later is not None or self._closed:
            return
        wait = self._asked_at + self._interval - self._loop.time()
        if wait > 0:
            self._later = self._loop.call_later(wait, self._ask_now)
        else:
            self._ask_now()

    def _ask_now(self) -> None:
        self._later = None
        self._asked_at = self._loop.time()
        self.asked += 1
        self._ask()

    def close(self) -> None:
        """Ask no more."""
        self._closed = True
        if self._later is not None:
            self._later.cancel()
            self._later = None
