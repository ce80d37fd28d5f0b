"""Readings of how somebody's sound comes and goes, made of the reports of both directions of their connection.

It must not know of connections, nor of what the readings come to.
"""

from __future__ import annotations

from localconnect.audio_quality import AudioReading
from localconnect.media.rtcp import ReportBlock

_CLOCK_RATE = 48_000


class AudioMeter:
    """Makes readings of the reports about one client's sound, as they come and as they are sent."""

    __slots__ = ("_downlink", "_round_trip_s")

    def __init__(self) -> None:
        self._downlink: ReportBlock | None = None
        self._round_trip_s: float | None = None

    def take(self, block: ReportBlock, round_trip_s: float | None) -> None:
        """The client's own report of what it hears. It holds until the next: browsers send one every few seconds."""
        self._downlink = block
        if round_trip_s is not None:
            self._round_trip_s = round_trip_s

    def read(self, uplink: ReportBlock) -> AudioReading:
        """The reading as of a report to the client."""
        blocks = [uplink] if self._downlink is None else [uplink, self._downlink]
        return AudioReading(
            loss=max(block.fraction_lost for block in blocks) / 256,
            round_trip_s=self._round_trip_s,
            jitter_s=max(block.jitter for block in blocks) / _CLOCK_RATE,
        )
