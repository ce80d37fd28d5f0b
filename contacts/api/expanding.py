"""What a partner may ask to be told with a contact, in the same answer: `expand=events,survey`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from rest_framework import exceptions
from rest_framework.request import Request

from drf_spectacular.utils import OpenApiParameter

from contacts.api.contact_records import (
    ReferenceRecordSerializer,
    SurveyRecordSerializer,
    TimelineEntrySerializer,
    entry_shown,
    reference_shown,
    survey_shown,
)
from contacts.api.quality_records import QualityRecordSerializer, quality_shown
from contacts.api.serializers import PartnerContactSerializer
from contacts.models import CallQuality, Contact, ContactQuerySet, Survey


class ExpandedContactSerializer(PartnerContactSerializer):
    """A contact, and what was asked for with it."""

    events = TimelineEntrySerializer(many=True, required=False)
    references = ReferenceRecordSerializer(many=True, required=False)
    survey = SurveyRecordSerializer(required=False, allow_null=True)
    quality = QualityRecordSerializer(required=False, allow_null=True)


@dataclass(frozen=True, slots=True)
class Expansion:
    """One thing told with a contact: the rows it is read from, and how it is shown."""

    rows: str
    show: Callable[[Contact], Any]


def _survey_of(contact: Contact) -> dict[str, Any] | None:
    survey: Survey | None = getattr(contact, "survey", None)
    return None if survey is None else survey_shown(survey)


def _quality_of(contact: Contact) -> dict[str, Any] | None:
    quality: CallQuality | None = getattr(contact, "quality", None)
    return None if quality is None else quality_shown(contact, quality)


EXPANSIONS: dict[str, Expansion | None] = {
    "participants": None,  # are told always
    "events": Expansion(
        "events",
        lambda contact: [
            entry_shown(one)
            for one in sorted(contact.events.all(), key=lambda one: (one.occurred_at, one.pk))
        ],
    ),
    "references": Expansion(
        "references", lambda contact: [reference_shown(one) for one in contact.references.all()]
    ),
    "survey": Expansion("survey", _survey_of),
    "quality": Expansion("quality__spells", _quality_of),
}
EXPAND = OpenApiParameter(
    "expand",
    str,
    description=f"What to tell with each contact, separated by commas: {', '.join(EXPANSIONS)}.",
)


def expansions_of(request: Request) -> Mapping[str, Expansion]:
    """Return what the request wants told besides.

    :raises ValidationError: it names something that there is not.
    """
    names = [one for given in request.query_params.getlist("expand") for one in given.split(",")]
    unknown = sorted(set(names) - EXPANSIONS.keys())
    if unknown:
        known = ", ".join(EXPANSIONS)
        raise exceptions.ValidationError({"expand": [f"Separated by commas, of: {known}."]})
    return {name: one for name in names if (one := EXPANSIONS[name]) is not None}


def read_with(contacts: ContactQuerySet, expansions: Mapping[str, Expansion]) -> ContactQuerySet:
    """Return the contacts so that what is told besides is read for all of them at once."""
    return contacts.prefetch_related(*(one.rows for one in expansions.values()))


def expanded(contact: Contact, expansions: Mapping[str, Expansion]) -> dict[str, Any]:
    """Return what is told besides of one contact."""
    return {name: one.show(contact) for name, one in expansions.items()}
