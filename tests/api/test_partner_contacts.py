"""Partners' contacts: started, followed, changed, ended and erased by a program, and joined by its customer's browser."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

from django.core.cache import cache
from django.test import Client

import pytest
from pytest_django.fixtures import Settings

from contacts import customers
from contacts.choices import ContactState, Scope
from contacts.models import Contact, EntryPoint, JoinLink, Partner
from tests.contacts_world import (
    Customer,
    control,
    make_contact,
    upstream_contacts,
)
from tests.partners_world import Program, make_key, make_partner
from tests.servers import LocalConnect

pytestmark = pytest.mark.django_db(transaction=True)

START = {
    "entry_point": "support",
    "name": "Ana",
    "attributes": {"order": "4711"},
    "references": {"Order": {"type": "URL", "value": "https://shop.example/4711"}},
}


@pytest.fixture(autouse=True)
def fresh_cache() -> None:
    """Start every test with full buckets."""
    cache.clear()


@pytest.fixture
def partner(entry_point: EntryPoint) -> Partner:
    """A partner that may start calls at the entry point."""
    return make_partner("Example", entry_point)


@pytest.fixture
def program(partner: Partner) -> Program:
    """Its program, with a key for everything."""
    return Program(make_key(partner).made_key)


@pytest.fixture
def other(entry_point: EntryPoint) -> Program:
    """Another partner's program, at the same entry point."""
    return Program(make_key(make_partner("Other", entry_point)).made_key)


def test_start_brings_a_join_link(
    program: Program, connect: LocalConnect, partner: Partner
) -> None:
    """Should start the call in Amazon Connect with what the partner says, unmarked: it is as good as signed."""
    reply = program.post("contacts/", START)
    assert reply.status_code == 201, reply.content
    body = reply.json()
    assert (body["state"], body["name"], body["attributes"]) == (
        "initiated",
        "Ana",
        {"order": "4711"},
    )
    assert reply["Cache-Control"] == "no-store"
    assert reply["Location"] == f"/api/v1/contacts/{body['id']}/"
    assert customers.COOKIE not in reply.cookies
    contact = Contact.objects.get()
    assert contact.partner == partner
    assert re.fullmatch(r"http://testserver/join/[\w-]{43}/", body["join_url"])
    [upstream] = upstream_contacts(connect)
    assert upstream["id"] == contact.connect_contact_id


def test_raw_connection_takes_a_scope(partner: Partner, connect: LocalConnect) -> None:
    """Should come with contacts:connect and without it nowhere."""
    modest = Program(make_key(partner, Scope.CONTACTS_READ, Scope.CONTACTS_WRITE).made_key)
    started = modest.post("contacts/", START).json()
    assert "connection" not in started
    assert modest.post(f"contacts/{started['id']}/connection/").status_code == 403

    bold = Program(make_key(partner, Scope.CONTACTS_WRITE, Scope.CONTACTS_CONNECT).made_key)
    assert bold.post("contacts/", START).json()["connection"]["Meeting"]["MeetingId"]
    again = bold.post(f"contacts/{started['id']}/connection/")
    assert again["Cache-Control"] == "no-store"
    assert again.json()["connection"]["Attendee"]["JoinToken"]


def test_customer_comes_in_by_the_link_once(program: Program, connect: LocalConnect) -> None:
    """Should ask first, then make the browser the call's customer, and nobody after it."""
    started = program.post("contacts/", START).json()
    path = urlsplit(started["join_url"]).path
    browser, nosy = Client(), Client()
    for _ in range(2):  # a program that looks at the link does not use it up
        asked = nosy.get(path)
        assert asked.status_code == 200
        assert b'data-msg="join.open"' in asked.content
    assert JoinLink.objects.get().used_at is None

    opened = browser.post(path)
    assert (opened.status_code, opened["Location"]) == (302, f"/calls/{started['id']}/")
    assert opened["Cache-Control"] == "no-store"
    page = browser.get(opened["Location"])
    assert page.status_code == 200
    assert b"JoinToken" in page.content
    assert browser.get(path)["Location"] == f"/calls/{started['id']}/"  # their own: again

    for method in (nosy.get, nosy.post):
        refused = method(path)
        assert refused.status_code == 410
        assert b'data-msg="join.gone"' in refused.content
    assert nosy.get(f"/calls/{started['id']}/").status_code == 404
    timeline = program.get(f"contacts/{started['id']}/events/").json()["data"]
    assert "JOINED_BY_LINK" in [one["type"] for one in timeline]


def test_browser_keeps_its_own_calls_when_it_joins(
    program: Program, connect: LocalConnect, contact: Contact, customer: Customer
) -> None:
    """Should not take from a customer the calls they started themselves."""
    path = urlsplit(program.post("contacts/", START).json()["join_url"]).path
    assert customer.client.post(path).status_code == 302
    assert customer.get(f"/api/v1/contacts/{contact.pk}/").status_code == 200


@pytest.mark.parametrize("how", ["expired", "over"])
def test_link_does_not_live_for_ever(program: Program, connect: LocalConnect, how: str) -> None:
    """Should say so ten minutes later, and once the call is over."""
    started = program.post("contacts/", START).json()
    if how == "expired":
        link = JoinLink.objects.get()
        assert link.expires_at - link.created_at == timedelta(minutes=10)
        earlier = timedelta(minutes=11)
        JoinLink.objects.update(
            created_at=link.created_at - earlier, expires_at=link.expires_at - earlier
        )
    else:
        program.post(f"contacts/{started['id']}/end/")
    path = urlsplit(started["join_url"]).path
    browser = Client()
    assert browser.get(path).status_code == 410
    assert browser.post(path).status_code == 410
    assert browser.get(f"/calls/{started['id']}/").status_code == 404


def test_entry_points_of_others_do_not_exist(program: Program, connect: LocalConnect) -> None:
    """Should refuse to start there, and not tell that there is one."""
    EntryPoint.objects.create(slug="theirs", name="Theirs", company="Theirs")
    for slug in ("theirs", "nowhere", "\x00"):
        refused = program.post("contacts/", {**START, "entry_point": slug})
        assert refused.status_code == 400
        assert refused.json()["errors"][0]["pointer"] == "/entry_point"
        assert "\x00" in slug or program.get(f"entry-points/{slug}/").status_code == 404
    assert not upstream_contacts(connect)


def test_test_keys_reach_no_real_contact_centre(
    partner: Partner, connect: LocalConnect, settings: Settings
) -> None:
    """Should start calls at an embedded one, and refuse where there is none."""
    program = Program(make_key(partner, mode="test").made_key)
    assert program.post("contacts/", START).status_code == 201
    settings.CONNECT_ENDPOINT_URL = ""
    refused = program.post("contacts/", START)
    assert (refused.status_code, refused.json()["code"]) == (403, "test_key")


def test_calls_at_a_partners_own_entry_point_are_its_calls(
    program: Program, other: Program, partner: Partner, connect: LocalConnect, customer: Customer
) -> None:
    """Should show them to it and not to who shares the entry point."""
    EntryPoint.objects.update(partner=partner)
    started = customer.post("/api/v1/contacts/", {"entry_point": "support", "name": "Ben"}).json()
    assert "notes" not in started
    assert program.get(f"contacts/{started['id']}/").json()["name"] == "Ben"
    assert other.get(f"contacts/{started['id']}/").status_code == 404
    theirs = other.post("contacts/", START).json()
    assert program.get(f"contacts/{theirs['id']}/").status_code == 404


def test_other_partners_contacts_do_not_exist(
    program: Program, other: Program, connect: LocalConnect
) -> None:
    """Should answer as for an id that nobody has."""
    path = f"contacts/{program.post('contacts/', START).json()['id']}/"
    for method, below in [
        ("GET", ""),
        ("PATCH", ""),
        ("DELETE", ""),
        ("POST", "end/"),
        ("POST", "connection/"),
        ("GET", "events/"),
        ("GET", "participants/"),
        ("GET", "references/"),
        ("GET", "invitations/"),
        ("POST", "invitations/"),
        ("POST", "dtmf/"),
    ]:
        assert other.ask(method, path + below, {}).status_code == 404
    assert other.get("contacts/").json()["data"] == []


def test_notes_and_attributes_are_set(program: Program, connect: LocalConnect) -> None:
    """Should keep the notes, and bring the attributes to Amazon Connect beside those there are."""
    started = program.post("contacts/", START)
    path = f"contacts/{started.json()['id']}/"
    changed = program.ask(
        "PATCH", path, {"notes": "VIP", "attributes": {"tier": "gold"}}, If_Match="*"
    )
    assert changed.status_code == 200, changed.content
    body = changed.json()
    assert (body["notes"], body["attributes"]) == ("VIP", {"order": "4711", "tier": "gold"})
    assert body["version"] > started.json()["version"]
    from contacts import connect_client

    contact = Contact.objects.get()
    told = connect_client.ask(
        "get_contact_attributes",
        {
            "InstanceId": contact.connect_instance_id,
            "InitialContactId": contact.connect_contact_id,
        },
    )
    assert told["Attributes"] == {"order": "4711", "tier": "gold"}


def test_change_can_depend_on_the_version(program: Program, connect: LocalConnect) -> None:
    """Should refuse what was meant for another version, and change nothing."""
    started = program.post("contacts/", START)
    path = f"contacts/{started.json()['id']}/"
    etag = program.get(path)["ETag"]
    first = program.ask("PATCH", path, {"notes": "one"}, If_Match=etag)
    assert first.status_code == 200
    assert first["ETag"] != etag
    for stale in (etag, "nonsense", 'W/"v1"'):
        refused = program.ask("PATCH", path, {"notes": "two"}, If_Match=stale)
        assert (refused.status_code, refused.json()["code"]) == (412, "precondition_failed")
    assert program.get(path).json()["notes"] == "one"
    assert program.ask("PATCH", path, {"notes": "two"}, If_Match=first["ETag"]).status_code == 200


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"notes": "a" * 4097}, "/notes"),
        ({"notes": 1}, "/notes"),
        ({"attributes": {"a b": "c"}}, "/attributes/a b"),
        ({"attributes": {"a": 1}}, "/attributes/a"),
        ({"attributes": {"a": "b" * 33000}}, "/attributes"),
        ({"state": "ended"}, "/state"),
    ],
)
def test_change_beyond_a_limit_is_refused(
    program: Program, partner: Partner, contact: Contact, change: dict[str, Any], pointer: str
) -> None:
    """Should say which field, and change nothing."""
    Contact.objects.update(partner=partner)
    refused = program.ask("PATCH", f"contacts/{contact.pk}/", change, If_Match="*")
    assert refused.status_code == 400
    assert [one["pointer"] for one in refused.json()["errors"]] == [pointer]
    assert program.get(f"contacts/{contact.pk}/").json()["version"] == 1


def test_call_is_ended_by_its_partner(program: Program, connect: LocalConnect) -> None:
    """Should end it in Amazon Connect, once, however often it is asked."""
    path = f"contacts/{program.post('contacts/', START).json()['id']}/"
    ended = program.post(path + "end/")
    assert (ended.status_code, ended.json()["state"]) == (200, "ended")
    assert program.post(path + "end/").json()["ended_at"] == ended.json()["ended_at"]
    assert Contact.objects.get().end_requested_by == "partner"
    assert [one["state"] for one in upstream_contacts(connect)] == ["ended"]


def test_personal_data_is_erased(program: Program, connect: LocalConnect) -> None:
    """Should answer 202, at once for a call that is over, and later for one that goes on."""
    started = program.post("contacts/", START, Idempotency_Key="one").json()
    path = f"contacts/{started['id']}/"
    program.ask("PATCH", path, {"notes": "Ana is a VIP"}, If_Match="*")
    going_on = program.ask("DELETE", path)
    assert (going_on.status_code, going_on.json()["name"]) == (202, "Ana")
    assert program.ask("PATCH", path, {"notes": "Ana"}, If_Match="*").status_code == 410
    program.post(path + "end/")
    erased = program.ask("DELETE", path)
    body = erased.json()
    assert (erased.status_code, body["name"], body["notes"]) == (202, "", "")
    assert body["attributes"] == {}
    assert body["erased_at"]
    assert program.get(path + "references/").json()["data"] == []


def test_references_and_people_are_read(program: Program, connect: LocalConnect) -> None:
    """Should show what the agent sees, and who is there."""
    path = f"contacts/{program.post('contacts/', START).json()['id']}/"
    assert program.get(path + "references/").json()["data"] == [
        {"key": "Order", "type": "URL", "value": "https://shop.example/4711"}
    ]
    [customer] = program.get(path + "participants/").json()["data"]
    assert (customer["role"], customer["display_name"]) == ("customer", "Ana")
    made = program.post(path + "invitations/", {"expires_in_s": 600})
    assert made.status_code == 201
    assert Client().get(urlsplit(made.json()["link"]).path).status_code == 302
    listed = program.get(path + "invitations/").json()["data"]
    assert [one["id"] for one in listed] == [made.json()["id"]]
    early = program.post(path + "participants/", {"name": "Ben"})
    assert (early.status_code, early.json()["code"]) == (409, "contact_not_connected")


def test_timeline_is_told_in_order(program: Program, connect: LocalConnect) -> None:
    """Should page through it from the beginning, without a gap."""
    path = f"contacts/{program.post('contacts/', START).json()['id']}/events/"
    program.post(path.replace("events", "end"))
    whole = program.get(path).json()["data"]
    assert [one["type"] for one in whole][:2] == ["REQUESTED", "STARTED"]
    pages, cursor = [], ""
    while cursor is not None:
        page = program.get(f"{path}?limit=1" + (f"&cursor={cursor}" if cursor else "")).json()
        pages += page["data"]
        cursor = page["next_cursor"]
    assert pages == whole


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
    started = program.post("contacts/", START).json()
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


def test_digits_reach_the_call(program: Program, connect: LocalConnect) -> None:
    """Should key them in."""
    path = f"contacts/{program.post('contacts/', START).json()['id']}/dtmf/"
    assert program.post(path, {"digits": "12#"}).status_code == 204
    assert [one["digits"] for one in control(connect, "GET", "/_local/state")["contacts"]] == [
        "12#"
    ]
