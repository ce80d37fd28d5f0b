"""The socket of staff: what it tells of the calls of their entry points, and that it names nobody."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

from channels.db import database_sync_to_async
from channels.testing import WebsocketCommunicator
from django.contrib.auth.models import User
from django.db.models import F
from django.test import Client
from django.utils import timezone

import pytest

from contacts import operations
from contacts.choices import ContactState
from contacts.hubs import hub_of
from contacts.models import Contact, EntryPoint, EntryPointGrant
from contacts.operations import IncomingEvent
from contacts.push import CONTACTS
from portal.asgi import application
from tests.api.staff import member_of
from tests.contacts_world import after, envelope, make_contact

pytestmark = pytest.mark.django_db(transaction=True)

WITHIN_S = 10
NAME = "Ana Lima"


@asynccontextmanager
async def staff_socket(
    client: Client, query: str = "", *, origin: bytes = b"http://portal.example"
) -> AsyncIterator[tuple[WebsocketCommunicator, bool]]:
    """Open the socket in a browser of staff's."""
    cookie = f"sessionid={client.cookies['sessionid'].value}".encode()
    headers = [(b"host", b"portal.example"), (b"origin", origin), (b"cookie", cookie)]
    address = f"/ws/admin/contacts/{query}"
    communicator = WebsocketCommunicator(application, address, headers)
    accepted, _ = await communicator.connect(timeout=WITHIN_S)
    try:
        yield communicator, accepted
    finally:
        await communicator.disconnect()


async def told(communicator: WebsocketCommunicator) -> dict[str, dict[str, Any]]:
    """Return the next calls told of, by id. No frame names a customer."""
    text = await communicator.receive_from(timeout=WITHIN_S)
    assert NAME not in text
    frame = json.loads(text)
    assert frame["type"] == "staff.contacts"
    return {one["id"]: one for one in frame["contacts"]}


async def told_of(communicator: WebsocketCommunicator, contact: Contact, state: str) -> Any:
    """Wait until the call is told to be in a state; nothing is told of any other call."""
    async with asyncio.timeout(WITHIN_S):
        while True:
            rows = await told(communicator)
            assert set(rows) <= {str(contact.pk)}
            if rows and rows[str(contact.pk)]["state"] == state:
                return rows[str(contact.pk)]


def queue(contact: Contact) -> None:
    event = envelope(contact.connect_contact_id, "QUEUED", after(1))
    operations.apply_contact_event(event=IncomingEvent.from_envelope(event), at=after(2))


def other_entry_point(entry_point: EntryPoint) -> EntryPoint:
    return EntryPoint.objects.create(
        slug="elsewhere", name="Elsewhere", company=entry_point.company
    )


async def test_staff_are_told_of_their_entry_points_and_of_no_name(contact: Contact) -> None:
    """Should begin with what goes on, then tell each change, of granted entry points alone."""

    def prepare() -> tuple[Client, Contact]:
        contact.participants.update(display_name=NAME)
        other = make_contact(other_entry_point(contact.entry_point), "key")
        return member_of("Viewer", contact.entry_point), other

    client, other = await database_sync_to_async(prepare)()
    async with staff_socket(client) as (communicator, _):
        await told_of(communicator, contact, "initiated")
        await database_sync_to_async(queue)(other)
        await database_sync_to_async(queue)(contact)
        row = await told_of(communicator, contact, "queued")
        assert row["queued_at"]
        assert row["entry_point"] == contact.entry_point.slug
        assert row["version"] > 1


async def test_what_nobody_published_is_told_all_the_same(contact: Contact) -> None:
    """Should find, by comparing, what another process changed without a word, began and ended included."""

    def silently(state: ContactState, **values: Any) -> None:
        rows = Contact.objects.filter(pk=contact.pk)
        rows.update(state=state, version=F("version") + 1, **values)

    client = await database_sync_to_async(member_of)("Viewer", contact.entry_point)
    async with staff_socket(client) as (communicator, _):
        await told_of(communicator, contact, "initiated")
        await database_sync_to_async(silently)(ContactState.QUEUED, queued_at=after(1))
        await told_of(communicator, contact, "queued")
        await database_sync_to_async(silently)(ContactState.ENDED, ended_at=after(2))
        await told_of(communicator, contact, "ended")


async def test_who_comes_again_is_told_what_ended_meanwhile(contact: Contact) -> None:
    """Should tell of calls that ended since the client last knew, and of none that ended before."""

    def prepare() -> Client:
        now = timezone.now()
        rows = Contact.objects.filter(pk=contact.pk)
        rows.update(state=ContactState.ENDED, ended_at=now - timedelta(minutes=5))
        return member_of("Viewer", contact.entry_point)

    client = await database_sync_to_async(prepare)()
    for minutes, known in ((10, True), (1, False)):
        since = (timezone.now() - timedelta(minutes=minutes)).isoformat()
        async with staff_socket(client, f"?{urlencode({'since': since})}") as (communicator, _):
            assert (str(contact.pk) in await told(communicator)) is known
    for nonsense in ("?since=yesterday", "?since=2026-99-99T00:00:00Z", "?since=%ff"):
        async with staff_socket(client, nonsense) as (communicator, _):
            assert await told(communicator) == {}


@pytest.mark.parametrize("how", ["logged out", "no longer staff", "grant taken away"])
async def test_right_that_came_to_an_end_ends_what_is_told(contact: Contact, how: str) -> None:
    """Should look again with each heartbeat: close for who is no staff, and keep still of what is not granted."""
    client = await database_sync_to_async(member_of)("Viewer", contact.entry_point)

    def lose() -> None:
        if how == "logged out":
            client.logout()
        elif how == "no longer staff":
            User.objects.update(is_staff=False)
        else:
            EntryPointGrant.objects.all().delete()

    async with staff_socket(client) as (communicator, _):
        await told_of(communicator, contact, "initiated")
        await database_sync_to_async(lose)()
        for mailbox in hub_of(CONTACTS).mailboxes():
            mailbox.beat()
        while (output := await communicator.receive_output(timeout=WITHIN_S))[
            "type"
        ] == "websocket.send" and '"heartbeat"' not in output["text"]:
            pass  # what was told before
        if how != "grant taken away":
            assert output["code"] == 4404
            return
        await database_sync_to_async(queue)(contact)
        assert await communicator.receive_nothing(timeout=1.5)


async def test_page_of_another_site_is_refused(contact: Contact) -> None:
    """Should refuse the handshake, whoever is logged in."""
    client = await database_sync_to_async(member_of)("Owner", contact.entry_point)
    async with staff_socket(client, origin=b"https://evil.example") as (_, accepted):
        assert not accepted
