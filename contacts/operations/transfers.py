"""Follows calls that agents transfer: Amazon Connect makes a contact for each transfer, and the customer's call is all of them.

The call goes on as long as one of its legs does, and ends with the last. Runs inside the transaction that has locked
the contact.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from contacts.choices import ParticipantRole
from contacts.facts import ContactFacts
from contacts.incoming_events import facts_of
from contacts.models import NO_SECRETS, Contact, ContactEvent, ContactLeg, Participant
from contacts.operations.locked_contacts import LockedContact

BY_TRANSFER = ("TRANSFER", "QUEUE_TRANSFER")


def note_leg(
    locked: LockedContact, *, connect_contact_id: str, facts: ContactFacts, began_at: datetime
) -> ContactFacts:
    """Note what is told of a leg, and return what that says of the call: who answered, and whether it is over."""
    if locked.row.is_over and not locked.legs:
        _keep_first(locked, ended_at=locked.row.ended_at)  # its end was told before its transfer
    _note(_leg_of(locked, connect_contact_id, began_at), facts, began_at=began_at)
    said = ContactFacts(connected_at=facts.connected_at, agent_id=facts.agent_id)
    if _is_over(locked):
        return replace(said, ended_at=_end_of(locked), disconnect_reason=facts.disconnect_reason)
    return said


def as_of_whole_call(locked: LockedContact, facts: ContactFacts) -> ContactFacts:
    """Return what facts of the first contact say of the whole call: that it ended says nothing while others go on."""
    if not locked.legs:
        return facts
    if facts.ended_at is None:
        if facts.agent_id and (first := _first(locked)) is not None:
            _note(first, facts, began_at=first.began_at)
        return facts
    leg = _keep_first(locked)
    _note(leg, facts, began_at=leg.began_at)
    if _is_over(locked):
        return replace(facts, ended_at=_end_of(locked))
    return replace(facts, ended_at=None, disconnect_reason="")


def let_agents_go(locked: LockedContact) -> bool:
    """Note which agents left with their legs. Returns whether anybody did who was still there."""
    legs = sorted((leg for leg in locked.legs if leg.agent_id), key=lambda leg: leg.began_at)
    staying = {leg.agent_id for leg in legs if leg.ended_at is None}
    left = {leg.agent_id: leg.ended_at for leg in legs if leg.agent_id not in staying}
    gone = [one for one in _agents(locked) if one.left_at is None and one.connect_id in left]
    for one in gone:
        locked.change_people([one], left_at=left[one.connect_id])
    return bool(gone)


def put_end_right(locked: LockedContact) -> bool:
    """Let a call that is over end with its last leg, though it was over before its transfer was told. Returns whether it did not.

    So what is kept of a call does not depend on whether the transfer or the end of what was transferred was told first.
    """
    if not _is_over(locked):
        return False
    known, ended_at, changed = locked.row.ended_at, _end_of(locked), False
    if ended_at is not None and known is not None and ended_at > known:
        with_it = [one for one in locked.participants if one.left_at == known]
        locked.change_people(with_it, left_at=ended_at)
        locked.put_end_off(ended_at)
        changed = True
    legs = sorted(locked.legs, key=lambda leg: leg.ended_at or leg.began_at)
    left = {leg.agent_id: leg.ended_at for leg in legs}
    for one in _agents(locked):
        if one.connect_id in left and one.left_at != left[one.connect_id]:
            locked.change_people([one], left_at=left[one.connect_id], **NO_SECRETS)
            changed = True
    return changed


def connected_leg(contact: Contact) -> str | None:
    """Return the contact of Amazon Connect's in which the customer talks with an agent now, if there is one.

    Amazon Connect adds further people to that one alone: to one that was transferred away, it does not.
    """
    first = contact.legs.filter(connect_contact_id=contact.connect_contact_id)
    if not first.filter(ended_at__isnull=False).exists():
        return contact.connect_contact_id
    answered = contact.legs.going_on().exclude(agent_id="").order_by("began_at").last()
    return answered.connect_contact_id if answered else None


def legs_going_on(contact: Contact) -> list[str]:
    """Return the contacts of Amazon Connect's that the call consists of and that have not ended, as far as is known."""
    if contact.is_over:
        return []
    legs = contact.legs.all()
    first = contact.connect_contact_id or ""
    going_on = list(legs.going_on().values_list("connect_contact_id", flat=True))
    return going_on if legs.filter(connect_contact_id=first).exists() else [first, *going_on]


def last_leg(contact: Contact) -> str:
    """Return the contact of Amazon Connect's that the call ended with."""
    last = contact.legs.order_by("ended_at").last()
    return last.connect_contact_id if last else contact.connect_contact_id or ""


def end_legs(*, contact: Contact, at: datetime) -> None:
    """Note that nothing of a call goes on any more."""
    contact.legs.going_on().update(ended_at=at)


def _note(leg: ContactLeg, facts: ContactFacts, *, began_at: datetime) -> None:
    """Keep the earliest times told, so that the order of telling does not matter."""
    ends = [at for at in (leg.ended_at, facts.ended_at) if at is not None]
    told = {
        "began_at": min(leg.began_at, began_at),
        "ended_at": min(ends, default=None),
        "agent_id": facts.agent_id or leg.agent_id,
    }
    changed = [field for field, value in told.items() if getattr(leg, field) != value]
    for field in changed:
        setattr(leg, field, told[field])
    if changed:
        leg.save(update_fields=changed)


def _keep_first(locked: LockedContact, *, ended_at: datetime | None = None) -> ContactLeg:
    """Return the first contact as a leg, made if it is none yet, with the agent its events have told of."""
    leg = _first(locked)
    if leg is None:
        first = locked.row.connect_contact_id or ""
        stored = ContactEvent.objects.filter(contact=locked.row, connect_contact_id=first)
        now = [one for one in locked.told if one.connect_contact_id == first]
        told = sorted([*stored, *now], key=lambda one: one.occurred_at)
        agents = [facts_of(one.type, one.detail, one.occurred_at).agent_id for one in told]
        leg = ContactLeg.objects.create(
            contact=locked.row,
            connect_contact_id=first,
            agent_id=next(filter(None, agents), ""),
            began_at=locked.row.requested_at,
            ended_at=ended_at,
        )
        locked.legs.append(leg)
    return leg


def _leg_of(locked: LockedContact, connect_contact_id: str, began_at: datetime) -> ContactLeg:
    """Return a leg, made if it is none yet."""
    for leg in locked.legs:
        if leg.connect_contact_id == connect_contact_id:
            return leg
    leg, _ = ContactLeg.objects.get_or_create(
        connect_contact_id=connect_contact_id,
        defaults={"contact": locked.row, "began_at": began_at},
    )
    locked.legs.append(leg)
    return leg


def _first(locked: LockedContact) -> ContactLeg | None:
    first = locked.row.connect_contact_id
    return next((leg for leg in locked.legs if leg.connect_contact_id == first), None)


def _is_over(locked: LockedContact) -> bool:
    """Whether the end of the first contact and of all others was told."""
    return _first(locked) is not None and all(leg.ended_at for leg in locked.legs)


def _end_of(locked: LockedContact) -> datetime | None:
    return max((leg.ended_at for leg in locked.legs if leg.ended_at), default=None)


def _agents(locked: LockedContact) -> list[Participant]:
    return [one for one in locked.participants if one.role == ParticipantRole.AGENT]
