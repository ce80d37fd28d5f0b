"""The SDK's simulcast in Chromium: layers of one group, and the one that a watcher's network can take."""

from __future__ import annotations

import pytest

from tests.e2e.sdk_meeting import sdk_meeting, until, videos

pytestmark = pytest.mark.e2e


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


def _widths(seen: list[tuple[int, int]]) -> list[int]:
    return [width for width, _ in seen]
