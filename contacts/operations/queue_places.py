"""Asks Amazon Connect for the places of waiting contacts, one contact a call, and publishes what changed."""

from __future__ import annotations

import math
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial

from django.conf import settings
from django.db.models import F

from contacts import connect
from contacts.choices import ContactState
from contacts.commits import commit
from contacts.models import Contact, Lease
from contacts.push import publish_on_commit

LEASE = "queue-places"
LEASE_LENGTH = timedelta(seconds=6)  # a poller that died is replaced after this


def refresh_next_place(*, poller: str, clock: Callable[[], datetime]) -> bool:
    """Ask for the place of the contact that was asked for longest ago. Returns whether Amazon Connect was asked.

    It is not asked while nobody waits, while all places are fresh, or while another poller holds the lease.

    :raises ConnectError: Amazon Connect refused, failed or did not answer in time.
    """
    at = clock()
    asked_before = at - timedelta(seconds=settings.QUEUE_PLACE_EVERY_S)
    contact = Contact.objects.due_for_place(asked_before=asked_before).first()
    if contact is None or contact.connect_contact_id is None:
        return False
    # Prolonged before each request: a request that outlasts the lease is the last one of its poller.
    if not Lease.hold(name=LEASE, holder=poller, at=at, length=LEASE_LENGTH):
        return False
    # Stored before the answer: a contact that cannot be asked for must not keep the others waiting.
    commit(partial(Contact.objects.filter(pk=contact.pk).update, queue_asked_at=at))
    place = connect.queue_place(
        instance_id=contact.connect_instance_id, contact_id=contact.connect_contact_id
    )
    if place is not None and _is_news(contact, place):
        _store(contact, place)
    return True


def _is_news(contact: Contact, place: connect.QueuePlace) -> bool:
    """Whether anybody would see a difference: waits are told in minutes."""
    return contact.queue_position != place.position or _minutes(contact.queue_wait_s) != _minutes(
        place.estimated_wait_s
    )


def _minutes(seconds: int | None) -> int | None:
    return None if seconds is None else math.ceil(seconds / 60)


def _store(contact: Contact, place: connect.QueuePlace) -> None:
    def write() -> None:
        changed = Contact.objects.filter(pk=contact.pk, state=ContactState.QUEUED).update(
            queue_position=place.position,
            queue_wait_s=place.estimated_wait_s,
            version=F("version") + 1,
        )
        if changed:
            publish_on_commit(contact)

    commit(write)
