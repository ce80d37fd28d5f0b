"""Whether one can call now: derived from an entry point, its hours and its queue's figures at an instant. Pure."""

from __future__ import annotations

import math
from datetime import datetime, timedelta
from typing import TypedDict, cast

from django.conf import settings

from contacts.choices import AvailabilityState
from contacts.models import Availability, EntryPoint
from contacts.opening_hours import AROUND, DayHours, Schedule, always_open
from contacts.snapshots import timestamp
from contacts.topics import FRAME_FORMAT, Frame

CLOSING_WITHIN = timedelta(minutes=15)
FIGURES_LAST = timedelta(minutes=3)  # older ones say nothing of now


class AvailabilitySnapshot(TypedDict):
    """What everybody may know of an entry point."""

    entry_point: str
    state: str
    estimated_wait_s: int | None
    closes_at: str | None
    opens_at: str | None
    time_zone: str | None
    holiday_name: str | None
    agents_online: int | None


class AvailabilityFrame(Frame):
    """What the socket sends: a whole snapshot with the version it shows."""

    availability: AvailabilitySnapshot


def availability_of(known: Availability, *, at: datetime) -> AvailabilitySnapshot:
    """Return what is known at the instant. What is not known keeps nobody from calling."""
    schedule = _schedule(known, at)
    state = _state(known, schedule, at)
    is_closed = state in (AvailabilityState.CLOSED, AvailabilityState.HOLIDAY)
    tells_opening = is_closed and known.entry_point.is_open and schedule is not None
    tells_closing = not is_closed and schedule is not None
    current = _has_figures(known, at)
    return {
        "entry_point": known.entry_point.slug,
        "state": state.value,
        "estimated_wait_s": known.estimated_wait_s if current and not is_closed else None,
        "closes_at": timestamp(schedule.closes_at(at)) if schedule and tells_closing else None,
        "opens_at": timestamp(schedule.opens_at(at)) if schedule and tells_opening else None,
        "time_zone": schedule.time_zone if schedule else None,
        "holiday_name": (
            schedule.holiday_at(at)
            if schedule is not None and state == AvailabilityState.HOLIDAY
            else None
        ),
        "agents_online": known.agents_online if current else None,
    }


def availability_frame(known: Availability, *, at: datetime) -> AvailabilityFrame:
    """Return what sockets are told at the instant."""
    return _frame(known, availability_of(known, at=at))


def last_shown_frame(known: Availability) -> AvailabilityFrame:
    """Return what sockets are told as the version that was published last."""
    return _frame(known, cast(AvailabilitySnapshot, known.shown))


def is_news(before: AvailabilitySnapshot | None, now: AvailabilitySnapshot) -> bool:
    """Whether anybody would see a difference: waits are told in minutes."""
    if not before:
        return True
    return {**before, "estimated_wait_s": _minutes(before.get("estimated_wait_s"))} != {
        **now,
        "estimated_wait_s": _minutes(now["estimated_wait_s"]),
    }


def _frame(known: Availability, shown: AvailabilitySnapshot) -> AvailabilityFrame:
    return {
        "v": FRAME_FORMAT,
        "version": known.version,
        "type": "availability",
        "availability": shown,
    }


def _state(known: Availability, schedule: Schedule | None, at: datetime) -> AvailabilityState:
    entry_point = known.entry_point
    if not entry_point.is_open:
        return AvailabilityState.CLOSED
    if schedule is not None and not schedule.opening_at(at):
        is_holiday = bool(schedule.holiday_at(at))
        return AvailabilityState.HOLIDAY if is_holiday else AvailabilityState.CLOSED
    if _has_figures(known, at):
        if known.agents_online == 0 and not entry_point.ignores_hours:
            return AvailabilityState.UNAVAILABLE
        if (known.estimated_wait_s or 0) > entry_point.busy_wait_s:
            return AvailabilityState.BUSY
    closes_at = schedule.closes_at(at) if schedule else None
    if closes_at is not None and closes_at - at < CLOSING_WITHIN:
        return AvailabilityState.CLOSING
    return AvailabilityState.OPEN


def _schedule(known: Availability, at: datetime) -> Schedule | None:
    """The opening hours, as far as they are known for the instant, with what staff say of single days."""
    stored = None if known.schedule is None else Schedule.from_json(known.schedule)
    holds = stored is not None and at < stored.until
    days = _own_days(known.entry_point, at)
    if not holds and not days:
        return None
    time_zone = stored.time_zone if stored else settings.TIME_ZONE
    usual = always_open(time_zone, at=at)
    if stored is not None and holds and not known.entry_point.ignores_hours:
        usual = stored
    return usual.with_days(days)


def _own_days(entry_point: EntryPoint, at: datetime) -> list[DayHours]:
    """Those of its hours overrides that matter around the instant. An entry point that is not stored has none."""
    if not entry_point.pk:
        return []
    return [
        one.hours
        for one in entry_point.hours_overrides.all()
        if abs(one.date - at.date()) <= AROUND
    ]


def _has_figures(known: Availability, at: datetime) -> bool:
    return known.figures_at is not None and at - known.figures_at < FIGURES_LAST


def _minutes(seconds: int | None) -> int | None:
    return None if seconds is None else math.ceil(seconds / 60)
