"""One line of a meeting's roster: an attendee's connection, its content share, or a scripted source.

It ties the pieces of one participant together and decides nothing; meeting.py does.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import Protocol

from localconnect.media.attendee import CONTENT_SUFFIX, Attendee
from localconnect.media.audio import AudioSender
from localconnect.media.frames import RosterEntry, VideoSource
from localconnect.media.video import VideoPublication


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

    @property
    def roster_id(self) -> str:
        """The attendee id as clients know it."""
        return self.attendee.id + (CONTENT_SUFFIX if self.content else "")

    def entry(self) -> RosterEntry:
        """Its line in the roster."""
        return RosterEntry(
            audio_stream_id=self.audio_stream_id,
            attendee_id=self.roster_id,
            external_user_id=self.attendee.external_user_id,
            muted=self.audio.muted,
        )


@dataclass(frozen=True, slots=True)
class PublishedVideo:
    """A video in the index, and where its packets pass."""

    owner: Endpoint
    source: VideoSource
    publication: VideoPublication
