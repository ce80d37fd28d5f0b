"""The admin: everything can be read, nothing secret is shown, calls can be ended."""

from __future__ import annotations

from typing import Any

from django.contrib.auth import get_user_model
from django.test import Client

import pytest
from django_tasks_db.models import DBTaskResult

from contacts.choices import ContactState, PortalEvent
from contacts.models import Contact, EntryPoint, Reference
from contacts.operations.timeline import write_entry
from tests.api.staff import member_of
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
    forged = {"name": "Eve", "state": "failed", "notes": "Rang twice.", "tag_words": "vip"}
    assert staff.post(f"{LIST}{contact.pk}/change/", forged).status_code == 302
    contact.refresh_from_db()
    assert (contact.name, contact.state, contact.notes) == ("Ana", "initiated", "Rang twice.")


def end_calls(client: Client, *contacts: Contact, sure: str = "END") -> Any:
    """Choose contacts in the list, run the action on them, and say that it is meant."""
    chosen = [str(contact.pk) for contact in contacts]
    data = {"action": "end_calls", "_selected_action": chosen, "sure": sure}
    return client.post(LIST, data, follow=True)


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


def test_ending_asks_first(staff: Client, entry_point: EntryPoint, customer_key: str) -> None:
    """Should end nothing until it is confirmed; of several calls, with the word typed."""
    one, other = (make_contact(entry_point, customer_key) for _ in range(2))
    assert "disconnected" in end_calls(staff, one, sure="").content.decode()
    assert "Type END to go on" in end_calls(staff, one, other, sure="").content.decode()
    assert "Nothing was done" in end_calls(staff, one, other, sure="yes").content.decode()
    assert not Contact.objects.filter(end_requested_at__isnull=False).exists()


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
    client = member_of("Viewer", contact.entry_point)
    assert client.get(LIST).status_code == 200
    end_calls(client, contact)
    contact.refresh_from_db()
    assert contact.end_requested_at is None


def test_entry_point_can_be_edited(staff: Client, entry_point: EntryPoint) -> None:
    """Should be what admins set up."""
    page = staff.get(f"/admin/contacts/entrypoint/{entry_point.pk}/change/")
    assert page.status_code == 200
    body = {"name": "Help", "slug": "help", "company": "Example", "name_required": "on"}
    body |= {"busy_wait_s": "300", "identity_rule": "optional"}
    body |= {"grants-TOTAL_FORMS": "0", "grants-INITIAL_FORMS": "0"}
    body |= {"hours_overrides-TOTAL_FORMS": "0", "hours_overrides-INITIAL_FORMS": "0"}
    staff.post(f"/admin/contacts/entrypoint/{entry_point.pk}/change/", body)
    entry_point.refresh_from_db()
    assert (entry_point.slug, entry_point.is_open) == ("help", False)


def test_personal_data_is_erased_by_who_may(staff: Client, contact: Contact) -> None:
    """Should erase a call that is over, and note the wish for one under way."""
    address = "/admin/contacts/contact/"
    action = {"action": "erase_data", "_selected_action": [str(contact.pk)], "sure": "1"}
    staff.post(address, action)
    contact.refresh_from_db()
    assert (contact.name, contact.erase_requested_at is not None) == ("Ana", True)

    contact.advance(ContactState.ENDED, ended_at=contact.requested_at)
    staff.post(address, action)
    contact.refresh_from_db()
    assert contact.name == ""
    assert staff.get(f"{address}{contact.pk}/change/").status_code == 200


def test_contact_page_shows_guests_and_survey_and_no_link(
    staff: Client, contact: Contact, customer: Customer
) -> None:
    """Should show who was invited and how the call was, and nothing with which anybody could join."""
    made = customer.post(f"/api/v1/contacts/{contact.pk}/invitations/").json()
    token = made["link"].rstrip("/").rpartition("/")[2]
    Customer().post("/api/v1/invitations/accept/", {"token": token, "name": "Gil"})
    customer.post(f"/api/v1/contacts/{contact.pk}/survey/", {"rating": 1, "comment": "No sound."})
    page = staff.get(f"{LIST}{contact.pk}/change/").content.decode()
    for shown in ("Gil", "No sound.", "INVITATION_ACCEPTED"):
        assert shown in page
    invitation = contact.invitations.get()
    for secret in (token, invitation.token_hash, invitation.guest_key_hash):
        assert str(secret) not in page


def test_invitations_are_revoked_by_staff(
    staff: Client, contact: Contact, customer: Customer
) -> None:
    """Should take back all of a call, and tell how many; nobody without the permission may."""
    for _ in range(2):
        customer.post(f"/api/v1/contacts/{contact.pk}/invitations/")
    data = {"action": "revoke_invitations", "_selected_action": [str(contact.pk)]}
    member_of("Viewer", contact.entry_point).post(LIST, data)
    assert contact.invitations.filter(revoked_at__isnull=True).count() == 2
    page = staff.post(LIST, data, follow=True).content.decode()
    assert "2 invitations revoked." in page
    assert not contact.invitations.filter(revoked_at__isnull=True).exists()
