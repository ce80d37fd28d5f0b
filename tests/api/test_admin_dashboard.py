"""The figures of the admin's first page: true, and of the entry points granted alone."""

from __future__ import annotations

import re
from datetime import timedelta

from django.test import Client
from django.utils import timezone

from contacts.admin.figures import figures_for
from contacts.choices import ContactState
from contacts.models import CallQuality, Contact, EntryPoint, Survey
from tests.api.staff import member_of, user_of
from tests.contacts_world import make_contact


def recent(entry_point: EntryPoint, state: str, **moments: int) -> Contact:
    """Store a call of this very moment; the moments are seconds before now."""
    contact = make_contact(entry_point, "key", ContactState(state))
    now = timezone.now()
    times = {name: now - timedelta(seconds=before) for name, before in moments.items()}
    Contact.objects.filter(pk=contact.pk).update(**times)
    return contact


def shown(client: Client) -> dict[str, str]:
    page = client.get("/admin/").content.decode()
    cells = re.findall(r"<dt>(.*?)</dt>\s*<dd>(.*?)</dd>", page, re.DOTALL)
    return {name: re.sub(r"<.*?>", "", value).strip() for name, value in cells}


def test_figures_are_those_of_the_calls_granted(entry_point: EntryPoint) -> None:
    """Should count each call of the entry point once, in its place, and none of another."""
    recent(entry_point, "queued", requested_at=90, queued_at=90)
    recent(entry_point, "connected", requested_at=60, queued_at=60, connected_at=50)
    done = recent(entry_point, "ended", requested_at=60, queued_at=60, connected_at=20, ended_at=5)
    recent(entry_point, "ended", requested_at=30, queued_at=30, ended_at=5)
    recent(entry_point, "failed", requested_at=30, ended_at=30)
    Survey.objects.create(contact=done, rating=4, submitted_at=timezone.now())
    other = EntryPoint.objects.create(slug="sales", name="Sales", company="Example")
    recent(other, "queued", requested_at=500, queued_at=500)

    figures = figures_for(user_of("Viewer", entry_point), now=timezone.now())

    assert (figures["waiting"], figures["talking"]) == (1, 1)
    assert 90 <= figures["longest_wait"].total_seconds() < 100
    assert figures["events_stale"] is False or figures["last_event_at"] is None
    # A test at midnight sees some of them as yesterday's.
    if timezone.localtime().hour or timezone.localtime().minute > 2:
        assert (figures["answered"], figures["abandoned"], figures["failed"]) == (2, 1, 1)
        assert figures["average_wait"].total_seconds() == 25
        assert (figures["service_level"], figures["survey_average"]) == (50, 4.0)
        assert figures["failures"] == [("upstream_unavailable", 1)]
    assert len(figures["bars"]) == 24
    assert sum(bar.answered > 0 for bar in figures["bars"]) >= 1


def test_first_page_shows_the_figures_to_who_may_see_calls(entry_point: EntryPoint) -> None:
    """Should show them to viewers, and nothing to who may only log in."""
    recent(entry_point, "queued", requested_at=90, queued_at=90)
    assert shown(member_of("Viewer", entry_point))["Waiting now"] == "1"
    assert shown(member_of("Viewer"))["Waiting now"] == "0"


def test_silence_of_amazon_connect_is_shown(entry_point: EntryPoint) -> None:
    """Should be red when a call began a while ago and nothing was told since."""
    client = member_of("Viewer", entry_point)
    assert "Contact events arrive" in client.get("/admin/").content.decode()
    recent(entry_point, "initiated", requested_at=400, initiated_at=400)
    assert "Contact events are missing" in client.get("/admin/").content.decode()


def test_median_set_up_time_is_of_the_calls_granted(entry_point: EntryPoint) -> None:
    """Should be that of today's calls whose pages told it, of the entry points granted."""
    other = EntryPoint.objects.create(slug="sales", name="Sales", company="Example")
    for place, setup_ms in (
        (entry_point, 700),
        (entry_point, 900),
        (entry_point, 9_000),
        (other, 5),
    ):
        contact = recent(place, "queued", requested_at=0, queued_at=0)
        CallQuality.objects.create(contact=contact, setup_ms=setup_ms)
    recent(entry_point, "queued", requested_at=0, queued_at=0)
    cells = shown(member_of("Viewer", entry_point))
    assert cells["Set-up time today, median"] == "0.9 s"
    assert cells["Webhooks failed today"] == "0"
