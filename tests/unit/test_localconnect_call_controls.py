"""Hold, screen sharing and colleagues, on real meetings and a clock that is moved by hand."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest

from localconnect.agents import AgentStatus
from localconnect.call_controls import HOLD_TOPIC, SCREEN_SHARING_TOPIC
from localconnect.contacts import (
    Capabilities,
    ContactDetails,
    ContactState,
    DisconnectReason,
    Role,
)
from localconnect.routing import UnableToAnswer
from tests.localconnect_world import FLOW, INSTANCE, World, listen


@pytest.fixture
async def world() -> AsyncIterator[World]:
    built = World()
    yield built
    await built.close()


async def test_hold_is_told_and_counted(world: World) -> None:
    """Should message the customer's page, and add the time up for the contact's record."""
    contact, agent = world.connect()
    client, _ = listen(world, contact)
    controls = world.center.controls

    controls.hold(contact)
    world.clock.advance(30)
    controls.resume(contact)
    controls.hold(contact)
    world.clock.advance(12)
    world.leave(contact, contact.agent)

    sender = f"{agent.id}-agent"
    assert client.messages == [
        (HOLD_TOPIC, "HoldStarted", sender),
        (HOLD_TOPIC, "HoldEnded", sender),
        (HOLD_TOPIC, "HoldStarted", sender),
    ]
    assert contact.held_s == 42
    assert not contact.is_on_hold


async def test_hold_wants_a_call_that_is_not_held(world: World) -> None:
    """Should refuse a waiting contact, a second hold and a resume of nothing."""
    waiting = world.start()
    with pytest.raises(UnableToAnswer):
        world.center.controls.hold(waiting)
    contact, _ = world.connect()
    with pytest.raises(UnableToAnswer):
        world.center.controls.resume(contact)
    world.center.controls.hold(contact)
    with pytest.raises(UnableToAnswer):
        world.center.controls.hold(contact)


async def test_screen_sharing_is_opened_and_closed(world: World) -> None:
    """Should send Amazon Connect's own messages, and again to a customer who comes back."""
    agent = world.agent()
    contact = world.center.start_contact(
        INSTANCE,
        FLOW,
        ContactDetails(display_name="Ana", customer_capabilities=Capabilities(screen_share=True)),
    )
    world.join(contact, contact.customer)
    world.center.routing.accept(agent, contact.id)
    world.join(contact, contact.agent)
    client, _ = listen(world, contact)

    world.center.controls.ask_for_screen(contact)
    world.join(contact, contact.customer)
    world.center.controls.end_screen(contact)

    assert [message[:2] for message in client.messages] == [
        (SCREEN_SHARING_TOPIC, "ScreenSharingStarted"),
        (SCREEN_SHARING_TOPIC, "ScreenSharingStarted"),
        (SCREEN_SHARING_TOPIC, "ScreenSharingStopped"),
    ]
    with pytest.raises(UnableToAnswer):
        world.center.controls.end_screen(contact)


async def test_transfer_ends_hold_and_frees_the_agent(world: World) -> None:
    """Should queue the customer behind the others, with nothing of the former agent left in the meeting."""
    world.settings.change({"desk_transfer_keeps_contact": True})
    contact, agent = world.connect()
    world.center.routing.set_status(agent, AgentStatus.BREAK)
    waiting = world.start()
    world.join(waiting, waiting.customer)
    world.center.controls.hold(contact)

    world.center.transfers.from_desk(contact, FLOW.queue)

    assert world.center.routing.waiting == [waiting, contact]
    assert contact.state is ContactState.QUEUED
    assert not contact.is_on_hold
    assert contact.agent is None
    assert agent.call is None
    assert agent.status is AgentStatus.BREAK
    assert world.told(contact)[-2:] == ["CONNECTED_TO_AGENT", "QUEUED"]
    await asyncio.sleep(0)
    assert all(
        not attendee.external_user_id.endswith("-agent")
        for attendee in world.center.meeting_of(contact).attendees.values()
    )


async def test_transfer_makes_a_contact(world: World) -> None:
    """Should carry the call on as a new contact, which is told of before the old one ends."""
    contact, agent = world.connect()

    world.center.transfers.from_desk(contact, FLOW.queue)

    [successor] = world.center.contacts.live
    assert successor.previous_contact_id == contact.id
    assert agent.wrapping_up is contact


async def test_transferred_call_is_one_of_the_concurrent_calls(world: World) -> None:
    """Should count once while it lasts, however often it was transferred, and no more once it is over."""
    contact, _ = world.connect()
    for _ in range(2):
        contact = world.center.transfers.to_new_contact(contact, FLOW, FLOW.queue)
        assert world.center.contacts.calls_in(INSTANCE) == 1

    world.center.end_contact(contact, DisconnectReason.CUSTOMER)
    assert world.center.contacts.calls_in(INSTANCE) == 0


async def test_colleague_is_rung_and_joins(world: World) -> None:
    """Should ring at that agent alone, and give them a contact of their own in the same meeting."""
    contact, _ = world.connect()
    world.agent("Cara")
    dora = world.agent("Dora")

    visit = world.center.visits.add_colleague(contact, dora)
    assert dora.offer is visit
    world.center.routing.accept(dora, visit.id)
    world.join(contact, visit.agent)

    assert visit.state is ContactState.CONNECTED
    assert visit.meeting_id == contact.meeting_id
    assert [person.role for person in visit.participants] == [Role.AGENT]
    assert world.told(visit) == ["INITIATED", "CONNECTED_TO_AGENT"]
    world.leave(contact, visit.agent)
    assert visit.is_over
    assert not contact.is_over
    assert dora.wrapping_up is visit


@pytest.mark.parametrize("refusal", ["decline", "ring out", "never join", "go"])
async def test_colleague_who_does_not_come_leaves_nothing(world: World, refusal: str) -> None:
    """Should end the visit, keep it out of the queue, and leave the call alone."""
    contact, _ = world.connect()
    dora = world.agent("Dora")
    visit = world.center.visits.add_colleague(contact, dora)

    match refusal:
        case "decline":
            world.center.routing.decline(dora, visit.id)
        case "ring out":
            world.clock.advance(world.settings.ring_s)
        case "never join":
            world.center.routing.accept(dora, visit.id)
            world.clock.advance(world.settings.agent_join_s)
        case "go":
            world.center.routing.leave(dora)

    assert visit.is_over
    assert dora.offer is dora.call is None
    assert dora.status is (AgentStatus.OFFLINE if refusal == "go" else AgentStatus.MISSED)
    assert world.center.routing.waiting == []
    assert contact.guests == []
    assert not contact.is_over


async def test_busy_colleague_is_not_rung(world: World) -> None:
    """Should refuse, and make no place in the meeting."""
    contact, agent = world.connect()
    places = len(world.center.meeting_of(contact).attendees)

    with pytest.raises(UnableToAnswer):
        world.center.visits.add_colleague(contact, agent)

    assert len(world.center.meeting_of(contact).attendees) == places


async def test_end_of_a_visit_leaves_the_customers_keys_alone(world: World) -> None:
    """Should not forget the token of the customer whom a supervisor has listened to."""
    contact, _ = world.connect()
    boss = world.agent("Boss")
    visit = world.center.visits.add_supervisor(contact, boss)
    world.join(contact, visit.agent)

    world.leave(contact, visit.agent)

    assert visit.is_over
    bearer = world.center.people.with_token(contact.customer.token)
    assert bearer is not None
    assert bearer.contact is contact


async def test_note_finds_room_or_is_refused(world: World) -> None:
    """Should keep what an agent says of a call, up to what a contact may hold."""
    contact, _ = world.connect()
    world.center.describe_outcome(contact, {"note": "Blue."})
    assert contact.details.attributes == {"note": "Blue."}

    with pytest.raises(UnableToAnswer):
        world.center.describe_outcome(contact, {"note": "ü" * 16_384})

    assert contact.details.attributes == {"note": "Blue."}
