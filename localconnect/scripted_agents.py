"""Agents without a person: they answer by themselves or when told, with a test picture and a tone, or with nothing.

A scripted agent uses the contact centre exactly as a desk does: it watches for changes and answers what rings.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable
from typing import Literal

from localconnect.agents import Agent, AgentStatus, UnableToAddAgent
from localconnect.clock import Clock
from localconnect.contact_center import ContactCenter
from localconnect.contacts import Contact, DisconnectReason
from localconnect.routing import UnableToAnswer
from localconnect.store import Document, Kind

logger = logging.getLogger(__name__)

Media = Literal["pattern", "none"]
STAND_IN = "Scripted agent"


class UnknownCommand(LookupError):
    """There is no such agent, or nothing of that name it could be told."""


class ScriptedAgent:
    """One of them. `auto_answer_s` is how long it lets a call ring; None: until told to answer.

    With `one_call` it is there for the one that it was brought for.
    """

    def __init__(
        self,
        agent: Agent,
        *,
        center: ContactCenter,
        clock: Clock,
        auto_answer_s: float | None,
        media: Media,
        one_call: bool = False,
    ) -> None:
        self.agent = agent
        self.one_call = one_call
        self._center = center
        self._clock = clock
        self._auto_answer_s = auto_answer_s
        self._media = media
        self._noticed: Contact | None = None

    def notice(self) -> None:
        """Something has changed: when a call rings that did not before, think about answering it."""
        call = self.agent.call
        if call is not None and call.is_monitoring and call.connected_at is None:
            self._center.agent_media_joined(call)  # it listens without a picture to show
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
        else:
            self._send_pattern(contact)

    def rejoin(self) -> None:
        """Send again in the call that a former process has left."""
        call = self.agent.call
        if call is not None and not call.is_monitoring and self._media == "pattern":
            self._send_pattern(call)

    def become_available(self) -> None:
        """Ask for calls, also after a missed one."""
        self._center.routing.set_status(self.agent, AgentStatus.AVAILABLE)

    def hang_up(self) -> None:
        """End the call.

        :raises UnableToAnswer: there is none.
        """
        self._center.end_contact(self._call(), DisconnectReason.AGENT)

    def hold(self) -> None:
        """Put the call on hold.

        :raises UnableToAnswer: there is none, or it is on hold.
        """
        self._center.controls.hold(self._call())

    def resume(self) -> None:
        """Take the call off hold.

        :raises UnableToAnswer: there is none, or it is not on hold.
        """
        self._center.controls.resume(self._call())

    def ask_for_screen(self) -> None:
        """Open a screen sharing session.

        :raises UnableToAnswer: there is no call, or nobody in it may share.
        """
        self._center.controls.ask_for_screen(self._call())

    def end_screen(self) -> None:
        """Close the screen sharing session.

        :raises UnableToAnswer: there is none.
        """
        self._center.controls.end_screen(self._call())

    def leave(self) -> None:
        """End the call, if any, and take no more."""
        self._center.routing.leave(self.agent)
        if self.agent.call is not None:
            self.hang_up()

    def record(self) -> Document:
        """How this agent behaves, as a document."""
        return {
            "auto_answer_s": self._auto_answer_s,
            "media": self._media,
            "one_call": self.one_call,
        }

    def _call(self) -> Contact:
        if self.agent.call is None:
            raise UnableToAnswer("This agent has no call")
        return self.agent.call

    def _answer_if_ringing(self, contact: Contact) -> None:
        if self.agent.offer is contact:
            self.answer()

    def _send_pattern(self, contact: Contact) -> None:
        meeting = self._center.meetings.find(contact.meeting_id)
        attendee = (
            None
            if meeting is None or contact.agent is None
            else meeting.attendees.get(contact.agent.attendee_id)
        )
        if meeting is not None and attendee is not None:
            meeting.attach_pattern(attendee)


class ScriptedAgents:
    """Every scripted agent, by id."""

    def __init__(self, *, center: ContactCenter, clock: Clock) -> None:
        self._center = center
        self._clock = clock
        self._agents: dict[str, ScriptedAgent] = {}
        center.stand_ins = self

    def add(self, *, name: str, auto_answer_s: float | None, media: Media) -> Agent:
        """A new one, available at once.

        :raises UnableToAddAgent: the name is empty or too long, or the roster is full.
        """
        agent = self._center.roster.add(name, scripted=True)
        scripted = self._employ(agent, auto_answer_s=auto_answer_s, media=media)
        self._center.journal.put(Kind.SCRIPT, agent.id, scripted.record)
        scripted.become_available()
        return agent

    def restore(self, scripts: Iterable[tuple[str, Document]]) -> None:
        """Have the scripted agents of a former process go on, in their calls too."""
        for agent_id, script in scripts:
            agent = self._center.roster.find(agent_id)
            if agent is None:
                continue
            scripted = self._employ(agent, **script)
            if scripted.one_call and agent.call is None:
                self._remove(scripted)
            else:
                scripted.rejoin()

    def stand_in(self, contact: Contact) -> None:
        """Have a new agent answer a contact that waits, and take no other call."""
        try:
            agent = self._center.roster.add(STAND_IN, scripted=True)
        except UnableToAddAgent:
            logger.warning("Nobody answers contact %s: the roster is full", contact.id)
            return
        scripted = self._employ(agent, auto_answer_s=None, media="pattern", one_call=True)
        self._center.journal.put(Kind.SCRIPT, agent.id, scripted.record)
        self._center.routing.offer(agent, contact)
        scripted.answer()
        agent.status_after_call = AgentStatus.OFFLINE
        # As the script says, however long a busy machine takes to send the picture.
        self._center.agent_media_joined(contact)

    def dismiss(self, contact: Contact) -> None:
        """A contact is over: an agent who was there for it alone goes."""
        scripted = self._agents.get(contact.agent_id or "")
        if scripted is not None and scripted.one_call:
            self._remove(scripted)

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
        self._center.routing.dismiss(scripted.agent)
        self._center.journal.drop(Kind.SCRIPT, scripted.agent.id)

    def _employ(
        self,
        agent: Agent,
        *,
        auto_answer_s: float | None,
        media: Media,
        one_call: bool = False,
    ) -> ScriptedAgent:
        scripted = ScriptedAgent(
            agent,
            center=self._center,
            clock=self._clock,
            auto_answer_s=auto_answer_s,
            media=media,
            one_call=one_call,
        )
        self._agents[agent.id] = scripted
        self._center.watchers.add(scripted.notice)
        return scripted


_COMMANDS = {
    "available": ScriptedAgent.become_available,
    "answer": ScriptedAgent.answer,
    "hold": ScriptedAgent.hold,
    "resume": ScriptedAgent.resume,
    "ask-screen": ScriptedAgent.ask_for_screen,
    "end-screen": ScriptedAgent.end_screen,
    "hang-up": ScriptedAgent.hang_up,
}
