"""A call from its beginning to its end, as each client goes through it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from tests.conformance.clients.client import Client
from tests.conformance.conftest import ControlApi, start_request
from tests.servers import LocalConnect

INSTANCE = LocalConnect.instance_id
QUEUE = "33333333-3333-4333-8333-333333333333"
EVERYTHING = start_request(
    Description="About an order — größer",
    Attributes={"plan": "gold", "empty": ""},
    References={
        "Order": {"Type": "URL", "Value": "https://example.com/1"},
        "Note": {"Type": "STRING", "Value": "fragile", "Status": "AVAILABLE"},
    },
    AllowedCapabilities={
        "Customer": {"Video": "SEND", "ScreenShare": "SEND"},
        "Agent": {"Video": "SEND"},
    },
    SegmentAttributes={"connect:X": {"ValueMap": {"a": {"ValueInteger": 1}}}},
)


def start(client: Client, **changes: Any) -> dict[str, Any]:
    """The reply to a StartWebRTCContact of everything the client knows."""
    wanted = {**EVERYTHING, **changes}
    return client.call("StartWebRTCContact", **client.model.fitted("StartWebRTCContact", wanted))


def described(client: Client, contact_id: str) -> dict[str, Any]:
    reply = client.call("DescribeContact", InstanceId=INSTANCE, ContactId=contact_id)
    contact: dict[str, Any] = reply["Contact"]
    return contact


def test_call_is_started_described_and_stopped(client: Client) -> None:
    """Should show what was given, with dates the client reads as dates, and then the end."""
    first = start(client)["ContactId"]
    reply = start(client, RelatedContactId=first)
    address = {"InstanceId": INSTANCE, "ContactId": reply["ContactId"]}
    meeting = reply["ConnectionData"]["Meeting"]
    waiting = described(client, reply["ContactId"])
    assert client.call("StopContact", **address) == {}
    ended = described(client, reply["ContactId"])

    here = client.setup.url.replace("http", "ws")
    signaling = meeting["MediaPlacement"]["SignalingUrl"]
    assert signaling == f"{here}/control/{meeting['MeetingId']}"
    assert reply["ConnectionData"]["Attendee"].keys() == {"AttendeeId", "JoinToken"}
    assert waiting["InitiationMethod"] == "WEBRTC_API"
    assert waiting["RelatedContactId"] == first
    for name in ("Description", "Attributes"):
        if client.model.gives("DescribeContact", "Contact", name):
            assert waiting[name] == EVERYTHING[name]
    if client.model.takes("StartWebRTCContact", "SegmentAttributes"):
        segments = waiting["SegmentAttributes"]
        assert segments["connect:X"] == EVERYTHING["SegmentAttributes"]["connect:X"]
    if client.model.gives("DescribeContact", "Contact", "Customer"):
        assert waiting["Customer"]["Capabilities"] == {"Video": "SEND", "ScreenShare": "SEND"}
    assert waiting["QueueInfo"]["Id"] == QUEUE
    assert "DisconnectTimestamp" not in waiting
    began = client.moment(waiting["InitiationTimestamp"])
    queued = client.moment(waiting["QueueInfo"]["EnqueueTimestamp"])
    over = client.moment(ended["DisconnectTimestamp"])
    assert began <= queued <= over
    assert abs(datetime.now(UTC) - over) < timedelta(minutes=2)


def test_call_keeps_what_is_said_about_it(client: Client) -> None:
    """Should merge attributes and references, and take a new name."""
    contact_id = start(client)["ContactId"]
    address = {"InstanceId": INSTANCE, "ContactId": contact_id}
    initial = {"InstanceId": INSTANCE, "InitialContactId": contact_id}
    client.call("UpdateContactAttributes", **initial, Attributes={"plan": "iron", "n": "ü"})
    added = {"Since": {"Type": "DATE", "Value": "1767322800"}}
    client.call("UpdateContact", **address, Name="Zoë", References=added)

    attributes = client.call("GetContactAttributes", **initial)["Attributes"]
    types = ["URL", "DATE"]
    listed = client.call("ListContactReferences", **address, ReferenceTypes=types)

    assert attributes == {"plan": "iron", "empty": "", "n": "ü"}
    assert listed["ReferenceSummaryList"] == [
        {"Url": {"Name": "Order", "Value": "https://example.com/1"}},
        {"Date": {"Name": "Since", "Value": "1767322800"}},
    ]
    assert described(client, contact_id)["Name"] == "Zoë"


def test_calls_are_tagged_and_found(client: Client) -> None:
    """Should be found in a range of dates, page by page, and by what they are tagged with while they are."""
    if not client.model.knows("SearchContacts"):
        assert client.name == "boto3-oldest"  # the one client that came before it
        return
    first, second = (start(client)["ContactId"] for _ in range(2))
    address = {"InstanceId": INSTANCE, "ContactId": first}
    now = datetime.now(UTC)
    span = {"StartTime": now - timedelta(minutes=5), "EndTime": now + timedelta(minutes=5)}
    search = {
        "InstanceId": INSTANCE,
        "TimeRange": {"Type": "INITIATION_TIMESTAMP", **span},
        "Sort": {"FieldName": "INITIATION_TIMESTAMP", "Order": "ASCENDING"},
    }
    tagged = {"SearchCriteria": {"ContactTags": {"TagCondition": {"TagKey": "team"}}}}
    client.call("TagContact", **address, Tags={"team": "red", "shift": "late"})
    every = client.collect("SearchContacts", "Contacts", 1, **search)
    found = client.call("SearchContacts", **search, **tagged)
    client.call("UntagContact", **address, TagKeys=["team", "shift"])

    assert [contact["Id"] for contact in every] == [first, second]
    assert [contact["Id"] for contact in found["Contacts"]] == [first]
    assert client.moment(every[0]["InitiationTimestamp"]) <= now + timedelta(minutes=1)
    assert client.call("SearchContacts", **search, **tagged)["TotalCount"] == 0


def test_queue_is_measured(client: Client, control: ControlApi) -> None:
    """Should say how many wait, and where in the queue one call is."""
    contact_id = [start(client)["ContactId"] for _ in range(2)][1]
    queue = client.call(
        "GetCurrentMetricData",
        InstanceId=INSTANCE,
        Filters={"Queues": [QUEUE], "Channels": ["VOICE"]},
        CurrentMetrics=[{"Name": "CONTACTS_IN_QUEUE", "Unit": "COUNT"}],
        Groupings=["QUEUE"],
    )

    [row] = queue["MetricResults"]
    assert row["Collections"][0]["Value"] == 2
    client.moment(queue["DataSnapshotTime"])
    if client.model.knows("GetContactMetrics"):
        metrics = [{"Name": "POSITION_IN_QUEUE"}]
        place = client.call(
            "GetContactMetrics", InstanceId=INSTANCE, ContactId=contact_id, Metrics=metrics
        )
        assert place["MetricResults"][0]["Value"] == {"Number": 2}
