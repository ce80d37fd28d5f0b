"""The guest's socket: who may open it, and that it tells of the call what a guest may know, when it changes."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from channels.db import database_sync_to_async
from channels.testing import WebsocketCommunicator
from django.utils import timezone

import pytest

from contacts import operations
from contacts.choices import EndedBy
from contacts.customers import COOKIE as CUSTOMER_COOKIE
from contacts.guests import COOKIE, new_guest_key
from contacts.models import Contact, Invitation
from contacts.operations import IncomingEvent
from portal.asgi import application
from tests.contacts_world import after, envelope

pytestmark = pytest.mark.django_db(transaction=True)

HOST = b"portal.example:8000"
WITHIN_S = 10


@asynccontextmanager
async def socket(
    invitation: Invitation, *, cookie: str, origin: bytes = b"http://portal.example:8000"
) -> AsyncIterator[tuple[WebsocketCommunicator, bool]]:
    """Open the socket of a guest as a browser would. Yields it and whether it was accepted."""
    headers = [(b"host", HOST), (b"origin", origin), (b"cookie", cookie.encode())]
    communicator = WebsocketCommunicator(application, f"/ws/guests/{invitation.pk}/", headers)
    accepted, _ = await communicator.connect(timeout=WITHIN_S)
    try:
        yield communicator, accepted
    finally:
        await communicator.disconnect()


@pytest.fixture
def guest_key() -> str:
    return new_guest_key()


@pytest.fixture
def invitation(contact: Contact, guest_key: str) -> Invitation:
    """An invitation that the holder of the guest key has accepted."""
    made = operations.invite(contact=contact, clock=timezone.now).invitation
    token = operations.token_of(invitation=made, at=timezone.now())
    assert token is not None
    return operations.accept_invitation(
        token=token, name="Gil", guest_key=guest_key, at=timezone.now()
    )


async def told(communicator: WebsocketCommunicator, **values: Any) -> dict[str, Any]:
    """Read frames until one has these values. Returns its contact."""
    async with asyncio.timeout(WITHIN_S):
        while True:
            frame = await communicator.receive_json_from(timeout=WITHIN_S)
            shown: dict[str, Any] = frame.get("contact", {})
            if all(shown.get(name) == value for name, value in values.items()):
                return shown


def say(contact: Contact, kind: str, **detail: Any) -> None:
    event = IncomingEvent.from_envelope(
        envelope(contact.connect_contact_id, kind, after(1), **detail)
    )
    operations.apply_contact_event(event=event, at=after(2))


async def test_guest_is_told_when_the_agent_answers(
    contact: Contact, invitation: Invitation, guest_key: str
) -> None:
    """Should push the state by which a waiting guest joins (case 36), and nothing only the customer may know."""
    async with socket(invitation, cookie=f"{COOKIE}={guest_key}") as (communicator, accepted):
        assert accepted
        first = await communicator.receive_from(timeout=WITHIN_S)
        assert json.loads(first)["contact"]["id"] == str(invitation.pk)
        assert str(contact.pk) not in first
        await database_sync_to_async(say)(contact, "QUEUED")
        waiting = await told(communicator, state="queued")
        assert waiting["queue"] is None
        await database_sync_to_async(say)(contact, "CONNECTED_TO_AGENT")
        shown = await told(communicator, state="connected")
        assert [one["display_name"] for one in shown["participants"]] == ["Ana"]


async def test_guest_is_told_that_they_were_removed(
    contact: Contact, invitation: Invitation, guest_key: str
) -> None:
    """Should push the end of their place (case 38), while the call goes on."""
    async with socket(invitation, cookie=f"{COOKIE}={guest_key}") as (communicator, _):
        await told(communicator, state="initiated")
        await database_sync_to_async(operations.revoke_invitation)(
            invitation=invitation, clock=timezone.now
        )
        shown = await told(communicator, state="ended")
        assert (shown["end_reason"], shown["participants"]) == ("removed", [])


async def test_guest_is_told_that_the_call_is_over(
    contact: Contact, invitation: Invitation, guest_key: str
) -> None:
    """Should not say why the customer left (case 38)."""
    async with socket(invitation, cookie=f"{COOKIE}={guest_key}") as (communicator, _):
        await told(communicator, state="initiated")

        def end() -> None:
            contact.request_end(by=EndedBy.CUSTOMER, at=after(3))
            say(contact, "DISCONNECTED")

        await database_sync_to_async(end)()
        assert (await told(communicator, state="ended"))["end_reason"] == "expired"


@pytest.mark.parametrize("who", ["nobody", "another", "malformed", "customer"])
async def test_socket_of_another_guest_is_closed(
    contact: Contact, customer_key: str, invitation: Invitation, who: str
) -> None:
    """Should close with 4404, for the customer of the call as well: theirs is another socket."""
    cookie = {
        "nobody": "",
        "another": f"{COOKIE}={new_guest_key()}",
        "malformed": f"{COOKIE}=x",
        "customer": f"{CUSTOMER_COOKIE}={customer_key}",
    }[who]
    async with socket(invitation, cookie=cookie) as (communicator, accepted):
        assert accepted
        closed = await communicator.receive_output(timeout=WITHIN_S)
        assert (closed["type"], closed["code"]) == ("websocket.close", 4404)


async def test_socket_from_another_sites_page_is_refused(
    invitation: Invitation, guest_key: str
) -> None:
    """Should not even open."""
    cookie = f"{COOKIE}={guest_key}"
    async with socket(invitation, cookie=cookie, origin=b"http://evil.example") as (_, accepted):
        assert not accepted
