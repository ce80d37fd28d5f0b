"""Contact events that come together: applied in few statements, to what they would lead to one by one."""

from __future__ import annotations

import threading
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db import DataError, connection
from django.test.utils import CaptureQueriesContext

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from contacts import customers, operations
from contacts.models import Contact, ContactEvent, EntryPoint
from contacts.operations import IncomingEvent
from contacts.operations.inbox import apply_parked_events
from tests.contacts_world import after, envelope, make_contact
from tests.unit.test_contacts_event_order import STORY, events_of, outcome


def together(*events: IncomingEvent) -> list[bool]:
    """Apply events at once. Returns for each whether it was fresh."""
    taken = operations.apply_contact_events(events=events, at=after(100))
    assert [one.error for one in taken] == [None] * len(events)
    return [one.is_fresh for one in taken]


def told(contact_id: str | None, kind: str = "QUEUED", second: float = 1) -> IncomingEvent:
    """Return an event."""
    return IncomingEvent.from_envelope(envelope(contact_id, kind, after(second)))


@contextmanager
def unable_to_store(event: IncomingEvent) -> Iterator[None]:
    """A database that cannot store one event."""

    def execute(run: Any, sql: str, params: Any, *arguments: Any) -> Any:
        if sql.startswith('INSERT INTO "contacts_contactevent"') and event.event_id in str(params):
            raise DataError
        return run(sql, params, *arguments)

    with connection.execute_wrapper(execute):
        yield


@pytest.mark.django_db
@settings(
    max_examples=60,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(
    batches=st.lists(
        st.lists(st.tuples(st.integers(0, 1), st.integers(0, len(STORY) - 1)), max_size=8),
        min_size=1,
        max_size=4,
    )
)
def test_what_comes_together_leads_to_what_it_leads_to_one_by_one(
    entry_point: EntryPoint, batches: list[list[tuple[int, int]]]
) -> None:
    """Should depend neither on who comes with whom, nor on order and repetition, within a batch and between them."""
    pairs = [
        [make_contact(entry_point, customers.new_customer_key()) for _ in range(2)]
        for _ in range(2)
    ]
    stories = [[events_of(contact) for contact in contacts] for contacts in pairs]
    told_before: set[tuple[int, int]] = set()
    for batch in batches:
        fresh = together(*(stories[0][whose][which] for whose, which in batch))
        for one, is_fresh in zip(batch, fresh, strict=True):
            assert is_fresh == (one not in told_before)
            told_before.add(one)
    for whose, which in sorted(told_before):
        together(stories[1][whose][which])

    for one, other in zip(*pairs, strict=True):
        assert outcome(one) == outcome(other)
        assert one.events.count() == other.events.count()


def test_each_event_says_what_it_made_of_its_contact(contact: Contact) -> None:
    """Should note state and version in the order in which things happened, not in which they were told."""
    steps = [("CONNECTED_TO_AGENT", 5), ("QUEUED", 1), ("DISCONNECTED", 60)]
    together(*(told(contact.connect_contact_id, kind, second) for kind, second in steps))
    noted = contact.events.order_by("occurred_at").values_list("type", "state", "version")
    assert list(noted) == [
        ("QUEUED", "queued", 2),
        ("CONNECTED_TO_AGENT", "connected", 3),
        ("DISCONNECTED", "ended", 4),
    ]
    contact.refresh_from_db()
    assert (contact.state, contact.version) == ("ended", 4)


def test_event_that_cannot_be_stored_is_the_only_one_missing(contact: Contact) -> None:
    """Should apply the others by themselves, and tell of the one."""
    good, bad, known = told(contact.connect_contact_id), told("another"), told("stranger")
    together(known)
    with unable_to_store(bad):
        taken = operations.apply_contact_events(events=[bad, good, known], at=after(100))
    assert [one.is_fresh for one in taken] == [False, True, False]
    assert [type(one.error) for one in taken] == [DataError, type(None), type(None)]
    contact.refresh_from_db()
    assert contact.state == "queued"
    assert together(bad) == [True]


def test_strangers_are_parked_beside_the_known(contact: Contact, entry_point: EntryPoint) -> None:
    """Should wait for their contact without keeping others."""
    stranger = str(uuid.uuid4())
    together(told(stranger), told(contact.connect_contact_id), told(stranger, "DISCONNECTED", 9))
    contact.refresh_from_db()
    assert contact.state == "queued"
    assert set(ContactEvent.objects.parked().values_list("connect_contact_id")) == {(stranger,)}

    theirs = make_contact(entry_point, customers.new_customer_key())
    Contact.objects.filter(pk=theirs.pk).update(connect_contact_id=stranger)
    together(told(stranger, "COMPLETED", 10))
    assert ContactEvent.objects.parked().count() == 2
    theirs.refresh_from_db()
    apply_parked_events(contact=theirs, at=after(101))
    theirs.refresh_from_db()
    assert (theirs.queued_at, theirs.ended_at) == (after(1), after(9))
    assert not ContactEvent.objects.parked().exists()


@pytest.mark.django_db
def test_statements_do_not_grow_with_the_events_of_a_contact(entry_point: EntryPoint) -> None:
    """Should read what the batch is about once, and write each contact once."""
    contacts = [make_contact(entry_point, customers.new_customer_key()) for _ in range(10)]
    with CaptureQueriesContext(connection) as one_each:
        together(*(told(contact.connect_contact_id) for contact in contacts))
    with CaptureQueriesContext(connection) as three_each:
        together(
            *(
                told(contact.connect_contact_id, "QUEUED", second)
                for contact in contacts
                for second in (0.5, 0.4, 0.3)
            )
        )
    # Ten contacts are written; what is shared is a savepoint and its release, four reads and the events.
    assert len(one_each) == 10 + 7
    assert len(three_each) == len(one_each)


@pytest.mark.django_db(transaction=True)
def test_two_who_are_told_the_same_at_once_take_it_once(entry_point: EntryPoint) -> None:
    """Should wait for each other in one order, so that neither fails, and know each event once."""
    contacts = [make_contact(entry_point, customers.new_customer_key()) for _ in range(6)]
    events = [event for contact in contacts for event in events_of(contact)]
    events += [told(f"stranger {number}") for number in range(6)]
    fresh: list[list[bool]] = []
    start = threading.Barrier(3)

    def take(own: list[IncomingEvent]) -> None:
        try:
            start.wait()
            for first in range(0, len(own), 12):
                fresh.append(together(*own[first : first + 12]))
        finally:
            connection.close()

    orders = [events, events[::-1], [*events[15:], *events[:15]]]
    threads = [threading.Thread(target=take, args=[order]) for order in orders]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sum(sum(batch) for batch in fresh) == len(events)
    assert ContactEvent.objects.count() == len(events)
    assert {outcome(contact)["row"]["state"] for contact in contacts} == {"ended"}
