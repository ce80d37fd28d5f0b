"""What one attendee is given to hear: sounds wished for in order, played once they are prepared.

Preparing one takes a moment; what was wished for since then counts. It must not know why something is played.
"""

from __future__ import annotations

import logging
from collections import deque
from dataclasses import dataclass

from localconnect.background import Background
from localconnect.media import pieces
from localconnect.media.cues import Cue
from localconnect.media.player import Player, TooManyAnnouncements

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, eq=False)
class _Wish:
    cue: Cue
    once: bool


class Playback:
    """The wishes of one attendee's player."""

    def __init__(self, player: Player, background: Background) -> None:
        self._player = player
        self._background = background
        self._music: Cue | None = None
        self._wishes: deque[_Wish] = deque()
        self._is_preparing = False

    def play(self, cue: Cue | None) -> None:
        """Play a sound in a loop, after the announcements before it; None ends everything. What plays goes on."""
        if cue is None:
            self._wishes.clear()
            self._player.stop()
        elif cue != self._music:
            self._wish(_Wish(cue, once=False))
        self._music = cue

    def announce(self, cue: Cue) -> None:
        """Play a sound once; music pauses meanwhile."""
        self._wish(_Wish(cue, once=True))

    def _wish(self, wish: _Wish) -> None:
        self._wishes.append(wish)
        if not self._is_preparing:
            self._is_preparing = True
            self._background.start(self._fulfil())

    async def _fulfil(self) -> None:
        try:
            while self._wishes:
                wish = self._wishes[0]
                piece = await pieces.prepared(wish.cue)
                if not self._wishes or self._wishes[0] is not wish:
                    continue  # everything was ended meanwhile
                self._wishes.popleft()
                if wish.once:
                    self._announce(piece)
                elif wish.cue == self._music:
                    self._player.play(piece)
        except Exception:
            self._wishes.clear()
            raise
        finally:
            self._is_preparing = False

    def _announce(self, piece: pieces.Piece) -> None:
        try:
            self._player.announce(piece)
        except TooManyAnnouncements as error:
            logger.info("not announced: %s", error)
