"""Reminders: addresses to be told when an entry point opens next. A row is there until its mail is sent, and no longer."""

from __future__ import annotations

import uuid
from datetime import datetime

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from contacts.models.entry_points import EntryPoint

EMAIL_MAX_CHARACTERS = 254  # RFC 5321


class ReminderQuerySet(models.QuerySet["Reminder"]):
    """Filters that read as adjectives."""

    def due(self, *, at: datetime) -> ReminderQuerySet:
        """Those whose entry point was to be open by now, and that no worker is at."""
        return self.filter(opens_at__lte=at).filter(
            Q(claimed_until=None) | Q(claimed_until__lte=at)
        )


class Reminder(models.Model):
    """One person's wish to be told once that one can call."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    entry_point = models.ForeignKey(
        EntryPoint,
        on_delete=models.CASCADE,
        related_name="reminders",
        verbose_name=_("entry point"),
    )
    email = models.EmailField(_("e-mail address"), max_length=EMAIL_MAX_CHARACTERS)
    locale = models.CharField(_("locale"), max_length=35, blank=True)
    page = models.URLField(
        _("page"), max_length=500, help_text=_("Where one calls, for the mail to link to.")
    )
    opens_at = models.DateTimeField(_("opens at"), db_index=True)
    requested_at = models.DateTimeField(_("requested at"))
    claimed_until = models.DateTimeField(null=True, blank=True, editable=False)

    objects = ReminderQuerySet.as_manager()

    class Meta:
        verbose_name = _("reminder")
        verbose_name_plural = _("reminders")
        ordering = ["opens_at", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["entry_point", "email"], name="reminder_once_per_address"
            ),
        ]

    def __str__(self) -> str:
        return str(self.pk)
