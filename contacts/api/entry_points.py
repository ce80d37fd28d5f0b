"""The entry points at which a partner may start calls, with what it has to know to do so; its own it makes and changes."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.http import Http404
from django.urls import reverse
from django.utils import timezone
from rest_framework import exceptions, serializers, status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from drf_spectacular.utils import extend_schema

from contacts import operations
from contacts.access import entry_points_of_partner
from contacts.api.callers import open_to_partners, partner_of
from contacts.api.own_contacts import UNSEEN
from contacts.api.paging import Filter, Listing, page_of
from contacts.api.serializers import (
    CapabilitiesSerializer,
    ProblemSerializer,
    TextField,
    refuse_unknown,
)
from contacts.choices import Scope
from contacts.limits import is_storable
from contacts.models import Consent, EntryPoint, Partner
from contacts.snapshots import timestamp

REFUSALS = dict.fromkeys((400, 401, 403, 404), ProblemSerializer)


class ConsentSerializer(serializers.Serializer[Any]):
    """What callers have to agree to: whoever starts a call for them asks them, and sends the version."""

    version = serializers.IntegerField()
    text = serializers.CharField()


class HoursOverrideSerializer(serializers.Serializer[Any]):
    """A day with other hours than usual."""

    date = serializers.DateField()
    opens_at = serializers.TimeField(
        allow_null=True, help_text="By the clock of the opening hours; null: closed all day."
    )
    closes_at = serializers.TimeField(
        allow_null=True, help_text="The next day's if it is not later than when it opens."
    )
    reason = serializers.CharField(allow_blank=True)


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
    language = serializers.CharField(allow_blank=True)
    is_own = serializers.BooleanField(help_text="Whether it may be changed.")
    allowed_origins = serializers.ListField(
        child=serializers.CharField(),
        allow_null=True,
        help_text="Websites that may show its button; null of one that is shared.",
    )
    consent = ConsentSerializer(allow_null=True)
    capabilities = CapabilitiesSerializer()
    hours_overrides = HoursOverrideSerializer(
        many=True, help_text="Days, from yesterday on, on which it keeps other hours than usual."
    )
    switched_off = serializers.ListField(
        child=serializers.CharField(), help_text="What its customers go without, such as survey."
    )
    path = serializers.CharField(help_text="Of the page where customers call.")
    created_at = serializers.DateTimeField()


class ChangeEntryPointSerializer(serializers.Serializer[Any]):
    """What a partner sets of an entry point of its own. What is left out stays."""

    name = TextField(required=False, help_text="At most 120 characters.")
    company = TextField(required=False, help_text="Whom callers call; at most 120 characters.")
    is_open = serializers.BooleanField(required=False)
    ignores_hours = serializers.BooleanField(
        required=False, help_text="Whether it is shown as open outside the hours of operation."
    )
    language = TextField(
        required=False, allow_blank=True, help_text="Such as de; empty: the browser's."
    )
    name_required = serializers.BooleanField(required=False)
    custom_fields = serializers.ListField(child=serializers.DictField(), required=False)
    recording_notice = serializers.BooleanField(required=False)
    consent_text = TextField(
        required=False, allow_blank=True, help_text="At most 2,000 characters."
    )
    allowed_origins = serializers.ListField(
        child=TextField(),
        required=False,
        help_text="Such as https://www.example.com; at most 50.",
    )
    capabilities = CapabilitiesSerializer(required=False)

    def values(self) -> dict[str, Any]:
        """Return what is to be set, in the domain's words."""
        given = dict(self.validated_data)
        for side, one in given.pop("capabilities", {}).items():
            given |= {
                f"{side}_{name}": allowed for name, allowed in one.items() if allowed is not None
            }
        return given


class MakeEntryPointSerializer(ChangeEntryPointSerializer):
    """An entry point to be made."""

    slug = TextField(help_text="Part of its address: letters, digits, - and _; at most 64.")
    name = TextField(help_text="At most 120 characters.")
    company = TextField(help_text="Whom callers call; at most 120 characters.")


def _shown(entry_point: EntryPoint, partner: Partner) -> dict[str, Any]:
    is_own = entry_point.partner_id == partner.pk
    consent = Consent.objects.current(entry_point)
    return {
        "slug": entry_point.slug,
        "name": entry_point.name,
        "company": entry_point.company,
        "is_open": entry_point.is_open,
        "name_required": entry_point.name_required,
        "custom_fields": entry_point.custom_fields,
        "language": entry_point.language,
        "is_own": is_own,
        "allowed_origins": entry_point.allowed_origins if is_own else None,
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
        "hours_overrides": _overrides(entry_point),
        "switched_off": entry_point.switched_off,
        "path": reverse("call", args=[entry_point.slug]),
        "created_at": timestamp(entry_point.created_at),
    }


def _overrides(entry_point: EntryPoint) -> list[dict[str, Any]]:
    yesterday = timezone.now().date() - timedelta(days=1)  # somewhere it still is
    return [
        {
            "date": one.date.isoformat(),
            "opens_at": one.opens_at and one.opens_at.isoformat(),
            "closes_at": one.closes_at and one.closes_at.isoformat(),
            "reason": one.reason,
        }
        for one in entry_point.hours_overrides.all()
        if one.date >= yesterday
    ]


def _listing(partner: Partner | None = None) -> Listing[EntryPoint]:
    return Listing(
        moment="created_at",
        show=lambda one: _shown(one, partner) if partner else {},
        filters={"is_open": Filter(serializers.BooleanField(), "is_open")},
    )


@open_to_partners(
    partners_only=("GET", "POST"), GET=Scope.ENTRY_POINTS_READ, POST=Scope.ENTRY_POINTS_WRITE
)
class EntryPointListView(APIView):
    """A partner's entry points."""

    @extend_schema(
        operation_id="list_entry_points",
        parameters=_listing().parameters(),
        responses={200: page_of("EntryPointPage", EntryPointSerializer), **REFUSALS},
    )
    def get(self, request: Request) -> Response:
        """Return the entry points at which the partner may start calls."""
        partner = partner_of(request)
        return _listing(partner).answer(
            request, entry_points_of_partner(partner).prefetch_related("hours_overrides")
        )

    @extend_schema(
        operation_id="make_entry_point",
        request=MakeEntryPointSerializer,
        responses={201: EntryPointSerializer, **REFUSALS},
    )
    def post(self, request: Request) -> Response:
        """Make an entry point of the partner's own: every call that begins there is the partner's."""
        partner = partner_of(request)
        made = operations.make_entry_point(
            partner=partner, values=_read(MakeEntryPointSerializer, request), at=timezone.now()
        )
        response = Response(_shown(made, partner), status.HTTP_201_CREATED, headers=dict(UNSEEN))
        response["Location"] = reverse("entry-point-detail", args=[made.slug])
        return response


@open_to_partners(
    partners_only=("GET", "PATCH", "DELETE"),
    GET=Scope.ENTRY_POINTS_READ,
    PATCH=Scope.ENTRY_POINTS_WRITE,
    DELETE=Scope.ENTRY_POINTS_WRITE,
)
class EntryPointView(APIView):
    """One entry point."""

    @extend_schema(
        operation_id="read_entry_point", responses={200: EntryPointSerializer, **REFUSALS}
    )
    def get(self, request: Request, slug: str) -> Response:
        """Return an entry point at which the partner may start calls."""
        return Response(
            _shown(_known_entry_point(request, slug), partner_of(request)), headers=dict(UNSEEN)
        )

    @extend_schema(
        operation_id="change_entry_point",
        request=ChangeEntryPointSerializer,
        responses={200: EntryPointSerializer, **REFUSALS},
    )
    def patch(self, request: Request, slug: str) -> Response:
        """Change an entry point of the partner's own."""
        entry_point = _own_entry_point(request, slug)
        values = _read(ChangeEntryPointSerializer, request)
        operations.change_entry_point(entry_point=entry_point, values=values, at=timezone.now())
        return Response(_shown(entry_point, partner_of(request)), headers=dict(UNSEEN))

    @extend_schema(
        operation_id="remove_entry_point",
        responses={204: None, **REFUSALS, 409: ProblemSerializer},
    )
    def delete(self, request: Request, slug: str) -> Response:
        """Remove an entry point of the partner's own at which nothing has begun yet."""
        operations.remove_entry_point(entry_point=_own_entry_point(request, slug))
        return Response(status=status.HTTP_204_NO_CONTENT, headers=dict(UNSEEN))


def _read(shape: type[ChangeEntryPointSerializer], request: Request) -> dict[str, Any]:
    serializer = shape(data=request.data)
    serializer.is_valid(raise_exception=True)
    refuse_unknown(request.data, serializer)
    return serializer.values()


def _known_entry_point(request: Request, slug: str) -> EntryPoint:
    known = entry_points_of_partner(partner_of(request))
    entry_point = known.filter(slug=slug).first() if is_storable(slug) else None
    if entry_point is None:
        raise Http404
    return entry_point


def _own_entry_point(request: Request, slug: str) -> EntryPoint:
    """Return the entry point if it is the partner's own.

    :raises Http404: the partner knows none of that name.
    :raises PermissionDenied: it is shared with the partner.
    """
    entry_point = _known_entry_point(request, slug)
    if entry_point.partner_id != partner_of(request).pk:
        raise exceptions.PermissionDenied("It is shared with you, and not yours to change.")
    return entry_point
