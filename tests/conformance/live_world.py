"""A contact centre in which every operation has something to work on, and a valid request of each."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from tests.conformance.conftest import UNLIMITED, ControlApi
from tests.conformance.model_limits import TIME
from tests.conformance.model_requests import OPERATIONS
from tests.conformance.wire_client import WireClient, written
from tests.servers import LocalConnect

INSTANCE = {"InstanceId": LocalConnect.instance_id}
FLOW = {"ContactFlowId": LocalConnect.contact_flow_id}
QUEUE_ID = "33333333-3333-4333-8333-333333333333"
_START = {
    **INSTANCE,
    **FLOW,
    "ParticipantDetails": {"DisplayName": "Ana"},
    "AllowedCapabilities": {"Customer": {"Video": "SEND", "ScreenShare": "SEND"}},
    "References": {"Order": {"Type": "URL", "Value": "https://example.com/1"}},
}
CONSUMING = frozenset(
    {"DisconnectParticipant", "MonitorContact", "StopContact", "TransferContact"}
)
"""Operations after which nothing is left of what they worked on."""


@dataclass(frozen=True, slots=True)
class World:
    """A connected call, another that rings in vain, a free agent, and the connected customer's keys."""

    connected: str
    waiting: str
    participant_token: str
    connection_token: str
    hours: str
    supervisor: str

    def request(self, operation: str) -> dict[str, Any]:
        """Parameters that `operation` answers with 200."""
        params: dict[str, Any] = _requests(self)[operation]
        return params


def make_world(control: ControlApi, client: WireClient) -> World:
    """The contact centre as good as new, with all limits of rate and number out of the way."""
    control.call("POST", "reset")
    limits = dict.fromkeys(control.call("GET", "settings")["rate_limits"], UNLIMITED)
    many = ("concurrent_calls", "invitations_per_call", "contact_tags")
    settings = {"rate_limits": limits, "flow_waits_for_media": False, "transfer_calls": True}
    control.call("PATCH", "settings", {**settings, **dict.fromkeys(many, 100_000)})

    def ask(operation: str, **params: Any) -> Any:
        model = OPERATIONS[operation]
        reply = client.ask(model, written(model, params))
        assert reply.status == 200, reply
        return reply.json

    control.add_agent()
    connected = ask("StartWebRTCContact", **_START)
    control.wait_for_state(connected["ContactId"], "connected")
    waiting = ask("StartWebRTCContact", **_START)
    keys = ask(
        "CreateParticipantConnection",
        ParticipantToken=connected["ParticipantToken"],
        Type=["CONNECTION_CREDENTIALS"],
    )
    control.add_agent(auto_answer_s=None)
    [hours] = ask("ListHoursOfOperations", **INSTANCE)["HoursOfOperationSummaryList"]
    return World(
        connected["ContactId"],
        waiting["ContactId"],
        connected["ParticipantToken"],
        keys["ConnectionCredentials"]["ConnectionToken"],
        hours["Id"],
        control.add_agent(auto_answer_s=None),
    )


def _requests(world: World) -> dict[str, dict[str, Any]]:
    contact = {**INSTANCE, "ContactId": world.connected}
    initial = {**INSTANCE, "InitialContactId": world.connected}
    hours = {**INSTANCE, "HoursOfOperationId": world.hours}
    bearer = {"ConnectionToken": world.connection_token}
    guest = {"ParticipantRole": "CUSTOMER", "DisplayName": "Bo"}
    return {
        "CreateParticipant": {**contact, "ParticipantDetails": guest},
        "DescribeContact": contact,
        "DescribeContactFlow": {**INSTANCE, **FLOW},
        "DescribeHoursOfOperation": hours,
        "DescribeInstance": INSTANCE,
        "DescribeInstanceAttribute": {**INSTANCE, "AttributeType": "MULTI_PARTY_CONFERENCE"},
        "DescribeQueue": {**INSTANCE, "QueueId": QUEUE_ID},
        "GetContactAttributes": initial,
        "GetContactMetrics": {
            **INSTANCE,
            "ContactId": world.waiting,
            "Metrics": [{"Name": "POSITION_IN_QUEUE"}],
        },
        "GetCurrentMetricData": {
            **INSTANCE,
            "Filters": {"Queues": [QUEUE_ID]},
            "CurrentMetrics": [{"Name": "CONTACTS_IN_QUEUE", "Unit": "COUNT"}],
        },
        "GetEffectiveHoursOfOperations": {
            **hours,
            "FromDate": "2026-03-01",
            "ToDate": "2026-03-02",
        },
        "ListAssociatedContacts": contact,
        "ListContactFlows": INSTANCE,
        "ListContactReferences": {**contact, "ReferenceTypes": ["URL"]},
        "ListHoursOfOperations": INSTANCE,
        "ListInstances": {},
        "ListQueues": INSTANCE,
        "MonitorContact": {**contact, "UserId": world.supervisor},
        "SearchContacts": {
            **INSTANCE,
            "TimeRange": {
                "Type": "INITIATION_TIMESTAMP",
                "StartTime": TIME,
                "EndTime": TIME + 60,
            },
        },
        "StartScreenSharing": contact,
        "StartWebRTCContact": _START,
        "StopContact": contact,
        "TagContact": {**contact, "Tags": {"a": "b"}},
        "TransferContact": {**contact, **FLOW, "QueueId": QUEUE_ID},
        "UntagContact": {**contact, "TagKeys": ["a"]},
        "UpdateContact": {**contact, "Name": "Ana"},
        "UpdateContactAttributes": {**initial, "Attributes": {"a": "b"}},
        "CreateParticipantConnection": {
            "ParticipantToken": world.participant_token,
            "Type": ["WEBRTC_CONNECTION"],
        },
        "DisconnectParticipant": bearer,
        "SendEvent": {
            **bearer,
            "ContentType": "application/vnd.amazonaws.connect.event.typing",
        },
        "SendMessage": {**bearer, "ContentType": "audio/dtmf", "Content": "12#"},
    }
