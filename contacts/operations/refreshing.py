"""Asks Amazon Connect what became of a contact: why it ended, or what its events failed to tell."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from contacts import connect
from contacts.choices import PortalEvent
from contacts.commits import LONG_S, commit
from contacts.models import Contact
from contacts.operations.facts_applying import apply_facts, apply_leg_facts
from contacts.operations.qualities import note_scores
from contacts.operations.timeline import write_entry
from contacts.operations.transfers import last_leg, legs_going_on


def refresh_contact(*, contact: Contact, clock: Callable[[], datetime]) -> bool:
    """Bring a contact forward to what DescribeContact says. Returns whether that changed anything.

    :raises ConnectError: Amazon Connect refused, failed or did not answer in time.
    """
    if contact.connect_contact_id is None:
        return False
    asked_about = legs_going_on(contact) or [last_leg(contact)]
    changes = [_refresh_leg(contact, one, clock) for one in asked_about]
    return any(changes)


def _refresh_leg(contact: Contact, connect_contact_id: str, clock: Callable[[], datetime]) -> bool:
    facts = connect.describe_contact(
        instance_id=contact.connect_instance_id, contact_id=connect_contact_id
    )
    at = clock()

    def write() -> bool:
        if connect_contact_id == contact.connect_contact_id:
            changed = apply_facts(contact=contact, facts=facts, at=at)
        else:
            changed = apply_leg_facts(
                contact=contact,
                connect_contact_id=connect_contact_id,
                facts=facts,
                began_at=at,
                at=at,
            )
        note_scores(contact=contact, facts=facts)
        if changed:
            write_entry(
                contact, PortalEvent.REFRESHED, at=at, disconnect_reason=facts.disconnect_reason
            )
        return changed

    return commit(write, patience_s=LONG_S)
