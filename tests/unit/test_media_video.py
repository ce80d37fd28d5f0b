"""Forwarding, repair and key frames of one published video."""

from __future__ import annotations

import asyncio

from localconnect.media import rtcp, rtp
from localconnect.media.video import (
    RECEIVE_BITRATE,
    VideoPublication,
    VideoSubscription,
    VideoUplink,
)

_KEY, _DELTA = b"\x10\x90key", b"\x10\x91delta"


def _packet(number: int, payload: bytes, *, ssrc: int = 4, marker: int = 0x80) -> bytes:
    head = rtp.header(
        payload_type=96,
        marker=marker,
        sequence_number=number & 0xFFFF,
        timestamp=number * 6000,
        ssrc=ssrc,
    )
    return b"\x90" + head[1:] + bytes.fromhex("bede000110ff0000") + payload


class _Watched:
    """A publication and how often its publisher was asked for a key frame."""

    def __init__(self) -> None:
        self.asked = 0
        self.publication = VideoPublication(payload_type=96, ask_key_frame=self._count)

    def _count(self) -> None:
        self.asked += 1

    def watch(self, payload_type: int = 96) -> tuple[VideoSubscription, list[bytes], list[bytes]]:
        packets: list[bytes] = []
        reports: list[bytes] = []
        subscription = VideoSubscription(
            self.publication,
            payload_type=payload_type,
            send=packets.append,
            send_report=reports.append,
        )
        self.publication.subscribe(subscription)
        return subscription, packets, reports


async def test_packet_is_forwarded_with_a_new_header_and_the_same_numbers() -> None:
    """Should drop the extension, and rewrite SSRC only."""
    watched = _Watched()
    _, packets, _ = watched.watch()
    watched.publication.forward(_packet(70, _KEY))
    (packet,) = packets
    assert packet[:2] == bytes((0x80, 0x80 | 96))
    assert rtp.sequence_number(packet) == 70
    assert rtp.timestamp(packet) == 70 * 6000
    assert int.from_bytes(packet[8:12]) == watched.publication.ssrc
    assert packet[12:] == _KEY


async def test_subscriber_with_another_payload_type_gets_its_own() -> None:
    """Should translate between Chromium's and Firefox's numbers, on repair too."""
    watched = _Watched()
    subscription, packets, _ = watched.watch(payload_type=120)
    watched.publication.forward(_packet(1, _KEY))
    subscription.resend((1,))
    assert [packet[1] for packet in packets] == [0x80 | 120] * 2


async def test_new_subscriber_waits_for_a_key_frame() -> None:
    """Should ask for one and send nothing that cannot be decoded."""
    watched = _Watched()
    _, packets, _ = watched.watch()
    watched.publication.forward(_packet(1, _DELTA))
    assert (packets, watched.asked) == ([], 1)
    watched.publication.forward(_packet(2, _KEY))
    watched.publication.forward(_packet(3, _DELTA))
    assert [packet[12:] for packet in packets] == [_KEY, _DELTA]


async def test_new_subscriber_is_served_from_a_recent_key_frame_at_once() -> None:
    """Should replay the last key frame and what followed, without asking the publisher."""
    watched = _Watched()
    for number, payload in ((1, _DELTA), (2, _KEY), (3, _DELTA)):
        watched.publication.forward(_packet(number, payload))
    _, packets, _ = watched.watch()
    assert [rtp.sequence_number(packet) for packet in packets] == [2, 3]
    assert watched.asked == 0


async def test_subscriber_gets_again_what_it_missed() -> None:
    """Should resend from the history, but nothing from before it came."""
    watched = _Watched()
    watched.publication.forward(_packet(1, _DELTA))
    subscription, packets, _ = watched.watch()
    watched.publication.forward(_packet(2, _KEY))
    watched.publication.forward(_packet(3, _DELTA))
    subscription.resend((1, 3, 999))
    assert [rtp.sequence_number(packet) for packet in packets] == [2, 3, 3]


async def test_paused_subscriber_gets_nothing() -> None:
    """Should stop forwarding at once."""
    watched = _Watched()
    subscription, packets, _ = watched.watch()
    watched.publication.forward(_packet(1, _KEY))
    watched.publication.unsubscribe(subscription)
    watched.publication.forward(_packet(2, _DELTA))
    assert len(packets) == 1


async def test_publisher_is_asked_for_key_frames_twice_a_second_at_most() -> None:
    """Should join many requests into one, and not forget the last."""
    watched = _Watched()
    for _ in range(10):
        watched.publication.request_key_frame()
    assert watched.asked == 1
    await asyncio.sleep(0.55)
    assert watched.asked == 2
    watched.publication.close()


async def test_closed_publication_leaves_no_timer() -> None:
    """Should not ask after it was closed."""
    watched = _Watched()
    watched.publication.request_key_frame()
    watched.publication.request_key_frame()
    watched.publication.close()
    await asyncio.sleep(0.55)
    assert watched.asked == 1


async def test_clock_of_the_publisher_is_passed_on_under_the_new_ssrc() -> None:
    """Should change nothing but the SSRC."""
    watched = _Watched()
    _, _, reports = watched.watch()
    watched.publication.forward(_packet(1, _KEY))
    report = rtcp.SenderReport(ssrc=4, ntp=5, rtp_timestamp=6, packets=7, octets=8)
    watched.publication.forward_report(report)
    (passed,) = rtcp.parse(reports[0])
    assert passed == rtcp.SenderReport(watched.publication.ssrc, 5, 6, 7, 8)


async def test_gap_on_the_way_in_is_asked_for() -> None:
    """Should send the publisher a NACK at once, and again while the packet is missing."""
    sent: list[bytes] = []
    watched = _Watched()
    uplink = VideoUplink(send_rtcp=sent.append, ssrc=1)
    uplink.attach(watched.publication)
    for number in (1, 4):
        uplink.receive(_packet(number, _DELTA), now=1.0)
    uplink.repair(1.2)
    assert [list(rtcp.parse(data)) for data in sent] == [[rtcp.Nack(ssrc=4, lost=(2, 3))]] * 2


async def test_uplink_reports_reception_and_the_bitrate_it_grants() -> None:
    """Should grant 2.5 Mbit/s, whatever the network does."""
    uplink = VideoUplink(send_rtcp=lambda _: None, ssrc=1)
    assert uplink.report(0.0) == ([], b"")
    uplink.attach(_Watched().publication)
    uplink.receive(_packet(1, _KEY), now=1.0)
    (block,), limit = uplink.report(2.0)
    assert (block.ssrc, block.highest_sequence) == (4, 1)
    assert limit == rtcp.bitrate_limit(1, 4, RECEIVE_BITRATE)


async def test_key_frame_is_asked_from_the_stream_that_is_there() -> None:
    """Should send a PLI for the SSRC that arrives, and none before anything has."""
    sent: list[bytes] = []
    uplink = VideoUplink(send_rtcp=sent.append, ssrc=1)
    uplink.ask_key_frame()
    assert sent == []
    uplink.attach(_Watched().publication)
    uplink.receive(_packet(1, _KEY), now=1.0)
    uplink.ask_key_frame()
    assert list(rtcp.parse(sent[0])) == [rtcp.KeyFrameRequest(ssrc=4)]
