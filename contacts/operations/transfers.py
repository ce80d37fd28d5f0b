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
from contacts.incoming_events import facts_of
from contacts.models import NO_SECRETS, Contact, ContactLeg, ContactLegQuerySet

BY_TRANSFER = ("TRANSFER", "QUEUE_TRANSFER")


def note_leg(
    *, contact: Contact, connect_contact_id: str, facts: ContactFacts, began_at: datetime
) -> ContactFacts:
    """Note what is told of a leg, and return what that says of the call: who answered, and whether it is over."""
    if contact.is_over and not contact.legs.exists():
        _keep_first(contact, ended_at=contact.ended_at)  # its end was told before its transfer
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
    if not contact.legs.exists():
        return facts
    if facts.ended_at is None:
        if facts.agent_id and (first := _first(contact).first()) is not None:
            _note(first, facts, began_at=first.began_at)
        return facts
    leg = _keep_first(contact)
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


def put_end_right(*, contact: Contact) -> bool:
    """Let a call that is over end with its last leg, though it was over before its transfer was told. Returns whether it did not.

    So what is kept of a call does not depend on whether the transfer or the end of what was transferred was told first.
    """
    if not _is_over(contact):
        return False
    ended_at, changed = _end_of(contact), False
    if ended_at is not None and contact.ended_at is not None and ended_at > contact.ended_at:
        contact.participants.filter(left_at=contact.ended_at).update(left_at=ended_at)
        Contact.objects.filter(pk=contact.pk).update(ended_at=ended_at)
        contact.ended_at, changed = ended_at, True
    agents = contact.participants.filter(role=ParticipantRole.AGENT)
    left = {leg.agent_id: leg.ended_at for leg in contact.legs.order_by("ended_at")}
    for agent_id, left_at in left.items():
        elsewhen = agents.filter(connect_id=agent_id).exclude(left_at=left_at)
        changed |= elsewhen.update(left_at=left_at, **NO_SECRETS) > 0
    return changed


def connected_leg(contact: Contact) -> str | None:
    """Return the contact of Amazon Connect's in which the customer talks with an agent now, if there is one.

    Amazon Connect adds further people to that one alone: to one that was transferred away, it does not.
    """
    if not _first_is_over(contact):
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
    changes: dict[str, Any] = {"began_at": Least("began_at", began_at)}
    if facts.ended_at is not None:
        changes["ended_at"] = Least(Coalesce("ended_at", facts.ended_at), facts.ended_at)
    if facts.agent_id:
        changes["agent_id"] = facts.agent_id
    ContactLeg.objects.filter(pk=leg.pk).update(**changes)
    leg.refresh_from_db()


def _keep_first(contact: Contact, *, ended_at: datetime | None = None) -> ContactLeg:
    """Return the first contact as a leg, made if it is none yet, with the agent its events have told of."""
    leg = _first(contact).first()
    if leg is None:
        told = contact.events.filter(connect_contact_id=contact.connect_contact_id)
        agents = [facts_of(one.type, one.detail, one.occurred_at).agent_id for one in told]
        leg = ContactLeg.objects.create(
            contact=contact,
            connect_contact_id=contact.connect_contact_id or "",
            agent_id=next(filter(None, agents), ""),
            began_at=contact.requested_at,
            ended_at=ended_at,
        )
    return leg


def _first(contact: Contact) -> ContactLegQuerySet:
    return ContactLeg.objects.filter(connect_contact_id=contact.connect_contact_id)


def _first_is_over(contact: Contact) -> bool:
    return _first(contact).filter(ended_at__isnull=False).exists()


def _is_over(contact: Contact) -> bool:
    """Whether the end of the first contact and of all others was told."""
    return _first_is_over(contact) and not contact.legs.going_on().exists()


def _end_of(contact: Contact) -> datetime | None:
    return max((leg.ended_at for leg in contact.legs.all() if leg.ended_at), default=None)
