"""When an entry point is open, made from Amazon Connect's days and times of day. Pure values: no rows, no network, no clock."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

AROUND = timedelta(days=16)


class UnableToReadHours(ValueError):
    """The answer does not say when it is open."""


@dataclass(frozen=True, slots=True)
class Stretch:
    """From one instant to another, the later one excluded; a holiday's has its name."""

    start: datetime
    end: datetime
    name: str = ""

    def covers(self, at: datetime) -> bool:
        """Whether the instant lies within."""
        return self.start <= at < self.end


@dataclass(frozen=True, slots=True)
class DayHours:
    """The hours of one date in place of the usual ones: none, or from one time of day to another, the next day's if it is no later."""

    day: date
    opens_at: time | None = None
    closes_at: time | None = None
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Schedule:
    """The opening hours of some days, with what they are closed for by name. Knows nothing from `until` on."""

    time_zone: str
    until: datetime
    openings: tuple[Stretch, ...]  # in order, and none touches the next
    holidays: tuple[Stretch, ...]

    def opening_at(self, at: datetime) -> Stretch | None:
        """The opening that covers the instant."""
        return next((one for one in self.openings if one.covers(at)), None)

    def closes_at(self, at: datetime) -> datetime | None:
        """When the opening at the instant ends; None if there is none, or its end is not known yet."""
        opening = self.opening_at(at)
        return None if opening is None or opening.end >= self.until else opening.end

    def opens_at(self, at: datetime) -> datetime | None:
        """When the next opening after the instant begins, if that is known."""
        return next((one.start for one in self.openings if one.start > at), None)

    def holiday_at(self, at: datetime) -> str:
        """The name of what it is closed for at the instant; empty if it is for nothing in particular."""
        return next((one.name for one in self.holidays if one.covers(at)), "")

    def with_days(self, days: Iterable[DayHours]) -> Schedule:
        """Return it with other hours on some dates, each from midnight to midnight by its time zone's clock.

        What one date keeps open past its midnight yields to what is said of the next.
        """
        zone = ZoneInfo(self.time_zone)
        openings, holidays = list(self.openings), list(self.holidays)
        for one in sorted(days, key=lambda each: each.day):
            whole = _whole_day(one.day, zone)
            openings, holidays = _without(openings, whole), _without(holidays, whole)
            if one.opens_at is None or one.closes_at is None:
                holidays.append(replace(whole, name=one.reason))
            else:
                openings.append(_between(one.day, one.opens_at, one.closes_at, zone))
        return replace(self, openings=tuple(_joined(openings)), holidays=tuple(holidays))

    def to_json(self) -> dict[str, Any]:
        """Return it as stored."""
        return {
            "time_zone": self.time_zone,
            "until": self.until.isoformat(),
            "openings": [[one.start.isoformat(), one.end.isoformat()] for one in self.openings],
            "holidays": [
                [one.start.isoformat(), one.end.isoformat(), one.name] for one in self.holidays
            ],
        }

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> Schedule:
        """Return what was stored."""
        return cls(
            time_zone=stored["time_zone"],
            until=datetime.fromisoformat(stored["until"]),
            openings=tuple(_stretch(*one) for one in stored["openings"]),
            holidays=tuple(_stretch(*one) for one in stored["holidays"]),
        )


def always_open(time_zone: str, *, at: datetime) -> Schedule:
    """Return the schedule of what never closes, as far as the days around an instant go."""
    until = at + AROUND
    return Schedule(time_zone, until, (Stretch(at - AROUND, until),), ())


def schedule_of(reply: Mapping[str, Any], *, last_day: date) -> Schedule:
    """Return the schedule of an answer of GetEffectiveHoursOfOperations that was asked up to `last_day`.

    :raises UnableToReadHours: the time zone, a date or a time is none.
    """
    try:
        zone = ZoneInfo(reply["TimeZone"])
        openings = [
            _of_day(day["Date"], hours, zone)
            for day in reply.get("EffectiveHoursOfOperationList") or []
            for hours in day.get("OperationalHours") or []
        ]
        holidays = [
            _of_day(day["Date"], hours, zone, hours.get("OverrideName") or "")
            for day in reply.get("EffectiveOverrideHoursList") or []
            for hours in day.get("OverrideHours") or []
            if hours.get("OperationalStatus") == "CLOSED"
        ]
    except (KeyError, ValueError, TypeError, OSError, ZoneInfoNotFoundError) as error:
        raise UnableToReadHours(repr(error)) from error
    until = datetime.combine(last_day + timedelta(days=1), time(), zone)
    return Schedule(
        reply["TimeZone"], until.astimezone(UTC), tuple(_joined(openings)), tuple(holidays)
    )


def _of_day(day: str, hours: Mapping[str, Any], zone: ZoneInfo, name: str = "") -> Stretch:
    start, end = (time(hours[key]["Hours"], hours[key]["Minutes"]) for key in ("Start", "End"))
    return _between(date.fromisoformat(day), start, end, zone, name)


def _between(day: date, start: time, end: time, zone: ZoneInfo, name: str = "") -> Stretch:
    """An end at or before the start, midnight above all, is the next day's."""
    last = day if end > start else day + timedelta(days=1)
    return Stretch(
        datetime.combine(day, start, zone).astimezone(UTC),
        datetime.combine(last, end, zone).astimezone(UTC),
        name,
    )


def _whole_day(day: date, zone: ZoneInfo) -> Stretch:
    return _between(day, time(), time(), zone)


def _without(stretches: Iterable[Stretch], gap: Stretch) -> list[Stretch]:
    """What is left of them before and after the gap."""
    parts = (
        part
        for one in stretches
        for part in (
            replace(one, end=min(one.end, gap.start)),
            replace(one, start=max(one.start, gap.end)),
        )
    )
    return [part for part in parts if part.start < part.end]


def _joined(stretches: Iterable[Stretch]) -> list[Stretch]:
    """Those that touch or overlap as one: a desk that is open past midnight does not close at midnight."""
    joined: list[Stretch] = []
    real = (one for one in stretches if one.start < one.end)  # a clock put forward may leave none
    for one in sorted(real, key=lambda stretch: stretch.start):
        if joined and one.start <= joined[-1].end:
            before = joined.pop()
            joined.append(Stretch(before.start, max(before.end, one.end)))
        else:
            joined.append(one)
    return joined


def _stretch(start: str, end: str, name: str = "") -> Stretch:
    return Stretch(datetime.fromisoformat(start), datetime.fromisoformat(end), name)
