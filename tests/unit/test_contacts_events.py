"""Contact events: once each, in any order, about contacts known and unknown."""

from __future__ import annotations

import uuid
from typing import Any

from django.db import connection

import pytest
from django_tasks_db.models import DBTaskResult

from contacts import operations
from contacts.choices import ContactState, EndReason
from contacts.errors import InvalidCall
from contacts.models import Contact, ContactEvent, EntryPoint
from contacts.operations import IncomingEvent
from contacts.operations.inbox import apply_parked_events
from tests.contacts_world import after, envelope, make_contact

QUEUED_AT, CONNECTED_AT, ENDED_AT = after(1), after(5), after(60)
INSERT_EVENTS = 'INSERT INTO "contacts_contactevent"'
AGENT = "arn:aws:connect:us-east-1:0:instance/i/agent/ana-agent"


def told(contact: Contact, kind: str, at: Any, **detail: Any) -> IncomingEvent:
    """Return an event about the contact."""
    return IncomingEvent.from_envelope(envelope(contact.connect_contact_id, kind, at, **detail))


def apply(event: IncomingEvent) -> bool:
    return operations.apply_contact_event(event=event, at=after(100))


def test_event_told_again_changes_nothing(contact: Contact) -> None:
    """Should be applied once, however often it is told."""
    event = told(contact, "QUEUED", QUEUED_AT)
    assert apply(event) is True
    before = Contact.objects.values().get()

    assert apply(event) is False
    assert Contact.objects.values().get() == before


def test_event_of_an_unknown_type_is_only_recorded(contact: Contact) -> None:
    """Should stand in the timeline and change nothing anybody sees."""
    apply(told(contact, "WEBRTC_API", after(1)))
    contact.refresh_from_db()
    assert (contact.state, contact.version) == ("initiated", 1)
    assert contact.events.get().type == "WEBRTC_API"


def test_event_before_its_contact_is_parked_and_applied_later(
    entry_point: EntryPoint, customer_key: str
) -> None:
    """Should wait until the contact is known, then count."""
    stranger = str(uuid.uuid4())
    event = IncomingEvent.from_envelope(envelope(stranger, "QUEUED", QUEUED_AT))
    assert apply(event) is True
    assert ContactEvent.objects.parked().count() == 1

    contact = make_contact(entry_point, customer_key)
    Contact.objects.filter(pk=contact.pk).update(connect_contact_id=stranger)
    contact.refresh_from_db()
    apply_parked_events(contact=contact, at=after(3))

    contact.refresh_from_db()
    assert (contact.state, contact.queued_at) == ("queued", QUEUED_AT)
    assert contact.events.get().version == contact.version


def test_event_in_pascal_case_is_understood(contact: Contact) -> None:
    """Should take both spellings that AWS's own samples have, and 1970 for "not yet"."""
    given_event = envelope(contact.connect_contact_id, "", after(9))
    given_event["detail"] = {
        "EventType": "CONNECTED_TO_AGENT",
        "ContactId": contact.connect_contact_id,
        "QueueInfo": {"EnqueueTimestamp": QUEUED_AT.isoformat()},
        "AgentInfo": {
            "AgentArn": AGENT,
            "ConnectedToAgentTimestamp": CONNECTED_AT.isoformat(),
        },
        "DisconnectTimestamp": "1970-01-01T00:00:00.001Z",
    }
    apply(IncomingEvent.from_envelope(given_event))
    contact.refresh_from_db()
    assert (contact.state, contact.queued_at, contact.connected_at, contact.ended_at) == (
        "connected",
        QUEUED_AT,
        CONNECTED_AT,
        None,
    )


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"id": None}, "/id"),
        ({"id": "x" * 201}, "/id"),
        ({"time": "yesterday"}, "/time"),
        ({"detail": None}, "/detail/contactId"),
        ({"detail": {"contactId": 7, "eventType": "QUEUED"}}, "/detail/contactId"),
        ({"detail": {"contactId": "c", "eventType": "x" * 65}}, "/detail/eventType"),
        ({"time": "0001-01-01T00:00:00+14:00"}, "/time"),
        ({"id": "a\x00"}, "/id"),
        ({"detail": {"contactId": "\ud800", "eventType": "QUEUED"}}, "/detail/contactId"),
        ({"detail": {"contactId": "c", "eventType": "Q\x00"}}, "/detail/eventType"),
        (
            {"detail": {"contactId": "c", "eventType": "Q", "queueInfo": {"arn": ["\x00"]}}},
            "/detail/queueInfo",
        ),
        (
            {"detail": {"contactId": "c", "eventType": "Q", "channel": float("inf")}},
            "/detail/channel",
        ),
    ],
)
def test_event_without_what_it_needs_is_refused(change: dict[str, Any], pointer: str) -> None:
    """Should say which part of the envelope is missing or cannot be."""
    with pytest.raises(InvalidCall) as caught:
        IncomingEvent.from_envelope({**envelope("c", "QUEUED", after(1)), **change})
    assert pointer in [problem.pointer for problem in caught.value.problems]


def test_event_keeps_nothing_a_customer_typed(contact: Contact) -> None:
    """Should store of the detail only what the domain reads."""
    apply(told(contact, "QUEUED", QUEUED_AT, attributes={"secret": "x"}, tags={"a": "b"}))
    assert set(contact.events.get().detail) == {"eventType", "channel"}


def test_end_of_a_contact_has_the_worker_ask_why(contact: Contact) -> None:
    """Should leave one task behind, since events do not say why a contact ended."""
    apply(told(contact, "DISCONNECTED", ENDED_AT))
    apply(told(contact, "COMPLETED", after(70)))
    task = DBTaskResult.objects.get()
    assert task.task_path == "contacts.tasks.refresh_contact"
    assert task.args_kwargs["args"] == [str(contact.pk), 1]


def test_end_that_the_customer_asked_for_needs_no_question(contact: Contact) -> None:
    """Should know why at once."""
    Contact.objects.update(end_requested_at=after(1), end_requested_by="customer")
    apply(told(contact, "DISCONNECTED", ENDED_AT))
    contact.refresh_from_db()
    assert contact.end_reason == EndReason.ABANDONED
    assert not DBTaskResult.objects.exists()


def test_event_whose_contact_becomes_known_meanwhile_is_applied(
    entry_point: EntryPoint, customer_key: str
) -> None:
    """Should count though its contact became known after it was looked up and before it was stored."""
    contact = make_contact(entry_point, customer_key, ContactState.REQUESTED)
    connect_id = str(uuid.uuid4())

    def start_before_storing(execute: Any, sql: str, *arguments: Any) -> Any:
        if sql.startswith(INSERT_EVENTS):
            contact.advance(
                ContactState.INITIATED, connect_contact_id=connect_id, initiated_at=after(0)
            )
        return execute(sql, *arguments)

    with connection.execute_wrapper(start_before_storing):
        apply(IncomingEvent.from_envelope(envelope(connect_id, "QUEUED", QUEUED_AT)))

    contact.refresh_from_db()
    assert (contact.state, contact.queued_at) == ("queued", QUEUED_AT)
    assert not ContactEvent.objects.parked().exists()


@pytest.mark.parametrize(
    "detail",
    [
        {"queueInfo": "x", "agentInfo": [1]},
        {"queueInfo": [], "agentInfo": 7},
        {"queueInfo": {"enqueueTimestamp": "0001-01-01T00:00:00+14:00"}},
        {"agentInfo": {"connectedToAgentTimestamp": "9999-12-31T23:59:59-14:00"}},
    ],
)
def test_event_with_senseless_detail_counts_by_its_type(
    contact: Contact, detail: dict[str, Any]
) -> None:
    """Should read what is no mapping as empty, and a time out of range as not told."""
    apply(told(contact, "QUEUED", QUEUED_AT, **detail))
    contact.refresh_from_db()
    assert (contact.state, contact.queued_at, contact.connected_at) == ("queued", QUEUED_AT, None)
