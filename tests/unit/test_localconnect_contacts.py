"""Contacts as values, and the contact centre: who may do what when, on real meetings and a clock that is moved by hand."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from localconnect.agents import AgentStatus, Roster, UnableToAddAgent
from localconnect.client_tokens import ClientTokens
from localconnect.contacts import (
    Contact,
    ContactDetails,
    Contacts,
    ContactState,
    DisconnectReason,
    Participant,
    Role,
)
from localconnect.demo_identity import DEMO
from localconnect.event_envelope import EventType, envelope
from localconnect.routing import UnableToAnswer
from localconnect.setting_values import UnableToChangeSettings
from localconnect.settings import Settings
from tests.localconnect_world import FLOW, INSTANCE, NOW, World


def make_contact(contact_id: str = "c", at: float = NOW) -> Contact:
    customer = Participant("p", Role.CUSTOMER, "Ana", f"attendee-{contact_id}", "join", "token")
    return Contact(
        contact_id,
        f"meeting-{contact_id}",
        ContactDetails(display_name="Ana"),
        customer,
        at,
        at,
        INSTANCE,
        FLOW,
        FLOW.queue,
    )


@pytest.fixture
async def world() -> AsyncIterator[World]:
    made = World()
    yield made
    await made.close()


def test_contact_state_moves_forward_only() -> None:
    """Should accept each step once, and nothing after the end."""
    contact = make_contact()
    assert contact.state is ContactState.INITIATED

    assert contact.mark_queued(NOW + 1)
    assert not contact.mark_queued(NOW + 2)
    assert contact.mark_connected(NOW + 3)
    assert not contact.mark_connected(NOW + 4)
    assert contact.mark_ended(NOW + 5, DisconnectReason.OTHER)
    assert not contact.mark_ended(NOW + 6, DisconnectReason.AGENT)

    assert (contact.queued_at, contact.connected_at, contact.ended_at) == (
        NOW + 1,
        NOW + 3,
        NOW + 5,
    )
    assert contact.disconnect_reason is DisconnectReason.OTHER
    assert not make_contact().mark_connected(NOW) or contact.state is ContactState.ENDED


def test_contact_ended_early_takes_no_step() -> None:
    """Should neither be queued nor connected once it is over."""
    contact = make_contact()
    contact.mark_ended(NOW, DisconnectReason.OTHER)

    assert not contact.mark_queued(NOW)
    assert not contact.mark_connected(NOW)


def test_contacts_keep_a_bounded_number_of_ended_ones() -> None:
    """Should forget the oldest end first, and never a live contact."""
    contacts = Contacts()
    made = [make_contact(str(number)) for number in range(5)]
    for contact in made:
        contacts.add(contact)
    for contact in made[:4]:
        contacts.retire(contact, keep=2)

    assert [contact.id for contact in contacts] == ["2", "3", "4"]
    assert contacts.live == [made[4]]
    assert contacts.find("0") is None
    assert contacts.of_meeting("meeting-4") is made[4]
    assert contacts.of_meeting("meeting-3") is None


def test_client_token_expires() -> None:
    """Should be found until its life is over, and take no room afterwards."""
    tokens = ClientTokens()
    tokens.remember(("op", "i", "t"), "c", now=0, life_s=10)

    assert tokens.find(("op", "i", "t"), 9) == "c"
    assert tokens.find(("op", "i", "t"), 10) is None
    assert tokens.find(("other", "i", "t"), 9) is None
    tokens.remember(("op", "i", "u"), "d", now=11, life_s=10)
    assert len(tokens._made) == 1


def test_roster_refuses_senseless_names() -> None:
    """Should want a name of reasonable length, and know who sat here before."""
    roster = Roster()

    for name in ("", "  ", "n" * 101):
        with pytest.raises(UnableToAddAgent):
            roster.of_desk(name)
    assert roster.of_desk("Ben") is roster.of_desk("Ben")
    assert roster.add("Ben", scripted=True) is not roster.of_desk("Ben")


def test_event_holds_what_is_known() -> None:
    """Should name the contact, its times so far, and nothing that has not happened."""
    contact = make_contact()
    contact.mark_queued(NOW + 0.25)

    event = envelope(EventType.QUEUED, contact, at=NOW + 1)

    assert event["time"] == "2026-01-02T03:04:06Z"
    assert event["account"] == "000000000000"
    assert event["detail"] == {
        "eventType": "QUEUED",
        "contactId": "c",
        "channel": "VOICE",
        "instanceArn": DEMO.instance_arn,
        "initiationMethod": "WEBRTC_API",
        "initiationTimestamp": "2026-01-02T03:04:05.000Z",
        "queueInfo": {
            "queueArn": f"{DEMO.instance_arn}/queue/{DEMO.queue_id}",
            "queueType": "STANDARD",
            "enqueueTimestamp": "2026-01-02T03:04:05.250Z",
        },
        "segmentAttributes": {"connect:Subtype": {"valueString": "connect:WebRTC"}},
        "tags": {"aws:connect:instanceId": DEMO.instance_id},
    }


def test_event_of_changed_data_says_what_has_changed() -> None:
    """Should name the properties, and whom an invited person's contact follows."""
    contact = make_contact()
    contact.initial_contact_id = contact.previous_contact_id = "first"

    event = envelope(EventType.CONTACT_DATA_UPDATED, contact, at=NOW, updated=["Tags"])

    assert event["detail"]["updatedProperties"] == ["Tags"]
    assert event["detail"]["initialContactId"] == event["detail"]["previousContactId"] == "first"


@pytest.mark.parametrize(
    "changes",
    [{"nope": 1}, {"ring_s": float("inf")}, {"ring_s": True}, {"public_url": "calls.example"}],
)
def test_impossible_setting_is_refused_whole(changes: dict[str, object]) -> None:
    """Should change nothing when one of the changes is wrong."""
    settings = Settings()

    with pytest.raises(UnableToChangeSettings):
        settings.change({"never_arrived_s": 1.0, **changes})
    assert settings.never_arrived_s == 60


async def test_contact_is_queued_when_its_customer_joins(world: World) -> None:
    """Should wait for media in the flow, then in the queue, whoever reports it twice."""
    contact = world.start()
    assert contact.state is ContactState.INITIATED

    world.join(contact, contact.customer)
    world.join(contact, contact.customer)

    assert contact.state is ContactState.QUEUED
    assert world.center.routing.waiting == [contact]
    assert world.told(contact) == ["INITIATED", "QUEUED"]


async def test_contact_is_connected_when_its_agent_joins(world: World) -> None:
    """Should count from the agent's media, not from their click."""
    agent = world.agent()
    contact = world.start()
    world.join(contact, contact.customer)
    assert agent.status is AgentStatus.RINGING

    world.center.routing.accept(agent, contact.id)
    assert contact.state is ContactState.QUEUED
    world.clock.advance(2)
    world.join(contact, contact.agent)

    assert contact.connected_at == NOW + 2
    assert contact.agent is not None
    assert world.told(contact)[-1] == "CONNECTED_TO_AGENT"
    meeting = world.center.meetings.find(contact.meeting_id)
    assert meeting is not None
    assert meeting.attendees[contact.agent.attendee_id].external_user_id.endswith("agent")


async def test_customer_who_never_arrives_ends_the_contact(world: World) -> None:
    """Should end after the period set, unless media came in time."""
    late, punctual = world.start(), world.start()
    world.join(punctual, punctual.customer)

    world.clock.advance(61)

    assert late.disconnect_reason is DisconnectReason.NEVER_ARRIVED
    assert world.told(late) == ["INITIATED", "DISCONNECTED", "COMPLETED"]
    assert punctual.state is ContactState.QUEUED


@pytest.mark.parametrize(
    ("role", "dropped", "reason"),
    [
        (Role.CUSTOMER, False, DisconnectReason.CUSTOMER),
        (Role.CUSTOMER, True, DisconnectReason.CUSTOMER),
        (Role.AGENT, False, DisconnectReason.AGENT),
    ],
)
async def test_leaving_ends_the_contact(
    world: World, role: Role, dropped: bool, reason: DisconnectReason
) -> None:
    """Should name who left."""
    contact, _ = world.connect()

    world.leave(
        contact, contact.agent if role is Role.AGENT else contact.customer, dropped=dropped
    )

    assert contact.disconnect_reason is reason
    assert (
        world.center.meetings.find(contact.meeting_id) is None or world.center.contacts.live == []
    )
    assert all(person.left_at is not None for person in contact.participants)


async def test_wrap_up_ends_by_itself_or_when_the_agent_is_ready(world: World) -> None:
    """Should complete the contact at the end of the after-contact work, and record how long it took."""
    first, agent = world.connect()
    world.center.end_contact(first, DisconnectReason.OTHER)
    assert agent.status is AgentStatus.WRAP_UP
    assert world.told(first)[-1] == "DISCONNECTED"
    world.clock.advance(10)
    world.center.routing.finish_wrap_up(agent)

    second, _ = world.connect()
    world.center.end_contact(second, DisconnectReason.OTHER)
    world.clock.advance(31)

    assert (first.wrap_up_started_at, first.wrap_up_ended_at) == (NOW, NOW + 10)
    assert second.wrap_up_ended_at == NOW + 40
    assert agent.status is AgentStatus.AVAILABLE
    for contact in (first, second):
        assert world.told(contact)[-2:] == ["DISCONNECTED", "COMPLETED"]


async def test_break_chosen_during_a_call_begins_after_it(world: World) -> None:
    """Should not disturb the call."""
    contact, agent = world.connect()
    world.center.routing.set_status(agent, AgentStatus.BREAK)
    assert agent.status is AgentStatus.BUSY

    world.center.end_contact(contact, DisconnectReason.CUSTOMER)
    world.clock.advance(31)

    assert agent.status is AgentStatus.BREAK


async def test_break_chosen_during_the_ring_passes_the_call_on(world: World) -> None:
    """Should ring at somebody else."""
    ben, cara = world.agent("Ben"), world.agent("Cara")
    contact = world.start()
    world.join(contact, contact.customer)
    assert ben.offer is contact

    world.center.routing.set_status(ben, AgentStatus.BREAK)

    assert ben.status is AgentStatus.BREAK
    assert cara.offer is contact
    with pytest.raises(UnableToAnswer):
        world.center.routing.accept(ben, contact.id)


async def test_longest_call_ends_by_itself(world: World) -> None:
    """Should end with the meeting's day."""
    contact, _ = world.connect()

    world.clock.advance(86_401)

    assert contact.disconnect_reason is DisconnectReason.OTHER


async def test_ended_contact_leaves_nothing_behind(world: World) -> None:
    """Should free timers, meetings and tasks."""
    for _ in range(10):
        contact, agent = world.connect()
        world.center.end_contact(contact, DisconnectReason.CUSTOMER)
        world.center.routing.finish_wrap_up(agent)
    await world.center.close()

    assert len(world.center.deadlines) == 0
    assert world.center.contacts.live_count == 0
    assert await world.center.meetings.describe() == []
