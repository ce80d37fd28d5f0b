"""What a watcher is sent again: each missed packet not too often, and all of them within a budget.

A link that loses packets because too many are sent must not be sent more for it. Who has used up its budget gets no
repair until the next tick, and asks for a key frame when it cannot go on. Nothing here sends.
"""

from __future__ import annotations

from localconnect.media.round_trip import RoundTrip

_SHARE, _SHARE_IN_STRAIN = 4, 16
"""One packet in so many may be a repeated one; fewer while the link shows that it has enough."""

_LEAST = 16
"""Packets that may be repeated in any tick."""

_FORGOTTEN_S = 2.0
_LEAST_WAIT_S, _MOST_WAIT_S = 0.005, 0.3


class RetransmissionBudget:
    """The budget of one client, renewed every tick."""

    __slots__ = ("_left", "_repeated", "_round_trip", "missed")

    def __init__(self, round_trip: RoundTrip) -> None:
        self._round_trip = round_trip
        self.missed = 0
        """Different packets that were missed since the last tick."""
        self._left = _LEAST
        self._repeated: dict[tuple[int, int], float] = {}

    def admit(self, ssrc: int, lost: tuple[int, ...], now: float) -> list[int]:
        """The packets, of those the client was sent and misses, that are to be sent again now."""
        again = []
        on_its_way = min(max(0.75 * self._round_trip.seconds, _LEAST_WAIT_S), _MOST_WAIT_S)
        for number in lost:
            repeated_at = self._repeated.get((ssrc, number))
            if repeated_at is None:
                self.missed += 1
            elif now - repeated_at < on_its_way:
                continue
            if self._left > 0:
                self._left -= 1
                again.append(number)
            self._repeated[ssrc, number] = now
        return again

    def renew(self, sent: int, now: float, *, strained: bool) -> None:
        """A tick is over in which `sent` packets went out."""
        self.missed = 0
        self._left = max(_LEAST, sent // _SHARE) if not strained else sent // _SHARE_IN_STRAIN
        self._repeated = {
            key: when for key, when in self._repeated.items() if now - when < _FORGOTTEN_S
        }
