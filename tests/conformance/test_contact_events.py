"""Contact events as a real HTTP listener receives them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

import pytest

from tests.conformance.conftest import ControlApi, start_request, wait_for
from tests.conformance.event_listener import Listener

INSTANCE = start_request()["InstanceId"]
WHOLE_LIFE = ["INITIATED", "QUEUED", "CONNECTED_TO_AGENT", "DISCONNECTED", "COMPLETED"]


@pytest.fixture
def listener(control: ControlApi) -> Iterator[Listener]:
    target = Listener()
    control.call(
        "PATCH",
        "settings",
        {"events_targets": [{"url": target.url, "key": "secret"}], "events_retry_s": 0.05},
    )
    yield target
    control.call("POST", "reset")
    target.close()


def live_and_die(connect: Any, control: ControlApi) -> str:
    """The id of a contact that was started, answered and stopped."""
    contact_id: str = connect.start_web_rtc_contact(**start_request())["ContactId"]
    control.wait_for_state(contact_id, "connected")
    connect.stop_contact(InstanceId=INSTANCE, ContactId=contact_id)
    return contact_id


def test_contact_life_is_told_in_order(
    connect: Any, control: ControlApi, listener: Listener
) -> None:
    """Should POST every step once, in EventBridge's envelope, with the key of the target."""
    agent_id = control.add_agent()
    contact_id = live_and_die(connect, control)

    wait_for(lambda: len(listener.events) == 5)

    assert listener.types(contact_id) == WHOLE_LIFE
    assert set(listener.keys) == {"secret"}
    assert len({event["id"] for event in listener.events}) == 5
    last = listener.events[-1]
    assert last["source"] == "aws.connect"
    assert last["detail-type"] == "Amazon Connect Contact Event"
    assert last["region"] == "us-east-1"
    assert last["resources"][0].endswith(f"/contact/{contact_id}")
    detail = last["detail"]
    assert detail["initiationMethod"] == "WEBRTC_API"
    assert detail["channel"] == "VOICE"
    assert detail["agentInfo"]["agentArn"].endswith(f"/agent/{agent_id}")
    assert (
        detail["initiationTimestamp"]
        <= detail["queueInfo"]["enqueueTimestamp"]
        <= detail["agentInfo"]["connectedToAgentTimestamp"]
        <= detail["disconnectTimestamp"]
    )


def test_times_are_those_that_describe_contact_tells(
    connect: Any, control: ControlApi, listener: Listener
) -> None:
    """Should tell an instant to the same millisecond: clients find out by it which of two reports is newer."""
    control.add_agent()
    lives = [live_and_die(connect, control) for _ in range(5)]
    wait_for(lambda: len(listener.events) == 5 * len(WHOLE_LIFE))

    for contact_id in lives:
        last = [
            event["detail"]
            for event in listener.events
            if event["detail"]["contactId"] == contact_id
        ][-1]
        contact = connect.describe_contact(InstanceId=INSTANCE, ContactId=contact_id)["Contact"]
        told = {
            "initiationTimestamp": contact["InitiationTimestamp"],
            "disconnectTimestamp": contact["DisconnectTimestamp"],
        }
        assert {name: datetime.fromisoformat(last[name]) for name in told} == told


def test_times_not_reached_are_absent(
    connect: Any, control: ControlApi, listener: Listener
) -> None:
    """Should leave out what is not known yet."""
    control.call("PATCH", "settings", {"flow_waits_for_media": True})
    connect.start_web_rtc_contact(**start_request())

    [event] = wait_for(lambda: listener.events)

    assert not event["detail"].keys() & {"queueInfo", "agentInfo", "disconnectTimestamp"}


def test_refused_event_is_delivered_later(
    connect: Any, control: ControlApi, listener: Listener
) -> None:
    """Should retry one that failed without holding the others up."""
    control.add_agent()
    listener.answers = [503, 503]

    contact_id = live_and_die(connect, control)

    wait_for(lambda: len(listener.events) == 5)
    assert sorted(listener.types(contact_id)) == sorted(WHOLE_LIFE)
    assert listener.types(contact_id) != WHOLE_LIFE


def test_unwelcome_event_is_given_up(
    connect: Any, control: ControlApi, listener: Listener
) -> None:
    """Should not repeat what the target calls a bad request."""
    listener.answers = [400]
    contact_id = connect.start_web_rtc_contact(**start_request())["ContactId"]

    wait_for(lambda: listener.events)

    assert listener.types(contact_id) == ["QUEUED"]
    wait_for(lambda: control.call("GET", "state")["events"]["undelivered"] == 0)
    assert control.call("GET", "state")["events"]["given_up"] == 1


def test_unreachable_target_does_not_delay_another(
    connect: Any, control: ControlApi, listener: Listener
) -> None:
    """Should deliver to a second target while the first one is down."""
    targets = [{"url": "http://127.0.0.1:1/"}, {"url": listener.url}]
    control.call("PATCH", "settings", {"events_targets": targets})

    connect.start_web_rtc_contact(**start_request())

    wait_for(lambda: len(listener.events) == 2)


def test_repeated_client_token_tells_nothing(connect: Any, listener: Listener) -> None:
    """Should publish the start of a contact once."""
    for _ in range(3):
        connect.start_web_rtc_contact(**start_request(ClientToken="t"))
    contact_id = connect.start_web_rtc_contact(**start_request())["ContactId"]

    wait_for(lambda: len(listener.types(contact_id)) == 2)

    assert len(listener.events) == 4


def test_events_can_be_duplicated(connect: Any, control: ControlApi, listener: Listener) -> None:
    """Should send each event twice, with the same id."""
    control.call("PATCH", "events", {"duplicate": True})
    contact_id = connect.start_web_rtc_contact(**start_request())["ContactId"]

    wait_for(lambda: len(listener.events) == 4)

    assert listener.types(contact_id) == ["INITIATED", "INITIATED", "QUEUED", "QUEUED"]
    assert len({event["id"] for event in listener.events}) == 2


def test_events_can_be_reordered(connect: Any, control: ControlApi, listener: Listener) -> None:
    """Should swap neighbours, and not keep the last one for ever."""
    control.add_agent()
    control.call("PATCH", "events", {"reorder": True})
    contact_id = live_and_die(connect, control)

    wait_for(lambda: len(listener.events) == 4)
    control.call("POST", "clock", {"advance_s": 2})
    wait_for(lambda: len(listener.events) == 5)

    assert listener.types(contact_id) == [
        "QUEUED",
        "INITIATED",
        "DISCONNECTED",
        "CONNECTED_TO_AGENT",
        "COMPLETED",
    ]


def test_events_can_be_dropped_by_type(
    connect: Any, control: ControlApi, listener: Listener
) -> None:
    """Should lose the listed types only."""
    control.add_agent()
    control.call("PATCH", "events", {"drop": ["QUEUED", "COMPLETED"]})
    contact_id = live_and_die(connect, control)

    wait_for(lambda: len(listener.events) == 3)

    assert listener.types(contact_id) == ["INITIATED", "CONNECTED_TO_AGENT", "DISCONNECTED"]


def test_events_can_be_delayed(connect: Any, control: ControlApi, listener: Listener) -> None:
    """Should hold events back until their time has come."""
    control.call("PATCH", "events", {"delay_ms": 60_000})
    connect.start_web_rtc_contact(**start_request())
    assert listener.events == []

    control.call("POST", "clock", {"advance_s": 61})

    wait_for(lambda: len(listener.events) == 2)


def test_target_can_ask_not_to_be_asked_again(
    connect: Any, control: ControlApi, listener: Listener
) -> None:
    """Should give an event up when Retry-After is negative, as EventBridge does."""
    listener.answers, listener.retry_after = [503], "-1"
    contact_id = connect.start_web_rtc_contact(**start_request())["ContactId"]

    wait_for(lambda: listener.events)

    assert listener.types(contact_id) == ["QUEUED"]
    wait_for(lambda: control.call("GET", "state")["events"]["undelivered"] == 0)
    assert control.call("GET", "state")["events"]["given_up"] == 1
    assert set(listener.agents) == {"Amazon/EventBridge/ApiDestinations"}


def test_event_is_not_retried_past_its_age(
    connect: Any, control: ControlApi, listener: Listener
) -> None:
    """Should give an event up rather than wait for longer than it may live."""
    control.call("PATCH", "settings", {"events_max_age_s": 60})
    listener.answers, listener.retry_after = [429], "61"
    connect.start_web_rtc_contact(**start_request())

    wait_for(lambda: control.call("GET", "state")["events"]["given_up"] == 1)

    assert len(wait_for(lambda: listener.events)) == 1
