"""The sentences that come after the page: whole in each language, kept by browsers until one of them changes."""

from __future__ import annotations

from django.conf import settings
from django.test import Client
from django.utils import translation

import pytest

from portal.messages import AT_THE_ENTRY, texts_at_entry, texts_for_call, texts_for_script
from portal.sentence_files import address_of_sentences


def address_in(language: str) -> str:
    """Return the address that a page in this language is given."""
    with translation.override(language):
        return address_of_sentences()


@pytest.mark.parametrize("language", [code for code, _ in settings.LANGUAGES])
def test_file_has_what_the_page_does_not_carry(language: str) -> None:
    """Should serve the rest of the sentences in the language of the address, for good, whoever asks in which language."""
    answer = Client(headers={"Accept-Language": "fr", "Accept-Encoding": "gzip"}).get(
        address_in(language)
    )

    assert answer.status_code == 200
    assert "immutable" in answer["Cache-Control"]
    assert answer["Content-Encoding"] == "gzip"
    assert "Cookie" not in answer.get("Vary", "")
    texts = Client().get(address_in(language)).json()
    with translation.override(language):
        assert texts == texts_for_call()
        assert texts_at_entry() | texts == texts_for_script()
    assert not set(AT_THE_ENTRY) & set(texts)


def test_page_made_before_a_change_gets_what_there_is_now() -> None:
    """Should answer an older digest too, and let no browser keep that for long."""
    older = address_in("de").replace(address_in("de").rsplit("/", 1)[1], f"{'0' * 16}.json")

    answer = Client().get(older)

    assert answer.json() == Client().get(address_in("de")).json()
    assert "immutable" not in answer["Cache-Control"]


def test_other_languages_are_not_found() -> None:
    """Should know the languages that pages can be in, and no others."""
    assert Client().get(address_in("de").replace("/de/", "/tlh/")).status_code == 404
