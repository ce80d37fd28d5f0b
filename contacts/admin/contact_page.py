"""What the page of a contact shows above its fields: state, story and what can be done."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

from django.contrib.auth.models import User
from django.db.models import QuerySet
from django.utils import timezone

from contacts.access import sees_personal_data
from contacts.admin.contact_columns import in_minutes, state_chip, talked_cell, waited_cell
from contacts.admin.contact_quality import quality_of, quality_shown
from contacts.admin.lanes import is_trouble, lanes_of, span_of
from contacts.choices import PortalEvent
from contacts.masking import masked
from contacts.models import Contact, ContactEvent, Participant

MOST_EVENTS = 500
NAMES = dict(PortalEvent.choices)


def page_of_contact(contact: Contact, *, user: User, now: datetime) -> dict[str, Any]:
    """Return what the template needs."""
    events: QuerySet[ContactEvent] = contact.events.all()
    people: QuerySet[Participant] = contact.participants.all()
    if not sees_personal_data(user):
        events, people = masked(events), masked(people)
    shown = list(events[:MOST_EVENTS])
    span = span_of(contact, shown, now=now)
    quality, spells = quality_of(contact)
    return {
        "chip": state_chip(contact),
        "waited": waited_cell(contact, at=now),
        "talked": talked_cell(contact, at=now),
        "lanes": list(lanes_of(contact, people, shown, spells, now=now)),
        "quality": quality_shown(contact, quality, spells, now=now),
        "began_at": span.began_at,
        "ended_at": span.ended_at,
        "events": [_line(event, span.began_at) for event in shown],
        "most_events": MOST_EVENTS if len(shown) == MOST_EVENTS else 0,
        "may_end": not contact.is_over and user.has_perm("contacts.end_contact"),
        "may_revoke": user.has_perm("contacts.end_contact"),
        "may_resend": contact.partner_id is not None
        and user.has_perm("partners.change_webhookdelivery"),
        "may_erase": contact.erased_at is None and user.has_perm("contacts.erase_contact"),
    }


def _line(event: ContactEvent, began_at: datetime) -> dict[str, Any]:
    return {
        "key": event.pk,
        "type": event.type,
        "name": NAMES.get(event.type, ""),
        "at": timezone.localtime(event.occurred_at),
        "after": in_minutes(event.occurred_at - began_at),
        "source": event.get_source_display(),
        "state": event.get_state_display(),
        "version": event.version,
        "is_trouble": is_trouble(event),
        "detail": json.dumps(event.detail, indent=2, ensure_ascii=False) if event.detail else "",
    }
