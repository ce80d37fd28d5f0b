"""Between who takes part in meetings and where their media is: what one asks of the other, and what it is told.

`Meetings` asks, of the rooms of this process (`Rooms`) or of further processes (`MediaWorkers`), in the same words. All
but what is awaited takes effect soon, in the order in which it was asked for.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Any, Protocol

from starlette.websockets import WebSocket

from localconnect.media.attendee import Attendee
from localconnect.media.cues import Cue

Description = dict[str, Any]
"""What goes on in one meeting, as JSON values, without tokens."""


class MediaObserver(Protocol):
    """Who is told what becomes of media. Called on the event loop; must not block."""

    def connected(self, meeting_id: str, attendee_id: str) -> None:
        """The attendee's media is up, for the first time or again."""

    def lost(self, meeting_id: str, attendee_id: str, silent_s: float) -> None:
        """The attendee's connection broke; they were last heard of `silent_s` ago."""

    def left(self, meeting_id: str, attendee_id: str) -> None:
        """The attendee said goodbye."""

    def measured(
        self,
        meeting_id: str,
        attendee_id: str,
        loss: float,
        round_trip_s: float | None,
        jitter_s: float,
    ) -> None:
        """How the attendee's sound came and went lately: the members of an `AudioReading`."""

    def broken(self, meeting_ids: Collection[str]) -> None:
        """Every connection of these meetings broke at once."""

    def needed(self, meeting_ids: Collection[str]) -> None:
        """These meetings are to be made anew: where they belong nothing is known of them."""


class MediaHost(Protocol):
    """Where the media of meetings is."""

    def report_to(self, observer: MediaObserver) -> None:
        """From now on `observer` is told."""

    def open(self) -> None:
        """Get ready, on the event loop."""

    def settings_changed(self) -> None:
        """The settings have other values."""

    def create(self, meeting_id: str) -> None:
        """Open an empty room for a meeting."""

    def admit(self, meeting_id: str, attendee: Attendee) -> None:
        """Let somebody in who shows the join token."""

    def remove(self, meeting_id: str, attendee_id: str, status: int) -> None:
        """Let them in no more; a connected client is told why by an AUDIO_STATUS."""

    def set_held(self, meeting_id: str, attendee_id: str, held: bool) -> None:
        """Take somebody out of the conversation, or back into it."""

    def play(self, meeting_id: str, attendee_id: str, cue: Cue | None) -> None:
        """Play a sound to somebody in a loop, or nothing more."""

    def announce(self, meeting_id: str, attendee_id: str, cue: Cue) -> None:
        """Play a sound to somebody once; what else is played pauses."""

    def attach_pattern(self, meeting_id: str, attendee_id: str) -> None:
        """Let a moving test picture and a tone join in somebody's place."""

    def send_as(self, meeting_id: str, attendee_id: str, topic: str, data: bytes) -> None:
        """Send everybody else a data message of somebody, who need not be connected."""

    async def end(self, meeting_id: str) -> None:
        """End a meeting for all: clients are told (410), get a moment to leave, and everything is freed."""

    async def close(self) -> None:
        """Break everything off without goodbye, so that clients try to come back."""

    async def describe(self) -> list[Description]:
        """Every meeting's attendees, streams and counters."""

    def processes(self) -> list[dict[str, Any]]:
        """The further processes that media is in, for whoever looks after them."""

    async def serve_signaling(self, websocket: WebSocket) -> None:
        """Serve one signalling socket; its path has the parameter `meeting_id`."""
