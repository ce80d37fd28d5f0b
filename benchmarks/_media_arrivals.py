"""What a synthetic client sees and hears of what arrives: complete frames, freezes, gaps, and how old packets are.

Counts packets of one stream; it decodes nothing and sends nothing.
"""

from __future__ import annotations

import itertools

from benchmarks._media_packets import FPS

_FREEZE_S = max(3 / FPS, 1 / FPS + 0.15)
"""A pause between two frames that browsers count as a freeze (W3C webrtc-stats, freezeCount)."""

RETRY_S = 0.02
"""How often browsers look for what to ask for again, on a path that is shorter than that."""

_GIVE_UP_S = 1.0
_MOST_ASKED = 64


class Picture:
    """The frames of one incoming video. A frame is complete when every packet up to its marker has come."""

    def __init__(self) -> None:
        self.frames_at: list[float] = []
        """When each frame was complete, in monotonic seconds."""
        self._next: int | None = None
        self._highest = 0
        self._early: dict[int, bool] = {}
        self._asked: dict[int, tuple[float, float]] = {}

    def add(self, number: int, *, marker: bool, now: float) -> list[int]:
        """Note a packet; returns the numbers of those to be asked for."""
        if self._next is None:
            self._next = self._highest = number
        if (number - self._highest) & 0xFFFF < 0x8000:
            self._highest = number
        ahead = (number - self._next) & 0xFFFF
        if ahead >= 0x8000:
            return []
        self._early[number] = marker
        self._asked.pop(number, None)
        self._advance(now)
        return self.missing(now)

    def _advance(self, now: float) -> None:
        while self._next in self._early:
            if self._early.pop(self._next):
                self.frames_at.append(now)
            self._next = (self._next + 1) & 0xFFFF

    @property
    def waits(self) -> bool:
        """Whether something is missing."""
        return bool(self._early)

    def missing(self, now: float) -> list[int]:
        """The numbers of the packets to be asked for now."""
        if self._next is None or not self._early:
            return []
        wanted = []
        for offset in range((self._highest - self._next) & 0xFFFF):
            number = (self._next + offset) & 0xFFFF
            if number in self._early:
                continue
            first, last = self._asked.get(number, (now, float("-inf")))
            if now - first > _GIVE_UP_S:
                self._early[number] = False
            elif now - last >= RETRY_S:
                self._asked[number] = (first, now)
                wanted.append(number)
        return wanted[:_MOST_ASKED]

    def freezes(self, since: float, until: float) -> int:
        """Pauses that are noticed, between two moments."""
        times = [since, *(at for at in self.frames_at if since <= at <= until), until]
        return sum(b - a > _FREEZE_S for a, b in itertools.pairwise(times))

    def frozen_seconds(self, since: float, until: float) -> int:
        """Seconds in which no frame was complete."""
        full = {int(at - since) for at in self.frames_at if since <= at <= until}
        return int(until - since) - len([s for s in full if s < int(until - since)])

    def rate(self, since: float, until: float) -> float:
        """Frames a second."""
        return sum(since <= at <= until for at in self.frames_at) / (until - since)


class Sound:
    """The packets of one incoming sound."""

    def __init__(self) -> None:
        self._numbers: list[int] = []

    def add(self, number: int) -> None:
        """Note a packet."""
        if self._numbers:  # unwrapped
            last = self._numbers[-1]
            number = last + ((number - last + 0x8000) & 0xFFFF) - 0x8000
        self._numbers.append(number)

    def forget(self) -> None:
        """Begin to count anew."""
        self._numbers.clear()

    def gaps(self) -> float:
        """The share of packets lost together with the one that follows, which would carry their repair (RFC 6716 §2.1.7)."""
        came = set(self._numbers)
        if not came:
            return 1.0
        first, last = min(came), max(came)
        lost = sum(n not in came and n + 1 not in came for n in range(first, last))
        return lost / max(1, last - first)
