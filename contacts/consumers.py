"""The status socket of one contact: authorises, sends the newest version, then each newer one. It never writes.

Close codes: 4404 the contact does not exist or is not yours; 1008 you sent something, which nobody is asked to.
"""

from __future__ import annotations

import asyncio
from http.cookies import CookieError, SimpleCookie
from typing import Any
from uuid import UUID

from channels.db import database_sync_to_async
from channels.generic.websocket import AsyncJsonWebsocketConsumer

from contacts.access import may_watch
from contacts.customers import COOKIE, well_formed_key
from contacts.push import Mailbox, frame_of, hub

NOT_YOURS = 4404
POLICY_VIOLATION = 1008


class ContactStatusConsumer(AsyncJsonWebsocketConsumer):
    """Shows one contact to its owner or to staff."""

    contact_id: UUID
    mailbox: Mailbox | None = None
    writer: asyncio.Task[None] | None = None

    async def connect(self) -> None:
        """Accept, then send the state as it is, or close with 4404."""
        self.contact_id = self.scope["url_route"]["kwargs"]["contact_id"]
        allowed = await database_sync_to_async(may_watch)(
            contact_id=self.contact_id,
            customer_key=_customer_key(self.scope),
            user=self.scope["user"],
        )
        await self.accept()  # first: a browser is told a close code only of a socket that was open
        if not allowed:
            await self.close(NOT_YOURS)
            return
        # Watching begins before reading, so that no change can fall between the two.
        self.mailbox = await hub().watch(self.contact_id)
        frame = await database_sync_to_async(frame_of)(self.contact_id)
        if frame is not None:
            self.mailbox.put(frame)
        self.writer = asyncio.create_task(self._write(self.mailbox), name="status-write")

    async def disconnect(self, code: int) -> None:
        """Stop watching."""
        if self.writer is not None:
            self.writer.cancel()
            # Whatever the writer met, most likely a socket already gone, the mailbox is given back.
            await asyncio.gather(self.writer, return_exceptions=True)
        if self.mailbox is not None:
            await hub().leave(self.contact_id, self.mailbox)

    async def receive(
        self, text_data: str | None = None, bytes_data: bytes | None = None, **_: Any
    ) -> None:
        """Close: the socket takes no messages."""
        await self.close(POLICY_VIOLATION)

    async def _write(self, mailbox: Mailbox) -> None:
        while True:
            await self.send_json(await mailbox.take())


def _customer_key(scope: dict[str, Any]) -> str | None:
    """Return the customer key of the handshake's cookies."""
    header = dict(scope["headers"]).get(b"cookie", b"").decode("latin-1")
    try:
        morsel = SimpleCookie(header).get(COOKIE)
    except CookieError:
        return None
    return well_formed_key(morsel.value if morsel else None)
