"""What a former process has left in the store, and how this one goes on with it.

`load` reads it, before anything runs, and refuses what it cannot go on with; `resume` puts it back, tells nobody, and
lets time count on. Whoever took part in a call has the rejoin window to come back, counted from now.
"""

from __future__ import annotations

from dataclasses import dataclass

from localconnect.agents import Agent
from localconnect.clock import Clock
from localconnect.contact_center import ContactCenter
from localconnect.contact_events import ContactEvents
from localconnect.contacts import Contact, Role
from localconnect.desk.socket import Desks
from localconnect.directory import Directory
from localconnect.people import restore_place
from localconnect.records import UndeclaredResource, read_agent, read_contacts
from localconnect.scripted_agents import ScriptedAgents
from localconnect.store import Document, Kind, Store, UnusableData

Documents = list[tuple[str, Document]]


@dataclass(frozen=True, slots=True)
class Heritage:
    """Everything a former process has left, as values. Contacts are in their order, the ended ones first."""

    contacts: list[Contact]
    agents: list[Agent]
    scripts: Documents
    client_tokens: Documents
    deliveries: Documents
    advanced_s: float

    def sends_media(self, contact: Contact) -> bool:
        """Whether the agent of `contact` has media that may break: not every scripted one has any."""
        script = dict(self.scripts).get(contact.agent_id or "")
        return script is None or (script["media"] != "none" and not contact.is_monitoring)


def load(store: Store, directory: Directory) -> Heritage:
    """Read the whole store.

    :raises UnusableData: a contact belongs to what the directory does not declare, or a document is damaged.
    """
    try:
        records = [
            document
            for kind in (Kind.ENDED_CONTACT, Kind.LIVE_CONTACT)
            for _, document in store.documents(kind)
        ]
        contacts = read_contacts(records, directory)
        agents = [read_agent(document, directory) for _, document in store.documents(Kind.AGENT)]
        return Heritage(
            contacts,
            agents,
            scripts=list(store.documents(Kind.SCRIPT)),
            client_tokens=list(store.documents(Kind.CLIENT_TOKEN)),
            deliveries=list(store.documents(Kind.DELIVERY)),
            advanced_s=sum(clock["advanced_s"] for _, clock in store.documents(Kind.CLOCK)),
        )
    except UndeclaredResource as error:
        raise UnusableData(
            f"{store.path} holds contacts of an undeclared {error}. Start with the --config it was"
            " written with, or choose another file with --data."
        ) from error
    except (LookupError, TypeError, ValueError) as error:
        raise UnusableData(
            f"{store.path} is damaged ({error!r}). Choose another file with --data, or move it away"
            " to begin with an empty one."
        ) from error


def resume(
    heritage: Heritage,
    *,
    clock: Clock,
    center: ContactCenter,
    agents: ScriptedAgents,
    desks: Desks,
    events: ContactEvents,
) -> None:
    """Go on with it, in parts that are new and empty. Called on the event loop, before anybody is let in."""
    clock.restore(heritage.advanced_s)
    center.client_tokens.restore(heritage.client_tokens)
    for agent in heritage.agents:
        center.roster.restore(agent)
    for contact in heritage.contacts:
        if contact.is_over:
            center.keep_ended(contact)
        else:
            _take_in(center, contact, agent_media=heritage.sends_media(contact))
        _resume_work(center, contact)
    for agent in heritage.agents:
        _resume_shift(center, desks, agent)
    agents.restore(heritage.scripts)
    # An agent invited into a call is rung before anybody from the queue can ring there.
    for contact in sorted(
        center.contacts.live, key=lambda contact: (contact.host is None, contact.place)
    ):
        _resume_waiting(center, contact)
    events.posts.restore(heritage.deliveries)


def _take_in(center: ContactCenter, contact: Contact, *, agent_media: bool) -> None:
    """A live contact, with its people's places and keys."""
    center.contacts.add(contact)
    meeting = center.meetings.find(contact.meeting_id) or center.meetings.create(
        contact.meeting_id
    )
    for person in contact.participants:
        if person.role is not Role.CUSTOMER:
            present = person.is_present and agent_media
            restore_place(meeting, contact, person, present=present)
        elif not contact.customer_is_gone:
            center.people.add(contact)
            restore_place(meeting, contact, person, present=person.is_present)


def _resume_work(center: ContactCenter, contact: Contact) -> None:
    """The agent's part in a contact: their call, or the work after it."""
    agent = center.roster.find(contact.agent_id or "")
    if agent is None:
        return
    started_at, ended_at = contact.wrap_up_started_at, contact.wrap_up_ended_at
    if not contact.is_over:
        center.routing.resume_call(agent, contact)
    elif started_at is not None and ended_at is None:
        center.routing.resume_wrap_up(agent, contact, started_at)


def _resume_shift(center: ContactCenter, desks: Desks, agent: Agent) -> None:
    if agent.call is None and agent.wrapping_up is None:
        center.routing.resume_idle(agent)
    if agent.is_at_desk:
        desks.expect(agent)


def _resume_waiting(center: ContactCenter, contact: Contact) -> None:
    """What falls due in a contact's life, and its place in the queue."""
    if contact.host is not None:
        center.visits.resume(contact, center.roster.find(contact.offered_to or ""))
        return
    center.limit_length(contact)
    if contact.queued_at is None:
        center.flows.start(contact)
    elif contact.connected_at is None:
        center.flows.limit_wait(contact)
        if contact.agent_id is None:
            center.routing.resume_wait(contact)
    else:
        center.flows.limit_talk(contact)
    center.sounds.follow(contact)
    center.controls.remind(contact)
