"""One published picture on its way through: a camera, a screen, or one layer of a simulcast.

A publication rewrites each packet once and hands the same bytes to every subscriber; its sequence numbers and
timestamps stay the publisher's. Nothing is decoded. It must not know of sockets, SDP or signalling.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Protocol

from localconnect.media import rtcp, rtp, vp8
from localconnect.media.key_frames import KEY_FRAME_INTERVAL_S, KeyFrameRequests
from localconnect.media.nack import PacketHistory
from localconnect.media.round_trip import NEVER

_REPLAY_S = 1.0
"""A new subscriber is served from the last key frame on when that is at most this old."""

_RATE_S = 0.6
"""The shortest time over which a bitrate is measured."""


class Subscriber(Protocol):
    """Who watches. What it is handed begins with a key frame, announced by `begin`."""

    @property
    def can_go_back(self) -> bool:
        """Whether it may begin with packets that have already passed."""

    def begin(self, publication: Publication, number: int, timestamp: int) -> None:
        """Packets of `publication` follow, from the key frame with that number and time on."""

    def forward(self, packet: bytes, payload_type: int) -> None:
        """Take a packet that stands under `payload_type`."""

    def forward_report(self, report: rtcp.SenderReport, data: bytes) -> None:
        """Take the publisher's clock, also as the bytes of a report."""


class Publication:
    """One stream of pictures and its subscribers. Times are monotonic seconds.

    `ask_key_frame` is called with the publication when somebody needs one; how often it may be is decided here.
    """

    def __init__(
        self,
        *,
        payload_type: int,
        ask_key_frame: Callable[[Publication], None],
        ssrc: int | None = None,
        key_frame_interval_s: float = KEY_FRAME_INTERVAL_S,
    ) -> None:
        self.ssrc = ssrc or rtp.new_ssrc()
        self.key_frames = KeyFrameRequests(partial(ask_key_frame, self), key_frame_interval_s)
        self.history = PacketHistory()
        self.packets = 0
        self.octets = 0
        self.resent = 0
        self.latest = -1
        """The highest sequence number that passed, and below when it came."""
        self.latest_at = 0.0
        self.reported = NEVER
        self._payload_type = payload_type
        self._ssrc_bytes = self.ssrc.to_bytes(4)
        self._prefix = (bytes((0x80, payload_type)), bytes((0x80, 0x80 | payload_type)))
        self._key_frame = (0, 0)
        self._key_frame_at = float("-inf")
        self._measured = (0.0, 0, 0.0)
        self._watching: tuple[Subscriber, ...] = ()
        self._waiting: tuple[Subscriber, ...] = ()

    @property
    def subscribers(self) -> int:
        """How many watch or wait for a key frame."""
        return len(self._watching) + len(self._waiting)

    @property
    def latest_timestamp(self) -> int:
        """The media time of the latest packet."""
        packet = self.history.find(self.latest)
        return 0 if packet is None else int.from_bytes(packet[4:8])

    def bitrate(self, now: float) -> float:
        """Bits per second lately."""
        since, octets, rate = self._measured
        if now - since >= _RATE_S:
            rate = (self.octets - octets) * 8 / (now - since) if since else 0.0
            self._measured = (now, self.octets, rate)
        return rate

    def freshen(self, now: float) -> None:
        """See to it that a recent key frame is at hand for the subscriber who is about to come."""
        if now - self._key_frame_at > _REPLAY_S / 2:
            self.key_frames.request()

    def subscribe(self, subscriber: Subscriber, now: float) -> None:
        """Start forwarding to it: from the last key frame on if that is recent, else at the next, which is asked for."""
        self.unsubscribe(subscriber)
        if not subscriber.can_go_back or now - self._key_frame_at > _REPLAY_S:
            self._waiting = (*self._waiting, subscriber)
            self.key_frames.request()
            return
        first = self._key_frame[0]
        subscriber.begin(self, *self._key_frame)
        for offset in range(((self.latest - first) & 0xFFFF) + 1):
            packet = self.history.find((first + offset) & 0xFFFF)
            if packet is not None:
                subscriber.forward(packet, self._payload_type)
        self._watching = (*self._watching, subscriber)

    def unsubscribe(self, subscriber: Subscriber) -> None:
        """Stop forwarding to it; fine when it is not subscribed."""
        self._waiting = tuple(s for s in self._waiting if s is not subscriber)
        self._watching = tuple(s for s in self._watching if s is not subscriber)

    def forward(self, data: bytes, now: float) -> None:
        """Pass one packet of the publisher on, which arrived at `now`.

        :raises rtp.MalformedPacket: it is no RTP packet.
        """
        start, end = rtp.payload_span(data)
        payload = data[start:end]
        packet = b"".join((self._prefix[data[1] >> 7], data[2:8], self._ssrc_bytes, payload))
        number = data[2] << 8 | data[3]
        self.history.add(number, packet)
        self.packets += 1
        self.octets += end - start
        if (number - self.latest) & 0xFFFF < 0x8000 or self.latest < 0:
            self.latest = number
            self.latest_at = now
        if vp8.starts_key_frame(payload):
            self._note_key_frame(number, int.from_bytes(data[4:8]), now)
        for subscriber in self._watching:
            subscriber.forward(packet, self._payload_type)

    def _note_key_frame(self, number: int, timestamp: int, now: float) -> None:
        self._key_frame = (number, timestamp)
        self._key_frame_at = now
        waiting, self._waiting = self._waiting, ()
        for subscriber in waiting:
            subscriber.begin(self, number, timestamp)
        self._watching += waiting

    def counts(self, number: int) -> vp8.Counts | None:
        """How the packet with that number counts its picture."""
        packet = self.history.find(number)
        return None if packet is None else vp8.counts(packet, rtp.HEADER_LENGTH)

    def forward_report(self, report: rtcp.SenderReport, now: float) -> None:
        """Pass the publisher's clock on, so that players can relate media time to real time."""
        self.reported = (report.ntp >> 16 & 0xFFFFFFFF, now)
        if self._watching:
            own = replace(report, ssrc=self.ssrc)
            data = rtcp.sender_report(own)
            for subscriber in self._watching:
                subscriber.forward_report(own, data)

    def close(self) -> None:
        """Forget subscribers and timers."""
        self.key_frames.close()
        self._watching = self._waiting = ()
