"""The figures of the admin's first page: what happens now, what became of today's calls, and where it hurts.

Each is of the entry points that the member of staff was granted. None reads more than the calls under way and those of a day.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from statistics import median
from typing import Any

from django.conf import settings
from django.db.models import Avg, Count, Max, Min
from django.utils import timezone

from contacts.access import AnyUser, contacts_of_staff, entry_points_of_staff
from contacts.choices import CallbackState, ContactState, EventSource
from contacts.models import (
    Availability,
    CallbackRequest,
    CallQuality,
    ContactEvent,
    ContactQuerySet,
    DeadLetter,
    Survey,
)

ANSWERED_WELL_WITHIN = timedelta(seconds=30)
EVENTS_STALE_AFTER = timedelta(minutes=5)  # while calls are under way
MOST_CALLS_OF_A_DAY = 20_000  # of which lengths are averaged
CHART_HEIGHT = 60


_also: dict[str, Callable[[AnyUser, datetime], int]] = {}


def show_also(name: str, read: Callable[[AnyUser, datetime], int]) -> None:
    """Have one more figure shown, by the name the template knows it by: `read` is given who looks and when today began."""
    _also[name] = read


@dataclass(frozen=True, slots=True)
class Bar:
    """One hour of the chart."""

    x: int
    answered: float
    lost: float
    title: str

    @property
    def lost_y(self) -> float:
        """Where the lost ones begin, above the answered."""
        return round(CHART_HEIGHT - self.answered - self.lost, 1)

    @property
    def answered_y(self) -> float:
        """Where the answered ones begin."""
        return round(CHART_HEIGHT - self.answered, 1)


def figures_for(user: AnyUser, *, now: datetime) -> dict[str, Any]:
    """Return what the template shows."""
    visible = contacts_of_staff(user)
    today = timezone.localtime(now).replace(hour=0, minute=0, second=0, microsecond=0)
    granted = list(entry_points_of_staff(user).values_list("pk", flat=True))
    callbacks = CallbackRequest.objects.filter(entry_point__in=granted, state=CallbackState.OPEN)
    return {
        **_now(visible, granted, now),
        **_today(visible.filter(requested_at__gte=today)),
        "callbacks_open": callbacks.count(),
        "dead_letters": DeadLetter.objects.count(),
        **{name: read(user, today) for name, read in _also.items()},
        **_events(visible, now),
        "bars": _bars(visible, now),
    }


def _now(visible: ContactQuerySet, granted: Sequence[int], now: datetime) -> dict[str, Any]:
    """Who waits, who talks, who could answer."""
    waiting = visible.waiting().aggregate(count=Count("pk"), since=Min("requested_at"))
    queues = Availability.objects.filter(entry_point__in=granted).exclude(queue_id="")
    ready = {row.queue_id: row.agents_available for row in queues}  # entry points may share one
    return {
        "waiting": waiting["count"],
        "longest_wait": now - waiting["since"] if waiting["since"] else None,
        "talking": visible.active().filter(state=ContactState.CONNECTED).count(),
        "agents_ready": sum(ready.values()) if ready else None,
    }


def _today(calls: ContactQuerySet) -> dict[str, Any]:
    """What became of the calls since midnight."""
    moments = list(
        calls.values_list("requested_at", "queued_at", "connected_at", "state", "failure_code")[
            :MOST_CALLS_OF_A_DAY
        ]
    )
    waits = [
        connected - (queued or requested)
        for requested, queued, connected, _state, _code in moments
        if connected
    ]
    over = [one for one in moments if one[3] in (ContactState.ENDED, ContactState.FAILED)]
    failures = Counter(code for *_rest, code in moments if code)
    set_up = CallQuality.objects.filter(contact__in=calls.values("pk"), setup_ms__isnull=False)
    told = set_up.values_list("setup_ms", flat=True)[:MOST_CALLS_OF_A_DAY]
    lengths = [one for one in told if one is not None]
    rated = Survey.objects.filter(contact__in=calls.values("pk"))
    return {
        "answered": len(waits),
        "abandoned": sum(one[3] == ContactState.ENDED and one[2] is None for one in over),
        "average_wait": sum(waits, timedelta()) / len(waits) if waits else None,
        "service_level": _share(sum(wait <= ANSWERED_WELL_WITHIN for wait in waits), len(waits)),
        "service_level_s": round(ANSWERED_WELL_WITHIN.total_seconds()),
        "failed": sum(failures.values()),
        "failure_rate": _share(sum(failures.values()), len(moments)),
        "failures": failures.most_common(5),
        "setup_median_s": median(lengths) / 1000 if lengths else None,
        "survey_average": rated.aggregate(average=Avg("rating"))["average"],
    }


def _events(visible: ContactQuerySet, now: datetime) -> dict[str, Any]:
    """Whether Amazon Connect still tells: silence while calls are under way means that events are lost."""
    last = ContactEvent.objects.filter(source=EventSource.CONNECT).order_by("-pk").first()
    active = visible.active().aggregate(newest=Max("initiated_at"))["newest"]
    told_at = last.received_at if last else None
    silent = active is not None and (told_at is None or told_at < active)
    stale = silent and now - active > EVENTS_STALE_AFTER
    can_come = bool(settings.CONNECT_EVENTS_KEYS or settings.CONNECT_EVENTS_SQS_URL)
    return {"last_event_at": told_at, "events_stale": stale or not can_come}


def _bars(visible: ContactQuerySet, now: datetime) -> list[Bar]:
    """The last 24 hours, the current one last."""
    hour = timezone.localtime(now).replace(minute=0, second=0, microsecond=0)
    first = hour - timedelta(hours=23)
    calls = visible.filter(requested_at__gte=first)
    answered: Counter[int] = Counter()
    lost: Counter[int] = Counter()
    rows = calls.values_list("requested_at", "connected_at", "ended_at")[:MOST_CALLS_OF_A_DAY]
    for requested, connected, ended in rows:
        place = int((requested - first) / timedelta(hours=1))
        if connected:
            answered[place] += 1
        elif ended:
            lost[place] += 1
    most = max([answered[place] + lost[place] for place in range(24)], default=0) or 1
    return [
        Bar(
            x=10 * place,
            answered=round(CHART_HEIGHT * answered[place] / most, 1),
            lost=round(CHART_HEIGHT * lost[place] / most, 1),
            title=f"{first + timedelta(hours=place):%H:%M}: {answered[place]} / {lost[place]}",
        )
        for place in range(24)
    ]


def _share(part: int, whole: int) -> int | None:
    return round(100 * part / whole) if whole else None
