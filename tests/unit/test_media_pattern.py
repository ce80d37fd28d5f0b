"""The test picture and the tone: what they are made of, and that they begin wherever somebody starts to look."""

from __future__ import annotations

import asyncio
import itertools

import av

from localconnect.media import rtp, vp8
from localconnect.media.audio import AudioBridge
from localconnect.media.audio_sender import AudioSender
from localconnect.media.pattern import Pattern, PatternSource, prepared_pattern
from localconnect.media.publication import Publication
from localconnect.media.subscription import VideoSubscription


def _frames(pattern: Pattern) -> list[av.VideoFrame]:
    decoder = av.CodecContext.create("vp8", "r")
    encoded = [b"".join(payload[1:] for payload in payloads) for payloads in pattern.video]
    return [frame for data in encoded for frame in decoder.decode(av.Packet(data))]


async def test_pattern_is_prepared_once() -> None:
    """Should give everybody the same loop, also when they ask at once."""
    first, second = await asyncio.gather(prepared_pattern(), prepared_pattern())
    assert first is second is await prepared_pattern()


async def test_picture_decodes_and_moves() -> None:
    """Should be 640x360 and differ from frame to frame."""
    frames = _frames(await prepared_pattern())
    assert {(frame.width, frame.height) for frame in frames} == {(640, 360)}
    pictures = {bytes(frame.planes[0]) for frame in frames}
    assert len(pictures) == len(frames) == 60


async def test_picture_has_one_key_frame_at_its_beginning() -> None:
    """Should be restartable there, and cost little elsewhere."""
    pattern = await prepared_pattern()
    keys = [vp8.starts_key_frame(payloads[0]) for payloads in pattern.video]
    assert keys == [True] + [False] * 59
    assert all(len(payload) <= 1200 for payloads in pattern.video for payload in payloads)


async def test_tone_decodes_to_its_pitch() -> None:
    """Should cross zero 880 times a second, as 440 Hz does."""
    pattern = await prepared_pattern()
    decoder = av.CodecContext.create("libopus", "r")
    decoder.sample_rate, decoder.layout = 48_000, "mono"
    samples: list[int] = []
    for payload, level in pattern.audio:
        assert 15 < level < 40
        for frame in decoder.decode(av.Packet(payload)):
            samples += memoryview(bytes(frame.planes[0])[: frame.samples * 2]).cast("h")
    crossings = sum(a < 0 <= b or b < 0 <= a for a, b in itertools.pairwise(samples))
    assert abs(crossings / (len(samples) / 48_000) - 880) < 10


async def test_source_plays_at_its_rates_and_restarts_on_demand() -> None:
    """Should send about 15 pictures a second, and a key frame the moment one is asked for."""
    pattern = await prepared_pattern()
    bridge = AudioBridge()
    source = PatternSource(pattern, bridge)
    publication = Publication(payload_type=96, ask_key_frame=source.restart)
    sender = AudioSender("agent", muted=False)
    bridge.add_sender(sender)
    source.start(sender, publication)
    await asyncio.sleep(1.0)
    packets: list[bytes] = []
    subscription = VideoSubscription(
        payload_type=96, send=packets.append, send_report=packets.append
    )
    subscription.watch(publication)
    assert vp8.starts_key_frame(packets[0][12:])
    packets.clear()
    await asyncio.sleep(1.0)
    pictures = [packet for packet in packets if packet[1] & 0x80]
    source.finish(0)
    bridge.close()
    assert 8 <= len(pictures) <= 17  # a busy machine skips pictures
    assert sender.reception is not None
    assert 80 <= sender.reception.received <= 105
    assert sender.loudness == rtp.SILENCE_LEVEL
    bridge.add_sender(sender)
    bridge.tick()
    assert sender.loudness < rtp.SILENCE_LEVEL
    bridge.close()


async def test_finished_source_sends_nothing_more() -> None:
    """Should leave no timer behind."""
    pattern = await prepared_pattern()
    bridge = AudioBridge()
    source = PatternSource(pattern, bridge)
    sender = AudioSender("agent", muted=False)
    source.start(sender, None)
    source.finish(410)
    assert sender.reception is not None
    count = sender.reception.received
    await asyncio.sleep(0.1)
    assert sender.reception.received == count
