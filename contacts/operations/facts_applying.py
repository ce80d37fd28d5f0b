"""Brings a contact forward to what Amazon Connect says of it, whether an event or an answer said it.

The result depends on the set of facts alone: not on their order, nor on how often each is told.
"""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from contacts.choices import ContactState, EndReason, ParticipantRole
from contacts.facts import ContactFacts, end_reason_of
from contacts.follow_ups import FollowUp, leave
from contacts.models import NO_SECRETS, Contact, Participant
from contacts.operations import transfers
from contacts.operations.counting import count_state_on_commit
from contacts.operations.locked_contacts import LockedContact, lock_contact


def apply_facts(*, contact: Contact, facts: ContactFacts, at: datetime) -> bool:
    """Bring the contact forward and publish it if anybody can see a difference. Returns whether they can.

    Runs inside the caller's transaction, and refreshes `contact`.
    """
    with transaction.atomic():
        locked = lock_contact(contact)
        changed = bring_forward(locked, facts)
        locked.save(at=at)
    contact.refresh_from_db()
    return changed


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
        locked = lock_contact(contact)
        changed = bring_leg_forward(
            locked, connect_contact_id=connect_contact_id, facts=facts, began_at=began_at
        )
        locked.save(at=at)
    contact.refresh_from_db()
    return changed


def bring_forward(locked: LockedContact, facts: ContactFacts) -> bool:
    """Bring a locked contact forward; the caller saves it. Returns whether anybody can see a difference."""
    return _bring_forward(locked, transfers.as_of_whole_call(locked, facts))


def bring_leg_forward(
    locked: LockedContact, *, connect_contact_id: str, facts: ContactFacts, began_at: datetime
) -> bool:
    """Bring a locked contact forward to what is said of another leg of the call; the caller saves it."""
    said = transfers.note_leg(
        locked, connect_contact_id=connect_contact_id, facts=facts, began_at=began_at
    )
    return _bring_forward(locked, said)


def _bring_forward(locked: LockedContact, facts: ContactFacts) -> bool:
    contact = locked.row
    locked.note_queue(facts.queue_id, facts.queued_at)
    advanced = locked.advance(facts.state, **_required_by(facts))
    # A failed contact was over before Amazon Connect had it, and keeps its moments as they are.
    changed = contact.state != ContactState.FAILED and locked.note_moments(facts.moments)
    if facts.connected_at is not None and facts.agent_id:
        changed |= _note_agent(locked, facts.agent_id, facts.connected_at)
    changed |= transfers.let_agents_go(locked)
    if contact.state == ContactState.ENDED:
        changed |= transfers.put_end_right(locked)
        changed |= _close(locked, facts, first=advanced)
    if advanced:
        count_state_on_commit(contact)
    elif changed:
        locked.count_change()
    return advanced or changed


def _required_by(facts: ContactFacts) -> dict[str, datetime]:
    """The columns that the state which facts prove may not be entered without."""
    return {"ended_at": facts.ended_at} if facts.ended_at else {}


def _note_agent(locked: LockedContact, agent_id: str, joined_at: datetime) -> bool:
    """Keep who answered, and the earliest time told of it. A contact has one row per agent."""
    agents = [one for one in locked.participants if one.role == ParticipantRole.AGENT]
    known = next((one for one in agents if one.connect_id == agent_id), None)
    if known is None:
        agent = Participant.objects.create(
            contact=locked.row,
            role=ParticipantRole.AGENT,
            connect_id=agent_id,
            created_at=joined_at,
            joined_at=joined_at,
        )
        locked.participants.append(agent)
        return True
    if known.joined_at is None or known.joined_at <= joined_at:
        return False
    known.created_at = known.joined_at = joined_at
    known.save(update_fields=["created_at", "joined_at"])
    return True


def _close(locked: LockedContact, facts: ContactFacts, *, first: bool) -> bool:
    """Forget the secrets of an ended contact, say who left when, and find why it ended."""
    contact = locked.row
    noted = _let_all_go(locked)
    reason = end_reason_of(
        disconnect_reason=facts.disconnect_reason,
        was_connected=contact.connected_at is not None,
        end_requested_by=contact.end_requested_by,
    )
    if contact.end_reason == EndReason.ABANDONED and contact.connected_at is not None:
        reason = EndReason.CUSTOMER_LEFT  # that an agent had answered was told late
    if reason is not None:
        noted |= locked.note_end_reason(reason)
    is_unclear = reason in (None, EndReason.UNKNOWN)
    if first and (is_unclear or contact.connected_at is not None):
        # Contact events do not say why, nor how good a call was; DescribeContact does.
        leave(FollowUp.REFRESH, contact)
    return noted


def _let_all_go(locked: LockedContact) -> bool:
    """Say of whoever was still there, or left later than the end, that they left with it, and forget their secrets.

    The end may be told earlier than it was told before: COMPLETED has a later time than DISCONNECTED.
    """
    ended_at = locked.row.ended_at
    gone = [
        one
        for one in locked.participants
        if one.left_at is None or (ended_at is not None and one.left_at > ended_at)
    ]
    locked.change_people(gone, left_at=ended_at, **NO_SECRETS)
    return bool(gone)
