"""The packets of one sender that wait to be played: put in as they come, taken out in the order they were spoken.

It counts in media time (48 kHz ticks) alone, so reordering, loss and pauses need no separate treatment. It must not know
of codecs or clocks; playout.py decides when to take and what to do about what is missing.
"""

from __future__ import annotations

_MOST_WAITING = 25
"""Half a second of usual packets: whoever sends more at once has lost its place."""

_NEW_TIME = 48_000
"""A packet that lies further back belongs to a new count."""


class JitterBuffer:
    """Payloads by media time. `position` is the time of the next sample that is due."""

    __slots__ = ("_waiting", "late", "position")

    def __init__(self) -> None:
        self._waiting: dict[int, bytes] = {}
        self.position: int | None = None
        self.late = 0

    def __len__(self) -> int:
        return len(self._waiting)

    def put(self, time: int, payload: bytes) -> None:
        """Keep a packet, unless its moment has passed."""
        if self.position is None or self.position - time > _NEW_TIME:
            self._waiting.clear()
            self.position = time
        if time < self.position:
            self.late += 1
            return
        self._waiting[time] = payload
        if len(self._waiting) > _MOST_WAITING:
            del self._waiting[min(self._waiting)]

    def take(self, samples: int) -> bytes | None:
        """The packet that is due, which lasts for `samples`; None if it is not there."""
        if self.position is None:
            return None
        payload = self._waiting.pop(self.position, None)
        if payload is not None:
            self.position += samples
        return payload

    def next(self) -> tuple[int, bytes] | None:
        """The earliest packet that waits, and its time."""
        if not self._waiting:
            return None
        time = min(self._waiting)
        return time, self._waiting[time]

    def rest(self) -> list[int]:
        """The times of all that wait, in order."""
        return sorted(self._waiting)
