"""The contact centre: carries each contact from its start to its end, whoever causes the next step.

The API starts and stops contacts, media joins and leaves (this is the meetings' observer), agents answer (through
`Routing`), time passes. Every step ends in a contact event and a hint to whoever watches. Knows nothing of HTTP.
"""

from __future__ import annotations

import asyncio
import uuid
from dataclasses import replace
from functools import partial

from localconnect.agents import Agent, Roster
from localconnect.background import Background
from localconnect.client_tokens import ClientTokens
from localconnect.clock import Clock, Timer
from localconnect.contact_events import ContactEvents
from localconnect.contacts import (
    Capabilities,
    Contact,
    ContactDetails,
    Contacts,
    DisconnectReason,
    Participant,
    Role,
)
from localconnect.directory import Directory, Flow, Instance, Queue
from localconnect.event_envelope import EventType
from localconnect.media.meetings import Attendee, Meeting, Meetings
from localconnect.people import People, invite
from localconnect.routing import Routing
from localconnect.settings import Settings
from localconnect.watchers import Watchers


class UnableToStartContact(RuntimeError):
    """As many contacts are alive as the instance allows."""


class UnableToInvite(RuntimeError):
    """As many people take part in the call, or may, as is allowed."""


class ContactCenter:
    """All contacts, agents and meetings."""

    def __init__(
        self,
        *,
        settings: Settings,
        clock: Clock,
        events: ContactEvents,
        directory: Directory,
    ) -> None:
        self.contacts = Contacts()
        self.client_tokens = ClientTokens()
        self.people = People()
        self.roster = Roster(directory.agent_queues)
        self.watchers = Watchers()
        self.meetings = Meetings(settings=settings, observer=self, clock=clock)
        self.routing = Routing(
            settings=settings,
            clock=clock,
            roster=self.roster,
            taker=self,
            changed=self.watchers.tell,
        )
        self._settings = settings
        self._clock = clock
        self._events = events
        self._timers: dict[str, Timer] = {}
        """By contact: the end of the wait for the customer's media, then the end of the longest call."""
        self._waits: dict[str, Timer] = {}
        """By contact: the end of its patience in the queue, where its flow has a limit."""
        self._background = Background()

    def start_contact(self, instance: Instance, flow: Flow, details: ContactDetails) -> Contact:
        """Begin a contact in a flow and open its meeting, with the customer's place in it.

        :raises UnableToStartContact: the quota of concurrent calls is used up.
        """
        if self.contacts.calls_in(instance) >= self._settings.concurrent_calls:
            raise UnableToStartContact(
                f"{self._settings.concurrent_calls} contacts are active already"
            )
        now = self._clock.time()
        meeting = self.meetings.create()
        customer = invite(
            meeting, Role.CUSTOMER, details.display_name, details.customer_capabilities
        )
        contact = Contact(
            str(uuid.uuid4()),
            meeting.id,
            details,
            customer,
            initiated_at=now,
            updated_at=now,
            instance=instance,
            flow=flow,
            queue=flow.queue,
        )
        self._admit(contact)
        if self._settings.flow_waits_for_media:
            self._set_timer(
                contact, self._settings.never_arrived_s, DisconnectReason.NEVER_ARRIVED
            )
        else:
            self._enqueue(contact)
        return contact

    def add_guest(self, host: Contact, name: str, capabilities: Capabilities) -> Contact:
        """A contact of their own for somebody invited into the call of `host`; they may join whenever they like.

        :raises UnableToInvite: as many are invited as the settings allow.
        """
        if len(host.guests) >= self._settings.invitations_per_call:
            raise UnableToInvite(
                f"{self._settings.invitations_per_call} people are invited into the call already"
            )
        now = self._clock.time()
        guest = Contact(
            str(uuid.uuid4()),
            host.meeting_id,
            ContactDetails(display_name=name, customer_capabilities=capabilities),
            invite(self._meeting_of(host), Role.CUSTOMER, name, capabilities),
            initiated_at=now,
            updated_at=now,
            instance=host.instance,
            flow=host.flow,
            queue=host.queue,
            initial_contact_id=host.initial_contact_id or host.id,
            previous_contact_id=host.id,
            host=host,
        )
        host.guests.append(guest)
        self._admit(guest)
        return guest

    def end_contact(self, contact: Contact, reason: DisconnectReason) -> bool:
        """End a contact, its meeting and whatever rings or waits for it. False when it was over already."""
        if not contact.mark_ended(self._clock.time(), reason):
            return False
        self._put_away(contact)
        if contact.host is None:
            self._end_call(contact, reason)
        else:
            contact.host.guests.remove(contact)
            if not contact.host.is_over:
                self._remove(contact, contact.customer)
        self._tell_end(contact)
        return True

    def transfer_contact(self, contact: Contact, flow: Flow, queue: Queue) -> Contact:
        """Send a call to a queue: its agent leaves, its people stay, and a new contact carries it on."""
        now = self._clock.time()
        successor = Contact(
            str(uuid.uuid4()),
            contact.meeting_id,
            contact.details,
            replace(contact.customer),
            initiated_at=now,
            updated_at=now,
            instance=contact.instance,
            flow=flow,
            queue=queue,
            initiation_method="TRANSFER",
            initial_contact_id=contact.initial_contact_id or contact.id,
            previous_contact_id=contact.id,
            guests=contact.guests,
            tags=dict(contact.tags),
        )
        contact.guests = []
        for guest in successor.guests:
            guest.host = successor
        contact.mark_ended(now, DisconnectReason.OTHER)
        self._put_away(contact)
        if contact.agent is not None:
            self._remove(contact, contact.agent)
        self._tell_end(contact)
        self._admit(successor)
        self._set_timer(successor, self._settings.max_call_s, DisconnectReason.OTHER)
        self._enqueue(successor)
        return successor

    def contact_changed(self, contact: Contact, *updated: str) -> None:
        """Something was said about a contact; `updated` names what contact events tell of."""
        if updated:
            self._publish(EventType.CONTACT_DATA_UPDATED, contact, *updated)
        else:
            self.watchers.tell()

    def agent_media_joined(self, contact: Contact) -> None:
        """The agent of `contact` is connected, with media or (scripted) without."""
        agent = self.roster.find(contact.agent_id or "")
        if agent is None or contact.agent is None:
            return
        contact.agent.mark_joined(self._clock.time())
        self.routing.agent_joined(agent)
        if contact.mark_connected(self._clock.time()):
            self._publish(EventType.CONNECTED_TO_AGENT, contact)

    # What media tells (MeetingObserver)

    def attendee_joined(self, meeting: Meeting, attendee: Attendee) -> None:
        """Somebody's media is up, for the first time or again."""
        found = self._whose(meeting, attendee)
        if found is None:
            return
        contact, person = found
        if person.role is Role.AGENT:
            self.agent_media_joined(contact)
            return
        is_first = person.joined_at is None
        person.mark_joined(self._clock.time())
        if contact.host is not None:
            self._admit_to_call(contact.host, contact)
            return
        if is_first:
            self._set_timer(contact, self._settings.max_call_s, DisconnectReason.OTHER)
        self._enqueue(contact)
        self.watchers.tell()

    def attendee_left(self, meeting: Meeting, attendee: Attendee, *, dropped: bool) -> None:
        """Somebody left, or their connection broke and they did not come back in time."""
        found = self._whose(meeting, attendee)
        if found is None:
            return
        contact, person = found
        person.mark_left(self._clock.time())
        if person.role is Role.AGENT:
            self.end_contact(contact, DisconnectReason.AGENT)
        else:
            self.customer_left(contact)

    def customer_left(self, contact: Contact) -> None:
        """The customer of `contact`, a call's first or an invited one, is finished with it."""
        if contact.host is not None:
            host = contact.host
            self.end_contact(contact, DisconnectReason.CUSTOMER)
            if host.customer_is_gone and not _has_guests(host):
                self.end_contact(host, DisconnectReason.CUSTOMER)
        elif self._settings.call_ends_with_customer or not _has_guests(contact):
            self.end_contact(contact, DisconnectReason.CUSTOMER)
        else:
            contact.customer_is_gone = True
            self.people.forget(contact)
            self._remove(contact, contact.customer)
            self.watchers.tell()

    # What agents do (CallTaker)

    def agent_accepted(self, contact: Contact, agent: Agent) -> None:
        """Give the agent a place in the contact's meeting."""
        contact.agent = invite(
            self._meeting_of(contact),
            Role.AGENT,
            agent.name,
            contact.details.agent_capabilities,
            f"{agent.id}-agent",
        )

    def agent_absent(self, contact: Contact) -> None:
        """Take the place of an agent who never came away again."""
        if contact.agent is not None:
            self._remove(contact, contact.agent)
        contact.agent = None

    def wrapped_up(self, contact: Contact, agent: Agent) -> None:
        """Nothing more will happen to the contact."""
        self._publish(EventType.COMPLETED, contact)

    async def reset(self) -> None:
        """Forget every contact and token, without an event; agents are as if those had never been."""
        for timer in (*self._timers.values(), *self._waits.values()):
            timer.cancel()
        self._timers.clear()
        self._waits.clear()
        self.routing.clear()
        meetings = [
            self.meetings.find(contact.meeting_id)
            for contact in self.contacts.live
            if contact.host is None
        ]
        self.contacts.clear()
        self.client_tokens.clear()
        self.people.clear()
        await asyncio.gather(
            *(self.meetings.end(meeting) for meeting in meetings if meeting is not None)
        )
        self.watchers.tell()

    async def close(self) -> None:
        """Stop for good: connections are dropped, not ended."""
        await self.meetings.close()
        await self._background.close()

    def _put_away(self, contact: Contact) -> None:
        self._stop_timer(contact)
        self._stop_wait_limit(contact)
        self.people.forget(contact)
        self.contacts.retire(contact, keep=self._settings.retained_contacts)

    def _tell_end(self, contact: Contact) -> None:
        self._publish(EventType.DISCONNECTED, contact)
        if contact.agent_id is None:
            self._publish(EventType.COMPLETED, contact)
        self.routing.withdraw(contact)
        contact.offered_to = None

    def _admit(self, contact: Contact) -> None:
        self.contacts.add(contact)
        self.people.add(contact)
        self._publish(EventType.INITIATED, contact)

    def _admit_to_call(self, host: Contact, guest: Contact) -> None:
        """An invited person has joined; beyond what a call has room for they are sent away again."""
        present = sum(contact.customer.is_present for contact in host.guests)
        if present + 2 > self._settings.people_in_call:
            self.end_contact(guest, DisconnectReason.OTHER)
        self.watchers.tell()

    def _end_call(self, contact: Contact, reason: DisconnectReason) -> None:
        meeting = self.meetings.find(contact.meeting_id)
        if meeting is not None:
            self._background.start(self.meetings.end(meeting))
        of_guests = reason if reason is DisconnectReason.AGENT else DisconnectReason.OTHER
        for guest in list(contact.guests):
            self.end_contact(guest, of_guests)

    def _meeting_of(self, contact: Contact) -> Meeting:
        meeting = self.meetings.find(contact.meeting_id)
        if meeting is None:
            raise RuntimeError("A live contact has a meeting")
        return meeting

    def _whose(self, meeting: Meeting, attendee: Attendee) -> tuple[Contact, Participant] | None:
        contact = self.contacts.of_meeting(meeting.id)
        return None if contact is None else contact.find_person(attendee.id)

    def _remove(self, contact: Contact, person: Participant) -> None:
        meeting = self.meetings.find(contact.meeting_id)
        attendee = None if meeting is None else meeting.attendees.get(person.attendee_id)
        if meeting is not None and attendee is not None:
            self._background.start(meeting.remove_attendee(attendee))

    def _enqueue(self, contact: Contact) -> None:
        """The flow: outside its hours the contact ends, else it waits, for as long as the flow allows."""
        now = self._clock.time()
        if contact.queued_at is None and not contact.flow.hours.is_open(now):
            self.end_contact(contact, DisconnectReason.FLOW)
        elif contact.mark_queued(now):
            self._publish(EventType.QUEUED, contact)
            self.routing.enqueue(contact)
            if contact.flow.wait_limit_s is not None:
                self._waits[contact.id] = self._clock.call_later(
                    contact.flow.wait_limit_s, partial(self._stop_waiting, contact)
                )

    def _stop_waiting(self, contact: Contact) -> None:
        self._waits.pop(contact.id, None)
        if contact.agent_id is None:
            self.end_contact(contact, DisconnectReason.FLOW)

    def _publish(self, event_type: EventType, contact: Contact, *updated: str) -> None:
        self._events.publish(event_type, contact, *updated)
        self.watchers.tell()

    def _set_timer(self, contact: Contact, delay_s: float, reason: DisconnectReason) -> None:
        self._stop_timer(contact)
        self._timers[contact.id] = self._clock.call_later(
            delay_s, partial(self._end, contact, reason)
        )

    def _stop_timer(self, contact: Contact) -> None:
        timer = self._timers.pop(contact.id, None)
        if timer is not None:
            timer.cancel()

    def _stop_wait_limit(self, contact: Contact) -> None:
        timer = self._waits.pop(contact.id, None)
        if timer is not None:
            timer.cancel()

    def _end(self, contact: Contact, reason: DisconnectReason) -> None:
        self.end_contact(contact, reason)


def _has_guests(contact: Contact) -> bool:
    return any(guest.customer.is_present for guest in contact.guests)
