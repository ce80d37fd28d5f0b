"""People whom a customer's own program adds to the call: at once, within the four places, once for each wish."""

from __future__ import annotations

from typing import Any

import pytest

from contacts.choices import ContactState
from contacts.models import Contact, EntryPoint, Invitation, Participant
from tests.api.calls_with_agents import guests_of, start_connected
from tests.contacts_world import Customer, control, make_contact
from tests.servers import LocalConnect

pytestmark = pytest.mark.django_db(transaction=True)


def path(contact: Contact) -> str:
    return f"/api/v1/contacts/{contact.pk}/participants/"


def add(customer: Customer, contact: Contact, name: str = "Gil", **headers: str) -> Any:
    return customer.post(path(contact), {"name": name}, **headers)


def test_person_is_added_with_a_connection(
    connect: LocalConnect, entry_point: EntryPoint, customer: Customer
) -> None:
    """Should let one more person into the meeting, and show them among the people and the places."""
    contact = start_connected(connect, customer)
    added = add(customer, contact)
    assert (added.status_code, added["Cache-Control"]) == (201, "no-store")
    assert added.json()["connection"]["Meeting"]["MeetingId"]
    assert (added.json()["link"], added.json()["in_call"]) == (None, True)
    assert len(guests_of(connect, contact)) == 1
    people = customer.get(path(contact)).json()["data"]
    assert [one["role"] for one in people] == ["customer", "agent", "guest"]

    customer.client.delete(f"/api/v1/contacts/{contact.pk}/invitations/{added.json()['id']}/")
    assert guests_of(connect, contact) == []


def test_same_key_adds_one_person(
    connect: LocalConnect, entry_point: EntryPoint, customer: Customer
) -> None:
    """Should answer a repeat with the same connection, and refuse the key with another body."""
    contact = start_connected(connect, customer)
    first, again = (add(customer, contact, Idempotency_Key="click-1") for _ in range(2))
    other = add(customer, contact, "Eve", Idempotency_Key="click-1")
    assert first.json()["connection"] == again.json()["connection"]
    assert again["Idempotent-Replayed"] == "true"
    assert (other.status_code, other.json()["code"]) == (422, "idempotency_mismatch")
    assert len(guests_of(connect, contact)) == 1


@pytest.mark.parametrize(
    "state", [ContactState.REQUESTED, ContactState.INITIATED, ContactState.QUEUED]
)
def test_nobody_is_added_before_an_agent_answers(
    entry_point: EntryPoint, customer_key: str, customer: Customer, state: ContactState
) -> None:
    """Should say so, and take no place."""
    contact = make_contact(entry_point, customer_key, state)
    reply = add(customer, contact)
    assert (reply.status_code, reply.json()["code"]) == (409, "contact_not_connected")
    assert not Invitation.objects.exists()


def test_fifth_person_is_refused(
    connect: LocalConnect, entry_point: EntryPoint, customer: Customer
) -> None:
    """Should leave the first six people as they are (case 37)."""
    contact = start_connected(connect, customer)
    assert [add(customer, contact).status_code for _ in range(4)] == [201] * 4
    reply = add(customer, contact)
    assert (reply.status_code, reply.json()["code"]) == (409, "places_taken")
    assert len(guests_of(connect, contact)) == 4
    assert Participant.objects.filter(left_at__isnull=True).count() == 6


@pytest.mark.parametrize(
    ("error", "status", "code"),
    [
        ("ConflictException", 409, "participant_conflict"),
        ("ServiceQuotaExceededException", 409, "participant_conflict"),
        ("InvalidRequestException", 409, "contact_not_connected"),
        ("ThrottlingException", 503, "busy"),
        ("InternalServiceException", 502, "upstream_unavailable"),
        ("AccessDeniedException", 502, "upstream_permission"),
    ],
)
def test_refusal_gives_the_place_back(
    connect: LocalConnect,
    entry_point: EntryPoint,
    customer: Customer,
    error: str,
    status: int,
    code: str,
) -> None:
    """Should tell the cause, and keep no place that nobody can use."""
    contact = start_connected(connect, customer)
    fault = {"operation": "CreateParticipant", "error": error, "times": 9}
    control(connect, "POST", "/_local/faults", fault)
    reply = add(customer, contact)
    assert (reply.status_code, reply.json()["code"]) == (status, code)
    assert not Invitation.objects.holding_places().exists()


def test_people_of_others_calls_do_not_exist(contact: Contact, stranger: Customer) -> None:
    """Should answer a stranger as if there were no such contact."""
    assert stranger.get(path(contact)).status_code == 404
    assert add(stranger, contact).status_code == 404
