"""Sets a running portal's entry points up as an administrator would, from outside its processes."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

from tests.servers import Portal

_SAVE = """
import json
from datetime import datetime
from contacts.models import EntryPoint
slug, values = json.loads({given!r})
entry_point, _ = EntryPoint.objects.get_or_create(slug=slug, defaults={{"name": slug, "company": "Example Company"}})
for name, value in values.items():
    setattr(entry_point, name, value)
entry_point.save()
"""


def save_entry_point(portal: Portal, slug: str, **values: Any) -> None:
    """Create the entry point or change it; whoever watches it is told."""
    code = _SAVE.format(given=json.dumps([slug, values]))
    portal.manage("shell", "--no-imports", "--command", code)


_SET_HOURS = """
import json
from datetime import datetime
from datetime import datetime, timedelta
from django.utils import timezone
from contacts.models import Availability, EntryPoint
from contacts.opening_hours import Schedule, Stretch
slug, opens_in_days, holiday, time_zone = json.loads({given!r})
now = timezone.now()
opens = (now + timedelta(days=opens_in_days)).replace(hour=8, minute=0, second=0, microsecond=0)
closed_for = (Stretch(now - timedelta(hours=1), opens, holiday),) if holiday else ()
schedule = Schedule(time_zone, now + timedelta(days=15), (Stretch(opens, opens + timedelta(hours=9)),), closed_for)
entry_point = EntryPoint.objects.get(slug=slug)
Availability.objects.update_or_create(
    entry_point=entry_point, defaults={{"schedule": schedule.to_json(), "hours_asked_at": now, "watched_at": now}}
)
entry_point.save()
print("opens", opens.isoformat())
"""


def close_until(
    portal: Portal, slug: str, *, days: int, time_zone: str, holiday: str = ""
) -> datetime:
    """Have it closed as if Amazon Connect had said so, until 08:00 UTC some days from now. Returns when it opens."""
    code = _SET_HOURS.format(given=json.dumps([slug, days, holiday, time_zone]))
    printed = portal.manage("shell", "--no-imports", "--command", code)
    return datetime.fromisoformat(printed.split("opens ")[-1].strip())
