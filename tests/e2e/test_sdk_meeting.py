"""The unmodified SDK in a real browser, among light clients: many videos at once, and connections that end."""

from __future__ import annotations

import asyncio
import contextlib

import pytest
from playwright.async_api import Page

from tests.e2e.sdk_meeting import sdk_meeting, until, videos
from tests.network import Network
from tests.realtime.light_video import StillCamera, running

pytestmark = pytest.mark.e2e


async def _sees(page: Page, count: int) -> None:
    """Wait until so many videos are being decoded."""
    before = sum(decoded for _, decoded in await videos(page))

    def moves(seen: list[tuple[int, int]]) -> bool:
        shown = [decoded for _, decoded in seen if decoded]
        return len(shown) == count and sum(shown) > before + 10 * count

    await until(lambda: videos(page), holds=moves)


async def test_six_people_show_each_other_their_videos() -> None:
    """Should carry six videos in one meeting, with five in the tiles of a real browser and its own at the others'."""
    async with contextlib.AsyncExitStack() as stack:
        meeting = await stack.enter_async_context(sdk_meeting())
        people = [
            await stack.enter_async_context(meeting.light_client(f"light {number}"))
            for number in range(5)
        ]
        for person in people:
            await person.join()
            await person.connect(video=True)
        page = await stack.enter_async_context(meeting.page())
        await stack.enter_async_context(running(*map(StillCamera, people)))
        await meeting.join(page, meeting.invite("ana"), width=320)
        await _sees(page, 5)
        tiles = await page.evaluate("Object.values(window.seen.tiles).filter((t) => !t.local)")
        assert len({tile["attendee"] for tile in tiles}) == 5
        streams = await until(meeting.streams, holds=lambda found: len(found) == 6)
        own = max(stream["stream_id"] for stream in streams)
        heard = people[0].heard.rtp
        ack = await people[0].watch(own)
        assert [track.stream_id for track in ack.tracks] == [own]
        async with asyncio.timeout(10):
            while people[0].heard.rtp < heard + 100:  # noqa: ASYNC110 (packets have no event)
                await asyncio.sleep(0.05)
        assert await page.evaluate("[window.seen.started, window.seen.stopped]") == [1, []]


async def test_browser_comes_back_though_nobody_said_that_it_was_cut_off() -> None:
    """Should be served anew after code 1001, which the SDK takes for no failure, and after a network that passed nothing."""
    async with (
        sdk_meeting() as meeting,
        Network().running() as network,
        meeting.page() as page,
        meeting.light_client("ben") as ben,
    ):
        await ben.join()
        await ben.connect(video=True)
        meeting.path = network.lead
        async with running(StillCamera(ben)):
            await meeting.join(page, meeting.invite("ana"), silentSeconds=3, reconnectSeconds=20)
            await _sees(page, 1)

            await network.close_sockets(1001)
            await until(lambda: page.evaluate("window.seen.started"), holds=lambda n: n == 2)
            await _sees(page, 1)
            assert network.sockets == 2

            network.block()
            await until(lambda: page.evaluate("window.seen.connecting"), holds=lambda n: n == 3)
            network.unblock()
            await until(lambda: page.evaluate("window.seen.started"), holds=lambda n: n == 3)
            await _sees(page, 1)
            assert await page.evaluate("window.seen.stopped") == []
        assert meeting.observer.seen == [("ben", None), ("ana", None)]
