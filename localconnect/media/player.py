"""Plays pieces to one attendee: music in a loop, and announcements that interrupt it.

Each of the two is a sender inside the process whose audience is that attendee, so that the bridge passes it on, mixes
and crossfades it like anybody's voice. It must not know why something is played.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from typing import Protocol

from localconnect.media import rtp
from localconnect.media.audio_sender import AudioSender
from localconnect.media.opus import FRAME
from localconnect.media.pieces import Piece

MOST_WAITING = 20

_FRAME_S = 0.02
_PAYLOAD_TYPE = 111

Then = Callable[[], None]


class Stage(Protocol):
    """Where senders perform: the audio bridge."""

    def add_sender(self, sender: AudioSender) -> None: ...

    def remove_sender(self, sender: AudioSender) -> None: ...

    def set_muted(self, sender: AudioSender, muted: bool) -> None: ...

    def receive(self, sender: AudioSender, data: bytes, now: float) -> None: ...


class TooManyAnnouncements(ValueError):
    """More announcements wait than anybody would listen to."""


class Player:
    """The music and the announcements of one attendee. Whoever they talk with hears nothing of it."""

    def __init__(self, stage: Stage, attendee_id: str) -> None:
        self._stage = stage
        self._loop = asyncio.get_running_loop()
        self._music = _Voice(stage, attendee_id)
        self._announcement = _Voice(stage, attendee_id)
        self._waiting: deque[tuple[Piece, Then | None]] = deque()
        self._timer: asyncio.TimerHandle | None = None
        self._due = 0.0

    @property
    def playing(self) -> str | None:
        """The name of what is heard just now."""
        piece = self._announcement.piece or self._music.piece
        return piece.name if piece is not None else None

    @property
    def music(self) -> Piece | None:
        """The piece that is played, or goes on after announcements."""
        return self._music.piece

    def play(self, piece: Piece, *, loop: bool = True, then: Then | None = None) -> None:
        """Play a piece in place of what was played; without `loop` it ends once, and `then` is called.

        Announcements go on, and the piece begins after them.
        """
        self._music.take(piece, loop=loop, then=then)
        self._music.hush(self._announcement.piece is not None)
        self._wake()

    def announce(self, *pieces: Piece, then: Then | None = None) -> None:
        """Play pieces one after the other, once those that wait are over; music pauses meanwhile, then goes on.

        `then` is called when the last of these has ended, unless they are stopped.

        :raises TooManyAnnouncements: twenty wait already.
        """
        if len(self._waiting) + len(pieces) > MOST_WAITING:
            raise TooManyAnnouncements(f"at most {MOST_WAITING} announcements can wait")
        for number, piece in enumerate(pieces, start=1):
            self._waiting.append((piece, then if number == len(pieces) else None))
        if self._announcement.piece is None:
            self._announce_next()
        self._wake()

    def stop(self) -> None:
        """Fade out, forget what waits, and leave no timer behind."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        self._waiting.clear()
        self._announcement.drop()
        self._music.drop()

    def _announce_next(self) -> None:
        if self._waiting:
            piece, then = self._waiting.popleft()
            self._announcement.take(piece, loop=False, then=then)
        else:
            self._announcement.drop()
        self._music.hush(self._announcement.piece is not None)

    def _wake(self) -> None:
        if self._timer is None:
            self._due = self._loop.time()
            self._feed()

    def _feed(self) -> None:
        self._timer = None
        voice = self._announcement if self._announcement.piece is not None else self._music
        then = voice.speak(self._due)
        if voice.ended:
            if voice is self._announcement:
                self._announce_next()
            else:
                voice.drop()
        if self.playing is not None:
            self._due = max(self._due + _FRAME_S, self._loop.time() - 5 * _FRAME_S)
            self._timer = self._loop.call_at(self._due, self._feed)
        if then is not None:
            then()


class _Voice:
    """A sender that speaks the packets of a piece."""

    def __init__(self, stage: Stage, attendee_id: str) -> None:
        self.piece: Piece | None = None
        self._stage = stage
        self._audience = frozenset({attendee_id})
        self._sender: AudioSender | None = None
        self._position = 0
        self._loops = False
        self._then: Then | None = None
        self._number = 0

    @property
    def ended(self) -> bool:
        return self.piece is not None and self._position >= len(self.piece.payloads)

    def take(self, piece: Piece, *, loop: bool, then: Then | None) -> None:
        """Begin a piece. Each has a sender of its own, so that one fades into the other."""
        self.drop()
        self.piece, self._loops, self._then = piece, loop, then
        self._position = 0
        self._sender = AudioSender("", muted=False, audience=self._audience)
        self._stage.add_sender(self._sender)

    def drop(self) -> None:
        """End the piece."""
        if self._sender is not None:
            self._stage.remove_sender(self._sender)
        self.piece = self._sender = self._then = None

    def hush(self, hushed: bool) -> None:
        """Pause, or go on."""
        if self._sender is not None and self._sender.muted != hushed:
            self._stage.set_muted(self._sender, hushed)

    def speak(self, now: float) -> Then | None:
        """Send the next 20 ms; gives what is to be called if they were the last."""
        if self.piece is None or self._sender is None:
            return None
        head = rtp.header(
            payload_type=_PAYLOAD_TYPE,
            marker=0,
            sequence_number=self._number & 0xFFFF,
            timestamp=self._number * FRAME & 0xFFFFFFFF,
            ssrc=0,
        )
        self._number += 1
        payload = self.piece.payloads[self._position]
        self._position += 1
        if self._loops:
            self._position %= len(self.piece.payloads)
        self._stage.receive(self._sender, head + payload, now)
        return self._then if self.ended else None
