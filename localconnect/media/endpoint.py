"""One line of a meeting's roster: an attendee's connection, its content share, or a scripted source.

It ties the pieces of one participant together and decides nothing; room.py does.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import Protocol

from localconnect.media.attendee import CONTENT_SUFFIX, Attendee
from localconnect.media.audio_sender import AudioSender
from localconnect.media.frames import RosterEntry

_WEAK, _BROKEN = 0.05, 0.35
"""Shares of lost audio packets from which a connection counts as weak, and as good as none."""


class Client(Protocol):
    """Whoever sits behind an endpoint."""

    def send(self, frame: bytes) -> None:
        """Deliver a signalling frame, soon."""

    def finish(self, status: int) -> None:
        """End the connection for a reason given as an AUDIO_STATUS."""

    def abort(self) -> None:
        """Break the connection off."""


@dataclass(slots=True, eq=False)
class Endpoint:
    """A participant as the others see it. A connection that comes back is a new endpoint with higher ids."""

    attendee: Attendee
    content: bool
    audio_stream_id: int
    client: Client
    audio: AudioSender
    lost: bool = False
    visible: bool = False
    grace: asyncio.TimerHandle | None = None
    watching: frozenset[int] = frozenset()
    """The stream ids it has subscribed to."""

    @property
    def roster_id(self) -> str:
        """The attendee id as clients know it."""
        return self.attendee.id + (CONTENT_SUFFIX if self.content else "")

    @property
    def is_listed(self) -> bool:
        """Whether the others know of it."""
        return not self.attendee.only_listens

    @property
    def signal_strength(self) -> int:
        """How well its packets arrive, as AUDIO_METADATA counts it: 0 not at all, 1 badly, 2 well."""
        reception = self.audio.reception
        if self.lost:
            return 0
        return 2 if reception is None else _strength(reception.loss)

    def entry(self) -> RosterEntry:
        """Its line in the roster."""
        return RosterEntry(
            audio_stream_id=self.audio_stream_id,
            attendee_id=self.roster_id,
            external_user_id=self.attendee.external_user_id,
            muted=self.audio.muted,
        )


def _strength(loss: float) -> int:
    if loss >= _BROKEN:
        return 0
    return 1 if loss >= _WEAK else 2
