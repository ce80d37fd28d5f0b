"""The message queues of this server by name, hosted the way Amazon SQS does. ("Queue" alone means a queue of agents.)"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from localconnect.aws.errors import ServiceError
from localconnect.clock import Clock
from localconnect.directory import Directory
from localconnect.message_queue import MessageQueue
from localconnect.message_queue_attributes import DEFAULT_ATTRIBUTES, QueueAttributes
from localconnect.setting_values import QUEUE_NAME
from localconnect.settings import Settings

_MAX_QUEUES = 1000


class MessageQueues:
    """Every message queue. Those that contact events go to are made when first needed."""

    def __init__(self, *, settings: Settings, clock: Clock, directory: Directory) -> None:
        self._settings = settings
        self._clock = clock
        self._account_id = directory.account_id
        self._arn_prefix = f"arn:aws:sqs:{directory.region}:{directory.account_id}:"
        self._queues: dict[str, MessageQueue] = {}
        self._deleted_at: dict[str, float] = {}
        self.make_targets()

    def __iter__(self) -> Iterator[MessageQueue]:
        return iter(sorted(self._queues.values(), key=lambda queue: queue.name))

    def find(self, name: str) -> MessageQueue:
        """The queue of that name.

        :raises ServiceError: QueueDoesNotExist.
        """
        queue = self._queues.get(name)
        if queue is None:
            raise ServiceError("QueueDoesNotExist", "The specified queue does not exist.")
        return queue

    def create(self, name: str, attributes: Mapping[str, str]) -> MessageQueue:
        """A new queue, or the one of that name if its attributes are these.

        :raises ServiceError: a wrong name or attribute, QueueNameExists, QueueDeletedRecently, too many queues.
        """
        wanted = self.checked(DEFAULT_ATTRIBUTES, attributes)
        queue = self._queues.get(name)
        if queue is None:
            self._check_new(name)
            return self._make(name, wanted)
        has = queue.attributes.shown()
        for attribute, value in attributes.items():
            if has.get(attribute) != value:
                raise ServiceError(
                    "QueueNameExists",
                    f"A queue already exists with the same name and a different value for attribute {attribute}",
                )
        return queue

    def checked(self, attributes: QueueAttributes, changes: Mapping[str, str]) -> QueueAttributes:
        """`attributes` with `changes`.

        :raises ServiceError: InvalidAttributeName, InvalidAttributeValue; also for dead letters without their queue.
        """
        changed = attributes.changed(changes)
        if changed.redrive is not None and self._by_arn(changed.redrive.target_arn) is None:
            raise ServiceError(
                "InvalidAttributeValue",
                "Value for parameter RedrivePolicy is invalid. Reason: Dead letter target does not exist.",
            )
        return changed

    def delete(self, queue: MessageQueue) -> None:
        """Forget a queue with its messages. Its name may be used again after a while."""
        queue.close()
        del self._queues[queue.name]
        self._deleted_at[queue.name] = self._clock.time()

    def purge(self, queue: MessageQueue) -> None:
        """Forget the messages of a queue.

        :raises ServiceError: PurgeQueueInProgress, so soon after the last time.
        """
        if self._is_too_soon(queue.purged_at):
            raise ServiceError(
                "PurgeQueueInProgress",
                f"Only one PurgeQueue operation on {queue.name} is allowed every "
                f"{self._settings.queue_pause_s:g} seconds.",
            )
        queue.purged_at = self._clock.time()
        queue.purge()

    def for_events(self, name: str) -> MessageQueue:
        """The queue that contact events are to go to, made if need be."""
        return self._queues.get(name) or self._make(name, DEFAULT_ATTRIBUTES)

    def make_targets(self) -> None:
        """Make the queues that the settings send contact events to."""
        for target in self._settings.events_targets:
            if "queue" in target:
                self.for_events(target["queue"])

    def reset(self) -> None:
        """Back to how the server started: empty queues for contact events, no others."""
        for queue in self._queues.values():
            queue.close()
        self._queues.clear()
        self._deleted_at.clear()
        self.make_targets()

    def sources_of(self, grave: MessageQueue) -> list[MessageQueue]:
        """The queues whose dead letters go to `grave`."""
        return [
            queue
            for queue in self
            if queue.attributes.redrive is not None
            and queue.attributes.redrive.target_arn == grave.arn
        ]

    def url(self, name: str, base_url: str) -> str:
        """Where clients find a queue; `base_url` is how they have reached this server."""
        return f"{self._settings.public_url or base_url}/{self._account_id}/{name}"

    def described(self) -> list[dict[str, Any]]:
        """Every queue with how many messages it holds and receivers wait, as JSON; nothing of what they say."""
        told = []
        for queue in self:
            visible, in_flight, delayed = queue.counts()
            told.append(
                {
                    "name": queue.name,
                    "visible": visible,
                    "in_flight": in_flight,
                    "delayed": delayed,
                    "lost": queue.lost,
                    "waiting": queue.waiting,
                }
            )
        return told

    def _make(self, name: str, attributes: QueueAttributes) -> MessageQueue:
        queue = self._queues[name] = MessageQueue(
            name,
            self._arn_prefix + name,
            settings=self._settings,
            clock=self._clock,
            dead_letters=self._by_arn,
            attributes=attributes,
        )
        return queue

    def _check_new(self, name: str) -> None:
        if name.endswith(".fifo"):
            raise ServiceError(
                "UnsupportedOperation", "localconnect has standard queues only, no FIFO queues."
            )
        if not QUEUE_NAME.fullmatch(name):
            raise ServiceError(
                "InvalidParameterValueException",
                "Can only include alphanumeric characters, hyphens, or underscores. 1 to 80 in length",
            )
        if self._is_too_soon(self._deleted_at.get(name)):
            raise ServiceError(
                "QueueDeletedRecently",
                f"You must wait {self._settings.queue_pause_s:g} seconds after deleting a queue before you can create "
                "another with the same name.",
            )
        self._deleted_at = {
            deleted: at for deleted, at in self._deleted_at.items() if self._is_too_soon(at)
        }
        if len(self._queues) >= _MAX_QUEUES:
            raise ServiceError("OverLimit", f"localconnect holds at most {_MAX_QUEUES} queues.")

    def _is_too_soon(self, at: float | None) -> bool:
        return at is not None and self._clock.time() < at + self._settings.queue_pause_s

    def _by_arn(self, arn: str) -> MessageQueue | None:
        if not arn.startswith(self._arn_prefix):
            return None
        return self._queues.get(arn.removeprefix(self._arn_prefix))
