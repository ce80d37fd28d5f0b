"""What a contact flow does with a contact: looks at the hours, puts it into the queue, gives up when nobody answers.

Owns the way from a contact's start to its place in the queue. Who answers is decided in `routing`; ending a contact is
the contact centre's business.
"""

from __future__ import annotations

from functools import partial
from typing import Protocol

from localconnect.clock import Clock
from localconnect.contacts import Contact, DisconnectReason
from localconnect.deadlines import Deadline, Deadlines
from localconnect.event_envelope import EventType
from localconnect.routing import Routing
from localconnect.settings import Settings


class FlowOwner(Protocol):
    """Whoever runs contacts through their flows."""

    def end_contact(self, contact: Contact, reason: DisconnectReason) -> bool:
        """End a contact, and whatever rings or waits for it."""

    def publish(self, event_type: EventType, contact: Contact) -> None:
        """Tell of a step."""

    def stand_in(self, contact: Contact) -> None:
        """Have an agent who is there for this contact alone answer it."""


class FlowRunner:
    """Runs every contact through the flow it was started in."""

    def __init__(
        self,
        *,
        settings: Settings,
        clock: Clock,
        deadlines: Deadlines,
        routing: Routing,
        owner: FlowOwner,
    ) -> None:
        self._settings = settings
        self._clock = clock
        self._deadlines = deadlines
        self._routing = routing
        self._owner = owner

    def start(self, contact: Contact) -> None:
        """The contact has begun: its flow runs once the customer's media is there, or at once where none is awaited.

        A script plays for programs, whose customers need not come.
        """
        if contact.script is not None or not self._settings.flow_waits_for_media:
            self.run(contact)
            return
        due_at = contact.initiated_at + self._settings.never_arrived_s
        self._deadlines.set(
            contact,
            Deadline.MEDIA,
            due_at - self._clock.time(),
            partial(self._end, contact, DisconnectReason.NEVER_ARRIVED),
        )

    def run(self, contact: Contact) -> None:
        """Outside its flow's hours the contact ends, else it waits in the queue, for as long as the flow allows."""
        self._deadlines.stop(contact, Deadline.MEDIA)
        now = self._clock.time()
        if contact.queued_at is None and not contact.flow.hours.is_open(now):
            self._end(contact, DisconnectReason.FLOW)
        elif contact.mark_queued(now):
            self._owner.publish(EventType.QUEUED, contact)
            self.wait(contact)

    def wait(self, contact: Contact) -> None:
        """Wait for an agent, up to the flow's limit since the contact was put into the queue."""
        self._routing.enqueue(contact)
        self.limit_wait(contact)

    def limit_wait(self, contact: Contact) -> None:
        """Give up when nobody has answered by the flow's limit, or the script's; a script may bring an agent before."""
        limit_s, script = contact.flow.wait_limit_s, contact.script
        if script is not None and script.given_up_after_s is not None:
            limit_s = script.given_up_after_s
        if limit_s is not None and contact.queued_at is not None:
            self._deadlines.set(
                contact,
                Deadline.QUEUE,
                contact.queued_at + limit_s - self._clock.time(),
                partial(self._stop_waiting, contact),
            )
        if script is not None and script.answered_after_s is not None and contact.queued_at:
            self._deadlines.set(
                contact,
                Deadline.SCRIPT,
                contact.queued_at + script.answered_after_s - self._clock.time(),
                partial(self._owner.stand_in, contact),
            )

    def limit_talk(self, contact: Contact) -> None:
        """Break the call off when its script says so."""
        script, began_at = contact.script, contact.connected_at
        if script is not None and script.dropped_after_s is not None and began_at is not None:
            self._deadlines.set(
                contact,
                Deadline.SCRIPT,
                began_at + script.dropped_after_s - self._clock.time(),
                partial(self._end, contact, DisconnectReason.TELECOM),
            )

    def _stop_waiting(self, contact: Contact) -> None:
        if contact.agent_id is None:
            self._end(contact, DisconnectReason.FLOW)

    def _end(self, contact: Contact, reason: DisconnectReason) -> None:
        self._owner.end_contact(contact, reason)
