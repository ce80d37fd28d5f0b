"""Magic names of customers: what becomes of their calls is said by the name, with nobody at a desk."""

from __future__ import annotations

from typing import Any

import pytest

from tests.conformance.conftest import ControlApi, start, start_request, wait_for
from tests.conformance.test_restart import Kept, kept

__all__ = ["kept"]

INSTANCE = start_request()["InstanceId"]


def start_named(connect: Any, name: str) -> str:
    return start(connect, ParticipantDetails={"DisplayName": name})


def describe(connect: Any, contact_id: str) -> dict[str, Any]:
    contact: dict[str, Any] = connect.describe_contact(InstanceId=INSTANCE, ContactId=contact_id)[
        "Contact"
    ]
    return contact


def agents(control: ControlApi) -> list[str]:
    return [agent["name"] for agent in control.call("GET", "state")["agents"]]


def test_agent_answers_when_the_name_says(connect: Any, control: ControlApi) -> None:
    """Should be queued without the customer's media, wait, be answered, and need no agent afterwards."""
    control.call("PATCH", "settings", {"flow_waits_for_media": True})
    contact_id = start_named(connect, "agent-answers-5s")
    assert control.contact(contact_id)["state"] == "queued"
    control.call("POST", "clock", {"advance_s": 4})
    assert control.contact(contact_id)["state"] == "queued"

    control.call("POST", "clock", {"advance_s": 2})

    control.wait_for_state(contact_id, "connected")
    assert describe(connect, contact_id)["AgentInfo"]["Id"]
    assert agents(control) == ["Scripted agent"]
    connect.stop_contact(InstanceId=INSTANCE, ContactId=contact_id)
    assert describe(connect, contact_id)["DisconnectReason"] == "OTHER"
    assert agents(control) == []


def test_nobody_else_answers(connect: Any, control: ControlApi) -> None:
    """Should not ring at agents who are free, nor keep them from those who have no script."""
    scripted = [start_named(connect, name) for name in ("no-agent", "agent-answers-60s")]
    other = start(connect)
    control.add_agent()

    control.wait_for_state(other, "connected")

    assert {control.contact(one)["state"] for one in scripted} == {"queued"}


def test_flow_gives_up_when_the_name_says(connect: Any, control: ControlApi) -> None:
    """Should end as flows do that have found no agent."""
    for_ever, briefly = start_named(connect, "no-agent"), start_named(connect, "no-agent-10s")
    control.call("POST", "clock", {"advance_s": 11})

    assert describe(connect, briefly)["DisconnectReason"] == "CONTACT_FLOW_DISCONNECT"
    assert control.contact(for_ever)["state"] == "queued"


def test_call_drops_when_the_name_says(connect: Any, control: ControlApi) -> None:
    """Should be answered at once, and break off so long afterwards."""
    contact_id = start_named(connect, "drop-at-30s")
    control.wait_for_state(contact_id, "connected")
    control.call("POST", "clock", {"advance_s": 28})
    assert control.contact(contact_id)["state"] == "connected"

    control.call("POST", "clock", {"advance_s": 3})

    assert describe(connect, contact_id)["DisconnectReason"] == "TELECOM_PROBLEM"
    assert agents(control) == []


@pytest.mark.parametrize(
    "name",
    [
        "agent-answers",
        "agent-answers-5",
        "agent-answers-9999s",
        "drop-at",
        "no-agents",
        "No-agent",
    ],
)
def test_other_names_are_names(connect: Any, control: ControlApi, name: str) -> None:
    """Should be answered by whoever is free."""
    contact_id = start_named(connect, name)
    control.add_agent()

    control.wait_for_state(contact_id, "connected")


def test_scripts_go_on_after_a_restart(kept: Kept) -> None:
    """Should answer, and drop, when it was due, and send whoever was there for one call away with it."""
    waiting, talking = (
        start_named(kept.connect, name) for name in ("agent-answers-60s", "drop-at-60s")
    )
    kept.control.wait_for_state(talking, "connected")

    kept.restart()

    assert agents(kept.control) == ["Scripted agent"]
    kept.control.call("POST", "clock", {"advance_s": 61})
    kept.control.wait_for_state(waiting, "connected")
    assert kept.describe(talking)["DisconnectReason"] == "TELECOM_PROBLEM"
    wait_for(lambda: agents(kept.control) == ["Scripted agent"])
