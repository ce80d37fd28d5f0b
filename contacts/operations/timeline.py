"""Writes the portal's own entries of a contact's timeline."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any

from contacts.choices import EventSource, PortalEvent
from contacts.models import Contact, ContactEvent


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
