"""The translations: complete, with the gaps and forms of their sentences; and the check that says what is missing."""

from __future__ import annotations

import gettext
from pathlib import Path

from django.conf import settings

import pytest
from babel.messages.catalog import Catalog

from devtools import catalogues
from portal.counted import Counted, counts_of
from portal.messages import ENGLISH

ENGLISH_HERE = {
    "call.left": "{name} left.",
    "q.wait": Counted("About {n} minute.", "About {n} minutes."),
}


def german(**texts: str | tuple[str, ...]) -> Catalog:
    """Return a small German catalogue; `__` stands for a dot of the id."""
    catalog = Catalog(locale="de")
    for name, text in texts.items():
        message_id = name.replace("__", ".")
        source = ENGLISH_HERE.get(message_id, "Nothing")
        catalog.add(
            tuple(source) if isinstance(source, Counted) else source, text, context=message_id
        )
    return catalog


COMPLETE = {
    "call__left": "{name} ist gegangen.",
    "q__wait": ("Etwa {n} Minute.", "Etwa {n} Minuten."),
}


@pytest.mark.parametrize("language", catalogues.languages())
def test_every_sentence_is_translated(language: str) -> None:
    """Should leave no sentence in English, with no gap lost and none invented."""
    assert list(catalogues.problems_of(catalogues.read(language))) == []


def test_there_is_a_catalogue_for_each_language_offered() -> None:
    """Should offer no language without its translations, and hide none."""
    offered = {code for code, _ in settings.LANGUAGES} - {"en", "en-xa"}

    assert offered == set(catalogues.languages())


@pytest.mark.parametrize(
    ("fault", "found"),
    [
        ({"call__left": ""}, "call.left is not translated"),
        ({"call__left": "Gegangen."}, "call.left has the gaps []"),
        ({"call__left": "{name} und {wer} sind weg."}, "call.left has the gaps"),
        ({"call__left": "{name} ist  gegangen."}, "call.left has a space too many"),
        ({"call__left": "{name} ist gegangen..."}, "call.left has a space too many, three dots"),
        ({"q__wait": ("Etwa {n} Minute.", "")}, "q.wait is not translated"),
        ({"q__wait": ("Eine Minute.", "Einige Minuten {m}.")}, "q.wait has the gaps ['{m}']"),
        ({"old__one": "Alt"}, "old.one is a translation of nothing"),
    ],
)
def test_check_finds_each_kind_of_fault(
    fault: dict[str, str | tuple[str, ...]], found: str
) -> None:
    """Should name the sentence and what is wrong with it."""
    lines = list(catalogues.problems_of(german(**{**COMPLETE, **fault}), ENGLISH_HERE))

    assert [line for line in lines if line.startswith(found)], lines


def test_check_is_silent_about_a_complete_translation() -> None:
    """Should let a number be left out where a word says it."""
    catalog = german(**{**COMPLETE, "q__wait": ("Eine Minute.", "Etwa {n} Minuten.")})

    assert list(catalogues.problems_of(catalog, ENGLISH_HERE)) == []


def test_update_keeps_translations_and_marks_those_of_other_english() -> None:
    """Should add what is new, drop what is gone, and have changed English looked at."""
    catalog = german(**COMPLETE, old__one="Alt")
    english = {**ENGLISH_HERE, "call.left": "{name} has left.", "call.join": "{name} joined."}

    fresh = catalogues.updated(catalog, english)

    by_id = {message.context: message for message in fresh if message.id}
    assert set(by_id) == set(english)
    assert by_id["call.left"].fuzzy
    assert by_id["call.left"].string == COMPLETE["call__left"]
    assert not by_id["q.wait"].fuzzy
    assert [line.split(" ")[0] for line in catalogues.problems_of(fresh, english)] == [
        "call.left",
        "call.join",
    ]


@pytest.mark.parametrize("language", catalogues.languages())
def test_each_form_by_its_name_is_another_of_gettext(language: str) -> None:
    """Should give the page every form that the translation has, none twice."""
    catalog = catalogues.read(language)
    form_of = gettext.c2py(catalog.plural_expr)

    forms = [form_of(count) for count in counts_of(language).values()]

    assert forms == list(range(catalog.num_plurals))


def test_pseudo_locale_is_longer_and_keeps_the_gaps() -> None:
    """Should be told from English at a glance."""
    shown = catalogues.pseudo("{name} left the call.")

    assert shown.startswith("[{name} ļéƒţ")
    assert len(shown) > len("{name} left the call.") * 1.3
    for text in ENGLISH.values():
        for one in text if isinstance(text, Counted) else [text]:
            assert catalogues.GAP.findall(catalogues.pseudo(one)) == catalogues.GAP.findall(one)


def test_nothing_that_is_built_is_committed() -> None:
    """Should leave the compiled catalogues to the build."""
    ignored = (Path(settings.BASE_DIR) / ".gitignore").read_text()

    assert "/locale/**/*.mo" in ignored
