"""Whom a listener hears, and what becomes of the numbers and times of the packets."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest

from localconnect.media import rtcp, rtp
from localconnect.media.audio import AudioBridge
from localconnect.media.audio_listener import AudioListener
from localconnect.media.audio_sender import AudioSender
from localconnect.media.sender_clock import ntp_time

_SSRC = 77


class _Ear:
    """A listener, and everything it was sent."""

    def __init__(self, bridge: AudioBridge, owner: str) -> None:
        self.packets: list[bytes] = []
        self.reports: list[bytes] = []
        self.listener = AudioListener(
            owner,
            ssrc=_SSRC,
            payload_type=109,
            send=self.packets.append,
            send_report=self.reports.append,
        )
        bridge.add_listener(self.listener)

    def heard(self) -> list[bytes]:
        return [packet[12:] for packet in self.packets if packet[12:] != b"\xf8\xff\xfe"]


class _Mouth:
    """A sender that speaks at a level, packet by packet."""

    def __init__(self, bridge: AudioBridge, owner: str, *, level: int = 20) -> None:
        self.sender = AudioSender(owner, muted=False)
        self.sender.level_id = 1
        self.number = 500
        self.level = level
        self._bridge = bridge
        bridge.add_sender(self.sender)

    def speak(self, payload: bytes = b"voice") -> None:
        head = rtp.header(
            payload_type=111,
            marker=0,
            sequence_number=self.number,
            timestamp=self.number * 960,
            ssrc=hash(self.sender.owner) & 0xFFFF,
        )
        extension = bytes((0xBE, 0xDE, 0, 1, 0x10, self.level, 0, 0))
        packet = b"\x90" + head[1:] + extension + payload
        self.number += 1
        self._bridge.receive(self.sender, packet, asyncio.get_running_loop().time())


@pytest.fixture
async def bridge() -> AsyncIterator[AudioBridge]:
    """An empty bridge, closed in the end."""
    bridge = AudioBridge()
    yield bridge
    bridge.close()


async def test_voice_of_the_only_other_one_passes_through_unchanged(bridge: AudioBridge) -> None:
    """Should keep the payload, under the listener's own SSRC and payload type and without extension."""
    ear, mouth = _Ear(bridge, "ana"), _Mouth(bridge, "ben")
    mouth.speak(b"hello")
    packet = ear.packets[-1]
    assert packet[:2] == bytes((0x80, 109))
    assert int.from_bytes(packet[8:12]) == _SSRC
    assert packet[12:] == b"hello"


async def test_own_voice_is_not_heard(bridge: AudioBridge) -> None:
    """Should not send anybody their own sound, nor that of their content share."""
    ear, own = _Ear(bridge, "ana"), _Mouth(bridge, "ana")
    own.speak()
    assert ear.heard() == []


async def test_numbers_stay_continuous_when_the_speaker_changes(bridge: AudioBridge) -> None:
    """Should go on counting when the first speaker leaves and another takes over, time moving forward."""
    ear, ben = _Ear(bridge, "ana"), _Mouth(bridge, "ben")
    ben.speak()
    ben.speak()
    bridge.remove_sender(ben.sender)
    eve = _Mouth(bridge, "eve")
    eve.number = 9000
    eve.speak()
    numbers = [rtp.sequence_number(packet) for packet in ear.packets]
    assert numbers == list(range(numbers[0], numbers[0] + len(numbers)))
    times = [rtp.timestamp(packet) for packet in ear.packets]
    assert times == sorted(set(times))


async def test_loss_stays_visible_to_the_listener(bridge: AudioBridge) -> None:
    """Should keep a gap in the sender's numbers a gap, so that the listener conceals it."""
    ear, mouth = _Ear(bridge, "ana"), _Mouth(bridge, "ben")
    mouth.speak()
    mouth.number += 2
    mouth.speak()
    first, second = (rtp.sequence_number(packet) for packet in ear.packets[-2:])
    assert second - first == 3


async def test_listener_without_a_voice_gets_silence_at_full_rate(bridge: AudioBridge) -> None:
    """Should send about 50 packets a second: the SDK suggests to stop video below half of that."""
    ear = _Ear(bridge, "ana")
    await asyncio.sleep(0.5)
    assert 13 <= len(ear.packets) <= 27
    assert ear.heard() == []


async def test_silence_ends_when_a_voice_comes(bridge: AudioBridge) -> None:
    """Should not mix silence into a voice."""
    ear, mouth = _Ear(bridge, "ana"), _Mouth(bridge, "ben")
    await asyncio.sleep(0.05)
    mouth.speak()
    count = len(ear.packets)
    await asyncio.sleep(0.1)
    assert len(ear.packets) == count


async def test_sender_that_falls_silent_without_a_word_gives_way(bridge: AudioBridge) -> None:
    """Should fill with silence half a second after the last packet."""
    ear, mouth = _Ear(bridge, "ana"), _Mouth(bridge, "ben")
    mouth.speak()
    await asyncio.sleep(0.55)
    bridge.tick()
    assert ear.listener.source is None


async def test_clock_of_the_sender_is_passed_on_in_the_listeners_time(bridge: AudioBridge) -> None:
    """Should time what is passed on by when it was spoken, whatever numbers it came under."""
    ear, mouth = _Ear(bridge, "ana"), _Mouth(bridge, "ben")
    mouth.speak()
    now = asyncio.get_running_loop().time()
    spoken = (mouth.number - 1) * 960
    mouth.sender.clock = rtcp.SenderReport(5, ntp_time(now - 0.5), spoken, 1, 1)
    ear.listener.report(now)
    (passed,) = rtcp.parse(ear.reports[0])
    assert isinstance(passed, rtcp.SenderReport)
    assert passed.ssrc == _SSRC
    assert passed.ntp == ntp_time(now)
    assert passed.rtp_timestamp - rtp.timestamp(ear.packets[-1]) == pytest.approx(24_000, abs=48)
    assert ear.listener.reported == (ntp_time(now) >> 16 & 0xFFFFFFFF, now)


async def test_mixed_sound_is_timed_by_when_it_was_spoken(bridge: AudioBridge) -> None:
    """Should report a clock for a mix too, with what waiting for it to be even took."""
    loop = asyncio.get_running_loop()
    ear, mouths = _Ear(bridge, "ana"), [_Mouth(bridge, name) for name in ("ben", "eve")]
    for step in range(15):
        for mouth in mouths:
            mouth.speak()
            if not step:  # the first packet begins a stream, whose clock is not known
                mouth.sender.clock = rtcp.SenderReport(
                    5, ntp_time(loop.time() - 0.2), (mouth.number - 1) * 960, 1, 1
                )
        await asyncio.sleep(0.02)
    assert ear.listener.mixes
    now = loop.time()
    ear.listener.report(now)
    (passed,) = rtcp.parse(ear.reports[0])
    assert isinstance(passed, rtcp.SenderReport)
    ahead = (passed.rtp_timestamp - rtp.timestamp(ear.packets[-1])) / 48_000
    assert 0.2 < ahead < 0.5


async def test_closed_bridge_leaves_no_timer() -> None:
    """Should send nothing any more."""
    bridge = AudioBridge()
    ear = _Ear(bridge, "ana")
    bridge.close()
    count = len(ear.packets)
    await asyncio.sleep(0.06)
    assert len(ear.packets) == count
