"""Invites further people into a call: at most four places, each for the one person who accepts its link, until it is revoked."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Q

from contacts import errors
from contacts.choices import Feature, InvitationState, PortalEvent
from contacts.commits import commit
from contacts.customers import hash_customer_key
from contacts.errors import FieldProblem
from contacts.limits import NAME_MAX_CHARACTERS, text_problems
from contacts.models import PLACES, Contact, Invitation
from contacts.operations.features import require
from contacts.operations.timeline import write_entry
from contacts.push import publish_on_commit
from contacts.tokens import derived_token, hash_token

SHORTEST_LIFE = timedelta(minutes=1)
LONGEST_LIFE = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class MadeInvitation:
    """An invitation, and whether it had been made before with the same idempotency key."""

    invitation: Invitation
    replayed: bool = False


def invite(
    *,
    contact: Contact,
    clock: Callable[[], datetime],
    life: timedelta = LONGEST_LIFE,
    idempotency_key: str | None = None,
) -> MadeInvitation:
    """Make a link with which one person may join the call, from now until it is revoked, expires unused or the call ends.

    :raises InvalidCall: the life is too short or too long.
    :raises FeatureOff: the entry point does without.
    :raises ContactOver: the call is over.
    :raises PlacesTaken: as many are invited as the call has places for.
    :raises IdempotencyMismatch: the idempotency key was used for another request.
    """
    require(Feature.INVITATIONS, contact.entry_point)
    if not SHORTEST_LIFE <= life <= LONGEST_LIFE:
        shortest, longest = (int(one.total_seconds()) for one in (SHORTEST_LIFE, LONGEST_LIFE))
        raise errors.InvalidCall(
            [FieldProblem("/expires_in_s", "bad_value", f"{shortest:,} to {longest:,} seconds.")]
        )
    at = clock()
    return take_place(
        contact=contact,
        draft=Invitation(created_at=at, expires_at=at + life),
        body=["link", life.total_seconds()],
        idempotency_key=idempotency_key,
        at=at,
    )


def accept_invitation(*, token: str, name: str, guest_key: str, at: datetime) -> Invitation:
    """Take the place that a link offers. Whoever did so may do it again, with the same guest key.

    The guest is let into the call by `admit_guest`, once an agent has answered.

    :raises InvalidCall: the name breaks a limit.
    :raises InvitationGone: it was revoked, somebody else used it, it has expired, or the call is over.
    """
    if problems := list(text_problems("/name", name, longest=NAME_MAX_CHARACTERS)):
        raise errors.InvalidCall(problems)
    key_hash = hash_customer_key(guest_key)
    found = (
        Invitation.objects.select_related("contact").filter(token_hash=hash_token(token)).first()
    )
    if found is None:
        raise errors.InvitationGone

    def write() -> Invitation:
        contact = found.contact.lock()
        invitation = contact.invitations.get(pk=found.pk)
        if contact.is_over:
            raise errors.InvitationGone
        state = invitation.state(at=at)
        if state == InvitationState.ACCEPTED and invitation.guest_key_hash == key_hash:
            return invitation
        if state != InvitationState.OPEN or contact.end_requested_at is not None:
            raise errors.InvitationGone
        invitation.guest_name, invitation.guest_key_hash = name.strip(), key_hash
        invitation.accepted_at = at
        invitation.save(update_fields=["guest_name", "guest_key_hash", "accepted_at"])
        tell(contact, PortalEvent.INVITATION_ACCEPTED, invitation, at=at)
        return invitation

    return commit(write)


def take_place(
    *,
    contact: Contact,
    draft: Invitation,
    body: list[object],
    idempotency_key: str | None,
    at: datetime,
) -> MadeInvitation:
    """Store an invitation in a free place. One without a guest gets a link.

    :raises ContactOver, PlacesTaken, IdempotencyMismatch: see `invite`.
    """
    draft.body_hash = hashlib.sha256(json.dumps(body).encode()).hexdigest()
    draft.contact, draft.idempotency_key = contact, idempotency_key
    draft.video, draft.screen_share = contact.customer_video, contact.customer_screen_share
    if draft.accepted_at is None:
        draft.token_hash = hash_token(derived_token(draft.pk))
    # Its own key finds it when only the acknowledgement of its commit was lost.
    same = Q(pk=draft.pk)
    if idempotency_key is not None:
        same |= Q(idempotency_key=idempotency_key)

    def write() -> MadeInvitation:
        locked = contact.lock()
        earlier = contact.invitations.filter(same).first()
        if earlier is not None:
            if earlier.body_hash != draft.body_hash:
                raise errors.IdempotencyMismatch(contact.reference)
            return MadeInvitation(earlier, replayed=earlier.pk != draft.pk)
        if locked.is_over or locked.end_requested_at is not None:
            raise errors.ContactOver(contact.reference)
        draft.place = _free_place(contact, at=at)
        draft.save(force_insert=True)
        tell(contact, PortalEvent.INVITED, draft, at=at)
        return MadeInvitation(draft)

    return commit(write)


def token_of(*, invitation: Invitation, at: datetime) -> str | None:
    """Return the token of the link, for the customer who made it, while somebody may still use it."""
    if invitation.state(at=at) != InvitationState.OPEN:
        return None
    token = derived_token(invitation.pk)
    # Made under another SECRET_KEY: the link still works, and cannot be told again.
    return token if hash_token(token) == invitation.token_hash else None


def tell(contact: Contact, event: PortalEvent, invitation: Invitation, *, at: datetime) -> None:
    """Count a change of the call's people, and have it told to whoever may see it. Runs inside the caller's transaction."""
    contact.bump_version()
    write_entry(contact, event, at=at, invitation=str(invitation.pk))
    publish_on_commit(contact)


def _free_place(contact: Contact, *, at: datetime) -> int:
    contact.invitations.holding_places().expired_unused(at=at).update(place=None)
    taken = set(contact.invitations.holding_places().values_list("place", flat=True))
    free = [place for place in range(1, PLACES + 1) if place not in taken]
    if not free:
        raise errors.PlacesTaken(contact.reference)
    return free[0]
