"""What a client may not do in a meeting, and what it is told; data messages and signal strength over real sockets."""

from __future__ import annotations

import asyncio

from localconnect.media import rtp
from localconnect.media import signaling_pb2 as pb
from localconnect.media.data_messages import MESSAGES_PER_SECOND
from localconnect.media.meetings import Capability
from localconnect.media.rooms import SOCKETS_PER_ATTENDEE
from tests.realtime.media_client import SignalingClient
from tests.realtime.media_world import MediaWorld

_Frame = pb.SignalFrame


async def _present(*clients: SignalingClient) -> None:
    for client in clients:
        await client.join()
        await client.subscribe()


async def _say(client: SignalingClient, *messages: pb.DataMessage) -> None:
    await client.send(_Frame.DATA_MESSAGE, data_message=pb.DataMessages(messages=messages))


async def test_late_joiner_gets_messages_that_are_still_alive(world: MediaWorld) -> None:
    """Should replay what has a lifetime left, after the roster, and not what was for the moment."""
    async with world.client(world.invite("ana")) as ana:
        await _present(ana)
        await _say(
            ana,
            pb.DataMessage(topic="chat", data=b"now"),
            pb.DataMessage(topic="chat", data=b"for a while", lifetime_ms=60_000),
        )
        await ana.send(_Frame.PING_PONG, ping_pong=pb.PingPong(type=pb.PingPong.PING, ping_id=1))
        await ana.next(_Frame.PING_PONG)
        async with world.client(world.invite("ben")) as ben:
            await _present(ben)
            (message,) = (await ben.next(_Frame.DATA_MESSAGE)).data_message.messages
        assert _Frame.AUDIO_STREAM_ID_INFO in [frame.type for frame in ben.frames]
    assert (message.data, message.sender_external_user_id) == (b"for a while", "ana")
    assert message.ingest_time_ns > 0


async def test_sender_of_too_many_messages_is_told(world: MediaWorld) -> None:
    """Should give what is beyond the allowance back with a time of 0, and to nobody else."""
    async with world.client(world.invite("ana")) as ana, world.client(world.invite("ben")) as ben:
        await _present(ana, ben)
        many = [pb.DataMessage(topic="t", data=b"%d" % n) for n in range(MESSAGES_PER_SECOND)]
        await _say(ana, *many)
        await _say(ana, *many)
        back = (await ana.next(_Frame.DATA_MESSAGE)).data_message.messages
        first = (await ben.next(_Frame.DATA_MESSAGE)).data_message.messages
    assert {message.ingest_time_ns for message in back} == {0}
    assert [message.data for message in first] == [message.data for message in many]


async def test_camera_that_is_not_allowed_is_refused_as_view_only(world: MediaWorld) -> None:
    """Should acknowledge with status 206, at which the SDK takes the local tile away, and publish nothing."""
    async with world.client(world.invite("ana", Capability.SCREEN_SHARE)) as ana:
        await ana.join()
        await ana.subscribe(video=True)
        assert ana.latest.error.status == 206
        await ana.subscribe(video=False)
        assert not ana.latest.HasField("error")


async def test_video_that_was_not_negotiated_goes_nowhere(world: MediaWorld) -> None:
    """Should forward nothing of who has no right to video, whatever SSRC or payload type its packets bear."""
    attendee = world.invite("ana", Capability.SCREEN_SHARE)
    async with world.media_client(attendee) as ana, world.media_client(world.invite("ben")) as ben:
        (source,) = await _watched_pattern(world, ben)
        await ana.join()
        await ana.connect(video=True)
        transport = ana.camera.sender.transport
        for payload_type in range(128):
            for ssrc in (1, source.stream_id, 0xFFFFFFFF):
                head = rtp.header(
                    payload_type=payload_type, marker=0, sequence_number=1, timestamp=1, ssrc=ssrc
                )
                await transport._send_rtp(head + b"\x10\x00key")
        await asyncio.sleep(0.2)
        assert [s["attendee_id"] for s in await world.streams()] == [source.attendee_id]


async def _watched_pattern(
    world: MediaWorld, client: SignalingClient
) -> list[pb.StreamDescriptor]:
    world.meeting.attach_pattern(world.invite("agent"))
    await world.until(lambda: world.observer.seen, within_s=30)
    return list((await client.join()).index.sources)


async def test_sockets_of_one_attendee_are_limited(world: MediaWorld) -> None:
    """Should refuse one socket too many and leave the others alone."""
    attendee = world.invite("ana")
    async with asyncio.timeout(10):
        clients = [world.client(attendee) for _ in range(SOCKETS_PER_ATTENDEE)]
        for client in clients:
            await client.__aenter__()
        async with world.client(attendee) as one_more:
            assert await one_more.close_code() == 4430
        await clients[0].join()
        for client in clients:
            await client.__aexit__()


async def test_offer_with_too_many_sections_closes_the_socket(world: MediaWorld) -> None:
    """Should close with 4400."""
    async with world.client(world.invite("ana")) as ana:
        await ana.join()
        sdp = "v=0\r\n" + "m=video 9 UDP/TLS/RTP/SAVPF 96\r\na=mid:1\r\n" * 65
        await ana.send(_Frame.SUBSCRIBE, subscribe=pb.Subscribe(sdp_offer=sdp))
        assert await ana.close_code() == 4400


async def test_signal_strength_follows_the_uplink(world: MediaWorld) -> None:
    """Should be 2 while packets come, and 0 some time after they stopped."""
    async with world.media_client(world.invite("ana")) as ana:
        await ana.join()
        await ana.connect()
        assert await _strength_seen(ana, 2) == 2
        ana.peer.getTransceivers()[0].sender.replaceTrack(None)
        await ana.peer.getTransceivers()[0].sender.stop()
        assert await _strength_seen(ana, 0) == 0


async def _strength_seen(client: SignalingClient, wanted: int) -> int:
    async with asyncio.timeout(10):
        while True:
            frame = await client.next(_Frame.AUDIO_METADATA)
            (state,) = frame.audio_metadata.attendee_states
            if state.signal_strength == wanted:
                return wanted


async def test_content_share_needs_its_own_right_and_has_its_own_presence(
    world: MediaWorld,
) -> None:
    """Should come and go beside its owner, whose camera may well be off."""
    owner = world.invite("ana", Capability.SCREEN_SHARE)
    async with world.client(world.invite("ben")) as ben, world.client(owner) as ana:
        await _present(ben, ana)
        await ben.next(_Frame.AUDIO_STREAM_ID_INFO)
        await ben.next(_Frame.AUDIO_STREAM_ID_INFO)
        async with world.client(owner, "#content") as content:
            await content.join()
            await content.subscribe(video=True)
            assert not content.latest.HasField("error")
            (entry,) = (await ben.next(_Frame.AUDIO_STREAM_ID_INFO)).audio_stream_id_info.streams
            (source,) = (await ben.index(1)).sources
            assert source.attendee_id == entry.attendee_id == f"{owner.id}#content"
            await content.leave()
        (gone,) = (await ben.next(_Frame.AUDIO_STREAM_ID_INFO)).audio_stream_id_info.streams
        assert gone.audio_stream_id == entry.audio_stream_id
        await ben.index(0)
        await ana.send(_Frame.PING_PONG, ping_pong=pb.PingPong(type=pb.PingPong.PING, ping_id=1))
        await ana.next(_Frame.PING_PONG)


async def test_camera_can_be_switched_any_number_of_times(world: MediaWorld) -> None:
    """Should give each publication higher ids than the last, and list none while the camera is off."""
    async with world.client(world.invite("ana")) as ana, world.client(world.invite("ben")) as ben:
        await _present(ana, ben)
        seen = []
        for _ in range(40):
            await ana.subscribe(video=True)
            (source,) = (await ben.index(1)).sources
            ack = await ben.subscribe(receive=(0, source.stream_id))
            assert [track.stream_id for track in ack.tracks] == [source.stream_id]
            await ana.subscribe(video=False)
            await ben.index(0)
            assert not (await ben.subscribe(receive=(0, 0))).tracks
            seen.append(source.group_id)
    assert seen == sorted(set(seen))
