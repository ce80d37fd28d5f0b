"""Webhook deliveries: one event on its way to one endpoint, and every attempt to bring it there."""

from __future__ import annotations

import uuid
from datetime import datetime

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from partners.models.partner_events import PartnerEvent
from partners.models.webhook_endpoints import URL_MAX_CHARACTERS, WebhookEndpoint

EXCERPT_MAX_CHARACTERS = 1024


class DeliveryState(models.TextChoices):
    """How far a delivery has come."""

    PENDING = "pending", _("To be sent")
    DELIVERED = "delivered", _("Delivered")
    FAILED = "failed", _("Given up")


class WebhookDeliveryQuerySet(models.QuerySet["WebhookDelivery"]):
    """Filters that read as adjectives."""

    def due(self, *, at: datetime) -> WebhookDeliveryQuerySet:
        """Those that are to be sent now, and that no worker is sending."""
        unclaimed = Q(claimed_until__isnull=True) | Q(claimed_until__lte=at)
        return self.filter(unclaimed, state=DeliveryState.PENDING, next_attempt_at__lte=at)


class WebhookDelivery(models.Model):
    """An event that an endpoint is to be told of."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    endpoint = models.ForeignKey(
        WebhookEndpoint,
        on_delete=models.CASCADE,
        db_index=False,  # webhook_delivery_list
        related_name="deliveries",
        verbose_name=_("endpoint"),
    )
    event = models.ForeignKey(
        PartnerEvent,
        on_delete=models.CASCADE,
        related_name="deliveries",
        verbose_name=_("event"),
    )
    state = models.CharField(
        _("state"), max_length=10, choices=DeliveryState, default=DeliveryState.PENDING
    )
    attempts_made = models.PositiveSmallIntegerField(
        _("attempts"), default=0, help_text=_("Since it was last to be sent anew.")
    )
    next_attempt_at = models.DateTimeField(_("next attempt"), null=True, blank=True)
    claimed_until = models.DateTimeField(null=True, blank=True, editable=False)
    created_at = models.DateTimeField(_("created at"))
    finished_at = models.DateTimeField(_("finished at"), null=True, blank=True)

    objects = WebhookDeliveryQuerySet.as_manager()

    class Meta:
        verbose_name = _("webhook delivery")
        verbose_name_plural = _("webhook deliveries")
        ordering = ["-created_at", "id"]
        indexes = [
            models.Index(fields=["endpoint", "-created_at", "id"], name="webhook_delivery_list"),
            models.Index(
                fields=["endpoint", "next_attempt_at"],
                condition=Q(state=DeliveryState.PENDING),
                name="webhook_delivery_due",
            ),
            models.Index(
                fields=["finished_at"],
                condition=Q(state=DeliveryState.FAILED),
                name="webhook_delivery_failed",
            ),
        ]
        constraints = [
            models.UniqueConstraint(fields=["endpoint", "event"], name="webhook_delivery_once"),
            models.CheckConstraint(
                condition=Q(state__in=DeliveryState.values), name="webhook_delivery_state_known"
            ),
            models.CheckConstraint(
                condition=Q(
                    state=DeliveryState.PENDING,
                    next_attempt_at__isnull=False,
                    finished_at__isnull=True,
                )
                | (
                    ~Q(state=DeliveryState.PENDING)
                    & Q(next_attempt_at__isnull=True, finished_at__isnull=False)
                ),
                name="webhook_delivery_waits_or_is_over",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.event.type} → {self.endpoint.url}"


class WebhookAttempt(models.Model):
    """One attempt: where to, what came back, and how long that took. Never a secret or a signature."""

    delivery = models.ForeignKey(
        WebhookDelivery,
        on_delete=models.CASCADE,
        related_name="attempts",
        verbose_name=_("delivery"),
    )
    url = models.CharField(_("address"), max_length=URL_MAX_CHARACTERS)
    began_at = models.DateTimeField(_("began at"))
    latency_ms = models.PositiveIntegerField(_("latency, ms"))
    status = models.PositiveSmallIntegerField(_("status"), null=True, blank=True)
    error = models.CharField(_("error"), max_length=200, blank=True)
    response_excerpt = models.CharField(
        _("response"), max_length=EXCERPT_MAX_CHARACTERS, blank=True
    )

    class Meta:
        verbose_name = _("webhook attempt")
        verbose_name_plural = _("webhook attempts")
        ordering = ["began_at", "id"]

    def __str__(self) -> str:
        return f"{self.began_at:%Y-%m-%d %H:%M:%S} {self.status or self.error}"
