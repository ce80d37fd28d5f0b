"""The entry points at which a partner may start calls, with what it has to know to do so."""

from __future__ import annotations

from typing import Any

from django.http import Http404
from django.urls import reverse
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from drf_spectacular.utils import extend_schema

from contacts.access import entry_points_of_partner
from contacts.api.callers import open_to_partners, partner_of
from contacts.api.own_contacts import UNSEEN
from contacts.api.paging import Filter, Listing, page_of
from contacts.api.serializers import CapabilitiesSerializer, ProblemSerializer
from contacts.choices import Scope
from contacts.limits import is_storable
from contacts.models import Consent, EntryPoint
from contacts.snapshots import timestamp

REFUSALS = dict.fromkeys((400, 401, 403, 404), ProblemSerializer)


class ConsentSerializer(serializers.Serializer[Any]):
    """What callers have to agree to: whoever starts a call for them asks them, and sends the version."""

    version = serializers.IntegerField()
    text = serializers.CharField()


class EntryPointSerializer(serializers.Serializer[Any]):
    """A place customers call from."""

    slug = serializers.SlugField()
    name = serializers.CharField()
    company = serializers.CharField()
    is_open = serializers.BooleanField(
        help_text="Whether it takes calls at all; see availability."
    )
    name_required = serializers.BooleanField()
    custom_fields = serializers.ListField(
        child=serializers.DictField(),
        help_text="Questions callers answer; the answers are attributes of their keys.",
    )
    consent = ConsentSerializer(allow_null=True)
    capabilities = CapabilitiesSerializer()
    path = serializers.CharField(help_text="Of the page where customers call.")
    created_at = serializers.DateTimeField()


def _shown(entry_point: EntryPoint) -> dict[str, Any]:
    consent = Consent.objects.current(entry_point)
    return {
        "slug": entry_point.slug,
        "name": entry_point.name,
        "company": entry_point.company,
        "is_open": entry_point.is_open,
        "name_required": entry_point.name_required,
        "custom_fields": entry_point.custom_fields,
        "consent": consent and {"version": consent.version, "text": consent.text},
        "capabilities": {
            "customer": {
                "video": entry_point.customer_video,
                "screen_share": entry_point.customer_screen_share,
            },
            "agent": {
                "video": entry_point.agent_video,
                "screen_share": entry_point.agent_screen_share,
            },
        },
        "path": reverse("call", args=[entry_point.slug]),
        "created_at": timestamp(entry_point.created_at),
    }


ENTRY_POINTS: Listing[EntryPoint] = Listing(
    moment="created_at",
    show=_shown,
    filters={"is_open": Filter(serializers.BooleanField(), "is_open")},
)


@open_to_partners(partners_only=("GET",), GET=Scope.ENTRY_POINTS_READ)
class EntryPointListView(APIView):
    """A partner's entry points."""

    @extend_schema(
        operation_id="list_entry_points",
        parameters=ENTRY_POINTS.parameters(),
        responses={200: page_of("EntryPointPage", EntryPointSerializer), **REFUSALS},
    )
    def get(self, request: Request) -> Response:
        """Return the entry points at which the partner may start calls."""
        return ENTRY_POINTS.answer(request, entry_points_of_partner(partner_of(request)))


@open_to_partners(partners_only=("GET",), GET=Scope.ENTRY_POINTS_READ)
class EntryPointView(APIView):
    """One entry point."""

    @extend_schema(
        operation_id="read_entry_point", responses={200: EntryPointSerializer, **REFUSALS}
    )
    def get(self, request: Request, slug: str) -> Response:
        """Return an entry point at which the partner may start calls."""
        known = entry_points_of_partner(partner_of(request))
        entry_point = known.filter(slug=slug).first() if is_storable(slug) else None
        if entry_point is None:
            raise Http404
        return Response(_shown(entry_point), headers=dict(UNSEEN))
