"""What it means for a contact that somebody's media came up or went down: the meetings' observer.

Finds whose media it is and tells the contact centre what has happened to them. Knows nothing of HTTP.
"""

from __future__ import annotations

from typing import Protocol

from localconnect.audio_quality import AudioReading
from localconnect.clock import Clock
from localconnect.contacts import Contact, Contacts, DisconnectReason, Participant, Role
from localconnect.media.meetings import Attendee, Meeting


class CallOwner(Protocol):
    """Whoever carries calls on as people come and go."""

    contacts: Contacts

    def customer_arrived(self, contact: Contact, *, is_first_time: bool) -> None:
        """The media of a call's first customer is up."""

    def guest_arrived(self, host: Contact, guest: Contact) -> None:
        """The media of an invited person is up."""

    def customer_left(self, contact: Contact) -> None:
        """A customer, a call's first or an invited one, is finished with it."""

    def agent_media_joined(self, contact: Contact) -> None:
        """The agent's media is up."""

    def agent_lost(self, contact: Contact) -> None:
        """The connection of an agent or supervisor broke for good."""

    def end_contact(self, contact: Contact, reason: DisconnectReason) -> bool:
        """End a contact."""


class Presence:
    """Reads contacts' steps off their people's media."""

    def __init__(self, *, clock: Clock, owner: CallOwner) -> None:
        self._clock = clock
        self._owner = owner

    def attendee_joined(self, meeting: Meeting, attendee: Attendee) -> None:
        """Somebody's media is up, for the first time or again."""
        found = self._whose(meeting, attendee)
        if found is None:
            return
        contact, person = found
        if person.role is not Role.CUSTOMER:
            self._owner.agent_media_joined(contact)
            return
        is_first_time = person.joined_at is None
        person.mark_joined(self._clock.time())
        if contact.host is None:
            self._owner.customer_arrived(contact, is_first_time=is_first_time)
        else:
            self._owner.guest_arrived(contact.host, contact)

    def attendee_left(self, meeting: Meeting, attendee: Attendee, *, dropped: bool) -> None:
        """Somebody left, or their connection broke and they did not come back in time."""
        found = self._whose(meeting, attendee)
        if found is None:
            return
        contact, person = found
        person.mark_left(self._clock.time())
        if dropped:
            contact.lost = person.role
        if person.role is not Role.CUSTOMER:
            if dropped:
                self._owner.agent_lost(contact)
            else:
                self._owner.end_contact(contact, DisconnectReason.AGENT)
        else:
            self._owner.customer_left(contact)

    def attendee_measured(
        self, meeting: Meeting, attendee: Attendee, reading: AudioReading
    ) -> None:
        """Somebody's sound comes and goes like this."""
        found = self._whose(meeting, attendee)
        if found is not None:
            found[1].quality.add(reading)

    def _whose(self, meeting: Meeting, attendee: Attendee) -> tuple[Contact, Participant] | None:
        contact = self._owner.contacts.of_meeting(meeting.id)
        return None if contact is None else contact.find_person(attendee.id)
