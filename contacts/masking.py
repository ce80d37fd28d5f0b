"""Hides who customers are, and what they said, from staff who may not know: rows are masked as they are loaded.

Whatever shows a masked row (a list, a page, a form, a file) then has nothing else to show. Masked rows are never saved.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, TypeVar

from django.db import models
from django.db.models.query import ModelIterable

from contacts.choices import ParticipantRole
from contacts.models import (
    CallbackRequest,
    Contact,
    ContactEvent,
    Invitation,
    Participant,
    Reference,
    Survey,
)

MASK = "•••"

M = TypeVar("M", bound=models.Model)


def hidden(value: Any) -> Any:
    """Return what is shown instead of a value: nothing for nothing, and of a mapping its keys."""
    if isinstance(value, Mapping):
        return dict.fromkeys(value, MASK)
    return MASK if value else value


# The fields that say who somebody is, or hold what they said.
PERSONAL_FIELDS: dict[type[models.Model], tuple[str, ...]] = {
    Contact: ("name", "description", "attributes", "identity_subject", "notes", "partner_notes"),
    Participant: ("display_name",),
    Invitation: ("guest_name",),
    Reference: ("value",),
    Survey: ("comment",),
    ContactEvent: ("detail",),
    CallbackRequest: ("name", "phone", "reason"),
}
# Agents are known to their colleagues.
EXEMPT: dict[type[models.Model], Callable[[Any], bool]] = {
    Participant: lambda participant: participant.role == ParticipantRole.AGENT,
}


class _MaskedRows(ModelIterable[M]):
    def __iter__(self) -> Iterator[M]:
        model = self.queryset.model
        is_exempt = EXEMPT.get(model, lambda _: False)
        for row in super().__iter__():
            if not is_exempt(row):
                for field in PERSONAL_FIELDS.get(model, ()):
                    if field not in row.get_deferred_fields():
                        setattr(row, field, hidden(getattr(row, field)))
            yield row


def masked(rows: models.QuerySet[M]) -> models.QuerySet[M]:
    """Return the same rows, each masked as it is loaded."""
    shown = rows.all()
    shown._iterable_class = _MaskedRows
    return shown


def is_personal(model: type[models.Model], lookup: str) -> bool:
    """Whether finding rows by a lookup would tell what masking hides, or a secret that is no column."""
    field = lookup.partition("__")[0]
    return field in PERSONAL_FIELDS.get(model, ()) or field.endswith(("_hash", "_key"))
