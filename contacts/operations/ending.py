"""Ends calls: for the customer who leaves, and for staff."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from contacts import connect, errors
from contacts.choices import EndedBy, PortalEvent
from contacts.commits import LONG_S, commit
from contacts.facts import ContactFacts
from contacts.follow_ups import FollowUp, leave
from contacts.models import Contact
from contacts.operations.facts_applying import apply_facts
from contacts.operations.timeline import write_entry
from contacts.operations.transfers import end_legs, legs_going_on


def end_call(
    *, contact: Contact, by: EndedBy, clock: Callable[[], datetime], later: bool = False
) -> Contact:
    """End a call; once it is over, or while it is being ended, that changes nothing. Returns the contact as it is then.

    The wish is stored before Amazon Connect is asked. If Amazon Connect cannot be reached, a task asks it again, so the
    call will end; a call that is still being started is stopped as soon as it has started. With `later`, it is all
    left to that task.

    :raises ConnectMisconfigured, ConnectForbidden, ConnectWrongRegion: Amazon Connect will not take the request.
    """
    at = clock()

    def write() -> None:
        if contact.request_end(by=by, at=at):
            write_entry(contact, PortalEvent.END_REQUESTED, at=at, by=by)

    commit(write)
    if contact.is_over or contact.connect_contact_id is None:
        return contact
    if later:
        leave(FollowUp.STOP, contact)
        return contact
    try:
        stop_contact(contact=contact, clock=clock)
    except errors.ConnectError as error:
        if not error.retryable:
            raise
        leave(FollowUp.STOP, contact)
    return contact


def stop_contact(*, contact: Contact, clock: Callable[[], datetime]) -> None:
    """Stop the contact in Amazon Connect and mark it ended.

    :raises ConnectError: Amazon Connect refused, failed or did not answer in time.
    """
    if contact.is_over or contact.connect_contact_id is None:
        return
    stopped = [_stop(contact, one) for one in legs_going_on(contact)]
    already_over = not any(stopped)
    at = clock()

    def write() -> None:
        contact.lock()
        end_legs(contact=contact, at=at)
        apply_facts(contact=contact, facts=ContactFacts(ended_at=at), at=at)
        write_entry(contact, PortalEvent.STOPPED, at=at, already_over=already_over)

    commit(write, patience_s=LONG_S)


def _stop(contact: Contact, connect_contact_id: str) -> bool:
    """Stop one contact. Returns False if it was over, or cannot be stopped but by who is in it.

    Amazon Connect stops no contact that began with a transfer: it ends when the customer's media leaves.

    :raises ConnectError: Amazon Connect refused, failed or did not answer in time.
    """
    try:
        connect.stop_contact(
            instance_id=contact.connect_instance_id, contact_id=connect_contact_id
        )
    except errors.ConnectContactGone:
        return False
    except errors.ConnectMisconfigured:
        if connect_contact_id == contact.connect_contact_id:
            raise
        return False
    return True
