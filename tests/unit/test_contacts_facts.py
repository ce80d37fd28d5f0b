"""What Amazon Connect says of a contact, and what follows from it."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from contacts.choices import ContactState, EndReason
from contacts.facts import ContactFacts, end_reason_of, moment_or_none

NOON = datetime(2026, 1, 2, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("given", "moment"),
    [
        ("2026-01-02T12:00:00Z", NOON),
        ("2026-01-02T13:00:00.000+01:00", NOON),
        (NOON, NOON),
        ("1970-01-01T00:00:00.001Z", None),
        ("soon", None),
        ("", None),
        (None, None),
    ],
)
def test_moment_is_read_or_absent(given: str | datetime | None, moment: datetime | None) -> None:
    """Should take times before 2000 for "not yet", as Amazon Connect writes them."""
    assert moment_or_none(given) == moment


def test_state_is_the_furthest_that_is_proved() -> None:
    """Should go by the latest kind of moment, whichever others are missing."""
    assert ContactFacts().state is ContactState.INITIATED
    assert ContactFacts(queued_at=NOON).state is ContactState.QUEUED
    assert ContactFacts(connected_at=NOON).state is ContactState.CONNECTED
    assert ContactFacts(queued_at=NOON, ended_at=NOON).state is ContactState.ENDED


@pytest.mark.parametrize(
    ("disconnect_reason", "was_connected", "requested_by", "reason"),
    [
        ("CUSTOMER_DISCONNECT", True, "", EndReason.CUSTOMER_LEFT),
        ("CUSTOMER_DISCONNECT", False, "", EndReason.ABANDONED),
        ("AGENT_DISCONNECT", True, "", EndReason.AGENT_ENDED),
        ("CONTACT_FLOW_DISCONNECT", False, "", EndReason.NO_AGENT),
        ("CUSTOMER_NEVER_ARRIVED", False, "", EndReason.CONNECTION_LOST),
        ("OTHER", True, "customer", EndReason.CUSTOMER_LEFT),
        ("OTHER", False, "customer", EndReason.ABANDONED),
        ("OTHER", True, "staff", EndReason.AGENT_ENDED),
        ("OTHER", True, "", EndReason.UNKNOWN),
        ("A_NEW_ONE", True, "", EndReason.UNKNOWN),
        ("", True, "", None),
    ],
)
def test_end_reason_follows_from_what_is_known(
    disconnect_reason: str, was_connected: bool, requested_by: str, reason: EndReason | None
) -> None:
    """Should tell who ended it, and wait while nothing tells."""
    assert (
        end_reason_of(
            disconnect_reason=disconnect_reason,
            was_connected=was_connected,
            end_requested_by=requested_by,
        )
        == reason
    )
