"""Somebody's sound on its way in: what has come, how loud it is, and its samples while it is being mixed.

It must not know who listens; audio.py decides that.
"""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, NamedTuple

from localconnect.media import rtp
from localconnect.media.opus import SAMPLE_RATE, Samples
from localconnect.media.playout import Playout
from localconnect.media.reception import Reception
from localconnect.media.rtcp import SenderReport
from localconnect.media.sender_clock import ntp_time, seconds_between

if TYPE_CHECKING:
    from localconnect.media.audio_listener import AudioListener

STALE_S = 0.5
"""A sender that was not heard of for so long has stopped."""

_FRESH_S = 0.1
_LONGEST_AGE_S = 0.5
_RECENT = 25
_ENOUGH_TO_GO_ON = 3


class RecentPacket(NamedTuple):
    """A payload that was forwarded or is being decoded, under unwrapped numbers."""

    number: int
    time: int
    payload: bytes


class AudioSender:
    """A source of Opus packets. `owner` is the attendee, shared by an attendee and its content share.

    `audience` are the attendees for whom it is meant: everybody if None.
    """

    __slots__ = (
        "_number",
        "_playout",
        "_recent",
        "_time",
        "audience",
        "clock",
        "heard_at",
        "level",
        "level_id",
        "listeners",
        "loudness",
        "muted",
        "owner",
        "reception",
    )

    def __init__(self, owner: str, *, muted: bool, audience: frozenset[str] | None = None) -> None:
        self.owner = owner
        self.muted = muted
        self.audience = audience
        self.level_id: int | None = None
        """The id of the header extension that carries levels."""
        self.reception: Reception | None = None
        self.clock: SenderReport | None = None
        """What time it was when it spoke, in this server's time, as it last said."""
        self.listeners: tuple[AudioListener, ...] = ()
        """Those who get its packets undecoded."""
        self.heard_at = -STALE_S
        self.level = rtp.SILENCE_LEVEL
        """The loudest level since the last tick, in -dBov."""
        self.loudness = float(rtp.SILENCE_LEVEL)
        """The level smoothed over about a second, in -dBov."""
        self._recent: deque[RecentPacket] = deque(maxlen=_RECENT)
        self._number = self._time = 0
        self._playout: Playout | None = None

    def accept(self, data: bytes, now: float) -> bool:
        """Count one RTP packet; says whether it begins a new stream.

        :raises rtp.MalformedPacket: it is no RTP packet.
        """
        number, timestamp = rtp.sequence_number(data), rtp.timestamp(data)
        ssrc = int.from_bytes(data[8:12])
        reception = self.reception
        is_new = reception is None or reception.ssrc != ssrc
        if reception is None or is_new:
            reception = self.reception = Reception(ssrc, SAMPLE_RATE)
            self._number, self._time = number, timestamp
            self._playout = None
            self.clock = None
        if is_new or now - self.heard_at > STALE_S:
            self._recent.clear()
        reception.add(number, timestamp, now)
        if self.level_id is not None:
            level = rtp.audio_level(data, self.level_id)
            if level < self.level:
                self.level = level
        self.heard_at = now
        return is_new

    def settle_level(self) -> None:
        """Every 200 ms: take the loudest level since the last time into account."""
        level = rtp.SILENCE_LEVEL if self.muted else self.level
        self.loudness += (level - self.loudness) * 0.3
        self.level = rtp.SILENCE_LEVEL

    # Samples ------------------------------------------------------------------------------------------------------

    def remember(self, number: int, timestamp: int, payload: bytes, now: float) -> None:
        """Keep a payload for whoever will need samples."""
        self._number += _signed(number - self._number, 16)
        self._time += _signed(timestamp - self._time, 32)
        self._recent.append(RecentPacket(self._number, self._time, payload))
        if self._playout is not None:
            self._playout.put(self._time, payload, now)

    def forget(self) -> None:
        """What was heard lies too far back to go on from it."""
        self._recent.clear()

    def last_payloads(self) -> list[bytes]:
        """Enough of what was heard last for a decoder to go on from there."""
        return [packet.payload for packet in self._last_packets()]

    def _last_packets(self) -> list[RecentPacket]:
        return list(self._recent)[-_ENOUGH_TO_GO_ON:]

    def samples(self, due: float) -> Samples:
        """The 20 ms to be heard from `due` on. From the first call on packets are decoded, until `stop_decoding`."""
        if self._playout is None:
            self._playout = Playout([(p.time, p.payload) for p in self._last_packets()])
        return self._playout.pull(due)

    @property
    def age(self) -> float:
        """How long ago that was spoken which is heard next in the samples, in seconds; 0 while that is not known."""
        heard = self._playout.heard if self._playout is not None else None
        if heard is None or self.clock is None:
            return 0.0
        time, due = heard
        spoken = _signed(time - self.clock.rtp_timestamp, 32) / SAMPLE_RATE
        age = seconds_between(self.clock.ntp, ntp_time(due)) - spoken
        return min(max(0.0, age), _LONGEST_AGE_S)

    def unplayed(self) -> list[RecentPacket]:
        """Packets that have come and are not yet in the samples."""
        if self._playout is None:
            return []
        times = self._playout.unplayed()
        return [packet for packet in self._recent if packet.time in times]

    @property
    def decodes(self) -> bool:
        """Whether it holds a decoder and waiting packets."""
        return self._playout is not None

    def stop_decoding(self) -> None:
        """Nobody needs samples any more."""
        self._playout = None

    # State --------------------------------------------------------------------------------------------------------

    def is_live(self, now: float) -> bool:
        """Whether it is to be heard at all."""
        return not self.muted and now - self.heard_at <= STALE_S

    def is_sounding(self, now: float) -> bool:
        """Whether its last packet is so recent that it should fade away rather than break off."""
        return now - self.heard_at <= _FRESH_S


def _signed(difference: int, bits: int) -> int:
    """The shortest way from one wrapping count to another."""
    half = 1 << bits - 1
    return (difference + half) % (half << 1) - half
