"""What a customer may do in and after their own call besides ending it: key digits in, answer the survey."""

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
from contacts.api.callers import open_to_partners
from contacts.api.own_contacts import REPEATABLE, UNSEEN, idempotency_key_of, own_contact
from contacts.api.serializers import ProblemSerializer, TextField
from contacts.api.throttling import DigitsThrottle, SurveyThrottle
from contacts.choices import Scope, TechnicalProblem
from contacts.limits import DIGITS_MAX_CHARACTERS, SURVEY_COMMENT_MAX_CHARACTERS
from contacts.models import RATINGS


class DigitsSerializer(serializers.Serializer[Any]):
    """Digits to be keyed in."""

    digits = TextField(
        help_text=f"1 to {DIGITS_MAX_CHARACTERS} of the keys 0 to 9, * and #, and the pause (,)."
    )


class SurveySerializer(serializers.Serializer[Any]):
    """What the customer thought of the call."""

    rating = serializers.IntegerField(help_text="{} very bad to {} very good.".format(*RATINGS))
    technical_problem = serializers.ChoiceField(
        TechnicalProblem.choices, required=False, allow_blank=True, default=""
    )
    comment = TextField(
        required=False,
        allow_blank=True,
        default="",
        help_text=f"At most {SURVEY_COMMENT_MAX_CHARACTERS:,} characters.",
    )


@open_to_partners(POST=Scope.CONTACTS_WRITE)
class DigitsView(APIView):
    """Keys digits in, for the contact's owner."""

    throttle_classes = [DigitsThrottle]

    @extend_schema(
        operation_id="send_digits",
        request=DigitsSerializer,
        parameters=[REPEATABLE],
        responses={
            204: None,
            **dict.fromkeys((400, 403, 404, 409, 410, 429, 502, 503), ProblemSerializer),
        },
    )
    def post(self, request: Request, contact_id: UUID) -> Response:
        """Key digits in, in their order. They are not stored."""
        contact = own_contact(request, contact_id)
        serializer = DigitsSerializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        operations.send_digits(
            contact=contact,
            digits=serializer.validated_data["digits"],
            clock=timezone.now,
            idempotency_key=idempotency_key_of(request),
        )
        return Response(status=status.HTTP_204_NO_CONTENT, headers=dict(UNSEEN))


@open_to_partners(POST=Scope.CONTACTS_WRITE)
class SurveyView(APIView):
    """Takes the survey's answer, of the contact's owner."""

    throttle_classes = [SurveyThrottle]

    @extend_schema(
        operation_id="submit_survey",
        request=SurveySerializer,
        responses={
            201: SurveySerializer,
            **dict.fromkeys((400, 403, 404, 409, 429), ProblemSerializer),
        },
    )
    def post(self, request: Request, contact_id: UUID) -> Response:
        """Answer the survey, once. The same answer again changes nothing; another one is refused."""
        contact = own_contact(request, contact_id)
        serializer = SurveySerializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        survey, replayed = operations.submit_survey(
            contact=contact, at=timezone.now(), **serializer.validated_data
        )
        response = Response(
            SurveySerializer(survey).data, status.HTTP_201_CREATED, headers=dict(UNSEEN)
        )
        if replayed:
            response["Idempotent-Replayed"] = "true"
        return response
