"""Writes the portal's own entries of a contact's timeline, and announces those that a partner is told of."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from datetime import datetime
from typing import Any

from contacts.announcements import (
    News,
    announce,
    invitation_told,
    participant_told,
    spell_told,
)
from contacts.choices import EventSource, PartnerEventType, PortalEvent
from contacts.models import Contact, ContactEvent, QualitySpell, Survey
from contacts.snapshots import timestamp

ANNOUNCED = {
    PortalEvent.REQUESTED: PartnerEventType.CONTACT_CREATED,
    PortalEvent.START_FAILED: PartnerEventType.CONTACT_FAILED,
    PortalEvent.INVITED: PartnerEventType.INVITATION_CREATED,
    PortalEvent.INVITATION_ACCEPTED: PartnerEventType.INVITATION_USED,
    PortalEvent.INVITATION_REVOKED: PartnerEventType.INVITATION_REVOKED,
    PortalEvent.GUEST_ADMITTED: PartnerEventType.PARTICIPANT_JOINED,
    PortalEvent.GUEST_LEFT: PartnerEventType.PARTICIPANT_LEFT,
    PortalEvent.SURVEY_SUBMITTED: PartnerEventType.SURVEY_SUBMITTED,
    PortalEvent.QUALITY_DEGRADED: PartnerEventType.QUALITY_DEGRADED,
}


def write_entry(contact: Contact, event: PortalEvent, *, at: datetime, **detail: Any) -> None:
    """Add an entry, with the state and version the contact has now. `detail` must hold no token."""
    ContactEvent.objects.create(
        event_id=str(uuid.uuid4()),
        contact=contact,
        connect_contact_id=contact.connect_contact_id or "",
        source=EventSource.PORTAL,
        type=event,
        occurred_at=at,
        received_at=at,
        state=contact.state,
        version=contact.version,
        detail=detail,
    )
    told = ANNOUNCED.get(event)
    if told is not None and contact.partner_id is not None:
        announce(contact, [News(told, _about(contact, told, detail, at))], at=at)


def _about(
    contact: Contact, kind: PartnerEventType, detail: dict[str, Any], at: datetime
) -> dict[str, Any]:
    subject = kind.partition(".")[0]
    tell = _ABOUT.get(subject)
    return {} if tell is None else {subject: tell(contact, detail, at)}


def _invitation(contact: Contact, detail: dict[str, Any], at: datetime) -> dict[str, Any]:
    return invitation_told(contact.invitations.get(pk=detail["invitation"]), at=at)


def _guest(contact: Contact, detail: dict[str, Any], at: datetime) -> dict[str, Any]:
    latest = contact.participants.filter(invitation=detail["invitation"]).order_by("created_at")
    return participant_told(latest.reverse()[0])


def _survey(contact: Contact, detail: dict[str, Any], at: datetime) -> dict[str, Any]:
    survey = Survey.objects.get(contact=contact)
    return {
        "rating": survey.rating,
        "technical_problem": survey.technical_problem or None,
        "submitted_at": timestamp(survey.submitted_at),
    }


def _spell(contact: Contact, detail: dict[str, Any], at: datetime) -> dict[str, Any]:
    return spell_told(QualitySpell.objects.get(pk=detail["spell"]))


_ABOUT: dict[str, Callable[[Contact, dict[str, Any], datetime], dict[str, Any]]] = {
    "invitation": _invitation,
    "participant": _guest,
    "quality": _spell,
    "survey": _survey,
}
