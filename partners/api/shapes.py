"""Shapes of webhook endpoints, deliveries and events in requests and answers."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from contacts.api.serializers import TextField
from contacts.choices import PartnerEventType
from contacts.limits import is_storable
from contacts.snapshots import timestamp
from partners.models import DeliveryState, PausedBecause, WebhookDelivery, WebhookEndpoint
from partners.models.partner_events import TEST
from partners.models.webhook_endpoints import URL_MAX_CHARACTERS
from partners.webhooks.signing import API_VERSION, body_of

TYPES = [(one, one) for one in (*PartnerEventType.values, TEST)]


class EndpointChangeSerializer(serializers.Serializer[Any]):
    """What of an endpoint a partner sets."""

    url = TextField(help_text="Begins with https://, and is of no private network.")
    description = serializers.CharField(required=False, allow_blank=True, max_length=200)
    types = serializers.ListField(
        child=serializers.ChoiceField(PartnerEventType.choices),
        required=False,
        max_length=len(PartnerEventType.values),
        help_text="Of the events it is told of; empty: all of them.",
    )
    contact_email = serializers.EmailField(
        required=False, allow_blank=True, help_text="Who is told when it is paused."
    )

    def to_internal_value(self, data: Any) -> dict[str, Any]:
        """Return the fields; one that is not known is refused, never ignored."""
        unknown = sorted(set(data) - set(self.fields)) if isinstance(data, dict) else []
        if unknown:
            raise serializers.ValidationError(
                {name[:100]: ["There is no such field."] for name in unknown[:50]}
            )
        return dict(super().to_internal_value(data))

    def validate_url(self, url: str) -> str:
        """Refuse what no database takes; what is no address is the domain's to say."""
        if not is_storable(url):
            raise serializers.ValidationError("This is no address.")
        return url


class EndpointPatchSerializer(EndpointChangeSerializer):
    """What of an endpoint a partner changes."""

    enabled = serializers.BooleanField(
        required=False, help_text="False pauses it, true resumes it."
    )


class EndpointSerializer(serializers.Serializer[Any]):
    """A webhook endpoint."""

    id = serializers.UUIDField()
    livemode = serializers.BooleanField(
        required=False,
        help_text="False if a test key made it: it is told of what test keys start, and of nothing else.",
    )
    url = serializers.CharField(max_length=URL_MAX_CHARACTERS)
    description = serializers.CharField(allow_blank=True)
    types = serializers.ListField(child=serializers.ChoiceField(PartnerEventType.choices))
    contact_email = serializers.CharField(allow_blank=True)
    enabled = serializers.BooleanField()
    paused_because = serializers.ChoiceField(PausedBecause.choices, allow_null=True)
    paused_at = serializers.DateTimeField(allow_null=True)
    failing_since = serializers.DateTimeField(
        allow_null=True, help_text="Since when nothing has got through."
    )
    last_failure = serializers.CharField(allow_null=True)
    last_failed_at = serializers.DateTimeField(allow_null=True)
    last_delivered_at = serializers.DateTimeField(allow_null=True, help_text="Exact to a minute.")
    created_at = serializers.DateTimeField()


class EndpointWithSecretSerializer(EndpointSerializer):
    """A webhook endpoint with its newest secret, which is told in this answer alone."""

    secret = serializers.CharField()


class AttemptSerializer(serializers.Serializer[Any]):
    """One attempt to deliver an event."""

    url = serializers.CharField()
    began_at = serializers.DateTimeField()
    latency_ms = serializers.IntegerField()
    status = serializers.IntegerField(allow_null=True)
    error = serializers.CharField(
        allow_null=True, help_text="Why there is no status, or why it does not count."
    )
    response = serializers.CharField(
        allow_blank=True, help_text="The beginning of the answer's body."
    )


class DeliverySerializer(serializers.Serializer[Any]):
    """An event on its way to an endpoint, and what came of it."""

    id = serializers.UUIDField()
    event_id = serializers.UUIDField()
    type = serializers.ChoiceField(TYPES)
    state = serializers.ChoiceField(DeliveryState.choices)
    attempts_made = serializers.IntegerField()
    next_attempt_at = serializers.DateTimeField(allow_null=True)
    created_at = serializers.DateTimeField()
    finished_at = serializers.DateTimeField(allow_null=True)


class DeliveryLogSerializer(DeliverySerializer):
    """A delivery with what is sent, and all attempts."""

    request_body = serializers.CharField()
    attempts = AttemptSerializer(many=True)


class EventSerializer(serializers.Serializer[Any]):
    """An event, as webhooks bring it. `data.contact.seq` orders those of one contact."""

    type = serializers.ChoiceField(PartnerEventType.choices)
    id = serializers.UUIDField(help_text="The webhook's `webhook-id`.")
    created_at = serializers.DateTimeField()
    api_version = serializers.ChoiceField([API_VERSION])
    livemode = serializers.BooleanField(required=False, help_text="False of tests.")
    data = serializers.DictField()  # type: ignore[assignment]


def endpoint_shown(endpoint: WebhookEndpoint, secret: str | None = None) -> dict[str, Any]:
    """Return an endpoint as its partner sees it."""
    shown = {
        "id": str(endpoint.pk),
        "livemode": not endpoint.is_test,
        "url": endpoint.url,
        "description": endpoint.description,
        "types": endpoint.types,
        "contact_email": endpoint.contact_email,
        "enabled": endpoint.paused_at is None,
        "paused_because": endpoint.paused_because or None,
        "paused_at": timestamp(endpoint.paused_at),
        "failing_since": timestamp(endpoint.failing_since),
        "last_failure": endpoint.last_failure or None,
        "last_failed_at": timestamp(endpoint.last_failed_at),
        "last_delivered_at": timestamp(endpoint.last_delivered_at),
        "created_at": timestamp(endpoint.created_at),
    }
    return shown if secret is None else {**shown, "secret": secret}


def delivery_shown(delivery: WebhookDelivery) -> dict[str, Any]:
    """Return a delivery as it is listed."""
    return {
        "id": str(delivery.pk),
        "event_id": str(delivery.event_id),
        "type": delivery.event.type,
        "state": delivery.state,
        "attempts_made": delivery.attempts_made,
        "next_attempt_at": timestamp(delivery.next_attempt_at),
        "created_at": timestamp(delivery.created_at),
        "finished_at": timestamp(delivery.finished_at),
    }


def delivery_log_shown(delivery: WebhookDelivery) -> dict[str, Any]:
    """Return a delivery with all that was sent and heard."""
    return {
        **delivery_shown(delivery),
        "request_body": body_of(delivery.event).decode(),
        "attempts": [
            {
                "url": one.url,
                "began_at": timestamp(one.began_at),
                "latency_ms": one.latency_ms,
                "status": one.status,
                "error": one.error or None,
                "response": one.response_excerpt,
            }
            for one in delivery.attempts.all()
        ],
    }
