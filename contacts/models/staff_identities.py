"""Who staff are to the provider that signs them in: its issuer and its name for them, which it never gives to another."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


class StaffIdentity(models.Model):
    """The account that belongs to one identity. Neither e-mail address nor name leads to an account."""

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL,
        on_delete=models.CASCADE,
        related_name="staff_identity",
        verbose_name=_("member of staff"),
    )
    issuer = models.CharField(_("issuer"), max_length=255, editable=False)
    subject = models.CharField(_("subject"), max_length=255, editable=False)

    class Meta:
        verbose_name = _("staff identity")
        verbose_name_plural = _("staff identities")
        constraints = [
            models.UniqueConstraint(fields=["issuer", "subject"], name="staff_identity_once"),
        ]

    def __str__(self) -> str:
        return str(self.user)
