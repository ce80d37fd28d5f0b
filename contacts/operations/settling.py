"""Settles starts that nobody finished: a process that died between intent and result leaves its contact `requested`.

The contact's own client token is all that is needed: repeated, it names the contact that Amazon Connect may have begun.
While the customer may still be waiting, their repeated request takes the start over and gets the call. After that
nobody would join it, so it is stopped and kept as failed, by a round of the worker or by a repeat that comes so late.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial

from django.db.models import Q

from contacts import connect, connect_client, errors
from contacts.choices import ContactState, EndedBy, PortalEvent
from contacts.commits import LONG_S, commit
from contacts.limits import GivenReference
from contacts.models import Contact, Lease
from contacts.operations.start_asking import start_request_of
from contacts.operations.start_outcomes import (
    StartedCall,
    failure_of,
    stop_unusable,
    store_failure,
    store_result,
)
from contacts.operations.timeline import write_entry

TOKEN_LIFE = timedelta(
    days=7, hours=-1
)  # then the same client token starts another contact (API reference of StartWebRTCContact)
LEASE = "unfinished-starts"
LEASE_LENGTH = timedelta(seconds=60)  # longer than the two requests that settling takes
ASKED_AGAIN_AFTER = timedelta(seconds=30)  # about a start that could not be settled
PATIENCE = timedelta(minutes=10)  # with an Amazon Connect that cannot be asked
NOBODY_WAITS = "the portal stopped while the call was being started, and nobody waits for it"


def taken_over_after(contact: Contact) -> datetime:
    """Return when the request that began a start has certainly been answered or died."""
    return contact.requested_at + timedelta(seconds=connect_client.longest_request_s())


def unfinished_for() -> timedelta:
    """Return how long a start may be unfinished before it is given up."""
    return 2 * timedelta(seconds=connect_client.longest_request_s())


def take_over_start(
    *, contact: Contact, clock: Callable[[], datetime], from_page: bool = False
) -> StartedCall:
    """Finish a start for its customer, who asks for it again.

    :raises IdempotencyInProgress: the first request may still be at work, or Amazon Connect cannot be asked now.
    :raises UnableToStartCall: the start has failed, or its customer is too late.
    """
    if clock() < taken_over_after(contact):
        raise errors.IdempotencyInProgress(contact.reference)
    try:
        if (
            contact.end_requested_at is not None
            or clock() >= contact.requested_at + unfinished_for()
        ):
            settle_start(contact=contact, clock=clock)
        else:
            return store_result(contact, _ask_again(contact), clock, from_page=from_page)
    except errors.ConnectError as error:
        if error.retryable:
            raise errors.IdempotencyInProgress(contact.reference) from error
        raise store_failure(contact, error, clock()) from error
    if contact.state == ContactState.FAILED:
        raise failure_of(contact)
    raise errors.ContactOver(contact.reference)


def settle_next_start(*, worker: str, clock: Callable[[], datetime]) -> bool:
    """Give up one unfinished start. Returns whether there was one, and Amazon Connect was asked.

    It is not asked while another worker holds the lease.

    :raises ConnectError: Amazon Connect could not be asked now; this start's turn comes again.
    """
    at = clock()
    asked_long_ago = Q(asked_about_at__isnull=True) | Q(asked_about_at__lte=at - ASKED_AGAIN_AFTER)
    unfinished = Contact.objects.filter(
        asked_long_ago, state=ContactState.REQUESTED, requested_at__lte=at - unfinished_for()
    )
    contact = unfinished.order_by("requested_at", "pk").first()
    if contact is None or not Lease.hold(name=LEASE, holder=worker, at=at, length=LEASE_LENGTH):
        return False
    # Stored before the answer: a start that cannot be settled must not keep the others waiting.
    commit(partial(Contact.objects.filter(pk=contact.pk).update, asked_about_at=at))
    is_last_attempt = at - contact.requested_at > PATIENCE
    settle_start(contact=contact, clock=clock, is_last_attempt=is_last_attempt)
    return True


def settle_start(
    *, contact: Contact, clock: Callable[[], datetime], is_last_attempt: bool = False
) -> None:
    """Give an unfinished start up: stop the contact that Amazon Connect may have begun, and keep ours as failed.

    :raises ConnectError: Amazon Connect could not be asked now; not on the last attempt. It ends a contact that nobody
        joins by itself, so that repeating this for longer would only begin contacts.
    """
    if contact.state != ContactState.REQUESTED:
        return
    at = clock()

    def want_end() -> None:
        # Whoever is still at work on the start finds this, and stops what it has started.
        if contact.request_end(by=EndedBy.PORTAL, at=at):
            write_entry(contact, PortalEvent.END_REQUESTED, at=at, by=EndedBy.PORTAL)

    commit(want_end)
    try:
        connect_contact_id = _stop_in_connect(contact, at=at, is_last_attempt=is_last_attempt)
    except errors.ConnectError as error:
        if error.retryable and not is_last_attempt:
            raise
        store_failure(contact, error, clock())
        return
    store_failure(
        contact,
        errors.ConnectUnavailable(NOBODY_WAITS),
        clock(),
        connect_contact_id=connect_contact_id,
    )


def stop_unanswered_start(
    *, contact: Contact, clock: Callable[[], datetime], is_last_attempt: bool = False
) -> None:
    """Stop what Amazon Connect may have begun for a start that failed because its answer was lost.

    :raises ConnectError: Amazon Connect could not be asked now.
    """
    connect_contact_id = _stop_in_connect(contact, at=clock(), is_last_attempt=is_last_attempt)
    unknown = Contact.objects.filter(pk=contact.pk, connect_contact_id=None)
    commit(partial(unknown.update, connect_contact_id=connect_contact_id), patience_s=LONG_S)


def _stop_in_connect(contact: Contact, *, at: datetime, is_last_attempt: bool) -> str | None:
    """Find the contact that Amazon Connect has for the client token, and stop it. Returns its id, None if not to be known.

    :raises ConnectError: Amazon Connect could not be asked now.
    """
    if at - contact.requested_at > TOKEN_LIFE:
        return None
    started = _ask_again(contact)
    hindrance = stop_unusable(contact, started.contact_id)
    if hindrance is not None and hindrance.retryable and not is_last_attempt:
        raise hindrance
    return started.contact_id


def _ask_again(contact: Contact) -> connect.StartedContact:
    """Repeat the request that started the contact.

    :raises ConnectError: Amazon Connect refused, failed or did not answer in time.
    """
    references = {
        reference.key: GivenReference(reference.type, reference.value)
        for reference in contact.references.all()
    }
    return connect.start_webrtc_contact(start_request_of(contact, references))
