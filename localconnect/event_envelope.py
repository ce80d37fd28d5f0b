"""A contact event as Amazon EventBridge delivers it: the envelope, and what is known about the contact by then."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from functools import lru_cache
from typing import Any

from localconnect.contacts import Contact
from localconnect.random_ids import new_id
from localconnect.timestamps import iso_time


class EventType(StrEnum):
    """What happened, in the words of Amazon Connect."""

    INITIATED = "INITIATED"
    QUEUED = "QUEUED"
    CONNECTED_TO_AGENT = "CONNECTED_TO_AGENT"
    DISCONNECTED = "DISCONNECTED"
    COMPLETED = "COMPLETED"
    CONTACT_DATA_UPDATED = "CONTACT_DATA_UPDATED"


@dataclass(frozen=True, slots=True)
class Event:
    """An event that has been published: its envelope as JSON, and what of it decides on its way."""

    contact_id: str
    type: str
    at: float
    """Epoch seconds."""
    body: bytes
    call_id: str
    """The first contact of its call: a transfer goes on in another one."""


def envelope(
    event_type: EventType,
    contact: Contact,
    *,
    at: float,
    updated: Sequence[str] = (),
) -> dict[str, Any]:
    """One event as EventBridge delivers it, with everything known about `contact` at epoch second `at`.

    :param updated: what has changed, for CONTACT_DATA_UPDATED.
    """
    contact_arn = contact.instance.arn_of("contact", contact.id)
    return {
        "version": "0",
        "id": new_id(),
        "detail-type": "Amazon Connect Contact Event",
        "source": "aws.connect",
        "account": contact.instance.account_id,
        "time": _iso_seconds(int(at)),
        "region": contact.instance.region,
        "resources": [contact_arn, contact.instance.arn],
        "detail": _detail(event_type, contact)
        | ({"updatedProperties": list(updated)} if updated else {}),
    }


def _detail(event_type: EventType, contact: Contact) -> dict[str, Any]:
    detail: dict[str, Any] = {
        "eventType": str(event_type),
        "contactId": contact.id,
        "initialContactId": contact.initial_contact_id,
        "previousContactId": contact.previous_contact_id,
        "relatedContactId": contact.details.related_contact_id,
        "channel": "VOICE",
        "instanceArn": contact.instance.arn,
        "initiationMethod": contact.initiation_method,
        "initiationTimestamp": iso_time(contact.initiated_at),
        "disconnectTimestamp": iso_time(contact.ended_at),
        "queueInfo": _queue_info(contact),
        "agentInfo": _agent_info(contact),
        "segmentAttributes": {"connect:Subtype": {"valueString": "connect:WebRTC"}},
        "tags": {"aws:connect:instanceId": contact.instance.id, **contact.tags},
    }
    return _known(detail)


def _queue_info(contact: Contact) -> dict[str, Any] | None:
    if contact.queued_at is None:
        return None
    return {
        "queueArn": contact.instance.arn_of("queue", contact.queue.id),
        "queueType": "STANDARD",
        "enqueueTimestamp": iso_time(contact.queued_at),
    }


def _agent_info(contact: Contact) -> dict[str, Any] | None:
    if contact.connected_at is None:
        return None
    info: dict[str, Any] = {
        "agentArn": contact.instance.arn_of("agent", contact.agent_id or ""),
        "connectedToAgentTimestamp": iso_time(contact.connected_at),
        "hierarchyGroups": {},
        "afterContactWorkStartTimestamp": iso_time(contact.wrap_up_started_at),
        "afterContactWorkEndTimestamp": iso_time(contact.wrap_up_ended_at),
        "agentInitiatedHoldDuration": int(contact.held_s) if contact.is_over else None,
    }
    if contact.wrap_up_started_at is not None and contact.wrap_up_ended_at is not None:
        info["afterContactWorkDuration"] = int(
            contact.wrap_up_ended_at - contact.wrap_up_started_at
        )
    return _known(info)


def _known(values: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in values.items() if value is not None}


@lru_cache(maxsize=16)
def _iso_seconds(at: int) -> str:
    return f"{datetime.fromtimestamp(at, UTC).isoformat()[:19]}Z"
