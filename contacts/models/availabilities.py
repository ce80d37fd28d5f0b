"""Availabilities: what is known of each entry point's queue, kept by the workers for every process to show."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from contacts.models.entry_points import EntryPoint

NOTED_EVERY = timedelta(seconds=9)


class AvailabilityQuerySet(models.QuerySet["Availability"]):
    """Filters that read as adjectives."""

    def of_slugs(self, slugs: Iterable[str]) -> AvailabilityQuerySet:
        """Those of the entry points with these slugs, with their entry points."""
        return self.select_related("entry_point").filter(entry_point__slug__in=list(slugs))

    def note_watched(self, *, at: datetime) -> None:
        """Note that somebody looks at them, so that they are kept fresh; written every 10 seconds at most."""
        stale = Q(watched_at__isnull=True) | Q(watched_at__lte=at - NOTED_EVERY)
        self.select_related(None).filter(stale).update(watched_at=at)

    def watched(self, *, since: datetime) -> AvailabilityQuerySet:
        """Those that somebody has looked at since then."""
        return self.filter(watched_at__gt=since)

    def due_for_hours(self, *, asked_before: datetime) -> AvailabilityQuerySet:
        """Those whose hours should be asked for, the one asked for longest ago first."""
        due = Q(hours_asked_at__isnull=True) | Q(hours_asked_at__lte=asked_before)
        return self.filter(due).order_by(F("hours_asked_at").asc(nulls_first=True), "pk")

    def due_for_figures(self, *, asked_before: datetime) -> AvailabilityQuerySet:
        """Those whose queue's figures should be asked for, the one asked for longest ago first."""
        due = Q(figures_asked_at__isnull=True) | Q(figures_asked_at__lte=asked_before)
        return self.filter(due).order_by(F("figures_asked_at").asc(nulls_first=True), "pk")


class Availability(models.Model):
    """What Amazon Connect last told about an entry point's queue, and what browsers were last shown of it."""

    entry_point = models.OneToOneField(
        EntryPoint,
        on_delete=models.CASCADE,
        primary_key=True,
        related_name="availability",
        verbose_name=_("entry point"),
    )
    version = models.PositiveIntegerField(_("version"), default=1)
    shown = models.JSONField(_("shown"), default=dict, blank=True)
    watched_at = models.DateTimeField(null=True, blank=True, db_index=True)

    queue_id = models.CharField(_("queue"), max_length=256, blank=True)
    schedule = models.JSONField(_("opening hours"), null=True, blank=True)
    hours_asked_at = models.DateTimeField(null=True, blank=True, db_index=True)

    agents_online = models.PositiveIntegerField(_("agents online"), null=True, blank=True)
    agents_available = models.PositiveIntegerField(_("agents available"), null=True, blank=True)
    contacts_in_queue = models.PositiveIntegerField(_("contacts in queue"), null=True, blank=True)
    estimated_wait_s = models.PositiveIntegerField(_("estimated wait, s"), null=True, blank=True)
    figures_asked_at = models.DateTimeField(null=True, blank=True, db_index=True)
    figures_at = models.DateTimeField(_("figures of"), null=True, blank=True)

    objects = AvailabilityQuerySet.as_manager()

    class Meta:
        verbose_name = _("availability")
        verbose_name_plural = _("availabilities")
        constraints = [
            models.CheckConstraint(
                condition=Q(version__gte=1), name="availability_version_positive"
            ),
        ]

    def __str__(self) -> str:
        return str(self.entry_point)

    def show(self, shown: dict[str, Any]) -> bool:
        """Store what browsers are shown from now on, as the next version. Returns whether this call did."""
        mine = Availability.objects.filter(pk=self.pk, version=self.version)
        return mine.update(shown=shown, version=F("version") + 1) == 1
