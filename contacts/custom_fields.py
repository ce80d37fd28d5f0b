"""What an entry point asks of its callers besides the name: how it is declared, and what is wrong with an answer. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, TypedDict, cast

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from contacts.errors import FieldProblem
from contacts.limits import ATTRIBUTE_KEY, pointer_to

MAX_FIELDS = 10
KEY_MAX_CHARACTERS = 64
LABEL_MAX_CHARACTERS = 200
ANSWER_MAX_CHARACTERS = 1000
MAX_CHOICES = 50
KINDS = ("text", "multiline", "choice")
KNOWN = {"key", "label", "kind", "required", "choices"}


class CustomField(TypedDict, total=False):
    """One question. `choices` belong to the kind "choice" alone."""

    key: str
    label: str
    kind: str
    required: bool
    choices: list[str]


def validate_custom_fields(value: object) -> None:
    """Refuse what is no list of questions.

    :raises ValidationError: naming the first that is wrong.
    """
    if not isinstance(value, list) or len(value) > MAX_FIELDS:
        raise ValidationError(
            _("Give a list of at most %(most)d questions."), params={"most": MAX_FIELDS}
        )
    keys: set[str] = set()
    for number, one in enumerate(value, start=1):
        problem = _mistake(one) or (_("two have the same key") if one["key"] in keys else "")
        if problem:
            raise ValidationError(
                _("Question %(number)d: %(problem)s."),
                params={"number": number, "problem": problem},
            )
        keys.add(one["key"])


def answer_problems(fields: object, answers: Mapping[str, str]) -> Iterator[FieldProblem]:
    """Say what is wrong with the answers, by the keys of the questions."""
    for field in cast(list[CustomField], fields):
        pointer = pointer_to("attributes", field["key"])
        answer = answers.get(field["key"], "").strip()
        if not answer:
            if field.get("required"):
                yield FieldProblem(pointer, "required", "Please answer this.")
        elif len(answer) > ANSWER_MAX_CHARACTERS:
            yield FieldProblem(pointer, "too_long", f"At most {ANSWER_MAX_CHARACTERS} characters.")
        elif field["kind"] == "choice" and answer not in field["choices"]:
            yield FieldProblem(pointer, "not_a_choice", "One of the choices.")


def _mistake(one: Any) -> Any:
    """Return what is wrong with one question, or an empty text."""
    if not isinstance(one, dict) or not KNOWN.issuperset(one):
        return _("write key, label, kind, required and choices, and nothing else")
    key, label = one.get("key"), one.get("label")
    if not isinstance(key, str) or len(key) > KEY_MAX_CHARACTERS or not ATTRIBUTE_KEY.match(key):
        return _("the key has letters, digits, - and _ only, and at most 64 of them")
    if not isinstance(label, str) or not 0 < len(label.strip()) <= LABEL_MAX_CHARACTERS:
        return _("the label is a text of at most 200 characters")
    if one.get("kind") not in KINDS or not isinstance(one.get("required", False), bool):
        return _("the kind is text, multiline or choice, and required is true or false")
    return _wrong_choices(one)


def _wrong_choices(one: Mapping[str, Any]) -> Any:
    choices = one.get("choices", [])
    texts = isinstance(choices, list) and all(
        isinstance(choice, str) and 0 < len(choice.strip()) <= LABEL_MAX_CHARACTERS
        for choice in choices
    )
    if not texts or len(choices) > MAX_CHOICES:
        return _("choices are a list of at most 50 texts")
    if (one["kind"] == "choice") != bool(choices):
        return _("choices belong to the kind choice, and to no other")
    return ""
