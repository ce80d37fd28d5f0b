"""Follows calls that agents transfer: Amazon Connect makes a contact for each transfer, and the customer's call is all of them.

The call goes on as long as one of its legs does, and ends with the last. Runs inside the transaction that has locked
the contact.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any

from django.db.models.functions import Coalesce, Least

from contacts.choices import ParticipantRole
from contacts.facts import ContactFacts
from contacts.models import Contact, ContactLeg

BY_TRANSFER = ("TRANSFER", "QUEUE_TRANSFER")


def note_leg(
    *, contact: Contact, connect_contact_id: str, facts: ContactFacts, began_at: datetime
) -> ContactFacts:
    """Note what is told of a leg, and return what that says of the call: who answered, and whether it is over."""
    leg, _ = ContactLeg.objects.get_or_create(
        connect_contact_id=connect_contact_id,
        defaults={"contact": contact, "began_at": began_at},
    )
    _note(leg, facts, began_at=began_at)
    said = ContactFacts(connected_at=facts.connected_at, agent_id=facts.agent_id)
    if _is_over(contact):
        return replace(said, ended_at=_end_of(contact), disconnect_reason=facts.disconnect_reason)
    return said


def as_of_whole_call(*, contact: Contact, facts: ContactFacts) -> ContactFacts:
    """Return what facts of the first contact say of the whole call: that it ended says nothing while others go on."""
    if facts.ended_at is None or not contact.legs.exists():
        return facts
    leg, _ = ContactLeg.objects.get_or_create(
        connect_contact_id=contact.connect_contact_id,
        defaults={"contact": contact, "began_at": contact.requested_at},
    )
    _note(leg, facts, began_at=leg.began_at)
    if _is_over(contact):
        return replace(facts, ended_at=_end_of(contact))
    return replace(facts, ended_at=None, disconnect_reason="")


def let_agents_go(*, contact: Contact) -> bool:
    """Note which agents left with their legs. Returns whether anybody did who was still there."""
    legs = list(contact.legs.exclude(agent_id=""))
    staying = {leg.agent_id for leg in legs if leg.ended_at is None}
    agents = contact.participants.filter(role=ParticipantRole.AGENT, left_at__isnull=True)
    left = {leg.agent_id: leg.ended_at for leg in legs if leg.agent_id not in staying}
    return sum(agents.filter(connect_id=one).update(left_at=at) for one, at in left.items()) > 0


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
    changes: dict[str, Any] = {"began_at": Least("began_at", began_at)}
    if facts.ended_at is not None:
        changes["ended_at"] = Least(Coalesce("ended_at", facts.ended_at), facts.ended_at)
    if facts.agent_id:
        changes["agent_id"] = facts.agent_id
    ContactLeg.objects.filter(pk=leg.pk).update(**changes)
    leg.refresh_from_db()


def _is_over(contact: Contact) -> bool:
    """Whether the end of the first contact and of all others was told."""
    legs = contact.legs.all()
    first = legs.filter(
        connect_contact_id=contact.connect_contact_id, ended_at__isnull=False
    ).exists()
    return first and not legs.going_on().exists()


def _end_of(contact: Contact) -> datetime | None:
    return max((leg.ended_at for leg in contact.legs.all() if leg.ended_at), default=None)
