"""What the synthetic clients of `bench media` send: a camera's picture from a real encoder, made once, and speech's packets.

Knows RTP headers and VP8, not where packets go. A stamped packet ends with the time it was sent, by the
clock that all processes of a machine share; decoders never see those.
"""

from __future__ import annotations

import functools
import itertools
import random
import struct
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
from aiortc.codecs.vpx import Vp8Encoder
from av import VideoFrame

WIDTH, HEIGHT, FPS = 640, 360, 15
BITRATE = 1_500_000
AUDIO_TYPE, VIDEO_TYPE = 111, 96
FRAMES_PER_LOOP = 60
OPUS_FRAME_S = 0.02
_PACING = 2.5
"""How much faster than its bitrate a browser sends the packets of a frame."""

_NOISE = 12.0
"""Standard deviation of the noise that makes the encoder use the bitrate it is given."""

_OPUS_BYTES = 80
_HEADER = struct.Struct("!BBHII")
_STAMP = struct.Struct("!Q")
_HISTORY = 512


@dataclass(frozen=True, slots=True)
class Due:
    """One packet to be sent `at` seconds after the start: its payload, media time and marker."""

    at: float
    payload_type: int
    payload: bytes
    timestamp: int
    marker: int


@functools.cache
def encoded_frames() -> list[list[bytes]]:
    """Four seconds of a noisy picture as the payloads of each frame; the first is a key frame."""
    encoder = Vp8Encoder()
    encoder.target_bitrate = BITRATE
    noise = np.random.default_rng(7)
    frames = []
    for number in range(FRAMES_PER_LOOP):
        picture = np.full((HEIGHT * 3 // 2, WIDTH), 128, np.uint8)
        picture[:HEIGHT] = noise.normal(128, _NOISE, (HEIGHT, WIDTH)).astype(np.uint8)
        picture[:HEIGHT, number * 8 : number * 8 + 96] = 235
        frame = VideoFrame.from_ndarray(picture, format="yuv420p")
        frame.pts, frame.time_base = number, Fraction(1, FPS)
        frames.append(encoder.encode(frame)[0])
    return frames


def bitrate() -> float:
    """Bits per second of the picture, without headers."""
    octets = sum(len(payload) for payloads in encoded_frames() for payload in payloads)
    return octets * 8 * FPS / FRAMES_PER_LOOP


class Camera:
    """Packets of an endless video, paced as a browser does."""

    def __init__(self) -> None:
        self._frame = 0

    def ask_key_frame(self) -> None:
        """The next frame is a key frame."""
        self._frame = 0

    def packets(self, start_s: float) -> Iterator[Due]:
        """What is due from a moment on."""
        self.ask_key_frame()
        for number in itertools.count():
            payloads = encoded_frames()[self._frame % FRAMES_PER_LOOP]
            self._frame += 1
            at = start_s + number / FPS
            timestamp = int(at * 90_000) & 0xFFFFFFFF
            for index, payload in enumerate(payloads):
                marker = 0x80 if index == len(payloads) - 1 else 0
                yield Due(at, VIDEO_TYPE, payload, timestamp, marker)
                at += (len(payload) + 40) * 8 / (BITRATE * _PACING)


def microphone(start_s: float) -> Iterator[Due]:
    """Packets of endless speech."""
    payload = b"\x78" + random.Random(7).randbytes(_OPUS_BYTES - 1)
    for number in itertools.count():
        at = start_s + number * OPUS_FRAME_S
        yield Due(at, AUDIO_TYPE, payload, int(at * 50 + 0.5) * 960 & 0xFFFFFFFF, 0)


class OutgoingStream:
    """Numbers the packets of one SSRC, and keeps those a receiver may ask for again."""

    def __init__(self, ssrc: int) -> None:
        self.ssrc = ssrc
        self._number = random.randrange(1 << 15)
        self._sent: dict[int, bytes] = {}

    def packet(self, due: Due, *, stamped: bool) -> bytes:
        """The RTP packet, with the time at its end unless somebody is going to decode it."""
        self._number = number = (self._number + 1) & 0xFFFF
        packet = (
            _HEADER.pack(0x80, due.marker | due.payload_type, number, due.timestamp, self.ssrc)
            + due.payload
            + (_STAMP.pack(time.monotonic_ns()) if stamped else b"")
        )
        self._sent[number] = packet
        self._sent.pop((number - _HISTORY) & 0xFFFF, None)
        return packet

    def again(self, numbers: Sequence[int]) -> list[bytes]:
        """Those of the packets with these numbers that are still at hand."""
        return [self._sent[number] for number in numbers if number in self._sent]


def age_ms(packet: bytes) -> float:
    """How long ago a packet was sent, in milliseconds."""
    sent_at: int = _STAMP.unpack_from(packet, len(packet) - _STAMP.size)[0]
    return (time.monotonic_ns() - sent_at) / 1e6
