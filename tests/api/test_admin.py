"""The admin: everything can be read, nothing secret is shown, calls can be ended."""

from __future__ import annotations

from typing import Any

from django.contrib.auth import get_user_model
from django.contrib.auth.models import Permission
from django.test import Client

import pytest
from django_tasks_db.models import DBTaskResult

from contacts.choices import PortalEvent
from contacts.models import Contact, EntryPoint, Reference
from contacts.operations.timeline import write_entry
from tests.contacts_world import Customer, after, control, make_contact, upstream_contacts
from tests.servers import LocalConnect

LIST = "/admin/contacts/contact/"


@pytest.fixture
def staff(db: None) -> Client:
    """An administrator's browser."""
    client = Client()
    client.force_login(get_user_model().objects.create_superuser("root"))
    return client


def test_contact_page_shows_the_whole_story_and_no_secret(staff: Client, contact: Contact) -> None:
    """Should show timeline, participants and references, but nothing that lets anybody join."""
    write_entry(contact, PortalEvent.REQUESTED, at=after(0))
    Reference.objects.create(contact=contact, key="Order", type="STRING", value="number 7")
    page = staff.get(f"{LIST}{contact.pk}/change/").content.decode()
    for shown in (contact.reference, "REQUESTED", "Ana", "Order", "number 7"):
        assert shown in page
    participant = contact.participants.get()
    for secret in ("canary", participant.sealed_connection, participant.sealed_token):
        assert secret not in page
    assert contact.customer_key_hash not in page


@pytest.mark.parametrize("query", ["", "?state=initiated", "?q=ana"])
def test_contact_list_is_filtered_and_searched(
    staff: Client, contact: Contact, query: str
) -> None:
    """Should find the contact by its state and name."""
    page = staff.get(f"{LIST}{query}").content.decode()
    assert contact.reference in page


def test_contact_is_found_by_its_reference_however_typed(staff: Client, contact: Contact) -> None:
    """Should ignore case and spaces, as people read references out."""
    Contact.objects.update(reference="K7QX-2M4P")
    assert "K7QX-2M4P" in staff.get(f"{LIST}?q=k7qx+2m4p").content.decode()
    assert "K7QX-2M4P" not in staff.get(f"{LIST}?q=zzzz+zzzz").content.decode()


@pytest.mark.parametrize("action", ["add/", "{pk}/delete/"])
def test_contact_cannot_be_made_up_or_removed(
    staff: Client, contact: Contact, action: str
) -> None:
    """Should be a record, even to a superuser."""
    assert staff.get(LIST + action.format(pk=contact.pk)).status_code == 403
    changed = staff.post(f"{LIST}{contact.pk}/change/", {"name": "Eve"})
    assert changed.status_code == 403
    contact.refresh_from_db()
    assert contact.name == "Ana"


def end_calls(client: Client, *contacts: Contact) -> Any:
    """Choose contacts in the list and run the action on them."""
    chosen = [str(contact.pk) for contact in contacts]
    return client.post(LIST, {"action": "end_calls", "_selected_action": chosen}, follow=True)


def test_call_is_ended_by_staff(
    connect: LocalConnect, entry_point: EntryPoint, customer: Customer, staff: Client
) -> None:
    """Should stop it in Amazon Connect and say that staff did."""
    customer.post("/api/v1/contacts/", {"entry_point": "support", "name": "Ana"})
    contact = Contact.objects.get()
    assert "1 call ended" in end_calls(staff, contact).content.decode()
    contact.refresh_from_db()
    assert (contact.state, contact.end_requested_by) == ("ended", "staff")
    assert upstream_contacts(connect)[0]["state"].lower() == "ended"


def test_call_that_cannot_be_ended_is_named(
    connect: LocalConnect, entry_point: EntryPoint, customer: Customer, staff: Client
) -> None:
    """Should say which call, and why."""
    customer.post("/api/v1/contacts/", {"entry_point": "support", "name": "Ana"})
    contact = Contact.objects.get()
    fault = {"operation": "StopContact", "error": "AccessDeniedException", "times": 1}
    control(connect, "POST", "/_local/faults", fault)
    page = end_calls(staff, contact).content.decode()
    assert f"{contact.reference} could not be ended: upstream_permission" in page


def test_many_calls_are_ended_by_the_worker(
    connect: LocalConnect, entry_point: EntryPoint, customer_key: str, staff: Client
) -> None:
    """Should not have staff wait while Amazon Connect is asked again and again."""
    calls = [make_contact(entry_point, customer_key) for _ in range(6)]
    assert "6 calls ended" in end_calls(staff, *calls).content.decode()
    assert Contact.objects.filter(end_requested_by="staff", state="initiated").count() == 6
    paths = DBTaskResult.objects.values_list("task_path", flat=True)
    assert list(paths) == ["contacts.tasks.stop_contact"] * 6


def test_call_cannot_be_ended_without_the_permission(contact: Contact) -> None:
    """Should let staff look without letting them end calls."""
    viewer = get_user_model().objects.create_user("viewer", is_staff=True)
    viewer.user_permissions.add(Permission.objects.get(codename="view_contact"))
    client = Client()
    client.force_login(viewer)
    assert client.get(LIST).status_code == 200
    end_calls(client, contact)
    contact.refresh_from_db()
    assert contact.end_requested_at is None


def test_entry_point_can_be_edited(staff: Client, entry_point: EntryPoint) -> None:
    """Should be what admins set up."""
    page = staff.get(f"/admin/contacts/entrypoint/{entry_point.pk}/change/")
    assert page.status_code == 200
    body = {"name": "Help", "slug": "help", "company": "Example", "name_required": "on"}
    staff.post(f"/admin/contacts/entrypoint/{entry_point.pk}/change/", body)
    entry_point.refresh_from_db()
    assert (entry_point.slug, entry_point.is_open) == ("help", False)
