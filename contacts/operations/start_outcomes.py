"""Commits what became of a start, whoever asked Amazon Connect: the request itself, its repeat, or the worker.

Several may come to tell; the contact's conditional UPDATE decides who was first, and the others tell what the first has stored.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from contacts import connect, errors
from contacts.choices import ContactState, ParticipantRole, PortalEvent
from contacts.commits import LONG_S, commit, insist
from contacts.follow_ups import FollowUp, leave
from contacts.models import Contact, ContactEvent
from contacts.operations.counting import count_state_on_commit
from contacts.operations.ending import stop_contact
from contacts.operations.inbox import apply_parked_events
from contacts.operations.timeline import write_entry
from contacts.push import publish_on_commit
from contacts.sealing import seal

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class StartedCall:
    """A started call with what its customer joins with: Meeting and Attendee."""

    contact: Contact
    connection: dict[str, Any]
    replayed: bool = False


def store_failure(
    contact: Contact,
    error: errors.ConnectError,
    at: datetime,
    *,
    connect_contact_id: str | None = None,
) -> errors.UnableToStartCall:
    """Keep the contact as failed with its cause, and return the error that names it.

    `connect_contact_id` is that of a contact which Amazon Connect had, but nobody can join.
    """
    # A refusal that ends a contact elsewhere means, of a contact that never was, that our configuration is wrong.
    code = error.code if error.code != errors.ConnectContactGone.code else "upstream_configuration"
    cause = str(error)[:1000]

    def write() -> None:
        failed = contact.advance(
            ContactState.FAILED,
            ended_at=at,
            failure_code=code,
            failure_detail=cause,
            connect_contact_id=connect_contact_id,
        )
        if failed:
            count_state_on_commit(contact)
            contact.participants.update(left_at=at)
            write_entry(contact, PortalEvent.START_FAILED, at=at, cause=cause)
            publish_on_commit(contact)
            if isinstance(error, errors.ConnectUnanswered):
                leave(FollowUp.STOP_UNANSWERED, contact)

    commit(write, patience_s=LONG_S)
    logger.warning(
        "call_start_failed", extra={"contact": str(contact.pk), "code": code, "cause": cause}
    )
    return errors.UnableToStartCall(code=code, contact_id=contact.pk, reference=contact.reference)


def store_result(
    contact: Contact,
    started: connect.StartedContact,
    clock: Callable[[], datetime],
    *,
    from_page: bool = False,
) -> StartedCall:
    """Commit what Amazon Connect answered, apply events that overtook it, and honour an end asked for meanwhile.

    A page of ours that is given the call counts as gone until it shows itself.

    :raises UnableToStartCall: the answer brings no connection, or the start was given up meanwhile.
    :raises ContactOver: it was finished by another, and is over by now.
    """
    at = clock()
    if started.connection is None:
        if stop_unusable(contact, started.contact_id) is not None:
            leave(FollowUp.STOP_UNANSWERED, contact)
        raise store_failure(
            contact,
            errors.ConnectUnavailable("answered without ConnectionData"),
            at,
            connect_contact_id=started.contact_id,
        )
    first = commit(
        lambda: _write_result(contact, started, at, left_at=clock() if from_page else None),
        patience_s=LONG_S,
    )
    if contact.state == ContactState.FAILED:
        raise failure_of(contact)
    if not first and contact.is_over:
        raise errors.ContactOver(contact.reference)
    # Not before the commit: an event that cannot see the contact yet is parked.
    parked = ContactEvent.objects.parked().filter(connect_contact_id=contact.connect_contact_id)
    if insist(parked.exists):
        apply_parked_events(contact=contact, at=at)
        contact.refresh_from_db()
    if contact.end_requested_at is not None and not contact.is_over:
        _stop_late(contact, clock)
    return StartedCall(contact=contact, connection=started.connection, replayed=not first)


def _write_result(
    contact: Contact, started: connect.StartedContact, at: datetime, *, left_at: datetime | None
) -> bool:
    first = contact.advance(
        ContactState.INITIATED,
        connect_contact_id=started.contact_id,
        initiated_at=at,
        customer_left_at=left_at,
    )
    if first:
        count_state_on_commit(contact)
        contact.participants.filter(role=ParticipantRole.CUSTOMER).update(
            connect_id=started.participant_id,
            sealed_token=seal(started.participant_token),
            sealed_connection=seal(started.connection),
        )
        write_entry(contact, PortalEvent.STARTED, at=at, connect_contact_id=started.contact_id)
        publish_on_commit(contact)
    return first


def failure_of(contact: Contact) -> errors.UnableToStartCall:
    """Return the error that a failed contact was kept with."""
    return errors.UnableToStartCall(
        code=contact.failure_code, contact_id=contact.pk, reference=contact.reference
    )


def stop_unusable(contact: Contact, connect_contact_id: str) -> errors.ConnectError | None:
    """Stop a contact nobody can join: a repeated client token may bring the contact id alone.

    Returns what kept Amazon Connect from stopping it, if anything did.
    """
    try:
        connect.stop_contact(
            instance_id=contact.connect_instance_id, contact_id=connect_contact_id
        )
    except errors.ConnectContactGone:
        return None
    except errors.ConnectError as error:
        logger.warning(
            "unusable_contact_not_stopped", extra={"contact": str(contact.pk), "code": error.code}
        )
        return error
    return None


def _stop_late(contact: Contact, clock: Callable[[], datetime]) -> None:
    """Stop a call whose customer left while it was being started."""
    try:
        stop_contact(contact=contact, clock=clock)
    except errors.ConnectError:
        leave(FollowUp.STOP, contact)
