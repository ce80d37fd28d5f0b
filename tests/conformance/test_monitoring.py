"""Supervisors: MonitorContact, and what it does to the call and to the agent who listens."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.conformance.conftest import ControlApi, start, start_connected, start_request

INSTANCE = start_request()["InstanceId"]


def monitor(connect: Any, contact_id: str, user_id: str, **changes: Any) -> str:
    request = {"InstanceId": INSTANCE, "ContactId": contact_id, "UserId": user_id, **changes}
    reply = connect.monitor_contact(**request)
    assert reply["ContactArn"].endswith(f"/contact/{reply['ContactId']}")
    return str(reply["ContactId"])


def refused_code(connect: Any, contact_id: str, user_id: str) -> str:
    with pytest.raises(ClientError) as refused:
        monitor(connect, contact_id, user_id)
    code: str = refused.value.response["Error"]["Code"]
    return code


def status_of(control: ControlApi, agent_id: str) -> str:
    [status] = [a["status"] for a in control.call("GET", "state")["agents"] if a["id"] == agent_id]
    return str(status)


def test_supervisor_gets_a_contact_of_their_own(connect: Any, control: ControlApi) -> None:
    """Should busy the supervisor with a MONITOR contact that follows the agent's, and be described as such."""
    host = start_connected(connect, control)
    supervisor = control.add_agent()

    listening = monitor(connect, host, supervisor)
    control.wait_for_state(listening, "connected")

    described = connect.describe_contact(InstanceId=INSTANCE, ContactId=listening)["Contact"]
    assert described["InitiationMethod"] == "MONITOR"
    assert described["PreviousContactId"] == described["InitialContactId"] == host
    assert described["AgentInfo"]["Id"] == supervisor
    [transition] = described["AgentInfo"]["StateTransitions"]
    assert transition["State"] == "CONNECTED"
    assert "StateEndTimestamp" not in transition
    assert status_of(control, supervisor) == "busy"
    [shown] = [c for c in control.call("GET", "state")["contacts"] if c["id"] == listening]
    assert [person["role"] for person in shown["participants"]] == ["supervisor"]


def test_end_of_the_call_ends_the_listening(connect: Any, control: ControlApi) -> None:
    """Should free the supervisor for calls, without after-contact work."""
    host = start_connected(connect, control)
    supervisor = control.add_agent()
    listening = monitor(connect, host, supervisor)

    connect.stop_contact(InstanceId=INSTANCE, ContactId=host)

    control.wait_for_state(listening, "ended")
    assert status_of(control, supervisor) == "available"


def test_supervisor_leaves_the_call_alone(connect: Any, control: ControlApi) -> None:
    """Should end the supervisor's contact only."""
    host = start_connected(connect, control)
    supervisor = control.add_agent()
    listening = monitor(connect, host, supervisor)

    control.call("POST", f"agents/{supervisor}/hang-up")

    control.wait_for_state(listening, "ended")
    assert control.contact(host)["state"] == "connected"
    with pytest.raises(connect.exceptions.ContactNotFoundException):
        connect.stop_contact(InstanceId=INSTANCE, ContactId=listening)


def test_listening_is_not_stopped_through_the_api(connect: Any, control: ControlApi) -> None:
    """Should be InvalidRequest, as StopContact documents for MONITOR contacts."""
    host = start_connected(connect, control)
    listening = monitor(connect, host, control.add_agent())

    with pytest.raises(connect.exceptions.InvalidRequestException):
        connect.stop_contact(InstanceId=INSTANCE, ContactId=listening)


def test_token_makes_one_contact(connect: Any, control: ControlApi) -> None:
    """Should answer a repeated ClientToken with the first contact."""
    host = start_connected(connect, control)
    supervisor = control.add_agent()

    first = monitor(connect, host, supervisor, ClientToken="once")

    assert monitor(connect, host, supervisor, ClientToken="once") == first


def test_two_may_listen(connect: Any, control: ControlApi) -> None:
    """Should refuse the third supervisor for the quota, 402."""
    host = start_connected(connect, control)
    for _ in range(2):
        monitor(connect, host, control.add_agent())

    assert refused_code(connect, host, control.add_agent()) == "ServiceQuotaExceededException"


def test_user_is_named_by_arn_too(connect: Any, control: ControlApi) -> None:
    """Should take the ARN of the user."""
    host = start_connected(connect, control)
    arn = connect.describe_instance(InstanceId=INSTANCE)["Instance"]["Arn"]

    monitor(connect, host, f"{arn}/agent/{control.add_agent()}")


def test_who_cannot_listen_is_refused(connect: Any, control: ControlApi) -> None:
    """Should want a user who exists and is free, and a call with an agent."""
    host = start_connected(connect, control)
    [busy] = [agent["id"] for agent in control.call("GET", "state")["agents"]]

    assert refused_code(connect, host, "nobody") == "ResourceNotFoundException"
    assert refused_code(connect, host, busy) == "InvalidRequestException"
    supervisor = control.add_agent(auto_answer_s=None)
    waiting = start(connect)
    assert refused_code(connect, waiting, supervisor) == "InvalidRequestException"
    assert refused_code(connect, "no-such-contact", supervisor) == "ResourceNotFoundException"
