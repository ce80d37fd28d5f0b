"""The endpoint where calls begin, and where a partner finds its own again."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from django.db.models import Exists, OuterRef, Q
from django.http import Http404
from django.urls import reverse
from django.utils import timezone
from rest_framework import serializers, status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from drf_spectacular.utils import OpenApiExample, extend_schema

from contacts import customers, operations
from contacts.access import PartnerCaller, contacts_of_partner
from contacts.api.callers import caller_of, open_to_partners, program_of
from contacts.api.expanding import (
    EXPAND,
    ExpandedContactSerializer,
    expanded,
    expansions_of,
    read_with,
)
from contacts.api.own_contacts import UNSEEN, etag_of, own_contact, shown, shown_to_partner
from contacts.api.paging import Filter, Listing, moments, page_of
from contacts.api.request_keys import IDEMPOTENCY_KEY, entry_point_of, keys_of
from contacts.api.serializers import (
    ProblemSerializer,
    StartCallSerializer,
    StartedCallSerializer,
)
from contacts.api.throttling import CallStartThrottle, NetworkThrottle
from contacts.choices import ContactState, EndReason, ParticipantRole, Scope
from contacts.models import TAG_MAX_CHARACTERS, Contact, ContactTag, Participant

A_CALL = OpenApiExample(
    "A call",
    {"entry_point": "demo", "name": "Ana", "attributes": {"order": "4711"}},
    request_only=True,
)
CONTACTS: Listing[Contact] = Listing(
    moment="requested_at",
    show=shown_to_partner,
    filters={
        **dict.fromkeys(  # by its name in the answer, and by the word that most APIs have
            ("state", "status"), Filter(serializers.ChoiceField(ContactState.choices), "state")
        ),
        "end_reason": Filter(serializers.ChoiceField(EndReason.choices), "end_reason"),
        "entry_point": Filter(serializers.SlugField(), "entry_point__slug"),
        "reference": Filter(serializers.RegexField(r"^[\w-]{1,9}\Z"), "reference"),
        "agent": Filter(serializers.CharField(max_length=256), lambda name: _answered_by(name)),
        "tag": Filter(
            serializers.CharField(max_length=TAG_MAX_CHARACTERS), lambda tag: _tagged(tag)
        ),
        **moments("requested_at", "requested_at"),
        **moments("created_at", "requested_at"),
    },
    read_elsewhere=("expand",),
)


@open_to_partners(partners_only=("GET",), GET=Scope.CONTACTS_READ, POST=Scope.CONTACTS_WRITE)
class ContactListView(APIView):
    """Starts calls, and lists those of a partner."""

    def get_throttles(self) -> list[Any]:
        """Limit the starting of them."""
        return [CallStartThrottle(), NetworkThrottle()] if self.request.method == "POST" else []

    @extend_schema(
        operation_id="list_contacts",
        parameters=[*CONTACTS.parameters(), EXPAND],
        responses={
            200: page_of("ContactPage", ExpandedContactSerializer),
            **dict.fromkeys((400, 401, 403), ProblemSerializer),
        },
    )
    def get(self, request: Request) -> Response:
        """Return the partner's contacts, newest first."""
        program = program_of(request)
        contacts = contacts_of_partner(program.partner, is_test=program.is_test)
        expansions = expansions_of(request)
        return CONTACTS.answer(
            request,
            read_with(contacts, expansions).prefetch_related("participants", "tags"),
            besides=lambda contact: expanded(contact, expansions),
        )

    @extend_schema(
        operation_id="start_call",
        request=StartCallSerializer,
        examples=[A_CALL],
        parameters=[IDEMPOTENCY_KEY],
        responses={
            201: StartedCallSerializer,
            **dict.fromkeys((400, 401, 403, 404, 409, 410, 422, 429, 502, 503), ProblemSerializer),
        },
    )
    def post(self, request: Request) -> Response:
        """Start a call with the contact centre, and return what the customer joins it with."""
        serializer = StartCallSerializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        customer_key, idempotency_key = keys_of(request)
        caller = caller_of(request)
        started = operations.start_call(
            entry_point=entry_point_of(request, serializer.validated_data["entry_point"]),
            request=replace(
                serializer.to_request(), related_contact=_related(request, serializer)
            ),
            customer_key=customer_key,
            idempotency_key=idempotency_key,
            clock=timezone.now,
            partner=caller.partner if caller else None,
            is_test=caller is not None and caller.is_test,
            from_page=request.headers.get("Sec-Fetch-Site") == "same-origin",  # of ours only
        )
        body = (
            {**shown(started.contact), "connection": started.connection}
            if caller is None
            else _for_partner(request, caller, started)
        )
        response = Response(body, status.HTTP_201_CREATED, headers=dict(UNSEEN))
        if started.replayed:
            response["Idempotent-Replayed"] = "true"
        if caller is not None:
            response["Location"] = reverse("contact-detail", args=[started.contact.pk])
            response["ETag"] = etag_of(started.contact)
        elif not customers.keeps_its_own_key(request):
            customers.set_customer_key(response, customer_key)
        return response


def _answered_by(name: str) -> Q:
    agents = Participant.objects.filter(
        contact=OuterRef("pk"), role=ParticipantRole.AGENT, display_name=name
    )
    return Q(Exists(agents))


def _tagged(tag: str) -> Q:
    tags = ContactTag.objects.filter(contact=OuterRef("pk"), text=tag.lower(), by_partner=True)
    return Q(Exists(tags))


def _related(request: Request, serializer: StartCallSerializer) -> str:
    """Return the id of the contact that the new one goes on with, or nothing.

    :raises ValidationError: whoever asks has none of that id.
    """
    contact_id = serializer.validated_data.get("related_contact")
    if contact_id is None:
        return ""
    try:
        return str(own_contact(request, contact_id).pk)
    except Http404 as error:
        raise serializers.ValidationError(
            {"related_contact": ["There is no such contact."]}
        ) from error


def _for_partner(
    request: Request, caller: PartnerCaller, started: operations.StartedCall
) -> dict[str, Any]:
    token = operations.make_join_link(contact=started.contact, at=timezone.now())
    path = None if token is None else reverse("join", args=[token])
    body = {
        **shown_to_partner(started.contact),
        "join_url": None if path is None else request.build_absolute_uri(path),
    }
    if Scope.CONTACTS_CONNECT in caller.scopes:
        body["connection"] = started.connection
    return body
