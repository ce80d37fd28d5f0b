"""What an agent's desk shows, as one JSON value. The agent's own connection is the only secret in it."""

from __future__ import annotations

from typing import Any

from localconnect.agents import Agent, AgentStatus
from localconnect.connection_data import connection_data
from localconnect.contact_center import ContactCenter
from localconnect.contacts import Capabilities, Contact
from localconnect.settings import Settings
from localconnect.timestamps import iso_time

_MAX_QUEUE = 100
_MAX_COLLEAGUES = 100


def desk_view(
    center: ContactCenter, agent: Agent, *, base_url: str, settings: Settings
) -> dict[str, Any]:
    """The desk of `agent`: status, queue (its first hundred), what rings, the call."""
    return {
        "type": "desk",
        "agent": {"id": agent.id, "name": agent.name, "status": agent.status},
        "queue": [contact_view(contact) for contact in center.routing.waiting[:_MAX_QUEUE]],
        "offer": None if agent.offer is None else contact_view(agent.offer),
        "ring_ends_at": iso_time(agent.ring_ends_at),
        "call": _call_view(agent.call, base_url, settings),
        "wrap_up": None if agent.wrapping_up is None else _wrap_up_view(agent, settings),
        "earlier": _earlier_view(center, agent),
        "queues": _queues_view(center, agent),
        "colleagues": [
            {"id": other.id, "name": other.name, "status": other.status}
            for other in center.roster
            if other is not agent and other.status is not AgentStatus.OFFLINE
        ][:_MAX_COLLEAGUES],
        "taken_over": False,
    }


def contact_view(contact: Contact) -> dict[str, Any]:
    """A contact as agents see it."""
    details = contact.details
    return {
        "id": contact.id,
        "name": details.display_name,
        "description": details.description or "",
        "attributes": details.attributes,
        "references": {
            name: {"type": reference.type, "value": reference.value}
            for name, reference in details.references.items()
        },
        "state": contact.state,
        "queued_at": iso_time(contact.queued_at),
        "capabilities": {
            "customer": _capabilities_view(details.customer_capabilities),
            "agent": _capabilities_view(details.agent_capabilities),
        },
    }


def _call_view(
    contact: Contact | None, base_url: str, settings: Settings
) -> dict[str, Any] | None:
    if contact is None or contact.agent is None:
        return None
    connection = connection_data(contact, contact.agent, base_url=base_url, settings=settings)
    return {
        "contact": contact_view(contact),
        "connection": connection,
        "role": "supervisor"
        if contact.is_monitoring
        else ("agent" if contact.host is None else "colleague"),
        "on_hold": contact.is_on_hold,
        "screen_is_asked_for": contact.screen_is_asked_for,
        "digits": contact.digits,
        "connected_at": iso_time(contact.connected_at),
    }


def _earlier_view(center: ContactCenter, agent: Agent) -> list[dict[str, Any]]:
    """The earlier contacts of whoever calls this desk, the latest first."""
    contact = agent.call or agent.offer or agent.wrapping_up
    if contact is None:
        return []
    return [
        {
            "id": earlier.id,
            "ended_at": iso_time(earlier.ended_at),
            "description": earlier.details.description or "",
            "outcome": earlier.details.attributes.get("outcome", ""),
            "note": earlier.details.attributes.get("note", ""),
        }
        for earlier in center.history.before(contact)
    ]


def _wrap_up_view(agent: Agent, settings: Settings) -> dict[str, Any]:
    contact = agent.wrapping_up
    assert contact is not None  # noqa: S101 - the caller has looked
    ends_at = (contact.wrap_up_started_at or 0.0) + settings.wrap_up_s
    return {"contact": contact_view(contact), "ends_at": iso_time(ends_at)}


def _queues_view(center: ContactCenter, agent: Agent) -> list[dict[str, Any]]:
    """Where the call can be sent: the queues of its instance."""
    if agent.call is None:
        return []
    return [
        {"id": queue.id, "name": queue.name, "waiting": len(center.routing.waiting_in(queue))}
        for queue in agent.call.instance.queues
    ]


def _capabilities_view(capabilities: Capabilities) -> dict[str, bool]:
    return {"video": capabilities.video, "screen_share": capabilities.screen_share}
