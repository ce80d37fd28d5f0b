"""Turns: what takes much of the processor is done a few at a time, so that a crowd of it holds up nobody who wants little.

Python runs one thread at a time and gives all that want to run the same share: of two hundred starts at once each gets a
two-hundredth, and so does whoever only reads. Those who wait for their turn take no share. Nobody keeps a turn while
waiting for another service: who is waited for is Amazon Connect, or a database that is away.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from threading import Semaphore

from contacts.errors import ConnectBusy


class Turns:
    """So many at a time begin, and as many go on. Who waits longer than `within_s` to begin is refused."""

    def __init__(self, at_once: int, *, within_s: float) -> None:
        self._beginning = Semaphore(at_once)
        # Of their own: whoever has begun is not behind all who have not.
        self._going_on = Semaphore(at_once)
        self._within_s = within_s

    @contextmanager
    def taken(self) -> Iterator[None]:
        """Wait for a turn, and have it inside.

        :raises ConnectBusy: too many were before.
        """
        if not self._beginning.acquire(timeout=self._within_s):
            raise ConnectBusy("too many requests were before this one")
        turn = _Turn(self._beginning, self._going_on)
        before = _current.set(turn)
        try:
            yield
        finally:
            _current.reset(before)
            turn.held.release()


class _Turn:
    """What a thread holds while it is its turn."""

    def __init__(self, held: Semaphore, later: Semaphore) -> None:
        self.held, self._later = held, later

    def give_back(self) -> None:
        self.held.release()

    def go_on(self) -> None:
        self.held = self._later
        self.held.acquire()


_current: ContextVar[_Turn | None] = ContextVar("turn", default=None)


@contextmanager
def given_back() -> Iterator[None]:
    """Let others have this thread's turn, if it has one, while it waits for another service inside."""
    turn = _current.get()
    if turn is None:
        yield
        return
    turn.give_back()
    before = _current.set(None)
    try:
        yield
    finally:
        _current.reset(before)
        turn.go_on()
