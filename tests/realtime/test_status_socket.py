"""The status socket: who may watch, what they are sent, and that nothing is lost."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from channels.db import database_sync_to_async
from channels.testing import WebsocketCommunicator
from django.contrib.auth import get_user_model
from django.db.models import F
from django.test import Client

import pytest

from contacts import hubs, operations
from contacts.consumers import ContactStatusConsumer
from contacts.customers import COOKIE, new_customer_key
from contacts.hubs import HEARTBEAT, Mailbox, hub_of
from contacts.models import Contact
from contacts.operations import IncomingEvent
from contacts.push import CONTACTS, publish_on_commit
from contacts.topics import Status, message_of, statuses_of
from portal.asgi import application
from tests.contacts_world import after, envelope

pytestmark = pytest.mark.django_db(transaction=True)

HOST = b"portal.example:8000"
ORIGIN = b"http://portal.example:8000"
SILENCE_S = 0.3


@asynccontextmanager
async def socket(
    contact_id: Any, *, cookie: str = "", origin: bytes | None = ORIGIN
) -> AsyncIterator[tuple[WebsocketCommunicator, bool]]:
    """Open the status socket of a contact as a browser would. Yields it and whether it was accepted."""
    headers = [(b"host", HOST)]
    if origin is not None:
        headers.append((b"origin", origin))
    if cookie:
        headers.append((b"cookie", cookie.encode()))
    communicator = WebsocketCommunicator(application, f"/ws/contacts/{contact_id}/", headers)
    accepted, _ = await communicator.connect(timeout=10)
    try:
        yield communicator, accepted
    finally:
        await communicator.disconnect()


def owner(key: str) -> str:
    """Return the cookie of the customer with the key."""
    return f"{COOKIE}={key}"


def queued(contact: Contact) -> None:
    """Let Amazon Connect say that the contact is queued."""
    event = IncomingEvent.from_envelope(envelope(contact.connect_contact_id, "QUEUED", after(1)))
    operations.apply_contact_event(event=event, at=after(2))


def raise_version(contact: Contact) -> None:
    """Change the row as a process with another channel layer would: nothing is published."""
    Contact.objects.filter(pk=contact.pk).update(version=F("version") + 1, on_hold=True)


async def test_socket_shows_the_state_at_once_and_each_change_once(
    contact: Contact, customer_key: str
) -> None:
    """Should send a whole snapshot on opening and one for each version after it."""
    async with socket(contact.pk, cookie=owner(customer_key)) as (communicator, accepted):
        assert accepted
        first = await communicator.receive_json_from(timeout=5)
        assert (first["v"], first["version"], first["type"]) == (1, 1, "contact.status")
        assert first["contact"]["state"] == "initiated"

        await database_sync_to_async(queued)(contact)
        second = await communicator.receive_json_from(timeout=5)
        assert (second["version"], second["contact"]["state"]) == (2, "queued")
        assert await communicator.receive_nothing(timeout=hubs.COMPARE_EVERY_S + SILENCE_S)


async def test_socket_says_no_secret(contact: Contact, customer_key: str) -> None:
    """Should not send the connection, which only its endpoint gives."""
    async with socket(contact.pk, cookie=owner(customer_key)) as (communicator, _):
        frame = await communicator.receive_from(timeout=5)
        assert "canary" not in frame
        assert "Attendee" not in frame


@pytest.mark.parametrize("cookie", ["", "another", "vcp_customer=x", 'vcp_customer="\\', "; ;="])
async def test_socket_of_somebody_else_is_closed(contact: Contact, cookie: str) -> None:
    """Should close with 4404, as for a contact that does not exist."""
    given = owner(new_customer_key()) if cookie == "another" else cookie
    for contact_id in (contact.pk, "00000000-0000-4000-8000-000000000000"):
        async with socket(contact_id, cookie=given) as (communicator, accepted):
            assert accepted
            closed = await communicator.receive_output(timeout=5)
            assert (closed["type"], closed["code"]) == ("websocket.close", 4404)


@pytest.mark.parametrize(
    "origin", [None, b"null", b"http://evil.example", b"http://portal.example:9000", b"http://["]
)
async def test_socket_from_another_sites_page_is_refused(
    contact: Contact, customer_key: str, origin: bytes | None
) -> None:
    """Should refuse the handshake, whatever cookie comes with it."""
    async with socket(contact.pk, cookie=owner(customer_key), origin=origin) as (_, accepted):
        assert not accepted


async def test_socket_is_open_to_staff_who_may_view_contacts(contact: Contact) -> None:
    """Should go by the permission, not by having a login."""

    def login(**rights: bool) -> str:
        user = get_user_model().objects.create_user(f"user{rights}", **rights)
        client = Client()
        client.force_login(user)
        return f"sessionid={client.cookies['sessionid'].value}"

    cookie = await database_sync_to_async(login)(is_staff=True, is_superuser=True)
    async with socket(contact.pk, cookie=cookie) as (communicator, _):
        assert (await communicator.receive_json_from(timeout=5))["version"] == 1
    cookie = await database_sync_to_async(login)(is_staff=True)
    async with socket(contact.pk, cookie=cookie) as (communicator, _):
        assert (await communicator.receive_output(timeout=5))["code"] == 4404


async def test_socket_that_is_written_to_is_closed(contact: Contact, customer_key: str) -> None:
    """Should take no messages."""
    async with socket(contact.pk, cookie=owner(customer_key)) as (communicator, _):
        await communicator.receive_json_from(timeout=5)
        await communicator.send_to(text_data="hello")
        assert (await communicator.receive_output(timeout=5))["code"] == 1008


async def test_change_that_was_not_published_arrives_within_two_seconds(
    contact: Contact, customer_key: str
) -> None:
    """Should be found by comparing versions: another process, a lost message, a layer that was down."""
    async with socket(contact.pk, cookie=owner(customer_key)) as (communicator, _):
        await communicator.receive_json_from(timeout=5)
        await database_sync_to_async(raise_version)(contact)
        frame = await communicator.receive_json_from(timeout=2)
        assert (frame["version"], frame["contact"]["on_hold"]) == (2, True)


async def test_burst_of_changes_ends_with_the_newest(contact: Contact, customer_key: str) -> None:
    """Should bring every socket to the last version, in order, skipping what was overtaken."""

    def burst() -> None:
        for _ in range(150):  # more than an in-memory channel holds
            contact.bump_version()
            publish_on_commit(contact)

    async with (
        socket(contact.pk, cookie=owner(customer_key)) as (one, _),
        socket(contact.pk, cookie=owner(customer_key)) as (other, _),
    ):
        await database_sync_to_async(burst)()
        for communicator in (one, other):
            versions = [0]
            while versions[-1] < 151:
                frame = await communicator.receive_json_from(timeout=3)
                versions.append(frame["version"])
            assert versions == sorted(set(versions))


async def test_mailbox_holds_the_newest_frame_only() -> None:
    """Should not grow while its socket does not read, and drop what is older than it has."""
    mailbox = Mailbox()
    for version in (1, 5, 3):
        mailbox.put(Status("key", version, f"frame {version}"))
    assert await mailbox.take() == "frame 5"
    mailbox.put(Status("key", 5, "frame 5 again"))
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(mailbox.take(), 0.05)


async def test_quiet_socket_shows_that_it_lives(contact: Contact, customer_key: str) -> None:
    """Should send something now and then that says nothing, so that a browser notices when it no longer comes."""
    async with socket(contact.pk, cookie=owner(customer_key)) as (communicator, _):
        assert (await communicator.receive_json_from(timeout=5))["version"] == 1
        for mailbox in hub_of(CONTACTS).mailboxes():
            mailbox.beat()
        assert await communicator.receive_json_from(timeout=5) == json.loads(HEARTBEAT)


async def test_hub_without_sockets_rests(contact: Contact, customer_key: str) -> None:
    """Should neither listen nor ask the database once the last socket has gone."""
    async with socket(contact.pk, cookie=owner(customer_key)) as (communicator, _):
        await communicator.receive_json_from(timeout=5)
        assert hub_of(CONTACTS).is_running
    assert not hub_of(CONTACTS).is_running


def test_message_between_processes_holds_no_secret(contact: Contact) -> None:
    """Should carry what the socket sends, and nothing sealed."""
    statuses = list(CONTACTS.read_newer({str(contact.pk): 0}))
    message = message_of(CONTACTS, statuses)
    assert "canary" not in str(message)
    assert statuses_of(message) == statuses
    assert [status.key for status in statuses] == [str(contact.pk)]


async def test_socket_whose_writing_failed_is_watched_no_longer(contact: Contact) -> None:
    """Should leave the hub, whatever the writer met."""

    async def fail() -> None:
        raise ConnectionError

    consumer = ContactStatusConsumer()
    consumer.key = str(contact.pk)
    consumer.mailbox = await hub_of(CONTACTS).watch(str(contact.pk))
    consumer.writer = asyncio.create_task(fail())
    await asyncio.wait([consumer.writer])
    await consumer.disconnect(1006)
    assert not hub_of(CONTACTS).is_running
