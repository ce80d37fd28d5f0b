"""The sockets that show something: they send the newest version, then each newer one, and take no messages.

Close codes: 4404 what was asked for does not exist, or is not yours or no longer; 1008 you sent something, which nobody is asked to;
1013 you did not read what you were sent, or it cannot be read just now; 1012 the server ends, come back after a random while.
"""

from __future__ import annotations

import asyncio
import json
import logging
from abc import ABC, abstractmethod
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from channels.consumer import get_handler_name
from channels.generic.websocket import AsyncWebsocketConsumer
from django.conf import settings
from django.db.models import prefetch_related_objects
from django.utils import timezone

from contacts.access import contact_of_staff, contacts_of_customers, user_of_session
from contacts.availability_push import AVAILABILITY
from contacts.commits import AWAY
from contacts.customers import customer_key_of_socket, subprotocol_of
from contacts.hubs import HEARTBEAT, Mailbox, hub_of
from contacts.models import Contact
from contacts.operations import watch_availability
from contacts.patience import Patience
from contacts.presence import presence
from contacts.push import CONTACTS
from contacts.snapshots import status_frame
from contacts.socket_reads import read_together
from contacts.topics import Status, Topic

logger = logging.getLogger(__name__)

NOT_YOURS = 4404
POLICY_VIOLATION = 1008
SERVICE_RESTART = 1012
TRY_AGAIN_LATER = 1013


class ShowingConsumer(ABC, AsyncWebsocketConsumer):
    """Shows one thing of a topic."""

    channel_layer_alias = None  # the hub has the process's one channel; a socket needs none
    topic: Topic
    key: str
    mailbox: Mailbox | None = None
    writer: asyncio.Task[None] | None = None
    shown = "{}"  # what was sent last, but for heartbeats

    async def connect(self) -> None:
        """Accept, then send the state as it is and each newer one, or close with 4404."""
        self.key = self.key_of_address()
        # Watching begins before reading, so that no change can fall between the two.
        self.mailbox = await hub_of(self.topic).watch(self.key)
        status = await self.read()
        # First: a browser is told a close code only of a socket that was open.
        await self.accept(subprotocol_of(self.scope))
        if status is None:
            await self.close(NOT_YOURS)
            return
        self.mailbox.put(status)
        self.writer = asyncio.create_task(self._write(self.mailbox), name="status-write")

    @abstractmethod
    def key_of_address(self) -> str:
        """Return the key of what the address names."""

    @abstractmethod
    async def read(self) -> Status | None:
        """Read what is shown as it is, or None if there is none or the client may not see it."""

    async def dispatch(self, message: dict[str, Any]) -> None:
        """Hear what the server says. Not by way of the thread in which Channels would first close old connections: none are used there."""
        await getattr(self, get_handler_name(message))(message)

    async def disconnect(self, code: int) -> None:
        """Stop watching."""
        if self.writer is not None:
            self.writer.cancel()
            # Whatever the writer met, most likely a socket already gone, the mailbox is given back.
            await asyncio.gather(self.writer, return_exceptions=True)
        if self.mailbox is not None:
            await hub_of(self.topic).leave(self.key, self.mailbox)

    async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None) -> None:
        """Close: the socket takes no messages."""
        await self.close(POLICY_VIOLATION)

    def may_have_ended(self) -> bool:
        """Whether the right to see it may have come to an end, so that it is looked at again with each heartbeat."""
        return False

    async def take(self, mailbox: Mailbox) -> str | None:
        """Wait for the next thing to send; None if the client may see nothing more."""
        text = await mailbox.take()
        if text != HEARTBEAT:
            self.shown = text
        elif self.may_have_ended() and await self.read() is None:
            return None
        return text

    async def _write(self, mailbox: Mailbox) -> None:
        """Send what comes until the socket is closed, or is to be closed."""
        limit = asyncio.timeout(None)
        patience = Patience(limit, settings.SOCKET_READ_WITHIN_S)
        try:
            async with limit:
                while (text := await self.take(mailbox)) is not None:
                    patience.begin()
                    await self.send(text)
                    patience.end()
            code = NOT_YOURS
        except AWAY:  # whoever comes again is shown what could not be read
            code = TRY_AGAIN_LATER
        except TimeoutError:
            if not limit.expired():
                raise
            logger.info("status_reader_too_slow", extra={"key": self.key})
            code = TRY_AGAIN_LATER
        finally:
            patience.forget()
        await self.close(code)


class ContactStatusConsumer(ShowingConsumer):
    """Shows one contact to its owner or to staff."""

    topic = CONTACTS
    contact_id: UUID
    is_customers = False  # the socket of the customer's page, not of staff's

    def key_of_address(self) -> str:
        """Return the contact's id."""
        self.contact_id = self.scope["url_route"]["kwargs"]["contact_id"]
        return str(self.contact_id)

    async def connect(self) -> None:
        """Show the contact; its customer's page is there from now on."""
        await super().connect()
        if self.is_customers:
            presence().arrive(self.contact_id)

    async def read(self) -> Status | None:
        """Read the contact as it is, if its customer or staff asks."""
        viewer = Viewer(
            contact_id=self.contact_id,
            customer_key=customer_key_of_socket(self.scope),
            session_key=self.scope["cookies"].get(settings.SESSION_COOKIE_NAME),
        )
        view = await read_together(read_views, viewer)
        self.is_customers = view is not None and view.is_customers
        return view.status if view else None

    def may_have_ended(self) -> bool:
        """Whether a member of staff watches, who may be logged out, or the call is over, whose data may be erased."""
        return not self.is_customers or is_over(self.shown)

    async def disconnect(self, code: int) -> None:
        """Stop watching, and tell that the customer's page is gone, unless it is because this process goes."""
        await super().disconnect(code)
        if self.is_customers:
            await presence().leave(self.contact_id, is_known_why=code == SERVICE_RESTART)


class AvailabilityConsumer(ShowingConsumer):
    """Shows to everybody whether one can call an entry point now."""

    topic = AVAILABILITY

    def key_of_address(self) -> str:
        """Return the entry point's slug."""
        slug: str = self.scope["url_route"]["kwargs"]["slug"]
        return slug

    async def read(self) -> Status | None:
        """Read what is known."""
        return await read_together(_read_availabilities, self.key)


def is_over(text: str) -> bool:
    """Whether what was sent of a call says that it is over."""
    return json.loads(text).get("contact", {}).get("ended_at") is not None


@dataclass(frozen=True, slots=True)
class Viewer:
    """Who wants to watch which contact."""

    contact_id: UUID
    customer_key: str | None
    session_key: str | None


@dataclass(frozen=True, slots=True)
class View:
    """A contact as it is, for one who may watch it."""

    status: Status
    is_customers: bool
    """Whether its customer asks, not staff."""


def read_views(viewers: Collection[Viewer]) -> dict[Viewer, View]:
    """Read the contacts as they are, each once, for those of the viewers who may watch them."""
    contacts = contacts_of_customers({(one.contact_id, one.customer_key) for one in viewers})
    own = {one: contacts.get((one.contact_id, one.customer_key)) for one in viewers}
    seen = {one: contact or _contact_of_staff(one) for one, contact in own.items()}
    found = {contact.pk: contact for contact in seen.values() if contact is not None}
    prefetch_related_objects(list(found.values()), "participants")
    statuses = {pk: Status.of(str(pk), status_frame(contact)) for pk, contact in found.items()}
    return {
        one: View(statuses[contact.pk], is_customers=own[one] is not None)
        for one, contact in seen.items()
        if contact is not None
    }


def _contact_of_staff(viewer: Viewer) -> Contact | None:
    if viewer.session_key is None:
        return None
    user = user_of_session(viewer.session_key)
    return contact_of_staff(contact_id=viewer.contact_id, user=user)


def _read_availabilities(slugs: Collection[str]) -> dict[str, Status]:
    frames = {slug: watch_availability(slug=slug, at=timezone.now()) for slug in slugs}
    return {slug: Status.of(slug, frame) for slug, frame in frames.items() if frame is not None}
