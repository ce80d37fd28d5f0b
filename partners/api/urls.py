"""Addresses of the REST API that only partners need, below /api/v1/."""

from __future__ import annotations

from django.urls import path

from partners.api import webhook_endpoints as webhooks
from partners.api.events import EventListView

ENDPOINT = "webhook-endpoints/<uuid:endpoint_id>/"
DELIVERY = f"{ENDPOINT}deliveries/<uuid:delivery_id>/"

urlpatterns = [
    path("events/", EventListView.as_view(), name="event-list"),
    path("webhook-endpoints/", webhooks.EndpointListView.as_view(), name="webhook-endpoint-list"),
    path(ENDPOINT, webhooks.EndpointView.as_view(), name="webhook-endpoint-detail"),
    path(f"{ENDPOINT}rotate/", webhooks.RotateSecretView.as_view(), name="webhook-rotate"),
    path(f"{ENDPOINT}test/", webhooks.TestEndpointView.as_view(), name="webhook-test"),
    path(
        f"{ENDPOINT}deliveries/", webhooks.DeliveryListView.as_view(), name="webhook-delivery-list"
    ),
    path(DELIVERY, webhooks.DeliveryView.as_view(), name="webhook-delivery-detail"),
    path(f"{DELIVERY}redeliver/", webhooks.RedeliverView.as_view(), name="webhook-redeliver"),
]
