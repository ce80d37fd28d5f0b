"""The publisher's end of its video: counts what arrives, asks again for what does not, and passes the rest on.

One uplink holds one stream, or the layers of a simulcast, told apart by the RTP stream id of their first packets
(RFC 8852). It must not know who watches; it hands packets to publications.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping

from localconnect.media import rtcp, rtp
from localconnect.media.nack import LossWindow
from localconnect.media.publication import Publication
from localconnect.media.reception import Reception
from localconnect.media.round_trip import RoundTrip

_CLOCK_RATE = 90_000
_REMEMBERED = 32
"""SSRCs of one client whose RTP stream ids are remembered."""

Send = Callable[[bytes], None]


class UplinkStream:
    """One incoming SSRC on its way into a publication. `ask_for` is called with what is missing."""

    __slots__ = ("_ask_for", "_later", "_loop", "_publication", "_window", "reception")

    def __init__(
        self,
        publication: Publication,
        ssrc: int,
        *,
        round_trip: RoundTrip,
        ask_for: Callable[[int, list[int]], None],
    ) -> None:
        self.reception = Reception(ssrc, _CLOCK_RATE)
        self._publication = publication
        self._window = LossWindow(round_trip)
        self._ask_for = ask_for
        self._later: asyncio.TimerHandle | None = None
        self._loop = asyncio.get_running_loop()

    def receive(self, data: bytes, now: float) -> None:
        number = data[2] << 8 | data[3]
        self.reception.add(number, int.from_bytes(data[4:8]), now)
        lost = self._window.add(number, now)
        self._publication.forward(data, now)
        if lost:
            self._ask_for(self.reception.ssrc, lost)
            self._ask_later(now)
        if self._window.broken:
            self._ask_key_frame()

    def _ask_later(self, now: float) -> None:
        due = self._window.next_due
        if self._later is None and due is not None:
            self._later = self._loop.call_later(max(0.0, due - now), self._repair)

    def _repair(self) -> None:
        """Ask once more for what is still missing."""
        self._later = None
        now = self._loop.time()
        again = self._window.due(now)
        if again:
            self._ask_for(self.reception.ssrc, again)
        if self._window.broken:
            self._ask_key_frame()
        self._ask_later(now)

    def _ask_key_frame(self) -> None:
        self._window.broken = False
        self._publication.key_frames.request()

    def feeds(self, publication: Publication) -> bool:
        """Whether it goes into that publication."""
        return self._publication is publication

    def note_report(
        self, report: rtcp.SenderReport, translated: rtcp.SenderReport, now: float
    ) -> None:
        """Take the publisher's report, and pass it on in the server's time."""
        self.reception.note_report(report, now)
        self._publication.forward_report(translated, now)

    def close(self) -> None:
        """Ask for nothing any more."""
        if self._later is not None:
            self._later.cancel()
            self._later = None


class VideoUplink:
    """What one client publishes. `ssrc` is what this server signs its feedback with."""

    def __init__(self, *, send_rtcp: Send, ssrc: int, round_trip: RoundTrip) -> None:
        self.ssrc = ssrc
        self._send_rtcp = send_rtcp
        self._round_trip = round_trip
        self._publications: Mapping[str, Publication] = {}
        self._rid_extension: int | None = None
        self._streams: dict[int, UplinkStream] = {}
        self._rids: dict[int, str] = {}

    def attach(
        self, publications: Mapping[str, Publication], *, rid_extension: int | None = None
    ) -> None:
        """Where packets go, by RTP stream id; a single publication takes whatever comes, and none drops it."""
        self._publications = publications
        self._rid_extension = rid_extension
        for ssrc in list(self._streams):
            self._streams.pop(ssrc).close()

    def receive(self, data: bytes, now: float) -> None:
        """Take one packet that arrived at `now` (monotonic seconds).

        :raises rtp.MalformedPacket: it is no RTP packet.
        """
        ssrc = int.from_bytes(data[8:12])
        stream = self._streams.get(ssrc) or self._open(ssrc, data)
        if stream is not None:
            stream.receive(data, now)

    def _open(self, ssrc: int, data: bytes) -> UplinkStream | None:
        publication = self._publication_of(ssrc, data)
        if publication is None:
            return None
        for former in [s for s, known in self._streams.items() if known.feeds(publication)]:
            self._streams.pop(former).close()
        stream = self._streams[ssrc] = UplinkStream(
            publication, ssrc, round_trip=self._round_trip, ask_for=self._ask_for
        )
        return stream

    def _publication_of(self, ssrc: int, data: bytes) -> Publication | None:
        if len(self._publications) == 1:
            return next(iter(self._publications.values()))
        # A browser names its streams until it knows that they were heard, and not again when it sends them anew.
        if self._rid_extension is not None and ssrc not in self._rids:
            rid = rtp.extension(data, self._rid_extension).decode(errors="replace")
            if rid in self._publications and len(self._rids) < _REMEMBERED:
                self._rids[ssrc] = rid
        return self._publications.get(self._rids.get(ssrc, ""))

    def _ask_for(self, ssrc: int, lost: list[int]) -> None:
        self._send_feedback(rtcp.nack(self.ssrc, ssrc, lost))

    def _send_feedback(self, message: bytes) -> None:
        self._send_rtcp(rtcp.receiver_report(self.ssrc) + message)

    def ask_key_frame(self, publication: Publication) -> None:
        """Send a PLI; before the first packet there is nothing to refer to, and a new stream begins with a key frame."""
        for ssrc, stream in self._streams.items():
            if stream.feeds(publication):
                self._send_feedback(rtcp.picture_loss(self.ssrc, ssrc))

    def note_report(
        self, report: rtcp.SenderReport, translated: rtcp.SenderReport, now: float
    ) -> None:
        """Take the report of one of the streams, and pass it on in the server's time."""
        stream = self._streams.get(report.ssrc)
        if stream is not None:
            stream.note_report(report, translated, now)

    def report(self, now: float, granted: int) -> tuple[list[rtcp.ReportBlock], bytes]:
        """The report blocks, and the message that grants so many bits per second, which are due regularly."""
        blocks = [stream.reception.block(now) for stream in self._streams.values()]
        limit = rtcp.bitrate_limit(self.ssrc, list(self._streams), granted) if blocks else b""
        return blocks, limit
