"""What the admin's first page shows of webhooks."""

from __future__ import annotations

from datetime import datetime

from contacts.access import AnyUser, entry_points_of_staff
from contacts.admin.figures import show_also
from partners.models import DeliveryState, WebhookDelivery


def webhooks_failed(user: AnyUser, since: datetime) -> int:
    """Return how many deliveries about calls of the entry points granted were given up since then."""
    failed = WebhookDelivery.objects.filter(state=DeliveryState.FAILED, finished_at__gte=since)
    granted = entry_points_of_staff(user)
    return failed.filter(event__contact__entry_point__in=granted).count()


show_also("webhooks_failed", webhooks_failed)
