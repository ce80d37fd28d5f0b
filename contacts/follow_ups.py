"""What operations leave to the worker process: names of tasks, put into the queue in the operation's own transaction.

Tasks are named by their path, as the queue itself stores them: they run operations, so operations cannot import them.
"""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from django.utils.module_loading import import_string

from contacts.models import Contact, Participant


class FollowUp(StrEnum):
    """The tasks an operation may leave behind."""

    DISCONNECT = "contacts.tasks.disconnect_guest"
    REFRESH = "contacts.tasks.refresh_contact"
    SEND_ATTRIBUTES = "contacts.tasks.send_attributes"
    SETTLE_ADMISSION = "contacts.tasks.settle_admission"
    STOP = "contacts.tasks.stop_contact"
    STOP_UNANSWERED = "contacts.tasks.stop_unanswered_start"


def alert_admins(subject: str, text: str) -> None:
    """Have the worker mail the admins."""
    import_string("contacts.tasks.mail_admins").enqueue(subject, text)


def leave(
    follow_up: FollowUp,
    subject: Contact | Participant,
    *,
    at: datetime | None = None,
    besides: list[str] | None = None,
) -> None:
    """Have the worker do something for a contact or a participant soon, or not before a time. `besides` must hold no secret."""
    further = () if besides is None else (besides,)
    import_string(follow_up).using(run_after=at).enqueue(str(subject.pk), 1, *further)
