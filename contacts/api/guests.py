"""The endpoints of a guest's browser: to take the place a link offers, see the call, come in, and leave."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.utils import timezone
from rest_framework import status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from drf_spectacular.utils import extend_schema

from contacts import guests, operations
from contacts.api.own_contacts import REPEATABLE, UNSEEN, idempotency_key_of, own_place
from contacts.api.people_shapes import AcceptSerializer, AdmitSerializer, GuestSerializer
from contacts.api.serializers import ConnectionSerializer, ProblemSerializer
from contacts.api.throttling import AcceptThrottle, RejoinThrottle
from contacts.models import Contact, Invitation
from contacts.snapshots import guest_snapshot_of


class AcceptInvitationView(APIView):
    """Takes the place that a link offers."""

    throttle_classes = [AcceptThrottle]

    @extend_schema(
        operation_id="accept_invitation",
        request=AcceptSerializer,
        parameters=[REPEATABLE],
        responses={
            201: GuestSerializer,
            **dict.fromkeys((400, 403, 410, 429), ProblemSerializer),
        },
    )
    def post(self, request: Request) -> Response:
        """Take the place, and become its guest by a cookie. Doing so again with the cookie changes nothing."""
        serializer = AcceptSerializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        token, idempotency_key = serializer.validated_data["token"], idempotency_key_of(request)
        guest_key = guests.guest_key_of(request) or (
            guests.guest_key_from(idempotency_key, token)
            if idempotency_key
            else guests.new_guest_key()
        )
        invitation = operations.accept_invitation(
            token=token,
            name=serializer.validated_data.get("name", ""),
            guest_key=guest_key,
            at=timezone.now(),
        )
        response = Response(_shown(invitation), status.HTTP_201_CREATED, headers=dict(UNSEEN))
        guests.set_guest_key(response, guest_key)
        return response


class GuestView(APIView):
    """The call, for one guest."""

    @extend_schema(
        operation_id="read_guest", responses={200: GuestSerializer, 404: ProblemSerializer}
    )
    def get(self, request: Request, invitation_id: UUID) -> Response:
        """Return what the guest may see of the call."""
        return Response(_shown(own_place(request, invitation_id)), headers=dict(UNSEEN))


class GuestConnectionView(APIView):
    """Lets one guest into the call."""

    throttle_classes = [RejoinThrottle]

    @extend_schema(
        operation_id="admit_guest",
        request=AdmitSerializer,
        responses={
            200: ConnectionSerializer,
            **dict.fromkeys((403, 404, 409, 410, 429, 502, 503), ProblemSerializer),
        },
    )
    def post(self, request: Request, invitation_id: UUID) -> Response:
        """Return what the guest joins the call with, once an agent has answered."""
        invitation = own_place(request, invitation_id)
        serializer = AdmitSerializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        connection = operations.admit_guest(
            invitation=invitation, clock=timezone.now, renew=serializer.validated_data["renew"]
        )
        return Response({"connection": connection}, headers=dict(UNSEEN))


class GuestLeaveView(APIView):
    """Takes one guest out of the call."""

    @extend_schema(
        operation_id="leave_call",
        request=None,
        responses={
            200: GuestSerializer,
            **dict.fromkeys((403, 404, 502), ProblemSerializer),
        },
    )
    def post(self, request: Request, invitation_id: UUID) -> Response:
        """Leave the call. The place stays the guest's. Repeating it changes nothing."""
        invitation = own_place(request, invitation_id)
        operations.leave_call(invitation=invitation, clock=timezone.now)
        return Response(_shown(invitation), headers=dict(UNSEEN))


def _shown(invitation: Invitation) -> dict[str, Any]:
    contact = Contact.objects.select_related("entry_point").get(pk=invitation.contact_id)
    return {**guest_snapshot_of(contact, invitation), "version": contact.version}
