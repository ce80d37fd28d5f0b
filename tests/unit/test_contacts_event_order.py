"""A contact is a function of the set of its events: of no order of them, and of no repetition."""

from __future__ import annotations

from datetime import datetime
from itertools import permutations
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from contacts import customers, operations
from contacts.choices import ContactState, EndedBy
from contacts.models import Contact, EntryPoint
from contacts.operations import IncomingEvent
from contacts.snapshots import snapshot_of
from tests.contacts_world import after, envelope, make_contact

AGENT = "arn:aws:connect:us-east-1:0:instance/i/agent/"
# Each column that differs from contact to contact, or counts the changes on the way.
OWN = {"id", "reference", "client_token", "connect_contact_id", "customer_key_hash", "version"}


def agent_info(name: str, at: datetime | None = None) -> dict[str, Any]:
    """What an event says of who answered; some events leave out when."""
    info = {"agentArn": AGENT + name}
    return info if at is None else info | {"connectedToAgentTimestamp": at.isoformat()}


# An answered call. What is told twice is told differently: with a detail and without, and of an end with two times.
STORY: list[tuple[str, datetime, dict[str, Any]]] = [
    ("QUEUED", after(2), {}),
    ("CONNECTED_TO_AGENT", after(6), {"agentInfo": agent_info("ana")}),
    ("DISCONNECTED", after(60), {"agentInfo": agent_info("ana", after(5))}),
    (
        "COMPLETED",
        after(70),
        {"queueInfo": {"enqueueTimestamp": after(1).isoformat()}},
    ),
    ("CONTACT_DATA_UPDATED", after(65), {"agentInfo": agent_info("ben", after(30))}),
]


def events_of(contact: Contact) -> list[IncomingEvent]:
    return [
        IncomingEvent.from_envelope(envelope(contact.connect_contact_id, kind, at, **detail))
        for kind, at, detail in STORY
    ]


def apply(event: IncomingEvent) -> bool:
    return operations.apply_contact_event(event=event, at=after(100))


def outcome(contact: Contact) -> dict[str, Any]:
    """Everything that is stored of a contact and shown of it, but for what is every contact's own."""
    row = Contact.objects.values().get(pk=contact.pk)
    participants = contact.participants.order_by("created_at", "role").values()
    shown: dict[str, Any] = dict(snapshot_of(Contact.objects.get(pk=contact.pk)))
    people = [{**person, "id": None} for person in shown.pop("participants")]
    secrets = ("sealed_token", "sealed_connection")
    return {
        "row": {name: value for name, value in row.items() if name not in OWN},
        "participants": [
            {**one, "id": None, "contact_id": None, **{name: bool(one[name]) for name in secrets}}
            for one in participants
        ],
        "shown": {name: value for name, value in shown.items() if name not in OWN},
        "people": people,
    }


def test_every_order_with_every_event_told_twice_leads_to_the_same_contact(
    entry_point: EntryPoint,
) -> None:
    """Should be the same row and the same snapshot after each of the orders of a call's events."""
    outcomes = []
    for order in permutations(range(len(STORY))):
        contact = make_contact(entry_point, customers.new_customer_key())
        events = events_of(contact)
        told = [events[index] for index in order]
        assert [apply(event) for event in told + told] == [True] * len(told) + [False] * len(told)
        outcomes.append(outcome(contact))
    first = outcomes[0]
    assert first["row"]["state"] == "ended"
    assert (first["row"]["queued_at"], first["row"]["connected_at"]) == (after(1), after(5))
    assert {person["left_at"] for person in first["participants"]} == {after(60)}
    assert [one for one in outcomes if one != first] == []


@pytest.mark.django_db
@settings(
    max_examples=60,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(
    told=st.lists(st.integers(0, len(STORY) - 1), min_size=1, max_size=12),
    asked_by=st.sampled_from(["", "customer", "staff"]),
)
def test_contact_never_moves_back_and_follows_from_what_was_told(
    entry_point: EntryPoint, told: list[int], asked_by: str
) -> None:
    """Should be for any events in any order and repetition what it is for the same events told once in their order."""
    contact, other = (make_contact(entry_point, customers.new_customer_key()) for _ in range(2))
    for one in (contact, other):
        if asked_by:
            one.request_end(by=EndedBy(asked_by), at=after(59))
    events, others = events_of(contact), events_of(other)

    rank, version = 0, 0
    for index in told:
        apply(events[index])
        contact.refresh_from_db()
        assert ContactState(contact.state).rank >= rank
        assert contact.version >= version
        rank, version = ContactState(contact.state).rank, contact.version
    for index in sorted(set(told)):
        apply(others[index])

    assert outcome(contact) == outcome(other)
    assert contact.events.count() == len(set(told))
