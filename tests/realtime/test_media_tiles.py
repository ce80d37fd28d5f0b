"""Tiles that a watcher stops and restarts: real packets, from aiortc's camera to aiortc's decoder."""

from __future__ import annotations

import asyncio

from localconnect.media import signaling_pb2 as pb
from tests.realtime.media_client import MediaClient
from tests.realtime.media_world import MediaWorld, wherever_media_is


async def _received(watcher: MediaClient) -> int:
    report = await watcher.watched.receiver.getStats()
    return next(r.packetsReceived for r in report.values() if r.type == "inbound-rtp")


async def _watchers(world: MediaWorld, count: int) -> bool:
    return bool((await world.streams())[0]["subscribers"] == count)


@wherever_media_is
async def test_paused_tile_costs_nothing_and_comes_back_on_demand(world: MediaWorld) -> None:
    """Should stop the packets of that video, again and again, and begin each time with a picture that decodes."""
    async with (
        world.media_client(world.invite("ana")) as ana,
        world.media_client(world.invite("ben")) as ben,
    ):
        await ana.join()
        await ana.connect(video=True)
        (source,) = (await ben.join()).index.sources
        await ben.connect(watch=source.stream_id)
        tile = pb.PauseResume(stream_ids=[source.stream_id])
        async with asyncio.timeout(20):
            for _ in range(3):
                await ben.watched.receiver.track.recv()
                await ben.send(pb.SignalFrame.PAUSE, pause=tile)
                await world.until(lambda: _watchers(world, 0))
                await asyncio.sleep(0.2)  # what was on its way
                before = await _received(ben)
                await asyncio.sleep(0.5)
                assert await _received(ben) == before
                await ben.send(pb.SignalFrame.RESUME, pause=tile)
                await world.until(lambda: _watchers(world, 1))
                for _ in range(20):  # the decoder's queue first holds pictures from before
                    await ben.watched.receiver.track.recv()
                assert await _received(ben) > before
