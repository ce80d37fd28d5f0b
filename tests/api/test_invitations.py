"""Invitations: made, listed and revoked by the call's customer; four places, whatever happens at once."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

from django.db import IntegrityError, connection, transaction
from django.utils import timezone

import pytest

from contacts.choices import ContactState
from contacts.models import Contact, EntryPoint, Invitation, Participant
from tests.contacts_world import Customer, make_contact

pytestmark = pytest.mark.django_db(transaction=True)


def path(contact: Contact, invitation_id: str | None = None) -> str:
    tail = "" if invitation_id is None else f"{invitation_id}/"
    return f"/api/v1/contacts/{contact.pk}/invitations/{tail}"


def invite(customer: Customer, contact: Contact, **headers: str) -> dict[str, Any]:
    reply = customer.post(path(contact), {}, **headers)
    assert reply.status_code == 201, reply.content
    made: dict[str, Any] = reply.json()
    return made


def token_in(invitation: dict[str, Any]) -> str:
    token: str = invitation["link"].rstrip("/").rpartition("/")[2]
    return token


def test_invitation_is_a_link_for_one_person(contact: Contact, customer: Customer) -> None:
    """Should give a link that expires, and store nothing one could join with."""
    made = invite(customer, contact)
    stored = Invitation.objects.get()

    assert made["link"].startswith("http://testserver/join/")
    assert (made["state"], made["role"], made["in_call"]) == ("open", "guest", False)
    assert stored.expires_at - stored.created_at == timedelta(hours=24)
    assert token_in(made) not in str(list(Invitation.objects.values()))
    assert len(token_in(made)) == 43
    contact.refresh_from_db()
    assert contact.version == 2
    assert [event.type for event in contact.events.all()] == ["INVITED"]
    assert token_in(made) not in str(list(contact.events.values()))


def test_links_are_shown_again_until_used(contact: Contact, customer: Customer) -> None:
    """Should list all invitations with the places left, and no link that is of no use any more."""
    made = [invite(customer, contact) for _ in range(2)]
    Customer().post("/api/v1/invitations/accept/", {"token": token_in(made[0]), "name": "Gil"})
    listed = customer.get(path(contact))

    assert listed["Cache-Control"] == "no-store"
    assert (listed.json()["places"], listed.json()["places_left"]) == (4, 2)
    first, second = listed.json()["data"]
    assert (first["state"], first["link"], first["name"]) == ("accepted", None, "Gil")
    assert second == made[1]


def test_fifth_invitation_is_refused(contact: Contact, customer: Customer) -> None:
    """Should keep the call to six people (case 37), and give a place that was taken back to another."""
    made = [invite(customer, contact) for _ in range(4)]
    reply = customer.post(path(contact), {})
    assert (reply.status_code, reply.json()["code"]) == (409, "places_taken")

    revoked = customer.client.delete(path(contact, made[1]["id"]))
    assert (revoked.status_code, revoked.json()["state"]) == (200, "revoked")
    invite(customer, contact)
    places = Invitation.objects.holding_places().values_list("place", flat=True)
    assert sorted(places) == [1, 2, 3, 4]


def test_expired_invitations_hold_no_place(contact: Contact, customer: Customer) -> None:
    """Should give the place of a link that nobody used in time to another."""
    for _ in range(4):
        invite(customer, contact)
    past = timezone.now() - timedelta(minutes=1)
    Invitation.objects.update(created_at=past - timedelta(hours=1), expires_at=past)
    assert customer.get(path(contact)).json()["places_left"] == 4
    assert {one["state"] for one in customer.get(path(contact)).json()["data"]} == {"expired"}
    invite(customer, contact)
    assert Invitation.objects.holding_places().count() == 1


def test_same_key_makes_one_invitation(contact: Contact, customer: Customer) -> None:
    """Should answer a repeat with the same link, and refuse the key with another body."""
    first = invite(customer, contact, Idempotency_Key="click-1")
    again = customer.post(path(contact), {}, Idempotency_Key="click-1")
    other = customer.post(path(contact), {"expires_in_s": 60}, Idempotency_Key="click-1")

    assert (again.json(), again["Idempotent-Replayed"]) == (first, "true")
    assert (other.status_code, other.json()["code"]) == (422, "idempotency_mismatch")
    assert Invitation.objects.count() == 1


def test_invitations_made_at_once_take_four_places(
    contact: Contact, customer_key: str, customer: Customer
) -> None:
    """Should let exactly four of twelve through."""

    def make(_: int) -> int:
        try:
            status: int = Customer(customer_key).post(path(contact), {}).status_code
            return status
        finally:
            connection.close()

    with ThreadPoolExecutor(12) as pool:
        statuses = sorted(pool.map(make, range(12)))
    assert statuses == [201] * 4 + [409] * 8


@pytest.mark.parametrize("life", [59, 86_401, -1, "soon"])
def test_life_out_of_range_is_refused(contact: Contact, customer: Customer, life: object) -> None:
    """Should name the field."""
    reply = customer.post(path(contact), {"expires_in_s": life})
    assert (reply.status_code, reply.json()["errors"][0]["pointer"]) == (400, "/expires_in_s")


@pytest.mark.parametrize("state", [ContactState.ENDED, ContactState.FAILED])
def test_call_that_is_over_takes_nobody(
    entry_point: EntryPoint, customer_key: str, customer: Customer, state: ContactState
) -> None:
    """Should say that it is over."""
    contact = make_contact(entry_point, customer_key, state)
    reply = customer.post(path(contact), {})
    assert (reply.status_code, reply.json()["code"]) == (410, "contact_ended")


def test_invitations_of_others_calls_do_not_exist(
    contact: Contact, customer: Customer, stranger: Customer
) -> None:
    """Should answer strangers as if there were no such contact, and foreign pages not at all."""
    made = invite(customer, contact)
    for who in (stranger, Customer()):
        assert who.get(path(contact)).status_code == 404
        assert who.post(path(contact), {}).status_code == 404
        assert who.client.delete(path(contact, made["id"])).status_code == 404
    foreign = {"Origin": "https://evil.example"}
    reply = customer.client.delete(path(contact, made["id"]), headers=foreign)
    assert (reply.status_code, reply.json()["code"]) == (403, "cross_origin")
    assert Invitation.objects.get().revoked_at is None


def test_invitation_of_another_call_is_not_revoked(
    entry_point: EntryPoint, contact: Contact, customer_key: str, customer: Customer
) -> None:
    """Should not find it below the wrong contact."""
    other = make_contact(entry_point, customer_key)
    made = invite(customer, other)
    assert customer.client.delete(path(contact, made["id"])).status_code == 404


def draft(contact: Contact, **changes: Any) -> Invitation:
    now = timezone.now()
    values = {"place": 1, "token_hash": "a", "created_at": now}
    return Invitation(contact=contact, expires_at=now + timedelta(1), **(values | changes))


@pytest.mark.parametrize(
    "wrong",
    [
        {"place": 0},
        {"place": 5},
        {"revoked_at": timezone.now()},
        {"role": "customer"},
        {"guest_name": "Gil"},
        {"guest_key_hash": "b"},
        {"token_hash": None},
        {"created_at": timezone.now() + timedelta(2)},
    ],
)
def test_database_refuses_impossible_invitations(contact: Contact, wrong: dict[str, Any]) -> None:
    """Should hold each rule itself."""
    with pytest.raises(IntegrityError), transaction.atomic():
        draft(contact, **wrong).save()


def test_database_holds_one_invitation_a_place_and_one_guest_at_a_time(contact: Contact) -> None:
    """Should refuse a second one in the same place, and a second guest on the same invitation."""
    first = draft(contact)
    first.save()
    with pytest.raises(IntegrityError), transaction.atomic():
        draft(contact, token_hash="b").save()
    guest = {"contact": contact, "role": "guest", "created_at": timezone.now()}
    Participant.objects.create(invitation=first, client_token=first.pk, **guest)
    for wrong in ({"invitation": first, "client_token": contact.pk}, {"client_token": contact.pk}):
        with pytest.raises(IntegrityError), transaction.atomic():
            Participant.objects.create(**guest, **wrong)
