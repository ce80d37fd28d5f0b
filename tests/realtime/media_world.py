"""A served meeting for tests, and the people invited into it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from typing import Any

import pytest
from aiortc.mediastreams import VideoStreamTrack

from localconnect.clock import Clock
from localconnect.media.hosting import Description
from localconnect.media.meetings import Attendee, Capability, Meeting, Meetings
from localconnect.media.rooms import Rooms
from localconnect.media.workers.host import MediaWorkers
from localconnect.settings import Settings
from tests.realtime.media_client import MediaClient, Observer, SignalingClient, serving
from tests.udp_relay import UdpRelay

EVERYTHING = frozenset(Capability)
wherever_media_is = pytest.mark.parametrize(
    "world", [0, 1], indirect=True, ids=["in the server", "in a worker"]
)
"""Marks tests of what must not depend on which process has the media."""


@dataclass
class MediaWorld:
    """A served meeting, with short patience."""

    url: str
    meetings: Meetings
    rooms: Rooms
    """The rooms of this process, where media is unless workers have it."""
    meeting: Meeting
    observer: Observer
    clock: Clock

    def invite(self, name: str, *capabilities: Capability) -> Attendee:
        return self.meeting.add_attendee(
            external_user_id=name, capabilities=frozenset(capabilities) or EVERYTHING
        )

    def client(self, attendee: Attendee, suffix: str = "") -> SignalingClient:
        return SignalingClient(self.url + self.meeting.id, attendee.join_token + suffix)

    def media_client(
        self,
        attendee: Attendee,
        *,
        relay: UdpRelay | None = None,
        picture: VideoStreamTrack | None = None,
    ) -> MediaClient:
        url = self.url + self.meeting.id
        return MediaClient(url, attendee.join_token, relay=relay, picture=picture)

    async def described(self) -> Description:
        """What goes on in the meeting."""
        [description] = [
            one for one in await self.meetings.describe() if one["id"] == self.meeting.id
        ]
        return description

    async def streams(self) -> list[dict[str, Any]]:
        """The published videos with their counters."""
        streams: list[dict[str, Any]] = (await self.described())["streams"]
        return streams

    async def until(self, condition: Callable[[], object], *, within_s: float = 10.0) -> None:
        """Wait for a condition, which may be awaitable."""
        async with asyncio.timeout(within_s):
            while not await _value(condition()):  # noqa: ASYNC110 (what is waited for has no event)
                await asyncio.sleep(0.01)


async def _value(result: object) -> object:
    return await result if isinstance(result, Awaitable) else result


@pytest.fixture
async def world(request: pytest.FixtureRequest) -> AsyncIterator[MediaWorld]:
    """A meeting on a free port; its media is in this process, or in as many workers as a test marked so is given."""
    workers = getattr(request, "param", 0)
    observer, clock = Observer(), Clock()
    settings = Settings(presence_grace_s=0.3, rejoin_window_s=30.0)
    rooms = Rooms(settings)
    meetings = Meetings(
        settings=settings,
        observer=observer,
        clock=clock,
        host=MediaWorkers(settings, workers) if workers else rooms,
    )
    async with serving(meetings) as url:
        world = MediaWorld(url, meetings, rooms, meetings.create(), observer, clock)
        await world.until(meetings.describe, within_s=60)  # workers take a moment to start
        yield world
