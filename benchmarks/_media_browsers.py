"""What two people in Chromium, with the unmodified SDK, see and hear of each other, for `bench media`: how soon, how late, how well.

Their cameras and microphones are made by the page (`_media_page.js`), stamped with the clock that both browsers share.
"""

from __future__ import annotations

import asyncio
import contextlib
import tempfile
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from statistics import median
from typing import Any

from playwright.async_api import Page, Playwright, async_playwright

from benchmarks._figures import Figure, quantile
from benchmarks._media_calls import Invitation, Subject
from tests.e2e.browsers import ALLOW_DEVICES, BASE_FLAGS, CHROMIUM, FAKE_DEVICES
from tests.e2e.sdk_site import SdkSite
from tests.network import Network
from tests.realtime.light_client import LightClient

JOINS = 10
"""Of one browser into a call where the other already is; the first warms up and does not count."""

WINDOW_S = 12.0
SETTLE_S = 4.0
LOSS, LOSS_S = 0.05, 40.0
_LONGEST_WAIT_S = 60.0
_CLICKS_MS = 450
"""Clicks are half a second apart; whatever is heard later belongs to another one."""

_PAGE = (Path(__file__).parent / "_media_page.js").read_text()
_READ = "() => { measured.rendered = []; measured.heard = []; measured.clicked = []; measured.reading = true; }"
_VIDEO = """
async () => {
  for (const peer of measured.peers) {
    if (peer.connectionState === "closed") continue;
    for (const report of (await peer.getStats()).values()) {
      if (report.type === "inbound-rtp" && report.kind === "video") {
        return [report.framesDecoded, report.freezeCount];
      }
    }
  }
}
"""

Samples = dict[str, list[float]]


async def measured(subject: Subject, samples: Samples) -> list[Figure]:
    """Figures of one call between two browsers; none without a Chromium."""
    if CHROMIUM is None:
        print("No Chromium: nothing is measured in browsers.")
        return []
    async with Network().running() as network, async_playwright() as playwright:
        with SdkSite() as site:
            async with _page(playwright) as here, _page(playwright) as there:
                # Not before there are browsers: an agent has twenty seconds to come after accepting.
                invited = await subject.invite()
                await _join(there, site, invited.agent)
                figures = await _joins(here, site, invited.customer, samples)
                for page in (here, there):
                    await page.evaluate("listen()")
                figures += await _delays("passed", here, there, samples)
                figures += await _mixed(subject, invited, here, there, samples)
                await _join(there, site, invited.agent, network.lead)
                await _join(here, site, invited.customer, network.lead)
                figures += await _lossy(network, here, there)
                await invited.desk.close()
    return figures


@contextlib.asynccontextmanager
async def _page(playwright: Playwright) -> AsyncIterator[Page]:
    with tempfile.TemporaryDirectory(prefix="vcp-", ignore_cleanup_errors=True) as profile:
        context = await playwright.chromium.launch_persistent_context(
            profile,
            executable_path=CHROMIUM,
            args=[*BASE_FLAGS, FAKE_DEVICES, ALLOW_DEVICES],
            headless=False,
            permissions=["camera", "microphone"],
        )
        await context.add_init_script(_PAGE)
        yield context.pages[0]
        await context.close()


async def _join(
    page: Page, site: SdkSite, who: dict[str, Any], path: Callable[[str], str] = str
) -> None:
    await page.goto(site.url)
    await _until(page, "window.ready === true")
    placement = dict(who["Meeting"]["MediaPlacement"])
    placement["SignalingUrl"] = path(placement["SignalingUrl"])
    how = {
        "meeting": {**who["Meeting"], "MediaPlacement": placement},
        "attendee": who["Attendee"],
        "width": 640,
    }
    await page.evaluate("(how) => { window.join(how); }", how)
    await _until(page, "window.seen.started > 0")


async def _until(page: Page, condition: str) -> None:
    async with asyncio.timeout(_LONGEST_WAIT_S):
        while not await page.evaluate(condition):  # noqa: ASYNC110 (pages have no event for it)
            await asyncio.sleep(0.05)


async def _joins(page: Page, site: SdkSite, who: dict[str, Any], samples: Samples) -> list[Figure]:
    """How long from the session's start to the first picture of the other."""
    times = samples["browser-join"] = []
    for number in range(JOINS + 1):
        await _join(page, site, who)
        await _until(page, "measured.firstFrame > 0")
        if number:
            times.append(await page.evaluate("measured.firstFrame - window.seen.startedAt"))
        await asyncio.sleep(0.5)
    return [Figure("media-browser-join-p50", quantile(times, 0.5), "ms")]


async def _delays(how: str, here: Page, there: Page, samples: Samples) -> list[Figure]:
    """How old pictures are when they are rendered, and sounds when they are heard."""
    await asyncio.sleep(SETTLE_S)
    for page in (here, there):
        await page.evaluate("bufferedSound()")
        await page.evaluate(_READ)
    await asyncio.sleep(WINDOW_S)
    read = [await page.evaluate("measured") for page in (here, there)]
    buffered = [await page.evaluate("bufferedSound()") for page in (here, there)]
    pictures = [age for one in read for age in one["rendered"]]
    sounds = [
        age
        for one, other in (read, read[::-1])
        for heard in one["heard"]
        if 0
        < (age := heard - max((c for c in other["clicked"] if c <= heard), default=0))
        < _CLICKS_MS
    ]
    samples[f"browser-{how}-render"], samples[f"browser-{how}-ear"] = pictures, sounds
    return [
        Figure(f"media-browser-{how}-capture-to-render", quantile(pictures, 0.5), "ms"),
        Figure(f"media-browser-{how}-mouth-to-ear", quantile(sounds, 0.5), "ms"),
        Figure(f"media-browser-{how}-jitter-buffer", median(buffered), "ms"),
    ]


async def _mixed(
    subject: Subject, invited: Invitation, here: Page, there: Page, samples: Samples
) -> list[Figure]:
    """The same while a third person is silent, so that sound is mixed."""
    third = await subject.invite_third(invited.contact_id)
    address = third["Meeting"]["MediaPlacement"]["SignalingUrl"]
    async with LightClient(address, third["Attendee"]["JoinToken"]) as person:
        await person.join()
        await person.connect()
        silent = asyncio.create_task(_be_silent(person))
        figures = await _delays("mixed", here, there, samples)
        silent.cancel()
    return figures


async def _be_silent(person: LightClient) -> None:
    while True:
        person.speak()
        await asyncio.sleep(0.02)


async def _lossy(network: Network, here: Page, there: Page) -> list[Figure]:
    """Freezes as the browsers count them, without loss and with loss both ways at both ends."""
    figures = []
    for name, share in (("lossless", 0.0), ("loss", LOSS)):
        network.lose(share)
        await asyncio.sleep(SETTLE_S)
        before = [await page.evaluate(_VIDEO) for page in (here, there)]
        await asyncio.sleep(LOSS_S)
        after = [await page.evaluate(_VIDEO) for page in (here, there)]
        frames = min(b[0] - a[0] for a, b in zip(before, after, strict=True))
        freezes = sum(b[1] - a[1] for a, b in zip(before, after, strict=True)) / 2
        figures += [
            Figure(f"media-browser-{name}-frames", frames / LOSS_S, "fps"),
            Figure(f"media-browser-{name}-freezes", freezes * 60 / LOSS_S, "/min"),
        ]
    network.lose(0)
    return figures
