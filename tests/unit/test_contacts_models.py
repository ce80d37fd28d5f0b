"""The constraints of the database: what no code path can store."""

from __future__ import annotations

import uuid
from typing import Any

from django.db import IntegrityError, connection, transaction

import pytest

from contacts import customers
from contacts.choices import ContactState, EndedBy, EndReason, EventSource, ParticipantRole
from contacts.models import Contact, ContactEvent, EntryPoint, Participant, Reference
from tests.contacts_world import NOON, after, make_contact


@pytest.mark.parametrize(
    "columns",
    [
        {"state": "paused"},
        {"end_reason": "bored"},
        {"end_reason": EndReason.UNKNOWN},  # while under way
        {"state": ContactState.ENDED},  # without a time
        {"ended_at": NOON},  # while under way
        {"connect_contact_id": None},
        {"initiated_at": None},
        {"failure_code": "capacity"},  # while under way
        {"state": ContactState.FAILED, "ended_at": NOON},  # without a cause
        {"end_requested_at": NOON},  # by nobody
        {"end_requested_by": "customer"},  # at no time
        {"version": 0},
    ],
)
def test_contact_that_contradicts_itself_is_refused(
    contact: Contact, columns: dict[str, Any]
) -> None:
    """Should be refused by the database, not by code."""
    with pytest.raises(IntegrityError), transaction.atomic():
        Contact.objects.filter(pk=contact.pk).update(**columns)


def test_contact_repeating_an_idempotency_key_is_refused(
    entry_point: EntryPoint, customer_key: str
) -> None:
    """Should be one contact per customer and key; another customer's key is another key."""
    first, second = (make_contact(entry_point, customer_key) for _ in range(2))
    other = make_contact(entry_point, customers.new_customer_key())
    Contact.objects.filter(pk__in=[first.pk, other.pk]).update(idempotency_key="k")
    with pytest.raises(IntegrityError), transaction.atomic():
        Contact.objects.filter(pk=second.pk).update(idempotency_key="k")


def test_contact_repeating_an_upstream_contact_is_refused(
    entry_point: EntryPoint, customer_key: str
) -> None:
    """Should be one of ours per contact of Amazon Connect's."""
    first, second = (make_contact(entry_point, customer_key) for _ in range(2))
    with pytest.raises(IntegrityError), transaction.atomic():
        Contact.objects.filter(pk=second.pk).update(connect_contact_id=first.connect_contact_id)


def test_participant_who_left_keeps_no_secret(contact: Contact) -> None:
    """Should not be storable as gone while a sealed secret is there."""
    with pytest.raises(IntegrityError), transaction.atomic():
        contact.participants.update(left_at=NOON)


@pytest.mark.parametrize("columns", [{"role": ParticipantRole.CUSTOMER}, {"role": "GUEST"}])
def test_participant_of_no_lawful_role_is_refused(
    contact: Contact, columns: dict[str, str]
) -> None:
    """Should be one customer per contact, and of a known role."""
    with pytest.raises(IntegrityError), transaction.atomic():
        Participant.objects.create(contact=contact, created_at=NOON, **columns)


@pytest.mark.parametrize(("key", "kind"), [("Order", "URL"), ("", "URL"), ("Other", "ATTACHMENT")])
def test_reference_that_breaks_a_rule_is_refused(contact: Contact, key: str, kind: str) -> None:
    """Should have a key of its own in the contact, and a type Amazon Connect takes."""
    Reference.objects.create(contact=contact, key="Order", type="STRING", value="1")
    with pytest.raises(IntegrityError), transaction.atomic():
        Reference.objects.create(contact=contact, key=key, type=kind, value="1")


@pytest.mark.parametrize(
    "columns", [{"event_id": "e"}, {"event_id": ""}, {"source": "rumour"}, {"contact": None}]
)
def test_event_that_breaks_a_rule_is_refused(contact: Contact, columns: dict[str, Any]) -> None:
    """Should have an id of its own, a known source, and be about a contact."""
    given: dict[str, Any] = {
        "event_id": str(uuid.uuid4()),
        "contact": contact,
        "source": EventSource.PORTAL,
        "type": "REQUESTED",
        "occurred_at": NOON,
        "received_at": NOON,
    }
    ContactEvent.objects.create(**{**given, "event_id": "e"})
    with pytest.raises(IntegrityError), transaction.atomic():
        ContactEvent.objects.create(**{**given, **columns})


def test_contact_never_moves_to_a_lower_state(contact: Contact) -> None:
    """Should move forward once, skip states, and never move back or sideways."""
    assert contact.advance(ContactState.CONNECTED)
    assert (contact.state, contact.version) == (ContactState.CONNECTED, 2)

    assert not contact.advance(ContactState.QUEUED)
    assert not contact.advance(ContactState.CONNECTED)
    assert (contact.state, contact.version) == (ContactState.CONNECTED, 2)

    assert contact.advance(ContactState.ENDED, ended_at=after(1))
    assert not contact.advance(ContactState.FAILED, ended_at=after(2), failure_code="busy")
    assert contact.ended_at == after(1)


def test_contact_remembers_the_first_wish_to_end_it(contact: Contact) -> None:
    """Should keep who asked first and when."""
    assert contact.request_end(by=EndedBy.CUSTOMER, at=after(1))
    assert not contact.request_end(by=EndedBy.STAFF, at=after(2))
    assert (contact.end_requested_by, contact.end_requested_at) == ("customer", after(1))


@pytest.mark.django_db
def test_sqlite_waits_for_its_turn() -> None:
    """Should begin transactions as writers and keep a write-ahead log, if the database is SQLite."""
    if connection.vendor != "sqlite":
        assert connection.settings_dict["OPTIONS"]["pool"]
        return
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA journal_mode")
        assert cursor.fetchone()[0] == "wal"
    assert connection.settings_dict["OPTIONS"]["transaction_mode"] == "IMMEDIATE"
