"""What every page tells browsers to keep to, and that no page needs an exception from it."""

from __future__ import annotations

import re
from html.parser import HTMLParser

from django.contrib.auth import get_user_model
from django.test import Client

import pytest

from contacts.models import EntryPoint

PAGES = ("/", "/call/support/", "/join/" + "x" * 43 + "/", "/api/v1/docs/", "/nothing-there/")
ADMIN = (
    "/admin/login/",
    "/admin/",
    "/admin/contacts/contact/",
    "/admin/contacts/entrypoint/add/",
    "/admin/partners/apikey/add/",
)
FRAMED = "/embed/support/"


class Inline(HTMLParser):
    """Finds what a strict policy would stop: code and looks that stand in the page itself."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Look at an element."""
        given = dict(attrs)
        is_data = given.get("type") in ("application/json", "text/html")
        if tag == "script" and "src" not in given and not is_data:
            self.found.append(f"<script> {given}")
        if tag == "style":
            self.found.append("<style>")
        self.found += [
            f"{tag} {name}"
            for name, value in attrs
            if name.startswith("on") or name == "style" or (value or "").startswith("javascript:")
        ]


@pytest.mark.parametrize("path", [*PAGES, *ADMIN, FRAMED])
@pytest.mark.django_db
def test_page_is_strict(path: str, entry_point: EntryPoint) -> None:
    """Should run code of our own files alone, be framed by nobody else, and hold nothing inline."""
    browser = Client()
    if path in ADMIN[1:]:
        browser.force_login(get_user_model().objects.create_superuser("root", "", "x"))
    reply = browser.get(path)
    assert reply.status_code in (200, 404)
    policy = dict(
        part.strip().split(" ", 1) for part in reply["Content-Security-Policy"].split(";")
    )
    assert policy["default-src"] == "'none'"
    assert policy["script-src"] == "'self'"
    assert policy["base-uri"] == "'none'"
    assert "unsafe" not in reply["Content-Security-Policy"]
    assert "*" not in re.sub(r"(https|wss)://\*\.chime\.aws", "", reply["Content-Security-Policy"])
    assert reply["X-Content-Type-Options"] == "nosniff"
    assert reply["Referrer-Policy"] == "same-origin"
    permissions = reply["Permissions-Policy"]
    assert (
        "camera=(self), microphone=(self), display-capture=(self), accelerometer=()" in permissions
    )
    if path != FRAMED:
        assert policy["frame-ancestors"] == "'none'"
        assert reply["X-Frame-Options"] == "DENY"
        assert reply["Cross-Origin-Opener-Policy"] == "same-origin"
    page = Inline()
    page.feed(reply.content.decode())
    assert page.found == []


@pytest.mark.django_db
def test_cookies_of_a_person_are_kept_from_scripts_and_other_sites() -> None:
    """Should be for HTTPS, HTTP alone and our own site: staff's session, and whatever else a login sets."""
    get_user_model().objects.create_superuser("root", "", "a-long-password")
    browser = Client()
    browser.post("/admin/login/", {"username": "root", "password": "a-long-password"})
    session = browser.cookies["sessionid"]
    assert session["secure"]
    assert session["httponly"]
    assert session["samesite"] == "Lax"
    assert browser.cookies["csrftoken"]["secure"]
