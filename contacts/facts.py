"""What Amazon Connect says of a contact, whichever way it says it: an event or an answer. Pure values, no row, no network."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from contacts.choices import ContactState, EndedBy, EndReason

# Amazon Connect writes "not yet" as a moment in 1970.
UNSET_BEFORE = datetime(2000, 1, 1, tzinfo=UTC)

END_REASONS = {
    "AGENT_DISCONNECT": EndReason.AGENT_ENDED,
    "BARGED": EndReason.REMOVED,
    "CONTACT_FLOW_DISCONNECT": EndReason.NO_AGENT,
    "CUSTOMER_NEVER_ARRIVED": EndReason.CONNECTION_LOST,
    "EXPIRED": EndReason.EXPIRED,
    "TELECOM_PROBLEM": EndReason.CONNECTION_LOST,
    "THIRD_PARTY_DISCONNECT": EndReason.REMOVED,
}


@dataclass(frozen=True, slots=True)
class SideQuality:
    """How one side's sound was: a score from 1 to 5, and what may have been wrong, in Amazon Connect's words."""

    score: float
    issues: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ContactFacts:
    """The moments Amazon Connect reports, each None while unknown, who answered, why it ended and how good it was."""

    queued_at: datetime | None = None
    connected_at: datetime | None = None
    ended_at: datetime | None = None
    agent_id: str = ""
    disconnect_reason: str = ""
    queue_id: str = ""
    customer_quality: SideQuality | None = None
    agent_quality: SideQuality | None = None
    disconnect_issue: str = ""

    @property
    def state(self) -> ContactState:
        """The furthest state these facts prove; that Amazon Connect tells of a contact proves that it has begun."""
        if self.ended_at:
            return ContactState.ENDED
        if self.connected_at:
            return ContactState.CONNECTED
        if self.queued_at:
            return ContactState.QUEUED
        return ContactState.INITIATED

    @property
    def moments(self) -> dict[str, datetime]:
        """The known moments by the name of the contact's field."""
        found = {
            "queued_at": self.queued_at,
            "connected_at": self.connected_at,
            "ended_at": self.ended_at,
        }
        return {field: at for field, at in found.items() if at is not None}


def moment_or_none(value: datetime | str | None) -> datetime | None:
    """Return a moment given as a time or as ISO 8601 text, in UTC; None for nothing, nonsense and "not yet"."""
    try:
        if isinstance(value, str):
            value = datetime.fromisoformat(value)
        if not isinstance(value, datetime):
            return None
        moment = value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)
    except (ValueError, OverflowError):  # no time, or one whose time in UTC is out of range
        return None
    return moment if moment >= UNSET_BEFORE else None


def end_reason_of(
    *, disconnect_reason: str, was_connected: bool, end_requested_by: str
) -> EndReason | None:
    """Say why a contact ended, or None while nothing tells.

    Amazon Connect reports an end asked for by its API as OTHER: then who asked us decides.
    """
    left = EndReason.CUSTOMER_LEFT if was_connected else EndReason.ABANDONED
    if (
        end_requested_by in (EndedBy.CUSTOMER, EndedBy.PORTAL)
        or disconnect_reason == "CUSTOMER_DISCONNECT"
    ):
        return left
    if end_requested_by in (EndedBy.STAFF, EndedBy.PARTNER):
        return EndReason.AGENT_ENDED
    if not disconnect_reason:
        return None
    return END_REASONS.get(disconnect_reason, EndReason.UNKNOWN)
