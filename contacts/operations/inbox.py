"""Takes in Amazon Connect's contact events: each counts once, in whatever order, and whichever way, they come.

Those that come together are applied together, in one transaction: the contacts they are about are locked first and
read once, and each is written once. If that fails, each event is applied by itself, so that one that cannot be holds up
no other.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

from django.db import IntegrityError

from contacts import metrics
from contacts.choices import EventRoute, EventSource
from contacts.commits import AWAY, commit
from contacts.errors import InvalidCall
from contacts.facts import ContactFacts, moment_or_none
from contacts.incoming_events import IncomingEvent, facts_of
from contacts.models import Contact, ContactEvent, DeadLetter
from contacts.operations.dead_letters import keep_dead_letter, read_dead_letter
from contacts.operations.facts_applying import bring_forward, bring_leg_forward
from contacts.operations.guest_events import note_guest_event
from contacts.operations.locked_contacts import LockedContact, lock_contact, lock_contacts
from contacts.operations.transfers import BY_TRANSFER

logger = logging.getLogger(__name__)

# An event about a contact that is not ours waits in vain; one about ours, at most until its start is repaired.
PARKED_FOR = timedelta(days=14)
FORGOTTEN_AT_ONCE = 20  # so that no single event has to wait for the deletion of many


@dataclass(frozen=True, slots=True)
class Taken:
    """What became of an event."""

    is_fresh: bool = False
    """Whether it had not been told before."""
    error: Exception | None = None
    """What kept it from being applied; `InvalidCall` if it cannot be read, and is kept as a dead letter."""

    @property
    def outcome(self) -> str:
        """In one word."""
        if self.error is not None:
            return "unreadable" if isinstance(self.error, InvalidCall) else "failed"
        return "applied" if self.is_fresh else "repeated"


def take_event(*, body: bytes, route: EventRoute, at: datetime) -> bool:
    """Take in an event as it came. Returns False if it had been told before.

    :raises InvalidCall: it cannot be read; it is kept as a dead letter.
    """
    [taken] = take_events(bodies=[body], route=route, at=at)
    return _fresh_or_raised(taken)


def take_events(*, bodies: Sequence[bytes], route: EventRoute, at: datetime) -> list[Taken]:
    """Take in events that came together. Returns what became of each, in their order.

    :raises OperationalError, InterfaceError: the database is away; some may have been taken in.
    """
    read = [_read(body, route, at) for body in bodies]
    events = [one for one in read if isinstance(one, IncomingEvent)]
    applied = iter(apply_contact_events(events=events, at=at))
    taken = [Taken(error=one) if isinstance(one, InvalidCall) else next(applied) for one in read]
    for one in taken:
        metrics.CONTACT_EVENTS.labels(one.outcome).inc()
    return taken


def apply_contact_event(*, event: IncomingEvent, at: datetime) -> bool:
    """Store an event and bring its contact forward. Returns False if it had been told before.

    An event about a contact that is not known (yet) is parked: `apply_parked_events` applies it.
    """
    [taken] = apply_contact_events(events=[event], at=at)
    return _fresh_or_raised(taken)


def apply_contact_events(*, events: Sequence[IncomingEvent], at: datetime) -> list[Taken]:
    """Store events and bring their contacts forward, if possible all in one transaction. Returns what became of each.

    :raises OperationalError, InterfaceError: the database is away; some may have been applied.
    """
    try:
        return [Taken(is_fresh) for is_fresh in _apply_together(events, at=at)]
    except AWAY:
        raise
    except Exception as error:  # noqa: BLE001 (told to whoever asked)
        if len(events) > 1:
            logger.info("contact_events_parted", extra={"cause": type(error).__name__})
            return [one for event in events for one in apply_contact_events(events=[event], at=at)]
        # Another may have stored the same event meanwhile.
        if isinstance(error, IntegrityError) and _told_of(events):
            return [Taken(is_fresh=False)]
        return [Taken(error=error)]


def apply_parked_events(*, contact: Contact, at: datetime) -> None:
    """Apply the events that came before the contact they are about was known by its Amazon Connect id."""
    commit(partial(_write_parked, contact, at=at))


def redrive_dead_letter(*, letter: DeadLetter, at: datetime) -> bool:
    """Take a dead letter in as if it came now, and delete it. Returns False if it still cannot be read."""
    event = read_dead_letter(letter=letter, at=at)
    if event is None:
        return False
    apply_contact_event(event=event, at=at)
    commit(letter.delete)
    return True


def _read(body: bytes, route: EventRoute, at: datetime) -> IncomingEvent | InvalidCall:
    try:
        return IncomingEvent.from_body(body)
    except InvalidCall as error:
        keep_dead_letter(body=body, route=route, reason=str(error), at=at)
        return error


def _fresh_or_raised(taken: Taken) -> bool:
    if taken.error is not None:
        raise taken.error
    return taken.is_fresh


def _apply_together(events: Sequence[IncomingEvent], *, at: datetime) -> list[bool]:
    """Apply all or none. Returns for each whether it is fresh."""
    if not events:
        return []
    fresh, unknown = commit(partial(_write_events, events, at))
    if unknown:
        commit(partial(_forget_parked, at=at))
        # Whoever commits second, an event or the start of its contact, sees what both stored.
        for contact in Contact.objects.filter(connect_contact_id__in=unknown):
            apply_parked_events(contact=contact, at=at)
    taken = []
    for event in events:
        taken.append(event.event_id in fresh)
        fresh.discard(event.event_id)  # the same may come twice at once
    return taken


def _write_events(events: Sequence[IncomingEvent], at: datetime) -> tuple[set[str], set[str]]:
    """Store and apply what was not told before. Returns the ids of those events, and of contacts that are not known."""
    contacts = _lock_known(events)
    # Looked for under the locks: whoever had them before has committed what they took in.
    told = _told_of(events)
    fresh = {event.event_id: event for event in events if event.event_id not in told}
    rows = []
    for event in sorted(fresh.values(), key=lambda one: (one.occurred_at, one.event_id)):
        locked = _contact_of(event, contacts)
        row = ContactEvent(
            event_id=event.event_id,
            contact=locked.row if locked else None,
            connect_contact_id=event.contact_id,
            source=EventSource.CONNECT,
            type=event.type,
            occurred_at=event.occurred_at,
            received_at=at,
            detail=event.detail,
        )
        if locked is not None:
            _apply(locked, row, event.facts, at=at)
        rows.append(row)
    for locked in contacts.values():
        locked.save(at=at)
    # In one order, so that two who were told the same do not wait for each other.
    ContactEvent.objects.bulk_create(sorted(rows, key=lambda row: row.event_id))
    unknown = {event.contact_id for event in events if _contact_of(event, contacts) is None}
    return set(fresh), unknown


def _write_parked(contact: Contact, *, at: datetime) -> None:
    parked = ContactEvent.objects.parked().filter(connect_contact_id=contact.connect_contact_id)
    if not parked.exists():
        return
    locked = lock_contact(contact)
    for row in parked:
        row.contact = locked.row
        _apply(locked, row, facts_of(row.type, row.detail, row.occurred_at), at=at)
        row.save(update_fields=["contact", "state", "version"])
    locked.save(at=at)


def _lock_known(events: Sequence[IncomingEvent]) -> dict[str, LockedContact]:
    """Lock the contacts that events are about, as far as they are known. Returns them by their Amazon Connect ids."""
    ids = {event.contact_id for event in events} | {event.initial_contact_id for event in events}
    known = lock_contacts(Contact.objects.filter(connect_contact_id__in=ids - {""}))
    return {locked.row.connect_contact_id or "": locked for locked in known}


def _told_of(events: Sequence[IncomingEvent]) -> set[str]:
    """Return the ids of those events that had been told before."""
    known = ContactEvent.objects.filter(event_id__in={event.event_id for event in events})
    return set(known.values_list("event_id", flat=True))


def _contact_of(event: IncomingEvent, contacts: dict[str, LockedContact]) -> LockedContact | None:
    """Return the contact an event is about; of a guest's or colleague's contact, the one of the call they are in."""
    return contacts.get(event.contact_id) or contacts.get(event.initial_contact_id)


def _apply(locked: LockedContact, row: ContactEvent, facts: ContactFacts, *, at: datetime) -> None:
    """Bring a contact forward to what an event says, and note in the event's row what it made of it."""
    locked.told.append(row)
    if row.connect_contact_id == locked.row.connect_contact_id:
        bring_forward(locked, facts)
    elif row.detail.get("initiationMethod") in BY_TRANSFER:
        bring_leg_forward(
            locked,
            connect_contact_id=row.connect_contact_id,
            facts=facts,
            began_at=moment_or_none(row.detail.get("initiationTimestamp")) or row.occurred_at,
        )
    else:
        locked.save(at=at)  # what follows writes to the same row
        note_guest_event(contact=locked.row, event=row)
        locked.read_again()
    row.state, row.version = locked.row.state, locked.row.version


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
