"""What is told of changes, and what telling them costs."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence

from django.db import OperationalError, connection
from django.test.utils import CaptureQueriesContext

import pytest
from asgiref.sync import sync_to_async

from contacts.models import Contact, Participant
from contacts.publishing import local_receivers, publish_on_commit
from contacts.push import CONTACTS
from contacts.topics import Frame, Status, Topic
from tests.contacts_world import NOON


@pytest.mark.django_db(transaction=True)
async def test_change_is_told_though_the_connection_had_gone() -> None:
    """Should read again with another connection: this one may be of before the database was started anew."""
    failures = [OperationalError("the connection is closed")]

    def newer(known: Mapping[str, int]) -> dict[str, Frame]:
        if failures:
            raise failures.pop()
        return {key: {"v": 1, "version": 7, "type": "test"} for key in known}

    topic = Topic("test.publishing", newer)
    told: asyncio.Future[Sequence[Status]] = asyncio.get_running_loop().create_future()
    local_receivers.add(topic, told.set_result)
    try:
        await sync_to_async(publish_on_commit)(topic, "a")
        [status] = await asyncio.wait_for(told, 10)
    finally:
        local_receivers.remove(topic, told.set_result)
    assert (status.key, status.version) == ("a", 7)


@pytest.mark.django_db
@pytest.mark.parametrize("people", [0, 1, 5])
def test_a_change_is_read_with_two_queries(contact: Contact, people: int) -> None:
    """Should read nothing of a contact, of its people or its entry point that no frame shows."""
    Participant.objects.bulk_create(
        Participant(contact=contact, role="agent", connect_id=str(number), created_at=NOON)
        for number in range(people)
    )
    before = Contact.objects.get(pk=contact.pk).participants.count()
    with CaptureQueriesContext(
        connection,
    ) as queries:
        [status] = CONTACTS.read_newer({str(contact.pk): 0})
    assert len(queries) == 2
    assert status.text.count('"role"') == before
    assert not any("customer_key_hash" in query["sql"] for query in queries)
