"""Everything that can be done with a call. Each operation owns its order of steps: intent, network, result, publication.

Interfaces (API, pages, admin, consumers, tasks) make one call here each. All arguments are by keyword, time is passed
in, and no transaction is open while Amazon Connect is asked.
"""

from __future__ import annotations

from contacts.operations.call_requests import CallRequest
from contacts.operations.ending import end_call
from contacts.operations.facts_applying import apply_facts
from contacts.operations.inbox import IncomingEvent, apply_contact_event
from contacts.operations.refreshing import refresh_contact
from contacts.operations.rejoining import connection_for, rejoin_call
from contacts.operations.replaying import StartedCall
from contacts.operations.starting import start_call

__all__ = [
    "CallRequest",
    "IncomingEvent",
    "StartedCall",
    "apply_contact_event",
    "apply_facts",
    "connection_for",
    "end_call",
    "refresh_contact",
    "rejoin_call",
    "start_call",
]
