"""Calls that go on without their agent: sent to a queue, carried on by a new contact, or left alone by a lost agent.

The customer stays in the meeting throughout; whoever belongs to the contact centre leaves it.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Protocol

from localconnect.agent_search import AgentSearch, News
from localconnect.agents import Agent, Roster
from localconnect.call_controls import CallControls
from localconnect.call_sounds import CallSounds
from localconnect.clock import Clock
from localconnect.contacts import Contact, ContactState, DisconnectReason, Participant
from localconnect.directory import Flow, Queue
from localconnect.event_envelope import EventType
from localconnect.flows import FlowRunner
from localconnect.media.meetings import Meeting
from localconnect.random_ids import new_id
from localconnect.routing import Routing, UnableToAnswer
from localconnect.settings import Settings


class CallOwner(Protocol):
    """Whoever the calls belong to."""

    roster: Roster
    routing: Routing
    flows: FlowRunner
    sounds: CallSounds
    controls: CallControls
    search: AgentSearch

    def admit(self, contact: Contact) -> None:
        """From now on the contact exists."""

    def end_contact(
        self, contact: Contact, reason: DisconnectReason, *, call_goes_on: bool = False
    ) -> bool:
        """End a contact."""

    def limit_length(self, contact: Contact) -> None:
        """End the contact at the end of the longest call."""

    def publish(self, event_type: EventType, contact: Contact) -> None:
        """Tell of a step."""

    def note(self, contact: Contact) -> None:
        """Keep a contact's change."""

    def meeting_of(self, contact: Contact) -> Meeting:
        """Where the call of a live contact takes place."""

    def remove_person(self, contact: Contact, person: Participant | None) -> None:
        """Take somebody's place in the meeting away."""


class Transfers:
    """Parts calls from their agents."""

    def __init__(self, *, settings: Settings, clock: Clock, owner: CallOwner) -> None:
        self._settings = settings
        self._clock = clock
        self._owner = owner

    def to_new_contact(self, contact: Contact, flow: Flow, queue: Queue) -> Contact:
        """Send a call to a queue as Amazon Connect does: a new contact carries it on."""
        self._dismiss_colleagues(contact)
        now = self._clock.time()
        successor = Contact(
            new_id(),
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
            call_began_at=contact.call_began_at or contact.initiated_at,
            guests=list(contact.guests),
            tags=dict(contact.tags),
        )
        for guest in contact.guests:
            guest.host = successor
            self._owner.note(guest)
        contact.guests = []
        self._owner.admit(successor)  # first: at no moment does the call seem to be over
        self._owner.end_contact(contact, DisconnectReason.OTHER, call_goes_on=True)
        self._owner.limit_length(successor)
        self._owner.flows.run(successor)
        self._owner.sounds.follow(successor)
        return successor

    def to_queue(self, contact: Contact, queue: Queue) -> None:
        """Let a call wait anew, at the end of a queue; its agent is free at once."""
        agent = self._part(contact)
        contact.queue, contact.queued_at = queue, None
        self._owner.routing.release(agent)
        self._owner.flows.run(contact)
        self._owner.sounds.follow(contact)

    def from_desk(self, contact: Contact, queue: Queue) -> None:
        """Do what an agent wants who is done with a call and knows who is not.

        :raises UnableToAnswer: the call is not connected.
        """
        if contact.state is not ContactState.CONNECTED:
            raise UnableToAnswer("The contact is not connected to an agent")
        if contact.is_on_hold:
            self._owner.controls.resume(contact)
        if contact.screen_is_asked_for:
            self._owner.controls.end_screen(contact)
        if self._settings.desk_transfer_keeps_contact:
            self.to_queue(contact, queue)
        else:
            self.to_new_contact(contact, contact.flow, queue)

    def agent_lost(self, contact: Contact) -> None:
        """The agent of a call is not coming back: its customer is next in the queue. A visit just ends."""
        if contact.host is not None or not self._settings.requeue_when_agent_lost:
            self._owner.end_contact(contact, DisconnectReason.AGENT)
            return
        agent = self._part(contact)
        contact.agent_was_lost = True
        self._owner.publish(EventType.QUEUED, contact)
        self._owner.search.tell(contact, News.LOST)
        self._owner.routing.requeue(agent, contact)
        self._owner.sounds.follow(contact)

    def desk_closed(self, agent: Agent) -> None:
        """The agent's desk is gone: no more calls, and where their media is gone as well the call goes on without."""
        self._owner.routing.leave(agent)
        call = agent.call
        if call is None or call.agent is None or not call.agent.is_present:
            return
        meeting = self._owner.meeting_of(call)
        attendee = meeting.attendees.get(call.agent.attendee_id)
        if attendee is not None and not meeting.is_connected(attendee):
            self.agent_lost(call)

    def _part(self, contact: Contact) -> Agent:
        """Take everybody of the contact centre out of a call; the result had answered it."""
        self._dismiss_colleagues(contact)
        if contact.is_on_hold:
            self._owner.controls.resume(contact)
        self._owner.remove_person(contact, contact.agent)
        agent = self._owner.roster.find(contact.agent_id or "")
        if agent is None:
            raise RuntimeError("Who answered a call is on the roster")
        contact.mark_requeued(self._clock.time())
        return agent

    def _dismiss_colleagues(self, contact: Contact) -> None:
        for guest in [guest for guest in contact.guests if guest.agent is not None]:
            self._owner.end_contact(guest, DisconnectReason.OTHER)
