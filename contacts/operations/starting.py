"""Starts calls: the intent is committed, then Amazon Connect is asked, then the result is committed.

Whatever fails in between, a row says how far it came, and the same client token never starts a second contact.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import datetime

from django.db import IntegrityError, transaction

from contacts import connect, errors
from contacts.call_references import new_reference
from contacts.choices import ContactState, ParticipantRole, PortalEvent
from contacts.customers import hash_customer_key
from contacts.follow_ups import FollowUp, leave
from contacts.models import Contact, EntryPoint, Participant, Reference
from contacts.operations.call_requests import CallRequest
from contacts.operations.ending import stop_contact
from contacts.operations.inbox import apply_parked_events
from contacts.operations.replaying import StartedCall, answer_again, earlier_contacts
from contacts.operations.timeline import write_entry
from contacts.push import publish_on_commit
from contacts.sealing import seal

logger = logging.getLogger(__name__)

NAMELESS = "Customer"  # Amazon Connect wants a display name of at least one character
REFERENCE_ATTEMPTS = 5


def start_call(
    *,
    entry_point: EntryPoint,
    request: CallRequest,
    customer_key: str,
    clock: Callable[[], datetime],
    idempotency_key: str | None = None,
) -> StartedCall:
    """Start a call. The same customer key and idempotency key return the same call, however often they come.

    :raises InvalidCall: the request breaks a limit; nothing is stored.
    :raises EntryPointClosed: the entry point takes no calls now; nothing is stored.
    :raises IdempotencyMismatch: the idempotency key was used for another request.
    :raises IdempotencyInProgress: the first request with the key is still being answered.
    :raises ContactOver: the key's call has ended.
    :raises UnableToStartCall: Amazon Connect refused or failed; the contact is kept as failed, with the cause.
    """
    if idempotency_key and earlier_contacts(customer_key, idempotency_key).exists():
        return answer_again(entry_point, request, customer_key, idempotency_key)
    if not entry_point.is_open:
        raise errors.EntryPointClosed(entry_point.slug)
    problems = request.problems(entry_point)
    if problems:
        raise errors.InvalidCall(problems)
    contact = _store_intent(entry_point, request, customer_key, idempotency_key, clock())
    if contact is None:
        return answer_again(entry_point, request, customer_key, idempotency_key)
    try:
        started = connect.start_webrtc_contact(_start_request(contact, request))
    except errors.ConnectError as error:
        raise _store_failure(contact, error, clock()) from error
    return _store_result(contact, started, clock)


def _store_intent(
    entry_point: EntryPoint,
    request: CallRequest,
    customer_key: str,
    idempotency_key: str | None,
    at: datetime,
) -> Contact | None:
    """Commit what is about to be asked. None if the idempotency key was used before."""
    for _ in range(REFERENCE_ATTEMPTS):
        contact = _new_contact(entry_point, request, customer_key, idempotency_key, at)
        try:
            with transaction.atomic():
                contact.save(force_insert=True)
                _store_people_and_references(contact, request, at)
                write_entry(contact, PortalEvent.REQUESTED, at=at)
        except IntegrityError:
            if (
                idempotency_key is not None
                and earlier_contacts(customer_key, idempotency_key).exists()
            ):
                return None
            if not Contact.objects.filter(reference=contact.reference).exists():
                raise
        else:
            return contact
    raise errors.ContactsError("no free reference found")


def _new_contact(
    entry_point: EntryPoint,
    request: CallRequest,
    customer_key: str,
    idempotency_key: str | None,
    at: datetime,
) -> Contact:
    return Contact(
        reference=new_reference(),
        entry_point=entry_point,
        name=request.name.strip(),
        description=request.description,
        attributes=dict(request.attributes),
        locale=request.locale,
        customer_video=_granted(request.customer_video, entry_point.customer_video),
        customer_screen_share=_granted(
            request.customer_screen_share, entry_point.customer_screen_share
        ),
        agent_video=_granted(request.agent_video, entry_point.agent_video),
        agent_screen_share=_granted(request.agent_screen_share, entry_point.agent_screen_share),
        customer_key_hash=hash_customer_key(customer_key),
        idempotency_key=idempotency_key,
        body_hash=request.digest(entry_point),
        connect_instance_id=entry_point.instance_id,
        requested_at=at,
    )


def _store_people_and_references(contact: Contact, request: CallRequest, at: datetime) -> None:
    Participant.objects.create(
        contact=contact,
        role=ParticipantRole.CUSTOMER,
        display_name=contact.name or NAMELESS,
        created_at=at,
    )
    Reference.objects.bulk_create(
        Reference(contact=contact, key=key, type=given.type, value=given.value)
        for key, given in request.references.items()
    )


def _start_request(contact: Contact, request: CallRequest) -> connect.StartRequest:
    return connect.StartRequest(
        instance_id=contact.connect_instance_id,
        contact_flow_id=contact.entry_point.contact_flow_id,
        client_token=str(contact.client_token),
        display_name=contact.name or NAMELESS,
        description=contact.description,
        attributes=contact.attributes,
        references={key: (given.type, given.value) for key, given in request.references.items()},
        customer=connect.Capabilities(contact.customer_video, contact.customer_screen_share),
        agent=connect.Capabilities(contact.agent_video, contact.agent_screen_share),
    )


def _store_failure(
    contact: Contact, error: errors.ConnectError, at: datetime
) -> errors.UnableToStartCall:
    """Keep the contact as failed with its cause, and return the error that names it."""
    # A refusal that ends a contact elsewhere means, of a contact that never was, that our configuration is wrong.
    code = error.code if error.code != errors.ConnectContactGone.code else "upstream_configuration"
    with transaction.atomic():
        contact.advance(
            ContactState.FAILED, ended_at=at, failure_code=code, failure_detail=str(error)[:1000]
        )
        contact.participants.update(left_at=at)
        write_entry(contact, PortalEvent.START_FAILED, at=at, cause=str(error)[:1000])
        publish_on_commit(contact)
    logger.warning(
        "call_start_failed", extra={"contact": str(contact.pk), "code": code, "cause": str(error)}
    )
    return errors.UnableToStartCall(code=code, contact_id=contact.pk, reference=contact.reference)


def _store_result(
    contact: Contact, started: connect.StartedContact, clock: Callable[[], datetime]
) -> StartedCall:
    """Commit what Amazon Connect answered, apply events that overtook it, and honour an end asked for meanwhile."""
    at = clock()
    if started.connection is None:
        _stop_unusable(contact, started)
        raise _store_failure(
            contact, errors.ConnectUnavailable("answered without ConnectionData"), at
        )
    with transaction.atomic():
        contact.advance(
            ContactState.INITIATED, connect_contact_id=started.contact_id, initiated_at=at
        )
        contact.participants.filter(role=ParticipantRole.CUSTOMER).update(
            connect_id=started.participant_id,
            sealed_token=seal(started.participant_token),
            sealed_connection=seal(started.connection),
        )
        write_entry(contact, PortalEvent.STARTED, at=at, connect_contact_id=started.contact_id)
        publish_on_commit(contact)
    # Not before the commit: an event that cannot see the contact yet is parked.
    apply_parked_events(contact=contact, at=at)
    contact.refresh_from_db()
    if contact.end_requested_at is not None and not contact.is_over:
        _stop_late(contact, clock)
    return StartedCall(contact=contact, connection=started.connection)


def _stop_unusable(contact: Contact, started: connect.StartedContact) -> None:
    """Stop a contact nobody can join: a repeated client token may bring the contact id alone."""
    try:
        connect.stop_contact(
            instance_id=contact.connect_instance_id, contact_id=started.contact_id
        )
    except errors.ConnectError as error:
        logger.warning(
            "unusable_contact_not_stopped", extra={"contact": str(contact.pk), "code": error.code}
        )


def _stop_late(contact: Contact, clock: Callable[[], datetime]) -> None:
    """Stop a call whose customer left while it was being started."""
    try:
        stop_contact(contact=contact, clock=clock)
    except errors.ConnectError:
        leave(FollowUp.STOP, contact)


def _granted(asked: bool | None, allowed: bool) -> bool:
    return allowed if asked is None else asked and allowed
