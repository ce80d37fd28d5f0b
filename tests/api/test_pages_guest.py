"""The guest's pages: the link, whose token leaves the address at once, and the call page it leads to."""

from __future__ import annotations

import json
import re
from typing import Any

from django.utils import timezone

import pytest

from contacts.choices import ContactState
from contacts.models import Contact, Invitation
from tests.api.test_invitations import invite, path, token_in
from tests.contacts_world import Customer

pytestmark = pytest.mark.django_db(transaction=True)

ACCEPT = "/api/v1/invitations/accept/"


def data_in(page: Any) -> dict[str, Any]:
    """Return what the server embedded in a call page."""
    found = re.search(r'<script id="call-data"[^>]*>(.*?)</script>', page.content.decode(), re.S)
    assert found
    data: dict[str, Any] = json.loads(found.group(1))
    return data


@pytest.fixture
def guest() -> Customer:
    """A browser that has not been here before."""
    return Customer()


@pytest.fixture
def made(contact: Contact, customer: Customer) -> dict[str, Any]:
    """An invitation, as its maker sees it."""
    return invite(customer, contact)


def link(made: dict[str, Any]) -> str:
    return f"/join/{token_in(made)}/"


def test_token_leaves_the_address_at_once(made: dict[str, Any], guest: Customer) -> None:
    """Should go on to an address that is of no use to others, and keep the token from scripts and referrers."""
    reply = guest.get(link(made))

    assert (reply.status_code, reply["Location"]) == (302, f"/join/{made['id']}/")
    assert (reply["Referrer-Policy"], reply["Cache-Control"]) == ("no-referrer", "no-store")
    cookie = reply.cookies["vcp_link"]
    assert (cookie["httponly"], cookie["path"]) == (True, reply["Location"])
    assert token_in(made) not in reply.content.decode()
    page = guest.get(reply["Location"])
    assert (page.status_code, page["Referrer-Policy"]) == (200, "no-referrer")
    assert page["Cache-Control"] == "no-store"


def test_looking_at_a_link_takes_no_place(made: dict[str, Any], guest: Customer) -> None:
    """Should let programs that preview links do so."""
    for _ in range(2):
        previewer = Customer()
        previewer.get(previewer.get(link(made))["Location"])
    assert Invitation.objects.get().accepted_at is None


def test_page_knows_the_invitation(
    made: dict[str, Any], guest: Customer, contact: Contact
) -> None:
    """Should hold what the guest may know, where to ask, and nothing with which to ask for the contact."""
    page = guest.get(guest.get(link(made))["Location"])
    data = data_in(page)

    assert data["guest"] == {"token": token_in(made), "gone": False, "host": "Ana"}
    assert (data["contact"], data["connection"]) == (None, None)
    assert data["urls"]["socket"] == "/ws/guests/:id/"
    assert data["urls"]["contacts"] == ACCEPT
    assert str(contact.pk) not in page.content.decode()


def test_page_of_a_guest_is_theirs(made: dict[str, Any], guest: Customer) -> None:
    """Should know the guest again without the token, and be nobody else's."""
    address = guest.get(link(made))["Location"]
    guest.post(ACCEPT, {"token": token_in(made), "name": "Gil"})
    del guest.client.cookies["vcp_link"]
    page = guest.get(address)

    assert data_in(page)["guest"] == {"token": None, "gone": False, "host": "Ana"}
    assert data_in(page)["contact"]["id"] == made["id"]
    assert token_in(made) not in page.content.decode()
    assert Customer().get(address).status_code == 404


@pytest.mark.parametrize("how", ["revoked", "used", "ended"])
def test_link_that_no_longer_works_says_so(
    made: dict[str, Any], contact: Contact, customer: Customer, guest: Customer, how: str
) -> None:
    """Should show the page without any way in (case 38)."""
    if how == "revoked":
        customer.client.delete(path(contact, made["id"]))
    elif how == "used":
        Customer().post(ACCEPT, {"token": token_in(made), "name": "Eve"})
    else:
        Contact.objects.update(state=ContactState.ENDED, ended_at=timezone.now())
    data = data_in(guest.get(guest.get(link(made))["Location"]))
    assert data["guest"] == {"token": None, "gone": True, "host": "Ana"}
    assert (data["contact"], data["connection"]) == (None, None)


def test_unknown_link_leads_nowhere(guest: Customer) -> None:
    """Should be no page, whatever the address says."""
    for token in ("A" * 43, "x", "00000000-0000-4000-8000-000000000000"):
        assert guest.get(f"/join/{token}/").status_code == 404


def test_link_of_one_call_opens_no_other(
    made: dict[str, Any], contact: Contact, customer: Customer, guest: Customer
) -> None:
    """Should not show another invitation's page to whoever has a link."""
    other = invite(customer, contact)
    guest.get(link(made))
    guest.client.cookies["vcp_link"] = token_in(made)
    assert guest.get(f"/join/{other['id']}/").status_code == 404


def test_token_is_not_logged(
    made: dict[str, Any], guest: Customer, caplog: pytest.LogCaptureFixture
) -> None:
    """Should be in no line of the log, though each request is logged with its address."""
    with caplog.at_level("DEBUG"):
        guest.get(guest.get(link(made))["Location"])
        guest.post(ACCEPT, {"token": token_in(made), "name": "Gil"})
    assert "/join/" in caplog.text
    assert token_in(made) not in caplog.text
