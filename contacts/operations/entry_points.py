"""Makes, changes and removes the entry points that a partner has as its own. Flow and instance are the operator's to choose."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from functools import partial
from typing import Any

from django.core.exceptions import ValidationError
from django.db import IntegrityError

from contacts import errors
from contacts.commits import commit
from contacts.errors import FieldProblem
from contacts.limits import is_storable, pointer_to, text_problems
from contacts.models import Consent, Contact, EntryPoint, Partner
from contacts.models.entry_points import CONSENT_MAX_CHARACTERS
from contacts.operations.availabilities import ask_anew

MOST_OF_A_PARTNER = 100
SET_BY_PARTNERS = frozenset(
    {
        "slug",
        "name",
        "company",
        "is_open",
        "ignores_hours",
        "language",
        "name_required",
        "custom_fields",
        "recording_notice",
        "consent_text",
        "customer_video",
        "customer_screen_share",
        "agent_video",
        "agent_screen_share",
        "allowed_origins",
    }
)


def make_entry_point(*, partner: Partner, values: Mapping[str, Any], at: datetime) -> EntryPoint:
    """Store an entry point of a partner's own.

    :raises InvalidCall: a value breaks a limit, the slug is taken, or the partner has as many as it may.
    """
    if partner.own_entry_points.count() >= MOST_OF_A_PARTNER:
        problem = FieldProblem("", "too_many", f"At most {MOST_OF_A_PARTNER} of your own.")
        raise errors.InvalidCall([problem])
    entry_point = EntryPoint(partner=partner)
    _put(entry_point, values, at=at)
    return entry_point


def change_entry_point(
    *, entry_point: EntryPoint, values: Mapping[str, Any], at: datetime
) -> None:
    """Set what is given, and leave the rest. Whoever looks at it is told.

    :raises InvalidCall: a value breaks a limit.
    """
    _put(entry_point, values, at=at)


def remove_entry_point(*, entry_point: EntryPoint) -> None:
    """Remove an entry point that was never used.

    :raises EntryPointInUse: calls or callback requests began there; it can be closed.
    """

    def write() -> None:
        used = Contact.objects.filter(entry_point=entry_point).exists()
        if used or entry_point.callback_requests.exists():
            raise errors.EntryPointInUse(entry_point.slug)
        entry_point.delete()

    try:
        commit(write)
    except IntegrityError as error:  # a call began this very moment
        raise errors.EntryPointInUse(entry_point.slug) from error


def _put(entry_point: EntryPoint, values: Mapping[str, Any], *, at: datetime) -> None:
    for name in SET_BY_PARTNERS & values.keys():
        setattr(entry_point, name, values[name])
    if problems := list(_problems(entry_point, values)):
        raise errors.InvalidCall(problems)
    try:
        commit(partial(_write, entry_point, at))
    except IntegrityError as error:  # somebody took the slug this very moment
        problem = FieldProblem("/slug", "taken", "There is one of this name.")
        raise errors.InvalidCall([problem]) from error


def _write(entry_point: EntryPoint, at: datetime) -> None:
    is_new = entry_point.pk is None
    entry_point.save()
    Consent.objects.published(entry_point)
    if not is_new:
        ask_anew(entry_point=entry_point, at=at)


def _problems(entry_point: EntryPoint, values: Mapping[str, Any]) -> Iterator[FieldProblem]:
    unstorable = [
        name for name, value in values.items() if isinstance(value, str) and not is_storable(value)
    ]
    for name in unstorable:
        yield FieldProblem(
            pointer_to(name), "bad_characters", "Text without NUL and without lone surrogates."
        )
    if unstorable:
        return
    # Forms alone keep to the length of a longer text.
    yield from text_problems(
        "/consent_text", entry_point.consent_text, longest=CONSENT_MAX_CHARACTERS
    )
    try:
        entry_point.full_clean(exclude={"partner"})
    except ValidationError as error:
        for name, found in error.error_dict.items():
            for one in found:
                code = "taken" if one.code == "unique" else "bad_value"
                yield FieldProblem(pointer_to(name), code, " ".join(one.messages))
