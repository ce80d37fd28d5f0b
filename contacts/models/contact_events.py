"""Contact events: the append-only record of everything reported about contacts, and the inbox that makes it count once."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from contacts.choices import ContactState, EventSource
from contacts.models.contacts import Contact


class ContactEventQuerySet(models.QuerySet["ContactEvent"]):
    """Filters that read as adjectives."""

    def parked(self) -> ContactEventQuerySet:
        """Those about a contact the portal does not know yet."""
        return self.filter(contact__isnull=True)


class ContactEvent(models.Model):
    """One thing that happened to a contact, said by one source, stored once however often it is said."""

    event_id = models.CharField(_("event id"), max_length=200, unique=True)
    # Empty while the event is parked: it came before the contact it is about was committed, or is about a stranger's.
    contact = models.ForeignKey(
        Contact,
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        related_name="events",
        verbose_name=_("contact"),
    )
    connect_contact_id = models.CharField(_("Amazon Connect contact"), max_length=256, blank=True)
    source = models.CharField(_("source"), max_length=16, choices=EventSource)
    type = models.CharField(_("type"), max_length=64)
    occurred_at = models.DateTimeField(_("occurred at"))
    received_at = models.DateTimeField(_("received at"))
    # What the contact was once the event had been applied.
    state = models.CharField(_("state"), max_length=16, choices=ContactState, blank=True)
    version = models.PositiveIntegerField(_("version"), null=True, blank=True)
    detail = models.JSONField(_("detail"), default=dict, blank=True)

    objects = ContactEventQuerySet.as_manager()

    class Meta:
        verbose_name = _("contact event")
        verbose_name_plural = _("contact events")
        ordering = ["occurred_at", "id"]
        indexes = [
            models.Index(fields=["contact", "occurred_at"], name="event_timeline"),
            models.Index(
                fields=["connect_contact_id"],
                condition=models.Q(contact__isnull=True),
                name="event_parked",
            ),
            models.Index(
                fields=["received_at"],
                condition=models.Q(contact__isnull=True),
                name="event_parked_since",
            ),
        ]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(source__in=EventSource.values), name="event_source_known"
            ),
            models.CheckConstraint(condition=~models.Q(event_id=""), name="event_has_id"),
            models.CheckConstraint(
                condition=models.Q(contact__isnull=False) | ~models.Q(connect_contact_id=""),
                name="event_is_about_a_contact",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.type} {self.occurred_at:%Y-%m-%d %H:%M:%S}"
