"""Transferred calls: every leg belongs to the customer's one call, which ends with the last of them, in whatever order it is told."""

from __future__ import annotations

import itertools
import time
import uuid
from datetime import datetime
from typing import Any

from django.utils import timezone

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from contacts.choices import ContactState, EndedBy, ParticipantRole, PortalEvent
from contacts.connect_client import ask
from contacts.customers import new_customer_key
from contacts.errors import ContactNotConnected
from contacts.models import Contact, ContactLeg, EntryPoint
from contacts.operations import (
    CallRequest,
    IncomingEvent,
    add_participant,
    apply_contact_event,
    end_call,
    start_call,
)
from contacts.snapshots import snapshot_of
from tests.api.calls_with_agents import SOON_S, start_connected
from tests.contacts_world import (
    Customer,
    after,
    control,
    envelope,
    make_contact,
    upstream_contacts,
)
from tests.servers import LocalConnect

pytestmark = pytest.mark.django_db(transaction=True)

LEG = "leg-of-the-call"
ANA, BEN, CARL = (
    f"arn:aws:connect:us-east-1:0:instance/i/agent/{one}" for one in ("ana", "ben", "carl")
)


def told(event: dict[str, Any], at: datetime | None = None) -> None:
    """Let an event come."""
    incoming = IncomingEvent.from_envelope(event)
    apply_contact_event(event=incoming, at=at or incoming.occurred_at)


def first(contact: Contact, kind: str, second: float, **detail: Any) -> dict[str, Any]:
    """An event of the call's first contact."""
    return envelope(
        contact.connect_contact_id, kind, after(second), initiationMethod="WEBRTC_API", **detail
    )


def leg(contact: Contact, kind: str, second: float, **detail: Any) -> dict[str, Any]:
    """An event of the contact that a transfer made."""
    return envelope(
        LEG,
        kind,
        after(second),
        initiationMethod="TRANSFER",
        initiationTimestamp=after(20).isoformat(),
        initialContactId=contact.connect_contact_id,
        previousContactId=contact.connect_contact_id,
        **detail,
    )


def agent(arn: str, second: float) -> dict[str, Any]:
    """Who answered, and when."""
    return {"agentArn": arn, "connectedToAgentTimestamp": after(second).isoformat()}


def shown(contact: Contact) -> Any:
    """What everybody sees of it."""
    contact.refresh_from_db()
    return snapshot_of(contact)


def test_transferred_call_stays_one_call(entry_point: EntryPoint) -> None:
    """Should go on without an agent, then with the next one, and end with the last leg."""
    contact = make_contact(entry_point, new_customer_key())
    told(first(contact, "CONNECTED_TO_AGENT", 10, agentInfo=agent(ANA, 10)))
    told(leg(contact, "INITIATED", 20))
    told(first(contact, "DISCONNECTED", 21, agentInfo=agent(ANA, 10)))
    told(leg(contact, "QUEUED", 22))

    waiting = shown(contact)
    assert (waiting["state"], waiting["ended_at"], waiting["agent"]) == ("connected", None, None)
    assert contact.participants.get(role=ParticipantRole.CUSTOMER).sealed_connection

    told(leg(contact, "CONNECTED_TO_AGENT", 30, agentInfo=agent(BEN, 30)))
    agents = contact.participants.filter(role=ParticipantRole.AGENT).order_by("joined_at")
    assert [(one.connect_id, one.left_at) for one in agents] == [("ana", after(21)), ("ben", None)]
    assert shown(contact)["agent"] is not None

    told(leg(contact, "DISCONNECTED", 40, agentInfo=agent(BEN, 30)))
    ended = shown(contact)
    assert (ended["state"], ended["ended_at"]) == ("ended", "2026-01-02T12:00:40.000Z")
    assert Contact.objects.count() == 1
    assert not contact.participants.exclude(sealed_connection="").exists()


def test_leg_that_ends_first_leaves_the_call_alone(entry_point: EntryPoint) -> None:
    """Should go on with the first agent when a colleague they asked leaves, or never comes."""
    contact = make_contact(entry_point, new_customer_key(), ContactState.CONNECTED)
    told(leg(contact, "INITIATED", 20))
    told(leg(contact, "DISCONNECTED", 25))
    assert shown(contact)["state"] == "connected"
    told(first(contact, "DISCONNECTED", 40))
    assert shown(contact)["ended_at"] == "2026-01-02T12:00:40.000Z"


def test_order_does_not_matter_once_the_transfer_is_known(entry_point: EntryPoint) -> None:
    """Should come to the same end for every order of what follows the transfer, duplicates included."""
    results = set()
    for order in itertools.permutations(range(4)):
        ContactLeg.objects.all().delete()
        contact = make_contact(entry_point, new_customer_key(), ContactState.CONNECTED)
        told(leg(contact, "INITIATED", 20))
        events = [
            first(contact, "DISCONNECTED", 21),
            leg(contact, "CONNECTED_TO_AGENT", 30, agentInfo=agent(BEN, 30)),
            leg(contact, "DISCONNECTED", 40, agentInfo=agent(BEN, 30)),
            leg(contact, "COMPLETED", 45),
        ]
        for position in (*order, order[0]):
            told({**events[position]})
        end = shown(contact)
        [ben] = contact.participants.filter(role=ParticipantRole.AGENT)
        results.add(
            (end["state"], end["ended_at"], end["connected_at"], ben.joined_at, ben.left_at)
        )
    assert len(results) == 1
    assert results.pop()[:2] == ("ended", "2026-01-02T12:00:40.000Z")


def test_end_that_overtakes_its_transfer_is_believed(entry_point: EntryPoint) -> None:
    """Should never take an end back, and end in the record with the last leg once that is told."""
    contact = make_contact(entry_point, new_customer_key(), ContactState.CONNECTED)
    told(first(contact, "DISCONNECTED", 21))
    told(leg(contact, "INITIATED", 20))
    told(leg(contact, "CONNECTED_TO_AGENT", 30, agentInfo=agent(BEN, 30)))
    assert shown(contact)["state"] == "ended"
    assert shown(contact)["ended_at"] == "2026-01-02T12:00:21.000Z"
    told(leg(contact, "DISCONNECTED", 40))
    assert shown(contact)["state"] == "ended"
    assert shown(contact)["ended_at"] == "2026-01-02T12:00:40.000Z"
    assert contact.events.count() == 4
    assert {one.left_at for one in contact.participants.all()} == {after(40)}


def story(contact: Contact) -> list[dict[str, Any]]:
    """A call that is transferred, with a colleague who was asked in before and left."""
    colleague = {"initiationMethod": "TRANSFER", "initialContactId": contact.connect_contact_id}
    return [
        first(contact, "CONNECTED_TO_AGENT", 10, agentInfo=agent(ANA, 10)),
        envelope(f"colleague-{contact.pk}", "CONNECTED_TO_AGENT", after(12), **colleague),
        envelope(
            f"colleague-{contact.pk}",
            "DISCONNECTED",
            after(15),
            agentInfo=agent(CARL, 12),
            **colleague,
        ),
        leg(contact, "INITIATED", 20),
        first(contact, "DISCONNECTED", 21, agentInfo=agent(ANA, 10)),
        leg(contact, "CONNECTED_TO_AGENT", 30, agentInfo=agent(BEN, 30)),
        leg(contact, "DISCONNECTED", 40, agentInfo=agent(BEN, 30)),
        leg(contact, "COMPLETED", 45),
    ]


@settings(
    max_examples=40,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(order=st.permutations(list(range(8))), again=st.lists(st.integers(0, 7), max_size=3))
def test_record_follows_from_what_was_told_in_every_order(
    entry_point: EntryPoint, order: list[int], again: list[int]
) -> None:
    """Should end up the same for every order of all events, also where an end overtakes the news of its transfer."""
    ContactLeg.objects.all().delete()
    contact = make_contact(entry_point, new_customer_key())
    events = story(contact)
    rank = 0
    for position in (*order, *again):
        told(events[position], at=after(50))
        contact.refresh_from_db()
        assert ContactState(contact.state).rank >= rank
        rank = ContactState(contact.state).rank
    assert (contact.state, contact.connected_at, contact.ended_at) == (
        ContactState.ENDED,
        after(10),
        after(40),
    )
    people = {one.connect_id or one.role: one for one in contact.participants.all()}
    assert {name: (one.joined_at, one.left_at) for name, one in people.items()} == {
        "customer": (None, after(40)),
        "ana": (after(10), after(21)),
        "carl": (after(12), after(15)),
        "ben": (after(30), after(40)),
    }
    assert not contact.participants.exclude(sealed_token="", sealed_connection="").exists()


def test_events_of_legs_wait_for_their_call(entry_point: EntryPoint) -> None:
    """Should be applied when they come before the start of the call was stored."""
    contact = make_contact(entry_point, new_customer_key(), ContactState.REQUESTED)
    connect_id = str(uuid.uuid4())
    event = leg(contact, "INITIATED", 20)
    event["detail"] |= {"initialContactId": connect_id, "previousContactId": connect_id}
    told(event)
    assert not ContactLeg.objects.exists()


def test_person_is_added_to_the_contact_that_goes_on(
    connect: LocalConnect, entry_point: EntryPoint
) -> None:
    """Should name the leg an agent answered, as Amazon Connect adds nobody to one that was transferred away; and wait for it."""
    control(connect, "PATCH", "/_local/settings", {"transfer_calls": True})
    key = new_customer_key()
    contact = start_connected(connect, Customer(key))
    made = ask(
        "transfer_contact",
        {
            "InstanceId": connect.instance_id,
            "ContactId": contact.connect_contact_id,
            "ContactFlowId": connect.contact_flow_id,
            "QueueId": "33333333-3333-4333-8333-333333333333",
        },
    )["ContactId"]
    told(leg(contact, "INITIATED", 20, contactId=made))
    told(first(contact, "DISCONNECTED", 21))
    with pytest.raises(ContactNotConnected):
        add_participant(contact=contact, name="Gil", clock=timezone.now)

    control(connect, "POST", "/_local/agents", {"name": "Cy", "auto_answer_s": 0, "media": "none"})
    give_up_at = time.monotonic() + SOON_S
    while {one["id"]: one["state"].lower() for one in upstream_contacts(connect)}[
        made
    ] != "connected":
        assert time.monotonic() < give_up_at
        time.sleep(0.05)
    told(leg(contact, "CONNECTED_TO_AGENT", 30, contactId=made, agentInfo=agent(BEN, 30)))
    added = add_participant(contact=contact, name="Gil", clock=timezone.now)
    assert added.connection["Attendee"]["JoinToken"]


def test_transferred_call_is_ended_though_connect_stops_no_transfer(
    connect: LocalConnect, entry_point: EntryPoint
) -> None:
    """Should be over for its customer, whose media ends it in Amazon Connect; and end once only."""
    contact = start_call(
        entry_point=entry_point,
        request=CallRequest(name="Ana"),
        customer_key=new_customer_key(),
        clock=lambda: after(0),
    ).contact
    control(connect, "PATCH", "/_local/settings", {"transfer_calls": True})
    made = ask(
        "transfer_contact",
        {
            "InstanceId": connect.instance_id,
            "ContactId": contact.connect_contact_id,
            "ContactFlowId": connect.contact_flow_id,
            "QueueId": "33333333-3333-4333-8333-333333333333",
        },
    )["ContactId"]
    event = leg(contact, "INITIATED", 20)
    event["detail"]["contactId"] = made
    told(event)
    told(first(contact, "DISCONNECTED", 21))
    assert shown(contact)["state"] != "ended"

    end_call(contact=contact, by=EndedBy.CUSTOMER, clock=lambda: after(30))

    assert shown(contact)["state"] == "ended"
    assert not ContactLeg.objects.going_on().exists()
    told(event | {"id": "again"})
    assert contact.events.filter(type=PortalEvent.STOPPED).count() == 1
