"""Days with other hours in the admin: who says them, what customers and partners are told, and what the audit log keeps."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.forms.models import model_to_dict
from django.test import Client
from django.utils import timezone

import pytest

from contacts.models import AuditEntry, Availability, EntryPoint, HoursOverride
from tests.api.staff import member_of
from tests.partners_world import Program, make_key, make_partner

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("configuration")]

LIST = "/admin/contacts/hoursoverride/"
TODAY = timezone.localdate()


def save(client: Client, entry_point: EntryPoint, *rows: dict[str, Any], known: int = 0) -> Any:
    """Send the entry point's form as it is, with these rows for its days."""
    form = {name: value for name, value in model_to_dict(entry_point).items() if value}
    form |= {"custom_fields": "[]", "allowed_origins": "[]"}
    form |= {"grants-TOTAL_FORMS": "0", "grants-INITIAL_FORMS": "0"}
    form |= {"hours_overrides-TOTAL_FORMS": len(rows), "hours_overrides-INITIAL_FORMS": known}
    for number, row in enumerate(rows):
        form |= {f"hours_overrides-{number}-{name}": value for name, value in row.items()}
        form[f"hours_overrides-{number}-entry_point"] = entry_point.pk
    return client.post(f"/admin/contacts/entrypoint/{entry_point.pk}/change/", form)


def test_integrator_closes_a_day_and_opens_it_after_all(entry_point: EntryPoint) -> None:
    """Should be shown at once, and be kept in the audit log with what it was before."""
    client = member_of("Integrator", entry_point)
    day = {"date": TODAY.isoformat(), "reason": "Inventory"}
    assert save(client, entry_point, day).status_code == 302
    kept = HoursOverride.objects.get()
    assert (kept.date, kept.opens_at, kept.reason) == (TODAY, None, "Inventory")
    told = client.get("/api/v1/availability/", {"entry_point": entry_point.slug}).json()
    assert (told["state"], told["holiday_name"]) == ("holiday", "Inventory")
    entry = AuditEntry.objects.latest("pk")
    assert entry.after == {"hours overrides": [f"{TODAY} · closed · Inventory"]}

    hours = day | {"id": kept.pk, "opens_at": "00:00", "closes_at": "00:00"}
    assert save(client, entry_point, hours, known=1).status_code == 302
    told = client.get("/api/v1/availability/", {"entry_point": entry_point.slug}).json()
    assert told["state"] != "holiday"
    entry = AuditEntry.objects.latest("pk")
    changed = {"id": kept.pk, "opens_at": "00:00:00", "closes_at": "00:00:00"}
    assert entry.after == {"hours overrides": [changed]}
    assert entry.before == {"hours overrides": [dict.fromkeys(changed) | {"id": kept.pk}]}
    assert save(client, entry_point, hours | {"DELETE": "on"}, known=1).status_code == 302
    assert not HoursOverride.objects.exists()


def test_mistakes_are_said_beside_the_row(entry_point: EntryPoint) -> None:
    """Should keep nothing of half a time or of the same day twice."""
    client = member_of("Owner")
    day = {"date": TODAY.isoformat()}
    half = save(client, entry_point, day | {"opens_at": "08:00"}).content.decode()
    assert "Give both times, or neither where it is closed all day." in half
    twice = save(client, entry_point, day, day).content.decode()
    assert "Please correct the duplicate" in twice
    assert not HoursOverride.objects.exists()


def test_list_shows_what_is_to_come_of_own_entry_points(entry_point: EntryPoint) -> None:
    """Should leave out what is over unless asked, and others' days always."""
    other = EntryPoint.objects.create(slug="sales", name="Sales", company="Example")
    for point, days, reason in (
        (entry_point, -3, "Past"),
        (entry_point, 3, "Coming"),
        (other, 3, "Foreign"),
    ):
        HoursOverride.objects.create(
            entry_point=point, date=TODAY + timedelta(days=days), reason=reason
        )
    viewer = member_of("Viewer", entry_point)
    page = viewer.get(LIST).content.decode()
    assert "Coming" in page
    assert "Past" not in page
    everything = viewer.get(f"{LIST}?when=all").content.decode()
    assert "Past" in everything
    assert "Foreign" not in everything
    assert viewer.get(f"{LIST}add/").status_code == 403
    foreign = HoursOverride.objects.get(reason="Foreign")
    integrator = member_of("Integrator", entry_point)
    assert integrator.get(f"{LIST}{foreign.pk}/change/").status_code == 302
    assert integrator.get(f"{LIST}add/").status_code == 200


def test_day_added_in_the_list_is_looked_at_at_once(entry_point: EntryPoint) -> None:
    """Should have the workers publish what follows from it."""
    Availability.objects.get_or_create(entry_point=entry_point)
    form = {"entry_point": entry_point.pk, "date": TODAY.isoformat(), "reason": "Inventory"}
    client = member_of("Integrator", entry_point)
    assert client.post(f"{LIST}add/", form).status_code == 302
    assert Availability.objects.get().watched_at is not None
    assert AuditEntry.objects.latest("pk").object_name == f"{TODAY} · closed · Inventory"


def test_partner_reads_the_days(entry_point: EntryPoint) -> None:
    """Should list those to come, and not what is long over."""
    partner = make_partner("Example")
    EntryPoint.objects.update(partner=partner)
    for days in (-9, 2):
        HoursOverride.objects.create(
            entry_point=entry_point, date=TODAY + timedelta(days=days), reason="Inventory"
        )
    client = Program(make_key(partner).made_key).client
    address = f"/api/v1/entry-points/{entry_point.slug}/"
    assert client.get(address).json()["hours_overrides"] == [
        {
            "date": (TODAY + timedelta(days=2)).isoformat(),
            "opens_at": None,
            "closes_at": None,
            "reason": "Inventory",
        }
    ]
