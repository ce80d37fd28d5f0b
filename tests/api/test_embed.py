"""The call in other sites' pages: the script, the button's settings, the frame, and customers without cookies."""

from __future__ import annotations

from django.test import Client

import pytest

from contacts import customers
from contacts.choices import ContactState
from contacts.models import EntryPoint
from tests.contacts_world import Customer, make_contact
from tests.servers import LocalConnect

SHOP = "https://shop.example"
SCRIPT_MAX_BYTES = 12_000


@pytest.fixture(autouse=True)
def shop(entry_point: EntryPoint) -> EntryPoint:
    """The entry point, which the shop's website may show."""
    entry_point.allowed_origins = [SHOP, "http://localhost:8200"]
    entry_point.save()
    return entry_point


def test_script_is_small_and_kept_by_every_site() -> None:
    """Should be one small classic script without a cookie."""
    answer = Client().get("/embed/v1.js")

    assert answer["Content-Type"].startswith("text/javascript")
    assert "public" in answer["Cache-Control"]
    assert answer["Cross-Origin-Resource-Policy"] == "cross-origin"
    assert 1000 < len(answer.content) <= SCRIPT_MAX_BYTES
    assert not answer.cookies


def test_frame_is_shown_by_allowed_sites_only() -> None:
    """Should name the allowed sites as frame-ancestors, set no cookie and let its own tab talk to it (cases 6, 8)."""
    answer = Client().get("/embed/support/")

    policy = answer["Content-Security-Policy"]
    assert "frame-ancestors 'self' https://shop.example http://localhost:8200" in policy
    assert "script-src 'self'" in policy
    assert "X-Frame-Options" not in answer
    assert answer["Cross-Origin-Opener-Policy"] == "unsafe-none"
    assert not answer.cookies
    assert b'"embedded": true' in answer.content


def test_page_of_the_portal_itself_is_in_no_frame() -> None:
    """Should leave the call page with its cookie out of every frame."""
    answer = Client().get("/call/support/")

    assert "frame-ancestors 'none'" in answer["Content-Security-Policy"]
    assert answer["X-Frame-Options"] == "DENY"


@pytest.mark.parametrize("headers", [{}, {"Origin": SHOP}])
def test_button_of_an_allowed_site_learns_what_to_say(headers: dict[str, str]) -> None:
    """Should tell words, address and availability to any page that may have the button."""
    answer = Client().get("/embed/support/button.json", headers=headers)

    told = answer.json()
    assert answer.status_code == 200
    assert answer["Access-Control-Allow-Origin"] == "*"
    assert "Origin" in answer["Vary"]
    assert told["address"] == "/embed/support/"
    assert told["texts"]["title"] == "Video call with Example"
    assert told["availability"]["state"] == "open"
    assert not answer.cookies


def test_button_of_another_site_is_told_what_is_wrong() -> None:
    """Should name the origin to add, readable by the page that needs it (case 6)."""
    answer = Client().get(
        "/embed/support/button.json", headers={"Origin": "https://other.example"}
    )

    assert answer.status_code == 403
    assert answer["Access-Control-Allow-Origin"] == "*"
    assert answer.json()["code"] == "origin_not_allowed"
    assert "https://other.example" in answer.json()["detail"]


def test_hostile_origin_is_not_repeated() -> None:
    """Should not echo what is no origin."""
    answer = Client().get("/embed/support/button.json", headers={"Origin": "<script>"})

    assert b"script" not in answer.content


def test_unknown_entry_point_has_no_embed() -> None:
    """Should be a plain 404."""
    assert Client().get("/embed/nowhere/").status_code == 404
    assert Client().get("/embed/nowhere/button.json").status_code == 404


def test_customer_without_cookies_owns_the_call_by_their_key(connect: LocalConnect) -> None:
    """Should take the key from the header, set no cookie, and show the call to nobody without it (case 8)."""
    key = customers.new_customer_key()
    tab, stranger = Customer(), Customer()
    body = {"entry_point": "support", "name": "Ana"}

    started = tab.post("/api/v1/contacts/", body, X_Customer_Key=key)

    assert started.status_code == 201
    assert not started.cookies
    own = f"/api/v1/contacts/{started.json()['id']}/"
    assert tab.client.get(own, headers={"X-Customer-Key": key}).status_code == 200
    assert tab.post(f"{own}connection/", X_Customer_Key=key).status_code == 200
    assert stranger.get(own).status_code == 404
    other = {"X-Customer-Key": customers.new_customer_key()}
    assert stranger.client.get(own, headers=other).status_code == 404


def test_malformed_key_is_no_key(entry_point: EntryPoint) -> None:
    """Should not let anything but a whole key name a customer."""
    contact = make_contact(entry_point, customers.new_customer_key(), ContactState.QUEUED)

    for key in ("", "x", "x" * 44, "é" * 43, "a" * 42 + "\n"):
        answer = Client().get(f"/api/v1/contacts/{contact.pk}/", headers={"X-Customer-Key": key})
        assert answer.status_code == 404
