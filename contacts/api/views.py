"""The REST endpoints of a customer's browser and of Amazon Connect's event source. Each makes one domain call."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone
from rest_framework import status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from drf_spectacular.utils import OpenApiParameter, extend_schema

from contacts import customers, operations
from contacts.api.own_contacts import UNSEEN, own_contact, shown
from contacts.api.parsing import EventBodyParser
from contacts.api.permissions import HoldsEventsKey
from contacts.api.problems import KINDS
from contacts.api.request_keys import IDEMPOTENCY_KEY, entry_point_of, keys_of
from contacts.api.serializers import (
    ConnectionSerializer,
    ContactSerializer,
    ErasedSerializer,
    ProblemSerializer,
    StartCallSerializer,
    StartedCallSerializer,
)
from contacts.api.throttling import CallStartThrottle, NetworkThrottle, RejoinThrottle
from contacts.choices import EndedBy, EventRoute


class ContactListView(APIView):
    """Starts calls."""

    throttle_classes = [CallStartThrottle, NetworkThrottle]

    @extend_schema(
        operation_id="start_call",
        request=StartCallSerializer,
        parameters=[IDEMPOTENCY_KEY],
        responses={
            201: StartedCallSerializer,
            **dict.fromkeys((400, 403, 404, 409, 410, 422, 429, 502, 503), ProblemSerializer),
        },
    )
    def post(self, request: Request) -> Response:
        """Start a call with the contact centre, and return what the browser joins it with."""
        serializer = StartCallSerializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        customer_key, idempotency_key = keys_of(request)
        started = operations.start_call(
            entry_point=entry_point_of(serializer.validated_data["entry_point"]),
            request=serializer.to_request(),
            customer_key=customer_key,
            idempotency_key=idempotency_key,
            clock=timezone.now,
        )
        if request.headers.get("Sec-Fetch-Site") == "same-origin":  # said by a page of ours only
            operations.expect_customer(contact=started.contact, at=timezone.now())
        body = {**shown(started.contact), "connection": started.connection}
        response = Response(body, status.HTTP_201_CREATED, headers=dict(UNSEEN))
        if started.replayed:
            response["Idempotent-Replayed"] = "true"
        if not customers.keeps_its_own_key(request):
            customers.set_customer_key(response, customer_key)
        return response


class ContactView(APIView):
    """One contact, for its owner."""

    @extend_schema(
        operation_id="read_contact", responses={200: ContactSerializer, 404: ProblemSerializer}
    )
    def get(self, request: Request, contact_id: UUID) -> Response:
        """Return the contact's state."""
        contact = own_contact(request, contact_id)
        operations.note_customer_asking(contact=contact, at=timezone.now())
        return Response(shown(contact), headers=dict(UNSEEN))

    @extend_schema(
        operation_id="erase_contact",
        responses={200: ErasedSerializer, **dict.fromkeys((403, 404), ProblemSerializer)},
    )
    def delete(self, request: Request, contact_id: UUID) -> Response:
        """Erase what says whose call it was and what they wrote: now, or once the call is over. Then it is nobody's."""
        contact = own_contact(request, contact_id)
        erased = operations.erase_contact(contact=contact, at=timezone.now())
        return Response({"erased": erased}, headers=dict(UNSEEN))


class EndCallView(APIView):
    """Ends a call, for its owner."""

    @extend_schema(
        operation_id="end_call",
        request=None,
        responses={
            200: ContactSerializer,
            **dict.fromkeys((403, 404, 502), ProblemSerializer),
        },
    )
    def post(self, request: Request, contact_id: UUID) -> Response:
        """End the call. Repeating it, or ending a call that is over, changes nothing."""
        contact = own_contact(request, contact_id)
        ended = operations.end_call(contact=contact, by=EndedBy.CUSTOMER, clock=timezone.now)
        return Response(shown(ended), headers=dict(UNSEEN))


class ConnectionView(APIView):
    """Gives a call's connection again, to its owner."""

    throttle_classes = [RejoinThrottle]

    @extend_schema(
        operation_id="rejoin_call",
        request=None,
        responses={
            200: ConnectionSerializer,
            **dict.fromkeys((403, 404, 410, 429), ProblemSerializer),
        },
    )
    def post(self, request: Request, contact_id: UUID) -> Response:
        """Return what the browser joins the call with, after a reload; at most 60 seconds after leaving it."""
        contact = own_contact(request, contact_id)
        connection = operations.rejoin_call(
            contact=contact,
            customer_key=customers.customer_key_of(request),
            at=timezone.now(),
        )
        return Response({"connection": connection}, headers=dict(UNSEEN))


class ContactEventView(APIView):
    """Takes Amazon Connect's contact events, as EventBridge's API destination or the embedded Connect posts them."""

    permission_classes = [HoldsEventsKey]
    parser_classes = [EventBodyParser]

    @extend_schema(
        operation_id="take_contact_event",
        request={"application/json": {"type": "object"}},
        parameters=[OpenApiParameter("X-Events-Key", str, OpenApiParameter.HEADER, required=True)],
        responses={
            200: {"type": "object", "properties": {"duplicate": {"type": "boolean"}}},
            **dict.fromkeys((400, 401, 413), ProblemSerializer),
        },
    )
    def post(self, request: Request) -> Response:
        """Store the event and bring its contact forward. Told again it changes nothing; unreadable, it is a dead letter."""
        body: Any = request.data  # bytes, or an empty mapping where there is no body
        fresh = operations.take_event(body=body or b"", route=EventRoute.HTTP, at=timezone.now())
        return Response({"duplicate": not fresh})


class UnknownView(APIView):
    """Answers every address that the API does not have."""

    permission_classes = []
    schema = None

    def http_method_not_allowed(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Response:
        """Answer any method as for a thing that does not exist."""
        raise Http404


def problem_type(request: HttpRequest, code: str) -> HttpResponse:
    """Explain one problem code: the page its `type` address opens."""
    if code not in KINDS:
        raise Http404
    kind = KINDS[code]
    return HttpResponse(
        f"{code} ({kind.status})\n\n{kind.title}. {kind.detail}\n", content_type="text/plain"
    )
