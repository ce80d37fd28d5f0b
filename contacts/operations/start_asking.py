"""What Amazon Connect is asked for a contact that begins: the same from the first time to the last, down to its client token."""

from __future__ import annotations

from collections.abc import Mapping

from contacts import connect
from contacts.limits import GivenReference
from contacts.models import Contact

NAMELESS = "Customer"  # Amazon Connect wants a display name of at least one character


def start_request_of(
    contact: Contact, references: Mapping[str, GivenReference]
) -> connect.StartRequest:
    """Return the request that starts a stored contact."""
    return connect.StartRequest(
        instance_id=contact.connect_instance_id,
        contact_flow_id=contact.entry_point.contact_flow_id,
        client_token=str(contact.client_token),
        display_name=contact.name or NAMELESS,
        description=contact.description,
        attributes=contact.attributes,
        references={key: (given.type, given.value) for key, given in references.items()},
        related_contact_id=_related_in_connect(contact),
        customer=connect.Capabilities(contact.customer_video, contact.customer_screen_share),
        agent=connect.Capabilities(contact.agent_video, contact.agent_screen_share),
    )


def _related_in_connect(contact: Contact) -> str | None:
    """Return Amazon Connect's id of the contact that this one goes on with, if both are of one instance."""
    related = contact.related_contact
    if related is None or related.connect_instance_id != contact.connect_instance_id:
        return None
    return related.connect_contact_id
