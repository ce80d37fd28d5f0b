"""The REST endpoint of all that happened to a partner's calls: for programs that ask rather than wait to be told."""

from __future__ import annotations

from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from drf_spectacular.utils import extend_schema

from contacts.api.callers import open_to_partners, program_of
from contacts.api.paging import Filter, Listing, moments, page_of
from contacts.api.serializers import ProblemSerializer
from contacts.choices import PartnerEventType, Scope
from partners.api.shapes import EventSerializer
from partners.models import PartnerEvent
from partners.webhooks.signing import shown

EVENTS: Listing[PartnerEvent] = Listing(
    moment="created_at",
    show=shown,
    filters={
        "type": Filter(serializers.ChoiceField(PartnerEventType.choices), "type"),
        "contact": Filter(serializers.UUIDField(), "contact"),
        **moments("created_at", "created_at"),
    },
)


@open_to_partners(partners_only=("GET",), GET=Scope.EVENTS_READ)
class EventListView(APIView):
    """What happened to a partner's calls."""

    @extend_schema(
        operation_id="list_events",
        parameters=EVENTS.parameters(),
        responses={
            200: page_of("EventPage", EventSerializer),
            **dict.fromkeys((400, 401, 403), ProblemSerializer),
        },
    )
    def get(self, request: Request) -> Response:
        """Return the events of the last 30 days, newest first: the same that webhooks bring."""
        program = program_of(request)
        own = PartnerEvent.objects.of_calls().filter(
            partner=program.partner, is_test=program.is_test
        )
        return EVENTS.answer(request, own)
