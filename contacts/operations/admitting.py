"""Lets guests into a call: the intent is committed, Amazon Connect is asked for a participant, and the result is committed.

As with a start, the same client token never lets in a second person: whoever finds an admission that nobody finished
repeats it, or has it undone. Amazon Connect takes further people only once an agent has answered, so before that guests
wait; their pages ask again when they are told that the call is connected.
"""

from __future__ import annotations

import logging
import uuid
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from contacts import connect, connect_participants, errors
from contacts.choices import ContactState, ParticipantRole, PortalEvent
from contacts.commits import LONG_S, commit
from contacts.connect_client import longest_request_s
from contacts.follow_ups import FollowUp, leave
from contacts.models import Contact, Invitation, Participant
from contacts.operations.disconnecting import disconnect_guest, let_go
from contacts.operations.inviting import tell
from contacts.operations.transfers import connected_leg
from contacts.sealing import UnableToUnseal, seal, unseal

logger = logging.getLogger(__name__)

NAMELESS = "Guest"  # what the agent sees of a guest who gives no name


def admit_guest(
    *, invitation: Invitation, clock: Callable[[], datetime], renew: bool = False
) -> dict[str, Any]:
    """Return Meeting and Attendee with which the guest of an accepted invitation joins; the same ones until they leave.

    Amazon Connect takes a participant back for 60 seconds after losing it. `renew` gives up the one there is for another.

    :raises InvitationGone: the invitation was revoked.
    :raises ContactOver: the call is over.
    :raises ContactNotConnected: no agent has answered yet.
    :raises IdempotencyInProgress: another request of the same guest's may still be at work.
    :raises ConnectConflict: the call is full, or something else is being done to it.
    :raises ConnectError: Amazon Connect refused, failed or did not answer in time.
    """
    contact = Contact.objects.select_related("entry_point").get(pk=invitation.contact_id)
    _check(contact, invitation)
    guest = invitation.participants.filter(left_at__isnull=True).first()
    if guest is not None and renew and guest.sealed_connection:
        disconnect_guest(participant=guest, clock=clock)
        guest = invitation.participants.filter(left_at__isnull=True).first()
    if guest is None:
        guest = _store_intent(contact, invitation, clock())
    elif guest.sealed_connection:
        return _opened(guest)
    elif not guest.sealed_token and clock() < guest.created_at + _longest():
        raise errors.IdempotencyInProgress(contact.reference)
    return _admit(contact, guest, clock)


def connection_of_guest(*, invitation: Invitation) -> dict[str, Any] | None:
    """Return what the guest joined with, if they may come back with it, after a reload. Asks and writes nothing.

    :raises ContactOver: it cannot be opened any more.
    """
    guest = invitation.participants.filter(left_at__isnull=True).first()
    return _opened(guest) if guest is not None and guest.sealed_connection else None


def settle_admission(*, participant: Participant, clock: Callable[[], datetime]) -> None:
    """Undo an admission that nobody finished: find the participant Amazon Connect may have made, and let them go.

    :raises ConnectError: Amazon Connect could not be asked now.
    """
    if participant.left_at is not None or participant.sealed_connection:
        return
    contact = participant.contact
    if not contact.is_over and not participant.sealed_token:
        try:
            _ask(contact, participant)
        except (errors.ContactNotConnected, errors.ConnectError) as error:
            if isinstance(error, errors.ConnectUnavailable | errors.ConnectBusy):
                raise
            _drop_intent(participant, error, clock())
            return
    disconnect_guest(participant=participant, clock=clock)


def _check(contact: Contact, invitation: Invitation) -> None:
    if contact.is_over or contact.end_requested_at is not None:
        raise errors.ContactOver(contact.reference)
    if invitation.place is None or invitation.accepted_at is None:
        raise errors.InvitationGone
    if contact.state != ContactState.CONNECTED:
        raise errors.ContactNotConnected(contact.reference)


def _store_intent(contact: Contact, invitation: Invitation, at: datetime) -> Participant:
    """Commit who is about to be asked for, unless the call ended or the place was taken back meanwhile."""
    guest = Participant(
        contact=contact,
        role=ParticipantRole.GUEST,
        invitation=invitation,
        client_token=uuid.uuid4(),
        display_name=invitation.guest_name or NAMELESS,
        created_at=at,
    )

    def write() -> None:
        _check(contact.lock(), Invitation.objects.get(pk=invitation.pk))
        there = invitation.participants.filter(left_at__isnull=True).first()
        if there == guest:
            return  # only the acknowledgement of its commit was lost
        if there is not None:  # another request of the same guest's was first
            raise errors.IdempotencyInProgress(contact.reference)
        guest.save(force_insert=True)
        Contact.objects.filter(pk=contact.pk, had_guests=False).update(had_guests=True)
        leave(FollowUp.SETTLE_ADMISSION, guest, at=at + 2 * _longest())

    commit(write)
    return guest


def _admit(contact: Contact, guest: Participant, clock: Callable[[], datetime]) -> dict[str, Any]:
    try:
        if not guest.sealed_token:
            _ask(contact, guest)
        connection = connect_participants.meeting_connection(
            participant_token=unseal(guest.sealed_token)
        )
    except errors.ConnectContactGone as error:
        if not guest.connect_id:
            _drop_intent(guest, error, clock())
            raise errors.ContactOver(contact.reference) from error
        let_go(participant=guest, at=clock())
        raise errors.ConnectConflict(*error.args) from error
    except (errors.ConnectUnavailable, errors.ConnectBusy):
        raise  # the intent stays: the same client token asks again
    except (errors.ConnectError, errors.ContactNotConnected) as error:
        _drop_intent(guest, error, clock())
        raise
    return _store_result(contact, guest, connection, clock)


def _ask(contact: Contact, guest: Participant) -> None:
    """Have Amazon Connect make the participant, and keep how it knows them.

    :raises ContactNotConnected: no agent talks with the customer just now, as while a transfer waits for the next.
    :raises ConnectError: see `connect_participants.create_participant`.
    """
    leg = connected_leg(contact)
    if leg is None:
        raise errors.ContactNotConnected(contact.reference)
    invitation = guest.invitation
    admitted = connect_participants.create_participant(
        connect_participants.AdmissionRequest(
            instance_id=contact.connect_instance_id,
            contact_id=leg,
            client_token=str(guest.client_token),
            display_name=guest.display_name,
            capabilities=connect.Capabilities(
                video=invitation is not None and invitation.video,
                screen_share=invitation is not None and invitation.screen_share,
            ),
        )
    )
    guest.connect_id = admitted.participant_id
    guest.sealed_token = seal(admitted.participant_token)
    there = Participant.objects.filter(pk=guest.pk, left_at__isnull=True)
    made = {"connect_id": guest.connect_id, "sealed_token": guest.sealed_token}
    commit(partial(there.update, **made), patience_s=LONG_S)


def _store_result(
    contact: Contact,
    guest: Participant,
    connection: dict[str, Any],
    clock: Callable[[], datetime],
) -> dict[str, Any]:
    """Commit the connection, unless the guest was removed or the call ended while Amazon Connect was asked."""
    at, sealed = clock(), seal(connection)

    def write() -> bool:
        contact.lock()
        invitation = Invitation.objects.get(participants=guest)
        there = Participant.objects.filter(pk=guest.pk, left_at__isnull=True)
        wanted = invitation.place is not None and there.exists()
        if wanted and there.update(sealed_connection=sealed, joined_at=at):
            tell(contact, PortalEvent.GUEST_ADMITTED, invitation, at=at)
        return wanted

    if commit(write, patience_s=LONG_S):
        return connection
    disconnect_guest(participant=guest, clock=clock)
    raise errors.InvitationGone


def _drop_intent(guest: Participant, error: Exception, at: datetime) -> None:
    """Forget an admission that Amazon Connect refused: that person was never in the call."""
    invitation = guest.invitation

    def write() -> None:
        guest.contact.lock()
        deleted, _ = Participant.objects.filter(pk=guest.pk, connect_id="").delete()
        if deleted and invitation is not None:
            tell(guest.contact, PortalEvent.GUEST_REFUSED, invitation, at=at)
            # Its events may have told too little: that the call is over, for one.
            leave(FollowUp.REFRESH, guest.contact)

    commit(write, patience_s=LONG_S)
    logger.warning(
        "guest_not_admitted", extra={"contact": str(guest.contact_id), "cause": str(error)}
    )


def _opened(guest: Participant) -> dict[str, Any]:
    try:
        connection: dict[str, Any] = unseal(guest.sealed_connection)
    except UnableToUnseal as error:
        raise errors.ContactOver from error
    return connection


def _longest() -> timedelta:
    """How long one admission may take: two requests."""
    return timedelta(seconds=2 * longest_request_s())
