"""Agents without a person: they answer by themselves or when told, with a test picture and a tone, or with nothing.

A scripted agent uses the contact centre exactly as a desk does: it watches for changes and answers what rings.
"""

from __future__ import annotations

import asyncio
import logging
from typing import Literal

from localconnect.agents import Agent, AgentStatus
from localconnect.clock import Clock
from localconnect.contact_center import ContactCenter
from localconnect.contacts import Contact, DisconnectReason
from localconnect.routing import UnableToAnswer

logger = logging.getLogger(__name__)

Media = Literal["pattern", "none"]


class UnknownCommand(LookupError):
    """There is no such agent, or nothing of that name it could be told."""


class ScriptedAgent:
    """One of them. `auto_answer_s` is how long it lets a call ring; None: until told to answer."""

    def __init__(
        self,
        agent: Agent,
        *,
        center: ContactCenter,
        clock: Clock,
        auto_answer_s: float | None,
        media: Media,
    ) -> None:
        self.agent = agent
        self._center = center
        self._clock = clock
        self._auto_answer_s = auto_answer_s
        self._media = media
        self._noticed: Contact | None = None
        self._tasks: set[asyncio.Task[None]] = set()

    def notice(self) -> None:
        """Something has changed: when a call rings that did not before, think about answering it."""
        offer = self.agent.offer
        if offer is self._noticed:
            return
        self._noticed = offer
        if offer is None or self._auto_answer_s is None:
            return
        if self._auto_answer_s:
            self._clock.call_later(self._auto_answer_s, lambda: self._answer_if_ringing(offer))
        else:
            self.answer()

    def answer(self) -> None:
        """Take the call that rings.

        :raises UnableToAnswer: none does.
        """
        if self.agent.offer is None:
            raise UnableToAnswer("No call rings at this agent")
        contact = self._center.routing.accept(self.agent, self.agent.offer.id)
        if self._media == "none":
            self._center.agent_media_joined(contact)
            return
        task = asyncio.create_task(self._send_pattern(contact))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def become_available(self) -> None:
        """Ask for calls, also after a missed one."""
        self._center.routing.set_status(self.agent, AgentStatus.AVAILABLE)

    def hang_up(self) -> None:
        """End the call.

        :raises UnableToAnswer: there is none.
        """
        if self.agent.call is None:
            raise UnableToAnswer("This agent has no call")
        self._center.end_contact(self.agent.call, DisconnectReason.AGENT)

    def leave(self) -> None:
        """End the call, if any, and take no more."""
        self._center.routing.leave(self.agent)
        if self.agent.call is not None:
            self.hang_up()
        for task in self._tasks:
            task.cancel()

    def _answer_if_ringing(self, contact: Contact) -> None:
        if self.agent.offer is contact:
            self.answer()

    async def _send_pattern(self, contact: Contact) -> None:
        meeting = self._center.meetings.find(contact.meeting_id)
        attendee = (
            None
            if meeting is None or contact.agent is None
            else meeting.attendees.get(contact.agent.attendee_id)
        )
        if meeting is None or attendee is None:
            return  # the call ended first
        try:
            await meeting.attach_pattern(attendee)
        except Exception:
            # The contact centre notices by itself that this agent's media never joins.
            logger.exception("The test picture of a scripted agent failed")


class ScriptedAgents:
    """Every scripted agent, by id."""

    def __init__(self, *, center: ContactCenter, clock: Clock) -> None:
        self._center = center
        self._clock = clock
        self._agents: dict[str, ScriptedAgent] = {}

    def add(self, *, name: str, auto_answer_s: float | None, media: Media) -> Agent:
        """A new one, available at once.

        :raises UnableToAddAgent: the name is empty or too long, or the roster is full.
        """
        agent = self._center.roster.add(name, scripted=True)
        scripted = ScriptedAgent(
            agent, center=self._center, clock=self._clock, auto_answer_s=auto_answer_s, media=media
        )
        self._agents[agent.id] = scripted
        self._center.watchers.add(scripted.notice)
        scripted.become_available()
        return agent

    def tell(self, agent_id: str, command: str) -> None:
        """Have an agent do something.

        :raises UnknownCommand: no such agent, or no such command.
        :raises UnableToAnswer: not possible now.
        """
        scripted = self._agents.get(agent_id)
        if scripted is None:
            raise UnknownCommand("There is no scripted agent with this id")
        if command == "remove":
            self._remove(scripted)
        elif command in _COMMANDS:
            _COMMANDS[command](scripted)
        elif command in ("hold", "resume", "ask-screen", "end-screen"):
            raise UnableToAnswer(f"{command}: scripted agents cannot do that yet")
        else:
            raise UnknownCommand(f"{command}: expected one of {', '.join([*_COMMANDS, 'remove'])}")

    def clear(self) -> None:
        """Forget them all; their calls are the caller's business."""
        for scripted in self._agents.values():
            self._center.watchers.discard(scripted.notice)
        self._agents.clear()

    def _remove(self, scripted: ScriptedAgent) -> None:
        self._center.watchers.discard(scripted.notice)
        del self._agents[scripted.agent.id]
        scripted.leave()
        self._center.roster.remove(scripted.agent)


_COMMANDS = {
    "available": ScriptedAgent.become_available,
    "answer": ScriptedAgent.answer,
    "hang-up": ScriptedAgent.hang_up,
}
