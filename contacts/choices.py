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


class EndedBy(models.TextChoices):
    """Who asked the portal to end a contact."""

    CUSTOMER = "customer", _("Customer")
    STAFF = "staff", _("Staff")


class ParticipantRole(models.TextChoices):
    """Amazon Connect's roles that a video call has."""

    CUSTOMER = "customer", _("Customer")
    AGENT = "agent", _("Agent")


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


class PortalEvent(models.TextChoices):
    """The timeline entries the portal writes itself; Amazon Connect's keep their own names."""

    REQUESTED = "REQUESTED", _("Call requested")
    STARTED = "STARTED", _("Amazon Connect accepted the call")
    START_FAILED = "START_FAILED", _("The call could not be started")
    END_REQUESTED = "END_REQUESTED", _("End requested")
    STOPPED = "STOPPED", _("Stopped in Amazon Connect")
    REFRESHED = "REFRESHED", _("Read from Amazon Connect")
    REJOINED = "REJOINED", _("The customer came back to the call")
