"""Starts that nobody finished: taken over while the customer waits, else stopped and kept as failed."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

from django.db import connection
from django.utils import timezone

import pytest
from django_tasks_db.models import DBTaskResult
from pytest_django.fixtures import Settings

from contacts import connect as adapter
from contacts import errors, operations, tasks
from contacts.choices import ContactState
from contacts.customers import new_customer_key
from contacts.models import Contact, EntryPoint, Lease
from contacts.operations import CallRequest, StartedCall
from contacts.operations.settling import PATIENCE, settle_next_start, unfinished_for
from contacts.operations.start_asking import start_request_of
from tests.contacts_world import control, make_contact, upstream_contacts
from tests.servers import LocalConnect

pytestmark = pytest.mark.django_db(transaction=True)

REQUEST = CallRequest(name="Ana")
KEY = "click-1"
LONGEST_S = 15  # two attempts of connecting (2 s), reading (4 s) and a pause (1.5 s)


def orphan(entry_point: EntryPoint, customer_key: str, *, age_s: float) -> Contact:
    """A contact whose start began so long ago, and has no process any more."""
    contact = make_contact(entry_point, customer_key, ContactState.REQUESTED)
    contact.participants.update(sealed_token="", sealed_connection="")
    contact.idempotency_key = KEY
    contact.body_hash = REQUEST.digest(entry_point)
    contact.requested_at = timezone.now() - timedelta(seconds=age_s)
    contact.save()
    return contact


def repeat(entry_point: EntryPoint, customer_key: str) -> StartedCall:
    """Make the request again that began the contact."""
    return operations.start_call(
        entry_point=entry_point,
        request=REQUEST,
        customer_key=customer_key,
        idempotency_key=KEY,
        clock=timezone.now,
    )


def settle(later: timedelta = timedelta(0), worker: str = "one") -> bool:
    """Have a worker look, now or later, for a start that nobody finished."""
    return settle_next_start(worker=worker, clock=lambda: timezone.now() + later)


def states(connect: LocalConnect) -> list[str]:
    return [one["state"] for one in upstream_contacts(connect)]


def fail(connect: LocalConnect, operation: str, error: str) -> None:
    fault = {"operation": operation, "error": error, "times": 50}
    control(connect, "POST", "/_local/faults", fault)


def test_repeat_waits_while_the_first_request_may_be_at_work(
    connect: LocalConnect, entry_point: EntryPoint, customer_key: str
) -> None:
    """Should not ask Amazon Connect beside it."""
    orphan(entry_point, customer_key, age_s=LONGEST_S - 5)
    with pytest.raises(errors.IdempotencyInProgress):
        repeat(entry_point, customer_key)
    assert states(connect) == []


@pytest.mark.parametrize("begun", [True, False])
def test_repeat_takes_the_start_over(
    connect: LocalConnect, entry_point: EntryPoint, customer_key: str, begun: bool
) -> None:
    """Should give the customer who waits the call that was begun, or begin it."""
    contact = orphan(entry_point, customer_key, age_s=LONGEST_S + 1)
    if begun:
        adapter.start_webrtc_contact(start_request_of(contact, {}))
    started = repeat(entry_point, customer_key)
    assert started.contact.pk == contact.pk
    assert started.connection["Attendee"]["JoinToken"]
    assert repeat(entry_point, customer_key).connection == started.connection
    assert len(states(connect)) == 1
    assert not settle()
    assert states(connect) != ["ended"]


def test_repeats_at_once_take_the_start_over_once(
    connect: LocalConnect, entry_point: EntryPoint, customer_key: str
) -> None:
    """Should give all of them the one call, or tell them to wait."""
    contact = orphan(entry_point, customer_key, age_s=LONGEST_S + 1)

    def take(_: int) -> str:
        try:
            return str(repeat(entry_point, customer_key).connection["Attendee"]["JoinToken"])
        except errors.IdempotencyInProgress:
            return ""
        finally:
            connection.close()

    with ThreadPoolExecutor(20) as pool:
        tokens = set(pool.map(take, range(20))) - {""}
    assert len(tokens) == len(states(connect)) == 1
    contact.refresh_from_db()
    assert [event.type for event in contact.events.all()] == ["STARTED"]


def test_repeat_that_comes_too_late_is_told_so(
    connect: LocalConnect, entry_point: EntryPoint, customer_key: str
) -> None:
    """Should settle the start itself, should no worker have done it."""
    contact = orphan(entry_point, customer_key, age_s=2 * LONGEST_S + 1)
    adapter.start_webrtc_contact(start_request_of(contact, {}))
    for _ in range(2):
        with pytest.raises(errors.UnableToStartCall) as caught:
            repeat(entry_point, customer_key)
        assert caught.value.code == "upstream_unavailable"
    assert states(connect) == ["ended"]


@pytest.mark.parametrize("replay", ["full", "contact_id_only"])
def test_worker_stops_what_nobody_waits_for(
    connect: LocalConnect, entry_point: EntryPoint, customer_key: str, replay: str
) -> None:
    """Should know by the client token which contact that is, and keep its id."""
    control(connect, "PATCH", "/_local/settings", {"replay": replay})
    contact = orphan(entry_point, customer_key, age_s=60)
    begun = adapter.start_webrtc_contact(start_request_of(contact, {}))
    assert settle()
    contact.refresh_from_db()
    assert (contact.state, contact.failure_code) == (ContactState.FAILED, "upstream_unavailable")
    assert contact.connect_contact_id == begun.contact_id
    assert states(connect) == ["ended"]
    assert [event.type for event in contact.events.all()] == ["END_REQUESTED", "START_FAILED"]


@pytest.mark.parametrize("operation", ["StartWebRTCContact", "StopContact"])
def test_worker_tries_again_until_its_patience_ends(
    connect: LocalConnect, entry_point: EntryPoint, customer_key: str, operation: str
) -> None:
    """Should leave the start to a later round while Amazon Connect cannot be asked, and reach an end whatever it does."""
    contact = orphan(entry_point, customer_key, age_s=60)
    fail(connect, operation, "InternalServiceException")
    for after in (timedelta(0), timedelta(seconds=31)):
        with pytest.raises(errors.ConnectUnavailable):
            settle(after)
        contact.refresh_from_db()
        assert contact.state == ContactState.REQUESTED
    assert not settle(timedelta(seconds=32))

    assert settle(PATIENCE)

    contact.refresh_from_db()
    assert contact.state == ContactState.FAILED


def test_start_is_not_settled_while_its_customer_may_ask_again(
    connect: LocalConnect, entry_point: EntryPoint, customer_key: str
) -> None:
    """Should leave it alone until nobody waits, and to one worker then."""
    contact = orphan(entry_point, customer_key, age_s=unfinished_for().total_seconds() - 5)
    assert not settle()
    assert not Lease.objects.exists()

    another = orphan(entry_point, new_customer_key(), age_s=60)
    assert settle()
    assert not settle(timedelta(seconds=10), "two")
    assert settle(timedelta(seconds=10))

    for one in (contact, another):
        one.refresh_from_db()
        assert one.state == ContactState.FAILED


def test_token_that_has_lost_its_meaning_is_not_used(
    connect: LocalConnect, entry_point: EntryPoint, customer_key: str
) -> None:
    """Should begin no second contact after seven days."""
    contact = orphan(entry_point, customer_key, age_s=7 * 24 * 3600)
    assert settle()
    contact.refresh_from_db()
    assert (contact.state, states(connect)) == (ContactState.FAILED, [])


def test_request_that_outlives_its_deadline_finds_its_start_given_up(
    connect: LocalConnect, entry_point: EntryPoint
) -> None:
    """Should tell its customer what the key tells from then on."""

    def clock_that_sees_the_worker() -> object:
        for contact in Contact.objects.filter(state=ContactState.REQUESTED):
            operations.settle_start(contact=contact, clock=timezone.now)
        return timezone.now()

    with pytest.raises(errors.UnableToStartCall):
        operations.start_call(
            entry_point=entry_point,
            request=REQUEST,
            customer_key=new_customer_key(),
            clock=clock_that_sees_the_worker,  # type: ignore[arg-type]
        )
    assert Contact.objects.get().state == ContactState.FAILED
    assert states(connect) == ["ended"]


def test_contact_begun_for_a_start_without_answer_is_stopped(
    connect: LocalConnect, entry_point: EntryPoint, customer_key: str, settings: Settings
) -> None:
    """Should leave nobody in the queue whom Amazon Connect began too late to tell of."""
    settings.CONNECT_READ_TIMEOUT_S, settings.CONNECT_ATTEMPTS = 0.3, 1
    fault = {"operation": "StartWebRTCContact", "delay_ms": 500, "drop": "after", "times": 1}
    control(connect, "POST", "/_local/faults", fault)
    with pytest.raises(errors.UnableToStartCall):
        repeat(entry_point, customer_key)
    settings.CONNECT_READ_TIMEOUT_S = 4
    contact = Contact.objects.get()
    left = DBTaskResult.objects.get(task_path="contacts.tasks.stop_unanswered_start")
    assert left.args_kwargs["args"] == [str(contact.pk), 1]

    tasks.stop_unanswered_start.func(str(contact.pk), 1)

    contact.refresh_from_db()
    assert contact.state == ContactState.FAILED
    assert [one["id"] for one in upstream_contacts(connect)] == [contact.connect_contact_id]
    assert states(connect) == ["ended"]
