"""Those who come into a call that is going on: people invited, colleagues of the agent, supervisors who listen.

Each has a contact of their own, as in Amazon Connect, whose `host` is the call's. Owns how a visit begins; it ends as
every contact does, when the visitor leaves or the call is over.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any, Protocol

from localconnect.agents import Agent, AgentStatus
from localconnect.clock import Clock
from localconnect.contacts import (
    Capabilities,
    Contact,
    ContactDetails,
    DisconnectReason,
    Participant,
    Role,
)
from localconnect.deadlines import Deadline, Deadlines
from localconnect.media.meetings import Meeting
from localconnect.people import invite
from localconnect.random_ids import new_id
from localconnect.routing import Routing, UnableToAnswer
from localconnect.settings import Settings


class UnableToInvite(RuntimeError):
    """As many people take part in the call, or may, as is allowed."""


class UnableToMonitor(ValueError):
    """This agent cannot listen to this call now; the text says why."""


class TooManySupervisors(RuntimeError):
    """As many supervisors listen to the call as may."""


class CallOwner(Protocol):
    """Whoever the visited calls belong to."""

    routing: Routing
    deadlines: Deadlines

    def meeting_of(self, contact: Contact) -> Meeting:
        """Where the call of a live contact takes place."""

    def admit(self, contact: Contact) -> None:
        """From now on the contact exists."""

    def end_contact(self, contact: Contact, reason: DisconnectReason) -> bool:
        """End a contact."""


class Visits:
    """Lets visitors into calls."""

    def __init__(self, *, settings: Settings, clock: Clock, owner: CallOwner) -> None:
        self._settings = settings
        self._clock = clock
        self._owner = owner

    def add_guest(self, host: Contact, name: str, capabilities: Capabilities) -> Contact:
        """Invite a further customer into the call of `host`; they may join whenever they like.

        :raises UnableToInvite: as many are invited as the settings allow.
        """
        most = self._settings.invitations_per_call
        if sum(not guest.is_monitoring for guest in host.guests) >= most:
            raise UnableToInvite(f"{most} people are invited into the call already")
        return self._begin(
            host,
            initiation_method="WEBRTC_API",
            details=ContactDetails(display_name=name, customer_capabilities=capabilities),
            customer=invite(self._owner.meeting_of(host), Role.CUSTOMER, name, capabilities),
        )

    def add_colleague(self, host: Contact, agent: Agent) -> Contact:
        """Ring at another agent, who joins the call of `host` by accepting.

        :raises UnableToAnswer: that agent takes no calls now.
        """
        if not agent.is_free:
            raise UnableToAnswer(f"{agent.name} takes no calls now")
        return self._begin(
            host,
            before=partial(self._owner.routing.offer, agent),
            initiation_method="TRANSFER",
            details=host.details,
            customer=host.customer,
            agent=agents_place(self._owner.meeting_of(host), host, agent),
        )

    def add_supervisor(self, host: Contact, agent: Agent) -> Contact:
        """Give `agent` the call of `host` to listen to; nobody in it notices.

        :raises UnableToMonitor: the agent is away or at work.
        :raises TooManySupervisors: the setting `supervisors_per_call`.
        """
        if agent.status not in (AgentStatus.AVAILABLE, AgentStatus.BREAK):
            raise UnableToMonitor("The user is not signed in, or has a contact already")
        most = self._settings.supervisors_per_call
        if sum(guest.is_monitoring for guest in host.guests) >= most:
            raise TooManySupervisors(f"{most} supervisors listen to the call already")
        visit = self._begin(
            host,
            before=partial(self._owner.routing.occupy, agent),
            initiation_method="MONITOR",
            details=host.details,
            customer=host.customer,
            agent=agents_place(self._owner.meeting_of(host), host, agent, Role.SUPERVISOR),
            agent_id=agent.id,
        )
        self._await_media(visit)
        return visit

    def resume(self, visit: Contact, invited: Agent | None) -> None:
        """Go on with a visit that a former process has begun: ring anew at the agent it was offered to, if it was."""
        if visit.offered_to is not None:
            if invited is not None and invited.is_free:
                self._owner.routing.offer(invited, visit)
            else:
                self._owner.end_contact(visit, DisconnectReason.OTHER)
        elif visit.is_monitoring and visit.connected_at is None:
            self._await_media(visit)

    def _begin(
        self, host: Contact, *, before: Callable[[Contact], None] | None = None, **particulars: Any
    ) -> Contact:
        now = self._clock.time()
        visit = Contact(
            id=new_id(),
            meeting_id=host.meeting_id,
            initiated_at=now,
            updated_at=now,
            instance=host.instance,
            flow=host.flow,
            queue=host.queue,
            initial_contact_id=host.initial_contact_id or host.id,
            previous_contact_id=host.id,
            host=host,
            **particulars,
        )
        if before is not None:
            before(visit)
        host.guests.append(visit)
        self._owner.admit(visit)
        return visit

    def _await_media(self, visit: Contact) -> None:
        due_at = visit.initiated_at + self._settings.agent_join_s
        self._owner.deadlines.set(
            visit, Deadline.MEDIA, due_at - self._clock.time(), partial(self._give_up, visit)
        )

    def _give_up(self, visit: Contact) -> None:
        if visit.connected_at is None:
            self._owner.end_contact(visit, DisconnectReason.OTHER)


def agents_place(
    meeting: Meeting, contact: Contact, agent: Agent, role: Role = Role.AGENT
) -> Participant:
    """A place in the meeting for somebody of the contact centre; a supervisor may send nothing."""
    listens = role is Role.SUPERVISOR
    capabilities = Capabilities() if listens else contact.details.agent_capabilities
    return invite(meeting, role, agent.name, capabilities, f"{agent.id}-{role}")
