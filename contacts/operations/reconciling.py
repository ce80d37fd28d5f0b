"""Finds contacts of which nothing is heard any more, and asks Amazon Connect what became of them.

Events may be lost, or stop entirely; a task that should have stopped a contact may have been given up. Whatever Amazon
Connect answers goes the way of its events. One contact is asked about at a time, by the holder of a lease.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial

from django.conf import settings
from django.db.models import Case, DateTimeField, Exists, F, OuterRef, Q, QuerySet, Value, When

from contacts import errors
from contacts.choices import UNDER_WAY_STATES, ContactState, EventSource, PortalEvent
from contacts.commits import LONG_S, commit
from contacts.facts import ContactFacts
from contacts.models import Contact, ContactEvent, Lease
from contacts.operations.ending import stop_contact
from contacts.operations.facts_applying import apply_facts
from contacts.operations.refreshing import refresh_contact
from contacts.operations.timeline import write_entry
from contacts.operations.transfers import end_legs

logger = logging.getLogger(__name__)

LEASE = "quiet-contacts"
LEASE_LENGTH = timedelta(seconds=30)  # longer than any request
LONGEST_CALL = timedelta(hours=25)  # Amazon Connect's lasts 24 hours at most
UNKNOWN_AFTER = timedelta(
    minutes=10
)  # a contact that Amazon Connect has just begun may not be found everywhere
UNTOLD = "OTHER"  # what Amazon Connect says of an end whose reason it has no word for


def reconcile_next_contact(*, worker: str, clock: Callable[[], datetime]) -> bool:
    """Settle what one contact's silence means. Returns whether there was such a contact, and Amazon Connect was asked.

    It is not asked while all contacts are heard of, or while another worker holds the lease.

    :raises ConnectError: Amazon Connect could not be asked now; this contact's turn comes again after the others'.
    """
    at = clock()
    contact = quiet_contacts(at=at).first()
    if contact is None or not Lease.hold(name=LEASE, holder=worker, at=at, length=LEASE_LENGTH):
        return False
    # Stored before the answer: a contact that cannot be asked about must not keep the others waiting.
    commit(partial(Contact.objects.filter(pk=contact.pk).update, asked_about_at=at))
    try:
        refresh_contact(contact=contact, clock=clock)
        if contact.end_requested_at is not None and not contact.is_over:
            stop_contact(contact=contact, clock=clock)
    except errors.ConnectError as error:
        if error.retryable or not _is_beyond_hope(contact, error, at=at):
            raise
        _give_up(contact, error, at=clock())
    return True


def quiet_contacts(*, at: datetime) -> QuerySet[Contact]:
    """Return the contacts under way of which nothing was heard for too long, the one asked about longest ago first."""
    since = Case(
        When(
            state=ContactState.CONNECTED,
            then=Value(at - timedelta(seconds=settings.QUIET_CALL_S)),
        ),
        default=Value(at - timedelta(seconds=settings.QUIET_WAIT_S)),
        output_field=DateTimeField(),
    )
    heard = ContactEvent.objects.filter(
        contact=OuterRef("pk"), source=EventSource.CONNECT, received_at__gt=OuterRef("since")
    )
    return (
        Contact.objects.filter(state__in=UNDER_WAY_STATES)
        .annotate(since=since)
        .filter(Q(asked_about_at__isnull=True) | Q(asked_about_at__lte=F("since")))
        .filter(~Exists(heard), initiated_at__lte=F("since"))
        .order_by(F("asked_about_at").asc(nulls_first=True), "initiated_at", "pk")
    )


def _is_beyond_hope(contact: Contact, error: errors.ConnectError, *, at: datetime) -> bool:
    """Whether Amazon Connect knows the contact no more, or will not tell and the call cannot have lasted until now."""
    lasts = at - (contact.initiated_at or contact.requested_at)
    is_unknown = error.args[:1] == ("ResourceNotFoundException",)
    return lasts > LONGEST_CALL or (is_unknown and lasts > UNKNOWN_AFTER)


def _give_up(contact: Contact, error: errors.ConnectError, *, at: datetime) -> None:
    """Keep the contact as ended at a time nobody knows, and say so on its timeline."""
    logger.warning(
        "contact_given_up",
        extra={"contact": str(contact.pk), "code": error.code, "cause": str(error)},
    )

    def write() -> None:
        contact.lock()
        end_legs(contact=contact, at=at)
        facts = ContactFacts(ended_at=at, disconnect_reason=UNTOLD)
        apply_facts(contact=contact, facts=facts, at=at)
        write_entry(contact, PortalEvent.GIVEN_UP, at=at, code=error.code, cause=str(error))

    commit(write, patience_s=LONG_S)
