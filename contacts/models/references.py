"""References: the links, numbers, texts and dates that the agent sees with a call."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from contacts.choices import ReferenceType
from contacts.limits import REFERENCE_KEY_MAX_CHARACTERS
from contacts.models.contacts import Contact


class Reference(models.Model):
    """One reference of a contact, as Amazon Connect was given it."""

    contact = models.ForeignKey(
        Contact, on_delete=models.CASCADE, related_name="references", verbose_name=_("contact")
    )
    key = models.CharField(_("key"), max_length=REFERENCE_KEY_MAX_CHARACTERS)
    type = models.CharField(_("type"), max_length=16, choices=ReferenceType)
    value = models.CharField(_("value"), max_length=4096, blank=True)

    class Meta:
        verbose_name = _("reference")
        verbose_name_plural = _("references")
        ordering = ["key"]
        constraints = [
            models.UniqueConstraint(
                fields=["contact", "key"], name="reference_key_unique_in_contact"
            ),
            models.CheckConstraint(condition=~models.Q(key=""), name="reference_has_key"),
            models.CheckConstraint(
                condition=models.Q(type__in=ReferenceType.values), name="reference_type_known"
            ),
        ]

    def __str__(self) -> str:
        return self.key
