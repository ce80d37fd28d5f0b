"""The list and the page of contacts in the admin: pages, search, export and the story of one call."""

from __future__ import annotations

import csv
import io
import json
import re
from datetime import timedelta
from typing import Any

from django.contrib.auth.models import Permission, User
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

import pytest

from contacts.choices import ContactState, EndedBy, ParticipantRole, PortalEvent
from contacts.facts import ContactFacts
from contacts.models import AuditEntry, Contact, EntryPoint, Participant
from contacts.operations.facts_applying import apply_facts
from contacts.operations.timeline import write_entry
from tests.api.staff import member_of
from tests.contacts_world import NOON, after, make_contact

LIST = "/admin/contacts/contact/"


def many(entry_point: EntryPoint, count: int) -> list[Contact]:
    """Store contacts, each a second older than the one before."""
    made = [make_contact(entry_point, "key") for _ in range(count)]
    for number, contact in enumerate(made):
        at = NOON - timedelta(
            seconds=number // 2
        )  # two at a time, so that times alone tell nothing
        Contact.objects.filter(pk=contact.pk).update(requested_at=at)
        Participant.objects.create(
            contact=contact,
            role=ParticipantRole.AGENT,
            connect_id=f"arn:agent/{number}",
            created_at=NOON,
        )
    return made


def rows_of(page: str) -> list[str]:
    """Return the ids of the listed calls, in their order."""
    return re.findall(r'href="/admin/contacts/contact/([0-9a-f-]{36})/change/', page)


def text_of(client: Client, address: str) -> str:
    answer = client.get(address)
    assert answer.status_code == 200, address
    return str(answer.content.decode())


def test_pages_show_each_call_once_there_and_back(entry_point: EntryPoint) -> None:
    """Should lead through all calls, newest first, and back the same way."""
    many(entry_point, 105)
    client = member_of("Supervisor", entry_point)
    there, address = [text_of(client, LIST)], ""
    while found := re.search(r'href="([^"]+)" rel="next"', there[-1]):
        address = found.group(1).replace("&amp;", "&")
        there.append(text_of(client, LIST + address))
    seen = [one for page in there for one in rows_of(page)]
    expected = Contact.objects.order_by("-requested_at", "-id").values_list("pk", flat=True)
    assert seen == [str(pk) for pk in expected]
    back = there[-1]
    for page in reversed(there[:-1]):
        found = re.search(r'href="([^"]+)" rel="prev"', back)
        assert found is not None
        back = text_of(client, LIST + found.group(1).replace("&amp;", "&"))
        assert rows_of(back) == rows_of(page)
    assert 'rel="prev"' not in back


@pytest.mark.parametrize(
    "query", ["older_than=x", "older_than=2026-01-01_x", "requested_at__year=0"]
)
def test_address_that_is_no_place_leads_to_the_beginning(
    query: str, entry_point: EntryPoint
) -> None:
    """Should answer what somebody mistyped with a page."""
    answer = member_of("Supervisor", entry_point).get(f"{LIST}?{query}", follow=True)
    assert answer.status_code == 200


def test_list_asks_as_much_for_few_calls_as_for_many(entry_point: EntryPoint) -> None:
    """Should count nothing and ask nothing row by row, with filters, search and days as without."""
    client = member_of("Supervisor", entry_point)
    for query in (
        "",
        "?state__exact=initiated",
        "?q=ana",
        "?requested_at__year=2026",
        "?rating=good",
        "?quality=poor",
        "?queue=q-1",
        "?had_share=yes",
        "?guests=yes",
    ):
        Contact.objects.all().delete()
        many(entry_point, 2)
        client.get(LIST + query)
        with CaptureQueriesContext(connection) as few:
            client.get(LIST + query)
        many(entry_point, 40)
        with CaptureQueriesContext(connection) as more:
            client.get(LIST + query)
        assert len(more) == len(few), query
        assert not [one["sql"] for one in more if "COUNT(" in one["sql"]], query


@pytest.mark.parametrize("term", ["Lima", "ana l", "K7QX-2M4P", "k7qx 2m4p", "crm-17"])
def test_call_is_found_by_what_staff_have_in_hand(term: str, contact: Contact) -> None:
    """Should find by reference, any part of a recent name, its beginning, or the signed identity."""
    values = {"reference": "K7QX-2M4P", "name": "Ana Lima", "identity_subject": "crm-17"}
    Contact.objects.filter(pk=contact.pk).update(**values)
    other = make_contact(contact.entry_point, "key")
    page = text_of(member_of("Supervisor", contact.entry_point), f"{LIST}?q={term}")
    assert rows_of(page) == [str(contact.pk)]
    assert str(other.pk) not in page


def test_call_is_found_by_its_ids(contact: Contact) -> None:
    """Should take the portal's and Amazon Connect's id."""
    client = member_of("Viewer", contact.entry_point)
    for term in (contact.pk, contact.connect_contact_id):
        assert rows_of(text_of(client, f"{LIST}?q={term}")) == [str(contact.pk)]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("answered=yes", ["connected"]),
        ("answered=failed", ["failed"]),
        ("answered=abandoned", ["ended"]),
        ("state__exact=queued", ["queued"]),
        ("entry_point=support&answered=failed", ["failed"]),
        ("when=24h", []),
    ],
)
def test_list_is_narrowed(query: str, expected: list[str], entry_point: EntryPoint) -> None:
    """Should show the calls that were meant."""
    for state in ("queued", "connected", "failed", "ended"):
        make_contact(entry_point, "key", ContactState(state))
    Contact.objects.filter(state="connected").update(connected_at=after(3))
    page = text_of(member_of("Viewer", entry_point), f"{LIST}?{query}")
    states = Contact.objects.in_bulk(rows_of(page))
    assert sorted(one.state for one in states.values()) == expected


def test_days_lead_from_year_to_day(contact: Contact) -> None:
    """Should offer only what lies between the first and the last call."""
    old = make_contact(contact.entry_point, "key")
    Contact.objects.filter(pk=old.pk).update(requested_at=NOON - timedelta(days=400))
    client = member_of("Viewer", contact.entry_point)
    assert "requested_at__year=2024" in text_of(client, LIST)
    year = text_of(client, f"{LIST}?requested_at__year=2026")
    assert "requested_at__month=1&" in year
    assert "requested_at__month=2&" not in year
    day = text_of(
        client, f"{LIST}?requested_at__year=2026&requested_at__month=1&requested_at__day=2"
    )
    assert rows_of(day) == [str(contact.pk)]


def test_page_tells_the_story(contact: Contact) -> None:
    """Should draw the states and the people, list what happened, and mark what went wrong."""
    write_entry(contact, PortalEvent.REQUESTED, at=after(0))
    write_entry(contact, PortalEvent.GUEST_REFUSED, at=after(20), code="upstream_permission")
    contact.participants.update(joined_at=after(2))
    contact.advance(ContactState.ENDED, ended_at=after(40), queued_at=after(5))
    page = text_of(member_of("Supervisor", contact.entry_point), f"{LIST}{contact.pk}/change/")
    assert 'class="piece piece-initiated" x="0' in page
    assert 'class="piece piece-queued" x="125' in page
    assert "Customer: Ana" in page
    assert 'class="trouble"' in page
    assert "upstream_permission" in page
    assert "style=" not in page.split('id="timeline-title"')[1].split("</section>")[0]
    assert f"/help/call/{contact.reference}/" in page


def exported(client: Client, query: str) -> Any:
    answer = client.get(f"{LIST}export/?{query}")
    assert answer.status_code == 200
    return b"".join(answer.streaming_content).decode()


@pytest.mark.parametrize(
    ("by", "words"),
    [
        (EndedBy.PARTNER, "The partner ended the call"),
        (EndedBy.STAFF, "Staff ended the call"),
        (None, "The agent ended the call"),
    ],
)
def test_end_names_who_of_ours_ended_the_call(
    by: EndedBy | None, words: str, contact: Contact
) -> None:
    """Should not say that the agent did what somebody else asked for, in the list and on the page."""
    if by is not None:
        contact.request_end(by=by, at=after(60))
    facts = ContactFacts(
        connected_at=after(5), ended_at=after(61), disconnect_reason="AGENT_DISCONNECT"
    )
    apply_facts(contact=contact, facts=facts, at=after(61))

    staff = member_of("Supervisor", contact.entry_point)

    assert f'data-cell="ended_because">{words}<' in text_of(staff, LIST)
    page = text_of(staff, f"{LIST}{contact.pk}/change/")
    assert words in page.split("field-why_ended")[-1].split("field-failure_code")[0]


def test_export_holds_what_the_list_holds_and_no_formula(entry_point: EntryPoint) -> None:
    """Should write all pages of the filtered list, with cells that no spreadsheet runs, and keep who took it."""
    many(entry_point, 52)
    queued = make_contact(entry_point, "key", ContactState.QUEUED)
    Contact.objects.filter(pk=queued.pk).update(name='=HYPERLINK("http://evil","x")')
    client = member_of("Supervisor", entry_point)
    [row] = csv.DictReader(io.StringIO(exported(client, "format=csv&state__exact=queued")[1:]))
    assert row["customer"] == '\'=HYPERLINK("http://evil","x")'
    assert row["requested_at"] == "2026-01-02T12:00:00.000+00:00"
    lines = exported(client, "format=jsonl&q=Ana").splitlines()
    assert len(lines) == 52
    assert json.loads(lines[0])["agents"] == ["0"] or json.loads(lines[0])["agents"] == ["1"]
    searched, filtered = AuditEntry.objects.filter(action="exported")
    columns = filtered.after.pop("columns")
    assert "customer" in columns
    assert filtered.after == {"format": "csv", "state__exact": "queued", "searched": False}
    assert "Ana" not in str(searched.after)


def test_export_holds_the_columns_chosen(contact: Contact) -> None:
    """Should write these alone, in their usual order, whatever the list is narrowed to, and keep which they were."""
    client = member_of("Supervisor", contact.entry_point)
    chosen = "column=state&column=reference&state__exact=initiated"
    assert exported(client, f"format=csv&{chosen}")[1:].splitlines() == [
        "reference,state",
        f"{contact.reference},initiated",
    ]
    [line] = exported(client, f"format=jsonl&{chosen}").splitlines()
    assert json.loads(line) == {"reference": contact.reference, "state": "initiated"}
    assert AuditEntry.objects.filter(action="exported")[0].after == {
        "format": "jsonl",
        "state__exact": "initiated",
        "searched": False,
        "columns": ["reference", "state"],
    }
    assert client.get(f"{LIST}export/?column=customer_key_hash").status_code == 404
    page = text_of(client, f"{LIST}?state__exact=initiated&q={contact.reference}")
    form = page[page.index('action="export/"') :].partition("</form>")[0]
    assert 'name="state__exact" value="initiated"' in form
    assert f'name="q" value="{contact.reference}"' in form


def test_export_is_for_who_may(contact: Contact) -> None:
    """Should refuse viewers, hold nothing of other entry points, and mask names for who may not see them."""
    assert member_of("Viewer", contact.entry_point).get(f"{LIST}export/").status_code == 403
    assert exported(member_of("Supervisor"), "format=jsonl") == ""
    user = User.objects.get(username__startswith="viewer")
    user.user_permissions.add(*permissions("export_contact"))
    client = Client()
    client.force_login(user)
    assert json.loads(exported(client, "format=jsonl"))["customer"] == "•••"
    assert client.get(f"{LIST}export/?format=exe").status_code == 404


def permissions(*codenames: str) -> Any:
    return Permission.objects.filter(codename__in=codenames)


def test_login_takes_only_so_many_wrong_passwords(db: None) -> None:
    """Should refuse even the right password after five wrong ones, and let others in from elsewhere."""
    cache.clear()
    User.objects.create_superuser("root", password="right-one-17")
    form = {"username": "root", "password": "wrong", "next": "/admin/"}
    for _ in range(5):
        assert "Please enter the correct" in Client().post("/admin/login/", form).content.decode()
    form["password"] = "right-one-17"
    assert "Too many wrong passwords" in Client().post("/admin/login/", form).content.decode()
    elsewhere = Client(REMOTE_ADDR="203.0.113.9")
    assert elsewhere.post("/admin/login/", form).status_code == 302
    cache.clear()
