"""A meeting in this process, and browsers in it that are nothing but the Chime SDK."""

from __future__ import annotations

import asyncio
import contextlib
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable, Collection
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from typing import Any

import pytest
from playwright.async_api import Page, Playwright, async_playwright

from localconnect.clock import Clock
from localconnect.media.meetings import Attendee, Capability, Meeting, Meetings
from localconnect.settings import Settings
from tests.e2e.browsers import (
    ALLOW_DEVICES,
    BASE_FLAGS,
    CHROMIUM,
    DENY_DEVICES,
    FAKE_DEVICES,
    WATCH_PEERS,
)
from tests.e2e.sdk_site import SdkSite
from tests.realtime.light_client import LightClient
from tests.realtime.media_client import Observer, serving

_VIDEOS = """
async () => {
  const found = [];
  for (const peer of window.__peers) {
    if (peer.connectionState === "closed") continue;
    for (const report of (await peer.getStats()).values()) {
      if (report.type === "inbound-rtp" && report.kind === "video") {
        found.push([report.frameWidth ?? 0, report.framesDecoded ?? 0]);
      }
    }
  }
  return found;
}
"""


@dataclass
class SdkMeeting:
    """Who is invited, and how they join. `path` changes the address of the signalling on its way to a browser."""

    url: str
    meetings: Meetings
    meeting: Meeting
    observer: Observer
    clock: Clock
    _playwright: Playwright
    _site: SdkSite
    path: Callable[[str], str] = field(default=str)

    def invite(
        self, name: str, capabilities: Collection[Capability] = tuple(Capability)
    ) -> Attendee:
        """Somebody who may do everything, or only so much."""
        return self.meeting.add_attendee(
            external_user_id=name, capabilities=frozenset(capabilities)
        )

    def light_client(self, name: str) -> LightClient:
        """Somebody without a browser."""
        return LightClient(self.url + self.meeting.id, self.invite(name).join_token)

    def page(self, *, devices: bool = True) -> AbstractAsyncContextManager[Page]:
        """A browser of its own, with nobody in the meeting yet; see `sdk_page`."""
        return sdk_page(self._playwright, self._site, devices=devices)

    async def join(self, page: Page, attendee: Attendee, **how: object) -> None:
        """Let a page join; what else may be said is in sdk_page/page.js."""
        placement = {
            "AudioHostUrl": "unused",
            "SignalingUrl": self.path(self.url + self.meeting.id),
        }
        connection = {
            "Meeting": {"MeetingId": self.meeting.id, "MediaPlacement": placement},
            "Attendee": {
                "AttendeeId": attendee.id,
                "JoinToken": attendee.join_token,
                "ExternalUserId": attendee.external_user_id,
            },
        }
        await join(page, connection, **how)

    async def streams(self) -> list[dict[str, Any]]:
        """The published videos with their counters."""
        [description] = await self.meetings.describe()
        return list(description["streams"])


@contextlib.asynccontextmanager
async def sdk_page(
    playwright: Playwright, site: SdkSite, *, devices: bool = True
) -> AsyncIterator[Page]:
    """A browser of its own with the SDK in it. Without `devices` its user lets no page have any."""
    with tempfile.TemporaryDirectory(prefix="vcp-", ignore_cleanup_errors=True) as profile:
        context = await playwright.chromium.launch_persistent_context(
            profile,
            executable_path=CHROMIUM,
            args=[*BASE_FLAGS, FAKE_DEVICES, ALLOW_DEVICES if devices else DENY_DEVICES],
            headless=False,
            permissions=["camera", "microphone"] if devices else [],
        )
        page = context.pages[0]
        await page.add_init_script(WATCH_PEERS)
        await page.goto(site.url)
        await until(lambda: page.evaluate("window.ready === true"))
        yield page
        await context.close()


async def join(page: Page, connection: dict[str, Any], **how: object) -> None:
    """Let a page join with the `ConnectionData` of a contact; what else may be said is in sdk_page/page.js."""
    await page.evaluate(
        "(how) => { window.join(how); }",
        {"meeting": connection["Meeting"], "attendee": connection["Attendee"], **how},
    )


@contextlib.asynccontextmanager
async def sdk_meeting() -> AsyncIterator[SdkMeeting]:
    """A meeting, and all that it takes to come in by browser."""
    if CHROMIUM is None:
        pytest.skip("no Chromium on this machine")
    observer, clock = Observer(), Clock()
    meetings = Meetings(settings=Settings(), observer=observer, clock=clock)
    async with serving(meetings) as url, async_playwright() as playwright:
        with SdkSite() as site:
            yield SdkMeeting(url, meetings, meetings.create(), observer, clock, playwright, site)


async def until(
    read: Callable[[], Awaitable[Any]],
    *,
    holds: Callable[[Any], object] = bool,
    within_s: float = 30,
) -> Any:
    """Read until the value holds, and give it."""
    value = None
    for _ in range(int(within_s * 10)):
        value = await read()
        if holds(value):
            return value
        await asyncio.sleep(0.1)
    raise AssertionError(f"not within {within_s:.0f} s; the last value was {value!r}")


async def moving(page: Page, *, pictures: int = 10, within_s: float = 30) -> None:
    """Wait until that many further pictures of others have been decoded."""
    before = await decoded(page)
    await until(
        lambda: decoded(page), holds=lambda now: now > before + pictures, within_s=within_s
    )


async def decoded(page: Page) -> int:
    """How many pictures of others were decoded over the present connection."""
    return sum(pictures for _, pictures in await videos(page))


async def videos(page: Page) -> list[tuple[int, int]]:
    """Of each video that a page gets: its width, and how many of its pictures were decoded."""
    return [(width, decoded) for width, decoded in await page.evaluate(_VIDEOS)]
