"""Opening hours, made from Amazon Connect's days and times: time zones, midnight, holidays, and what is not known."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest

from contacts.opening_hours import Schedule, UnableToReadHours, schedule_of

LAST = date(2026, 4, 3)


def hours(start: int, end: int, **more: Any) -> dict[str, Any]:
    """A stretch between two full hours, as Amazon Connect answers it."""
    return {
        "Start": {"Hours": start, "Minutes": 0},
        "End": {"Hours": end, "Minutes": 0},
        **more,
    }


def schedule(
    days: dict[str, list[Any]], overrides: dict[str, list[Any]] | None = None, zone: str = "UTC"
) -> Schedule:
    """Return the schedule of an answer with those days."""
    return schedule_of(
        {
            "TimeZone": zone,
            "EffectiveHoursOfOperationList": [
                {"Date": day, "OperationalHours": stretches} for day, stretches in days.items()
            ],
            "EffectiveOverrideHoursList": [
                {"Date": day, "OverrideHours": stretches}
                for day, stretches in (overrides or {}).items()
            ],
        },
        last_day=LAST,
    )


def at(day: int, hour: int, minute: int = 0, month: int = 3) -> datetime:
    """An instant of spring 2026."""
    return datetime(2026, month, day, hour, minute, tzinfo=UTC)


def test_hours_are_those_of_the_time_zone() -> None:
    """Should move by an hour when the zone's clocks do, on 29 March."""
    days = {f"2026-03-{day}": [hours(9, 17)] for day in (28, 29)}
    berlin = schedule(days, zone="Europe/Berlin")

    assert berlin.opening_at(at(28, 7, 59)) is None
    assert berlin.closes_at(at(28, 8)) == at(28, 16)
    assert berlin.opening_at(at(28, 16)) is None
    assert berlin.opens_at(at(28, 16)) == at(29, 7)
    assert berlin.opens_at(at(29, 7)) is None
    assert berlin.time_zone == "Europe/Berlin"


def test_desk_that_is_open_past_midnight_does_not_close_at_midnight() -> None:
    """Should join stretches that touch, and take an end before the start as the next day's."""
    days = {
        "2026-03-02": [hours(0, 0)],
        "2026-03-03": [hours(0, 2), hours(20, 3)],
        "2026-03-04": [hours(2, 5)],
    }
    known = schedule(days)
    assert known.closes_at(at(2, 12)) == at(3, 2)
    assert known.closes_at(at(3, 23)) == at(4, 5)


def test_end_beyond_the_days_asked_for_is_not_known() -> None:
    """Should not say that a desk that never closes closes on the last day asked for."""
    always = schedule({"2026-04-02": [hours(0, 0)], "2026-04-03": [hours(0, 0)]})
    assert always.opening_at(at(2, 12, month=4)) is not None
    assert always.closes_at(at(2, 12, month=4)) is None


def test_holiday_has_a_name() -> None:
    """Should tell what a day is closed for, and nothing of a day with other hours."""
    known = schedule(
        {"2026-03-02": [], "2026-03-03": [hours(10, 12)]},
        {
            "2026-03-02": [hours(0, 0, OverrideName="Founders' Day", OperationalStatus="CLOSED")],
            "2026-03-03": [hours(10, 12, OverrideName="Short day", OperationalStatus="OPEN")],
        },
    )
    assert known.holiday_at(at(2, 15)) == "Founders' Day"
    assert known.opens_at(at(2, 15)) == at(3, 10)
    assert known.holiday_at(at(3, 11)) == ""


def test_schedule_survives_storage() -> None:
    """Should come back as it was."""
    known = schedule(
        {"2026-03-02": [hours(9, 17)]},
        {"2026-03-03": [hours(0, 0, OverrideName="Off", OperationalStatus="CLOSED")]},
        zone="Europe/Berlin",
    )
    assert Schedule.from_json(known.to_json()) == known


@pytest.mark.parametrize(
    "reply",
    [
        {},
        {"TimeZone": "Nowhere/Else"},
        {"TimeZone": "../etc/passwd"},
        {"TimeZone": "UTC", "EffectiveHoursOfOperationList": [{"OperationalHours": [{}]}]},
        {
            "TimeZone": "UTC",
            "EffectiveHoursOfOperationList": [{"Date": "soon", "OperationalHours": [hours(1, 2)]}],
        },
    ],
)
def test_answer_that_says_no_hours_is_refused(reply: dict[str, Any]) -> None:
    """Should be told apart from hours in which it is always closed."""
    with pytest.raises(UnableToReadHours):
        schedule_of(reply, last_day=LAST)
