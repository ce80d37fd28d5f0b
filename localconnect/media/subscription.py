"""One watcher of one video: a single continuous stream, whichever layers it is made of.

Layers number and time their packets, and count their pictures, each on its own. A subscription shifts them so that its client sees one stream,
and changes layers only at a key frame. While it stays with the layer it began with, packets pass as they are.
It must not know of sockets, nor why a layer is chosen (allocation.py).
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from dataclasses import replace

from localconnect.media import rtcp, rtp, vp8
from localconnect.media.publication import Publication

_CLOCK_RATE = 90_000

Send = Callable[[bytes], None]


class VideoSubscription:
    """What a client gets of one video, under one SSRC."""

    __slots__ = (
        "_count_shift",
        "_first",
        "_flowing",
        "_loop",
        "_number",
        "_number_shift",
        "_payload_type",
        "_send",
        "_send_report",
        "_shifted",
        "_time_shift",
        "_wanted",
        "source",
    )

    def __init__(self, *, payload_type: int, send: Send, send_report: Send) -> None:
        self.source: Publication | None = None
        """The layer that was last forwarded."""
        self._wanted: Publication | None = None
        self._payload_type = payload_type
        self._send = send
        self._send_report = send_report
        self._number_shift = 0
        self._time_shift = 0
        self._count_shift = vp8.Counts(0, 0)
        self._shifted = False
        self._first = 0
        self._flowing = False
        self._number = 0
        self._loop = asyncio.get_running_loop()

    @property
    def wanted(self) -> Publication | None:
        """The layer that is forwarded, or will be from its next key frame on; None while paused."""
        return self._wanted

    @property
    def waits(self) -> bool:
        """Whether a key frame is still to come."""
        return self._wanted is not None and not (self._flowing and self._wanted is self.source)

    @property
    def can_go_back(self) -> bool:
        """Only before anything was sent: later, packets that have passed would lie in the client's past."""
        return self.source is None

    def watch(self, layer: Publication | None) -> None:
        """Forward `layer` from its next key frame on; None stops the flow at once."""
        former, self._wanted = self._wanted, layer
        if layer is former:
            return
        if former is not None and (former is not self.source or layer is None):
            former.unsubscribe(self)
        if layer is None:
            if self.source is not None and self._flowing:
                self._number = self.source.latest + self._number_shift
                self.source.unsubscribe(self)
            self._flowing = False
        elif layer is not self.source or former is None:
            layer.subscribe(self, self._loop.time())

    def begin(self, publication: Publication, number: int, timestamp: int) -> None:
        """Go on with packets of `publication`, without a break in numbers or time."""
        former, self.source = self.source, publication
        if former is not None:
            if self._flowing:
                self._number = former.latest + self._number_shift
                former.unsubscribe(self)
            if former is not publication:
                passed = max(self._loop.time() - former.latest_at, 0.001)
                latest = former.latest_timestamp + self._time_shift
                self._time_shift = (latest + int(passed * _CLOCK_RATE) - timestamp) & 0xFFFFFFFF
                before, after = former.counts(former.latest), publication.counts(number)
                if before is not None and after is not None:
                    self._count_shift = after.step_from(before, self._count_shift)
            self._number_shift = (self._number + 1 - number) & 0xFFFF
            self._shifted = True
        self._first = (number + self._number_shift) & 0xFFFF
        self._flowing = True

    def forward(self, packet: bytes, payload_type: int) -> None:
        """Send a packet that stands under `payload_type`."""
        if self._shifted:
            data = bytearray(packet)
            rtp.renumber(
                data,
                self._payload_type,
                ((packet[2] << 8 | packet[3]) + self._number_shift) & 0xFFFF,
                (int.from_bytes(packet[4:8]) + self._time_shift) & 0xFFFFFFFF,
            )
            vp8.shift_counts(data, rtp.HEADER_LENGTH, self._count_shift)
            packet = bytes(data)
        elif payload_type != self._payload_type:
            packet = rtp.with_payload_type(packet, self._payload_type)
        self._send(packet)

    def forward_report(self, report: rtcp.SenderReport, data: bytes) -> None:
        """Pass the publisher's clock on, in this stream's time."""
        if self._time_shift:
            time = (report.rtp_timestamp + self._time_shift) & 0xFFFFFFFF
            data = rtcp.sender_report(replace(report, rtp_timestamp=time))
        self._send_report(data)

    def sent_of(self, lost: Iterable[int]) -> tuple[int, ...]:
        """Those of the packets the client misses that it was sent, and that the history still holds.

        What the publisher's own network has lost is none of them, nor what was before the last change of layer.
        """
        source = self.source
        if source is None or self._wanted is None:
            return ()
        return tuple(
            number
            for number in lost
            if (number - self._first) & 0xFFFF < 0x8000
            and source.history.find((number - self._number_shift) & 0xFFFF) is not None
        )

    def resend(self, lost: Iterable[int]) -> None:
        """Send once more what was sent before."""
        source = self.source
        if source is None:
            return
        for number in lost:
            packet = source.history.find((number - self._number_shift) & 0xFFFF)
            if packet is not None:
                self.forward(packet, packet[1] & 0x7F)
                source.resent += 1

    def request_key_frame(self) -> None:
        """The client cannot go on without a key frame of what it is sent."""
        layer = self._wanted
        if layer is not None:
            layer.key_frames.request()
