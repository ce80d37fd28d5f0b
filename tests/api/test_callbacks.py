"""Customers who would rather be called: what they may ask, once, and what staff and they do with it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.contrib.auth import get_user_model
from django.contrib.auth.models import Permission
from django.core.cache import cache
from django.test import Client
from django.utils import timezone

import pytest
from pytest_django.fixtures import Settings

from contacts.models import AuditEntry, CallbackRequest, EntryPoint, EntryPointGrant
from tests.api.staff import member_of
from tests.contacts_world import Customer

pytestmark = pytest.mark.django_db(transaction=True)

PATH = "/api/v1/callbacks/"
WISH = {"entry_point": "support", "phone": "+49 (30) 123-4567", "name": "Ana", "reason": "A bill"}


@pytest.fixture(autouse=True)
def rate(settings: Settings) -> None:
    """No limit on how often, unless a test wants one."""
    settings.CALLBACK_RATE = "100000/min"
    cache.clear()


def test_wish_is_taken_and_shown_to_who_made_it(
    entry_point: EntryPoint, customer: Customer
) -> None:
    """Should keep the number in one form, also while the entry point is closed."""
    EntryPoint.objects.update(is_open=False)
    wanted_at = (timezone.now() + timedelta(days=1)).replace(microsecond=0)
    reply = customer.post(PATH, {**WISH, "preferred_at": wanted_at.isoformat()})

    assert (reply.status_code, reply["Cache-Control"]) == (201, "no-store")
    body = reply.json()
    assert (body["state"], body["phone"], body["name"]) == ("open", "+49301234567", "Ana")
    stored = CallbackRequest.objects.get()
    assert (stored.reference, stored.preferred_at) == (body["reference"], wanted_at)


def test_one_click_is_one_request(entry_point: EntryPoint, customer: Customer) -> None:
    """Should answer a repeat as the first, and refuse the key with another body."""
    first = customer.post(PATH, WISH, Idempotency_Key="one-click-0123456789")
    again = customer.post(PATH, WISH, Idempotency_Key="one-click-0123456789")
    other = customer.post(PATH, {**WISH, "name": "Eve"}, Idempotency_Key="one-click-0123456789")

    assert again.json() == first.json()
    assert again["Idempotent-Replayed"] == "true"
    assert (other.status_code, other.json()["code"]) == (422, "idempotency_mismatch")
    assert CallbackRequest.objects.count() == 1
    assert customer.post(PATH, WISH, Idempotency_Key="another-click-0123456789").status_code == 201
    assert CallbackRequest.objects.count() == 2


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"phone": "12345"}, "/phone"),
        ({"phone": "0301234567"}, "/phone"),
        ({"phone": "+1 call me"}, "/phone"),
        ({"phone": "+" + "1" * 16}, "/phone"),
        ({"phone": " " * 100 + "+4930123456"}, "/phone"),
        ({"phone": 4930123456}, "/phone"),
        ({"name": "a" * 257}, "/name"),
        ({"reason": "a" * 1001}, "/reason"),
        ({"reason": "a\x00"}, "/reason"),
        ({"preferred_at": "2020-01-01T00:00:00Z"}, "/preferred_at"),
        ({"preferred_at": "2999-01-01T00:00:00Z"}, "/preferred_at"),
        ({"preferred_at": "tomorrow"}, "/preferred_at"),
        ({"entry_point": "elsewhere"}, "/entry_point"),
    ],
)
def test_wish_beyond_a_limit_is_refused(
    entry_point: EntryPoint, customer: Customer, change: dict[str, Any], pointer: str
) -> None:
    """Should say which field, and store nothing."""
    reply = customer.post(PATH, {**WISH, **change})
    assert (reply.status_code, reply.json()["code"]) == (400, "invalid")
    assert [one["pointer"] for one in reply.json()["errors"]] == [pointer]
    assert not CallbackRequest.objects.exists()


@pytest.mark.parametrize("typed", ["0049301234567", "+49.30.1234567", "+49 30/123 45 67"])
def test_number_is_taken_as_people_write_it(
    entry_point: EntryPoint, customer: Customer, typed: str
) -> None:
    """Should store it in one form."""
    assert customer.post(PATH, {**WISH, "phone": typed}).json()["phone"] == "+49301234567"


def test_wishes_of_one_address_are_limited(
    entry_point: EntryPoint, customer: Customer, settings: Settings
) -> None:
    """Should answer 429 with Retry-After."""
    settings.CALLBACK_RATE = "1/hour"
    assert customer.post(PATH, WISH).status_code == 201
    refused = customer.post(PATH, WISH)
    assert (refused.status_code, refused.json()["code"]) == (429, "throttled")
    assert int(refused["Retry-After"]) > 0


def test_customer_takes_it_back_and_nobody_else_does(
    entry_point: EntryPoint, customer: Customer, stranger: Customer
) -> None:
    """Should answer strangers as if it did not exist, and change nothing the second time."""
    path = f"{PATH}{customer.post(PATH, WISH).json()['id']}/cancel/"
    assert stranger.post(path).status_code == 404
    assert Customer().post(path).status_code == 404
    assert CallbackRequest.objects.get().state == "open"

    assert customer.post(path).json()["state"] == "cancelled"
    finished_at = CallbackRequest.objects.get().finished_at
    assert customer.post(path).json()["state"] == "cancelled"
    assert CallbackRequest.objects.get().finished_at == finished_at


def test_other_sites_pages_may_not_ask(entry_point: EntryPoint, customer: Customer) -> None:
    """Should refuse what a foreign page sends."""
    reply = customer.post(PATH, WISH, Origin="https://evil.example")
    assert (reply.status_code, reply.json()["code"]) == (403, "cross_origin")


def test_staff_work_the_queue_off(entry_point: EntryPoint, customer: Customer) -> None:
    """Should show the longest waiting first, and let only those finish who may."""
    for name in ("Ana", "Ben"):
        customer.post(PATH, {**WISH, "name": name})
    user = get_user_model().objects.create_user("clerk", is_staff=True)
    EntryPointGrant.objects.create(entry_point=entry_point, user=user)
    seeing = Permission.objects.filter(codename__in=["view_callbackrequest", "view_personal_data"])
    user.user_permissions.add(*seeing)
    clerk = Client()
    clerk.force_login(user)
    address = "/admin/contacts/callbackrequest/"
    listed = clerk.get(address).content.decode()
    assert listed.index("Ana") < listed.index("Ben")

    first = CallbackRequest.objects.first()
    assert first is not None
    action = {"action": "mark_done", "_selected_action": [str(first.pk)]}
    clerk.post(address, action)
    first.refresh_from_db()
    assert first.state == "open"

    user.user_permissions.add(Permission.objects.get(codename="finish_callbackrequest"))
    clerk.post(address, action)
    first.refresh_from_db()
    assert (first.state, first.finished_by) == ("done", user)
    assert clerk.get(f"{address}{first.pk}/change/").status_code == 200


def test_callback_is_claimed_by_one_member_of_staff(
    entry_point: EntryPoint, customer: Customer
) -> None:
    """Should leave a claimed one to who claimed it until they release it, and keep both in the audit log."""
    customer.post(PATH, WISH)
    callback = CallbackRequest.objects.get()
    address = "/admin/contacts/callbackrequest/"
    one, other = member_of("Supervisor", entry_point), member_of("Supervisor", entry_point)

    def claimed_after(browser: Client, action: str) -> str:
        browser.post(address, {"action": action, "_selected_action": [str(callback.pk)]})
        callback.refresh_from_db()
        return callback.claimed_by.username if callback.claimed_by else ""

    claimed = claimed_after(one, "claim")
    assert claimed
    assert claimed_after(other, "claim") == claimed
    assert claimed_after(other, "release") == claimed
    assert claimed in one.get(address).content.decode()
    assert claimed_after(one, "release") == ""
    assert claimed_after(other, "claim") not in ("", claimed)
    assert AuditEntry.objects.filter(action="changed", object_id=callback.pk).count() == 3
    claimed_after(member_of("Viewer", entry_point), "claim")
    assert AuditEntry.objects.filter(action="changed", object_id=callback.pk).count() == 3
