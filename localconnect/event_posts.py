"""Contact events on their way to HTTP targets, each tried until it is taken, as API destinations of EventBridge do.

An event is tried in the order of its call, since a transfer ends one contact as another begins; one that fails steps aside and is retried on its own, so it never holds up
another. Which events go where, and what goes wrong with them on purpose, is decided elsewhere.
"""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Coroutine, Iterable
from dataclasses import dataclass, field
from typing import Any

import aiohttp

from localconnect.clock import Clock
from localconnect.event_envelope import Event
from localconnect.journal import Journal
from localconnect.random_ids import new_id
from localconnect.setting_values import HttpTarget
from localconnect.settings import Settings
from localconnect.store import Document, Kind

logger = logging.getLogger(__name__)

_MAX_UNDELIVERED = 10_000
_RETRIED_STATUSES = frozenset({401, 407, 409, 429})
"""What EventBridge retries besides 5xx; every other 4xx is final."""


@dataclass(frozen=True, slots=True)
class _Delivery:
    """One event on its way to one target."""

    url: str
    call_id: str
    body: bytes
    id: str = field(default_factory=new_id)

    def record(self) -> Document:
        return {"url": self.url, "contact_id": self.call_id, "body": self.body.decode()}


@dataclass(slots=True)
class _Lane:
    """What still has to go to one target about one call, in order."""

    target: HttpTarget
    waiting: deque[_Delivery] = field(default_factory=deque)


class EventPosts:
    """Deliveries by POST."""

    def __init__(
        self, *, settings: Settings, clock: Clock, journal: Journal | None = None
    ) -> None:
        self.delivered = 0
        self.given_up = 0
        self._settings = settings
        self._clock = clock
        self._journal = journal or Journal()
        self._lanes: dict[tuple[str, str], _Lane] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._session: aiohttp.ClientSession | None = None

    @property
    def undelivered(self) -> int:
        """Deliveries under way or waiting for another attempt."""
        return len(self._tasks)

    def post(self, target: HttpTarget, event: Event) -> None:
        """Deliver `event`, after those of its call that are on their way. Returns at once."""
        delivery = _Delivery(target["url"], event.call_id, event.body)
        self._journal.put(Kind.DELIVERY, delivery.id, delivery.record)
        self._deliver(target, delivery)

    def restore(self, documents: Iterable[tuple[str, Document]]) -> None:
        """Deliver what a former process could not, to those who are still targets."""
        targets = {
            target["url"]: target for target in self._settings.events_targets if "url" in target
        }
        for delivery_id, document in documents:
            target = targets.get(document["url"])
            if target is None:
                logger.warning("%s is no target any more: an event is dropped", document["url"])
                self._journal.drop(Kind.DELIVERY, delivery_id)
            else:
                body = document["body"].encode()
                delivery = _Delivery(target["url"], document["contact_id"], body, delivery_id)
                self._deliver(target, delivery)

    async def settle(self) -> None:
        """Wait until every delivery has succeeded or been given up."""
        while self._tasks:
            await asyncio.wait(self._tasks)

    async def forget(self) -> None:
        """Cancel every delivery."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self._lanes.clear()
        self.delivered = self.given_up = 0

    async def close(self) -> None:
        """Stop what is under way. What the journal keeps, the next process delivers."""
        await self.forget()
        if self._session is not None:
            await self._session.close()

    def _deliver(self, target: HttpTarget, delivery: _Delivery) -> None:
        key = (delivery.url, delivery.call_id)
        lane = self._lanes.get(key)
        if lane is None:
            lane = _Lane(target)
            if not self._start(self._drain(key, lane)):
                self._settle(delivery)
                return
            self._lanes[key] = lane
        lane.waiting.append(delivery)

    def _settle(self, delivery: _Delivery) -> None:
        """It has been taken, or given up."""
        self._journal.drop(Kind.DELIVERY, delivery.id)

    def _start(self, work: Coroutine[Any, Any, None]) -> bool:
        """Begin `work`. False when too much is under way: it is given up."""
        if len(self._tasks) >= _MAX_UNDELIVERED:
            work.close()
            self.given_up += 1
            logger.error(
                "%d deliveries of contact events are pending; one was given up", _MAX_UNDELIVERED
            )
            return False
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return True

    async def _drain(self, key: tuple[str, str], lane: _Lane) -> None:
        while lane.waiting:
            delivery = lane.waiting.popleft()
            asked_s = await self._attempt(lane.target, delivery.body)
            if asked_s is None or not self._start(self._retry(lane.target, delivery, asked_s)):
                self._settle(delivery)
        del self._lanes[key]

    async def _retry(self, target: HttpTarget, delivery: _Delivery, asked_s: float) -> None:
        settings = self._settings
        pause_s = settings.events_retry_s
        stops_at = self._clock.time() + settings.events_max_age_s
        for _ in range(settings.events_attempts - 1):
            wait_s = max(pause_s, asked_s)
            if self._clock.time() + wait_s > stops_at:
                break
            await asyncio.sleep(wait_s)
            asked_next_s = await self._attempt(target, delivery.body)
            if asked_next_s is None:
                self._settle(delivery)
                return
            asked_s = asked_next_s
            pause_s = min(pause_s * 2, settings.events_retry_max_s)
        self._settle(delivery)
        self.given_up += 1
        logger.error("A contact event for %s was given up", target["url"])

    async def _attempt(self, target: HttpTarget, body: bytes) -> float | None:
        """POST once. None when that settled it, else the least seconds to wait before the next attempt."""
        headers = {
            "Content-Type": "application/json; charset=utf-8",
            "User-Agent": "Amazon/EventBridge/ApiDestinations",
        }
        key = target.get("key")
        if key:
            headers["X-Events-Key"] = key
        timeout = aiohttp.ClientTimeout(total=self._settings.events_timeout_s)
        try:
            async with self._client().post(
                target["url"], data=body, headers=headers, timeout=timeout, allow_redirects=False
            ) as reply:
                status, retry_after = reply.status, reply.headers.get("Retry-After", "")
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            logger.info(
                "Contact event not delivered to %s: %s",
                target["url"],
                str(error) or type(error).__name__,
            )
            return 0.0
        if 200 <= status < 300:
            self.delivered += 1
            return None
        asked_s = _seconds(retry_after)
        is_retried = (status >= 500 or status in _RETRIED_STATUSES) and asked_s >= 0
        logger.warning(
            "%s answered a contact event with %d%s",
            target["url"],
            status,
            "" if is_retried else ": given up",
        )
        self.given_up += not is_retried
        return asked_s if is_retried else None

    def _client(self) -> aiohttp.ClientSession:
        if self._session is None:
            self._session = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(limit_per_host=32)
            )
        return self._session


def _seconds(retry_after: str) -> float:
    """What the header Retry-After asks for: below 0 never again, 0 where it says nothing of use."""
    try:
        return float(int(retry_after[:10]))
    except ValueError:
        return 0.0
