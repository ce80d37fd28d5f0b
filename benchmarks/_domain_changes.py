"""Contacts to be watched, and changes of them as another process of the portal makes and publishes them."""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable, Sequence
from typing import Any

from django.db import connection, transaction
from django.db.models import F
from django.utils import timezone

from asgiref.sync import async_to_sync
from channels_redis.core import RedisChannelLayer

from contacts.choices import ContactState, ParticipantRole
from contacts.customers import COOKIE, hash_customer_key, new_customer_key
from contacts.models import Contact, EntryPoint, Participant
from contacts.push import publish_on_commit


class OurChanges:
    """Contacts in the portal's database, of one customer."""

    def __init__(self, count: int) -> None:
        key = new_customer_key()
        self.cookie = f"{COOKIE}={key}"
        at = timezone.now()
        entry_point = EntryPoint.objects.get(slug="demo")
        self.contacts = Contact.objects.bulk_create(
            Contact(
                reference=f"{number:09}",
                entry_point=entry_point,
                state=ContactState.CONNECTED,
                name="Ana",
                customer_key_hash=hash_customer_key(key),
                connect_contact_id=str(uuid.uuid4()),
                requested_at=at,
                initiated_at=at,
                connected_at=at,
            )
            for number in range(count)
        )
        Participant.objects.bulk_create(
            Participant(contact=one, role=role, display_name=role, connect_id=role, created_at=at)
            for one in self.contacts
            for role in (ParticipantRole.CUSTOMER, ParticipantRole.AGENT)
        )
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE")
        self.connect_ids = [one.connect_contact_id or "" for one in self.contacts]
        self.paths = [f"/ws/contacts/{one.pk}/" for one in self.contacts]
        self._versions = [1] * count

    def change(self, number: int) -> int:
        """Raise a contact's version and publish it, as a transaction of the domain does. Returns the version."""
        contact = self.contacts[number]
        with transaction.atomic():
            Contact.objects.filter(pk=contact.pk).update(version=F("version") + 1)
            publish_on_commit(contact)
        self._versions[number] += 1
        return self._versions[number]

    def change_some(self, numbers: Sequence[int]) -> list[int]:
        """Raise the versions of several contacts in one transaction, as a batch of events does. Returns them."""
        some = [self.contacts[number] for number in numbers]
        with transaction.atomic():
            Contact.objects.filter(pk__in=[one.pk for one in some]).update(
                version=F("version") + 1
            )
            for one in some:
                publish_on_commit(one)
        for number in numbers:
            self._versions[number] += 1
        return [self._versions[number] for number in numbers]


class TheirChanges:
    """The same versions, sent to the contacts' groups by stock Channels."""

    cookie = ""

    def __init__(self, ours: OurChanges, redis_url: str) -> None:
        self.paths = ours.paths
        self._ids = [str(one.pk) for one in ours.contacts]
        self._versions = [1] * len(self._ids)
        self._layer = RedisChannelLayer(hosts=[redis_url])
        self._text = "x" * 700  # of a snapshot's size
        self._send: Callable[..., Any] = async_to_sync(self._layer.group_send)

    def change(self, number: int) -> int:
        """Send a contact's next version to its group. Returns the version."""
        self._versions[number] += 1
        text = f'{{"version": {self._versions[number]}, "contact": "{self._text}"}}'
        self._send(f"contact.{self._ids[number]}", {"type": "status", "text": text})
        return self._versions[number]

    def change_some(self, numbers: Sequence[int]) -> list[int]:
        """Send several contacts' next versions to their groups. Returns them."""
        return [self.change(number) for number in numbers]


def paced(
    change: Callable[[int], int], numbers: Sequence[int], rate: float
) -> dict[tuple[int, int], float]:
    """Change contacts at so many a second. Returns when each version of each was made."""
    made = {}
    began = time.monotonic()
    for turn, number in enumerate(numbers):
        pause = began + turn / rate - time.monotonic()
        if pause > 0:
            time.sleep(pause)
        at = time.monotonic()
        made[number, change(number)] = at
    return made
