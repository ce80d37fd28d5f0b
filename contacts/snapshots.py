"""The one shape in which a contact is shown: to the API, over the socket and in pages. Never holds a token."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TypedDict

from contacts.choices import ContactState, ParticipantRole
from contacts.models import Contact, Participant

FRAME_FORMAT = 1


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


class StatusFrame(TypedDict):
    """What the socket sends: a whole snapshot with the version it shows."""

    v: int
    version: int
    type: str
    contact: ContactSnapshot


def snapshot_of(contact: Contact) -> ContactSnapshot:
    """Return the snapshot of a contact. Reads its entry point and participants."""
    participants = list(contact.participants.all())
    agents = [one for one in participants if one.role == ParticipantRole.AGENT]
    return {
        "id": str(contact.pk),
        "reference": contact.reference,
        "entry_point": contact.entry_point.slug,
        "state": contact.state,
        "end_reason": contact.end_reason or None,
        "queue": (
            {"position": None, "estimated_wait_s": None}
            if contact.state == ContactState.QUEUED
            else None
        ),
        "on_hold": contact.on_hold,
        "agent": {"display_name": agents[-1].display_name} if agents else None,
        "participants": [_participant_snapshot(one) for one in participants],
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


def timestamp(at: datetime | None) -> str | None:
    """Return a time as RFC 3339 in UTC with milliseconds, as JavaScript writes it."""
    if at is None:
        return None
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _participant_snapshot(participant: Participant) -> ParticipantSnapshot:
    return {
        "id": str(participant.pk),
        "role": participant.role,
        "display_name": participant.display_name,
        "joined_at": timestamp(participant.joined_at),
        "left_at": timestamp(participant.left_at),
    }
