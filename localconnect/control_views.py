"""Contacts and agents as `/_local/state` shows them: everything but tokens."""

from __future__ import annotations

from typing import Any

from localconnect.agents import Agent
from localconnect.contacts import Contact
from localconnect.timestamps import iso_time


def contact_view(contact: Contact) -> dict[str, Any]:
    """A contact and the people in it."""
    return {
        "id": contact.id,
        "state": contact.state,
        "name": contact.details.display_name,
        "digits": contact.digits,
        "on_hold": contact.is_on_hold,
        "screen_sharing": contact.screen_is_asked_for,
        "initial_contact_id": contact.initial_contact_id,
        "previous_contact_id": contact.previous_contact_id,
        "disconnect_reason": contact.disconnect_reason,
        "meeting_id": contact.meeting_id,
        "initiation_method": contact.initiation_method,
        "agent_id": contact.agent_id,
        "offered_to": contact.offered_to,
        "initiated_at": iso_time(contact.initiated_at),
        "queued_at": iso_time(contact.queued_at),
        "connected_at": iso_time(contact.connected_at),
        "ended_at": iso_time(contact.ended_at),
        "participants": [
            {
                "id": person.id,
                "role": person.role,
                "display_name": person.display_name,
                "attendee_id": person.attendee_id,
                "joined_at": iso_time(person.joined_at),
                "left_at": iso_time(person.left_at),
            }
            for person in contact.participants
        ],
    }


def agent_view(agent: Agent) -> dict[str, Any]:
    """An agent and what they have to do."""
    return {
        "id": agent.id,
        "name": agent.name,
        "scripted": agent.scripted,
        "status": agent.status,
        "offered_contact_id": None if agent.offer is None else agent.offer.id,
        "contact_id": None if agent.call is None else agent.call.id,
    }
