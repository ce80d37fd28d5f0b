"""The REST endpoints of a customer's browser and of Amazon Connect's event source. Each makes one domain call."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone
from rest_framework import exceptions, status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from drf_spectacular.utils import OpenApiParameter, extend_schema

from contacts import customers, operations
from contacts.access import contact_of_customer
from contacts.api.permissions import HoldsEventsKey
from contacts.api.problems import KINDS
from contacts.api.serializers import (
    ConnectionSerializer,
    ContactSerializer,
    ProblemSerializer,
    StartCallSerializer,
    StartedCallSerializer,
)
from contacts.api.throttling import CallStartThrottle, RejoinThrottle
from contacts.choices import EndedBy
from contacts.limits import is_storable
from contacts.models import Contact, EntryPoint
from contacts.operations import IncomingEvent
from contacts.snapshots import snapshot_of

IDEMPOTENCY_KEY_MAX = 255
COOKIELESS_KEY_MIN = 16
UNSEEN = {"Cache-Control": "no-store"}
IDEMPOTENCY_KEY = OpenApiParameter(
    "Idempotency-Key",
    str,
    OpenApiParameter.HEADER,
    description="One per click. The same key and body return the same call. At least 16 characters without the cookie.",
)


class ContactListView(APIView):
    """Starts calls."""

    throttle_classes = [CallStartThrottle]

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
        customer_key, idempotency_key = _keys_of(request)
        started = operations.start_call(
            entry_point=_entry_point(serializer.validated_data["entry_point"]),
            request=serializer.to_request(),
            customer_key=customer_key,
            idempotency_key=idempotency_key,
            clock=timezone.now,
        )
        body = {**_shown(started.contact), "connection": started.connection}
        response = Response(body, status.HTTP_201_CREATED, headers=dict(UNSEEN))
        if started.replayed:
            response["Idempotent-Replayed"] = "true"
        customers.set_customer_key(response, customer_key)
        return response


class ContactView(APIView):
    """One contact, for its owner."""

    @extend_schema(
        operation_id="read_contact", responses={200: ContactSerializer, 404: ProblemSerializer}
    )
    def get(self, request: Request, contact_id: UUID) -> Response:
        """Return the contact's state."""
        return Response(_shown(_own_contact(request, contact_id)), headers=dict(UNSEEN))


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
        contact = _own_contact(request, contact_id)
        ended = operations.end_call(contact=contact, by=EndedBy.CUSTOMER, clock=timezone.now)
        return Response(_shown(ended), headers=dict(UNSEEN))


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
        contact = _own_contact(request, contact_id)
        connection = operations.rejoin_call(
            contact=contact,
            customer_key=customers.customer_key_of(request),
            at=timezone.now(),
        )
        return Response({"connection": connection}, headers=dict(UNSEEN))


class ContactEventView(APIView):
    """Takes Amazon Connect's contact events, as EventBridge's API destination or the embedded Connect posts them."""

    permission_classes = [HoldsEventsKey]

    @extend_schema(
        operation_id="take_contact_event",
        request={"application/json": {"type": "object"}},
        parameters=[OpenApiParameter("X-Events-Key", str, OpenApiParameter.HEADER, required=True)],
        responses={
            200: {"type": "object", "properties": {"duplicate": {"type": "boolean"}}},
            **dict.fromkeys((400, 401), ProblemSerializer),
        },
    )
    def post(self, request: Request) -> Response:
        """Store the event and bring its contact forward. An event told again changes nothing."""
        envelope = request.data if isinstance(request.data, dict) else {}
        event = IncomingEvent.from_envelope(envelope)
        fresh = operations.apply_contact_event(event=event, at=timezone.now())
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


def _keys_of(request: Request) -> tuple[str, str | None]:
    """Return the customer key and the idempotency key of a start.

    :raises ValidationError: the idempotency key is too long, or too short to tell a stranger from a retry.
    """
    customer_key = customers.customer_key_of(request)
    idempotency_key = request.headers.get("Idempotency-Key") or None
    if idempotency_key is None:
        return customer_key or customers.new_customer_key(), None
    if len(idempotency_key) > IDEMPOTENCY_KEY_MAX or not idempotency_key.isprintable():
        raise _bad_key(f"At most {IDEMPOTENCY_KEY_MAX} printable characters.")
    if customer_key is not None:
        return customer_key, idempotency_key
    if len(idempotency_key) < COOKIELESS_KEY_MIN:
        raise _bad_key(
            f"Without the cookie, at least {COOKIELESS_KEY_MIN} characters: "
            "the key is then all that tells a retry from a stranger."
        )
    return customers.customer_key_from(idempotency_key), idempotency_key


def _bad_key(detail: str) -> exceptions.ValidationError:
    return exceptions.ValidationError({"Idempotency-Key": [detail]})


def _entry_point(slug: str) -> EntryPoint:
    """Return the entry point.

    :raises ValidationError: there is none of that name.
    """
    entry_point = EntryPoint.objects.filter(slug=slug).first() if is_storable(slug) else None
    if entry_point is None:
        raise exceptions.ValidationError({"entry_point": ["There is no such entry point."]})
    return entry_point


def _own_contact(request: Request, contact_id: UUID) -> Contact:
    """Return the contact if the request's customer started it.

    :raises Http404: it is not theirs, or there is none.
    """
    contact = contact_of_customer(
        contact_id=contact_id, customer_key=customers.customer_key_of(request)
    )
    if contact is None:
        raise Http404
    return contact


def _shown(contact: Contact) -> dict[str, Any]:
    return {**snapshot_of(contact), "version": contact.version}
