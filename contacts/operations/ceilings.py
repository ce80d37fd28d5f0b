"""Keeps calls that nobody pays for to run up a bill: so many an hour may reach Amazon Connect, whoever asks.

Counted from the contacts themselves, so that every process counts the same and a restart forgets nothing. Several that
start at the very same moment may go beyond by as many.
"""

from __future__ import annotations

import logging
import uuid
from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import Q

from contacts.choices import ContactState
from contacts.errors import TooManyCalls
from contacts.follow_ups import alert_admins
from contacts.models import Contact, EntryPoint, Lease

logger = logging.getLogger(__name__)

HOUR = timedelta(hours=1)


def keep_below_ceilings(*, entry_point: EntryPoint, at: datetime) -> None:
    """Refuse a call when the hour has had as many as are allowed, and tell the admins, once an hour for each ceiling.

    :raises TooManyCalls: it has.
    """
    calls = Contact.objects.filter(
        Q(connect_contact_id__isnull=False) | Q(state=ContactState.REQUESTED),
        requested_at__gt=at - HOUR,
    )
    ceilings = (
        ("all entry points", calls, settings.CALLS_PER_HOUR),
        (
            entry_point.slug,
            calls.filter(entry_point=entry_point),
            settings.CALLS_PER_HOUR_PER_ENTRY_POINT,
        ),
    )
    for of_what, counted, ceiling in ceilings:
        if ceiling and counted[:ceiling].count() >= ceiling:
            _alert(of_what, ceiling, at)
            raise TooManyCalls(of_what)


def _alert(of_what: str, ceiling: int, at: datetime) -> None:
    name = f"ceiling:{of_what}"[:40]
    if not Lease.hold(name=name, holder=str(uuid.uuid4()), at=at, length=HOUR):
        return
    logger.error("calls_per_hour_reached", extra={"of": of_what, "ceiling": ceiling})
    alert_admins(
        f"Calls are refused: {ceiling} in an hour ({of_what})",
        f"{of_what}: {ceiling} calls were started within an hour, which is as many as are allowed. Further ones are "
        "refused until there is room. If that is right, raise CALLS_PER_HOUR or CALLS_PER_HOUR_PER_ENTRY_POINT; if not, "
        "close the entry point in the admin and look at who calls.",
    )
