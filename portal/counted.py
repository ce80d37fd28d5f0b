"""What the tables of sentences are made of: English texts, and those that depend on a number.

English has two forms of the latter, other languages up to six. A translation keeps its forms as gettext does; the page wants them by the names that `Intl.PluralRules` gives them. A
number of each form joins the two.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple


class Counted(NamedTuple):
    """A sentence about `{n}` of something, in the forms of English."""

    one: str
    other: str


def sentence(text: str) -> str:
    """Mark a text as a sentence that is translated; the tables write it `_`, as translators expect."""
    return text


_TWO_FORMS = {"one": 1, "other": 2}
_COUNTS = {"ar": {"zero": 0, "one": 1, "two": 2, "few": 3, "many": 11, "other": 100}}


def counts_of(language: str) -> Mapping[str, int]:
    """Return the names of a language's forms, by CLDR, each with a number that takes it."""
    return _COUNTS.get(language, _TWO_FORMS)
