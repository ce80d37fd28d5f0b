"""Connections that break, come back or are taken over, as signalling clients of a meeting see it."""

from __future__ import annotations

import asyncio

from localconnect.media import signaling_pb2 as pb
from tests.realtime.media_world import MediaWorld, wherever_media_is

_Frame = pb.SignalFrame


def _entries(frame: pb.SignalFrame) -> list[pb.AudioStreamIdInfo]:
    return list(frame.audio_stream_id_info.streams)


async def test_short_break_is_hidden_from_the_others(world: MediaWorld) -> None:
    """Should show a client that comes back as a new stream, and nobody as having left."""
    attendee = world.invite("ana")
    async with world.client(world.invite("ben")) as ben:
        await ben.join()
        await ben.subscribe()
        await ben.next(_Frame.AUDIO_STREAM_ID_INFO)
        async with world.media_client(attendee) as ana:
            await ana.join()
            await ana.connect(video=True)
            (first,) = _entries(await ben.next(_Frame.AUDIO_STREAM_ID_INFO))
            ana.socket.transport.abort()
        async with world.media_client(attendee) as ana:
            assert not (await ana.join()).index.sources
            assert len(await world.streams()) == 1
            await ana.connect(video=True)
            (second,) = _entries(await ben.next(_Frame.AUDIO_STREAM_ID_INFO))
            (gone,) = _entries(await ben.next(_Frame.AUDIO_STREAM_ID_INFO))
            assert second.audio_stream_id > first.audio_stream_id == gone.audio_stream_id
            assert not gone.dropped
            await asyncio.sleep(0.5)
            assert world.observer.seen == [("ana", None)]
            assert len(await world.streams()) == 1


@wherever_media_is
async def test_lost_client_is_dropped_first_for_the_others_then_for_the_observer(
    world: MediaWorld,
) -> None:
    """Should tell the others after the grace period and the observer after the rejoin window."""
    attendee = world.invite("ana")
    async with world.client(world.invite("ben")) as ben:
        await ben.join()
        await ben.subscribe()
        await ben.next(_Frame.AUDIO_STREAM_ID_INFO)
        async with world.media_client(attendee) as ana:
            await ana.join()
            await ana.connect(video=True)
            await ben.next(_Frame.AUDIO_STREAM_ID_INFO)
            await world.until(lambda: attendee.joined)
            ana.socket.transport.abort()
        (gone,) = _entries(await ben.next(_Frame.AUDIO_STREAM_ID_INFO))
        assert gone.dropped
        assert attendee.joined
        world.clock.advance(31)
        assert world.observer.seen == [("ana", None), ("ana", True)]
        assert await world.streams() == []


async def test_same_attendee_again_takes_the_place_of_the_first(world: MediaWorld) -> None:
    """Should tell the first that it joined elsewhere (301), and the others nothing."""
    attendee = world.invite("ana")
    async with world.client(attendee) as first, world.client(attendee) as second:
        await first.join()
        await first.subscribe()
        await second.join()
        assert (await first.next(_Frame.AUDIO_STATUS)).audio_status.audio_status == 301
        await second.subscribe()
        (entry,) = _entries(await second.next(_Frame.AUDIO_STREAM_ID_INFO))
        assert entry.attendee_id == attendee.id
