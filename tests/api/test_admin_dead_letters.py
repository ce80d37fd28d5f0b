"""Dead letters in the admin: the reason is shown, what they say is not, and they can be redriven by who may."""

from __future__ import annotations

import json
from typing import Any

from django.contrib.auth import get_user_model
from django.contrib.auth.models import Permission
from django.test import Client

import pytest

from contacts.models import Contact, DeadLetter
from contacts.sealing import seal
from tests.contacts_world import EVENTS_KEY, Customer, after, envelope

LIST = "/admin/contacts/deadletter/"
BODY = {"id": "e", "detail": {"phone": "canary"}}


@pytest.fixture
def letter(db: None) -> DeadLetter:
    """What was posted by somebody who has the key, and is no contact event."""
    Customer().post("/api/v1/contact-events/", BODY, X_Events_Key=EVENTS_KEY)
    return DeadLetter.objects.get()


def staff(*permissions: str) -> Client:
    """The browser of a member of staff with these permissions."""
    user = get_user_model().objects.create_user("staff", is_staff=True)
    user.user_permissions.set(Permission.objects.filter(codename__in=permissions))
    client = Client()
    client.force_login(user)
    return client


def redrive(client: Client, letter: DeadLetter) -> Any:
    body = {"action": "redrive", "_selected_action": [str(letter.pk)]}
    return client.post(LIST, body, follow=True)


def test_letter_is_shown_with_its_reason_and_nothing_it_says(letter: DeadLetter) -> None:
    """Should tell staff what to look for at the source."""
    client = staff("view_deadletter")
    for address in (LIST, f"{LIST}{letter.pk}/change/"):
        page = client.get(address).content.decode()
        assert "/detail/contactId" in page
        assert "canary" not in page
        assert letter.sealed_body not in page


def test_letter_is_redriven(letter: DeadLetter, contact: Contact) -> None:
    """Should count as the event that it is once it can be read."""
    client = staff("view_deadletter", "redrive_deadletter")
    assert "1 letter is still refused" in redrive(client, letter).content.decode()

    body = json.dumps(envelope(contact.connect_contact_id, "QUEUED", after(1)))
    DeadLetter.objects.update(sealed_body=seal(body))
    assert "1 event taken in" in redrive(client, letter).content.decode()
    contact.refresh_from_db()
    assert contact.state == "queued"
    assert not DeadLetter.objects.exists()


def test_letter_is_not_redriven_without_the_permission(letter: DeadLetter) -> None:
    """Should let staff look without letting them change contacts."""
    redrive(staff("view_deadletter"), letter)
    assert DeadLetter.objects.get().redriven_at is None


def test_letter_is_given_up_by_who_may(letter: DeadLetter) -> None:
    """Should be deleted with the permission to, and not without."""
    address = f"{LIST}{letter.pk}/delete/"
    client = staff("view_deadletter")
    assert client.post(address, {"post": "yes"}).status_code == 403
    user = get_user_model().objects.get()
    user.user_permissions.add(Permission.objects.get(codename="delete_deadletter"))
    assert client.post(address, {"post": "yes"}).status_code == 302
    assert not DeadLetter.objects.exists()
