"""An agent who is lost to a call: their connection broke for good, or desk and media went together."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from localconnect.agents import AgentStatus
from localconnect.contacts import ContactState, DisconnectReason
from tests.localconnect_world import World


class Nobody:
    """A client that takes no notice."""

    def send(self, frame: bytes) -> None:
        pass

    def finish(self, status: int) -> None:
        pass

    def abort(self) -> None:
        pass


@pytest.fixture
async def world() -> AsyncIterator[World]:
    built = World()
    yield built
    await built.close()


async def test_loss_of_the_agent_puts_the_customer_first(world: World) -> None:
    """Should go back to the front of the queue, tell so, and connect to the next agent as if to the first."""
    contact, agent = world.connect()
    waiting = world.start()
    world.join(waiting, waiting.customer)
    world.center.controls.hold(contact)

    world.leave(contact, contact.agent, dropped=True)

    assert world.center.routing.waiting == [contact, waiting]
    assert contact.state is ContactState.QUEUED
    assert not contact.is_on_hold
    assert agent.status is AgentStatus.MISSED
    cara = world.agent("Cara")
    world.center.routing.accept(cara, contact.id)
    world.join(contact, contact.agent)
    assert contact.agent_id == cara.id
    assert world.told(contact)[-3:] == ["CONNECTED_TO_AGENT", "QUEUED", "CONNECTED_TO_AGENT"]


async def test_loss_of_the_agent_may_end_the_contact(world: World) -> None:
    """Should end as the agent's doing where the setting says so."""
    world.settings.change({"requeue_when_agent_lost": False})
    contact, _ = world.connect()

    world.leave(contact, contact.agent, dropped=True)

    assert contact.disconnect_reason is DisconnectReason.AGENT


async def test_closed_desk_without_media_gives_the_call_away(world: World) -> None:
    """Should not wait for the rejoin window when page and media are gone together; media alone keeps the call."""
    contact, agent = world.connect()
    meeting = world.center.meeting_of(contact)
    assert contact.agent is not None
    attendee = meeting.attendees[contact.agent.attendee_id]
    room = world.room(contact)
    endpoint = room.admit(attendee, content=False, client=Nobody())
    room.connected(endpoint)
    world.center.transfers.desk_closed(agent)
    assert contact.state is ContactState.CONNECTED

    room.lose(endpoint)
    world.center.transfers.desk_closed(agent)

    assert contact.state is ContactState.QUEUED
    assert agent.status is AgentStatus.OFFLINE
