"""Partner events: what happened to a partner's calls, written with the change itself. Read by polling, and sent as webhooks."""

from __future__ import annotations

import uuid

from django.db import models
from django.utils.translation import gettext_lazy as _

from contacts.choices import PartnerEventType
from contacts.models import Contact, Partner

TEST = "webhook.test"  # of no call: sent when somebody asks whether an endpoint works


class PartnerEventQuerySet(models.QuerySet["PartnerEvent"]):
    """Filters that read as adjectives."""

    def of_calls(self) -> PartnerEventQuerySet:
        """Those that happened, rather than to try an endpoint."""
        return self.exclude(type=TEST)


class PartnerEvent(models.Model):
    """One thing that happened. Its data says nothing of who the customer is."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    partner = models.ForeignKey(
        Partner,
        on_delete=models.CASCADE,
        db_index=False,  # partner_event_list
        related_name="events",
        verbose_name=_("partner"),
    )
    contact = models.ForeignKey(
        Contact,
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        related_name="partner_events",
        verbose_name=_("contact"),
    )
    type = models.CharField(_("type"), max_length=40)
    data = models.JSONField(_("data"))
    is_test = models.BooleanField(_("test"), default=False, db_default=False)
    created_at = models.DateTimeField(_("created at"), db_index=True)

    objects = PartnerEventQuerySet.as_manager()

    class Meta:
        verbose_name = _("partner event")
        verbose_name_plural = _("partner events")
        ordering = ["-created_at", "id"]
        indexes = [
            models.Index(fields=["partner", "-created_at", "id"], name="partner_event_list"),
            models.Index(
                fields=["partner", "-created_at", "id"],
                condition=models.Q(is_test=True),
                name="partner_event_test_list",
            ),
        ]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(type__in=[*PartnerEventType.values, TEST]),
                name="partner_event_type_known",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.type} {self.created_at:%Y-%m-%d %H:%M:%S}"
