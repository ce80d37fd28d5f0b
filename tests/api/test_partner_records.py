"""What a partner reads and writes of a contact besides its life: people, invitations, references, tags, lists."""

from __future__ import annotations

import uuid
from typing import Any

from django.test import Client

import pytest

from contacts import connect_client, customers, operations
from contacts.choices import ContactState, ParticipantRole, Scope
from contacts.models import Contact, EntryPoint, Participant, Partner
from tests.api.calls_with_agents import answer, guests_of
from tests.contacts_world import NOON, Customer, after, make_contact
from tests.partners_world import Program, make_key
from tests.servers import LocalConnect

pytestmark = pytest.mark.django_db(transaction=True)

START = {"entry_point": "support", "name": "Ana"}


@pytest.fixture
def own(contact: Contact, partner: Partner) -> Contact:
    """A contact of the partner's, begun at noon."""
    Contact.objects.update(partner=partner)
    contact.refresh_from_db()
    return contact


def test_guest_is_taken_out_and_nobody_else(program: Program, connect: LocalConnect) -> None:
    """Should disconnect the guest in Amazon Connect and free their place; customer and agent stay."""
    started = program.post("contacts/", START).json()
    contact = Contact.objects.get()
    answer(connect, contact)
    people = f"contacts/{started['id']}/participants/"
    added = program.post(people, {"name": "Ben"})
    assert added.status_code == 201, added.content
    by_role = {one["role"]: one for one in program.get(people).json()["data"]}
    guest = f"{people}{by_role['guest']['id']}/"
    assert program.get(guest).json() == by_role["guest"]
    assert len(guests_of(connect, contact)) == 1

    for _ in range(2):
        removed = program.ask("DELETE", guest)
        assert removed.status_code == 200, removed.content
        assert removed.json()["left_at"]
    assert guests_of(connect, contact) == []
    invitation = program.get(f"contacts/{started['id']}/invitations/{added.json()['id']}/")
    assert invitation.json()["state"] == "revoked"
    for role in ("customer", "agent"):
        refused = program.ask("DELETE", f"{people}{by_role[role]['id']}/")
        assert (refused.status_code, refused.json()["code"]) == (409, "participant_stays")


def test_people_and_invitations_of_others_do_not_exist(
    program: Program, own: Contact, entry_point: EntryPoint, customer: Customer
) -> None:
    """Should answer 404 for what belongs to another contact, though both be the partner's."""
    other = make_contact(entry_point, customers.new_customer_key())
    person = Participant.objects.get(contact=other)
    path = f"contacts/{own.pk}/participants/{person.pk}/"
    assert program.get(path).status_code == program.ask("DELETE", path).status_code == 404
    made = customer.post(f"/api/v1/contacts/{own.pk}/invitations/").json()
    assert program.get(f"contacts/{own.pk}/invitations/{made['id']}/").json()["id"] == made["id"]
    assert program.get(f"contacts/{other.pk}/invitations/{made['id']}/").status_code == 404
    assert program.get(f"contacts/{own.pk}/invitations/{uuid.uuid4()}/").status_code == 404


def test_references_are_added_and_replaced(program: Program, connect: LocalConnect) -> None:
    """Should show the agent all of them, those from the start included."""
    link = {"type": "URL", "value": "https://shop.example/1"}
    started = program.post("contacts/", {**START, "references": {"Order": link}}).json()
    path = f"contacts/{started['id']}/references/"
    link["value"] = "https://shop.example/2"
    number = {"type": "NUMBER", "value": "12"}
    body = {"references": {"Order": link, "Items": number}}
    changed = program.post(path, body, Idempotency_Key="one")
    assert changed.status_code == 200, changed.content
    assert changed.json()["data"] == [{"key": "Items", **number}, {"key": "Order", **link}]
    assert program.post(path, body, Idempotency_Key="one")["Idempotent-Replayed"] == "true"
    contact = Contact.objects.get()
    told = connect_client.ask(
        "list_contact_references",
        {
            "InstanceId": contact.connect_instance_id,
            "ContactId": contact.connect_contact_id,
            "ReferenceTypes": ["URL", "NUMBER"],
        },
    )
    summaries = [next(iter(one.values())) for one in told["ReferenceSummaryList"]]
    assert {one["Name"]: one["Value"] for one in summaries} == {
        "Order": link["value"],
        "Items": "12",
    }
    assert program.get(f"contacts/{started['id']}/").json()["version"] == started["version"] + 1


@pytest.mark.parametrize(
    ("references", "pointer"),
    [
        ({"Order": {"type": "PHONE", "value": "1"}}, "/references/Order/type"),
        ({"Order": {"type": "URL", "value": "javascript:alert(1)"}}, "/references/Order/value"),
        ({"Order": {"type": "STRING", "value": "a" * 5000}}, "/references"),
        ("none", "/references"),
    ],
)
def test_reference_beyond_a_limit_is_refused(
    program: Program, own: Contact, references: Any, pointer: str
) -> None:
    """Should say which, and store nothing."""
    refused = program.post(f"contacts/{own.pk}/references/", {"references": references})
    assert refused.status_code == 400
    assert [one["pointer"] for one in refused.json()["errors"]] == [pointer]
    assert not own.references.exists()


def test_references_wait_for_amazon_connect_and_end_with_erasure(
    program: Program, own: Contact, entry_point: EntryPoint, partner: Partner
) -> None:
    """Should be refused while Amazon Connect has no contact, and once the data is erased."""
    body = {"references": {"Order": {"type": "STRING", "value": "4711"}}}
    early = make_contact(entry_point, customers.new_customer_key(), ContactState.REQUESTED)
    Contact.objects.filter(pk=early.pk).update(partner=partner)
    refused = program.post(f"contacts/{early.pk}/references/", body)
    assert (refused.status_code, refused.json()["code"]) == (409, "contact_not_connected")
    operations.erase_contact(contact=own, at=NOON)
    assert program.post(f"contacts/{own.pk}/references/", body).status_code == 410


def test_tags_of_a_partner_are_its_own(program: Program, own: Contact) -> None:
    """Should not show those of staff, nor be taken away by them."""
    operations.note_contact(contact=own, notes="", tags=["difficult", "vip"])
    path = f"contacts/{own.pk}/"
    assert program.get(path).json()["tags"] == []
    changed = program.ask("PATCH", path, {"tags": ["VIP", " Gold  card ", "vip"]}, If_Match="*")
    assert changed.status_code == 200, changed.content
    assert changed.json()["tags"] == ["gold card", "vip"]
    operations.note_contact(contact=own, notes="", tags=["difficult"])
    assert program.get(path).json()["tags"] == ["gold card", "vip"]
    for tag, count in (("vip", 1), ("VIP", 1), ("difficult", 0)):
        assert len(program.get(f"contacts/?tag={tag}").json()["data"]) == count
    program.ask("PATCH", path, {"tags": []}, If_Match="*")
    assert [one.text for one in own.tags.all()] == ["difficult"]


@pytest.mark.parametrize(
    "tags", [["a" * 41], ["a,b"], ["\x00"], [str(one) for one in range(21)], "vip", [1]]
)
def test_tags_beyond_a_limit_are_refused(program: Program, own: Contact, tags: Any) -> None:
    """Should say so, and keep none."""
    refused = program.ask("PATCH", f"contacts/{own.pk}/", {"tags": tags}, If_Match="*")
    assert refused.status_code == 400
    assert refused.json()["errors"][0]["pointer"].startswith("/tags")
    assert not own.tags.exists()


def test_tags_are_erased_with_the_rest(program: Program, own: Contact) -> None:
    """Should go when the contact's personal data goes."""
    path = f"contacts/{own.pk}/"
    program.ask("PATCH", path, {"tags": ["mrs smith"]}, If_Match="*")
    own.advance(ContactState.ENDED, ended_at=after(9))
    assert program.ask("DELETE", path).json()["tags"] == []
    assert not own.tags.exists()


def test_change_names_its_version(program: Program, own: Contact) -> None:
    """Should be refused without If-Match, so that nobody overwrites unseen."""
    refused = program.ask("PATCH", f"contacts/{own.pk}/", {"notes": "x"})
    assert (refused.status_code, refused.json()["code"]) == (428, "precondition_required")
    assert program.get(f"contacts/{own.pk}/").json()["notes"] == ""


@pytest.mark.parametrize(
    ("query", "count"),
    [
        ("agent=Bo", 1),
        ("agent=Ana", 0),
        ("status=ended", 1),
        ("status=initiated", 1),
        ("created_at[gte]=2026-01-02T12:00:00Z", 2),
        ("created_at[lt]=2026-01-02T12:00:00Z", 0),
    ],
)
def test_list_is_filtered_by_agent_and_by_other_names(
    program: Program,
    own: Contact,
    partner: Partner,
    entry_point: EntryPoint,
    query: str,
    count: int,
) -> None:
    """Should take the words of other APIs too, and show a call with two agents of one name once."""
    ended = make_contact(entry_point, customers.new_customer_key(), ContactState.ENDED)
    Contact.objects.filter(pk=ended.pk).update(partner=partner)
    for agent in ("arn:1", "arn:2"):
        Participant.objects.create(
            contact=own,
            role=ParticipantRole.AGENT,
            display_name="Bo",
            connect_id=agent,
            created_at=NOON,
        )
    assert len(program.get(f"contacts/?{query}").json()["data"]) == count


def test_call_goes_on_with_an_earlier_one(program: Program, connect: LocalConnect) -> None:
    """Should keep which, and tell Amazon Connect."""
    first = program.post("contacts/", START).json()
    second = program.post("contacts/", {**START, "related_contact": first["id"]})
    assert second.status_code == 201, second.content
    assert second.json()["related_contact"] == first["id"]
    contact = Contact.objects.get(pk=second.json()["id"])
    assert contact.related_contact is not None
    told = connect_client.ask(
        "describe_contact",
        {"InstanceId": contact.connect_instance_id, "ContactId": contact.connect_contact_id},
    )
    assert told["Contact"]["RelatedContactId"] == contact.related_contact.connect_contact_id


def test_call_of_somebody_else_is_not_gone_on_with(
    program: Program, contact: Contact, connect: LocalConnect
) -> None:
    """Should be refused like one that there is not."""
    refused = [
        program.post("contacts/", {**START, "related_contact": str(one)})
        for one in (contact.pk, uuid.uuid4())
    ]
    assert [one.status_code for one in refused] == [400, 400]
    assert refused[0].json()["errors"] == refused[1].json()["errors"]
    assert refused[0].json()["errors"][0]["pointer"] == "/related_contact"


def test_more_is_told_when_asked_for(
    program: Program, connect: LocalConnect, django_assert_max_num_queries: Any
) -> None:
    """Should come with one contact and with each of a list, for a few queries in all."""
    references = {"Order": {"type": "STRING", "value": "4711"}}
    for _ in range(3):
        started = program.post("contacts/", {**START, "references": references}).json()
    path = f"contacts/{started['id']}/"
    program.post(path + "survey/", {"rating": 4})
    shown = program.get(path + "?expand=participants,events,references,survey").json()
    assert [one["type"] for one in shown["events"]][:2] == ["REQUESTED", "STARTED"]
    assert shown["events"] == program.get(path + "events/").json()["data"]
    assert shown["references"] == program.get(path + "references/").json()["data"]
    assert shown["survey"]["rating"] == 4
    assert "events" not in program.get(path).json()
    with django_assert_max_num_queries(8):
        listed = program.get("contacts/?expand=events&expand=survey").json()["data"]
    assert listed[0]["events"] == shown["events"]
    assert [one["survey"] for one in listed[1:]] == [None, None]
    for query in ("contacts/?expand=weather", f"{path}?expand=events,"):
        refused = program.get(query)
        assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (400, "/expand")


def test_customer_is_told_no_more_than_before(own: Contact, customer: Customer) -> None:
    """Should not get a partner's records by asking."""
    shown = customer.get(f"/api/v1/contacts/{own.pk}/?expand=events").json()
    assert not {"events", "tags", "notes", "related_contact"} & shown.keys()
    assert Client().get(f"/api/v1/contacts/{own.pk}/references/").status_code == 401


def test_references_take_a_scope(partner: Partner, own: Contact) -> None:
    """Should be written with contacts:write only."""
    reader = Program(make_key(partner, Scope.CONTACTS_READ).made_key)
    assert reader.get(f"contacts/{own.pk}/references/").status_code == 200
    refused = reader.post(f"contacts/{own.pk}/references/", {"references": {}})
    assert (refused.status_code, refused.json()["code"]) == (403, "missing_scope")
