"""What a webhook says, and how it is signed: Standard Webhooks, by its own library."""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import datetime

from standardwebhooks import Webhook

from contacts.snapshots import timestamp
from partners.models import PartnerEvent

API_VERSION = "1"


def shown(event: PartnerEvent) -> dict[str, object]:
    """Return an event as webhooks and the list of events show it."""
    return {
        "type": event.type,
        "id": str(event.pk),
        "created_at": timestamp(event.created_at),
        "api_version": API_VERSION,
        "livemode": not event.is_test,
        "data": event.data,
    }


def body_of(event: PartnerEvent) -> bytes:
    """Return the body of an event's webhook: the same for every attempt."""
    return json.dumps(shown(event), ensure_ascii=False, separators=(",", ":")).encode()


def signed_headers(
    event_id: str, body: bytes, secrets: Iterable[str], *, at: datetime
) -> dict[str, str]:
    """Return the headers of one attempt, with a signature by each secret."""
    text = body.decode()
    signatures = [Webhook(secret).sign(event_id, at, text) for secret in secrets]
    return {
        "webhook-id": event_id,
        "webhook-timestamp": str(int(at.timestamp())),
        "webhook-signature": " ".join(signatures),
    }
