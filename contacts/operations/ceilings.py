"""Keeps calls that nobody pays for to run up a bill: so many an hour may reach Amazon Connect, whoever asks.

Counted from the contacts themselves, so that every process counts the same and a restart forgets nothing. Several that
start at the very same moment may go beyond by as many.
"""

from __future__ import annotations

import logging
import uuid
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db.models import Q, QuerySet

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
    ceilings: tuple[tuple[str, int, dict[str, Any]], ...] = (
        ("all entry points", settings.CALLS_PER_HOUR, {}),
        (
            entry_point.slug,
            settings.CALLS_PER_HOUR_PER_ENTRY_POINT,
            {"entry_point": entry_point},
        ),
    )
    for of_what, ceiling, narrowing in ceilings:
        if ceiling and _calls_since(at - HOUR, narrowing)[:ceiling].count() >= ceiling:
            _alert(of_what, ceiling, at)
            raise TooManyCalls(of_what)


def _calls_since(at: datetime, narrowing: dict[str, Any]) -> QuerySet[Contact]:
    reached = Q(connect_contact_id__isnull=False) | Q(state=ContactState.REQUESTED)
    return Contact.objects.filter(reached, requested_at__gt=at, **narrowing)


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
