"""One message queue by a clock that is moved by hand: visibility, retention, bounds, waiting."""

from __future__ import annotations

import asyncio
import json

import pytest

from localconnect.aws.errors import ServiceError
from localconnect.clock import Clock
from localconnect.directory import demo_directory
from localconnect.message_queue import Message, MessageQueue
from localconnect.message_queues import MessageQueues
from localconnect.settings import Settings


class World:
    """Message queues and their clock."""

    def __init__(self, **settings: object) -> None:
        self.settings = Settings()
        self.settings.change(settings)
        self.clock = Clock(lambda: 1_767_323_045.0)
        self.queues = MessageQueues(
            settings=self.settings, clock=self.clock, directory=demo_directory()
        )

    def queue(self, name: str = "orders", **attributes: str) -> MessageQueue:
        return self.queues.create(name, attributes)

    def redriven(self, name: str, grave: str, receives: int) -> MessageQueue:
        arn = f"arn:aws:sqs:us-east-1:000000000000:{grave}"
        queue = self.queue(name)
        policy = json.dumps({"deadLetterTargetArn": arn, "maxReceiveCount": receives})
        queue.attributes = self.queues.checked(queue.attributes, {"RedrivePolicy": policy})
        return queue


def bodies(messages: list[Message]) -> list[str]:
    return [message.body for message in messages]


def test_messages_come_oldest_first_and_come_back() -> None:
    """Should hide what is received until its time is up, to the second."""
    world = World()
    queue = world.queue()
    for body in "abc":
        queue.send(body)

    assert bodies(queue.receive(2, 30)) == ["a", "b"]
    assert queue.counts() == (1, 2, 0)
    world.clock.advance(29)
    assert bodies(queue.receive(10, 30)) == ["c"]
    world.clock.advance(1)
    assert bodies(queue.receive(10, 30)) == ["a", "b"]


def test_delayed_message_is_seen_later() -> None:
    """Should take the message's delay before the queue's."""
    world = World()
    queue = world.queue(DelaySeconds="10")
    queue.send("late")
    queue.send("now", delay_s=0)

    assert bodies(queue.receive(10, 30)) == ["now"]
    assert queue.counts() == (0, 1, 1)
    world.clock.advance(10)
    assert bodies(queue.receive(10, 30)) == ["late"]


def test_old_messages_are_forgotten() -> None:
    """Should keep them for the retention period, hidden or not."""
    world = World()
    queue = world.queue(MessageRetentionPeriod="60")
    queue.send("hidden")
    [received] = queue.receive(1, 3600)
    world.clock.advance(30)
    queue.send("kept")
    world.clock.advance(30)

    assert queue.counts() == (1, 0, 0)
    queue.delete(received.receipt_handle)  # too late, and no error
    world.clock.advance(31)
    assert queue.receive(10, 0) == []


def test_oldest_messages_give_way() -> None:
    """Should hold so many bytes, and count what it has lost."""
    world = World(queue_bytes=10_000)
    queue = world.queue()
    for number in range(10):
        queue.send(f"{number}" * 2000)

    assert [body[0] for body in bodies(queue.receive(10, 0))] == ["7", "8", "9"]
    assert queue.lost == 7
    queue.send("m", attribute_bytes=9000)
    assert queue.counts() == (1, 0, 0)


def test_only_the_last_handle_deletes() -> None:
    """Should accept an outdated handle, and keep the message all the same."""
    queue = World().queue()
    queue.send("m")
    [message] = queue.receive(1, 0)
    outdated = message.receipt_handle
    [message] = queue.receive(1, 0)

    queue.delete(outdated)
    assert queue.counts() == (1, 0, 0)
    with pytest.raises(ServiceError, match="not available"):
        queue.change_visibility(outdated, 10)

    queue.delete(message.receipt_handle)
    queue.delete(message.receipt_handle)
    assert queue.receive(1, 0) == []


def test_handle_of_another_queue_is_refused() -> None:
    """Should tell a handle that it has never given out."""
    world = World()
    other = world.queue("other")
    other.send("m")
    [message] = other.receive(1, 30)

    with pytest.raises(ServiceError, match="not one of this queue"):
        world.queue().delete(message.receipt_handle)


def test_message_is_hidden_for_twelve_hours_at_most() -> None:
    """Should count from when it was received."""
    world = World()
    queue = world.queue()
    queue.send("m")
    [message] = queue.receive(1, 40_000)
    world.clock.advance(30_000)

    with pytest.raises(ServiceError, match="beyond the limit"):
        queue.change_visibility(message.receipt_handle, 13_201)
    queue.change_visibility(message.receipt_handle, 13_200)


def test_visibility_changed_without_end_stays_small() -> None:
    """Should not remember every time that a message was to come back."""
    world = World()
    queue = world.queue()
    queue.send("m")
    [message] = queue.receive(1, 30)
    for seconds in range(1, 10_000):
        queue.change_visibility(message.receipt_handle, seconds)

    assert len(queue._hidden) < 3000
    world.clock.advance(9998)
    assert queue.receive(1, 0) == []
    world.clock.advance(1)
    assert bodies(queue.receive(1, 0)) == ["m"]


async def test_waiting_receivers_are_served_in_turn() -> None:
    """Should give each what there is when it is their turn."""
    queue = World().queue()
    first, second = (asyncio.create_task(queue.poll(10, 30, 20)) for _ in range(2))
    await asyncio.sleep(0)

    queue.send("a")
    queue.send("b")

    assert bodies(await first) == ["a"]
    assert bodies(await second) == ["b"]


async def test_waiting_receiver_sees_what_comes_back() -> None:
    """Should be served when a hidden message is visible again, at the earliest of all."""
    world = World()
    queue = world.queue()
    queue.send("m")
    [message] = queue.receive(1, 30)
    waiting = asyncio.create_task(queue.poll(1, 30, 20))
    await asyncio.sleep(0)
    world.clock.advance(5)
    assert not waiting.done()

    queue.change_visibility(message.receipt_handle, 3)
    world.clock.advance(3)

    assert bodies(await waiting) == ["m"]


async def test_waiting_receiver_goes_empty_in_the_end() -> None:
    """Should wait by the clock, or until the queue is closed."""
    world = World()
    queue = world.queue()
    waiting = [asyncio.create_task(queue.poll(1, 30, 20)) for _ in range(2)]
    await asyncio.sleep(0)

    world.clock.advance(20)

    assert await asyncio.gather(*waiting) == [[], []]
    waiting = [asyncio.create_task(queue.poll(1, 30, 20))]
    await asyncio.sleep(0)
    world.queues.reset()
    assert await asyncio.gather(*waiting) == [[]]


async def test_who_gave_up_waiting_takes_nothing() -> None:
    """Should leave the message to the next."""
    queue = World().queue()
    waiting = asyncio.create_task(queue.poll(1, 30, 20))
    await asyncio.sleep(0)
    waiting.cancel()
    await asyncio.gather(waiting, return_exceptions=True)

    queue.send("m")

    assert bodies(queue.receive(1, 30)) == ["m"]


async def test_dead_letters_of_each_other_come_to_rest() -> None:
    """Should not toss a message between two queues, even with somebody waiting at both."""
    world = World()
    world.queue("a"), world.queue("b")
    first, second = world.redriven("a", "b", 1), world.redriven("b", "a", 1)
    first.send("m")
    first.receive(1, 0)
    waiting = asyncio.create_task(second.poll(1, 30, 20))
    await asyncio.sleep(0)

    assert first.receive(1, 0) == []

    [message] = await waiting
    assert (message.body, message.dead_letter_source) == ("m", first.arn)


def test_dead_letters_without_their_queue_stay() -> None:
    """Should keep handing a message out when the queue for dead letters was deleted."""
    world = World()
    grave = world.queue("grave")
    world.queue()
    queue = world.redriven("orders", "grave", 1)
    queue.send("m")
    world.queues.delete(grave)

    assert [bodies(queue.receive(1, 0)) for _ in range(3)] == [["m"]] * 3
