"""What the worker does later: learn why a contact ended, and end what could not be ended."""

from __future__ import annotations

from django.db import transaction
from django.db.models.signals import post_save
from django.utils import timezone

import pytest
from django_tasks_db.management.commands.db_worker import Worker
from django_tasks_db.models import DBTaskResult

from contacts import connect as adapter
from contacts import errors, operations, tasks
from contacts.choices import ContactState, EndedBy, EndReason, EventSource, PortalEvent
from contacts.customers import new_customer_key
from contacts.models import Contact, ContactEvent, EntryPoint
from contacts.operations import CallRequest, IncomingEvent
from tests.contacts_world import control, envelope, upstream_contacts
from tests.servers import LocalConnect

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def call(connect: LocalConnect, entry_point: EntryPoint) -> Contact:
    """A call that waits for an agent."""
    return begin(entry_point)


def begin(entry_point: EntryPoint) -> Contact:
    """Start a call."""
    return operations.start_call(
        entry_point=entry_point,
        request=CallRequest(name="Ana"),
        customer_key=new_customer_key(),
        clock=timezone.now,
    ).contact


def work() -> None:
    """Let the worker do what there is to do now."""
    worker = Worker(
        queue_names=["default"],
        excluded_queue_names=[],
        interval=0,
        batch=True,
        backend_name="default",
        startup_delay=False,
        max_tasks=None,
        worker_id="worker-of-the-tests",
    )
    worker.run()


def fail(connect: LocalConnect, operation: str, error: str, times: int = 50) -> None:
    """Have the embedded Connect fail."""
    fault = {"operation": operation, "error": error, "times": times}
    control(connect, "POST", "/_local/faults", fault)


def test_worker_learns_why_a_contact_ended(connect: LocalConnect, call: Contact) -> None:
    """Should ask Amazon Connect once the contact has ended."""
    adapter.stop_contact(
        instance_id=call.connect_instance_id, contact_id=call.connect_contact_id or ""
    )
    event = envelope(call.connect_contact_id, "DISCONNECTED", timezone.now())
    operations.apply_contact_event(event=IncomingEvent.from_envelope(event), at=timezone.now())
    call.refresh_from_db()
    assert (call.state, call.end_reason) == (ContactState.ENDED, "")
    version = call.version

    work()

    call.refresh_from_db()
    assert call.end_reason == EndReason.UNKNOWN  # Amazon Connect says OTHER of an end by API
    assert call.version == version + 1
    assert call.events.last().type == "REFRESHED"


def test_worker_ends_what_could_not_be_ended(connect: LocalConnect, call: Contact) -> None:
    """Should stop the contact as soon as Amazon Connect answers again."""
    fail(connect, "StopContact", "InternalServiceException")
    operations.end_call(contact=call, by=EndedBy.CUSTOMER, clock=timezone.now)
    control(connect, "DELETE", "/_local/faults")

    work()

    call.refresh_from_db()
    assert (call.state, call.end_reason) == (ContactState.ENDED, EndReason.ABANDONED)
    assert upstream_contacts(connect)[0]["state"].lower() == "ended"


def test_task_that_fails_is_tried_again_later(connect: LocalConnect, call: Contact) -> None:
    """Should wait longer each time."""
    fail(connect, "DescribeContact", "InternalServiceException")
    tasks.refresh_contact.func(str(call.pk), 3)
    task = DBTaskResult.objects.get(task_path="contacts.tasks.refresh_contact")
    assert task.args_kwargs["args"] == [str(call.pk), 4]
    assert 6 < (task.run_after - timezone.now()).total_seconds() <= 8


@pytest.mark.parametrize("operation", ["StopContact", "DescribeContact"])
def test_task_gives_up_in_the_end(connect: LocalConnect, call: Contact, operation: str) -> None:
    """Should fail, and so be seen, when Amazon Connect stays away."""
    fail(connect, operation, "InternalServiceException")
    task = tasks.stop_contact if operation == "StopContact" else tasks.refresh_contact
    with pytest.raises(errors.ConnectUnavailable):
        task.func(str(call.pk), tasks.MAX_ATTEMPTS)


def test_contact_is_brought_up_to_what_connect_says(connect: LocalConnect, call: Contact) -> None:
    """Should make up for events that never came."""
    assert operations.refresh_contact(contact=call, clock=timezone.now) is True
    assert (call.state, call.queued_at is not None) == (ContactState.QUEUED, True)
    assert operations.refresh_contact(contact=call, clock=timezone.now) is False


def test_call_whose_customer_left_while_it_started_is_stopped(
    connect: LocalConnect, entry_point: EntryPoint
) -> None:
    """Should not stay in the queue without anybody."""

    def clock_that_sees_the_customer_leave() -> object:
        for contact in Contact.objects.filter(state=ContactState.REQUESTED):
            operations.end_call(contact=contact, by=EndedBy.CUSTOMER, clock=timezone.now)
        return timezone.now()

    operations.start_call(
        entry_point=entry_point,
        request=CallRequest(name="Ana"),
        customer_key=new_customer_key(),
        clock=clock_that_sees_the_customer_leave,  # type: ignore[arg-type]
    )
    contact = Contact.objects.get()
    assert (contact.state, contact.end_reason) == (ContactState.ENDED, EndReason.ABANDONED)
    assert upstream_contacts(connect)[0]["state"].lower() == "ended"


def test_event_that_comes_while_the_start_commits_is_applied(
    connect: LocalConnect, entry_point: EntryPoint
) -> None:
    """Should count though it was parked after the start had last looked for parked events."""

    def park(*, instance: ContactEvent, **_: object) -> None:
        if instance.type == PortalEvent.STARTED:
            told = IncomingEvent.from_envelope(
                envelope(instance.connect_contact_id, "QUEUED", timezone.now())
            )
            transaction.on_commit(
                lambda: ContactEvent.objects.create(
                    event_id=told.event_id,
                    connect_contact_id=told.contact_id,
                    source=EventSource.CONNECT,
                    type=told.type,
                    occurred_at=told.occurred_at,
                    received_at=told.occurred_at,
                )
            )

    post_save.connect(park, sender=ContactEvent)
    try:
        started = begin(entry_point)
    finally:
        post_save.disconnect(park, sender=ContactEvent)
    assert started.state == ContactState.QUEUED
    assert not ContactEvent.objects.parked().exists()
