"""StopContact and DescribeContact in every state of a contact, and what ends a contact by itself."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.conformance.conftest import ControlApi, RawClient, start_request

INSTANCE = start_request()["InstanceId"]
UNKNOWN = "99999999-9999-4999-8999-999999999999"


def start(connect: Any, **changes: Any) -> str:
    contact_id: str = connect.start_web_rtc_contact(**start_request(**changes))["ContactId"]
    return contact_id


def describe(connect: Any, contact_id: str) -> dict[str, Any]:
    contact: dict[str, Any] = connect.describe_contact(InstanceId=INSTANCE, ContactId=contact_id)[
        "Contact"
    ]
    return contact


def test_contact_without_media_waits_in_its_flow(connect: Any, control: ControlApi) -> None:
    """Should be initiated only, until the customer's media joins."""
    control.call("PATCH", "settings", {"flow_waits_for_media": True})

    contact = describe(connect, start(connect))

    assert contact["InitiationMethod"] == "WEBRTC_API"
    assert contact["Channel"] == "VOICE"
    assert not contact.keys() & {
        "QueueInfo",
        "AgentInfo",
        "DisconnectTimestamp",
        "DisconnectReason",
    }


def test_contact_that_never_arrives_ends_by_itself(connect: Any, control: ControlApi) -> None:
    """Should end as CUSTOMER_NEVER_ARRIVED after the period set."""
    control.call("PATCH", "settings", {"flow_waits_for_media": True, "never_arrived_s": 60})
    contact_id = start(connect)
    control.call("POST", "clock", {"advance_s": 59})
    assert control.contact(contact_id)["state"] == "initiated"

    control.call("POST", "clock", {"advance_s": 2})

    assert describe(connect, contact_id)["DisconnectReason"] == "CUSTOMER_NEVER_ARRIVED"


def test_contact_in_queue_then_connected_is_described(connect: Any, control: ControlApi) -> None:
    """Should show when it was queued, and who answered when."""
    contact_id = start(connect)
    waiting = describe(connect, contact_id)
    assert waiting["QueueInfo"]["EnqueueTimestamp"]
    assert "AgentInfo" not in waiting

    agent_id = control.add_agent()
    control.wait_for_state(contact_id, "connected")

    agent = describe(connect, contact_id)["AgentInfo"]
    assert agent["Id"] == agent_id
    assert agent["ConnectedToAgentTimestamp"] >= waiting["QueueInfo"]["EnqueueTimestamp"]


@pytest.mark.parametrize("state", ["initiated", "queued", "connected"])
def test_stop_contact_ends_a_live_contact(connect: Any, control: ControlApi, state: str) -> None:
    """Should end it as OTHER from any live state, once."""
    if state == "connected":
        control.add_agent()
    control.call("PATCH", "settings", {"flow_waits_for_media": state == "initiated"})
    contact_id = start(connect)
    control.wait_for_state(contact_id, state)

    connect.stop_contact(InstanceId=INSTANCE, ContactId=contact_id)

    contact = describe(connect, contact_id)
    assert contact["DisconnectReason"] == "OTHER"
    assert contact["DisconnectTimestamp"]
    assert control.call("GET", "state")["meetings"] == []
    with pytest.raises(ClientError) as refused:
        connect.stop_contact(InstanceId=INSTANCE, ContactId=contact_id)
    assert refused.value.response["ResponseMetadata"]["HTTPStatusCode"] == 410


def test_unknown_contact_is_refused(connect: Any) -> None:
    """Should answer 410 to StopContact and 404 to DescribeContact."""
    with pytest.raises(connect.exceptions.ContactNotFoundException):
        connect.stop_contact(InstanceId=INSTANCE, ContactId=UNKNOWN)
    with pytest.raises(connect.exceptions.ResourceNotFoundException):
        connect.describe_contact(InstanceId=INSTANCE, ContactId=UNKNOWN)
    with pytest.raises(connect.exceptions.ResourceNotFoundException):
        connect.stop_contact(InstanceId=UNKNOWN, ContactId=UNKNOWN)
    with pytest.raises(connect.exceptions.InvalidParameterException):
        connect.describe_contact(InstanceId="x", ContactId=UNKNOWN)


def test_agent_hang_up_ends_the_contact(connect: Any, control: ControlApi) -> None:
    """Should end it as AGENT_DISCONNECT and free the agent."""
    agent_id = control.add_agent()
    contact_id = start(connect)
    control.wait_for_state(contact_id, "connected")

    control.call("POST", f"agents/{agent_id}/hang-up")

    assert describe(connect, contact_id)["DisconnectReason"] == "AGENT_DISCONNECT"
    assert control.call("GET", "state")["agents"][0]["status"] == "available"


def test_missed_call_rings_at_the_next_agent(connect: Any, control: ControlApi) -> None:
    """Should ring one agent at a time, twenty seconds each, the longest idle first."""
    first, second = (control.add_agent(auto_answer_s=None) for _ in range(2))
    contact_id = start(connect)
    assert control.contact(contact_id)["offered_to"] == first

    control.call("POST", "clock", {"advance_s": 21})

    assert control.contact(contact_id)["offered_to"] == second
    agents = {agent["id"]: agent["status"] for agent in control.call("GET", "state")["agents"]}
    assert agents == {first: "missed", second: "ringing"}
    assert control.refusal("POST", f"agents/{first}/answer") == 409
    control.call("POST", f"agents/{second}/answer")
    assert control.contact(contact_id)["state"] == "connected"


def test_ended_contacts_are_kept_within_bounds(connect: Any, control: ControlApi) -> None:
    """Should forget the oldest ended contacts, never a live one."""
    control.call("PATCH", "settings", {"retained_contacts": 2})
    live, *ended = (start(connect) for _ in range(4))
    for contact_id in ended:
        connect.stop_contact(InstanceId=INSTANCE, ContactId=contact_id)

    with pytest.raises(connect.exceptions.ResourceNotFoundException):
        describe(connect, ended[0])
    for contact_id in (live, *ended[1:]):
        assert describe(connect, contact_id)["Id"] == contact_id


def test_times_on_the_wire_are_epoch_seconds(connect: Any, raw: RawClient) -> None:
    """Should write times as numbers, as other SDKs insist on."""
    contact_id = start(connect)

    contact = raw.signed("GET", f"/contacts/{INSTANCE}/{contact_id}").json["Contact"]

    assert isinstance(contact["InitiationTimestamp"], float)


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/nothing/here", 404),
        ("POST", "/contact/webrtc", 404),
        ("GET", f"/users-summary/{INSTANCE}", 501),
    ],
)
def test_operation_not_served_is_refused(
    raw: RawClient, method: str, path: str, status: int
) -> None:
    """Should tell what does not exist from what is not implemented."""
    reply = raw.signed(method, path)

    assert (reply.status, reply.error) == (status, "UnknownOperationException")
    assert reply.json["message"]
