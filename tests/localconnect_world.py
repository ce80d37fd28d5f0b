"""A contact centre with real meetings and a clock that is moved by hand, for unit tests of localconnect."""

from __future__ import annotations

import json
from dataclasses import replace

from localconnect.agents import Agent, AgentStatus
from localconnect.clock import Clock
from localconnect.contact_center import ContactCenter
from localconnect.contact_events import ContactEvents
from localconnect.contacts import Contact, ContactDetails, Participant
from localconnect.desk.socket import Desks
from localconnect.directory import Directory, Instance, demo_directory
from localconnect.event_envelope import EventType
from localconnect.journal import StoreJournal
from localconnect.media import signaling_pb2 as pb
from localconnect.media.endpoint import Endpoint
from localconnect.media.room import Room
from localconnect.media.rooms import Rooms
from localconnect.message_queues import MessageQueues
from localconnect.restoring import load, resume
from localconnect.scripted_agents import ScriptedAgents
from localconnect.settings import Settings
from localconnect.store import Store

NOW = 1_767_323_045.0
DIRECTORY = demo_directory()
[INSTANCE] = DIRECTORY.instances
FLOW = INSTANCE.flows[0]


class Recorder(ContactEvents):
    """Contact events that keep what is published, besides delivering it."""

    def __init__(self, clock: Clock, settings: Settings, queues: MessageQueues) -> None:
        super().__init__(settings=settings, clock=clock, queues=queues)
        self.published: list[tuple[str, EventType]] = []

    def publish(self, event_type: EventType, contact: Contact, *updated: str) -> None:
        self.published.append((contact.id, event_type))
        super().publish(event_type, contact, *updated)


class Client:
    """The signalling socket of somebody in a meeting, which keeps the data messages it gets."""

    def __init__(self) -> None:
        self.messages: list[tuple[str, str, str]] = []

    def send(self, frame: bytes) -> None:
        for message in pb.SignalFrame.FromString(frame[1:]).data_message.messages:
            text = json.loads(message.data)["message"]
            self.messages.append((message.topic, text, message.sender_external_user_id))

    def finish(self, status: int) -> None:
        pass

    def abort(self) -> None:
        pass


class World:
    """A contact centre with everything around it."""

    def __init__(
        self,
        directory: Directory = DIRECTORY,
        *,
        store: Store | None = None,
        **settings: object,
    ) -> None:
        """With a `store`, it keeps everything there; `resume` takes up what is there."""
        self.store = store
        journal = None if store is None else StoreJournal(store)
        self.directory = directory
        self.settings = Settings()
        self.settings.change(settings)
        self.clock = Clock(lambda: NOW)
        self.queues = MessageQueues(settings=self.settings, clock=self.clock, directory=directory)
        self.events = Recorder(self.clock, self.settings, self.queues)
        self.rooms = Rooms(self.settings)
        self.center = ContactCenter(
            settings=self.settings,
            clock=self.clock,
            events=self.events,
            directory=directory,
            journal=journal,
            media=self.rooms,
        )
        self.desks = Desks(center=self.center, settings=self.settings, clock=self.clock)
        self.agents = ScriptedAgents(center=self.center, clock=self.clock)

    def resume(self, advanced_s: float = 0.0) -> None:
        """Go on with what another world has left in the store, when its clock was as far ahead."""
        assert self.store is not None
        heritage = load(self.store, self.directory)
        resume(
            replace(heritage, advanced_s=advanced_s),
            clock=self.clock,
            center=self.center,
            agents=self.agents,
            desks=self.desks,
            events=self.events,
        )

    def start(self, instance: Instance = INSTANCE) -> Contact:
        details = ContactDetails(display_name="Ana")
        return self.center.start_contact(instance, instance.flows[0], details)

    def agent(self, name: str = "Ben") -> Agent:
        agent = self.center.roster.of_desk(name)
        self.center.routing.set_status(agent, AgentStatus.AVAILABLE)
        return agent

    def room(self, contact: Contact) -> Room:
        """Where the media of a call is."""
        room = self.rooms.find(contact.meeting_id)
        assert room is not None
        return room

    def join(self, contact: Contact, person: Participant | None) -> None:
        """The person's media is connected, as the meeting would report it."""
        assert person is not None
        meeting = self.center.meetings.find(contact.meeting_id)
        assert meeting is not None
        self.center.presence.attendee_joined(meeting, meeting.attendees[person.attendee_id])

    def leave(
        self, contact: Contact, person: Participant | None, *, dropped: bool = False
    ) -> None:
        assert person is not None
        meeting = self.center.meetings.find(contact.meeting_id)
        assert meeting is not None
        self.center.presence.attendee_left(
            meeting, meeting.attendees[person.attendee_id], dropped=dropped
        )

    def connect(self) -> tuple[Contact, Agent]:
        """A contact in conversation with an agent."""
        agent = self.agent()
        contact = self.start()
        self.join(contact, contact.customer)
        self.center.routing.accept(agent, contact.id)
        self.join(contact, contact.agent)
        return contact, agent

    def told(self, contact: Contact) -> list[str]:
        return [
            event.value for contact_id, event in self.events.published if contact_id == contact.id
        ]

    async def close(self) -> None:
        await self.center.close()
        await self.events.close()


def listen(world: World, contact: Contact) -> tuple[Client, Endpoint]:
    """The customer's client, in the meeting."""
    client = Client()
    meeting = world.center.meeting_of(contact)
    attendee = meeting.attendees[contact.customer.attendee_id]
    endpoint = world.room(contact).admit(attendee, content=False, client=client)
    world.room(contact).announce(endpoint)
    return client, endpoint
