"""Events of the contacts that Amazon Connect makes for further people: kept with the call, without an effect on it."""

from __future__ import annotations

import itertools
import uuid
from datetime import datetime
from typing import Any

from django.db import transaction

import pytest

from contacts import operations
from contacts.choices import ContactState
from contacts.models import Contact, ContactEvent, Invitation, Participant
from contacts.operations import IncomingEvent
from contacts.operations.inviting import LONGEST_LIFE, take_place
from contacts.sealing import seal
from tests.contacts_world import NOON, after, envelope

pytestmark = pytest.mark.django_db(transaction=True)

GUESTS_CONTACT = "99999999-0000-4000-8000-000000000001"


def guest_of(contact: Contact, *, let_in_at: datetime = NOON) -> Participant:
    """Somebody in the call whom Amazon Connect has given a contact of their own."""
    made = take_place(
        contact=contact,
        draft=Invitation(
            created_at=NOON, expires_at=NOON + LONGEST_LIFE, accepted_at=NOON, guest_name="Gil"
        ),
        body=["person"],
        idempotency_key=None,
        at=NOON,
    )
    return Participant.objects.create(
        contact=contact,
        invitation=made.invitation,
        role="guest",
        client_token=uuid.uuid4(),
        connect_id=str(uuid.uuid4()),
        sealed_token=seal("canary"),
        sealed_connection=seal({}),
        created_at=let_in_at,
        joined_at=let_in_at,
    )


def tell(
    contact: Contact,
    kind: str,
    at: datetime,
    *,
    about: str = GUESTS_CONTACT,
    method: str = "WEBRTC_API",
    begun_at: datetime = NOON,
) -> None:
    """Have Amazon Connect tell of another contact of the call."""
    body = envelope(
        about,
        kind,
        at,
        initialContactId=contact.connect_contact_id,
        previousContactId=contact.connect_contact_id,
        initiationMethod=method,
        initiationTimestamp=begun_at.isoformat(),
    )
    operations.apply_contact_event(event=IncomingEvent.from_envelope(body), at=at)


def test_events_of_a_guest_are_kept_with_the_call(contact: Contact) -> None:
    """Should be in the call's record, under the guest's contact, and leave the call as it is."""
    tell(contact, "INITIATED", after(1))
    tell(contact, "CONNECTED_TO_SYSTEM", after(2))
    tell(contact, "DISCONNECTED", after(3))
    contact.refresh_from_db()

    assert (contact.state, contact.version) == (ContactState.INITIATED, 1)
    rows = ContactEvent.objects.filter(contact=contact)
    assert {row.connect_contact_id for row in rows} == {GUESTS_CONTACT}
    assert rows.count() == 3
    assert not ContactEvent.objects.parked().exists()


def test_end_of_a_guests_contact_is_their_leaving(contact: Contact) -> None:
    """Should note when they left, forget their secrets, and tell it."""
    guest = guest_of(contact)
    tell(contact, "INITIATED", after(1), begun_at=after(1))
    tell(contact, "DISCONNECTED", after(60), begun_at=after(1))
    guest.refresh_from_db()
    contact.refresh_from_db()

    assert guest.connect_contact_id == GUESTS_CONTACT
    assert guest.left_at == after(60)
    assert (guest.sealed_token, guest.sealed_connection) == ("", "")
    assert contact.state == ContactState.INITIATED
    assert "GUEST_LEFT" in contact.events.values_list("type", flat=True)
    assert guest.invitation is not None
    assert guest.invitation.place == 1


KINDS = ("INITIATED", "CONNECTED_TO_SYSTEM", "DISCONNECTED", "COMPLETED")


@pytest.mark.parametrize("order", list(itertools.permutations(KINDS)))
def test_order_of_a_guests_events_does_not_matter(
    contact: Contact, order: tuple[str, ...]
) -> None:
    """Should end with the guest gone and the call as it was, however often each is told."""
    guest = guest_of(contact)
    for kind in (*order, *order):
        tell(contact, kind, after(1 + KINDS.index(kind)), begun_at=after(1))
    guest.refresh_from_db()
    contact.refresh_from_db()
    assert (guest.left_at is not None, guest.connect_contact_id) == (True, GUESTS_CONTACT)
    assert contact.state == ContactState.INITIATED


def test_guest_is_not_guessed(contact: Contact) -> None:
    """Should let nobody go while two might be meant, or nobody."""
    two = [guest_of(contact), guest_of(contact, let_in_at=after(2))]
    tell(contact, "DISCONNECTED", after(60), begun_at=after(1))
    tell(contact, "DISCONNECTED", after(61), about="other", begun_at=after(3600))
    for guest in two:
        guest.refresh_from_db()
        assert (guest.left_at, guest.connect_contact_id) == (None, "")


@pytest.mark.parametrize("method", ["TRANSFER", "MONITOR"])
def test_colleague_or_supervisor_is_no_guest(contact: Contact, method: str) -> None:
    """Should keep their events and let no guest go for them."""
    guest = guest_of(contact)
    tell(contact, "DISCONNECTED", after(60), method=method, begun_at=after(1))
    guest.refresh_from_db()
    assert guest.left_at is None
    assert ContactEvent.objects.get(type="DISCONNECTED").contact == contact


def test_stranger_is_parked(contact: Contact) -> None:
    """Should keep an event of a call that is not ours apart, as before."""
    body: dict[str, Any] = envelope("x", "INITIATED", after(1), initialContactId="y")
    with transaction.atomic():
        operations.apply_contact_event(event=IncomingEvent.from_envelope(body), at=after(1))
    assert ContactEvent.objects.parked().count() == 1


def test_earlier_stay_of_a_guest_is_told_from_the_later(contact: Contact) -> None:
    """Should not take the end of the contact a guest had before for the end of the one they have now."""
    earlier = guest_of(contact)
    tell(contact, "INITIATED", after(1), begun_at=after(1))
    Participant.objects.filter(pk=earlier.pk).update(
        left_at=after(30), sealed_token="", sealed_connection=""
    )
    later = Participant.objects.create(
        contact=contact,
        invitation=earlier.invitation,
        role="guest",
        client_token=uuid.uuid4(),
        created_at=after(31),
    )
    tell(contact, "INITIATED", after(32), about="later", begun_at=after(31))
    tell(contact, "DISCONNECTED", after(33), begun_at=after(1))
    later.refresh_from_db()
    assert (later.left_at, later.connect_contact_id) == (None, "later")
