"""A call while it waits or goes on, and how it is found again: metrics, screen sharing, transfer, searches."""

from __future__ import annotations

import time
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.conformance.conftest import (
    ControlApi,
    RawClient,
    start,
    start_connected,
    start_request,
)
from tests.servers import LocalConnect

INSTANCE = start_request()["InstanceId"]
QUEUE = "33333333-3333-4333-8333-333333333333"
SHARING = {"AllowedCapabilities": {"Customer": {"ScreenShare": "SEND"}}}


def metrics(connect: Any, contact_id: str) -> dict[str, float]:
    reply = connect.get_contact_metrics(
        InstanceId=INSTANCE,
        ContactId=contact_id,
        Metrics=[{"Name": "POSITION_IN_QUEUE"}, {"Name": "ESTIMATED_WAIT_TIME"}],
    )
    assert reply["Id"] == contact_id
    return {result["Name"]: result["Value"]["Number"] for result in reply["MetricResults"]}


def search(connect: Any, **changes: Any) -> dict[str, Any]:
    now = time.time()
    request = {
        "InstanceId": INSTANCE,
        "TimeRange": {
            "Type": "INITIATION_TIMESTAMP",
            "StartTime": now - 60,
            "EndTime": now + 60,
        },
        **changes,
    }
    reply: dict[str, Any] = connect.search_contacts(**request)
    return reply


def found(connect: Any, **criteria: Any) -> list[str]:
    return [contact["Id"] for contact in search(connect, SearchCriteria=criteria)["Contacts"]]


def test_metrics_tell_the_place_in_the_queue(connect: Any, control: ControlApi) -> None:
    """Should count from one, move up as others leave, and estimate more for those behind."""
    first, second, third = (start(connect) for _ in range(3))
    behind = metrics(connect, third)
    assert metrics(connect, first)["POSITION_IN_QUEUE"] == 1
    assert behind["POSITION_IN_QUEUE"] == 3

    connect.stop_contact(InstanceId=INSTANCE, ContactId=first)

    assert metrics(connect, third)["POSITION_IN_QUEUE"] == 2
    assert metrics(connect, third)["ESTIMATED_WAIT_TIME"] < behind["ESTIMATED_WAIT_TIME"]
    assert metrics(connect, second)["POSITION_IN_QUEUE"] == 1


@pytest.mark.parametrize("state", ["initiated", "connected", "ended"])
def test_metrics_outside_the_queue_are_refused(
    connect: Any, control: ControlApi, state: str
) -> None:
    """Should be InvalidRequest before, beyond and after the queue."""
    if state == "connected":
        control.add_agent()
    control.call("PATCH", "settings", {"flow_waits_for_media": state == "initiated"})
    contact_id = start(connect)
    if state == "ended":
        connect.stop_contact(InstanceId=INSTANCE, ContactId=contact_id)
    control.wait_for_state(contact_id, state)

    with pytest.raises(connect.exceptions.InvalidRequestException):
        metrics(connect, contact_id)


def test_screen_sharing_is_for_calls_in_progress(connect: Any, control: ControlApi) -> None:
    """Should be refused before and after the call, and recorded on the contact."""
    waiting = start(connect, **SHARING)
    with pytest.raises(connect.exceptions.InvalidRequestException):
        connect.start_screen_sharing(InstanceId=INSTANCE, ContactId=waiting)
    control.add_agent()
    control.wait_for_state(waiting, "connected")

    connect.start_screen_sharing(InstanceId=INSTANCE, ContactId=waiting)

    described = connect.describe_contact(InstanceId=INSTANCE, ContactId=waiting)["Contact"]
    details = described["SegmentAttributes"]["connect:ScreenSharingDetails"]["ValueMap"]
    assert details["ScreenSharingActivated"] == {"ValueString": "TRUE"}
    connect.stop_contact(InstanceId=INSTANCE, ContactId=waiting)
    with pytest.raises(connect.exceptions.InvalidRequestException):
        connect.start_screen_sharing(InstanceId=INSTANCE, ContactId=waiting)


def test_screen_sharing_nobody_may_do_is_refused(connect: Any, control: ControlApi) -> None:
    """Should want the capability from the start."""
    contact_id = start_connected(connect, control)

    with pytest.raises(connect.exceptions.InvalidRequestException):
        connect.start_screen_sharing(InstanceId=INSTANCE, ContactId=contact_id)


def transfer(connect: Any, contact_id: str, **changes: Any) -> str:
    request = {
        "InstanceId": INSTANCE,
        "ContactId": contact_id,
        "ContactFlowId": LocalConnect.contact_flow_id,
        "QueueId": QUEUE,
        **changes,
    }
    successor: str = connect.transfer_contact(**request)["ContactId"]
    return successor


def test_transfer_of_a_call_is_refused_as_documented(connect: Any, control: ControlApi) -> None:
    """Should be InvalidRequest for a voice contact."""
    contact_id = start_connected(connect, control)

    with pytest.raises(connect.exceptions.InvalidRequestException):
        transfer(connect, contact_id)


def test_transfer_where_set_so_carries_the_call_on(connect: Any, control: ControlApi) -> None:
    """Should queue a new contact in the same meeting, with the same customer, and free the agent."""
    control.call("PATCH", "settings", {"transfer_calls": True})
    agent_id = control.add_agent(auto_answer_s=None)
    contact_id = start(connect, Attributes={"plan": "gold"})
    control.call("POST", f"agents/{agent_id}/answer")

    successor = transfer(connect, contact_id, ClientToken="once")
    assert transfer(connect, contact_id, ClientToken="once") == successor

    before, after = control.contact(contact_id), control.contact(successor)
    assert (before["state"], after["state"]) == ("ended", "queued")
    assert after["meeting_id"] == before["meeting_id"]
    assert [person["id"] for person in after["participants"]] == [before["participants"][0]["id"]]
    described = connect.describe_contact(InstanceId=INSTANCE, ContactId=successor)["Contact"]
    assert described["InitiationMethod"] == "TRANSFER"
    assert described["PreviousContactId"] == contact_id
    assert described["Attributes"] == {"plan": "gold"}
    control.call("POST", f"agents/{agent_id}/answer")
    assert control.contact(successor)["state"] == "connected"


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"QueueId": "x"}, "ResourceNotFoundException"),
        ({"ContactFlowId": "x"}, "ResourceNotFoundException"),
        ({"UserId": "u"}, "InvalidRequestException"),
    ],
)
def test_transfer_to_nowhere_is_refused(
    connect: Any, control: ControlApi, changes: dict[str, str], code: str
) -> None:
    """Should want a flow and a queue that exist, and nobody in person."""
    control.call("PATCH", "settings", {"transfer_calls": True})

    with pytest.raises(ClientError) as refused:
        transfer(connect, start(connect), **changes)

    assert refused.value.response["Error"]["Code"] == code


def test_associated_contacts_are_the_whole_family(connect: Any, control: ControlApi) -> None:
    """Should list the first contact and all that follow it, whichever of them is named."""
    host = start_connected(connect, control)
    start(connect)
    for name in ("Bea", "Cem"):
        connect.create_participant(
            InstanceId=INSTANCE,
            ContactId=host,
            ParticipantDetails={"ParticipantRole": "CUSTOMER", "DisplayName": name},
        )

    family = connect.list_associated_contacts(InstanceId=INSTANCE, ContactId=host)
    ids = [contact["ContactId"] for contact in family["ContactSummaryList"]]

    assert ids[0] == host
    assert len(ids) == 3
    of_guest = connect.list_associated_contacts(InstanceId=INSTANCE, ContactId=ids[2])
    assert {contact["ContactId"] for contact in of_guest["ContactSummaryList"]} == set(ids)


def test_search_finds_by_criteria(connect: Any, control: ControlApi) -> None:
    """Should hold every criterion against each contact of the range."""
    gold = start(connect, Attributes={"plan": "gold"}, ParticipantDetails={"DisplayName": "Ana B"})
    silver = start(connect, Attributes={"plan": "silver"})
    connect.tag_contact(InstanceId=INSTANCE, ContactId=gold, Tags={"team": "red"})
    by_plan = {"Criteria": [{"Key": "plan", "Values": ["gold", "iron"]}]}
    webrtc = {"Criteria": [{"Key": "connect:Subtype", "Values": ["connect:WebRTC"]}]}

    assert found(connect) == [silver, gold]
    assert found(connect, SearchableContactAttributes=by_plan) == [gold]
    assert found(connect, SearchableContactAttributes={**by_plan, "MatchType": "MATCH_NONE"}) == [
        silver
    ]
    assert found(connect, SearchableSegmentAttributes=webrtc) == [silver, gold]
    assert found(connect, Name={"SearchText": ["ana b"], "MatchType": "MATCH_EXACT"}) == [gold]
    assert found(connect, Name={"SearchText": ["zoe", "b"], "MatchType": "MATCH_ANY"}) == [gold]
    assert found(connect, InitiationMethods=["WEBRTC_API"], Channels=["VOICE"], QueueIds=[QUEUE])
    assert found(connect, Channels=["CHAT"]) == []
    assert found(connect, AgentIds=["a"]) == []
    assert found(connect, AgentHierarchyGroups={"L1Ids": ["x"]}) == []
    assert found(connect, ContactTags={"TagCondition": {"TagKey": "team"}}) == [gold]
    assert found(connect, ContactTags={"AndConditions": [{"TagKey": "no"}]}) == []
    assert found(
        connect, ContactTags={"OrConditions": [[{"TagKey": "team", "TagValue": "red"}]]}
    ) == [gold]
    absent = {"Type": "CONNECTED_TO_AGENT_TIMESTAMP", "ConditionType": "NOT_EXISTS"}
    unanswered = {"Criteria": [{"TimestampCondition": absent}], "MatchType": "MATCH_ALL"}
    assert found(connect, AdditionalTimeRange=unanswered) == [silver, gold]


def test_search_looks_at_the_time_asked_for(connect: Any) -> None:
    """Should leave out who lacks that time, and refuse a range that is none or too long."""
    ended, _ = start(connect), start(connect)
    connect.stop_contact(InstanceId=INSTANCE, ContactId=ended)
    now = time.time()

    def ids(kind: str, start_at: float = now - 60, end_at: float = now + 60) -> list[str]:
        span = {"Type": kind, "StartTime": start_at, "EndTime": end_at}
        return [contact["Id"] for contact in search(connect, TimeRange=span)["Contacts"]]

    assert ids("DISCONNECT_TIMESTAMP") == [ended]
    assert len(ids("ENQUEUE_TIMESTAMP")) == 2
    assert ids("SCHEDULED_TIMESTAMP") == []
    assert ids("INITIATION_TIMESTAMP", now - 1000, now - 900) == []
    for start_at, end_at in ((now, now - 1), (now - 9 * 7 * 86_400, now)):
        with pytest.raises(connect.exceptions.InvalidRequestException):
            ids("INITIATION_TIMESTAMP", start_at, end_at)


def test_search_goes_page_by_page(connect: Any, raw: RawClient) -> None:
    """Should lead through all results once, with tokens good for this search only."""
    contacts = [start(connect) for _ in range(5)]
    order = {"Sort": {"FieldName": "INITIATION_TIMESTAMP", "Order": "ASCENDING"}}
    now = time.time()
    span = {"Type": "INITIATION_TIMESTAMP", "StartTime": now - 60, "EndTime": now + 60}
    request = {**order, "TimeRange": span, "MaxResults": 2}

    first = search(connect, **request)
    second = search(connect, **request, NextToken=first["NextToken"])
    last = search(connect, **{**request, "MaxResults": 100}, NextToken=second["NextToken"])

    pages = [*first["Contacts"], *second["Contacts"], *last["Contacts"]]
    assert [contact["Id"] for contact in pages] == contacts
    assert first["TotalCount"] == 5
    assert "NextToken" not in last
    assert first["NextToken"] != second["NextToken"]
    other = {**request, "SearchCriteria": {"Channels": ["VOICE"]}}
    for bad in (first["NextToken"], "nonsense", "é", "a" * 100_000):
        with pytest.raises(connect.exceptions.InvalidParameterException):
            search(connect, **other, NextToken=bad)
