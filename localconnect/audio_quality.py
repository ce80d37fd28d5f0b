"""How good somebody's sound was: what the reports of both directions of their connection say, gathered over a call.

Amazon Connect does not say how it scores a connection. Here it is the E-model (ITU-T G.107) as simplified for packet
networks: from the round trip, the jitter and the loss. Knows nothing of connections or contacts.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

_HIGH_LOSS = 0.05
_HIGH_ROUND_TRIP_S = 0.3
"""Twice what ITU-T G.114 allows one way before people talk at the same time."""
_HIGH_JITTER_S = 0.05
_WORTH_TELLING = 0.1
"""What was high in that share of the readings is an issue of the call."""
_SECOND_READINGS = 2
"""One bad reading of a short call is none."""

_BEST_RATING = 93.2
_CODEC_S = 0.01


class Issue(StrEnum):
    """What may have been wrong, in Amazon Connect's words."""

    LOSS = "HighPacketLoss"
    ROUND_TRIP = "HighRoundTripTime"
    JITTER = "HighJitterBuffer"


@dataclass(frozen=True, slots=True)
class AudioReading:
    """One reading: the share of packets lost in the worse direction, the round trip (None: not told), and the jitter."""

    loss: float
    round_trip_s: float | None
    jitter_s: float


@dataclass(slots=True)
class AudioQuality:
    """Everything read of somebody's sound in a call: sums, and how often each figure was high."""

    readings: int = 0
    loss: float = 0.0
    jitter_s: float = 0.0
    round_trips: int = 0
    round_trip_s: float = 0.0
    high_loss: int = 0
    high_jitter: int = 0
    high_round_trip: int = 0

    def add(self, reading: AudioReading) -> None:
        """Count one more reading."""
        self.readings += 1
        self.loss += reading.loss
        self.jitter_s += reading.jitter_s
        self.high_loss += reading.loss >= _HIGH_LOSS
        self.high_jitter += reading.jitter_s >= _HIGH_JITTER_S
        if reading.round_trip_s is not None:
            self.round_trips += 1
            self.round_trip_s += reading.round_trip_s
            self.high_round_trip += reading.round_trip_s >= _HIGH_ROUND_TRIP_S

    @property
    def score(self) -> float | None:
        """From 1.00 to 5.00, as people would rate it; None when nothing was read."""
        if not self.readings:
            return None
        round_trip_s = self.round_trip_s / self.round_trips if self.round_trips else 0.0
        jitter_s, loss = self.jitter_s / self.readings, self.loss / self.readings
        delay_ms = 1000 * (round_trip_s / 2 + 2 * jitter_s + _CODEC_S)
        rating = _BEST_RATING - (delay_ms / 40 if delay_ms < 160 else (delay_ms - 120) / 10)
        rating = min(100.0, max(0.0, rating - 250 * loss))
        opinion = 1 + 0.035 * rating + 7e-6 * rating * (rating - 60) * (100 - rating)
        return round(min(5.0, max(1.0, opinion)), 2)

    @property
    def issues(self) -> list[Issue]:
        """What was high often enough to be noticed."""
        found = {
            Issue.LOSS: self.high_loss,
            Issue.ROUND_TRIP: self.high_round_trip,
            Issue.JITTER: self.high_jitter,
        }
        least = max(_SECOND_READINGS, _WORTH_TELLING * self.readings)
        return [issue for issue, times in found.items() if times >= least]
