"""Brings waiting contacts and agents together: the queue, the ring, and what an agent answers to it.

Owns who is offered what and the agents' status. What follows from an answer for the contact itself (people joining,
its end) is told to the `CallTaker`, which also tells this module when a call is over.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Protocol

from localconnect.agents import CHOSEN, Agent, AgentStatus, Roster
from localconnect.clock import Clock
from localconnect.contacts import Contact
from localconnect.directory import Queue
from localconnect.journal import Journal
from localconnect.records import agent_record
from localconnect.settings import Settings
from localconnect.store import Kind


class UnableToAnswer(ValueError):
    """What the agent wants is not possible now; the text says why."""


class CallTaker(Protocol):
    """Whoever carries an answered call on."""

    def offered(self, contact: Contact) -> None:
        """An agent is being asked to take the contact."""

    def missed(self, contact: Contact) -> None:
        """The agent who was asked has not come; the contact waits on in its place."""

    def agent_accepted(self, contact: Contact, agent: Agent) -> None:
        """Let the agent into the contact's meeting."""

    def agent_absent(self, contact: Contact) -> None:
        """The agent who accepted never joined: take their place in the contact away again."""

    def offer_refused(self, contact: Contact) -> None:
        """The agent whom a visit to a call was offered to does not come."""

    def wrapped_up(self, contact: Contact, agent: Agent) -> None:
        """The agent has finished the contact's after-contact work."""


class Routing:
    """First come, first served: the contact waiting longest rings at the agent idle longest."""

    def __init__(
        self,
        *,
        settings: Settings,
        clock: Clock,
        roster: Roster,
        taker: CallTaker,
        changed: Callable[[], None],
        journal: Journal,
    ) -> None:
        self._waiting: dict[str, Contact] = {}
        self._last_place = 0
        self._settings = settings
        self._clock = clock
        self._roster = roster
        self._taker = taker
        self._changed = changed
        self._journal = journal

    @property
    def waiting(self) -> list[Contact]:
        """Everybody in a queue, longest wait first; a contact that rings is still in it."""
        return list(self._waiting.values())

    def waiting_in(self, queue: Queue) -> list[Contact]:
        """One of the queues, head first."""
        return [contact for contact in self._waiting.values() if contact.queue.id == queue.id]

    def enqueue(self, contact: Contact) -> None:
        """Put a contact at the end of its queue."""
        self._last_place += 1
        contact.place = self._last_place
        self._waiting[contact.id] = contact
        self._offer_calls()

    def withdraw(self, contact: Contact) -> None:
        """A contact has ended: free the queue and whoever rings or talks from it."""
        self._waiting.pop(contact.id, None)
        agent = self._roster.find(contact.offered_to or contact.agent_id or "")
        if agent is not None and agent.offer is contact:
            self._stop_ringing(agent, AgentStatus.AVAILABLE)
        elif agent is not None and agent.call is contact:
            self._finish_call(agent, contact)
        self._offer_calls()

    def set_status(self, agent: Agent, status: AgentStatus) -> None:
        """The agent chooses what to do. During a call the choice waits for its end.

        :raises UnableToAnswer: `status` is none that can be chosen.
        """
        if status not in CHOSEN:
            raise UnableToAnswer(f"{status} follows from calls and cannot be chosen")
        agent.status_after_call = status
        self._note(agent)
        if agent.call is not None:
            self._changed()
            return
        if agent.wrapping_up is not None:
            self._end_wrap_up(agent)
        elif agent.offer is not None:
            if status is not AgentStatus.AVAILABLE:
                self._take_offer_back(agent, status)
        else:
            self._become(agent, status)
        self._offer_calls()

    def finish_wrap_up(self, agent: Agent) -> None:
        """The agent is ready for the next call.

        :raises UnableToAnswer: there is no after-contact work to end.
        """
        if agent.wrapping_up is None:
            raise UnableToAnswer("There is no after-contact work to end")
        self._end_wrap_up(agent)
        self._offer_calls()

    def accept(self, agent: Agent, contact_id: str) -> Contact:
        """The agent takes the call that rings.

        :raises UnableToAnswer: that call does not ring at this agent.
        """
        contact = self._ringing(agent, contact_id)
        self._waiting.pop(contact.id, None)
        self._stop_ringing(agent, AgentStatus.BUSY)
        agent.call = contact
        agent.status_after_call = AgentStatus.AVAILABLE
        contact.agent_id = agent.id
        self._await_join(agent, contact)
        self._taker.agent_accepted(contact, agent)
        self._changed()
        return contact

    def offer(self, agent: Agent, contact: Contact) -> None:
        """Ring at this free agent only, with a visit to a call that another one is in."""
        self._ring(agent, contact)
        self._changed()

    def occupy(self, agent: Agent, contact: Contact) -> None:
        """Give a free agent a contact that never rang: they are busy until it is withdrawn."""
        agent.call = contact
        agent.status_after_call = agent.status
        self._become(agent, AgentStatus.BUSY)
        self._offer_calls()

    def decline(self, agent: Agent, contact_id: str) -> None:
        """The agent does not take the call: it rings at the next one, and this agent gets none until they ask.

        :raises UnableToAnswer: that call does not ring at this agent.
        """
        self._ringing(agent, contact_id)
        self._miss_call(agent)

    def agent_joined(self, agent: Agent) -> None:
        """The agent's media is up."""
        agent.stop_timer()
        self._changed()

    def leave(self, agent: Agent) -> None:
        """The agent's desk is gone: no more calls. A call in progress lives as long as its media."""
        agent.status_after_call = AgentStatus.OFFLINE
        self._note(agent)
        if agent.offer is not None:
            self._take_offer_back(agent, AgentStatus.OFFLINE)
        elif agent.wrapping_up is not None:
            self._end_wrap_up(agent)
        elif agent.call is None:
            self._become(agent, AgentStatus.OFFLINE)
        self._offer_calls()

    def requeue(self, agent: Agent, contact: Contact) -> None:
        """The agent is lost to their call, which is next in its queue; they get none until they ask."""
        agent.stop_timer()
        agent.call = None
        is_gone = agent.status_after_call is AgentStatus.OFFLINE
        self._become(agent, AgentStatus.OFFLINE if is_gone else AgentStatus.MISSED)
        self._put_first(contact)

    def dismiss(self, agent: Agent) -> None:
        """Strike an agent who has no call off the roster."""
        self._roster.remove(agent)
        self._journal.drop(Kind.AGENT, agent.id)

    def resume_wait(self, contact: Contact) -> None:
        """A contact goes on waiting where it was; those with lower places have been told of before."""
        self._last_place = max(self._last_place, contact.place)
        self._waiting[contact.id] = contact
        self._offer_calls()

    def resume_call(self, agent: Agent, contact: Contact) -> None:
        """A former process has given `agent` the call; media that has never joined may take as long as after accepting."""
        agent.call = contact
        agent.status = AgentStatus.BUSY
        if contact.connected_at is None and not contact.is_monitoring:
            self._await_join(agent, contact)

    def resume_wrap_up(self, agent: Agent, contact: Contact, started_at: float) -> None:
        """The agent was at the after-contact work of `contact`, which ends as it would have."""
        agent.wrapping_up = contact
        agent.status = AgentStatus.WRAP_UP
        self._limit_wrap_up(agent, started_at + self._settings.wrap_up_s - self._clock.time())

    def resume_idle(self, agent: Agent) -> None:
        """The agent has neither call nor after-contact work; what rang rings no more."""
        if agent.status is AgentStatus.RINGING:
            agent.status = AgentStatus.AVAILABLE  # since when is known
            self._note(agent)
        elif agent.status in (AgentStatus.BUSY, AgentStatus.WRAP_UP):
            self._become(agent, agent.status_after_call)

    def release(self, agent: Agent) -> None:
        """The agent has sent their call on, and takes others as they have chosen."""
        agent.stop_timer()
        agent.call = None
        self._become(agent, agent.status_after_call)

    def clear(self) -> None:
        """Forget the queue and every ring, call and wrap-up; agents are as if those had never been."""
        self._waiting.clear()
        for agent in self._roster:
            agent.stop_timer()
            agent.offer = agent.call = agent.wrapping_up = agent.ring_ends_at = None
            if agent.status in (AgentStatus.BUSY, AgentStatus.WRAP_UP):
                agent.status = agent.status_after_call
            elif agent.status in (AgentStatus.RINGING, AgentStatus.MISSED):
                agent.status = AgentStatus.AVAILABLE
            self._note(agent)

    def _offer_calls(self) -> None:
        free = sorted(
            (agent for agent in self._roster if agent.is_free),
            key=lambda agent: agent.available_since,
        )
        if free:
            silent = [
                contact
                for contact in self._waiting.values()
                if contact.offered_to is None and contact.script is None
            ]
            for contact in silent:
                agent = next((agent for agent in free if agent.serves(contact)), None)
                if agent is not None:
                    free.remove(agent)
                    self._ring(agent, contact)
                if not free:
                    break
        self._changed()

    def _ring(self, agent: Agent, contact: Contact) -> None:
        agent.status = AgentStatus.RINGING
        agent.offer = contact
        agent.ring_ends_at = self._clock.time() + self._settings.ring_s
        agent.timer = self._clock.call_later(self._settings.ring_s, lambda: self._miss_call(agent))
        contact.offered_to = agent.id
        self._note(agent)
        self._taker.offered(contact)

    def _ringing(self, agent: Agent, contact_id: str) -> Contact:
        if agent.offer is None or agent.offer.id != contact_id:
            raise UnableToAnswer("That call does not ring here")
        return agent.offer

    def _miss_call(self, agent: Agent) -> None:
        self._take_offer_back(agent, AgentStatus.MISSED)
        self._offer_calls()

    def _take_offer_back(self, agent: Agent, status: AgentStatus) -> None:
        offer = agent.offer
        self._stop_ringing(agent, status)
        if offer is not None:
            self._taker.missed(offer)

    def _await_join(self, agent: Agent, contact: Contact) -> None:
        agent.timer = self._clock.call_later(
            self._settings.agent_join_s, lambda: self._miss_join(agent, contact)
        )

    def _miss_join(self, agent: Agent, contact: Contact) -> None:
        agent.timer = agent.call = None
        contact.agent_id = None
        self._taker.agent_absent(contact)
        self._become(agent, AgentStatus.MISSED)
        if contact.host is None:
            self._taker.missed(contact)
            self._put_first(contact)
        else:
            self._taker.offer_refused(contact)
            self._offer_calls()

    def _put_first(self, contact: Contact) -> None:
        head = next(iter(self._waiting.values()), None)
        contact.place = (self._last_place if head is None else head.place) - 1
        self._waiting = {contact.id: contact, **self._waiting}
        self._offer_calls()

    def _stop_ringing(self, agent: Agent, status: AgentStatus) -> None:
        agent.stop_timer()
        offer, agent.offer, agent.ring_ends_at = agent.offer, None, None
        self._become(agent, status)
        if offer is not None:
            offer.offered_to = None
            if offer.host is not None and status is not AgentStatus.BUSY:
                self._taker.offer_refused(offer)

    def _finish_call(self, agent: Agent, contact: Contact) -> None:
        agent.stop_timer()
        agent.call = None
        agent.wrapping_up = contact
        needs_wrap_up = (
            contact.connected_at is not None and not agent.scripted and not contact.is_monitoring
        )
        if (
            not needs_wrap_up
            or not self._settings.wrap_up_s
            or agent.status_after_call is AgentStatus.OFFLINE
        ):
            self._end_wrap_up(agent)
            return
        self._become(agent, AgentStatus.WRAP_UP)
        contact.mark_wrapping_up(self._clock.time())
        self._limit_wrap_up(agent, self._settings.wrap_up_s)

    def _limit_wrap_up(self, agent: Agent, delay_s: float) -> None:
        agent.timer = self._clock.call_later(delay_s, lambda: self._wrap_up_over(agent))

    def _wrap_up_over(self, agent: Agent) -> None:
        self._end_wrap_up(agent)
        self._offer_calls()

    def _end_wrap_up(self, agent: Agent) -> None:
        agent.stop_timer()
        contact, agent.wrapping_up = agent.wrapping_up, None
        self._become(agent, agent.status_after_call)
        if contact is not None:
            if contact.wrap_up_started_at is not None:
                contact.mark_wrapped_up(self._clock.time())
            self._taker.wrapped_up(contact, agent)

    def _become(self, agent: Agent, status: AgentStatus) -> None:
        if status is AgentStatus.AVAILABLE:
            agent.available_since = self._clock.time()
        agent.status = status
        self._note(agent)

    def _note(self, agent: Agent) -> None:
        self._journal.put(Kind.AGENT, agent.id, partial(agent_record, agent))
