"""A contact as DescribeContact shows it. Times stay epoch seconds; the serializer writes them."""

from __future__ import annotations

from typing import Any

from localconnect.contacts import Capabilities, Contact, Participant, Role


def described_contact(contact: Contact) -> dict[str, Any]:
    """The member `Contact` of DescribeContact, holding what is known by now."""
    details = contact.details
    return {
        "Arn": contact.instance.arn_of("contact", contact.id),
        "Id": contact.id,
        "InitialContactId": contact.initial_contact_id,
        "PreviousContactId": contact.previous_contact_id,
        "InitiationMethod": contact.initiation_method,
        "Channel": "VOICE",
        "Name": details.display_name,
        "Description": details.description,
        "RelatedContactId": details.related_contact_id,
        "Attributes": details.attributes,
        "SegmentAttributes": segment_attributes(contact),
        "Tags": {"aws:connect:instanceId": contact.instance.id, **contact.tags},
        "InitiationTimestamp": contact.initiated_at,
        "LastUpdateTimestamp": contact.updated_at,
        "DisconnectTimestamp": contact.ended_at,
        "DisconnectReason": contact.disconnect_reason,
        "DisconnectDetails": _disconnect_details(contact),
        "QualityMetrics": _quality_metrics(contact),
        "QueueInfo": _queue_info(contact),
        "AgentInfo": _agent_info(contact),
        "Customer": {"Capabilities": capabilities_view(details.customer_capabilities)},
    }


def segment_attributes(contact: Contact) -> dict[str, Any]:
    """What was given, and what Amazon Connect itself says about every WebRTC contact."""
    own: dict[str, Any] = {
        "connect:Subtype": {"ValueString": "connect:WebRTC"},
        "connect:Direction": {"ValueString": "INBOUND"},
    }
    if contact.screen_was_shared:
        activated = {"ScreenSharingActivated": {"ValueString": "TRUE"}}
        own["connect:ScreenSharingDetails"] = {"ValueMap": activated}
    return {**contact.details.segment_attributes, **own}


def capabilities_view(capabilities: Capabilities) -> dict[str, str]:
    """What is allowed, each as SEND; what is not is absent."""
    allowed = {"Video": capabilities.video, "ScreenShare": capabilities.screen_share}
    return {name: "SEND" for name, is_allowed in allowed.items() if is_allowed}


def _queue_info(contact: Contact) -> dict[str, Any] | None:
    if contact.queued_at is None:
        return None
    return {"Id": contact.queue.id, "EnqueueTimestamp": contact.queued_at}


def _agent_info(contact: Contact) -> dict[str, Any] | None:
    if contact.connected_at is None:
        return None
    started, ended = contact.wrap_up_started_at, contact.wrap_up_ended_at
    return {
        "Id": contact.agent_id,
        "ConnectedToAgentTimestamp": contact.connected_at,
        "Capabilities": capabilities_view(contact.details.agent_capabilities),
        "AfterContactWorkStartTimestamp": started,
        "AfterContactWorkEndTimestamp": ended,
        "AfterContactWorkDuration": int(ended - started)
        if started is not None and ended is not None
        else None,
        "AgentInitiatedHoldDuration": int(contact.held_s) if contact.is_over else None,
        "StateTransitions": _state_transitions(contact),
    }


def _disconnect_details(contact: Contact) -> dict[str, Any] | None:
    """What may have ended the call against everybody's will; nothing is known of devices here."""
    if not contact.is_over or contact.lost is None:
        return None
    side = "CUSTOMER" if contact.lost is Role.CUSTOMER else "AGENT"
    return {"PotentialDisconnectIssue": f"{side}_CONNECTIVITY_ISSUE"}


def _quality_metrics(contact: Contact) -> dict[str, Any] | None:
    """How the sound of both sides was, once the call is over; of a side whose media was never measured nothing."""
    if not contact.is_over:
        return None
    metrics = {
        "Agent": _audio_metrics(contact.agent),
        "Customer": _audio_metrics(contact.customer),
    }
    return metrics if any(metrics.values()) else None


def _audio_metrics(person: Participant | None) -> dict[str, Any] | None:
    if person is None or person.quality.score is None:
        return None
    quality = person.quality
    return {
        "Audio": {
            "QualityScore": quality.score,
            "PotentialQualityIssues": [issue.value for issue in quality.issues],
        }
    }


def _state_transitions(contact: Contact) -> list[dict[str, Any]] | None:
    """For a supervisor: since when they have listened, and until when."""
    if not contact.is_monitoring:
        return None
    return [
        {
            "State": "CONNECTED",
            "StateStartTimestamp": contact.connected_at,
            "StateEndTimestamp": contact.ended_at,
        }
    ]
