"""Takes addresses that are to be told when an entry point opens, says which are to be told now, and forgets them.

Who writes the mail is another's affair. A mail is sent once: whoever claims a reminder has a while to send it, and a
worker that dies meanwhile leaves it to the next.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import partial

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db.models import Model, Q, QuerySet
from django.utils.dateparse import parse_datetime

from contacts import errors
from contacts.availability import AvailabilitySnapshot
from contacts.choices import AvailabilityState, Feature
from contacts.commits import commit
from contacts.errors import FieldProblem
from contacts.limits import text_problems
from contacts.models import EntryPoint, Reminder
from contacts.models.reminders import EMAIL_MAX_CHARACTERS
from contacts.operations.availabilities import read_availability
from contacts.operations.features import require

LOCALE_MAX_CHARACTERS = 35
CLAIM = timedelta(minutes=5)
# A mail that cannot be sent by then helps nobody any more.
KEPT_AFTER_OPENING = timedelta(hours=4)
KEPT_CLOSED = timedelta(days=30)
CLOSED = (AvailabilityState.CLOSED, AvailabilityState.HOLIDAY)


def request_reminder(
    *, entry_point: EntryPoint, email: str, locale: str, page: str, at: datetime
) -> Reminder:
    """Have an address told when the entry point opens next. The same address again changes nothing but the words' language.

    :raises InvalidCall: it is no address, or the entry point is open, or nobody knows when it opens.
    :raises FeatureOff: the entry point does without.
    """
    require(Feature.REMINDERS, entry_point)
    email = email.strip()
    opens_at = _opens_at(read_availability(entry_point=entry_point, at=at)["availability"])
    problems = [*text_problems("/locale", locale, longest=LOCALE_MAX_CHARACTERS)]
    if not _is_address(email):
        problems.append(FieldProblem("/email", "bad_email", "An address such as ana@example.com."))
    if opens_at is None:
        problems.append(
            FieldProblem("/entry_point", "not_closed", "It is open, or opens nobody knows when.")
        )
    if not settings.SENDS_MAIL:
        problems.append(FieldProblem("/email", "no_mail", "This portal sends no mail."))
    if problems or opens_at is None:
        raise errors.InvalidCall(problems)
    return commit(partial(_write, entry_point, email, locale, page, opens_at, at))


def claim_due_reminder(*, at: datetime) -> Reminder | None:
    """Return a reminder whose mail is to be sent now, by whoever asked; None if there is none.

    One whose entry point opens later than was planned is put off until then.
    """
    return commit(partial(_claim, at))


def forget_reminder(*, reminder: Reminder) -> None:
    """Delete it, with the address: the mail is sent."""
    commit(Reminder.objects.filter(pk=reminder.pk).delete)


def too_old(*, at: datetime) -> QuerySet[Model]:
    """Return the reminders whose mail could not be sent, or whose entry point did not open, for long."""
    old = Q(opens_at__lte=at - KEPT_AFTER_OPENING) | Q(requested_at__lte=at - KEPT_CLOSED)
    return Reminder.objects.filter(old).order_by("opens_at")


def _write(
    entry_point: EntryPoint, email: str, locale: str, page: str, opens_at: datetime, at: datetime
) -> Reminder:
    reminder, _ = Reminder.objects.update_or_create(
        entry_point=entry_point,
        email=email,
        defaults={"locale": locale, "page": page, "opens_at": opens_at},
        create_defaults={
            "locale": locale,
            "page": page,
            "opens_at": opens_at,
            "requested_at": at,
        },
    )
    return reminder


def _claim(at: datetime) -> Reminder | None:
    due = Reminder.objects.due(at=at)
    reminder = due.select_related("entry_point").first()
    if reminder is None:
        return None
    known = read_availability(entry_point=reminder.entry_point, at=at)["availability"]
    if known["state"] in CLOSED:
        due.filter(pk=reminder.pk).update(opens_at=_opens_at(known) or at + CLAIM)
        return None
    claimed = due.filter(pk=reminder.pk).update(claimed_until=at + CLAIM)
    return reminder if claimed else None


def _opens_at(known: AvailabilitySnapshot) -> datetime | None:
    opens_at = known["opens_at"]
    return parse_datetime(opens_at) if opens_at and known["state"] in CLOSED else None


def _is_address(email: str) -> bool:
    try:
        validate_email(email)
    except ValidationError:
        return False
    return len(email) <= EMAIL_MAX_CHARACTERS
