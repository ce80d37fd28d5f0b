"""What a contact centre should be doing, in as few words as possible: the model that the real one is compared with.

Time is counted in hours of the server's clock and moves only when told. Every duration is a whole number of them, so
that the seconds a test takes never decide anything.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial

RING_H, NEVER_ARRIVED_H, LONGEST_CALL_H, CONNECTION_TOKEN_H, CLIENT_TOKEN_H = 2, 3, 24, 24, 168
WAIT_LIMIT_H = 5
CONCURRENT_CALLS, INVITATIONS = 4, 2
MOST_TAGS, MOST_ATTRIBUTE_BYTES, MOST_REFERENCE_BYTES = 6, 32_768, 4_096

EventKey = tuple[str, str, tuple[str, ...]]
"""A contact's id, the type, and what was updated."""


@dataclass(eq=False)
class Agent:
    """A scripted agent; `answers` by themselves or when told."""

    id: str
    answers: bool
    status: str = "offline"
    after_call: str = "available"
    since: int = 0
    offer: Contact | None = None
    call: Contact | None = None


@dataclass(eq=False)
class Contact:
    """A contact as whoever started it would remember it."""

    id: str
    name: str
    began: int
    token: str = ""
    is_impatient: bool = False
    """Its flow gives up after a while in the queue."""
    method: str = "WEBRTC_API"
    initial: str | None = None
    previous: str | None = None
    host: Contact | None = None
    state: str = "initiated"
    reason: str | None = None
    was_queued: bool = False
    agent_id: str | None = None
    rings_at: Agent | None = None
    description: str | None = None
    attributes: dict[str, str] = field(default_factory=dict)
    references: dict[str, tuple[str, str]] = field(default_factory=dict)
    tags: dict[str, str] = field(default_factory=dict)
    digits: str = ""
    guests: list[Contact] = field(default_factory=list)

    @property
    def is_over(self) -> bool:
        return self.state == "ended"


@dataclass(eq=False)
class _Timer:
    due: int
    order: tuple[int, int]
    action: Callable[[], None]
    owner: object


class ContactCenterModel:
    """All contacts and agents, and what has been told about them."""

    def __init__(self) -> None:
        self.now = 0
        self.contacts: dict[str, Contact] = {}
        self.queue: list[Contact] = []
        self.agents: dict[str, Agent] = {}
        self.events: list[EventKey] = []
        self._timers: list[_Timer] = []
        self._count = itertools.count(1)
        self._moment = 0

    @property
    def calls(self) -> list[Contact]:
        """Those that count towards the quota."""
        return [c for c in self.contacts.values() if not c.is_over and c.host is None]

    def bearer(self, token: str) -> Contact | None:
        """The live contact whose customer holds the participant token."""
        return next(
            (c for c in self.contacts.values() if c.token == token and not c.is_over), None
        )

    # What callers do

    def start(self, contact: Contact, *, waits_for_media: bool) -> None:
        self._admit(contact)
        self._set(contact, LONGEST_CALL_H, partial(self.end, contact, "OTHER"))
        if waits_for_media:
            never = partial(self.end, contact, "CUSTOMER_NEVER_ARRIVED")
            self._set(contact, NEVER_ARRIVED_H, never)
        else:
            self._enqueue(contact)

    def invite(self, host: Contact, guest: Contact) -> None:
        guest.host, guest.previous = host, host.id
        guest.initial = host.initial or host.id
        host.guests.append(guest)
        self._admit(guest)

    def end(self, contact: Contact, reason: str) -> None:
        if contact.is_over:
            return
        contact.state, contact.reason = "ended", reason
        self._stop(contact)
        if contact.host is None:
            for guest in list(contact.guests):
                self.end(guest, reason if reason == "AGENT_DISCONNECT" else "OTHER")
        else:
            contact.host.guests.remove(contact)
        self._withdraw(contact)

    def transfer(self, contact: Contact, successor: Contact) -> None:
        successor.name, successor.token = contact.name, contact.token
        successor.description, successor.began = contact.description, contact.began
        successor.attributes, successor.tags = dict(contact.attributes), dict(contact.tags)
        successor.references = dict(contact.references)
        successor.method, successor.previous = "TRANSFER", contact.id
        successor.initial = contact.initial or contact.id
        successor.guests, contact.guests = contact.guests, []
        for guest in successor.guests:
            guest.host = successor
        self.end(contact, "OTHER")
        self._admit(successor)
        left = LONGEST_CALL_H - (self.now - successor.began)
        self._set(successor, left, partial(self.end, successor, "OTHER"))
        self._enqueue(successor)

    def update(self, contact: Contact, what: str) -> None:
        """Something was said about a contact that is told on."""
        self._tell("CONTACT_DATA_UPDATED", contact, what)

    # What agents do

    def add_agent(self, agent: Agent) -> None:
        self.agents[agent.id] = agent
        self._become(agent, "available")
        self._offer()

    def make_available(self, agent: Agent) -> None:
        agent.after_call = "available"
        if agent.call is None and agent.offer is None:
            self._become(agent, "available")
        if agent.call is None:
            self._offer()

    def answer(self, agent: Agent) -> None:
        contact = agent.offer
        assert contact is not None
        self.queue.remove(contact)
        self._stop_ring(agent, "busy")
        agent.call, agent.after_call = contact, "available"
        contact.agent_id, contact.state = agent.id, "connected"
        self._tell("CONNECTED_TO_AGENT", contact)

    def remove(self, agent: Agent) -> None:
        agent.after_call = "offline"
        if agent.offer is not None:
            self._stop_ring(agent, "offline")
        elif agent.call is None:
            agent.status = "offline"
        self._offer()
        if agent.call is not None:
            self.end(agent.call, "AGENT_DISCONNECT")
        del self.agents[agent.id]

    def settle(self) -> None:
        """Agents who answer by themselves do, once everything else has happened."""
        for agent in list(self.agents.values()):
            if agent.answers and agent.offer is not None:
                self.answer(agent)
        self._moment = next(self._count)

    # What time does

    def advance(self, hours: int) -> None:
        target = self.now + hours
        while due := [timer for timer in self._timers if timer.due <= target]:
            timer = min(due, key=lambda timer: (timer.due, timer.order))
            self._timers.remove(timer)
            self.now, self._moment = timer.due, timer.order[0]
            timer.action()
        self.now = target

    def _admit(self, contact: Contact) -> None:
        self.contacts[contact.id] = contact
        self._tell("INITIATED", contact)

    def _enqueue(self, contact: Contact) -> None:
        contact.state, contact.was_queued = "queued", True
        self._tell("QUEUED", contact)
        self.queue.append(contact)
        self._offer()
        if contact.is_impatient:
            self._set(contact, WAIT_LIMIT_H, partial(self._give_up, contact))

    def _give_up(self, contact: Contact) -> None:
        if contact.agent_id is None:
            self.end(contact, "CONTACT_FLOW_DISCONNECT")

    def _withdraw(self, contact: Contact) -> None:
        self._tell("DISCONNECTED", contact)
        if contact.agent_id is None:
            self._tell("COMPLETED", contact)
        if contact in self.queue:
            self.queue.remove(contact)
        if contact.rings_at is not None:
            self._stop_ring(contact.rings_at, "available")
        agent = self.agents.get(contact.agent_id or "")
        if agent is not None and agent.call is contact:
            agent.call = None
            self._become(agent, agent.after_call)
            self._tell("COMPLETED", contact)
        self._offer()

    def _offer(self) -> None:
        free = [agent for agent in self.agents.values() if agent.status == "available"]
        free.sort(key=lambda agent: agent.since)
        silent = [contact for contact in self.queue if contact.rings_at is None]
        for agent, contact in zip(free, silent, strict=False):
            agent.status, agent.offer, contact.rings_at = "ringing", contact, agent
            self._set(agent, RING_H, partial(self._miss, agent))

    def _miss(self, agent: Agent) -> None:
        self._stop_ring(agent, "missed")
        self._offer()

    def _stop_ring(self, agent: Agent, status: str) -> None:
        self._stop(agent)
        if agent.offer is not None:
            agent.offer.rings_at = None
        agent.offer = None
        self._become(agent, status)

    def _become(self, agent: Agent, status: str) -> None:
        if status == "available":
            agent.since = next(self._count)
        agent.status = status

    def _tell(self, event: str, contact: Contact, *updated: str) -> None:
        self.events.append((contact.id, event, updated))

    def _set(self, owner: object, hours: int, action: Callable[[], None]) -> None:
        order = (self._moment, next(self._count))
        self._timers.append(_Timer(self.now + hours, order, action, owner))

    def _stop(self, owner: object) -> None:
        self._timers = [timer for timer in self._timers if timer.owner is not owner]
