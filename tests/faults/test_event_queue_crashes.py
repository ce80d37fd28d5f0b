"""The consumer of contact events is killed, and its queue fails: nothing is lost, and nothing counts twice."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing

import pytest

from tests.contacts_world import after, control, envelope
from tests.faults.queue_world import EFFECTS, EVENTS, QUEUE, STATES, QueueWorld, wait_for
from tests.servers import ServerProcess

VISIBILITY_S = 31  # a little more than the queue's visibility timeout
CALLS = 4
TOLD = 2 * CALLS  # events of calls that wait; fewer than one batch


@pytest.fixture(scope="module")
def running_world() -> Iterator[QueueWorld]:
    made = QueueWorld()
    with made.connect.running(events_queue=QUEUE), made.portal.running():
        yield made
    made.close()


@pytest.fixture
def world(running_world: QueueWorld) -> Iterator[QueueWorld]:
    """The world with nothing in it; consumers that a test started are ended with it."""
    running_world.prepare()
    yield running_world
    running_world.kill_consumers()


def crash(consumer: ServerProcess, world: QueueWorld) -> None:
    """Kill the consumer while it has messages, and let their visibility timeout pass."""
    consumer.kill()
    assert world.queued()["in_flight"] == TOLD
    world.advance(VISIBILITY_S)
    assert world.queued()["visible"] == TOLD


def test_consumer_killed_before_it_commits_loses_nothing(world: QueueWorld) -> None:
    """Should have what it had received come again."""
    world.start_calls(CALLS)
    with closing(sqlite3.connect(world.database, isolation_level=None)) as database:
        database.execute("BEGIN IMMEDIATE")  # whoever writes now has to wait
        consumer = world.consume()
        wait_for(lambda: world.queued()["in_flight"] == TOLD)
        crash(consumer, world)
        database.execute("ROLLBACK")
    assert world.rows(EVENTS) == []

    world.consume()

    wait_for(world.is_empty)
    assert {event_id for (event_id,) in world.rows(EVENTS)} == world.told()
    assert world.rows(STATES) == [("queued",)] * CALLS


def test_consumer_killed_before_it_deletes_counts_nothing_twice(world: QueueWorld) -> None:
    """Should take what is committed for told when it comes again."""
    world.start_calls(CALLS)
    lost = {"operation": "sqs:DeleteMessageBatch", "drop": "before", "delay_ms": 60_000}
    control(world.connect, "POST", "/_local/faults", lost)
    consumer = world.consume()
    wait_for(lambda: len(world.rows(EVENTS)) == TOLD)
    committed = world.rows(EFFECTS)
    crash(consumer, world)
    control(world.connect, "DELETE", "/_local/faults")

    world.consume()

    wait_for(world.is_empty)
    assert world.rows(EFFECTS) == committed
    assert world.rows(STATES) == [("queued",)] * CALLS


def test_two_consumers_take_doubled_and_reordered_events_once(world: QueueWorld) -> None:
    """Should end every call, and know each of its events once."""
    trouble = {"duplicate": True, "reorder": True, "delay_ms": 50}
    control(world.connect, "PATCH", "/_local/events", trouble)
    for _ in range(2):
        world.consume()

    world.start_calls(CALLS)
    world.end_calls()

    wait_for(lambda: set(world.rows(STATES)) == {("ended",)})
    wait_for(world.is_empty)
    assert {event_id for (event_id,) in world.rows(EVENTS)} == world.told()
    gone = "SELECT count(*) FROM contacts_participant p JOIN contacts_contact c ON c.id = p.contact_id"
    assert world.rows(f"{gone} WHERE p.left_at = c.ended_at") == [(CALLS,)]


def test_poison_becomes_dead_letters_and_the_queue_goes_on(world: QueueWorld) -> None:
    """Should delete what can never be read, keep it aside, and take what comes behind it."""
    world.send("not json", "{}", '"text"')
    world.start_calls(1)

    world.consume()

    wait_for(world.is_empty)
    assert world.rows(STATES) == [("queued",)]
    letters = world.rows("SELECT route, times FROM contacts_deadletter")
    assert letters == [("queue", 1)] * 3


def test_queue_that_is_away_is_waited_for(world: QueueWorld) -> None:
    """Should say so once, take what comes when it is back, and end at once when told to."""
    heartbeat = world.portal.folder / "heartbeat"
    consumer = world.consume("--heartbeat-file", str(heartbeat))
    world.send(json.dumps(envelope("a stranger", "QUEUED", after(1))))
    wait_for(lambda: len(world.rows(EVENTS)) == 1)
    wait_for(heartbeat.exists)
    began = len(consumer.log_text())

    world.connect.end()
    wait_for(lambda: "event_consumer_waits" in consumer.log_text()[began:])
    world.connect.start(events_queue=QUEUE)
    world.send(json.dumps(envelope("a stranger", "QUEUED", after(2))))

    wait_for(lambda: len(world.rows(EVENTS)) == 2)
    wait_for(lambda: "event_consumer_goes_on" in consumer.log_text()[began:])
    assert consumer.log_text()[began:].count("event_consumer_waits") == 1
    consumer.stop()
    assert consumer.log_text().endswith("Ended.\n")
