"""What an agent's desk shows, as one JSON value. The agent's own connection is the only secret in it."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from localconnect.agents import Agent
from localconnect.connection_data import connection_data
from localconnect.contact_center import ContactCenter
from localconnect.contacts import Capabilities, Contact
from localconnect.settings import Settings

_MAX_QUEUE = 100


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


def iso_time(at: float | None) -> str | None:
    """Epoch seconds as `YYYY-MM-DDThh:mm:ss.sssZ`."""
    if at is None:
        return None
    return (
        datetime.fromtimestamp(at, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    )


def _call_view(
    contact: Contact | None, base_url: str, settings: Settings
) -> dict[str, Any] | None:
    if contact is None or contact.agent is None:
        return None
    connection = connection_data(contact, contact.agent, base_url=base_url, settings=settings)
    return {"contact": contact_view(contact), "connection": connection}


def _capabilities_view(capabilities: Capabilities) -> dict[str, bool]:
    return {"video": capabilities.video, "screen_share": capabilities.screen_share}
