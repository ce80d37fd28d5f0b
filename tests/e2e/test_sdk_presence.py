"""What the unmodified SDK knows of the others in a meeting: who is there, who speaks, who is muted, and what they send."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest
from playwright.async_api import Page

from tests.e2e.sdk_meeting import sdk_meeting, until

pytestmark = pytest.mark.e2e

_GOOD = 1.0
_JOINED_ELSEWHERE, _REMOVED = 2, 22
_SEND = """
(texts) => { for (const text of texts) window.call.realtimeSendDataMessage("notes", text, 60_000); }
"""


async def _seen(page: Page, what: str, of: str, holds: Any) -> None:
    """Wait until the page has seen a value that holds of somebody."""
    name = json.dumps(of)
    await until(
        lambda: page.evaluate(f"[window.seen.{what}[{name}] ?? null]"),
        holds=lambda found: found[0] is not None and holds(found[0]),
    )


async def test_others_are_known_by_presence_voice_and_microphone() -> None:
    """Should tell of a voice, of a microphone switched off and on, of a good connection, and of leaving."""
    async with sdk_meeting() as meeting, meeting.page() as page, meeting.page() as other:
        ana, ben = meeting.invite("ana"), meeting.invite("ben")
        await meeting.join(page, ana)
        await meeting.join(other, ben)  # whose microphone beeps

        await _seen(page, "presence", ben.id, bool)
        await _seen(page, "volume", ben.id, lambda volume: volume > 0)
        await _seen(page, "strength", ben.id, lambda strength: strength == _GOOD)
        await until(lambda: page.evaluate("window.seen.speakers"), holds=lambda ids: ben.id in ids)
        await other.evaluate("window.call.realtimeMuteLocalAudio()")
        await _seen(page, "muted", ben.id, lambda muted: muted is True)
        await other.evaluate("window.call.realtimeUnmuteLocalAudio()")
        await _seen(page, "muted", ben.id, lambda muted: muted is False)
        await other.evaluate("window.call.stop()")
        await _seen(page, "presence", ben.id, lambda present: present is False)
        assert await page.evaluate("[window.seen.started, window.seen.stopped]") == [1, []]


async def test_messages_arrive_in_order_and_are_kept_for_who_comes_later() -> None:
    """Should bring each once, with its sender, to who is there and to who joins within its lifetime."""
    async with (
        sdk_meeting() as meeting,
        meeting.page() as page,
        meeting.page() as other,
        meeting.page() as later,
    ):
        ana = meeting.invite("ana")
        await meeting.join(page, ana)
        await meeting.join(other, meeting.invite("ben"))
        await until(lambda: page.evaluate("window.seen.started"))
        await until(lambda: other.evaluate("window.seen.started"))
        texts = [f"note {number}" for number in range(20)]
        await page.evaluate(_SEND, texts)
        await _has_got(other, texts, ana.id)
        await meeting.join(later, meeting.invite("cleo"))
        await _has_got(later, texts, ana.id)
        assert await page.evaluate("window.seen.messages") == []


async def _has_got(page: Page, texts: list[str], sender: str) -> None:
    messages = await until(
        lambda: page.evaluate("window.seen.messages"), holds=lambda got: len(got) >= len(texts)
    )
    assert [one["text"] for one in messages] == texts
    assert {one["from"] for one in messages} == {sender}
    times = [one["at"] for one in messages]
    assert times == sorted(times)


async def test_who_joins_elsewhere_or_is_removed_is_told_why() -> None:
    """Should end the first of two pages as joined elsewhere, and the second as removed; neither tries again."""
    async with sdk_meeting() as meeting, meeting.page() as first, meeting.page() as second:
        ana = meeting.invite("ana")
        await meeting.join(first, ana)
        await until(lambda: first.evaluate("window.seen.started"))
        await meeting.join(second, ana)
        await until(lambda: first.evaluate("window.seen.stopped"))
        await until(lambda: second.evaluate("window.seen.started"))

        meeting.meeting.remove_attendee(ana)
        await until(lambda: second.evaluate("window.seen.stopped"))
        await asyncio.sleep(1)  # in which one that tried again would be back
        assert await first.evaluate("[window.seen.stopped, window.seen.connecting]") == [
            [_JOINED_ELSEWHERE],
            1,
        ]
        assert await second.evaluate("[window.seen.stopped, window.seen.connecting]") == [
            [_REMOVED],
            1,
        ]
