"""Looks at a contact centre from every side its API has, and compares what it sees with the model."""

from __future__ import annotations

from collections import Counter
from datetime import datetime
from typing import Any

from tests.conformance.conftest import ControlApi, Reply, wait_for
from tests.conformance.contact_model import Contact, ContactCenterModel, EventKey
from tests.conformance.event_listener import Listener
from tests.conformance.live_world import INSTANCE, QUEUE_ID
from tests.conformance.model_requests import OPERATIONS
from tests.conformance.reply_checks import problems_of
from tests.conformance.wire_client import WireClient, written

HANDLING_S = 120
_EIGHT_WEEKS_S = 8 * 7 * 86_400
_TIMES = {
    "INITIATED": ("initiationTimestamp",),
    "QUEUED": ("queueInfo", "enqueueTimestamp"),
    "CONNECTED_TO_AGENT": ("agentInfo", "connectedToAgentTimestamp"),
    "DISCONNECTED": ("disconnectTimestamp",),
    "COMPLETED": ("disconnectTimestamp",),
}
"""Where an event says when it happened."""


class Observer:
    """A client of the API that accepts no reply but a modelled one."""

    def __init__(self, client: WireClient, control: ControlApi, listener: Listener) -> None:
        self.control = control
        self._client = client
        self._listener = listener
        self.started_at = 0.0

    def ask(self, operation: str, **params: Any) -> Reply:
        model = OPERATIONS[operation]
        reply = self._client.ask(model, written(model, params))
        assert problems_of(model, reply) == [], (operation, params, reply)
        return reply

    def seen(self, operation: str, **params: Any) -> Any:
        """The reply of a request that must succeed."""
        reply = self.ask(operation, **params)
        assert reply.status == 200, (operation, params, reply)
        return reply.json

    def compare(self, model: ContactCenterModel) -> None:
        """Fail unless everything that can be seen is as the model says."""
        state = self.control.call("GET", "state")
        shown = {contact["id"]: contact for contact in state["contacts"]}
        assert shown.keys() == model.contacts.keys()
        for contact in model.contacts.values():
            self._compare_contact(model, contact, shown[contact.id])
        statuses = {agent["id"]: _agent_facts(agent) for agent in state["agents"]}
        assert statuses == {
            agent.id: (agent.status, agent.offer and agent.offer.id, agent.call and agent.call.id)
            for agent in model.agents.values()
        }
        assert len(state["meetings"]) == len(model.calls)
        self._compare_metrics(model)
        self._compare_search(model)
        self._compare_events(model)

    def described(self, contact_id: str) -> Any:
        return self.seen("DescribeContact", **INSTANCE, ContactId=contact_id)["Contact"]

    def _compare_contact(
        self, model: ContactCenterModel, contact: Contact, shown: dict[str, Any]
    ) -> None:
        described = self.described(contact.id)
        assert _facts(described) == _expected_facts(contact)
        _check_times(described)
        assert (shown["state"], shown["digits"]) == (contact.state, contact.digits)
        assert shown["offered_to"] == (contact.rings_at and contact.rings_at.id)
        initial = {**INSTANCE, "InitialContactId": contact.id}
        assert self.seen("GetContactAttributes", **initial) == {"Attributes": contact.attributes}
        where = {**INSTANCE, "ContactId": contact.id}
        listed = self.seen("ListContactReferences", **where, ReferenceTypes=["URL", "STRING"])
        assert _references(listed) == contact.references
        self._compare_place(model, contact, where)

    def _compare_place(
        self, model: ContactCenterModel, contact: Contact, where: dict[str, str]
    ) -> None:
        asked = [{"Name": "POSITION_IN_QUEUE"}, {"Name": "ESTIMATED_WAIT_TIME"}]
        reply = self.ask("GetContactMetrics", **where, Metrics=asked)
        if contact not in model.queue:
            assert reply.error == "InvalidRequestException"
            return
        place = model.queue.index(contact) + 1
        wait_s = place * HANDLING_S / max(1, len(model.agents))
        values = [result["Value"]["Number"] for result in reply.json["MetricResults"]]
        assert values == [place, wait_s]

    def _compare_metrics(self, model: ContactCenterModel) -> None:
        statuses = Counter(agent.status for agent in model.agents.values())
        expected = {
            "CONTACTS_IN_QUEUE": len(model.queue),
            "AGENTS_ONLINE": len(model.agents),
            "AGENTS_AVAILABLE": statuses["available"],
            "AGENTS_ON_CALL": statuses["busy"],
            "AGENTS_ERROR": statuses["missed"],
            "SLOTS_ACTIVE": statuses["busy"] + statuses["ringing"],
        }
        reply = self.seen(
            "GetCurrentMetricData",
            **INSTANCE,
            Filters={"Queues": [QUEUE_ID], "Channels": ["VOICE", "CHAT"]},
            CurrentMetrics=[{"Name": name, "Unit": "COUNT"} for name in expected],
        )
        [row] = reply["MetricResults"]
        values = {item["Metric"]["Name"]: item["Value"] for item in row["Collections"]}
        assert values == expected

    def _compare_search(self, model: ContactCenterModel) -> None:
        start = self.started_at - 60
        span = {"StartTime": start, "EndTime": start + _EIGHT_WEEKS_S}
        found = self.seen(
            "SearchContacts",
            **INSTANCE,
            TimeRange={"Type": "INITIATION_TIMESTAMP", **span},
            Sort={"FieldName": "INITIATION_TIMESTAMP", "Order": "ASCENDING"},
            MaxResults=100,
        )
        assert found["TotalCount"] == len(model.contacts)
        assert {
            item["Id"]: (item["InitiationMethod"], "AgentInfo" in item, "QueueInfo" in item)
            for item in found["Contacts"]
        } == {
            contact.id: (contact.method, contact.agent_id is not None, contact.was_queued)
            for contact in model.contacts.values()
        }
        ended = self.seen(
            "SearchContacts", **INSTANCE, TimeRange={"Type": "DISCONNECT_TIMESTAMP", **span}
        )
        assert {item["Id"] for item in ended["Contacts"]} == {
            contact.id for contact in model.contacts.values() if contact.is_over
        }

    def _compare_events(self, model: ContactCenterModel) -> None:
        expected = Counter(model.events)
        wait_for(lambda: len(self._listener.events) >= len(model.events))
        told = list(self._listener.events)
        assert Counter(map(_event_key, told)) == expected
        assert len({event["id"] for event in told}) == len(told)

    def check_event_times(self) -> None:
        """Every event must tell the times that its contact is described with."""
        contacts: dict[str, Any] = {}
        for event in self._listener.events:
            detail = event["detail"]
            contact = contacts.setdefault(detail["contactId"], None) or self.described(
                detail["contactId"]
            )
            contacts[detail["contactId"]] = contact
            times = {
                "INITIATED": contact["InitiationTimestamp"],
                "QUEUED": contact.get("QueueInfo", {}).get("EnqueueTimestamp"),
                "CONNECTED_TO_AGENT": contact.get("AgentInfo", {}).get(
                    "ConnectedToAgentTimestamp"
                ),
                "DISCONNECTED": contact.get("DisconnectTimestamp"),
                "COMPLETED": contact.get("DisconnectTimestamp"),
            }
            kind = detail["eventType"]
            if kind in times:
                assert abs(_time_of(detail, kind) - times[kind]) < 0.002, event
            assert detail["initiationMethod"] == contact["InitiationMethod"]
            assert detail.get("initialContactId") == contact.get("InitialContactId")
            assert detail.get("previousContactId") == contact.get("PreviousContactId")


def _facts(described: dict[str, Any]) -> dict[str, Any]:
    tags = dict(described["Tags"])
    del tags["aws:connect:instanceId"]
    return {
        "Id": described["Id"],
        "InitiationMethod": described["InitiationMethod"],
        "Name": described["Name"],
        "Description": described.get("Description"),
        "InitialContactId": described.get("InitialContactId"),
        "PreviousContactId": described.get("PreviousContactId"),
        "DisconnectReason": described.get("DisconnectReason"),
        "Attributes": described["Attributes"],
        "Tags": tags,
        "is_queued": "QueueInfo" in described,
        "agent": described.get("AgentInfo", {}).get("Id"),
        "is_over": "DisconnectTimestamp" in described,
        "subtype": described["SegmentAttributes"]["connect:Subtype"],
    }


def _expected_facts(contact: Contact) -> dict[str, Any]:
    return {
        "Id": contact.id,
        "InitiationMethod": contact.method,
        "Name": contact.name,
        "Description": contact.description,
        "InitialContactId": contact.initial,
        "PreviousContactId": contact.previous,
        "DisconnectReason": contact.reason,
        "Attributes": contact.attributes,
        "Tags": contact.tags,
        "is_queued": contact.was_queued,
        "agent": contact.agent_id,
        "is_over": contact.is_over,
        "subtype": {"ValueString": "connect:WebRTC"},
    }


def _check_times(described: dict[str, Any]) -> None:
    """What happened later must not be told of as earlier."""
    times = [
        described["InitiationTimestamp"],
        described.get("QueueInfo", {}).get("EnqueueTimestamp"),
        described.get("AgentInfo", {}).get("ConnectedToAgentTimestamp"),
        described.get("DisconnectTimestamp"),
    ]
    known = [time for time in times if time is not None]
    assert known == sorted(known)
    assert described["LastUpdateTimestamp"] >= known[-1]


def _references(listed: dict[str, Any]) -> dict[str, tuple[str, str]]:
    found = {}
    for summary in listed["ReferenceSummaryList"]:
        [(kind, item)] = summary.items()
        found[item["Name"]] = (kind.upper(), item["Value"])
    return found


def _agent_facts(agent: dict[str, Any]) -> tuple[str, str | None, str | None]:
    return agent["status"], agent["offered_contact_id"], agent["contact_id"]


def _event_key(event: dict[str, Any]) -> EventKey:
    detail = event["detail"]
    return detail["contactId"], detail["eventType"], tuple(detail.get("updatedProperties", ()))


def _time_of(detail: dict[str, Any], kind: str) -> float:
    value: Any = detail
    for key in _TIMES[kind]:
        value = value[key]
    return datetime.fromisoformat(value).timestamp()
