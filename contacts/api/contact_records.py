"""What a partner reads of its contacts: timelines, references, which it may add to, and what customers said of their calls."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from drf_spectacular.utils import extend_schema

from contacts import operations
from contacts.api.callers import open_to_partners, program_of
from contacts.api.own_contacts import UNSEEN, own_contact
from contacts.api.paging import Filter, Listing, moments, page_of
from contacts.api.serializers import ProblemSerializer, ReferenceSerializer, given_references
from contacts.choices import ContactState, EventSource, ReferenceType, Scope, TechnicalProblem
from contacts.models import Contact, ContactEvent, Reference, Survey
from contacts.snapshots import timestamp

REFUSALS = dict.fromkeys((400, 401, 403, 404), ProblemSerializer)


class TimelineEntrySerializer(serializers.Serializer[Any]):
    """One thing that happened to a contact, and what the contact was then."""

    id = serializers.CharField()
    type = serializers.CharField(help_text="Amazon Connect's name of it, or the portal's.")
    source = serializers.ChoiceField(EventSource.choices)  # type: ignore[assignment]
    occurred_at = serializers.DateTimeField()
    state = serializers.ChoiceField(ContactState.choices, allow_null=True)
    version = serializers.IntegerField(allow_null=True)


class ReferenceRecordSerializer(serializers.Serializer[Any]):
    """One reference of a contact."""

    key = serializers.CharField()
    type = serializers.ChoiceField(ReferenceType.choices)
    value = serializers.CharField(allow_blank=True)


class ReferenceRecordListSerializer(serializers.Serializer[Any]):
    """All references of a contact."""

    data = ReferenceRecordSerializer(many=True)  # type: ignore[assignment]


class SetReferencesSerializer(serializers.Serializer[Any]):
    """References to be set."""

    references = serializers.DictField(
        child=ReferenceSerializer(),
        help_text="By key, besides those there are; at most 4,096 UTF-8 bytes over all keys and values of the contact.",
    )


class SurveyRecordSerializer(serializers.Serializer[Any]):
    """What a customer thought of a call."""

    contact_id = serializers.UUIDField()
    reference = serializers.CharField()
    rating = serializers.IntegerField(min_value=1, max_value=5)
    technical_problem = serializers.ChoiceField(TechnicalProblem.choices, allow_null=True)
    comment = serializers.CharField(allow_blank=True)
    submitted_at = serializers.DateTimeField()


def entry_shown(event: ContactEvent) -> dict[str, Any]:
    """Return an entry of a timeline."""
    return {
        "id": event.event_id,
        "type": event.type,
        "source": event.source,
        "occurred_at": timestamp(event.occurred_at),
        "state": event.state or None,
        "version": event.version,
    }


def reference_shown(reference: Reference) -> dict[str, Any]:
    """Return a reference."""
    return {"key": reference.key, "type": reference.type, "value": reference.value}


def _all_references(contact: Contact) -> Response:
    shown = [reference_shown(one) for one in contact.references.all()]
    return Response({"data": shown}, headers=dict(UNSEEN))


def survey_shown(survey: Survey) -> dict[str, Any]:
    """Return what a customer thought of a call."""
    return {
        "contact_id": str(survey.contact_id),
        "reference": survey.contact.reference,
        "rating": survey.rating,
        "technical_problem": survey.technical_problem or None,
        "comment": survey.comment,
        "submitted_at": timestamp(survey.submitted_at),
    }


TIMELINE: Listing[ContactEvent] = Listing(
    moment="occurred_at", show=entry_shown, filters={}, newest_first=False
)
SURVEYS: Listing[Survey] = Listing(
    moment="submitted_at",
    show=survey_shown,
    filters={
        "contact": Filter(serializers.UUIDField(), "contact"),
        "entry_point": Filter(serializers.SlugField(), "contact__entry_point__slug"),
        **moments("submitted_at", "submitted_at"),
    },
)


@open_to_partners(partners_only=("GET",), GET=Scope.CONTACTS_READ)
class TimelineView(APIView):
    """All that happened to one contact, for its partner."""

    @extend_schema(
        operation_id="list_contact_events",
        parameters=TIMELINE.parameters(),
        responses={200: page_of("TimelinePage", TimelineEntrySerializer), **REFUSALS},
    )
    def get(self, request: Request, contact_id: UUID) -> Response:
        """Return what happened to the contact, oldest first."""
        return TIMELINE.answer(request, own_contact(request, contact_id).events.all())


@open_to_partners(
    partners_only=("GET", "POST"), GET=Scope.CONTACTS_READ, POST=Scope.CONTACTS_WRITE
)
class ReferenceListView(APIView):
    """The references of one contact, for its partner."""

    @extend_schema(
        operation_id="list_references",
        responses={200: ReferenceRecordListSerializer, **REFUSALS},
    )
    def get(self, request: Request, contact_id: UUID) -> Response:
        """Return the references that the agent sees with the call."""
        return _all_references(own_contact(request, contact_id))

    @extend_schema(
        operation_id="set_references",
        request=SetReferencesSerializer,
        responses={
            200: ReferenceRecordListSerializer,
            **REFUSALS,
            **dict.fromkeys((409, 410, 502, 503), ProblemSerializer),
        },
    )
    def post(self, request: Request, contact_id: UUID) -> Response:
        """Set references besides those there are, here and in Amazon Connect, and return them all."""
        contact = own_contact(request, contact_id)
        serializer = SetReferencesSerializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        operations.set_references(
            contact=contact,
            references=given_references(serializer.validated_data["references"]),
        )
        return _all_references(contact)


@open_to_partners(partners_only=("GET",), GET=Scope.CONTACTS_READ)
class SurveyListView(APIView):
    """What customers thought of a partner's calls."""

    @extend_schema(
        operation_id="list_surveys",
        parameters=SURVEYS.parameters(),
        responses={200: page_of("SurveyPage", SurveyRecordSerializer), **REFUSALS},
    )
    def get(self, request: Request) -> Response:
        """Return the answers to surveys, newest first."""
        program = program_of(request)
        surveys = Survey.objects.filter(
            contact__partner=program.partner, contact__is_test=program.is_test
        )
        return SURVEYS.answer(request, surveys.select_related("contact"))
