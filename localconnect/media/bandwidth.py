"""How much one client's downlink can take, guessed from the feedback that every browser sends anyway.

Nothing is added to packets and nothing is done per packet. Once a tick the estimate is given what was sent and what
came back; it falls when the network shows strain, waits, and then feels its way up again:

- *Loss*: more than a tenth of the packets is missing. What got through is what the link can carry. Loss that stays
  although much less is sent is not of our making (a bad radio link): it is tolerated from then on.
- *Delay*: the round trip takes clearly longer than it did at best, so a queue is building up somewhere.
- *The receiver's own reckoning* (REMB), derived from the spacing of arrivals: it counts when it falls below what is
  being sent and some loss or queue agrees, for it also falls when a sender merely spaces a large picture out. Otherwise it
  says nothing, since it climbs by no more than a twelfth a second, whatever arrives.

A rise is a probe. When it ends where the last one did, the next wait is twice as long, up to a minute; so a link at its
limit is not disturbed every few seconds. Everything here is numbers: seconds of any monotonic clock, and bits per second.
"""

from __future__ import annotations

from collections import deque
from statistics import median

CEILING = 15_000_000
"""What is assumed of a link that never showed strain: all that the SDK subscribes to at most."""

FLOOR = 30_000
"""The estimate never falls below this: sound alone takes about as much."""

_LOSS, _CALM_LOSS, _MORE_LOSS, _MOST_TOLERATED = 0.10, 0.02, 0.03, 0.30
_FALLS_IN_VAIN = 3
_REMEMBERED_TICKS = 24
_QUEUE_S, _SOME_QUEUE_S = 0.25, 0.06
_REACT_S = 1.2
_BACK_OFF = 0.85
_GROWTH_PER_S, _IDLE_GROWTH_PER_S = 1.12, 1.35
"""How fast it rises while it is used, and while it is not: what nobody sends strains nothing."""

_WAIT_S, _LONGEST_WAIT_S = 4.0, 60.0
_NEAR = 0.7
_STALE_S = 3.0
_FALL = 0.97
_FRESH_S = 1.5
_FORGET_BEST_S = 60.0


class DownlinkEstimate:
    """The estimate for one client. `rate` is what may be sent to it altogether."""

    def __init__(self) -> None:
        self.rate = float(CEILING)
        self.strained_at = float("-inf")
        self._wait_s = _WAIT_S
        self._rise_from = 0.0
        self._risen_from = 0.0
        self._recent_losses: deque[float] = deque(maxlen=_REMEMBERED_TICKS)
        self._carried = 0.0
        self._updated_at: float | None = None
        self._limit = 0.0
        self._limit_fell_at = float("-inf")
        self._best_round_trip = (float("-inf"), float("inf"))
        self._queue = (float("-inf"), 0.0)
        self._tolerated = _LOSS
        self._descent: list[tuple[float, float]] = []

    def note_limit(self, bits_per_second: float, now: float) -> None:
        """The receiver sent a REMB."""
        if bits_per_second < _FALL * self._limit:
            self._limit_fell_at = now
        self._limit = bits_per_second

    def note_round_trip(self, seconds: float, now: float) -> None:
        """A report told how long it takes there and back."""
        when, best = self._best_round_trip
        if seconds <= best or now - when > _FORGET_BEST_S:
            self._best_round_trip = (now, seconds)
            best = seconds
        self._queue = (now, seconds - best)

    def update(self, *, now: float, sent: float, loss: float) -> None:
        """Once a tick: `sent` bits per second went out since the last one, and `loss` (0 to 1) of the packets was missed."""
        passed = now - self._updated_at if self._updated_at is not None else 0.0
        self._updated_at = now
        carried = self._strain(now, sent, loss)
        if carried is not None:
            if now - self.strained_at >= _REACT_S:
                self._fall(now, sent, loss, carried)
        elif self._is_calm(now, loss):
            self._descent.clear()
            self._rise(now, passed, sent)
        elif self._risen_from:
            # Not yet too much, but more than before: the probe has found the limit.
            self.rate = self._risen_from
            self._end_probe(now, sent)
        self._recent_losses.append(loss)
        if loss < _CALM_LOSS:
            self._tolerated = max(_LOSS, self._tolerated * 0.98)

    def _strain(self, now: float, sent: float, loss: float) -> float | None:
        """What the link carries, when it is strained."""
        shows = self._is_unusual(loss) or self._queueing(now) > _SOME_QUEUE_S
        if shows and now - self._limit_fell_at <= _FRESH_S and self._limit < sent:
            return self._limit
        if min(loss, self._steady(loss)) > self._tolerated:
            return sent * (1 - loss)
        if self._queueing(now) > _QUEUE_S:
            return sent * _BACK_OFF
        return None

    def _steady(self, loss: float) -> float:
        """The loss of this tick and the last: of a hundred packets, chance alone takes a few more or fewer."""
        return (loss + self._recent_losses[-1]) / 2 if self._recent_losses else loss

    def _queueing(self, now: float) -> float:
        measured_at, seconds = self._queue
        return seconds if now - measured_at < _STALE_S else 0.0

    def _is_calm(self, now: float, loss: float) -> bool:
        return not self._is_unusual(loss) and self._queueing(now) < _QUEUE_S / 2

    def _is_unusual(self, loss: float) -> bool:
        usual = median(self._recent_losses) if self._recent_losses else 0.0
        return self._steady(loss) > 1.5 * usual + _MORE_LOSS

    def _rise(self, now: float, passed: float, sent: float) -> None:
        if now >= self._rise_from and self.rate < CEILING:
            growth = _GROWTH_PER_S if sent > self.rate / 2 else _IDLE_GROWTH_PER_S
            self._risen_from = self._risen_from or self.rate
            self.rate = min(CEILING, self.rate * growth**passed)

    def _fall(self, now: float, sent: float, loss: float, carried: float) -> None:
        self._descent.append((sent, loss))
        self._tolerate_what_does_not_help(sent, loss)
        self.rate = max(FLOOR, min(self.rate, 0.95 * carried))
        self._end_probe(now, carried)

    def _end_probe(self, now: float, carried: float) -> None:
        if self._risen_from:
            same = _NEAR < carried / max(self._carried, 1) < 1 / _NEAR
            self._wait_s = min(2 * self._wait_s, _LONGEST_WAIT_S) if same else _WAIT_S
            self._risen_from = 0.0
        self._carried = carried
        self.strained_at = now
        self._rise_from = now + self._wait_s

    def _tolerate_what_does_not_help(self, sent: float, loss: float) -> None:
        first_sent, first_loss = self._descent[0]
        in_vain = sent < 0.7 * first_sent and loss > 0.7 * first_loss
        if len(self._descent) >= _FALLS_IN_VAIN and in_vain and loss < _MOST_TOLERATED:
            self._tolerated = 1.3 * loss
            self._descent.clear()
