"""What an agent does to a call they are in: hold it, ask for the customer's screen.

Desks and scripted agents use these, and so does the API where it has an operation for it. Clients learn of hold and
screen sharing by data messages, as the SDK's real meetings carry them; whoever joins later is told again.
"""

from __future__ import annotations

import json
from typing import Protocol

from localconnect.call_sounds import CallSounds
from localconnect.clock import Clock
from localconnect.contacts import Contact, ContactState
from localconnect.media.meetings import Meeting
from localconnect.routing import UnableToAnswer

SCREEN_SHARING_TOPIC = "AMAZON_CONNECT_SCREEN_SHARING"
"""Amazon Connect's own: the customer's share button belongs on the page between the two messages."""
HOLD_TOPIC = "VIDEO_CALL_HOLD"
"""An assumption: Amazon Connect leaves it to the agent's application to tell a customer's page of hold."""


class CallHolder(Protocol):
    """Whoever calls take place at."""

    def meeting_of(self, contact: Contact) -> Meeting:
        """Where the call of a live contact takes place."""

    def contact_changed(self, contact: Contact, *updated: str) -> None:
        """Something was said about a contact."""


class CallControls:
    """Changes calls in progress. Everything raises `UnableToAnswer` when the call does not allow it now."""

    def __init__(self, *, holder: CallHolder, clock: Clock, sounds: CallSounds) -> None:
        self._holder = holder
        self._sounds = sounds
        self._clock = clock

    def hold(self, contact: Contact) -> None:
        """Part the customers from the agent: they hear music and nobody hears them."""
        _check_connected(contact)
        if contact.is_on_hold:
            raise UnableToAnswer("The call is on hold already")
        contact.mark_held(self._clock.time())
        self._tell_of_hold(contact)
        self._holder.contact_changed(contact)

    def resume(self, contact: Contact) -> None:
        """Bring the customers back."""
        if not contact.is_on_hold:
            raise UnableToAnswer("The call is not on hold")
        contact.mark_resumed(self._clock.time())
        self._tell_of_hold(contact)
        self._holder.contact_changed(contact)

    def ask_for_screen(self, contact: Contact) -> None:
        """Open a screen sharing session: whoever was granted it may share from now on."""
        _check_connected(contact)
        details = contact.details
        if not (
            details.customer_capabilities.screen_share or details.agent_capabilities.screen_share
        ):
            raise UnableToAnswer("The contact was started without screen sharing for anybody")
        contact.screen_was_shared = contact.screen_is_asked_for = True
        contact.change(self._clock.time())
        self._tell_of_screen(contact)
        self._holder.contact_changed(contact, "Segment Attributes")

    def end_screen(self, contact: Contact) -> None:
        """Close the screen sharing session."""
        if not contact.screen_is_asked_for:
            raise UnableToAnswer("No screen sharing session is open")
        contact.screen_is_asked_for = False
        self._tell_of_screen(contact)
        self._holder.contact_changed(contact)

    def remind(self, contact: Contact) -> None:
        """Tell everybody how things are, since somebody has joined who was not told."""
        if contact.is_on_hold:
            self._tell_of_hold(contact)
        if contact.screen_is_asked_for:
            self._tell_of_screen(contact)

    def _tell_of_hold(self, contact: Contact) -> None:
        self._sounds.follow(contact)
        message = "HoldStarted" if contact.is_on_hold else "HoldEnded"
        self._tell(contact, HOLD_TOPIC, message)

    def _tell_of_screen(self, contact: Contact) -> None:
        asked = contact.screen_is_asked_for
        message = "ScreenSharingStarted" if asked else "ScreenSharingStopped"
        self._tell(contact, SCREEN_SHARING_TOPIC, message)

    def _tell(self, contact: Contact, topic: str, message: str) -> None:
        meeting = self._holder.meeting_of(contact)
        agent = None if contact.agent is None else meeting.attendees.get(contact.agent.attendee_id)
        if agent is not None:
            meeting.send_as(agent, topic, json.dumps({"message": message}).encode())


def _check_connected(contact: Contact) -> None:
    if contact.state is not ContactState.CONNECTED:
        raise UnableToAnswer("The contact is not connected to an agent")
