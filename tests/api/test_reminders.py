"""People who want to be told when one can call: what they may ask, the one mail they get, and that nothing stays."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.core import mail
from django.core.cache import cache
from django.utils import timezone

import pytest
from pytest_django.fixtures import Settings

from contacts.models import Availability, EntryPoint, Reminder
from contacts.opening_hours import Schedule, Stretch
from contacts.operations import claim_due_reminder
from contacts.operations.reminders import CLAIM, KEPT_AFTER_OPENING, KEPT_CLOSED, too_old
from portal.reminder_mails import IDLE_S, send_due_reminder
from tests.contacts_world import Customer

pytestmark = pytest.mark.django_db(transaction=True)

PATH = "/api/v1/reminders/"
WISH = {"entry_point": "support", "email": "ana@example.com", "locale": "de"}


@pytest.fixture(autouse=True)
def mails(settings: Settings) -> None:
    """A portal that sends mails, without a limit on how many unless a test wants one."""
    settings.SENDS_MAIL = True
    settings.REMINDER_RATE = "100000/min"
    cache.clear()


@pytest.fixture
def opens_at(entry_point: EntryPoint) -> datetime:
    """When the entry point, closed now, opens."""
    return set_hours(entry_point, opens_in=timedelta(hours=2))


def set_hours(entry_point: EntryPoint, *, opens_in: timedelta) -> datetime:
    """Have it open for a day from then on, as Amazon Connect would have said. Returns when."""
    now = timezone.now().replace(microsecond=0)
    opens_at = now + opens_in
    schedule = Schedule(
        "Europe/Berlin",
        until=now + timedelta(days=14),
        openings=(Stretch(opens_at, opens_at + timedelta(days=1)),),
        holidays=(),
    )
    Availability.objects.update_or_create(
        entry_point=entry_point, defaults={"schedule": schedule.to_json()}
    )
    return opens_at


def test_address_is_told_once_it_opens_and_then_forgotten(
    entry_point: EntryPoint, customer: Customer, opens_at: datetime
) -> None:
    """Should write one mail, in the language of who asked, with the way to the page, and keep nothing."""
    reply = customer.post(PATH, WISH)

    assert (reply.status_code, reply["Cache-Control"]) == (201, "no-store")
    assert datetime.fromisoformat(reply.json()["opens_at"]) == opens_at
    assert send_due_reminder() == IDLE_S
    assert mail.outbox == []

    set_hours(entry_point, opens_in=-timedelta(minutes=1))
    Reminder.objects.update(opens_at=timezone.now())
    assert send_due_reminder() == 0
    assert send_due_reminder() == IDLE_S

    [sent] = mail.outbox
    assert sent.to == ["ana@example.com"]
    assert sent.subject == f"Videoanrufe bei {entry_point.company} sind möglich"
    assert "http://testserver/call/support/" in sent.body
    assert not Reminder.objects.exists()


def test_asking_again_is_one_mail(
    entry_point: EntryPoint, customer: Customer, opens_at: datetime
) -> None:
    """Should answer the same, and not say that the address was known."""
    first = customer.post(PATH, WISH)
    again = customer.post(PATH, {**WISH, "locale": "fr"})

    assert (again.status_code, again.json()) == (first.status_code, first.json())
    assert Reminder.objects.get().locale == "fr"


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"email": ""}, "/email"),
        ({"email": "ana"}, "/email"),
        ({"email": "ana@example.com\nBcc: eve@example.com"}, "/email"),
        ({"email": "a" * 300 + "@example.com"}, "/email"),
        ({"locale": "x" * 36}, "/locale"),
        ({"entry_point": "nowhere"}, "/entry_point"),
    ],
)
def test_what_cannot_be_is_refused_by_field(
    customer: Customer, opens_at: datetime, change: dict[str, Any], pointer: str
) -> None:
    """Should say what is wrong, and store nothing."""
    reply = customer.post(PATH, {**WISH, **change})

    assert reply.status_code == 400
    assert pointer in [problem["pointer"] for problem in reply.json()["errors"]]
    assert not Reminder.objects.exists()


@pytest.mark.parametrize("opens_in", [timedelta(hours=-1), None])
def test_there_is_nothing_to_wait_for(
    entry_point: EntryPoint, customer: Customer, opens_in: timedelta | None
) -> None:
    """Should refuse where one can call, and where nobody knows when it opens."""
    if opens_in is None:
        EntryPoint.objects.update(is_open=False)
    else:
        set_hours(entry_point, opens_in=opens_in)

    reply = customer.post(PATH, WISH)

    assert (reply.status_code, reply.json()["errors"][0]["code"]) == (400, "not_closed")


def test_portal_without_mail_promises_none(
    customer: Customer, opens_at: datetime, settings: Settings
) -> None:
    """Should keep no address that nobody will write to."""
    settings.SENDS_MAIL = False

    assert customer.post(PATH, WISH).json()["errors"][0]["code"] == "no_mail"
    assert not Reminder.objects.exists()


def test_mails_are_limited_per_address(
    customer: Customer, opens_at: datetime, settings: Settings
) -> None:
    """Should not be a way to have strangers written to."""
    settings.REMINDER_RATE = "2/hour"
    statuses = [
        customer.post(PATH, {**WISH, "email": f"ana{number}@example.com"}).status_code
        for number in range(3)
    ]

    assert statuses == [201, 201, 429]


def test_opening_that_was_moved_is_waited_for(
    entry_point: EntryPoint, customer: Customer, opens_at: datetime
) -> None:
    """Should not tell anybody to call where it is still closed."""
    customer.post(PATH, WISH)
    later = set_hours(entry_point, opens_in=timedelta(hours=5))
    Reminder.objects.update(opens_at=timezone.now())

    assert send_due_reminder() == IDLE_S
    assert Reminder.objects.get().opens_at == later


def test_two_workers_send_one_mail(
    entry_point: EntryPoint, customer: Customer, opens_at: datetime
) -> None:
    """Should leave a reminder to whoever claimed it, and to others once they had time enough."""
    customer.post(PATH, WISH)
    set_hours(entry_point, opens_in=-timedelta(minutes=1))
    now = timezone.now()
    Reminder.objects.update(opens_at=now)

    assert claim_due_reminder(at=now) is not None
    assert claim_due_reminder(at=now) is None
    assert claim_due_reminder(at=now + CLAIM) is not None


@pytest.mark.parametrize("too_late", [KEPT_AFTER_OPENING, KEPT_CLOSED])
def test_address_is_not_kept_for_a_mail_that_cannot_be_sent(
    customer: Customer, opens_at: datetime, too_late: timedelta
) -> None:
    """Should be forgotten hours after the opening, or a month after the wish if it never opens."""
    customer.post(PATH, WISH)
    if too_late == KEPT_CLOSED:
        Reminder.objects.update(opens_at=timezone.now() + too_late + timedelta(days=1))
        due = timezone.now() + too_late
    else:
        due = opens_at + too_late

    assert not too_old(at=due - timedelta(minutes=1)).exists()
    assert too_old(at=due).exists()
