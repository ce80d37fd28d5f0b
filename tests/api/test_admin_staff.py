"""Who sees what in the admin: by entry point, and names only by who may; and what is kept of it."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.models import Group, User
from django.db import DatabaseError, connection, transaction
from django.test import Client
from django.utils import timezone

import pytest

from contacts import operations
from contacts.call_references import new_reference
from contacts.choices import CallbackState, ContactState, EventSource, ParticipantRole
from contacts.models import (
    AuditEntry,
    CallbackRequest,
    Contact,
    ContactEvent,
    EntryPoint,
    EntryPointGrant,
    Invitation,
    Participant,
    Reference,
    Survey,
)
from contacts.staff_groups import GROUPS
from tests.api.staff import member_of, user_of
from tests.contacts_world import after, make_contact

LIST = "/admin/contacts/contact/"
CALLBACKS = "/admin/contacts/callbackrequest/"
SECRETS = (
    "Ana",
    "Zoe Quist",
    "blue door",
    "PARCEL-9",
    "Gil Guest",
    "rude words",
    "+4912345",
    "note of mine",
)


@pytest.fixture
def other_contact(customer_key: str) -> Contact:
    """A call of another entry point."""
    other = EntryPoint.objects.create(slug="sales", name="Sales", company="Example")
    return make_contact(other, customer_key)


@pytest.fixture
def told(contact: Contact) -> Contact:
    """A call in which every field that may say who somebody is says it."""
    Contact.objects.filter(pk=contact.pk).update(
        reference=new_reference(),
        name="Ana Zoe Quist",
        description="blue door",
        attributes={"parcel": "PARCEL-9"},
        identity_subject="Zoe Quist",
        notes="note of mine",
    )
    contact.participants.update(display_name="Zoe Quist")
    Reference.objects.create(contact=contact, key="Order", type="STRING", value="PARCEL-9")
    Survey.objects.create(contact=contact, rating=1, comment="rude words", submitted_at=after(1))
    Invitation.objects.create(
        contact=contact,
        place=1,
        guest_name="Gil Guest",
        created_at=after(0),
        expires_at=after(60),
        accepted_at=after(1),
    )
    ContactEvent.objects.create(
        event_id="e",
        contact=contact,
        source=EventSource.CONNECT,
        type="INITIATED",
        occurred_at=after(0),
        received_at=after(0),
        detail={"attributes": {"parcel": "PARCEL-9"}},
    )
    Participant.objects.create(
        contact=contact,
        role=ParticipantRole.AGENT,
        display_name="Sam Agent",
        connect_id="arn:agent/sam",
        created_at=after(2),
    )
    CallbackRequest.objects.create(
        reference="CALL-BACK",
        entry_point=contact.entry_point,
        name="Zoe Quist",
        phone="+4912345",
        reason="blue door",
        requested_at=timezone.now(),
    )
    contact.refresh_from_db()
    return contact


def text_of(client: Client, address: str) -> str:
    answer = client.get(address, follow=True)
    assert answer.status_code == 200, address
    return str(answer.content.decode())


def test_groups_are_there_and_have_what_they_need(db: None) -> None:
    """Should be made with the database, each with every permission it names."""
    for name, wanted in GROUPS.items():
        had = set(Group.objects.get(name=name).permissions.values_list("codename", flat=True))
        assert set(wanted) <= had, name


@pytest.mark.parametrize("group", ["Viewer", "Supervisor", "Integrator"])
def test_staff_see_the_calls_of_their_entry_points_alone(
    group: str, contact: Contact, other_contact: Contact
) -> None:
    """Should list, find, show and act on no call of another entry point."""
    client = member_of(group, contact.entry_point)
    listed = text_of(client, LIST)
    assert contact.reference in listed
    assert other_contact.reference not in listed
    assert "Sales" not in listed
    assert str(other_contact.pk) not in text_of(client, f"{LIST}?q={other_contact.reference}")
    assert client.get(f"{LIST}{other_contact.pk}/change/").status_code == 302
    assert client.get(f"/help/call/{other_contact.reference}/").status_code == 404
    assert "Sales" not in text_of(client, "/admin/contacts/entrypoint/")
    data = {"action": "end_calls", "_selected_action": [str(other_contact.pk)], "sure": "1"}
    client.post(LIST, data)
    other_contact.refresh_from_db()
    assert other_contact.end_requested_at is None


def test_owner_sees_every_entry_point(contact: Contact, other_contact: Contact) -> None:
    """Should need no grant."""
    listed = text_of(member_of("Owner"), LIST)
    assert contact.reference in listed
    assert other_contact.reference in listed


def test_staff_without_grant_see_no_call(contact: Contact) -> None:
    """Should show an empty list."""
    assert contact.reference not in text_of(member_of("Supervisor"), LIST)


@pytest.mark.parametrize("group", ["Viewer", "Integrator"])
def test_who_may_not_know_is_told_no_personal_data(group: str, told: Contact) -> None:
    """Should mask names, words and numbers in list, page, search and callback requests, and name agents."""
    client = member_of(group, told.entry_point)
    callback = CallbackRequest.objects.get()
    pages = [
        text_of(client, address)
        for address in (
            LIST,
            f"{LIST}{told.pk}/change/",
            f"{LIST}{told.pk}/history/",
            CALLBACKS,
            f"{CALLBACKS}{callback.pk}/change/",
            f"/help/call/{told.reference}/",
        )
    ]
    for page in pages:
        for secret in SECRETS:
            assert secret not in page
    assert "Sam Agent" in pages[0]
    assert "parcel" in pages[1]


@pytest.mark.parametrize("group", ["Supervisor", "Owner"])
def test_who_may_know_is_told(group: str, told: Contact) -> None:
    """Should show each of them on the call's page or among the callback requests."""
    client = member_of(group, told.entry_point)
    shown = text_of(client, f"{LIST}{told.pk}/change/") + text_of(client, CALLBACKS)
    for secret in SECRETS:
        assert secret in shown


@pytest.mark.parametrize(
    "query",
    [
        *("name__startswith=Ana", "description=blue+door", "identity_subject=Zoe+Quist"),
        *("notes__contains=note", "customer_key_hash__startswith=a"),
    ],
)
def test_hidden_data_cannot_be_guessed_by_filtering(query: str, told: Contact) -> None:
    """Should refuse to find rows by what may not be seen."""
    client = member_of("Viewer", told.entry_point)
    assert client.get(f"{LIST}?{query}").status_code == 400


@pytest.mark.parametrize(
    ("address", "query"),
    [
        (LIST, "q=Ana"),
        (LIST, "q=Quist"),
        (LIST, "q=Zoe+Quist"),
        (CALLBACKS, "q=%2B4912345"),
        (CALLBACKS, "q=Quist"),
    ],
)
def test_hidden_data_cannot_be_guessed_by_searching(
    address: str, query: str, told: Contact
) -> None:
    """Should find nothing by what may not be seen, and something by who may."""
    found = CallbackRequest.objects.get().reference if address == CALLBACKS else told.reference
    viewer, supervisor = (member_of(name, told.entry_point) for name in ("Viewer", "Supervisor"))
    assert found not in text_of(viewer, f"{address}?{query}")
    assert found in text_of(supervisor, f"{address}?{query}")


def test_hidden_data_cannot_be_guessed_by_sorting(told: Contact) -> None:
    """Should keep the order whatever column is asked for."""
    later = make_contact(told.entry_point, "key")
    Contact.objects.filter(pk=later.pk).update(name="Aaron", requested_at=after(9))
    client = member_of("Viewer", told.entry_point)
    for column in range(1, 12):
        page = text_of(client, f"{LIST}?o={column}")
        assert page.index(later.reference) < page.index(told.reference)


def test_notes_and_tags_are_all_that_is_typed(contact: Contact) -> None:
    """Should keep both, in lower case and once each, and say in the audit log who did without what was written."""
    client = member_of("Supervisor", contact.entry_point)
    page = f"{LIST}{contact.pk}/change/"
    form = {"notes": "Calls again on Monday.", "tag_words": "VIP, refund ,vip"}
    assert client.post(page, form).status_code == 302
    shown = text_of(client, page)
    assert "Calls again on Monday." in shown
    assert [tag.text for tag in contact.tags.all()] == ["refund", "vip"]
    assert contact.reference in text_of(client, f"{LIST}?tag=refund")
    kept = AuditEntry.objects.get(action="changed")
    assert "Monday" not in str(kept.after)
    refused = client.post(page, {"notes": "", "tag_words": "x" * 41})
    assert "at most 40 characters" in refused.content.decode()
    assert member_of("Viewer", contact.entry_point).post(page, form).status_code == 403


def test_notes_are_erased_with_the_rest(told: Contact) -> None:
    """Should leave nothing that staff wrote of a person."""
    told.advance(ContactState.ENDED, ended_at=after(5))
    operations.erase_contact(contact=told, at=after(6))
    assert told.notes == ""


def test_callbacks_are_scoped_and_finished_with_a_trace(told: Contact) -> None:
    """Should be done by who was granted the entry point, and by nobody else."""
    callback = CallbackRequest.objects.get()
    data = {"action": "mark_done", "_selected_action": [str(callback.pk)]}
    member_of("Supervisor").post(CALLBACKS, data)
    callback.refresh_from_db()
    assert callback.state == CallbackState.OPEN
    member_of("Supervisor", told.entry_point).post(CALLBACKS, data)
    callback.refresh_from_db()
    assert callback.state == CallbackState.DONE
    assert AuditEntry.objects.filter(action="finished", object_name="CALL-BACK").count() == 1


def test_who_looked_is_kept(contact: Contact) -> None:
    """Should keep each look at personal data, of list and page, and none of who saw none."""
    member_of("Viewer", contact.entry_point).get(f"{LIST}{contact.pk}/change/")
    assert not AuditEntry.objects.exists()
    user = user_of("Supervisor", contact.entry_point)
    client = Client()
    client.force_login(user)
    client.get(LIST)
    client.get(f"{LIST}{contact.pk}/change/")
    page, listed = AuditEntry.objects.all()
    assert (page.actor, page.action, page.object_name) == (
        user.username,
        "viewed",
        contact.reference,
    )
    assert (listed.kind, listed.after) == ("contacts.contact", {"contacts": 1})


def entry_point_form(entry_point: EntryPoint, **changes: Any) -> dict[str, Any]:
    """Return what the page of an entry point sends."""
    form = {"name": entry_point.name, "slug": entry_point.slug, "company": entry_point.company}
    form |= {"busy_wait_s": "600", "identity_rule": "optional", "is_open": "on"}
    form |= {"name_required": "on", "customer_video": "on", "agent_video": "on"}
    form |= {"hours_overrides-TOTAL_FORMS": "0", "hours_overrides-INITIAL_FORMS": "0"}
    return form | {"grants-TOTAL_FORMS": "0", "grants-INITIAL_FORMS": "0"} | changes


def test_changes_of_an_entry_point_are_kept_with_before_and_after(
    entry_point: EntryPoint,
) -> None:
    """Should keep what it was and what it became, and who was granted it."""
    owner, colleague = member_of("Owner"), user_of("Viewer")
    page = f"/admin/contacts/entrypoint/{entry_point.pk}/change/"
    granted = {"grants-TOTAL_FORMS": "1", "grants-0-user": str(colleague.pk)}
    form = entry_point_form(entry_point, company="Sample", **granted)
    answer = owner.post(page, form | {"grants-0-entry_point": str(entry_point.pk)})
    assert answer.status_code == 302
    assert EntryPointGrant.objects.get().user == colleague
    grant, change = AuditEntry.objects.filter(action="changed")
    assert (change.before["company"], change.after["company"]) == ("Example", "Sample")
    assert colleague.username in str(grant.after)


def test_integrator_sees_the_entry_point_they_add(db: None) -> None:
    """Should be granted what they made."""
    client = member_of("Integrator")
    blank = EntryPoint(name="Shop", slug="shop", company="Example")
    answer = client.post("/admin/contacts/entrypoint/add/", entry_point_form(blank))
    assert answer.status_code == 302
    assert "Shop" in text_of(client, "/admin/contacts/entrypoint/")
    assert AuditEntry.objects.get(action="added").object_name == "Shop"


def test_identity_keys_are_offered_for_own_entry_points(
    contact: Contact, other_contact: Contact
) -> None:
    """Should offer no entry point of others."""
    form = text_of(
        member_of("Integrator", contact.entry_point), "/admin/contacts/identitykey/add/"
    )
    assert "Support" in form
    assert "Sales" not in form


def test_audit_log_is_for_owners_and_changed_by_nobody(contact: Contact) -> None:
    """Should be read by owners, refuse every form, and refuse an UPDATE in the database itself."""
    member_of("Supervisor", contact.entry_point).get(LIST)
    entry = AuditEntry.objects.get()
    address = "/admin/contacts/auditentry/"
    assert "Viewed personal data" in text_of(member_of("Owner"), address)
    assert member_of("Supervisor").get(address).status_code == 403
    root = Client()
    root.force_login(User.objects.create_superuser("root"))
    assert root.get(f"{address}{entry.pk}/change/").status_code == 200
    assert root.post(f"{address}{entry.pk}/change/", {"actor": "eve"}).status_code == 403
    assert root.post(f"{address}{entry.pk}/delete/", {"post": "yes"}).status_code == 403
    with pytest.raises(DatabaseError, match="never changed"), transaction.atomic():
        AuditEntry.objects.filter(pk=entry.pk).update(actor="eve")
    with connection.cursor() as cursor, pytest.raises(DatabaseError), transaction.atomic():
        cursor.execute("UPDATE contacts_auditentry SET actor = 'eve'")
