"""The endpoints by which a customer takes a call over to another of their devices."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.urls import reverse
from django.utils import timezone
from rest_framework import serializers, status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from drf_spectacular.utils import extend_schema

from contacts import customers, operations
from contacts.api.own_contacts import UNSEEN, own_contact, shown
from contacts.api.serializers import ProblemSerializer, StartedCallSerializer, TextField
from contacts.api.throttling import PeopleThrottle, TakeOverThrottle
from contacts.qr_codes import draw_code


class CodeSerializer(serializers.Serializer[Any]):
    """A QR code, ready to be drawn."""

    size = serializers.IntegerField(help_text="Side in modules, quiet zone included.")
    path = serializers.CharField(help_text="Dark modules, as an SVG path.")


class HandoverSerializer(serializers.Serializer[Any]):
    """A link for another device."""

    link = serializers.CharField(help_text="Works once. Whoever opens it has the call.")
    expires_at = serializers.DateTimeField()
    lifetime_s = serializers.IntegerField(help_text="From now, for clocks that differ.")
    code = CodeSerializer()


class TakeOverSerializer(serializers.Serializer[Any]):
    """The use of such a link."""

    token = TextField()


class HandoverView(APIView):
    """Makes links, for a contact's owner."""

    throttle_classes = [PeopleThrottle]

    @extend_schema(
        operation_id="hand_over",
        request=None,
        responses={
            201: HandoverSerializer,
            **dict.fromkeys((403, 404, 410, 429), ProblemSerializer),
        },
    )
    def post(self, request: Request, contact_id: UUID) -> Response:
        """Make a link that another device of the customer goes on with, once and within two minutes."""
        contact = own_contact(request, contact_id)
        offered = operations.hand_over(
            contact=contact, customer_key=customers.customer_key_of(request), at=timezone.now()
        )
        link = request.build_absolute_uri(reverse("handover", args=[offered.token]))
        body = {
            "link": link,
            "expires_at": offered.expires_at,
            "lifetime_s": int(operations.OPEN_FOR.total_seconds()),
            "code": draw_code(link)._asdict(),
        }
        return Response(body, status.HTTP_201_CREATED, headers=dict(UNSEEN))


class TakeOverView(APIView):
    """Uses links."""

    throttle_classes = [TakeOverThrottle]

    @extend_schema(
        operation_id="take_over",
        request=TakeOverSerializer,
        responses={
            200: StartedCallSerializer,
            **dict.fromkeys((400, 403, 410, 429), ProblemSerializer),
        },
    )
    def post(self, request: Request) -> Response:
        """Go on with a call on this device, which is its customer's from now on; by a cookie, if it has none."""
        serializer = TakeOverSerializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        customer_key = customers.customer_key_of(request) or customers.new_customer_key()
        contact, connection = operations.take_over(
            token=serializer.validated_data["token"],
            customer_key=customer_key,
            at=timezone.now(),
        )
        response = Response({**shown(contact), "connection": connection}, headers=dict(UNSEEN))
        customers.set_customer_key(response, customer_key)
        return response
