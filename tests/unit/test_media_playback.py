"""What an attendee is given to hear, when wishes come faster than sounds are prepared."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from localconnect.background import Background
from localconnect.media.audio import AudioBridge
from localconnect.media.cues import Cue, Made
from localconnect.media.playback import Playback

_HOLD, _QUEUE, _GREETING = Cue(Made.HOLD_MUSIC), Cue(Made.QUEUE_MUSIC), Cue(Made.GREETING)


class Listener:
    """Somebody to whom sounds are played."""

    def __init__(self) -> None:
        self.bridge = AudioBridge()
        self._background = Background()
        self.playback = Playback(self.bridge.player_for("ana"), self._background)

    def hears(self) -> str | None:
        return self.bridge.playing_to("ana")

    async def close(self) -> None:
        await self._background.close()
        self.bridge.close()


async def until(condition: Callable[[], object]) -> None:
    async with asyncio.timeout(60):
        while not condition():  # noqa: ASYNC110 (what is waited for has no event)
            await asyncio.sleep(0.01)


async def test_last_wish_counts() -> None:
    """Should not play what was wished for before, nor anything once all was ended."""
    ana = Listener()
    ana.playback.play(_QUEUE)
    ana.playback.play(_HOLD)
    await until(ana.hears)
    assert ana.hears() == "hold music"

    ana.playback.play(_QUEUE)
    ana.playback.announce(_GREETING)
    ana.playback.play(None)
    await asyncio.sleep(0.2)
    assert ana.hears() is None
    await ana.close()


async def test_announcement_comes_before_the_music_wished_for_after_it() -> None:
    """Should keep the order, however long each takes to prepare."""
    ana = Listener()
    ana.playback.announce(_GREETING)
    ana.playback.play(_QUEUE)
    await until(lambda: ana.hears() == "greeting")
    await until(lambda: ana.hears() == "queue music")
    await ana.close()


async def test_same_wish_again_does_not_begin_anew() -> None:
    """Should let what plays go on."""
    ana = Listener()
    ana.playback.play(_QUEUE)
    await until(ana.hears)
    music = ana.bridge.player_for("ana").music
    voices = list(ana.bridge._senders)
    ana.playback.play(_QUEUE)
    await asyncio.sleep(0.1)
    assert ana.bridge.player_for("ana").music is music
    assert ana.bridge._senders == voices
    await ana.close()


async def test_too_many_announcements_are_left_out() -> None:
    """Should go on with those there is room for."""
    ana = Listener()
    for _ in range(30):
        ana.playback.announce(_GREETING)
    await until(lambda: ana.hears() == "greeting")
    ana.playback.play(None)
    assert ana.hears() is None
    await ana.close()
