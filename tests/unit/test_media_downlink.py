"""What one client is sent of the videos it watches, as its feedback tells how its network does."""

from __future__ import annotations

import asyncio
from collections import deque

from localconnect.media import rtcp
from localconnect.media.attendee import Attendee
from localconnect.media.audio_sender import AudioSender
from localconnect.media.downlink import Downlink, Watched
from localconnect.media.endpoint import Endpoint
from localconnect.media.published_video import PUBLISHER_BITRATE, PublishedVideo
from localconnect.media.round_trip import RoundTrip
from localconnect.media.subscription import VideoSubscription
from localconnect.media.video_index import LayerOffer, VideoIndex
from tests.unit.media_packets import KEY, number_of, packet


class _Client:
    """Stands where a socket would."""

    def send(self, frame: bytes) -> None: ...

    def finish(self, status: int) -> None: ...

    def abort(self) -> None: ...


class _Scene:
    """One watcher of one published video, and what it is told."""

    def __init__(self, *kbps: int) -> None:
        attendee = Attendee(external_user_id="ana", capabilities=frozenset())
        owner = Endpoint(
            attendee=attendee,
            content=False,
            audio_stream_id=1,
            client=_Client(),
            audio=AudioSender(attendee.id, muted=False),
        )
        self.video: PublishedVideo = VideoIndex().publish(
            owner,
            [LayerOffer(15, rate, str(rate)) for rate in kbps],
            payload_type=96,
            ask_key_frame=lambda _publication: None,
            adapts=True,
        )
        self.told: list[tuple[list[int], bool]] = []
        self.downlink = Downlink(
            round_trip=RoundTrip(),
            tell_starved=lambda ids, starved: self.told.append((ids, starved)),
        )
        self.sent: deque[int] = deque(maxlen=100)
        self.subscription = VideoSubscription(
            payload_type=96,
            send=lambda data: self.sent.append(number_of(data)),
            send_report=lambda _: None,
        )
        highest = self.video.switched_on()[-1].source.stream_id
        self.downlink.add("2", Watched(self.video, highest, self.subscription))
        self.now = asyncio.get_running_loop().time()
        self.octets = self.packets = self.number = 0

    def play(self, ticks: int, *, lost: int = 0) -> None:
        """Let that many ticks pass in which every layer sends, and the watcher misses `lost` packets of each hundred."""
        for _ in range(ticks):
            self.send()
            if lost:
                missing = tuple(self.sent)[-lost:]
                self.downlink.take_feedback(rtcp.Nack(self.video.ssrc, missing), self.now)
            self.tick()

    def send(self) -> None:
        """Every layer sends a hundred packets."""
        self.now += 0.75
        for layer in self.video.layers:
            size = layer.source.max_bitrate_kbps * 1000 * 3 // 32 // 100
            for number in range(self.number, self.number + 100):
                data = packet(number, KEY + bytes(size))
                layer.publication.forward(data, self.now)
            if layer.publication is self.subscription.wanted:
                self.octets += size * 100
        self.number += 100
        self.packets += 100

    def report(self, lost: int) -> None:
        """The watcher says how many packets it lost so far; of two lately, one."""
        report = rtcp.ReportBlock(self.video.ssrc, 128, lost, self.sent[-1], 0, 0, 0)
        self.downlink.take_feedback(report, self.now)

    def tick(self) -> None:
        """Let what came back take effect."""
        self.downlink.tick(self.now, self.packets, self.octets)

    @property
    def layer(self) -> int | None:
        """The bitrate of the layer it gets."""
        for layer in self.video.layers:
            if layer.publication is self.subscription.wanted:
                return layer.source.max_bitrate_kbps
        return None


async def test_good_network_gets_the_largest_layer() -> None:
    """Should hold nothing back, nor the publisher down."""
    scene = _Scene(300, 1200)
    scene.downlink.start(scene.now)
    scene.play(10)
    assert scene.layer == 1200
    assert scene.video.granted() == PUBLISHER_BITRATE
    assert scene.told == []


async def test_loss_leads_to_a_smaller_layer() -> None:
    """Should go down while packets are missed, and up again when that is over."""
    scene = _Scene(300, 1200)
    scene.downlink.start(scene.now)
    scene.play(4)
    scene.play(2, lost=50)
    assert scene.layer == 300
    scene.play(60)
    assert scene.layer == 1200


async def test_publisher_without_layers_is_held_to_what_its_watcher_can_take() -> None:
    """Should grant less, and everything again when the watcher pauses or goes."""
    scene = _Scene(1200)
    scene.downlink.start(scene.now)
    scene.play(4)
    scene.play(1, lost=50)
    assert 100_000 <= scene.video.granted() < 700_000
    assert scene.layer == 1200
    stream_id = scene.video.layers[0].source.stream_id
    scene.downlink.set_paused(frozenset({stream_id}), True, scene.now)
    assert (scene.layer, scene.video.granted()) == (None, PUBLISHER_BITRATE)
    scene.downlink.set_paused(frozenset({stream_id}), False, scene.now)
    assert scene.layer == 1200
    scene.downlink.remove("2")
    assert scene.video.granted() == PUBLISHER_BITRATE


async def test_what_the_publishers_network_lost_is_not_the_watchers_loss() -> None:
    """Should neither hold back nor repeat anything for a watcher who asks for what never came here."""
    scene = _Scene(300, 1200)
    scene.downlink.start(scene.now)
    scene.play(4)
    for _ in range(4):
        scene.number += 50
        never_came = tuple(range(scene.sent[-1] + 1, scene.sent[-1] + 51))
        scene.send()
        scene.downlink.take_feedback(rtcp.Nack(scene.video.ssrc, never_came), scene.now)
        scene.tick()
    assert scene.layer == 1200
    assert scene.video.layers[1].publication.resent == 0


async def test_report_on_a_few_packets_is_no_measure() -> None:
    """Should hold nothing back for a report that covers two packets of which one was lost."""
    scene = _Scene(300, 1200)
    scene.downlink.start(scene.now)
    scene.play(4)
    for lost in range(1, 6):
        scene.send()
        scene.report(lost)
        scene.tick()
    assert scene.layer == 1200


async def test_loss_that_is_only_reported_counts() -> None:
    """Should go down for a watcher who does not ask for what it misses."""
    scene = _Scene(300, 1200)
    scene.downlink.start(scene.now)
    scene.play(4)
    for tick in (1, 2):
        scene.send()
        scene.report(50 * tick)
        scene.tick()
    assert scene.layer == 300


async def test_video_rests_when_nothing_fits_and_the_client_is_told() -> None:
    """Should pause when even the smallest layer is too much, say so once, and resume."""
    scene = _Scene(300)
    scene.video.adapts = False
    scene.downlink.start(scene.now)
    scene.play(4)
    scene.play(4, lost=90)
    assert scene.layer is None
    assert scene.told == [([scene.video.group_id], True)]
    scene.play(80)
    assert scene.layer == 300
    assert scene.told[1:] == [([scene.video.group_id], False)]


async def test_loss_from_before_a_pause_is_not_counted_after_it() -> None:
    """Should not pause again because the end of what was lost before shows only when numbers go on."""
    scene = _Scene(300)
    scene.video.adapts = False
    scene.downlink.start(scene.now)
    scene.play(4)
    scene.report(0)
    scene.play(4, lost=90)
    scene.report(10)
    while scene.layer is None:
        scene.play(1)
        scene.report(10)
    for _ in range(4):
        scene.send()
        scene.report(200)
        scene.tick()
        assert scene.layer == 300


async def test_layer_that_is_switched_off_is_left() -> None:
    """Should move to one that is on, whichever the client asked for."""
    scene = _Scene(300, 1200)
    scene.downlink.start(scene.now)
    scene.play(3)
    scene.video.set_bitrates([300, 0])
    scene.play(3)
    assert scene.layer == 300


async def test_client_that_asks_for_less_gets_less() -> None:
    """Should keep to the target bitrate of its preference."""
    scene = _Scene(300, 1200)
    scene.downlink.watched["2"].target_kbps = 600
    scene.downlink.start(scene.now)
    scene.play(3)
    assert scene.layer == 300
