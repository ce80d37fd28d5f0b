"""Answers a request that was made before as it was answered then: one idempotency key is one call."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from datetime import datetime

from contacts import errors
from contacts.choices import ContactState, ParticipantRole
from contacts.customers import hash_customer_key
from contacts.models import Contact, ContactQuerySet, EntryPoint, Partner
from contacts.operations.call_requests import CallRequest
from contacts.operations.settling import take_over_start
from contacts.operations.start_outcomes import StartedCall, failure_of
from contacts.sealing import UnableToUnseal, unseal


def earlier_contacts(
    customer_key: str,
    idempotency_key: str | None,
    partner: Partner | None = None,
    *,
    is_test: bool = False,
) -> ContactQuerySet:
    """Return the contact that the customer, or the partner, started with the key, if any."""
    contacts = Contact.objects.select_related("entry_point")
    if partner is not None:
        return contacts.filter(
            partner_request_hash=partner_request_hash(partner, idempotency_key, is_test=is_test)
        )
    return contacts.of_customer(hash_customer_key(customer_key)).filter(
        idempotency_key=idempotency_key
    )


def partner_request_hash(
    partner: Partner, idempotency_key: str | None, *, is_test: bool = False
) -> str | None:
    """Return what is stored of the idempotency key of a partner's start. Tests have keys of their own."""
    if idempotency_key is None:
        return None
    whose = f"{partner.pk} test" if is_test else str(partner.pk)
    return hashlib.sha256(f"{whose} {idempotency_key}".encode()).hexdigest()


def answer_again(
    entry_point: EntryPoint,
    request: CallRequest,
    earlier: ContactQuerySet,
    *,
    clock: Callable[[], datetime],
    from_page: bool = False,
) -> StartedCall:
    """Answer a repeated request as the first was answered, or finish what the first could not.

    :raises IdempotencyMismatch: the key was used for another request.
    :raises IdempotencyInProgress: the first request with the key may still be at work.
    :raises ContactOver: the key's call has ended.
    :raises UnableToStartCall: the key's call could not be started.
    """
    contact = earlier.get()
    if contact.body_hash != request.digest(entry_point):
        raise errors.IdempotencyMismatch(contact.reference)
    if contact.state == ContactState.REQUESTED:
        return take_over_start(contact=contact, clock=clock, from_page=from_page)
    if contact.state == ContactState.FAILED:
        raise failure_of(contact)
    customer = contact.participants.get(role=ParticipantRole.CUSTOMER)
    if contact.is_over or not customer.sealed_connection:
        raise errors.ContactOver(contact.reference)
    try:
        connection = unseal(customer.sealed_connection)
    except UnableToUnseal as error:
        raise errors.ContactOver(contact.reference) from error
    return StartedCall(contact=contact, connection=connection, replayed=True)
