"""Takes guests out of a call: because they leave, because the customer revokes their place, or because nobody let them in fully."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from datetime import datetime

from contacts import connect_participants, errors
from contacts.choices import ParticipantRole, PortalEvent
from contacts.commits import LONG_S, commit
from contacts.follow_ups import FollowUp, leave
from contacts.models import NO_SECRETS, Invitation, Participant
from contacts.operations.inviting import tell
from contacts.operations.participant_tokens import with_connection_token


def revoke_invitation(
    *, invitation: Invitation, clock: Callable[[], datetime], later: bool = False
) -> None:
    """Take a link or a place back; a guest who is in the call is taken out of it. Repeating it changes nothing.

    The wish is stored before Amazon Connect is asked. If Amazon Connect cannot be reached, a task asks it again. With
    `later`, it is all left to that task.

    :raises ConnectMisconfigured, ConnectForbidden, ConnectWrongRegion: Amazon Connect will not take the request.
    """
    at = clock()

    def write() -> None:
        invitation.contact.lock()
        revoked = Invitation.objects.filter(pk=invitation.pk, revoked_at__isnull=True).update(
            revoked_at=at, place=None
        )
        if revoked:
            tell(invitation.contact, PortalEvent.INVITATION_REVOKED, invitation, at=at)

    commit(write)
    invitation.refresh_from_db()
    if not later:
        leave_call(invitation=invitation, clock=clock)
        return
    for guest in invitation.participants.filter(left_at__isnull=True):
        leave(FollowUp.DISCONNECT, guest)


def remove_participant(*, participant: Participant, clock: Callable[[], datetime]) -> None:
    """Take a guest out of the call, and their place back. Repeating it changes nothing. Refreshes `participant`.

    :raises ParticipantStays: they are the customer or an agent, who leave when the call ends.
    :raises ConnectMisconfigured, ConnectForbidden, ConnectWrongRegion: Amazon Connect will not take the request.
    """
    if participant.role != ParticipantRole.GUEST or participant.invitation is None:
        raise errors.ParticipantStays(str(participant.pk))
    revoke_invitation(invitation=participant.invitation, clock=clock)
    participant.refresh_from_db()


def leave_call(*, invitation: Invitation, clock: Callable[[], datetime]) -> None:
    """Take an invitation's guest out of the call; the place remains theirs unless it was revoked.

    :raises ConnectMisconfigured, ConnectForbidden, ConnectWrongRegion: Amazon Connect will not take the request.
    """
    for guest in invitation.participants.filter(left_at__isnull=True):
        try:
            disconnect_guest(participant=guest, clock=clock)
        except errors.ConnectError as error:
            if not error.retryable:
                raise
            leave(FollowUp.DISCONNECT, guest)


def disconnect_guest(*, participant: Participant, clock: Callable[[], datetime]) -> None:
    """Have Amazon Connect take a guest out of the call, and note that they left.

    One whom Amazon Connect has not answered about yet is let go when it does.

    :raises ConnectError: Amazon Connect refused, failed or did not answer in time.
    """
    there = Participant.objects.filter(pk=participant.pk, left_at__isnull=True).first()
    if there is None or not there.sealed_token:
        return
    with contextlib.suppress(errors.ConnectContactGone):  # they were gone already
        with_connection_token(there, _disconnect, clock=clock)
    let_go(participant=participant, at=clock())


def let_go(*, participant: Participant, at: datetime) -> None:
    """Note that a guest has left, once."""

    def write() -> None:
        participant.contact.lock()
        left = Participant.objects.filter(pk=participant.pk, left_at__isnull=True).update(
            left_at=at, **NO_SECRETS
        )
        if left and participant.invitation is not None:
            tell(participant.contact, PortalEvent.GUEST_LEFT, participant.invitation, at=at)

    commit(write, patience_s=LONG_S)


def _disconnect(connection_token: str) -> None:
    connect_participants.disconnect_participant(connection_token=connection_token)
