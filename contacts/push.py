"""Carries each new version of a contact to the sockets that watch it, in this process and in the others.

A process joins the channel layer's one group with one channel, and hands each frame to the sockets of its own that
watch the contact: a group per contact would cost the layer tens of times more and lose bursts. The layer is only a
hint. Once a second a process compares the versions its sockets have with the database, so that what the layer lost, or
what a process without a common layer changed, arrives too. Knows nothing of who may watch; that is the consumer's part.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Sequence
from typing import Any, cast
from uuid import UUID
from weakref import WeakKeyDictionary

from channels.db import database_sync_to_async
from channels.layers import get_channel_layer
from django.db import transaction

from asgiref.sync import async_to_sync

from contacts.models import Contact
from contacts.snapshots import StatusFrame, status_frame

logger = logging.getLogger(__name__)

GROUP = "contacts.status"
MESSAGE_TYPE = "contact.status"
COMPARE_EVERY_S = 1.0
RECONNECT_AFTER_S = 1.0
IDS_PER_QUERY = 500


class Mailbox:
    """What one socket has yet to be sent: at most the newest frame, so that a slow reader costs nothing more."""

    def __init__(self) -> None:
        self.version = 0  # of the newest frame put in
        self._frame: StatusFrame | None = None
        self._filled = asyncio.Event()

    def put(self, frame: StatusFrame) -> None:
        """Replace what waits, unless the socket has that version or a newer one."""
        if frame["version"] > self.version:
            self.version = frame["version"]
            self._frame = frame
            self._filled.set()

    async def take(self) -> StatusFrame:
        """Wait for a frame and remove it."""
        await self._filled.wait()
        self._filled.clear()
        return cast(StatusFrame, self._frame)


class Hub:
    """The sockets of this process by the contact they watch, and the two tasks that feed them while there are any."""

    def __init__(self) -> None:
        self._mailboxes: dict[UUID, set[Mailbox]] = {}
        self._feeds: list[asyncio.Task[None]] = []

    @property
    def is_running(self) -> bool:
        """Whether it is being fed, which it is while anybody watches."""
        return bool(self._feeds)

    async def watch(self, contact_id: UUID) -> Mailbox:
        """Return a mailbox that gets each new version of the contact from now on."""
        mailbox = Mailbox()
        self._mailboxes.setdefault(contact_id, set()).add(mailbox)
        if not self._feeds:
            self._feeds = [
                asyncio.create_task(self._listen(), name="status-listen"),
                asyncio.create_task(self._compare(), name="status-compare"),
            ]
        return mailbox

    async def leave(self, contact_id: UUID, mailbox: Mailbox) -> None:
        """Stop feeding a mailbox; with the last one, stop the feeds."""
        mailboxes = self._mailboxes.get(contact_id, set())
        mailboxes.discard(mailbox)
        if not mailboxes:
            self._mailboxes.pop(contact_id, None)
        if not self._mailboxes and self._feeds:
            feeds, self._feeds = self._feeds, []
            for feed in feeds:
                feed.cancel()
            await asyncio.gather(*feeds, return_exceptions=True)

    def deliver(self, frame: StatusFrame) -> None:
        """Hand a frame to every socket that watches its contact."""
        for mailbox in self._mailboxes.get(UUID(frame["contact"]["id"]), ()):
            mailbox.put(frame)

    async def _listen(self) -> None:
        """Receive from the channel layer, joining it again whenever that fails."""
        while True:
            try:
                await self._listen_once()
            except Exception:
                logger.warning("status_layer_lost", exc_info=True)
                await asyncio.sleep(RECONNECT_AFTER_S)

    async def _listen_once(self) -> None:
        layer = get_channel_layer()
        channel = await layer.new_channel("status")
        await layer.group_add(GROUP, channel)
        try:
            while True:
                message = await layer.receive(channel)
                self.deliver(message["frame"])
        finally:
            with contextlib.suppress(Exception):
                await layer.group_discard(GROUP, channel)

    async def _compare(self) -> None:
        """Once a second, read what is newer in the database than any socket has."""
        while True:
            await asyncio.sleep(COMPARE_EVERY_S)
            try:
                await self._compare_once()
            except Exception:
                logger.warning("status_compare_failed", exc_info=True)

    async def _compare_once(self) -> None:
        known = {
            contact_id: min(mailbox.version for mailbox in mailboxes)
            for contact_id, mailboxes in self._mailboxes.items()
        }
        ids = list(known)
        for start in range(0, len(ids), IDS_PER_QUERY):
            chunk = {
                contact_id: known[contact_id] for contact_id in ids[start : start + IDS_PER_QUERY]
            }
            for frame in await database_sync_to_async(_newer_frames)(chunk):
                self.deliver(frame)


_hubs: WeakKeyDictionary[asyncio.AbstractEventLoop, Hub] = WeakKeyDictionary()


def hub() -> Hub:
    """Return the hub of the running event loop, which in a server is the process's one."""
    return _hubs.setdefault(asyncio.get_running_loop(), Hub())


def publish_on_commit(contact: Contact) -> None:
    """Tell every process of the contact's state as it is once the transaction has committed."""
    transaction.on_commit(lambda: _publish(contact.pk))


def frame_of(contact_id: UUID) -> StatusFrame | None:
    """Read the newest frame of a contact, or None if there is no such contact."""
    return next(iter(_frames([contact_id])), None)


def _publish(contact_id: UUID) -> None:
    frame = frame_of(contact_id)
    if frame is None:
        return
    try:
        async_to_sync(_send)(frame)
    except Exception:
        logger.warning("status_publish_failed", exc_info=True)


async def _send(frame: StatusFrame) -> None:
    message: dict[str, Any] = {"type": MESSAGE_TYPE, "frame": frame}
    await get_channel_layer().group_send(GROUP, message)


def _newer_frames(known: dict[UUID, int]) -> list[StatusFrame]:
    """Return the frames of those contacts whose version is above the given one."""
    versions = Contact.objects.filter(pk__in=known).values_list("pk", "version")
    return _frames([pk for pk, version in versions if version > known[pk]])


def _frames(contact_ids: Sequence[UUID]) -> list[StatusFrame]:
    if not contact_ids:
        return []
    contacts = Contact.objects.select_related("entry_point").prefetch_related("participants")
    return [status_frame(contact) for contact in contacts.filter(pk__in=contact_ids)]
