"""Grants: which members of staff see the calls of which entry points."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from contacts.models.entry_points import EntryPoint


class EntryPointGrant(models.Model):
    """One member of staff who may see one entry point and its calls, as far as their permissions go."""

    entry_point = models.ForeignKey(
        EntryPoint,
        on_delete=models.CASCADE,
        related_name="grants",
        verbose_name=_("entry point"),
    )
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.CASCADE,
        related_name="entry_point_grants",
        verbose_name=_("member of staff"),
        limit_choices_to={"is_staff": True},
    )

    class Meta:
        verbose_name = _("member of staff")
        verbose_name_plural = _("staff who see its calls")
        ordering = ["entry_point", "user"]
        constraints = [
            models.UniqueConstraint(fields=["entry_point", "user"], name="grant_once"),
        ]

    def __str__(self) -> str:
        return f"{self.user} · {self.entry_point}"
