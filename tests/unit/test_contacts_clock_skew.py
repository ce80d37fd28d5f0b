"""Clocks that differ or leap: what a contact is, and what browsers take for newer, depends on none of them."""

from __future__ import annotations

from datetime import datetime, timedelta
from itertools import permutations

import pytest

from contacts import operations
from contacts.choices import ContactState, EndedBy
from contacts.models import Contact
from contacts.operations import IncomingEvent
from contacts.push import CONTACTS
from tests.contacts_world import NOON, after, envelope

SKEW = timedelta(minutes=5)
LIFE = ("QUEUED", "CONNECTED_TO_AGENT", "DISCONNECTED")


def tell(contact: Contact, kind: str, *, occurred: datetime, received: datetime) -> int:
    """Take an event in, and return the version that browsers are then shown."""
    event = IncomingEvent.from_envelope(envelope(contact.connect_contact_id, kind, occurred))
    operations.apply_contact_event(event=event, at=received)
    [status] = CONTACTS.read_newer({str(contact.pk): 0})
    return status.version


@pytest.mark.parametrize("skew", [SKEW, -SKEW])
def test_source_whose_clock_is_wrong_moves_the_contact_all_the_same(
    contact: Contact, skew: timedelta
) -> None:
    """Should go forward by what is told, with a version above the last for each change."""
    versions = [
        tell(contact, kind, occurred=after(step) + skew, received=after(step))
        for step, kind in enumerate(LIFE)
    ]
    assert versions == sorted(set(versions))
    contact.refresh_from_db()
    assert contact.state == ContactState.ENDED


@pytest.mark.parametrize("order", list(permutations(range(3))))
def test_clock_of_ours_that_leaps_back_loses_nothing(
    contact: Contact, order: tuple[int, int, int]
) -> None:
    """Should end as it would have, in whatever order the events come and however the clock leaps between them."""
    last = 0
    for turn, step in enumerate(order):
        version = tell(
            contact, LIFE[step], occurred=after(step), received=NOON - turn * timedelta(hours=1)
        )
        assert version >= last
        last = version
    contact.refresh_from_db()
    assert contact.state == ContactState.ENDED
    assert (contact.queued_at, contact.connected_at, contact.ended_at) == (
        after(0),
        after(1),
        after(2),
    )


def test_sources_whose_clocks_differ_cannot_bring_an_ended_call_back(contact: Contact) -> None:
    """Should stay ended, though what is told afterwards says that it happened later."""
    ended = tell(contact, "DISCONNECTED", occurred=after(0), received=after(0))
    tell(contact, "CONNECTED_TO_AGENT", occurred=after(0) + SKEW, received=after(1))
    contact.refresh_from_db()
    assert contact.state == ContactState.ENDED
    assert contact.version >= ended
    assert not contact.request_end(by=EndedBy.CUSTOMER, at=after(0) - SKEW)
