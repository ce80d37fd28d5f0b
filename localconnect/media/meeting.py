"""One meeting as the rest of localconnect knows it: who is invited, who has joined, and what each is to hear.

It remembers everything that its media must be told, so that this can be made anew elsewhere, and owns the rejoin
window. It must not know of connections: they are wherever the `MediaHost` has them.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Protocol

from localconnect.audio_quality import AudioReading
from localconnect.clock import Clock, Timer
from localconnect.media.attendee import Attendee, Capability
from localconnect.media.cues import Cue
from localconnect.media.hosting import MediaHost
from localconnect.media.status import REMOVED
from localconnect.settings import Settings


class MeetingObserver(Protocol):
    """Who wants to know. Called on the event loop; must not block."""

    def attendee_joined(self, meeting: Meeting, attendee: Attendee) -> None:
        """The attendee's media is connected, for the first time or after it had left."""

    def attendee_left(self, meeting: Meeting, attendee: Attendee, *, dropped: bool) -> None:
        """The attendee said goodbye or, when `dropped`, has been lost for longer than the rejoin window."""

    def attendee_measured(
        self, meeting: Meeting, attendee: Attendee, reading: AudioReading
    ) -> None:
        """The attendee's sound comes and goes like this."""


@dataclass(slots=True)
class _Place:
    """What is to be known of one attendee."""

    connected: bool = False
    held: bool = False
    hears: Cue | None = None
    is_pattern: bool = False
    rejoin: Timer | None = None
    """Runs while they are expected back."""


class Meeting:
    """A meeting and the people in it. Made by `Meetings.create`."""

    def __init__(
        self,
        meeting_id: str,
        *,
        host: MediaHost,
        settings: Settings,
        clock: Clock,
        observer: MeetingObserver,
    ) -> None:
        self.id = meeting_id
        self._host = host
        self._settings = settings
        self._clock = clock
        self._observer = observer
        self._attendees: dict[str, Attendee] = {}
        self._places: dict[str, _Place] = {}
        self._is_over = False
        host.create(meeting_id)

    # Who belongs to it ----------------------------------------------------------------------------------------

    @property
    def attendees(self) -> Mapping[str, Attendee]:
        """Everybody invited, by attendee id."""
        return MappingProxyType(self._attendees)

    def add_attendee(
        self,
        *,
        external_user_id: str,
        capabilities: frozenset[Capability],
        only_listens: bool = False,
    ) -> Attendee:
        """Invite somebody: the result holds the id and the join token."""
        attendee = Attendee(external_user_id, capabilities, only_listens)
        self._admit(attendee)
        return attendee

    def restore_attendee(self, attendee: Attendee, *, present: bool) -> None:
        """Let somebody in whom a former process has invited. Who was `present` has the rejoin window to come back."""
        self._admit(attendee)
        if present:
            attendee.joined = True
            self._expect_back(attendee)

    def remove_attendee(self, attendee: Attendee, status: int = REMOVED) -> None:
        """Withdraw the invitation; a connected client is told why by an AUDIO_STATUS, the observer soon."""
        if self._attendees.pop(attendee.id, None) is None:
            return
        self._stop_waiting(self._places.pop(attendee.id))
        self._host.remove(self.id, attendee.id, status)
        asyncio.get_running_loop().call_soon(self._set_left, attendee, False)

    def _admit(self, attendee: Attendee) -> None:
        self._attendees[attendee.id] = attendee
        self._places[attendee.id] = _Place()
        self._host.admit(self.id, attendee)

    # What is done to them -------------------------------------------------------------------------------------

    def set_held(self, attendee: Attendee, held: bool) -> None:
        """Put the attendee on hold, or take them back: meanwhile they hear only what is played to them, and nobody hears them."""
        place = self._places.get(attendee.id)
        if place is not None and place.held != held:
            place.held = held
            self._host.set_held(self.id, attendee.id, held)

    def play(self, attendee: Attendee, cue: Cue | None) -> None:
        """Play a sound to the attendee alone, in a loop; None for nothing more. What plays already goes on."""
        place = self._places.get(attendee.id)
        if place is not None:
            place.hears = cue
            self._host.play(self.id, attendee.id, cue)

    def announce(self, attendee: Attendee, cue: Cue) -> None:
        """Play a sound to the attendee alone, once; what else they are played pauses."""
        if attendee.id in self._places:
            self._host.announce(self.id, attendee.id, cue)

    def attach_pattern(self, attendee: Attendee) -> None:
        """Let a moving test picture and a tone join as `attendee`."""
        place = self._places.get(attendee.id)
        if place is not None:
            place.is_pattern = True
            self._host.attach_pattern(self.id, attendee.id)

    def send_as(self, attendee: Attendee, topic: str, data: bytes) -> None:
        """Send everybody else a data message of `attendee`, whose client need not be connected."""
        self._host.send_as(self.id, attendee.id, topic, data)

    # Who is there ---------------------------------------------------------------------------------------------

    def is_connected(self, attendee: Attendee) -> bool:
        """Whether the attendee's media is up now, not only expected back."""
        place = self._places.get(attendee.id)
        return place is not None and place.connected

    def attendee_connected(self, attendee_id: str) -> None:
        """Their media is up."""
        attendee, place = self._attendees.get(attendee_id), self._places.get(attendee_id)
        if attendee is None or place is None:
            return  # removed meanwhile
        place.connected = True
        self._stop_waiting(place)
        if not attendee.joined:
            attendee.joined = True
            self._observer.attendee_joined(self, attendee)

    def attendee_lost(self, attendee_id: str, silent_s: float = 0.0) -> None:
        """Their connection broke: until the rejoin window after they were last heard of is over, the observer is told nothing.

        A network that swallows everything is noticed late: that they were silent by then counts.
        """
        attendee, place = self._attendees.get(attendee_id), self._places.get(attendee_id)
        if attendee is not None and place is not None:
            place.connected = False
            if attendee.joined and place.rejoin is None:
                self._expect_back(attendee, silent_s)

    def attendee_left(self, attendee_id: str) -> None:
        """They said goodbye."""
        attendee, place = self._attendees.get(attendee_id), self._places.get(attendee_id)
        if attendee is not None and place is not None:
            place.connected = False
            self._stop_waiting(place)
            self._set_left(attendee, False)

    def attendee_measured(self, attendee_id: str, reading: AudioReading) -> None:
        """Their sound comes and goes like this."""
        attendee = self._attendees.get(attendee_id)
        if attendee is not None:
            self._observer.attendee_measured(self, attendee, reading)

    def _expect_back(self, attendee: Attendee, silent_s: float = 0.0) -> None:
        def give_up() -> None:
            place.rejoin = None
            self._set_left(attendee, True)

        place = self._places[attendee.id]
        rest_s = max(0.0, self._settings.rejoin_window_s - silent_s)
        place.rejoin = self._clock.call_later(rest_s, give_up)

    def _stop_waiting(self, place: _Place) -> None:
        if place.rejoin is not None:
            place.rejoin.cancel()
            place.rejoin = None

    def _set_left(self, attendee: Attendee, dropped: bool) -> None:
        if attendee.joined and not self._is_over:
            attendee.joined = False
            self._observer.attendee_left(self, attendee, dropped=dropped)

    # All of it ------------------------------------------------------------------------------------------------

    def lose_everybody(self) -> None:
        """All connections broke at once."""
        for attendee_id in self._places:
            self.attendee_lost(attendee_id)

    def tell_host(self) -> None:
        """Have the media made anew where nothing is known of it: everybody may come back as they were."""
        self._host.create(self.id)
        for attendee_id, place in self._places.items():
            self._host.admit(self.id, self._attendees[attendee_id])
            if place.held:
                self._host.set_held(self.id, attendee_id, True)
            if place.hears is not None:
                self._host.play(self.id, attendee_id, place.hears)
            if place.is_pattern:
                self._host.attach_pattern(self.id, attendee_id)

    def close(self) -> None:
        """It is over, and nobody is reported as having left."""
        self._is_over = True
        for place in self._places.values():
            self._stop_waiting(place)
        for attendee in self._attendees.values():
            attendee.joined = False
        self._attendees.clear()
        self._places.clear()
