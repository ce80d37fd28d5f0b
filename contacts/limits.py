"""The limits of StartWebRTCContact, checked before anything is stored or asked, and told in words.

The numbers are Amazon Connect's own (API reference of StartWebRTCContact) unless they say otherwise. Pure functions: no row, no network, no clock.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from urllib.parse import urlsplit

from contacts.choices import ReferenceType
from contacts.errors import FieldProblem

NAME_MAX_CHARACTERS = 256
DESCRIPTION_MAX_CHARACTERS = 4096
ATTRIBUTES_MAX_BYTES = 32_768  # UTF-8, all keys and values of a contact together
REFERENCES_MAX_BYTES = 4_096  # UTF-8, all keys and values of a contact together
REFERENCE_KEY_MAX_CHARACTERS = (
    512  # ours: a unique index holds it, and PostgreSQL's rows of an index are short
)
DIGITS_MAX_CHARACTERS = 50  # ours, for one request
DIGITS_PER_MESSAGE = 20  # Amazon Connect documents no limit; what its users report to work
SURVEY_COMMENT_MAX_CHARACTERS = 2_000  # ours
ATTRIBUTE_KEY = re.compile(r"[A-Za-z0-9_-]+\Z")
DATE = re.compile(r"-?[0-9]{1,13}\Z")
DIGITS = re.compile(rf"[0-9*#,]{{1,{DIGITS_MAX_CHARACTERS}}}\Z")
NUMBER = re.compile(r"-?[0-9]+(\.[0-9]+)?\Z")
EMAIL = re.compile(r"[^@\s]+@[^@\s]+\Z")
LATEST_DATE = (
    int(datetime(9999, 12, 31, tzinfo=UTC).timestamp()) * 1000
)  # milliseconds are taken too


@dataclass(frozen=True, slots=True)
class GivenReference:
    """A reference as asked for: the type still a plain string, since it may be none of ours."""

    type: str
    value: str


def text_problems(pointer: str, text: str, *, longest: int) -> Iterator[FieldProblem]:
    """Say what is wrong with a text of at most `longest` characters."""
    if len(text) > longest:
        yield FieldProblem(
            pointer, "too_long", f"At most {longest} characters; this has {len(text)}."
        )
    if not is_storable(text):
        yield FieldProblem(
            pointer, "bad_characters", "Text without NUL and without lone surrogates."
        )


def digit_problems(digits: str) -> Iterator[FieldProblem]:
    """Say what is wrong with digits to be keyed in."""
    if not DIGITS.match(digits):
        yield FieldProblem(
            "/digits",
            "bad_value",
            f"1 to {DIGITS_MAX_CHARACTERS} of the keys 0 to 9, * and #, and the pause (,).",
        )


def is_storable(text: str) -> bool:
    """Whether the text can be written as UTF-8 and stored by every database we support."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return "\x00" not in text


def attribute_problems(attributes: Mapping[str, str]) -> Iterator[FieldProblem]:
    """Say what is wrong with a contact's attributes."""
    for key, value in attributes.items():
        pointer = pointer_to("attributes", key)
        if not ATTRIBUTE_KEY.match(key):
            yield FieldProblem(
                pointer, "bad_key", "A key has letters A-Z and a-z, digits, '-' and '_' only."
            )
        elif not is_storable(value):
            yield FieldProblem(
                pointer, "bad_characters", "Text without NUL and without lone surrogates."
            )
    size = sum(utf8_length(key) + utf8_length(value) for key, value in attributes.items())
    if size > ATTRIBUTES_MAX_BYTES:
        yield FieldProblem(
            "/attributes",
            "too_large",
            f"At most {ATTRIBUTES_MAX_BYTES:,} UTF-8 bytes over all keys and values; these have {size:,}.",
        )


def reference_problems(references: Mapping[str, GivenReference]) -> Iterator[FieldProblem]:
    """Say what is wrong with a contact's references."""
    for key, reference in references.items():
        yield from one_reference_problems(key, reference)
    size = sum(utf8_length(key) + utf8_length(given.value) for key, given in references.items())
    if size > REFERENCES_MAX_BYTES:
        yield FieldProblem(
            "/references",
            "too_large",
            f"At most {REFERENCES_MAX_BYTES:,} UTF-8 bytes over all keys and values; these have {size:,}.",
        )


def one_reference_problems(key: str, reference: GivenReference) -> Iterator[FieldProblem]:
    """Say what is wrong with the reference called `key`."""
    pointer = pointer_to("references", key)
    if not key or not is_storable(key):
        yield FieldProblem(pointer, "bad_key", "A key has at least one character, and no NUL.")
    elif len(key) > REFERENCE_KEY_MAX_CHARACTERS:
        yield FieldProblem(
            pointer, "bad_key", f"A key has at most {REFERENCE_KEY_MAX_CHARACTERS} characters."
        )
    if reference.type not in ReferenceType:
        allowed = ", ".join(ReferenceType.values)
        yield FieldProblem(
            f"{pointer}/type", "bad_type", f"One of {allowed} when a contact is created."
        )
        return
    accepts, rule = REFERENCE_RULES[ReferenceType(reference.type)]
    if not is_storable(reference.value) or not accepts(reference.value):
        yield FieldProblem(f"{pointer}/value", "bad_value", rule)


def is_link(value: str) -> bool:
    """Whether the value is an absolute http(s) address: it becomes a link in the agent's panel."""
    try:
        parts = urlsplit(value)
    except ValueError:
        return False
    blank = any(character.isspace() or ord(character) < 32 for character in value)
    return parts.scheme in ("http", "https") and bool(parts.hostname) and not blank


def is_date(value: str) -> bool:
    """Whether the value is a time in whole epoch seconds (or milliseconds)."""
    return bool(DATE.match(value)) and abs(int(value)) <= LATEST_DATE


REFERENCE_RULES: dict[ReferenceType, tuple[Callable[[str], bool], str]] = {
    ReferenceType.URL: (is_link, "An absolute http:// or https:// address."),
    ReferenceType.NUMBER: (
        lambda value: bool(NUMBER.match(value)),
        "A decimal number such as 12 or -3.5.",
    ),
    ReferenceType.STRING: (lambda value: bool(value), "A text of at least one character."),
    ReferenceType.DATE: (
        is_date,
        "A time as whole seconds since 1970-01-01 UTC, such as 1767225600.",
    ),
    ReferenceType.EMAIL: (lambda value: bool(EMAIL.match(value)), "An email address."),
}


def pointer_to(*path: str) -> str:
    """Return the JSON pointer (RFC 6901) of a path; a lone surrogate, which no answer can carry, is written as an escape."""
    pointer = "".join("/" + part.replace("~", "~0").replace("/", "~1") for part in path)
    return pointer.encode("utf-8", "backslashreplace").decode()


def utf8_length(text: str) -> int:
    """Return the bytes a text takes in UTF-8; a lone surrogate counts as the three it would take."""
    return len(text.encode("utf-8", "surrogatepass"))
