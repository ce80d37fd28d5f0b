"""The adapter to Amazon Connect: what the portal asks of contacts, with typed results.

The embedded Connect and AWS differ only in endpoint and credentials. Knows nothing of rows or of HTTP towards us.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any

from contacts import errors
from contacts.connect_client import ask
from contacts.connect_guards import room
from contacts.facts import ContactFacts, SideQuality, moment_or_none

_ISSUE_CHARACTERS, _MOST_ISSUES = 64, 10  # more than Amazon Connect has words for


@dataclass(frozen=True, slots=True)
class Capabilities:
    """What one side may send besides sound."""

    video: bool
    screen_share: bool


@dataclass(frozen=True, slots=True)
class StartRequest:
    """What StartWebRTCContact is asked."""

    instance_id: str
    contact_flow_id: str
    client_token: str
    display_name: str
    description: str
    attributes: Mapping[str, str]
    references: Mapping[str, tuple[str, str]]  # key -> type, value
    customer: Capabilities
    agent: Capabilities
    related_contact_id: str | None = None


@dataclass(frozen=True, slots=True)
class StartedContact:
    """What StartWebRTCContact answered. A repeated client token may bring the contact id alone."""

    contact_id: str
    participant_id: str
    participant_token: str
    connection: dict[str, Any] | None


@dataclass(frozen=True, slots=True)
class QueuePlace:
    """Where a contact is in its queue, the head being 1, and how long it may still wait; None where not told."""

    position: int | None
    estimated_wait_s: int | None


def room_to_start() -> AbstractContextManager[None]:
    """Hold one of the places for starts under way, inside: a start in there is not refused for want of one.

    :raises ConnectBusy: all are taken.
    """
    return room("StartWebRTCContact")


def start_webrtc_contact(request: StartRequest) -> StartedContact:
    """Start a contact. The same client token never starts a second one.

    :raises ConnectError: Amazon Connect refused, failed or did not answer in time.
    """
    parameters: dict[str, Any] = {
        "InstanceId": request.instance_id,
        "ContactFlowId": request.contact_flow_id,
        "ClientToken": request.client_token,
        "ParticipantDetails": {"DisplayName": request.display_name},
        "AllowedCapabilities": {
            "Customer": capability_member(request.customer),
            "Agent": capability_member(request.agent),
        },
        "Attributes": dict(request.attributes),
        "References": _reference_members(request.references),
    }
    if request.description:
        parameters["Description"] = request.description
    if request.related_contact_id:
        parameters["RelatedContactId"] = request.related_contact_id
    reply = ask("start_web_rtc_contact", parameters, wants="ContactId")
    return StartedContact(
        contact_id=reply["ContactId"],
        participant_id=reply.get("ParticipantId") or "",
        participant_token=reply.get("ParticipantToken") or "",
        connection=joinable(reply.get("ConnectionData")),
    )


def stop_contact(*, instance_id: str, contact_id: str) -> None:
    """End a contact.

    :raises ConnectContactGone: it was over already.
    :raises ConnectError: Amazon Connect refused, failed or did not answer in time.
    """
    try:
        ask("stop_contact", {"InstanceId": instance_id, "ContactId": contact_id})
    except errors.ConnectMisconfigured as error:
        if error.args[0] == "ResourceNotFoundException":
            raise errors.ConnectContactGone(*error.args) from error
        raise


def update_contact_attributes(
    *, instance_id: str, contact_id: str, attributes: Mapping[str, str]
) -> None:
    """Set attributes of a contact, under way or over; others stay.

    :raises ConnectError: Amazon Connect refused, failed or did not answer in time.
    """
    parameters = {
        "InstanceId": instance_id,
        "InitialContactId": contact_id,
        "Attributes": dict(attributes),
    }
    ask("update_contact_attributes", parameters)


def update_contact_references(
    *, instance_id: str, contact_id: str, references: Mapping[str, tuple[str, str]]
) -> None:
    """Set references of a contact, under way or over, each a type and a value.

    :raises ConnectError: Amazon Connect refused, failed or did not answer in time.
    """
    parameters = {
        "InstanceId": instance_id,
        "ContactId": contact_id,
        "References": _reference_members(references),
    }
    ask("update_contact", parameters)


def describe_contact(*, instance_id: str, contact_id: str) -> ContactFacts:
    """Read what Amazon Connect knows of a contact.

    :raises ConnectError: Amazon Connect refused, failed or did not answer in time.
    """
    reply = ask("describe_contact", {"InstanceId": instance_id, "ContactId": contact_id})
    contact: dict[str, Any] = reply.get("Contact") or {}
    agent: dict[str, Any] = contact.get("AgentInfo") or {}
    queue: dict[str, Any] = contact.get("QueueInfo") or {}
    quality: dict[str, Any] = contact.get("QualityMetrics") or {}
    details: dict[str, Any] = contact.get("DisconnectDetails") or {}
    return ContactFacts(
        queued_at=moment_or_none(queue.get("EnqueueTimestamp")),
        connected_at=moment_or_none(agent.get("ConnectedToAgentTimestamp")),
        ended_at=moment_or_none(contact.get("DisconnectTimestamp")),
        agent_id=str(agent.get("Id") or ""),
        disconnect_reason=str(contact.get("DisconnectReason") or ""),
        queue_id=str(queue.get("Id") or ""),
        customer_quality=_side_quality(quality.get("Customer")),
        agent_quality=_side_quality(quality.get("Agent")),
        disconnect_issue=str(details.get("PotentialDisconnectIssue") or "")[:_ISSUE_CHARACTERS],
    )


def queue_place(*, instance_id: str, contact_id: str) -> QueuePlace | None:
    """Read the place of a waiting contact, or None if it is not in a queue.

    What Amazon Connect answers of a contact outside a queue is not documented: InvalidRequestException is assumed.

    :raises ConnectError: Amazon Connect refused, failed or did not answer in time.
    """
    names = ("POSITION_IN_QUEUE", "ESTIMATED_WAIT_TIME")
    parameters = {
        "InstanceId": instance_id,
        "ContactId": contact_id,
        "Metrics": [{"Name": name} for name in names],
    }
    try:
        reply = ask("get_contact_metrics", parameters)
    except errors.ConnectMisconfigured as error:
        if error.args[0] == "InvalidRequestException":
            return None
        raise
    told = {one.get("Name"): one.get("Value", {}) for one in reply.get("MetricResults") or []}
    position, wait_s = (told.get(name, {}).get("Number") for name in names)
    return QueuePlace(
        position=None if position is None or position < 1 else round(position),
        estimated_wait_s=None if wait_s is None or wait_s < 0 else round(wait_s),
    )


def capability_member(capabilities: Capabilities) -> dict[str, str]:
    """Return capabilities as they are written on the wire."""
    # "Not allowed" has no value of its own on the wire: the member is left out.
    wanted = {"Video": capabilities.video, "ScreenShare": capabilities.screen_share}
    return {member: "SEND" for member, allowed in wanted.items() if allowed}


def _side_quality(told: dict[str, Any] | None) -> SideQuality | None:
    """Return what is told of one side, or None where there is no score, or none within 1 and 5."""
    audio: dict[str, Any] = (told or {}).get("Audio") or {}
    score = audio.get("QualityScore")
    if not isinstance(score, int | float) or not 1 <= score <= 5:
        return None
    issues = audio.get("PotentialQualityIssues") or []
    return SideQuality(
        score=round(float(score), 2),
        issues=tuple(str(issue)[:_ISSUE_CHARACTERS] for issue in issues[:_MOST_ISSUES]),
    )


def _reference_members(references: Mapping[str, tuple[str, str]]) -> dict[str, dict[str, str]]:
    return {key: {"Type": kind, "Value": value} for key, (kind, value) in references.items()}


def joinable(data: dict[str, Any] | None) -> dict[str, Any] | None:
    """Return Meeting and Attendee as the Chime SDK takes them, or None if either is missing."""
    if not data or not data.get("Meeting") or not data.get("Attendee"):
        return None
    return {"Meeting": data["Meeting"], "Attendee": data["Attendee"]}
