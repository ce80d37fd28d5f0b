"""What the operations do: one module per topic, one function per operation.

Parameters arrive parsed and within the service model's limits. Behaviour does not await, so that two requests
with the same ClientToken cannot overlap; the one exception is ReceiveMessage, which waits for messages. Importing this package registers every operation.
"""

from __future__ import annotations

from localconnect.services import (
    calls,
    contact_data,
    contacts,
    instance,
    message_queues,
    messages,
    metrics,
    monitoring,
    people,
    searches,
)
from localconnect.services.registry import Service, behaviours

__all__ = [
    "Service",
    "behaviours",
    "calls",
    "contact_data",
    "contacts",
    "instance",
    "message_queues",
    "messages",
    "metrics",
    "monitoring",
    "people",
    "searches",
]
