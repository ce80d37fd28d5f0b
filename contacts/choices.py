"""The closed vocabularies of the domain, as stored. Knows nothing of rows, of HTTP or of Amazon Connect's spelling."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class ContactState(models.TextChoices):
    """How far a contact has come. It only ever moves to a state of higher rank."""

    REQUESTED = (
        "requested",
        _("Requested"),
    )  # our intent is stored, Amazon Connect has not answered yet
    INITIATED = "initiated", _("Initiated")  # Amazon Connect has the contact; it is in its flow
    QUEUED = "queued", _("Queued")
    CONNECTED = "connected", _("Connected")  # an agent answered
    ENDED = "ended", _("Ended")
    FAILED = "failed", _("Failed")  # Amazon Connect never had it

    @property
    def rank(self) -> int:
        """Position in the order of states; the two final states share the highest."""
        return STATE_RANKS[self]

    @property
    def is_over(self) -> bool:
        """Whether nothing more can happen to the contact."""
        return self in OVER_STATES

    def predecessors(self) -> tuple[ContactState, ...]:
        """The states from which this one may be entered."""
        return tuple(state for state in ContactState if state.rank < self.rank)


STATE_RANKS = {
    ContactState.REQUESTED: 0,
    ContactState.INITIATED: 10,
    ContactState.QUEUED: 20,
    ContactState.CONNECTED: 30,
    ContactState.ENDED: 40,
    ContactState.FAILED: 40,
}
OVER_STATES = (ContactState.ENDED, ContactState.FAILED)
UNDER_WAY_STATES = (ContactState.INITIATED, ContactState.QUEUED, ContactState.CONNECTED)
WAITING_STATES = (ContactState.REQUESTED, ContactState.INITIATED, ContactState.QUEUED)


class CallbackState(models.TextChoices):
    """How far a callback request has come."""

    OPEN = "open", _("Open")
    DONE = "done", _("Done")
    CANCELLED = "cancelled", _("Cancelled by the customer")
    EXPIRED = "expired", _("Too old to be called")


class AvailabilityState(models.TextChoices):
    """Whether one can call an entry point now, in the words its page has sentences for."""

    OPEN = "open", _("Open")
    BUSY = "busy", _("Busy")  # the wait is longer than the entry point likes
    CLOSING = "closing", _("Closing soon")
    CLOSED = "closed", _("Closed")
    HOLIDAY = "holiday", _("Closed for a holiday")
    UNAVAILABLE = "unavailable", _("Nobody there")  # open, and no agent is online


class EndReason(models.TextChoices):
    """Why a contact ended, in the words the customer's page has a sentence for."""

    CUSTOMER_LEFT = "customer_left", _("The customer left")
    AGENT_ENDED = "agent_ended", _("The agent ended the call")
    ABANDONED = "abandoned", _("The customer left before an agent answered")
    NO_AGENT = "no_agent", _("No agent was free")
    DUPLICATE = "duplicate", _("The customer joined on another device")
    REMOVED = "removed", _("The customer was removed")
    CAPACITY = "capacity", _("All lines were busy")
    CONNECTION_LOST = "connection_lost", _("The connection was lost")
    SERVICE_ERROR = "service_error", _("Something failed on our side")
    EXPIRED = "expired", _("The contact expired")
    UNKNOWN = "unknown", _("Unknown")


class Scope(models.TextChoices):
    """What a partner's key may be allowed to do."""

    CONTACTS_READ = "contacts:read", _("Read contacts")
    CONTACTS_WRITE = "contacts:write", _("Start, change, end and erase contacts")
    CONTACTS_CONNECT = "contacts:connect", _("Get what a client of one's own joins with")
    INVITATIONS_WRITE = "invitations:write", _("Invite people and revoke invitations")
    CALLBACKS_READ = "callbacks:read", _("Read callback requests")
    CALLBACKS_WRITE = "callbacks:write", _("Make and cancel callback requests")
    ENTRY_POINTS_READ = "entry_points:read", _("Read entry points")
    ENTRY_POINTS_WRITE = (
        "entry_points:write",
        _("Make, change and remove entry points of one's own"),
    )
    EVENTS_READ = "events:read", _("Read events")
    WEBHOOKS_READ = "webhooks:read", _("Read webhook endpoints and deliveries")
    WEBHOOKS_WRITE = "webhooks:write", _("Change webhook endpoints, test and redeliver")


class EndedBy(models.TextChoices):
    """Who wants a contact ended."""

    CUSTOMER = "customer", _("Customer")
    STAFF = "staff", _("Staff")
    PARTNER = "partner", _("Partner")
    PORTAL = "portal", _("Portal")  # it died while it started the call, and nobody waits any more


class ParticipantRole(models.TextChoices):
    """The roles that a video call has. To Amazon Connect a guest is one more customer."""

    CUSTOMER = "customer", _("Customer")
    AGENT = "agent", _("Agent")
    GUEST = "guest", _("Guest")


class InvitationState(models.TextChoices):
    """What has become of an invitation."""

    OPEN = "open", _("Open")
    ACCEPTED = "accepted", _("Accepted")
    EXPIRED = "expired", _("Expired")
    REVOKED = "revoked", _("Revoked")


class TechnicalProblem(models.TextChoices):
    """What went wrong in a call, as its customer may say in the survey."""

    NO_SOUND = "no_sound", _("No sound")
    BAD_PICTURE = "bad_picture", _("Bad picture")
    DROPPED = "dropped", _("The call dropped")
    LONG_WAIT = "long_wait", _("Long wait")
    OTHER = "other", _("Other")


class QualityBand(models.TextChoices):
    """How good a call was, in one word."""

    GOOD = "good", _("Good")
    FAIR = "fair", _("Fair")
    POOR = "poor", _("Poor")


class SpellKind(models.TextChoices):
    """What lasts for a while in somebody's browser during a call."""

    NETWORK_WEAK = "network_weak", _("Weak network")
    NETWORK_POOR = "network_poor", _("Poor network")
    NETWORK_AWAY = "network_away", _("Network away")
    MUTED = "muted", _("Microphone off")
    CAMERA = "camera", _("Camera on")
    SHARING = "sharing", _("Screen shared")


NETWORK_SPELLS = (SpellKind.NETWORK_WEAK, SpellKind.NETWORK_POOR, SpellKind.NETWORK_AWAY)
POOR_SPELLS = (SpellKind.NETWORK_POOR, SpellKind.NETWORK_AWAY)


class SpellCause(models.TextChoices):
    """What was wrong with a network."""

    LOSS = "loss", _("lost packets")
    ROUND_TRIP = "round_trip", _("long delay")
    BANDWIDTH = "bandwidth", _("too little bandwidth")
    SILENCE = "silence", _("nothing came")


class ReferenceType(models.TextChoices):
    """The reference types Amazon Connect takes when a contact is created."""

    URL = "URL", _("Link")
    NUMBER = "NUMBER", _("Number")
    STRING = "STRING", _("Text")
    DATE = "DATE", _("Date")
    EMAIL = "EMAIL", _("Email address")


class EventSource(models.TextChoices):
    """Who reported an event of a contact's timeline."""

    PORTAL = "portal", _("Portal")
    CONNECT = "connect", _("Amazon Connect")


class EventRoute(models.TextChoices):
    """Which way a contact event came."""

    HTTP = "http", _("HTTP")
    QUEUE = "queue", _("Queue")


class PortalEvent(models.TextChoices):
    """The timeline entries the portal writes itself; Amazon Connect's keep their own names."""

    REQUESTED = "REQUESTED", _("Call requested")
    STARTED = "STARTED", _("Amazon Connect accepted the call")
    START_FAILED = "START_FAILED", _("The call could not be started")
    END_REQUESTED = "END_REQUESTED", _("End requested")
    STOPPED = "STOPPED", _("Stopped in Amazon Connect")
    REFRESHED = "REFRESHED", _("Read from Amazon Connect")
    ERASED = "ERASED", _("Personal data erased")
    GIVEN_UP = "GIVEN_UP", _("Given up: Amazon Connect told nothing more of the call")
    REJOINED = "REJOINED", _("The customer came back to the call")
    HANDED_OVER = "HANDED_OVER", _("The customer went on with another device")
    DIGITS_SENT = "DIGITS_SENT", _("Digits keyed in")  # never which
    INVITED = "INVITED", _("Invitation made")
    INVITATION_ACCEPTED = "INVITATION_ACCEPTED", _("Invitation accepted")
    INVITATION_REVOKED = "INVITATION_REVOKED", _("Invitation revoked")
    GUEST_ADMITTED = "GUEST_ADMITTED", _("A guest was let into the call")
    GUEST_REFUSED = "GUEST_REFUSED", _("Amazon Connect did not let a guest in")
    GUEST_LEFT = "GUEST_LEFT", _("A guest left the call")
    JOINED_BY_LINK = "JOINED_BY_LINK", _("The customer used the join link")
    SURVEY_SUBMITTED = "SURVEY_SUBMITTED", _("Survey answered")
    QUALITY_DEGRADED = "QUALITY_DEGRADED", _("The network was poor for a while")


class PartnerEventType(models.TextChoices):
    """What a partner is told of, each once for each contact, person or spell. The names are part of the API."""

    CONTACT_CREATED = "contact.created", _("A call was asked for")
    CONTACT_QUEUED = "contact.queued", _("It waits for an agent")
    CONTACT_CONNECTED = "contact.connected", _("An agent answered")
    CONTACT_ENDED = "contact.ended", _("It is over")
    CONTACT_FAILED = "contact.failed", _("It could not be started")
    PARTICIPANT_JOINED = "participant.joined", _("An agent or a guest joined")
    PARTICIPANT_LEFT = "participant.left", _("An agent or a guest left")
    INVITATION_CREATED = "invitation.created", _("Somebody was invited")
    INVITATION_USED = "invitation.used", _("An invitation was accepted")
    INVITATION_REVOKED = "invitation.revoked", _("An invitation was revoked")
    CALLBACK_REQUESTED = "callback.requested", _("Somebody wants to be called")
    SURVEY_SUBMITTED = "survey.submitted", _("A customer answered the survey")
    QUALITY_DEGRADED = "quality.degraded", _("Somebody's network was poor for a while")


class Feature(models.TextChoices):
    """What an entry point may do without. Each is offered unless it is switched off."""

    CALLBACKS = "callbacks", _("Callback requests")
    REMINDERS = "reminders", _("Mails that say when it opens")
    INVITATIONS = "invitations", _("Links that invite others into the call")
    HANDOVER = "handover", _("Going on with the call on another device")
    CHAT = "chat", _("Text chat")
    BLUR = "blur", _("Blurred background")
    SURVEY = "survey", _("Survey after the call")


class IdentityAlgorithm(models.TextChoices):
    """How a company signs its customers' identities."""

    HS256 = "HS256", "HS256"
    ES256 = "ES256", "ES256"


class IdentityRule(models.TextChoices):
    """What an entry point does with a caller whose identity is not signed, or signed wrongly."""

    OPTIONAL = "optional", _("Takes the call as an anonymous one")
    REQUIRED = "required", _("Refuses the call")


class AuditAction(models.TextChoices):
    """What members of staff do that is kept in the audit log."""

    VIEWED = "viewed", _("Viewed personal data")
    EXPORTED = "exported", _("Exported")
    ENDED = "ended", _("Ended a call")
    REVOKED = "revoked", _("Revoked invitations")
    ERASED = "erased", _("Erased personal data")
    FINISHED = "finished", _("Finished a callback request")
    REDROVE = "redrove", _("Redrove a dead letter")
    ADDED = "added", _("Added")
    CHANGED = "changed", _("Changed")
    DELETED = "deleted", _("Deleted")
