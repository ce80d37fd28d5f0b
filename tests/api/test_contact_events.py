"""POST /api/v1/contact-events/: Amazon Connect's event source, and nobody else, moves contacts forward."""

from __future__ import annotations

import time
from typing import Any

import pytest
from pytest_django.fixtures import Settings

from contacts.incoming_events import MAX_BYTES
from contacts.models import Contact, ContactEvent, DeadLetter
from tests.contacts_world import EVENTS_KEY, Customer, after, envelope

URL = "/api/v1/contact-events/"


def post(body: Any, key: str = EVENTS_KEY) -> Any:
    """Post as the event source does: no cookie, no origin."""
    return Customer().post(URL, body, X_Events_Key=key)


def test_event_moves_its_contact_forward(contact: Contact) -> None:
    """Should answer 200 and say whether it had been told before."""
    event = envelope(contact.connect_contact_id, "QUEUED", after(1))
    assert post(event).json() == {"duplicate": False}
    contact.refresh_from_db()
    assert (contact.state, contact.version, contact.queued_at) == ("queued", 2, after(1))

    again = post(event)
    assert (again.status_code, again.json()) == (200, {"duplicate": True})
    contact.refresh_from_db()
    assert contact.version == 2


@pytest.mark.parametrize("key", ["", "wrong", EVENTS_KEY + "x"])
def test_event_without_the_key_is_refused(contact: Contact, key: str) -> None:
    """Should store nothing that anybody may have made up."""
    reply = post(envelope(contact.connect_contact_id, "QUEUED", after(1)), key)
    assert (reply.status_code, reply.json()["code"]) == (401, "unauthenticated")
    assert reply["WWW-Authenticate"].startswith("X-Events-Key ")
    assert not ContactEvent.objects.exists()


@pytest.mark.django_db
def test_event_key_is_either_of_two_while_rotating(settings: Settings) -> None:
    """Should accept the old and the new key."""
    settings.CONNECT_EVENTS_KEYS = ["old", "new"]
    replies = [post(envelope("c", "QUEUED", after(1)), key) for key in ("old", "new", "other")]
    assert [reply.status_code for reply in replies] == [200, 200, 401]


@pytest.mark.django_db
def test_event_without_any_configured_key_is_refused(settings: Settings) -> None:
    """Should not take an empty key for a configured one."""
    settings.CONNECT_EVENTS_KEYS = []
    assert post(envelope("c", "QUEUED", after(1)), "").status_code == 401


@pytest.mark.parametrize("body", [{}, [], "text", {"id": "x", "detail": []}])
def test_malformed_event_is_refused_and_kept(body: Any, db: None) -> None:
    """Should say what is missing, and keep it as a dead letter."""
    reply = post(body)
    assert (reply.status_code, reply.json()["code"]) == (400, "invalid")
    assert reply.json()["errors"]
    assert DeadLetter.objects.get().route == "http"


def test_event_that_is_too_large_is_refused_and_noted(db: None) -> None:
    """Should not keep what nobody has sent in good faith, but that it came."""
    reply = post({"id": "x" * MAX_BYTES})
    assert (reply.status_code, reply.json()["code"]) == (413, "too_large")
    assert DeadLetter.objects.get().sealed_body == ""


def test_event_without_the_key_is_no_dead_letter(db: None) -> None:
    """Should let strangers store nothing."""
    assert post({}, "wrong").status_code == 401
    assert not DeadLetter.objects.exists()


def test_event_is_taken_in_quickly(contact: Contact) -> None:
    """Should need under 100 ms of the processor, far from EventBridge's deadline of five seconds."""
    times = []
    for second in range(20):
        event = envelope(contact.connect_contact_id, "CONTACT_DATA_UPDATED", after(second))
        began = time.thread_time()
        assert post(event).status_code == 200
        times.append(time.thread_time() - began)
    assert sorted(times)[len(times) // 2] < 0.1
