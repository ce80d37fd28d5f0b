"""Tells every process of things that changed, from a thread of its own: nobody who changes one waits for it.

What was changed several times meanwhile is told once, as it is then. This process's own sockets are told directly, and
so also while the channel layer is down; the layer is for the other processes. What is lost, the sockets' own comparing
finds within a second.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import threading
from collections.abc import Callable, Sequence

from channels.layers import InMemoryChannelLayer, get_channel_layer
from django.db import connection, transaction

from contacts.commits import AWAY
from contacts.topics import Status, Topic, message_of

logger = logging.getLogger(__name__)

AT_ONCE = 200  # things of a topic read with one query
PER_MESSAGE = 50  # of a kilobyte each
IDLE_S = 1.0  # after which the thread gives its database connection back
LAYER_WITHIN_S = 5.0

Receiver = Callable[[Sequence[Status]], None]


class LocalReceivers:
    """Who in this process wants to be told of a topic, each in the event loop it was added from."""

    def __init__(self) -> None:
        self._receivers: dict[tuple[Topic, Receiver], asyncio.AbstractEventLoop] = {}

    def add(self, topic: Topic, receiver: Receiver) -> None:
        """Tell `receiver` from now on, in the running event loop."""
        self._receivers[topic, receiver] = asyncio.get_running_loop()

    def remove(self, topic: Topic, receiver: Receiver) -> None:
        """Tell it no more."""
        self._receivers.pop((topic, receiver), None)

    def tell(self, topic: Topic, statuses: Sequence[Status]) -> None:
        """Tell all of them, from whatever thread."""
        for (wanted, receiver), loop in list(self._receivers.items()):
            if wanted == topic:
                with contextlib.suppress(RuntimeError):  # its loop was closed
                    loop.call_soon_threadsafe(receiver, statuses)


class _Publisher:
    """The things that others have yet to be told of, and the thread that tells them."""

    def __init__(self) -> None:
        self._changed: dict[tuple[Topic, str], None] = {}
        self._news = threading.Condition()
        self._thread: threading.Thread | None = None

    def put(self, topic: Topic, key: str) -> None:
        with self._news:
            self._changed[topic, key] = None
            self._news.notify()
            if self._thread is None or not self._thread.is_alive():
                self._thread = threading.Thread(target=self._run, name="publisher", daemon=True)
                self._thread.start()

    def _run(self) -> None:
        with asyncio.Runner() as runner:
            while True:
                topic, keys = self._take()
                if topic is None:
                    connection.close()
                    continue
                try:
                    statuses = _read(topic, keys)
                except Exception:
                    logger.warning("status_not_read", exc_info=True)
                    connection.close()
                    continue
                local_receivers.tell(topic, statuses)
                try:
                    runner.run(_send(topic, statuses))
                except Exception:
                    logger.warning("status_publish_failed", exc_info=True)

    def _take(self) -> tuple[Topic | None, list[str]]:
        """Wait for changed things, and return those of one topic; no topic says that there were none for a while."""
        with self._news:
            if not self._changed:
                self._news.wait(IDLE_S if connection.connection is not None else None)
            topic = next((topic for topic, _ in self._changed), None)
            keys = [key for one, key in self._changed if one == topic][:AT_ONCE]
            for key in keys:
                if topic is not None:
                    del self._changed[topic, key]
            return topic, keys


local_receivers = LocalReceivers()
_publisher = _Publisher()


def publish_on_commit(topic: Topic, key: str) -> None:
    """Tell every process of the thing as it is, once the transaction has committed."""
    transaction.on_commit(lambda: _publisher.put(topic, key))


def _read(topic: Topic, keys: Sequence[str]) -> list[Status]:
    """Read things as they are. The connection is kept while there is something to tell, so that each need not be tried first."""
    try:
        return list(topic.read_newer(dict.fromkeys(keys, 0)))
    except AWAY:  # the connection may be of before the database went
        connection.close()
        return list(topic.read_newer(dict.fromkeys(keys, 0)))


async def _send(topic: Topic, statuses: Sequence[Status]) -> None:
    layer = get_channel_layer()
    if isinstance(layer, InMemoryChannelLayer):
        return  # there is no other process
    async with asyncio.timeout(LAYER_WITHIN_S):
        for start in range(0, len(statuses), PER_MESSAGE):
            told = statuses[start : start + PER_MESSAGE]
            await layer.group_send(topic.group, message_of(topic, told))
