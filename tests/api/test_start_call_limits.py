"""Starting calls while Amazon Connect is limited, failing or slow: refused at once, and the rest goes on."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from django.db import connections

import pytest
from pytest_django.fixtures import Settings

from contacts.models import Contact, EntryPoint
from tests.api.test_start_call import BODY, URL
from tests.contacts_world import Customer, control, upstream_contacts
from tests.servers import LocalConnect


def order(connect: LocalConnect, **fault: Any) -> None:
    control(connect, "POST", "/_local/faults", {"operation": "StartWebRTCContact", **fault})


def faults_left(connect: LocalConnect) -> int:
    faults = control(connect, "GET", "/_local/state")["faults"]
    return sum(fault["times"] for fault in faults)


def test_calls_over_the_rate_are_told_that_all_lines_are_busy(
    connect: LocalConnect, entry_point: EntryPoint, customer: Customer, settings: Settings
) -> None:
    """Should not ask Amazon Connect for what the account may not do, and say when to come again."""
    settings.CONNECT_RATES = {"*": (10, 15), "StartWebRTCContact": (0.001, 2)}
    replies = [customer.post(URL, BODY) for _ in range(4)]
    assert [reply.status_code for reply in replies] == [201, 201, 503, 503]
    assert (replies[2].json()["code"], replies[2]["Retry-After"]) == ("busy", "5")
    assert "lines are busy" in replies[2].json()["title"]
    assert len(upstream_contacts(connect)) == 2
    assert customer.post(f"{URL}{replies[0].json()['id']}/end/").json()["state"] == "ended"


def test_connect_that_keeps_failing_is_left_alone(
    connect: LocalConnect, entry_point: EntryPoint, customer: Customer, settings: Settings
) -> None:
    """Should fail at once without asking, end calls meanwhile, and ask again after the pause."""
    settings.CONNECT_ATTEMPTS = 1
    settings.CONNECT_BREAKER_FAILURES = 2
    settings.CONNECT_BREAKER_PAUSE_S = 1.5
    call = customer.post(URL, BODY).json()
    order(connect, error="InternalServiceException", times=10)

    replies = [customer.post(URL, BODY) for _ in range(4)]

    assert {reply.json()["code"] for reply in replies} == {"upstream_unavailable"}
    assert faults_left(connect) == 8
    assert customer.post(f"{URL}{call['id']}/end/").json()["state"] == "ended"
    control(connect, "DELETE", "/_local/faults")
    time.sleep(1.6)
    assert customer.post(URL, BODY).status_code == 201


def test_refusals_of_connect_do_not_count_as_failures(
    connect: LocalConnect, entry_point: EntryPoint, customer: Customer, settings: Settings
) -> None:
    """Should go on asking a Connect that answers, whatever the answer."""
    settings.CONNECT_ATTEMPTS = 1
    settings.CONNECT_BREAKER_FAILURES = 2
    order(connect, error="TooManyRequestsException", status=429, times=5)
    replies = [customer.post(URL, BODY) for _ in range(5)]
    assert {reply.json()["code"] for reply in replies} == {"busy"}
    assert customer.post(URL, BODY).status_code == 201


@pytest.mark.django_db(transaction=True)
def test_slow_connect_takes_up_no_more_than_its_share(
    connect: LocalConnect, entry_point: EntryPoint, customer_key: str, settings: Settings
) -> None:
    """Should refuse the start that finds no room, and store nothing of it, while those before it wait and all else is served."""
    known = {"idempotency_key": "known-click-000000001"}
    call = Customer(customer_key).post(URL, BODY, **known).json()
    settings.CONNECT_POOL_SIZE = 2
    order(connect, delay_ms=3000, times=2)

    def start(_: int) -> Any:
        try:
            return Customer(customer_key).post(URL, BODY)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(2) as pool:
        slow = [pool.submit(start, number) for number in range(2)]
        while faults_left(connect):
            time.sleep(0.05)
        refused = Customer(customer_key).post(URL, BODY, idempotency_key="new-click")
        repeated = Customer(customer_key).post(URL, BODY, **known)
        ended = Customer(customer_key).post(f"{URL}{call['id']}/end/")
        still_asking = [not reply.done() for reply in slow]
        assert [reply.result().status_code for reply in slow] == [201, 201]
    assert still_asking == [True, True]
    assert (refused.status_code, refused.json()["code"]) == (503, "busy")
    assert refused["Retry-After"] == "5"
    assert repeated.json()["id"] == call["id"]
    assert ended.json()["state"] == "ended"
    assert Contact.objects.count() == 3
    again = Customer(customer_key).post(URL, BODY, idempotency_key="new-click")
    assert again.status_code == 201
