"""Partners: companies whose programs start calls and follow them. Each sees its own contacts, and nobody else's."""

from __future__ import annotations

import uuid

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class Partner(models.Model):
    """A tenant. Its are the contacts it started, and all that began at an entry point which belongs to it."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    name = models.CharField(_("name"), max_length=120, unique=True)
    is_active = models.BooleanField(
        _("active"), default=True, help_text=_("Keys of a partner that is not are refused.")
    )
    entry_points = models.ManyToManyField(
        "contacts.EntryPoint",
        blank=True,
        related_name="guest_partners",
        verbose_name=_("shared entry points"),
        help_text=_("Where it may start calls besides its own entry points."),
    )
    created_at = models.DateTimeField(_("created at"), auto_now_add=True)

    class Meta:
        verbose_name = _("partner")
        verbose_name_plural = _("partners")
        ordering = ["name"]
        constraints = [
            models.CheckConstraint(condition=~Q(name=""), name="partner_has_name"),
        ]

    def __str__(self) -> str:
        return self.name
