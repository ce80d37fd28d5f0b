"""Partners' contacts: started, followed, changed, ended and erased by a program, and joined by its customer's browser."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

from django.test import Client
from django.utils import timezone

import pytest
from django_tasks_db.models import DBTaskResult

from contacts import connect_client, customers, tasks
from contacts.choices import ContactState, Scope
from contacts.connect import start_webrtc_contact
from contacts.models import Contact, EntryPoint, JoinLink, Partner
from contacts.operations.start_asking import start_request_of
from contacts.operations.start_outcomes import store_result
from tests.contacts_world import (
    Customer,
    control,
    make_contact,
    upstream_contacts,
)
from tests.partners_world import Program, make_key
from tests.servers import LocalConnect

pytestmark = pytest.mark.django_db(transaction=True)

START = {
    "entry_point": "support",
    "name": "Ana",
    "attributes": {"order": "4711"},
    "references": {"Order": {"type": "URL", "value": "https://shop.example/4711"}},
}


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
    contact = Contact.objects.get()
    told = connect_client.ask(
        "get_contact_attributes",
        {
            "InstanceId": contact.connect_instance_id,
            "InitialContactId": contact.connect_contact_id,
        },
    )
    assert told["Attributes"] == {"order": "4711", "tier": "gold"}


def test_attributes_that_come_before_connect_has_the_call_are_sent_later(
    program: Program, partner: Partner, connect: LocalConnect, entry_point: EntryPoint
) -> None:
    """Should keep them, look again until Amazon Connect has the call, and then bring them there."""
    contact = make_contact(entry_point, "key", ContactState.REQUESTED)
    contact.partner = partner
    contact.attributes = {"order": "4711"}
    contact.save()
    path = f"contacts/{contact.pk}/"
    changed = program.ask("PATCH", path, {"attributes": {"tier": "gold"}}, If_Match="*")
    assert changed.json()["attributes"] == {"order": "4711", "tier": "gold"}

    def work() -> None:
        [task] = DBTaskResult.objects.filter(task_path="contacts.tasks.send_attributes")
        task.delete()
        tasks.send_attributes.func(*task.args_kwargs["args"])

    work()
    started = start_webrtc_contact(start_request_of(contact, {}))  # what was asked for before
    store_result(contact, started, timezone.now)
    work()

    reply = connect_client.ask(
        "get_contact_attributes",
        {"InstanceId": contact.connect_instance_id, "InitialContactId": started.contact_id},
    )
    assert reply["Attributes"] == {"order": "4711", "tier": "gold"}
    assert not DBTaskResult.objects.filter(task_path="contacts.tasks.send_attributes").exists()


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


def test_digits_reach_the_call(program: Program, connect: LocalConnect) -> None:
    """Should key them in."""
    path = f"contacts/{program.post('contacts/', START).json()['id']}/dtmf/"
    assert program.post(path, {"digits": "12#"}).status_code == 204
    assert [one["digits"] for one in control(connect, "GET", "/_local/state")["contacts"]] == [
        "12#"
    ]
