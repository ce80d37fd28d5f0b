"""Repair of lost packets, in both directions: what to ask a publisher for, and what to send a subscriber again.

`LossWindow` watches the sequence numbers of one incoming stream, `PacketHistory` keeps the last packets of one
outgoing stream. Neither sends anything.
"""

from __future__ import annotations

from localconnect.media.round_trip import RoundTrip

HISTORY = 512
"""Packets kept for retransmission, a power of two: about five seconds of 640x360 video."""

_ANSWERED_S = 0.01
"""What a publisher takes to answer, beside the way there and back."""

_ATTEMPTS, _STEADY = 10, 4
"""How often a packet is asked for; after the first few times each wait is twice as long, so that an outage is outlasted."""

_LONGEST_WAIT_S = 0.25
_SLOT = HISTORY - 1


class LossWindow:
    """The packets of one stream that have not arrived yet. What is asked for is asked again when no answer can come any more."""

    __slots__ = ("_highest", "_missing", "_round_trip", "broken")

    def __init__(self, round_trip: RoundTrip) -> None:
        self._highest = -1
        self._missing: dict[int, tuple[float, int]] = {}
        self._round_trip = round_trip
        self.broken = False
        """Something is lost for good: only a key frame helps. The reader resets it."""

    def add(self, number: int, now: float) -> list[int] | None:
        """Note that packet `number` arrived at `now` (monotonic seconds); what to ask for at once, if anything."""
        if self._highest < 0:
            self._highest = number
            return None
        ahead = (number - self._highest) & 0xFFFF
        if ahead == 1:
            self._highest = number
            return None
        if ahead >= 0x8000 or ahead == 0:
            self._missing.pop(number, None)
            return None
        first = self._highest + 1
        self._highest = number
        if ahead > HISTORY:
            self._missing.clear()
            self.broken = True
            return None
        lost = [(first + offset) & 0xFFFF for offset in range(ahead - 1)]
        for missing in lost:
            self._missing[missing] = (now + self._wait(1), 1)
        return lost

    def _wait(self, attempts: int) -> float:
        wait = self._round_trip.seconds * 1.25 + _ANSWERED_S
        return min(wait * (1 << max(0, attempts - _STEADY)), max(wait, _LONGEST_WAIT_S))

    @property
    def next_due(self) -> float | None:
        """When to ask again for something; None when nothing is missing."""
        return min((when for when, _ in self._missing.values()), default=None)

    def due(self, now: float) -> list[int]:
        """What to ask for again. A packet asked for ten times in vain is given up."""
        again = []
        for number, (when, attempts) in list(self._missing.items()):
            if when > now:
                continue
            if attempts >= _ATTEMPTS:
                del self._missing[number]
                self.broken = True
            else:
                self._missing[number] = (now + self._wait(attempts + 1), attempts + 1)
                again.append(number)
        return again

    def __len__(self) -> int:
        return len(self._missing)


class PacketHistory:
    """The last 512 packets of one stream, by sequence number."""

    __slots__ = ("_packets",)

    def __init__(self) -> None:
        self._packets: list[bytes | None] = [None] * HISTORY

    def add(self, number: int, packet: bytes) -> None:
        """Keep `packet` until 512 later ones have come."""
        self._packets[number & _SLOT] = packet

    def find(self, number: int) -> bytes | None:
        """The packet with that sequence number, or None when it is too old or never came."""
        packet = self._packets[number & _SLOT]
        if packet is None or packet[2] << 8 | packet[3] != number:
            return None
        return packet
