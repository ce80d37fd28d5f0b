"""Every meeting, and the door through which clients come in: what the rest of localconnect uses of its media.

It must not know of contacts, queues or HTTP, nor in which process media is.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from starlette.websockets import WebSocket

from localconnect.audio_quality import AudioReading
from localconnect.clock import Clock
from localconnect.media.attendee import Attendee, Capability
from localconnect.media.cues import Cue, Made
from localconnect.media.hosting import Description, MediaHost
from localconnect.media.meeting import Meeting, MeetingObserver
from localconnect.media.rooms import Rooms
from localconnect.media.status import AT_CAPACITY, REMOVED
from localconnect.random_ids import new_id
from localconnect.settings import Settings

__all__ = [
    "AT_CAPACITY",
    "REMOVED",
    "Attendee",
    "Capability",
    "Cue",
    "Made",
    "Meeting",
    "MeetingObserver",
    "Meetings",
]


class Meetings:
    """The registry of meetings. `clock` is what the rejoin window is measured by, `host` where their media is."""

    def __init__(
        self,
        *,
        settings: Settings,
        observer: MeetingObserver,
        clock: Clock | None = None,
        host: MediaHost | None = None,
    ) -> None:
        """Without a `host`, media is in this process."""
        self._settings = settings
        self._observer = observer
        self._clock = clock or Clock()
        self._host = host or Rooms(settings)
        self._host.report_to(self)
        self._meetings: dict[str, Meeting] = {}

    def open(self) -> None:
        """Get ready, on the event loop, before anybody is let in."""
        self._host.open()

    def create(self, meeting_id: str | None = None) -> Meeting:
        """An empty meeting: a new one, or one of a former process."""
        meeting = Meeting(
            meeting_id or new_id(),
            host=self._host,
            settings=self._settings,
            clock=self._clock,
            observer=self._observer,
        )
        self._meetings[meeting.id] = meeting
        return meeting

    def find(self, meeting_id: str) -> Meeting | None:
        """The meeting of that id, unless it has ended."""
        return self._meetings.get(meeting_id)

    async def serve_signaling(self, websocket: WebSocket) -> None:
        """Serve one signalling socket; its path has the parameter `meeting_id`."""
        await self._host.serve_signaling(websocket)

    def settings_changed(self) -> None:
        """The settings have other values."""
        self._host.settings_changed()

    async def end(self, meeting: Meeting) -> None:
        """End a meeting for all: clients are told (410), get a moment to leave, and everything is freed."""
        self._meetings.pop(meeting.id, None)
        meeting.close()
        await self._host.end(meeting.id)

    async def close(self) -> None:
        """End this process's part in all meetings without goodbye, so that clients try to come back."""
        for meeting in self._meetings.values():
            meeting.close()
        self._meetings.clear()
        await self._host.close()

    async def describe(self) -> list[Description]:
        """Every meeting's attendees, streams and counters, without tokens."""
        described = await self._host.describe()
        for description in described:
            meeting = self.find(description["id"])
            known = {} if meeting is None else meeting.attendees
            for attendee in description["attendees"]:
                one = known.get(attendee["id"])
                attendee["joined"] = one is not None and one.joined
        return described

    def processes(self) -> list[dict[str, Any]]:
        """The further processes that media is in, with how many meetings each has."""
        return self._host.processes()

    # What becomes of media (MediaObserver) --------------------------------------------------------------------

    def connected(self, meeting_id: str, attendee_id: str) -> None:
        """The attendee's media is up, for the first time or again."""
        meeting = self.find(meeting_id)
        if meeting is not None:
            meeting.attendee_connected(attendee_id)

    def lost(self, meeting_id: str, attendee_id: str, silent_s: float) -> None:
        """The attendee's connection broke; they were last heard of `silent_s` ago."""
        meeting = self.find(meeting_id)
        if meeting is not None:
            meeting.attendee_lost(attendee_id, silent_s)

    def left(self, meeting_id: str, attendee_id: str) -> None:
        """The attendee said goodbye."""
        meeting = self.find(meeting_id)
        if meeting is not None:
            meeting.attendee_left(attendee_id)

    def measured(
        self,
        meeting_id: str,
        attendee_id: str,
        loss: float,
        round_trip_s: float | None,
        jitter_s: float,
    ) -> None:
        """How the attendee's sound came and went lately."""
        meeting = self.find(meeting_id)
        if meeting is not None:
            meeting.attendee_measured(attendee_id, AudioReading(loss, round_trip_s, jitter_s))

    def broken(self, meeting_ids: Collection[str]) -> None:
        """Every connection of these meetings broke at once."""
        for meeting_id in meeting_ids:
            meeting = self.find(meeting_id)
            if meeting is not None:
                meeting.lose_everybody()

    def needed(self, meeting_ids: Collection[str]) -> None:
        """These meetings are to be made anew: where they belong nothing is known of them."""
        for meeting_id in meeting_ids:
            meeting = self.find(meeting_id)
            if meeting is not None:
                meeting.tell_host()
