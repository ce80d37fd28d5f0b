"""The sound of a meeting: whom each listener hears, and how that person's Opus packets are passed on.

A listener hears one sender at a time, undecoded: the only other one who is unmuted or, among several, the loudest.
`AudioBridge.rebalance` is the one place that chooses, so a mixer can take its place without anyone noticing.
Whoever hears nobody gets silence at the usual 50 packets a second, because a client that receives nothing reconnects.
It must not know of sockets, SDP or signalling: packets leave through the callables it is given.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace

from localconnect.media import rtcp, rtp
from localconnect.media.reception import Reception

TICK_S = 0.2
"""How often levels are published and the loudest sender is chosen anew."""

_CLOCK_RATE = 48_000
_FRAME_S = 0.02
_FRAME_TICKS = 960
_STALE_S = 0.5
_LOUDER_BY = 6
_SILENCE = b"\xf8\xff\xfe"
"""20 ms of silence in Opus."""

Send = Callable[[bytes], None]


class AudioSender:
    """Somebody's sound on its way in. `owner` is the attendee, shared by an attendee and its content share."""

    __slots__ = (
        "heard_at",
        "level",
        "level_id",
        "listeners",
        "loudness",
        "muted",
        "owner",
        "reception",
    )

    def __init__(self, owner: str, *, muted: bool) -> None:
        self.owner = owner
        self.muted = muted
        self.level_id: int | None = None
        """The id of the header extension that carries levels."""
        self.reception: Reception | None = None
        self.listeners: tuple[AudioListener, ...] = ()
        self.heard_at = -_STALE_S
        self.level = rtp.SILENCE_LEVEL
        """The loudest level since the last tick, in -dBov."""
        self.loudness = float(rtp.SILENCE_LEVEL)
        """The level smoothed over about a second, in -dBov."""


class AudioListener:
    """Somebody's sound on its way out: one continuous stream, whatever it is made of."""

    __slots__ = (
        "_number",
        "_number_shift",
        "_payload_type",
        "_send",
        "_send_report",
        "_sent_at",
        "_time",
        "_time_shift",
        "octets",
        "owner",
        "packets",
        "source",
        "ssrc",
    )

    def __init__(
        self, owner: str, *, ssrc: int, payload_type: int, send: Send, send_report: Send
    ) -> None:
        self.owner = owner
        self.ssrc = ssrc
        self.source: AudioSender | None = None
        self.packets = 0
        self.octets = 0
        self._payload_type = payload_type
        self._send = send
        self._send_report = send_report
        self._number = 0
        self._time = 0
        self._number_shift = 0
        self._time_shift: int | None = None
        self._sent_at = 0.0

    def follow(self, source: AudioSender | None) -> None:
        """Hear `source` from its next packet on, without a break in numbers or time."""
        self.source = source
        self._time_shift = None

    def forward(self, number: int, timestamp: int, payload: bytes, now: float) -> None:
        """Send one frame of the source, shifted into this stream's numbers and time."""
        if self._time_shift is None:
            self._number_shift = self._number + 1 - number
            self._time_shift = self._next_time(now) - timestamp
        number = (number + self._number_shift) & 0xFFFF
        timestamp = (timestamp + self._time_shift) & 0xFFFFFFFF
        if (number - self._number) & 0xFFFF < 0x8000:
            self._number, self._time, self._sent_at = number, timestamp, now
        self._emit(number, timestamp, payload)

    def send_silence(self, now: float) -> None:
        """Send 20 ms of silence."""
        self._time_shift = None
        self._time = self._next_time(now)
        self._number = (self._number + 1) & 0xFFFF
        self._sent_at = now
        self._emit(self._number, self._time, _SILENCE)

    def forward_report(self, report: rtcp.SenderReport) -> None:
        """Pass the source's clock on, in this stream's time."""
        if self._time_shift is not None:
            shifted = (report.rtp_timestamp + self._time_shift) & 0xFFFFFFFF
            own = replace(
                report,
                ssrc=self.ssrc,
                rtp_timestamp=shifted,
                packets=self.packets & 0xFFFFFFFF,
                octets=self.octets & 0xFFFFFFFF,
            )
            self._send_report(rtcp.sender_report(own))

    def _next_time(self, now: float) -> int:
        frames = max(1, round((now - self._sent_at) / _FRAME_S)) if self._sent_at else 1
        return (self._time + frames * _FRAME_TICKS) & 0xFFFFFFFF

    def _emit(self, number: int, timestamp: int, payload: bytes) -> None:
        self.packets += 1
        self.octets += len(payload)
        self._send(
            rtp.header(
                payload_type=self._payload_type,
                marker=0,
                sequence_number=number,
                timestamp=timestamp,
                ssrc=self.ssrc,
            )
            + payload
        )


class AudioBridge:
    """Everybody's sound in one meeting."""

    def __init__(self) -> None:
        self._senders: list[AudioSender] = []
        self._listeners: list[AudioListener] = []
        self._silence: asyncio.TimerHandle | None = None
        self._silence_due = 0.0

    def add_sender(self, sender: AudioSender) -> None:
        """It may be heard as soon as its first packet comes."""
        self._senders.append(sender)

    def remove_sender(self, sender: AudioSender) -> None:
        """Nobody hears it any more; fine when it is not there."""
        if sender in self._senders:
            self._senders.remove(sender)
            self.rebalance()

    def add_listener(self, listener: AudioListener) -> None:
        """It gets sound, or silence, from now on."""
        self._listeners.append(listener)
        self.rebalance()

    def remove_listener(self, listener: AudioListener) -> None:
        """It gets nothing any more; fine when it is not there."""
        if listener in self._listeners:
            self._listeners.remove(listener)
            self.rebalance()

    def set_muted(self, sender: AudioSender, muted: bool) -> None:
        """A muted sender is not heard, whatever it sends."""
        sender.muted = muted
        self.rebalance()

    def receive(self, sender: AudioSender, data: bytes, now: float) -> None:
        """Take one packet of `sender` that arrived at `now` (monotonic seconds).

        :raises rtp.MalformedPacket: it is no RTP packet.
        """
        start, end = rtp.payload_span(data)
        number = data[2] << 8 | data[3]
        timestamp = int.from_bytes(data[4:8])
        reception = sender.reception
        ssrc = int.from_bytes(data[8:12])
        if reception is None or reception.ssrc != ssrc:
            reception = sender.reception = Reception(ssrc, _CLOCK_RATE)
            for listener in sender.listeners:
                listener.follow(sender)
        reception.add(number, timestamp, now)
        if sender.level_id is not None:
            level = rtp.audio_level(data, sender.level_id)
            if level < sender.level:
                sender.level = level
        was_stale = now - sender.heard_at > _STALE_S
        sender.heard_at = now
        if was_stale:
            self.rebalance()
        if sender.listeners:
            payload = data[start:end]
            for listener in sender.listeners:
                listener.forward(number, timestamp, payload, now)

    def forward_report(self, sender: AudioSender, report: rtcp.SenderReport) -> None:
        """Pass a sender's clock on to those who hear it."""
        for listener in sender.listeners:
            listener.forward_report(report)

    def tick(self) -> None:
        """Every 200 ms: settle the levels and choose anew."""
        for sender in self._senders:
            level = rtp.SILENCE_LEVEL if sender.muted else sender.level
            sender.loudness += (level - sender.loudness) * 0.3
            sender.level = rtp.SILENCE_LEVEL
        self.rebalance()

    def rebalance(self) -> None:
        """Choose for every listener whom it hears."""
        now = asyncio.get_running_loop().time()
        live = [s for s in self._senders if not s.muted and now - s.heard_at <= _STALE_S]
        for listener in self._listeners:
            chosen = _choose(listener, live)
            if chosen is not listener.source:
                listener.follow(chosen)
        for sender in self._senders:
            sender.listeners = tuple(x for x in self._listeners if x.source is sender)
        if self._silence is None and any(x.source is None for x in self._listeners):
            self._silence_due = now
            self._fill_silence()

    def _fill_silence(self) -> None:
        self._silence = None
        unfed = [listener for listener in self._listeners if listener.source is None]
        if not unfed:
            return
        loop = asyncio.get_running_loop()
        now = loop.time()
        for listener in unfed:
            listener.send_silence(now)
        self._silence_due = max(self._silence_due + _FRAME_S, now)
        self._silence = loop.call_at(self._silence_due, self._fill_silence)

    def close(self) -> None:
        """Forget everybody."""
        if self._silence is not None:
            self._silence.cancel()
            self._silence = None
        for sender in self._senders:
            sender.listeners = ()
        self._senders.clear()
        self._listeners.clear()


def _choose(listener: AudioListener, live: list[AudioSender]) -> AudioSender | None:
    candidates = [sender for sender in live if sender.owner != listener.owner]
    if len(candidates) <= 1:
        return candidates[0] if candidates else None
    loudest = min(candidates, key=lambda sender: sender.loudness)
    current = listener.source
    # Stay with the present speaker unless another is clearly louder, so that the choice does not flutter.
    if current in candidates and current.loudness - loudest.loudness < _LOUDER_BY:
        return current
    return loudest
