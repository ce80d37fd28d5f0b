"""A call goes on on another device of its customer: a link that works once and shortly, and the same participant."""

from __future__ import annotations

import io
import re
from datetime import timedelta
from typing import Any

from django.db.models import F
from django.test import Client

import pytest

from contacts import customers, operations
from contacts.choices import ContactState
from contacts.models import Contact, EntryPoint, Handover
from contacts.qr_codes import QUIET, draw_code
from tests.contacts_world import CONNECTION, Customer, after, make_contact

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("configuration")]


def offer(customer: Customer, contact: Contact) -> dict[str, Any]:
    answer = customer.post(f"/api/v1/contacts/{contact.pk}/handover/")
    assert answer.status_code == 201, answer.content
    assert answer["Cache-Control"] == "no-store"
    body: dict[str, Any] = answer.json()
    return body


def path_of(offered: dict[str, Any]) -> str:
    return str(offered["link"]).removeprefix("http://testserver")


def take(device: Customer, offered: dict[str, Any]) -> Any:
    token = path_of(offered).split("/")[2]
    return device.post("/api/v1/handovers/take/", {"token": token})


def test_phone_takes_the_call_over_with_the_same_participant(
    contact: Contact, customer: Customer
) -> None:
    """Should lead through the link to the call's page, and make the phone the call's customer as well."""
    offered = offer(customer, contact)
    phone = Customer()
    opened = phone.get(path_of(offered))
    assert (opened.status_code, opened["Location"]) == (302, f"/calls/{contact.pk}/")
    assert opened["Referrer-Policy"] == "no-referrer"
    page = phone.get(opened["Location"])
    assert page.status_code == 200
    assert "canary" not in page.content.decode()  # looking at it is not taking it

    taken = take(phone, offered)

    assert taken.json()["connection"] == CONNECTION
    assert taken.json()["id"] == str(contact.pk)
    for device in (phone, customer):
        assert device.get(f"/api/v1/contacts/{contact.pk}/").status_code == 200
        assert device.post(f"/api/v1/contacts/{contact.pk}/connection/").status_code == 200
    assert contact.participants.count() == 1
    assert [one.type for one in contact.events.all()].count("HANDED_OVER") == 1


def test_link_works_once(contact: Contact, customer: Customer, stranger: Customer) -> None:
    """Should give the call to one device, which may ask again, and to no other."""
    offered = offer(customer, contact)
    phone = Customer()

    assert [take(phone, offered).status_code for _ in range(2)] == [200, 200]
    assert take(stranger, offered).json()["code"] == "handover_gone"
    gone = Client().get(path_of(offered))
    assert gone.status_code == 410
    assert b'data-msg="handover.gone"' in gone.content
    assert stranger.get(f"/calls/{contact.pk}/").status_code == 404


def test_link_works_for_two_minutes(contact: Contact, customer: Customer) -> None:
    """Should refuse it afterwards, to the page as to the API."""
    offered = offer(customer, contact)
    assert offered["lifetime_s"] == 120
    late = timedelta(minutes=2, seconds=1)
    Handover.objects.update(made_at=F("made_at") - late, expires_at=F("expires_at") - late)

    assert take(Customer(), offered).status_code == 410
    assert Client().get(path_of(offered)).status_code == 410


def test_newer_link_replaces_the_older(contact: Contact, customer: Customer) -> None:
    """Should leave one code at a time that works."""
    older, newer = offer(customer, contact), offer(customer, contact)

    assert take(Customer(), older).status_code == 410
    assert take(Customer(), newer).status_code == 200


def test_nobody_else_makes_links_and_nobody_to_a_call_that_is_over(
    contact: Contact,
    entry_point: EntryPoint,
    customer_key: str,
    customer: Customer,
    stranger: Customer,
) -> None:
    """Should be the owner's, while the call goes on."""
    assert stranger.post(f"/api/v1/contacts/{contact.pk}/handover/").status_code == 404
    over = make_contact(entry_point, customer_key, ContactState.ENDED)
    assert customer.post(f"/api/v1/contacts/{over.pk}/handover/").status_code == 410
    offered = offer(customer, contact)
    Contact.objects.update(state=ContactState.ENDED, ended_at=after(60))
    assert take(Customer(), offered).status_code == 410


def test_token_is_stored_nowhere_and_keys_are_erased(contact: Contact, customer: Customer) -> None:
    """Should keep hashes, and forget the phone's when the customer is forgotten."""
    offered = offer(customer, contact)
    token = path_of(offered).split("/")[2]
    phone = Customer(customers.new_customer_key())
    take(phone, offered)
    assert token not in str(list(Handover.objects.values()))
    Contact.objects.update(state=ContactState.ENDED, ended_at=after(60))

    assert operations.erase_contact(contact=contact, at=after(61))

    assert not Handover.objects.exists()
    assert phone.get(f"/api/v1/contacts/{contact.pk}/").status_code == 404


def test_code_is_drawn_as_the_matrix_has_it() -> None:
    """Should draw each dark module once, with the quiet zone around it."""
    import segno

    text = "https://calls.example/continue/" + "x" * 43 + "/"
    size, path = draw_code(text)

    drawn = {
        (int(x) + step, int(y))
        for x, y, length in re.findall(r"M(\d+) (\d+)h(\d+)v1h-\d+z", path)
        for step in range(int(length))
    }
    out = io.StringIO()
    segno.make(text, error="m", micro=False).save(out, kind="txt", border=QUIET)
    rows = out.getvalue().split()
    assert size == len(rows)
    assert drawn == {
        (x, y) for y, row in enumerate(rows) for x, dark in enumerate(row) if dark == "1"
    }
