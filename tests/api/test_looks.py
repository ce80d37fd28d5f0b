"""The looks of an entry point: what admin takes, what the pages are given, and how browsers keep it."""

from __future__ import annotations

import io
import re
from typing import Any

from django.contrib.auth import get_user_model
from django.core.files.uploadedfile import SimpleUploadedFile
from django.forms.models import model_to_dict
from django.test import Client

import pytest
from PIL import Image

from contacts.models import EntryPoint, Logo

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("configuration")]

SVG = b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"><script>alert(2)</script></svg>'


@pytest.fixture
def staff() -> Client:
    """An administrator's browser."""
    client = Client()
    client.force_login(get_user_model().objects.create_superuser("root"))
    return client


def picture(form: str = "PNG", size: tuple[int, int] = (960, 240), **options: Any) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", size, "#0a6b5a").save(out, form, **options)
    return out.getvalue()


def save(staff: Client, entry_point: EntryPoint, **changes: Any) -> Any:
    """Fill the form in admin with what there is and the changes, and send it."""
    given = {
        name: value
        for name, value in model_to_dict(entry_point).items()
        if value not in (None, False)
    }
    given |= {"custom_fields": "[]", "allowed_origins": "[]"} | changes
    for rows in ("grants", "hours_overrides"):
        given |= {f"{rows}-TOTAL_FORMS": "0", f"{rows}-INITIAL_FORMS": "0"}
    return staff.post(f"/admin/contacts/entrypoint/{entry_point.pk}/change/", given)


def upload(data: bytes, name: str = "logo.png") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, data)


def links(page: str) -> list[str]:
    return re.findall(r'<link rel="stylesheet" href="(/theme/[^"]+)">', page)


def test_poor_contrast_is_refused_with_what_was_measured(
    staff: Client, entry_point: EntryPoint
) -> None:
    """Should save nothing and name the ratio beside each field (case 56)."""
    page = save(staff, entry_point, accent="#ffcc00", accent_dark="#333333").content.decode()

    assert "#ffcc00 has a contrast of 1.39:1 with the page; 4.5:1 is the least" in page
    assert "#333333 has a contrast of 1.30:1" in page
    entry_point.refresh_from_db()
    assert (entry_point.accent, entry_point.accent_dark) == ("", "")


def test_page_is_given_a_sheet_that_browsers_keep(staff: Client, entry_point: EntryPoint) -> None:
    """Should link a sheet of custom properties, changed address with changed looks, and no inline style."""
    assert links(Client().get("/call/support/").content.decode()) == []

    answer = save(staff, entry_point, accent="#7a1fa2", corner_radius="4")
    assert answer.status_code == 302
    for path in ("/call/support/", "/embed/support/"):
        page = Client().get(path)
        (address,) = links(page.content.decode())
        assert "style=" not in page.content.decode()
        assert "<style" not in page.content.decode()
    sheet = Client().get(address)
    assert sheet["Content-Type"] == "text/css; charset=utf-8"
    assert "immutable" in sheet["Cache-Control"]
    text = sheet.content.decode()
    assert ":root{--accent:#7a1fa2;" in text
    assert "--radius:4px;--radius-small:2.5px;--radius-button:4px" in text
    assert "prefers-color-scheme:dark" in text

    save(staff, entry_point, accent="#0b5cad", accent_dark="#8ab4ff", corner_radius="4")
    (changed,) = links(Client().get("/call/support/").content.decode())
    assert changed != address
    assert "--accent:#8ab4ff" in Client().get(changed).content.decode()
    assert "immutable" not in Client().get(address)["Cache-Control"]
    button = Client().get("/embed/support/button.json").json()
    assert button["theme"]["accent"] == "#0b5cad"


@pytest.mark.parametrize("form", ["PNG", "JPEG", "WEBP"])
def test_logo_is_drawn_anew_and_served_as_a_picture(
    staff: Client, entry_point: EntryPoint, form: str
) -> None:
    """Should serve a small PNG of our own making, by an address of its own, and name the company beside it or in it."""
    hidden = picture(form) + b"<script>alert(1)</script>"
    assert (
        save(staff, entry_point, logo_upload=upload(hidden), shows_company="").status_code == 302
    )

    page = Client().get("/call/support/").content.decode()
    found = re.search(r'<img class="call-logo" src="([^"]+)" alt="([^"]*)"', page)
    assert found
    served = Client().get(found.group(1))
    assert served["Content-Type"] == "image/png"
    assert served["X-Content-Type-Options"] == "nosniff"
    assert "immutable" in served["Cache-Control"]
    assert b"script" not in served.content
    with Image.open(io.BytesIO(served.content)) as image:
        assert (image.format, image.size) == ("PNG", (480, 120))
    assert found.group(2) == "Example"
    assert 'class="call-company"' not in page


def test_logo_can_be_taken_away(staff: Client, entry_point: EntryPoint) -> None:
    """Should stay while nothing is said of it, and go when its box is ticked."""
    save(staff, entry_point, logo_upload=upload(picture()), shows_company="on")
    save(staff, entry_point, shows_company="on")
    assert Logo.objects.count() == 1
    form = staff.get(f"/admin/contacts/entrypoint/{entry_point.pk}/change/").content.decode()
    assert "480 x 120" in form

    save(staff, entry_point, **{"logo_upload-clear": "on", "shows_company": ""})
    page = Client().get("/call/support/").content.decode()
    assert Logo.objects.count() == 0
    assert 'class="call-company"' in page  # with neither nobody would know whom they call


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (SVG, "no picture that can be read"),
        (b"GIF89a" + b"\x00" * 64, "no picture that can be read"),
        (picture()[:-200], "no picture that can be read"),
        (b"x" * (513 * 1024), "larger than 512 KiB"),
        (picture(size=(5000, 2)), "more than 4096 pixels"),
    ],
    ids=["svg", "gif", "cut-off", "large", "wide"],
)
def test_other_files_are_no_logos(
    staff: Client, entry_point: EntryPoint, data: bytes, says: str
) -> None:
    """Should keep nothing and say what to do."""
    answer = save(staff, entry_point, logo_upload=upload(data))

    assert says in answer.content.decode()
    assert Logo.objects.count() == 0


def test_what_is_not_there_is_not_served(entry_point: EntryPoint) -> None:
    """Should serve no logo where there is none, nor a sheet for an entry point that is not there."""
    assert Client().get("/theme/support/0000000000000000.png").status_code == 404
    assert Client().get("/theme/nowhere/0000000000000000.css").status_code == 404
