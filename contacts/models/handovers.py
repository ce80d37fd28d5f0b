"""Handovers: the links by which a customer takes their own call over to another of their devices."""

from __future__ import annotations

from datetime import datetime

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from contacts.models.contacts import Contact


class HandoverQuerySet(models.QuerySet["Handover"]):
    """Filters that read as adjectives."""

    def open(self, *, at: datetime) -> HandoverQuerySet:
        """Those whose link still works."""
        return self.filter(taken_at=None, expires_at__gt=at)


class Handover(models.Model):
    """One link, good once and for a short while; afterwards, the device that used it is the customer's as well."""

    contact = models.ForeignKey(
        Contact, on_delete=models.CASCADE, related_name="handovers", verbose_name=_("contact")
    )
    token_hash = models.CharField(max_length=64, unique=True, editable=False)
    made_at = models.DateTimeField(_("made at"))
    expires_at = models.DateTimeField(_("expires at"))
    taken_at = models.DateTimeField(_("taken at"), null=True, blank=True)
    key_hash = models.CharField(max_length=64, blank=True, db_index=True, editable=False)

    objects = HandoverQuerySet.as_manager()

    class Meta:
        verbose_name = _("handover")
        verbose_name_plural = _("handovers")
        constraints = [
            models.CheckConstraint(
                condition=Q(taken_at__isnull=False) | Q(key_hash=""),
                name="handover_key_only_once_taken",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.contact_id} {self.made_at:%H:%M:%S}"
