"""What customers hear of the contact centre itself: greeting and music while they wait, music on hold.

Decides who hears what, by how their contact stands; the sounds are made and played in `media`.
"""

from __future__ import annotations

from enum import Enum
from functools import partial
from typing import Protocol

from localconnect.contacts import Contact, ContactState
from localconnect.deadlines import Deadline, Deadlines
from localconnect.media.meetings import Attendee, Cue, Made, Meeting, Meetings
from localconnect.routing import Routing
from localconnect.settings import Settings


class _Heard(Enum):
    """What the customers of a call hear besides each other."""

    NOTHING = "nothing"
    QUEUE = "queue"
    HOLD = "hold"


class CallOwner(Protocol):
    """Whoever calls take place at."""

    meetings: Meetings
    routing: Routing
    deadlines: Deadlines


class CallSounds:
    """Plays to the customers of every call what is due."""

    def __init__(self, *, owner: CallOwner, settings: Settings) -> None:
        self._owner = owner
        self._settings = settings

    def greet(self, contact: Contact) -> None:
        """The customer has come: they are greeted before the music begins."""
        own = contact.flow.sounds.greeting
        if own is not None or contact.flow.greeting:
            self._announce(contact, Cue(Made.GREETING, own))
        self._play(contact)
        self._announce_later(contact)

    def follow(self, contact: Contact) -> None:
        """The contact stands differently, or somebody has joined its call: play what belongs to it now."""
        for meeting, attendee in self._customers(contact):
            meeting.set_held(attendee, contact.is_on_hold)
        self._play(contact)

    def _play(self, contact: Contact) -> None:
        sound = _music(contact, self._wanted(contact))
        for meeting, attendee in self._customers(contact):
            meeting.play(attendee, sound)

    def _wanted(self, contact: Contact) -> _Heard:
        if contact.is_over or not self._settings.waiting_is_audible:
            return _Heard.NOTHING
        if contact.is_on_hold:
            return _Heard.HOLD
        return _Heard.QUEUE if contact.state is ContactState.QUEUED else _Heard.NOTHING

    def _announce_later(self, contact: Contact) -> None:
        pause_s = self._settings.announce_position_s
        if pause_s and contact in self._owner.routing.waiting_in(contact.queue):
            announce = partial(self._announce_position, contact)
            self._owner.deadlines.set(contact, Deadline.POSITION, pause_s, announce)

    def _announce_position(self, contact: Contact) -> None:
        waiting = self._owner.routing.waiting_in(contact.queue)
        if contact in waiting:
            position = waiting.index(contact) + 1
            self._announce(contact, Cue(Made.POSITION, position=position))
            self._announce_later(contact)

    def _announce(self, contact: Contact, sound: Cue) -> None:
        if self._wanted(contact) is _Heard.QUEUE:
            for meeting, attendee in self._customers(contact):
                meeting.announce(attendee, sound)

    def _customers(self, contact: Contact) -> list[tuple[Meeting, Attendee]]:
        """Everybody from outside who has a place in the call, there already or not, and its meeting."""
        meeting = self._owner.meetings.find(contact.meeting_id)
        if meeting is None:
            return []
        people = [contact.customer, *(g.customer for g in contact.guests if g.agent is None)]
        found = (meeting.attendees.get(person.attendee_id) for person in people)
        return [(meeting, attendee) for attendee in found if attendee is not None]


def _music(contact: Contact, heard: _Heard) -> Cue | None:
    match heard:
        case _Heard.QUEUE:
            return Cue(Made.QUEUE_MUSIC, contact.flow.sounds.queue_music)
        case _Heard.HOLD:
            return Cue(Made.HOLD_MUSIC, contact.flow.sounds.hold_music)
        case _Heard.NOTHING:
            return None
