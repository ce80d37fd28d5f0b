"""What the events of further people's contacts tell: Amazon Connect makes one for each guest, and says nothing of whose it is.

They belong to the call's record, and change nothing about the call itself. A guest is found by the moment they were let in.
"""

from __future__ import annotations

from datetime import timedelta

from contacts.choices import ParticipantRole
from contacts.connect_client import longest_request_s
from contacts.facts import moment_or_none
from contacts.incoming_events import facts_of
from contacts.models import Contact, ContactEvent, Participant
from contacts.operations.disconnecting import let_go

BY_THE_API = "WEBRTC_API"  # how a guest's contact begins; a colleague's begins with TRANSFER, a supervisor's with MONITOR
SKEW = timedelta(seconds=5)  # event times are whole seconds, and clocks differ


def note_guest_event(*, contact: Contact, event: ContactEvent) -> None:
    """Note that a guest's contact has ended, and with it that they left. Runs inside the caller's transaction."""
    if event.detail.get("initiationMethod") != BY_THE_API:
        return
    guest = _guest_of(contact, event)
    ended_at = facts_of(event.type, event.detail, event.occurred_at).ended_at
    if guest is not None and ended_at is not None:
        let_go(participant=guest, at=ended_at)


def _guest_of(contact: Contact, event: ContactEvent) -> Participant | None:
    """Return the guest whose contact the event is about, or None while that cannot be told for sure."""
    guests = contact.participants.filter(role=ParticipantRole.GUEST)
    known = guests.filter(connect_contact_id=event.connect_contact_id).first()
    begun_at = moment_or_none(event.detail.get("initiationTimestamp"))
    if known is not None or begun_at is None:
        return known
    longest = timedelta(seconds=longest_request_s())
    candidates = list(
        guests.filter(
            connect_contact_id="",
            created_at__gte=begun_at - longest - SKEW,
            created_at__lte=begun_at + SKEW,
        )[:2]
    )
    if len(candidates) != 1:
        return None
    Participant.objects.filter(pk=candidates[0].pk).update(
        connect_contact_id=event.connect_contact_id
    )
    return candidates[0]
