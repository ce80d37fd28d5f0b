"""Lists as a partner reads them: paged, filtered, and of the same cost however long."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from pytest_django.fixtures import Settings

from contacts import customers
from contacts.choices import ContactState
from contacts.models import Contact, EntryPoint, Partner
from tests.contacts_world import (
    make_contact,
)
from tests.partners_world import Program
from tests.servers import LocalConnect

pytestmark = pytest.mark.django_db(transaction=True)


def test_list_is_paged_and_stable(
    program: Program, partner: Partner, entry_point: EntryPoint
) -> None:
    """Should show each once, newest first, though new ones come in between."""
    made = [make_contact(entry_point, customers.new_customer_key()) for _ in range(7)]
    Contact.objects.update(partner=partner)  # all of the same moment: the id decides
    for number, contact in enumerate(made[:4]):
        Contact.objects.filter(pk=contact.pk).update(
            requested_at=contact.requested_at + timedelta(minutes=number)
        )
    expected = [
        str(pk)
        for pk in Contact.objects.order_by("-requested_at", "pk").values_list("pk", flat=True)
    ]
    first = program.get("contacts/?limit=3")
    late = make_contact(entry_point, customers.new_customer_key())
    Contact.objects.filter(pk=late.pk).update(
        partner=partner, requested_at=late.requested_at + timedelta(days=1)
    )
    seen = first.json()["data"]
    link = re.fullmatch(r'<(http://testserver/api/v1/(.*))>; rel="next"', first["Link"])
    while link:
        page = program.get(link[2])
        seen += page.json()["data"]
        link = re.fullmatch(r'<(http://testserver/api/v1/(.*))>; rel="next"', page.get("Link", ""))
    assert [one["id"] for one in seen] == expected
    assert page.json()["next_cursor"] is None


@pytest.mark.parametrize(
    ("query", "count"),
    [
        ("state=ended", 1),
        ("state=initiated", 2),
        ("entry_point=support", 3),
        ("entry_point=elsewhere", 0),
        ("state=ended&entry_point=support", 1),
        ("requested_at[gte]=2026-01-02T12:00:00Z", 3),
        ("requested_at[gte]=2026-01-02T12:00:01Z", 0),
        ("requested_at[lt]=2026-01-02T13:00:00%2B01:00", 0),
        ("limit=2", 2),
    ],
)
def test_list_is_filtered(
    program: Program, partner: Partner, entry_point: EntryPoint, query: str, count: int
) -> None:
    """Should narrow the list by each filter and by all of them together."""
    for state in (ContactState.INITIATED, ContactState.INITIATED, ContactState.ENDED):
        make_contact(entry_point, customers.new_customer_key(), state)
    Contact.objects.update(partner=partner)
    assert len(program.get(f"contacts/?{query}").json()["data"]) == count


@pytest.mark.parametrize(
    ("query", "pointer"),
    [
        ("colour=x", "/colour"),
        ("tag=" + "x" * 41, "/tag"),
        ("State=ended", "/State"),
        ("state=over", "/state"),
        ("state=ended&state=failed", "/state"),
        ("requested_at[gte]=yesterday", "/requested_at[gte]"),
        ("limit=0", "/limit"),
        ("limit=201", "/limit"),
        ("limit=²", "/limit"),
        ("limit=" + "9" * 5000, "/limit"),
        ("cursor=x", "/cursor"),
        ("cursor=", "/cursor"),
        ("cursor=WzEsMl0", "/cursor"),
        ("cursor=" + "W" * 1000, "/cursor"),
        ("cursor=WyIyMDI2LTAxLTAyVDEyOjAwOjAwKzAwOjAwIiwgIngiXQ", "/cursor"),
        ("reference=%00", "/reference"),
    ],
)
def test_what_a_list_does_not_know_is_refused(program: Program, query: str, pointer: str) -> None:
    """Should answer 400 and name it, and never ignore it."""
    refused = program.get(f"contacts/?{query}")
    assert (refused.status_code, refused.json()["code"]) == (400, "invalid")
    assert {one["pointer"] for one in refused.json()["errors"]} == {pointer}


def test_list_costs_the_same_however_long(
    program: Program, partner: Partner, entry_point: EntryPoint, django_assert_max_num_queries: Any
) -> None:
    """Should ask the database as often for fifty as for one."""
    for _ in range(50):
        make_contact(entry_point, customers.new_customer_key())
    Contact.objects.update(partner=partner)
    with django_assert_max_num_queries(5):
        assert len(program.get("contacts/").json()["data"]) == 50


def test_entry_points_tell_what_a_start_needs(
    program: Program, partner: Partner, entry_point: EntryPoint
) -> None:
    """Should show those it may use, with questions and consent."""
    own = EntryPoint.objects.create(
        slug="own", name="Own", company="Example", partner=partner, recording_notice=True
    )
    listed = program.get("entry-points/").json()["data"]
    assert {one["slug"] for one in listed} == {"support", own.slug}
    shown = program.get("entry-points/own/").json()
    assert shown["consent"]["version"] == 1
    assert shown["capabilities"]["customer"] == {"video": True, "screen_share": False}
    assert program.get("availability/?entry_point=own").status_code == 200


def test_surveys_and_callbacks_are_listed(
    program: Program, other: Program, connect: LocalConnect, settings: Settings
) -> None:
    """Should show a partner its own."""
    settings.CALLBACK_RATE = "100000/min"
    started = program.post("contacts/", {"entry_point": "support", "name": "Ana"}).json()
    path = f"contacts/{started['id']}/"
    assert program.post(path + "survey/", {"rating": 4, "comment": "Fine"}).status_code == 201
    [survey] = program.get("surveys/").json()["data"]
    assert (survey["contact_id"], survey["rating"]) == (started["id"], 4)

    wish = {"entry_point": "support", "phone": "+4930123456"}
    made = program.post("callbacks/", wish, Idempotency_Key="k")
    assert made.status_code == 201
    assert customers.COOKIE not in made.cookies
    address = f"callbacks/{made.json()['id']}/"
    assert [one["id"] for one in program.get("callbacks/?state=open").json()["data"]] == [
        made.json()["id"]
    ]
    assert program.get(address).json()["phone"] == "+4930123456"
    for path in ("surveys/", "callbacks/"):
        assert other.get(path).json()["data"] == []
    assert other.get(address).status_code == other.post(address + "cancel/").status_code == 404
    assert program.post(address + "cancel/").json()["state"] == "cancelled"
