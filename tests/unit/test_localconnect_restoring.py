"""What a contact centre leaves behind and another takes up: deadlines, rings, queues, whatever had happened before."""

from __future__ import annotations

import tempfile
from collections.abc import AsyncIterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from hypothesis.stateful import invariant, rule

from localconnect.agents import AgentStatus
from localconnect.contact_center import UnableToStartContact
from localconnect.contacts import Capabilities, Contact, DisconnectReason
from localconnect.records import agent_record, contact_record
from localconnect.store import Kind, Store
from localconnect.visits import TooManySupervisors, UnableToMonitor
from tests.localconnect_world import FLOW, World
from tests.unit.test_localconnect_life_of_contacts import LifeOfContacts


class Worlds:
    """One contact centre after the other, on one file."""

    def __init__(self, path: Path, **settings: object) -> None:
        self.store = Store(path)
        self._settings = settings
        self.world = World(store=self.store, **settings)

    async def restart(self, down_s: float = 0.0) -> World:
        """The next one, after `down_s` without any."""
        former = self.world
        former.center.journal.flush()
        await former.close()
        self.world = World(store=self.store, **self._settings)
        self.world.resume(former.clock.advanced_s + down_s)
        return self.world

    def same(self, contact: Contact) -> Contact:
        """The contact as it is now."""
        found = self.world.center.contacts.find(contact.id)
        assert found is not None
        assert found is not contact
        return found

    async def close(self) -> None:
        await self.world.close()
        self.store.close()


@pytest.fixture
async def worlds(tmp_path: Path) -> AsyncIterator[Worlds]:
    made = Worlds(tmp_path / "data")
    yield made
    await made.close()


async def test_time_that_ran_goes_on_running(worlds: Worlds) -> None:
    """Should end at the original instants: never arrived, longest call, after-contact work."""
    world = worlds.world
    late, long_talk = world.start(), world.start()
    world.join(long_talk, long_talk.customer)
    world.clock.advance(30)

    world = await worlds.restart(down_s=20)
    assert not worlds.same(late).is_over
    world.clock.advance(11)
    assert worlds.same(late).disconnect_reason is DisconnectReason.NEVER_ARRIVED
    world.join(worlds.same(long_talk), worlds.same(long_talk).customer)
    world.settings.change({"rejoin_window_s": 1e9})

    world = await worlds.restart(down_s=86_400 - 62)
    world.settings.change({"rejoin_window_s": 1e9})
    assert not worlds.same(long_talk).is_over
    world.clock.advance(2)
    assert worlds.same(long_talk).disconnect_reason is DisconnectReason.OTHER


async def test_who_was_present_may_come_back(worlds: Worlds) -> None:
    """Should wait the rejoin window from the start of the process, and end the call of who does not come."""
    world = worlds.world
    staying, _ = world.connect()
    world = await worlds.restart(down_s=600)
    world.clock.advance(59)
    assert not worlds.same(staying).is_over
    world.clock.advance(2)
    assert worlds.same(staying).is_over


async def test_work_after_a_call_ends_in_time(worlds: Worlds) -> None:
    """Should go on with the after-contact work and tell of its end once."""
    world = worlds.world
    contact, agent = world.connect()
    world.center.end_contact(contact, DisconnectReason.CUSTOMER)
    assert agent.status is AgentStatus.WRAP_UP
    world.clock.advance(20)

    world = await worlds.restart()
    [same] = world.center.roster
    assert same.status is AgentStatus.WRAP_UP
    world.clock.advance(9)
    assert world.told(contact) == []
    world.clock.advance(2)
    assert world.told(contact) == ["COMPLETED"]
    assert worlds.same(contact).wrap_up_ended_at is not None


async def test_who_accepted_has_as_long_to_join_as_ever(worlds: Worlds) -> None:
    """Should wait for the agent's media, and put the customer first in the queue when it does not come."""
    world = worlds.world
    agent = world.agent()
    contact, other = world.start(), world.start()
    for one in (contact, other):
        world.join(one, one.customer)
    world.center.routing.accept(agent, contact.id)

    world = await worlds.restart()
    [same] = world.center.roster
    assert same.call is worlds.same(contact)
    world.clock.advance(21)

    assert same.call is None
    assert world.center.routing.waiting == [worlds.same(contact), worlds.same(other)]
    await worlds.restart()
    assert worlds.world.center.routing.waiting == [worlds.same(contact), worlds.same(other)]


async def test_queue_keeps_its_order(worlds: Worlds) -> None:
    """Should leave at the front who was put back there, though others have waited longer."""
    world = worlds.world
    first, second = world.start(), world.start()
    for one in (first, second):
        world.join(one, one.customer)
    ben, cara = world.agent("Ben"), world.agent("Cara")
    assert ben.offer is first
    world.center.routing.accept(cara, second.id)
    world.center.routing.decline(ben, first.id)
    world.clock.advance(21)

    world = await worlds.restart()

    assert world.center.routing.waiting == [worlds.same(second), worlds.same(first)]


async def test_guest_of_a_transferred_call_stays_its_guest(worlds: Worlds) -> None:
    """Should belong to the contact that carries the call on."""
    world = worlds.world
    host, _ = world.connect()
    guest = world.center.visits.add_guest(host, "Bea", Capabilities())
    world.center.journal.flush()
    successor = world.center.transfers.to_new_contact(host, FLOW, FLOW.queue)

    await worlds.restart()

    assert worlds.same(guest).host is worlds.same(successor)
    assert worlds.same(successor).guests == [worlds.same(guest)]


async def test_ended_contacts_keep_their_order(worlds: Worlds) -> None:
    """Should forget the oldest first, also after a restart: a call goes onto the shelf before its guests."""
    host, _ = worlds.world.connect()
    worlds.world.center.visits.add_guest(host, "Bea", Capabilities())
    worlds.world.center.end_contact(host, DisconnectReason.OTHER)
    before = [contact.id for contact in worlds.world.center.contacts]

    world = await worlds.restart()

    assert [contact.id for contact in world.center.contacts] == before


async def test_what_rang_rings_anew(worlds: Worlds) -> None:
    """Should ring from the beginning, at the agent who had waited longest."""
    world = worlds.world
    contact = world.start()
    world.join(contact, contact.customer)
    world.agent("Ben")
    world.clock.advance(15)

    world = await worlds.restart()
    [ben] = world.center.roster
    assert ben.offer is worlds.same(contact)
    world.clock.advance(8)  # the desk is expected back within ten seconds
    assert ben.offer is worlds.same(contact)
    world.clock.advance(3)
    assert ben.status is AgentStatus.OFFLINE


async def test_invited_colleague_is_rung_anew(worlds: Worlds) -> None:
    """Should ring at that very agent, ahead of the queue, and let them join by accepting."""
    world = worlds.world
    host, _ = world.connect()
    eva = world.agent("Eva")
    visit = world.center.visits.add_colleague(host, eva)
    waiting = world.start()
    world.join(waiting, waiting.customer)

    world = await worlds.restart()
    same = world.center.roster.find(eva.id)
    assert same is not None
    assert same.offer is worlds.same(visit)
    world.center.routing.accept(same, visit.id)
    world.join(worlds.same(host), worlds.same(visit).agent)
    assert worlds.same(visit).connected_at is not None


class LifeWithRestarts(LifeOfContacts):
    """The same story, with visitors and transfers, told by one process after the other."""

    async def _make(self) -> World:
        self.folder = tempfile.TemporaryDirectory()
        self.worlds = Worlds(
            Path(self.folder.name) / "data",
            wrap_up_s=30,
            concurrent_calls=4,
            retained_contacts=3,
            requeue_when_agent_lost=False,
        )
        return self.worlds.world

    @rule()
    def start(self) -> None:
        try:
            self.contacts.append(self.do(self.world.start))  # type: ignore[arg-type]
        except UnableToStartContact:
            calls = [one for one in self.world.center.contacts.live if one.host is None]
            assert len(calls) == 4

    @rule(name=st.sampled_from(["Ben", "Cara"]))
    def connect(self, name: str) -> None:
        """A call at once, which steps taken at random seldom lead to."""
        routing, agent = self.world.center.routing, self.world.center.roster.of_desk(name)
        self.start()
        for contact in self.world.center.contacts.live:
            self.do(self.world.join, contact, contact.visitor)
        self.do(routing.set_status, agent, AgentStatus.AVAILABLE)
        if agent.offer is not None:
            call = agent.offer
            self.do(routing.accept, agent, call.id)
            self.do(self.world.join, call, call.agent)

    @rule(
        number=st.integers(0, 3), what=st.sampled_from(["invite", "monitor", "hold", "transfer"])
    )
    def change_call(self, number: int, what: str) -> None:
        center = self.world.center
        calls = [one for one in center.contacts.live if one.host is None and one.connected_at]
        if number >= len(calls):
            return
        call = calls[number]
        if what == "invite":
            self.do(center.visits.add_guest, call, "Bea", Capabilities())
        elif what == "hold":
            self.do(center.controls.resume if call.is_on_hold else center.controls.hold, call)
        elif what == "transfer":
            self.do(center.transfers.to_new_contact, call, FLOW, FLOW.queue)
        else:
            for agent in center.roster:
                if agent.call is None:
                    with suppress(UnableToMonitor, TooManySupervisors):
                        self.do(center.visits.add_supervisor, call, agent)

    @rule()
    def restart(self) -> None:
        published = self.world.events.published
        self.world = self.loop.run_until_complete(self.worlds.restart())
        self.world.events.published = published
        kept = self.world.center.contacts
        self.contacts = [kept.find(one.id) or one for one in self.contacts]

    @invariant()
    def everything_is_kept(self) -> None:
        if not hasattr(self, "worlds"):
            return
        center = self.world.center
        center.journal.flush()
        assert self.kept(Kind.LIVE_CONTACT) == [_lasting(one) for one in center.contacts.live]
        ended = [one for one in center.contacts if one.is_over]
        assert self.kept(Kind.ENDED_CONTACT) == [_lasting(one) for one in ended]
        agents = {document["id"]: document for document in self.kept(Kind.AGENT)}
        for agent in center.roster:
            assert agents.get(agent.id, agent_record(agent)) == agent_record(agent)

    def kept(self, kind: Kind) -> list[dict[str, Any]]:
        documents = [document for _, document in self.worlds.store.documents(kind)]
        return [_without_passing(document) for document in documents]

    def teardown(self) -> None:
        if hasattr(self, "worlds"):
            super().teardown()
            self.worlds.store.close()
            self.folder.cleanup()


def _lasting(contact: Contact) -> dict[str, Any]:
    return _without_passing(contact_record(contact))


def _without_passing(document: dict[str, Any]) -> dict[str, Any]:
    """Rings begin anew, and an ended contact loses a host that is forgotten."""
    passing = {"offered_to", "host"} if document.get("ended_at") else {"offered_to"}
    return {name: value for name, value in document.items() if name not in passing}


TestLifeWithRestarts = LifeWithRestarts.TestCase
TestLifeWithRestarts.settings = hypothesis_settings(
    max_examples=40, stateful_step_count=30, deadline=None, derandomize=True
)
