"""Lets a customer take their own call over to another device: the same participant, so that nobody is in it twice.

The meeting itself sees to that: when an attendee joins from a second place, the first is sent away.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from contacts.choices import Feature, PortalEvent
from contacts.commits import commit
from contacts.customers import hash_customer_key
from contacts.errors import ContactOver, HandoverGone
from contacts.models import Contact, Handover
from contacts.operations.features import require
from contacts.operations.rejoining import connection_for
from contacts.operations.timeline import write_entry
from contacts.tokens import hash_token

OPEN_FOR = timedelta(minutes=2)


@dataclass(frozen=True, slots=True)
class OfferedHandover:
    """A link's token, told once, and until when it works."""

    token: str
    expires_at: datetime


def hand_over(*, contact: Contact, customer_key: str | None, at: datetime) -> OfferedHandover:
    """Make a link for another device. An earlier one that nobody has used stops working.

    :raises Contact.DoesNotExist, ContactOver: as `connection_for`.
    :raises FeatureOff: the entry point does without.
    """
    require(Feature.HANDOVER, contact.entry_point)
    connection_for(contact=contact, customer_key=customer_key)
    token, expires_at = secrets.token_urlsafe(32), at + OPEN_FOR

    def write() -> None:
        if contact.lock().is_over:
            raise ContactOver
        contact.handovers.filter(taken_at=None).delete()
        Handover.objects.get_or_create(
            token_hash=hash_token(token),
            defaults={"contact": contact, "made_at": at, "expires_at": expires_at},
        )

    commit(write)
    return OfferedHandover(token, expires_at)


def take_over(*, token: str, customer_key: str, at: datetime) -> tuple[Contact, dict[str, Any]]:
    """Use a link: from now on the holder of the key is the contact's customer too. Returns it and its connection.

    Whoever has used it may do so again with the same key, since the first answer may be lost.

    :raises HandoverGone: there is no such link, it has expired, somebody else used it, or a newer one was made.
    :raises ContactOver: the call is over.
    """
    found = Handover.objects.select_related("contact").filter(token_hash=hash_token(token)).first()
    if found is None:
        raise HandoverGone
    key_hash = hash_customer_key(customer_key)

    def write() -> Contact:
        contact = found.contact.lock()
        handover = contact.handovers.filter(pk=found.pk).first()
        if handover is None or handover.key_hash not in ("", key_hash):
            raise HandoverGone
        if handover.taken_at is None:
            if handover.expires_at <= at:
                raise HandoverGone
            handover.taken_at, handover.key_hash = at, key_hash
            handover.save(update_fields=["taken_at", "key_hash"])
            write_entry(contact, PortalEvent.HANDED_OVER, at=at)
        return contact

    contact = commit(write)
    return contact, connection_for(contact=contact, customer_key=customer_key)
