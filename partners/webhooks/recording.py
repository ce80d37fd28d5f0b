"""Keeps what is announced as events, with a delivery for each endpoint that wants it, in the transaction of the change itself."""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db.models import Model, QuerySet

from contacts.announcements import Announcement
from partners.models import IdempotencyRecord, PartnerEvent, WebhookAttempt, WebhookDelivery
from partners.models.webhook_endpoints import WebhookEndpoint


def record(*, announcements: Sequence[Announcement], **_: Any) -> None:
    """Write events and deliveries. Receives `contacts.announcements.announced`."""
    events = PartnerEvent.objects.bulk_create(
        PartnerEvent(
            id=uuid.uuid4(),
            partner_id=one.partner_id,
            contact_id=one.contact_id,
            type=one.type,
            is_test=one.is_test,
            data=dict(one.data),
            created_at=one.at,
        )
        for one in announcements
    )
    endpoints: dict[UUID, list[WebhookEndpoint]] = defaultdict(list)
    partners = {event.partner_id for event in events}
    for endpoint in WebhookEndpoint.objects.enabled().filter(partner__in=partners):
        endpoints[endpoint.partner_id].append(endpoint)
    if endpoints:
        WebhookDelivery.objects.bulk_create(
            delivery_of(event, endpoint, at=event.created_at)
            for event in events
            for endpoint in endpoints[event.partner_id]
            if endpoint.is_test == event.is_test and endpoint.wants(event.type)
        )


def delivery_of(
    event: PartnerEvent, endpoint: WebhookEndpoint, *, at: datetime
) -> WebhookDelivery:
    """Return a delivery of an event to an endpoint, due at a time, to be stored by the caller."""
    return WebhookDelivery(endpoint=endpoint, event=event, next_attempt_at=at, created_at=at)


def forget(*, contact_ids: Iterable[UUID], **_: Any) -> None:
    """Forget what others said of erased contacts, or were answered about them. Receives `contacts.announcements.erased`.

    Events themselves say nothing of who the customer was.
    """
    attempts = WebhookAttempt.objects.filter(delivery__event__contact__in=contact_ids)
    attempts.update(response_excerpt="")
    IdempotencyRecord.objects.filter(contact_id__in=contact_ids).delete()


def too_old(at: datetime) -> QuerySet[Model]:
    """Return the events that nobody can ask for any more; their deliveries go with them."""
    since = at - timedelta(days=settings.PARTNER_EVENTS_DAYS)
    return PartnerEvent.objects.filter(created_at__lte=since).order_by("created_at")
