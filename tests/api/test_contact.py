"""A contact's detail, its end and its connection: for its owner, and for nobody else."""

from __future__ import annotations

from typing import Any

import pytest
from django_tasks_db.models import DBTaskResult

from contacts.choices import ContactState
from contacts.models import Contact, EntryPoint
from tests.contacts_world import CONNECTION, Customer, control, make_contact, upstream_contacts
from tests.servers import LocalConnect

START = {"entry_point": "support", "name": "Ana"}
SNAPSHOT_KEYS = [
    "id",
    "reference",
    "entry_point",
    "state",
    "end_reason",
    "queue",
    "on_hold",
    "agent",
    "participants",
    "requested_at",
    "initiated_at",
    "queued_at",
    "connected_at",
    "ended_at",
    "version",
]


def url(contact: Contact | str, action: str = "") -> str:
    """Return the address of a contact or of an action on it."""
    pk = contact.pk if isinstance(contact, Contact) else contact
    return f"/api/v1/contacts/{pk}/{action}"


def test_contact_is_shown_to_its_owner(contact: Contact, customer: Customer) -> None:
    """Should show every field of the snapshot, with the version, and no token."""
    reply = customer.get(url(contact))
    assert reply.status_code == 200
    assert list(reply.json()) == SNAPSHOT_KEYS
    assert reply.json()["requested_at"] == "2026-01-02T12:00:00.000Z"
    assert reply.json()["participants"][0]["display_name"] == "Ana"
    assert b"canary" not in reply.content


@pytest.mark.parametrize("action", ["", "end/", "connection/"])
@pytest.mark.parametrize("key", ["none", "another", "malformed"])
def test_contact_of_somebody_else_does_not_exist(
    contact: Contact, stranger: Customer, action: str, key: str
) -> None:
    """Should answer a stranger as if there were no such contact."""
    who = {"none": Customer(), "another": stranger, "malformed": Customer("x")}[key]
    unknown = url("00000000-0000-4000-8000-000000000000", action)
    for path in (url(contact, action), unknown):
        reply = who.post(path) if action else who.get(path)
        assert (reply.status_code, reply.json()["code"]) == (404, "not_found")
    contact.refresh_from_db()
    assert contact.end_requested_at is None


@pytest.mark.parametrize("action", ["end/", "connection/"])
def test_action_from_another_sites_page_is_refused(
    contact: Contact, customer: Customer, action: str
) -> None:
    """Should not let a foreign page end a call or take its connection."""
    reply = customer.post(url(contact, action), Origin="https://evil.example")
    assert (reply.status_code, reply.json()["code"]) == (403, "cross_origin")


def test_connection_is_given_again_while_the_call_lives(
    contact: Contact, customer: Customer
) -> None:
    """Should let a reloaded page join again, and note that in the timeline."""
    reply = customer.post(url(contact, "connection/"))
    assert reply.json() == {"connection": CONNECTION}
    assert reply["Cache-Control"] == "no-store"
    assert [event.type for event in contact.events.all()] == ["REJOINED"]
    assert customer.post(url(contact, "connection/")).status_code == 200
    assert contact.events.count() == 1  # once a minute is enough


@pytest.mark.parametrize("state", [ContactState.ENDED, ContactState.FAILED])
def test_connection_of_a_call_that_is_over_is_gone(
    entry_point: EntryPoint, customer_key: str, customer: Customer, state: ContactState
) -> None:
    """Should say that the call is over."""
    contact = make_contact(entry_point, customer_key, state)
    reply = customer.post(url(contact, "connection/"))
    assert (reply.status_code, reply.json()["code"]) == (410, "contact_ended")


def started(customer: Customer) -> Any:
    """Start a call and return its snapshot."""
    return customer.post("/api/v1/contacts/", START).json()


def test_call_is_ended_once(
    connect: LocalConnect, entry_point: EntryPoint, customer: Customer
) -> None:
    """Should stop the contact, forget its secrets, and answer a repeat the same."""
    call = started(customer)
    replies = [customer.post(url(call["id"], "end/")) for _ in range(2)]

    assert [reply.status_code for reply in replies] == [200, 200]
    assert replies[0].json() == replies[1].json()
    assert replies[0].json()["state"] == "ended"
    assert replies[0].json()["end_reason"] == "abandoned"
    assert [one["state"].lower() for one in upstream_contacts(connect)] == ["ended"]
    contact = Contact.objects.get()
    assert not contact.participants.exclude(sealed_token="", sealed_connection="").exists()
    types = [event.type for event in contact.events.all()]
    assert types == ["REQUESTED", "STARTED", "END_REQUESTED", "STOPPED"]


def test_call_that_connect_ended_before_is_over(
    connect: LocalConnect, entry_point: EntryPoint, customer: Customer
) -> None:
    """Should take Amazon Connect's "no such contact any more" for the end it asked for."""
    call = started(customer)
    control(connect, "POST", "/_local/reset")
    reply = customer.post(url(call["id"], "end/"))
    assert (reply.status_code, reply.json()["state"]) == (200, "ended")


def test_call_that_cannot_be_ended_now_is_ended_later(
    connect: LocalConnect, entry_point: EntryPoint, customer: Customer
) -> None:
    """Should keep the wish, refuse the connection from now on, and have the worker try again."""
    call = started(customer)
    fault = {"operation": "StopContact", "error": "InternalServiceException", "times": 10}
    control(connect, "POST", "/_local/faults", fault)
    reply = customer.post(url(call["id"], "end/"))
    assert (reply.status_code, reply.json()["state"]) == (200, "initiated")
    assert customer.post(url(call["id"], "connection/")).status_code == 410
    assert DBTaskResult.objects.filter(task_path="contacts.tasks.stop_contact").count() == 1


def test_call_that_may_not_be_ended_says_so(
    connect: LocalConnect, entry_point: EntryPoint, customer: Customer
) -> None:
    """Should tell a refusal that no retry can help."""
    call = started(customer)
    fault = {"operation": "StopContact", "error": "AccessDeniedException", "times": 1}
    control(connect, "POST", "/_local/faults", fault)
    reply = customer.post(url(call["id"], "end/"))
    assert (reply.status_code, reply.json()["code"]) == (502, "upstream_permission")
