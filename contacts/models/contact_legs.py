"""Legs: the contacts that Amazon Connect makes when a call is transferred. They belong to the call that the customer began."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from contacts.models.contacts import Contact


class ContactLegQuerySet(models.QuerySet["ContactLeg"]):
    """Filters that read as adjectives."""

    def going_on(self) -> ContactLegQuerySet:
        """Those whose end was not told."""
        return self.filter(ended_at__isnull=True)


class ContactLeg(models.Model):
    """One contact of Amazon Connect's that a transferred call consists of; the first one only once it has ended."""

    contact = models.ForeignKey(
        Contact, on_delete=models.CASCADE, related_name="legs", verbose_name=_("contact")
    )
    connect_contact_id = models.CharField(_("Amazon Connect contact"), max_length=256, unique=True)
    agent_id = models.CharField(_("agent"), max_length=256, blank=True)
    began_at = models.DateTimeField(_("began at"))
    ended_at = models.DateTimeField(_("ended at"), null=True, blank=True)

    objects = ContactLegQuerySet.as_manager()

    class Meta:
        verbose_name = _("leg")
        verbose_name_plural = _("legs")
        ordering = ["began_at", "id"]
        constraints = [
            models.CheckConstraint(
                condition=~models.Q(connect_contact_id=""), name="leg_is_a_contact"
            ),
        ]

    def __str__(self) -> str:
        return self.connect_contact_id
