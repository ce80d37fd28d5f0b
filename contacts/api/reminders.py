"""The REST endpoint of people who want to be told when one can call."""

from __future__ import annotations

from typing import Any

from django.urls import reverse
from django.utils import timezone
from rest_framework import status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from drf_spectacular.utils import extend_schema

from contacts import operations
from contacts.api.own_contacts import UNSEEN
from contacts.api.request_keys import entry_point_of
from contacts.api.serializers import (
    ProblemSerializer,
    ReminderSerializer,
    RequestReminderSerializer,
)
from contacts.api.throttling import ReminderThrottle
from contacts.snapshots import timestamp


class ReminderListView(APIView):
    """Takes addresses that are to be told."""

    def get_throttles(self) -> list[Any]:
        """Limit how many mails one may have sent."""
        return [ReminderThrottle()]

    @extend_schema(
        operation_id="request_reminder",
        request=RequestReminderSerializer,
        responses={201: ReminderSerializer, **dict.fromkeys((400, 403, 429), ProblemSerializer)},
    )
    def post(self, request: Request) -> Response:
        """Have one mail sent when a closed entry point opens next. The answer is the same whether the address was known."""
        serializer = RequestReminderSerializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        entry_point = entry_point_of(request, serializer.validated_data["entry_point"])
        reminder = operations.request_reminder(
            entry_point=entry_point,
            email=serializer.validated_data["email"],
            locale=serializer.validated_data["locale"],
            page=request.build_absolute_uri(reverse("call", args=[entry_point.slug])),
            at=timezone.now(),
        )
        body = {"entry_point": entry_point.slug, "opens_at": timestamp(reminder.opens_at)}
        return Response(body, status.HTTP_201_CREATED, headers=dict(UNSEEN))
