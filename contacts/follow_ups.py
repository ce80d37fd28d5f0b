"""What operations leave to the worker process: names of tasks, put into the queue in the operation's own transaction.

Tasks are named by their path, as the queue itself stores them: they run operations, so operations cannot import them.
"""

from __future__ import annotations

from enum import StrEnum

from django.utils.module_loading import import_string

from contacts.models import Contact


class FollowUp(StrEnum):
    """The tasks an operation may leave behind."""

    REFRESH = "contacts.tasks.refresh_contact"
    STOP = "contacts.tasks.stop_contact"


def leave(follow_up: FollowUp, contact: Contact) -> None:
    """Have the worker do something for a contact soon."""
    import_string(follow_up).enqueue(str(contact.pk), 1)
