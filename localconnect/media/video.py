"""Video, forwarded and never decoded: a publication, those who watch it, and the publisher's end of it.

A publication rewrites each packet once, under an SSRC of its own, and hands the same bytes to every subscriber.
Sequence numbers and timestamps stay the publisher's. It must not know of sockets, SDP or signalling: packets leave
through the callables it is given.
"""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Callable
from dataclasses import replace

from localconnect.media import rtcp, rtp
from localconnect.media.nack import LossWindow, PacketHistory
from localconnect.media.reception import Reception

KEY_FRAME_INTERVAL_S = 0.5
"""A publisher is asked for key frames at most this often, however many subscribers ask."""

RECEIVE_BITRATE = 2_500_000
"""What every publisher is told it may send, in bits per second."""

_CLOCK_RATE = 90_000

_REPLAY_S = 1.0
"""A new subscriber is served from the last key frame on when that is at most this old."""

Send = Callable[[bytes], None]


def new_ssrc() -> int:
    """A random SSRC, never 0."""
    return secrets.randbelow(0xFFFFFFFF) + 1


class VideoSubscription:
    """One watcher of one publication. What it gets begins with a key frame."""

    __slots__ = ("_first", "_payload_type", "_send", "publication", "send_report")

    def __init__(
        self, publication: VideoPublication, *, payload_type: int, send: Send, send_report: Send
    ) -> None:
        self.publication = publication
        self.send_report = send_report
        self._payload_type = payload_type
        self._send = send
        self._first = 0

    def start(self, number: int) -> None:
        """Packets before `number` were never meant for this subscriber."""
        self._first = number

    def forward(self, packet: bytes, payload_type: int) -> None:
        """Send a packet that stands under `payload_type`."""
        if payload_type != self._payload_type:
            packet = rtp.with_payload_type(packet, self._payload_type)
        self._send(packet)

    def resend(self, lost: tuple[int, ...]) -> None:
        """Send what the subscriber missed and the history still holds."""
        for number in lost:
            packet = self.publication.history.find(number)
            if packet is not None and (number - self._first) & 0xFFFF < 0x8000:
                self.forward(packet, packet[1] & 0x7F)
                self.publication.resent += 1


class VideoPublication:
    """One published video and its subscribers.

    `ask_key_frame` is called when somebody needs one; how often it may be is decided here.
    """

    def __init__(
        self,
        *,
        payload_type: int,
        ask_key_frame: Callable[[], None],
        key_frame_interval_s: float = KEY_FRAME_INTERVAL_S,
    ) -> None:
        self.ssrc = new_ssrc()
        self.history = PacketHistory()
        self.packets = 0
        self.octets = 0
        self.resent = 0
        self.key_frames_asked = 0
        self._payload_type = payload_type
        self._ssrc_bytes = self.ssrc.to_bytes(4)
        self._prefix = (bytes((0x80, payload_type)), bytes((0x80, 0x80 | payload_type)))
        self._ask_key_frame = ask_key_frame
        self._interval = key_frame_interval_s
        self._asked_at = -key_frame_interval_s
        self._loop = asyncio.get_running_loop()
        self._key_frame = 0
        self._key_frame_at = -_REPLAY_S
        self._latest = 0
        self._ask_later: asyncio.TimerHandle | None = None
        self._watching: tuple[VideoSubscription, ...] = ()
        self._waiting: tuple[VideoSubscription, ...] = ()

    @property
    def subscribers(self) -> int:
        """How many are subscribed and not paused."""
        return len(self._watching) + len(self._waiting)

    def freshen(self) -> None:
        """See to it that a recent key frame is at hand for the subscriber who is about to come."""
        if self._loop.time() - self._key_frame_at > _REPLAY_S / 2:
            self.request_key_frame()

    def subscribe(self, subscription: VideoSubscription) -> None:
        """Start forwarding to it: from the last key frame on if that is recent, else at the next, which is asked for."""
        self.unsubscribe(subscription)
        if self._loop.time() - self._key_frame_at > _REPLAY_S:
            self._waiting = (*self._waiting, subscription)
            self.request_key_frame()
            return
        subscription.start(self._key_frame)
        for offset in range(((self._latest - self._key_frame) & 0xFFFF) + 1):
            packet = self.history.find((self._key_frame + offset) & 0xFFFF)
            if packet is not None:
                subscription.forward(packet, self._payload_type)
        self._watching = (*self._watching, subscription)

    def unsubscribe(self, subscription: VideoSubscription) -> None:
        """Stop forwarding to it; fine when it is not subscribed."""
        self._waiting = tuple(s for s in self._waiting if s is not subscription)
        self._watching = tuple(s for s in self._watching if s is not subscription)

    def forward(self, data: bytes) -> None:
        """Pass one packet of the publisher on.

        :raises rtp.MalformedPacket: it is no RTP packet.
        """
        start, end = rtp.payload_span(data)
        payload = data[start:end]
        packet = b"".join((self._prefix[data[1] >> 7], data[2:8], self._ssrc_bytes, payload))
        number = data[2] << 8 | data[3]
        self.history.add(number, packet)
        self.packets += 1
        self.octets += end - start
        self._latest = number
        if rtp.starts_vp8_key_frame(payload):
            self._note_key_frame(number)
        for subscription in self._watching:
            subscription.forward(packet, self._payload_type)

    def _note_key_frame(self, number: int) -> None:
        self._key_frame = number
        self._key_frame_at = self._loop.time()
        for subscription in self._waiting:
            subscription.start(number)
        self._watching += self._waiting
        self._waiting = ()

    def forward_report(self, report: rtcp.SenderReport) -> None:
        """Pass the publisher's clock on, so that players can relate media time to real time."""
        if self._watching:
            data = rtcp.sender_report(replace(report, ssrc=self.ssrc))
            for subscription in self._watching:
                subscription.send_report(data)

    def request_key_frame(self) -> None:
        """Ask the publisher for a key frame, now or as soon as the interval allows."""
        if self._ask_later is not None:
            return
        wait = self._asked_at + self._interval - self._loop.time()
        if wait > 0:
            self._ask_later = self._loop.call_later(wait, self._ask)
        else:
            self._ask()

    def _ask(self) -> None:
        self._ask_later = None
        self._asked_at = self._loop.time()
        self.key_frames_asked += 1
        self._ask_key_frame()

    def close(self) -> None:
        """Forget subscribers and timers."""
        if self._ask_later is not None:
            self._ask_later.cancel()
            self._ask_later = None
        self._watching = self._waiting = ()


class VideoUplink:
    """The publisher's end: counts what arrives, asks again for what does not, and passes the rest to a publication."""

    __slots__ = ("_publication", "_send_rtcp", "_window", "reception", "ssrc")

    def __init__(self, *, send_rtcp: Send, ssrc: int) -> None:
        self.ssrc = ssrc
        """The SSRC this server signs its feedback with."""
        self.reception: Reception | None = None
        self._window = LossWindow()
        self._send_rtcp = send_rtcp
        self._publication: VideoPublication | None = None

    def attach(self, publication: VideoPublication) -> None:
        """Where packets go; until then they are dropped."""
        self._publication = publication

    def receive(self, data: bytes, now: float) -> None:
        """Take one packet that arrived at `now` (monotonic seconds).

        :raises rtp.MalformedPacket: it is no RTP packet.
        """
        publication = self._publication
        if publication is None:
            return
        reception = self.reception
        ssrc = int.from_bytes(data[8:12])
        if reception is None or reception.ssrc != ssrc:
            reception = self.reception = Reception(ssrc, _CLOCK_RATE)
            self._window = LossWindow()
        number = data[2] << 8 | data[3]
        reception.add(number, int.from_bytes(data[4:8]), now)
        lost = self._window.add(number, now)
        publication.forward(data)
        if lost:
            self._ask_again(lost)
        elif self._window:
            self.repair(now)
        if self._window.overrun:
            self._window.overrun = False
            publication.request_key_frame()

    def repair(self, now: float) -> None:
        """Ask once more for what is still missing."""
        again = self._window.due(now)
        if again:
            self._ask_again(again)

    def _ask_again(self, lost: list[int]) -> None:
        if self.reception is not None:
            self._send_rtcp(
                rtcp.receiver_report(self.ssrc) + rtcp.nack(self.ssrc, self.reception.ssrc, lost)
            )

    def ask_key_frame(self) -> None:
        """Send a PLI; before the first packet there is nothing to refer to, and a new stream begins with a key frame."""
        if self.reception is not None:
            self._send_rtcp(
                rtcp.receiver_report(self.ssrc) + rtcp.picture_loss(self.ssrc, self.reception.ssrc)
            )

    def report(self, now: float) -> tuple[list[rtcp.ReportBlock], bytes]:
        """The report block and the bitrate message that are due regularly."""
        if self.reception is None:
            return [], b""
        limit = rtcp.bitrate_limit(self.ssrc, self.reception.ssrc, RECEIVE_BITRATE)
        return [self.reception.block(now)], limit
