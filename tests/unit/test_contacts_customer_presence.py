"""Who counts as gone, for how long, and what is done about it."""

from __future__ import annotations

import pytest
from django_tasks_db.models import DBTaskResult

from contacts.choices import ContactState, EndedBy
from contacts.models import Contact, EntryPoint
from contacts.operations import customer_presence, note_customer_asking
from tests.contacts_world import NOON, Customer, after, make_contact
from tests.servers import LocalConnect

pytestmark = pytest.mark.django_db

GRACE_S = 10


def end_at(second: float) -> int:
    """Look for abandoned calls at that second."""
    return customer_presence.end_abandoned_calls(clock=lambda: after(second))


def seen(contact: Contact, second: float) -> None:
    """Let the contact's page show itself."""
    customer_presence.note_customers_present(contact_ids=[contact.pk], at=after(second))


def left(contact: Contact, second: float) -> None:
    """Let the contact's page go."""
    customer_presence.note_customer_left(contact_id=contact.pk, at=after(second))


def test_call_is_ended_once_its_customer_stayed_away(contact: Contact) -> None:
    """Should ask for the end on the customer's behalf, once, and leave it to the worker."""
    seen(contact, 0)
    left(contact, 5)

    assert [end_at(5 + GRACE_S - 1), end_at(5 + GRACE_S), end_at(5 + GRACE_S + 1)] == [0, 1, 0]

    contact.refresh_from_db()
    assert (contact.end_requested_by, contact.end_requested_at) == (EndedBy.CUSTOMER, after(15))
    assert DBTaskResult.objects.get().args_kwargs["args"] == [str(contact.pk), 1]


def test_only_calls_that_wait_are_kept_an_eye_on(
    entry_point: EntryPoint, customer_key: str
) -> None:
    """Should say of which calls it matters who watches, so that a server need not tell of the others again."""
    waiting = make_contact(entry_point, customer_key, ContactState.QUEUED)
    talking = make_contact(entry_point, customer_key, ContactState.CONNECTED)

    told = [waiting.pk, talking.pk]

    assert customer_presence.note_customers_present(contact_ids=told, at=NOON) == {waiting.pk}


def test_customer_who_comes_back_in_time_keeps_the_call(contact: Contact) -> None:
    """Should forget the leaving."""
    left(contact, 5)
    seen(contact, 9)

    assert end_at(60) == 0


@pytest.mark.parametrize("state", [ContactState.CONNECTED, ContactState.ENDED])
def test_call_that_waits_no_longer_is_left_alone(
    entry_point: EntryPoint, customer_key: str, state: ContactState
) -> None:
    """Should neither note nor end: people who talk may close what they like."""
    contact = make_contact(entry_point, customer_key, state)
    left(contact, 5)
    assert end_at(60) == 0
    contact.refresh_from_db()
    assert contact.customer_left_at is None


def test_call_without_a_page_is_left_alone(contact: Contact, customer: Customer) -> None:
    """Should not begin to expect a page because a client reads the contact over HTTP."""
    customer.get(f"/api/v1/contacts/{contact.pk}/")
    customer_presence.note_customers_unseen(at=after(60))

    assert end_at(120) == 0


def test_page_that_asks_over_http_is_there(contact: Contact, customer: Customer) -> None:
    """Should count for a page that cannot have a socket."""
    contact.customer_left_at = NOON  # as of a page that was given the call
    contact.save()

    note_customer_asking(contact=contact, at=after(8))

    assert end_at(18) == 0
    customer_presence.note_customers_unseen(at=after(21))
    assert end_at(21) == 1  # the page went when it was last seen


@pytest.mark.django_db(transaction=True)
def test_page_that_was_given_a_call_is_expected_once(
    connect: LocalConnect, entry_point: EntryPoint, customer: Customer
) -> None:
    """Should count it as gone until it shows itself, and no more when it asks for the same call again. A program is no page."""
    wish = {"entry_point": entry_point.slug, "name": "Ana"}
    page = {"Sec_Fetch_Site": "same-origin", "Idempotency_Key": "click-1"}
    contact = Contact.objects.get(pk=customer.post("/api/v1/contacts/", wish, **page).json()["id"])
    assert contact.customer_left_at is not None

    customer_presence.note_customers_present(contact_ids=[contact.pk], at=contact.customer_left_at)
    repeated = customer.post("/api/v1/contacts/", wish, **page)
    by_program = customer.post("/api/v1/contacts/", wish, Idempotency_Key="click-2")

    assert repeated["Idempotent-Replayed"] == "true"
    assert by_program.status_code == 201
    assert not Contact.objects.filter(customer_left_at__isnull=False).exists()


def test_page_whose_process_died_counts_from_when_it_was_last_seen(contact: Contact) -> None:
    """Should leave time to find another process first."""
    seen(contact, 0)

    customer_presence.note_customers_unseen(at=after(11))
    assert end_at(11) == 0
    customer_presence.note_customers_unseen(at=after(12))
    assert end_at(12) == 1
