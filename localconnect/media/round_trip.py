"""How long it takes to a client and back, from the reports of ours that the client quotes (RFC 3550 §6.4.1).

Whoever repeats something waits for that long first. It must not know what is repeated.
"""

from __future__ import annotations

from localconnect.media.rtcp import ReportBlock

_GUESS_S = 0.05
"""Until the first measurement."""

_WEIGHT = 1 / 4

Reported = tuple[int, float]
"""The middle of the NTP time in a sender report, as receivers quote it, and when the report was sent."""

NEVER: Reported = (0, 0.0)


class RoundTrip:
    """One client's, smoothed over the last few reports."""

    __slots__ = ("_known", "seconds")

    def __init__(self) -> None:
        self.seconds = _GUESS_S
        self._known = False

    def note(self, block: ReportBlock, reported: Reported, now: float) -> float | None:
        """Learn from a report that came at `now` (monotonic seconds). Gives this one's time, if it quotes `reported`."""
        quoted, sent_at = reported
        if not quoted or block.last_sr != quoted:
            return None
        seconds = max(0.0, now - sent_at - block.delay_since_last_sr / 65536)
        self.seconds += (seconds - self.seconds) * (_WEIGHT if self._known else 1)
        self._known = True
        return seconds
