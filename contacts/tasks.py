"""What the worker process does later: one domain operation each, tried again while Amazon Connect cannot be reached."""

from __future__ import annotations

import contextlib
from datetime import datetime, timedelta

from django.core import mail
from django.utils import timezone

from django_tasks import task

from contacts import errors
from contacts.models import Contact, Participant
from contacts.operations import (
    admitting,
    annotating,
    disconnecting,
    ending,
    qualities,
    refreshing,
    settling,
)

MAX_ATTEMPTS = 8
# How good a call was Amazon Connect knows a while after its end, and of some calls never.
SCORED_AFTER = (timedelta(minutes=2), timedelta(minutes=30))


@task()
def mail_admins(subject: str, text: str) -> None:
    """Mail those of ADMINS something they should know."""
    mail.mail_admins(subject, text)


@task()
def refresh_contact(contact_id: str, attempt: int) -> None:
    """Ask Amazon Connect what became of a contact."""
    contact = Contact.objects.get(pk=contact_id)
    try:
        refreshing.refresh_contact(contact=contact, clock=timezone.now)
    except errors.ConnectError:
        if attempt >= MAX_ATTEMPTS:
            raise
        refresh_contact.using(run_after=_later(attempt)).enqueue(contact_id, attempt + 1)
        return
    if attempt <= len(SCORED_AFTER) and qualities.awaits_scores(contact):
        later = timezone.now() + SCORED_AFTER[attempt - 1]
        refresh_contact.using(run_after=later).enqueue(contact_id, attempt + 1)


@task()
def stop_contact(contact_id: str, attempt: int) -> None:
    """Ask Amazon Connect to end a contact that somebody wants ended."""
    contact = Contact.objects.get(pk=contact_id)
    try:
        ending.stop_contact(contact=contact, clock=timezone.now)
    except errors.ConnectError as error:
        if attempt >= MAX_ATTEMPTS or not error.retryable:
            raise
        stop_contact.using(run_after=_later(attempt)).enqueue(contact_id, attempt + 1)


@task()
def send_attributes(contact_id: str, attempt: int, names: list[str]) -> None:
    """Set the attributes of these names, which were kept before Amazon Connect had the contact."""
    contact = Contact.objects.get(pk=contact_id)
    if contact.connect_contact_id is None and contact.is_over:
        return
    # As they are now: later changes of them may have been sent, and erased ones are gone.
    known = {name: contact.attributes[name] for name in names if name in contact.attributes}
    try:
        is_sent = annotating.send_attributes(contact=contact, attributes=known)
    except errors.ConnectError as error:
        if attempt >= MAX_ATTEMPTS or not error.retryable:
            raise
        is_sent = False
    if not is_sent and attempt < MAX_ATTEMPTS:
        again = send_attributes.using(run_after=_later(attempt))
        again.enqueue(contact_id, attempt + 1, names)


@task()
def stop_unanswered_start(contact_id: str, attempt: int) -> None:
    """Stop what Amazon Connect may have begun for a start that has failed."""
    contact = Contact.objects.get(pk=contact_id)
    try:
        settling.stop_unanswered_start(
            contact=contact, clock=timezone.now, is_last_attempt=attempt >= MAX_ATTEMPTS
        )
    except errors.ConnectError as error:
        if attempt >= MAX_ATTEMPTS or not error.retryable:
            raise
        stop_unanswered_start.using(run_after=_later(attempt)).enqueue(contact_id, attempt + 1)


@task()
def settle_admission(participant_id: str, attempt: int) -> None:
    """Undo an admission to a call that nobody finished; most were finished long before this runs."""
    participant = Participant.objects.filter(pk=participant_id).first()
    if participant is None or participant.left_at is not None or participant.sealed_connection:
        return
    if attempt < MAX_ATTEMPTS:
        # Left first: this process may be killed as well.
        settle_admission.using(run_after=_later(attempt)).enqueue(participant_id, attempt + 1)
    with contextlib.suppress(errors.ConnectError):
        admitting.settle_admission(participant=participant, clock=timezone.now)


@task()
def disconnect_guest(participant_id: str, attempt: int) -> None:
    """Take a guest out of a call whose place somebody took back."""
    participant = Participant.objects.filter(pk=participant_id).first()
    if participant is None:
        return
    try:
        disconnecting.disconnect_guest(participant=participant, clock=timezone.now)
    except errors.ConnectError as error:
        if attempt >= MAX_ATTEMPTS or not error.retryable:
            raise
        disconnect_guest.using(run_after=_later(attempt)).enqueue(participant_id, attempt + 1)


def _later(attempt: int) -> datetime:
    """Return when to try again: after 2, 4, 8 … seconds, at most five minutes."""
    return timezone.now() + timedelta(seconds=min(2**attempt, 300))
