"""Join links: with which the customer of a call that a partner started comes into it, once. Only a token's hash is stored."""

from __future__ import annotations

from datetime import datetime

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from contacts.models.contacts import Contact


class JoinLink(models.Model):
    """One link. Whoever uses it first is the contact's customer from then on."""

    contact = models.OneToOneField(
        Contact,
        on_delete=models.CASCADE,
        primary_key=True,
        related_name="join_link",
        verbose_name=_("contact"),
    )
    token_hash = models.CharField(max_length=64, unique=True, editable=False)
    created_at = models.DateTimeField(_("created at"))
    expires_at = models.DateTimeField(_("expires at"))
    used_at = models.DateTimeField(_("used at"), null=True, blank=True)

    class Meta:
        verbose_name = _("join link")
        verbose_name_plural = _("join links")
        constraints = [
            models.CheckConstraint(
                condition=Q(expires_at__gt=F("created_at")), name="join_link_lives"
            ),
        ]

    def __str__(self) -> str:
        return str(self.pk)

    def take(self, *, at: datetime) -> bool:
        """Use it up. Returns whether this call did: it was neither used nor too old."""
        usable = JoinLink.objects.filter(pk=self.pk, used_at=None, expires_at__gt=at)
        return usable.update(used_at=at) == 1
