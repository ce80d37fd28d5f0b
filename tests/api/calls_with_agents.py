"""Calls that a scripted agent of the embedded Connect answers, for tests that need one that is connected."""

from __future__ import annotations

import time
from typing import Any

from django.utils import timezone

from contacts import operations
from contacts.choices import ContactState
from contacts.models import Contact
from tests.contacts_world import Customer, control, upstream_contacts
from tests.servers import LocalConnect

SOON_S = 20


def start(customer: Customer, name: str = "Ana") -> Contact:
    """Start a call."""
    reply = customer.post("/api/v1/contacts/", {"entry_point": "support", "name": name})
    assert reply.status_code == 201, reply.content
    return Contact.objects.get(pk=reply.json()["id"])


def start_connected(connect: LocalConnect, customer: Customer, name: str = "Ana") -> Contact:
    """Start a call and wait until an agent has answered it."""
    contact = start(customer, name)
    answer(connect, contact)
    return contact


def answer(connect: LocalConnect, contact: Contact) -> None:
    """Have an agent answer a call, and wait until the portal knows."""
    control(connect, "POST", "/_local/agents", {"name": "Bo", "auto_answer_s": 0, "media": "none"})
    give_up_at = time.monotonic() + SOON_S
    while contact.state != ContactState.CONNECTED:
        assert time.monotonic() < give_up_at, upstream_contacts(connect)
        operations.refresh_contact(contact=contact, clock=timezone.now)
        time.sleep(0.05)


def upstream(connect: LocalConnect, contact: Contact) -> dict[str, Any]:
    """Return what the embedded Connect knows of a contact."""
    [found] = [
        one for one in upstream_contacts(connect) if one["id"] == contact.connect_contact_id
    ]
    return found


def guests_of(connect: LocalConnect, contact: Contact) -> list[dict[str, Any]]:
    """Return the guests' contacts of a call that are not over."""
    return [
        one
        for one in upstream_contacts(connect)
        if one["id"] != contact.connect_contact_id and one["state"].lower() != "ended"
    ]
