"""The stored record of what happened. Every invariant is a constraint of the database; no row talks to the network."""

from __future__ import annotations

from contacts.models.contact_events import ContactEvent
from contacts.models.contacts import Contact, ContactQuerySet
from contacts.models.entry_points import EntryPoint, EntryPointQuerySet
from contacts.models.participants import Participant
from contacts.models.references import Reference

__all__ = [
    "Contact",
    "ContactEvent",
    "ContactQuerySet",
    "EntryPoint",
    "EntryPointQuerySet",
    "Participant",
    "Reference",
]
