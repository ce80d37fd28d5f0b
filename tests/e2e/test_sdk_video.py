"""What the unmodified SDK does with video in a real browser: tiles that rest, a camera that comes and goes, one that is not allowed."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from playwright.async_api import Page

from localconnect.media.meetings import Capability
from tests.e2e.browsers import LOCAL_CANDIDATES
from tests.e2e.sdk_meeting import SdkMeeting, decoded, moving, sdk_meeting, until
from tests.realtime.light_video import StillCamera, running

pytestmark = pytest.mark.e2e

_REST_S = 1.0
_SWITCHES = 12


_CAMERA_ON = """
async () => {
  await window.call.startVideoInput(await navigator.mediaDevices.getUserMedia({ video: { width: 320 } }));
  window.call.startLocalVideoTile();
}
"""


async def _tile(page: Page) -> dict[str, Any]:
    """The only tile of somebody else."""
    tiles = await until(
        lambda: page.evaluate(
            "Object.entries(window.seen.tiles).filter(([, t]) => !t.local).map(([id, t]) => ({id: +id, ...t}))"
        ),
        holds=lambda found: len(found) == 1,
    )
    return dict(tiles[0])


async def _watched_by(meeting: SdkMeeting, count: int) -> None:
    await until(
        meeting.streams, holds=lambda found: [one["subscribers"] for one in found] == [count]
    )


async def test_paused_tile_rests_until_it_is_wanted_again() -> None:
    """Should stop that video on its way, say that it is paused, and show it moving again, each time."""
    async with (
        sdk_meeting() as meeting,
        meeting.page() as page,
        meeting.light_client("ben") as ben,
    ):
        await ben.join()
        await ben.connect(video=True)
        async with running(StillCamera(ben)):
            await meeting.join(page, meeting.invite("ana"))
            tile = await _tile(page)
            for _ in range(3):
                await moving(page)
                await page.evaluate("(id) => window.call.pauseVideoTile(id)", tile["id"])
                await _watched_by(meeting, 0)
                assert (await _tile(page))["paused"] is True
                await asyncio.sleep(0.3)  # what was on its way
                before = await decoded(page)
                await asyncio.sleep(_REST_S)
                assert await decoded(page) == before

                await page.evaluate("(id) => window.call.unpauseVideoTile(id)", tile["id"])
                await _watched_by(meeting, 1)
                assert (await _tile(page))["paused"] is False
            await moving(page)
        assert await page.evaluate("[window.seen.started, window.seen.stopped]") == [1, []]


async def test_camera_goes_on_and_off_many_times() -> None:
    """Should show each new video and nothing in between, over the connection that there is, which does not grow."""
    async with sdk_meeting() as meeting, meeting.page() as ana, meeting.page() as ben:
        await meeting.join(ben, meeting.invite("ben"))
        await meeting.join(ana, meeting.invite("ana"), width=320)
        sections = 0, 0
        for number in range(_SWITCHES):
            await _tile(ben)
            await moving(ben)
            if number == 1:
                sections = await _sections(ana), await _sections(ben)
            await ana.evaluate("window.call.stopVideoInput()")
            await until(
                lambda: ben.evaluate("Object.keys(window.seen.tiles).length"),
                holds=lambda tiles: tiles == 0,
            )
            assert await meeting.streams() == []
            await ana.evaluate(_CAMERA_ON)
        await moving(ben)
        assert (await _sections(ana), await _sections(ben)) == sections
        for page in (ana, ben):
            assert await page.evaluate("[window.seen.started, window.seen.stopped]") == [1, []]


async def _sections(page: Page) -> int:
    """Of what the page's connection is made of."""
    return int(await page.evaluate("window.__peers.at(-1).getTransceivers().length"))


async def test_camera_that_is_not_allowed_is_told_so_and_its_owner_watches_on() -> None:
    """Should be taken back by the SDK as Chime lets it be (206), and publish nothing; everything else goes on."""
    async with (
        sdk_meeting() as meeting,
        meeting.page() as page,
        meeting.light_client("ben") as ben,
    ):
        await ben.join()
        await ben.connect(video=True)
        async with running(StillCamera(ben)):
            listener = meeting.invite("ana", set(Capability) - {Capability.VIDEO})
            await meeting.join(page, listener, width=320)

            await until(lambda: page.evaluate("window.seen.unavailable"))
            await until(
                lambda: page.evaluate("Object.values(window.seen.tiles).map((t) => t.local)"),
                holds=lambda local: local == [False],
            )
            await moving(page)
            assert listener.id not in {one["attendee_id"] for one in await meeting.streams()}
            assert await page.evaluate("[window.seen.started, window.seen.stopped]") == [1, []]


async def test_watcher_without_permissions_is_asked_for_nothing() -> None:
    """Should see and hear without ever asking for a device, though the browser hides where it is."""
    async with (
        sdk_meeting() as meeting,
        meeting.page(devices=False) as page,
        meeting.light_client("ben") as ben,
    ):
        await ben.join()
        await ben.connect(video=True)
        async with running(StillCamera(ben)):
            await meeting.join(page, meeting.invite("ana"), send=False)
            await moving(page)
            candidates = await page.evaluate(LOCAL_CANDIDATES)
            assert candidates
            assert all(".local " in line for line in candidates)
            assert await page.evaluate("window.seen.asked") == 0
            heard = await _sounds(page)
            await until(lambda: _sounds(page), holds=lambda now: now > heard + 50)


async def _sounds(page: Page) -> int:
    """Packets of sound that have come."""
    return int(
        await page.evaluate(
            """
            async () => {
              const reports = [...(await window.__peers.at(-1).getStats()).values()];
              return reports.find((one) => one.type === "inbound-rtp" && one.kind === "audio")?.packetsReceived ?? 0;
            }
            """
        )
    )
