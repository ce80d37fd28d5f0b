"""Whether one can call now: the state that follows from hours, figures and what staff say."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest

from contacts.availability import availability_of, is_news
from contacts.models import Availability, EntryPoint
from contacts.opening_hours import Schedule, Stretch
from tests.contacts_world import NOON

OPENS, CLOSES = NOON.replace(hour=8), NOON.replace(hour=18)
TOMORROW = OPENS + timedelta(days=1)
SCHEDULE = Schedule(
    "Europe/Berlin",
    until=NOON + timedelta(days=14),
    openings=(Stretch(OPENS, CLOSES), Stretch(TOMORROW, CLOSES + timedelta(days=1))),
    holidays=(Stretch(NOON - timedelta(days=2), NOON - timedelta(days=1), "New Year"),),
)
STAFFED = {"agents_online": 2, "estimated_wait_s": 130, "figures_at": NOON}


def shown(at: datetime = NOON, *, point: dict[str, Any] | None = None, **known: Any) -> Any:
    """What is shown at the instant of an entry point with these hours and figures; no row is needed."""
    entry_point = EntryPoint(slug="support", **(point or {}))
    return availability_of(
        Availability(entry_point=entry_point, **{"schedule": SCHEDULE.to_json(), **known}), at=at
    )


def test_open_says_wait_and_closing_time() -> None:
    """Should say all that a page shows of an open entry point."""
    assert shown(**STAFFED) == {
        "entry_point": "support",
        "state": "open",
        "estimated_wait_s": 130,
        "closes_at": "2026-01-02T18:00:00.000Z",
        "opens_at": None,
        "time_zone": "Europe/Berlin",
        "holiday_name": None,
        "agents_online": 2,
    }


@pytest.mark.parametrize(
    ("at", "known", "state"),
    [
        (NOON, {}, "open"),  # no figures yet
        (NOON, {"schedule": None}, "open"),  # nothing known at all
        (NOON, STAFFED, "open"),
        (NOON, STAFFED | {"agents_online": 0}, "unavailable"),
        (NOON + timedelta(minutes=4), STAFFED | {"agents_online": 0}, "open"),  # figures too old
        (NOON, STAFFED | {"estimated_wait_s": 601}, "busy"),
        (NOON, STAFFED | {"estimated_wait_s": None}, "open"),
        (CLOSES - timedelta(minutes=15), {}, "open"),
        (CLOSES - timedelta(minutes=14), {}, "closing"),
        (CLOSES, {}, "closed"),
        (TOMORROW - timedelta(seconds=1), {}, "closed"),
        (TOMORROW, {}, "open"),
        (NOON - timedelta(days=1, hours=1), {}, "holiday"),
        (NOON + timedelta(days=20), {}, "open"),  # beyond the hours that are known
    ],
)
def test_state_follows_from_hours_and_figures(at: datetime, known: Any, state: str) -> None:
    """Should be the same for everybody at an instant; what is not known keeps nobody from calling."""
    assert shown(at, **known)["state"] == state


def test_closed_says_when_it_opens() -> None:
    """Should give the next opening, the holiday's name, and no wait."""
    closed = shown(CLOSES, **STAFFED | {"figures_at": CLOSES})
    assert (closed["opens_at"], closed["closes_at"]) == ("2026-01-03T08:00:00.000Z", None)
    assert closed["estimated_wait_s"] is None
    holiday = shown(NOON - timedelta(days=1, hours=1))
    assert (holiday["holiday_name"], holiday["opens_at"]) == (
        "New Year",
        "2026-01-02T08:00:00.000Z",
    )


def test_staff_close_and_open_it_whatever_the_hours() -> None:
    """Should say nothing of hours that do not hold, and let the wait be busy all the same."""
    closed = shown(point={"is_open": False}, **STAFFED)
    assert (closed["state"], closed["opens_at"]) == ("closed", None)

    always = {"ignores_hours": True}
    opened = shown(CLOSES, point=always, **STAFFED | {"figures_at": CLOSES, "agents_online": 0})
    assert (opened["state"], opened["closes_at"]) == ("open", None)
    assert shown(point={"busy_wait_s": 60} | always, **STAFFED)["state"] == "busy"


def test_wait_of_the_same_minute_is_no_news() -> None:
    """Should not push what nobody would see."""
    before = shown(**STAFFED)
    assert not is_news(before, {**before, "estimated_wait_s": 179})
    assert is_news(before, {**before, "estimated_wait_s": 181})
    assert is_news(before, {**before, "agents_online": 3})
    assert is_news(None, before)
