"""Somebody's sound on its way out: one continuous RTP stream, whatever it is made of.

It is in one of three states: it passes the packets of one sender on, it mixes several, or it sends silence. It changes
them as it is told, without a break in numbers, time or sound. It must not know who should be heard.
"""

from __future__ import annotations

from collections.abc import Callable

from localconnect.media import rtcp, rtp
from localconnect.media.audio_sender import AudioSender
from localconnect.media.mixing import Mix, PcmOf
from localconnect.media.opus import FRAME, SAMPLE_RATE
from localconnect.media.round_trip import NEVER
from localconnect.media.sender_clock import NtpTime, ntp_time, seconds_between

FRAME_S = 0.02

_SILENCE = b"\xf8\xff\xfe"
"""20 ms of silence in Opus."""
_QUIET = 250
"""A peak of -42 dBFS: a pause in speech, in which nobody notices that the mix is left."""
_LONGEST_WAIT = 150
"""Frames after which it is left without a pause."""

Send = Callable[[bytes], None]
Sources = frozenset[AudioSender]


class AudioListener:
    """The stream to one client. `sources` is what it is meant to hear."""

    __slots__ = (
        "_mix",
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
        "reported",
        "source",
        "sources",
        "ssrc",
    )

    def __init__(
        self, owner: str, *, ssrc: int, payload_type: int, send: Send, send_report: Send
    ) -> None:
        self.owner = owner
        self.ssrc = ssrc
        self.sources: Sources = frozenset()
        self.source: AudioSender | None = None
        """Whose packets are passed on."""
        self.packets = 0
        self.octets = 0
        self.reported = NEVER
        self._mix: Mix[AudioSender] | None = None
        self._payload_type = payload_type
        self._send = send
        self._send_report = send_report
        self._number = 0
        self._time = 0
        self._number_shift = 0
        self._time_shift: int | None = None
        self._sent_at = 0.0

    @property
    def needs_ticks(self) -> bool:
        """Whether it must be fed every 20 ms because no packets pass through it."""
        return self.source is None

    @property
    def mixes(self) -> bool:
        """Whether several sounds are being mixed for it, or were a moment ago."""
        return self._mix is not None

    def hear(self, sources: Sources, now: float) -> None:
        """Change to other sources: at once where one side is silent, else by a crossfade at the next tick."""
        before, self.sources = self.source, sources
        if self._mix is not None or sources == {before}:
            return
        fades = before is not None and before.is_sounding(now)
        if len(sources) > 1 or fades:
            self._mix = Mix(before.last_payloads() if before is not None and fades else ())
            self.source = None
        else:
            self.follow(next(iter(sources), None))

    def follow(self, source: AudioSender | None) -> None:
        """Pass the packets of `source` on from its next one."""
        self.source = source
        self._time_shift = None

    def forward(self, number: int, timestamp: int, payload: bytes, now: float) -> None:
        """Send one packet of the source, shifted into this stream's numbers and time."""
        if self._time_shift is None:
            self._number_shift = self._number + 1 - number
            self._time_shift = self._next_time(now) - timestamp
        number = (number + self._number_shift) & 0xFFFF
        timestamp = (timestamp + self._time_shift) & 0xFFFFFFFF
        if (number - self._number) & 0xFFFF < 0x8000:
            self._number, self._time, self._sent_at = number, timestamp, now
        self._emit(number, timestamp, payload)

    def tick(self, pcm: PcmOf[AudioSender], due: float) -> None:
        """Send the 20 ms that begin at `due`: the mix, or silence."""
        if self._mix is None:
            self._send_frame(_SILENCE, due)
            return
        self._send_frame(self._mix.packet(self.sources, pcm), due)
        if self._may_leave(self._mix):
            self._leave_mix(due)

    def _may_leave(self, mix: Mix[AudioSender]) -> bool:
        if len(self.sources) > 1 or mix.steps < 2:
            return False
        return not self.sources or mix.loudest <= _QUIET or mix.steps > _LONGEST_WAIT

    def _leave_mix(self, now: float) -> None:
        self._mix = None
        self.follow(next(iter(self.sources), None))
        if self.source is not None:
            for packet in self.source.unplayed():
                self.forward(packet.number, packet.time, packet.payload, now)

    def report(self, now: float) -> None:
        """Say what time it was when this sound was made, so that players can hold pictures and sound together."""
        if not self.packets:
            return
        ntp = ntp_time(now)
        report = rtcp.SenderReport(
            ssrc=self.ssrc,
            ntp=ntp,
            rtp_timestamp=self._time_made_at(ntp, now),
            packets=self.packets & 0xFFFFFFFF,
            octets=self.octets & 0xFFFFFFFF,
        )
        self.reported = (ntp >> 16 & 0xFFFFFFFF, now)
        self._send_report(rtcp.sender_report(report))

    def _time_made_at(self, ntp: NtpTime, now: float) -> int:
        """The media time of what was spoken at that moment, though it has not been sent yet."""
        clock = self.source.clock if self.source is not None else None
        if clock is not None and self._time_shift is not None:
            time = clock.rtp_timestamp + self._time_shift
            passed = seconds_between(clock.ntp, ntp)
        else:
            time = self._time
            passed = now - self._sent_at + self._age_of_mix()
        return (time + round(passed * SAMPLE_RATE)) & 0xFFFFFFFF

    def _age_of_mix(self) -> float:
        ages = [source.age for source in self.sources] if self._mix is not None else []
        return sum(ages) / len(ages) if ages else 0.0

    def _send_frame(self, payload: bytes, now: float) -> None:
        self._time_shift = None
        self._time = self._next_time(now)
        self._number = (self._number + 1) & 0xFFFF
        self._sent_at = now
        self._emit(self._number, self._time, payload)

    def _next_time(self, now: float) -> int:
        frames = max(1, round((now - self._sent_at) / FRAME_S)) if self._sent_at else 1
        return (self._time + frames * FRAME) & 0xFFFFFFFF

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
