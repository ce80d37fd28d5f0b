"""The media of scripted agents: a moving test picture and a tone, encoded once per process and played in a loop.

A call that gets the pattern costs no encoding: the loop's VP8 and Opus payloads are ready, each call adds headers. It
is a publisher inside the process, without a transport of its own.
"""

from __future__ import annotations

import asyncio
import math
import struct
import threading
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import av

from localconnect.media import rtp
from localconnect.media.audio import AudioBridge
from localconnect.media.audio_sender import AudioSender
from localconnect.media.publication import Publication

_WIDTH, _HEIGHT, _FRAMERATE, _SECONDS = 640, 360, 15, 4
_BITRATE = 400_000
_PAYLOAD_BYTES = 1150
_VIDEO_TYPE, _AUDIO_TYPE = 96, 111
_VIDEO_RATE, _AUDIO_RATE = 90_000, 48_000
_AUDIO_FRAME = 960
_AUDIO_FRAME_S = 0.02
_TONE_HZ, _TONE_SECONDS, _TONE_AMPLITUDE = 440, 2, 3000
_BARS = (  # Y, U, V of the classic colour bars at 75 %
    (180, 128, 128),
    (162, 44, 142),
    (131, 156, 44),
    (112, 72, 58),
    (84, 184, 198),
    (65, 100, 212),
    (35, 212, 114),
)
_BLOCK = 64


@dataclass(frozen=True, slots=True)
class Pattern:
    """The loop: VP8 payloads by frame, the first frame a key frame, and Opus payloads of 20 ms with their level."""

    video: tuple[tuple[bytes, ...], ...]
    audio: tuple[tuple[bytes, int], ...]
    framerate: int = _FRAMERATE
    max_bitrate_kbps: int = _BITRATE // 1000
    video_payload_type: int = _VIDEO_TYPE
    restart_interval_s: float = 0.1


_prepared: Pattern | None = None
_preparing = threading.Lock()


async def prepared_pattern() -> Pattern:
    """The loop, encoded in a thread by the first caller: about a third of a second, once per process."""
    if _prepared is not None:
        return _prepared
    return await asyncio.to_thread(_prepare)


def _prepare() -> Pattern:
    global _prepared
    with _preparing:
        pattern = _prepared or Pattern(video=_encode_video(), audio=_encode_audio())
        _prepared = pattern
        return pattern


class PatternSource:
    """One call's player of the loop. It stands where other participants have a client."""

    def __init__(self, pattern: Pattern, bridge: AudioBridge) -> None:
        self._pattern = pattern
        self._bridge = bridge
        self._audio: AudioSender | None = None
        self._video: Publication | None = None
        self._loop = asyncio.get_running_loop()
        self._timer: asyncio.TimerHandle | None = None
        self._audio_ssrc = rtp.new_ssrc()
        self._started_at = 0.0
        self._audio_number = 0
        self._video_number = 0
        self._frame = 0
        self._frame_due = 0.0

    def start(self, audio: AudioSender, video: Publication | None) -> None:
        """Play the tone as `audio` and the picture into `video`."""
        self._audio, self._video = audio, video
        self._started_at = self._frame_due = self._loop.time()
        self._play()

    def send(self, frame: bytes) -> None:
        """Signalling for a participant that needs none."""

    def finish(self, status: int) -> None:
        """Stop playing."""
        self.abort()

    def abort(self) -> None:
        """Stop playing."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        self._audio = self._video = None

    def restart(self, _publication: Publication | None = None) -> None:
        """Somebody needs a key frame: begin the picture's loop anew, at once."""
        self._frame = 0
        self._frame_due = self._loop.time()
        self._send_picture(self._frame_due)

    def _play(self) -> None:
        now = self._loop.time()
        self._send_tone(now)
        if now >= self._frame_due:
            self._send_picture(now)
        # Due times are counted from the start: a late wake-up shortens the next pause instead of slowing the loop.
        due = self._started_at + self._audio_number * _AUDIO_FRAME_S
        self._timer = self._loop.call_at(due, self._play)

    def _send_tone(self, now: float) -> None:
        if self._audio is None:
            return
        payload, level = self._pattern.audio[self._audio_number % len(self._pattern.audio)]
        self._audio.level = min(self._audio.level, level)
        head = rtp.header(
            payload_type=_AUDIO_TYPE,
            marker=0,
            sequence_number=self._audio_number & 0xFFFF,
            timestamp=self._audio_number * _AUDIO_FRAME & 0xFFFFFFFF,
            ssrc=self._audio_ssrc,
        )
        self._audio_number += 1
        self._bridge.receive(self._audio, head + payload, now)

    def _send_picture(self, now: float) -> None:
        if self._video is None:
            return
        payloads = self._pattern.video[self._frame]
        self._frame = (self._frame + 1) % len(self._pattern.video)
        self._frame_due = max(self._frame_due + 1 / _FRAMERATE, now)
        timestamp = int((now - self._started_at) * _VIDEO_RATE) & 0xFFFFFFFF
        for position, payload in enumerate(payloads, start=1):
            head = rtp.header(
                payload_type=_VIDEO_TYPE,
                marker=0x80 if position == len(payloads) else 0,
                sequence_number=self._video_number,
                timestamp=timestamp,
                ssrc=0,
            )
            self._video_number = (self._video_number + 1) & 0xFFFF
            self._video.forward(head + payload, now)


def _encode_video() -> tuple[tuple[bytes, ...], ...]:
    encoder: Any = av.CodecContext.create("libvpx", "w")
    encoder.width, encoder.height, encoder.pix_fmt = _WIDTH, _HEIGHT, "yuv420p"
    encoder.bit_rate, encoder.framerate = _BITRATE, Fraction(_FRAMERATE)
    encoder.time_base = Fraction(1, _FRAMERATE)
    encoder.options = {
        "deadline": "realtime",
        "cpu-used": "6",
        "lag-in-frames": "0",
        "g": "9999",  # one key frame, at the beginning
    }
    packets = []
    for number in range(_FRAMERATE * _SECONDS):
        frame = av.VideoFrame(_WIDTH, _HEIGHT, "yuv420p")
        frame.pts, frame.time_base = number, encoder.time_base
        for plane, rows in zip(frame.planes, _picture(number), strict=True):
            padding = bytes(plane.line_size - len(rows[0]))
            plane.update(b"".join(row + padding for row in rows))
        packets += encoder.encode(frame)
    packets += encoder.encode(None)
    return tuple(_payloads(bytes(packet)) for packet in packets)


def _picture(number: int) -> tuple[list[bytes], list[bytes], list[bytes]]:
    """Rows of the Y, U and V plane of one frame: colour bars, and a white block that circles once per loop."""
    angle = 2 * math.pi * number / (_FRAMERATE * _SECONDS)
    left = round((_WIDTH - _BLOCK) * (0.5 + 0.4 * math.cos(angle))) & ~1
    top = round((_HEIGHT - _BLOCK) * (0.5 + 0.4 * math.sin(angle))) & ~1
    planes = []
    for channel, scale, value in ((0, 1, 235), (1, 2, 128), (2, 2, 128)):
        width, height, block = _WIDTH // scale, _HEIGHT // scale, _BLOCK // scale
        bars = b"".join(bytes([bar[channel]]) * (width // len(_BARS) + 1) for bar in _BARS)[:width]
        start = left // scale
        crossed = bars[:start] + bytes([value]) * block + bars[start + block :]
        rows = [bars] * height
        rows[top // scale : top // scale + block] = [crossed] * block
        planes.append(rows)
    return planes[0], planes[1], planes[2]


def _payloads(frame: bytes) -> tuple[bytes, ...]:
    """One VP8 frame as RTP payloads with the shortest descriptor (RFC 7741 §4.2)."""
    pieces = [frame[i : i + _PAYLOAD_BYTES] for i in range(0, len(frame), _PAYLOAD_BYTES)]
    return tuple((b"\x00" if i else b"\x10") + piece for i, piece in enumerate(pieces))


def _encode_audio() -> tuple[tuple[bytes, int], ...]:
    encoder: Any = av.CodecContext.create("libopus", "w")
    encoder.sample_rate, encoder.layout, encoder.format = _AUDIO_RATE, "mono", "s16"
    encoder.bit_rate = 24_000
    frames = _TONE_SECONDS * _AUDIO_RATE // _AUDIO_FRAME
    packets = []
    # The second round is kept: in it the encoder comes from the loop's end, as the listener's decoder will.
    for number in range(2 * frames):
        frame = av.AudioFrame(format="s16", layout="mono", samples=_AUDIO_FRAME)
        frame.sample_rate, frame.pts = _AUDIO_RATE, number * _AUDIO_FRAME
        frame.planes[0].update(_samples(number % frames))
        packets += encoder.encode(frame)
    packets += encoder.encode(None)
    level = round(-20 * math.log10(_TONE_AMPLITUDE / 32768 / math.sqrt(2)))
    return tuple((bytes(packet), level) for packet in packets[frames : 2 * frames])


def _samples(number: int) -> bytes:
    """20 ms of the tone, which swells and fades once per loop."""
    period = _TONE_SECONDS * _AUDIO_RATE
    values = []
    for position in range(number * _AUDIO_FRAME, (number + 1) * _AUDIO_FRAME):
        swell = 0.6 - 0.4 * math.cos(2 * math.pi * position / period)
        tone = math.sin(2 * math.pi * _TONE_HZ * position / _AUDIO_RATE)
        values.append(round(_TONE_AMPLITUDE * swell * tone))
    return struct.pack(f"<{len(values)}h", *values)
