"""POST /api/v1/contacts/: a call is started once, recorded whole, and never half."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from django.db import connections
from django.db.backends.base.base import BaseDatabaseWrapper

import pytest
from pytest_django.fixtures import Settings

from contacts import customers
from contacts.choices import ContactState
from contacts.models import Contact, EntryPoint
from contacts.sealing import unseal
from tests.contacts_world import Customer, control, upstream_contacts
from tests.servers import LocalConnect, free_port

URL = "/api/v1/contacts/"
BODY: dict[str, Any] = {
    "entry_point": "support",
    "name": "Ana",
    "description": "About my order",
    "attributes": {"plan": "gold"},
    "references": {"Order": {"type": "URL", "value": "https://example.com/o/1"}},
    "locale": "en",
    "capabilities": {"customer": {"video": True, "screen_share": True}, "agent": {"video": False}},
}


def test_call_is_started_and_recorded(
    connect: LocalConnect, entry_point: EntryPoint, customer: Customer
) -> None:
    """Should store the contact, its participant and references, and return what the browser joins with."""
    reply = customer.post(URL, BODY)

    assert reply.status_code == 201
    assert reply["Cache-Control"] == "no-store"
    shown = reply.json()
    assert shown["state"] == "initiated"
    assert shown["version"] == 2
    assert shown["entry_point"] == "support"
    assert shown["connection"]["Attendee"]["JoinToken"]
    assert shown["connection"]["Meeting"]["MediaPlacement"]["SignalingUrl"]

    contact = Contact.objects.get()
    assert str(contact.pk) == shown["id"]
    assert contact.attributes == {"web_plan": "gold"}
    assert list(contact.references.values_list("key", "type", "value")) == [
        ("Order", "URL", "https://example.com/o/1")
    ]
    assert [event.type for event in contact.events.all()] == ["REQUESTED", "STARTED"]
    assert contact.connect_contact_id == upstream_contacts(connect)[0]["id"]


def test_call_asking_for_more_than_the_entry_point_allows_gets_what_it_allows(
    connect: LocalConnect, entry_point: EntryPoint, customer: Customer
) -> None:
    """Should grant what is both asked and allowed; unasked means as the entry point has it."""
    customer.post(URL, BODY)
    contact = Contact.objects.get()
    granted = (contact.customer_video, contact.customer_screen_share)
    assert granted == (True, False)
    assert (contact.agent_video, contact.agent_screen_share) == (False, False)


def test_secrets_of_a_call_are_stored_sealed(
    connect: LocalConnect, entry_point: EntryPoint, customer: Customer
) -> None:
    """Should not be readable in the database, but open with the keys."""
    connection = customer.post(URL, BODY).json()["connection"]
    row = Contact.objects.get().participants.get()
    assert connection["Attendee"]["JoinToken"] not in row.sealed_connection
    assert unseal(row.sealed_connection) == connection
    assert unseal(row.sealed_token)


@pytest.mark.parametrize(
    ("change", "pointer", "said"),
    [
        ({"name": "x" * 257}, "/name", "256"),
        ({"name": " "}, "/name", "name"),
        ({"name": 7}, "/name", ""),
        ({"name": "a\x00"}, "/name", "NUL"),
        ({"description": "x" * 4097}, "/description", "4096"),
        ({"attributes": {"a b": "c"}}, "/attributes/a b", "letters"),
        ({"attributes": {"a": 1}}, "/attributes/a", ""),
        ({"attributes": {"a": "x" * 32_768}}, "/attributes", "32,768"),
        ({"attributes": []}, "/attributes", ""),
        ({"references": {"o": {"type": "ATTACHMENT", "value": "x"}}}, "/references/o/type", "URL"),
        ({"references": {"o": {"type": "URL", "value": "x"}}}, "/references/o/value", "http"),
        ({"references": {"o": {"type": "URL"}}}, "/references/o/value", ""),
        ({"references": {"o": {"type": "STRING", "value": "x" * 4096}}}, "/references", "4,096"),
        ({"locale": "not a locale"}, "/locale", ""),
        ({"capabilities": {"customer": {"video": "maybe"}}}, "/capabilities/customer/video", ""),
        ({"entry_point": "nowhere"}, "/entry_point", "no such"),
        ({"entry_point": "\ud800"}, "/entry_point", "no such"),
        ({"attributes": {"\ud800": "x"}}, "/attributes/\\ud800", "letters"),
        ({"attributes": {"\ud800": 1}}, "/attributes/\\ud800", ""),
        (
            {"references": {"\ud800": {"type": "STRING", "value": "x"}}},
            "/references/\\ud800",
            "NUL",
        ),
        (
            {"references": {"k" * 513: {"type": "STRING", "value": "x"}}},
            f"/references/{'k' * 513}",
            "512",
        ),
    ],
)
def test_call_that_breaks_a_limit_is_refused_and_not_stored(
    entry_point: EntryPoint,
    customer: Customer,
    change: dict[str, Any],
    pointer: str,
    said: str,
) -> None:
    """Should name the field and the limit, and store nothing."""
    reply = customer.post(URL, BODY | change)
    assert reply.status_code == 400
    assert reply.json()["code"] == "invalid"
    errors = {error["pointer"]: error["detail"] for error in reply.json()["errors"]}
    assert said in errors[pointer]
    assert not Contact.objects.exists()


@pytest.mark.parametrize(
    "body",
    [
        "{",
        '"text"',
        "[1]",
        "null",
        '{"entry_point": "support", "name": "Ana", "attributes": {"n": NaN}}',
        "[" * 100_000,
        b"\xff\xfe",
    ],
)
def test_body_that_is_no_start_is_refused(
    entry_point: EntryPoint, customer: Customer, body: str | bytes
) -> None:
    """Should answer 400 to whatever is not a JSON object of ours."""
    reply = customer.client.post(URL, data=body, content_type="application/json")
    assert (reply.status_code, reply.json()["code"]) == (400, "invalid")


def test_body_too_large_is_refused(entry_point: EntryPoint, customer: Customer) -> None:
    """Should answer 413 without parsing it."""
    reply = customer.post(URL, BODY | {"description": "x" * 200_000})
    assert (reply.status_code, reply.json()["code"]) == (413, "too_large")


def test_closed_entry_point_takes_no_calls(entry_point: EntryPoint, customer: Customer) -> None:
    """Should say that it is closed, and store nothing."""
    EntryPoint.objects.update(is_open=False)
    reply = customer.post(URL, BODY)
    assert (reply.status_code, reply.json()["code"]) == (409, "entry_point_closed")
    assert not Contact.objects.exists()


def test_repeated_request_returns_the_same_call(
    connect: LocalConnect, entry_point: EntryPoint, customer: Customer
) -> None:
    """Should start one contact, and give its connection again."""
    first = customer.post(URL, BODY, Idempotency_Key="click-1")
    second = customer.post(URL, BODY, Idempotency_Key="click-1")
    assert (first.status_code, second.status_code) == (201, 201)
    assert second.json() == first.json()
    assert second["Idempotent-Replayed"] == "true"
    assert len(upstream_contacts(connect)) == 1


def test_repeated_request_without_cookie_returns_the_same_call(
    connect: LocalConnect, entry_point: EntryPoint
) -> None:
    """Should recognise a client whose first answer, and with it the cookie, was lost."""
    key = "0b6a6c3e-7a2b-4d0c-9a51-0d5f9a1f7c11"
    first = Customer().post(URL, BODY, Idempotency_Key=key)
    second = Customer().post(URL, BODY, Idempotency_Key=key)
    assert second.json() == first.json()
    assert len(upstream_contacts(connect)) == 1
    cookies = {reply.cookies[customers.COOKIE].value for reply in (first, second)}
    assert len(cookies) == 1


@pytest.mark.parametrize("key", ["short", "x" * 256])
def test_idempotency_key_that_cannot_serve_is_refused(entry_point: EntryPoint, key: str) -> None:
    """Should be long enough, without a cookie, that nobody guesses it."""
    reply = Customer().post(URL, BODY, Idempotency_Key=key)
    assert reply.status_code == 400
    assert reply.json()["errors"][0]["pointer"] == "/Idempotency-Key"


def test_repeated_key_with_another_body_is_refused(
    connect: LocalConnect, entry_point: EntryPoint, customer: Customer
) -> None:
    """Should not hand out one call for the request of another."""
    customer.post(URL, BODY, Idempotency_Key="click-1")
    reply = customer.post(URL, BODY | {"name": "Eve"}, Idempotency_Key="click-1")
    assert (reply.status_code, reply.json()["code"]) == (422, "idempotency_mismatch")
    assert len(upstream_contacts(connect)) == 1


def test_key_of_another_customer_is_another_key(
    connect: LocalConnect, entry_point: EntryPoint, customer: Customer, stranger: Customer
) -> None:
    """Should never give one customer's connection to another."""
    first = customer.post(URL, BODY, Idempotency_Key="click-1").json()
    second = stranger.post(URL, BODY, Idempotency_Key="click-1").json()
    assert first["id"] != second["id"]
    assert first["connection"] != second["connection"]


@pytest.mark.django_db(transaction=True)
def test_requests_at_once_with_one_key_start_one_call(
    connect: LocalConnect, entry_point: EntryPoint, customer_key: str
) -> None:
    """Should start one contact, and tell the others to wait or give them the same."""

    def start(_: int) -> Any:
        try:
            return Customer(customer_key).post(URL, BODY, Idempotency_Key="double-click")
        finally:
            connections.close_all()

    with ThreadPoolExecutor(20) as pool:
        replies = list(pool.map(start, range(20)))

    assert {reply.status_code for reply in replies} <= {201, 409}
    assert len({reply.json()["id"] for reply in replies if reply.status_code == 201}) == 1
    assert Contact.objects.count() == len(upstream_contacts(connect)) == 1


@pytest.mark.parametrize(
    ("error", "status", "code", "retry_after"),
    [
        ("LimitExceededException", 503, "capacity", "60"),
        ("TooManyRequestsException", 503, "busy", "5"),
        ("InternalServiceException", 502, "upstream_unavailable", None),
        ("InvalidParameterException", 502, "upstream_configuration", None),
        ("ResourceNotFoundException", 502, "upstream_configuration", None),
        ("AccessDeniedException", 502, "upstream_permission", None),
    ],
)
def test_call_that_connect_refuses_is_kept_as_failed(
    connect: LocalConnect,
    entry_point: EntryPoint,
    customer: Customer,
    error: str,
    status: int,
    code: str,
    retry_after: str | None,
) -> None:
    """Should say what happened, name the call, and keep it with its cause."""
    fault = {"operation": "StartWebRTCContact", "error": error, "times": 10}
    control(connect, "POST", "/_local/faults", fault)

    reply = customer.post(URL, BODY)

    assert (reply.status_code, reply.json()["code"]) == (status, code)
    assert reply.get("Retry-After") == retry_after
    contact = Contact.objects.get()
    assert reply.json()["contact"] == {"id": str(contact.pk), "reference": contact.reference}
    assert (contact.state, contact.failure_code) == (ContactState.FAILED, code)
    assert contact.failure_detail == error
    assert [event.type for event in contact.events.all()] == ["REQUESTED", "START_FAILED"]


def test_call_while_connect_is_away_is_kept_as_failed(
    connect: LocalConnect, entry_point: EntryPoint, customer: Customer, settings: Settings
) -> None:
    """Should say that the call could not be started, and say the same to a repeat of the request."""
    settings.CONNECT_ENDPOINT_URL = f"http://127.0.0.1:{free_port()}"
    replies = [customer.post(URL, BODY, Idempotency_Key="click-1") for _ in range(2)]
    assert [reply.status_code for reply in replies] == [502, 502]
    assert {reply.json()["code"] for reply in replies} == {"upstream_unavailable"}
    assert Contact.objects.get().state == ContactState.FAILED


def test_call_whose_answer_was_lost_is_started_once(
    connect: LocalConnect, entry_point: EntryPoint, customer: Customer
) -> None:
    """Should ask again with the same client token, and get the same contact."""
    fault = {"operation": "StartWebRTCContact", "drop": "after", "times": 1}
    control(connect, "POST", "/_local/faults", fault)
    assert customer.post(URL, BODY).status_code == 201
    assert len(upstream_contacts(connect)) == 1


def test_call_replayed_without_its_connection_is_stopped(
    connect: LocalConnect, entry_point: EntryPoint, customer: Customer
) -> None:
    """Should leave no contact in the queue that nobody can join."""
    control(connect, "PATCH", "/_local/settings", {"replay": "contact_id_only"})
    fault = {"operation": "StartWebRTCContact", "drop": "after", "times": 1}
    control(connect, "POST", "/_local/faults", fault)
    reply = customer.post(URL, BODY)
    assert (reply.status_code, reply.json()["code"]) == (502, "upstream_unavailable")
    assert [one["state"].lower() for one in upstream_contacts(connect)] == ["ended"]


def test_reference_key_may_be_as_long_as_documented(
    connect: LocalConnect, entry_point: EntryPoint, customer: Customer
) -> None:
    """Should fit every database's index, whatever the characters."""
    key = "".join(chr(0x1F300 + number % 700) for number in range(512))
    reply = customer.post(URL, BODY | {"references": {key: {"type": "STRING", "value": "x"}}})
    assert reply.status_code == 201
    assert Contact.objects.get().references.get().key == key


def test_repeated_request_is_answered_after_the_entry_point_has_closed(
    connect: LocalConnect, entry_point: EntryPoint, customer: Customer
) -> None:
    """Should give the call that was started while it was open."""
    first = customer.post(URL, BODY, Idempotency_Key="click-1")
    EntryPoint.objects.update(is_open=False)
    assert customer.post(URL, BODY, Idempotency_Key="click-1").json() == first.json()


@pytest.mark.django_db(transaction=True)
def test_database_connection_is_given_back_while_connect_is_asked(
    connect: LocalConnect, entry_point: EntryPoint, customer_key: str
) -> None:
    """Should leave the pool to pages and events, however slowly Amazon Connect starts calls."""
    fault = {"operation": "StartWebRTCContact", "delay_ms": 1500, "times": 1}
    control(connect, "POST", "/_local/faults", fault)
    held: list[BaseDatabaseWrapper] = []

    def start() -> Any:
        held.append(connections["default"])
        try:
            return Customer(customer_key).post(URL, BODY)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(1) as pool:
        reply = pool.submit(start)
        while not Contact.objects.exists():
            time.sleep(0.01)
        while held[0].connection is not None and not reply.done():
            time.sleep(0.01)
        asking = not reply.done()
        assert reply.result().status_code == 201
    assert asking
