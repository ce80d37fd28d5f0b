"""Agents: who they are, what they are doing, and which call rings at or is held by them.

Owns the values and the roster. Who is offered which contact is decided in `routing`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from localconnect.clock import Timer
from localconnect.contacts import Contact
from localconnect.random_ids import new_id

MAX_AGENTS = 1000
MAX_NAME = 100


class AgentStatus(StrEnum):
    """What an agent is doing, as their desk shows it."""

    AVAILABLE = "available"
    BREAK = "break"
    OFFLINE = "offline"
    RINGING = "ringing"
    BUSY = "busy"
    MISSED = "missed"
    WRAP_UP = "wrap_up"


CHOSEN = frozenset({AgentStatus.AVAILABLE, AgentStatus.BREAK, AgentStatus.OFFLINE})
"""What agents may set themselves; the rest follows from calls."""


class UnableToAddAgent(ValueError):
    """The name cannot be used, or the roster is full."""


@dataclass(slots=True, eq=False)
class Agent:
    """One agent. At most one of `offer`, `call` and `wrapping_up` is set."""

    id: str
    name: str
    scripted: bool = False
    queue_ids: frozenset[str] | None = None
    """The queues served; None for all."""
    status: AgentStatus = AgentStatus.OFFLINE
    available_since: float = 0.0
    status_after_call: AgentStatus = AgentStatus.AVAILABLE
    offer: Contact | None = None
    ring_ends_at: float | None = None
    call: Contact | None = None
    wrapping_up: Contact | None = None
    timer: Timer | None = field(default=None, repr=False)
    """Ends the ring, the wait for the agent's media, or the wrap-up."""

    @property
    def is_at_desk(self) -> bool:
        """Whether a person is, or has left in the middle of a call or its after-contact work."""
        return not self.scripted and self.status is not AgentStatus.OFFLINE

    @property
    def is_free(self) -> bool:
        """Whether a call may be offered."""
        return self.status is AgentStatus.AVAILABLE

    def serves(self, contact: Contact) -> bool:
        """Whether a contact of that queue may ring here."""
        return self.queue_ids is None or contact.queue.id in self.queue_ids

    def stop_timer(self) -> None:
        """Forget what was due."""
        if self.timer is not None:
            self.timer.cancel()
            self.timer = None


class Roster:
    """Every agent who has ever sat down at a desk or was scripted."""

    def __init__(self, queues_of: Mapping[str, frozenset[str]] | None = None) -> None:
        """`queues_of` restricts agents of these names to queues of these ids."""
        self._queues_of = queues_of or {}
        self._agents: dict[str, Agent] = {}

    def __iter__(self) -> Iterator[Agent]:
        """In order of arrival."""
        return iter(list(self._agents.values()))

    def find(self, agent_id: str) -> Agent | None:
        """The agent with this id."""
        return self._agents.get(agent_id)

    def of_desk(self, name: str) -> Agent:
        """The agent called `name` who works at a desk; a new one when nobody is.

        :raises UnableToAddAgent: the name is empty or too long, or the roster is full.
        """
        for agent in self._agents.values():
            if agent.name == name and not agent.scripted:
                return agent
        return self.add(name, scripted=False)

    def add(self, name: str, *, scripted: bool) -> Agent:
        """A new agent, offline.

        :raises UnableToAddAgent: the name is empty or too long, or the roster is full.
        """
        if not name.strip() or len(name) > MAX_NAME:
            raise UnableToAddAgent(f"An agent's name has 1 to {MAX_NAME} characters")
        if len(self._agents) >= MAX_AGENTS:
            raise UnableToAddAgent(f"There are {MAX_AGENTS} agents already")
        agent = Agent(new_id(), name, scripted=scripted, queue_ids=self._queues_of.get(name))
        self._agents[agent.id] = agent
        return agent

    def restore(self, agent: Agent) -> None:
        """Take in an agent of a former process."""
        self._agents[agent.id] = agent

    def remove(self, agent: Agent) -> None:
        """Forget an agent who has no call."""
        self._agents.pop(agent.id, None)
