"""Repair of lost packets, in both directions: what to ask a publisher for, and what to send a subscriber again.

`LossWindow` watches the sequence numbers of one incoming stream, `PacketHistory` keeps the last packets of one
outgoing stream. Neither sends anything.
"""

from __future__ import annotations

HISTORY = 512
"""Packets kept for retransmission, a power of two: about five seconds of 640x360 video."""

_RETRY_S = 0.05
_ATTEMPTS = 8
_SLOT = HISTORY - 1


class LossWindow:
    """The packets of one stream that have not arrived yet."""

    __slots__ = ("_highest", "_missing", "overrun")

    def __init__(self) -> None:
        self._highest = -1
        self._missing: dict[int, tuple[float, int]] = {}
        self.overrun = False
        """The stream jumped further than can be repaired: only a key frame helps. The reader resets it."""

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
            self.overrun = True
            return None
        lost = [(first + offset) & 0xFFFF for offset in range(ahead - 1)]
        for missing in lost:
            self._missing[missing] = (now + _RETRY_S, 1)
        return lost

    def due(self, now: float) -> list[int]:
        """What to ask for again. A packet asked for eight times in vain is given up."""
        if not self._missing:
            return []
        again = []
        for number, (when, attempts) in list(self._missing.items()):
            if when > now:
                continue
            if attempts >= _ATTEMPTS:
                del self._missing[number]
            else:
                self._missing[number] = (now + _RETRY_S, attempts + 1)
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
