"""A customer has what is kept of them deleted: their own, at once, or as soon as the call is over."""

from __future__ import annotations

import pytest

from contacts.choices import ContactState
from contacts.models import Contact, EntryPoint
from tests.contacts_world import Customer, make_contact

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("configuration")]


def erase(customer: Customer, contact: Contact) -> tuple[int, object]:
    answer = customer.client.delete(f"/api/v1/contacts/{contact.pk}/")
    return answer.status_code, answer.json().get("erased")


def test_call_that_is_over_is_nobodys_at_once(
    entry_point: EntryPoint, customer_key: str, customer: Customer
) -> None:
    """Should erase it, and know its customer no more."""
    contact = make_contact(entry_point, customer_key, ContactState.ENDED)

    assert erase(customer, contact) == (200, True)
    contact.refresh_from_db()
    assert (contact.name, contact.customer_key_hash) == ("", "")
    assert erase(customer, contact)[0] == 404
    assert customer.get(f"/help/call/{contact.reference}/").status_code == 404


def test_call_that_goes_on_is_erased_when_it_is_over(contact: Contact, customer: Customer) -> None:
    """Should keep the wish, and the call its customer."""
    assert erase(customer, contact) == (200, False)
    contact.refresh_from_db()
    assert contact.erase_requested_at is not None
    assert contact.name == "Ana"


def test_stranger_erases_nothing(contact: Contact, stranger: Customer) -> None:
    """Should tell another customer that there is no such call."""
    assert erase(stranger, contact)[0] == 404
    contact.refresh_from_db()
    assert contact.erase_requested_at is None
