"""The life of contacts and agents, in every order of steps: what always holds, whatever has happened before."""

from __future__ import annotations

import asyncio

from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from localconnect.agents import AgentStatus
from localconnect.contact_center import UnableToStartContact
from localconnect.contacts import (
    Contact,
    DisconnectReason,
)
from localconnect.event_envelope import EventType
from localconnect.routing import UnableToAnswer
from tests.localconnect_world import World


class LifeOfContacts(RuleBasedStateMachine):
    """Whatever happens in whatever order, contacts, agents and events tell one story."""

    @initialize()
    def open(self) -> None:
        self.loop = asyncio.new_event_loop()
        self.world = self.loop.run_until_complete(self._make())
        self.contacts: list[Contact] = []

    async def _make(self) -> World:
        return World(wrap_up_s=30, concurrent_calls=4)

    def do(self, action: object, *arguments: object, **options: object) -> object:
        async def act() -> object:
            return action(*arguments, **options)  # type: ignore[operator]

        return self.loop.run_until_complete(act())

    @rule()
    def start(self) -> None:
        try:
            self.contacts.append(self.do(self.world.start))  # type: ignore[arg-type]
        except UnableToStartContact:
            assert self.world.center.contacts.live_count == 4

    @rule(number=st.integers(0, 3))
    def customer_joins(self, number: int) -> None:
        live = self.world.center.contacts.live
        if number < len(live):
            self.do(self.world.join, live[number], live[number].customer)

    @rule(number=st.integers(0, 3), is_agent=st.booleans(), dropped=st.booleans())
    def somebody_leaves(self, number: int, is_agent: bool, dropped: bool) -> None:
        live = self.world.center.contacts.live
        if number < len(live):
            person = live[number].agent if is_agent else live[number].customer
            if person is not None:
                self.do(self.world.leave, live[number], person, dropped=dropped)

    @rule(number=st.integers(0, 3))
    def stop(self, number: int) -> None:
        if number < len(self.contacts):
            self.do(self.world.center.end_contact, self.contacts[number], DisconnectReason.OTHER)

    @rule(name=st.sampled_from(["Ben", "Cara"]), status=st.sampled_from(sorted(AgentStatus)))
    def agent_chooses(self, name: str, status: AgentStatus) -> None:
        agent = self.world.center.roster.of_desk(name)
        try:
            self.do(self.world.center.routing.set_status, agent, status)
        except UnableToAnswer:
            assert status not in ("available", "break", "offline")

    @rule(
        name=st.sampled_from(["Ben", "Cara"]),
        wish=st.sampled_from(["accept", "decline", "join", "ready", "go"]),
    )
    def agent_acts(self, name: str, wish: str) -> None:
        agent, routing = self.world.center.roster.of_desk(name), self.world.center.routing
        if wish == "accept" and agent.offer is not None:
            self.do(routing.accept, agent, agent.offer.id)
        elif wish == "decline" and agent.offer is not None:
            self.do(routing.decline, agent, agent.offer.id)
        elif wish == "join" and agent.call is not None:
            self.do(self.world.join, agent.call, agent.call.agent)
        elif wish == "ready" and agent.wrapping_up is not None:
            self.do(routing.finish_wrap_up, agent)
        elif wish == "go":
            self.do(routing.leave, agent)

    @rule(seconds=st.sampled_from([1, 15, 25, 70]))
    def time_passes(self, seconds: int) -> None:
        self.do(self.world.clock.advance, seconds)

    @invariant()
    def agents_and_contacts_agree(self) -> None:
        world = getattr(self, "world", None)
        if world is None:
            return
        for agent in world.center.roster:
            assert [agent.offer, agent.call, agent.wrapping_up].count(None) >= 2
            assert (agent.offer is not None) == (agent.status is AgentStatus.RINGING)
            assert (agent.call is not None) == (agent.status is AgentStatus.BUSY)
            assert (agent.wrapping_up is not None) == (agent.status is AgentStatus.WRAP_UP)
            if agent.offer is not None:
                assert agent.offer.offered_to == agent.id
                assert agent.offer in world.center.routing.waiting
            if agent.call is not None:
                assert agent.call.agent_id == agent.id
                assert not agent.call.is_over
        free = [agent for agent in world.center.roster if agent.is_free]
        silent = [
            contact for contact in world.center.routing.waiting if contact.offered_to is None
        ]
        assert not free or not silent

    @invariant()
    def events_tell_each_step_once_and_in_order(self) -> None:
        story = [event.value for event in EventType]
        for contact in getattr(self, "contacts", []):
            told = self.world.told(contact)
            assert told == sorted(set(told), key=story.index)
            assert ("QUEUED" in told) == (contact.queued_at is not None)
            assert ("CONNECTED_TO_AGENT" in told) == (contact.connected_at is not None)
            assert ("DISCONNECTED" in told) == contact.is_over
            assert ("COMPLETED" in told) <= contact.is_over

    def teardown(self) -> None:
        if hasattr(self, "loop"):
            self.loop.run_until_complete(self.world.close())
            self.loop.close()


TestLifeOfContacts = LifeOfContacts.TestCase
TestLifeOfContacts.settings = hypothesis_settings(
    max_examples=60, stateful_step_count=40, deadline=None
)
