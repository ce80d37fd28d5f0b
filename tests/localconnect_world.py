"""A contact centre with real meetings and a clock that is moved by hand, for unit tests of localconnect."""

from __future__ import annotations

from localconnect.agents import Agent, AgentStatus
from localconnect.clock import Clock
from localconnect.contact_center import ContactCenter
from localconnect.contact_events import ContactEvents
from localconnect.contacts import Contact, ContactDetails, Participant
from localconnect.directory import Directory, demo_directory
from localconnect.event_envelope import EventType
from localconnect.settings import Settings

NOW = 1_767_323_045.0
DIRECTORY = demo_directory()
[INSTANCE] = DIRECTORY.instances
FLOW = INSTANCE.flows[0]


class Recorder(ContactEvents):
    """Contact events that keep what is published, besides delivering it."""

    def __init__(self, clock: Clock, settings: Settings) -> None:
        super().__init__(settings=settings, clock=clock)
        self.published: list[tuple[str, EventType]] = []

    def publish(self, event_type: EventType, contact: Contact, *updated: str) -> None:
        self.published.append((contact.id, event_type))
        super().publish(event_type, contact, *updated)


class World:
    """A contact centre with everything around it."""

    def __init__(self, directory: Directory = DIRECTORY, **settings: object) -> None:
        self.directory = directory
        self.settings = Settings()
        self.settings.change(settings)
        self.clock = Clock(lambda: NOW)
        self.events = Recorder(self.clock, self.settings)
        self.center = ContactCenter(
            settings=self.settings,
            clock=self.clock,
            events=self.events,
            directory=directory,
        )

    def start(self) -> Contact:
        return self.center.start_contact(INSTANCE, FLOW, ContactDetails(display_name="Ana"))

    def agent(self, name: str = "Ben") -> Agent:
        agent = self.center.roster.of_desk(name)
        self.center.routing.set_status(agent, AgentStatus.AVAILABLE)
        return agent

    def join(self, contact: Contact, person: Participant | None) -> None:
        """The person's media is connected, as the meeting would report it."""
        assert person is not None
        meeting = self.center.meetings.find(contact.meeting_id)
        assert meeting is not None
        self.center.attendee_joined(meeting, meeting.attendees[person.attendee_id])

    def leave(
        self, contact: Contact, person: Participant | None, *, dropped: bool = False
    ) -> None:
        assert person is not None
        meeting = self.center.meetings.find(contact.meeting_id)
        assert meeting is not None
        self.center.attendee_left(meeting, meeting.attendees[person.attendee_id], dropped=dropped)

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
