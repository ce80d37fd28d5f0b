"""Hours overrides: days on which an entry point keeps other hours than its queue's, or none."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from contacts.models.entry_points import EntryPoint
from contacts.opening_hours import DayHours


class HoursOverride(models.Model):
    """The hours of one date at one entry point, by the clock of its queue's hours of operation."""

    entry_point = models.ForeignKey(
        EntryPoint,
        on_delete=models.CASCADE,
        related_name="hours_overrides",
        verbose_name=_("entry point"),
    )
    date = models.DateField(_("date"))
    opens_at = models.TimeField(
        _("opens at"), null=True, blank=True, help_text=_("Leave both empty: closed all day.")
    )
    closes_at = models.TimeField(
        _("closes at"),
        null=True,
        blank=True,
        help_text=_("If it is not later than when it opens, the next day's."),
    )
    reason = models.CharField(
        _("reason"),
        max_length=120,
        blank=True,
        help_text=_("Customers read it on a day that is closed, such as a holiday's name."),
    )

    class Meta:
        verbose_name = _("hours override")
        verbose_name_plural = _("hours overrides")
        ordering = ["date", "entry_point"]
        constraints = [
            models.UniqueConstraint(
                fields=["entry_point", "date"], name="hours_override_once_a_day"
            ),
            models.CheckConstraint(
                condition=Q(opens_at__isnull=True, closes_at__isnull=True)
                | Q(opens_at__isnull=False, closes_at__isnull=False),
                name="hours_override_opens_and_closes",
                violation_error_message=_(
                    "Give both times, or neither where it is closed all day."
                ),
            ),
        ]

    def __str__(self) -> str:
        kept = f"{self.opens_at:%H:%M}-{self.closes_at:%H:%M}" if self.opens_at else _("closed")
        return " · ".join(filter(None, [f"{self.date:%Y-%m-%d}", str(kept), self.reason]))

    @property
    def hours(self) -> DayHours:
        """What the day keeps to, as a value."""
        return DayHours(self.date, self.opens_at, self.closes_at, self.reason)
