"""Guests: accept a link, wait for the agent, come in, come back, leave, and are taken out; nobody else does it for them."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.utils import timezone

import pytest
from django_tasks_db.models import DBTaskResult
from pytest_django.fixtures import Settings

from contacts import operations, tasks
from contacts.choices import ContactState
from contacts.errors import InvitationGone
from contacts.guests import COOKIE
from contacts.models import Contact, EntryPoint, Invitation, Participant
from tests.api.calls_with_agents import answer, guests_of, start, start_connected
from tests.api.test_invitations import invite, path, token_in
from tests.contacts_world import Customer, control, make_contact
from tests.servers import LocalConnect

pytestmark = pytest.mark.django_db(transaction=True)

ACCEPT = "/api/v1/invitations/accept/"


def accept(guest: Customer, invitation: dict[str, Any], name: str = "Gil") -> Any:
    return guest.post(ACCEPT, {"token": token_in(invitation), "name": name})


def of_guest(invitation: dict[str, Any], action: str = "") -> str:
    return f"/api/v1/guests/{invitation['id']}/{action}"


def come_in(guest: Customer, invitation: dict[str, Any], **body: Any) -> Any:
    return guest.post(of_guest(invitation, "connection/"), body)


@pytest.fixture
def guest() -> Customer:
    """A browser that has not been here before."""
    return Customer()


def test_guest_waits_until_the_agent_answers(
    connect: LocalConnect, entry_point: EntryPoint, customer: Customer, guest: Customer
) -> None:
    """Should be told to wait, and get into the call's meeting once it is connected (case 36)."""
    contact = start(customer)
    made = invite(customer, contact)
    accepted = accept(guest, made)
    assert (accepted.status_code, accepted.json()["id"]) == (201, made["id"])
    early = come_in(guest, made)
    assert (early.status_code, early.json()["code"]) == (409, "contact_not_connected")
    assert early["Retry-After"] == "2"

    answer(connect, contact)
    assert guest.get(of_guest(made)).json()["state"] == "connected"
    first, again = (come_in(guest, made) for _ in range(2))

    assert (first.status_code, first["Cache-Control"]) == (200, "no-store")
    assert first.json() == again.json()
    assert first.json()["connection"]["Attendee"]["JoinToken"]
    assert len(guests_of(connect, contact)) == 1
    shown = customer.get(f"/api/v1/contacts/{contact.pk}/").json()["participants"]
    assert [one["display_name"] for one in shown if one["role"] == "guest"] == ["Gil"]
    [listed] = customer.get(path(contact)).json()["data"]
    assert (listed["in_call"], listed["name"]) == (True, "Gil")


def test_guest_is_known_by_a_cookie_scripts_cannot_read(
    contact: Contact, customer: Customer, guest: Customer
) -> None:
    """Should be HttpOnly and of this site only, and stored as its hash."""
    accepted = accept(guest, invite(customer, contact))
    cookie = accepted.cookies[COOKIE]
    assert (cookie["httponly"], cookie["samesite"], cookie["path"]) == (True, "Lax", "/")
    assert cookie.value not in str(list(Invitation.objects.values()))


def test_guest_sees_only_what_a_guest_may(
    contact: Contact, customer: Customer, guest: Customer
) -> None:
    """Should not tell how long the customer waits, nor any id with which the contact could be asked for."""
    Contact.objects.filter(pk=contact.pk).update(
        state=ContactState.QUEUED, queued_at=timezone.now(), queue_position=3, queue_wait_s=90
    )
    made = invite(customer, contact)
    accept(guest, made)
    seen = guest.get(of_guest(made))
    assert seen.json()["queue"] is None
    assert str(contact.pk) not in seen.content.decode()
    for address in (f"/api/v1/contacts/{contact.pk}/", path(contact)):
        assert guest.get(address).status_code == 404
    for action in ("end/", "connection/", "dtmf/", "survey/", "invitations/", "participants/"):
        assert guest.post(f"/api/v1/contacts/{contact.pk}/{action}", {}).status_code == 404


@pytest.mark.parametrize("action", ["", "connection/", "end/"])
def test_guests_place_is_nobody_elses(
    contact: Contact, customer: Customer, guest: Customer, stranger: Customer, action: str
) -> None:
    """Should not exist for strangers, for the customer, nor for another guest of the same call."""
    made, others = invite(customer, contact), invite(customer, contact)
    accept(guest, made)
    other_guest = Customer()
    accept(other_guest, others)
    for who in (stranger, customer, other_guest, Customer()):
        address = of_guest(made, action)
        reply = who.post(address, {}) if action else who.get(address)
        assert (reply.status_code, reply.json()["code"]) == (404, "not_found")


def test_link_serves_the_browser_that_used_it(
    contact: Contact, customer: Customer, guest: Customer
) -> None:
    """Should be gone for a second browser, and work again for the first (case 38)."""
    made = invite(customer, contact)
    assert [accept(guest, made).status_code for _ in range(2)] == [201, 201]
    second = accept(Customer(), made)
    assert (second.status_code, second.json()["code"]) == (410, "invitation_gone")


def test_lost_answer_leaves_the_place_to_who_asked(contact: Contact, customer: Customer) -> None:
    """Should take a repeat with the same Idempotency-Key for the same guest, cookie or not, and nobody else."""
    made = invite(customer, contact)
    body = {"token": token_in(made), "name": "Gil"}
    statuses = [
        Customer().post(ACCEPT, body, Idempotency_Key=key).status_code
        for key in ("click-1", "click-1", "click-2")
    ]
    assert statuses == [201, 201, 410]


@pytest.mark.parametrize("how", ["revoked", "expired", "ended", "failed", "unknown", "mangled"])
def test_link_that_no_longer_works_is_gone(
    contact: Contact, customer: Customer, guest: Customer, how: str
) -> None:
    """Should tell nothing more about it (case 38)."""
    made = invite(customer, contact)
    if how == "revoked":
        customer.client.delete(path(contact, made["id"]))
    elif how == "expired":
        past = timezone.now() - timedelta(seconds=1)
        Invitation.objects.update(created_at=past - timedelta(hours=1), expires_at=past)
    elif how in ("ended", "failed"):
        Contact.objects.filter(pk=contact.pk).update(
            state=how,
            ended_at=timezone.now(),
            failure_code="upstream_unavailable" if how == "failed" else "",
        )
    elif how == "unknown":
        made["link"] = "http://testserver/join/" + "A" * 43 + "/"
    else:
        made["link"] = "http://testserver/join/\x00/"
    reply = accept(guest, made)
    assert (reply.status_code, reply.json()["code"]) == (410, "invitation_gone")


def test_revoked_guest_is_taken_out(
    connect: LocalConnect, entry_point: EntryPoint, customer: Customer, guest: Customer
) -> None:
    """Should end the guest's part in the call, forget their secrets, and not let them back (case 38)."""
    contact = start_connected(connect, customer)
    made = invite(customer, contact)
    accept(guest, made)
    come_in(guest, made)
    revoked = customer.client.delete(path(contact, made["id"]))

    assert (revoked.status_code, revoked.json()["in_call"]) == (200, False)
    assert guests_of(connect, contact) == []
    participant = Participant.objects.get(role="guest")
    assert (participant.sealed_token, participant.sealed_connection) == ("", "")
    seen = guest.get(of_guest(made)).json()
    assert (seen["state"], seen["end_reason"], seen["participants"]) == ("ended", "removed", [])
    reply = come_in(guest, made)
    assert (reply.status_code, reply.json()["code"]) == (410, "invitation_gone")
    contact.refresh_from_db()
    assert contact.state == ContactState.CONNECTED


def test_removal_that_connect_cannot_take_now_is_done_later(
    connect: LocalConnect, entry_point: EntryPoint, customer: Customer, guest: Customer
) -> None:
    """Should void the link at once, and leave the rest to the worker."""
    contact = start_connected(connect, customer)
    made = invite(customer, contact)
    accept(guest, made)
    come_in(guest, made)
    fault = {"operation": "DisconnectParticipant", "error": "InternalServerException", "times": 50}
    control(connect, "POST", "/_local/faults", fault)
    assert customer.client.delete(path(contact, made["id"])).json()["state"] == "revoked"
    [left] = DBTaskResult.objects.filter(task_path="contacts.tasks.disconnect_guest")
    control(connect, "DELETE", "/_local/faults")

    tasks.disconnect_guest.func(*left.args_kwargs["args"])

    assert guests_of(connect, contact) == []
    assert Participant.objects.get(role="guest").left_at is not None


def test_guest_leaves_and_comes_back(
    connect: LocalConnect, entry_point: EntryPoint, customer: Customer, guest: Customer
) -> None:
    """Should take only the guest out, and let them in again as somebody new to Amazon Connect."""
    contact = start_connected(connect, customer)
    made = invite(customer, contact)
    accept(guest, made)
    first = come_in(guest, made).json()
    assert [guest.post(of_guest(made, "end/")).status_code for _ in range(2)] == [200, 200]
    assert guests_of(connect, contact) == []
    assert come_in(guest, made).json() != first
    assert len(guests_of(connect, contact)) == 1


def test_connection_that_expired_is_renewed(
    connect: LocalConnect, entry_point: EntryPoint, customer: Customer, guest: Customer
) -> None:
    """Should put another participant in the place of the one Amazon Connect has given up."""
    contact = start_connected(connect, customer)
    made = invite(customer, contact)
    accept(guest, made)
    first = come_in(guest, made).json()
    renewed = come_in(guest, made, renew=True)
    assert (renewed.status_code, renewed.json() != first) == (200, True)
    assert len(guests_of(connect, contact)) == 1


def test_end_of_the_call_ends_it_for_guests(
    connect: LocalConnect, entry_point: EntryPoint, customer: Customer, guest: Customer
) -> None:
    """Should leave the link without use, and no secret of the guest's behind (case 38)."""
    contact = start_connected(connect, customer)
    made = invite(customer, contact)
    accept(guest, made)
    come_in(guest, made)
    customer.post(f"/api/v1/contacts/{contact.pk}/end/")

    seen = guest.get(of_guest(made)).json()
    assert (seen["state"], seen["end_reason"]) == ("ended", "agent_ended")
    reply = come_in(guest, made)
    assert (reply.status_code, reply.json()["code"]) == (410, "contact_ended")
    assert accept(Customer(), made).status_code == 410
    secrets = Participant.objects.values_list("sealed_token", "sealed_connection")
    assert set(secrets) == {("", "")}


def test_full_call_takes_no_more(
    connect: LocalConnect, entry_point: EntryPoint, customer: Customer, guest: Customer
) -> None:
    """Should say so, leave those in it alone, and let the guest try again (case 37)."""
    contact = start_connected(connect, customer)
    control(connect, "PATCH", "/_local/settings", {"invitations_per_call": 1})
    first, second = invite(customer, contact), invite(customer, contact)
    accept(guest, first)
    come_in(guest, first)
    late = Customer()
    accept(late, second)
    refused = come_in(late, second)
    assert (refused.status_code, refused.json()["code"]) == (409, "participant_conflict")
    assert len(guests_of(connect, contact)) == 1

    customer.client.delete(path(contact, first["id"]))
    assert come_in(late, second).status_code == 200


def test_lost_answer_of_connect_lets_in_one_guest(
    connect: LocalConnect,
    entry_point: EntryPoint,
    customer: Customer,
    guest: Customer,
    settings: Settings,
) -> None:
    """Should ask again with the same client token, once nobody can be at work on it any more."""
    contact = start_connected(connect, customer)
    made = invite(customer, contact)
    accept(guest, made)
    settings.CONNECT_ATTEMPTS = 1
    control(
        connect, "POST", "/_local/faults",
        {"operation": "CreateParticipant", "drop": "after", "times": 1},
    )  # fmt: skip
    lost = come_in(guest, made)
    assert (lost.status_code, lost.json()["code"]) == (502, "upstream_unavailable")
    early = come_in(guest, made)
    assert (early.status_code, early.json()["code"]) == (409, "idempotency_in_progress")

    Participant.objects.filter(role="guest").update(
        created_at=timezone.now() - timedelta(seconds=60)
    )
    assert come_in(guest, made).status_code == 200
    assert len(guests_of(connect, contact)) == 1


def test_admission_nobody_finished_is_undone(
    connect: LocalConnect,
    entry_point: EntryPoint,
    customer: Customer,
    guest: Customer,
    settings: Settings,
) -> None:
    """Should leave nobody in Amazon Connect's call whom no browser has a connection of."""
    contact = start_connected(connect, customer)
    made = invite(customer, contact)
    accept(guest, made)
    settings.CONNECT_ATTEMPTS = 1
    control(
        connect, "POST", "/_local/faults",
        {"operation": "CreateParticipant", "drop": "after", "times": 1},
    )  # fmt: skip
    come_in(guest, made)
    assert len(guests_of(connect, contact)) == 1
    [left] = DBTaskResult.objects.filter(task_path="contacts.tasks.settle_admission")

    tasks.settle_admission.func(*left.args_kwargs["args"])

    assert guests_of(connect, contact) == []
    assert Participant.objects.get(role="guest").left_at is not None
    assert come_in(guest, made).status_code == 200


def test_guest_is_revoked_while_connect_is_asked(
    connect: LocalConnect, entry_point: EntryPoint, customer: Customer, guest: Customer
) -> None:
    """Should take the participant out as soon as Amazon Connect has made them."""
    contact = start_connected(connect, customer)
    made = invite(customer, contact)
    accept(guest, made)
    invitation = Invitation.objects.get()

    def clock_that_sees_the_customer() -> Any:
        if Participant.objects.exclude(sealed_token="").filter(role="guest").exists():
            Invitation.objects.filter(pk=invitation.pk).update(
                revoked_at=timezone.now(), place=None
            )
        return timezone.now()

    with pytest.raises(InvitationGone):
        operations.admit_guest(invitation=invitation, clock=clock_that_sees_the_customer)
    assert guests_of(connect, contact) == []


def test_name_over_the_limit_is_refused(
    entry_point: EntryPoint, customer_key: str, customer: Customer, guest: Customer
) -> None:
    """Should name the field, and leave the link as it is."""
    made = invite(customer, make_contact(entry_point, customer_key))
    reply = accept(guest, made, name="x" * 257)
    assert (reply.status_code, reply.json()["errors"][0]["pointer"]) == (400, "/name")
    assert accept(guest, made).status_code == 201
