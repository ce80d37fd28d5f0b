"""The REST endpoints with which a partner's program says where webhooks go, and sees what came of them."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.http import Http404
from django.utils import timezone
from rest_framework import serializers, status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from drf_spectacular.utils import extend_schema

from contacts.api.callers import open_to_partners, program_of
from contacts.api.own_contacts import UNSEEN
from contacts.api.paging import Filter, Listing, moments, page_of
from contacts.api.serializers import ProblemSerializer
from contacts.choices import Scope
from contacts.commits import commit
from partners.api import shapes
from partners.models import DeliveryState, WebhookDelivery, WebhookEndpoint
from partners.webhooks import endpoints

REFUSALS = dict.fromkeys((400, 401, 403, 404), ProblemSerializer)
ENDPOINTS: Listing[WebhookEndpoint] = Listing(
    moment="created_at", show=shapes.endpoint_shown, filters={}
)
DELIVERIES: Listing[WebhookDelivery] = Listing(
    moment="created_at",
    show=shapes.delivery_shown,
    filters={
        "state": Filter(serializers.ChoiceField(DeliveryState.choices), "state"),
        "type": Filter(serializers.ChoiceField(shapes.TYPES), "event__type"),
        "contact": Filter(serializers.UUIDField(), "event__contact"),
        **moments("created_at", "created_at"),
    },
)


def own_endpoints(request: Request) -> QuerySet[WebhookEndpoint]:
    """Return the endpoints of the request's partner: those for tests, or the others, as its key is."""
    program = program_of(request)
    return WebhookEndpoint.objects.filter(partner=program.partner, is_test=program.is_test)


def own_endpoint(request: Request, endpoint_id: UUID) -> WebhookEndpoint:
    """Return the endpoint if it is the request's partner's, and for tests exactly if the key is.

    :raises Http404: it is not, or there is none.
    """
    own = own_endpoints(request).filter(pk=endpoint_id).first()
    if own is None:
        raise Http404
    return own


def own_delivery(request: Request, endpoint_id: UUID, delivery_id: UUID) -> WebhookDelivery:
    """Return the delivery if its endpoint is the request's partner's.

    :raises Http404: it is not, or there is none.
    """
    deliveries = own_endpoint(request, endpoint_id).deliveries.select_related("event", "endpoint")
    own = deliveries.filter(pk=delivery_id).first()
    if own is None:
        raise Http404
    return own


@open_to_partners(
    partners_only=("GET", "POST"), GET=Scope.WEBHOOKS_READ, POST=Scope.WEBHOOKS_WRITE
)
class EndpointListView(APIView):
    """Lists and makes webhook endpoints."""

    @extend_schema(
        operation_id="list_webhook_endpoints",
        parameters=ENDPOINTS.parameters(),
        responses={
            200: page_of("WebhookEndpointPage", shapes.EndpointSerializer),
            **REFUSALS,
        },
    )
    def get(self, request: Request) -> Response:
        """Return the partner's webhook endpoints, newest first."""
        return ENDPOINTS.answer(request, own_endpoints(request))

    @extend_schema(
        operation_id="make_webhook_endpoint",
        request=shapes.EndpointChangeSerializer,
        responses={
            201: shapes.EndpointWithSecretSerializer,
            **dict.fromkeys((400, 409), ProblemSerializer),
        },
    )
    def post(self, request: Request) -> Response:
        """Make a webhook endpoint. Its secret is in this answer, and cannot be read again."""
        program = program_of(request)
        serializer = shapes.EndpointChangeSerializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        endpoint, secret = endpoints.make_endpoint(
            partner=program.partner,
            is_test=program.is_test,
            at=timezone.now(),
            **serializer.validated_data,
        )
        shown = shapes.endpoint_shown(endpoint, secret)
        return Response(shown, status.HTTP_201_CREATED, headers=dict(UNSEEN))


@open_to_partners(
    partners_only=("GET", "PATCH", "DELETE"),
    GET=Scope.WEBHOOKS_READ,
    PATCH=Scope.WEBHOOKS_WRITE,
    DELETE=Scope.WEBHOOKS_WRITE,
)
class EndpointView(APIView):
    """One webhook endpoint."""

    @extend_schema(
        operation_id="read_webhook_endpoint",
        responses={200: shapes.EndpointSerializer, **REFUSALS},
    )
    def get(self, request: Request, endpoint_id: UUID) -> Response:
        """Return the endpoint, and how well deliveries to it go."""
        shown = shapes.endpoint_shown(own_endpoint(request, endpoint_id))
        return Response(shown, headers=dict(UNSEEN))

    @extend_schema(
        operation_id="change_webhook_endpoint",
        request=shapes.EndpointPatchSerializer,
        responses={200: shapes.EndpointSerializer, **REFUSALS},
    )
    def patch(self, request: Request, endpoint_id: UUID) -> Response:
        """Change what is given. What waits is sent to the address as it is then; resuming sends it at once."""
        endpoint = own_endpoint(request, endpoint_id)
        serializer = shapes.EndpointPatchSerializer(data=request.data, partial=True)
        serializer.is_valid(raise_exception=True)
        changes: dict[str, Any] = dict(serializer.validated_data)
        enabled = changes.pop("enabled", None)
        changed = endpoints.change_endpoint(
            endpoint=endpoint, changes=changes, enabled=enabled, at=timezone.now()
        )
        return Response(shapes.endpoint_shown(changed), headers=dict(UNSEEN))

    @extend_schema(
        operation_id="delete_webhook_endpoint",
        responses={204: None, **dict.fromkeys((401, 403, 404), ProblemSerializer)},
    )
    def delete(self, request: Request, endpoint_id: UUID) -> Response:
        """Delete the endpoint with all its deliveries; events stay readable."""
        commit(own_endpoint(request, endpoint_id).delete)
        return Response(status=status.HTTP_204_NO_CONTENT, headers=dict(UNSEEN))


@open_to_partners(partners_only=("POST",), POST=Scope.WEBHOOKS_WRITE)
class RotateSecretView(APIView):
    """Replaces the secret of an endpoint."""

    @extend_schema(
        operation_id="rotate_webhook_secret",
        request=None,
        responses={
            200: shapes.EndpointWithSecretSerializer,
            404: ProblemSerializer,
        },
    )
    def post(self, request: Request, endpoint_id: UUID) -> Response:
        """Make a fresh secret. For 24 hours each webhook is signed with it and with the one before."""
        endpoint = own_endpoint(request, endpoint_id)
        secret = endpoints.rotate_secret(endpoint=endpoint, at=timezone.now())
        return Response(shapes.endpoint_shown(endpoint, secret), headers=dict(UNSEEN))


@open_to_partners(partners_only=("POST",), POST=Scope.WEBHOOKS_WRITE)
class TestEndpointView(APIView):
    """Tries an endpoint."""

    @extend_schema(
        operation_id="test_webhook_endpoint",
        request=None,
        responses={
            202: shapes.DeliverySerializer,
            **dict.fromkeys((404, 409), ProblemSerializer),
        },
    )
    def post(self, request: Request, endpoint_id: UUID) -> Response:
        """Have a `webhook.test` event sent. The delivery tells what came of it."""
        endpoint = own_endpoint(request, endpoint_id)
        delivery = endpoints.send_test(endpoint=endpoint, at=timezone.now())
        return _accepted(delivery)


@open_to_partners(partners_only=("GET",), GET=Scope.WEBHOOKS_READ)
class DeliveryListView(APIView):
    """What was sent to an endpoint."""

    @extend_schema(
        operation_id="list_webhook_deliveries",
        parameters=DELIVERIES.parameters(),
        responses={
            200: page_of("WebhookDeliveryPage", shapes.DeliverySerializer),
            **REFUSALS,
        },
    )
    def get(self, request: Request, endpoint_id: UUID) -> Response:
        """Return the deliveries of the last 30 days, newest first."""
        deliveries = own_endpoint(request, endpoint_id).deliveries
        return DELIVERIES.answer(request, deliveries.select_related("event"))


@open_to_partners(partners_only=("GET",), GET=Scope.WEBHOOKS_READ)
class DeliveryView(APIView):
    """One delivery."""

    @extend_schema(
        operation_id="read_webhook_delivery",
        responses={
            200: shapes.DeliveryLogSerializer,
            **dict.fromkeys((401, 403, 404), ProblemSerializer),
        },
    )
    def get(self, request: Request, endpoint_id: UUID, delivery_id: UUID) -> Response:
        """Return what is sent, and every attempt with what came back."""
        delivery = own_delivery(request, endpoint_id, delivery_id)
        return Response(shapes.delivery_log_shown(delivery), headers=dict(UNSEEN))


@open_to_partners(partners_only=("POST",), POST=Scope.WEBHOOKS_WRITE)
class RedeliverView(APIView):
    """Sends an event again."""

    @extend_schema(
        operation_id="redeliver_webhook",
        request=None,
        responses={
            202: shapes.DeliverySerializer,
            **dict.fromkeys((404, 409), ProblemSerializer),
        },
    )
    def post(self, request: Request, endpoint_id: UUID, delivery_id: UUID) -> Response:
        """Send the event anew, with the same `webhook-id`, whatever came of it before."""
        delivery = own_delivery(request, endpoint_id, delivery_id)
        return _accepted(endpoints.redeliver(delivery=delivery, at=timezone.now()))


def _accepted(delivery: WebhookDelivery) -> Response:
    shown = shapes.delivery_shown(delivery)
    return Response(shown, status.HTTP_202_ACCEPTED, headers=dict(UNSEEN))
