"""How one incoming RTP stream arrives: the figures of its receiver report (RFC 3550 §6.4, appendix A)."""

from __future__ import annotations

from localconnect.media.rtcp import ReportBlock, SenderReport


class Reception:
    """Counts the packets of one SSRC."""

    __slots__ = (
        "_base",
        "_clock_rate",
        "_cycles",
        "_expected_before",
        "_highest",
        "_jitter",
        "_received_before",
        "_report",
        "_report_at",
        "_transit",
        "loss",
        "received",
        "ssrc",
    )

    def __init__(self, ssrc: int, clock_rate: int) -> None:
        self.ssrc = ssrc
        self.received = 0
        self.loss = 0.0
        """The share of packets lost lately, smoothed over about two reports; 1 when none come any more."""
        self._clock_rate = clock_rate
        self._base = -1
        self._highest = 0
        self._cycles = 0
        self._transit = 0
        self._jitter = 0.0
        self._expected_before = 0
        self._received_before = 0
        self._report: SenderReport | None = None
        self._report_at = 0.0

    def add(self, number: int, timestamp: int, now: float) -> None:
        """Count packet `number`, sent at media time `timestamp`, arrived at `now` (monotonic seconds)."""
        transit = (int(now * self._clock_rate) - timestamp) & 0xFFFFFFFF
        if self._base < 0:
            self._base = self._highest = number
            self._transit = transit
        self.received += 1
        ahead = (number - self._highest) & 0xFFFF
        if 0 < ahead < 0x8000:
            if number < self._highest:
                self._cycles += 0x10000
            self._highest = number
        difference = (transit - self._transit) & 0xFFFFFFFF
        if difference >= 0x80000000:
            difference = 0x100000000 - difference
        self._jitter += (difference - self._jitter) / 16
        self._transit = transit

    def note_report(self, report: SenderReport, now: float) -> None:
        """Remember the sender's last report, from which the sender computes the round-trip time."""
        self._report = report
        self._report_at = now

    def block(self, now: float) -> ReportBlock:
        """The report since the last one; call it once per report."""
        highest = self._cycles + self._highest
        expected = highest - self._base + 1
        interval = expected - self._expected_before
        lost = interval - (self.received - self._received_before)
        self._expected_before = expected
        self._received_before = self.received
        share = min(1.0, max(0, lost) / interval) if interval > 0 else 1.0
        self.loss += (share - self.loss) / 2
        last, delay = 0, 0
        if self._report is not None:
            last = self._report.ntp >> 16 & 0xFFFFFFFF
            delay = int((now - self._report_at) * 65536) & 0xFFFFFFFF
        return ReportBlock(
            ssrc=self.ssrc,
            fraction_lost=min(255, (lost << 8) // interval) if lost > 0 else 0,
            packets_lost=max(-0x800000, min(0x7FFFFF, expected - self.received)),
            highest_sequence=highest & 0xFFFFFFFF,
            jitter=int(self._jitter),
            last_sr=last,
            delay_since_last_sr=delay,
        )
