"""The translations: `python -m devtools.catalogues update | check | compile`, in the project's environment.

The English sentences are the tables of `portal.messages`; a translation is `locale/<language>/LC_MESSAGES/django.po`,
each sentence under its id as context. `update` brings the files up to date with the tables, `check` says what is
missing or wrong in them, `compile` makes what Django reads, and the pseudo-locale out of the English.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

from devtools import paths
from portal.counted import Counted
from portal.messages import ENGLISH

HEADER = "# How to translate: docs/how-to/translate.md"
PSEUDO_LANGUAGE = "en_XA"
GAP = re.compile(r"\{\w+\}")
# What translators may be tempted to type, and what we print instead.
UNTIDY = re.compile(r"\.\.\.|  |^\s|\s$|\w'\w")
Source = Mapping[str, str | Counted]


class _Sheet(Catalog):
    """A catalogue whose header says what matters, and nothing that changes with each run."""

    @property
    def mime_headers(self) -> list[tuple[str, str]]:
        """The lines of the header."""
        kept = (
            "Language",
            "MIME-Version",
            "Content-Type",
            "Content-Transfer-Encoding",
            "Plural-Forms",
        )
        return [(name, value) for name, value in super().mime_headers if name in kept]

    @mime_headers.setter
    def mime_headers(self, headers: list[tuple[str, str]]) -> None:
        Catalog.mime_headers.__set__(self, headers)


def languages() -> list[str]:
    """Return the languages there are translations for."""
    return sorted(path.parent.parent.name for path in paths.LOCALE.glob("*/LC_MESSAGES/django.po"))


def problems_of(catalog: Catalog, english: Source = ENGLISH) -> Iterator[str]:
    """Say what keeps a translation from being complete and right, a line for each fault."""
    kept = {message.context or "": message for message in catalog if message.id}
    for message_id, text in english.items():
        message = kept.pop(message_id, None)
        if message is None or not all(_texts(message.string)) or not message.string:
            yield f"{message_id} is not translated: {_texts(text)[-1]!r}"
        elif message.fuzzy or _texts(message.id) != _texts(text):
            yield f"{message_id} has changed; translate it anew: {_texts(text)[-1]!r}"
        else:
            yield from _faults_of(message_id, message, forms=catalog.num_plurals)
    yield from (f"{message_id} is a translation of nothing; remove it" for message_id in kept)


def _faults_of(message_id: str, message: Message, *, forms: int) -> Iterator[str]:
    translated = _texts(message.string)
    if isinstance(message.id, tuple) and len(translated) != forms:
        yield f"{message_id} has {len(translated)} forms in place of {forms}"
    gaps = set(GAP.findall(_texts(message.id)[-1]))
    for text in translated:
        found = set(GAP.findall(text))
        # "One minute" may be said without the number.
        missing = gaps - found - ({"{n}"} if isinstance(message.id, tuple) else set())
        if missing or found - gaps:
            yield f"{message_id} has the gaps {sorted(found)} in place of {sorted(gaps)}: {text!r}"
        if UNTIDY.search(text):
            yield f"{message_id} has a space too many, three dots, or a typewriter's apostrophe: {text!r}"


def updated(catalog: Catalog, english: Source = ENGLISH) -> Catalog:
    """Return the catalogue with every sentence of the tables, in their order, and no other.

    What was translated from other English keeps its translation, marked fuzzy: somebody has to look at it.
    """
    kept = {message.context or "": message for message in catalog if message.id}
    fresh = _Sheet(locale=catalog.locale, fuzzy=False, header_comment=HEADER)
    fresh.mime_headers = [*catalog.mime_headers]
    for message_id, text in english.items():
        known = kept.get(message_id)
        source = tuple(text) if isinstance(text, Counted) else text
        same_kind = known is not None and isinstance(known.id, tuple) == isinstance(source, tuple)
        string = known.string if known is not None and same_kind else ""
        stale = bool(string) and known is not None and (known.fuzzy or known.id != source)
        flags = {"fuzzy"} if stale else set()
        fresh.add(source, string or None, context=message_id, flags=flags)
    return fresh


def pseudo(text: str) -> str:
    """Return English with accents, longer by a third and in brackets; gaps stay as they are."""
    parts = re.split(r"(\{\w+\})", text)
    accented = "".join(part if GAP.fullmatch(part) else part.translate(_ACCENTS) for part in parts)
    return f"[{accented} {'·' * (2 + len(text) // 3)}]"


_ACCENTS = str.maketrans(
    "ABCDEFGHIJKLMNOPRSTUVWXYZabcdefghijklmnoprstuvwxyz",
    "ÅßÇÐÉƑĜĤÎĴĶĻṀÑÖÞŔŠŢÛṼŴẊÝŽåƀçđéƒĝĥîĵķļɱñöþŕšţûṽŵẋýž",
)


def pseudo_catalogue(english: Source = ENGLISH) -> Catalog:
    """Return the pseudo-locale, with as many forms as English has."""
    catalog = Catalog(fuzzy=False)
    for message_id, text in english.items():
        if isinstance(text, Counted):
            catalog.add(tuple(text), tuple(map(pseudo, text)), context=message_id)
        else:
            catalog.add(text, pseudo(text), context=message_id)
    return catalog


def read(language: str) -> Catalog:
    """Return the translation into a language as it stands in its file."""
    with _po(language).open("rb") as file:
        return read_po(file, locale=language)


def _write(language: str, catalog: Catalog) -> None:
    with _po(language).open("wb") as file:
        write_po(file, catalog, width=0, omit_header=False, include_lineno=False)


def _compile(language: str, catalog: Catalog) -> None:
    path = _po(language).with_suffix(".mo")
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as file:
        write_mo(file, catalog)


def _po(language: str) -> Path:
    return paths.LOCALE / language / "LC_MESSAGES" / "django.po"


def _texts(text: object) -> tuple[str, ...]:
    return tuple(text) if isinstance(text, tuple | list) else (str(text or ""),)


def main(command: str) -> int:
    """Do what the command line asks; return the exit status."""
    if command == "update":
        for language in languages():
            _write(language, updated(read(language)))
    if command == "compile":
        for language in languages():
            _compile(language, read(language))
        _compile(PSEUDO_LANGUAGE, pseudo_catalogue())
        return 0
    found = [
        f"{language}: {line}" for language in languages() for line in problems_of(read(language))
    ]
    print("\n".join(found) or "Every sentence is translated.")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
