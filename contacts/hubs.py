"""Carries each new version of a thing to the sockets that watch it, in this process and in the others.

For each topic a process joins one group of the channel
layer with one channel, and hands each frame to the sockets of its own that watch the thing: a group per thing would cost
the layer tens of times more and lose bursts. The layer is only a hint. Once a second a process compares the versions its
sockets have with the database, in threads of its own, so that what the layer lost, or what a process without a common layer changed, arrives too.
Knows nothing of what the frames show, nor of who may watch; that is the consumers' part.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import time
from collections.abc import Iterable
from itertools import chain
from weakref import WeakKeyDictionary

from channels.layers import get_channel_layer
from django.utils import timezone

from contacts import metrics
from contacts.pacing import spread
from contacts.publishing import local_receivers
from contacts.socket_reads import in_read_thread
from contacts.topics import FRAME_FORMAT, Status, Topic, statuses_of

logger = logging.getLogger(__name__)

COMPARE_EVERY_S = 1.0
NOTE_WATCHED_EVERY_S = 10.0
RECONNECT_AFTER_S = 1.0
KEYS_PER_QUERY = 250
BEATS_AT_ONCE = 50
EVERYTHING = "*"  # watched instead of the key of one thing
# A browser cannot see pings: by these it knows that a quiet socket lives.
HEARTBEAT_EVERY_S = 20.0
HEARTBEAT = json.dumps({"v": FRAME_FORMAT, "type": "heartbeat"})


class Mailbox:
    """What one socket has yet to be sent: at most the newest frame, so that a slow reader costs nothing more."""

    __slots__ = ("_beat", "_text", "_waiter", "version")

    def __init__(self) -> None:
        self.version = 0  # of the newest frame put in
        self._text: str | None = None
        self._beat = False
        self._waiter: asyncio.Future[None] | None = None

    def put(self, status: Status) -> None:
        """Replace what waits, unless the socket has that version or a newer one."""
        if status.version > self.version:
            self.version = status.version
            self._text = status.text
            self._wake()

    def beat(self) -> None:
        """Have a heartbeat sent, unless something else is."""
        self._beat = True
        self._wake()

    async def take(self) -> str:
        """Wait for something to send, and remove it."""
        while self._text is None and not self._beat:
            self._waiter = asyncio.get_running_loop().create_future()
            await self._waiter
        text, self._text, self._beat = self._text or HEARTBEAT, None, False
        return text

    def _wake(self) -> None:
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)


class Changes(Mailbox):
    """What a socket that watches everything has yet to be told: of each thing that changed, the newest."""

    __slots__ = ("_changed",)

    def __init__(self) -> None:
        super().__init__()
        self._changed: dict[str, Status] = {}

    def put(self, status: Status) -> None:
        """Replace what waits of the thing, unless that is newer."""
        waiting = self._changed.get(status.key)
        if waiting is None or waiting.version < status.version:
            self._changed[status.key] = status
            self._wake()

    async def take_all(self) -> tuple[list[Status], bool]:
        """Wait for changes, and remove them; and whether it is time for a heartbeat."""
        while not self._changed and not self._beat:
            self._waiter = asyncio.get_running_loop().create_future()
            await self._waiter
        taken = list(self._changed.values()), self._beat
        self._changed, self._beat = {}, False
        return taken


class Hub:
    """The sockets of this process by the thing they watch, and the tasks that feed them while there are any."""

    def __init__(self, topic: Topic) -> None:
        self._topic = topic
        self._mailboxes: dict[str, set[Mailbox]] = {}
        self._feeds: list[asyncio.Task[None]] = []
        self._seen: dict[str, int] = {}  # versions of what goes on, while anybody watches it all

    @property
    def is_running(self) -> bool:
        """Whether it is being fed, which it is while anybody watches."""
        return bool(self._feeds)

    async def watch(self, key: str) -> Mailbox:
        """Return a mailbox that gets each new version of the thing from now on; `Changes` of everything."""
        mailbox = Changes() if key == EVERYTHING else Mailbox()
        metrics.SOCKETS.labels(self._topic.group).inc()
        self._mailboxes.setdefault(key, set()).add(mailbox)
        if not self._feeds:
            local_receivers.add(self._topic, self.deliver)
            self._feeds = [
                asyncio.create_task(self._listen(), name=f"{self._topic.group}-listen"),
                asyncio.create_task(self._compare(), name=f"{self._topic.group}-compare"),
                asyncio.create_task(self._beat(), name=f"{self._topic.group}-beat"),
            ]
        return mailbox

    async def leave(self, key: str, mailbox: Mailbox) -> None:
        """Stop feeding a mailbox; with the last one, stop the feeds."""
        mailboxes = self._mailboxes.get(key, set())
        if mailbox in mailboxes:
            metrics.SOCKETS.labels(self._topic.group).dec()
        mailboxes.discard(mailbox)
        if not mailboxes:
            self._mailboxes.pop(key, None)
            if key == EVERYTHING:
                self._seen = {}
        if not self._mailboxes and self._feeds:
            local_receivers.remove(self._topic, self.deliver)
            feeds, self._feeds = self._feeds, []
            for feed in feeds:
                feed.cancel()
            await asyncio.gather(*feeds, return_exceptions=True)

    def deliver(self, statuses: Iterable[Status]) -> None:
        """Hand each status to every socket that watches the thing it shows."""
        curious = self._mailboxes.get(EVERYTHING, ())
        for status in statuses:
            for mailbox in (*self._mailboxes.get(status.key, ()), *curious):
                mailbox.put(status)

    def mailboxes(self) -> list[Mailbox]:
        """Return those of all sockets."""
        return list(chain.from_iterable(self._mailboxes.values()))

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
        await layer.group_add(self._topic.group, channel)
        try:
            while True:
                self.deliver(statuses_of(await layer.receive(channel)))
        finally:
            with contextlib.suppress(Exception):
                await layer.group_discard(self._topic.group, channel)

    async def _compare(self) -> None:
        """Again and again, read what is newer in the database than any socket has: of each thing about once a second."""
        noted_at = -NOTE_WATCHED_EVERY_S
        while True:
            try:
                await self._compare_all()
                if self._topic.note_watched and time.monotonic() - noted_at > NOTE_WATCHED_EVERY_S:
                    noted_at = time.monotonic()
                    await in_read_thread(
                        self._topic.note_watched,
                        [key for key in self._mailboxes if key != EVERYTHING],
                        timezone.now(),
                    )
            except Exception:
                logger.warning("status_compare_failed", exc_info=True)
                await asyncio.sleep(COMPARE_EVERY_S)

    async def _compare_all(self) -> None:
        if EVERYTHING in self._mailboxes:
            await self._compare_what_goes_on()
        watched = [key for key in self._mailboxes if key != EVERYTHING]
        async for keys in spread(watched, COMPARE_EVERY_S, at_once=KEYS_PER_QUERY):
            known = {
                key: min(mailbox.version for mailbox in self._mailboxes[key])
                for key in keys
                if key in self._mailboxes  # until now somebody watched it
            }
            self.deliver(await in_read_thread(self._read_newer, known))

    async def _compare_what_goes_on(self) -> None:
        """Read what began, changed or ended since the last time."""
        going_on = await in_read_thread(self._topic.going_on, timezone.now())
        changed = {
            key: self._seen.get(key, 0)
            for key, version in going_on.items()
            if version > self._seen.get(key, 0)
        }
        known = changed | {key: self._seen[key] for key in self._seen.keys() - going_on.keys()}
        keys = list(known)
        for start in range(0, len(keys), KEYS_PER_QUERY):
            newer = {key: known[key] for key in keys[start : start + KEYS_PER_QUERY]}
            self.deliver(await in_read_thread(self._read_newer, newer))
        self._seen = dict(going_on)

    def _read_newer(self, known: dict[str, int]) -> list[Status]:
        return list(self._topic.read_newer(known))

    async def _beat(self) -> None:
        while True:
            async for some in spread(self.mailboxes(), HEARTBEAT_EVERY_S, at_once=BEATS_AT_ONCE):
                for mailbox in some:
                    mailbox.beat()


_hubs: WeakKeyDictionary[asyncio.AbstractEventLoop, dict[Topic, Hub]] = WeakKeyDictionary()


def hub_of(topic: Topic) -> Hub:
    """Return the topic's hub of the running event loop, which in a server is the process's one."""
    hubs = _hubs.setdefault(asyncio.get_running_loop(), {})
    return hubs.setdefault(topic, Hub(topic))
