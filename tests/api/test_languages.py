"""In which language a page is: chosen by address, remembered, the entry point's, or the browser's."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.models import User
from django.test import Client

import pytest

from contacts.models import EntryPoint

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("configuration")]

GERMAN_TITLE = "Videoanrufe"


def language_of(response: Any) -> str:
    """Return the language the page says it is in."""
    text: str = response.content.decode()
    return text.split('<html lang="')[1].split('"')[0]


def test_browser_decides_at_first(entry_point: EntryPoint) -> None:
    """Should greet people in a language their browser asks for, whatever its region."""
    page = Client().get("/", headers={"Accept-Language": "pt-BR, de-AT;q=0.8, en;q=0.5"})

    assert language_of(page) == "de"
    assert page["Content-Language"] == "de"
    assert "Accept-Language" in page["Vary"]
    assert GERMAN_TITLE in page.content.decode()


def test_unknown_languages_are_answered_in_english(entry_point: EntryPoint) -> None:
    """Should not guess."""
    page = Client().get("/?lang=tlh", headers={"Accept-Language": "pt-BR"})

    assert language_of(page) == "en"
    assert "vcp_language" not in page.cookies


def test_address_decides_and_is_remembered(entry_point: EntryPoint) -> None:
    """Should keep what the person chose on every page that follows."""
    client = Client(headers={"Accept-Language": "de"})

    chosen = client.get("/?lang=ar")
    later = client.get("/call/support/")

    assert language_of(chosen) == "ar"
    assert '<html lang="ar" dir="rtl">' in later.content.decode()
    assert chosen.cookies["vcp_language"]["samesite"] == "Lax"
    assert chosen.cookies["vcp_language"]["httponly"]


def test_entry_point_decides_before_the_browser_and_after_the_person(
    entry_point: EntryPoint,
) -> None:
    """Should speak the language of those who answer, unless the caller prefers another."""
    entry_point.language = "fr"
    entry_point.save()
    client = Client(headers={"Accept-Language": "de"})

    assert language_of(client.get("/call/support/")) == "fr"
    assert language_of(client.get("/embed/support/")) == "fr"
    assert language_of(client.get("/call/support/?lang=es")) == "es"
    assert language_of(client.get("/call/support/")) == "es"


def test_frame_keeps_its_language_in_its_address(entry_point: EntryPoint) -> None:
    """Should come back from a reload in the same language, without a cookie."""
    page = Client().get("/embed/support/?lang=es")

    assert language_of(page) == "es"
    assert "vcp_language" not in page.cookies
    assert '"page": "/embed/support/?lang=es"' in page.content.decode()


def test_button_speaks_as_its_snippet_says(entry_point: EntryPoint) -> None:
    """Should be labelled in the language of the page it stands in."""
    settings = Client().get("/embed/support/button.json?lang=de").json()

    assert settings["texts"]["button"] == "Per Video anrufen"


def test_strangers_address_is_answered_in_words_they_read() -> None:
    """Should say in their language that there is no such page."""
    page = Client().get("/nothing/here/", headers={"Accept-Language": "fr"})

    assert page.status_code == 404
    assert "Nous ne trouvons pas cette page" in page.content.decode()


def test_every_page_offers_the_languages_by_their_own_names(entry_point: EntryPoint) -> None:
    """Should let people find theirs, and say which one this is."""
    for address in ("/", "/call/support/", "/nothing/"):
        page = Client().get(address).content.decode()

        assert '<a href="?lang=ar" lang="ar" hreflang="ar" dir="rtl">العربية</a>' in page
        assert 'aria-current="true">English</a>' in page
        assert "en-xa" not in page


def test_admin_and_api_stay_english(admin_user: User, entry_point: EntryPoint) -> None:
    """Should speak to colleagues and programs as the documentation does."""
    client = Client(headers={"Accept-Language": "de"})
    client.force_login(admin_user)

    index = client.get("/admin/").content.decode()
    problem = client.post("/api/v1/contacts/", {}, content_type="application/json").json()

    assert '<html lang="en"' in index
    assert "Log out" in index
    assert problem["title"].isascii()
    assert "required" in str(problem)
