"""Decides what is sent when: claims deliveries that are due, and keeps what came of each attempt.

A claim is a row's own lease: whoever holds it sends, and if they die it runs out and another attempt is made. So an event
arrives at least once, and no two workers make the same attempt.
"""

from __future__ import annotations

import logging
import random
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from uuid import UUID

from django.conf import settings

from contacts import metrics
from contacts.commits import commit
from contacts.sealing import UnableToUnseal
from partners.models import (
    DeliveryState,
    PausedBecause,
    WebhookAttempt,
    WebhookDelivery,
    WebhookEndpoint,
)
from partners.webhooks.pausing import pause
from partners.webhooks.posting import Answer
from partners.webhooks.signing import body_of, signed_headers

logger = logging.getLogger(__name__)

# Before each attempt, counted from the one before it.
SCHEDULE = (
    timedelta(0),
    timedelta(seconds=10),
    timedelta(minutes=1),
    timedelta(minutes=5),
    timedelta(minutes=30),
    timedelta(hours=2),
    timedelta(hours=8),
    timedelta(hours=24),
)
JITTER = 0.1  # at most, of each pause: what failed together is not tried together
AT_ONCE = 4  # attempts of one worker with one endpoint
AT_ONCE_WHILE_FAILING = 1
PAUSED_AFTER = timedelta(days=3)
# Without an attempt for so long, failures do not belong together: the longest pause, and some more.
APART = timedelta(hours=30)
CLAIMED_BEYOND = timedelta(
    seconds=45
)  # the deadline of an attempt: a worker that goes on is sure to have told
NOTED_EVERY = timedelta(minutes=1)
GONE = 410


@dataclass(frozen=True, slots=True)
class Parcel:
    """One attempt that is to be made now, by whoever claimed it."""

    delivery_id: UUID
    endpoint_id: UUID
    url: str
    headers: Mapping[str, str]
    body: bytes
    began_at: datetime
    claimed_until: datetime


def claim(*, at: datetime, most: int, at_work: Mapping[UUID, int]) -> list[Parcel]:
    """Claim at most `most` deliveries that are due, of each endpoint as many as it may have at once besides those `at_work`."""
    if most <= 0:
        return []
    endpoints = list(WebhookEndpoint.objects.due(at=at).order_by("?")[:most])
    room = {one.pk: _room(one) - at_work.get(one.pk, 0) for one in endpoints}
    endpoints = [one for one in endpoints if room[one.pk] > 0]
    if not endpoints:
        return []
    return commit(partial(_write_claims, endpoints, room, most, at))


def _write_claims(
    endpoints: list[WebhookEndpoint], room: Mapping[UUID, int], most: int, at: datetime
) -> list[Parcel]:
    until = at + timedelta(seconds=settings.WEBHOOK_TIMEOUT_S) + CLAIMED_BEYOND
    parcels: list[Parcel] = []
    for endpoint in endpoints:
        wanted = min(room[endpoint.pk], most - len(parcels))
        due = WebhookDelivery.objects.due(at=at).filter(endpoint=endpoint)
        rows = due.select_for_update(skip_locked=True, of=("self",)).select_related("event")
        for row in rows.order_by("next_attempt_at", "pk")[: max(wanted, 0)]:
            WebhookDelivery.objects.filter(pk=row.pk).update(claimed_until=until)
            parcels.append(_parcel(row, endpoint, at=at, until=until))
    return parcels


def _parcel(
    delivery: WebhookDelivery, endpoint: WebhookEndpoint, *, at: datetime, until: datetime
) -> Parcel:
    body = body_of(delivery.event)
    try:
        secrets = endpoint.secrets_at(at)
    except UnableToUnseal:
        secrets = []  # the courier says so
    return Parcel(
        delivery_id=delivery.pk,
        endpoint_id=endpoint.pk,
        url=endpoint.url,
        headers=signed_headers(str(delivery.event_id), body, secrets, at=at) if secrets else {},
        body=body,
        began_at=at,
        claimed_until=until,
    )


def keep(*, parcel: Parcel, answer: Answer, at: datetime) -> None:
    """Keep what came of an attempt, and decide whether and when there is another.

    A success counts whoever claims the delivery by now; a failure only for whoever still does.
    """
    commit(partial(_write, parcel, answer, at))
    outcome = (
        "delivered" if answer.is_success else "failed" if answer.status is None else "refused"
    )
    metrics.WEBHOOK_ATTEMPTS.labels(outcome).inc()
    metrics.WEBHOOK_ATTEMPT_S.observe(answer.latency_ms / 1000)


def _write(parcel: Parcel, answer: Answer, at: datetime) -> None:
    delivery = (
        WebhookDelivery.objects.select_for_update(of=("self",))
        .filter(pk=parcel.delivery_id)
        .first()
    )
    if delivery is None:  # its endpoint was deleted meanwhile
        return
    WebhookAttempt.objects.get_or_create(
        delivery=delivery,
        began_at=parcel.began_at,
        defaults={
            "url": parcel.url,
            "latency_ms": answer.latency_ms,
            "status": answer.status,
            "error": answer.error,
            "response_excerpt": answer.excerpt,
        },
    )
    endpoint = WebhookEndpoint.objects.get(pk=parcel.endpoint_id)
    if answer.is_success:
        if delivery.state == DeliveryState.PENDING:
            _finish(delivery, DeliveryState.DELIVERED, at=at)
        _note_success(endpoint, at=at)
    elif delivery.claimed_until == parcel.claimed_until:
        _put_off(delivery, answer, at=at)
        _note_failure(endpoint, answer, at=at)


def _put_off(delivery: WebhookDelivery, answer: Answer, *, at: datetime) -> None:
    """Plan the next attempt, not before the receiver wants it, or give up."""
    delivery.attempts_made += 1
    if answer.status == GONE or delivery.attempts_made >= len(SCHEDULE):
        _finish(delivery, DeliveryState.FAILED, at=at)
        return
    pause_length = max(SCHEDULE[delivery.attempts_made], answer.wait_asked_for(now=at))
    delivery.next_attempt_at = at + pause_length * (1 + random.uniform(0, JITTER))  # noqa: S311
    delivery.claimed_until = None
    delivery.save(update_fields=["attempts_made", "next_attempt_at", "claimed_until"])


def _finish(delivery: WebhookDelivery, state: DeliveryState, *, at: datetime) -> None:
    if state == DeliveryState.DELIVERED:
        delivery.attempts_made += 1
    delivery.state, delivery.finished_at = state, at
    delivery.next_attempt_at = delivery.claimed_until = None
    delivery.save()


def _note_success(endpoint: WebhookEndpoint, *, at: datetime) -> None:
    known = endpoint.last_delivered_at
    if endpoint.failing_since is not None or known is None or known <= at - NOTED_EVERY:
        WebhookEndpoint.objects.filter(pk=endpoint.pk).update(
            failing_since=None, last_delivered_at=at
        )


def _note_failure(endpoint: WebhookEndpoint, answer: Answer, *, at: datetime) -> None:
    since, last = endpoint.failing_since, endpoint.last_failed_at
    if since is None or last is None or last <= at - APART:
        since = at
    WebhookEndpoint.objects.filter(pk=endpoint.pk).update(
        failing_since=since,
        last_failed_at=at,
        last_failure=answer.error or f"status {answer.status}",
    )
    logger.info(
        "webhook_failed",
        extra={"endpoint": str(endpoint.pk), "status": answer.status, "cause": answer.error},
    )
    if answer.status == GONE:
        pause(endpoint=endpoint, because=PausedBecause.GONE, at=at)
    elif since <= at - PAUSED_AFTER:
        pause(endpoint=endpoint, because=PausedBecause.FAILING, at=at)


def _room(endpoint: WebhookEndpoint) -> int:
    return AT_ONCE if endpoint.failing_since is None else AT_ONCE_WHILE_FAILING
