"""Contacts and the people in them: values, state and its legal changes, and the shelf they are kept on.

A contact's state follows from its times, which are set once; only the loss of its agent clears one. Every time is in
epoch seconds of the server's clock. Knows nothing of HTTP, queues, agents' desks or media.
"""

from __future__ import annotations

from collections import Counter, OrderedDict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any

from localconnect.audio_quality import AudioQuality
from localconnect.directory import Flow, Instance, Queue
from localconnect.magic_names import Script, script_of

NOTHING: Mapping[str, Any] = {}
"""What a contact without attributes, references or tags has: shared by all of them, so never written to."""

_MAX_DIGITS = 1000
MAX_ATTRIBUTES_BYTES = 32_768
"""Of all user-defined attributes of a contact, names and values, in UTF-8."""


def _nothing() -> Mapping[str, Any]:
    return NOTHING


class ContactState(StrEnum):
    """How far a contact has come; only the loss of its agent takes it back, into the queue."""

    INITIATED = "initiated"
    QUEUED = "queued"
    CONNECTED = "connected"
    ENDED = "ended"


class DisconnectReason(StrEnum):
    """Why a voice contact ended, in Amazon Connect's words."""

    CUSTOMER = "CUSTOMER_DISCONNECT"
    AGENT = "AGENT_DISCONNECT"
    NEVER_ARRIVED = "CUSTOMER_NEVER_ARRIVED"
    FLOW = "CONTACT_FLOW_DISCONNECT"
    TELECOM = "TELECOM_PROBLEM"
    """The connection broke on its way; here only because a script says so."""
    OTHER = "OTHER"
    """Includes every contact ended through the API."""


class Role(StrEnum):
    """What somebody is in a contact."""

    CUSTOMER = "customer"
    AGENT = "agent"
    SUPERVISOR = "supervisor"
    """Listens to a call, unseen and unheard."""


@dataclass(frozen=True, slots=True)
class Capabilities:
    """What somebody may send besides audio."""

    video: bool = False
    screen_share: bool = False


@dataclass(frozen=True, slots=True)
class Reference:
    """Something linked to a contact for the agent to see."""

    type: str
    value: str
    status: str | None = None
    arn: str | None = None
    status_reason: str | None = None


@dataclass(slots=True, eq=False)
class Participant:
    """One person in a contact, and the keys to the meeting. `token` and `join_token` are secrets."""

    id: str
    role: Role
    display_name: str
    attendee_id: str
    join_token: str = field(repr=False)
    token: str = field(repr=False)
    joined_at: float | None = None
    left_at: float | None = None
    quality: AudioQuality = field(default_factory=AudioQuality, repr=False)

    @property
    def is_present(self) -> bool:
        """Whether their media is up, short breaks included."""
        return self.joined_at is not None and self.left_at is None

    def mark_joined(self, at: float) -> None:
        """Media is up, for the first time or again."""
        self.joined_at = self.joined_at or at
        self.left_at = None

    def mark_left(self, at: float) -> None:
        """Media is down."""
        self.left_at = at


@dataclass(frozen=True, slots=True, kw_only=True)
class ContactDetails:
    """What a caller has said about a contact, at its start and since."""

    display_name: str
    description: str | None = None
    attributes: Mapping[str, str] = field(default_factory=_nothing)
    references: Mapping[str, Reference] = field(default_factory=_nothing)
    segment_attributes: Mapping[str, Any] = field(default_factory=_nothing)
    related_contact_id: str | None = None
    customer_capabilities: Capabilities = Capabilities()
    agent_capabilities: Capabilities = Capabilities()


@dataclass(slots=True, eq=False)
class Contact:
    """One call from its start to long after its end."""

    id: str
    meeting_id: str
    details: ContactDetails
    customer: Participant
    initiated_at: float
    updated_at: float
    instance: Instance = field(repr=False)
    flow: Flow = field(repr=False)
    queue: Queue = field(repr=False)
    """Where it waits, or will."""
    queued_at: float | None = None
    connected_at: float | None = None
    ended_at: float | None = None
    disconnect_reason: DisconnectReason | None = None
    agent: Participant | None = None
    agent_id: str | None = None
    """The agent who took the call, whether or not their media has joined yet."""
    offered_to: str | None = None
    """The agent who is being rung."""
    place: int = 0
    """Its number in the queue; the lower, the nearer to the head."""
    wrap_up_started_at: float | None = None
    wrap_up_ended_at: float | None = None
    initiation_method: str = "WEBRTC_API"
    initial_contact_id: str | None = None
    """The contact that this one goes back to; None for a first contact."""
    previous_contact_id: str | None = None
    """The contact that this one follows; None for a first contact."""
    call_began_at: float | None = None
    """When the call began that this contact carries on; None for the contact that it began with."""
    host: Contact | None = field(default=None, repr=False)
    """The contact whose call this one's visitor takes part in; None for a call of its own."""
    guests: list[Contact] = field(default_factory=list, repr=False)
    """The live contacts of those who visit this one's call: people and agents invited into it, supervisors."""
    customer_is_gone: bool = False
    """The first customer has left a call that goes on without them."""
    agent_was_lost: bool = False
    """Waits anew, since the agent who had answered is not coming back."""
    lost: Role | None = None
    """Whose connection broke for good, since an agent has answered last."""
    digits: str = ""
    """What has been keyed in by the customer, the last digits of it."""
    tags: Mapping[str, str] = field(default_factory=_nothing)
    screen_was_shared: bool = False
    """A screen sharing session was started at some time."""
    screen_is_asked_for: bool = False
    """A screen sharing session is open."""
    held_since: float | None = None
    held_s: float = 0.0
    """How long the call was on hold, without the hold that lasts."""
    script: Script | None = field(init=False, repr=False)
    """What becomes of it whoever is at a desk; None where agents decide."""

    def __post_init__(self) -> None:
        self.script = script_of(self.details.display_name)

    @property
    def state(self) -> ContactState:
        if self.ended_at is not None:
            return ContactState.ENDED
        if self.connected_at is not None:
            return ContactState.CONNECTED
        if self.queued_at is not None:
            return ContactState.QUEUED
        return ContactState.INITIATED

    @property
    def is_over(self) -> bool:
        return self.ended_at is not None

    def ends_by(self, longest_s: float) -> float:
        """When the call is over at the latest: its meeting is as old as the first of its contacts."""
        return (self.call_began_at or self.initiated_at) + longest_s

    @property
    def is_on_hold(self) -> bool:
        return self.held_since is not None

    @property
    def is_monitoring(self) -> bool:
        """Whether this is a supervisor's contact, whose customer is the one listened to."""
        return self.agent is not None and self.agent.role is Role.SUPERVISOR

    @property
    def visitor(self) -> Participant:
        """Who has come into the host's call with this contact: a customer, or somebody from the contact centre."""
        return self.customer if self.agent is None else self.agent

    @property
    def present_guests(self) -> int:
        """How many visitors take part in the call; supervisors do not count."""
        return sum(guest.visitor.is_present for guest in self.guests if not guest.is_monitoring)

    @property
    def participants(self) -> list[Participant]:
        """Who belongs to this very contact."""
        if self.host is not None or self.agent is None:
            return [self.visitor]
        return [self.customer, self.agent]

    def find_person(self, attendee_id: str) -> tuple[Contact, Participant] | None:
        """Whoever joins this call as the attendee `attendee_id`, with their own contact."""
        for contact in (self, *self.guests):
            for person in contact.participants:
                if person.attendee_id == attendee_id:
                    return contact, person
        return None

    def mark_queued(self, at: float) -> bool:
        """The flow has put the contact into the queue. False when that was so already, or it is over."""
        if self.queued_at is not None or self.is_over:
            return False
        self.queued_at = self.updated_at = at
        return True

    def mark_requeued(self, at: float) -> None:
        """The agent is lost: the contact waits again, as one that has never been answered."""
        self.mark_resumed(at)
        self.screen_is_asked_for = False
        self.agent = self.agent_id = self.connected_at = None
        self.updated_at = at

    def mark_connected(self, at: float) -> bool:
        """An agent's media is up. False when that was so already, or the contact is over."""
        if self.connected_at is not None or self.is_over:
            return False
        self.connected_at = self.updated_at = at
        self.agent_was_lost = False
        self.lost = None
        return True

    def mark_held(self, at: float) -> None:
        """The agent has put the call on hold."""
        self.held_since = self.updated_at = at

    def mark_resumed(self, at: float) -> None:
        """The hold, if there was one, is over."""
        if self.held_since is not None:
            self.held_s += at - self.held_since
            self.held_since, self.updated_at = None, at

    def mark_ended(self, at: float, reason: DisconnectReason) -> bool:
        """The call is over. False when it was already."""
        if self.is_over:
            return False
        self.mark_resumed(at)
        self.screen_is_asked_for = False
        self.ended_at = self.updated_at = at
        self.disconnect_reason = reason
        for person in self.participants:
            if person.is_present:
                person.mark_left(at)
        return True

    def key_in(self, digits: str) -> None:
        """The customer has pressed keys."""
        self.digits = (self.digits + digits)[-_MAX_DIGITS:]

    def change(self, at: float, **changes: Any) -> None:
        """Say something else about the contact, live or ended: members of `ContactDetails`."""
        self.details = replace(self.details, **changes)
        self.updated_at = at

    def mark_wrapping_up(self, at: float) -> None:
        """The agent has begun after-contact work."""
        self.wrap_up_started_at = self.updated_at = at

    def mark_wrapped_up(self, at: float) -> None:
        """The agent has finished after-contact work."""
        self.wrap_up_ended_at = self.updated_at = at


def attributes_bytes(attributes: Mapping[str, str]) -> int:
    """What attributes take of `MAX_ATTRIBUTES_BYTES`."""
    return sum(
        len(text) if text.isascii() else len(text.encode("utf-8", "surrogatepass"))
        for pair in attributes.items()
        for text in pair
    )


class Contacts:
    """Every live contact, and a bounded number of ended ones; found by id or by meeting."""

    def __init__(self) -> None:
        self._live: dict[str, Contact] = {}
        self._by_meeting: dict[str, Contact] = {}
        self._calls: Counter[str] = Counter()
        self._ended: OrderedDict[str, Contact] = OrderedDict()

    def __iter__(self) -> Iterator[Contact]:
        """Ended contacts, oldest end first, then the live ones, oldest first."""
        yield from self._ended.values()
        yield from self._live.values()

    @property
    def live(self) -> list[Contact]:
        return list(self._live.values())

    @property
    def live_count(self) -> int:
        return len(self._live)

    def calls_in(self, instance: Instance) -> int:
        """How many calls an instance has: live contacts without those of invited people."""
        return self._calls[instance.id]

    def add(self, contact: Contact) -> None:
        """Keep a contact that has just begun."""
        self._live[contact.id] = contact
        if contact.host is None:
            self._by_meeting[contact.meeting_id] = contact
            self._calls[contact.instance.id] += 1

    def find(self, contact_id: str) -> Contact | None:
        """The contact, live or kept."""
        return self._live.get(contact_id) or self._ended.get(contact_id)

    def of_meeting(self, meeting_id: str) -> Contact | None:
        """The live contact whose call takes place there."""
        return self._by_meeting.get(meeting_id)

    def retire(self, contact: Contact, *, keep: int) -> list[str]:
        """Move an ended contact to the kept ones. The oldest beyond `keep` are forgotten: the result is their ids."""
        was_live = self._live.pop(contact.id, None) is not None
        if was_live and contact.host is None:
            self._calls[contact.instance.id] -= 1
        # Unless another contact carries the call on.
        if self._by_meeting.get(contact.meeting_id) is contact:
            del self._by_meeting[contact.meeting_id]
        self._ended[contact.id] = contact
        return [self._ended.popitem(last=False)[0] for _ in range(max(0, len(self._ended) - keep))]

    def clear(self) -> None:
        """Forget everything."""
        self._live.clear()
        self._by_meeting.clear()
        self._calls.clear()
        self._ended.clear()
