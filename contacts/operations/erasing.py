"""Erases what says who a customer was and what they wanted. The contact stays, with its states, times and ratings, to be counted."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import datetime
from functools import partial
from uuid import UUID

from django.db.models import F

from contacts.announcements import erased
from contacts.choices import EventSource, ParticipantRole, PortalEvent
from contacts.commits import commit
from contacts.models import (
    NO_SECRETS,
    Contact,
    ContactEvent,
    ContactTag,
    Handover,
    Invitation,
    Participant,
    Reference,
    Survey,
)


def erase_contact(*, contact: Contact, at: datetime) -> bool:
    """Erase a contact's personal data, or have that done as soon as it is over. Repeating it changes nothing.

    Returns whether the data is gone now; refreshes `contact`.
    """
    wanted = Contact.objects.filter(pk=contact.pk, erase_requested_at__isnull=True)
    commit(partial(wanted.update, erase_requested_at=at))
    erase_contacts(contact_ids=[contact.pk], at=at)
    contact.refresh_from_db()
    return contact.erased_at is not None


def erase_contacts(*, contact_ids: Sequence[UUID], at: datetime) -> int:
    """Erase the personal data of those of the contacts that are over. Returns how many that were."""

    def write() -> int:
        rows = list(
            Contact.objects.to_erase(ended_before=at)
            .filter(pk__in=contact_ids)
            .select_for_update()
            .order_by("pk")
        )
        ids = [contact.pk for contact in rows]
        Contact.objects.filter(pk__in=ids).update(
            name="",
            description="",
            partner_notes="",
            partner_request_hash=None,
            attributes={},
            locale="",
            identity_subject="",
            customer_key_hash="",
            idempotency_key=None,
            body_hash="",
            notes="",
            erased_at=at,
            version=F("version") + 1,
        )
        Reference.objects.filter(contact__in=ids).delete()
        ContactTag.objects.filter(contact__in=ids, by_partner=True).delete()
        Survey.objects.filter(contact__in=ids).update(comment="")
        Invitation.objects.filter(contact__in=ids).update(
            guest_name="", guest_key_hash="", idempotency_key=None, body_hash=""
        )
        Handover.objects.filter(contact__in=ids).delete()
        people = Participant.objects.filter(contact__in=ids)
        people.update(**NO_SECRETS)
        people.exclude(role=ParticipantRole.AGENT).update(display_name="")
        ContactEvent.objects.filter(contact__in=ids).update(detail={})
        ContactEvent.objects.bulk_create(_entry(contact, at) for contact in rows)
        erased.send(sender=Contact, contact_ids=ids)
        return len(ids)

    return commit(write)


def _entry(contact: Contact, at: datetime) -> ContactEvent:
    return ContactEvent(
        event_id=str(uuid.uuid4()),
        contact=contact,
        connect_contact_id=contact.connect_contact_id or "",
        source=EventSource.PORTAL,
        type=PortalEvent.ERASED,
        occurred_at=at,
        received_at=at,
        state=contact.state,
        version=contact.version + 1,
    )
