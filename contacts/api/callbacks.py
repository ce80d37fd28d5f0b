"""The REST endpoints of customers who would rather be called."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import Http404
from django.utils import timezone
from rest_framework import status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from drf_spectacular.utils import extend_schema

from contacts import customers, operations
from contacts.api.own_contacts import UNSEEN
from contacts.api.request_keys import IDEMPOTENCY_KEY, entry_point_of, keys_of
from contacts.api.serializers import (
    CallbackSerializer,
    ProblemSerializer,
    RequestCallbackSerializer,
)
from contacts.api.throttling import CallbackThrottle
from contacts.models import CallbackRequest
from contacts.snapshots import timestamp


class CallbackListView(APIView):
    """Takes wishes to be called."""

    throttle_classes = [CallbackThrottle]

    @extend_schema(
        operation_id="request_callback",
        request=RequestCallbackSerializer,
        parameters=[IDEMPOTENCY_KEY],
        responses={
            201: CallbackSerializer,
            **dict.fromkeys((400, 403, 422, 429), ProblemSerializer),
        },
    )
    def post(self, request: Request) -> Response:
        """Ask to be called back; also while the entry point is closed."""
        serializer = RequestCallbackSerializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        customer_key, idempotency_key = keys_of(request)
        taken = operations.request_callback(
            entry_point=entry_point_of(serializer.validated_data["entry_point"]),
            wish=serializer.to_wish(),
            customer_key=customer_key,
            idempotency_key=idempotency_key,
            at=timezone.now(),
        )
        response = Response(_shown(taken.callback), status.HTTP_201_CREATED, headers=dict(UNSEEN))
        if taken.replayed:
            response["Idempotent-Replayed"] = "true"
        customers.set_customer_key(response, customer_key)
        return response


class CancelCallbackView(APIView):
    """Takes a wish to be called back, for its owner."""

    @extend_schema(
        operation_id="cancel_callback",
        request=None,
        responses={200: CallbackSerializer, **dict.fromkeys((403, 404), ProblemSerializer)},
    )
    def post(self, request: Request, callback_id: UUID) -> Response:
        """Cancel the request. Repeating it, or cancelling one that is done, changes nothing."""
        callback = operations.callback_of_customer(
            callback_id=callback_id, customer_key=customers.customer_key_of(request)
        )
        if callback is None:
            raise Http404
        cancelled = operations.cancel_callback(callback=callback, at=timezone.now())
        return Response(_shown(cancelled), headers=dict(UNSEEN))


def _shown(callback: CallbackRequest) -> dict[str, Any]:
    return {
        "id": str(callback.pk),
        "reference": callback.reference,
        "entry_point": callback.entry_point.slug,
        "state": callback.state,
        "name": callback.name,
        "phone": callback.phone,
        "reason": callback.reason,
        "preferred_at": timestamp(callback.preferred_at),
        "requested_at": timestamp(callback.requested_at),
    }
