"""What the worker process does later: one domain operation each, tried again while Amazon Connect cannot be reached."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.utils import timezone

from django_tasks import task

from contacts import errors
from contacts.models import Contact
from contacts.operations import ending, refreshing

MAX_ATTEMPTS = 8


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


def _later(attempt: int) -> datetime:
    """Return when to try again: after 2, 4, 8 … seconds, at most five minutes."""
    return timezone.now() + timedelta(seconds=min(2**attempt, 300))
