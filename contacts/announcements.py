"""Tells, within the transaction of a change, those who want to know of it what happened to a partner's call.

Whoever listens writes in the same transaction: what they keep exists exactly if the change does. Nothing announced says who
the customer is.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from django.dispatch import Signal

from contacts.choices import ParticipantRole, PartnerEventType
from contacts.models import CallbackRequest, Contact, Invitation, Participant, QualitySpell
from contacts.snapshots import timestamp

announced = Signal()
"""Sent with `announcements`, a list of them, inside the transaction; a receiver that fails undoes the change."""
erased = Signal()
"""Sent with `contact_ids` inside the transaction that erases the contacts' personal data."""


@dataclass(frozen=True, slots=True)
class Announcement:
    """One thing that happened, to be told to one partner."""

    type: PartnerEventType
    partner_id: UUID
    contact_id: UUID | None
    data: Mapping[str, Any]
    at: datetime
    is_test: bool = False


@dataclass(frozen=True, slots=True)
class News:
    """A kind of thing that happened to a contact, and what is said of it besides the contact."""

    type: PartnerEventType
    about: Mapping[str, Any] = field(default_factory=dict)


def announce(contact: Contact, news: Sequence[News], *, at: datetime) -> None:
    """Announce what happened to a contact, as it is now, if it is a partner's. Runs inside the caller's transaction."""
    if contact.partner_id is None or not news:
        return
    now = Contact.objects.select_related("entry_point").get(pk=contact.pk)
    shown = contact_told(now)
    _send(
        [
            Announcement(
                one.type,
                contact.partner_id,
                contact.pk,
                {"contact": shown, **one.about},
                at,
                is_test=contact.is_test,
            )
            for one in news
        ]
    )


def announce_callback(callback: CallbackRequest) -> None:
    """Announce that somebody wants to be called. Runs inside the caller's transaction."""
    if callback.partner_id is None:
        return
    about = {
        "id": str(callback.pk),
        "reference": callback.reference,
        "entry_point": callback.entry_point.slug,
        "preferred_at": timestamp(callback.preferred_at),
        "requested_at": timestamp(callback.requested_at),
    }
    data = {"contact": None, "callback": about}
    kind = PartnerEventType.CALLBACK_REQUESTED
    _send([Announcement(kind, callback.partner_id, None, data, callback.requested_at)])


def contact_told(contact: Contact) -> dict[str, Any]:
    """Return what is told of a contact; `seq` is its version: of two, the higher is the later."""
    return {
        "id": str(contact.pk),
        "reference": contact.reference,
        "seq": contact.version,
        "entry_point": contact.entry_point.slug,
        "state": contact.state,
        "end_reason": contact.end_reason or None,
        "failure_code": contact.failure_code or None,
        "participants": [participant_told(one) for one in contact.participants.all()],
        "requested_at": timestamp(contact.requested_at),
        "initiated_at": timestamp(contact.initiated_at),
        "queued_at": timestamp(contact.queued_at),
        "connected_at": timestamp(contact.connected_at),
        "ended_at": timestamp(contact.ended_at),
    }


def participant_told(participant: Participant) -> dict[str, Any]:
    """Return what is told of a person in a call: not their name."""
    return {
        "id": str(participant.pk),
        "role": participant.role,
        "joined_at": timestamp(participant.joined_at),
        "left_at": timestamp(participant.left_at),
    }


def invitation_told(invitation: Invitation, *, at: datetime) -> dict[str, Any]:
    """Return what is told of an invitation: neither its link nor its guest's name."""
    return {
        "id": str(invitation.pk),
        "role": invitation.role,
        "state": invitation.state(at=at),
        "expires_at": timestamp(invitation.expires_at),
    }


def spell_told(spell: QualitySpell) -> dict[str, Any]:
    """Return what is told of a while in somebody's browser: whether the customer's or a guest's, not whose."""
    return {
        "kind": spell.kind,
        "cause": spell.cause or None,
        "by": ParticipantRole.CUSTOMER if spell.invitation_id is None else ParticipantRole.GUEST,
        "began_at": timestamp(spell.began_at),
        "ended_at": timestamp(spell.ended_at),
    }


def _send(announcements: Sequence[Announcement]) -> None:
    announced.send(sender=Announcement, announcements=announcements)
