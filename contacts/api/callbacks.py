"""The REST endpoints of customers who would rather be called."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import Http404
from django.utils import timezone
from rest_framework import serializers, status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from drf_spectacular.utils import extend_schema

from contacts import customers, operations
from contacts.access import callback_of_partner
from contacts.api.callers import caller_of, open_to_partners, partner_of, refuse_test_keys
from contacts.api.own_contacts import UNSEEN
from contacts.api.paging import Filter, Listing, moments, page_of
from contacts.api.request_keys import IDEMPOTENCY_KEY, entry_point_of, keys_of
from contacts.api.serializers import (
    CallbackSerializer,
    ProblemSerializer,
    RequestCallbackSerializer,
)
from contacts.api.throttling import CallbackThrottle
from contacts.choices import CallbackState, Scope
from contacts.models import CallbackRequest
from contacts.snapshots import timestamp

CALLBACKS: Listing[CallbackRequest] = Listing(
    moment="requested_at",
    show=lambda callback: _shown(callback),
    filters={
        "state": Filter(serializers.ChoiceField(CallbackState.choices), "state"),
        "entry_point": Filter(serializers.SlugField(), "entry_point__slug"),
        **moments("requested_at", "requested_at"),
    },
)


@open_to_partners(partners_only=("GET",), GET=Scope.CALLBACKS_READ, POST=Scope.CALLBACKS_WRITE)
class CallbackListView(APIView):
    """Takes wishes to be called, and lists those of a partner."""

    def get_throttles(self) -> list[Any]:
        """Limit the making of them."""
        return [CallbackThrottle()] if self.request.method == "POST" else []

    @extend_schema(
        operation_id="list_callbacks",
        parameters=CALLBACKS.parameters(),
        responses={
            200: page_of("CallbackPage", CallbackSerializer),
            **dict.fromkeys((400, 401, 403), ProblemSerializer),
        },
    )
    def get(self, request: Request) -> Response:
        """Return the partner's callback requests, newest first."""
        refuse_test_keys(request)
        callbacks = CallbackRequest.objects.filter(partner=partner_of(request))
        return CALLBACKS.answer(request, callbacks.select_related("entry_point"))

    @extend_schema(
        operation_id="request_callback",
        request=RequestCallbackSerializer,
        parameters=[IDEMPOTENCY_KEY],
        responses={
            201: CallbackSerializer,
            **dict.fromkeys((400, 401, 403, 422, 429), ProblemSerializer),
        },
    )
    def post(self, request: Request) -> Response:
        """Ask to be called back; also while the entry point is closed."""
        refuse_test_keys(request)
        serializer = RequestCallbackSerializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        customer_key, idempotency_key = keys_of(request)
        caller = caller_of(request)
        taken = operations.request_callback(
            entry_point=entry_point_of(request, serializer.validated_data["entry_point"]),
            wish=serializer.to_wish(),
            customer_key=customer_key,
            idempotency_key=idempotency_key,
            at=timezone.now(),
            partner=caller.partner if caller else None,
        )
        response = Response(_shown(taken.callback), status.HTTP_201_CREATED, headers=dict(UNSEEN))
        if taken.replayed:
            response["Idempotent-Replayed"] = "true"
        if caller is None:
            customers.set_customer_key(response, customer_key)
        return response


@open_to_partners(partners_only=("GET",), GET=Scope.CALLBACKS_READ)
class CallbackView(APIView):
    """One wish to be called, for its partner."""

    @extend_schema(
        operation_id="read_callback",
        responses={
            200: CallbackSerializer,
            **dict.fromkeys((401, 403, 404), ProblemSerializer),
        },
    )
    def get(self, request: Request, callback_id: UUID) -> Response:
        """Return what has become of the request."""
        return Response(_shown(_own_callback(request, callback_id)), headers=dict(UNSEEN))


@open_to_partners(POST=Scope.CALLBACKS_WRITE)
class CancelCallbackView(APIView):
    """Takes a wish to be called back, for its owner."""

    @extend_schema(
        operation_id="cancel_callback",
        request=None,
        responses={200: CallbackSerializer, **dict.fromkeys((401, 403, 404), ProblemSerializer)},
    )
    def post(self, request: Request, callback_id: UUID) -> Response:
        """Cancel the request. Repeating it, or cancelling one that is done, changes nothing."""
        callback = _own_callback(request, callback_id)
        cancelled = operations.cancel_callback(callback=callback, at=timezone.now())
        return Response(_shown(cancelled), headers=dict(UNSEEN))


@open_to_partners(partners_only=("POST",), POST=Scope.CALLBACKS_WRITE)
class FinishCallbackView(APIView):
    """Notes that a partner's people have called, for the request's partner."""

    @extend_schema(
        operation_id="finish_callback",
        request=None,
        responses={200: CallbackSerializer, **dict.fromkeys((401, 403, 404), ProblemSerializer)},
    )
    def post(self, request: Request, callback_id: UUID) -> Response:
        """Note that the customer was called. Repeating it, or finishing what was cancelled, changes nothing."""
        callback = _own_callback(request, callback_id)
        operations.finish_callback(callback=callback, by_user_id=None, at=timezone.now())
        return Response(_shown(callback), headers=dict(UNSEEN))


def _own_callback(request: Request, callback_id: UUID) -> CallbackRequest:
    """Return the callback request if the request's customer made it, or it belongs to the request's partner.

    :raises TestKeyRefused: people who want to be called are no test.
    :raises Http404: it is not theirs, or there is none.
    """
    refuse_test_keys(request)
    caller = caller_of(request)
    callback = (
        operations.callback_of_customer(
            callback_id=callback_id, customer_key=customers.customer_key_of(request)
        )
        if caller is None
        else callback_of_partner(callback_id=callback_id, partner=caller.partner)
    )
    if callback is None:
        raise Http404
    return callback


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
