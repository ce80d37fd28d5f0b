"""Clients that come back: after a close that is no goodbye, and while an earlier connection still stands."""

from __future__ import annotations

import asyncio

import pytest

from localconnect.media import signaling_pb2 as pb
from tests.realtime.light_client import LightClient
from tests.realtime.media_world import MediaWorld, wherever_media_is

_Frame = pb.SignalFrame


def _light(world: MediaWorld, token: str) -> LightClient:
    return LightClient(world.url + world.meeting.id, token)


@pytest.mark.parametrize("code", [1000, 1001, 4500])
async def test_socket_closed_without_leave_is_a_loss(world: MediaWorld, code: int) -> None:
    """Should free the media at once, and take the client for lost and not for gone: it has its time to come back."""
    ana = world.invite("ana")
    async with _light(world, ana.join_token) as client:
        await client.join()
        await client.connect()
        await world.until(lambda: ana.joined)
        await client.socket.close(code)
        await world.until(lambda: client.heard.lost)
    assert ana.joined
    async with _light(world, ana.join_token) as client:
        await client.join()
        await client.connect()
        await world.until(lambda: world.meeting.is_connected(ana) and client.heard.rtp > 5)
        world.clock.advance(3600)
    assert world.observer.seen == [("ana", None)]


@wherever_media_is
async def test_second_connection_takes_the_media_of_the_first(world: MediaWorld) -> None:
    """Should tell the first that it joined elsewhere, free its media, and serve the second; nobody has left."""
    ana = world.invite("ana")
    async with _light(world, ana.join_token) as first, _light(world, ana.join_token) as second:
        await first.join()
        await first.connect()
        await world.until(lambda: ana.joined)
        await second.join()
        await second.connect()
        status = (await first.next(_Frame.AUDIO_STATUS)).audio_status.audio_status
        await world.until(lambda: first.heard.lost)
        await world.until(lambda: second.heard.rtp > 5)
        await asyncio.sleep(0.4)
    assert status == 301
    assert world.observer.seen == [("ana", None)]
