"""The contact centre: carries each contact from its start to its end, whoever causes the next step.

The API starts and stops contacts, media joins and leaves (told by `Presence`), flows run, agents answer (through
`Routing`), time passes. Every step ends in a contact event and a hint to whoever watches. Knows nothing of HTTP.
"""

from __future__ import annotations

import asyncio
from functools import partial
from typing import Protocol

from localconnect.agent_search import AgentSearch, News
from localconnect.agents import Agent, Roster
from localconnect.background import Background
from localconnect.call_controls import CallControls
from localconnect.call_sounds import CallSounds
from localconnect.client_tokens import ClientTokens
from localconnect.clock import Clock
from localconnect.contact_events import ContactEvents
from localconnect.contacts import (
    MAX_ATTRIBUTES_BYTES,
    Contact,
    ContactDetails,
    Contacts,
    DisconnectReason,
    Participant,
    Role,
    attributes_bytes,
)
from localconnect.customer_history import CustomerHistory
from localconnect.deadlines import Deadline, Deadlines
from localconnect.directory import Directory, Flow, Instance
from localconnect.event_envelope import EventType
from localconnect.flows import FlowRunner
from localconnect.journal import Journal
from localconnect.media.hosting import MediaHost
from localconnect.media.meetings import AT_CAPACITY, REMOVED, Meeting, Meetings
from localconnect.people import People, invite
from localconnect.presence import Presence
from localconnect.random_ids import new_id
from localconnect.records import contact_record
from localconnect.routing import Routing, UnableToAnswer
from localconnect.settings import Settings
from localconnect.store import Kind
from localconnect.transfers import Transfers
from localconnect.visits import Visits, agents_place
from localconnect.watchers import Watchers


class UnableToStartContact(RuntimeError):
    """As many contacts are alive as the instance allows."""


class StandIns(Protocol):
    """Whoever brings agents for contacts that have a script."""

    def stand_in(self, contact: Contact) -> None:
        """Have an agent of its own answer a contact that waits."""

    def dismiss(self, contact: Contact) -> None:
        """The contact is over: its agent, if it had one of its own, is needed no more."""


class ContactCenter:
    """All contacts, agents and meetings."""

    def __init__(
        self,
        *,
        settings: Settings,
        clock: Clock,
        events: ContactEvents,
        directory: Directory,
        journal: Journal | None = None,
        media: MediaHost | None = None,
    ) -> None:
        """`media` is where that of meetings is; None for this process."""
        self.journal = journal or Journal()
        self.contacts = Contacts()
        self.history = CustomerHistory(settings)
        self.client_tokens = ClientTokens(self.journal)
        self.people = People()
        self.roster = Roster(directory.agent_queues)
        self.watchers = Watchers()
        self.presence = Presence(clock=clock, owner=self)
        self.meetings = Meetings(
            settings=settings, observer=self.presence, clock=clock, host=media
        )
        self.routing = Routing(
            settings=settings,
            clock=clock,
            roster=self.roster,
            taker=self,
            changed=self.watchers.tell,
            journal=self.journal,
        )
        self.search = AgentSearch(self.meetings)
        self._settings = settings
        self._clock = clock
        self._events = events
        self.deadlines = Deadlines(clock)
        self.flows = FlowRunner(
            settings=settings,
            clock=clock,
            deadlines=self.deadlines,
            routing=self.routing,
            owner=self,
        )
        self._background = Background()
        self.sounds = CallSounds(owner=self, settings=settings)
        self.controls = CallControls(holder=self, clock=clock, sounds=self.sounds)
        self.visits = Visits(settings=settings, clock=clock, owner=self)
        self.transfers = Transfers(settings=settings, clock=clock, owner=self)
        self.stand_ins: StandIns | None = None

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
            new_id(),
            meeting.id,
            details,
            customer,
            initiated_at=now,
            updated_at=now,
            instance=instance,
            flow=flow,
            queue=flow.queue,
        )
        self.admit(contact)
        self.limit_length(contact)
        self.flows.start(contact)
        return contact

    def admit(self, contact: Contact) -> None:
        """From now on the contact exists."""
        self.contacts.add(contact)
        if contact.visitor is contact.customer:
            self.people.add(contact)
        self.publish(EventType.INITIATED, contact)

    def end_contact(
        self,
        contact: Contact,
        reason: DisconnectReason,
        *,
        told: int = REMOVED,
        call_goes_on: bool = False,
    ) -> bool:
        """End a contact, its meeting and whatever rings or waits for it. False when it was over already.

        :param told: the status that an invited person's client is given, whose call goes on without them.
        :param call_goes_on: another contact carries the call on; only the agent is taken out of it.
        """
        if not contact.mark_ended(self._clock.time(), reason):
            return False
        self._put_away(contact)
        if contact.host is not None:
            contact.host.guests.remove(contact)
            if not contact.host.is_over:
                self.remove_person(contact, contact.visitor, told)
        elif call_goes_on:
            self.remove_person(contact, contact.agent)
        else:
            self._end_call(contact, reason)
        self._tell_end(contact)
        return True

    def limit_length(self, contact: Contact) -> None:
        """End the contact at the end of the longest call."""
        self.deadlines.set(
            contact,
            Deadline.LENGTH,
            contact.ends_by(self._settings.max_call_s) - self._clock.time(),
            partial(self._end, contact, DisconnectReason.OTHER),
        )

    def publish(self, event_type: EventType, contact: Contact, *updated: str) -> None:
        """Tell of a step in a contact's life; `updated` names what has changed, where the event has room for it."""
        self._events.publish(event_type, contact, *updated)
        self.note(contact)

    def describe_outcome(self, contact: Contact, said: dict[str, str]) -> None:
        """Keep what an agent says of a call as attributes of its contact.

        :raises UnableToAnswer: the contact has no room for it.
        """
        attributes = {**contact.details.attributes, **said}
        if attributes_bytes(attributes) > MAX_ATTRIBUTES_BYTES:
            raise UnableToAnswer("The contact's attributes leave no room for this")
        if attributes == contact.details.attributes:
            return
        contact.change(self._clock.time(), attributes=attributes)
        self.contact_changed(contact, "UserDefinedAttributes")

    def contact_changed(self, contact: Contact, *updated: str) -> None:
        """A contact is different; `updated` names what contact events tell of."""
        if updated:
            self.publish(EventType.CONTACT_DATA_UPDATED, contact, *updated)
        else:
            self.note(contact)

    def note(self, contact: Contact) -> None:
        """The one place where a contact's change is kept, and told of."""
        if self.contacts.find(contact.id) is not None:
            kind = Kind.ENDED_CONTACT if contact.is_over else Kind.LIVE_CONTACT
            self.journal.put(kind, contact.id, partial(contact_record, contact))
        self.watchers.tell()

    def meeting_of(self, contact: Contact) -> Meeting:
        """Where the call of a live contact takes place."""
        meeting = self.meetings.find(contact.meeting_id)
        if meeting is None:
            raise RuntimeError("A live contact has a meeting")
        return meeting

    def remove_person(
        self, contact: Contact, person: Participant | None, told: int = REMOVED
    ) -> None:
        """Take somebody's place in the meeting away, if they have one; their client is told why."""
        meeting = self.meetings.find(contact.meeting_id)
        if meeting is None or person is None:
            return
        attendee = meeting.attendees.get(person.attendee_id)
        if attendee is not None:
            meeting.remove_attendee(attendee, told)

    def stand_in(self, contact: Contact) -> None:
        """Have an agent who is there for this contact alone answer it."""
        if self.stand_ins is not None:
            self.stand_ins.stand_in(contact)

    # What media tells (CallOwner)

    def customer_arrived(self, contact: Contact, *, is_first_time: bool) -> None:
        """The media of a call's first customer is up: the flow runs, unless it has."""
        self.flows.run(contact)
        if is_first_time:
            self.sounds.greet(contact)
        self.controls.remind(contact)
        self.search.remind(contact)
        self.note(contact)

    def guest_arrived(self, host: Contact, guest: Contact) -> None:
        """An invited person has joined; beyond what a call has room for they are sent away again."""
        if host.present_guests + 2 > self._settings.people_in_call:
            self.end_contact(guest, DisconnectReason.OTHER, told=AT_CAPACITY)
        self.controls.remind(host)
        self.note(guest)

    def customer_left(self, contact: Contact) -> None:
        """The customer of `contact`, a call's first or an invited one, is finished with it."""
        if contact.host is not None:
            host = contact.host
            self.end_contact(contact, DisconnectReason.CUSTOMER)
            if host.customer_is_gone and not host.present_guests:
                self.end_contact(host, DisconnectReason.CUSTOMER)
        elif self._settings.call_ends_with_customer or not contact.present_guests:
            self.end_contact(contact, DisconnectReason.CUSTOMER)
        else:
            contact.customer_is_gone = True
            self.people.forget(contact)
            self.remove_person(contact, contact.customer)
            self.note(contact)

    def agent_media_joined(self, contact: Contact) -> None:
        """The agent or supervisor of `contact` is connected, with media or (scripted) without."""
        agent = self.roster.find(contact.agent_id or "")
        if agent is None or contact.agent is None:
            return
        contact.agent.mark_joined(self._clock.time())
        self.routing.agent_joined(agent)
        self.deadlines.stop(contact, Deadline.MEDIA)
        if contact.mark_connected(self._clock.time()):
            self.sounds.follow(contact)
            self.flows.limit_talk(contact)
            self.publish(EventType.CONNECTED_TO_AGENT, contact)
        else:
            self.note(contact)

    def agent_lost(self, contact: Contact) -> None:
        """The connection of an agent or supervisor broke for good."""
        self.transfers.agent_lost(contact)

    # What agents do (CallTaker)

    def offered(self, contact: Contact) -> None:
        """Let the customer know that somebody may be coming."""
        self.search.tell(contact, News.OFFERED)

    def missed(self, contact: Contact) -> None:
        """Let the customer know that somebody else is looked for."""
        self.search.tell(contact, News.MISSED)

    def agent_accepted(self, contact: Contact, agent: Agent) -> None:
        """Give the agent a place in the contact's meeting, unless they were given one with the offer."""
        contact.agent = contact.agent or agents_place(self.meeting_of(contact), contact, agent)
        self.note(contact)

    def offer_refused(self, contact: Contact) -> None:
        """An agent invited into a call does not come."""
        self.end_contact(contact, DisconnectReason.OTHER)

    def agent_absent(self, contact: Contact) -> None:
        """Take the place of an agent who never came away again."""
        self.remove_person(contact, contact.agent)
        contact.agent = None
        self.note(contact)

    def wrapped_up(self, contact: Contact, agent: Agent) -> None:
        """Nothing more will happen to the contact."""
        self.publish(EventType.COMPLETED, contact)

    def keep_ended(self, contact: Contact) -> None:
        """Put an ended contact on the shelf, from which the oldest fall."""
        self.history.remember(contact)
        for contact_id in self.contacts.retire(contact, keep=self._settings.retained_contacts):
            self.journal.drop(Kind.ENDED_CONTACT, contact_id)

    async def reset(self) -> None:
        """Forget every contact and token, without an event; agents are as if those had never been."""
        self.journal.empty()
        self.deadlines.clear()
        self.routing.clear()
        meetings = [
            self.meetings.find(contact.meeting_id)
            for contact in self.contacts.live
            if contact.host is None
        ]
        self.contacts.clear()
        self.history.clear()
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
        self.deadlines.stop_all(contact)
        self.people.forget(contact)
        self.journal.drop(Kind.LIVE_CONTACT, contact.id)
        self.keep_ended(contact)
        self.note(contact)

    def _tell_end(self, contact: Contact) -> None:
        self.publish(EventType.DISCONNECTED, contact)
        if contact.agent_id is None:
            self.publish(EventType.COMPLETED, contact)
        self.routing.withdraw(contact)
        contact.offered_to = None
        if self.stand_ins is not None and contact.script is not None:
            self.stand_ins.dismiss(contact)

    def _end_call(self, contact: Contact, reason: DisconnectReason) -> None:
        meeting = self.meetings.find(contact.meeting_id)
        if meeting is not None:
            self._background.start(self.meetings.end(meeting))
        of_guests = reason if reason is DisconnectReason.AGENT else DisconnectReason.OTHER
        for guest in list(contact.guests):
            self.end_contact(guest, of_guests)

    def _end(self, contact: Contact, reason: DisconnectReason) -> None:
        self.end_contact(contact, reason)
