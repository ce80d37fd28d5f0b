"""The gallery: on a developer's machine it lists and shows everything; anywhere else there is none."""

from __future__ import annotations

import html
import json
import re

from django.conf import settings
from django.test import Client
from django.test.utils import override_settings
from django.utils import translation

import pytest

from docs import screens
from portal.gallery import HELP, PAGES
from portal.gallery_scenes import SCENES
from portal.messages import ENGLISH, text_of, texts_for_script

ADDRESSES = (
    "/gallery/",
    "/gallery/call/entry.ready/",
    "/gallery/help/running/",
    "/gallery/page/error/",
    "/gallery/dark.css",
)
LANGUAGES = [code for code, _ in settings.LANGUAGES]


@pytest.mark.parametrize("address", ADDRESSES)
def test_nobody_finds_it_without_debug(address: str, db: None) -> None:
    """Should be no part of the product."""
    assert Client().get(address).status_code == 404


@override_settings(DEBUG=True)
@pytest.mark.parametrize("address", ["/gallery/call/nothing/", "/gallery/help/nothing/"])
def test_what_is_not_there_is_not_found(address: str) -> None:
    """Should not draw what nobody described."""
    assert Client().get(address).status_code == 404


@override_settings(DEBUG=True)
def test_index_links_every_screen_and_lists_every_sentence_in_every_language() -> None:
    """Should leave out nothing that a customer may see."""
    page = html.unescape(Client().get("/gallery/").content.decode())

    for name in SCENES:
        for language in LANGUAGES:
            for theme in ("light", "dark"):
                address = f"/gallery/call/{name}/".replace(" ", "%20")
                assert f'href="{address}?lang={language}&theme={theme}"' in page
    for message_id in ENGLISH:
        row = page.split(f'<tr data-sentence="{message_id}">')[1].split("</tr>")[0]
        for language in LANGUAGES:
            with translation.override(language):
                said = text_of(message_id)
            for form in [said] if isinstance(said, str) else said.values():
                assert f"<p>{form}</p>" in row, (message_id, language)


@override_settings(DEBUG=True)
@pytest.mark.parametrize("language", LANGUAGES)
def test_screens_carry_the_sentences_of_their_language(language: str) -> None:
    """Should give the script what the call page would."""
    page = Client().get(f"/gallery/call/q.position/?lang={language}&theme=dark").content.decode()

    found = re.search(r'<script id="call-data" type="application/json">(.*?)</script>', page)
    assert found
    with translation.override(language):
        assert json.loads(found.group(1))["messages"] == texts_for_script()
    assert f'<html lang="{language}"' in page
    assert 'href="/gallery/dark.css"' in page


@override_settings(DEBUG=True)
def test_pages_of_the_server_are_shown_as_they_are() -> None:
    """Should say of each ending what the help page says, and show the pages for what went wrong."""
    client = Client()

    for name in HELP:
        page = client.get(f"/gallery/help/{name}/?lang=de").content.decode()
        with translation.override("de"):
            assert html.escape(str(text_of(f"help.verdict.{name}"))) in page
    for name in PAGES:
        assert f'data-msg="page.{name}"' in client.get(f"/gallery/page/{name}/").content.decode()


@override_settings(DEBUG=True)
@pytest.mark.parametrize(("name", "condition"), [("light", "not all"), ("dark", "all")])
def test_sheets_are_the_products_own(name: str, condition: str) -> None:
    """Should differ from the product's in nothing but which theme holds."""
    ours = (settings.BASE_DIR / "static/dist/page.css").read_text()
    sheet = Client().get(f"/gallery/{name}.css").content.decode()

    assert "prefers-color-scheme" in ours
    rule = rf"@media {condition}"  # with a space, which minified sheets have not
    assert sheet == re.sub(r"@media ?\(prefers-color-scheme: ?dark\)", rule, ours)


def test_pictures_show_every_screen() -> None:
    """Should have a picture of each, and name it in the index; `dev.py screenshots` makes both."""
    assert screens.INDEX.read_text() == screens.index()
    missing = [
        name
        for name in screens.screens()
        if not (screens.FOLDER / screens.file_of(name)).is_file()
    ]
    assert not missing
    assert (screens.FOLDER / screens.STRIP).is_file()
