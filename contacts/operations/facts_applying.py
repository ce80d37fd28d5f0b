"""Brings a contact forward to what Amazon Connect says of it, whether an event or an answer said it.

The result depends on the set of facts alone: not on their order, nor on how often each is told.
"""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.db.models import Q

from contacts.choices import ContactState, EndReason, ParticipantRole
from contacts.facts import ContactFacts, end_reason_of
from contacts.follow_ups import FollowUp, leave
from contacts.models import NO_SECRETS, Contact, Participant
from contacts.operations import transfers
from contacts.push import publish_on_commit


def apply_facts(*, contact: Contact, facts: ContactFacts, at: datetime) -> bool:
    """Bring the contact forward and publish it if anybody can see a difference. Returns whether they can.

    Runs inside the caller's transaction, and refreshes `contact`.
    """
    with transaction.atomic():
        contact.lock()
        return _bring_forward(contact, transfers.as_of_whole_call(contact=contact, facts=facts))


def apply_leg_facts(
    *,
    contact: Contact,
    connect_contact_id: str,
    facts: ContactFacts,
    began_at: datetime,
    at: datetime,
) -> bool:
    """Bring a contact forward to what Amazon Connect says of another leg of the call. Returns whether anybody can see it."""
    with transaction.atomic():
        contact.lock()
        said = transfers.note_leg(
            contact=contact, connect_contact_id=connect_contact_id, facts=facts, began_at=began_at
        )
        return _bring_forward(contact, said)


def _bring_forward(contact: Contact, facts: ContactFacts) -> bool:
    state = facts.state
    advanced = contact.advance(state, **_required_by(state, facts))
    changed = contact.note_moments(_lawful_moments(contact, facts))
    if facts.connected_at is not None and facts.agent_id:
        changed |= _note_agent(contact, facts.agent_id, facts.connected_at)
    changed |= transfers.let_agents_go(contact=contact)
    contact.refresh_from_db()
    if contact.state == ContactState.ENDED:
        changed |= transfers.put_end_right(contact=contact)
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
    """Keep who answered, and the earliest time told of it. A contact has one row per agent."""
    moments = {"created_at": joined_at, "joined_at": joined_at}
    agent, created = Participant.objects.get_or_create(
        contact=contact, role=ParticipantRole.AGENT, connect_id=agent_id, defaults=moments
    )
    told_late = Participant.objects.filter(pk=agent.pk, joined_at__gt=joined_at)
    return created or told_late.update(**moments) == 1


def _close(contact: Contact, facts: ContactFacts, *, first: bool) -> bool:
    """Forget the secrets of an ended contact, say who left when, and find why it ended."""
    # The end may be told earlier than it was told before: COMPLETED has a later time than DISCONNECTED.
    gone = contact.participants.filter(
        Q(left_at__isnull=True) | Q(left_at__gt=contact.ended_at)
    ).update(left_at=contact.ended_at, **NO_SECRETS)
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
