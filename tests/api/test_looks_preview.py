"""Looks tried on in admin before they are saved: what the preview shows, of what it warns, and to whom."""

from __future__ import annotations

import json
import re
from typing import Any

from django.test import Client

import pytest

from contacts.models import EntryPoint, Logo
from tests.api.staff import member_of
from tests.api.test_looks import SVG, picture, upload

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("configuration")]

PREVIEW = "/preview/"
GIVEN = {"company": "Acme", "customer_video": "on", "shows_company": "on"}


def tried(client: Client, entry_point: EntryPoint | None = None, **given: Any) -> str:
    """Return the page that a form with these values would make."""
    address = f"{PREVIEW}?entry_point={entry_point.pk}" if entry_point else PREVIEW
    answer = client.post(address, GIVEN | given)
    assert answer.status_code == 200, answer.content
    return answer.content.decode()


def findings(page: str) -> list[str]:
    found = re.findall(r'<li class="is-(\w+)">(.*?)</li>', page, re.DOTALL)
    return [f"{kind}: {' '.join(re.sub('<.*?>', '', text).split())}" for kind, text in found]


def test_page_has_what_the_form_gives_and_nothing_is_saved(entry_point: EntryPoint) -> None:
    """Should show name, colours and corners in a sheet that the page's policy names."""
    client = member_of("Integrator", entry_point)
    given = {"accent": "#7a1fa2", "corner_radius": "4"}
    answer = client.post(f"{PREVIEW}?entry_point={entry_point.pk}", GIVEN | given)
    page = answer.content.decode()
    nonce, sheet = re.findall(r'<style nonce="(.*?)">(.*?)</style>', page)[0]

    assert "--accent:#7a1fa2" in sheet
    assert "--radius:4px" in sheet
    assert f"'nonce-{nonce}'" in answer["Content-Security-Policy"]
    assert "frame-ancestors 'self'" in answer["Content-Security-Policy"]
    assert answer["Cache-Control"] == "no-store"
    data = json.loads(re.findall(r'id="call-data" type="application/json">(.*?)</', page)[0])
    assert data["entry_point"]["company"] == "Acme"
    assert findings(page) == [
        "fine: Readable Accent colour: #7a1fa2, contrast 7.60:1",
        "fine: Readable Accent colour in the dark: #af79c7, contrast 5.01:1",
    ]
    before = entry_point.accent
    entry_point.refresh_from_db()
    assert (entry_point.accent, entry_point.company == "Acme") == (before, False)


def test_colours_nobody_could_read_are_seen_and_named(entry_point: EntryPoint) -> None:
    """Should say what saving would say, and show what it is about."""
    client = member_of("Owner")
    page = tried(client, entry_point, accent="#ffcc00", accent_dark="red", corner_radius="33")

    accent, dark, corners = sorted(findings(page))
    assert "Accent colour in the dark: Write a colour as # and six" in accent
    assert "Accent colour: #ffcc00 has a contrast of 1.39:1 with the page" in dark
    assert "Corner radius, px: Ensure this value is less than or equal to 32" in corners
    assert "--accent:#ffcc00" in page
    assert ":red" not in page


def test_nothing_given_can_leave_the_sheet(entry_point: EntryPoint) -> None:
    """Should take no more for a colour than a colour."""
    page = tried(member_of("Owner"), entry_point, accent="</style><script>x</script>")
    assert "<script>x" not in page
    assert "<style" not in page


def test_logo_is_tried_on_before_it_is_kept(entry_point: EntryPoint) -> None:
    """Should show the one uploaded, refuse what is no picture, and keep neither."""
    client = member_of("Owner")
    page = tried(client, entry_point, logo_upload=upload(picture()))
    assert 'class="call-logo" src="data:image/png;base64,' in page
    assert not Logo.objects.exists()
    page = tried(client, entry_point, logo_upload=upload(SVG, "logo.svg"))
    assert "call-logo" not in page
    assert findings(page)[0].startswith("wrong: Would be refused Logo:")


def test_new_entry_point_has_a_preview_and_themes(entry_point: EntryPoint) -> None:
    """Should need nothing saved, and show either theme whatever the device is set to."""
    client = member_of("Integrator", entry_point)
    light = tried(client, accent="#7a1fa2")
    dark = tried(client, accent="#7a1fa2", preview_theme="dark", preview_screen="details")
    assert "/preview/light.css" in light
    assert "@media not all{:root{--accent:#af79c7" in light
    assert "/preview/dark.css" in dark
    assert "@media all{:root{--accent:#af79c7" in dark
    sheet = client.get("/preview/dark.css").content.decode()
    assert "prefers-color-scheme" not in sheet
    assert "@media all" in sheet


@pytest.mark.parametrize("group", ["Viewer", "Supervisor"])
def test_who_may_not_save_finds_no_preview(group: str, entry_point: EntryPoint) -> None:
    """Should be as if there were none, and the form offers none."""
    client = member_of(group, entry_point)
    for address in (PREVIEW, f"{PREVIEW}?entry_point={entry_point.pk}", "/preview/dark.css"):
        assert client.get(address).status_code == 404
    shown = client.get(f"/admin/contacts/entrypoint/{entry_point.pk}/change/").content.decode()
    assert "data-preview" not in shown


@pytest.mark.parametrize("asked", ["x", "0", "9" * 18, "9" * 99, "-1"])
def test_no_other_entry_point_is_shown(asked: str, entry_point: EntryPoint) -> None:
    """Should not tell of one that was not granted, nor trip over what is no number."""
    client = member_of("Integrator")
    assert client.get(f"{PREVIEW}?entry_point={asked}").status_code == 404
    assert client.get(f"{PREVIEW}?entry_point={entry_point.pk}").status_code == 404
