"""Reads contact events as EventBridge sends them. Pure values: no row, no network."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from contacts.errors import EventTooLarge, FieldProblem, InvalidCall
from contacts.facts import ContactFacts, moment_or_none
from contacts.limits import is_storable, pointer_to

# What is kept of an event's detail: nothing a customer typed.
KEPT_DETAIL = (
    "eventType",
    "channel",
    "initialContactId",
    "previousContactId",
    "initiationMethod",
    "initiationTimestamp",
    "connectedToSystemTimestamp",
    "disconnectTimestamp",
    "queueInfo",
    "agentInfo",
    "updatedProperties",
)
TYPE_MAX_CHARACTERS = 64
MAX_BYTES = 64 * 1024  # of an event; Amazon Connect's have two thousand
DEEPEST = 8  # levels of a detail; Amazon Connect's have three
UNSTORABLE = f"No NUL, lone surrogate or infinite number, and at most {DEEPEST} levels."


@dataclass(frozen=True, slots=True)
class IncomingEvent:
    """An event in EventBridge's envelope, reduced to what is used."""

    event_id: str
    contact_id: str
    type: str
    occurred_at: datetime
    facts: ContactFacts
    detail: dict[str, Any]

    @property
    def initial_contact_id(self) -> str:
        """The contact of the call that this contact belongs to, such as a guest's; empty if it is one itself."""
        found = _text(self.detail.get("initialContactId")) or _text(
            self.detail.get("previousContactId")
        )
        return "" if found == self.contact_id else found[:256]

    @classmethod
    def from_body(cls, body: bytes) -> IncomingEvent:
        """Read the JSON in which an envelope comes.

        :raises EventTooLarge: it has more than `MAX_BYTES`.
        :raises InvalidCall: it is no JSON, or no contact event.
        """
        if len(body) > MAX_BYTES:
            raise EventTooLarge(
                [
                    FieldProblem(
                        "", "too_large", f"A contact event has at most {MAX_BYTES:,} bytes."
                    )
                ]
            )
        try:
            envelope = json.loads(body.decode(), parse_constant=_no_number)
        except (ValueError, RecursionError) as error:
            raise InvalidCall([FieldProblem("", "not_json", "The body is no JSON.")]) from error
        return cls.from_envelope(_mapping(envelope))

    @classmethod
    def from_envelope(cls, envelope: Mapping[str, Any]) -> IncomingEvent:
        """Read an envelope. AWS's own samples write the keys of `detail` in camelCase and in PascalCase: both are taken.

        :raises InvalidCall: it lacks an id, a time, a contact or a type.
        """
        detail = _camel_case(_mapping(envelope.get("detail")))
        occurred_at = moment_or_none(_text(envelope.get("time")))
        event_id, contact_id = _text(envelope.get("id")), _text(detail.get("contactId"))
        kind = _text(detail.get("eventType"))
        kept = {key: detail[key] for key in KEPT_DETAIL if key in detail}
        missing = {
            "/id": event_id and len(event_id) <= 200,
            "/time": occurred_at,
            "/detail/contactId": contact_id and len(contact_id) <= 256,
            "/detail/eventType": kind and len(kind) <= TYPE_MAX_CHARACTERS,
        }
        stored = {"/id": event_id, "/detail/contactId": contact_id} | {
            pointer_to("detail", key): value for key, value in kept.items()
        }
        problems = [
            FieldProblem(pointer, "missing", "Required in a contact event.")
            for pointer, value in missing.items()
            if not value
        ] + [
            FieldProblem(pointer, "bad_value", UNSTORABLE)
            for pointer, value in stored.items()
            if not _is_storable(value)
        ]
        if problems or occurred_at is None:
            raise InvalidCall(problems)
        return cls(
            event_id=event_id,
            contact_id=contact_id,
            type=kind,
            occurred_at=occurred_at,
            facts=facts_of(kind, detail, occurred_at),
            detail=kept,
        )


def facts_of(kind: str, detail: Mapping[str, Any], occurred_at: datetime) -> ContactFacts:
    """Return what an event proves: what its detail says, and what its type alone says."""
    queue, agent = _mapping(detail.get("queueInfo")), _mapping(detail.get("agentInfo"))
    queued_at = moment_or_none(queue.get("enqueueTimestamp"))
    connected_at = moment_or_none(agent.get("connectedToAgentTimestamp"))
    ended_at = moment_or_none(detail.get("disconnectTimestamp"))
    return ContactFacts(
        queued_at=queued_at or (occurred_at if kind == "QUEUED" else None),
        connected_at=connected_at or (occurred_at if kind == "CONNECTED_TO_AGENT" else None),
        ended_at=ended_at or (occurred_at if kind in ("DISCONNECTED", "COMPLETED") else None),
        agent_id=_text(agent.get("agentArn")).rpartition("/")[2][
            :256
        ],  # as DescribeContact says it
        queue_id=_text(queue.get("queueArn")).rpartition("/")[2][:256],
    )


def _no_number(name: str) -> float:
    raise ValueError(f"{name} is no number of JSON")


def _camel_case(value: Any, *, depth: int = 2) -> Any:
    """Return a mapping with the first letter of each key in lower case, at each of the levels that are read."""
    if depth == 0 or not isinstance(value, Mapping):
        return value
    return {
        str(key)[:1].lower() + str(key)[1:]: _camel_case(inner, depth=depth - 1)
        for key, inner in value.items()
    }


def _is_storable(value: Any, *, depth: int = DEEPEST) -> bool:
    """Whether every database we support takes a JSON value."""
    if isinstance(value, str):
        return is_storable(value)
    if isinstance(value, Mapping | list):
        parts = [*value, *value.values()] if isinstance(value, Mapping) else value
        return depth > 0 and all(_is_storable(part, depth=depth - 1) for part in parts)
    return not isinstance(value, float) or math.isfinite(value)


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""
