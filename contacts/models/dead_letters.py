"""Dead letters: what came as a contact event and could not be taken for one, until somebody has looked at it."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from contacts.choices import EventRoute


class DeadLetter(models.Model):
    """One body that was refused, stored once however often it came."""

    body_hash = models.CharField(max_length=64, unique=True, editable=False)
    # Sealed by contacts.sealing, as nobody knows what it holds; empty if it was too large to keep.
    sealed_body = models.TextField(blank=True, editable=False)
    size = models.PositiveIntegerField(_("size in bytes"))
    route = models.CharField(_("came by"), max_length=16, choices=EventRoute)
    reason = models.CharField(_("reason"), max_length=1000)
    times = models.PositiveIntegerField(_("times"), default=1)
    first_received_at = models.DateTimeField(_("first received at"))
    last_received_at = models.DateTimeField(_("last received at"), db_index=True)
    redriven_at = models.DateTimeField(_("last redriven at"), null=True, blank=True)

    class Meta:
        verbose_name = _("dead letter")
        verbose_name_plural = _("dead letters")
        ordering = ["-last_received_at", "-id"]
        permissions = [("redrive_deadletter", _("Can redrive a dead letter"))]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(route__in=EventRoute.values), name="dead_letter_route_known"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.reason[:60]} {self.last_received_at:%Y-%m-%d %H:%M:%S}"
