"""Steps of the consumer, with a queue that the embedded Connect hosts."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from django.db import DataError, OperationalError, connection

import pytest

from contacts.event_consumer import POISON_AFTER, EventConsumer
from contacts.event_queue import EventQueue, region_of
from contacts.models import Contact, ContactEvent, DeadLetter
from contacts.stopping import StopAsked, Stopping
from tests.contacts_world import after, control, envelope
from tests.faults.queue_world import client
from tests.servers import LocalConnect

VISIBILITY_S = 31  # a little more than the queue's visibility timeout


class Stand:
    """A queue of its own, a consumer of it, and time that passes when told to."""

    def __init__(self, server: LocalConnect) -> None:
        self._server = server
        self.sqs = client(server, "sqs")
        self.url = self.sqs.create_queue(QueueName="events")["QueueUrl"]
        self.queue = EventQueue(self.url)
        self.stopping = Stopping()
        self.consumer = EventConsumer(self.queue, stopping=self.stopping, clock=lambda: after(100))

    def send(self, body: Any) -> None:
        self.sqs.send_message(QueueUrl=self.url, MessageBody=json.dumps(body))

    def advance(self, seconds: float) -> None:
        control(self._server, "POST", "/_local/clock", {"advance_s": seconds})

    def is_empty(self) -> bool:
        (queue,) = control(self._server, "GET", "/_local/state")["message_queues"]
        return not (queue["visible"] or queue["in_flight"] or queue["delayed"])


@pytest.fixture
def stand(connect: LocalConnect, db: None) -> Iterator[Stand]:
    made = Stand(connect)
    yield made
    made.sqs.close()
    made.queue.close()


def test_message_is_an_event_like_a_posted_one(stand: Stand, contact: Contact) -> None:
    """Should bring its contact forward, and be deleted."""
    stand.send(envelope(contact.connect_contact_id, "QUEUED", after(1)))
    assert stand.consumer.step() == 1
    contact.refresh_from_db()
    assert (contact.state, contact.queued_at) == ("queued", after(1))
    assert stand.is_empty()


def test_message_that_fails_for_itself_comes_again_and_is_put_aside(stand: Stand) -> None:
    """Should be tried later and later, and be a dead letter in the end: no bug of ours may lose it or stop the rest."""

    poison = envelope("c", "QUEUED", after(1))
    stand.send(poison)
    with connection.execute_wrapper(refusing(poison["id"])):
        for times in range(1, POISON_AFTER):
            assert stand.consumer.step() == 0
            assert not DeadLetter.objects.exists()
            stand.advance(2**times + 1)
        assert stand.consumer.step() == 1
    assert stand.is_empty()
    assert DeadLetter.objects.get().reason == "It could not be applied: DataError."


def test_message_that_fails_holds_up_none_of_those_it_came_with(
    stand: Stand, contact: Contact
) -> None:
    """Should take in and delete the others at once, and have the one alone come again."""
    poison = envelope(contact.connect_contact_id, "QUEUED", after(1))
    stand.send("no event")
    stand.send(envelope(contact.connect_contact_id, "INITIATED", after(0)))
    stand.send(poison)
    stand.send(envelope(contact.connect_contact_id, "CONNECTED_TO_AGENT", after(5)))
    with connection.execute_wrapper(refusing(poison["id"])):
        assert stand.consumer.step() == 3
    contact.refresh_from_db()
    assert (contact.state, contact.queued_at) == ("connected", None)

    stand.advance(3)
    assert stand.consumer.step() == 1
    contact.refresh_from_db()
    assert (contact.state, contact.queued_at) == ("connected", after(1))
    assert stand.is_empty()


def refusing(event_id: str) -> Any:
    """Return a database that cannot store an event."""

    def execute(run: Any, sql: str, params: Any, *arguments: Any) -> Any:
        if sql.startswith('INSERT INTO "contacts_contactevent"') and event_id in str(params):
            raise DataError
        return run(sql, params, *arguments)

    return execute


def away(execute: Any, sql: str, *arguments: Any) -> Any:
    """The database while it cannot be reached."""
    raise OperationalError


def away_for_writers(execute: Any, sql: str, *arguments: Any) -> Any:
    """The database while nobody can write, as when it fails over."""
    if sql.startswith("INSERT"):
        raise OperationalError
    return execute(sql, *arguments)


def test_nothing_is_received_while_the_database_is_away(stand: Stand) -> None:
    """Should not have messages count as received in vain."""
    stand.send(envelope("c", "QUEUED", after(1)))
    with connection.execute_wrapper(away), pytest.raises(OperationalError):
        stand.consumer.step()
    (message,) = stand.queue.receive()
    assert message.times_received == 1


def test_messages_come_again_when_the_database_goes_away_meanwhile(stand: Stand) -> None:
    """Should take the trouble for the database's, not the message's, however often it comes."""
    stand.send(envelope("c", "QUEUED", after(1)))
    for _ in range(POISON_AFTER + 1):
        with connection.execute_wrapper(away_for_writers), pytest.raises(OperationalError):
            stand.consumer.step()
        assert not stand.is_empty()
        stand.advance(VISIBILITY_S)
    assert stand.consumer.step() == 1
    assert not DeadLetter.objects.exists()
    assert ContactEvent.objects.count() == 1


def test_consumer_that_is_to_stop_receives_nothing(stand: Stand) -> None:
    """Should leave what is in the queue to others."""
    stand.send(envelope("c", "QUEUED", after(1)))
    stand.stopping.ask()
    stand.consumer.run()
    with pytest.raises(StopAsked):
        stand.consumer.step()
    assert not ContactEvent.objects.exists()


@pytest.mark.parametrize(
    ("url", "region"),
    [
        ("https://sqs.eu-west-2.amazonaws.com/000000000000/q", "eu-west-2"),
        ("https://sqs-fips.us-east-1.amazonaws.com/000000000000/q", "us-east-1"),
        ("https://sqs.cn-north-1.amazonaws.com.cn/000000000000/q", "cn-north-1"),
        ("https://vpce-1-a.sqs.eu-west-1.vpce.amazonaws.com/000000000000/q", "eu-west-1"),
        ("http://127.0.0.1:8100/000000000000/q", None),
        ("https://sqs.eu-west-2.example.com/000000000000/q", None),
    ],
)
def test_region_is_the_one_that_the_queue_is_in(url: str, region: str | None) -> None:
    """Should sign for the queue's region on AWS, and for the instance's elsewhere."""
    assert region_of(url) == region
