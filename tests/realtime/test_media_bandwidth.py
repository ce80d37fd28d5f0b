"""A weak downlink, over real sockets: the sender comes down, then the video rests; the sound goes on either way."""

from __future__ import annotations

from localconnect.media import signaling_pb2 as pb
from tests.realtime.light_client import LightClient
from tests.realtime.light_video import LightCamera, LightViewer, running
from tests.realtime.media_world import MediaWorld
from tests.udp_relay import UdpRelay

_MOST, _LEAST = 600_000, 250_000


async def test_weak_downlink_lowers_the_sender_then_rests_the_video_and_recovers(
    world: MediaWorld,
) -> None:
    """Should grant less into 120 kbit/s, pause a video that cannot do with it, and resume it when there is room again."""
    relay = UdpRelay()
    url = world.url + world.meeting.id
    async with (
        LightClient(url, world.invite("ana").join_token) as sender,
        LightClient(url, world.invite("ben").join_token, relay=relay) as watcher,
    ):
        await sender.join()
        await sender.connect(video=True)
        (source,) = (await watcher.join()).index.sources
        await watcher.connect(watch=source.stream_id)
        camera = LightCamera(sender, least=_LEAST, most=_MOST)
        viewer = LightViewer(watcher)
        async with running(camera, viewer):
            await world.until(lambda: viewer.packets > 30)
            assert camera.granted == _MOST

            relay.rate = 120_000
            await world.until(lambda: camera.granted < _LEAST, within_s=30)
            paused = await watcher.next(pb.SignalFrame.PAUSE, within_s=30)
            assert list(paused.pause.group_ids) == [source.group_id]
            heard = viewer.sounds
            await world.until(lambda: viewer.sounds > heard + 20)

            relay.rate = 0
            seen = viewer.key_frames
            resumed = await watcher.next(pb.SignalFrame.RESUME, within_s=40)
            assert list(resumed.pause.group_ids) == [source.group_id]
            await world.until(lambda: viewer.key_frames > seen)
            shown = viewer.packets
            await world.until(lambda: viewer.packets > shown + 30)
