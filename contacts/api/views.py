"""The REST endpoints of one contact, for its customer's browser and its partner, and of Amazon Connect's event source."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from rest_framework import status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from drf_spectacular.utils import OpenApiParameter, extend_schema

from contacts import customers, operations
from contacts.api.callers import caller_of, open_to_partners
from contacts.api.expanding import EXPAND, ExpandedContactSerializer, expanded, expansions_of
from contacts.api.own_contacts import (
    IF_MATCH,
    UNSEEN,
    etag_of,
    own_contact,
    shown_to,
    version_wanted,
)
from contacts.api.parsing import EventBodyParser
from contacts.api.permissions import HoldsEventsKey
from contacts.api.problems import KINDS
from contacts.api.serializers import (
    AnnotateSerializer,
    ConnectionSerializer,
    ErasedSerializer,
    PartnerContactSerializer,
    ProblemSerializer,
    refuse_unknown,
)
from contacts.api.throttling import RejoinThrottle
from contacts.choices import EndedBy, EventRoute, Scope
from contacts.models import Contact


@open_to_partners(
    partners_only=("PATCH",),
    GET=Scope.CONTACTS_READ,
    PATCH=Scope.CONTACTS_WRITE,
    DELETE=Scope.CONTACTS_WRITE,
)
class ContactView(APIView):
    """One contact, for its owner."""

    @extend_schema(
        operation_id="read_contact",
        parameters=[EXPAND],
        responses={
            200: ExpandedContactSerializer,
            **dict.fromkeys((400, 401, 403, 404), ProblemSerializer),
        },
    )
    def get(self, request: Request, contact_id: UUID) -> Response:
        """Return the contact's state."""
        contact = own_contact(request, contact_id)
        if caller_of(request) is None:
            operations.note_customer_asking(contact=contact, at=timezone.now())
            return _answer(request, contact)
        return _answer(request, contact, besides=expanded(contact, expansions_of(request)))

    @extend_schema(
        operation_id="annotate_contact",
        request=AnnotateSerializer,
        parameters=[IF_MATCH],
        responses={
            200: PartnerContactSerializer,
            **dict.fromkeys((400, 401, 403, 404, 410, 412, 428, 502, 503), ProblemSerializer),
        },
    )
    def patch(self, request: Request, contact_id: UUID) -> Response:
        """Set the partner's notes and tags, and attributes; here and, the attributes, in Amazon Connect."""
        contact = own_contact(request, contact_id)
        serializer = AnnotateSerializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        refuse_unknown(request.data, serializer)
        annotated = operations.annotate_contact(
            contact=contact,
            clock=timezone.now,
            version=version_wanted(request),
            **serializer.validated_data,
        )
        return _answer(request, annotated)

    @extend_schema(
        operation_id="erase_contact",
        responses={
            200: ErasedSerializer,
            202: PartnerContactSerializer,
            **dict.fromkeys((401, 403, 404), ProblemSerializer),
        },
    )
    def delete(self, request: Request, contact_id: UUID) -> Response:
        """Erase what says whose call it was and what they wrote: now, or once the call is over.

        Then it is no customer's any more; its partner, who is answered with 202, still sees that it was.
        """
        contact = own_contact(request, contact_id)
        erased = operations.erase_contact(contact=contact, at=timezone.now())
        if caller_of(request) is None:
            return Response({"erased": erased}, headers=dict(UNSEEN))
        return _answer(request, contact, status=status.HTTP_202_ACCEPTED)


@open_to_partners(POST=Scope.CONTACTS_WRITE)
class EndCallView(APIView):
    """Ends a call, for its owner."""

    @extend_schema(
        operation_id="end_call",
        request=None,
        responses={
            200: PartnerContactSerializer,
            **dict.fromkeys((401, 403, 404, 502), ProblemSerializer),
        },
    )
    def post(self, request: Request, contact_id: UUID) -> Response:
        """End the call. Repeating it, or ending a call that is over, changes nothing."""
        contact = own_contact(request, contact_id)
        by = EndedBy.CUSTOMER if caller_of(request) is None else EndedBy.PARTNER
        ended = operations.end_call(contact=contact, by=by, clock=timezone.now)
        return _answer(request, ended)


@open_to_partners(POST=Scope.CONTACTS_CONNECT)
class ConnectionView(APIView):
    """Gives a call's connection again, to its owner."""

    throttle_classes = [RejoinThrottle]

    @extend_schema(
        operation_id="rejoin_call",
        request=None,
        responses={
            200: ConnectionSerializer,
            **dict.fromkeys((401, 403, 404, 410, 429), ProblemSerializer),
        },
    )
    def post(self, request: Request, contact_id: UUID) -> Response:
        """Return what the browser joins the call with, after a reload; at most 60 seconds after leaving it."""
        contact = own_contact(request, contact_id)
        caller = caller_of(request)
        connection = (
            operations.rejoin_call(
                contact=contact,
                customer_key=customers.customer_key_of(request),
                at=timezone.now(),
            )
            if caller is None
            else operations.connection_for(
                contact=contact, customer_key=None, partner=caller.partner
            )
        )
        return Response({"connection": connection}, headers=dict(UNSEEN))


class ContactEventView(APIView):
    """Takes Amazon Connect's contact events, as EventBridge's API destination or the embedded Connect posts them."""

    authentication_classes = []
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

    authentication_classes = []
    permission_classes = []
    schema = None

    def http_method_not_allowed(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Response:
        """Answer any method as for a thing that does not exist."""
        raise Http404


def problem_type(request: HttpRequest, code: str) -> HttpResponse:
    """Explain one problem code: the page its `type` address opens."""
    if code not in KINDS:
        raise Http404
    return render(request, "api_problem.html", {"code": code, "kind": KINDS[code], "kinds": KINDS})


def _answer(
    request: Request,
    contact: Contact,
    *,
    status: int = status.HTTP_200_OK,
    besides: Mapping[str, Any] | None = None,
) -> Response:
    headers = dict(UNSEEN)
    if caller_of(request) is not None:
        headers["ETag"] = etag_of(contact)
    shown = {**shown_to(request, contact), **(besides or {})}
    return Response(shown, status, headers=headers)
