"""Forwarding, repair and key frames of one published video, as its watchers get it."""

from __future__ import annotations

import asyncio

from localconnect.media import rtcp, vp8
from localconnect.media.publication import Publication
from localconnect.media.subscription import VideoSubscription
from tests.unit.media_packets import DELTA, KEY, counted, number_of, packet, time_of


class _Published:
    """A publication and how often its publisher was asked for a key frame."""

    def __init__(self, ssrc: int | None = None) -> None:
        self.asked = 0
        self.publication = Publication(payload_type=96, ask_key_frame=self._count, ssrc=ssrc)

    def _count(self, _publication: Publication) -> None:
        self.asked += 1

    def forward(self, number: int, payload: bytes, timestamp: int | None = None) -> None:
        now = asyncio.get_running_loop().time()
        self.publication.forward(packet(number, payload, timestamp=timestamp), now)


class _Watcher:
    """A subscription and what it sent."""

    def __init__(self, payload_type: int = 96) -> None:
        self.packets: list[bytes] = []
        self.reports: list[bytes] = []
        self.subscription = VideoSubscription(
            payload_type=payload_type, send=self.packets.append, send_report=self.reports.append
        )

    def watch(self, published: _Published | None) -> None:
        self.subscription.watch(published.publication if published else None)

    def miss(self, lost: tuple[int, ...]) -> None:
        """Ask for packets once more."""
        self.subscription.resend(self.subscription.sent_of(lost))

    @property
    def numbers(self) -> list[int]:
        return [number_of(data) for data in self.packets]


async def test_packet_is_forwarded_with_a_new_header_and_the_same_numbers() -> None:
    """Should drop the extension, and rewrite SSRC only."""
    published, watcher = _Published(), _Watcher()
    watcher.watch(published)
    published.forward(70, KEY)
    (data,) = watcher.packets
    assert data[:2] == bytes((0x80, 0x80 | 96))
    assert (number_of(data), time_of(data)) == (70, 70 * 6000)
    assert int.from_bytes(data[8:12]) == published.publication.ssrc
    assert data[12:] == KEY


async def test_subscriber_with_another_payload_type_gets_its_own() -> None:
    """Should translate between Chromium's and Firefox's numbers, on repair too."""
    published, watcher = _Published(), _Watcher(payload_type=120)
    watcher.watch(published)
    published.forward(1, KEY)
    watcher.miss((1,))
    assert [data[1] for data in watcher.packets] == [0x80 | 120] * 2


async def test_new_subscriber_waits_for_a_key_frame() -> None:
    """Should ask for one and send nothing that cannot be decoded."""
    published, watcher = _Published(), _Watcher()
    watcher.watch(published)
    published.forward(1, DELTA)
    assert (watcher.packets, published.asked) == ([], 1)
    published.forward(2, KEY)
    published.forward(3, DELTA)
    assert [data[12:] for data in watcher.packets] == [KEY, DELTA]


async def test_new_subscriber_is_served_from_a_recent_key_frame_at_once() -> None:
    """Should replay the last key frame and what followed, without asking the publisher."""
    published, watcher = _Published(), _Watcher()
    for number, payload in ((1, DELTA), (2, KEY), (3, DELTA)):
        published.forward(number, payload)
    watcher.watch(published)
    assert watcher.numbers == [2, 3]
    assert published.asked == 0


async def test_subscriber_gets_again_what_it_missed() -> None:
    """Should resend from the history, but nothing from before it came."""
    published, watcher = _Published(), _Watcher()
    published.forward(1, DELTA)
    watcher.watch(published)
    published.forward(2, KEY)
    published.forward(3, DELTA)
    watcher.miss((1, 3, 999))
    assert watcher.numbers == [2, 3, 3]


async def test_pause_leaves_no_gap() -> None:
    """Should stop at once and go on at a key frame with the next number, so that nothing seems lost."""
    published, watcher = _Published(), _Watcher()
    watcher.watch(published)
    published.forward(10, KEY)
    watcher.watch(None)
    published.forward(11, DELTA)
    published.forward(12, KEY)
    watcher.watch(published)
    assert watcher.subscription.waits
    published.forward(13, DELTA)
    published.forward(14, KEY)
    published.forward(15, DELTA)
    assert watcher.numbers == [10, 11, 12]
    assert [time_of(data) for data in watcher.packets] == [60_000, 84_000, 90_000]
    watcher.miss((12,))
    assert watcher.packets[-1] == watcher.packets[-2]


async def test_change_of_layer_is_one_stream_to_the_watcher() -> None:
    """Should stay until the new layer's key frame, then go on in number, time and count of pictures."""
    low, high, watcher = _Published(ssrc=9), _Published(ssrc=9), _Watcher()
    watcher.watch(low)
    low.forward(100, counted(50, 7, key=True), 900_000)
    watcher.watch(high)
    assert high.asked == 1
    high.forward(60_000, counted(9000, 250), 5)
    low.forward(101, counted(51, 8), 906_000)
    high.forward(60_001, counted(9001, 251, key=True), 5000)
    low.forward(102, counted(52, 9), 912_000)
    high.forward(60_002, counted(9002, 252), 11_000)
    assert watcher.numbers == [100, 101, 102, 103]
    times = [time_of(data) for data in watcher.packets]
    assert 0 < times[2] - times[1] < 9000
    assert times[3] - times[2] == 6000
    assert {int.from_bytes(data[8:12]) for data in watcher.packets} == {9}
    assert [vp8.counts(data, 12) for data in watcher.packets] == [
        vp8.Counts(50, 7),
        vp8.Counts(51, 8),
        vp8.Counts(52, 9),
        vp8.Counts(53, 10),
    ]
    watcher.miss((101, 103))
    assert watcher.numbers[4:] == [103]


async def test_change_of_mind_before_the_key_frame_changes_nothing() -> None:
    """Should go on with the layer that was never left."""
    low, high, watcher = _Published(), _Published(), _Watcher()
    watcher.watch(low)
    low.forward(1, KEY)
    watcher.watch(high)
    watcher.watch(low)
    high.forward(50, KEY)
    low.forward(2, DELTA)
    assert watcher.numbers == [1, 2]
    assert not watcher.subscription.waits
    assert (low.publication.subscribers, high.publication.subscribers) == (1, 0)


async def test_publisher_is_asked_for_key_frames_twice_a_second_at_most() -> None:
    """Should join many requests into one, not forget the last, and ask no more once closed."""
    published = _Published()
    for _ in range(10):
        published.publication.key_frames.request()
    assert published.asked == 1
    await asyncio.sleep(0.55)
    assert published.asked == 2
    published.publication.key_frames.request()
    published.publication.close()
    await asyncio.sleep(0.55)
    published.publication.key_frames.request()
    assert published.asked == 2


async def test_clock_of_the_publisher_is_passed_on_in_the_watchers_time() -> None:
    """Should change nothing but the SSRC, and after a change of layer the media time."""
    low, high, watcher = _Published(ssrc=9), _Published(ssrc=9), _Watcher()
    watcher.watch(low)
    low.forward(1, KEY)
    report = rtcp.SenderReport(ssrc=4, ntp=5 << 16, rtp_timestamp=6000, packets=7, octets=8)
    low.publication.forward_report(report, 1.0)
    assert next(rtcp.parse(watcher.reports[0])) == rtcp.SenderReport(9, 5 << 16, 6000, 7, 8)
    assert low.publication.reported == (5, 1.0)
    watcher.watch(high)
    high.forward(1, KEY, 777_000)
    high.publication.forward_report(
        rtcp.SenderReport(ssrc=4, ntp=5, rtp_timestamp=777_000, packets=7, octets=8), 1.0
    )
    moved = next(rtcp.parse(watcher.reports[1]))
    assert isinstance(moved, rtcp.SenderReport)
    assert moved.rtp_timestamp == time_of(watcher.packets[-1])


async def test_bitrate_is_measured_over_a_while() -> None:
    """Should count payload bits between two looks, at least 0.6 s apart."""
    publication = _Published().publication
    assert publication.bitrate(10.0) == 0
    publication.forward(packet(1, KEY + bytes(995)), 10.1)
    assert publication.bitrate(10.2) == 0
    assert publication.bitrate(11.0) == 8 * 1000
