"""Webhook endpoints: where a partner wants to be told of events, and how well that goes."""

from __future__ import annotations

import base64
import secrets
import uuid
from datetime import datetime, timedelta
from typing import Any

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext_lazy as _

from contacts.choices import PartnerEventType
from contacts.models import Partner
from contacts.sealing import seal, unseal

SECRET_BYTES = 32
OLD_SECRET_LIVES = timedelta(hours=24)  # beside its successor
URL_MAX_CHARACTERS = 2048


def validate_types(value: object) -> None:
    """Refuse what is no list of types of events.

    :raises ValidationError: naming those there are.
    """
    if not isinstance(value, list) or not set(map(str, value)) <= set(PartnerEventType.values):
        raise ValidationError(
            _("Give a list of types: %(types)s."),
            params={"types": ", ".join(PartnerEventType.values)},
        )


class PausedBecause(models.TextChoices):
    """Why an endpoint is sent nothing."""

    PARTNER = "partner", _("The partner paused it")
    STAFF = "staff", _("Staff paused it")
    GONE = "gone", _("It answered 410 Gone")
    FAILING = "failing", _("It failed for three days")


class WebhookEndpointQuerySet(models.QuerySet["WebhookEndpoint"]):
    """Filters that read as adjectives."""

    def enabled(self) -> WebhookEndpointQuerySet:
        """Those that are sent events."""
        return self.filter(paused_at__isnull=True, partner__is_active=True)

    def due(self, *, at: datetime) -> WebhookEndpointQuerySet:
        """Those for which there is something to send now."""
        from partners.models.webhook_deliveries import WebhookDelivery

        waiting = WebhookDelivery.objects.due(at=at).filter(endpoint=OuterRef("pk"))
        return self.enabled().filter(Exists(waiting))


class WebhookEndpoint(models.Model):
    """One address of a partner's."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    partner = models.ForeignKey(
        Partner,
        on_delete=models.CASCADE,
        related_name="webhook_endpoints",
        verbose_name=_("partner"),
    )
    is_test = models.BooleanField(
        _("test"),
        default=False,
        db_default=False,
        help_text=_("Told of calls that test keys start, and of no others."),
    )
    url = models.CharField(_("address"), max_length=URL_MAX_CHARACTERS)
    description = models.CharField(_("description"), max_length=200, blank=True)
    types = models.JSONField(
        _("types of events"),
        default=list,
        blank=True,
        validators=[validate_types],
        help_text=_("Empty: all of them."),
    )
    contact_email = models.EmailField(
        _("mail to"), blank=True, help_text=_("Who is told when it is paused because it fails.")
    )
    sealed_secrets = models.TextField(editable=False)  # newest first: see `secrets_at`
    paused_at = models.DateTimeField(_("paused at"), null=True, blank=True, editable=False)
    paused_because = models.CharField(
        _("paused because"), max_length=10, choices=PausedBecause, blank=True, editable=False
    )
    # Since when nothing has got through, however often it was tried.
    failing_since = models.DateTimeField(_("failing since"), null=True, blank=True, editable=False)
    last_failed_at = models.DateTimeField(_("last failed"), null=True, blank=True, editable=False)
    last_failure = models.CharField(_("last failure"), max_length=200, blank=True, editable=False)
    last_delivered_at = models.DateTimeField(
        _("last delivered"), null=True, blank=True, editable=False
    )
    created_at = models.DateTimeField(_("created at"))

    made_secret = ""  # on the instance that made it only, to be shown once

    objects = WebhookEndpointQuerySet.as_manager()

    class Meta:
        verbose_name = _("webhook endpoint")
        verbose_name_plural = _("webhook endpoints")
        ordering = ["-created_at", "id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(paused_because__in=["", *PausedBecause.values]),
                name="webhook_endpoint_pause_known",
            ),
            models.CheckConstraint(
                condition=Q(paused_at__isnull=True, paused_because="")
                | (Q(paused_at__isnull=False) & ~Q(paused_because="")),
                name="webhook_endpoint_pause_whole",
            ),
            models.CheckConstraint(
                condition=~Q(url="") & ~Q(sealed_secrets=""), name="webhook_endpoint_whole"
            ),
        ]

    def __str__(self) -> str:
        return self.url

    def wants(self, kind: str) -> bool:
        """Whether it is to be told of events of a type."""
        return not self.types or kind in self.types

    def renew_secret(self, *, at: datetime) -> str:
        """Give it a fresh secret, and return that; the one before works for a while longer. The caller saves it."""
        fresh = "whsec_" + base64.b64encode(secrets.token_bytes(SECRET_BYTES)).decode()
        kept: list[dict[str, Any]] = [{"secret": fresh, "until": None}]
        if self.sealed_secrets:
            before = self.secrets_at(at)[0]
            kept.append({"secret": before, "until": (at + OLD_SECRET_LIVES).isoformat()})
        self.sealed_secrets = seal(kept)
        return fresh

    def secrets_at(self, at: datetime) -> list[str]:
        """Return the secrets that events are signed with at a time: one, or two while one replaces the other.

        :raises UnableToUnseal: the key they were sealed with is gone.
        """
        kept = unseal(self.sealed_secrets)
        return [
            one["secret"]
            for one in kept
            if one["until"] is None or datetime.fromisoformat(one["until"]) > at
        ]
