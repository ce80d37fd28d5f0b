"""The sound of meetings over real sockets: three clients at pitches of their own, holding, and music."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Callable, Mapping
from fractions import Fraction

import av
import numpy as np
import pytest
from aiortc import MediaStreamTrack

from localconnect.media.meetings import Attendee, Capability, Cue, Made, Meeting, Meetings
from localconnect.settings import Settings
from tests.realtime.media_client import MediaClient, Observer, serving
from tests.sound import FRAME, SAMPLE_RATE, Sound, level_of, tone

_PITCHES = {"ana": 400, "ben": 1000, "eve": 1700}
_HEARD, _NOT_HEARD = -40, -60
_PATIENCE_S = 20.0


class _Tone(MediaStreamTrack):
    """A microphone in front of a tuning fork."""

    kind = "audio"

    def __init__(self, hertz: float) -> None:
        super().__init__()
        self._frames = tone(hertz, 1).astype(np.int16).reshape(-1, FRAME)
        self._count = 0
        self._started_at = time.monotonic()

    async def recv(self) -> av.AudioFrame:
        due = self._started_at + self._count * FRAME / SAMPLE_RATE
        await asyncio.sleep(max(0.0, due - time.monotonic()))
        frame = av.AudioFrame.from_ndarray(
            self._frames[self._count % len(self._frames)].reshape(1, -1), layout="mono"
        )
        frame.sample_rate, frame.pts = SAMPLE_RATE, self._count * FRAME
        frame.time_base = Fraction(1, SAMPLE_RATE)
        self._count += 1
        return frame


class _World:
    """A meeting, and people in it who each hold one pitch."""

    def __init__(self, url: str, meetings: Meetings) -> None:
        self.meetings = meetings
        self.meeting: Meeting = meetings.create()
        self._url = url
        self._clients: list[MediaClient] = []

    async def join(self, name: str) -> tuple[Attendee, MediaClient]:
        attendee = self.meeting.add_attendee(
            external_user_id=name, capabilities=frozenset(Capability)
        )
        client = MediaClient(
            self._url + self.meeting.id, attendee.join_token, _Tone(_PITCHES[name])
        )
        await client.__aenter__()
        self._clients.append(client)
        await client.join()
        await client.connect()
        return attendee, client

    async def leave(self) -> None:
        """Vanish: nobody reads their signalling, so a goodbye would have to wait for it."""
        for client in self._clients:
            client.socket.transport.abort()
            await client.__aexit__()
        self._clients.clear()


@pytest.fixture
async def world() -> AsyncIterator[_World]:
    """A meeting on a free port."""
    meetings = Meetings(settings=Settings(), observer=Observer())
    async with serving(meetings) as url:
        world = _World(url, meetings)
        yield world
        await world.leave()


async def _second_of_sound(client: MediaClient) -> Sound:
    """What a client decodes in the next second."""
    track, parts, count = client.microphone.receiver.track, [], 0
    while count < SAMPLE_RATE:
        frame = await track.recv()
        samples = frame.to_ndarray().reshape(-1, len(frame.layout.channels))[:, 0]
        parts.append(samples)
        count += len(samples)
    return np.concatenate(parts).astype(float)


async def _until_hearing(
    client: MediaClient, right: Callable[[Mapping[str, float]], bool]
) -> None:
    """Listen second by second until the levels of all pitches are as they should be."""
    levels: dict[str, float] = {}
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(_PATIENCE_S):
            while not levels or not right(levels):
                sound = await _second_of_sound(client)
                levels = {name: level_of(sound, pitch) for name, pitch in _PITCHES.items()}
                levels["anything"] = float(20 * np.log10(np.abs(sound).max() / 32768 + 1e-9))
    assert right(levels), levels


def _only(*names: str) -> Callable[[Mapping[str, float]], bool]:
    def right(levels: Mapping[str, float]) -> bool:
        return all(
            levels[name] > _HEARD if name in names else levels[name] < _NOT_HEARD
            for name in _PITCHES
        )

    return right


async def test_three_people_hear_each_other_and_not_themselves(world: _World) -> None:
    """Should bring both other pitches to everybody, and one again when the third has left."""
    _, ana = await world.join("ana")
    _, ben = await world.join("ben")
    await _until_hearing(ana, _only("ben"))
    eve_attendee, eve = await world.join("eve")
    await asyncio.gather(
        _until_hearing(ana, _only("ben", "eve")),
        _until_hearing(ben, _only("ana", "eve")),
        _until_hearing(eve, _only("ana", "ben")),
    )
    world.meeting.remove_attendee(eve_attendee)
    await _until_hearing(ana, _only("ben"))


async def test_customer_on_hold_hears_music_and_the_agent_nothing_of_them(world: _World) -> None:
    """Should part two people in a call, and join them again."""
    customer_attendee, customer = await world.join("ana")
    _, agent = await world.join("ben")
    await _until_hearing(agent, _only("ana"))
    world.meeting.set_held(customer_attendee, True)
    world.meeting.play(customer_attendee, Cue(Made.HOLD_MUSIC))
    await _until_hearing(agent, lambda levels: levels["anything"] < _NOT_HEARD)
    await _until_hearing(
        customer, lambda levels: levels["ben"] < -45 and levels["anything"] > _HEARD
    )
    [description] = await world.meetings.describe()
    described = description["attendees"]
    assert [(a["held"], a["hears"]) for a in described] == [(True, "hold music"), (False, None)]
    world.meeting.play(customer_attendee, None)
    world.meeting.set_held(customer_attendee, False)
    await asyncio.gather(
        _until_hearing(customer, _only("ben")), _until_hearing(agent, _only("ana"))
    )


async def test_meeting_that_has_ended_leaves_no_task_behind(world: _World) -> None:
    """Should stop mixing and playing with the meeting."""
    before = len(asyncio.all_tasks())
    for name in _PITCHES:
        attendee, client = await world.join(name)
    world.meeting.play(attendee, Cue(Made.QUEUE_MUSIC))
    await _until_hearing(client, lambda levels: levels["ana"] > _HEARD)
    await world.meetings.end(world.meeting)
    await world.leave()
    async with asyncio.timeout(_PATIENCE_S):
        while len(asyncio.all_tasks()) > before:  # noqa: ASYNC110 (what is waited for has no event)
            await asyncio.sleep(0.05)
    assert await world.meetings.describe() == []
