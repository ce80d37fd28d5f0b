"""What sockets read: together, in threads of their own, and nobody gets what they may not see."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Collection
from uuid import UUID, uuid4

from channels.db import database_sync_to_async
from django.db import connection
from django.test.utils import CaptureQueriesContext

import pytest

from contacts import customers
from contacts.consumers import Viewer, read_views
from contacts.models import Contact, EntryPoint, Handover
from contacts.socket_reads import APART_S, AT_ONCE, in_read_thread, read_together
from tests.contacts_world import NOON, after, make_contact


async def test_whoever_asks_meanwhile_is_answered_by_the_next_read() -> None:
    """Should read for all who wait at once, never with a read that had begun before they asked."""
    batches: list[set[int]] = []
    began, go_on = threading.Event(), threading.Event()

    def double(asked: Collection[int]) -> dict[int, int]:
        batches.append(set(asked))
        began.set()
        go_on.wait(10)
        return {one: 2 * one for one in asked if one != 3}

    first = asyncio.create_task(read_together(double, 1))
    assert await asyncio.to_thread(began.wait, 10)
    others = [asyncio.create_task(read_together(double, number)) for number in (1, 2, 3, 2)]
    await asyncio.sleep(0.05)
    go_on.set()
    assert await asyncio.gather(first, *others) == [2, 2, 4, None, 4]
    assert batches == [{1}, {1, 2, 3}]


async def test_reads_are_bounded() -> None:
    """Should divide what very many ask for."""
    sizes: list[int] = []

    def count(asked: Collection[int]) -> dict[int, int]:
        sizes.append(len(asked))
        return {one: one for one in asked}

    asked = range(2 * AT_ONCE + 1)
    assert await asyncio.gather(*(read_together(count, number) for number in asked)) == [*asked]
    assert max(sizes) == AT_ONCE


async def test_failure_is_told_to_all_who_asked_and_to_nobody_else() -> None:
    """Should go on with the next read, and without those who are gone."""
    is_away = True

    def read(asked: Collection[int]) -> dict[int, int]:
        if is_away:
            raise ConnectionError
        return dict.fromkeys(asked, 7)

    gone = asyncio.create_task(read_together(read, 0))
    await asyncio.sleep(0)
    gone.cancel()
    answers = await asyncio.gather(
        *(read_together(read, number) for number in (1, 2)), return_exceptions=True
    )
    assert [type(answer) for answer in answers] == [ConnectionError, ConnectionError]
    is_away = False
    assert await read_together(read, 1) == 7


async def test_read_that_nobody_waits_for_any_more_is_waited_for() -> None:
    """Should be over when whoever was cancelled is, so that no thread uses a database that is being left."""
    began, ended = threading.Event(), threading.Event()

    def read() -> None:
        began.set()
        time.sleep(0.2)
        ended.set()

    reading = asyncio.create_task(in_read_thread(read))
    assert await asyncio.to_thread(began.wait, 10)
    reading.cancel()
    await asyncio.wait([reading])
    assert reading.cancelled()
    assert ended.is_set()


@pytest.mark.django_db
def test_many_views_cost_a_few_queries_and_each_is_its_viewers(entry_point: EntryPoint) -> None:
    """Should show to each customer their own contacts, whoever asks with them, with the queries of one."""
    keys = [customers.new_customer_key() for _ in range(3)]
    contacts = [make_contact(entry_point, key) for key in keys for _ in range(3)]
    own = [
        viewer(contact.pk, key)
        for key in keys
        for contact in contacts
        if contact.customer_key_hash == customers.hash_customer_key(key)
    ]
    others = [viewer(contact.pk, key) for contact in contacts for key in (*keys, None, "x")]
    with CaptureQueriesContext(connection) as queries:
        views = read_views({*own, *others, viewer(uuid4(), keys[0])})
    assert len(queries) == 3  # contacts, who took over those of others, and people
    assert set(views) == set(own)
    assert all(view.is_customers for view in views.values())
    assert {one: view.status.key for one, view in views.items()} == {
        one: str(one.contact_id) for one in own
    }


@pytest.mark.django_db
def test_device_that_took_a_call_over_sees_that_call_alone(entry_point: EntryPoint) -> None:
    """Should go by the contact and the key together, whatever else is asked for at once."""
    keys = [customers.new_customer_key() for _ in range(3)]
    contacts = [make_contact(entry_point, key) for key in keys]
    other = customers.new_customer_key()
    Handover.objects.create(
        contact=contacts[0],
        token_hash="t",
        made_at=NOON,
        expires_at=after(60),
        taken_at=after(1),
        key_hash=customers.hash_customer_key(other),
    )
    asked = {viewer(contact.pk, key) for contact in contacts for key in (other, keys[1])}
    assert set(read_views(asked)) == {
        viewer(contacts[0].pk, other),
        viewer(contacts[1].pk, keys[1]),
    }


@pytest.mark.django_db(transaction=True)
async def test_threads_keep_no_connection(contact: Contact, customer_key: str) -> None:
    """Should give it back after each read, so that an idle server holds none."""
    kept: list[bool] = []

    def look(asked: Collection[int]) -> dict[int, int]:
        kept.append(connection.connection is not None)
        return {}

    def read(asked: Collection[UUID]) -> dict[UUID, int]:
        return {one: Contact.objects.get(pk=one).version for one in asked}

    assert await read_together(read, contact.pk) == 1
    await asyncio.gather(*(read_together(look, number) for number in range(8)))
    assert set(kept) == {False}
    await database_sync_to_async(contact.refresh_from_db)()


def viewer(contact_id: UUID, key: str | None) -> Viewer:
    """Somebody with a customer key and no session."""
    return Viewer(contact_id, key, None)


async def test_who_comes_alone_is_read_for_at_once_and_a_crowd_together() -> None:
    """Should wait for others only shortly after another read."""
    batches: list[set[int]] = []

    def read(asked: Collection[int]) -> dict[int, int]:
        batches.append(set(asked))
        return {one: one for one in asked}

    alone = await read_together(read, 1)
    crowd = []
    for number in (2, 3, 4):
        crowd.append(asyncio.create_task(read_together(read, number)))
        await asyncio.sleep(APART_S / 10)
    assert [alone, *await asyncio.gather(*crowd)] == [1, 2, 3, 4]
    assert batches == [{1}, {2, 3, 4}]
