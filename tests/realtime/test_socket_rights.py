"""Sockets whose right to see a call comes to an end while they are open: closed with 4404, at the next heartbeat at the latest."""

from __future__ import annotations

import asyncio
import json
from typing import Any

from channels.db import database_sync_to_async
from channels.testing import WebsocketCommunicator
from django.contrib.auth import get_user_model
from django.test import Client
from django.utils import timezone

import pytest

from contacts import operations
from contacts.guests import COOKIE as GUEST_COOKIE
from contacts.guests import new_guest_key
from contacts.hubs import HEARTBEAT, hub_of
from contacts.models import Contact, Invitation
from contacts.operations import IncomingEvent
from contacts.push import CONTACTS
from tests.contacts_world import after, envelope
from tests.realtime.test_guest_socket import socket as guest_socket
from tests.realtime.test_status_socket import owner, socket

pytestmark = pytest.mark.django_db(transaction=True)

WITHIN_S = 10
NOT_YOURS = {"type": "websocket.close", "code": 4404}


async def beat(communicator: WebsocketCommunicator) -> dict[str, Any]:
    """Let the process's heart beat, and return the first answer to it: frames of before are passed over."""
    for mailbox in hub_of(CONTACTS).mailboxes():
        mailbox.beat()
    async with asyncio.timeout(WITHIN_S):
        while True:
            output: dict[str, Any] = await communicator.receive_output(timeout=WITHIN_S)
            if output["type"] == "websocket.close" or output["text"] == HEARTBEAT:
                return {key: output[key] for key in ("type", "code", "text") if key in output}


async def shown(communicator: WebsocketCommunicator, state: str) -> None:
    """Wait until a state is shown."""
    async with asyncio.timeout(WITHIN_S):
        while (frame := await communicator.receive_json_from(timeout=WITHIN_S))["contact"][
            "state"
        ] != state:
            assert frame["type"] == "contact.status"


def end(contact: Contact) -> None:
    over = envelope(contact.connect_contact_id, "DISCONNECTED", after(1))
    operations.apply_contact_event(event=IncomingEvent.from_envelope(over), at=after(2))


def erase(contact: Contact) -> None:
    assert operations.erase_contact(contact=contact, at=timezone.now())


async def test_customer_of_an_erased_call_sees_it_no_longer(
    contact: Contact, customer_key: str
) -> None:
    """Should close the socket of who no longer is its customer; until then, it stays open."""
    async with socket(contact.pk, cookie=owner(customer_key)) as (communicator, _):
        await shown(communicator, "initiated")
        assert await beat(communicator) == {"type": "websocket.send", "text": HEARTBEAT}
        await database_sync_to_async(end)(contact)
        await shown(communicator, "ended")
        assert (await beat(communicator))["text"] == HEARTBEAT
        await database_sync_to_async(erase)(contact)
        assert await beat(communicator) | NOT_YOURS == NOT_YOURS


async def test_guest_of_an_erased_call_sees_it_no_longer(contact: Contact) -> None:
    """Should close the socket of who no longer is its guest."""
    key = new_guest_key()

    def accept() -> Invitation:
        made = operations.invite(contact=contact, clock=timezone.now).invitation
        token = operations.token_of(invitation=made, at=timezone.now())
        assert token is not None
        return operations.accept_invitation(
            token=token, name="Gil", guest_key=key, at=timezone.now()
        )

    invitation = await database_sync_to_async(accept)()
    async with guest_socket(invitation, cookie=f"{GUEST_COOKIE}={key}") as (communicator, _):
        await shown(communicator, "initiated")
        await database_sync_to_async(end)(contact)
        await shown(communicator, "ended")
        assert (await beat(communicator))["text"] == HEARTBEAT
        await database_sync_to_async(erase)(contact)
        assert await beat(communicator) | NOT_YOURS == NOT_YOURS


@pytest.mark.parametrize("how", ["logged out", "no longer staff", "without the permission"])
async def test_member_of_staff_who_may_no_longer_look_sees_no_more(
    contact: Contact, how: str
) -> None:
    """Should go by the session and the permission as they are, not as they were when the socket was opened."""
    client = Client()

    def log_in() -> str:
        user = get_user_model().objects.create_superuser("ada")
        client.force_login(user)
        return f"sessionid={client.cookies['sessionid'].value}"

    def lose() -> None:
        user = get_user_model().objects.get()
        if how == "logged out":
            client.logout()
            return
        user.is_staff = how != "no longer staff"
        user.is_superuser = False
        user.save()

    cookie = await database_sync_to_async(log_in)()
    async with socket(contact.pk, cookie=cookie) as (communicator, _):
        assert json.loads(await communicator.receive_from(timeout=WITHIN_S))["version"] == 1
        assert (await beat(communicator))["text"] == HEARTBEAT
        await database_sync_to_async(lose)()
        assert await beat(communicator) | NOT_YOURS == NOT_YOURS
