"""Hands a customer the connection of a call again, after a reload."""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import partial
from typing import Any

from contacts.access import contact_of_customer, contact_of_partner
from contacts.choices import ParticipantRole, PortalEvent
from contacts.commits import commit
from contacts.errors import ContactOver
from contacts.models import Contact, Partner
from contacts.operations.timeline import write_entry
from contacts.sealing import UnableToUnseal, unseal

NOTED_EVERY = timedelta(minutes=1)


def connection_for(
    *, contact: Contact, customer_key: str | None, partner: Partner | None = None
) -> dict[str, Any]:
    """Return Meeting and Attendee of the contact's customer, for them or the partner whose contact it is. Writes nothing.

    Amazon Connect takes a participant back for 60 seconds after losing it and then ends the contact itself; so the
    connection is given while the contact lives, and is forgotten when it ends.

    :raises Contact.DoesNotExist: the key is not the one that started the contact, and it is not the partner's.
    :raises ContactOver: the call is over or was never started, so there is nothing to come back to.
    """
    own = (
        contact_of_customer(contact_id=contact.pk, customer_key=customer_key)
        if partner is None
        else contact_of_partner(contact_id=contact.pk, partner=partner, is_test=contact.is_test)
    )
    if own is None:
        raise Contact.DoesNotExist
    customer = contact.participants.filter(role=ParticipantRole.CUSTOMER).first()
    if contact.is_over or contact.end_requested_at is not None or customer is None:
        raise ContactOver
    if not customer.sealed_connection:
        raise ContactOver
    try:
        connection: dict[str, Any] = unseal(customer.sealed_connection)
    except UnableToUnseal as error:
        raise ContactOver from error
    return connection


def rejoin_call(*, contact: Contact, customer_key: str | None, at: datetime) -> dict[str, Any]:
    """Return what `connection_for` does, and note, at most once a minute, that the customer came back.

    :raises Contact.DoesNotExist, ContactOver: as `connection_for`.
    """
    connection = connection_for(contact=contact, customer_key=customer_key)
    lately = contact.events.filter(type=PortalEvent.REJOINED, occurred_at__gt=at - NOTED_EVERY)
    if not lately.exists():
        commit(partial(write_entry, contact, PortalEvent.REJOINED, at=at))
    return connection
