"""The publisher's end: repair, reports, and the layers of a simulcast told apart."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from localconnect.media import rtcp
from localconnect.media.publication import Publication
from localconnect.media.round_trip import RoundTrip
from localconnect.media.uplink import VideoUplink
from tests.unit.media_packets import DELTA, KEY, packet


def _publication() -> Publication:
    return Publication(payload_type=96, ask_key_frame=lambda _publication: None)


def _uplink(send: Callable[[bytes], None] = lambda _: None) -> VideoUplink:
    return VideoUplink(send_rtcp=send, ssrc=1, round_trip=RoundTrip())


def _named(rid: str) -> bytes:
    body = bytes((10 << 4 | len(rid) - 1,)) + rid.encode()
    body += bytes(-len(body) % 4)
    return b"\xbe\xde" + (len(body) // 4).to_bytes(2) + body


def _feedback(sent: list[bytes]) -> list[list[rtcp.Message]]:
    return [list(rtcp.parse(data)) for data in sent]


async def test_gap_on_the_way_in_is_asked_for() -> None:
    """Should send the publisher a NACK at once, and again while the packet is missing, though nothing else comes."""
    sent: list[bytes] = []
    uplink = _uplink(sent.append)
    uplink.attach({"": _publication()})
    now = asyncio.get_running_loop().time()
    for number in (1, 4):
        uplink.receive(packet(number, DELTA), now)
    assert _feedback(sent) == [[rtcp.Nack(ssrc=4, lost=(2, 3))]]
    uplink.receive(packet(3, DELTA), now)
    async with asyncio.timeout(5):
        while len(sent) < 3:  # noqa: ASYNC110 (what is waited for has no event)
            await asyncio.sleep(0.01)
    assert _feedback(sent)[1:] == [[rtcp.Nack(ssrc=4, lost=(2,))]] * 2
    uplink.receive(packet(2, DELTA), now)
    sent.clear()
    await asyncio.sleep(0.2)
    assert sent == []


async def test_key_frame_is_asked_for_when_a_packet_is_given_up() -> None:
    """Should not wait for watchers to find out that what they miss will not come."""
    publication = _publication()
    uplink = VideoUplink(send_rtcp=lambda _: None, ssrc=1, round_trip=RoundTrip())
    uplink.attach({"": publication})
    now = asyncio.get_running_loop().time()
    for number in (1, 3):
        uplink.receive(packet(number, DELTA), now)
    async with asyncio.timeout(10):
        while not publication.key_frames.asked:  # noqa: ASYNC110 (what is waited for has no event)
            await asyncio.sleep(0.01)
    publication.close()


async def test_uplink_reports_reception_and_what_it_grants() -> None:
    """Should say nothing before anything came, then one block, and the limit for its stream."""
    uplink = _uplink()
    assert uplink.report(0.0, 500_000) == ([], b"")
    uplink.attach({"": _publication()})
    uplink.receive(packet(1, KEY), now=1.0)
    (block,), limit = uplink.report(2.0, 500_000)
    assert (block.ssrc, block.highest_sequence) == (4, 1)
    assert limit == rtcp.bitrate_limit(1, [4], 500_000)


async def test_key_frame_is_asked_from_the_stream_that_is_there() -> None:
    """Should send a PLI for the SSRC that arrives, and none before anything has."""
    sent: list[bytes] = []
    uplink = _uplink(sent.append)
    publication = _publication()
    uplink.ask_key_frame(publication)
    assert sent == []
    uplink.attach({"": publication})
    uplink.receive(packet(1, KEY), now=1.0)
    uplink.ask_key_frame(publication)
    assert _feedback(sent) == [[rtcp.KeyFrameRequest(ssrc=4)]]


async def test_layers_are_told_apart_by_their_first_packets() -> None:
    """Should follow the RTP stream id, remember it by SSRC, and drop a stream that never gave one."""
    uplink = _uplink()
    low, high = _publication(), _publication()
    uplink.attach({"low": low, "hi": high}, rid_extension=10)
    uplink.receive(packet(1, KEY, ssrc=7, extension=_named("low")), now=1.0)
    uplink.receive(packet(1, KEY, ssrc=8, extension=_named("hi")), now=1.0)
    uplink.receive(packet(2, DELTA, ssrc=7), now=1.1)
    uplink.receive(packet(1, KEY, ssrc=9), now=1.1)
    uplink.receive(packet(1, KEY, ssrc=10, extension=_named("other")), now=1.1)
    assert (low.packets, high.packets) == (2, 1)
    blocks, limit = uplink.report(2.0, 1_000_000)
    assert sorted(block.ssrc for block in blocks) == [7, 8]
    assert limit == rtcp.bitrate_limit(1, [7, 8], 1_000_000)


async def test_layers_are_known_again_after_the_camera_was_off() -> None:
    """Should place a stream by its SSRC: browsers do not name it again."""
    uplink = _uplink()
    uplink.attach({"low": _publication(), "hi": _publication()}, rid_extension=10)
    uplink.receive(packet(1, KEY, ssrc=7, extension=_named("low")), now=1.0)
    uplink.attach({})
    uplink.receive(packet(2, DELTA, ssrc=7), now=1.0)
    again = _publication()
    uplink.attach({"low": again, "hi": _publication()}, rid_extension=10)
    uplink.receive(packet(3, KEY, ssrc=7), now=2.0)
    assert again.packets == 1


async def test_streams_without_end_do_not_pile_up() -> None:
    """Should keep one stream a publication, however many SSRCs a client makes up."""
    uplink = _uplink()
    uplink.attach({"": _publication()})
    for ssrc in range(1, 2000):
        uplink.receive(packet(1, KEY, ssrc=ssrc), now=1.0)
    blocks, _ = uplink.report(2.0, 1)
    assert [block.ssrc for block in blocks] == [1999]
