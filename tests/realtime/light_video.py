"""Video of light clients: a camera that sends what it is granted, one that shows a picture, and a viewer that reports as browsers do.

Nothing is decoded, and at most one picture is encoded; else a picture is as many packets as its bitrate takes.
"""

from __future__ import annotations

import asyncio
import contextlib
import functools
from collections.abc import AsyncIterator
from fractions import Fraction

from aiortc.codecs.vpx import Vp8Encoder, VpxPayloadDescriptor
from av import VideoFrame

from localconnect.media import rtcp, vp8
from localconnect.media.nack import LossWindow
from localconnect.media.reception import Reception
from localconnect.media.round_trip import RoundTrip
from localconnect.media.rtp import HEADER_LENGTH
from tests.realtime.light_client import VIDEO_TYPE, LightClient

_FPS = 15
_PACKET = 1000
_KEY, _DELTA, _REST = b"\x10\x90", b"\x10\x91", b"\x00"
_OWN_SSRC = 9


class LightCamera:
    """Sends as many bits per second as it is granted, between what its encoder needs and what it makes at most."""

    def __init__(self, client: LightClient, *, least: int, most: int) -> None:
        self.granted = most
        self._client = client
        self._least, self._most = least, most
        self._key_frame = True
        client.heard.on_rtcp = self._take

    def _take(self, packet: bytes) -> None:
        for message in rtcp.parse(packet):
            if isinstance(message, rtcp.BitrateLimit):
                self.granted = min(self._most, message.bits_per_second)
            elif isinstance(message, rtcp.KeyFrameRequest):
                self._key_frame = True

    async def run(self) -> None:
        """Film, and speak."""
        loop = asyncio.get_running_loop()
        while True:
            octets = max(self._least, self.granted) // 8 // _FPS
            kind, self._key_frame = _KEY if self._key_frame else _DELTA, False
            packets = [kind + bytes(_PACKET)] + [_REST + bytes(_PACKET)] * (octets // _PACKET - 1)
            self._client.show(packets, loop.time())
            self._client.speak()
            await asyncio.sleep(1 / _FPS)


class StillCamera:
    """Shows browsers one grey picture, each time as a key frame."""

    def __init__(self, client: LightClient) -> None:
        self._client = client

    async def run(self) -> None:
        """Film, and speak."""
        loop = asyncio.get_running_loop()
        while True:
            self._client.show(_still(), loop.time())
            self._client.speak()
            await asyncio.sleep(1 / _FPS)


@functools.cache
def _still() -> list[bytes]:
    frame = VideoFrame(320, 180, "yuv420p")
    for plane in frame.planes:
        plane.update(b"\x60" * plane.buffer_size)
    frame.pts, frame.time_base = 0, Fraction(1, 90_000)
    payloads, _ = Vp8Encoder().encode(frame, force_keyframe=True)
    # Without the picture's number in front, which would be the same each time.
    return [
        (_REST if number else _KEY[:1]) + VpxPayloadDescriptor.parse(payload)[1]
        for number, payload in enumerate(payloads)
    ]


class LightViewer:
    """Counts what comes, asks for what does not, and reports."""

    def __init__(self, client: LightClient) -> None:
        self.packets = self.sounds = self.key_frames = 0
        self._client = client
        self._window = LossWindow(RoundTrip())
        self._reception: Reception | None = None
        self._loop = asyncio.get_running_loop()
        client.heard.on_rtp = self._take

    def _take(self, packet: bytes) -> None:
        if packet[1] & 0x7F != VIDEO_TYPE:
            self.sounds += 1
            return
        if self._reception is None:
            self._reception = Reception(int.from_bytes(packet[8:12]), 90_000)
        number = packet[2] << 8 | packet[3]
        self.packets += 1
        self.key_frames += vp8.starts_key_frame(packet[HEADER_LENGTH:])
        self._reception.add(number, int.from_bytes(packet[4:8]), self._loop.time())
        self._report(self._window.add(number, self._loop.time()))

    def _report(self, lost: list[int] | None, *, regular: bool = False) -> None:
        if self._reception is not None and (lost or regular):
            block = self._reception.block(self._loop.time())
            asked = rtcp.nack(_OWN_SSRC, block.ssrc, lost) if lost else b""
            self._client.media.send_rtcp(rtcp.receiver_report(_OWN_SSRC, [block]) + asked)

    async def run(self) -> None:
        """Report regularly, and ask again."""
        while True:
            for _ in range(10):
                await asyncio.sleep(0.05)
                self._report(self._window.due(self._loop.time()))
            self._report(None, regular=True)


@contextlib.asynccontextmanager
async def running(*parts: LightCamera | StillCamera | LightViewer) -> AsyncIterator[None]:
    """Let them do their work meanwhile."""
    tasks = [asyncio.create_task(part.run()) for part in parts]
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
