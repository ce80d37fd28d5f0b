"""What cannot be read as a contact event is kept, within bounds, and can be taken in again."""

from __future__ import annotations

import json
from typing import Any

import pytest
from cryptography.fernet import Fernet
from pytest_django.fixtures import Settings

from contacts import operations
from contacts.choices import EventRoute
from contacts.errors import InvalidCall
from contacts.incoming_events import MAX_BYTES
from contacts.models import Contact, ContactEvent, DeadLetter
from contacts.operations import dead_letters, inbox
from contacts.sealing import seal
from tests.contacts_world import after, envelope

DAY = 24 * 3600


def take(body: bytes, seconds: float = 0) -> bool:
    """Take a body in as the queue's consumer does."""
    return operations.take_event(body=body, route=EventRoute.QUEUE, at=after(seconds))


def refuse(body: bytes, seconds: float = 0) -> DeadLetter:
    """Have a body refused; return its letter."""
    with pytest.raises(InvalidCall):
        take(body, seconds)
    return DeadLetter.objects.get(last_received_at=after(seconds))


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"", "no JSON"),
        (b"not json", "no JSON"),
        (b"\xff\xfe", "no JSON"),
        (b'{"id": NaN}', "no JSON"),
        (b"[" * 60_000, "no JSON"),
        (b"7", "/id"),
        (b'{"id": "e"}', "/detail/contactId"),
        (b" " * (MAX_BYTES + 1), "at most 65,536 bytes"),
    ],
)
def test_what_is_no_contact_event_is_kept_with_its_reason(body: bytes, reason: str) -> None:
    """Should say why, and how it came."""
    letter = refuse(body)
    assert reason in letter.reason
    assert (letter.route, letter.size, letter.times) == ("queue", len(body), 1)
    assert bool(letter.sealed_body) == (len(body) <= MAX_BYTES)


@pytest.mark.django_db
def test_letter_tells_nobody_what_it_says(caplog: pytest.LogCaptureFixture) -> None:
    """Should keep the body sealed, and out of the log and the reason."""
    refuse(json.dumps({"id": "e", "detail": {"phone": "canary-4711"}}).encode())
    assert "canary" not in json.dumps(list(DeadLetter.objects.values()), default=str)
    assert "contact_event_refused" in caplog.text
    assert "canary" not in "".join(str(vars(record)) for record in caplog.records)


@pytest.mark.django_db
def test_letter_that_comes_again_is_counted() -> None:
    """Should be one row, however often its source repeats it."""
    refuse(b"{}")
    letter = refuse(b"{}", 60)
    assert (letter.times, letter.first_received_at) == (2, after(0))


@pytest.mark.django_db
def test_letters_are_forgotten_in_the_end() -> None:
    """Should go when they have lain for too long."""
    refuse(b"old", -dead_letters.KEPT_FOR.total_seconds() - 1)
    young = refuse(b"young", -60)
    newest = refuse(b"newest")
    assert list(DeadLetter.objects.all()) == [newest, young]


@pytest.mark.django_db
def test_oldest_letters_make_room() -> None:
    """Should never be more than a bounded number."""
    DeadLetter.objects.bulk_create(
        DeadLetter(
            body_hash=str(number),
            size=1,
            route=EventRoute.HTTP,
            first_received_at=after(number),
            last_received_at=after(number),
        )
        for number in range(dead_letters.MAX_KEPT)
    )
    refuse(b"newest", 5000)
    assert DeadLetter.objects.count() == dead_letters.MAX_KEPT
    assert not DeadLetter.objects.filter(body_hash="0").exists()
    assert DeadLetter.objects.filter(body_hash="1").exists()


def test_letter_that_can_be_read_now_is_taken_in(contact: Contact) -> None:
    """Should count as the event that it is, as after an update of the portal, and once."""
    letter = refuse(b"{}")
    body = json.dumps(envelope(contact.connect_contact_id, "QUEUED", after(1)))
    DeadLetter.objects.update(sealed_body=seal(body))
    letter.refresh_from_db()

    assert operations.redrive_dead_letter(letter=letter, at=after(9)) is True
    contact.refresh_from_db()
    assert contact.state == "queued"
    assert not DeadLetter.objects.exists()
    assert take(body.encode()) is False


@pytest.mark.django_db
@pytest.mark.parametrize("body", [b"{}", b" " * (MAX_BYTES + 1)])
def test_letter_that_cannot_be_read_stays(body: bytes) -> None:
    """Should stay with its reason and the time it was tried."""
    letter = refuse(body)
    assert operations.redrive_dead_letter(letter=letter, at=after(9)) is False
    stays = DeadLetter.objects.get()
    assert (stays.redriven_at, stays.reason) == (after(9), letter.reason)


@pytest.mark.django_db
def test_letter_whose_key_is_gone_says_so(settings: Settings) -> None:
    """Should name what is missing."""
    letter = refuse(b"{}")
    settings.TOKEN_ENCRYPTION_KEYS = [Fernet.generate_key().decode()]
    assert operations.redrive_dead_letter(letter=letter, at=after(9)) is False
    assert "TOKEN_ENCRYPTION_KEYS" in DeadLetter.objects.get().reason


@pytest.mark.django_db
def test_events_of_strangers_are_not_parked_for_ever() -> None:
    """Should go when they have waited longer than any of our contacts could need them, and only then."""

    def park(seconds: float) -> Any:
        event = operations.IncomingEvent.from_envelope(envelope("stranger", "QUEUED", after(1)))
        operations.apply_contact_event(event=event, at=after(seconds))
        return event.event_id

    park(0)
    second = park(DAY)
    third = park(inbox.PARKED_FOR.total_seconds() + 1)
    assert set(ContactEvent.objects.values_list("event_id", flat=True)) == {second, third}
