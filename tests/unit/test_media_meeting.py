"""What a meeting remembers of its people: who is expected back, and everything that its media must be told anew."""

from __future__ import annotations

import asyncio

import pytest

from localconnect.clock import Clock
from localconnect.media.meetings import Attendee, Capability, Cue, Made, Meeting, Meetings
from localconnect.media.rooms import Rooms
from localconnect.settings import Settings
from tests.realtime.media_client import Observer

NOW = 1_767_323_045.0


class World:
    """A meeting in this process, whose clients are only talked of."""

    def __init__(self) -> None:
        settings = Settings(rejoin_window_s=30.0)
        self.clock, self.observer, self.rooms = Clock(lambda: NOW), Observer(), Rooms(settings)
        self.meetings = Meetings(
            settings=settings, observer=self.observer, clock=self.clock, host=self.rooms
        )
        self.meeting: Meeting = self.meetings.create()

    def invite(self, name: str) -> Attendee:
        return self.meeting.add_attendee(
            external_user_id=name, capabilities=frozenset({Capability.VIDEO})
        )


@pytest.fixture
async def world() -> World:
    return World()


async def test_who_is_lost_again_has_what_is_left_of_the_window(world: World) -> None:
    """Should count the window from the first loss, unless their media was up in between."""
    ana = world.invite("ana")
    world.meetings.connected(world.meeting.id, ana.id)
    world.meetings.lost(world.meeting.id, ana.id, 0.0)
    world.clock.advance(20)
    world.meetings.lost(world.meeting.id, ana.id, 0.0)
    world.clock.advance(11)
    assert world.observer.seen == [("ana", None), ("ana", True)]

    world.meetings.connected(world.meeting.id, ana.id)
    world.meetings.lost(world.meeting.id, ana.id, 0.0)
    world.clock.advance(20)
    world.meetings.connected(world.meeting.id, ana.id)
    world.meetings.lost(world.meeting.id, ana.id, 0.0)
    world.clock.advance(20)
    assert ana.joined


async def test_silence_before_a_loss_was_noticed_counts(world: World) -> None:
    """Should count the window from when they were last heard, and end at once what is over by then."""
    ana, ben = world.invite("ana"), world.invite("ben")
    for person in (ana, ben):
        world.meetings.connected(world.meeting.id, person.id)
    world.meetings.lost(world.meeting.id, ana.id, 25.0)
    world.meetings.lost(world.meeting.id, ben.id, 33.0)

    world.clock.advance(0.1)
    assert (ana.joined, ben.joined) == (True, False)
    world.clock.advance(5)
    assert not ana.joined


async def test_who_comes_back_at_the_second_attempt_stays(world: World) -> None:
    """Should forget the window also when an attempt to come back broke before its media was up."""
    ana = world.invite("ana")
    world.meetings.connected(world.meeting.id, ana.id)
    world.meetings.lost(world.meeting.id, ana.id, 0.0)
    world.meetings.lost(world.meeting.id, ana.id, 0.0)
    world.meetings.connected(world.meeting.id, ana.id)

    world.clock.advance(3600)

    assert ana.joined
    assert world.observer.seen == [("ana", None)]


async def test_nobody_counts_as_gone_when_all_connections_break(world: World) -> None:
    """Should give everybody the window, and tell of those who do not use it; who never came is not waited for."""
    ana, ben, eve = world.invite("ana"), world.invite("ben"), world.invite("eve")
    for attendee in (ana, ben):
        world.meetings.connected(world.meeting.id, attendee.id)

    world.meetings.broken([world.meeting.id, "another"])

    assert [world.meeting.is_connected(one) for one in (ana, ben, eve)] == [False] * 3
    world.meetings.connected(world.meeting.id, ana.id)
    world.clock.advance(31)
    assert world.observer.seen == [("ana", None), ("ben", None), ("ben", True)]


async def test_media_made_anew_is_told_how_things_are(world: World) -> None:
    """Should let the same people in, held and hearing what they did, and nobody who was removed."""
    ana, ben = world.invite("ana"), world.invite("ben")
    world.meeting.set_held(ana, True)
    world.meeting.play(ana, Cue(Made.HOLD_MUSIC))
    world.meeting.attach_pattern(ben)
    world.meeting.remove_attendee(world.invite("eve"))
    await world.rooms.end(world.meeting.id)

    world.meetings.needed([world.meeting.id, "another"])

    async with asyncio.timeout(120):
        while (known := await _known(world)) != {
            "ana": (True, "hold music"),
            "ben": (False, None),
        }:
            await asyncio.sleep(0.05)
            assert known.keys() == {"ana", "ben"}
        while ("ben", None) not in world.observer.seen:  # noqa: ASYNC110 (no event)
            await asyncio.sleep(0.05)
    await world.meetings.close()


async def _known(world: World) -> dict[str, tuple[bool, str | None]]:
    [description] = await world.meetings.describe()
    return {
        one["external_user_id"]: (one["held"], one["hears"]) for one in description["attendees"]
    }


async def test_sound_that_is_ready_too_late_is_not_played(world: World) -> None:
    """Should leave nothing playing for who was removed, or where the meeting is over."""
    room = world.rooms.find(world.meeting.id)
    assert room is not None
    for number in range(2):
        ana = world.invite("ana")
        world.meeting.play(ana, Cue(Made.POSITION, position=number + 1))
        if number:
            await world.meetings.end(world.meeting)
        else:
            world.meeting.remove_attendee(ana)
        await asyncio.gather(*world.rooms._background._tasks)
        assert room.bridge._senders == []


async def test_news_of_who_is_removed_or_over_mean_nothing(world: World) -> None:
    """Should not be confused by what another process tells late."""
    ana = world.invite("ana")
    world.meetings.connected(world.meeting.id, ana.id)
    world.meeting.remove_attendee(ana)
    world.meetings.left(world.meeting.id, ana.id)
    world.meetings.lost(world.meeting.id, ana.id, 0.0)
    world.meetings.connected(world.meeting.id, ana.id)
    await asyncio.sleep(0)
    assert world.observer.seen == [("ana", None), ("ana", False)]

    await world.meetings.end(world.meeting)
    world.meetings.connected(world.meeting.id, ana.id)
    assert len(world.observer.seen) == 2
