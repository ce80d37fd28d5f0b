"""Pushes each new version of a contact to the sockets that watch it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from uuid import UUID

from contacts import publishing
from contacts.models import Contact
from contacts.snapshots import as_shown, status_frame
from contacts.topics import Frame, Topic

JUST_NOW = timedelta(seconds=15)


def publish_on_commit(contact: Contact) -> None:
    """Tell every process of the contact's state as it is once the transaction has committed."""
    publishing.publish_on_commit(CONTACTS, str(contact.pk))


def _newer_frames(known: Mapping[str, int]) -> dict[str, Frame]:
    """Return the frames of those contacts whose version is above the given one."""
    newer = [UUID(key) for key in known]
    if any(known.values()):  # which is cheaper than to read whole contacts once a second
        versions = Contact.objects.filter(pk__in=newer).values_list("pk", "version")
        newer = [pk for pk, version in versions if version > known[str(pk)]]
    if not newer:
        return {}
    return {str(one.pk): status_frame(one) for one in as_shown().filter(pk__in=newer)}


def _going_on(at: datetime) -> dict[str, int]:
    """Return the versions of the contacts under way, and of those that may have begun and ended between two looks."""
    just_now = Contact.objects.filter(requested_at__gte=at - JUST_NOW)
    found: dict[str, int] = {}
    for rows in (just_now, Contact.objects.active()):  # two queries, each with an index of its own
        found |= {str(pk): version for pk, version in rows.values_list("pk", "version")}
    return found


CONTACTS = Topic("contacts.status", _newer_frames, going_on=_going_on)
