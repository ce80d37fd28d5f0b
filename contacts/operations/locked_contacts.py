"""Contacts whose rows are locked, so that what becomes of them can be decided here: read once, changed in memory, written once."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, TypeVar

from django.db.models import QuerySet

from contacts.announcements import News, announce, participant_told
from contacts.choices import ContactState, EndReason, PartnerEventType
from contacts.models import Contact, ContactEvent, ContactLeg, Participant
from contacts.push import publish_on_commit

Part = TypeVar("Part", Participant, ContactLeg)

NOT_YET_CLEAR = ("", EndReason.UNKNOWN)  # why it ended


class LockedContact:
    """A contact with its people and its legs, for as long as the transaction lasts that locked it.

    Changes of the contact's own row gather until `save`; those of people and legs are written where they are made.
    """

    def __init__(
        self, row: Contact, participants: list[Participant], legs: list[ContactLeg]
    ) -> None:
        self.row = row
        self.participants = participants
        self.legs = legs
        self.told: list[ContactEvent] = []
        """Events that are applied in this transaction, and perhaps stored only at its end."""
        self._changes: dict[str, Any] = {}
        self._known = _milestones(row, participants)

    def advance(self, state: ContactState, **changes: Any) -> bool:
        """Enter `state` unless the contact is already there or beyond; with `changes` of further columns."""
        if self.row.state not in state.predecessors():
            return False
        self._change(state=state, **changes)
        self.count_change()
        return True

    def note_moments(self, moments: dict[str, datetime]) -> bool:
        """Keep the earliest time reported for each of the contact's fields named, whatever order the reports come in.

        Returns whether a visible time changed. Must be preceded by the transition that makes `ended_at` lawful.
        """
        earlier = {}
        for field, at in moments.items():
            known = getattr(self.row, field)
            if known is None or at < known:
                earlier[field] = at
        self._change(**earlier)
        return bool(earlier)

    def note_queue(self, queue_id: str, queued_at: datetime | None) -> None:
        """Keep the queue it was in first, whatever order the reports come in. Must come before `note_moments`."""
        known = self.row.queued_at
        is_first = queued_at is not None and (known is None or queued_at <= known)
        if queue_id and is_first and queue_id != self.row.queue_id:
            self._change(queue_id=queue_id)

    def note_end_reason(self, reason: EndReason) -> bool:
        """Set why it ended if that is not known yet, or better known now. Returns whether this call set it."""
        known = self.row.end_reason
        better = known in NOT_YET_CLEAR or (
            known == EndReason.ABANDONED and reason == EndReason.CUSTOMER_LEFT
        )
        if not better or known == reason:
            return False
        self._change(end_reason=reason)
        return True

    def count_change(self) -> None:
        """Count a change that somebody may see."""
        self._change(version=self.row.version + 1)

    def put_end_off(self, ended_at: datetime) -> None:
        """Set a later end than was told before, for what was told of it was not all."""
        self._change(ended_at=ended_at)

    def change_people(self, people: Sequence[Participant], **changes: Any) -> None:
        """Write the same changes of some of its people."""
        if people:
            Participant.objects.filter(pk__in=[one.pk for one in people]).update(**changes)
        for one in people:
            for field, value in changes.items():
                setattr(one, field, value)

    def save(self, *, at: datetime) -> None:
        """Write what has changed, announce what it means, and have it published with the commit."""
        if self._changes:
            Contact.objects.filter(pk=self.row.pk).update(**self._changes)
            self._changes = {}
            reached = _milestones(self.row, self.participants)
            announce(
                self.row, [news for key, news in reached.items() if key not in self._known], at=at
            )
            self._known = reached
            publish_on_commit(self.row)

    def read_again(self) -> None:
        """Read all of it anew, after others wrote to it within the same transaction."""
        again = lock_contact(self.row)
        self.row, self.participants, self.legs = again.row, again.participants, again.legs
        self._known = again._known

    def _change(self, **changes: Any) -> None:
        self._changes |= changes
        for field, value in changes.items():
            setattr(self.row, field, value)


def lock_contact(contact: Contact) -> LockedContact:
    """Lock one contact. Runs inside the caller's transaction."""
    [locked] = lock_contacts(Contact.objects.filter(pk=contact.pk))
    return locked


def lock_contacts(contacts: QuerySet[Contact]) -> list[LockedContact]:
    """Lock contacts, always in the same order. Runs inside the caller's transaction.

    PostgreSQL locks the rows, without keeping others from adding to the contact's record; SQLite's transaction has locked
    the database.
    """
    rows = list(contacts.select_for_update(no_key=True).order_by("pk"))
    if not rows:
        return []
    people = _by_contact(Participant.objects.filter(contact__in=rows))
    legs = _by_contact(ContactLeg.objects.filter(contact__in=rows))
    return [LockedContact(row, people[row.pk], legs[row.pk]) for row in rows]


def _milestones(contact: Contact, people: Iterable[Participant]) -> dict[Any, News]:
    """Return what may be told of a contact as it is, in the order in which it happens, by what makes each unique."""
    if contact.partner_id is None:
        return {}
    joined = [one for one in people if one.joined_at is not None]
    left = [one for one in joined if one.left_at is not None]
    reached = {
        PartnerEventType.CONTACT_QUEUED: contact.queued_at is not None,
        PartnerEventType.CONTACT_CONNECTED: contact.connected_at is not None,
        PartnerEventType.CONTACT_ENDED: contact.state == ContactState.ENDED,
    }
    return {
        **{kind: News(kind) for kind, is_reached in reached.items() if is_reached},
        **_people_news(PartnerEventType.PARTICIPANT_JOINED, joined),
        **_people_news(PartnerEventType.PARTICIPANT_LEFT, left),
    }


def _people_news(kind: PartnerEventType, people: Iterable[Participant]) -> dict[Any, News]:
    return {(kind, one.pk): News(kind, {"participant": participant_told(one)}) for one in people}


def _by_contact(parts: Iterable[Part]) -> dict[Any, list[Part]]:
    found: dict[Any, list[Part]] = defaultdict(list)
    for part in parts:
        found[part.contact_id].append(part)
    return found
