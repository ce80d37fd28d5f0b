"""What is not kept: personal data of calls long ended, events of strangers, finished work. Counts stay."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from typing import Any

from django.core import serializers
from django.db.models import F
from django.utils import timezone

import pytest
from django_tasks_db.models import DBTaskResult

from contacts.choices import ContactState, EventRoute, EventSource, ParticipantRole, PortalEvent
from contacts.customers import new_customer_key
from contacts.facts import ContactFacts
from contacts.follow_ups import FollowUp, leave
from contacts.models import (
    CallbackRequest,
    Contact,
    ContactEvent,
    DeadLetter,
    EntryPoint,
    Invitation,
    Lease,
    Participant,
    Reference,
    Survey,
)
from contacts.operations import (
    CallbackWish,
    cancel_callback,
    erase_contact,
    keep_dead_letter,
    request_callback,
    retention,
)
from contacts.operations.facts_applying import apply_facts
from contacts.operations.retention import LEASE_LENGTH, forget_what_is_old
from tests.contacts_world import NOON, make_contact

pytestmark = pytest.mark.django_db(transaction=True)

CANARY = "canary"
DAY = timedelta(days=1)


def forget(at: datetime, worker: str = "one") -> bool:
    """Let a worker go one round."""
    return forget_what_is_old(worker=worker, clock=lambda: at)


def revealing(entry_point: EntryPoint, state: ContactState = ContactState.ENDED) -> Contact:
    """A contact, over since noon, that has personal data wherever there can be some."""
    contact = make_contact(entry_point, new_customer_key(), state)
    Contact.objects.filter(pk=contact.pk).update(
        name=CANARY,
        description=CANARY,
        attributes={"web_note": CANARY},
        locale=CANARY,
        identity_subject=CANARY,
        idempotency_key=CANARY,
        body_hash=CANARY,
    )
    contact.participants.update(display_name=CANARY)
    Participant.objects.create(
        contact=contact, role=ParticipantRole.AGENT, display_name="Robin", created_at=NOON
    )
    Reference.objects.create(contact=contact, key="order", type="STRING", value=CANARY)
    Survey.objects.create(contact=contact, rating=4, comment=CANARY, submitted_at=NOON)
    Invitation.objects.create(
        contact=contact,
        guest_name=CANARY,
        guest_key_hash=CANARY,
        idempotency_key=CANARY,
        accepted_at=NOON,
        created_at=NOON,
        expires_at=NOON + DAY,
    )
    ContactEvent.objects.create(
        event_id=f"event-{contact.pk}",
        contact=contact,
        connect_contact_id=contact.connect_contact_id or "",
        source=EventSource.CONNECT,
        type="QUEUED",
        occurred_at=NOON,
        received_at=NOON,
        detail={"eventType": "QUEUED", "note": CANARY},
    )
    contact.refresh_from_db()
    return contact


def everything() -> str:
    """Every row of the domain, as text."""
    models: list[Any] = [
        *(Contact, Participant, Reference, Survey, Invitation, ContactEvent, CallbackRequest),
    ]
    return "".join(serializers.serialize("json", model.objects.all()) for model in models)


def test_personal_data_goes_after_its_days_and_counts_stay(entry_point: EntryPoint) -> None:
    """Should leave no trace of who it was, and keep states, times, ratings and the agent."""
    contact = revealing(entry_point)
    assert not forget(NOON + 30 * DAY - timedelta(seconds=1))
    assert CANARY in everything()

    forget(NOON + 30 * DAY)

    assert CANARY not in everything()
    contact.refresh_from_db()
    assert (contact.state, contact.ended_at, contact.version) == ("ended", NOON, 2)
    assert contact.customer_key_hash == ""
    assert contact.participants.get(role=ParticipantRole.AGENT).display_name == "Robin"
    assert contact.survey.rating == 4
    assert [one.type for one in contact.events.all()] == ["QUEUED", PortalEvent.ERASED]
    forget(NOON + 31 * DAY)
    contact.refresh_from_db()
    assert (contact.version, contact.events.count()) == (2, 2)


def test_calls_under_way_are_left_alone(entry_point: EntryPoint) -> None:
    """Should not take a long call's name away, nor that of one that ended lately."""
    revealing(entry_point, ContactState.CONNECTED)
    lately = revealing(entry_point)
    Contact.objects.filter(pk=lately.pk).update(ended_at=NOON + 99 * DAY)
    forget(NOON + 100 * DAY)
    assert Contact.objects.filter(name=CANARY).count() == 2


def test_failed_calls_are_erased_too(entry_point: EntryPoint) -> None:
    """Should go by when they failed."""
    revealing(entry_point, ContactState.FAILED)
    forget(NOON + 30 * DAY)
    assert CANARY not in everything()


def test_data_is_erased_on_request(entry_point: EntryPoint) -> None:
    """Should erase at once what is over, and repeat nothing."""
    contact = revealing(entry_point)
    assert erase_contact(contact=contact, at=NOON + DAY)
    assert erase_contact(contact=contact, at=NOON + 2 * DAY)
    assert CANARY not in everything()
    assert (contact.erased_at, contact.erase_requested_at) == (NOON + DAY, NOON + DAY)
    assert contact.events.filter(type=PortalEvent.ERASED).count() == 1


def test_request_during_a_call_is_fulfilled_after_it(entry_point: EntryPoint) -> None:
    """Should let the call go on, and erase within a round of its end."""
    contact = revealing(entry_point, ContactState.CONNECTED)
    assert not erase_contact(contact=contact, at=NOON)
    assert contact.name == CANARY

    apply_facts(contact=contact, facts=ContactFacts(ended_at=NOON + DAY), at=NOON + DAY)
    forget(NOON + DAY)

    assert CANARY not in everything()


def test_many_are_erased_in_batches(
    entry_point: EntryPoint, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Should say that there is more to do, and come to an end."""
    monkeypatch.setattr(retention, "CONTACTS_AT_ONCE", 2)
    for _ in range(3):
        revealing(entry_point)
    assert forget(NOON + 30 * DAY)
    assert Contact.objects.filter(erased_at=None).count() == 1
    assert not forget(NOON + 30 * DAY)
    assert not Contact.objects.filter(erased_at=None).exists()


def test_one_worker_forgets_at_a_time(entry_point: EntryPoint) -> None:
    """Should leave it to the holder of the lease."""
    forget(NOON)
    revealing(entry_point)
    assert not forget(NOON + LEASE_LENGTH / 2, "two")
    assert Lease.objects.get().holder == "one"


def test_callback_requests_are_erased_whether_or_not_anybody_called(
    entry_point: EntryPoint,
) -> None:
    """Should close what nobody called, and keep what staff did."""
    for number in range(2):
        request_callback(
            entry_point=entry_point,
            wish=CallbackWish(phone=f"+4930123456{number}", name=CANARY, reason=CANARY),
            customer_key=new_customer_key(),
            idempotency_key=CANARY,
            at=NOON,
        )
    first = CallbackRequest.objects.get(phone="+49301234560")
    cancel_callback(callback=first, at=NOON + DAY)
    forget(NOON + 30 * DAY)
    states = CallbackRequest.objects.order_by("state").values_list("state", "phone")
    assert list(states) == [("cancelled", ""), ("expired", "")]
    assert CANARY not in everything()


def test_finished_tasks_are_deleted_and_waiting_ones_kept(entry_point: EntryPoint) -> None:
    """Should keep failures, and what a killed worker left, for two weeks."""
    contact = make_contact(entry_point, new_customer_key())
    for _ in range(4):
        leave(FollowUp.REFRESH, contact)
    now = timezone.now()
    done, failed, running, _ready = DBTaskResult.objects.order_by("enqueued_at")
    tasks = DBTaskResult.objects
    tasks.filter(pk=done.pk).update(status="SUCCESSFUL", finished_at=now)
    tasks.filter(pk=failed.pk).update(status="FAILED", finished_at=now)
    tasks.filter(pk=running.pk).update(status="RUNNING")

    forget(now + timedelta(minutes=59))
    assert tasks.count() == 4
    forget(now + timedelta(minutes=61))
    assert tasks.count() == 3
    forget(now + 15 * DAY)
    assert [one.status for one in tasks.all()] == ["READY"]


def test_letters_and_parked_events_expire_without_traffic(db: None) -> None:
    """Should delete what nobody claimed for two weeks."""
    keep_dead_letter(body=b"{", route=EventRoute.HTTP, reason="broken", at=NOON)
    ContactEvent.objects.create(
        event_id="of-a-stranger",
        connect_contact_id="stranger",
        source=EventSource.CONNECT,
        type="QUEUED",
        occurred_at=NOON,
        received_at=NOON,
        detail=json.loads("{}"),
    )
    forget(NOON + 13 * DAY)
    assert (DeadLetter.objects.count(), ContactEvent.objects.count()) == (1, 1)
    forget(NOON + 14 * DAY)
    assert (DeadLetter.objects.count(), ContactEvent.objects.count()) == (0, 0)


def test_owner_of_an_erased_call_is_nobody(entry_point: EntryPoint) -> None:
    """Should let two erased calls share no owner: an empty key belongs to no browser."""
    for _ in range(2):
        erase_contact(contact=revealing(entry_point), at=NOON + DAY)
    assert (
        Contact.objects.filter(customer_key_hash=F("body_hash"), erased_at__isnull=False).count()
        == 2
    )
