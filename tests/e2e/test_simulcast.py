"""The SDK's simulcast in Chromium: layers of one group, and the one that a watcher's network can take."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import pytest
from playwright.async_api import Page

from tests.e2e.sdk_meeting import sdk_meeting, until, videos
from tests.network import Network

pytestmark = pytest.mark.e2e

_WEAK = 450_000
"""Bits per second: the smaller layer fits, and the larger one does not."""


async def test_layers_are_published_and_each_watcher_gets_one() -> None:
    """Should list two layers among three people and show the larger one, without a reconnect on the way."""
    async with (
        sdk_meeting() as meeting,
        meeting.page() as sender,
        meeting.page() as watcher,
        meeting.page() as third,
    ):
        await meeting.join(watcher, meeting.invite("ben"), simulcast=True)
        await meeting.join(third, meeting.invite("cleo"))
        await meeting.join(sender, meeting.invite("ana"), simulcast=True, width=1280)

        small, large = await until(meeting.streams, holds=lambda found: len(found) == 2)
        assert small["group_id"] == large["group_id"]
        for page in (watcher, third):
            await until(lambda page=page: videos(page), holds=lambda seen: _widths(seen) == [1280])
        ((_, before),) = await videos(watcher)
        await until(lambda: videos(watcher), holds=lambda seen: seen[0][1] > before + 10)
        assert await sender.evaluate("window.seen.stopped") == []
        assert await sender.evaluate("window.seen.started") == 1


async def test_weak_watcher_gets_a_smaller_layer_than_the_others() -> None:
    """Should forward to each what its network can take, and the larger one again when there is room for it."""
    async with (
        sdk_meeting() as meeting,
        Network().running() as network,
        meeting.page() as sender,
        meeting.page() as watcher,
        meeting.page() as weak,
    ):
        await meeting.join(watcher, meeting.invite("ben"))
        await meeting.join(sender, meeting.invite("ana"), simulcast=True, width=1280)
        meeting.path = network.lead
        await meeting.join(weak, meeting.invite("cleo"))
        for page in (watcher, weak):
            await _is_shown(page, lambda width: width == 1280)

        network.limit(_WEAK)
        await _is_shown(weak, lambda width: 0 < width < 1280)
        await _is_shown(watcher, lambda width: width == 1280)
        network.limit(0)
        await _is_shown(weak, lambda width: width == 1280)
        for page in (sender, watcher, weak):
            assert await page.evaluate("[window.seen.started, window.seen.stopped]") == [1, []]


async def _is_shown(page: Page, fits: Callable[[int], bool]) -> None:
    """Wait until pictures of a width that fits move."""

    async def shown() -> int:
        before = await videos(page)
        await asyncio.sleep(0.5)
        after = await videos(page)
        moved = len(before) == len(after) == 1 and after[0][1] > before[0][1]
        return after[0][0] if moved else 0

    await until(shown, holds=fits, within_s=60)


def _widths(seen: list[tuple[int, int]]) -> list[int]:
    return [width for width, _ in seen]
