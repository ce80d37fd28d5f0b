"""Pauses endpoints, by wish or because nothing gets through, and goes on with them."""

from __future__ import annotations

from datetime import datetime

from django.utils.module_loading import import_string

from partners.models import DeliveryState, PausedBecause, WebhookDelivery, WebhookEndpoint

NOT_BY_WISH = (PausedBecause.GONE, PausedBecause.FAILING)


def pause(*, endpoint: WebhookEndpoint, because: PausedBecause, at: datetime) -> bool:
    """Send it nothing more, and write mails if nobody wished so. Returns whether it was enabled. Runs in the caller's transaction."""
    paused = WebhookEndpoint.objects.filter(pk=endpoint.pk, paused_at__isnull=True).update(
        paused_at=at, paused_because=because
    )
    if paused and because in NOT_BY_WISH:
        import_string("partners.tasks.tell_of_pause").enqueue(str(endpoint.pk))
    return bool(paused)


def resume(*, endpoint: WebhookEndpoint, at: datetime) -> bool:
    """Send to it again, first what still waits. Returns whether it was paused. Runs in the caller's transaction."""
    resumed = WebhookEndpoint.objects.filter(pk=endpoint.pk, paused_at__isnull=False).update(
        paused_at=None, paused_because="", failing_since=None, last_failed_at=None, last_failure=""
    )
    if resumed:
        waiting = WebhookDelivery.objects.filter(endpoint=endpoint, state=DeliveryState.PENDING)
        waiting.update(next_attempt_at=at, attempts_made=0)
    return bool(resumed)
