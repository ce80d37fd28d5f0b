"""Adds one more person to a call at once, for a customer whose own program or device joins for them: no link, no waiting."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from contacts import errors
from contacts.choices import ContactState
from contacts.limits import NAME_MAX_CHARACTERS, text_problems
from contacts.models import Contact, Invitation
from contacts.operations.admitting import admit_guest
from contacts.operations.disconnecting import revoke_invitation
from contacts.operations.inviting import LONGEST_LIFE, take_place


@dataclass(frozen=True, slots=True)
class AddedParticipant:
    """A person added to a call, with the Meeting and Attendee they join with."""

    invitation: Invitation
    connection: dict[str, Any]
    replayed: bool = False


def add_participant(
    *,
    contact: Contact,
    name: str,
    clock: Callable[[], datetime],
    idempotency_key: str | None = None,
) -> AddedParticipant:
    """Add a person to a call. The same idempotency key adds the same one, however often it comes.

    :raises InvalidCall: the name breaks a limit.
    :raises ContactNotConnected: no agent has answered yet.
    :raises ContactOver: the call is over.
    :raises PlacesTaken: as many are invited as the call has places for.
    :raises IdempotencyMismatch, IdempotencyInProgress: as `start_call`.
    :raises InvitationGone: the key's place was taken back.
    :raises ConnectConflict: the call is full, or something else is being done to it.
    :raises ConnectError: Amazon Connect refused, failed or did not answer in time.
    """
    if problems := list(text_problems("/name", name, longest=NAME_MAX_CHARACTERS)):
        raise errors.InvalidCall(problems)
    if contact.state in (ContactState.REQUESTED, ContactState.INITIATED, ContactState.QUEUED):
        raise errors.ContactNotConnected(contact.reference)
    at = clock()
    made = take_place(
        contact=contact,
        draft=Invitation(
            created_at=at, expires_at=at + LONGEST_LIFE, accepted_at=at, guest_name=name.strip()
        ),
        body=["person", name],
        idempotency_key=idempotency_key,
        at=at,
    )
    try:
        connection = admit_guest(invitation=made.invitation, clock=clock)
    except errors.ConnectUnavailable:
        if idempotency_key is None:  # nobody can ask again
            revoke_invitation(invitation=made.invitation, clock=clock)
        raise
    except (errors.ConnectError, errors.ContactNotConnected):
        if not made.replayed:
            revoke_invitation(invitation=made.invitation, clock=clock)
        raise
    return AddedParticipant(made.invitation, connection, replayed=made.replayed)
