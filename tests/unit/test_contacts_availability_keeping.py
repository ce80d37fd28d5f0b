"""Keeping availabilities: what Amazon Connect is asked, how often and by whom, and what is pushed."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from pytest_django.fixtures import Settings

from contacts import errors
from contacts.models import Availability, EntryPoint
from contacts.operations import ask_anew, read_availability, watch_availability
from contacts.operations.availabilities import (
    LEASE_LENGTH,
    UNWATCHED_FIGURES_EVERY,
    publish_changes,
    refresh_figures,
    refresh_hours,
)
from tests.contacts_world import NOON, after, control
from tests.servers import DEMO_CONNECT, LocalConnect

pytestmark = pytest.mark.django_db(transaction=True)

CONFIGURATION = f"""
[[instances]]
id = "{DEMO_CONNECT["CONNECT_INSTANCE_ID"]}"
alias = "office"

[[instances.hours]]
name = "Office"
time_zone = "Europe/Berlin"
open = [{{ from = "08:00", to = "18:00" }}]

[[instances.hours.overrides]]
name = "Founders' Day"
from = 2026-01-05
to = 2026-01-06

[[instances.queues]]
id = "33333333-3333-4333-8333-333333333333"
name = "Sales"
hours = "Office"

[[instances.flows]]
id = "{DEMO_CONNECT["CONNECT_CONTACT_FLOW_ID"]}"
name = "Sales"
queue = "Sales"
"""


WORKER = "one"


@pytest.fixture(scope="module")
def connect_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalConnect]:
    """An embedded Connect with office hours and a holiday."""
    path: Path = tmp_path_factory.mktemp("office") / "office.toml"
    path.write_text(CONFIGURATION)
    with LocalConnect(config=path).running() as server:
        yield server


@pytest.fixture(autouse=True)
def pace(settings: Settings) -> None:
    """As often as with AWS."""
    settings.QUEUE_FIGURES_EVERY_S = 15.0


def hours(at: datetime, worker: str = WORKER) -> bool:
    """Let a worker ask for hours."""
    return refresh_hours(worker=worker, clock=lambda: at)


def figures(at: datetime, worker: str = WORKER) -> bool:
    """Let a worker ask for figures."""
    return refresh_figures(worker=worker, clock=lambda: at)


def state(entry_point: EntryPoint, at: datetime) -> Any:
    """What is shown at the instant."""
    return read_availability(entry_point=entry_point, at=at)["availability"]


def test_hours_lead_from_the_flow_to_its_queue(
    connect: LocalConnect, entry_point: EntryPoint
) -> None:
    """Should find the flow's queue, its hours in their time zone, and holidays by name."""
    assert state(entry_point, NOON)["time_zone"] is None
    assert hours(NOON)

    open_now = state(entry_point, NOON)
    assert (open_now["state"], open_now["closes_at"]) == ("open", "2026-01-02T17:00:00.000Z")
    assert open_now["time_zone"] == "Europe/Berlin"
    holiday = state(entry_point, NOON + timedelta(days=3))
    assert (holiday["state"], holiday["holiday_name"]) == ("holiday", "Founders' Day")
    assert holiday["opens_at"] == "2026-01-07T07:00:00.000Z"


def test_entry_point_may_name_its_queue(connect: LocalConnect, entry_point: EntryPoint) -> None:
    """Should ask for that queue rather than the flow's, by id or ARN; and say what is wrong with it."""
    queue = "33333333-3333-4333-8333-333333333333"
    entry_point.connect_contact_flow_id = "no-such-flow"
    entry_point.connect_queue_id = (
        f"arn:aws:connect:us-east-1:000000000000:instance/x/queue/{queue}"
    )
    entry_point.save()
    assert hours(NOON)
    assert Availability.objects.get().queue_id == queue

    EntryPoint.objects.update(connect_queue_id="no-such-queue")
    ask_anew(entry_point=entry_point, at=NOON)
    with pytest.raises(errors.ConnectMisconfigured):
        hours(NOON)


def test_figures_are_asked_for_at_two_paces(
    connect: LocalConnect, entry_point: EntryPoint
) -> None:
    """Should ask every 15 seconds while somebody looks, and otherwise every minute."""
    hours(after(0))
    assert figures(after(0))
    assert state(entry_point, after(0))["state"] == "unavailable"
    assert not figures(after(59))
    control(connect, "POST", "/_local/agents", {"name": "Robin"})
    assert figures(after(60))
    told = state(entry_point, after(60))
    assert (told["state"], told["agents_online"]) == ("open", 1)
    assert told["estimated_wait_s"] > 0

    watch_availability(slug=entry_point.slug, at=after(61))
    assert not figures(after(74))
    assert figures(after(75))
    assert figures(after(90))
    assert not figures(after(91) + timedelta(seconds=15))  # nobody looked for half a minute


def test_one_request_serves_all_entry_points_of_an_instance(
    connect: LocalConnect, entry_point: EntryPoint
) -> None:
    """Should ask once for each instance, not once for each entry point."""
    other = EntryPoint.objects.create(slug="other", name="Other", company="Example")
    assert [hours(after(1)), hours(after(2)), hours(after(3))] == [True, True, False]
    assert [figures(after(4)), figures(after(5))] == [True, False]
    assert {state(one, after(5))["state"] for one in (entry_point, other)} == {"unavailable"}


def test_one_worker_asks_at_a_time(connect: LocalConnect, entry_point: EntryPoint) -> None:
    """Should leave the asking to the holder of the lease until that has run out."""
    hours(after(0))
    assert figures(after(0))
    later = after(0) + UNWATCHED_FIGURES_EVERY
    assert figures(later)
    EntryPoint.objects.create(
        slug="other",
        name="Other",
        company="Example",
        connect_queue_id="33333333-3333-4333-8333-333333333333",
    )
    hours(later)
    assert not figures(later, "two")
    assert figures(later + LEASE_LENGTH + timedelta(seconds=1), "two")


def test_opening_and_closing_are_pushed_at_their_instants(
    connect: LocalConnect, entry_point: EntryPoint
) -> None:
    """Should publish a version when time alone changes the state, once, and only for who looks."""
    hours(NOON)
    closing = NOON.replace(hour=16, minute=45, second=1)
    closed = NOON.replace(hour=17)
    opened = closed.replace(hour=7) + timedelta(days=1)
    pushed = []
    for at in (NOON, NOON, closing, closed, closed, opened):
        watch_availability(slug=entry_point.slug, at=at)
        pushed.append(publish_changes(at=at))
    assert pushed == [1, 0, 1, 1, 0, 1]
    assert publish_changes(at=closed + timedelta(days=1)) == 0
    assert Availability.objects.get().version == 5


def test_failure_is_forgotten_within_a_minute(
    connect: LocalConnect, entry_point: EntryPoint
) -> None:
    """Should keep what was known, and ask again soon."""
    hours(NOON)
    fault = {"operation": "DescribeQueue", "error": "InternalServiceException", "times": 3}
    control(connect, "POST", "/_local/faults", fault)
    later = NOON + timedelta(hours=1)
    with pytest.raises(errors.ConnectUnavailable):
        hours(later)
    assert state(entry_point, later)["state"] == "open"
    assert not hours(later + timedelta(seconds=30))
    assert hours(later + timedelta(seconds=61))
