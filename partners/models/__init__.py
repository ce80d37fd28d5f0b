"""The stored record of what partners may do and have done, and of what they are told."""

from __future__ import annotations

from partners.models.api_keys import ApiKey
from partners.models.idempotency_records import IdempotencyRecord
from partners.models.partner_events import PartnerEvent
from partners.models.webhook_deliveries import DeliveryState, WebhookAttempt, WebhookDelivery
from partners.models.webhook_endpoints import PausedBecause, WebhookEndpoint

__all__ = [
    "ApiKey",
    "DeliveryState",
    "IdempotencyRecord",
    "PartnerEvent",
    "PausedBecause",
    "WebhookAttempt",
    "WebhookDelivery",
    "WebhookEndpoint",
]
