"""What a waiting customer's page is told of the agents who are asked to come."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from localconnect.agent_search import AGENT_TOPIC
from localconnect.agents import AgentStatus
from localconnect.contacts import Contact
from localconnect.media.meetings import Attendee
from tests.localconnect_world import INSTANCE, Client, World, listen


@pytest.fixture
async def world() -> AsyncIterator[World]:
    built = World()
    yield built
    await built.close()


def waiting(world: World) -> tuple[Contact, Client]:
    """Somebody in the queue, and what their page hears."""
    contact = world.start()
    client, _ = listen(world, contact)
    world.join(contact, contact.customer)
    return contact, client


def heard(client: Client) -> list[str]:
    return [text for topic, text, _ in client.messages if topic == AGENT_TOPIC]


def invited(world: World, contact: Contact) -> list[Attendee]:
    return list(world.center.meeting_of(contact).attendees.values())


async def test_offer_and_miss_are_told_and_the_place_is_kept(world: World) -> None:
    """Should say that somebody is asked, then that they have not come; and leave nobody behind in the meeting."""
    contact, client = waiting(world)
    later, _ = waiting(world)
    agent = world.agent()

    world.clock.advance(world.settings.ring_s)

    assert agent.status is AgentStatus.MISSED
    assert heard(client) == ["AgentOffered", "AgentMissed"]
    assert world.center.routing.waiting == [contact, later]
    assert len(invited(world, contact)) == 1
    assert {sender for _, _, sender in client.messages} == {f"{INSTANCE.flows[0].queue.id}-queue"}


@pytest.mark.parametrize("refusal", ["decline", "break", "leave", "never join"])
async def test_every_way_not_to_come_is_told(world: World, refusal: str) -> None:
    """Should tell of a miss however the agent does not come."""
    contact, client = waiting(world)
    agent = world.agent()
    match refusal:
        case "decline":
            world.center.routing.decline(agent, contact.id)
        case "break":
            world.center.routing.set_status(agent, AgentStatus.BREAK)
        case "leave":
            world.center.routing.leave(agent)
        case "never join":
            world.center.routing.accept(agent, contact.id)
            world.clock.advance(world.settings.agent_join_s)

    assert heard(client) == ["AgentOffered", "AgentMissed"]


async def test_who_comes_back_is_told_how_the_search_stands(world: World) -> None:
    """Should repeat an offer until the agent has joined, and tell of a lost agent, to who joins anew."""
    contact, client = waiting(world)
    agent = world.agent()
    world.join(contact, contact.customer)
    world.center.routing.accept(agent, contact.id)
    world.join(contact, contact.customer)
    world.join(contact, contact.agent)
    world.join(contact, contact.customer)
    assert heard(client) == ["AgentOffered"] * 3

    world.leave(contact, contact.agent, dropped=True)
    world.join(contact, contact.customer)
    assert heard(client)[3:] == ["AgentLost", "AgentLost"]


async def test_a_colleague_who_is_asked_in_is_no_news(world: World) -> None:
    """Should say nothing of a visit to a call, whether the colleague comes or not."""
    contact, _ = world.connect()
    client, _ = listen(world, contact)
    dora = world.agent("Dora")
    visit = world.center.visits.add_colleague(contact, dora)
    world.center.routing.decline(dora, visit.id)

    assert heard(client) == []
