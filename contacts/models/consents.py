"""Consents: each wording callers were asked to agree to, kept for as long as a contact refers to it."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from contacts.models.entry_points import EntryPoint


class ConsentQuerySet(models.QuerySet["Consent"]):
    """Filters that read as adjectives."""

    def current(self, entry_point: EntryPoint) -> Consent | None:
        """What callers have to agree to now, or None when there is nothing. Not stored yet, if nobody published it."""
        wording = entry_point.consent_wording
        if not wording:
            return None
        latest = self.filter(entry_point=entry_point).order_by("-version").first()
        if latest is not None and latest.text == wording:
            return latest
        version = 1 if latest is None else latest.version + 1
        return Consent(entry_point=entry_point, version=version, text=wording)

    def published(self, entry_point: EntryPoint) -> Consent | None:
        """What callers have to agree to now, stored."""
        consent = self.current(entry_point)
        if consent is None or not consent._state.adding:
            return consent
        # Two who come at once write the same: whoever is second reads the first one's.
        stored, _created = self.get_or_create(
            entry_point=entry_point, version=consent.version, defaults={"text": consent.text}
        )
        return stored


class Consent(models.Model):
    """One version of what callers of an entry point have to agree to. Never changed once written."""

    entry_point = models.ForeignKey(
        EntryPoint,
        on_delete=models.CASCADE,
        related_name="consents",
        verbose_name=_("entry point"),
    )
    version = models.PositiveIntegerField(_("version"))
    text = models.TextField(_("text"))
    published_at = models.DateTimeField(_("published at"), auto_now_add=True)

    objects = ConsentQuerySet.as_manager()

    class Meta:
        verbose_name = _("consent")
        verbose_name_plural = _("consents")
        ordering = ["entry_point", "-version"]
        constraints = [
            models.UniqueConstraint(
                fields=["entry_point", "version"], name="consent_once_per_version"
            ),
            models.CheckConstraint(condition=~models.Q(text=""), name="consent_has_text"),
        ]

    def __str__(self) -> str:
        return f"v{self.version}"
