"""Sends the mail that says that one can call now, to whoever asked for it while the entry point was closed."""

from __future__ import annotations

import logging

from django.core.mail import send_mail
from django.utils import timezone, translation

from contacts import operations
from contacts.models import Reminder
from portal.languages import is_offered
from portal.messages import MESSAGES

logger = logging.getLogger(__name__)

IDLE_S = 5.0


def send_due_reminder() -> float:
    """Send one mail that is due. Returns the seconds until the next round."""
    reminder = operations.claim_due_reminder(at=timezone.now())
    if reminder is None:
        return IDLE_S
    _send(reminder)
    operations.forget_reminder(reminder=reminder)
    logger.info("reminder_sent", extra={"entry_point": reminder.entry_point.slug})
    return 0.0


def _send(reminder: Reminder) -> None:
    language = reminder.locale if is_offered(reminder.locale) else "en"
    with translation.override(language):
        said = {
            name: str(MESSAGES[f"mail.reminder.{name}"]) for name in ("subject", "body", "once")
        }
    send_mail(
        said["subject"].format(company=reminder.entry_point.company),
        f"{said['body']}\n\n{reminder.page}\n\n{said['once']}\n",
        from_email=None,
        recipient_list=[reminder.email],
    )
