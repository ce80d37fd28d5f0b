"""Contacts as values, and the contact centre: who may do what when, on real meetings and a clock that is moved by hand."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from localconnect.agents import AgentStatus, Roster, UnableToAddAgent
from localconnect.client_tokens import ClientTokens
from localconnect.contact_center import UnableToStartContact
from localconnect.contacts import (
    Contact,
    ContactDetails,
    Contacts,
    ContactState,
    DisconnectReason,
    Participant,
    Role,
)
from localconnect.event_envelope import EventType, envelope
from localconnect.routing import UnableToAnswer
from localconnect.settings import DEMO, Settings, UnableToChangeSettings
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
        (Role.AGENT, True, DisconnectReason.AGENT),
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

    assert world.center._timers == {}
    assert world.center.contacts.live_count == 0
    assert world.center.meetings.describe() == []


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
