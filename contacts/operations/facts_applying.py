"""Brings a contact forward to what Amazon Connect says of it, whether an event or an answer said it.

The result depends on the set of facts alone: not on their order, nor on how often each is told.
"""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from contacts.choices import ContactState, EndReason, ParticipantRole
from contacts.facts import ContactFacts, end_reason_of
from contacts.follow_ups import FollowUp, leave
from contacts.models import Contact, Participant
from contacts.push import publish_on_commit


def apply_facts(*, contact: Contact, facts: ContactFacts, at: datetime) -> bool:
    """Bring the contact forward and publish it if anybody can see a difference. Returns whether they can.

    Runs inside the caller's transaction, and refreshes `contact`.
    """
    state = facts.state
    with transaction.atomic():
        # One writer at a time per contact: PostgreSQL locks the row, SQLite's transaction locks the database.
        Contact.objects.select_for_update().get(pk=contact.pk)
        advanced = contact.advance(state, **_required_by(state, facts))
        changed = contact.note_moments(_lawful_moments(contact, facts))
        if facts.connected_at is not None and facts.agent_id:
            changed |= _note_agent(contact, facts.agent_id, facts.connected_at)
        contact.refresh_from_db()
        if contact.state == ContactState.ENDED:
            changed |= _close(contact, facts, first=advanced)
        if changed and not advanced:
            contact.bump_version()
        if advanced or changed:
            contact.refresh_from_db()
            publish_on_commit(contact)
    return advanced or changed


def _required_by(state: ContactState, facts: ContactFacts) -> dict[str, datetime]:
    """The columns that a state may not be entered without."""
    return {"ended_at": facts.ended_at} if state is ContactState.ENDED and facts.ended_at else {}


def _lawful_moments(contact: Contact, facts: ContactFacts) -> dict[str, datetime]:
    """The moments to keep: a failed contact was over before Amazon Connect had it, and stays as it is."""
    return {} if contact.state == ContactState.FAILED else facts.moments


def _note_agent(contact: Contact, agent_id: str, joined_at: datetime) -> bool:
    """Keep who answered. A contact has one row per agent; an agent that is reported again changes nothing."""
    _, created = Participant.objects.get_or_create(
        contact=contact,
        role=ParticipantRole.AGENT,
        connect_id=agent_id,
        defaults={"created_at": joined_at, "joined_at": joined_at},
    )
    return created


def _close(contact: Contact, facts: ContactFacts, *, first: bool) -> bool:
    """Forget the secrets of an ended contact, say who left when, and find why it ended."""
    gone = contact.participants.filter(left_at__isnull=True).update(
        left_at=contact.ended_at, sealed_token="", sealed_connection=""
    )
    reason = end_reason_of(
        disconnect_reason=facts.disconnect_reason,
        was_connected=contact.connected_at is not None,
        end_requested_by=contact.end_requested_by,
    )
    if contact.end_reason == EndReason.ABANDONED and contact.connected_at is not None:
        reason = EndReason.CUSTOMER_LEFT  # that an agent had answered was told late
    noted = reason is not None and contact.note_end_reason(reason)
    if first and reason in (None, EndReason.UNKNOWN):
        # Contact events do not say why; DescribeContact does.
        leave(FollowUp.REFRESH, contact)
    return gone > 0 or noted
