"""The customer's pages: who sees which, what they carry, and what must never be in them."""

from __future__ import annotations

import gzip
import json
import re
from typing import Any

from django.contrib.auth.models import Permission, User
from django.test import Client

import pytest

from contacts import customers
from contacts.choices import ContactState, EventSource, PortalEvent
from contacts.models import Contact, ContactEvent, EntryPoint, EntryPointGrant
from contacts.operations.timeline import write_entry
from tests.contacts_world import NOON, Customer, after, make_contact

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("configuration")]


def embedded(response: Any) -> dict[str, Any]:
    """Return what the page hands to its script."""
    found = re.search(
        r'<script id="call-data" type="application/json">(.*?)</script>', response.content.decode()
    )
    assert found
    data: dict[str, Any] = json.loads(found.group(1))
    return data


def named(contact: Contact, reference: str = "K7QX-2M4P") -> Contact:
    """Give the contact a reference as people quote it."""
    contact.reference = reference
    contact.save(update_fields=["reference"])
    return contact


def test_home_lists_the_open_entry_points(entry_point: EntryPoint) -> None:
    """Should offer a call where one can be taken, and nothing else."""
    EntryPoint.objects.create(slug="night", name="Night", company="Night shift", is_open=False)

    page = Client().get("/").content.decode()

    assert 'href="/call/support/"' in page
    assert "Night shift" not in page


def test_home_without_entry_points_says_so(db: None) -> None:
    """Should not be an empty list."""
    assert b'data-msg="home.none"' in Client().get("/").content


def test_call_page_carries_what_its_script_needs(entry_point: EntryPoint) -> None:
    """Should embed the entry point, addresses, limits and sentences, and no call."""
    client = Client()
    response = client.get("/call/support/")

    data = embedded(response)
    assert response.status_code == 200
    assert data["entry_point"].pop("availability")["state"] == "open"
    assert data["entry_point"] == {
        "slug": "support",
        "name": "Support",
        "company": "Example",
        "name_required": True,
        "custom_fields": [],
        "consent": None,
        "video": True,
        "screen_share": False,
        "reminds": False,
        "off": [],
    }
    assert data["urls"]["contacts"] == "/api/v1/contacts/"
    assert data["urls"]["end"] == "/api/v1/contacts/:id/end/"
    assert data["urls"]["page"] == "/calls/:id/"
    assert data["urls"]["help"] == "/help/call/:reference/"
    assert data["limits"]["name"] == 256
    assert data["limits"]["start_s"] == 17
    assert data["contact"] is None
    assert data["connection"] is None
    assert data["messages"]["entry.closed"] == "We are closed right now"
    assert "q.waiting" not in data["messages"]
    assert client.get(data["urls"]["sentences"]).json()["q.waiting"] == "You are in the queue"


def test_scripts_are_told_of_in_advance_and_kept_for_good(entry_point: EntryPoint) -> None:
    """Should name each part of the first screen's script alone, whose name changes with what is in it."""
    page = Client().get("/call/support/").content.decode()
    parts = re.findall(r'<link rel="modulepreload" href="([^"]+)"', page)
    kept = {part: Client().head(part)["Cache-Control"] for part in parts}

    assert "/static/dist/call.js" in kept
    assert "immutable" not in kept.pop("/static/dist/call.js")
    assert kept
    assert all("immutable" in control for control in kept.values())
    assert not any("calling" in part for part in parts)


@pytest.mark.parametrize("path", ["/call/support/"])
def test_page_that_gives_a_key_is_kept_by_no_shared_cache(
    entry_point: EntryPoint, path: str
) -> None:
    """Should never be answered to another customer, with or without a key of theirs."""
    browser = Client()
    for response in (browser.get(path), browser.get(path)):
        assert "private" in response["Cache-Control"]
        assert "Cookie" in response["Vary"]


def test_call_page_gives_the_customer_a_key_once(entry_point: EntryPoint) -> None:
    """Should make the browser the owner of what it is about to start, and keep the key it has."""
    client = Client()

    client.get("/call/support/")
    first = client.cookies[customers.COOKIE].value
    again = client.get("/call/support/")

    assert first
    assert customers.COOKIE not in again.cookies


def test_call_page_of_a_closed_entry_point_knows_it(entry_point: EntryPoint) -> None:
    """Should serve the page, which then says that it is closed."""
    EntryPoint.objects.update(is_open=False)

    told = embedded(Client().get("/call/support/"))["entry_point"]["availability"]
    assert told["state"] == "closed"


def test_call_page_of_no_entry_point_is_not_found(db: None) -> None:
    """Should answer 404 in the portal's own words."""
    response = Client().get("/call/nowhere/")

    assert response.status_code == 404
    assert b'data-msg="page.not_found"' in response.content


def test_call_page_has_no_inline_script_or_style(entry_point: EntryPoint) -> None:
    """Should hold under a policy that allows neither."""
    page = Client().get("/call/support/").content.decode()

    scripts = re.findall(r"<script\b([^>]*)>", page)
    assert all('src="' in tag or 'type="application/json"' in tag for tag in scripts)
    assert "style=" not in page
    assert "<style" not in page
    assert not re.search(r"\son[a-z]+=", page)


def test_call_page_does_not_let_a_name_become_markup(db: None) -> None:
    """Should escape what administrators typed, in the page and in its data."""
    EntryPoint.objects.create(slug="odd", name="x", company="</script><b>&")

    response = Client().get("/call/odd/")

    assert b"</script><b>" not in response.content
    assert embedded(response)["entry_point"]["company"] == "</script><b>&"


def test_existing_call_gives_its_owner_the_snapshot_and_the_connection(
    contact: Contact, customer: Customer
) -> None:
    """Should carry what it takes to come back, and be kept by nobody."""
    response = customer.get(f"/calls/{contact.pk}/")

    data = embedded(response)
    assert data["contact"]["id"] == str(contact.pk)
    assert data["contact"]["version"] == contact.version
    assert data["connection"]["Attendee"]["JoinToken"] == "canary"
    assert response["Cache-Control"] == "no-store"


def test_existing_call_that_is_over_has_no_connection(
    entry_point: EntryPoint, customer_key: str, customer: Customer
) -> None:
    """Should show how it ended, and nothing to come back with."""
    contact = make_contact(entry_point, customer_key, ContactState.ENDED)

    data = embedded(customer.get(f"/calls/{contact.pk}/"))

    assert data["contact"]["state"] == "ended"
    assert data["connection"] is None


@pytest.mark.parametrize("page", ["/calls/{id}/", "/help/call/{reference}/"])
def test_pages_of_a_call_are_not_there_for_strangers(
    contact: Contact, stranger: Customer, page: str
) -> None:
    """Should tell neither another customer nor a nobody that there is such a call."""
    named(contact)
    path = page.format(id=contact.pk, reference=contact.reference)

    assert stranger.get(path).status_code == 404
    assert Client().get(path).status_code == 404


def test_help_says_plainly_what_happened(
    entry_point: EntryPoint, customer_key: str, customer: Customer
) -> None:
    """Should give the verdict for a failed call and a way to call again."""
    contact = named(make_contact(entry_point, customer_key, ContactState.FAILED))

    response = customer.get("/help/call/k7qx2m4p/")

    page = response.content.decode()
    assert 'data-msg="help.verdict.failed"' in page
    assert contact.reference in page
    assert 'href="/call/support/"' in page
    assert response["Cache-Control"] == "no-store"


def test_help_tells_the_timeline_in_order_and_without_secrets(
    contact: Contact, customer: Customer
) -> None:
    """Should list what the customer understands, oldest first, within a second as it arrived."""
    named(contact)
    for number, (kind, seconds) in enumerate(
        [("REQUESTED", 0.4), ("QUEUED", 0), ("CONNECTED_TO_AGENT", 7), ("INTERNAL", 8)]
    ):
        ContactEvent.objects.create(
            event_id=f"e{number}",
            contact=contact,
            source=EventSource.CONNECT,
            type=kind,
            occurred_at=after(seconds),
            received_at=NOON,
        )

    page = customer.get("/help/call/K7QX-2M4P/").content.decode()

    told = re.findall(r'data-msg="help\.event\.(\w+)"', page)
    assert told == ["REQUESTED", "QUEUED", "CONNECTED_TO_AGENT"]
    assert "canary" not in page


def test_help_is_there_for_staff_who_may_see_contacts(contact: Contact) -> None:
    """Should open for staff with the permission who were granted the entry point, and for no other staff."""
    named(contact)
    client = Client()
    staff = User.objects.create_user("sam", is_staff=True)
    client.force_login(staff)
    assert client.get("/help/call/K7QX-2M4P/").status_code == 404

    staff.user_permissions.add(Permission.objects.get(codename="view_contact"))
    assert client.get("/help/call/K7QX-2M4P/").status_code == 404
    EntryPointGrant.objects.create(entry_point=contact.entry_point, user=staff)

    assert client.get("/help/call/K7QX-2M4P/").status_code == 200


def test_pages_only_answer_reading(entry_point: EntryPoint) -> None:
    """Should refuse anything but GET and HEAD."""
    assert Client().post("/call/support/").status_code == 405
    assert Client().head("/call/support/").status_code == 200


def test_reading_the_page_of_a_call_writes_nothing(contact: Contact, customer: Customer) -> None:
    """Should give the connection without an entry in the timeline, however often it is read."""
    for _ in range(2):
        assert embedded(customer.get(f"/calls/{contact.pk}/"))["connection"]
    assert not contact.events.exists()


@pytest.mark.parametrize("path", ["/", "/call/support/", "/embed/support/", "/embed/v1.js"])
def test_pages_without_secrets_travel_compressed(entry_point: EntryPoint, path: str) -> None:
    """Should be small on the way to a browser that can unpack it, and whole to one that cannot."""
    packed = Client().get(path, headers={"Accept-Encoding": "gzip"})
    plain = Client().get(path)

    assert packed["Content-Encoding"] == "gzip"
    assert len(packed.content) < len(plain.content)
    assert gzip.decompress(packed.content)[:200] == plain.content[:200]
    assert "Content-Encoding" not in plain


def test_page_with_a_connection_is_not_compressed(contact: Contact, customer: Customer) -> None:
    """Should not let the length of a page tell of the secret in it."""
    page = customer.client.get(f"/calls/{contact.pk}/", headers={"Accept-Encoding": "gzip"})
    assert embedded(page)["connection"]
    assert "Content-Encoding" not in page


def test_browser_that_asks_for_an_icon_finds_it() -> None:
    """Should lead pages without an icon of their own, as admin's are, to the portal's."""
    reply = Client().get("/favicon.ico")
    assert reply.status_code == 302
    assert reply["Location"] == "/static/dist/icon.svg"


def report_in(response: Any) -> dict[str, Any]:
    """Return the report a help page hands to its script."""
    found = re.search(
        r'id="call-report" type="application/json">(.*?)</script>', response.content.decode()
    )
    assert found
    report: dict[str, Any] = json.loads(found.group(1))
    return report


@pytest.mark.parametrize(
    ("reason", "advice"),
    [("connection_lost", "help.advice.connection_lost"), ("agent_ended", None)],
)
def test_help_says_what_to_do_where_something_can_be_done(
    contact: Contact, customer: Customer, reason: str, advice: str | None
) -> None:
    """Should advise whoever lost the call, and leave alone whoever ended it as usual."""
    named(contact)
    Contact.objects.update(state=ContactState.ENDED, end_reason=reason, ended_at=after(60))

    response = customer.get("/help/call/K7QX-2M4P/")

    report = report_in(response)
    assert report["verdict"]["id"] == f"help.verdict.{reason}"
    assert (report["advice"] and report["advice"]["id"]) == advice
    assert (b'data-msg="help.advice"' in response.content) == (advice is not None)


def test_report_tells_support_all_but_who_the_customer_is(
    contact: Contact, customer: Customer
) -> None:
    """Should have times, reasons and steps, and neither the name, nor what was written, nor a token."""
    named(contact)
    contact.description = "My pump is broken"
    contact.attributes = {"web_device": "Firefox on Android", "web_order": "4711"}
    contact.save()
    write_entry(contact, PortalEvent.REQUESTED, at=after(0), name="Ana")

    response = customer.get("/help/call/K7QX-2M4P/")

    page, report = response.content.decode(), report_in(response)
    assert report["reference"] == "K7QX-2M4P"
    assert report["device"] == "Firefox on Android"
    assert report["timeline"][0] | {"text": ""} == {
        "at": "2026-01-02T12:00:00.000Z",
        "event": "REQUESTED",
        "text": "",
    }
    assert "2026-01-02T12:00:00.000Z  REQUESTED: You asked for the call" in page
    for secret in ("Ana", "pump", "4711", "canary", contact.customer_key_hash):
        assert secret not in page


def test_help_is_shown_to_a_page_without_cookies(contact: Contact, customer_key: str) -> None:
    """Should take the customer key from a form, and another key for a stranger's."""
    named(contact)

    def ask(key: str) -> int:
        return Client().post("/help/call/K7QX-2M4P/", {"customer_key": key}).status_code

    assert ask(customer_key) == 200
    assert ask(customers.new_customer_key()) == 404
    assert ask("x") == ask("") == 404
