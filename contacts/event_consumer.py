"""Consumes the queue of contact events: what is posted elsewhere comes from a queue here, and goes into the same inbox.

A message is deleted only when what it tells is committed. Whatever happens before, it comes again after its visibility
timeout, and counts once all the same. Nothing is received while the database is away: receiving counts towards the
queue's own dead letters.
"""

from __future__ import annotations

import logging
import random
import time
from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path

from django.db import connection as database

from contacts import operations
from contacts.choices import EventRoute
from contacts.commits import AWAY
from contacts.errors import InvalidCall
from contacts.event_queue import EventQueue, QueuedMessage, QueueUnavailable
from contacts.stopping import StopAsked, Stopping

logger = logging.getLogger(__name__)

POISON_AFTER = 5  # times that a message may fail for a reason of its own
LONGEST_BACK_OFF_S = 60


class EventConsumer:
    """Takes in what is in the queue until told to stop."""

    def __init__(
        self,
        queue: EventQueue,
        *,
        stopping: Stopping,
        clock: Callable[[], datetime],
        heartbeat: Path | None = None,
    ) -> None:
        """`heartbeat` is a file that is touched after each step in which queue and database answered."""
        self._queue = queue
        self._stopping = stopping
        self._clock = clock
        self._heartbeat = heartbeat
        self._away = ""  # what does not answer, if anything
        self._failures = 0

    def run(self) -> None:
        """Take in events until the process is told to stop; wait longer and longer while queue or database is away."""
        try:
            while not self._stopping.is_asked:
                self._run_once()
        except StopAsked:
            pass

    def step(self) -> int:
        """Wait for messages, take them in and delete them. Returns how many were deleted.

        :raises QueueUnavailable: the queue is away; what was taken in comes again.
        :raises OperationalError, InterfaceError: the database is away; what was not taken in comes again.
        :raises StopAsked: the process was told to stop while it waited.
        """
        with database.cursor() as cursor:
            cursor.execute("SELECT 1")
        with self._stopping.waiting():
            messages = self._queue.receive()
        done: list[QueuedMessage] = []
        try:
            for message, taken in zip(messages, self._take(messages), strict=True):
                if self._is_settled(message, taken):
                    done.append(message)
        finally:
            self._queue.delete(done)
        return len(done)

    def _run_once(self) -> None:
        try:
            self.step()
        except QueueUnavailable as error:
            self._back_off("queue", str(error))
        except AWAY as error:
            database.close()  # it may be broken; the next step opens another
            self._back_off("database", type(error).__name__)
        else:
            self._recover()

    def _take(self, messages: Sequence[QueuedMessage]) -> list[operations.Taken]:
        return operations.take_events(
            bodies=[_bytes_of(message) for message in messages],
            route=EventRoute.QUEUE,
            at=self._clock(),
        )

    def _is_settled(self, message: QueuedMessage, taken: operations.Taken) -> bool:
        """Whether a message may be deleted: it was taken in, or is a dead letter."""
        if taken.error is None or isinstance(taken.error, InvalidCall):
            return True
        logger.warning(
            "contact_event_failed",
            exc_info=taken.error,
            extra={"message_id": message.message_id, "times": message.times_received},
        )
        return self._give_up(message, type(taken.error).__name__)

    def _give_up(self, message: QueuedMessage, error: str) -> bool:
        """Keep a message that fails again and again as a dead letter; let it come again until then."""
        if message.times_received < POISON_AFTER:
            self._queue.put_back([message], after_s=2**message.times_received)
            return False
        operations.keep_dead_letter(
            body=_bytes_of(message),
            route=EventRoute.QUEUE,
            reason=f"It could not be applied: {error}.",
            at=self._clock(),
        )
        return True

    def _back_off(self, away: str, error: str) -> None:
        """Say once what is away, and wait: 1, 2, 4 … seconds, half of it by chance."""
        if away != self._away:
            logger.warning("event_consumer_waits", extra={"away": away, "error": error})
            self._away = away
        longest = min(2**self._failures, LONGEST_BACK_OFF_S)
        self._failures = min(self._failures + 1, 10)
        with self._stopping.waiting():
            time.sleep(longest * random.uniform(0.5, 1))  # noqa: S311 (no secret: it spreads consumers)

    def _recover(self) -> None:
        if self._away:
            logger.info("event_consumer_goes_on", extra={"was_away": self._away})
        self._away, self._failures = "", 0
        if self._heartbeat is not None:
            self._heartbeat.touch()


def _bytes_of(message: QueuedMessage) -> bytes:
    return message.body.encode(errors="replace")
