"""One time for all: what a client's reports say of its own clock, told in this server's.

Every client reads a clock of its own, and sound that is mixed here has none. Only reports in one time let a player hold a
picture and the sound to it together (RFC 3550 §6.4.1). The quickest report of the last few tells how far two clocks are apart;
what it took on the way counts as if it were part of that, for sound and picture alike.
"""

from __future__ import annotations

import time
from collections import deque
from dataclasses import replace

from localconnect.media.rtcp import SenderReport

_SINCE_1900_S = 2_208_988_800
_STARTED = time.time() - time.monotonic()
_SECOND = 1 << 32
_REMEMBERED = 32
_SET_ANEW = 1 * _SECOND
"""A clock that is further off than that at once has been set."""

NtpTime = int
"""64 bits: seconds since 1900, and their fractions."""


def ntp_time(now: float) -> NtpTime:
    """The time of day at a moment of the monotonic clock, given in seconds."""
    return int((now + _STARTED + _SINCE_1900_S) * _SECOND) & 0xFFFFFFFF_FFFFFFFF


def seconds_between(earlier: NtpTime, later: NtpTime) -> float:
    """From one time to the other; negative if they come the other way round."""
    half = 1 << 63
    return ((later - earlier + half) % (half << 1) - half) / _SECOND


class SenderClock:
    """One client's clock, which times all it sends."""

    __slots__ = ("_differences",)

    def __init__(self) -> None:
        self._differences: deque[int] = deque(maxlen=_REMEMBERED)

    def translated(self, report: SenderReport, now: float) -> SenderReport:
        """A report that came at `now` (monotonic seconds), in the server's time."""
        arrived = ntp_time(now)
        if not report.ntp:  # a sender without a clock
            return replace(report, ntp=arrived)
        difference = arrived - report.ntp
        if self._differences and abs(difference - min(self._differences)) > _SET_ANEW:
            self._differences.clear()
        self._differences.append(difference)
        return replace(report, ntp=(report.ntp + min(self._differences)) & 0xFFFFFFFF_FFFFFFFF)
