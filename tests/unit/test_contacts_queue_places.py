"""Places in the queue: one poller at a time, the longest unseen first, and a push where somebody sees a difference."""

from __future__ import annotations

from datetime import timedelta

import pytest

from contacts import errors
from contacts.choices import ContactState, EndedBy
from contacts.connect import queue_place
from contacts.customers import new_customer_key
from contacts.models import Contact, EntryPoint, Lease
from contacts.operations import CallRequest, end_call, start_call
from contacts.operations.queue_places import LEASE, LEASE_LENGTH, refresh_next_place
from contacts.snapshots import snapshot_of
from tests.contacts_world import NOON, after, control
from tests.servers import LocalConnect

pytestmark = pytest.mark.django_db(transaction=True)

POLLER = "one"


def queued(entry_point: EntryPoint, second: float) -> Contact:
    """Start a call that waits in the queue since that second."""
    contact = start_call(
        entry_point=entry_point,
        request=CallRequest(name="Ana"),
        customer_key=new_customer_key(),
        clock=lambda: after(second),
    ).contact
    contact.advance(ContactState.QUEUED, queued_at=after(second))
    return contact


def ask(second: float, poller: str = POLLER) -> bool:
    """Let a poller ask once."""
    return refresh_next_place(poller=poller, clock=lambda: after(second))


def places() -> list[int | None]:
    """The places of the contacts, in the order they began to wait."""
    return list(Contact.objects.order_by("queued_at").values_list("queue_position", flat=True))


def test_places_are_asked_for_in_turn_and_shown(
    connect: LocalConnect, entry_point: EntryPoint
) -> None:
    """Should ask for one contact at a time, and then rest until the places may have changed."""
    first, second = queued(entry_point, 1), queued(entry_point, 2)
    version = second.version

    assert [ask(3), ask(3.5), ask(4)] == [True, True, False]

    assert places() == [1, 2]
    second.refresh_from_db()
    shown = snapshot_of(second)["queue"]
    assert shown is not None
    assert shown["position"] == 2
    assert (shown["estimated_wait_s"] or 0) > 0
    assert second.version == version + 1
    assert snapshot_of(first)["queue"] == {"position": None, "estimated_wait_s": None}


def test_place_that_did_not_change_is_no_news(
    connect: LocalConnect, entry_point: EntryPoint
) -> None:
    """Should count no version for what nobody can see, and one for the next place."""
    first, second = queued(entry_point, 1), queued(entry_point, 2)
    assert all(ask(second_) for second_ in (3, 3.5, 8.1, 8.6))
    first.refresh_from_db()
    second.refresh_from_db()
    version = second.version

    end_call(contact=first, by=EndedBy.CUSTOMER, clock=lambda: after(9))
    assert ask(14)

    second.refresh_from_db()
    assert (second.queue_position, second.version) == (1, version + 1)
    assert ask(14.5) is False  # the one that left is asked for no more


def test_one_poller_asks_at_a_time_and_is_replaced_when_it_dies(
    connect: LocalConnect, entry_point: EntryPoint
) -> None:
    """Should leave the queue to the holder of the lease until that has run out."""
    for second in (1, 2, 3):
        queued(entry_point, second)

    assert ask(4)
    assert ask(4.5, "other") is False
    assert ask(4 + LEASE_LENGTH.total_seconds() + 0.1, "other")
    assert ask(10.6) is False
    assert Lease.objects.get(pk=LEASE).holder == "other"


def test_nothing_is_asked_while_nobody_waits(connect: LocalConnect) -> None:
    """Should not even take the lease."""
    assert ask(1) is False
    assert not Lease.objects.exists()


def test_contact_that_left_the_queue_keeps_nobody_waiting(
    connect: LocalConnect, entry_point: EntryPoint
) -> None:
    """Should go on with the next contact when Amazon Connect says that one waits no longer, and when it fails."""
    gone, waiting = queued(entry_point, 1), queued(entry_point, 2)
    control(connect, "POST", "/_local/faults", {
        "operation": "GetContactMetrics", "error": "InvalidRequestException", "times": 1,
    })  # fmt: skip

    assert ask(3)
    assert ask(3.5)

    assert places() == [None, 2]
    control(connect, "POST", "/_local/faults", {
        "operation": "GetContactMetrics", "error": "AccessDeniedException", "times": 1,
    })  # fmt: skip
    with pytest.raises(errors.ConnectForbidden):
        ask(9)
    assert ask(9.5)
    gone.refresh_from_db()
    waiting.refresh_from_db()
    assert gone.queue_asked_at == after(9)
    assert waiting.queue_asked_at == after(9.5)


def test_contact_outside_a_queue_has_no_place(
    connect: LocalConnect, entry_point: EntryPoint
) -> None:
    """Should read Amazon Connect's refusal as that."""
    control(connect, "PATCH", "/_local/settings", {"flow_waits_for_media": True})
    contact = queued(entry_point, 1)
    assert contact.connect_contact_id is not None
    place = queue_place(
        instance_id=contact.connect_instance_id, contact_id=contact.connect_contact_id
    )
    assert place is None


def test_lease_is_prolonged_by_its_holder_only() -> None:
    """Should say no to others until it has run out, and then to the one who lost it."""
    length = timedelta(seconds=5)

    def hold(holder: str, second: float) -> bool:
        return Lease.hold(name="work", holder=holder, at=after(second), length=length)

    assert [hold("a", 0), hold("b", 1), hold("a", 4), hold("b", 8)] == [True, False, True, False]
    assert [hold("b", 9.1), hold("a", 9.2)] == [True, False]
    assert Lease.objects.get().until == NOON + timedelta(seconds=14.1)
