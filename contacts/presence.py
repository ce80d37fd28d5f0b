"""Which customers' pages are open, as the sockets of this process show it, told to the domain while they wait.

A page that goes is told of after a moment only: a process that is itself going down loses all its sockets, never gets to
that moment, and so accuses nobody. Knows nothing of what is made of it.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from collections import Counter
from uuid import UUID
from weakref import WeakKeyDictionary

from channels.db import database_sync_to_async
from django.utils import timezone

from contacts.operations import customer_presence

logger = logging.getLogger(__name__)

TELL_EVERY_S = 2.0
GATHER_FOR_S = 0.1  # those who arrive together are told of together
TELL_OF_LEAVING_AFTER_S = 0.5


class Presence:
    """The open pages of this process, and the task that tells of them while there are any."""

    def __init__(self) -> None:
        self._pages: Counter[UUID] = Counter()
        self._waiting: set[UUID] = set()  # calls among them that waited when last told of
        self._arrived: list[UUID] = []
        self._arrival = asyncio.Event()
        self._telling: asyncio.Task[None] | None = None

    def arrive(self, contact_id: UUID) -> None:
        """Count a page of the contact's customer that has opened its socket."""
        self._pages[contact_id] += 1
        self._waiting.add(contact_id)
        self._arrived.append(contact_id)
        self._arrival.set()
        if self._telling is None:
            self._telling = asyncio.create_task(self._tell(), name="presence-tell")

    async def leave(self, contact_id: UUID, *, is_known_why: bool = False) -> None:
        """Count a page's socket as closed. It is not told of when it is known to be our own doing."""
        self._pages[contact_id] -= 1
        if not self._pages[contact_id]:
            del self._pages[contact_id]
        if not self._pages and self._telling is not None:
            telling, self._telling = self._telling, None
            telling.cancel()
            await asyncio.gather(telling, return_exceptions=True)
        left_at = timezone.now()
        if not is_known_why:
            await asyncio.sleep(TELL_OF_LEAVING_AFTER_S)
        if contact_id in self._pages or contact_id not in self._waiting:
            return
        self._waiting.discard(contact_id)
        if not is_known_why:
            await database_sync_to_async(customer_presence.note_customer_left)(
                contact_id=contact_id, at=left_at
            )

    async def _tell(self) -> None:
        """Tell of those who arrive, many at once when many do, and every few seconds of all whose calls wait."""
        since = timezone.now()
        told_at = time.monotonic()
        while True:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._arrival.wait(), TELL_EVERY_S)
                await asyncio.sleep(GATHER_FOR_S)
            self._arrival.clear()
            is_due = time.monotonic() - told_at >= TELL_EVERY_S
            told = list(self._waiting) if is_due else self._arrived
            self._arrived = []
            if is_due:
                told_at = time.monotonic()
            try:
                waiting = await database_sync_to_async(customer_presence.note_customers_present)(
                    contact_ids=told, at=timezone.now()
                )
                self._waiting.difference_update(set(told) - waiting)
                # A process that has just begun was not there for pages that lost another one's.
                if is_due and timezone.now() - since > customer_presence.UNSEEN_FOR:
                    await database_sync_to_async(customer_presence.note_customers_unseen)(
                        at=timezone.now()
                    )
            except Exception:
                logger.warning("presence_not_told", exc_info=True)


_presences: WeakKeyDictionary[asyncio.AbstractEventLoop, Presence] = WeakKeyDictionary()


def presence() -> Presence:
    """Return the presence of the running event loop, which in a server is the process's one."""
    return _presences.setdefault(asyncio.get_running_loop(), Presence())
