"""What a client's receiver reports say of loss between two moments of ours.

A browser sends a report with every request for packets, so one may cover two packets of which one was lost. Their
fractions say nothing; the running counts beside them do. It must not know what follows from it.
"""

from __future__ import annotations

from localconnect.media.rtcp import ReportBlock

_FEW = 20
"""Of fewer packets a share says little, so it is taken of as many."""


class LossReports:
    """The running counts of each stream, by SSRC."""

    __slots__ = ("_latest", "_settled")

    def __init__(self) -> None:
        self._latest: dict[int, ReportBlock] = {}
        self._settled: dict[int, ReportBlock] = {}

    def note(self, block: ReportBlock) -> None:
        """A report of one stream has come."""
        self._latest[block.ssrc] = block

    def settle(self) -> float:
        """The share (0 to 1) of all packets that was lost since the last time, as far as there are reports."""
        expected = lost = 0
        for ssrc, block in self._latest.items():
            before = self._settled.get(ssrc)
            if before is not None and block.highest_sequence > before.highest_sequence:
                expected += block.highest_sequence - before.highest_sequence
                lost += block.packets_lost - before.packets_lost
        self._settled.update(self._latest)
        return min(1.0, max(0, lost) / max(expected, _FEW))

    def forget(self, ssrc: int) -> None:
        """That stream has ended."""
        self._latest.pop(ssrc, None)
        self._settled.pop(ssrc, None)
