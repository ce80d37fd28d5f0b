"""Contacts and agents as JSON documents, and back. What a document says, its members' names tell.

What a document of an older localconnect does not say has its default. A change that needs older documents read
otherwise is a new `store.FORMAT`. Knows nothing of files, nor of what follows from a contact's having been read.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict
from typing import Any

from localconnect.agents import Agent, AgentStatus
from localconnect.audio_quality import AudioQuality
from localconnect.contacts import (
    Capabilities,
    Contact,
    ContactDetails,
    DisconnectReason,
    Participant,
    Reference,
    Role,
)
from localconnect.directory import Directory, Instance
from localconnect.store import Document

_CONTACT = (
    "id",
    "meeting_id",
    "initiated_at",
    "updated_at",
    "queued_at",
    "connected_at",
    "ended_at",
    "disconnect_reason",
    "agent_id",
    "offered_to",
    "place",
    "wrap_up_started_at",
    "wrap_up_ended_at",
    "initiation_method",
    "initial_contact_id",
    "previous_contact_id",
    "customer_is_gone",
    "agent_was_lost",
    "lost",
    "digits",
    "screen_was_shared",
    "screen_is_asked_for",
    "held_since",
    "call_began_at",
    "held_s",
)
"""Members of `Contact` that are JSON values as they are."""

_PARTICIPANT = (
    "id",
    "role",
    "display_name",
    "attendee_id",
    "join_token",
    "token",
    "joined_at",
    "left_at",
)
_DETAILS = ("display_name", "description", "related_contact_id")
_AGENT = ("id", "name", "scripted", "status", "available_since", "status_after_call")


class UndeclaredResource(LookupError):
    """What a contact belongs to is not declared; the text names it."""


def contact_record(contact: Contact) -> Document:
    """A contact; those of other contacts by their ids."""
    return {
        **{name: getattr(contact, name) for name in _CONTACT},
        "instance": contact.instance.id,
        "flow": contact.flow.id,
        "queue": contact.queue.id,
        "host": None if contact.host is None else contact.host.id,
        "details": _details_record(contact.details),
        "customer": _participant_record(contact.customer),
        "agent": None if contact.agent is None else _participant_record(contact.agent),
        "tags": dict(contact.tags),
    }


def read_contacts(records: Iterable[Document], directory: Directory) -> list[Contact]:
    """The contacts of some documents, in their order, with hosts and live guests tied together.

    :raises UndeclaredResource: an instance, flow or queue.
    """
    contacts: dict[str, Contact] = {}
    hosts: dict[str, str] = {}
    for record in records:
        contact = _contact(record, directory)
        contacts[contact.id] = contact
        if record["host"] is not None:
            hosts[contact.id] = record["host"]
    for contact_id, host_id in hosts.items():
        # An ended contact may have outlived its host's being kept.
        _tie(contacts[contact_id], contacts.get(host_id))
    return list(contacts.values())


def agent_record(agent: Agent) -> Document:
    """An agent without their call: that follows from the contacts."""
    return {name: getattr(agent, name) for name in _AGENT}


def read_agent(record: Document, directory: Directory) -> Agent:
    """The agent of a document, with the queues that are declared for them now."""
    values = _members(record, _AGENT)
    values["status"] = AgentStatus(values["status"])
    values["status_after_call"] = AgentStatus(values["status_after_call"])
    return Agent(**values, queue_ids=directory.agent_queues.get(values["name"]))


def _contact(record: Document, directory: Directory) -> Contact:
    values = _members(record, _CONTACT)
    reason, agent = record["disconnect_reason"], record["agent"]
    instance = directory.find(record["instance"])
    if instance is None:
        raise UndeclaredResource(f"instance {record['instance']}")
    if record["host"] is None:
        values["offered_to"] = None  # what rang from a queue rings anew
    lost = values.get("lost")
    values["lost"] = None if lost is None else Role(lost)
    values["disconnect_reason"] = None if reason is None else DisconnectReason(reason)
    return Contact(
        **values,
        **_resources(record, instance),
        instance=instance,
        details=_details(record["details"]),
        customer=_participant(record["customer"]),
        agent=None if agent is None else _participant(agent),
        tags=record["tags"],
    )


def _members(record: Document, names: Iterable[str]) -> dict[str, Any]:
    return {name: record[name] for name in names if name in record}


def _resources(record: Document, instance: Instance) -> dict[str, Any]:
    found = {
        "flow": instance.find_flow(record["flow"]),
        "queue": instance.find_queue(record["queue"]),
    }
    for name, resource in found.items():
        if resource is None:
            raise UndeclaredResource(f"{name} {record[name]}")
    return found


def _tie(contact: Contact, host: Contact | None) -> None:
    contact.host = host
    if host is None:
        return
    if contact.agent is not None:
        contact.customer = host.customer
    if not contact.is_over:
        host.guests.append(contact)


def _details_record(details: ContactDetails) -> Document:
    return {
        **{name: getattr(details, name) for name in _DETAILS},
        "attributes": dict(details.attributes),
        "references": {name: asdict(item) for name, item in details.references.items()},
        "segment_attributes": dict(details.segment_attributes),
        "customer_capabilities": asdict(details.customer_capabilities),
        "agent_capabilities": asdict(details.agent_capabilities),
    }


def _details(record: Document) -> ContactDetails:
    return ContactDetails(
        **_members(record, _DETAILS),
        attributes=record["attributes"],
        references={name: Reference(**item) for name, item in record["references"].items()},
        segment_attributes=record["segment_attributes"],
        customer_capabilities=Capabilities(**record["customer_capabilities"]),
        agent_capabilities=Capabilities(**record["agent_capabilities"]),
    )


def _participant_record(person: Participant) -> Document:
    told = {name: getattr(person, name) for name in _PARTICIPANT}
    return {**told, "quality": asdict(person.quality)}


def _participant(record: Document) -> Participant:
    values = _members(record, _PARTICIPANT)
    values["role"] = Role(values["role"])
    values["quality"] = AudioQuality(**record.get("quality", {}))
    return Participant(**values)
