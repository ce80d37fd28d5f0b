"""The one shape in which a contact is shown: to the API, over the socket and in pages. Never holds a token."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TypedDict

from django.db.models import Prefetch, QuerySet

from contacts.choices import ContactState, EndReason, ParticipantRole
from contacts.models import Contact, Invitation, Participant
from contacts.topics import FRAME_FORMAT, Frame


class ParticipantSnapshot(TypedDict):
    """One person in the contact."""

    id: str
    role: str
    display_name: str
    joined_at: str | None
    left_at: str | None


class ContactSnapshot(TypedDict):
    """A contact as everybody who may see it sees it."""

    id: str
    reference: str
    entry_point: str
    state: str
    end_reason: str | None
    queue: dict[str, int | None] | None
    on_hold: bool
    agent: dict[str, str] | None
    participants: list[ParticipantSnapshot]
    requested_at: str | None
    initiated_at: str | None
    queued_at: str | None
    connected_at: str | None
    ended_at: str | None


class StatusFrame(Frame):
    """What the socket sends: a whole snapshot with the version it shows."""

    contact: ContactSnapshot


def as_shown() -> QuerySet[Contact]:
    """Return all contacts with just what a snapshot is made of: they are read at every change of each."""
    participants = Participant.objects.only(
        "contact", "role", "display_name", "joined_at", "left_at", "invitation"
    )
    return (
        Contact.objects.select_related("entry_point")
        .prefetch_related(Prefetch("participants", participants))
        .only(
            "version",
            "reference",
            "entry_point__slug",
            "state",
            "end_reason",
            "queue_position",
            "queue_wait_s",
            "on_hold",
            "requested_at",
            "initiated_at",
            "queued_at",
            "connected_at",
            "ended_at",
        )
    )


def snapshot_of(contact: Contact) -> ContactSnapshot:
    """Return the snapshot of a contact. Reads its entry point and participants."""
    participants = list(contact.participants.all())
    agents = [one for one in participants if one.role == ParticipantRole.AGENT]
    if not contact.is_over:  # a call that is being transferred has none for a while
        agents = [one for one in agents if one.left_at is None]
    return {
        "id": str(contact.pk),
        "reference": contact.reference,
        "entry_point": contact.entry_point.slug,
        "state": contact.state,
        "end_reason": contact.end_reason or None,
        "queue": (
            {"position": contact.queue_position, "estimated_wait_s": contact.queue_wait_s}
            if contact.state == ContactState.QUEUED
            else None
        ),
        "on_hold": contact.on_hold,
        "agent": {"display_name": agents[-1].display_name} if agents else None,
        "participants": [participant_snapshot_of(one) for one in participants],
        "requested_at": timestamp(contact.requested_at),
        "initiated_at": timestamp(contact.initiated_at),
        "queued_at": timestamp(contact.queued_at),
        "connected_at": timestamp(contact.connected_at),
        "ended_at": timestamp(contact.ended_at),
    }


def status_frame(contact: Contact) -> StatusFrame:
    """Return what sockets are told of a contact."""
    return {
        "v": FRAME_FORMAT,
        "version": contact.version,
        "type": "contact.status",
        "contact": snapshot_of(contact),
    }


def guest_snapshot_of(contact: Contact, invitation: Invitation) -> ContactSnapshot:
    """Return what a guest may see of the call they are invited to, known to them by their invitation.

    Not how long the customer waits, who was in the call before, or why others left it.
    """
    snapshot = snapshot_of(contact)
    own = {str(one.pk) for one in contact.participants.all() if one.invitation_id == invitation.pk}
    others = [
        one for one in snapshot["participants"] if one["left_at"] is None and one["id"] not in own
    ]
    over = contact.is_over or invitation.place is None
    return {
        **snapshot,
        "id": str(invitation.pk),
        "state": ContactState.ENDED if over else contact.state,
        "end_reason": _guests_end_reason(contact, invitation) if over else None,
        "queue": None,
        "participants": [] if over else others,
        "ended_at": timestamp(invitation.revoked_at or contact.ended_at),
    }


def guest_frame(contact: Contact, invitation: Invitation) -> StatusFrame:
    """Return what a guest's socket is told."""
    return {**status_frame(contact), "contact": guest_snapshot_of(contact, invitation)}


def _guests_end_reason(contact: Contact, invitation: Invitation) -> EndReason:
    if invitation.place is None:
        return EndReason.REMOVED
    return EndReason.AGENT_ENDED if contact.connected_at else EndReason.EXPIRED


def timestamp(at: datetime | None) -> str | None:
    """Return a time as RFC 3339 in UTC with milliseconds, as JavaScript writes it."""
    if at is None:
        return None
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def participant_snapshot_of(participant: Participant) -> ParticipantSnapshot:
    """Return the snapshot of one person."""
    return {
        "id": str(participant.pk),
        "role": participant.role,
        "display_name": participant.display_name,
        "joined_at": timestamp(participant.joined_at),
        "left_at": timestamp(participant.left_at),
    }
