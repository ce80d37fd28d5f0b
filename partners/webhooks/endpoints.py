"""What can be done with webhook endpoints and deliveries, by a partner's program or by staff."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from functools import partial
from typing import Any

from django.db.models import Q

from contacts.commits import commit
from contacts.errors import FieldProblem, InvalidCall
from contacts.models import Partner
from partners.errors import EndpointLimit, EndpointPaused
from partners.models import (
    DeliveryState,
    PartnerEvent,
    PausedBecause,
    WebhookDelivery,
    WebhookEndpoint,
)
from partners.models.partner_events import TEST
from partners.webhooks.destinations import Destination, DestinationRefused
from partners.webhooks.pausing import pause, resume
from partners.webhooks.recording import delivery_of

MOST = 10  # endpoints of one partner, and as many for tests
REPLAYED_AT_ONCE = 1000


def make_endpoint(*, partner: Partner, at: datetime, **fields: Any) -> tuple[WebhookEndpoint, str]:
    """Store an endpoint. Returns it with its secret, which cannot be read again.

    :raises InvalidCall: nothing is sent to such an address.
    :raises EndpointLimit: the partner has as many as it may have.
    """
    _check(fields)
    endpoint = WebhookEndpoint(partner=partner, created_at=at, **fields)
    secret = endpoint.renew_secret(at=at)

    def write() -> None:
        Partner.objects.select_for_update(no_key=True).get(pk=partner.pk)
        alike = WebhookEndpoint.objects.filter(partner=partner, is_test=endpoint.is_test)
        others = alike.exclude(pk=endpoint.pk)
        if others.count() >= MOST:
            raise EndpointLimit
        if not WebhookEndpoint.objects.filter(pk=endpoint.pk).exists():
            endpoint.save(force_insert=True)

    commit(write)
    return endpoint, secret


def change_endpoint(
    *,
    endpoint: WebhookEndpoint,
    changes: Mapping[str, Any],
    enabled: bool | None,
    at: datetime,
    because: PausedBecause = PausedBecause.PARTNER,
) -> WebhookEndpoint:
    """Change what is given, and pause or resume it. Refreshes and returns `endpoint`.

    :raises InvalidCall: nothing is sent to such an address.
    """
    _check(changes)

    def write() -> None:
        if changes:
            WebhookEndpoint.objects.filter(pk=endpoint.pk).update(**changes)
        if enabled is True:
            resume(endpoint=endpoint, at=at)
        elif enabled is False:
            pause(endpoint=endpoint, because=because, at=at)

    commit(write)
    endpoint.refresh_from_db()
    return endpoint


def rotate_secret(*, endpoint: WebhookEndpoint, at: datetime) -> str:
    """Give an endpoint a fresh secret, and return it. Events are signed with the one before as well, for a day."""

    def write() -> str:
        locked = WebhookEndpoint.objects.select_for_update(no_key=True).get(pk=endpoint.pk)
        secret = locked.renew_secret(at=at)
        locked.save(update_fields=["sealed_secrets"])
        return secret

    secret = commit(write)
    endpoint.refresh_from_db()
    return secret


def send_test(*, endpoint: WebhookEndpoint, at: datetime) -> WebhookDelivery:
    """Have an event without a meaning sent to one endpoint.

    :raises EndpointPaused: it is sent nothing.
    """
    if endpoint.paused_at is not None:
        raise EndpointPaused
    event = PartnerEvent(
        partner=endpoint.partner,
        type=TEST,
        is_test=endpoint.is_test,
        data={"contact": None, "endpoint": {"id": str(endpoint.pk)}},
        created_at=at,
    )
    delivery = delivery_of(event, endpoint, at=at)

    def write() -> None:
        event.save()
        delivery.save()

    commit(write)
    return delivery


def redeliver(*, delivery: WebhookDelivery, at: datetime) -> WebhookDelivery:
    """Send an event anew to its endpoint, whatever came of it before. Refreshes and returns `delivery`.

    :raises EndpointPaused: it is sent nothing.
    """
    if delivery.endpoint.paused_at is not None:
        raise EndpointPaused
    commit(partial(_send_anew, WebhookDelivery.objects.filter(pk=delivery.pk), at))
    delivery.refresh_from_db()
    return delivery


def replay(*, endpoint: WebhookEndpoint, since: datetime, at: datetime) -> int:
    """Send to an endpoint what it missed since a time: what was given up, and what happened while it was paused.

    At most a thousand events, the oldest first. Returns how many.

    :raises EndpointPaused: it is sent nothing.
    """
    if endpoint.paused_at is not None:
        raise EndpointPaused
    events = PartnerEvent.objects.of_calls().filter(
        partner=endpoint.partner_id, is_test=endpoint.is_test, created_at__gte=since
    )
    if endpoint.types:
        events = events.filter(type__in=endpoint.types)

    def write() -> int:
        known = WebhookDelivery.objects.filter(endpoint=endpoint)
        given_up = known.filter(event__in=events, state=DeliveryState.FAILED)
        ids = list(given_up.order_by("created_at").values_list("pk", flat=True)[:REPLAYED_AT_ONCE])
        _send_anew(WebhookDelivery.objects.filter(pk__in=ids), at)
        missed = events.exclude(Q(pk__in=known.values("event"))).order_by("created_at")
        fresh = WebhookDelivery.objects.bulk_create(
            delivery_of(event, endpoint, at=at) for event in missed[: REPLAYED_AT_ONCE - len(ids)]
        )
        return len(ids) + len(fresh)

    return commit(write)


def _send_anew(deliveries: Any, at: datetime) -> None:
    deliveries.update(
        state=DeliveryState.PENDING, next_attempt_at=at, attempts_made=0, finished_at=None
    )


def _check(fields: Mapping[str, Any]) -> None:
    if "url" not in fields:
        return
    try:
        Destination.of(fields["url"])
    except DestinationRefused as error:
        raise InvalidCall([FieldProblem("/url", "bad_address", str(error))]) from error
