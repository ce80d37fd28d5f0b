"""Contact events: written in EventBridge's envelope and POSTed to every target, at least once.

An event is tried in order of its contact; one that fails steps aside and is retried on its own, so it never holds up
another. As in Amazon Connect, a receiver must expect events late, twice, or out of order, and `EventTrouble` makes
that happen on purpose. Knows contacts as values, nothing of how they change.
"""

from __future__ import annotations

import asyncio
import json
import logging
from collections import deque
from collections.abc import Coroutine
from dataclasses import dataclass, field
from typing import Any

import aiohttp

from localconnect.clock import Clock
from localconnect.contacts import Contact
from localconnect.event_envelope import EventType, envelope
from localconnect.event_trouble import EventTrouble
from localconnect.settings import EventTarget, Settings

logger = logging.getLogger(__name__)

_MAX_UNDELIVERED = 10_000
_HOLD_BACK_S = 1.0
_RETRIED_STATUSES = frozenset({401, 407, 409, 429})
"""What EventBridge retries besides 5xx; every other 4xx is final."""


@dataclass(slots=True)
class _Lane:
    """What still has to go to one target about one contact, in order."""

    target: EventTarget
    waiting: deque[bytes] = field(default_factory=deque)


class ContactEvents:
    """Publishes events to the targets the settings name at that moment."""

    def __init__(self, *, settings: Settings, clock: Clock) -> None:
        self.trouble = EventTrouble()
        self.delivered = 0
        self.given_up = 0
        self._settings = settings
        self._clock = clock
        self._lanes: dict[tuple[str, str], _Lane] = {}
        self._held_back: dict[str, bytes] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._session: aiohttp.ClientSession | None = None

    @property
    def undelivered(self) -> int:
        """Deliveries under way or waiting for another attempt."""
        return len(self._tasks)

    def publish(self, event_type: EventType, contact: Contact, *updated: str) -> None:
        """Tell every target that `event_type` has happened to `contact` just now. Returns at once.

        :param updated: for CONTACT_DATA_UPDATED, what has changed.
        """
        if not self._settings.events_targets or self.trouble.loses(event_type):
            return
        body = json.dumps(
            envelope(event_type, contact, at=self._clock.time(), updated=updated)
        ).encode()
        for _ in range(1 + self.trouble.duplicate):
            self._order(contact.id, body)

    async def close(self) -> None:
        """Give up what is under way."""
        await self.forget()
        if self._session is not None:
            await self._session.close()

    async def forget(self) -> None:
        """Cancel every delivery and stop making trouble."""
        self.trouble = EventTrouble()
        self._held_back.clear()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self._lanes.clear()
        self.delivered = self.given_up = 0

    def _order(self, contact_id: str, body: bytes) -> None:
        if not self.trouble.reorder:
            self._delay(contact_id, body)
        elif contact_id in self._held_back:
            self._delay(contact_id, body)
            self._release(contact_id)
        else:
            self._held_back[contact_id] = body
            self._clock.call_later(_HOLD_BACK_S, lambda: self._release(contact_id))

    def _release(self, contact_id: str) -> None:
        body = self._held_back.pop(contact_id, None)
        if body is not None:
            self._delay(contact_id, body)

    def _delay(self, contact_id: str, body: bytes) -> None:
        if self.trouble.delay_ms:
            self._clock.call_later(
                self.trouble.delay_ms / 1000, lambda: self._enqueue(contact_id, body)
            )
        else:
            self._enqueue(contact_id, body)

    def _enqueue(self, contact_id: str, body: bytes) -> None:
        for target in self._settings.events_targets:
            key = (target["url"], contact_id)
            lane = self._lanes.get(key)
            if lane is None:
                lane = self._lanes[key] = _Lane(target)
                self._start(self._drain(key, lane))
            lane.waiting.append(body)

    def _start(self, work: Coroutine[Any, Any, None]) -> None:
        if len(self._tasks) >= _MAX_UNDELIVERED:
            work.close()
            self.given_up += 1
            logger.error(
                "%d deliveries of contact events are pending; one was given up", _MAX_UNDELIVERED
            )
            return
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _drain(self, key: tuple[str, str], lane: _Lane) -> None:
        while lane.waiting:
            body = lane.waiting.popleft()
            if await self._attempt(lane.target, body):
                self._start(self._retry(lane.target, body))
        del self._lanes[key]

    async def _retry(self, target: EventTarget, body: bytes) -> None:
        pause_s = self._settings.events_retry_s
        for _ in range(self._settings.events_attempts - 1):
            await asyncio.sleep(pause_s)
            if not await self._attempt(target, body):
                return
            pause_s = min(pause_s * 2, self._settings.events_retry_max_s)
        self.given_up += 1
        logger.error(
            "A contact event for %s was given up after %d attempts",
            target["url"],
            self._settings.events_attempts,
        )

    async def _attempt(self, target: EventTarget, body: bytes) -> bool:
        """POST once. True when another attempt should follow."""
        headers = {"Content-Type": "application/json; charset=utf-8"}
        key = target.get("key")
        if key:
            headers["X-Events-Key"] = key
        timeout = aiohttp.ClientTimeout(total=self._settings.events_timeout_s)
        try:
            async with self._client().post(
                target["url"], data=body, headers=headers, timeout=timeout, allow_redirects=False
            ) as reply:
                status = reply.status
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            logger.info(
                "Contact event not delivered to %s: %s",
                target["url"],
                str(error) or type(error).__name__,
            )
            return True
        if 200 <= status < 300:
            self.delivered += 1
            return False
        is_retried = status >= 500 or status in _RETRIED_STATUSES
        logger.warning(
            "%s answered a contact event with %d%s",
            target["url"],
            status,
            "" if is_retried else ": given up",
        )
        self.given_up += not is_retried
        return is_retried

    def _client(self) -> aiohttp.ClientSession:
        if self._session is None:
            self._session = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(limit_per_host=32)
            )
        return self._session
