"""Contact events in a message queue, as a consumer with boto3 polls them."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.conformance.conftest import ControlApi, make_client, start_request
from tests.servers import LocalConnect

INSTANCE = start_request()["InstanceId"]
WHOLE_LIFE = ["INITIATED", "QUEUED", "CONNECTED_TO_AGENT", "DISCONNECTED", "COMPLETED"]


@pytest.fixture
def url(sqs: Any, control: ControlApi) -> str:
    """The address of the one queue that events go to, there as soon as the setting names it."""
    control.call("PATCH", "settings", {"events_targets": [{"queue": "contact-events"}]})
    address: str = sqs.get_queue_url(QueueName="contact-events")["QueueUrl"]
    return address


def take(sqs: Any, url: str, count: int) -> list[dict[str, Any]]:
    """The next `count` events, received by long polling and deleted."""
    events: list[dict[str, Any]] = []
    while len(events) < count:
        reply = sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10, WaitTimeSeconds=20)
        for message in reply["Messages"]:
            events.append(json.loads(message["Body"]))
            sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
    return events


def types(events: list[dict[str, Any]]) -> list[str]:
    """What the events tell."""
    return [event["detail"]["eventType"] for event in events]


def live_and_die(connect: Any, control: ControlApi) -> str:
    """The id of a contact that was started, answered and stopped."""
    control.add_agent()
    contact_id: str = connect.start_web_rtc_contact(**start_request())["ContactId"]
    control.wait_for_state(contact_id, "connected")
    connect.stop_contact(InstanceId=INSTANCE, ContactId=contact_id)
    return contact_id


def test_contact_life_is_told_to_the_queue(
    connect: Any, sqs: Any, control: ControlApi, url: str
) -> None:
    """Should send every step once, in EventBridge's envelope, and nothing else."""
    contact_id = live_and_die(connect, control)

    events = take(sqs, url, 5)

    assert types(events) == WHOLE_LIFE
    assert {event["detail"]["contactId"] for event in events} == {contact_id}
    assert {event["source"] for event in events} == {"aws.connect"}
    assert "Messages" not in sqs.receive_message(QueueUrl=url)


def test_trouble_befalls_queues_as_well(
    connect: Any, sqs: Any, control: ControlApi, url: str
) -> None:
    """Should lose, double and delay what is sent to a queue."""
    trouble = {"duplicate": True, "drop": ["INITIATED"], "delay_ms": 60_000}
    control.call("PATCH", "events", trouble)
    connect.start_web_rtc_contact(**start_request())
    assert "Messages" not in sqs.receive_message(QueueUrl=url)

    control.call("POST", "clock", {"advance_s": 61})

    events = take(sqs, url, 2)
    assert types(events) == ["QUEUED", "QUEUED"]
    assert len({event["id"] for event in events}) == 1


def test_events_overtake_each_other_in_queues(
    connect: Any, sqs: Any, control: ControlApi, url: str
) -> None:
    """Should swap neighbours when told to."""
    control.call("PATCH", "events", {"reorder": True})
    live_and_die(connect, control)
    control.call("POST", "clock", {"advance_s": 2})

    told = types(take(sqs, url, 5))

    assert told == ["QUEUED", "INITIATED", "DISCONNECTED", "CONNECTED_TO_AGENT", "COMPLETED"]


def test_queue_that_was_deleted_comes_back(connect: Any, sqs: Any, url: str) -> None:
    """Should make a queue again that events have to go to."""
    sqs.delete_queue(QueueUrl=url)

    connect.start_web_rtc_contact(**start_request())

    assert types(take(sqs, url, 2)) == ["INITIATED", "QUEUED"]


def test_reset_takes_the_setting_and_the_queue_back(
    connect: Any, control: ControlApi, url: str
) -> None:
    """Should leave nothing of before."""
    connect.start_web_rtc_contact(**start_request())
    targets = control.call("GET", "settings")["events_targets"]
    assert targets == [{"queue": "contact-events"}]

    control.call("POST", "reset")

    assert control.call("GET", "state")["message_queues"] == []


@pytest.mark.parametrize(
    "target", [{"queue": "a b"}, {"queue": 1}, {"queue": "a", "url": "http://x"}, {"queue": None}]
)
def test_impossible_queue_is_refused(control: ControlApi, target: dict[str, Any]) -> None:
    """Should say so when the setting is made."""
    assert control.refusal("PATCH", "settings", {"events_targets": [target]}) == 400


def test_queue_of_the_command_line_is_there_from_the_start() -> None:
    """Should print where the queue is, and keep it over a reset."""
    server = LocalConnect()
    with server.running(events_queue="contact-events"):
        control = ControlApi(server.url)
        control.call("PATCH", "settings", {"flow_waits_for_media": False})
        sqs, connect = make_client(server, service="sqs"), make_client(server)
        [url] = sqs.list_queues()["QueueUrls"]

        connect.start_web_rtc_contact(**start_request())

        assert f"message queue {url}" in server.logs()
        assert types(take(sqs, url, 2)) == ["INITIATED", "QUEUED"]
        control.call("POST", "reset")
        assert sqs.list_queues()["QueueUrls"] == [url]
        sqs.close()
        connect.close()
