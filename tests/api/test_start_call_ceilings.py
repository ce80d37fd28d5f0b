"""Floods of anonymous calls: by one address, by a network, by many; and who is told when the hour is full."""

from __future__ import annotations

import secrets
from datetime import timedelta
from typing import Any

from django.core import mail
from django.utils import timezone

import pytest
from django_tasks_db.models import DBTaskResult
from pytest_django.fixtures import Settings

from contacts import tasks
from contacts.models import Contact, EntryPoint
from tests.api.test_start_call import BODY, URL
from tests.contacts_world import Customer, upstream_contacts
from tests.servers import LocalConnect


def statuses(customer: Customer, addresses: list[str], **headers: str) -> list[int]:
    """Ask for nothing in particular from each address; a request that is not refused is invalid."""
    return [
        customer.client.post(
            URL, "{}", content_type="application/json", headers=headers, REMOTE_ADDR=address
        ).status_code
        for address in addresses
    ]


def network() -> str:
    """Return the begin of addresses that no other test has used: counters outlive a test where Redis keeps them."""
    return f"2001:db8:{secrets.token_hex(2)}:{secrets.token_hex(2)[:2]}"


def test_address_with_ipv6_is_one_though_it_has_many(
    entry_point: EntryPoint, customer: Customer, settings: Settings
) -> None:
    """Should count the /64 that every host has to itself as one."""
    settings.CALL_START_RATE = "2/min"
    start = network()
    assert statuses(customer, [f"{start}01::{n}" for n in range(1, 4)]) == [400, 400, 429]
    assert statuses(customer, [f"{start}02::1"]) == [400]


def test_network_is_limited_though_each_address_is_not(
    entry_point: EntryPoint, customer: Customer, settings: Settings
) -> None:
    """Should count a /24 and a /56 together."""
    settings.CALL_START_NETWORK_RATE = "2/min"
    start = network()
    assert statuses(customer, [f"{start}0{n}::1" for n in range(1, 4)]) == [400, 400, 429]
    middle = f"{secrets.randbelow(200)}.{secrets.randbelow(200)}"
    mapped = f"::ffff:10.{middle}.3"
    assert statuses(customer, [f"10.{middle}.{n}" for n in (1, 2)] + [mapped]) == [400, 400, 429]


def test_forwarded_address_is_believed_of_our_own_proxies_only(
    entry_point: EntryPoint, customer: Customer, settings: Settings
) -> None:
    """Should take the address the nearest trusted proxy saw, and nothing that the client says itself."""
    settings.CALL_START_RATE = "1/min"
    settings.REST_FRAMEWORK = {**settings.REST_FRAMEWORK, "NUM_PROXIES": 0}
    address, other = f"{network()}01::1", f"{network()}01::1"
    spoofed = {"X_Forwarded_For": "203.0.113.9"}
    assert statuses(customer, [address]) == [400]
    assert statuses(customer, [address], **spoofed) == [429]

    settings.REST_FRAMEWORK = {**settings.REST_FRAMEWORK, "NUM_PROXIES": 1}
    for invented, status in (("203.0.113.1", 400), ("203.0.113.2", 429), ("\x00'", 429)):
        seen = {"X-Forwarded-For": f"{invented}, {other}"}
        assert statuses(customer, ["127.0.0.1"], **seen) == [status]


@pytest.fixture
def starts(customer: Customer) -> Any:
    return lambda: customer.post(URL, BODY)


@pytest.mark.parametrize("of_all", [True, False])
def test_hour_that_has_had_enough_calls_takes_no_more_and_the_admins_are_told(
    connect: LocalConnect, entry_point: EntryPoint, starts: Any, settings: Settings, of_all: bool
) -> None:
    """Should ask Amazon Connect no more, whoever calls, and mail the admins once."""
    settings.ADMINS = [("ops@example.com", "ops@example.com")]
    settings.CALLS_PER_HOUR = 2 if of_all else 0
    settings.CALLS_PER_HOUR_PER_ENTRY_POINT = 0 if of_all else 2
    replies = [starts() for _ in range(4)]
    assert [reply.status_code for reply in replies] == [201, 201, 429, 429]
    assert (replies[2].json()["code"], replies[2]["Retry-After"]) == ("throttled", "300")
    assert len(upstream_contacts(connect)) == Contact.objects.count() == 2

    [alert] = DBTaskResult.objects.filter(task_path="contacts.tasks.mail_admins")
    tasks.mail_admins.call(*alert.args_kwargs["args"])
    [sent] = mail.outbox
    assert sent.to == ["ops@example.com"]
    assert ("support" in sent.subject) is not of_all

    Contact.objects.update(requested_at=timezone.now() - timedelta(minutes=61))
    assert starts().status_code == 201


def test_repeated_request_is_answered_though_the_hour_is_full(
    connect: LocalConnect, entry_point: EntryPoint, customer: Customer, settings: Settings
) -> None:
    """Should give a customer the call they have, and leave other entry points their share."""
    settings.CALLS_PER_HOUR_PER_ENTRY_POINT = 1
    key = {"Idempotency_Key": secrets.token_hex(16)}
    call = customer.post(URL, BODY, **key)
    assert customer.post(URL, BODY).status_code == 429
    assert customer.post(URL, BODY, **key).json()["id"] == call.json()["id"]
    EntryPoint.objects.create(slug="sales", name="Sales", company="Example")
    assert customer.post(URL, BODY | {"entry_point": "sales"}).status_code == 201
