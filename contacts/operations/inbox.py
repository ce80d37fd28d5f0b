"""Takes in Amazon Connect's contact events: each counts once, in whatever order, and whichever way, they come."""

from __future__ import annotations

import logging
from datetime import datetime, timedelta
from functools import partial

from django.db import IntegrityError

from contacts.choices import EventRoute, EventSource
from contacts.commits import commit
from contacts.errors import InvalidCall
from contacts.facts import ContactFacts, moment_or_none
from contacts.incoming_events import IncomingEvent, facts_of
from contacts.models import Contact, ContactEvent, DeadLetter
from contacts.operations.dead_letters import keep_dead_letter, read_dead_letter
from contacts.operations.facts_applying import apply_facts, apply_leg_facts
from contacts.operations.guest_events import note_guest_event
from contacts.operations.transfers import BY_TRANSFER

logger = logging.getLogger(__name__)

# An event about a contact that is not ours waits in vain; one about ours, at most until its start is repaired.
PARKED_FOR = timedelta(days=14)
FORGOTTEN_AT_ONCE = 20  # so that no single event has to wait for the deletion of many


def take_event(*, body: bytes, route: EventRoute, at: datetime) -> bool:
    """Take in an event as it came. Returns False if it had been told before.

    :raises InvalidCall: it cannot be read; it is kept as a dead letter.
    """
    try:
        event = IncomingEvent.from_body(body)
    except InvalidCall as error:
        keep_dead_letter(body=body, route=route, reason=str(error), at=at)
        raise
    return apply_contact_event(event=event, at=at)


def apply_contact_event(*, event: IncomingEvent, at: datetime) -> bool:
    """Store an event and bring its contact forward. Returns False if it had been told before.

    An event about a contact that is not known (yet) is parked: `apply_parked_events` applies it.
    """
    try:
        contact = commit(partial(_write_event, event, at))
    except IntegrityError:
        if ContactEvent.objects.filter(event_id=event.event_id).exists():
            return False
        raise
    if contact is None:
        commit(partial(_forget_parked, at=at))
    # Whoever commits second, this event or the start of its contact, sees what both stored.
    if contact is None and (contact := _known_contact(event)) is not None:
        apply_parked_events(contact=contact, at=at)
    return True


def apply_parked_events(*, contact: Contact, at: datetime) -> None:
    """Apply the events that came before the contact they are about was known by its Amazon Connect id."""
    commit(partial(_apply_parked, contact, at))


def redrive_dead_letter(*, letter: DeadLetter, at: datetime) -> bool:
    """Take a dead letter in as if it came now, and delete it. Returns False if it still cannot be read."""
    event = read_dead_letter(letter=letter, at=at)
    if event is None:
        return False
    apply_contact_event(event=event, at=at)
    commit(letter.delete)
    return True


def _write_event(event: IncomingEvent, at: datetime) -> Contact | None:
    contact = _known_contact(event)
    row = ContactEvent.objects.create(
        event_id=event.event_id,
        contact=contact,
        connect_contact_id=event.contact_id,
        source=EventSource.CONNECT,
        type=event.type,
        occurred_at=event.occurred_at,
        received_at=at,
        detail=event.detail,
    )
    if contact is not None:
        _apply(contact, row, event.facts, at=at)
    return contact


def _apply_parked(contact: Contact, at: datetime) -> None:
    contact.lock()
    parked = ContactEvent.objects.parked()
    for row in parked.filter(connect_contact_id=contact.connect_contact_id):
        ContactEvent.objects.filter(pk=row.pk).update(contact=contact)
        row.contact = contact
        _apply(contact, row, facts_of(row.type, row.detail, row.occurred_at), at=at)


def _known_contact(event: IncomingEvent) -> Contact | None:
    """Return the contact an event is about; of a guest's or colleague's contact, the one of the call they are in."""
    known = Contact.objects.filter(connect_contact_id=event.contact_id).first()
    if known is None and event.initial_contact_id:
        known = Contact.objects.filter(connect_contact_id=event.initial_contact_id).first()
    return known


def _apply(contact: Contact, row: ContactEvent, facts: ContactFacts, *, at: datetime) -> None:
    if row.connect_contact_id == contact.connect_contact_id:
        apply_facts(contact=contact, facts=facts, at=at)
    elif row.detail.get("initiationMethod") in BY_TRANSFER:
        apply_leg_facts(
            contact=contact,
            connect_contact_id=row.connect_contact_id,
            facts=facts,
            began_at=moment_or_none(row.detail.get("initiationTimestamp")) or row.occurred_at,
            at=at,
        )
    else:
        note_guest_event(contact=contact, event=row)
    ContactEvent.objects.filter(pk=row.pk).update(state=contact.state, version=contact.version)


def _forget_parked(*, at: datetime) -> None:
    """Delete some of the events that have been parked for too long; each event that is parked pays for older ones."""
    expired = (
        ContactEvent.objects.parked()
        .filter(received_at__lt=at - PARKED_FOR)
        .order_by("received_at")
        .select_for_update(skip_locked=True)
        .values_list("pk", flat=True)[:FORGOTTEN_AT_ONCE]
    )
    count, _ = ContactEvent.objects.filter(pk__in=list(expired)).delete()
    if count:
        logger.info("parked_events_expired", extra={"count": count})
