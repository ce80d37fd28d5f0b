"""People invited into a call: their joining and leaving, on real meetings and a clock that is moved by hand."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest

from localconnect.contacts import Capabilities, Contact, DisconnectReason
from localconnect.people import Purpose, make_key
from localconnect.visits import UnableToInvite
from tests.localconnect_world import NOW, World


@pytest.fixture
async def world() -> AsyncIterator[World]:
    made = World()
    yield made
    await made.close()


def invite(world: World, host: Contact) -> Contact:
    return world.center.visits.add_guest(host, "Bea", Capabilities())


async def test_invited_people_take_part_and_leave_alone(world: World) -> None:
    """Should end their own contact only, and tell its story in events."""
    host, _ = world.connect()
    guest = invite(world, host)
    world.clock.advance(3600)
    assert not guest.is_over

    world.join(host, guest.customer)
    assert guest.customer.is_present
    world.leave(host, guest.customer, dropped=True)

    assert guest.disconnect_reason is DisconnectReason.CUSTOMER
    assert not host.is_over
    assert host.guests == []
    assert world.told(guest) == ["INITIATED", "DISCONNECTED", "COMPLETED"]


class Client:
    """Somebody's signalling socket, which notes why it is ended."""

    def __init__(self) -> None:
        self.statuses: list[int] = []

    def send(self, frame: bytes) -> None:
        pass

    def finish(self, status: int) -> None:
        self.statuses.append(status)

    def abort(self) -> None:
        pass


async def test_seventh_person_is_sent_away(world: World) -> None:
    """Should let four join besides the first customer and the agent, and end the contact of the next."""
    host, _ = world.connect()
    guests = [invite(world, host) for _ in range(5)]

    for guest in guests:
        world.join(host, guest.customer)

    assert [guest.is_over for guest in guests] == [False] * 4 + [True]
    assert guests[4].disconnect_reason is DisconnectReason.OTHER
    world.leave(host, guests[0].customer)
    latecomer = invite(world, host)
    world.join(host, latecomer.customer)
    assert not latecomer.is_over


async def test_seventh_person_is_told_that_the_call_is_full(world: World) -> None:
    """Should end the media of whoever finds no room with 409, the SDK's AudioCallAtCapacity."""
    host, _ = world.connect()
    guests = [invite(world, host) for _ in range(5)]
    for guest in guests[:4]:
        world.join(host, guest.customer)
    client = Client()
    meeting = world.center.meetings.find(host.meeting_id)
    assert meeting is not None
    attendee = meeting.attendees[guests[4].customer.attendee_id]

    world.room(host).connected(world.room(host).admit(attendee, content=False, client=client))
    await asyncio.sleep(0)

    assert client.statuses == [409]
    assert attendee.id not in meeting.attendees


async def test_invitations_are_bounded(world: World) -> None:
    """Should refuse more live participants than the setting allows."""
    host, _ = world.connect()
    world.settings.change({"invitations_per_call": 0})

    with pytest.raises(UnableToInvite):
        invite(world, host)


@pytest.mark.parametrize(
    ("ends_call", "reason", "of_guest"),
    [
        ("agent", DisconnectReason.AGENT, DisconnectReason.AGENT),
        ("customer", DisconnectReason.CUSTOMER, DisconnectReason.OTHER),
    ],
)
async def test_end_of_the_call_ends_every_part_of_it(
    world: World, ends_call: str, reason: DisconnectReason, of_guest: DisconnectReason
) -> None:
    """Should end the contacts of invited people with the first one's."""
    host, _ = world.connect()
    guest = invite(world, host)
    world.join(host, guest.customer)

    world.leave(host, host.agent if ends_call == "agent" else host.customer)

    assert (host.disconnect_reason, guest.disconnect_reason) == (reason, of_guest)
    assert world.center.contacts.live_count == 0


async def test_call_may_go_on_without_its_first_customer(world: World) -> None:
    """Should, where set so, end when the last customer has left, with the first one's keys dead meanwhile."""
    world.settings.change({"call_ends_with_customer": False})
    host, _ = world.connect()
    guest = invite(world, host)
    world.join(host, guest.customer)

    world.leave(host, host.customer)
    assert not host.is_over
    assert world.center.people.with_token(host.customer.token) is None
    world.leave(host, guest.customer)

    assert host.disconnect_reason is DisconnectReason.CUSTOMER


async def test_keys_are_for_one_purpose_and_one_person(world: World) -> None:
    """Should open only what they were made for, until they expire or their person is gone."""
    contact, other = world.start(), world.start()
    people = world.center.people
    key = make_key(contact.customer, Purpose.CONNECTION, NOW + 10)

    bearer = people.with_key(key, Purpose.CONNECTION, NOW + 9)
    assert bearer is not None
    assert bearer.contact is contact
    assert people.with_key(key, Purpose.SOCKET, NOW) is None
    assert people.with_key(key, Purpose.CONNECTION, NOW + 10) is None
    forged = key.replace(contact.customer.id, other.customer.id)
    assert people.with_key(forged, Purpose.CONNECTION, NOW) is None
    for nonsense in ("", "..", f"{contact.customer.id}.².x", f"{contact.customer.id}.1.\ud800"):
        assert people.with_key(nonsense, Purpose.CONNECTION, NOW) is None
    world.center.end_contact(contact, DisconnectReason.OTHER)
    assert people.with_key(key, Purpose.CONNECTION, NOW) is None


async def test_transfer_takes_everybody_but_the_agent_along(world: World) -> None:
    """Should end the first contact, free its agent, and leave people and their keys in place."""
    host, agent = world.connect()
    guest = invite(world, host)
    world.join(host, guest.customer)
    world.settings.change({"wrap_up_s": 0})

    successor = world.center.transfers.to_new_contact(host, host.flow, host.queue)

    assert host.is_over
    assert agent.offer is successor
    assert (guest.host, successor.guests, host.guests) == (successor, [guest], [])
    assert successor.customer.is_present
    bearer = world.center.people.with_token(host.customer.token)
    assert bearer is not None
    assert bearer.contact is successor
    assert world.told(host)[-2:] == ["DISCONNECTED", "COMPLETED"]
    assert world.told(successor) == ["INITIATED", "QUEUED"]
    world.leave(successor, guest.customer)
    world.leave(successor, successor.customer)
    assert successor.disconnect_reason is DisconnectReason.CUSTOMER
    assert world.center.contacts.live_count == 0
