"""Contacts of which nothing is heard: asked about in turn, brought to what is, and given up where nothing can be known."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.utils import timezone

import pytest
from django_tasks_db.models import DBTaskResult

from contacts import errors
from contacts.choices import ContactState, EndedBy, PortalEvent
from contacts.customers import new_customer_key
from contacts.models import Contact, EntryPoint
from contacts.operations import CallRequest, IncomingEvent, apply_contact_event, start_call
from contacts.operations.reconciling import (
    LEASE_LENGTH,
    LONGEST_CALL,
    UNKNOWN_AFTER,
    quiet_contacts,
    reconcile_next_contact,
)
from tests.contacts_world import control, envelope, make_contact, upstream_contacts
from tests.faults.portal_world import wait_until
from tests.servers import LocalConnect

pytestmark = pytest.mark.django_db(transaction=True)

WAIT, CALL = timedelta(seconds=31), timedelta(seconds=121)  # beyond the settings as shipped


def started(entry_point: EntryPoint) -> Contact:
    """A call whose events nobody brings."""
    return start_call(
        entry_point=entry_point,
        request=CallRequest(name="Ana"),
        customer_key=new_customer_key(),
        clock=timezone.now,
    ).contact


def reconcile(at: datetime, worker: str = "one") -> bool:
    """Let a worker ask once."""
    return reconcile_next_contact(worker=worker, clock=lambda: at)


def test_call_without_events_is_followed_to_its_end(
    connect: LocalConnect, entry_point: EntryPoint
) -> None:
    """Should learn that it waits, that an agent answered, and that and why it ended; and then ask no more."""
    contact = started(entry_point)
    now = timezone.now()
    assert not reconcile(now)

    assert reconcile(now + WAIT)
    contact.refresh_from_db()
    assert contact.state == ContactState.QUEUED
    assert not reconcile(now + WAIT + timedelta(seconds=1))

    agent = control(
        connect, "POST", "/_local/agents", {"name": "Robin", "auto_answer_s": 0, "media": "none"}
    )
    control(connect, "POST", "/_local/clock", {"advance_s": 5})
    wait_until(lambda: [one["state"] for one in upstream_contacts(connect)] == ["connected"])
    assert reconcile(now + 2 * WAIT)
    contact.refresh_from_db()
    assert contact.state == ContactState.CONNECTED

    control(connect, "POST", f"/_local/agents/{agent['id']}/hang-up")
    assert not reconcile(now + 3 * WAIT)
    assert reconcile(now + 2 * WAIT + CALL)
    contact.refresh_from_db()
    assert (contact.state, contact.end_reason) == (ContactState.ENDED, "agent_ended")
    assert contact.events.filter(type=PortalEvent.REFRESHED).count() == 3
    assert not reconcile(now + timedelta(hours=1))


def test_call_that_is_heard_of_is_not_asked_about(entry_point: EntryPoint) -> None:
    """Should leave Amazon Connect alone as long as events come."""
    contact = make_contact(entry_point, new_customer_key())
    heard_at = (contact.initiated_at or timezone.now()) + 10 * WAIT
    event = IncomingEvent.from_envelope(envelope(contact.connect_contact_id, "QUEUED", heard_at))
    assert quiet_contacts(at=heard_at).exists()
    apply_contact_event(event=event, at=heard_at)
    assert not quiet_contacts(at=heard_at + timedelta(seconds=29)).exists()
    assert quiet_contacts(at=heard_at + WAIT).exists()


def test_contacts_take_turns(connect: LocalConnect, entry_point: EntryPoint) -> None:
    """Should ask about each before any again, one a round, by one worker at a time."""
    for _ in range(3):
        started(entry_point)
    later = timezone.now() + WAIT
    asked = [reconcile(later + timedelta(seconds=second)) for second in range(4)]
    assert asked == [True, True, True, False]
    assert Contact.objects.filter(state=ContactState.QUEUED).count() == 3

    again = later + 2 * WAIT
    assert reconcile(again)
    assert not reconcile(again, "two")
    assert reconcile(again + LEASE_LENGTH + timedelta(seconds=1), "two")


def test_failing_connect_keeps_everything_as_it_is(
    connect: LocalConnect, entry_point: EntryPoint
) -> None:
    """Should give no contact up because Amazon Connect cannot be asked, for however long."""
    contact = started(entry_point)
    fault = {"operation": "DescribeContact", "error": "InternalServiceException", "times": 100}
    control(connect, "POST", "/_local/faults", fault)
    for age in (WAIT, LONGEST_CALL, 10 * LONGEST_CALL):
        with pytest.raises(errors.ConnectUnavailable):
            reconcile(timezone.now() + age)
    contact.refresh_from_db()
    assert contact.state == ContactState.INITIATED


def test_contact_that_connect_knows_no_more_is_given_up(
    connect: LocalConnect, entry_point: EntryPoint
) -> None:
    """Should wait a while, then keep it as ended for an unknown reason and say so on its timeline."""
    contact = make_contact(entry_point, new_customer_key())
    began_at = contact.initiated_at or timezone.now()
    with pytest.raises(errors.ConnectMisconfigured):
        reconcile(began_at + UNKNOWN_AFTER)

    assert reconcile(began_at + UNKNOWN_AFTER + 2 * WAIT)

    contact.refresh_from_db()
    assert (contact.state, contact.end_reason) == (ContactState.ENDED, "unknown")
    entry = contact.events.get(type=PortalEvent.GIVEN_UP)
    assert entry.detail["code"] == "upstream_configuration"
    assert not contact.participants.exclude(sealed_connection="").exists()


def test_wish_to_end_that_got_lost_is_fulfilled(
    connect: LocalConnect, entry_point: EntryPoint
) -> None:
    """Should stop what somebody wanted ended, though the task that should have done it is gone."""
    contact = started(entry_point)
    contact.request_end(by=EndedBy.CUSTOMER, at=timezone.now())
    DBTaskResult.objects.all().delete()

    assert reconcile(timezone.now() + WAIT)

    contact.refresh_from_db()
    assert (contact.state, contact.end_reason) == (ContactState.ENDED, "abandoned")
    assert [one["state"] for one in upstream_contacts(connect)] == ["ended"]
