"""Meetings over real sockets: the order of the protocol, who is told what, and that media flows and ends."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from localconnect.media import signaling_pb2 as pb
from localconnect.media.meetings import Capability
from tests.realtime.media_client import MediaClient, SignalingClient
from tests.realtime.media_world import EVERYTHING, MediaWorld, wherever_media_is

_Frame = pb.SignalFrame


def _open_files() -> int:
    table = Path("/proc/self/fd")
    return len(list(table.iterdir())) if table.exists() else 0


def _entries(frame: pb.SignalFrame) -> list[pb.AudioStreamIdInfo]:
    return list(frame.audio_stream_id_info.streams)


async def test_ping_before_join_is_answered(world: MediaWorld) -> None:
    """Should answer the ping that the SDK sends first."""
    async with world.client(world.invite("ana")) as ana:
        await ana.send(_Frame.PING_PONG, ping_pong=pb.PingPong(type=pb.PingPong.PING, ping_id=5))
        assert (await ana.next(_Frame.PING_PONG)).ping_pong.ping_id == 5


async def test_newcomer_gets_everybody_and_everybody_gets_the_newcomer(world: MediaWorld) -> None:
    """Should send the full roster to the one and a single entry to the others, with their mute state."""
    async with world.client(world.invite("ana")) as ana, world.client(world.invite("ben")) as ben:
        await ana.join()
        await ana.subscribe()
        assert len(_entries(await ana.next(_Frame.AUDIO_STREAM_ID_INFO))) == 1
        await ben.join()
        await ben.subscribe(muted=True)
        roster = _entries(await ben.next(_Frame.AUDIO_STREAM_ID_INFO))
        (news,) = _entries(await ana.next(_Frame.AUDIO_STREAM_ID_INFO))
    assert [(e.external_user_id, e.muted) for e in roster] == [("ana", False), ("ben", True)]
    assert (news.external_user_id, news.audio_stream_id) == ("ben", roster[1].audio_stream_id)


@wherever_media_is
async def test_published_video_is_indexed_and_acknowledged(world: MediaWorld) -> None:
    """Should name the client's own ids in the acknowledgement, and the same to others in the index."""
    async with world.client(world.invite("ana")) as ana, world.client(world.invite("ben")) as ben:
        await ben.join()
        await ana.join()
        ack = await ana.subscribe(video=True)
        (source,) = (await ben.index(1)).sources
        (allocation,) = ack.allocations
        assert (source.stream_id, source.group_id) == (allocation.stream_id, allocation.group_id)
        assert source.external_user_id == "ana"
        watching = await ben.subscribe(receive=(0, source.stream_id))
        (track,) = watching.tracks
        assert (track.stream_id, track.track_label) == (source.stream_id, "v_2")
        assert f"a=ssrc:{track.ssrc} " in watching.sdp_answer
        await ana.subscribe(video=False)
        await ben.index(0)


async def test_video_without_the_capability_is_not_published(world: MediaWorld) -> None:
    """Should answer the camera inactive and list nothing."""
    ana = world.invite("ana", Capability.SCREEN_SHARE)
    async with world.client(ana) as client:
        await client.join()
        ack = await client.subscribe(video=True)
    assert not ack.allocations
    assert "a=recvonly" not in ack.sdp_answer
    assert await world.streams() == []


async def test_content_share_is_a_participant_of_its_own(world: MediaWorld) -> None:
    """Should register the token with #content beside the attendee, under an id that says so."""
    attendee = world.invite("ana", Capability.SCREEN_SHARE)
    async with world.client(attendee) as ana, world.client(attendee, "#content") as content:
        await ana.join()
        await ana.subscribe()
        await content.join()
        await content.subscribe(video=True)
        await ana.next(_Frame.AUDIO_STREAM_ID_INFO)
        (entry,) = _entries(await ana.next(_Frame.AUDIO_STREAM_ID_INFO))
    assert entry.attendee_id == f"{attendee.id}#content"


@pytest.mark.parametrize(
    ("token", "code"), [("nonsense", 4403), ("{token}#content", 4403), ("", 4403)]
)
async def test_token_without_a_right_is_refused_after_acceptance(
    world: MediaWorld, token: str, code: int
) -> None:
    """Should close with 4403, which the SDK does not retry."""
    attendee = world.invite("ana", Capability.VIDEO)
    token = token.format(token=attendee.join_token) or "x"
    async with SignalingClient(world.url + world.meeting.id, token) as client:
        assert await client.close_code() == code


async def test_meeting_that_is_over_is_refused(world: MediaWorld) -> None:
    """Should close with 4410, from which the SDK tells that the meeting has ended."""
    attendee = world.invite("ana")
    await world.meetings.end(world.meeting)
    async with world.client(attendee) as client:
        assert await client.close_code() == 4410


async def test_illegal_frame_closes_its_own_socket_only(world: MediaWorld) -> None:
    """Should close with 4400 and leave the others in the meeting alone."""
    async with world.client(world.invite("ana")) as ana, world.client(world.invite("ben")) as ben:
        await ben.join()
        await ana.send(_Frame.SUBSCRIBE, subscribe=pb.Subscribe(sdp_offer="v=0"))
        assert await ana.close_code() == 4400
        await ben.send(_Frame.PING_PONG, ping_pong=pb.PingPong(type=pb.PingPong.PING, ping_id=1))
        await ben.next(_Frame.PING_PONG)


@pytest.mark.parametrize(
    ("message", "code"),
    [("text", 4400), (b"\x05\xff\xff", 4400), (b"\x09abc", 4400), (b"\x05" + bytes(70_000), 1009)],
    ids=["text", "no frame", "other type", "too big"],
)
async def test_message_that_is_no_frame_closes_the_socket(
    world: MediaWorld, message: str | bytes, code: int
) -> None:
    """Should close at once with the code that says why."""
    async with world.client(world.invite("ana")) as ana:
        await ana.socket.send(message)
        assert await ana.close_code() == code


async def test_offer_that_is_no_sdp_closes_the_socket(world: MediaWorld) -> None:
    """Should close with 4400."""
    async with world.client(world.invite("ana")) as ana:
        await ana.join()
        await ana.send(_Frame.SUBSCRIBE, subscribe=pb.Subscribe(sdp_offer="nonsense"))
        assert await ana.close_code() == 4400


async def test_flood_of_frames_closes_the_socket(world: MediaWorld) -> None:
    """Should close with 4429 after 200 frames within a second."""
    async with world.client(world.invite("ana")) as ana:
        for _ in range(250):
            await ana.send(_Frame.CLIENT_METRIC)
        assert await ana.close_code() == 4429


async def test_unknown_and_unneeded_frames_are_passed_over(world: MediaWorld) -> None:
    """Should keep the socket open for metrics and for types that do not exist yet."""
    async with world.client(world.invite("ana")) as ana:
        await ana.send(_Frame.CLIENT_METRIC)
        await ana.socket.send(bytes.fromhex("0508011063"))
        await ana.join()


async def test_data_message_reaches_the_others_with_its_sender(world: MediaWorld) -> None:
    """Should relay what is well formed, drop what is not, and not echo."""
    async with world.client(world.invite("ana")) as ana, world.client(world.invite("ben")) as ben:
        for client in (ana, ben):
            await client.join()
            await client.subscribe()
        messages = [
            pb.DataMessage(topic="bad topic!", data=b"x"),
            pb.DataMessage(topic="chat", data=bytes(2049)),
            pb.DataMessage(topic="chat", data=b"hello", lifetime_ms=300),
        ]
        await ana.send(_Frame.DATA_MESSAGE, data_message=pb.DataMessages(messages=messages))
        (message,) = (await ben.next(_Frame.DATA_MESSAGE)).data_message.messages
    assert (message.topic, message.data, message.sender_external_user_id) == (
        "chat",
        b"hello",
        "ana",
    )
    assert message.ingest_time_ns > 0


async def test_mute_is_told_to_everybody(world: MediaWorld) -> None:
    """Should send the stream id and the state, without an attendee."""
    async with world.client(world.invite("ana")) as ana, world.client(world.invite("ben")) as ben:
        for client in (ana, ben):
            await client.join()
            await client.subscribe()
        await ben.next(_Frame.AUDIO_STREAM_ID_INFO)
        await ana.send(_Frame.AUDIO_CONTROL, audio_control=pb.AudioControl(muted=True))
        (entry,) = _entries(await ben.next(_Frame.AUDIO_STREAM_ID_INFO))
    assert entry.muted
    assert not entry.HasField("attendee_id")


@wherever_media_is
async def test_leaving_is_told_as_leaving(world: MediaWorld) -> None:
    """Should report a goodbye to the others and to the observer, not a loss."""
    attendee = world.invite("ana")
    async with world.media_client(attendee) as ana, world.client(world.invite("ben")) as ben:
        await ben.join()
        await ben.subscribe()
        await ana.join()
        await ana.connect()
        await world.until(lambda: world.observer.seen == [("ana", None)])
        await ben.next(_Frame.AUDIO_STREAM_ID_INFO)
        await ben.next(_Frame.AUDIO_STREAM_ID_INFO)
        await ana.leave()
        (gone,) = _entries(await ben.next(_Frame.AUDIO_STREAM_ID_INFO))
    assert not gone.HasField("attendee_id")
    assert not gone.dropped
    await world.until(lambda: world.observer.seen == [("ana", None), ("ana", False)])
    assert not attendee.joined


async def test_listener_is_in_the_meeting_unnoticed(world: MediaWorld) -> None:
    """Should show a supervisor the roster, and neither list, count, unmute nor relay one."""
    ana = world.invite("ana")
    room = world.rooms.find(world.meeting.id)
    assert room is not None
    supervisor = world.meeting.add_attendee(
        external_user_id="boss", capabilities=frozenset(), only_listens=True
    )
    async with world.client(ana) as watching, world.media_client(supervisor) as boss:
        await watching.join()
        await watching.subscribe()
        await watching.next(_Frame.AUDIO_STREAM_ID_INFO)
        watching.frames.clear()
        await boss.join()
        await boss.connect()
        entries = _entries(await boss.next(_Frame.AUDIO_STREAM_ID_INFO))
        await world.until(lambda: supervisor.joined)
        await boss.send(_Frame.AUDIO_CONTROL, audio_control=pb.AudioControl(muted=False))
        message = pb.DataMessage(topic="chat", data=b"boo")
        await boss.send(_Frame.DATA_MESSAGE, data_message=pb.DataMessages(messages=[message]))
        room.send_index()
        during = await watching.next(_Frame.INDEX)
        await boss.leave()
        room.send_index()
        await watching.next(_Frame.INDEX)

    assert [(entry.attendee_id, entry.muted) for entry in entries] == [
        (ana.id, False),
        (supervisor.id, True),
    ]
    assert during.index.num_participants == 1
    assert {frame.type for frame in watching.frames} <= {_Frame.AUDIO_METADATA}


@wherever_media_is
async def test_removed_attendee_is_told_and_cannot_come_back(world: MediaWorld) -> None:
    """Should send 411 and refuse the token from then on."""
    attendee = world.invite("ana")
    async with world.media_client(attendee) as ana:
        await ana.join()
        await ana.connect()
        await world.until(lambda: attendee.joined)
        world.meeting.remove_attendee(attendee)
        assert (await ana.next(_Frame.AUDIO_STATUS)).audio_status.audio_status == 411
    async with world.client(attendee) as ana:
        assert await ana.close_code() == 4403
    assert world.observer.seen == [("ana", None), ("ana", False)]


async def test_offer_of_one_whose_end_has_come_is_answered(world: MediaWorld) -> None:
    """Should acknowledge a SUBSCRIBE that crossed with the end, with nothing in it: the SDK leaves only then."""
    attendee = world.invite("ana")
    async with world.client(attendee) as ana:
        await ana.join()
        await ana.subscribe()
        world.meeting.remove_attendee(attendee)
        await ana.next(_Frame.AUDIO_STATUS)

        ack = await ana.subscribe(video=True)

        assert "a=inactive" in ack.sdp_answer
        assert "a=sendrecv" not in ack.sdp_answer
        assert not ack.allocations
        await ana.leave()
    assert await world.streams() == []


@wherever_media_is
async def test_pattern_is_seen_and_heard(world: MediaWorld) -> None:
    """Should deliver a decodable moving picture and a tone, and report the scripted attendee as joined."""
    agent = world.invite("agent", Capability.VIDEO)
    world.meeting.attach_pattern(agent)
    await world.until(lambda: world.observer.seen == [("agent", None)], within_s=30)
    async with world.media_client(world.invite("ana")) as ana:
        (source,) = (await ana.join()).index.sources
        await ana.connect(watch=source.stream_id)
        async with asyncio.timeout(10):
            first = await ana.watched.receiver.track.recv()
            second = await ana.watched.receiver.track.recv()
        assert (first.width, first.height) == (640, 360)
        assert bytes(first.planes[0]) != bytes(second.planes[0])
        sound = ana.peer.getTransceivers()[0].receiver.track
        async with asyncio.timeout(10):
            while not any(bytes((await sound.recv()).planes[0])):
                pass
    world.meeting.remove_attendee(agent)
    assert await world.streams() == []


async def test_end_tells_everybody_and_frees_everything(world: MediaWorld) -> None:
    """Should send 410, close, and leave no task or socket behind after several calls."""
    before = len(asyncio.all_tasks())
    open_files = 0
    for cycle in range(4):
        meeting = world.meetings.create()
        names = ("ana", "ben")
        attendees = [
            meeting.add_attendee(external_user_id=name, capabilities=EVERYTHING) for name in names
        ]
        meeting.attach_pattern(
            meeting.add_attendee(external_user_id="agent", capabilities=EVERYTHING)
        )
        url = world.url + meeting.id
        async with (
            MediaClient(url, attendees[0].join_token) as ana,
            MediaClient(url, attendees[1].join_token) as ben,
        ):
            for client in (ana, ben):
                index = (await client.join()).index
                await client.connect(video=True, watch=index.sources[0].stream_id)
            await world.meetings.end(meeting)
            for client in (ana, ben):
                status = await client.next(_Frame.AUDIO_STATUS)
                assert status.audio_status.audio_status == 410
                assert await client.close_code() == 4410
        await world.until(lambda: len(asyncio.all_tasks()) <= before)
        now_open = _open_files()
        assert cycle == 0 or now_open <= open_files
        open_files = now_open
    assert world.meetings.find(meeting.id) is None


@wherever_media_is
async def test_close_makes_clients_try_again(world: MediaWorld) -> None:
    """Should close with a code of the 45xx family, not with a goodbye."""
    async with world.client(world.invite("ana")) as ana:
        await ana.join()
        await world.meetings.close()
        assert await ana.close_code() == 4500


async def test_description_of_the_meetings_holds_no_token(world: MediaWorld) -> None:
    """Should say who is there without what they prove themselves with."""
    attendee = world.invite("ana")
    async with world.client(attendee) as ana:
        await ana.join()
        await ana.subscribe(video=True)
        text = repr(await world.meetings.describe())
    assert attendee.id in text
    assert attendee.join_token not in text
    assert attendee.join_token not in repr(attendee)
