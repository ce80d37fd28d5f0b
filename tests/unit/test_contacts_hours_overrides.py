"""Days with other hours than usual: what is open then, over midnights and clocks that change. And what is refused."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

import pytest

from contacts.availability import availability_of
from contacts.models import Availability, EntryPoint, HoursOverride
from contacts.opening_hours import DayHours, Schedule, Stretch, always_open

BERLIN = ZoneInfo("Europe/Berlin")
CHRISTMAS = date(2026, 12, 25)


def local(*moment: int, zone: ZoneInfo = BERLIN) -> datetime:
    return datetime(*moment, tzinfo=zone).astimezone(UTC)  # type: ignore[arg-type,misc]


def usual(first: date, opens: int = 8, closes: int = 18, days: int = 7) -> Schedule:
    """Return a week that is open from one hour to another, each day by Berlin's clock."""
    each = [first + timedelta(days=number) for number in range(days)]
    openings = [
        Stretch(
            datetime.combine(day, time(opens), BERLIN).astimezone(UTC),
            datetime.combine(day, time(closes), BERLIN).astimezone(UTC),
        )
        for day in each
    ]
    until = datetime.combine(first + timedelta(days=days), time(), BERLIN).astimezone(UTC)
    return Schedule("Europe/Berlin", until, tuple(openings), ())


def test_closed_day_has_its_name_from_midnight_to_midnight() -> None:
    """Should close that date by the clock of the hours, and open with the next."""
    schedule = usual(date(2026, 12, 23)).with_days([DayHours(CHRISTMAS, reason="Christmas")])
    assert schedule.opening_at(local(2026, 12, 24, 17, 59))
    for at in (local(2026, 12, 25, 0, 0), local(2026, 12, 25, 12), local(2026, 12, 25, 23, 59)):
        assert not schedule.opening_at(at)
        assert schedule.holiday_at(at) == "Christmas"
        assert schedule.opens_at(at) == local(2026, 12, 26, 8)
    assert schedule.holiday_at(local(2026, 12, 26, 0, 0)) == ""
    assert schedule.opens_at(local(2026, 12, 24, 18)) == local(2026, 12, 26, 8)


def test_other_hours_take_the_place_of_the_usual_ones() -> None:
    """Should open and close when the day says, and take a holiday of the usual hours away."""
    before = usual(date(2026, 12, 23)).with_days([DayHours(CHRISTMAS, reason="Christmas")])
    schedule = before.with_days([DayHours(CHRISTMAS, time(10), time(14), "Half day")])
    assert schedule.opens_at(local(2026, 12, 25, 9)) == local(2026, 12, 25, 10)
    assert schedule.closes_at(local(2026, 12, 25, 13)) == local(2026, 12, 25, 14)
    assert not schedule.opening_at(local(2026, 12, 25, 14))
    assert schedule.holiday_at(local(2026, 12, 25, 15)) == ""


def test_night_goes_past_midnight_unless_the_next_day_is_closed() -> None:
    """Should end the next day, or at its midnight."""
    night = DayHours(CHRISTMAS, time(20), time(2))
    schedule = usual(date(2026, 12, 23)).with_days([night])
    assert schedule.closes_at(local(2026, 12, 25, 23)) == local(2026, 12, 26, 2)
    closed = DayHours(CHRISTMAS + timedelta(days=1))
    assert usual(date(2026, 12, 23)).with_days([closed, night]).closes_at(
        local(2026, 12, 25, 23)
    ) == local(2026, 12, 26)


@pytest.mark.parametrize(
    ("day", "hours"), [(date(2026, 3, 29), 23), (date(2026, 10, 25), 25)], ids=["spring", "autumn"]
)
def test_day_on_which_the_clock_changes_is_closed_as_long_as_it_lasts(
    day: date, hours: int
) -> None:
    """Should close for 23 or 25 hours, and count the hours after it by the new clock."""
    at = datetime.combine(day, time(3), BERLIN)
    schedule = always_open("Europe/Berlin", at=at.astimezone(UTC)).with_days([DayHours(day)])
    before, after = schedule.openings
    assert after.start - before.end == timedelta(hours=hours)
    given = always_open("Europe/Berlin", at=at.astimezone(UTC)).with_days(
        [DayHours(day, time(9), time(17))]
    )
    opening = given.opening_at(datetime.combine(day, time(12), BERLIN))
    assert opening is not None
    assert opening.start.astimezone(BERLIN).time() == time(9)
    assert opening.end.astimezone(BERLIN).time() == time(17)


def test_hours_that_the_clock_leaps_over_are_none() -> None:
    """Should not end before they begin: on that day there is no half past two."""
    day = date(2026, 3, 29)
    schedule = usual(day).with_days([DayHours(day, time(2, 30), time(3))])
    assert all(one.start < one.end for one in schedule.openings)
    assert not schedule.opening_at(local(2026, 3, 29, 12))


def test_nothing_touches_without_days() -> None:
    """Should leave the usual hours as they are."""
    assert usual(CHRISTMAS).with_days([]) == usual(CHRISTMAS)


@pytest.fixture
def support(db: None) -> EntryPoint:
    """An entry point."""
    return EntryPoint.objects.create(slug="support", name="Support", company="Example")


def shown(entry_point: EntryPoint, at: datetime, **known: Any) -> Any:
    return availability_of(Availability(entry_point=entry_point, **known), at=at)


@pytest.mark.parametrize("always", [False, True])
def test_entry_point_is_closed_with_or_without_hours_of_its_queue(
    support: EntryPoint, always: bool
) -> None:
    """Should hold even where hours are unknown or left out of it, and say when it opens."""
    support.ignores_hours = always
    HoursOverride.objects.create(entry_point=support, date=CHRISTMAS, reason="Christmas")
    schedule = usual(date(2026, 12, 23)).to_json() if always else None
    noon = datetime(2026, 12, 25, 12, tzinfo=UTC)
    closed = shown(support, noon, schedule=schedule)
    assert (closed["state"], closed["holiday_name"]) == ("holiday", "Christmas")
    assert closed["opens_at"] == (
        "2026-12-25T23:00:00.000Z" if always else "2026-12-26T00:00:00.000Z"
    )
    assert shown(support, noon - timedelta(days=1), schedule=schedule)["state"] == "open"
    eve = datetime.fromisoformat("2026-12-24T22:50:00Z" if always else "2026-12-24T23:50:00Z")
    assert shown(support, eve, schedule=schedule)["state"] == "closing"


def test_closed_without_a_reason_is_no_holiday(support: EntryPoint) -> None:
    """Should say that it is closed, and for nothing in particular."""
    HoursOverride.objects.create(entry_point=support, date=CHRISTMAS)
    closed = shown(support, datetime(2026, 12, 25, 12, tzinfo=UTC))
    assert (closed["state"], closed["holiday_name"]) == ("closed", None)


def test_others_hours_are_their_own(support: EntryPoint) -> None:
    """Should close no other entry point."""
    other = EntryPoint.objects.create(slug="sales", name="Sales", company="Example")
    HoursOverride.objects.create(entry_point=other, date=CHRISTMAS)
    assert shown(support, datetime(2026, 12, 25, 12, tzinfo=UTC))["state"] == "open"


@pytest.mark.parametrize(
    "given", [{"opens_at": time(8)}, {"closes_at": time(8)}], ids=["no end", "no start"]
)
def test_half_a_time_is_refused(support: EntryPoint, given: dict[str, Any]) -> None:
    """Should be refused by the form and by the database."""
    half = HoursOverride(entry_point=support, date=CHRISTMAS, **given)
    with pytest.raises(ValidationError, match="Give both times"):
        half.full_clean()
    with pytest.raises(IntegrityError), transaction.atomic():
        half.save()


def test_day_has_one_override(support: EntryPoint) -> None:
    """Should not be closed and open at once."""
    HoursOverride.objects.create(entry_point=support, date=CHRISTMAS)
    with pytest.raises(IntegrityError), transaction.atomic():
        HoursOverride.objects.create(entry_point=support, date=CHRISTMAS)
