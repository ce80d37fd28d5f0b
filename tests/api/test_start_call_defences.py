"""What keeps strangers from starting calls in a customer's name or beyond measure: origins, rates, sizes."""

from __future__ import annotations

import json
import secrets
from io import BytesIO

from django.test import RequestFactory

import pytest
from pytest_django.fixtures import Settings

from contacts import customers
from contacts.api.parsing import BodyTooLarge, LimitedJSONParser
from contacts.models import Contact, EntryPoint
from tests.api.test_start_call import BODY, URL
from tests.contacts_world import Customer
from tests.servers import LocalConnect


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Origin": "http://["},
        {"Sec_Fetch_Site": "cross-site"},
    ],
)
def test_call_from_another_sites_page_is_refused(
    entry_point: EntryPoint, customer: Customer, headers: dict[str, str]
) -> None:
    """Should not let a foreign page use the customer's cookie."""
    reply = customer.post(URL, BODY, **headers)
    assert (reply.status_code, reply.json()["code"]) == (403, "cross_origin")
    assert not Contact.objects.exists()


def test_address_that_starts_too_many_calls_is_told_to_wait(
    entry_point: EntryPoint, customer: Customer, settings: Settings
) -> None:
    """Should count per address, whoever the customer says to be."""
    settings.CALL_START_RATE = "2/min"
    # An address of its own: the counters outlive the test where Redis keeps them.
    customer.client.defaults["REMOTE_ADDR"] = f"2001:db8::{secrets.token_hex(2)}"
    replies = [customer.post(URL, {}) for _ in range(3)]
    assert [reply.status_code for reply in replies] == [400, 400, 429]
    assert replies[2].json()["code"] == "throttled"
    assert int(replies[2]["Retry-After"]) <= 60


def test_new_customer_gets_a_cookie_that_scripts_cannot_read(
    connect: LocalConnect, entry_point: EntryPoint
) -> None:
    """Should own the call it started, by cookie, and nobody else."""
    customer = Customer()
    reply = customer.post(URL, BODY)
    cookie = reply.cookies[customers.COOKIE]
    assert (cookie["httponly"], cookie["samesite"]) == (True, "Lax")
    assert customer.get(f"{URL}{reply.json()['id']}/").status_code == 200
    assert json.dumps(list(Contact.objects.values()), default=str).count(cookie.value) == 0


class Unreadable(BytesIO):
    """A body nobody may read."""

    def read(self, size: int | None = -1, /) -> bytes:
        """Fail."""
        raise AssertionError("read")


def test_body_that_says_it_is_too_large_is_refused_unread() -> None:
    """Should go by Content-Length before taking anything in."""
    request = RequestFactory().post(URL, CONTENT_LENGTH="200000")
    with pytest.raises(BodyTooLarge):
        LimitedJSONParser().parse(Unreadable(), parser_context={"request": request})
