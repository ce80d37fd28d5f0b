"""The endpoints by which a call's own pages, its customer's and its guests', report what they measured."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.utils import timezone
from rest_framework import serializers, status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from drf_spectacular.utils import extend_schema

from contacts import operations
from contacts.api.own_contacts import UNSEEN, own_contact, own_place
from contacts.api.serializers import ProblemSerializer
from contacts.api.throttling import QualityThrottle
from contacts.choices import SpellCause, SpellKind
from contacts.models import Contact, Invitation

MOST_AT_ONCE = 20
LONGEST_MS = 3_600_000
OLDEST_S = 86_400.0
ANSWERS = {204: None, **dict.fromkeys((400, 403, 404, 429), ProblemSerializer)}


class SpellSerializer(serializers.Serializer[Any]):
    """Something that lasts, or lasted, for a while. What it is does not change; that it ended is told later."""

    number = serializers.IntegerField(
        min_value=0, max_value=9_999, help_text="Which of the page's spells it is."
    )
    kind = serializers.ChoiceField(SpellKind.choices)
    cause = serializers.ChoiceField(
        SpellCause.choices, required=False, allow_blank=True, default=""
    )
    began_s_ago = serializers.FloatField(min_value=0, max_value=OLDEST_S)
    ended_s_ago = serializers.FloatField(
        min_value=0,
        max_value=OLDEST_S,
        required=False,
        allow_null=True,
        default=None,
        help_text="Empty while it lasts.",
    )


class QualityReportSerializer(serializers.Serializer[Any]):
    """What a page measured since it reported last."""

    page = serializers.UUIDField(
        help_text="Made by the page when it joins; its spells are its own."
    )
    setup_ms = serializers.IntegerField(
        min_value=0,
        max_value=LONGEST_MS,
        required=False,
        allow_null=True,
        default=None,
        help_text="From the click until the call's media was there.",
    )
    spells = serializers.ListField(
        child=SpellSerializer(), required=False, default=list, max_length=MOST_AT_ONCE
    )


class ContactQualityView(APIView):
    """Takes reports of a contact's customer."""

    throttle_classes = [QualityThrottle]

    @extend_schema(
        operation_id="report_quality", request=QualityReportSerializer, responses=ANSWERS
    )
    def post(self, request: Request, contact_id: UUID) -> Response:
        """Report what the page measured. What is told again changes nothing; what comes long after the end is let go."""
        return _take(request, own_contact(request, contact_id), None)


class GuestQualityView(APIView):
    """Takes reports of one guest."""

    throttle_classes = [QualityThrottle]

    @extend_schema(
        operation_id="report_quality_of_guest", request=QualityReportSerializer, responses=ANSWERS
    )
    def post(self, request: Request, invitation_id: UUID) -> Response:
        """Report what the guest's page measured, as the customer's page does."""
        invitation = own_place(request, invitation_id)
        return _take(request, invitation.contact, invitation)


def _take(request: Request, contact: Contact, invitation: Invitation | None) -> Response:
    serializer = QualityReportSerializer(data=request.data)
    serializer.is_valid(raise_exception=True)
    told = serializer.validated_data
    report = operations.QualityReport(
        page=told["page"],
        setup_ms=told["setup_ms"],
        spells=[
            operations.ReportedSpell(**{**spell, "kind": SpellKind(spell["kind"])})
            for spell in told["spells"]
        ],
    )
    operations.take_quality_report(
        contact=contact, invitation=invitation, report=report, at=timezone.now()
    )
    return Response(status=status.HTTP_204_NO_CONTENT, headers=dict(UNSEEN))
