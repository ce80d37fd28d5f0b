"""One message queue with the rules of a standard queue of Amazon SQS: at least once, in no promised order.

A received message is hidden for its visibility timeout and comes back unless it is deleted by then. Time is the
injected clock's. Knows nothing of requests, nor of the other queues but how to find the one for dead letters.
"""

from __future__ import annotations

import asyncio
import base64
import binascii
import hashlib
import heapq
import itertools
import uuid
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from localconnect.aws.errors import ServiceError
from localconnect.clock import Clock, Timer
from localconnect.message_queue_attributes import (
    DEFAULT_ATTRIBUTES,
    MAX_VISIBILITY_S,
    QueueAttributes,
)
from localconnect.random_ids import new_id
from localconnect.settings import Settings

_OWN_BYTES = 512
"""What a message takes besides its body and attributes, reckoned generously."""
_MAX_POLLS = 1000
_COMPACT_AT = 1024
_GONE = "Message does not exist or is not available for visibility timeout change."


@dataclass(slots=True, eq=False)
class Message:
    """One message and what has happened to it. Times are epoch seconds."""

    body: str
    sent_at: float
    attributes: Mapping[str, Any] = field(default_factory=dict)
    """Message attributes as the sender wrote them."""
    system: Mapping[str, str] = field(default_factory=dict)
    """System attributes that do not change, e.g. MessageGroupId."""
    attribute_bytes: int = 0
    id: str = field(default_factory=new_id)
    receipt_handle: str = ""
    receive_count: int = 0
    first_received_at: float = 0.0
    received_at: float = 0.0
    visible_at: float = 0.0
    is_hidden: bool = False
    dead_letter_source: str | None = None

    @property
    def size(self) -> int:
        """Bytes it is reckoned with."""
        return len(self.body) + self.attribute_bytes + _OWN_BYTES

    @property
    def md5(self) -> str:
        """Hex digest of the body."""
        return hashlib.md5(self.body.encode(), usedforsecurity=False).hexdigest()


@dataclass(slots=True, eq=False)
class _Poll:
    """Somebody waiting for messages."""

    count: int
    visibility_s: float
    answer: asyncio.Future[list[Message]]

    def end(self, messages: list[Message]) -> None:
        if not self.answer.done():
            self.answer.set_result(messages)


class MessageQueue:
    """The messages of one queue, oldest first. Beyond `queue_bytes` of the settings the oldest are lost."""

    def __init__(
        self,
        name: str,
        arn: str,
        *,
        settings: Settings,
        clock: Clock,
        dead_letters: Callable[[str], MessageQueue | None],
        attributes: QueueAttributes = DEFAULT_ATTRIBUTES,
    ) -> None:
        self.name = name
        self.arn = arn
        self.attributes = attributes
        self.created_at = self.changed_at = clock.time()
        self.purged_at: float | None = None
        self.lost = 0
        self._id = uuid.uuid4().hex
        self._settings = settings
        self._clock = clock
        self._dead_letters = dead_letters
        self._messages: dict[str, Message] = {}
        self._bytes = 0
        self._visible: deque[Message] = deque()
        self._hidden: list[tuple[float, int, Message]] = []
        """A heap of when hidden messages come back. Entries that a later change made wrong are skipped."""
        self._order = itertools.count()
        self._polls: deque[_Poll] = deque()
        self._wake_up: Timer | None = None

    def send(
        self,
        body: str,
        *,
        delay_s: float | None = None,
        attributes: Mapping[str, Any] | None = None,
        system: Mapping[str, str] | None = None,
        attribute_bytes: int = 0,
    ) -> Message:
        """Add a message, to be seen after `delay_s`, or else the queue's own delay."""
        now = self._clock.time()
        message = Message(body, now, attributes or {}, system or {}, attribute_bytes)
        message.visible_at = now + (
            self.attributes.number("DelaySeconds") if delay_s is None else delay_s
        )
        self._add(message)
        return message

    def receive(self, count: int, visibility_s: float) -> list[Message]:
        """Up to `count` messages that are visible now, hidden from others for `visibility_s`."""
        now = self._clock.time()
        self._surface(now)
        received: list[Message] = []
        while self._visible and len(received) < count:
            message = self._visible.popleft()
            if message.id in self._messages and not self._buries(message):
                received.append(message)
        for message in received:
            message.receive_count += 1
            message.first_received_at = message.first_received_at or now
            message.received_at = now
            message.visible_at = now + visibility_s
            message.receipt_handle = self._handle(message)
            self._hide(message)
        return received

    async def poll(self, count: int, visibility_s: float, wait_s: float) -> list[Message]:
        """As `receive`, but wait up to `wait_s` until there is at least one."""
        received = self.receive(count, visibility_s)
        if received or wait_s <= 0 or len(self._polls) >= _MAX_POLLS:
            return received
        poll = _Poll(count, visibility_s, asyncio.get_running_loop().create_future())
        self._polls.append(poll)
        deadline = self._clock.call_later(wait_s, lambda: poll.end([]))
        self._watch()
        try:
            return await poll.answer
        finally:
            deadline.cancel()
            if poll in self._polls:
                self._polls.remove(poll)

    def delete(self, receipt_handle: str) -> None:
        """Forget the message, if `receipt_handle` is of the last time it was received.

        :raises ServiceError: ReceiptHandleIsInvalid, when this queue has never given out such a handle.
        """
        message = self._addressed(receipt_handle)
        if message is not None:
            self._forget(message)

    def change_visibility(self, receipt_handle: str, seconds: float) -> None:
        """Show a message that was received in `seconds` from now.

        :raises ServiceError: the handle is wrong or outdated, the message is not hidden, or it would have been hidden
            for more than twelve hours.
        """
        now = self._clock.time()
        self._surface(now)
        message = self._addressed(receipt_handle)
        if message is None:
            raise ServiceError(
                "InvalidParameterValueException",
                f"Value for parameter ReceiptHandle is invalid. Reason: {_GONE}",
            )
        if not message.is_hidden:
            raise ServiceError("MessageNotInflight", "The message is not in flight.")
        if now + seconds > message.received_at + MAX_VISIBILITY_S:
            raise ServiceError(
                "InvalidParameterValueException",
                f"Value {seconds:g} for parameter VisibilityTimeout is invalid. Reason: Total VisibilityTimeout for "
                f"the message is beyond the limit [{MAX_VISIBILITY_S} seconds].",
            )
        message.visible_at = now + seconds
        self._hide(message)
        self._serve()

    def purge(self) -> None:
        """Forget every message."""
        self._messages.clear()
        self._visible.clear()
        self._hidden.clear()
        self._bytes = 0

    def close(self) -> None:
        """Forget every message and send whoever waits away with none."""
        self.purge()
        for poll in self._polls:
            poll.end([])
        if self._wake_up is not None:
            self._wake_up.cancel()
            self._wake_up = None

    @property
    def waiting(self) -> int:
        """How many receivers wait for a message."""
        return len(self._polls)

    def counts(self) -> tuple[int, int, int]:
        """How many messages can be received now, are in flight, and are delayed."""
        self._surface(self._clock.time())
        hidden = [message for message in self._messages.values() if message.is_hidden]
        in_flight = sum(message.receive_count > 0 for message in hidden)
        return len(self._messages) - len(hidden), in_flight, len(hidden) - in_flight

    def _add(self, message: Message) -> None:
        self._messages[message.id] = message
        self._bytes += message.size
        if message.visible_at > self._clock.time():
            self._hide(message)
        else:
            self._visible.append(message)
        self._expire(self._clock.time())
        while self._bytes > self._settings.queue_bytes and self._messages:
            self._forget(next(iter(self._messages.values())))
            self.lost += 1
        self._serve()

    def _serve(self) -> None:
        """Hand messages to those who wait, first come, first served."""
        while self._polls:
            poll = self._polls[0]
            if poll.answer.done():
                self._polls.popleft()
                continue
            received = self.receive(poll.count, poll.visibility_s)
            if not received:
                break
            self._polls.popleft().end(received)
        self._watch()

    def _watch(self) -> None:
        """See to it that who waits is served when the next hidden message comes back."""
        if not self._polls or not self._hidden:
            return
        due_at = self._hidden[0][0]
        if (
            self._wake_up is None
            or self._wake_up.callback is None
            or due_at < self._wake_up.due_at
        ):
            if self._wake_up is not None:
                self._wake_up.cancel()
            self._wake_up = self._clock.call_later(due_at - self._clock.time(), self._serve)

    def _hide(self, message: Message) -> None:
        message.is_hidden = True
        heapq.heappush(self._hidden, (message.visible_at, next(self._order), message))
        if len(self._hidden) > 2 * len(self._messages) + _COMPACT_AT:
            self._hidden = [entry for entry in self._hidden if self._is_current(entry)]
            heapq.heapify(self._hidden)

    def _is_current(self, entry: tuple[float, int, Message]) -> bool:
        due_at, _, message = entry
        return message.is_hidden and message.visible_at == due_at and message.id in self._messages

    def _surface(self, now: float) -> None:
        """Bring back what is no longer hidden, forget what is too old."""
        self._expire(now)
        while self._hidden and self._hidden[0][0] <= now:
            entry = heapq.heappop(self._hidden)
            if self._is_current(entry):
                entry[2].is_hidden = False
                self._visible.append(entry[2])

    def _expire(self, now: float) -> None:
        oldest = now - self.attributes.number("MessageRetentionPeriod")
        while self._messages:
            message = next(iter(self._messages.values()))
            if message.sent_at > oldest:
                break
            self._forget(message)

    def _forget(self, message: Message) -> None:
        del self._messages[message.id]
        self._bytes -= message.size

    def _buries(self, message: Message) -> bool:
        """Move a message that was received too often to the queue for dead letters."""
        redrive = self.attributes.redrive
        if redrive is None or message.receive_count < redrive.max_receives:
            return False
        grave = self._dead_letters(redrive.target_arn)
        if grave is None or grave is self:
            return False
        self._forget(message)
        message.dead_letter_source = self.arn
        message.receive_count = (
            0  # or two queues with each other's dead letters would toss it back and forth
        )
        grave._add(message)
        return True

    def _handle(self, message: Message) -> str:
        told = f"{self._id} {message.id} {uuid.uuid4().hex}"
        return base64.urlsafe_b64encode(told.encode()).decode()

    def _addressed(self, receipt_handle: str) -> Message | None:
        """The message whose latest handle this is; None when there is none any more."""
        try:
            queue_id, message_id, _ = (
                base64.urlsafe_b64decode(receipt_handle.encode()).decode().split(" ")
            )
        except (ValueError, binascii.Error):
            queue_id = message_id = ""
        if queue_id != self._id:
            raise ServiceError(
                "ReceiptHandleIsInvalid", "The input receipt handle is not one of this queue."
            )
        message = self._messages.get(message_id)
        return (
            message if message is not None and message.receipt_handle == receipt_handle else None
        )
