"""Keying digits in: in order, once, for the contact's owner, and without leaving a trace of which."""

from __future__ import annotations

import logging

import pytest

from contacts.choices import ContactState
from contacts.models import Contact, ContactEvent, EntryPoint, Participant
from tests.api.calls_with_agents import start, upstream
from tests.contacts_world import Customer, control, make_contact
from tests.servers import LocalConnect

pytestmark = pytest.mark.django_db(transaction=True)


def path(contact: Contact) -> str:
    return f"/api/v1/contacts/{contact.pk}/dtmf/"


def test_digits_arrive_in_order(
    connect: LocalConnect, entry_point: EntryPoint, customer: Customer
) -> None:
    """Should send what was keyed in, piece after piece, before an agent has answered as well (case 35)."""
    contact = start(customer)
    long = "0123456789" * 4 + "*#,"
    for digits in ("12#", long):
        reply = customer.post(path(contact), {"digits": digits})
        assert reply.status_code == 204, reply.content
    assert "".join(upstream(connect, contact)["digits"]) == "12#" + long


def test_digits_with_the_same_key_are_keyed_in_once(
    connect: LocalConnect, entry_point: EntryPoint, customer: Customer
) -> None:
    """Should let a page repeat a request whose answer was lost."""
    contact = start(customer)
    for _ in range(3):
        customer.post(path(contact), {"digits": "12#"}, Idempotency_Key="send-1")
    customer.post(path(contact), {"digits": "12#"}, Idempotency_Key="send-2")
    assert "".join(upstream(connect, contact)["digits"]) == "12#12#"


def test_digits_leave_no_trace(
    connect: LocalConnect,
    entry_point: EntryPoint,
    customer: Customer,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """Should store and log that digits were keyed in, and how many, never which: they may be a PIN."""
    contact = start(customer)
    with caplog.at_level(logging.DEBUG, logger="contacts"):
        customer.post(path(contact), {"digits": "90817263"})
    entry = ContactEvent.objects.get(contact=contact, type="DIGITS_SENT")
    assert entry.detail == {"count": 8}
    written = [str(vars(record)) for record in caplog.records]
    assert written
    assert not any("90817263" in line for line in written)
    participant = Participant.objects.get(contact=contact)
    assert participant.sealed_connection_token.startswith("gAAAA")


def test_one_connection_token_serves_many_digits(
    connect: LocalConnect, entry_point: EntryPoint, customer: Customer
) -> None:
    """Should ask for one once, and for another when the kept one has expired."""
    contact = start(customer)
    customer.post(path(contact), {"digits": "1"})
    first = Participant.objects.get(contact=contact).sealed_connection_token
    customer.post(path(contact), {"digits": "2"})
    assert Participant.objects.get(contact=contact).sealed_connection_token == first

    control(connect, "POST", "/_local/faults", {
        "operation": "SendMessage", "error": "AccessDeniedException", "times": 1,
    })  # fmt: skip
    assert customer.post(path(contact), {"digits": "3"}).status_code == 204
    assert "".join(upstream(connect, contact)["digits"]) == "123"
    assert Participant.objects.get(contact=contact).sealed_connection_token != first


@pytest.mark.parametrize("digits", ["", "a", "1 2", "1" * 51, 12, "\u0661", "1\n", None])
def test_what_is_no_key_is_refused(contact: Contact, customer: Customer, digits: object) -> None:
    """Should name the field, and ask nobody."""
    reply = customer.post(path(contact), {"digits": digits})
    assert (reply.status_code, reply.json()["code"]) == (400, "invalid")
    assert reply.json()["errors"][0]["pointer"] == "/digits"


@pytest.mark.parametrize(
    ("state", "status", "code"),
    [
        (ContactState.REQUESTED, 409, "contact_not_connected"),
        (ContactState.ENDED, 410, "contact_ended"),
        (ContactState.FAILED, 410, "contact_ended"),
    ],
)
def test_digits_too_early_or_too_late_are_refused(
    entry_point: EntryPoint,
    customer_key: str,
    customer: Customer,
    state: ContactState,
    status: int,
    code: str,
) -> None:
    """Should tell which of both."""
    contact = make_contact(entry_point, customer_key, state)
    reply = customer.post(path(contact), {"digits": "1"})
    assert (reply.status_code, reply.json()["code"]) == (status, code)


def test_digits_of_a_customer_whom_connect_let_go_are_too_late(
    connect: LocalConnect, entry_point: EntryPoint, customer: Customer
) -> None:
    """Should say that the call is over, as no credentials of ours can help (case 35, failure path)."""
    contact = start(customer)
    control(connect, "POST", "/_local/reset")
    reply = customer.post(path(contact), {"digits": "1"})
    assert (reply.status_code, reply.json()["code"]) == (410, "contact_ended")


@pytest.mark.parametrize(
    ("error", "status", "code"),
    [
        ("ThrottlingException", 503, "busy"),
        ("InternalServerException", 502, "upstream_unavailable"),
        ("ValidationException", 502, "upstream_configuration"),
    ],
)
def test_failures_of_connect_are_told(
    connect: LocalConnect,
    entry_point: EntryPoint,
    customer: Customer,
    error: str,
    status: int,
    code: str,
) -> None:
    """Should answer with a problem document, and key nothing in (case 35, failure path)."""
    contact = start(customer)
    control(
        connect, "POST", "/_local/faults", {"operation": "SendMessage", "error": error, "times": 9}
    )
    reply = customer.post(path(contact), {"digits": "1"})
    assert (reply.status_code, reply.json()["code"]) == (status, code)
    assert not upstream(connect, contact)["digits"]


def test_digits_of_others_calls_do_not_exist(contact: Contact, stranger: Customer) -> None:
    """Should answer a stranger as if there were no such contact, and a foreign page not at all."""
    assert stranger.post(path(contact), {"digits": "1"}).status_code == 404
    assert Customer().post(path(contact), {"digits": "1"}).status_code == 404


def test_keying_in_is_throttled(contact: Contact, customer: Customer) -> None:
    """Should stop a program that tries every PIN."""
    replies = [customer.post(path(contact), {"digits": "x"}).status_code for _ in range(121)]
    assert replies.count(400) == 120
    assert replies[-1] == 429
