"""Keeps whether the customer of a waiting call is still there, and ends the calls of those who are not.

Only a call whose customer's page has shown itself can be left: a call that was started and never watched is none of this
module's. What Amazon Connect does by itself, minutes later, is its own affair.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db.models import F

from contacts.choices import EndedBy
from contacts.commits import commit
from contacts.models import Contact, ContactQuerySet
from contacts.operations.ending import end_call

# Longer than a page takes to be loaded again or to find another process; it asks over HTTP every five seconds meanwhile.
UNSEEN_FOR = timedelta(seconds=12)
IDS_PER_QUERY = 500


def note_customers_present(*, contact_ids: Sequence[UUID], at: datetime) -> set[UUID]:
    """Keep that the pages of these calls are open now. Returns those of the calls that wait: of others nothing is kept."""
    waiting: set[UUID] = set()
    for start in range(0, len(contact_ids), IDS_PER_QUERY):
        chunk = Contact.objects.filter(pk__in=contact_ids[start : start + IDS_PER_QUERY])
        waiting |= _note(chunk, customer_seen_at=at, customer_left_at=None)
    return waiting


def note_customer_asking(*, contact: Contact, at: datetime) -> None:
    """Keep that the page asks over HTTP, as it does while it has no socket. An API client is no page."""
    if contact.customer_seen_at is not None or contact.customer_left_at is not None:
        note_customers_present(contact_ids=[contact.pk], at=at)


def note_customer_left(*, contact_id: UUID, at: datetime) -> None:
    """Keep that the last page of this call that was open here is gone."""
    there = Contact.objects.filter(pk=contact_id, customer_left_at__isnull=True)
    _note(there, customer_left_at=at)


def note_customers_unseen(*, at: datetime) -> None:
    """Count as gone whoever was not seen for long, and whose process did not live to tell.

    To be called only by a process that could have been found all that time.
    """
    unseen = Contact.objects.filter(
        customer_left_at__isnull=True, customer_seen_at__lte=at - UNSEEN_FOR
    )
    _note(unseen, customer_left_at=F("customer_seen_at"))


def end_abandoned_calls(*, clock: Callable[[], datetime]) -> int:
    """End the waiting calls whose customer left and did not come back in time. Returns how many.

    The worker stops them in Amazon Connect as it does any other.
    """
    before = clock() - timedelta(seconds=settings.ABANDONED_AFTER_S)
    ended = 0
    for contact_id in list(
        Contact.objects.left_by_customer(before=before).values_list("pk", flat=True)
    ):
        ended += commit(partial(_end_if_still_left, contact_id, before, clock))
    return ended


def _end_if_still_left(contact_id: UUID, before: datetime, clock: Callable[[], datetime]) -> bool:
    """End a call, looked at again under lock: the customer may have come back just now."""
    contacts = Contact.objects.select_for_update(no_key=True).left_by_customer(before=before)
    contact = contacts.filter(pk=contact_id).first()
    if contact is not None:
        end_call(contact=contact, by=EndedBy.CUSTOMER, clock=clock, later=True)
    return contact is not None


def _note(contacts: ContactQuerySet, **changes: Any) -> set[UUID]:
    """Write the same of those of the contacts that wait, locked in the order of their keys: every process does so at once."""

    def write() -> set[UUID]:
        rows = contacts.waiting().order_by("pk").select_for_update(no_key=True)
        if ids := set(rows.values_list("pk", flat=True)):
            Contact.objects.filter(pk__in=ids).update(**changes)
        return ids

    return commit(write)
